"""Gaussian vectors of independent entries: each of its own variance, or all of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from expfam import sampling
from expfam.arrays import Array, array_namespace, beside, wide
from expfam.families.gaussian import Gaussian
from expfam.families.known import known_size
from expfam.family import ExponentialFamily, Rule

_LOG_2PI = 1.8378770664093454836


class _Vectors(ExponentialFamily):
    """Observations are vectors of `dimension` real numbers."""

    dimension: int

    def __post_init__(self) -> None:
        size = known_size(self.dimension, self.name, "dimension")
        object.__setattr__(self, "dimension", size)

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (self.dimension,)

    @property
    def log_base(self) -> float:  # type: ignore[override]
        return -0.5 * self.dimension * _LOG_2PI


@final
@dataclass(frozen=True, eq=False)
class DiagonalGaussian(_Vectors):
    """Vectors of d independent Gaussians, each of its own mean and variance: T(x) = (x, x²).

    η = (m/v, −1/2v) with one entry a coordinate in each part, `linear` and `quadratic`, flat:
    batch + (2d,). A(η) = Σ −η₁²/4η₂ − ½ log(−2η₂), a sum of those of `Gaussian`.
    Errors: those of `Gaussian`.
    Source: Wainwright and Jordan (2008), table 3.1, entry by entry.

    >>> p = DiagonalGaussian(2).fit([[1.0, 0.0], [2.0, 4.0], [6.0, 2.0]])
    >>> p.family.unpack(p.mean_parameter)["linear"]
    array([3., 2.])
    """

    dimension: int

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (2 * self.dimension,)

    @property
    def parts(self) -> dict[str, tuple[int, ...]]:  # type: ignore[override]
        return {"linear": (self.dimension,), "quadratic": (self.dimension,)}

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return self._flat(_ENTRY._sufficient_statistic(x))

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return _sum(_ENTRY._log_partition(self._entries(natural)))

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._flat(_ENTRY._natural_to_mean(self._entries(natural)))

    def _mean_to_natural(self, mean: Array) -> Array:
        return self._flat(_ENTRY._mean_to_natural(self._entries(mean)))

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        """Four diagonal blocks."""
        xp, d = array_namespace(natural), self.dimension
        blocks = _ENTRY._fisher_information(self._entries(natural))  # (…, d, 2, 2)
        eye = xp.eye(d, **beside(natural))
        whole = [[blocks[..., i, j][..., None] * eye for j in (0, 1)] for i in (0, 1)]
        return xp.concat([xp.concat(row, axis=-1) for row in whole], axis=-2)

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        product = _ENTRY._fisher_product(self._entries(natural), self._entries(vector))
        return self._flat(product)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        return _sum(_ENTRY._log_prob(self._entries(natural), self._entries(mean), x))

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return _sum(_ENTRY._entropy(self._entries(natural), self._entries(mean)))

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return _sum(_ENTRY._kl(self._entries(p), self._entries(mean), self._entries(q)))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return _ENTRY._draw(self._entries(natural), source, shape)

    # extras

    def _entries(self, parameter: Array) -> Array:
        """(…, 2d) as (…, d, 2)."""
        d = self.dimension
        return array_namespace(parameter).stack([parameter[..., :d], parameter[..., d:]], axis=-1)

    def _flat(self, entries: Array) -> Array:
        xp = array_namespace(entries)
        return xp.concat([entries[..., 0], entries[..., 1]], axis=-1)

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        return _ENTRY._natural_rules(self._entries(natural))

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        return _ENTRY._mean_rules(self._entries(mean))


@final
@dataclass(frozen=True, eq=False)
class IsotropicGaussian(_Vectors):
    """Vectors of d Gaussians of one common variance v: T(x) = (x, |x|²), η = (m/v, −1/2v).

    A(η) = −|η₁|²/4η₂ − (d/2) log(−2η₂), μ = (m, |m|² + dv). Parameters are flat, batch + (d + 1,),
    with the parts `linear` (d,) and `quadratic` ().
    Variances are between 1e-100 and 1e100, means at most 1e50 in size.
    Errors: ValueError for η₂ ≥ 0, for moments without variance, for what is not finite.
    Source: Brown (1986), example 1.14.

    >>> p = IsotropicGaussian(2).fit([[1.0, 0.0], [2.0, 4.0], [6.0, 2.0]])
    >>> p.mean_parameter.round(6)
    array([ 3.      ,  2.      , 20.333333])
    """

    dimension: int

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (self.dimension + 1,)

    @property
    def parts(self) -> dict[str, tuple[int, ...]]:  # type: ignore[override]
        return {"linear": (self.dimension,), "quadratic": ()}

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return _append(x, _sum(x * x))

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        linear, quadratic = natural[..., :-1], natural[..., -1]
        log = array_namespace(natural).log(-2 * quadratic)
        return -0.25 * _sum(linear * (linear / quadratic[..., None])) - 0.5 * self.dimension * log

    def _natural_to_mean(self, natural: Array) -> Array:
        mean, variance = _mean_variance(natural)
        return _append(mean, _sum(mean * mean) + self.dimension * variance)

    def _mean_to_natural(self, mean: Array) -> Array:
        variance = self._variance(mean)
        return _append(mean[..., :-1] / variance[..., None], -0.5 / variance)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        xp, d = array_namespace(natural), self.dimension
        mean, variance = _mean_variance(natural)
        corner = 2 * d * variance**2 + 4 * variance * _sum(mean * mean)
        cross = 2 * mean * variance[..., None]
        eye = variance[..., None, None] * xp.eye(d, **beside(natural))
        rows = xp.concat([eye, cross[..., None]], axis=-1)
        return xp.concat([rows, _append(cross, corner)[..., None, :]], axis=-2)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        return _sum(_ENTRY._log_prob(self._entries(natural), mean, x))

    def _entropy(self, natural: Array, mean: Array) -> Array:
        log = array_namespace(natural).log(-2 * natural[..., -1])
        return 0.5 * self.dimension * (1 + _LOG_2PI - log)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return _sum(_ENTRY._kl(self._entries(p), mean, self._entries(q)))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        mean, variance = _mean_variance(natural)
        return mean + np.sqrt(variance)[..., None] * sampling.normal(source, shape + mean.shape)

    # extras

    def _entries(self, natural: Array) -> Array:
        """The η of each entry, which are Gaussian: (…, d + 1) as (…, d, 2)."""
        xp = array_namespace(natural)
        both = xp.broadcast_arrays(natural[..., :-1], natural[..., -1:])
        return xp.stack(both, axis=-1)

    # doors

    def _variance(self, mean: Array) -> Array:
        return (mean[..., -1] - _sum(mean[..., :-1] ** 2)) / self.dimension

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield from super()._natural_rules(natural)
        text = "the quadratic natural parameter must be negative"
        yield Rule(natural[..., -1] < 0, text, natural[..., -1], place="row")
        mean, variance = _mean_variance(natural)
        text = "the variance must be between 1e-100 and 1e100"
        yield Rule((variance >= 1e-100) & (variance <= 1e100), text, variance, place="row")
        yield Rule(abs(mean) <= 1e50, "the mean must be at most 1e50 in size", mean)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield from super()._mean_rules(mean)
        mean = wide(mean)
        variance = self._variance(mean)
        text = "E |x|² must exceed |E x|² by more than rounding (all equal? centre the data?)"
        ok = variance > 1e-14 * mean[..., -1]
        yield Rule(ok, text, variance, "exceeds it, a coordinate, by", "row")


_ENTRY = Gaussian()


def _sum(x: Array) -> Array:
    return array_namespace(x).sum(x, axis=-1)


def _append(vector: Array, last: Array) -> Array:
    """(…, d) and (…) as (…, d + 1)."""
    xp = array_namespace(vector, last)
    return xp.concat([vector, last[..., None]], axis=-1)


def _mean_variance(natural: Array) -> tuple[Array, Array]:
    """Mean and common variance of an isotropic member."""
    variance = -0.5 / natural[..., -1]
    return natural[..., :-1] * variance[..., None], variance
