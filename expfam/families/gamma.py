"""Gamma with unknown shape and rate: T(x) = (log x, x); the backward map by Newton."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import betas, pairs, sampling
from expfam.arrays import (
    Array,
    array_namespace,
    is_foreign,
    real,
    require,
    require_broadcast,
    scalar,
    wide,
)
from expfam.distribution import Distribution
from expfam.family import ExponentialFamily, Rule
from expfam.special import digamma, log_gamma, trigamma
from expfam.windows.carried import Carried, as_gamma

_LEAST = 5e-324  # a draw below the least double is rounded to it: 0 is no observation


@final
@dataclass(frozen=True, eq=False)
class Gamma(ExponentialFamily):
    """Positive numbers, p(x) = exp(η₁ log x + η₂x − A(η)), η = (shape − 1, −rate).

    A(η) = log Γ(η₁ + 1) − (η₁ + 1) log(−η₂). Natural parameters have the parts `logarithmic`
    and `linear`, mean parameters are (E log x, E x) in the same order: batch + (2,).
    Rates are between 1e-100 and 1e100, shapes at most 1e100: nothing here overflows.
    Errors: ValueError for η₁ ≤ −1, η₂ ≥ 0, moments with E log x ≥ log E x.
    Source: Wainwright and Jordan (2008), table 3.1; the start of Newton is Minka (2002),
    Estimating a Gamma distribution.

    >>> p = Gamma().from_shape_rate(3.0, 2.0)
    >>> p.mean_parameter
    array([0.22963715, 1.5       ])
    >>> Gamma().mean_to_natural(p.mean_parameter).round(9)
    array([ 2., -2.])
    """

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    parts: ClassVar[dict[str, tuple[int, ...]]] = {"logarithmic": (), "linear": ()}
    log_base: ClassVar[float | None] = 0.0

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        xp = array_namespace(x)
        return xp.stack([xp.log(x), x], axis=-1)

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        shape, rate = self._shape_rate(natural)
        return log_gamma(shape) - shape * array_namespace(natural).log(rate)

    def _natural_to_mean(self, natural: Array) -> Array:
        xp = array_namespace(natural)
        shape, rate = self._shape_rate(natural)
        return xp.stack([digamma(shape) - xp.log(rate), shape / rate], axis=-1)

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        gap = np.log(mean[..., 1]) - mean[..., 0]
        shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
        return np.stack([shape - 1, -shape / mean[..., 1]], axis=-1)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        xp = array_namespace(natural)
        shape, rate = self._shape_rate(natural)
        corner = real(trigamma(shape), self.name)
        rows = [
            xp.stack([corner, 1 / rate], axis=-1),
            xp.stack([1 / rate, shape / rate**2], axis=-1),
        ]
        return xp.stack(rows, axis=-2)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        if is_foreign(natural) or is_foreign(x):
            return super()._log_prob(natural, mean, x)
        _, rate = self._shape_rate(natural)
        mean = pairs.two_product(rate, x)
        return betas.log_gamma_density(natural[..., 0], mean, np.log(x), np.log(rate))

    def _entropy(self, natural: Array, mean: Array) -> Array:
        if is_foreign(natural):
            return super()._entropy(natural, mean)
        return betas.gamma_entropy(natural[..., 0] + 1, mean[..., 0])

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        if is_foreign(p) or is_foreign(q):
            return super()._kl(p, mean, q)
        return betas.gamma_divergence(p[..., 0], q[..., 0], (-p[..., 1], -q[..., 1]))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        alpha, rate = self._shape_rate(natural)
        return np.maximum(sampling.gamma(source, alpha, shape) / rate, _LEAST)

    # extras

    def shape_rate(self, natural: Any) -> tuple[Array, Array]:
        """Shape and rate of the member at η."""
        shape, rate = self._shape_rate(self.check_natural(natural))
        return scalar(shape), scalar(rate)

    def from_shape_rate(self, shape: Any, rate: Any) -> Distribution:
        """The member with this shape and rate. Errors: ValueError unless both are positive."""
        shape, rate = real(shape, self.name, "shape"), real(rate, self.name, "rate")
        require(shape > 0, self.name, "shape must be positive", shape)
        require(rate > 0, self.name, "rate must be positive", rate)
        require_broadcast(self.name, "shape and rate must broadcast", shape.shape, rate.shape)
        return self.from_natural(self.pack(logarithmic=shape - 1, linear=-rate))

    def _shape_rate(self, natural: Array) -> tuple[Array, Array]:
        return natural[..., 0] + 1, -natural[..., 1]

    @property
    def _carried(self) -> Carried:
        return as_gamma()

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield from super()._natural_rules(natural)
        text = "the logarithmic natural parameter (shape − 1) must exceed -1"
        yield Rule(natural[..., 0] > -1, text, natural[..., 0], place="row")
        text = "the linear natural parameter (−rate) must be negative"
        yield Rule(natural[..., 1] < 0, text, natural[..., 1], place="row")
        text = "the rate must be between 1e-100 and 1e100"
        rate = -natural[..., 1]
        yield Rule((rate >= 1e-100) & (rate <= 1e100), text, rate, place="row")
        text = "the shape must be at most 1e100"
        yield Rule(natural[..., 0] <= 1e100, text, natural[..., 0], place="row")

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield from super()._mean_rules(mean)
        mean = wide(mean)
        yield Rule(mean[..., 1] > 0, "E x must be positive", mean[..., 1], place="row")
        ok = (mean[..., 1] >= 1e-80) & (mean[..., 1] <= 1e80)
        yield Rule(ok, "E x must be between 1e-80 and 1e80", mean[..., 1], place="row")
        gap = array_namespace(mean).log(mean[..., 1]) - mean[..., 0]
        text = "log E x must exceed E log x by more than rounding (all observations equal?)"
        yield Rule(gap > 1e-14 * (1 + abs(mean[..., 0])), text, gap, "exceeds it by", "row")
        text = "log E x must exceed E log x by at most 1e12, as η₁ is shape − 1"
        yield Rule(gap <= 1e12, text, gap, "exceeds it by", "row")

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield from super()._observation_rules(x)
        yield Rule(x > 0, "observations must be positive", x)
