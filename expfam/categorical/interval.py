"""Bounds for the probabilities of a fit, with their labels and what their level promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expfam import intervals
from expfam.categorical.labelled import long_frame

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit


@dataclass(frozen=True, eq=False, repr=False)
class Interval:
    """Bounds for the probabilities of a fit: `lower` and `upper` by label, at a level.

    simultaneous: whether the level is that of all categories at once, or of each alone.
    """

    fit: CategoricalFit
    level: float
    method: str
    simultaneous: bool
    _lower: np.ndarray
    _upper: np.ndarray

    @property
    def probability(self) -> pd.Series | pd.DataFrame:
        return self.fit.probabilities

    @property
    def lower(self) -> pd.Series | pd.DataFrame:
        return self.fit._by_label(self._lower.copy(), "lower")

    @property
    def upper(self) -> pd.Series | pd.DataFrame:
        return self.fit._by_label(self._upper.copy(), "upper")

    def to_frame(self) -> pd.DataFrame:
        """Columns probability, lower, upper; a row per label, or per group and label."""
        columns = {"probability": self.fit._proportions, "lower": self._lower, "upper": self._upper}
        return long_frame(self.fit.table, columns)

    def coverage(self, seed: int = 0) -> intervals.Coverage:
        """How often such intervals hold the probabilities, for these n and K: `intervals.coverage`.

        Errors: ValueError for a fit with groups, and for fractional counts.

        >>> import expfam
        >>> expfam.fit({"a": 12, "b": 18, "c": 20}).interval().coverage()
        Coverage of 95% intervals by bonferroni_blaker: n = 50, 3 categories, all at once
        at the estimate  96.69%
        at the worst p   95.73%  (uniform)
        exact
        """
        if self.fit.groups is not None:
            raise ValueError(
                "Interval: each group has a coverage of its own: "
                f"fit.group({self.fit.groups[0]!r}).interval(…).coverage()"
            )
        return intervals.coverage(self.fit.table.counts, self.level, self.method, seed)

    @property
    def text(self) -> str:
        """What the level promises, in one line."""
        size = len(self.fit.categories)
        method = intervals.METHODS[self.method]
        level = f"{100 * self.level:.6g}%"
        if size == 1:
            return f"{level} intervals by {method.title}: the one category has the probability 1"
        of = "" if self.fit.groups is None else " of a group"
        all_of = f"all {size:,}" if size > 2 else "both"
        reach = f"{all_of} categories{of} at once" if self.simultaneous else "one category alone"
        sure = "guaranteed" if method.holds else "approximately"
        return f"{level} intervals by {method.title}: {reach}, {sure}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must be told beside, in words: of the method, and of intervals [0, 1]."""
        caution = intervals.METHODS[self.method].caution
        empty = int(np.count_nonzero((self._lower == 0) & (self._upper == 1)))
        notes = [caution] if caution else []
        if empty:
            notes.append(
                f"{empty:,} of {self._lower.size:,} intervals are [0, 1]: by this method n is too "
                "small to say anything of them"
            )
        return tuple(notes)

    def __repr__(self) -> str:
        return "\n".join([str(self.to_frame()), self.text, *self.notes])
