"""Which carrier a family of numbers has, and how its η and x are the carrier's θ and y."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam import pairs
from expfam.arrays import two_difference
from expfam.families.carriers import Carrier, Kink, Line, Tilt
from expfam.families.chi_squared import ChiSquared
from expfam.families.continuous_bernoulli import ContinuousBernoulli
from expfam.families.dirichlet import Beta
from expfam.families.exponential import Exponential
from expfam.families.gamma import Gamma
from expfam.families.gaussian import Gaussian
from expfam.families.gaussian_known import GaussianKnownMean, GaussianKnownVariance
from expfam.families.inverse_gaussian import InverseGaussian
from expfam.families.inverses import InverseGamma, LogNormal
from expfam.families.powers import Laplace, Pareto, Rayleigh, Weibull
from expfam.families.rays import Ray, Reciprocal, Unit, log_pair
from expfam.family import ExponentialFamily
from expfam.pairs import Pair

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Carried:
    """θ = fixed + ηB, y = change(x), z = place(x), and log|dx/dz| = shift + ⟨tilt, T(y)⟩.

    The integral of h(x) exp⟨η, T(x)⟩ dx is exp(base) times that of exp⟨θ, T(y)⟩ dz. ends: the least
    and the most x; directions: where T of a family of two parameters goes towards open ends.
    """

    carrier: Carrier
    matrix: tuple[tuple[float, ...], ...]
    fixed: tuple[float, ...]
    base: float = 0.0
    tilt: tuple[float, ...] | None = None
    shift: float = 0.0
    place: Callable[[Any], Pair] | None = None  # None: that of y = x
    change: Callable[[Any], Any] = lambda x: x
    restore: Callable[[Any], Any] = lambda y: y
    ends: tuple[float, float] = (-math.inf, math.inf)
    directions: tuple[tuple[float, float], ...] = ()
    attained: Callable[[Any, float, float], Any] | None = None
    limit: str = ""


_LINE, _TILT, _KINK, _RAY = Line(), Tilt(), Kink(), Ray()
_POSITIVE = 0.0, math.inf
_LOG, _LINEAR = (1.0, 0.0), (0.0, 1.0)
_UP: Any = ((0.0, 1.0), (0.0, 1.0))


def _on_line(matrix: Any, fixed: Any = (0.0, 0.0), **more: Any) -> Carried:
    return Carried(_LINE, matrix, fixed, **more)


def _on_ray(matrix: Any, fixed: Any = _LOG, tilt: Any = _LOG, **more: Any) -> Carried:
    return Carried(_RAY, matrix, fixed, tilt=tilt, **{"ends": _POSITIVE, **more})


def _tilted(carrier: Carrier = _TILT, **more: Any) -> Carried:
    return Carried(carrier, ((1.0,),), (0.0,), **more)


def _weibull(shape: float) -> Carried:
    """xᵏ is exponential, here by its logarithm, whose mean the entropy needs."""
    return _on_ray(
        (_LINEAR,),
        tilt=(1 / shape, 0.0),
        shift=-math.log(shape),
        place=lambda x: _times(log_pair(x), shape),
        change=lambda x: x**shape,
        restore=lambda y: y ** (1 / shape),
    )


def _pareto(family: Pareto) -> Carried:
    least = log_pair(np.array(family.minimum))
    return _tilted(
        tilt=(1.0,),
        shift=math.log(family.minimum),
        place=lambda x: pairs.subtract(log_pair(x), least),
        change=lambda x: family._change(np.asarray(x)),
        restore=lambda y: family.minimum * np.exp(y),
        ends=(family.minimum, math.inf),
    )


def _known_variance(family: GaussianKnownVariance) -> Carried:
    base = -_HALF_LOG_2PI - 0.5 * math.log(family.variance)
    return _on_line(((1.0, 0.0),), (0.0, -0.5 / family.variance), base=base)


def _known_mean(family: GaussianKnownMean) -> Carried:
    return _on_line(((0.0, 1.0),), base=-_HALF_LOG_2PI, **_about(family.mean))


def _laplace(family: Laplace) -> Carried:
    return _tilted(_KINK, base=-math.log(2.0), **_about(family.location))


def _about(centre: float) -> dict[str, Any]:
    return {
        "place": lambda x: two_difference(x, np.full_like(x, centre)),
        "change": lambda x: x - centre,
        "restore": lambda y: y + centre,
    }


def _times(x: Pair, factor: float) -> Pair:
    high, low = pairs.two_product(x[0], np.asarray(factor))
    return high, low + x[1] * factor


def _gaussian_attained(mean: Any, low: float, high: float) -> Any:
    """Variances of a half line are below the square of the mean's distance from its end."""
    away = mean[..., 0] - (low if math.isfinite(low) else high)
    return mean[..., 1] - mean[..., 0] ** 2 < away**2


