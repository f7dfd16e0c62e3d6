"""From any table to labelled estimates: `fit` and its result, a member whose counts keep names."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np

from expfam import _labelled, intervals
from expfam._labelled import Interval
from expfam.families import Categorical, Multinomial
from expfam.family import Distribution, Statistics
from expfam.tables import Table, tabulate

if TYPE_CHECKING:
    import pandas as pd

    from expfam._goodness import GoodnessOfFit
    from expfam.ledger import Ledger

__all__ = ["CategoricalFit", "fit"]


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

    data, column, by, weights, categories, missing_labels and max_categories are those of
    `expfam.tables.tabulate`: labels, counts, a data frame or a file in; one fit per group when
    `by` names columns. Missing labels are counted in the ledger and never move an estimate.
    Errors: those of `tabulate`.

    >>> import expfam
    >>> result = expfam.fit(["yes", "no", None, "yes"])
    >>> result.probabilities.round(3).to_dict()
    {'no': 0.333, 'yes': 0.667}
    >>> print(result.ledger)
    4 rows read = 3 used + 1 missing
    """
    return CategoricalFit(
        tabulate(
            data,
            column,
            by=by,
            weights=weights,
            categories=categories,
            missing_labels=missing_labels,
            max_categories=max_categories,
        )
    )


