"""Groups of a fit compared: tests, residuals, measures of association, pairs of groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, final

import numpy as np
import pandas as pd

from expfam import association, odds
from expfam.association.adjustment import check_adjustment
from expfam.categorical.homogeneity import notes_on, pairs_of, tested
from expfam.exact import METHODS, Result
from expfam.intervals import check_level
from expfam.tables.labels import some
from expfam.writing import markup, plain

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit
    from expfam.categorical.strata import StratifiedComparison
    from expfam.odds import OddsRatio
    from expfam.tables.ledger import Ledger
    from expfam.writing.page import Page


@final
@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Whether groups have one distribution, and where they differ.

    pearson, likelihood_ratio: the tests by X² and G (`expfam.exact.Result`), exact given the
    margins where that can be had in a second or so, else by χ², or by simulation where expected
    counts are small. method: what was asked for. level: of all intervals. adjustment: of the
    p-values of pairs. notes: what was left out, and what is rough.
    """

    _counts: pd.DataFrame
    pearson: Result
    likelihood_ratio: Result
    level: float
    adjustment: str
    method: str
    title: str
    ledger: Ledger
    notes: tuple[str, ...]
    rng: Any = None

    # ------------------------------------------------------------ cell by cell

    @property
    def counts(self) -> pd.DataFrame:
        """The counts that are compared: groups × categories, those that have any."""
        return self._counts.copy()

    @cached_property
    def _table(self) -> np.ndarray:
        return self._counts.to_numpy(dtype=np.float64)

    def _framed(self, values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, index=self._counts.index, columns=self._counts.columns)

    @property
    def expected(self) -> pd.DataFrame:
        """The counts to expect if all groups have one distribution; groups × categories."""
        return self._framed(association.expected(self._table))

    @property
    def residuals(self) -> pd.DataFrame:
        """Pearson's residuals, (count − expected)/√expected; their squares sum to X²."""
        return self._framed(association.residuals(self._table))

    @property
    def adjusted_residuals(self) -> pd.DataFrame:
        """Residuals with variance one (Haberman 1973): beyond ±2 a cell stands out, alone.

        >>> import expfam
        >>> alligators = expfam.fit("data/alligator.csv", "food", by="size", weights="count")
        >>> alligators.compare().adjusted_residuals.round(1)
        food   bird  fish  invert  other  reptile
        size
        large   1.4   1.2    -3.2   -0.3      2.3
        small  -1.4  -1.2     3.2    0.3     -2.3
        """
        return self._framed(association.adjusted_residuals(self._table))

    # ------------------------------------------------------------ as a whole

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Measures of association with their intervals: value, lower, upper, method, note.

        Cramér's V, as it is and corrected for bias, and the contingency coefficient; Goodman and
        Kruskal's λ and τ of guessing the category from the group and the group from the
        category, and the symmetric λ. `expfam.association` says how each is made.
        """
        rows = [of(self._table, level=self.level) for of in _MEASURES.values()]
        columns = {
            name: [getattr(row, name) for row in rows]
            for name in ("value", "lower", "upper", "method", "note")
        }
        return pd.DataFrame(columns, index=pd.Index(list(_MEASURES), name="measure"))

    def odds_ratio(
        self, method: str = "exact", groups: Any = None, categories: Any = None
    ) -> OddsRatio:
        """The odds of one category to another, in one group over another.

        method: "exact" or "profile", as in `expfam.odds.odds_ratio`. groups, categories: two
        labels each, in their order; where there are no more than two they need not be named.
        Errors: ValueError for other labels, and for a row or column of these without counts.

        >>> import expfam
        >>> alligators = expfam.fit("data/alligator.csv", "food", by="size", weights="count")
        >>> ratio = alligators.compare().odds_ratio(categories=["fish", "invert"])
        >>> round(ratio.value, 2), round(ratio.lower, 2), round(ratio.upper, 2)
        (2.57, 1.22, 5.58)
        """
        rows = _two(groups, self.counts.index, "groups")
        columns = _two(categories, self.counts.columns, "categories")
        return odds.odds_ratio(self._table[np.ix_(rows, columns)], self.level, method)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Each two groups by X²: statistic, df, pvalue, adjusted_pvalue, exact, Cramér's V.

        A category that neither group has is left out of their df. V is 0 for two groups that
        have one category alone, the same. With more than 200 pairs "auto" is χ² for all.
        """
        labels = self._counts.index.tolist()
        return pairs_of(self._table, labels, self.method, self.adjustment, self.rng)

    @property
    def aic(self) -> pd.Series:
        """AIC of one distribution for all groups and of one for each; the smaller is better.

        2·df − 2ℓ with ℓ the log-likelihood of the sequence, df = c − 1 and r·(c − 1) for r groups
        and the c categories with counts (Akaike 1974).
        """
        one, (groups, categories) = self._table.sum(0), self._table.shape
        logs = [_log_likelihood(row) for row in (one, *self._table)]
        df = categories - 1
        values = [2 * df - 2 * logs[0], 2 * groups * df - 2 * math.fsum(logs[1:])]
        return pd.Series(values, index=["one for all", "one per group"], name="aic")

    # ------------------------------------------------------------ what leaves

    def to_frame(self) -> pd.DataFrame:
        """Count, share of the group, expectation and residuals; a row per group and category."""
        values = {
            "count": self.counts,
            "share": self._framed(self._table / self._table.sum(1, keepdims=True)),
            "expected": self.expected,
            "residual": self.residuals,
            "adjusted_residual": self.adjusted_residuals,
        }
        index = self.counts.index
        keys = [label if index.nlevels > 1 else (label,) for label in index]
        rows = [(*key, label) for key in keys for label in self.counts.columns]
        names = [*index.names, self.counts.columns.name or "category"]
        return pd.DataFrame(
            {name: frame.to_numpy().ravel() for name, frame in values.items()},
            index=pd.MultiIndex.from_tuples(rows, names=names),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain lists, numbers and text; ±∞ is the text "Infinity"."""
        from expfam.categorical import comparison_page

        return comparison_page.comparison_dict(self)

    def to_json(self) -> str:
        """`to_dict` as JSON of RFC 8259: no NaN, no Infinity."""
        return markup.dumps(self.to_dict())

    def page(self) -> Page:
        """What is shown of it: `expfam.writing` makes text, HTML and LaTeX of a page."""
        from expfam.categorical import comparison_page

        return comparison_page.page(self)

    def __repr__(self) -> str:
        return plain.text(self.page(), 80)

    def _repr_html_(self) -> str:
        return markup.html(self.page())


_MEASURES: dict[str, Any] = {
    "cramers_v": association.cramers_v,
    "cramers_v_corrected": partial(association.cramers_v, corrected=True),
    "contingency_coefficient": association.contingency_coefficient,
    "lambda_category": partial(association.goodman_kruskal_lambda, predict="columns"),
    "lambda_group": partial(association.goodman_kruskal_lambda, predict="rows"),
    "lambda_symmetric": partial(association.goodman_kruskal_lambda, predict="both"),
    "tau_category": partial(association.goodman_kruskal_tau, predict="columns"),
    "tau_group": partial(association.goodman_kruskal_tau, predict="rows"),
}


def compare(
    fit: CategoricalFit, strata: Any, method: str, level: float, adjustment: str, rng: Any
) -> Comparison | StratifiedComparison:
    """`CategoricalFit.compare`."""
    from expfam import report
    from expfam.categorical.strata import stratified

    level = check_level(level, "compare")
    check_adjustment(adjustment)
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"compare: method must be one of {', '.join(METHODS)}; got {method!r}")
    if fit.groups is None:
        raise ValueError("compare: there must be groups; make the fit with by=")
    title = report.title(fit)
    empty = [group for group, part in fit.ledger.groups if group not in fit.groups]
    notes = [f"no labels left to count in the groups {some(empty)}: left out"] if empty else []
    settings = {"method": method, "level": level, "adjustment": adjustment, "rng": rng}
    if strata is not None:
        return stratified(fit, strata, title, notes, **settings)
    counts: Any = fit.counts
    return of_counts(counts, title, fit.ledger, notes, **settings)


def of_counts(
    counts: pd.DataFrame,
    title: str,
    ledger: Ledger,
    notes: Sequence[str] = (),
    *,
    method: str,
    level: float,
    adjustment: str,
    rng: Any,
) -> Comparison:
    """The comparison of the rows of a frame of groups × categories.

    Errors: ValueError unless two groups and two categories have counts.
    """
    x = counts.to_numpy(dtype=np.float64)
    groups, categories = np.asarray(x.any(1)), np.asarray(x.any(0))
    for any_left, labels, what in (
        (groups, counts.index, "groups"),
        (categories, counts.columns, "categories"),
    ):
        if any_left.sum() < 2:
            only = some(labels[any_left].tolist())
            raise ValueError(f"compare: two {what} must have counts; only {only} has any")
    kept = counts.iloc[np.flatnonzero(groups), np.flatnonzero(categories)]
    tests = [tested(x[groups][:, categories], name, method, rng, 1) for name in ("pearson", "g")]
    return Comparison(
        _counts=kept,
        pearson=tests[0],
        likelihood_ratio=tests[1],
        level=level,
        adjustment=adjustment,
        method=method,
        title=title,
        ledger=ledger,
        notes=(*notes, *notes_on(counts, groups, categories, tests, method)),
        rng=rng,
    )


def _two(labels: Any, known: pd.Index, what: str) -> list[int]:
    """The places of two labels, by default of the two that there are."""
    if labels is None and len(known) == 2:
        return [0, 1]
    if isinstance(labels, list | tuple) and len(labels) == 2 and labels[0] != labels[1]:
        places = {label: place for place, label in enumerate(known)}
        if all(label in places for label in labels):
            return [places[label] for label in labels]
    came = "none are named" if labels is None else f"got {labels!r}"
    raise ValueError(f"compare: {what} must be two of {some(known.tolist())}; {came}")


def _log_likelihood(x: np.ndarray) -> float:
    """Σ x log(x/n) of the sequence."""
    seen = x[x > 0]
    return math.fsum(seen * np.log(seen / x.sum()))
