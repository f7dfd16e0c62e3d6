"""Sison and Glaz's simultaneous intervals: one half-width for all counts, from their joint law."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import require
from expfam.deviances import deviance_of_difference
from expfam.factorial import remainder
from expfam.intervals.counts import Bounds, check_counts, check_level

_BLOCK = 2**16  # rows × categories that are worked on at a time


def sison_glaz(counts: Any, level: float = 0.95) -> Bounds:
    """Simultaneous intervals x/n − c/n … x/n + (c + 2γ)/n, short, and short of their level.

    ν(c) = P(|Xᵢ − xᵢ| ≤ c for all i) for multinomial X with p = x/n; c is the last whole number
    with ν(c) < level, and γ = (level − ν(c))/(ν(c + 1) − ν(c)), with 0 for ν(0). ν is taken, as
    published, from truncated Poisson variables, the law of their sum by an Edgeworth expansion;
    the exact ν differs in the third digit, which moves γ, and is out of reach where n is large.
    Where ν stays below the level for all c ≤ n, the bounds are 0 and 1; where one category has all
    counts, an interval would be a single point, and the counts are refused.

    γ starts at 0 again with each c, so that the upper bound does not always rise with the level.
    The level is not held: at n = 50 and four equal probabilities 95 % intervals cover 88 %.
    Shapes and errors are those of `goodman`, and ValueError for fractional counts.
    Source: Sison and Glaz (1995), JASA 90: 366–369, equations 2.2 and 2.3; the upper bound that
    of May and Johnson (2000), J. Statist. Software 5(6).

    >>> lower, upper = sison_glaz([91, 49, 37, 43])
    >>> lower.round(4), upper.round(4)
    (array([0.3455, 0.1545, 0.1   , 0.1273]), array([0.4833, 0.2924, 0.2378, 0.2651]))
    """
    x, level = check_counts(counts, "sison_glaz", whole=True), check_level(level, "sison_glaz")
    if x.shape[-1] == 1:
        return np.ones_like(x), np.ones_like(x)
    lower, upper = sison_glaz_all(x, level)
    rule = "a count is so near n that its interval has width 0, which promises nothing"
    require(lower < upper, "sison_glaz", f"{rule} (bonferroni has none such)", x)
    return lower, upper


def sison_glaz_all(x: np.ndarray, level: float) -> Bounds:
    """The formula, width 0 or not."""
    n = x.sum(-1, keepdims=True)
    # c depends on the counts alone, not on their order: many rows of a batch have the same.
    rows = np.sort(x.reshape(-1, x.shape[-1]), axis=-1)
    if len(rows) > 1:
        rows, place = np.unique(rows, axis=0, return_inverse=True)
        times = np.ones_like(rows)
    else:
        (values, repeats), place = np.unique(rows, return_counts=True), np.zeros(1, dtype=int)
        rows, times = values[None], repeats[None]
    length = max(1, _BLOCK // rows.shape[-1])
    starts = range(0, len(rows), length)
    parts = [_widths(rows[at : at + length], times[at : at + length], level) for at in starts]
    c, gamma = (np.concatenate(part)[place].reshape(n.shape) for part in zip(*parts, strict=True))
    return np.maximum((x - c) / n, 0.0), np.minimum((x + c + 2 * gamma) / n, 1.0)


def _widths(x: np.ndarray, times: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """c and γ of each row: c + 1 is doubled until ν reaches the level, and then halved back."""
    n = (x * times).sum(-1)
    below, above = np.zeros_like(n), np.ones_like(n)
    at_below, at_above = np.zeros_like(n), coverage(x, times, above)
    while (low := (at_above < level) & (above < n)).any():
        below[low], at_below[low] = above[low], at_above[low]
        above[low] = np.minimum(2 * above[low], n[low])
        at_above[low] = coverage(x[low], times[low], above[low])
    while (wide := above - below > np.maximum(1.0, 4e-16 * above)).any():
        places = np.flatnonzero(wide)
        middle = np.floor((below[wide] + above[wide]) / 2)
        value = coverage(x[wide], times[wide], middle)
        for end, at, here in (
            (below, at_below, value < level),
            (above, at_above, value >= level),
        ):
            end[places[here]], at[places[here]] = middle[here], value[here]
    reached = at_above >= level
    gain = np.where(reached, at_above - at_below, 1.0)
    return np.where(reached, below, n), np.where(reached, (level - at_below) / gain, 0.0)


def coverage(x: np.ndarray, times: np.ndarray, c: np.ndarray) -> np.ndarray:
    """ν(c), c ≥ 1, of rows (R, K) of counts x, each of them there so many times.

    ν = P(all Yᵢ within c) · P(ΣYᵢ = n | all within) / P(Poisson(n) = n);
    Yᵢ is Poisson of mean xᵢ. Its moments about xᵢ, cut to xᵢ − c … xᵢ + c, follow from
    y·P(Y = y) = xᵢ·P(Y = y − 1): with M₀ = 1,

        Mᵣ = xᵢ Σⱼ₌₀^{r−2} C(r − 1, j) Mⱼ + ((−c)^{r−1} a − (c + 1)^{r−1} b) / P(|Y − xᵢ| ≤ c)

    with a = y·P(Y = y) at y = xᵢ − c, and b at y = xᵢ + c + 1. Nothing large cancels.
    """
    from scipy.special import gammainc, gammaincc

    n, c = (x * times).sum(-1), c[:, None]
    low, high = np.maximum(x - c, 0.0), x + c
    # A mean of 0 is 0 with probability 1; the mean 1 stands in for it below.
    seen = x > 0
    mean = np.where(seen, x, 1.0)
    inside = (
        1 - gammainc(high + 1, mean) - np.where(low > 0, gammaincc(np.maximum(low, 1), mean), 0)
    )
    inside = np.where(seen, np.maximum(inside, _poisson(mean, mean)), 1.0)
    a = low * _poisson(low, mean) / inside
    b = (high + 1) * _poisson(high + 1, mean) / inside
    step, beyond = low - x, c + 1.0
    first = a - b
    second = x + step * a - beyond * b
    third = x * (1 + 2 * first) + step**2 * a - beyond**2 * b
    fourth = x * (1 + 3 * first + 3 * second) + step**3 * a - beyond**3 * b
    variance = second - first**2
    skew = third - 3 * first * second + 2 * first**3
    excess = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4 - 3 * variance**2
    cumulants = (first, variance, skew, excess)
    total, s2, s3, s4 = (np.where(seen, times * m, 0).sum(-1) for m in cumulants)
    s2 = np.maximum(s2, 0.5)  # the least there is; less is what rounding left where c² is small
    z = -total / np.sqrt(s2)
    g1, g2 = s3 / s2**1.5, s4 / s2**2
    series = (
        1
        + g1 * (z**3 - 3 * z) / 6
        + g2 * (z**4 - 6 * z**2 + 3) / 24
        + g1**2 * (z**6 - 15 * z**4 + 45 * z**2 - 15) / 72
    )
    density = series * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi * s2)
    with np.errstate(under="ignore"):
        return np.exp((times * np.log(inside)).sum(-1)) * density / _poisson(n, n)


def _poisson(y: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """P(Y = y), by Loader's saddle-point form."""
    with np.errstate(under="ignore"):
        return np.exp(-remainder(y) - deviance_of_difference(y, mean, y - mean))
