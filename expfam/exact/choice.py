"""Which method a p-value comes from, and why: exact, simulated or by χ²."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from expfam import sampling
from expfam.exact.halves import OverBudget
from expfam.exact.problems import LARGEST, Problem
from expfam.power_divergence import STATISTICS, chi_square_tail

METHODS = ("auto", "exact", "monte_carlo", "asymptotic")
BUDGET = 4_000_000  # half-outcomes; a million take about a third of a second
DRAWS = 9_999
SMALL = 5  # expected counts below this make the χ² approximation doubtful (Cochran 1954)


class Result(NamedTuple):
    """What a test says, and why it was done so.

    statistic, pvalue: numbers. df: degrees of freedom. method: "exact", "monte_carlo" or
    "asymptotic". exact: whether p is exact. se: the standard error of a simulated p, else None.
    reason: a sentence.
    """

    statistic: float
    pvalue: float
    df: int
    method: str
    exact: bool
    se: float | None
    reason: str


def check_options(who: str, statistic: Any, method: Any, draws: Any, budget: Any) -> None:
    """Errors: ValueError for an unknown statistic or method, for numbers that are not positive."""
    for name, given, known in (
        ("statistic", statistic, STATISTICS),
        ("method", method, METHODS),
    ):
        if not isinstance(given, str) or given not in known:
            raise ValueError(f"{who}: {name} must be one of {', '.join(known)}; got {given!r}")
    for name, number in (("draws", draws), ("budget", budget)):
        if isinstance(number, bool) or not hasattr(number, "__index__"):
            raise TypeError(f"{who}: {name} must be a positive integer; got {number!r}")
        if operator.index(number) < 1:
            raise ValueError(f"{who}: {name} must be a positive integer; got {number}")
    if statistic == "probability" and method == "asymptotic":
        raise ValueError(
            f"{who}: the probability of an outcome has no χ² approximation; use exact or "
            "monte_carlo, or another statistic"
        )


def decide(
    who: str,
    problems: Sequence[Problem],
    statistic: str,
    method: str = "auto",
    rng: Any = None,
    draws: int = DRAWS,
    budget: int = BUDGET,
) -> list[Result]:
    """The results of problems that belong together: all by one method, within one budget."""
    lambda_ = STATISTICS[statistic].lambda_
    whole = all((problem.x == np.floor(problem.x)).all() for problem in problems)
    if not whole and (method in ("exact", "monte_carlo") or lambda_ is None):
        way = statistic if lambda_ is None else method
        raise ValueError(f"{who}: {way} needs whole counts; fractional ones have method=asymptotic")
    why = "" if whole else "counts are fractional; "
    if whole and method in ("auto", "exact"):
        try:
            return _exact(problems, lambda_, budget)
        except OverBudget:
            why = f"exact would take {_work(problems, budget)}, over the budget of {budget:,}; "
            if method == "exact":
                raise ValueError(
                    f"{who}: {why}use method=monte_carlo, asymptotic or auto, or a larger budget"
                ) from None
    if method == "auto":
        expected = np.concatenate([problem.expected.ravel() for problem in problems])
        few = int((expected < SMALL).sum())
        drawn = not any(problem.too_large for problem in problems)
        simulate = whole and (lambda_ is None or (few > 0 and drawn))
        method = "monte_carlo" if simulate else "asymptotic"
        if few:
            why += f"{few} of {expected.size} expected counts below {SMALL}; "
        elif not simulate:
            why += f"every expected count is at least {SMALL}; "
    if method == "asymptotic":
        return _asymptotic(problems, lambda_, why.removesuffix("; "))
    stream = sampling.stream(0 if rng is None else rng)
    if any(problem.too_large for problem in problems):
        raise ValueError(f"{who}: monte_carlo draws tables of at most {LARGEST:,} counts")
    reason = f"{why}{draws:,} draws, {seed_of(rng)}"
    results = []
    for problem in problems:
        pvalue, se = problem.simulated(lambda_, draws, stream)
        value = problem.statistic(lambda_)
        results.append(Result(value, pvalue, problem.df, "monte_carlo", False, se, reason))
    return results


def seed_of(rng: Any) -> str:
    """Where the draws come from, in words."""
    if rng is None or hasattr(rng, "__index__"):
        return f"seed {0 if rng is None else operator.index(rng)}"
    return "the generator given"


def _exact(problems: Sequence[Problem], lambda_: float | None, budget: int) -> list[Result]:
    within, results = f"within the budget of {budget:,}", []
    for problem in problems:
        pvalue, steps = problem.exact(lambda_, budget)
        if problem.impossible:
            reason = "a category of probability 0 was counted"
        elif problem.df == 0:
            reason = "one category is left: nothing to test"
        elif steps == 0:
            reason = "no outcome is less extreme"
        else:
            outcomes = _number(problem.outcomes(budget))
            reason = f"{outcomes} outcomes in {steps:,} half-outcomes, {within}"
        budget -= steps
        value = problem.statistic(lambda_)
        results.append(Result(value, pvalue, problem.df, "exact", True, None, reason))
    return results


def _asymptotic(problems: Sequence[Problem], lambda_: float | None, reason: str) -> list[Result]:
    values = [problem.statistic(lambda_) for problem in problems]
    return [
        Result(
            value,
            float(chi_square_tail(value, problem.df)),
            problem.df,
            "asymptotic",
            False,
            None,
            reason,
        )
        for problem, value in zip(problems, values, strict=True)
    ]


def _work(problems: Sequence[Problem], budget: int) -> str:
    """How many half-outcomes, in words."""
    if max(problem.n for problem in problems) >= budget:
        return f"more than {budget:,} half-outcomes"
    digits = max(problem.half_outcomes() for problem in problems)
    ways = f"{10**digits:.2g}" if digits < 300 else f"1e+{digits:.0f}"
    return f"up to {ways} half-outcomes"


def _number(value: float) -> str:
    return f"{int(value):,}" if value < 1e15 else f"{value:.1e}"
