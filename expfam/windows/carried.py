"""How a family of numbers is carried by a line: its η and x as the carrier's θ and y."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam import pairs
from expfam.arrays import two_difference
from expfam.pairs import Pair
from expfam.windows.carriers import Carrier, Line, Tilt
from expfam.windows.rays import Ray, log_pair

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
POSITIVE = 0.0, math.inf
LOG, LINEAR = (1.0, 0.0), (0.0, 1.0)
_LINE, _TILT, _RAY = Line(), Tilt(), Ray()


@dataclass(frozen=True)
class Carried:
    """θ = fixed + ηB, y = change(x), z = place(x), and log|dx/dz| = shift + ⟨tilt, T(y)⟩.

    The integral of h(x) exp⟨η, T(x)⟩ dx is exp(base) times that of exp⟨θ, T(y)⟩ dz. ends: the least
    and the most x; directions: where T of a family of two parameters goes towards open ends of y.
    blunt: the end of y, 0 or 1, that where it alone is open leaves A finite at η₂ = 0, so that not
    every mean has a member; attained: which have, and limit: what is at η₂ = 0.
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
    blunt: tuple[int, ...] = ()
    attained: Callable[[Any, float, float], Any] = lambda mean, low, high: True
    limit: str = ""
    centre: float | None = None  # of what is carried as x − centre


def tilted(carrier: Carrier = _TILT, **more: Any) -> Carried:
    """One parameter, as the exponential's."""
    return Carried(carrier, ((1.0,),), (0.0,), **more)


def on_line(matrix: Any, fixed: Any = (0.0, 0.0), **more: Any) -> Carried:
    """A part of the Gaussian's plane of θ."""
    return Carried(_LINE, matrix, fixed, base=more.pop("base", -HALF_LOG_2PI), **more)


def on_ray(matrix: Any, fixed: Any = LOG, tilt: Any = LOG, **more: Any) -> Carried:
    """A part of the gamma's plane of θ, with dz = dy/y."""
    return Carried(_RAY, matrix, fixed, tilt=tilt, **{"ends": POSITIVE, **more})


def as_gaussian(limit: str, **more: Any) -> Carried:
    """Both parameters of the Gaussian."""
    up = (0.0, 1.0), (0.0, 1.0)
    edge: Any = {"blunt": (0, 1), "attained": _gaussian_attained, "limit": limit}
    return on_line((LOG, LINEAR), directions=up, **edge, **more)


def as_gamma(**more: Any) -> Carried:
    """Both parameters of the gamma."""
    ways = (-1.0, 0.0), (0.0, 1.0)
    edge: Any = {"blunt": (1,), "attained": _gamma_attained, "limit": "a Pareto"}
    return on_ray((LOG, LINEAR), directions=ways, **edge, **more)


def as_weibull(shape: float) -> Carried:
    """xᵏ is exponential, here by its logarithm, whose mean the entropy needs."""
    return on_ray(
        (LINEAR,),
        tilt=(1 / shape, 0.0),
        shift=-math.log(shape),
        place=lambda x: times(log_pair(x), shape),
        change=lambda x: x**shape,
        restore=lambda y: y ** (1 / shape),
    )


def about(centre: float) -> dict[str, Any]:
    """y = x − centre."""
    return {
        "centre": centre,
        "place": lambda x: two_difference(x, np.full_like(x, centre)),
        "change": lambda x: x - centre,
        "restore": lambda y: y + centre,
    }


def times(x: Pair, factor: float) -> Pair:
    """A pair times a number."""
    high, low = pairs.two_product(x[0], np.asarray(factor))
    return high, low + x[1] * factor


def _gaussian_attained(mean: Any, low: float, high: float) -> Any:
    """Variances of a half line are below the square of the mean's distance from its end."""
    away = mean[..., 0] - (low if math.isfinite(low) else high)
    return mean[..., 1] - mean[..., 0] ** 2 < away**2


def _gamma_attained(mean: Any, low: float, high: float) -> Any:
    """Of y ≥ low, E y is below that of a Pareto with the same E log y, if that is finite."""
    log = mean[..., 0] - math.log(low)
    return (log >= 1) | (mean[..., 1] * (1 - log) < low)
