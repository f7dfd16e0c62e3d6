"""ContinuousBernoulli: densities of the Bernoulli's form on [0, 1]; backward by Newton."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam.arrays import Array, array_namespace
from expfam.families.close import close_divergence
from expfam.families.tilted_uniform import (
    cumulant,
    cumulant_from_end,
    curvature,
    slope_from_end,
)
from expfam.family import ExponentialFamily, Rule
from expfam.windows.carried import Carried, tilted


@final
@dataclass(frozen=True, eq=False)
class ContinuousBernoulli(ExponentialFamily):
    """Numbers 0 ≤ x ≤ 1, p(x) = exp(ηx − A(η)) ∝ λˣ(1 − λ)¹⁻ˣ, η = log(λ/(1 − λ)).

    A(η) = log((exp η − 1)/η), μ = 1/(1 − exp −η) − 1/η; η = 0 is the uniform. η is at most 1e15
    in size, means that are fitted are between 1e-14 and 1 − 1e-14: a member at an end is none.
    Errors: ValueError for a bad parameter, an observation out of [0, 1].
    Source: Loaiza-Ganem and Cunningham (2019), The continuous Bernoulli: fixing a pervasive error
    in variational autoencoders; the start of Newton is Cohen (1991), A Padé approximant to the
    inverse Langevin function.

    >>> p = ContinuousBernoulli().fit([0.5, 0.9, 1.0, 0.8])
    >>> round(p.mean_parameter, 12), round(p.natural_parameter.item(), 6)
    (0.8, 4.801008)
    >>> ContinuousBernoulli().from_natural(0.0).log_prob([0.0, 0.3, 1.0])
    array([0., 0., 0.])
    """

    log_base: ClassVar[float | None] = 0.0

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return cumulant(natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return cumulant_from_end(natural)[0] + slope_from_end(natural)

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        """Of y = 2μ − 1, which is coth(η/2) − 2/η."""
        y = 2 * mean - 1
        return y * (3 - y * y) / (2 * mean * (1 - mean))

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return curvature(natural)

    # log-probability, entropy, divergence: all from the end c that η tilts to

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        end, rest = cumulant_from_end(natural)
        return natural * (x - end) + (0.0 - rest)  # of the uniform 0, and not −0

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return cumulant_from_end(natural)[1] - natural * slope_from_end(natural)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """Near, where ±2πi are farther off than p and q from each other, by the curvature."""
        xp = array_namespace(p, q)
        near = (q - p) ** 2 <= ((p + q) / 2) ** 2 + 4 * math.pi**2
        (end, rest), (other_end, other_rest) = cumulant_from_end(p), cumulant_from_end(q)
        far = (other_rest - rest) + q * (other_end - end) - (q - p) * slope_from_end(p)
        return xp.where(near, close_divergence(curvature, p, xp.where(near, q, p)), far)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Inversion: F(x) = (1 − e^{−sx})/(1 − e⁻ˢ) from the end that s = |η| tilts to."""
        uniform = source.uniform(shape + natural.shape)
        size = np.maximum(np.abs(natural), 1e-17)
        x = np.minimum(-np.log1p(uniform * np.expm1(-size)) / size, 1.0)
        return np.where(natural > 0, 1 - x, x)

    @property
    def _carried(self) -> Carried:
        return tilted(ends=(0.0, 1.0))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameter must be between -1e15 and 1e15"
        yield Rule(abs(natural) <= 1e15, text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameter must be between 1e-14 and 1 − 1e-14 (all observations at one end?)"
        yield Rule((mean >= 1e-14) & (mean <= 1 - 1e-14), text, mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule((x >= 0) & (x <= 1), "observations must be between 0 and 1", x)
