"""The categories of a family: distinct hashable labels, in order, from 0 to K − 1."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

_MOST = 2**62


def check_categories(categories: Any, who: str) -> range | tuple[Hashable, ...]:
    """range(K) for a number K, else the labels as a tuple of distinct hashable values.

    Errors: TypeError for a bare string, a set, an unhashable or a missing label; ValueError for no
    category, for the same label twice, and for labels that Python takes for the same (True, 1).
    """
    if isinstance(categories, bool | str | bytes) or categories is None:
        raise TypeError(f"{who}: categories must be a number or labels; got {categories!r}")
    if isinstance(categories, int | np.integer):
        if not 1 <= categories <= _MOST:
            rule = "there must be at least one category and at most 2**62"
            raise ValueError(f"{who}: {rule}; got {categories}")
        return range(int(categories))
    if not isinstance(categories, Iterable) or getattr(categories, "ndim", 1) == 0:
        kind = type(categories).__name__
        raise TypeError(f"{who}: categories must be a number or labels; got a {kind}")
    if isinstance(categories, set | frozenset):
        raise TypeError(f"{who}: labels must be in an order; got a {type(categories).__name__}")
    labels = tuple(plain(label) for label in categories)
    if not labels:
        raise ValueError(f"{who}: there must be at least one category; got none")
    seen: dict[Hashable, Hashable] = {}
    for label in labels:
        _check_label(label, who)
        if label in seen:
            raise ValueError(f"{who}: labels must be distinct; {seen[label]!r} and {label!r} agree")
        seen[label] = label
    if labels == tuple(range(len(labels))) and all(type(label) is int for label in labels):
        return range(len(labels))
    return labels


def label_text(categories: range | tuple) -> str:
    """The categories in a short form for messages and reprs."""
    if isinstance(categories, range):
        return str(len(categories))
    shown = ", ".join(repr(label) for label in categories[:4])
    return f"[{shown}{', …' if len(categories) > 4 else ''}]"


def plain(label: Any) -> Any:
    """A numpy scalar as the Python value that it holds."""
    dated = isinstance(label, np.datetime64 | np.timedelta64)  # whose item may be a bare number
    return label.item() if isinstance(label, np.generic) and not dated else label


def _check_label(label: Any, who: str) -> None:
    try:
        hash(label)
        missing = label is None or bool(label != label)
    except TypeError as error:
        if not re.search("unhashable", str(error)):
            missing = True  # pandas.NA has no truth value
        else:
            kind = type(label).__name__
            raise TypeError(f"{who}: labels must be hashable; got a {kind}") from None
    if missing:
        raise TypeError(f"{who}: a missing value is not a category; got {label!r}")
