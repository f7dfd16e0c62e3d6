"""Goodman and Kruskal's λ and τ: what knowing one variable saves in guessing the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam.association.counts import differences, table_of
from expfam.association.measure import Measure
from expfam.intervals import check_level

_EPS = float(np.finfo(np.float64).eps)


def goodman_kruskal_lambda(table: Any, predict: str = "columns", level: float = 0.95) -> Measure:
    """λ, the share of wrong guesses that knowing the other variable saves.

    A guess is always the most frequent label: of the columns λ = (Σᵢ maxⱼ nᵢⱼ − maxⱼ n₊ⱼ) /
    (n − maxⱼ n₊ⱼ). predict: "columns" given the row, "rows" given the column, or "both", the
    symmetric λ of guessing either half the time. λ = 0 does not mean independence.
    The interval is the asymptotic one of a multinomial sample, cut at 0 and 1. At λ = 0 and
    λ = 1 there is no asymptotic law: the interval is then all of [0, 1], and the note says so.
    Errors: ValueError for bad counts, fewer than two rows or columns with a count, an unknown
    predict, a level outside (0, 1).
    Source: Goodman & Kruskal (1954), JASA 49: 732–764; (1972), JASA 67: 415–421 for the variance.

    >>> result = goodman_kruskal_lambda([[10, 2, 1], [3, 12, 4]])
    >>> round(result.value, 4), round(result.standard_error, 4)
    (0.4444, 0.1434)
    """
    x = _read(table, predict, ("columns", "rows", "both"), "goodman_kruskal_lambda")
    level = check_level(level, "goodman_kruskal_lambda")
    return _measure(x, *_lambda(x, predict == "both"), level)


def goodman_kruskal_tau(table: Any, predict: str = "columns", level: float = 0.95) -> Measure:
    """τ, the share of variation that knowing the other variable explains.

    A guess is drawn in proportion: of the columns τ = (Σ pᵢⱼ²/pᵢ₊ − Σ p₊ⱼ²)/(1 − Σ p₊ⱼ²), 0 if
    and only if rows and columns are independent; V² where two columns are predicted. predict:
    "columns" or "rows". Intervals and errors are those of `goodman_kruskal_lambda`; near 0 the
    asymptotic law is poor, and the test of independence says more. Sources: as there.

    >>> result = goodman_kruskal_tau([[10, 2, 1], [3, 12, 4]])
    >>> round(result.value, 4), round(result.standard_error, 4)
    (0.2415, 0.1188)
    """
    x = _read(table, predict, ("columns", "rows"), "goodman_kruskal_tau")
    level = check_level(level, "goodman_kruskal_tau")
    return _measure(x, *_tau(x), False, level)


def _read(table: Any, predict: Any, known: tuple[str, ...], who: str) -> np.ndarray:
    if not isinstance(predict, str) or predict not in known:
        raise ValueError(f"{who}: predict must be one of {', '.join(known)}; got {predict!r}")
    x = table_of(table, who)
    return x.T if predict == "rows" else x


def _measure(
    x: np.ndarray, value: float, gradient: np.ndarray, tied: bool, level: float
) -> Measure:
    """The measure f(p) with the delta method's variance, (Σ p g² − (Σ p g)²)/n, g = ∂f/∂p.

    f depends on proportions alone, so that a constant added to g changes nothing.
    """
    from scipy.special import ndtri

    if value in (0.0, 1.0):
        note = f"no asymptotic law holds at {value:.0f}, and no interval but all of [0, 1]"
        return Measure(value, 0.0, 1.0, level, None, "none", note)
    n = float(x.sum())
    centred = gradient - float((gradient * (x / n)).sum())
    error = math.sqrt(float((centred**2 * (x / n)).sum()) / n)
    reach = float(ndtri((1 + level) / 2)) * error
    note = "labels are tied for the most frequent one: the interval is rough" if tied else ""
    bounds = max(value - reach, 0.0), min(value + reach, 1.0)
    return Measure(value, *bounds, level, error, "delta method", note)


def _lambda(x: np.ndarray, both: bool) -> tuple[float, np.ndarray, bool]:
    """λ, its gradient (that of a maximum is 1 where the maximum is), whether one is tied."""
    best, mode, tied = _modes(x)
    if both:
        best_row, mode_row, tied_row = _modes(x.T)
        best, mode, tied = best + best_row.T, mode + mode_row.T, tied or tied_row
    right, known = float((x * mode).sum()), float((x * best).sum())
    n = float(x.sum())
    wrong = (2 if both else 1) * n - right
    value = _exact_ends((known - right) / wrong)
    return value, (best - mode * (1 - value)) * (n / wrong), tied


def _modes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Indicators of each row's largest entry and of the largest column; whether any is tied."""
    columns = x.sum(0)
    best, mode = np.zeros_like(x), np.zeros_like(x)
    best[np.arange(len(x)), x.argmax(1)] = 1
    mode[:, columns.argmax()] = 1
    ties = [int((row == row.max()).sum()) > 1 for row in (*x, columns)]
    return best, mode, any(ties)


def _tau(x: np.ndarray) -> tuple[float, np.ndarray]:
    """τ and its gradient; what is explained as a sum of squares, Σ (pᵢⱼ − pᵢ₊p₊ⱼ)²/pᵢ₊."""
    n = float(x.sum())
    rows, columns = x.sum(1, keepdims=True), x.sum(0) / n
    unexplained = float((columns * (1 - columns)).sum())
    value = _exact_ends(float((differences(x) ** 2 / rows).sum()) / n / unexplained)
    slope = 2 * x / rows - ((x / rows) ** 2).sum(1, keepdims=True)
    return value, (slope - 2 * columns * (1 - value)) / unexplained


def _exact_ends(value: float) -> float:
    """A share, 0 or 1 where it differs from these by rounding alone."""
    if value < 64 * _EPS:
        return 0.0
    return 1.0 if value > 1 - 64 * _EPS else value