@final
@dataclass(frozen=True, eq=False, repr=False)
class CategoricalFit:
    """A member of Categorical(labels), or one per group, with the counts that it was fitted to.

    table: counts by label with their ledger. What has an entry per category is a pandas Series by
    label (with groups, a frame of groups × labels); what has one number per fit is that number
    (with groups, a Series by group). A category without counts is ordinary: its probability is 0
    and its natural parameter −∞.

    >>> import expfam
    >>> peas = expfam.fit({"round yellow": 315, "round green": 108, "wrinkled": 133})
    >>> peas.n, round(peas.entropy, 4)
    (556, 0.9813)
    >>> peas.natural.round(3).to_dict()
    {'round yellow': -0.568, 'round green': -1.639, 'wrinkled': -1.43}
    """

    table: Table

    # ------------------------------------------------------------ what was counted

    @property
    def categories(self) -> tuple[Hashable, ...]:
        """The labels, in the order of everything else."""
        return self.table.categories

    @property
    def groups(self) -> tuple[Hashable, ...] | None:
        """The group labels (tuples where several columns make the groups), or None."""
        return self.table.groups

    @property
    def ledger(self) -> Ledger:
        """Where every row went: rows read = used + missing + zero weight + excluded."""
        return self.table.ledger

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of the data had to say, in words."""
        return self.table.notes

    @property
    def counts(self) -> pd.Series | pd.DataFrame:
        """Rows, or the sum of their weights, by label: integers when all weights are whole."""
        return self._by_label(self.table.counts.copy(), "count")

    @cached_property
    def n(self) -> Any:
        """The sum of the counts."""
        return self._by_group(self._total, "n")

    @cached_property
    def whole(self) -> bool:
        """Whether all counts are whole numbers; fractional weights can make them others."""
        counts = self.table.counts
        return counts.dtype.kind == "i" or bool((counts == np.floor(counts)).all())

    # ------------------------------------------------------------ what was estimated

    @cached_property
    def family(self) -> Categorical:
        return Categorical(self.categories)

    @cached_property
    def statistics(self) -> Statistics:
        """What the fit needs of the data, Σ w·T(x) and Σ w, with groups on the batch axis."""
        total = self._total[()]
        return Statistics(
            self.family, self.table.counts, 0.0 * total, total, total, self.ledger.used
        )

    @cached_property
    def distribution(self) -> Distribution:
        """The member of the family, with groups on its batch axis."""
        return self.family.fit(self.statistics)

    @property
    def probabilities(self) -> pd.Series | pd.DataFrame:
        """p̂ = counts / n."""
        return self._by_label(self._proportions, "probability")

    @property
    def natural(self) -> pd.Series | pd.DataFrame:
        """η̂ = log p̂, the representative with A(η) = 0."""
        return self._by_label(self.distribution.natural_parameter.copy(), "natural")

    @property
    def standard_errors(self) -> pd.Series | pd.DataFrame:
        """√(p̂(1 − p̂)/n), the Fisher information's; 0 at the boundary, where intervals say more."""
        n = self._total[..., None]
        shares = self._proportions * ((n - self.table.counts) / n)
        return self._by_label(np.sqrt(shares / n), "standard_error")

    @property
    def degrees_of_freedom(self) -> Any:
        """How many probabilities are free: the categories that were seen, less one."""
        return self._by_group(self.distribution.degrees_of_freedom, "degrees_of_freedom")

    @property
    def log_likelihood(self) -> Any:
        """Σ x log p̂: the log-probability of the sequence of labels, in nats."""
        return self._by_group(self._sequence, "log_likelihood")

    @property
    def log_likelihood_counts(self) -> Any:
        """The log-probability of the counts: that of the sequence, plus log n!/∏ xᵢ!.

        Errors: ValueError for fractional counts.
        """
        if not self.whole:
            raise ValueError(
                "CategoricalFit: the log-likelihood of counts needs whole counts; "
                "those of fractional weights are not"
            )
        trials = self._total.astype(np.int64)
        family = Multinomial(len(self.categories), trials=trials)
        member = family.from_natural(self.distribution.natural_parameter)
        counts = self.table.counts.astype(np.int64)
        return self._by_group(member.log_prob(counts), "log_likelihood_counts")

    @property
    def aic(self) -> Any:
        """2·df − 2ℓ with ℓ the log-likelihood of the sequence (Akaike 1974)."""
        df = np.asarray(self.distribution.degrees_of_freedom)
        return self._by_group(2.0 * df - 2 * self._sequence, "aic")

    @property
    def bic(self) -> Any:
        """df·log n − 2ℓ with ℓ the log-likelihood of the sequence (Schwarz 1978)."""
        df = np.asarray(self.distribution.degrees_of_freedom)
        return self._by_group(df * np.log(self._total) - 2 * self._sequence, "bic")

    @property
    def entropy(self) -> Any:
        """−Σ p̂ log p̂, in nats."""
        return self._by_group(self.distribution.entropy(), "entropy")

    # ------------------------------------------------------------ what can be asked

    def interval(self, level: float = 0.95, method: str = "goodman") -> Interval:
        """Intervals for the probabilities: lower and upper bounds by label.

        method: a name in `expfam.intervals.METHODS`; "goodman" holds for all categories at once,
        "wilson" for one at a time.
        Errors: ValueError for an unknown method or a level outside (0, 1).

        >>> import expfam
        >>> expfam.fit({"a": 3, "b": 7}).interval().to_frame().round(3)
           probability  lower  upper
        a          0.3  0.089  0.653
        b          0.7  0.347  0.911
        """
        lower, upper = intervals.interval(self.table.counts, level, method)
        simultaneous = intervals.METHODS[method].simultaneous
        return Interval(self, float(level), method, simultaneous, lower, upper)

    def test(self, p0: Any, statistic: str = "pearson", ratio: bool = False) -> GoodnessOfFit:
        """Whether the data agree with given probabilities, by a χ² approximation.

        p0: probabilities by label, a dict or a Series; "uniform"; a ratio in the order of the
        categories, "9:3:3:1", or with ratio=True any numbers in proportion (by label, or a
        sequence in the order of the categories). statistic: "pearson" or "g".
        Errors: ValueError for labels missing or unknown, for a sum other than 1; TypeError for
        bare numbers without ratio=True, as labels align by name, never by position.

        >>> import expfam
        >>> peas = {"round yellow": 315, "round green": 108, "angular yellow": 101,
        ...         "angular green": 32}
        >>> result = expfam.fit(peas).test("9:3:3:1")
        >>> round(result.statistic, 4), result.df, round(result.pvalue, 4)
        (0.47, 3, 0.9254)
        """
        from expfam._goodness import test

        return test(self, p0, statistic, ratio)

    def log_prob(self, labels: Any) -> Any:
        """log p̂ of one label (a number; with groups a Series), or of many (an array or a Series).

        labels: a label, or a list, array or Series of labels; the result of many has their shape,
        a Series their index, and with groups a last axis for these.
        Errors: ValueError for a label that is not among the categories, or is missing.

        >>> import expfam
        >>> expfam.fit(["a", "b", "b", "b"]).log_prob(["b", "a"]).round(3)
        array([-0.288, -1.386])
        """
        return _labelled.log_prob(self, labels)

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
        aligned = CategoricalFit(_labelled.aligned(other.table, self.table))
        value = self.distribution.kl(replace(aligned.distribution, family=self.family))
        return (self if self.groups is not None else aligned)._by_group(value, "kl")

    def sample(self, shape: int | tuple[int, ...] = (), rng: Any = None) -> Any:
        """Labels drawn from the fit: an array of the shape, with groups a last axis for these.

        rng: None, an int seed (the same labels anywhere) or a numpy Generator.

        >>> import expfam
        >>> expfam.fit({"a": 1, "b": 3}).sample(4, rng=1)
        array(['b', 'b', 'b', 'b'], dtype=object)
        """
        codes = np.asarray(self.distribution.sample(shape, rng))
        drawn = _labelled.label_array(self.categories)[codes]
        return drawn if drawn.ndim else drawn.item()

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
        return type(self)(_labelled.merged(self.table, other.table))
