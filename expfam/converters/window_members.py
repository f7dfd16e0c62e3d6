"""Members of `Truncated` from laws: of the family that is given, or of one that is told here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from expfam import families as f
from expfam.arrays import host
from expfam.converters.agreement import agree, one
from expfam.converters.windows import FLAT, Values
from expfam.family import Distribution


class _Windowed(NamedTuple):
    """How members within a window follow from the values of a law."""

    default: Callable[[Values, str], Any]  # the family, where none is given
    naturals: dict[type, Callable[[Values, Any, str], Any]]  # by the families that have the law
    window: Callable[[Values], tuple[Any, Any]] = lambda v: (v["low"], v["high"])


def _member(law: str, values: Values, family: Any, who: str) -> Distribution:
    told = _LAWS[law]
    values = {name: host(value) for name, value in values.items()}
    low, high = told.window(values)
    size = values.get("mean", 0.0)  # a window that is told by deviations is rounded as this is
    if family is None:
        ends = (one(who, f.Truncated, *end, size) for end in (("low", low), ("high", high)))
        family = f.Truncated(told.default(values, who), *ends)
    if type(family.family) not in told.naturals:
        known = " or ".join(kind.__name__ for kind in told.naturals)
        raise TypeError(f"{who}: the law is {law}, which is Truncated of {known}; got {family!r}")
    agree(who, family, "low", low, family.low, size)
    agree(who, family, "high", high, family.high, size)
    natural = np.asarray(told.naturals[type(family.family)](values, family.family, who))
    batch = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
    return family.from_natural(np.broadcast_to(natural, batch + family.natural_shape))


def _gaussian(values: Values, inner: Any, who: str) -> np.ndarray:
    mean, variance = np.broadcast_arrays(values["mean"], values["variance"])
    return np.stack([mean / variance, -0.5 / variance], axis=-1)


def _of_known_variance(values: Values, inner: Any, who: str) -> np.ndarray:
    agree(who, inner, "variance", values["variance"], inner.variance)
    return values["mean"] / inner.variance


def _of_known_mean(values: Values, inner: Any, who: str) -> np.ndarray:
    agree(who, inner, "mean", values["mean"], inner.mean)
    return -0.5 / values["variance"]


def _of_known_shape(values: Values, inner: Any, who: str) -> np.ndarray:
    shape = getattr(inner, "shape", 2.0)  # which is that of a Rayleigh
    agree(who, inner, "shape", values["shape"], shape)
    return -(values["scale"] ** -shape)


def _rate(values: Values, inner: Any, who: str) -> np.ndarray:
    return -values["rate"]


def _index(values: Values, inner: Any, who: str) -> np.ndarray:
    return -values["index"]


def _failure(values: Values, inner: Any, who: str) -> np.ndarray:
    return values["log_failure"] + 0.0


def _zero(values: Values, inner: Any, who: str) -> np.ndarray:
    return np.zeros(inner.natural_shape)


def _pareto(values: Values, who: str) -> f.Pareto:
    return f.Pareto(one(who, f.Truncated, "low", values["low"]))


_Naturals = dict[type, Callable[[Values, Any, str], Any]]
_EXPONENTIAL: _Naturals = {f.Exponential: _rate}
_GEOMETRIC: _Naturals = {f.Geometric: _failure}

_LAWS: dict[str, _Windowed] = {
    "truncated normal": _Windowed(
        lambda v, who: f.Gaussian(),
        {
            f.Gaussian: _gaussian,
            f.GaussianKnownMean: _of_known_mean,
            f.GaussianKnownVariance: _of_known_variance,
        },
    ),
    "uniform": _Windowed(lambda v, who: f.Gaussian(), dict.fromkeys(FLAT, _zero)),
    "truncated exponential": _Windowed(
        lambda v, who: f.Exponential(), {**_EXPONENTIAL, f.ContinuousBernoulli: _rate}
    ),
    "shifted exponential": _Windowed(
        lambda v, who: f.Exponential(), _EXPONENTIAL, lambda v: (v["low"], np.inf)
    ),
    "exponential": _Windowed(lambda v, who: f.Exponential(), _EXPONENTIAL, lambda v: (0.0, np.inf)),
    "truncated pareto": _Windowed(_pareto, {f.Pareto: _index}),
    "log uniform": _Windowed(_pareto, {f.Pareto: _zero}),
    "pareto": _Windowed(_pareto, {f.Pareto: _index}, lambda v: (v["minimum"], np.inf)),
    "truncated weibull": _Windowed(
        lambda v, who: f.Weibull(one(who, f.Weibull, "shape", v["shape"])),
        dict.fromkeys((f.Weibull, f.Rayleigh), _of_known_shape),
    ),
    "truncated geometric": _Windowed(lambda v, who: f.Geometric(), _GEOMETRIC),
    "shifted geometric": _Windowed(
        lambda v, who: f.Geometric(), _GEOMETRIC, lambda v: (v["low"], np.inf)
    ),
    "geometric": _Windowed(lambda v, who: f.Geometric(), _GEOMETRIC, lambda v: (0.0, np.inf)),
    "uniform counts": _Windowed(lambda v, who: f.Geometric(), {f.Geometric: _zero}),
}


def _maker(law: str) -> Callable[[Values, Any, str], Distribution]:
    return lambda values, family, who: _member(law, values, family, who)


MEMBERS = {law: _maker(law) for law in _LAWS}
