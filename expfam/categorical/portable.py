"""What leaves a fit, a data frame or JSON, and what comes back."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from expfam.categorical import labelled, serialised
from expfam.categorical.estimates import Estimates

if TYPE_CHECKING:
    from expfam.categorical.interval import Interval


@dataclass(frozen=True, eq=False, repr=False)
class Portable(Estimates):
    """Estimates that can be written, read again and compared by value."""

    @abc.abstractmethod
    def interval(self, level: float = 0.95, method: str | None = None) -> Interval:
        """Bounds of the probabilities, which go along with them."""

    def to_frame(self, level: float = 0.95, method: str | None = None) -> pd.DataFrame:
        """Count, probability, bounds, standard error and η; a row per label, or group and label.

        >>> import expfam
        >>> expfam.fit({"a": 1, "b": 3}).to_frame().columns.tolist()
        ['count', 'probability', 'lower', 'upper', 'standard_error', 'natural']
        """
        bounds = self.interval(level, method)
        columns = {
            "count": self.table.counts,
            "probability": self._proportions,
            "lower": bounds._lower,
            "upper": bounds._upper,
            "standard_error": self.standard_errors.to_numpy(),
            "natural": self.distribution.natural_parameter + 0.0,
        }
        return labelled.long_frame(self.table, columns)

    def to_dict(self, level: float = 0.95, method: str | None = None) -> dict[str, Any]:
        """What the fit is made of, and under "results" what follows, for other readers.

        Plain lists, numbers and text; ±∞ is the text "Infinity" or "-Infinity". `from_dict`
        reads all but "results", which it computes anew.
        Errors: TypeError for labels other than text, integers, booleans and finite floats.
        """
        return serialised.to_dict(self, level, method)

    def to_json(self, level: float = 0.95, method: str | None = None) -> str:
        """`to_dict` as JSON of RFC 8259: no NaN, no Infinity.

        >>> import expfam
        >>> result = expfam.fit({"a": 1, "b": 3})
        >>> expfam.CategoricalFit.from_json(result.to_json()) == result
        True
        """
        return serialised.to_json(self, level, method)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The fit that `to_dict` wrote. Errors: ValueError for anything else."""
        return cls(serialised.from_dict(data))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The fit that `to_json` wrote.

        Errors: ValueError for other formats and versions, for duplicate or unknown keys, for NaN,
        for numbers that do not add up.
        """
        return cls(serialised.from_dict(serialised.parse(text)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Portable):
            return NotImplemented
        return serialised.key(self.table) == serialised.key(other.table)

    def __hash__(self) -> int:
        return hash((self.categories, self.groups, self.ledger.rows))
