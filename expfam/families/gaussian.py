"""Gaussian with unknown mean and variance: T(x) = (x, x²)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import pairs, sampling
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
from expfam.families.normal import normal_log_density
from expfam.family import ExponentialFamily, Rule
from expfam.windows.carried import Carried, as_gaussian

_LOG_2PI = 1.8378770664093454836
_LEAST_VARIANCE = 1e-14  # of E x²: below, rounding of the moments has eaten the variance


@final
@dataclass(frozen=True, eq=False)
class Gaussian(ExponentialFamily):
    """Real numbers, p(x) = (2π)^−½ exp(η₁x + η₂x² − A(η)), η = (m/v, −1/2v).

    A(η) = −η₁²/4η₂ − ½ log(−2η₂). Natural parameters have the parts `linear` and `quadratic`,
    mean parameters are (E x, E x²) in the same order: batch + (2,).
    Variances are between 1e-100 and 1e100, means at most 1e50 in size: nothing here overflows.
    Errors: ValueError for η₂ ≥ 0, for moments without variance, for what is not finite.
    Source: Wainwright and Jordan (2008), table 3.1.

    >>> p = Gaussian().fit([1.0, 2.0, 3.0, 6.0])
    >>> p.mean_parameter
    array([ 3. , 12.5])
    >>> mean, variance = Gaussian().mean_variance(p.natural_parameter)
    >>> round(mean, 12), round(variance, 12)
    (3.0, 3.5)
    """

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    parts: ClassVar[dict[str, tuple[int, ...]]] = {"linear": (), "quadratic": ()}
    log_base: ClassVar[float | None] = -0.5 * _LOG_2PI

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return array_namespace(x).stack([x, x * x], axis=-1)

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        linear, quadratic = natural[..., 0], natural[..., 1]
        log = array_namespace(natural).log
        return -0.25 * linear * (linear / quadratic) - 0.5 * log(-2 * quadratic)

    def _natural_to_mean(self, natural: Array) -> Array:
        mean, variance = self._moments(natural)
        return array_namespace(natural).stack([mean, mean * mean + variance], axis=-1)

    def _mean_to_natural(self, mean: Array) -> Array:
        variance = mean[..., 1] - mean[..., 0] ** 2
        return self._natural(mean[..., 0], variance)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        xp = array_namespace(natural)
        mean, variance = self._moments(natural)
        cross = 2 * mean * variance
        fourth = 2 * variance * (variance + 2 * mean * mean)
        rows = [xp.stack([variance, cross], axis=-1), xp.stack([cross, fourth], axis=-1)]
        return xp.stack(rows, axis=-2)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        return normal_log_density(natural, x)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return 0.5 * (1 + _LOG_2PI - array_namespace(natural).log(-2 * natural[..., 1]))

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """½(r − 1 − log r) + (m_p − m_q)²/2v_q, r = v_p/v_q = 1 + (η₂q − η₂p)/η₂p."""
        xp = array_namespace(p, q)
        excess = (q[..., 1] - p[..., 1]) / p[..., 1]
        spread = _excess_less_log(excess, q[..., 1] / p[..., 1], xp)
        shift = self._cross(p, q, excess) / (2 * p[..., 1] * q[..., 1])  # m_p − m_q
        return 0.5 * spread - q[..., 1] * shift * shift

    def _cross(self, p: Array, q: Array, excess: Array) -> Array:
        """η₁q η₂p − η₂q η₁p, on numpy exactly; elsewhere of close members from differences of η."""
        if not is_foreign(p):
            first, low = pairs.two_product(q[..., 0], p[..., 1])
            second, other = pairs.two_product(q[..., 1], p[..., 0])
            return (first - second) + (low - other)
        close = (q[..., 0] - p[..., 0]) * p[..., 1] - (q[..., 1] - p[..., 1]) * p[..., 0]
        far = q[..., 0] * p[..., 1] - q[..., 1] * p[..., 0]
        return array_namespace(p).where(abs(excess) < 0.5, close, far)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        mean, variance = self._moments(natural)
        return mean + np.sqrt(variance) * sampling.normal(source, shape + mean.shape)

    # extras

    def mean_variance(self, natural: Any) -> tuple[Array, Array]:
        """Mean and variance of the member at η."""
        mean, variance = self._moments(self.check_natural(natural))
        return scalar(mean), scalar(variance)

    def from_mean_variance(self, mean: Any, variance: Any) -> Distribution:
        """The member with this mean and variance. Errors: ValueError for a variance ≤ 0."""
        mean, variance = real(mean, self.name, "mean"), real(variance, self.name, "variance")
        require_broadcast(self.name, "mean and variance must broadcast", mean.shape, variance.shape)
        require(variance > 0, self.name, "variance must be positive", variance)
        with np.errstate(all="ignore"):
            return self.from_natural(self._natural(mean, variance))

    def _moments(self, natural: Array) -> tuple[Array, Array]:
        variance = -0.5 / natural[..., 1]
        return natural[..., 0] * variance, variance

    def _natural(self, mean: Array, variance: Array) -> Array:
        xp = array_namespace(mean)
        return xp.stack(xp.broadcast_arrays(mean / variance, -0.5 / variance), axis=-1)

    @property
    def _carried(self) -> Carried:
        return as_gaussian(limit="an exponential")

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield from super()._natural_rules(natural)
        text = "the quadratic natural parameter must be negative"
        yield Rule(natural[..., 1] < 0, text, natural[..., 1], place="row")
        mean, variance = self._moments(natural)
        text = "the variance must be between 1e-100 and 1e100"
        yield Rule((variance >= 1e-100) & (variance <= 1e100), text, variance, place="row")
        text = "the mean must be at most 1e50 in size"
        yield Rule(abs(mean) <= 1e50, text, mean, place="row")

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield from super()._mean_rules(mean)
        mean = wide(mean)
        variance = mean[..., 1] - mean[..., 0] ** 2
        text = "E x² must exceed (E x)² by more than rounding (all equal? centre the data?)"
        yield Rule(
            variance > _LEAST_VARIANCE * mean[..., 1], text, variance, "exceeds it by", "row"
        )


def _excess_less_log(excess: Array, ratio: Array, xp: Any) -> Array:
    """r − 1 − log r, by a series where r is near 1."""
    near = xp.abs(excess) < 0.1
    v = xp.where(near, excess, 0.0) / (2 + xp.where(near, excess, 0.0))
    w = v * v
    tail = w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11 + w / 13)))))
    series = v * xp.where(near, excess, 0.0) - 2 * v * tail
    return xp.where(near, series, excess - xp.log(ratio))
