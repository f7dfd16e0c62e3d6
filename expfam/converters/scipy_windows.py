"""Laws within a window as frozen distributions of scipy.stats, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from expfam.converters.laws import Law

_CLOSE = 1e-9  # of log-densities: farther off, scipy's is the density of another member


def check_density(law: Law, frozen: Any, member: Any) -> None:
    """Refuse what scipy.stats computes wrongly. Errors: ValueError, where log p is off by 1e-9.

    Its normalisation is a difference that cancels, in far tails, narrow windows, and where a
    member is nearly uniform: a point where the law has much of its mass shows it.
    """
    if law.name not in _POINTS:
        return
    with np.errstate(all="ignore"):
        points = (point + np.zeros(member.batch_shape) for point in _POINTS[law.name](**law.values))
        x = np.stack(list(points)).astype(np.int64 if member.family.discrete else np.float64)
        theirs = np.asarray((frozen.logpmf if member.family.discrete else frozen.logpdf)(x))
        ours = np.asarray(member.log_prob(x))
        right = np.abs(theirs - ours) <= _CLOSE * (1 + np.abs(ours))
    if not right.all():
        at = np.unravel_index(np.argmin(right), right.shape)
        what = f"log p at {x[at]:.6g} is {theirs[at]:.12g} there, and is {ours[at]:.12g}"
        who = f"to_scipy: {member.family!r}: {frozen.dist.name}"
        raise ValueError(f"{who} cannot hold it to 9 digits: {what}")


# ------------------------------------------------------------ writing


def _only(condition: Any, name: str, rule: str) -> None:
    if not np.all(condition):
        raise ValueError(f"to_scipy: Truncated: {name} cannot hold it: {rule}")


def _normal(stats: Any, mean: Any, variance: Any, low: float, high: float) -> Any:
    held = (variance > 0) & (variance < np.inf) & np.isfinite(mean)
    _only(
        held, "truncnorm", "the coefficient of x² must be below 0 in all members, or η = 0 in all"
    )
    scale = np.sqrt(variance)
    return stats.truncnorm((low - mean) / scale, (high - mean) / scale, loc=mean, scale=scale)


def _falls(name: str, rate: Any) -> None:
    _only((rate > 0) & (rate < np.inf), name, "η must be below 0 in all members, or 0 in all")


def _exponential(stats: Any, rate: Any, low: float, high: float) -> Any:
    _falls("truncexpon", rate)
    scale = 1 / rate
    return stats.truncexpon((high - low) / scale, loc=low, scale=scale)


def _pareto(stats: Any, index: Any, low: float, high: float) -> Any:
    _only(index != 0, "truncpareto", "η must be 0 in no member, or in all")
    taken = stats.truncpareto._argcheck(index, 2.0)  # of any sign, in newer ones
    _only(taken, "truncpareto", "η must be below 0 for this release of scipy")
    return stats.truncpareto(index, high / low, scale=low)


def _weibull(stats: Any, shape: float, scale: Any, low: float, high: float) -> Any:
    held = (scale > 0) & (scale < np.inf)
    _only(held, "truncweibull_min", "η must be below 0, and (−η)^(−1/shape) within doubles")
    return stats.truncweibull_min(shape, low / scale, high / scale, scale=scale)


def _geometric(stats: Any, log_failure: Any, low: float, high: float) -> Any:
    _falls("boltzmann", -log_failure)
    return stats.boltzmann(-log_failure, high - low + 1, loc=low)


WRITE: dict[str, Callable] = {
    "truncated normal": _normal,
    "uniform": lambda s, low, high: s.uniform(low, high - low),
    "truncated exponential": _exponential,
    "shifted exponential": lambda s, rate, low: s.expon(low, 1 / rate),
    "truncated pareto": _pareto,
    "log uniform": lambda s, low, high: s.loguniform(low, high),
    "truncated weibull": _weibull,
    "truncated geometric": _geometric,
    "shifted geometric": lambda s, log_failure, log_success, low: s.geom(
        -np.expm1(log_failure), loc=low - 1
    ),
    "uniform counts": lambda s, low, high: s.randint(low.astype(int), high.astype(int) + 1),
}


def _normal_points(mean: Any, variance: Any, low: float, high: float) -> tuple[Any, ...]:
    """The top, and where the density has fallen by about e: far out, its digits are lost there."""
    top = np.clip(mean, low, high)
    step = np.minimum(np.sqrt(variance), variance / np.abs(top - mean))
    return top, np.clip(np.where(mean > high, top - step, top + step), low, high)


# Where the law has much of its mass; Pareto's minimum is none of its observations.
_POINTS: dict[str, Callable[..., tuple[Any, ...]]] = {
    "truncated normal": _normal_points,
    "uniform": lambda low, high: (low,),
    "truncated exponential": lambda rate, low, high: (low,),
    "truncated pareto": lambda index, low, high: (
        np.where(index > -1, np.nextafter(low, high), high),
    ),
    "log uniform": lambda low, high: (high,),
    "truncated weibull": lambda shape, scale, low, high: (np.clip(scale, low, high),),
    "truncated geometric": lambda log_failure, low, high: (low,),
    "uniform counts": lambda low, high: (low,),
}


# ------------------------------------------------------------ reading


def _read_exponential(t: Any) -> Law:
    if np.all(t.loc == 0):
        return Law("exponential", {"rate": 1 / t.scale})
    return Law("shifted exponential", {"rate": 1 / t.scale, "low": t.loc})


def _read_geometric(t: Any, log_failure: Any, log_success: Any, first: int) -> Law:
    values = {"log_failure": log_failure, "log_success": log_success}
    if np.all(t.loc == -first):
        return Law("geometric", {"successes": 1.0, **values})
    return Law("shifted geometric", {**values, "low": t.loc + first})


def _read_normal(t: Any, a: Any, b: Any) -> Law:
    values = {"mean": t.loc, "variance": t.scale**2}
    return Law(
        "truncated normal", {**values, "low": t.loc + a * t.scale, "high": t.loc + b * t.scale}
    )


def _scaled(name: str, values: Callable[..., dict[str, Any]]) -> Callable[..., Law]:
    """How to read a law of numbers above 0, which has no loc."""

    def read(t: Any, **shapes: Any) -> Law:
        t.must_be(loc=0)
        return Law(name, values(t, **shapes))

    return read


_LOG_UNIFORM = _scaled("log uniform", lambda t, a, b: {"low": a * t.scale, "high": b * t.scale})

READ: dict[str, Callable[..., Law]] = {
    "truncnorm": _read_normal,
    "halfnorm": lambda t: _read_normal(t, 0.0, np.inf),
    "uniform": lambda t: Law("uniform", {"low": t.loc, "high": t.loc + t.scale}),
    "expon": _read_exponential,
    "truncexpon": lambda t, b: Law(
        "truncated exponential", {"rate": 1 / t.scale, "low": t.loc, "high": t.loc + b * t.scale}
    ),
    "truncpareto": _scaled(
        "truncated pareto", lambda t, b, c: {"index": b, "low": t.scale, "high": c * t.scale}
    ),
    "loguniform": _LOG_UNIFORM,
    "reciprocal": _LOG_UNIFORM,
    "truncweibull_min": _scaled(
        "truncated weibull",
        lambda t, c, a, b: {"shape": c, "scale": t.scale, "low": a * t.scale, "high": b * t.scale},
    ),
    "geom": lambda t, p: _read_geometric(t, np.log1p(-p), np.log(p), 1),
    "planck": lambda t, lambda_: _read_geometric(t, -lambda_, np.log(-np.expm1(-lambda_)), 0),
    "boltzmann": lambda t, lambda_, N: Law(
        "truncated geometric", {"log_failure": -lambda_, "low": t.loc, "high": t.loc + N - 1}
    ),
    "randint": lambda t, low, high: Law(
        "uniform counts", {"low": low + t.loc, "high": high - 1 + t.loc}
    ),
}


def read_truncated(distribution: Any) -> Law:
    """The law of what scipy.stats.truncate gives, of 1.15 and newer."""
    kind = type(distribution._dist).__name__
    if kind != "Normal":
        raise TypeError(f"from_scipy: truncate must be of a Normal to be told here; got {kind}")
    low, high = distribution.support()
    values = {"mean": distribution.mu, "variance": distribution.sigma**2}
    return Law("truncated normal", {**values, "low": low, "high": high})
