"""The exact running count that tables are made of, and the draft that holds it.

Weights are added in whole numbers of 2⁻¹⁰⁷⁴, of which every finite double is a multiple: sums
are exact, so neither the order of the rows nor their division into batches can move a count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Number
from typing import Any

import numpy as np

from expfam.tables.labels import hashes, is_null, plain, tag

WEIGHT_LIMIT = 2**62
TEXT_LIMIT = 1 << 26  # characters held in distinct labels
CELL_LIMIT = 10_000_000  # labels × groups
_UNIT = 1074
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class WeightError(ValueError):
    """A weight broke its rule; whoever knows the row says where."""


def read_weight(text: str) -> int | float | str:
    """The number a CSV field writes, an integer exactly; the text itself when it is none."""
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.isdigit() and len(text) < 300 else float(text)


def exact_weight(value: Any) -> int:
    """A weight in whole numbers of 2⁻¹⁰⁷⁴; WeightError says what was found instead."""
    if isinstance(value, (str, bool, np.bool_)) or value is None:
        raise WeightError(_found(value))
    try:
        if not 0 <= value <= WEIGHT_LIMIT:
            raise WeightError(_found(value))
        number = int(value) if value == int(value) else float(value)
    except (TypeError, ArithmeticError):
        raise WeightError(_found(value)) from None
    numerator, denominator = number.as_integer_ratio()
    return numerator << (_UNIT + 1 - denominator.bit_length())


def _found(value: Any) -> str:
    shown = value is None or isinstance(value, (str, Number, np.bool_))
    return f"is {value!r:.40}" if shown else f"is a {type(value).__name__}"


def first_bad_weight(weights: Iterable[Any], before: int) -> tuple[int, str]:
    """The first row, from 0, whose weight breaks a rule, and what was found there."""
    values, total, row = iter(weights), before, 0
    while True:
        value = next(values)
        try:
            total += exact_weight(value)
        except WeightError as error:
            return row, str(error)
        if total > WEIGHT_LIMIT << _UNIT:
            return row, f"is {value}, which takes the total above 2**62"
        row += 1


@dataclass
class Tally:
    """Rows by cell, a tuple (label, group, …) with None for what is missing; filled by batches.

    Batches hold distinct rows, the cell and with `weighted` its weight, and how often each occurs.
    """

    max_categories: int
    weighted: bool = False
    rows: Counter[tuple] = field(default_factory=Counter)
    zero: Counter[tuple] = field(default_factory=Counter)
    units: Counter[tuple] = field(default_factory=Counter)
    total: int = 0
    whole: bool = True
    seen: tuple[set, set] = field(default_factory=lambda: (set(), set()))
    text: int = 0

    def add(self, batch: Iterable[tuple[tuple, int]]) -> None:
        """Add the distinct rows of one batch; WeightError leaves the tally unusable."""
        for row, times in batch:
            cell = row[:-1] if self.weighted else row
            if cell not in self.rows:
                self._open(cell)
            if not self.weighted:
                self.rows[cell] += times
            elif units := exact_weight(row[-1]):
                self.rows[cell] += times
                self.units[cell] += times * units
                self.total += times * units
                self.whole &= units & ((1 << _UNIT) - 1) == 0
            else:
                self.rows[cell] += 0
                self.zero[cell] += times
        if self.total > WEIGHT_LIMIT << _UNIT:
            raise WeightError("takes the total above 2**62")

    def _open(self, cell: tuple) -> None:
        """Hold the number of labels, of groups and of their characters within bounds."""
        for seen, part, what in zip(
            self.seen, (cell[0], cell[1:]), ("labels", "groups"), strict=True
        ):
            if part not in seen and None not in (part if isinstance(part, tuple) else (part,)):
                seen.add(part)
                self.text += len(str(part))
                if len(seen) > self.max_categories:
                    raise ValueError(
                        f"more than {self.max_categories:,} distinct {what}; is it an identifier?"
                        " (max_categories= sets the limit)"
                    )
        if self.text > TEXT_LIMIT:
            raise ValueError(
                f"more than {TEXT_LIMIT:,} characters of distinct labels; is it prose?"
            )
        if len(self.seen[0]) * len(self.seen[1]) > CELL_LIMIT:
            raise ValueError(f"more than {CELL_LIMIT:,} cells of labels × groups")

    def count(self, cell: tuple) -> int | float:
        """The weight of a cell: exact when all weights are whole, else rounded once."""
        if not self.weighted:
            return self.rows[cell]
        return self.units[cell] >> _UNIT if self.whole else self.units[cell] / (1 << _UNIT)


@dataclass
class Draft:
    """What is known of the data on their way from a front end to the table."""

    missing_labels: tuple
    max_categories: int
    declared: tuple | None = None
    column: str | None = None
    source: str | None = None
    by: tuple[str, ...] = ()
    text: bool = False  # a CSV: labels are text, an empty one is missing
    levels: dict[int, list] = field(default_factory=dict)
    order: list | None = None  # of a dict
    notes: list[str] = field(default_factory=list)
    nulls: set[int] = field(default_factory=set)
    met: set[tuple] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tally = Tally(self.max_categories)
        self.missing = set(map(tag, self.missing_labels))

    @property
    def what(self) -> str:
        column = "the input" if self.column is None else repr(self.column)
        return f"{column} of {self.source}" if self.source else column

    def fold(
        self,
        batch: Iterable[tuple[Sequence, int]],
        weights: Iterable = (),
        place: Callable[[int], str] = str,
    ) -> None:
        """Add the distinct rows of one batch; what is missing in them becomes None."""
        parts = range(1 + len(self.by))
        clean = [
            ((*map(self._clean, parts, row), *row[len(parts) :]), times) for row, times in batch
        ]
        before = self.tally.total
        try:
            self.tally.add(clean)
        except WeightError:
            row, found = first_bad_weight(weights, before)
            raise ValueError(
                "tables: weights must be non-negative numbers whose sum is at most 2**62;"
                f" that of {place(row)} {found}"
            ) from None
        except ValueError as error:
            raise ValueError(f"tables: {self.what} has {error}") from None

    def count(self, counts: Mapping) -> None:
        """Add a dict of counts: each observation is a row, with fractions among them each entry."""
        total = 0
        for label, value in counts.items():
            try:
                total += exact_weight(value)
            except WeightError as error:
                rule = "tables: counts must be non-negative numbers"
                raise ValueError(f"{rule}; that of {label!r} {error}") from None
        if total > WEIGHT_LIMIT << _UNIT:
            raise ValueError("tables: counts must have a sum of at most 2**62")
        self.order = [plain(label) for label in counts]
        whole = all(value == int(value) for value in counts.values())
        self.tally.weighted = not whole
        self.fold(((k,), int(n)) if whole else ((k, n), 1) for k, n in counts.items())

    def _clean(self, part: int, value: Any) -> Any:
        if type(value) is str and value and (part or not self.missing):
            return value  # the common case, for speed
        value = plain(value)
        if is_null(value) or (self.text and value == ""):
            self.nulls.add(part)
            return None
        if not hashes(value):
            kind = type(value).__name__
            raise ValueError(f"tables: labels must be hashable; {self.what} has a {kind}")
        if part == 0 and tag(value) in self.missing:
            self.met.add(tag(value))
            return None
        return value

    def choose(self, columns: Sequence, column: Any, by: tuple, weights: Any) -> list:
        """The columns to read, labels, groups, weights: each one there, none twice."""
        extra = [*by] if weights is None else [*by, weights]
        it = self.source or "the data frame"
        has = f"it has {', '.join(map(str, columns[:12]))}{', …' if len(columns) > 12 else ''}"
        rest = [name for name in columns if name not in extra]
        if column is None and len(rest) != 1:
            raise ValueError(f"tables: name the column of labels in {it}; {has}")
        names = [rest[0] if column is None else column, *extra]
        for place, name in enumerate(names):
            if name not in columns:
                raise ValueError(f"tables: {name!r} is not a column of {it}; {has}")
            if name in names[:place]:
                raise ValueError(f"tables: column {name!r} is asked for twice")
        self.column, self.by = str(names[0]), tuple(map(str, by))
        self.tally.weighted = weights is not None
        return names
