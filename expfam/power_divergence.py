"""Tests of a given p0 against counts: Cressie and Read's power divergences, X² and G among them.

    2/(λ(λ+1)) Σ x ((x/m)^λ − 1),   m = n·p0

One formula; a statistic is a λ and one line in `STATISTICS`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import numbers, require

__all__ = [
    "STATISTICS",
    "Statistic",
    "chi_square_tail",
    "likelihood_ratio",
    "pearson",
    "power_divergence",
]

_NEAR = 0.25  # |x − m|/m, by |λ| where that is over 1, to which 28 terms hold all digits
_TERMS = 28
_NO_POWER = 1e-100  # nearer to 0 it leaves the logarithm, to all digits


class Statistic(NamedTuple):
    """The λ of a power divergence, or None where outcomes are ordered by their probability."""

    lambda_: float | None
    title: str


STATISTICS = {
    "pearson": Statistic(1.0, "Pearson's X²"),
    "g": Statistic(0.0, "likelihood ratio G"),
    "cressie_read": Statistic(2 / 3, "Cressie and Read's statistic"),
    "neyman": Statistic(-2.0, "Neyman's statistic"),
    "freeman_tukey": Statistic(-0.5, "Freeman and Tukey's statistic"),
    "probability": Statistic(None, "−2 log of the probability of the counts"),
}


def power_divergence(counts: Any, p0: Any, lambda_: float) -> Any:
    """Cressie and Read's 2/(λ(λ+1)) Σ x ((x/m)^λ − 1), m = n·p0, with its limits at λ = 0 and −1.

    counts: (…, K), non-negative; p0: (K,) or (…, K), non-negative with the sum 1; λ: a finite
    number. A category of p0 = 0 adds nothing when its count is 0, else the statistic is ∞; a
    count of 0 makes it ∞ for λ ≤ −1. Never negative. Result: (…).
    Errors: ValueError for bad counts, a bad p0, shapes that do not fit, a λ that is not finite.
    Source: Cressie and Read (1984), J. R. Statist. Soc. B 46: 440–464.

    >>> round(float(power_divergence([315, 108, 101, 32], np.array([9, 3, 3, 1]) / 16, 2 / 3)), 6)
    0.471799
    """
    if not np.isfinite(lambda_):
        raise ValueError(f"power_divergence: lambda_ must be finite; got {lambda_}")
    x, expected = _both(counts, p0, "power_divergence")
    return divergence_terms(x, expected, float(lambda_)).sum(-1)[()]


def pearson(counts: Any, p0: Any) -> Any:
    """Pearson's X² = Σ (x − n·p0)² / n·p0, the score test of p = p0; λ = 1.

    Shapes, zeros and errors are those of `power_divergence`.
    Source: Pearson (1900), Phil. Mag. 50: 157–175.

    >>> round(float(pearson([315, 108, 101, 32], np.array([9, 3, 3, 1]) / 16)), 6)
    0.470024
    """
    x, expected = _both(counts, p0, "pearson")
    return divergence_terms(x, expected, 1.0).sum(-1)[()]


def likelihood_ratio(counts: Any, p0: Any) -> Any:
    """G = 2 Σ x log(x / n·p0), twice the log-likelihood ratio of p̂ to p0; λ = 0.

    Shapes, zeros and errors are those of `power_divergence`.
    Source: Wilks (1938), Ann. Math. Statist. 9: 60–62.

    >>> round(float(likelihood_ratio([315, 108, 101, 32], np.array([9, 3, 3, 1]) / 16)), 6)
    0.475445
    """
    x, expected = _both(counts, p0, "likelihood_ratio")
    return divergence_terms(x, expected, 0.0).sum(-1)[()]


def divergence_terms(x: np.ndarray, mean: np.ndarray, lambda_: float) -> np.ndarray:
    """The term ≥ 0 of each count x of mean m, whose sum is the statistic as Σx = Σm. No checks.

    Less λ(x − m), which adds to nothing, a term with u = x/m − 1 is 2m ((1 + u)^(λ+1) − 1 −
    (λ+1) u)/(λ(λ+1)), the remainder of Taylor's formula:

        2m ∫₀ᵘ (u − t)(1 + t)^(λ−1) dt = 2 m u² Σⱼ C(λ−1, j) uʲ / ((j+1)(j+2)).

    The series serves small u, where the difference would cancel, and has no limits to take.
    """
    with np.errstate(all="ignore"):
        u = (x - mean) / mean
        near = np.abs(u) <= _NEAR / max(1.0, abs(lambda_))
        small = np.where(near, u, 0.0)
        series = np.zeros_like(small)
        for weight in _series(lambda_)[::-1]:
            series = series * small + weight
        value = np.where(near, mean * small * small * series, _far(x, mean, lambda_))
        return np.where(mean > 0, 2 * value, np.where(x > 0, np.inf, 0.0))


def _series(lambda_: float) -> np.ndarray:
    """C(λ−1, j) / ((j+1)(j+2))."""
    j = np.arange(_TERMS)
    return np.cumprod(np.append(1.0, (lambda_ - j[1:]) / j[1:])) / ((j + 1) * (j + 2))


def _far(x: np.ndarray, mean: np.ndarray, lambda_: float) -> np.ndarray:
    """m·((1 + u)^(λ+1) − 1 − (λ+1) u)/(λ(λ+1)), 1 + u = x/m, without a small divisor.

    With E(t) = ((x/m)^t − 1)/t it is (x E(λ) − (x − m))/(λ+1) = (m E(λ+1) − (x − m))/λ.
    """
    gap = x - mean
    if lambda_ > -0.5:
        return (np.where(x > 0, x * _box_cox(x, mean, lambda_), 0.0) - gap) / (lambda_ + 1)
    return (mean * _box_cox(x, mean, lambda_ + 1) - gap) / lambda_


def _box_cox(x: np.ndarray, mean: np.ndarray, power: float) -> np.ndarray:
    """((x/m)^t − 1)/t, which is log(x/m) at t = 0 (Box and Cox 1964, equation 1)."""
    u, ratio = (x - mean) / mean, x / mean
    seen = (ratio > 0) & (ratio < np.inf)  # or else it has underflowed or overflown
    log = np.where(seen, np.log(ratio), np.log(x) - np.log(mean))
    log = np.where(np.abs(u) < 0.5, np.log1p(u), log)
    if abs(power) < _NO_POWER:
        return log
    direct = seen & (np.abs(u) >= 0.5)
    far = np.where(direct, ratio**power, np.exp(power * log)) - 1
    return np.where(np.abs(power * log) < 1, np.expm1(power * log), far) / power


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
    x = numbers(counts, who, "counts")
    p = numbers(p0, who, "p0")
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