def _gamma_attained(mean: Any, low: float, high: float) -> Any:
    """Of y ≥ low, E y is below that of a Pareto with the same E log y, if that is finite."""
    if low == 0:
        return np.ones(mean.shape[:-1], dtype=bool)
    log = mean[..., 0] - math.log(low)
    return (log >= 1) | (mean[..., 1] * (1 - log) < low)


_ON_GAUSSIAN: Any = {
    "matrix": ((1.0, 0.0), (0.0, 1.0)),
    "base": -_HALF_LOG_2PI,
    "directions": _UP,
    "attained": _gaussian_attained,
}
_ON_GAMMA: Any = {
    "matrix": (_LOG, _LINEAR),
    "directions": ((-1.0, 0.0), (0.0, 1.0)),
    "attained": _gamma_attained,
    "limit": "a Pareto, which is none",
}
_CARRIED: dict[type, Callable[[Any], Carried]] = {
    Beta: lambda _: Carried(
        Unit(),
        ((1.0, 0.0), (0.0, 1.0)),
        (0.0, 0.0),
        tilt=(1.0, 1.0),
        ends=(0.0, 1.0),
        directions=((-1.0, 0.0), (0.0, -1.0)),
    ),
    ChiSquared: lambda _: _on_ray((_LOG,), (1.0, -0.5)),
    ContinuousBernoulli: lambda _: _tilted(ends=(0.0, 1.0)),
    Exponential: lambda _: _tilted(ends=_POSITIVE),
    Gamma: lambda _: _on_ray(**_ON_GAMMA),
    Gaussian: lambda _: _on_line(**_ON_GAUSSIAN, limit="an exponential, which is none"),
    GaussianKnownMean: _known_mean,
    GaussianKnownVariance: _known_variance,
    InverseGamma: lambda _: _on_ray(
        **_ON_GAMMA,
        tilt=(-1.0, 0.0),
        place=lambda x: _times(log_pair(x), -1.0),
        change=lambda x: 1 / x,
        restore=lambda y: 1 / y,
    ),
    InverseGaussian: lambda _: Carried(
        Reciprocal(),
        ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        (-0.5, 0.0, 0.0),
        base=-_HALF_LOG_2PI,
        tilt=(1.0, 0.0, 0.0),
        ends=_POSITIVE,
        directions=((0.0, 1.0), (1.0, 0.0)),
    ),
    Laplace: _laplace,
    LogNormal: lambda _: _on_line(
        **_ON_GAUSSIAN,
        tilt=(1.0, 0.0),
        place=log_pair,
        change=np.log,
        restore=np.exp,
        ends=_POSITIVE,
        limit="a Pareto, which is none",
    ),
    Pareto: _pareto,
    Rayleigh: lambda _: _weibull(2.0),
    Weibull: lambda family: _weibull(family.shape),
}


def carried(family: ExponentialFamily) -> Carried | None:
    """How a family is carried; None where it is not."""
    make = _CARRIED.get(type(family))
    return None if make is None else make(family)


CARRIED = tuple(_CARRIED)
