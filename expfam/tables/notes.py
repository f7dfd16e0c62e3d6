"""What a table says of itself: each sentence is made here, and known again by its kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable

_KINDS = {  # how a sentence of the kind begins, and how it ends
    "unused": ("no row has ", ": kept as zero counts"),
    "unmet": ("no row has ", " of missing_labels"),
    "missing word": ("", "; name it in missing_labels if it stands for a missing one"),
    "alike": ("", " differ only by case, blanks or Unicode form: counted apart"),
}
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
_PASSING = ("unused", "unmet")  # what was not seen may be now
_MISSING_WORDS = frozenset(
    ["", "na", "n/a", "#n/a", "null", "none", "nan", "nil", "nat", "-", "?", ".", "missing"]
)


def note(kind: str, what: str) -> str:
    """The sentence of a kind about something.

    >>> note("unused", "'c'")
    "no row has 'c': kept as zero counts"
    """
    start, end = _KINDS[kind]
    return f"{start}{what}{end}"


def kind_of(text: str) -> str | None:
    """The kind of a sentence, whichever way it has come, from a table or from JSON.

    >>> kind_of("no row has 'c': kept as zero counts"), kind_of("read as counts")
    ('unused', None)
    """
    for kind, (start, end) in _KINDS.items():
        if text.startswith(start) and text.endswith(end):
            return kind
    return None


def lasts(text: str) -> bool:
    """Whether a sentence stays true when rows are added."""
    return kind_of(text) not in _PASSING


def looks_missing(label: Hashable) -> bool:
    """Whether a label is a word that often stands for a missing one."""
    return isinstance(label, str) and label.strip().lower() in _MISSING_WORDS


def alike(labels: Iterable[Hashable]) -> list[list[str]]:
    """The sets of texts that look the same: but for case, blanks, Unicode form, what is not shown.

    >>> alike(["Yes", "yes\\u200b", "no", "yes\\u00a0"])
    [['Yes', 'yes\\u200b', 'yes\\xa0']]
    """
    forms: dict[str, list[str]] = {}
    for label in labels:
        if isinstance(label, str):
            forms.setdefault(form(label), []).append(label)
    return [same for same in forms.values() if len(same) > 1]


def form(label: str) -> str:
    """A text as a reader sees it: NFKC, case and invisible characters away, single blanks.

    Source: Unicode Standard Annex 15; what is not shown has the category Cf.
    """
    folded = unicodedata.normalize("NFKC", label).casefold()
    return " ".join("".join(c for c in folded if not _invisible(c)).split())


def hidden(label: Hashable) -> bool:
    """Whether a text has a blank that does not tell, or characters that are not shown.

    Joiners are part of how some scripts and pictures are written.
    """
    if not isinstance(label, str):
        return False
    shown = label.translate(_JOINERS)
    return label != " ".join(label.split()) or any(map(_invisible, shown))


def _invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf"
