"""What a careful reader would say of the labels: look-alikes, missing words, identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from expfam.categorical.labelled import group_key
from expfam.tables.notes import alike, form, hidden, kind_of, looks_missing, note

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit

_MOST = 5
_MANY = 20  # labels: of fewer that nearly all were seen once says nothing
_NEARLY_ALL = 0.9
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.I)
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)


def identifier(fit: CategoricalFit) -> Iterator[str]:
    if is_identifier(fit):
        counts = _by_label(fit)
        once, size = int((counts == 1).sum()), int((counts > 0).sum())
        yield (
            f"{once:,} of {size:,} labels were seen once: is the column an identifier? "
            "Probabilities of labels that do not come again tell little"
        )


def is_identifier(fit: CategoricalFit) -> bool:
    """Whether nearly all labels were seen once."""
    counts = _by_label(fit)
    size = int((counts > 0).sum())
    return fit.whole and size >= _MANY and (counts == 1).sum() >= _NEARLY_ALL * size


def missing_words(fit: CategoricalFit) -> Iterator[str]:
    """Words such as NA; where categories= has declared them, the table has no note of them."""
    if any(kind_of(text) == "missing word" for text in fit.notes):
        n = _by_label(fit).sum()
        for label, count in zip(fit.categories, _by_label(fit), strict=True):
            if looks_missing(label) and count:
                what = f"{label!r} is counted as a label ({count:,} of {n:,}, {count / n:.1%})"
                yield note("missing word", what)


def look_alikes(fit: CategoricalFit) -> Iterator[str]:
    """Labels, and those of groups, of which a reader would not know that they are two."""
    counts = dict(zip(fit.categories, _by_label(fit).tolist(), strict=True))
    for labels in alike(fit.categories):
        yield note("alike", _counted(labels, counts))
    for place, name in enumerate(fit.table.group_names):
        keys = [group_key(fit.table, group) for group in fit.groups or ()]
        for labels in alike(dict.fromkeys(key[place] for key in keys)):
            yield f"groups by {name}: {note('alike', _shown(labels, repr))}"


def not_shown(fit: CategoricalFit) -> Iterator[str]:
    """Blanks and characters that a reader does not see, where no other label looks the same."""
    same = {label for labels in alike(fit.categories) for label in labels}
    odd = [label for label in fit.categories if hidden(label) and label not in same]
    if odd:
        verb = "has" if len(odd) == 1 else "have"
        yield f"{_shown(odd, repr)} {verb} blanks at an end or in a row, or characters not shown"


def same_values(fit: CategoricalFit) -> Iterator[str]:
    """Texts of one number, 1 and 1.0 and 01, or of one date."""
    counts = dict(zip(fit.categories, _by_label(fit).tolist(), strict=True))
    for what, value in (("number", _number), ("date", _date)):
        for labels in _grouped(fit.categories, value):
            yield f"{_counted(labels, counts)} write one {what}: counted apart"


def _grouped(labels: Iterable[Hashable], value: Callable[[str], Hashable]) -> list[list[str]]:
    """The sets of texts of one value, unless they are look-alikes."""
    found: dict[Hashable, list[str]] = {}
    for label in labels:
        if isinstance(label, str) and (worth := value(label.strip())) is not None:
            found.setdefault(worth, []).append(label)
    return [same for same in found.values() if len(set(map(form, same))) > 1]


def _number(text: str) -> Hashable:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> Hashable:
    """Year, month and day in this order; others could be read in two ways."""
    match = _DATE.fullmatch(text)
    return tuple(map(int, match.groups())) if match else None


def _by_label(fit: CategoricalFit) -> np.ndarray:
    return fit.table.counts.reshape(-1, len(fit.categories)).sum(0)


def _counted(labels: list[str], counts: dict[Hashable, float]) -> str:
    return _shown(labels, lambda label: f"{label!r} ({counts[label]:,})")


def _shown(labels: list, text: Callable[[Hashable], str]) -> str:
    more = f" and {len(labels) - _MOST:,} more" if len(labels) > _MOST else ""
    return ", ".join(map(text, labels[:_MOST])) + more
