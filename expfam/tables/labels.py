"""The rules of labels: what is missing, what is the same, in which order."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from numbers import Number
from typing import Any

import numpy as np

_WHOLE = re.compile("0|[1-9][0-9]*")  # as Python writes it: 007 is a word


def is_null(value: Any) -> bool:
    """None, NaN, NaT and NA, whichever library wrote them."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, Decimal, np.datetime64, np.timedelta64)) and value != value


def tag(label: Hashable) -> tuple:
    """Equal for the same label only: True is not 1 here."""
    return isinstance(label, bool), label


def plain(value: Any) -> Any:
    """A numpy scalar as the Python value it stands for."""
    return value.item() if isinstance(value, (np.number, np.bool_, np.str_)) else value


def label_list(labels: Any, name: str) -> tuple:
    """Labels given as an argument, as Python values."""
    kind = type(labels).__name__
    if isinstance(labels, (str, bytes, set, frozenset)) or not isinstance(labels, Iterable):
        raise ValueError(f"tables: {name} must be a sequence of labels; got {kind}")
    values = tuple(map(plain, labels))
    for value in values:
        if not hashes(value):
            kind = type(value).__name__
            raise ValueError(f"tables: {name} must be hashable labels; it has {kind}")
    return values


def hashes(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def declared(categories: Any, missing_labels: tuple, most: int) -> tuple:
    """The sample space that `categories=` declares."""
    labels = label_list(categories, "categories")
    check_kinds(labels, "categories=")
    seen: set = set()
    missing = set(map(tag, missing_labels))
    for label in labels:
        if label in seen:
            raise ValueError(f"tables: categories must be distinct; {label!r} occurs twice")
        if is_null(label) or tag(label) in missing:
            raise ValueError(f"tables: categories must not be missing labels; {label!r} is one")
        seen.add(label)
    if not 0 < len(labels) <= most:
        rule = f"1 to {most:,} labels (max_categories)"
        raise ValueError(f"tables: categories must be {rule}; got {len(labels):,}")
    return labels


def check_kinds(labels: Iterable, what: str) -> None:
    """True and 1 are equal and hash alike, so a mix of both cannot be counted."""
    numbers = {isinstance(label, bool): label for label in labels if isinstance(label, Number)}
    if len(numbers) == 2:
        raise ValueError(
            f"tables: labels must not mix booleans and numbers; {what} has"
            f" {numbers[True]!r} and {numbers[False]!r}"
        )


def in_order(labels: set, what: str) -> list:
    """Sorted labels, whole numbers in text by value; ValueError when two of them have no order."""
    if all(isinstance(label, str) and _WHOLE.fullmatch(label) for label in labels):
        return sorted(labels, key=lambda label: (len(label), label))
    try:
        found = sorted(labels)
        if all(a < b for a, b in pairwise(found)):
            return found
    except TypeError:
        pass
    kinds = sorted({type(label).__name__ for label in labels})
    raise ValueError(
        f"tables: labels must sort; {what} has {' and '.join(kinds)}, list them in categories="
    )


def some(labels: Sequence, most: int = 5) -> str:
    more = f" and {len(labels) - most:,} more" if len(labels) > most else ""
    return ", ".join(map(repr, labels[:most])) + more
