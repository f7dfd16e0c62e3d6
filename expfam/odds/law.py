"""The exact law of the first count given all margins, of one 2 × 2 table or of the sum of many."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from expfam.odds.result import OddsRatio, at_end

_MOST = 200_000  # values that the sum may take: a second or so
_TERMS = 50_000_000  # terms of a convolution: about a second


def conditional(tables: np.ndarray, level: float, who: str) -> OddsRatio:
    """The odds ratio common to tables (S, 2, 2), estimated given all margins.

    The estimate of most likelihood has the expectation of Σa equal to what came.
    """
    first, log_weights = conditional_law(tables, who)
    t = int(tables[:, 0, 0].sum())
    place, last = t - first, len(log_weights) - 1
    tail = (1 - level) / 2
    lower = 0.0 if place == 0 else _solve(log_weights, lambda p: p[place:].sum() - tail)
    upper = (
        math.inf if place == last else _solve(log_weights, lambda p: tail - p[: place + 1].sum())
    )
    if 0 < place < last:
        steps = np.arange(-place, last - place + 1.0)
        value = _solve(log_weights, lambda p: float(p @ steps))
    else:
        value = 0.0 if place == 0 else math.inf
    return OddsRatio(value, lower, upper, level, "exact", at_end(value, lower, upper))


def conditional_law(tables: np.ndarray, who: str) -> tuple[int, np.ndarray]:
    """The least Σa that the margins allow, and log h of it and all greater ones."""
    if not (tables == np.floor(tables)).all():
        raise ValueError(f"{who}: the exact method needs whole counts; these are not")
    first, law = 0, np.zeros(1)
    for table in tables:
        least, weights = _stratum_law(table, who)
        first, law = first + least, _convolved(law, weights, who)
    return first, law - law.max()


def _stratum_law(table: np.ndarray, who: str) -> tuple[int, np.ndarray]:
    """log C(a₁, a)·C(a₂, t − a), up to a constant, by its ratios: these keep their digits."""
    a1, a2 = table.sum(1)
    t = table[:, 0].sum()
    least, most = max(0.0, t - a2), min(a1, t)
    _check_size(most - least + 1, _MOST, "values", who)
    a = np.arange(least, most)
    ratios = np.log((a1 - a) / (a + 1)) + np.log((t - a) / (a2 - t + a + 1))
    place = int(np.searchsorted(-ratios, 0.0))  # of the mode: sums start there
    above, below = np.cumsum(ratios[place:]), -np.cumsum(ratios[:place][::-1])[::-1]
    return int(least), np.concatenate([below, [0.0], above])


def _convolved(a: np.ndarray, b: np.ndarray, who: str) -> np.ndarray:
    if len(a) > len(b):
        a, b = b, a
    _check_size(len(a) + len(b) - 1, _MOST, "values", who)
    _check_size(float(len(a)) * len(b), _TERMS, "terms", who)
    if len(a) == 1:
        return b + a[0]
    law = np.full(len(a) + len(b) - 1, -np.inf)
    for place, weight in enumerate(a):
        part = law[place : place + len(b)]
        np.logaddexp(part, b + weight, out=part)
    return law


def _check_size(size: float, most: int, what: str, who: str) -> None:
    if size > most:
        raise ValueError(
            f"{who}: the exact method takes up to {most:,} {what}; these counts have {size:,.0f}"
        )


def law_at(log_weights: np.ndarray, eta: float) -> np.ndarray:
    """The probabilities of the family's member e^η."""
    exponents = log_weights + eta * np.arange(len(log_weights))
    p = np.exp(exponents - exponents.max())
    return p / p.sum()


def _solve(log_weights: np.ndarray, increasing: Callable[[np.ndarray], float]) -> float:
    """The odds ratio e^η at which a function of the law, increasing in η, is 0."""
    from scipy.optimize import brentq

    def at(eta: float) -> float:
        return float(increasing(law_at(log_weights, eta)))

    low, high = -1.0, 1.0
    while at(low) > 0:
        low *= 2
    while at(high) < 0:
        high *= 2
    return math.exp(brentq(at, low, high, xtol=1e-13, rtol=1e-14))
