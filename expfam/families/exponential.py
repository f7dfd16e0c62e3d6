"""Exponential: T(x) = x, A(η) = −log(−η)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import sampling
from expfam.arrays import Array, array_namespace
from expfam.family import ExponentialFamily, Rule
from expfam.saddlepoint import scaled_phi
from expfam.windows.carried import POSITIVE, Carried, tilted


@final
@dataclass(frozen=True, eq=False)
class Exponential(ExponentialFamily):
    """Numbers x ≥ 0, p(x) = exp(ηx − A(η)), η = −rate, A(η) = −log(−η).

    Rates are between 1e-100 and 1e100.
    Errors: ValueError for η ≥ 0, a mean ≤ 0, an observation < 0.
    Source: Wainwright and Jordan (2008), table 3.1.

    >>> p = Exponential().fit([0.5, 2.5, 3.0])
    >>> p.mean_parameter, p.natural_parameter.item(), round(p.log_prob(2.0), 6)
    (2.0, -0.5, -1.693147)
    """

    log_base: ClassVar[float | None] = 0.0

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return -array_namespace(natural).log(-natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return -1 / natural

    def _mean_to_natural(self, mean: Array) -> Array:
        return -1 / mean

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return 1 / natural**2

    # divergence

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """r − 1 − log r of the ratio of rates r = q/p, which is φ(log r)."""
        xp = array_namespace(p, q)
        excess = (q - p) / p
        near = xp.abs(excess) < 0.5
        log = xp.where(near, xp.log1p(xp.where(near, excess, 0.0)), xp.log(q / p))
        return scaled_phi(1.0, q / p, log, xp)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.gamma(source, np.ones_like(natural), shape) / -natural

    # extras

    @property
    def _carried(self) -> Carried:
        return tilted(ends=POSITIVE)

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameter (−rate) must be between -1e100 and -1e-100"
        yield Rule((natural >= -1e100) & (natural <= -1e-100), text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameter must be between 1e-100 and 1e100 (all observations 0?)"
        yield Rule((mean >= 1e-100) & (mean <= 1e100), text, mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield from super()._observation_rules(x)
        yield Rule(x >= 0, "observations must not be negative", x)
