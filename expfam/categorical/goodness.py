"""A fit against given probabilities: the test and its result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.categorical import parametric
from expfam.categorical.given import read_p0
from expfam.categorical.labelled import group_index
from expfam.exact import goodness_problem
from expfam.exact.choice import BUDGET, DRAWS, SMALL, Result, check_options, decide
from expfam.power_divergence import STATISTICS
from expfam.tables.labels import some
from expfam.writing.page import probability

if TYPE_CHECKING:
    import pandas as pd

    from expfam.categorical import CategoricalFit


@dataclass(frozen=True, eq=False, repr=False)
class GoodnessOfFit:
    """The result of a test of given probabilities; names are those of scipy.

    statistic, pvalue: numbers, or with groups Series by group. df: degrees of freedom.
    method: the statistic and how p was found. exact: whether p is exact. se: the standard error
    of a simulated p (with groups a Series), else None. expected: n·p0, labelled as the counts
    are. notes: what to know. parameters: the estimates of a hypothesis that has some, by name.
    """

    statistic: Any
    pvalue: Any
    df: int
    method: str
    exact: bool
    se: Any
    expected: pd.Series | pd.DataFrame
    notes: tuple[str, ...]
    parameters: Any = None

    @property
    def text(self) -> str:
        """The result in a line, or a line per group, and the notes."""
        if isinstance(self.statistic, float):
            lines = [_line(self.statistic, self.df, self.pvalue, self.se)]
            if self.parameters is not None:
                lines += [_estimates(self.parameters)]
        else:
            index = self.statistic.index
            se: Any = [None] * len(index) if self.se is None else self.se
            rows = zip(index, self.statistic, self.pvalue, se, strict=True)
            lines = [f"{group}: {_line(value, self.df, p, e)}" for group, value, p, e in rows]
            if self.parameters is not None:
                pairs = self.parameters.iterrows()
                lines += [f"{group}: {_estimates(row)}" for group, row in pairs]
        return "\n".join([self.method, *lines, *self.notes])

    def __repr__(self) -> str:
        return self.text


def _line(statistic: float, df: int, pvalue: float, se: float | None) -> str:
    sign = "= " if pvalue else ""
    error = "" if se is None else f" (standard error {se:.2g})"
    return f"statistic = {statistic:.6g}, df = {df}, p {sign}{probability(pvalue)}{error}"


def _estimates(parameters: pd.Series) -> str:
    return ", ".join(f"{name} = {value:.7g}" for name, value in parameters.items())


def goodness(
    fit: CategoricalFit,
    p0: Any,
    statistic: str,
    ratio: bool,
    method: str,
    *,
    start: Any,
    rng: Any,
    draws: int | None,
    budget: int | None,
) -> GoodnessOfFit:
    """`CategoricalFit.test`."""
    budget = BUDGET if budget is None else budget
    check_options("test", statistic, method, 1 if draws is None else draws, budget)
    rows = fit.table.counts.reshape(-1, len(fit.categories)).astype(np.float64)
    hypothesis = parametric.read(p0, start, fit.categories, ratio)
    if hypothesis is not None:
        tested = parametric.results(hypothesis, rows, statistic, method, rng, draws)
        given, results = tested.probabilities, tested.results
    else:
        given = np.broadcast_to(read_p0(p0, fit.categories, ratio), rows.shape)
        problems = [goodness_problem(*pair) for pair in zip(rows, given, strict=True)]
        results = decide("test", problems, statistic, method, rng, draws or DRAWS, budget)
    expected = rows.sum(-1, keepdims=True) * given
    values = {
        name: fit._by_group(
            np.reshape([getattr(result, name) for result in results], fit._total.shape), name
        )
        for name in ("statistic", "pvalue")
    }
    simulated = results[0].se is not None
    return GoodnessOfFit(
        **values,
        df=results[0].df,
        method=_method(statistic, results, hypothesis is not None),
        exact=results[0].exact,
        se=fit._by_group(np.reshape([r.se for r in results], fit._total.shape), "se")
        if simulated
        else None,
        expected=fit._by_label(expected.reshape(fit.table.counts.shape), "expected"),
        notes=_notes(fit, given, expected, statistic, results),
        parameters=None if hypothesis is None else _parameters(fit, tested),
    )


def _method(statistic: str, results: list[Result], fitted: bool) -> str:
    """The statistic, how p was found, and why so where that was left to `auto`."""
    title, one = STATISTICS[statistic].title, results[0]
    reasons = {result.reason for result in results}
    reason = one.reason if len(reasons) == 1 else "all outcomes of each group, within the budget"
    if one.method == "exact":
        return f"{title}, exact: {reason}"
    if one.method == "monte_carlo":
        return f"{title}, {'parametric bootstrap' if fitted else 'Monte Carlo'}: {reason}"
    why = f" ({reason})" if reason else ""
    return f"{title}, χ² approximation with {_degrees(one.df)}{why}"


def _degrees(df: int) -> str:
    return f"{df} degree{'' if df == 1 else 's'} of freedom"


def _notes(
    fit: CategoricalFit,
    given: np.ndarray,
    expected: np.ndarray,
    statistic: str,
    results: list[Result],
) -> tuple[str, ...]:
    notes = []
    seen = fit.table.counts.reshape(given.shape).sum(0) > 0
    ruled_out = np.flatnonzero((given == 0).all(0))
    if unseen := [fit.categories[place] for place in ruled_out if not seen[place]]:
        notes.append(
            f"p0 = 0 and no counts: {some(unseen)}, left out with a degree of freedom each"
        )
    if met := [fit.categories[place] for place in ruled_out if seen[place]]:
        notes.append(f"p0 = 0 but counted: {some(met)}, which p0 rules out")
    infinite = [not result.statistic < math.inf for result in results]
    if statistic == "neyman" and any(infinite):
        notes.append("a count of 0 makes Neyman's statistic infinite: another one says more")
    possible = expected[given > 0]
    few = int((possible < SMALL).sum())
    if few and results[0].method == "asymptotic":
        verb, least = "is" if few == 1 else "are", possible.min()
        notes.append(
            f"{few} of {possible.size} expected counts {verb} below {SMALL} (the least is "
            f"{least:.3g}): the χ² approximation is rough"
        )
    return tuple(notes)


def _parameters(fit: CategoricalFit, tested: parametric.Tested) -> pd.Series | pd.DataFrame:
    """The estimates by name, with groups a frame of groups × names."""
    import pandas as pd

    if fit.table.groups is None:
        return pd.Series(tested.parameters[0], index=list(tested.names), name="parameters")
    return pd.DataFrame(tested.parameters, index=group_index(fit.table), columns=list(tested.names))
