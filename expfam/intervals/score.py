"""Intervals by a normal approximation of each count, in closed form; fractional counts are welcome.

With a zero count the score intervals (x − np)² ≤ z² np(1 − p) reach from 0 to z²/(n + z²).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam.arrays import require
from expfam.intervals.counts import Bounds, around, check_counts, of_each


def goodman(counts: Any, level: float = 0.95) -> Bounds:
    """Simultaneous intervals: all K probabilities are inside at once, about as often as level.

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
    return of_each(goodman_each, counts, level, "goodman")


def quesenberry_hurst(counts: Any, level: float = 0.95) -> Bounds:
    """Simultaneous intervals from Pearson's X², which bounds every category at once.

    The score interval with z² the upper 1 − level point of χ² with K − 1 degrees of freedom:
    wide where K is large. Shapes and errors are those of `goodman`.
    Source: Quesenberry and Hurst (1964), Technometrics 6: 191–195.

    >>> lower, upper = quesenberry_hurst([91, 49, 37, 43])
    >>> lower.round(4)
    array([0.3253, 0.1546, 0.1094, 0.1317])
    """
    return of_each(quesenberry_hurst_each, counts, level, "quesenberry_hurst")


def fitzpatrick_scott(counts: Any, level: float = 0.95) -> Bounds:
    """Simultaneous intervals of one width, x/n ± z/2√n, whatever the probabilities are.

    z is the upper (1 − level)/2 point of the normal distribution, and √p(1 − p) ≤ ½. As n grows
    the intervals at z hold at least 6Φ(3z/√8) − 5 of the time: 88.7 % for a level of 95 %.
    Shapes and errors are those of `goodman`; the bounds are cut to [0, 1].
    Source: Fitzpatrick and Scott (1987), JASA 82: 875–878.

    >>> lower, upper = fitzpatrick_scott([91, 49, 37, 43])
    >>> (upper - lower).round(4)
    array([0.1321, 0.1321, 0.1321, 0.1321])
    """
    return of_each(fitzpatrick_scott_each, counts, level, "fitzpatrick_scott")


def wilson(counts: Any, level: float = 0.95) -> Bounds:
    """Intervals for one category at a time; all at once are inside less often than level.

    The score interval (x − np)² ≤ z² np(1 − p), with z² the upper 1 − level point of χ² with
    one degree of freedom. Shapes and errors are those of `goodman`.
    Source: Wilson (1927), JASA 22: 209–212.

    >>> lower, upper = wilson([0, 10])
    >>> lower.round(4), upper.round(4)
    (array([0.    , 0.7225]), array([0.2775, 1.    ]))
    """
    return of_each(wilson_each, counts, level, "wilson")


def wald(counts: Any, level: float = 0.95) -> Bounds:
    """The textbook's p̂ ± z√(p̂(1 − p̂)/n), one category at a time: to be taught, not to be used.

    It holds p far less often than its level says where np or n(1 − p) is small, and at a count of
    0 or n it would be a single point, [0, 0] or [1, 1], at every level. Such counts are refused.
    Shapes and other errors are those of `goodman`; the bounds are cut to [0, 1].
    Source: Brown, Cai and DasGupta (2001), Statist. Sci. 16: 101–133, section 2.

    >>> lower, upper = wald([3, 7])
    >>> lower.round(4), upper.round(4)
    (array([0.016, 0.416]), array([0.584, 0.984]))
    >>> wald([0, 7, 3])
    Traceback (most recent call last):
        ...
    ValueError: wald: a count of 0 or n gives an interval of width 0, which promises nothing \
(wilson has none such); entry 0 is 0
    """
    x = check_counts(counts, "wald")
    if x.shape[-1] > 1:
        rule = "a count of 0 or n gives an interval of width 0, which promises nothing"
        inside = (x > 0) & (x < x.sum(-1, keepdims=True))
        require(inside, "wald", f"{rule} (wilson has none such)", x)
    return of_each(wald_each, x, level, "wald")


def goodman_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return score(x, n, (1 - level) / categories)


def quesenberry_hurst_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return score(x, n, 1 - level, categories - 1)


def wilson_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return score(x, n, 1 - level)


def fitzpatrick_scott_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    half = math.sqrt(_chi_square_point(1 - level, 1)) / (2 * np.sqrt(n))
    return around(x / n - half, x / n + half, x, n)


def wald_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    half = np.sqrt(_chi_square_point(1 - level, 1) * (x / n) * ((n - x) / n) / n)
    return around(x / n - half, x / n + half, x, n)


def score(x: np.ndarray, n: np.ndarray, tail: float, df: int = 1) -> Bounds:
    """Both roots p of (x − np)² = z² np(1 − p); the smaller one as a quotient, which keeps digits.

    The roots are (2x + z² ± r) / 2(n + z²), r² = z²(z² + 4x(n − x)/n), and their product is
    x²/n(n + z²).
    """
    z2 = _chi_square_point(tail, df)
    larger = 2 * x + z2 + np.sqrt(z2 * (z2 + 4 * x * ((n - x) / n)))
    return around(2 * x * (x / n) / larger, larger / (2 * (n + z2)), x, n)


def _chi_square_point(tail: float, df: int) -> float:
    from scipy.special import chdtri

    return float(chdtri(df, tail))
