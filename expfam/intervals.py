"""Intervals for the probabilities of categories, simultaneous and one at a time.

A method is a function of (counts, level) and one line in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import real, require

__all__ = ["METHODS", "Method", "goodman", "interval", "wilson"]


def goodman(counts: Any, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Simultaneous intervals: all K probabilities are inside at once with probability ≥ level.

    The score interval (x − np)² ≤ z² np(1 − p) of each category, with z² the upper
    (1 − level)/K point of χ² with one degree of freedom (Bonferroni).

    counts: (…, K), non-negative, whole or not; K counts the categories with a zero count, too.
    Result: lower and upper, each (…, K). The bounds of K = 1 are 1 and 1.
    Errors: ValueError for bad counts, a total of 0, or a level outside (0, 1).
    Source: Goodman (1965), Technometrics 7: 247–254.

    >>> lower, upper = goodman([91, 49, 37, 43])
    >>> lower.round(4), upper.round(4)
    (array([0.3342, 0.1609, 0.1146, 0.1375]), array([0.4978, 0.2999, 0.2401, 0.2702]))
    """
    counts, level = _check_counts(counts, "goodman"), check_level(level, "goodman")
    return _score(counts, (1 - level) / counts.shape[-1])


def wilson(counts: Any, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Intervals for one category at a time; all at once are inside less often than level.

    The score interval (x − np)² ≤ z² np(1 − p), with z² the upper 1 − level point of χ² with
    one degree of freedom. Shapes and errors are those of `goodman`.
    Source: Wilson (1927), JASA 22: 209–212.

    >>> lower, upper = wilson([0, 10])
    >>> lower.round(4), upper.round(4)
    (array([0.    , 0.7225]), array([0.2775, 1.    ]))
    """
    return _score(_check_counts(counts, "wilson"), 1 - check_level(level, "wilson"))


class Method(NamedTuple):
    """A way to make intervals, and what its level promises."""

    bounds: Callable[..., tuple[np.ndarray, np.ndarray]]
    simultaneous: bool


METHODS = {"goodman": Method(goodman, True), "wilson": Method(wilson, False)}


def interval(
    counts: Any, level: float = 0.95, method: str = "goodman"
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds by the method of that name in `METHODS`.

    Errors: ValueError for an unknown method, and those of the method.

    >>> lower, upper = interval([3, 7], method="wilson")
    >>> lower.round(4)
    array([0.1078, 0.3968])
    """
    return method_named(method).bounds(counts, level)


def method_named(name: Any) -> Method:
    """The method of that name. Errors: ValueError for an unknown one."""
    if not isinstance(name, str) or name not in METHODS:
        raise ValueError(f"interval: method must be one of {', '.join(METHODS)}; got {name!r}")
    return METHODS[name]


def check_level(level: Any, who: str) -> float:
    """A confidence level as a float. Errors: TypeError for no number, ValueError outside (0, 1)."""
    if isinstance(level, bool | np.bool_) or not isinstance(level, Real):
        raise TypeError(f"{who}: level must be a number; got {level!r}")
    if not 0 < float(level) < 1:
        raise ValueError(f"{who}: level must be between 0 and 1, both excluded; got {level}")
    return float(level)


def _check_counts(counts: Any, who: str) -> np.ndarray:
    array = np.asarray(real(counts, who, "counts"), dtype=np.float64)
    if array.ndim == 0 or not array.shape[-1]:
        raise ValueError(f"{who}: counts must have a category axis; got the shape {array.shape}")
    require((array >= 0) & (array < np.inf), who, "counts must be non-negative and finite", array)
    total = array.sum(-1)
    require(total > 0, who, "there must be at least one count", total, "sums to", "row")
    return array


def _score(x: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """Both roots p of (x − np)² = z² np(1 − p); the smaller one as a quotient, which keeps digits.

    The roots are (2x + z² ± r) / 2(n + z²), r² = z²(z² + 4x(n − x)/n), and their product is
    x²/n(n + z²).
    """
    from scipy.special import chdtri

    n = x.sum(-1, keepdims=True)
    if x.shape[-1] == 1:
        return np.ones_like(x), np.ones_like(x)
    z2 = float(chdtri(1, tail))
    larger = 2 * x + z2 + np.sqrt(z2 * (z2 + 4 * x * ((n - x) / n)))
    return 2 * x * (x / n) / larger, np.minimum(larger / (2 * (n + z2)), 1.0)
