"""From any table to labelled estimates: `fit` and its result, a member whose counts keep names."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np

from expfam import intervals
from expfam.categorical import explained, findings, goodness, labelled
from expfam.categorical.comparison import Comparison, compare
from expfam.categorical.goodness import GoodnessOfFit
from expfam.categorical.interval import Interval
from expfam.categorical.portable import Portable
from expfam.categorical.strata import StratifiedComparison
from expfam.tables import tabulate

if TYPE_CHECKING:
    from expfam.derivation import Explanation

__all__ = [
    "CategoricalFit",
    "Comparison",
    "GoodnessOfFit",
    "Interval",
    "StratifiedComparison",
    "fit",
]


def fit(
    data: Any,
    column: Any = None,
    *,
    by: Any = None,
    weights: Any = None,
    categories: Iterable[Hashable] | None = None,
    missing_labels: Iterable[Hashable] = (),
    max_categories: int = 100_000,
) -> CategoricalFit:
    """The maximum-likelihood categorical distribution of labelled data, p̂ = counts / n.

    data: labels (a list, array, Series or Categorical), counts by label (a dict or Counter), a data
    frame (pandas, polars, pyarrow), or the path of a CSV or Parquet file
    column: of a frame or a file, the one of the labels
    by: a column, or several: one fit per group, all in the same result
    weights: frequencies, a column's name or one number per label
    categories: the sample space, in order; one that is never seen has the count 0
    missing_labels: words that stand for missing, beside None, NaN and empty fields of a file
    max_categories: more distinct labels are refused
    Result: one object for all groups. Missing labels are counted in its ledger and never move an
    estimate; `expfam.tables.tabulate` tells all about ways in, order and kinds of labels.
    Errors: ValueError for bad data, OSError for a file that cannot be opened, ImportError for
    Parquet without pyarrow.

    >>> import expfam
    >>> result = expfam.fit(["yes", "no", None, "yes"])
    >>> result.probabilities.round(3).to_dict()
    {'no': 0.333, 'yes': 0.667}
    >>> print(result.ledger)
    4 rows read = 3 used + 1 missing
    """
    rules: Any = {"missing_labels": missing_labels, "max_categories": max_categories}
    table = tabulate(data, column, by=by, weights=weights, categories=categories, **rules)
    return CategoricalFit(table)


@final
@dataclass(frozen=True, eq=False, repr=False)
class CategoricalFit(Portable):
    """A member of Categorical(labels), or one per group, with the counts that it was fitted to.

    table: counts by label with their ledger. What has an entry per category is a pandas Series by
    label (with groups, a frame of groups × labels); what has one number per fit is that number
    (with groups, a Series by group). A category without counts is ordinary: its probability is 0
    and its natural parameter −∞.

    >>> import expfam
    >>> peas = expfam.fit({"round yellow": 315, "round green": 108, "wrinkled": 133})
    >>> peas.n, round(peas.entropy, 4)
    (556, 0.9824)
    >>> peas.natural.round(3).to_dict()
    {'round yellow': -0.568, 'round green': -1.639, 'wrinkled': -1.43}
    """

    # ------------------------------------------------------------ what can be asked

    def interval(self, level: float = 0.95, method: str | None = None) -> Interval:
        """Intervals for the probabilities: lower and upper bounds by label.

        method: a name in `expfam.intervals.METHODS`; by default "bonferroni_blaker", which holds
        for all categories at once at least as often as level, or for fractional counts
        "bonferroni". Some hold for one category at a time ("wilson", "blaker" and others).
        `.coverage()` of the result tells how often.
        Errors: ValueError for an unknown method or a level outside (0, 1), for fractional counts
        with a method of whole ones, and for counts that leave an interval without width.

        >>> import expfam
        >>> expfam.fit({"a": 3, "b": 7}).interval().to_frame().round(3)
           probability  lower  upper
        a          0.3  0.087  0.619
        b          0.7  0.381  0.913
        """
        method = intervals.default(self.table.counts) if method is None else method
        lower, upper = intervals.interval(self.table.counts, level, method)
        simultaneous = intervals.METHODS[method].simultaneous
        return Interval(self, float(level), method, simultaneous, lower, upper)

    def test(
        self,
        p0: Any,
        statistic: str = "pearson",
        ratio: bool = False,
        method: str = "auto",
        *,
        start: Any = None,
        rng: Any = None,
        draws: int | None = None,
        budget: int | None = None,
    ) -> GoodnessOfFit:
        """Whether the data agree with given probabilities, exactly where that can be done.

        p0: probabilities by label, a dict or a Series; "uniform"; a ratio in the order of the
        categories, "9:3:3:1", or with ratio=True any numbers in proportion (by label, or a
        sequence in the order of the categories); or what gives these from parameters, which are
        then fitted: an `exact.hypotheses.Hypothesis`, or a function of an array with `start`, a
        first value of each parameter.
        statistic: a name in `power_divergence.STATISTICS`. method: "exact", "monte_carlo" (draws;
        of fitted hypotheses a parametric bootstrap), "asymptotic" (χ²), or "auto": exact within
        the budget of half-outcomes, else χ² where expected counts are at least 5, else Monte
        Carlo; a fitted hypothesis by χ². rng: an int seed or a numpy Generator; None is seed 0.
        draws: 9,999, of a bootstrap 999.
        Errors: ValueError for labels missing or unknown, for a sum other than 1, for exact beyond
        the budget; TypeError for bare numbers without ratio=True, as labels align by name, never
        by position.

        >>> import expfam
        >>> peas = {
        ...     "round yellow": 315,
        ...     "round green": 108,
        ...     "angular yellow": 101,
        ...     "angular green": 32,
        ... }
        >>> result = expfam.fit(peas).test("9:3:3:1")
        >>> round(result.statistic, 4), result.df, round(result.pvalue, 4), result.exact
        (0.47, 3, 0.9272, True)
        """
        return goodness.goodness(
            self,
            p0,
            statistic,
            ratio,
            method,
            start=start,
            rng=rng,
            draws=draws,
            budget=budget,
        )

    def compare(
        self,
        strata: Any = None,
        *,
        method: str = "auto",
        level: float = 0.95,
        adjustment: str = "holm",
        rng: Any = None,
    ) -> Comparison | StratifiedComparison:
        """Whether the groups have one distribution, and where they differ.

        strata: of a fit by several columns, those within whose groups the others are compared.
        method: how p-values are found, as in `expfam.exact.independence`: "auto" is exact where
        that takes little time. level: of all intervals. adjustment: of the p-values of pairs,
        "holm", "bonferroni", "benjamini_hochberg" or "none". rng: for p-values that are
        simulated. Categories that no group has are left out, and the notes say so.
        Errors: ValueError without groups, or unless two groups and two categories have counts.

        >>> import expfam
        >>> food = expfam.fit("data/alligator.csv", "food", by="lake", weights="count")
        >>> result = food.compare()
        >>> round(result.pearson.statistic, 2), result.pearson.df
        (37.73, 12)
        """
        return compare(self, strata, method, level, adjustment, rng)

    def log_prob(self, labels: Any) -> Any:
        """log p̂ of one label (a number; with groups a Series), or of many (an array or a Series).

        labels: a label, or a list, array or Series of labels; the result of many has their shape,
        a Series their index, and with groups a last axis for these.
        Errors: ValueError for a label that is not among the categories, or is missing.

        >>> import expfam
        >>> expfam.fit(["a", "b", "b", "b"]).log_prob(["b", "a"]).round(3)
        array([-0.288, -1.386])
        """
        return labelled.log_prob(self, labels)

    def kl(self, other: CategoricalFit) -> Any:
        """Σ p log(p/q) ≥ 0 to the other fit, categories aligned by label; ∞ where q = 0 < p.

        Two fits with groups are compared group by group.
        Errors: ValueError when categories or groups are not the same.

        >>> import expfam
        >>> round(expfam.fit({"a": 1, "b": 3}).kl(expfam.fit({"b": 1, "a": 1})), 4)
        0.1308
        """
        if not isinstance(other, CategoricalFit):
            kind = type(other).__name__
            raise TypeError(f"CategoricalFit: kl needs another CategoricalFit; got a {kind}")
        aligned = CategoricalFit(labelled.aligned(other.table, self.table))
        value = self.distribution.kl(aligned.distribution)
        return (self if self.groups is not None else aligned)._by_group(value, "kl")

    def sample(self, shape: int | tuple[int, ...] = (), rng: Any = None) -> Any:
        """Labels drawn from the fit: an array of the shape, with groups a last axis for these.

        rng: None, an int seed (the same labels anywhere) or a numpy Generator.

        >>> import expfam
        >>> expfam.fit({"a": 1, "b": 3}).sample(4, rng=1)
        array(['a', 'a', 'a', 'b'], dtype=object)
        """
        codes = np.asarray(self.distribution.sample(shape, rng))
        if codes.ndim == 0:
            return self.categories[int(codes)]
        return labelled.label_array(self.categories)[codes]

    def merge(self, other: CategoricalFit) -> Self:
        """The fit of both data sets: counts of equal labels added, ledgers added.

        A label or group of one alone has no counts in the other. Labels that are sorted in both
        are sorted in the result; else the first fit's order goes on with the second's new ones.
        Errors: ValueError when one has groups of other columns.

        >>> import expfam
        >>> both = expfam.fit(["a", "c"]).merge(expfam.fit(["b", None]))
        >>> both.counts.to_dict(), both.ledger.text
        ({'a': 1, 'b': 1, 'c': 1}, '4 rows read = 3 used + 1 missing')
        """
        if not isinstance(other, CategoricalFit):
            kind = type(other).__name__
            raise TypeError(f"CategoricalFit: merge needs another CategoricalFit; got a {kind}")
        return type(self)(labelled.merged(self.table, other.table))

    def group(self, label: Hashable) -> Self:
        """The fit of one group, with that group's ledger. Errors: ValueError for an unknown one."""
        return type(self)(labelled.one_group(self.table, label))

    def check(self) -> tuple[str, ...]:
        """What a careful reader would say of these data, in plain words with their numbers.

        Of rows that are missing, of labels that look alike, missing or like identifiers, of small
        and fractional counts; of groups where χ² is rough, with the exact p-value, and of groups
        by two columns where Simpson's paradox turns a difference round. One sentence each.

        >>> import expfam
        >>> for finding in expfam.fit({"a": 3, "b": 0}).check():
        ...     print(finding)
        1 of 2 categories has no counts ('b'): p = 0 and η = -inf, so that data with one have
        probability 0
        1 of 2 categories has a count below 5 ('a'): approximations by χ² are rough there
        """
        return findings.check(self)

    def explain(
        self,
        topic: str | None = None,
        *,
        x: Any = None,
        other: Any = None,
        notation: str = "expfam",
    ) -> Explanation:
        """From counts to shares to natural parameters, line by line; or a topic of the member.

        topic, notation: those of `expfam.explain`. x: a label, for "log_prob" and "score"; other:
        a fit, for "kl", aligned by label.
        Errors: those of `expfam.explain`; ValueError for a fit with groups.

        >>> import expfam
        >>> print(expfam.fit({"a": 1, "b": 3}).explain())
        2 categories: from counts to both parameters
        ...
        """
        return explained.explained(self, topic, x, other, notation)

    def __repr__(self) -> str:
        from expfam import report

        return report.text(self, width=80, most=15)

    def _repr_html_(self) -> str:
        from expfam import report

        return report.html(self)
