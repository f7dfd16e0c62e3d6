"""Intervals from the binomial distribution of each count: no approximation, and a level that holds.

P(X ≥ x) = I(p; x, n − x + 1), the regularised incomplete beta function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from expfam.intervals.counts import Bounds, around, of_each

# Counts beyond which a quantile is a series in 1/√count, of relative error below 1e-12.
_SERIES = 1e8
# Counts beyond which Clopper and Pearson's bounds stand for Blaker's.
_LARGE = 2.0**20
_WHOLE = 2.0**53  # beyond which a double does not tell n from n + 1
_TINY = 1e-300

Places: TypeAlias = slice | np.ndarray


def bonferroni(counts: Any, level: float = 0.95) -> Bounds:
    """Simultaneous intervals that hold at least as often as level: Clopper and Pearson's at α/K.

    Each category misses with probability (1 − level)/K at most, so that one of them misses with
    probability 1 − level at most. Fractional counts are accepted, as in `clopper_pearson`.
    Shapes and errors are those of `goodman`. Source: Clopper and Pearson (1934).

    >>> lower, upper = bonferroni([91, 49, 37, 43])
    >>> lower.round(4), upper.round(4)
    (array([0.331 , 0.1567, 0.1103, 0.1333]), array([0.4999, 0.3004, 0.2401, 0.2705]))
    """
    return of_each(bonferroni_each, counts, level, "bonferroni")


def bonferroni_blaker(counts: Any, level: float = 0.95) -> Bounds:
    """Simultaneous intervals that hold at least as often as level: Blaker's at (1 − level)/K.

    They lie inside those of `bonferroni`. Of two categories each tells what the other is, so
    that both are inside or neither, and the level is not divided.
    Shapes and errors are those of `goodman`, and ValueError for fractional counts.
    Source: Blaker (2000), Canad. J. Statist. 28: 783–798.

    >>> lower, upper = bonferroni_blaker([91, 49, 37, 43])
    >>> lower.round(4), upper.round(4)
    (array([0.3328, 0.1588, 0.1106, 0.1335]), array([0.4987, 0.2985, 0.2389, 0.2687]))
    """
    return of_each(bonferroni_blaker_each, counts, level, "bonferroni_blaker", whole=True)


def clopper_pearson(counts: Any, level: float = 0.95) -> Bounds:
    """Intervals for one category at a time that hold at least as often as level.

    P(X ≥ x; lower) = P(X ≤ x; upper) = (1 − level)/2 for X binomial: quantiles of the beta
    distributions (x, n − x + 1) and (x + 1, n − x), which fractional counts have, too. Shapes and
    errors are those of `goodman`. Source: Clopper and Pearson (1934), Biometrika 26: 404–413.

    >>> lower, upper = clopper_pearson([0, 10])
    >>> lower.round(4), upper.round(4)
    (array([0.    , 0.6915]), array([0.3085, 1.    ]))
    """
    return of_each(clopper_pearson_each, counts, level, "clopper_pearson")


def blaker(counts: Any, level: float = 0.95) -> Bounds:
    """Intervals for one category at a time that hold at least as often as level, and are short.

    The p at which X is as far out as x, on either side, with a probability above 1 − level: far
    out is a small min(P(X ≤ x), P(X ≥ x)). They lie inside Clopper and Pearson's; from counts
    x and n − x above 2²⁰, where that gains less than 1/1000 of the width, and from n above 2⁵³
    they are those.
    Shapes and errors are those of `goodman`, and ValueError for fractional counts.
    Source: Blaker (2000), Canad. J. Statist. 28: 783–798; the hull, as Klaschka (2010) has it.

    >>> lower, upper = blaker([0, 10])
    >>> lower.round(4), upper.round(4)
    (array([0.    , 0.7171]), array([0.2829, 1.    ]))
    """
    return of_each(blaker_each, counts, level, "blaker", whole=True)


def jeffreys(counts: Any, level: float = 0.95) -> Bounds:
    """Intervals for one category at a time that hold p about as often as level, on average over p.

    Equal-tailed quantiles of the posterior Beta(x + ½, n − x + ½) of Jeffreys's prior, moved out
    to x/n where they exclude it: to 0 at x = 0 and to 1 at x = n.
    Shapes and errors are those of `goodman`.
    Source: Brown, Cai and DasGupta (2001), Statist. Sci. 16: 101–133, section 4.1.

    >>> lower, upper = jeffreys([0, 10])
    >>> lower.round(4), upper.round(4)
    (array([0.    , 0.7828]), array([0.2172, 1.    ]))
    """
    return of_each(jeffreys_each, counts, level, "jeffreys")


def bonferroni_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return _of_distinct(_clopper_pearson, x, n, (1 - level) / categories)


def bonferroni_blaker_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return _of_distinct(_blaker, x, n, (1 - level) / (categories if categories > 2 else 1))


def clopper_pearson_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return _of_distinct(_clopper_pearson, x, n, 1 - level)


def blaker_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return _of_distinct(_blaker, x, n, 1 - level)


def jeffreys_each(x: np.ndarray, n: np.ndarray, categories: int, level: float) -> Bounds:
    return _of_distinct(_jeffreys, x, n, 1 - level)


def _of_distinct(
    bounds: Callable[..., Bounds], x: np.ndarray, n: np.ndarray, tail: float
) -> Bounds:
    """bounds(x, n, tail), computed once for each pair of x and n."""
    given = x + 1j * n
    pairs, place = np.unique(given, return_inverse=True)
    place = place.reshape(given.shape)  # numpy 1 leaves it flat
    x, n = pairs.real, pairs.imag
    lower, upper = around(*bounds(x, n, tail), x, n)
    return lower[place], upper[place]


def _clopper_pearson(x: np.ndarray, n: np.ndarray, tail: float) -> Bounds:
    lower = np.where(x > 0, _quantile(np.where(x > 0, x, 1.0), n - x + 1, tail / 2), 0.0)
    upper = _quantile(x + 1, np.where(x < n, n - x, 1.0), tail / 2, above=True)
    return lower, np.where(x < n, upper, 1.0)


def _jeffreys(x: np.ndarray, n: np.ndarray, tail: float) -> Bounds:
    a, b = x + 0.5, n - x + 0.5
    return _quantile(a, b, tail / 2), _quantile(a, b, tail / 2, above=True)


def _quantile(a: np.ndarray, b: np.ndarray, tail: float, above: bool = False) -> np.ndarray:
    """The point of Beta(a, b) with the tail below it, or above it.

    Where a and b are large, by the expansion of Cornish and Fisher to the fourth cumulant: its
    error is of order a^(−3/2) standard deviations, while iterations lose digits and time there.
    """
    from scipy.special import betainc, betaincc, betainccinv, betaincinv, ndtri

    large = (a > _SERIES) & (b > _SERIES)
    a_or_1 = np.where(large, 1.0, a)
    value = np.array((betainccinv if above else betaincinv)(a_or_1, b, tail))
    # The inverses are far off at single points, as betaincinv(1000, 1e14, p) is: look again.
    error = (betaincc if above else betainc)(a_or_1, b, value) - tail
    lost = ~(np.abs(error) <= 1e-6 * tail) & ~large
    if lost.any():
        value[lost] = _halved(a[lost], b[lost], tail, above)
    if large.any():
        a, b = a[large], b[large]
        n, z = a + b, ndtri(tail) * (-1 if above else 1)
        skewness = 2 * (b - a) / (n + 2) * np.sqrt((n + 1) / a / b)
        kurtosis = 6 / (n + 3) * ((a - b) / b * ((a - b) / a) * ((n + 1) / (n + 2)) - 1)
        z = (
            z
            + skewness * (z**2 - 1) / 6
            + kurtosis * (z**3 - 3 * z) / 24
            - skewness**2 * (2 * z**3 - 5 * z) / 36
        )
        value[large] = a / n + z * np.sqrt(a / n * (b / n) / (n + 1))
    return value


def _halved(a: np.ndarray, b: np.ndarray, tail: float, above: bool) -> np.ndarray:
    """The same by halving among all doubles from 0 to 1, which are in the order of their bits."""
    from scipy.special import betainc, betaincc

    low, high = np.zeros(a.shape, dtype=np.int64), np.full(a.shape, np.float64(1.0).view(np.int64))
    while (high - low > 1).any():
        middle = (low + high) // 2
        p = middle.view(np.float64)
        under = betaincc(a, b, p) > tail if above else betainc(a, b, p) < tail
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return (high if above else low).view(np.float64)


def _blaker(x: np.ndarray, n: np.ndarray, tail: float) -> Bounds:
    lower, upper = _clopper_pearson(x, n, tail)
    inner = _clopper_pearson(x, n, 2 * tail)
    small = ((x <= _LARGE) | (n - x <= _LARGE)) & (n <= _WHOLE)
    for bounds, end, mirrored in ((lower, inner[0], False), (upper, inner[1], True)):
        x_or_rest = n - x if mirrored else x
        here = small & (x_or_rest > 0)
        ends = bounds[here], end[here]
        bounds[here] = _blaker_bound(x_or_rest[here], n[here], tail, *ends, mirrored)
    return lower, upper


def _blaker_bound(
    x: np.ndarray, n: np.ndarray, tail: float, outer: np.ndarray, inner: np.ndarray, mirrored: bool
) -> np.ndarray:
    """The lower bound of x > 0, or mirrored the upper bound of n − x.

    With U(p) = P(X ≥ x) and L_y(p) = P(X ≤ y), a p below x/n is held when U + L_y > tail for the
    largest y with L_y ≤ U. Clopper and Pearson's bound at tail, `outer`, has U = tail/2, so that
    U + L_y ≤ tail; let y be the one there. Going inward, either U + L_y passes tail (it falls,
    then rises: 1 − U − L_y is unimodal), or y + 1 takes its place, where L_{y+1} = U > tail/2 and
    so U + L_{y+1} > tail. The bound is where the first of the two happens; `inner`, where
    U = tail, is beyond it.
    """
    from scipy.special import betainc, betaincc

    def own(p: np.ndarray, at: Places) -> np.ndarray:
        a, b = x[at], n[at] - x[at] + 1
        return betaincc(b, a, p) if mirrored else betainc(a, b, p)

    def other(y: np.ndarray, p: np.ndarray, at: Places) -> np.ndarray:
        a, b = np.maximum(y + 1, 0.5), n[at] - y
        return np.where(y < 0, 0.0, betainc(b, a, p) if mirrored else betaincc(a, b, p))

    y, above = np.full_like(x, -1.0), x - 1
    while ((above - y) > 1).any():
        middle = np.floor((y + above) / 2)
        reached = other(middle, outer, slice(None)) <= tail / 2
        y, above = np.where(reached, middle, y), np.where(reached, above, middle)

    def excess(p: np.ndarray, at: Places) -> np.ndarray:
        u = own(p, at)
        return np.maximum(u + other(y[at], p, at) - tail, u - other(y[at] + 1, p, at))

    return _crossing(excess, outer, inner)


def _crossing(
    f: Callable[[np.ndarray, Places], np.ndarray], below: np.ndarray, above: np.ndarray
) -> np.ndarray:
    """The last point before f passes 0, to 1e-13, for f(below) ≤ 0 ≤ f(above) at each place.

    Never beyond it: a step of 1e-13 back makes up for the digits that f may lack. By false
    position, where an end that stays has its value halved (Illinois, Dowell and Jarratt 1971);
    after 60 steps, which are never needed in practice, the bracket is halved instead.
    """
    first, below, above = below, below.copy(), above.copy()
    low = np.minimum(f(below, slice(None)), -_TINY)
    high = np.maximum(f(above, slice(None)), _TINY)
    was_over = np.zeros(below.shape)
    step = 0
    while (at := np.flatnonzero(np.abs(above - below) > 1e-14 * np.abs(above))).size:
        part = low[at] / (low[at] - high[at]) if step < 60 else 0.5
        point = below[at] + (above[at] - below[at]) * part
        value = f(point, at)
        over = value > 0
        yes, no = at[over], at[~over]
        above[yes], high[yes], below[no] = point[over], value[over], point[~over]
        low[no] = np.minimum(value[~over], -_TINY)
        low[yes[was_over[yes] > 0]] /= 2
        high[no[was_over[no] < 0]] /= 2
        was_over[at] = np.where(over, 1, -1)
        step += 1
    return below + np.clip(first - below, -1e-13 * below, 1e-13 * below)
