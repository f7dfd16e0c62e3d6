"""InverseGaussian with unknown mean and shape: T(x) = (x, 1/x)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import pairs, sampling
from expfam.arrays import (
    Array,
    array_namespace,
    real,
    require_broadcast,
    scalar,
    wide,
)
from expfam.distribution import Distribution
from expfam.families.exponential_integral import scaled_exponential_integral
from expfam.family import ExponentialFamily, Rule
from expfam.saddlepoint import scaled_phi
from expfam.windows.carried import POSITIVE, Carried
from expfam.windows.rays import Reciprocal

_LOG_2PI = 1.8378770664093454836
_LEAST, _MOST = 1e-100, 1e100  # of observations: nothing in a log-probability overflows
_LEAST_EXCESS = 1e-14  # of E(1/x) over 1/E x: below, rounding of the moments has eaten it


@final
@dataclass(frozen=True, eq=False)
class InverseGaussian(ExponentialFamily):
    """Positive numbers, p(x) = (2πx³)^−½ exp(η₁x + η₂/x − A(η)), η = (−λ/2m², −λ/2).

    A(η) = −2√(η₁η₂) − ½ log(−2η₂), of mean m and shape λ: the first passage of a Brownian motion.
    Natural parameters have the parts `linear` and `reciprocal`, mean parameters are (E x, E 1/x) =
    (m, 1/m + 1/λ) in the same order: batch + (2,).
    m and λ are between 1e-50 and 1e50, observations between 1e-100 and 1e100. η₁ = 0 (the Lévy
    distribution, without a mean) is no member.
    Errors: ValueError for η₁ ≥ 0, η₂ ≥ 0, moments with E x·E(1/x) ≤ 1 (all observations equal).
    Source: Tweedie (1957), Statistical properties of inverse Gaussian distributions I; Seshadri
    (1993), The Inverse Gaussian Distribution; draws: Michael, Schucany and Haas (1976).

    >>> p = InverseGaussian().from_mean_shape(2.0, 3.0)
    >>> p.natural_parameter, p.mean_parameter.round(6)
    (array([-0.375, -1.5  ]), array([2.      , 0.833333]))
    >>> round(p.log_prob(1.0), 6), round(p.entropy(), 6)
    (-0.744632, 1.516228)
    """

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    parts: ClassVar[dict[str, tuple[int, ...]]] = {"linear": (), "reciprocal": ()}

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return array_namespace(x).stack([x, 1 / x], axis=-1)

    def _log_base_measure(self, x: Array) -> Array:
        return -0.5 * _LOG_2PI - 1.5 * array_namespace(x).log(x)

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        mean, shape = self._mean_shape(natural)
        return -shape / mean - 0.5 * array_namespace(natural).log(shape)

    def _natural_to_mean(self, natural: Array) -> Array:
        mean, shape = self._mean_shape(natural)
        return array_namespace(natural).stack([mean, 1 / mean + 1 / shape], axis=-1)

    def _mean_to_natural(self, mean: Array) -> Array:
        return self._natural(mean[..., 0], mean[..., 0] / _excess(mean))

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        xp = array_namespace(natural)
        mean, shape = self._mean_shape(natural)
        ratio = mean / shape
        cross, spread = -ratio, (1 / mean + 2 / shape) / shape
        rows = [xp.stack([mean**2 * ratio, cross], axis=-1), xp.stack([cross, spread], axis=-1)]
        return xp.stack(rows, axis=-2)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """−((u − v)/(√u + √v))² + ½ log λ + log h, u = −η₁x and v = −η₂/x, equal at x = m."""
        xp = array_namespace(natural, x)
        a, b = -natural[..., 0], -natural[..., 1]
        u, u_low = pairs.two_product(a, x)
        v = b / x
        product, low = pairs.two_product(v, x)
        gap = (u - v) + (u_low - ((b - product) - low) / x)
        return (
            0.5 * xp.log(2 * b)
            - (gap / (xp.sqrt(u) + xp.sqrt(v))) ** 2
            + (self._log_base_measure(x))
        )

    def _entropy(self, natural: Array, mean: Array) -> Array:
        """½ − ½ log λ + ½ log 2π + (3/2) E log x, E log x = log m − e^z E₁(z), z = 2λ/m."""
        log = array_namespace(natural).log
        centre, shape = self._mean_shape(natural)
        less = scaled_exponential_integral(2 * shape / centre)
        return 0.5 * (1 + _LOG_2PI - log(shape)) + 1.5 * (log(centre) - less)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """½(r − 1 − log r) − η₁q(m_p − m_q)²/m_p, r = λ_q/λ_p."""
        xp = array_namespace(p, q)
        excess, ratio = (q[..., 1] - p[..., 1]) / p[..., 1], q[..., 1] / p[..., 1]
        near = xp.abs(excess) < 0.5
        log = xp.where(near, xp.log1p(xp.where(near, excess, 0.0)), xp.log(ratio))
        (centre, _), (other, _) = self._mean_shape(p), self._mean_shape(q)
        # m² = η₂/η₁, and the difference of two of these keeps its digits over their product
        first, low = pairs.two_product(p[..., 1], q[..., 0])
        second, other_low = pairs.two_product(q[..., 1], p[..., 0])
        squares = ((first - second) + (low - other_low)) / (p[..., 0] * q[..., 0])
        shift = squares / (centre + other)
        return 0.5 * scaled_phi(1.0, ratio, log, xp) - q[..., 0] * shift**2 / centre

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Of the two x with λ(x − m)²/m²x = y, y chi-squared, m/t and mt, the first the oftener."""
        mean, shape_parameter = self._mean_shape(natural)
        half = sampling.normal(source, shape + mean.shape) ** 2 * (mean / shape_parameter) / 2
        times = 1 + half + np.sqrt(half * (half + 2))
        first = source.uniform(times.shape) * (1 + times) <= times
        return np.clip(np.where(first, mean / times, mean * times), _LEAST, _MOST)

    # extras

    def mean_shape(self, natural: Any) -> tuple[Array, Array]:
        """Mean and shape of the member at η."""
        mean, shape = self._mean_shape(self.check_natural(natural))
        return scalar(mean), scalar(shape)

    def from_mean_shape(self, mean: Any, shape: Any) -> Distribution:
        """The member with this mean and shape. Errors: ValueError unless both are 1e-50 … 1e50."""
        mean, shape = real(mean, self.name, "mean"), real(shape, self.name, "shape")
        require_broadcast(self.name, "mean and shape must broadcast", mean.shape, shape.shape)
        self._obey(self._range_rules(mean, shape), mean)
        return self.from_natural(self._natural(mean, shape))

    def _mean_shape(self, natural: Array) -> tuple[Array, Array]:
        ratio = natural[..., 1] / natural[..., 0]
        return array_namespace(natural).sqrt(ratio), -2 * natural[..., 1]

    def _natural(self, mean: Array, shape: Array) -> Array:
        xp = array_namespace(mean)
        return xp.stack(xp.broadcast_arrays(-0.5 * shape / mean / mean, -0.5 * shape), axis=-1)

    @property
    def _carried(self) -> Carried:
        return Carried(
            Reciprocal(),
            ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
            (-0.5, 0.0, 0.0),
            base=-0.5 * _LOG_2PI,
            tilt=(1.0, 0.0, 0.0),
            ends=POSITIVE,
            directions=((0.0, 1.0), (1.0, 0.0)),
        )

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield from super()._natural_rules(natural)
        text = "the linear natural parameter (−λ/2m²) must be negative"
        yield Rule(natural[..., 0] < 0, text, natural[..., 0], place="row")
        text = "the reciprocal natural parameter (−λ/2) must be negative"
        yield Rule(natural[..., 1] < 0, text, natural[..., 1], place="row")
        xp = array_namespace(natural)
        yield from self._range_rules(*self._mean_shape(xp.where(natural < 0, natural, -1.0)))

    def _range_rules(self, mean: Array, shape: Array) -> Iterator[Rule]:
        for value, name in ((mean, "mean"), (shape, "shape")):
            ok = (value >= 0.99e-50) & (value <= 1.01e50)  # η is rounded
            yield Rule(ok, f"the {name} must be between 1e-50 and 1e50", value, place="row")

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield from super()._mean_rules(mean)
        mean = wide(mean)
        first = mean[..., 0]
        ok = (mean[..., 0] >= 1e-50) & (mean[..., 0] <= 1e50)
        yield Rule(ok, "E x must be between 1e-50 and 1e50", first, place="row")
        text = "E x·E(1/x) must exceed 1 by more than rounding (all observations equal?)"
        excess = _excess(mean)
        yield Rule(excess > _LEAST_EXCESS, text, excess, "exceeds it by", "row")
        text = "the shape, E x over E x·E(1/x) − 1, must be between 1e-50 and 1e50"
        shape = mean[..., 0] / excess
        yield Rule((shape >= 1e-50) & (shape <= 1e50), text, shape, place="row")

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        text = "observations must be positive, between 1e-100 and 1e100"
        yield Rule((x >= _LEAST) & (x <= _MOST), text, x)


def _excess(mean: Array) -> Array:
    """E x·E(1/x) − 1 = m/λ, of the moments as they are: their product is not rounded."""
    product, low = pairs.two_product(mean[..., 0], mean[..., 1])
    return (product - 1) + low
