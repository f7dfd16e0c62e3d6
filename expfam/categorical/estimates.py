"""What follows from a table of counts: estimates with their labels."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from expfam.categorical.labelled import group_index, label_index
from expfam.families import Categorical, Multinomial
from expfam.family import Distribution, Statistics
from expfam.tables import Table

if TYPE_CHECKING:
    from expfam.tables.ledger import Ledger


@dataclass(frozen=True, eq=False, repr=False)
class Estimates:
    """Counts by label, and the estimates they make: the numbers of a `CategoricalFit`."""

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
        return self._by_label(self.distribution.natural_parameter + 0.0, "natural")

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

    # ------------------------------------------------------------ numbers and their labels

    @cached_property
    def _total(self) -> np.ndarray:
        """n, batch shape; of fractional counts rounded once."""
        counts = self.table.counts
        if counts.dtype.kind == "i":
            return np.asarray(counts.sum(-1))
        rows = counts.reshape(-1, counts.shape[-1]).tolist()
        return np.reshape([math.fsum(row) for row in rows], counts.shape[:-1])

    @cached_property
    def _proportions(self) -> np.ndarray:
        return self.table.counts / self._total[..., None]

    @property
    def _sequence(self) -> np.ndarray:
        return np.asarray(self.distribution.log_likelihood(self.statistics, base_measure=False))

    def _by_label(self, values: np.ndarray, name: str) -> pd.Series | pd.DataFrame:
        """batch + (K,) numbers as a Series by label, or a frame of groups × labels."""
        index = label_index(self.table)
        if self.table.groups is None:
            return pd.Series(values, index=index, name=name)
        return pd.DataFrame(values, index=group_index(self.table), columns=index)

    def _by_group(self, values: Any, name: str) -> Any:
        """One number as Python's, or a batch of them as a Series by group."""
        values = np.asarray(values)
        if self.table.groups is None:
            return values.item()
        return pd.Series(values, index=group_index(self.table), name=name)
