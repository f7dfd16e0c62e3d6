"""LogNormal, whose logarithm is Gaussian; InverseGamma, whose reciprocal is Gamma."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import betas, pairs
from expfam.arrays import Array, array_namespace, is_foreign
from expfam.distribution import Distribution
from expfam.families.gamma import Gamma
from expfam.families.gaussian import Gaussian
from expfam.families.normal import normal_log_density
from expfam.families.transformed import Transformed
from expfam.windows.carried import LOG, POSITIVE, Carried, as_gamma, as_gaussian, times
from expfam.windows.rays import log_pair

_LEAST, _MOST = 5e-324, float(np.finfo(np.float64).max)  # draws beyond are rounded to these


@final
@dataclass(frozen=True, eq=False)
class LogNormal(Transformed):
    """Positive numbers whose logarithm is Gaussian: T(x) = (log x, log²x), η = (m/v, −1/2v).

    A(η) = −η₁²/4η₂ − ½ log(−2η₂) as for `Gaussian`; m and v are the mean and variance of log x.
    Errors: those of `Gaussian`; ValueError for observations ≤ 0.
    Source: Johnson, Kotz and Balakrishnan (1994), chapter 14.

    >>> p = LogNormal().from_log_moments(mean=1.0, variance=4.0)
    >>> p.mean_parameter, round(p.log_prob(1.0), 6)
    (array([1., 5.]), -1.737086)
    """

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    parts: ClassVar[dict[str, tuple[int, ...]]] = Gaussian.parts
    variable: ClassVar[str] = "log x"
    _original = Gaussian()

    def _change(self, x: Array) -> Array:
        return array_namespace(x).log(x)

    def _restore(self, y: np.ndarray, source: Any) -> np.ndarray:
        return np.clip(np.exp(y), _LEAST, _MOST)

    def _log_slope(self, x: Array) -> Array:
        return -array_namespace(x).log(x)

    def _mean_log_slope(self, natural: Array, mean: Array) -> Array:
        return -mean[..., 0]

    def _log_base_slope(self) -> Any:
        return np.array([-1.0, 0.0])

    # log-probability

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """By a log x that is not rounded, on numpy: it may be many deviations from 0."""
        if is_foreign(natural) or is_foreign(x):
            return super()._log_prob(natural, mean, x)
        log, rest = pairs.log((x, np.zeros_like(x)))
        return normal_log_density(natural, log, rest) - log

    # extras

    @property
    def _carried(self) -> Carried:
        return as_gaussian(
            limit="a Pareto",
            tilt=LOG,
            place=log_pair,
            change=np.log,
            restore=np.exp,
            ends=POSITIVE,
        )

    def from_log_moments(self, mean: Any, variance: Any) -> Distribution:
        """The member whose logarithm has this mean and variance."""
        p = self._original.from_mean_variance(mean, variance)
        return self.from_natural(p.natural_parameter)


@final
@dataclass(frozen=True, eq=False)
class InverseGamma(Transformed):
    """Positive numbers whose reciprocal is Gamma: T(x) = (−log x, 1/x), η = (shape − 1, −scale).

    p(x) = x⁻² exp(−η₁ log x + η₂/x − A(η)), A(η) = log Γ(η₁ + 1) − (η₁ + 1) log(−η₂).
    Errors: those of `Gamma`.
    Source: Johnson, Kotz and Balakrishnan (1994), section 17.8.

    >>> p = InverseGamma().from_shape_scale(3.0, 2.0)
    >>> p.mean_parameter, round(p.log_prob(1.0), 6)
    (array([0.22963715, 1.5       ]), -0.613706)
    """

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    parts: ClassVar[dict[str, tuple[int, ...]]] = Gamma.parts
    variable: ClassVar[str] = "1/x"
    _original = Gamma()

    def _change(self, x: Array) -> Array:
        return 1 / x

    def _restore(self, y: np.ndarray, source: Any) -> np.ndarray:
        return np.clip(1 / y, _LEAST, _MOST)

    def _log_slope(self, x: Array) -> Array:
        return -2 * array_namespace(x).log(x)

    def _mean_log_slope(self, natural: Array, mean: Array) -> Array:
        return 2 * mean[..., 0]

    def _log_base_slope(self) -> Any:
        return np.array([2.0, 0.0])

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        return self._original._initial_natural(mean)

    # log-probability

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """By the quotient of the scale by x: 1/x is rounded."""
        if is_foreign(natural) or is_foreign(x):
            return super()._log_prob(natural, mean, x)
        scale, log = -natural[..., 1], np.log(x)
        high, low = pairs.quotient((scale, np.zeros_like(scale)), x)
        near = np.isfinite(high) & np.isfinite(low)  # not where a product of the pair overflows
        mean = np.where(near, high, scale / x), np.where(near, low, 0.0)
        return betas.log_gamma_density(natural[..., 0], mean, log, np.log(scale) - 2 * log)

    # extras

    @property
    def _carried(self) -> Carried:
        return as_gamma(
            tilt=(-1.0, 0.0),
            place=lambda x: times(log_pair(x), -1.0),
            change=lambda x: 1 / x,
            restore=lambda y: 1 / y,
        )

    def from_shape_scale(self, shape: Any, scale: Any) -> Distribution:
        """The member with this shape and scale. Errors: ValueError unless both are positive."""
        p = self._original.from_shape_rate(shape, scale)
        return self.from_natural(p.natural_parameter)
