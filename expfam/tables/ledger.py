"""The ledger: where every row went, and the exact running count it is written from.

    rows read = used + missing + missing group + zero weight + excluded

Every row stands on one line; the numbers add up or there is no ledger.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

PARTS = ("used", "missing", "missing_group", "zero_weight", "excluded")


@dataclass(frozen=True)
class Ledger:
    """Where every row that was read went, in total and per group.

    rows = used + missing + missing_group + zero_weight + excluded is enforced, also by group.
    Each row stands on one line, the first that holds: a missing group label, a missing label,
    a zero weight. Numbers are rows, whatever their weights.

    Raises ValueError when the numbers do not add up, TypeError when one is not an integer.

    >>> ledger = Ledger(rows=19_302, used=17_519, missing=1_783)
    >>> print(ledger)
    19,302 rows read = 17,519 used + 1,783 missing
    >>> (ledger + ledger).rows
    38604
    """

    rows: int
    used: int
    missing: int = 0
    missing_group: int = 0
    zero_weight: int = 0
    excluded: int = 0
    groups: tuple[tuple[Hashable, Ledger], ...] = ()

    def __post_init__(self) -> None:
        for name in ("rows", *PARTS):
            value = getattr(self, name)
            if type(value) is not int:
                raise TypeError(f"Ledger: {name} must be an int; got {type(value).__name__}")
            if value < 0:
                raise ValueError(f"Ledger: {name} must not be negative; got {value}")
        total = sum(getattr(self, name) for name in PARTS)
        if total != self.rows:
            raise ValueError(
                f"Ledger: rows must equal the sum of their uses; {self.rows} ≠ {total}"
            )
        self._check_groups()

    def _check_groups(self) -> None:
        if len(dict(self.groups)) != len(self.groups):
            raise ValueError("Ledger: a group is named twice")
        for name in PARTS if self.groups else ():
            rule = 0 if name == "missing_group" else getattr(self, name)
            held = sum(getattr(part, name) for _, part in self.groups)
            if held != rule:
                raise ValueError(
                    f"Ledger: the groups must have {name} {rule} in all; they have {held}"
                )

    def group(self, label: Hashable) -> Ledger:
        """The ledger of one group; KeyError when there is no such group."""
        return dict(self.groups)[label]

    def __add__(self, other: Ledger) -> Ledger:
        if not isinstance(other, Ledger):
            return NotImplemented
        if bool(self.groups) != bool(other.groups) and self.rows and other.rows:
            raise ValueError("Ledger: one has groups, the other has none; they cannot be added")
        merged = dict(self.groups)
        for label, part in other.groups:
            merged[label] = merged[label] + part if label in merged else part
        numbers = {name: getattr(self, name) + getattr(other, name) for name in ("rows", *PARTS)}
        return Ledger(**numbers, groups=tuple(merged.items()))

    @property
    def text(self) -> str:
        """One line: 19,302 rows read = 17,519 used + 1,783 missing."""
        parts = [
            f"{getattr(self, name):,} {name.replace('_', ' ')}"
            for name in PARTS
            if name == "used" or getattr(self, name)
        ]
        return f"{self.rows:,} row{'' if self.rows == 1 else 's'} read = {' + '.join(parts)}"

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """The numbers by name, and groups as [label, numbers] pairs; `from_dict` reads it back.

        >>> Ledger.from_dict(Ledger(3, 2, 1).to_dict()) == Ledger(3, 2, 1)
        True
        """
        numbers: dict[str, Any] = {name: getattr(self, name) for name in ("rows", *PARTS)}
        if self.groups:
            numbers["groups"] = [[label, part.to_dict()] for label, part in self.groups]
        return numbers

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Ledger:
        """The ledger that `to_dict` wrote; lists in group labels, as JSON has them, become tuples.

        Raises ValueError when a name is unknown or absent, or the numbers do not add up.
        """
        names = {"rows", *PARTS}
        if unknown := sorted(set(data) - names - {"groups"}):
            raise ValueError(f"Ledger: {unknown[0]!r} is not one of its numbers")
        if absent := sorted(names - set(data)):
            raise ValueError(f"Ledger: {absent[0]!r} is absent")
        groups = [(_hashable(label), cls.from_dict(part)) for label, part in data.get("groups", ())]
        return cls(**{name: data[name] for name in names}, groups=tuple(groups))


def _hashable(label: Any) -> Hashable:
    return tuple(map(_hashable, label)) if isinstance(label, list) else label
