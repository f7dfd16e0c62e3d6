"""Tests of a given p0 against counts: Pearson's X² (the score test) and G (the likelihood ratio).

A statistic is a function of (counts, p0) and one line in `STATISTICS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import real, require
from expfam.deviances import deviance

__all__ = ["STATISTICS", "Statistic", "chi_square_tail", "likelihood_ratio", "pearson"]


def pearson(counts: Any, p0: Any) -> Any:
    """Pearson's X² = Σ (x − n·p0)² / n·p0, the score test of p = p0.

    counts: (…, K), non-negative; p0: (K,) or (…, K), non-negative with the sum 1. A category of
    p0 = 0 adds nothing when its count is 0, else the statistic is ∞. Result: (…).
    Errors: ValueError for bad counts, a bad p0, shapes that do not fit.
    Source: Pearson (1900), Phil. Mag. 50: 157–175.

    >>> round(float(pearson([315, 108, 101, 32], np.array([9, 3, 3, 1]) / 16)), 6)
    0.470024
    """
    x, expected = _both(counts, p0, "pearson")
    possible = expected > 0
    terms = np.where(possible, (x - expected) ** 2 / np.where(possible, expected, 1.0), 0.0)
    return np.where(_impossible(x, expected), np.inf, terms.sum(-1))[()]


def likelihood_ratio(counts: Any, p0: Any) -> Any:
    """G = 2 Σ x log(x / n·p0), twice the log-likelihood ratio of p̂ to p0.

    As Σx = Σn·p0 it is twice the sum of Loader's deviances x log(x/m) + m − x, none of which is
    negative, so G is not either. Shapes, zeros and errors are those of `pearson`.
    Source: Wilks (1938), Ann. Math. Statist. 9: 60–62; Loader (2000), section 3.

    >>> round(float(likelihood_ratio([315, 108, 101, 32], np.array([9, 3, 3, 1]) / 16)), 6)
    0.475445
    """
    x, expected = _both(counts, p0, "likelihood_ratio")
    return (2 * np.asarray(deviance(x, expected)).sum(-1))[()]


class Statistic(NamedTuple):
    """A test statistic and the name that reports give it."""

    of: Callable[[Any, Any], Any]
    title: str


STATISTICS = {
    "pearson": Statistic(pearson, "Pearson's X²"),
    "g": Statistic(likelihood_ratio, "likelihood ratio G"),
}


def chi_square_tail(statistic: Any, df: Any) -> Any:
    """P(χ²_df ≥ statistic): the asymptotic p-value; of df = 0 it is 1 at 0 and 0 above.

    >>> round(float(chi_square_tail(3.841459, 1)), 6)
    0.05
    """
    from scipy.special import chdtrc

    statistic, df = np.asarray(statistic, dtype=np.float64), np.asarray(df)
    tail = chdtrc(np.maximum(df, 1), np.where(np.isfinite(statistic), statistic, 0.0))
    return np.where(df == 0, statistic <= 0, np.where(np.isfinite(statistic), tail, 0.0))[()]


def _both(counts: Any, p0: Any, who: str) -> tuple[np.ndarray, np.ndarray]:
    """Counts and their expectations n·p0, p0 brought to the sum 1 to the last digit."""
    for given, name in ((counts, "counts"), (p0, "p0")):
        if hasattr(given, "iloc"):
            raise TypeError(f"{who}: {name} must be a bare array; labels are aligned by fit.test")
    x = real(counts, who, "counts").astype(np.float64)
    p = real(p0, who, "p0").astype(np.float64)
    if not x.ndim or not p.ndim or x.shape[-1] != p.shape[-1]:
        raise ValueError(
            f"{who}: counts and p0 must have one entry a category; "
            f"got the shapes {x.shape} and {p.shape}"
        )
    require((x >= 0) & (x < np.inf), who, "counts must be non-negative and finite", x)
    require(p >= 0, who, "p0 must be non-negative", p)
    total = p.sum(-1, keepdims=True)
    require(np.abs(total - 1) <= 1e-9, who, "p0 must sum to 1", total, "sums to", "row")
    n = x.sum(-1)
    require(n > 0, who, "there must be at least one count", n, "sums to", "row")
    return x, n[..., None] * (p / total)


def _impossible(x: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return ((expected == 0) & (x > 0)).any(-1)
