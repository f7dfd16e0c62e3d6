"""Members of `Truncated` as laws: by the names that others have, not by family and window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from expfam import families as f

Values = dict[str, Any]


def window_law(family: f.Truncated, natural: np.ndarray, who: str) -> tuple[str, Values]:
    """Name and parameters of the law of a member. Errors: TypeError where nobody else has it."""
    inner = family.family
    if type(inner) not in _LAWS:
        raise TypeError(f"{who}: {family!r} has no counterpart that is known here")
    if type(inner) in FLAT and not np.any(natural):
        batch = np.zeros(np.shape(natural)[: np.ndim(natural) - len(family.natural_shape)])
        return "uniform", {"low": family.low + batch, "high": family.high + batch}
    with np.errstate(all="ignore"):
        return _LAWS[type(inner)](inner, natural, family.low, family.high)


# Those of h = 1 and T that is 0 nowhere but at a point: η = 0 is the uniform law of the window.
FLAT = (f.Gaussian, f.GaussianKnownMean, f.Exponential, f.ContinuousBernoulli)


def _normal(moments: Callable[[Any, Any], tuple[Any, Any]]) -> Callable:
    def law(inner: Any, natural: Any, low: float, high: float) -> tuple[str, Values]:
        mean, variance = moments(inner, natural)
        return "truncated normal", {"mean": mean, "variance": variance, "low": low, "high": high}

    return law


def _both(inner: Any, natural: Any) -> tuple[Any, Any]:
    variance = -0.5 / natural[..., 1]
    return natural[..., 0] * variance, variance


def _exponential(inner: Any, natural: Any, low: float, high: float) -> tuple[str, Values]:
    if high < np.inf:
        return "truncated exponential", {"rate": -natural, "low": low, "high": high}
    if low > 0:
        return "shifted exponential", {"rate": -natural, "low": low}
    return "exponential", {"rate": -natural}


def _pareto(inner: Any, natural: Any, low: float, high: float) -> tuple[str, Values]:
    if high == np.inf:
        return "pareto", {"minimum": low, "index": -natural}
    if not np.any(natural):
        return "log uniform", {"low": low + natural, "high": high + natural}
    return "truncated pareto", {"index": -natural, "low": low, "high": high}


def _weibull(inner: Any, natural: Any, low: float, high: float) -> tuple[str, Values]:
    shape = getattr(inner, "shape", 2.0)  # which is that of a Rayleigh
    scale = np.where(natural < 0, np.abs(natural) ** (-1 / shape), np.nan)
    values = {"shape": shape, "scale": scale}
    return "truncated weibull", {**values, "low": low, "high": high}


def _geometric(inner: Any, natural: Any, low: float, high: float) -> tuple[str, Values]:
    if high < np.inf and not np.any(natural):
        return "uniform counts", {"low": low + natural, "high": high + natural}
    if high < np.inf:
        return "truncated geometric", {"log_failure": natural, "low": low, "high": high}
    values = {"log_failure": natural, "log_success": np.log(-np.expm1(natural))}
    if low > 0:
        return "shifted geometric", {**values, "low": low}
    return "geometric", {"successes": 1.0, **values}


_LAWS: dict[type, Callable[[Any, Any, float, float], tuple[str, Values]]] = {
    f.Gaussian: _normal(_both),
    f.GaussianKnownMean: _normal(lambda p, n: (p.mean + 0 * n, -0.5 / n)),
    f.GaussianKnownVariance: _normal(lambda p, n: (p.variance * n, p.variance + 0 * n)),
    f.Exponential: _exponential,
    f.ContinuousBernoulli: _exponential,
    f.Pareto: _pareto,
    f.Weibull: _weibull,
    f.Rayleigh: _weibull,
    f.Geometric: _geometric,
}
