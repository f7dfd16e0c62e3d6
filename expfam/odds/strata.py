"""2 × 2 tables of strata: their common odds ratio, whether it is 1, and whether it is common."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.intervals import check_level
from expfam.odds.law import conditional, conditional_law, law_at
from expfam.odds.result import OddsRatio, at_end, tables_2x2
from expfam.power_divergence import chi_square_tail


@dataclass(frozen=True)
class Homogeneity:
    """The test that all strata have one odds ratio; names are those of scipy."""

    statistic: float
    df: int
    pvalue: float
    method: str


@dataclass(frozen=True)
class MantelHaenszel:
    """What 2 × 2 tables of strata say together.

    odds_ratio: the common one by Mantel and Haenszel. statistic, df, pvalue: the test that it
    is 1. continuity: whether a half was taken off. homogeneity: whether it is common, or None
    where that cannot be asked. exact, exact_pvalue: the conditional estimate and test, or None.
    strata: how many are used. notes: what was left out, and why.
    """

    odds_ratio: OddsRatio
    statistic: float
    df: int
    pvalue: float
    continuity: bool
    homogeneity: Homogeneity | None
    exact: OddsRatio | None
    exact_pvalue: float | None
    strata: int
    notes: tuple[str, ...]


def mantel_haenszel(tables: Any, level: float = 0.95, continuity: bool = True) -> MantelHaenszel:
    """The odds ratio common to 2 × 2 tables of strata, and the test that it is 1.

    θ̂ = Σ(ad/n) / Σ(bc/n), with the interval of log θ̂ by Robins, Breslow and Greenland. The test
    is (|Σ(a − E a)| − ½)²/ΣVar a, all margins given; continuity=False takes no half off. exact is
    the estimate of most likelihood given the margins with its exact interval, exact_pvalue the
    probability of all Σa no more likely than the one that came, were θ = 1.

    tables: (S, 2, 2), [[a, b], [c, d]] each. One with an empty row or column says nothing of the
    odds ratio and is left out, and a note says so.
    Errors: ValueError for bad counts, for tables that say nothing all, for a bad level.
    Source: Mantel & Haenszel (1959), J. Natl. Cancer Inst. 22: 719–748; Robins, Breslow &
    Greenland (1986), Biometrics 42: 311–323; Breslow & Day (1980), sections 4.4 and 7.

    >>> result = mantel_haenszel([[[8, 2], [4, 6]], [[9, 1], [5, 5]]])
    >>> round(result.odds_ratio.value, 4), round(result.pvalue, 4)
    (7.1538, 0.023)
    """
    level = check_level(level, "mantel_haenszel")
    given = tables_2x2(tables, "mantel_haenszel", 3)
    x = informative(given, "mantel_haenszel")
    notes = []
    if lost := len(given) - len(x):
        verb = "has" if lost == 1 else "have"
        notes.append(
            f"{lost} of {len(given)} strata {verb} an empty row or column, or a total of at most "
            "1, and say nothing of the odds ratio: left out"
        )
    exact: OddsRatio | None = None
    exact_pvalue: float | None = None
    try:
        exact, exact_pvalue = _exact(x, level)
    except ValueError as reason:  # counts that are not whole, or too large
        notes.append(str(reason))
    common = _common(x, level, exact)
    statistic, corrected = _test(x, continuity)
    homogeneity = None
    if len(x) == 1:
        notes.append("one stratum: there is no other to have the same odds ratio")
    elif 0 < common.value < math.inf:
        homogeneity = breslow_day(x)
    else:
        notes.append("with a common odds ratio of 0 or ∞ the Breslow–Day test has no expectations")
    return MantelHaenszel(
        odds_ratio=common,
        statistic=statistic,
        df=1,
        pvalue=float(chi_square_tail(statistic, 1)),
        continuity=corrected,
        homogeneity=homogeneity,
        exact=exact,
        exact_pvalue=exact_pvalue,
        strata=len(x),
        notes=tuple(notes),
    )


def breslow_day(tables: Any, tarone: bool = True) -> Homogeneity:
    """Whether strata have one odds ratio: Σ(a − A)²/V, with A and V fitted to the common one.

    A is the first count of the table that has the margins of the stratum and the odds ratio of
    Mantel and Haenszel, V = 1/(1/A + 1/B + 1/C + 1/D). tarone: less (Σ(a − A))²/ΣV, as the
    common odds ratio is not the one of most likelihood. df: strata − 1.
    Errors: ValueError for bad counts, fewer than two strata that are informative, a common odds
    ratio of 0 or ∞.
    Source: Breslow & Day (1980), section 4.4; Tarone (1985), Biometrika 72: 91–95.

    >>> result = breslow_day([[[8, 2], [4, 6]], [[9, 1], [5, 5]]])
    >>> round(result.statistic, 4), result.df, round(result.pvalue, 4)
    (0.0647, 1, 0.7993)
    """
    x = informative(tables_2x2(tables, "breslow_day", 3), "breslow_day")
    theta = _common(x, 0.95, None).value
    if len(x) < 2 or not 0 < theta < math.inf:
        raise ValueError(
            "breslow_day: there must be two strata with a count in each row and column, and a "
            f"common odds ratio between 0 and ∞; there {'is 1' if len(x) == 1 else f'are {len(x)}'}"
            f" with {theta:.4g}"
        )
    fitted = _with_odds_ratio(x, theta)
    variance = 1 / (1 / fitted).sum((1, 2))
    difference = x[:, 0, 0] - fitted[:, 0, 0]
    statistic = float((difference**2 / variance).sum())
    if tarone:
        statistic = max(statistic - float(difference.sum() ** 2 / variance.sum()), 0.0)
    df = len(x) - 1
    method = "Breslow–Day, Tarone's correction" if tarone else "Breslow–Day"
    return Homogeneity(statistic, df, float(chi_square_tail(statistic, df)), method)


def informative(x: np.ndarray, who: str) -> np.ndarray:
    """The tables of which no row and no column is empty, and which have more than one count."""
    some = (x.sum(1) > 0).all(1) & (x.sum(2) > 0).all(1) & (x.sum((1, 2)) > 1)
    if not some.any():
        raise ValueError(f"{who}: in no stratum do both rows and both columns have counts")
    return x[some]


def _common(x: np.ndarray, level: float, exact: OddsRatio | None) -> OddsRatio:
    """Σ ad/n over Σ bc/n; at 0 and ∞, where its variance is not defined, with exact bounds."""
    from scipy.special import ndtri

    a, b, c, d = x.reshape(-1, 4).T
    n = x.sum((1, 2))
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    over, under = float(r.sum()), float(s.sum())
    if not over or not under:
        value = math.inf if over else 0.0
        lower, upper = (exact.lower, exact.upper) if exact else (0.0, math.inf)
        note = at_end(value, lower, upper) if exact else "no bound without the exact method"
        return OddsRatio(value, lower, upper, level, "Mantel–Haenszel", note)
    variance = (
        float((p * r).sum()) / (2 * over**2)
        + float((p * s + q * r).sum()) / (2 * over * under)
        + float((q * s).sum()) / (2 * under**2)
    )
    value, reach = over / under, math.exp(float(ndtri((1 + level) / 2)) * math.sqrt(variance))
    return OddsRatio(value, value / reach, value * reach, level, "Mantel–Haenszel")


def _test(x: np.ndarray, continuity: bool) -> tuple[float, bool]:
    """The statistic, and whether half a count was taken off, which a smaller sum has not."""
    n, rows, columns = x.sum((1, 2)), x.sum(2), x.sum(1)
    difference = abs(float((x[:, 0, 0] - rows[:, 0] * columns[:, 0] / n).sum()))
    variance = float((rows.prod(1) * columns.prod(1) / (n**2 * (n - 1))).sum())
    corrected = bool(continuity) and difference >= 0.5
    return (difference - 0.5 * corrected) ** 2 / variance, corrected


def _exact(x: np.ndarray, level: float) -> tuple[OddsRatio, float]:
    first, log_weights = conditional_law(x, "mantel_haenszel")
    p = law_at(log_weights, 0.0)
    came = p[int(x[:, 0, 0].sum()) - first]
    pvalue = float(p[p <= came * (1 + 1e-7)].sum())
    return conditional(x, level, "mantel_haenszel"), min(pvalue, 1.0)


def _with_odds_ratio(x: np.ndarray, theta: float) -> np.ndarray:
    """The tables that have the margins of x and all the odds ratio θ.

    A is the root of (1 − θ)A² + hA = θ·a₁·t, h = a₂ − t + θ(a₁ + t), that leaves all four counts
    positive, in the form that keeps its digits.
    """
    a1, a2, t = x[:, 0].sum(1), x[:, 1].sum(1), x[:, :, 0].sum(1)
    h, product = a2 - t + theta * (a1 + t), theta * a1 * t
    root = np.sqrt(h**2 + 4 * (1 - theta) * product)
    positive = h >= 0  # else θ < 1
    a = np.where(positive, 2 * product, root - h) / np.where(positive, root + h, 2 * (1 - theta))
    return np.stack([a, a1 - a, t - a, a2 - t + a], -1).reshape(-1, 2, 2)
