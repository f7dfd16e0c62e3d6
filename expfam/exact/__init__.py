"""Exact p-values of statistics that add over categories: goodness of fit and r × c tables.

One algorithm (`halves`) for all: half of the categories meets the other half. Beyond a budget of
half-outcomes there are simulation and the χ² approximation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import numbers, require
from expfam.exact.choice import BUDGET, DRAWS, METHODS, Result, check_options, decide
from expfam.exact.problems import Problem

__all__ = ["METHODS", "Result", "goodness_of_fit", "independence"]


def goodness_of_fit(
    counts: Any,
    p0: Any,
    statistic: str = "pearson",
    method: str = "auto",
    rng: Any = None,
    *,
    draws: int = DRAWS,
    budget: int = BUDGET,
) -> Result:
    """Whether counts agree with given probabilities: P(S ≥ s) of n draws from p0.

    counts, p0: (K,), p0 with the sum 1. statistic: a name in `power_divergence.STATISTICS`;
    "probability" orders outcomes by their probability. method: "exact", all outcomes; in time
    about √ of their number; "monte_carlo", (1 + b)/(1 + draws); "asymptotic", χ²; "auto", exact
    within the budget of half-outcomes, else χ² where every expected count is at least 5, else
    Monte Carlo. Statistics that agree to 1e-9, relatively, are ties. rng: an int seed or a numpy
    Generator; None is the seed 0, so that a p-value is the same twice.
    A category of p0 = 0 without counts is left out; with counts p is 0.
    Errors: ValueError for bad counts or p0, for fractional counts unless asymptotic, for exact
    beyond the budget, for unknown names.

    >>> result = goodness_of_fit([5, 2, 1], [0.25, 0.5, 0.25])
    >>> round(result.statistic, 12), round(result.pvalue, 12), result.reason
    (6.0, 0.0595703125, '45 outcomes in 63 half-outcomes, within the budget of 4,000,000')
    """
    who = "goodness_of_fit"
    check_options(who, statistic, method, draws, budget)
    x, p = _counts(who, counts, 1), numbers(p0, who, "p0")
    if p.shape != x.shape:
        raise ValueError(f"{who}: p0 must have the shape of counts, {x.shape}; got {p.shape}")
    require((p >= 0) & (p < np.inf), who, "p0 must be non-negative and finite", p)
    require(np.abs(p.sum() - 1) <= 1e-9, who, "p0 must sum to 1", p.sum(), "sums to")
    problem = goodness_problem(x, p / p.sum())
    return decide(who, [problem], statistic, method, rng, draws, budget)[0]


def independence(
    table: Any,
    statistic: str = "pearson",
    method: str = "auto",
    rng: Any = None,
    *,
    draws: int = DRAWS,
    budget: int = BUDGET,
) -> Result:
    """Whether the rows and columns of a table are independent, both margins held fixed.

    table: (r, c) counts; the expectations are row sum · column sum / n, df = (r − 1)(c − 1).
    Rows and columns without counts are left out. "probability" is Fisher, Freeman and Halton's
    test, of 2 × 2 tables Fisher's. The rest is as for `goodness_of_fit`.
    Source: Fisher (1935); Freeman and Halton (1951), Biometrika 38: 141–149.

    >>> result = independence([[3, 1], [1, 3]], statistic="probability")
    >>> round(result.pvalue, 12) == round(34 / 70, 12)
    True
    """
    who = "independence"
    check_options(who, statistic, method, draws, budget)
    x = _counts(who, table, 2)
    problem, dropped = independence_problem(x)
    result = decide(who, [problem], statistic, method, rng, draws, budget)[0]
    return result._replace(reason=result.reason + dropped)


def goodness_problem(x: np.ndarray, p: np.ndarray) -> Problem:
    """Counts (K,) of probabilities (K,), in the order of these; p = 0 is left out."""
    order = np.lexsort((x, p))[int((p == 0).sum()) :]
    n = x.sum()
    rest = x[order][:, None]
    return Problem(
        rest, n * p[order][:, None], n[None], None, len(order) - 1, bool((x[p == 0] > 0).any())
    )


def independence_problem(table: np.ndarray) -> tuple[Problem, str]:
    """The columns of a table as categories, and what was left out, in words."""
    rows, columns = table.sum(1), table.sum(0)
    x = table[rows > 0][:, columns > 0].T
    rows, columns = rows[rows > 0], columns[columns > 0]
    df = (len(rows) - 1) * (len(columns) - 1)
    gone = [table.shape[0] - len(rows), table.shape[1] - len(columns)]
    words = [_plural(g, name) for g, name in zip(gone, ("row", "column"), strict=True) if g]
    left_out = f"; {' and '.join(words)} without counts left out" if words else ""
    order = np.lexsort((*x.T, columns))
    x, columns = x[order], columns[order]
    return Problem(x, np.outer(columns, rows / rows.sum()), rows, columns, df), left_out


def _counts(who: str, given: Any, axes: int) -> np.ndarray:
    if hasattr(given, "iloc"):
        raise TypeError(f"{who}: a bare array is wanted; labels are aligned by expfam.fit")
    x = numbers(given, who, "counts")
    if x.ndim != axes or not x.size:
        raise ValueError(f"{who}: counts must have {axes} axes and an entry; got shape {x.shape}")
    require((x >= 0) & (x < np.inf), who, "counts must be non-negative and finite", x)
    require(x.sum() > 0, who, "there must be at least one count", x.sum(), "sums to")
    return x


def _plural(number: int, name: str) -> str:
    return f"{number} {name}" + ("s" if number > 1 else "")
