"""Exponential numbers in other variables: Weibull, Rayleigh, Pareto and Laplace."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import pairs
from expfam.arrays import Array, array_namespace
from expfam.families.exponential import Exponential
from expfam.families.known import known
from expfam.families.transformed import Transformed
from expfam.windows.carried import Carried, about, as_weibull, tilted
from expfam.windows.carriers import Kink
from expfam.windows.rays import log_pair

_EULER = 0.57721566490153286061


class _OfExponential(Transformed):
    """T(x) = g(x) is exponential with the rate −η."""

    _original = Exponential()


@final
@dataclass(frozen=True, eq=False)
class Weibull(_OfExponential):
    """Positive numbers of a known shape k, p(x) = k xᵏ⁻¹ exp(ηxᵏ − A(η)), η = −scale⁻ᵏ.

    xᵏ is exponential: A(η) = −log(−η), μ = E xᵏ. With an unknown shape it is no exponential family.
    Errors: ValueError for a k out of 0.001 … 1000, η ≥ 0, observations ≤ 0.
    Source: Johnson, Kotz and Balakrishnan (1994), chapter 21.

    >>> p = Weibull(shape=2.0).fit([1.0, 3.0, 2.0])
    >>> round(p.mean_parameter, 6), round(p.log_prob(2.0), 6)
    (4.666667, -1.011294)
    """

    shape: float
    variable: ClassVar[str] = "x**shape"

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", known(self.shape, self.name, "shape", 1e-3, 1e3))

    def _change(self, x: Array) -> Array:
        return x**self.shape

    def _restore(self, y: np.ndarray, source: Any) -> np.ndarray:
        return np.maximum(y ** (1 / self.shape), 5e-324)

    def _log_slope(self, x: Array) -> Array:
        return math.log(self.shape) + (self.shape - 1) * array_namespace(x).log(x)

    def _mean_log_slope(self, natural: Array, mean: Array) -> Array:
        """E log x = (E log y)/k, and E log y = log μ − γ."""
        log_y = array_namespace(mean).log(mean) - _EULER
        return math.log(self.shape) + (1 - 1 / self.shape) * log_y

    @property
    def _carried(self) -> Carried:
        return as_weibull(self.shape)

    def _log_base_slope(self) -> Any:
        """0 of the shape 1, the Exponential, where h = 1."""
        return 0.0 if self.shape == 1 else None


@final
@dataclass(frozen=True, eq=False)
class Rayleigh(_OfExponential):
    """Lengths of centred normal vectors in the plane, p(x) = 2x exp(ηx² − A(η)), η = −1/2σ².

    x² is exponential: A(η) = −log(−η), μ = E x² = 2σ². It is `Weibull(2)` under its own name.
    Errors: ValueError for η ≥ 0, observations ≤ 0.
    Source: Johnson, Kotz and Balakrishnan (1994), section 18.10.

    >>> p = Rayleigh().fit([1.0, 3.0, 2.0])
    >>> round(p.mean_parameter, 6), round(p.log_prob(2.0), 6)
    (4.666667, -1.011294)
    """

    variable: ClassVar[str] = "x²"

    def _change(self, x: Array) -> Array:
        return x * x

    def _restore(self, y: np.ndarray, source: Any) -> np.ndarray:
        return np.sqrt(y)

    def _log_slope(self, x: Array) -> Array:
        return math.log(2.0) + array_namespace(x).log(x)

    def _mean_log_slope(self, natural: Array, mean: Array) -> Array:
        return math.log(2.0) + 0.5 * (array_namespace(mean).log(mean) - _EULER)

    @property
    def _carried(self) -> Carried:
        return as_weibull(2.0)


@final
@dataclass(frozen=True, eq=False)
class Pareto(_OfExponential):
    """Numbers above a known minimum m, p(x) = (1/x) exp(η log(x/m) − A(η)), η = −index.

    log(x/m) is exponential: A(η) = −log(−η), μ = E log(x/m) = 1/index. The density is
    index·m^index / x^(index + 1).
    Errors: ValueError for m ≤ 0, η ≥ 0, observations ≤ m.
    Source: Johnson, Kotz and Balakrishnan (1994), chapter 20.

    >>> p = Pareto(minimum=1.0).fit([1.5, 4.0, 2.0])
    >>> round(p.mean_parameter, 6), round(-p.natural_parameter.item(), 6)
    (0.828302, 1.207289)
    """

    minimum: float
    variable: ClassVar[str] = "log(x/minimum)"
    rule: ClassVar[str] = "observations must exceed the minimum"

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "minimum", known(self.minimum, self.name, "minimum", 1e-100, 1e100)
        )

    def _change(self, x: Array) -> Array:
        """log(x/m), by log1p near m: x − m is exact there."""
        xp = array_namespace(x)
        excess = (x - self.minimum) / self.minimum
        return xp.where(excess < 1, xp.log1p(excess), xp.log(x) - math.log(self.minimum))

    def _restore(self, y: np.ndarray, source: Any) -> np.ndarray:
        x = self.minimum * np.exp(y)
        return np.clip(x, np.nextafter(self.minimum, np.inf), np.finfo(float).max)

    def _log_slope(self, x: Array) -> Array:
        return -array_namespace(x).log(x)

    def _mean_log_slope(self, natural: Array, mean: Array) -> Array:
        return -(math.log(self.minimum) + mean)

    @property
    def _carried(self) -> Carried:
        least = log_pair(np.array(self.minimum))
        return tilted(
            tilt=(1.0,),
            shift=math.log(self.minimum),
            place=lambda x: pairs.subtract(log_pair(x), least),
            change=lambda x: self._change(np.asarray(x)),
            restore=lambda y: self.minimum * np.exp(y),
            ends=(self.minimum, math.inf),
        )

    def _log_base_slope(self) -> Any:
        return -1.0

    @property
    def ends(self) -> tuple[float, ...]:
        return self.minimum, np.inf

    def _inside_support(self, x: Array) -> Array:
        return x > self.minimum


@final
@dataclass(frozen=True, eq=False)
class Laplace(_OfExponential):
    """Real numbers about a known location m, p(x) = ½ exp(η|x − m| − A(η)), η = −1/scale.

    |x − m| is exponential and the sign of x − m a fair coin: A(η) = −log(−η), μ = E|x − m|.
    With an unknown location it is no exponential family.
    Errors: ValueError for η ≥ 0, what is not finite.
    Source: Johnson, Kotz and Balakrishnan (1995), chapter 24.

    >>> p = Laplace(location=1.0).fit([0.0, 3.0, 1.5])
    >>> round(p.mean_parameter, 6), round(p.log_prob(1.0), 6)
    (1.166667, -0.847298)
    """

    location: float = 0.0
    variable: ClassVar[str] = "|x − location|"
    log_base: ClassVar[float | None] = -math.log(2.0)
    rule: ClassVar[str] = "observations must be finite"

    def __post_init__(self) -> None:
        location = known(self.location, self.name, "location", -1e100, 1e100)
        object.__setattr__(self, "location", location)

    def _change(self, x: Array) -> Array:
        return abs(x - self.location)

    def _restore(self, y: np.ndarray, source: Any) -> np.ndarray:
        sign = np.where(source.uniform(y.shape) < 0.5, -1.0, 1.0)
        return self.location + sign * y

    def _log_slope(self, x: Array) -> Array:
        return array_namespace(x).full_like(x, self.log_base)

    def _mean_log_slope(self, natural: Array, mean: Array) -> Array:
        return array_namespace(mean).full_like(mean, self.log_base)

    @property
    def _carried(self) -> Carried:
        return tilted(Kink(), base=self.log_base, **about(self.location))

    @property
    def ends(self) -> tuple[float, ...]:
        return -np.inf, self.location, np.inf

    def _inside_support(self, x: Array) -> Array:
        return x == x
