"""The odds ratio of one table, with exact and profile-likelihood intervals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam.deviances import deviance_of_difference
from expfam.intervals import check_level
from expfam.odds.law import conditional
from expfam.odds.result import OddsRatio, at_end, table_2x2

METHODS = ("exact", "profile")


def sample(table: Any) -> float:
    """The sample odds ratio ad/bc, the estimate of most likelihood; 0 or ∞ where a count is 0.

    Errors: ValueError for bad counts, and for a row or column without one.

    >>> sample([[10, 2], [3, 15]])
    25.0
    >>> sample([[10, 0], [3, 15]])
    inf
    """
    (a, b), (c, d) = table_2x2(table, "sample").tolist()
    return (a / b) * (d / c) if b and c else math.inf


def odds_ratio(table: Any, level: float = 0.95, method: str = "exact") -> OddsRatio:
    """The odds ratio with its interval.

    table: (2, 2), of which no row and no column is empty. method: "exact", the conditional
    estimate of most likelihood with Cornfield's interval, which covers at least the level (both
    tails of the noncentral hypergeometric law are (1 − level)/2 at its ends; whole counts), or
    "profile", the sample odds ratio with all that the likelihood ratio does not reject.
    A count of 0 makes the odds ratio 0 or ∞: one bound is this end, the other is finite.
    Errors: ValueError for bad counts, an empty row or column, an unknown method, a bad level.
    Source: Cornfield (1956), Proc. Third Berkeley Symp. 4: 135–148; Fisher (1935), J. R. Stat.
    Soc. 98: 39–54; Venzon & Moolgavkar (1988), Appl. Statist. 37: 87–94.

    >>> result = odds_ratio([[10, 2], [3, 15]])  # Fisher's twins
    >>> round(result.value, 4), round(result.lower, 4), round(result.upper, 4)
    (21.3053, 2.7534, 301.4623)
    >>> print(odds_ratio([[10, 0], [3, 15]]).note)
    a count is 0, so that the odds ratio is infinite; it is above 6.08
    """
    x, level = table_2x2(table, "odds_ratio"), check_level(level, "odds_ratio")
    if not isinstance(method, str) or method not in METHODS:
        names = ", ".join(METHODS)
        raise ValueError(f"odds_ratio: method must be one of {names}; got {method!r}")
    if method == "exact":
        return conditional(x[None], level, "odds_ratio")
    return _profile(x, level)


def _profile(x: np.ndarray, level: float) -> OddsRatio:
    """All odds ratios of tables with these margins that G does not tell from what came.

    Of all tables with a given odds ratio, the most likely one has the margins of the counts: it
    is x + δ·[[1, −1], [−1, 1]]. G grows with δ on both sides of 0.
    """
    from scipy.optimize import brentq
    from scipy.special import chdtri

    signs = np.array([[1.0, -1.0], [-1.0, 1.0]])
    limit = float(chdtri(1, 1 - level))

    def excess(delta: float) -> float:
        fitted = np.maximum(x + delta * signs, 0.0)
        return 2 * float(deviance_of_difference(x, fitted, -delta * signs).sum()) - limit

    def bound(side: int) -> float:
        """Up to where a count would be 0: there G is infinite, if the count is not 0 now."""
        (a, b), (c, d) = x.tolist()
        far = min(b, c) if side > 0 else min(a, d)
        if far == 0:
            return math.inf if side > 0 else 0.0
        step = far / 2
        while excess(side * (far - step)) < 0:
            step /= 2
        delta = brentq(excess, 0.0, side * (far - step), xtol=1e-14 * far, rtol=1e-14)
        return sample(x + delta * signs)

    lower, upper, value = bound(-1), bound(1), sample(x)
    return OddsRatio(value, lower, upper, level, "profile", at_end(value, lower, upper))
