"""A page: what a result shows, free of any format; and the words that its numbers become."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Grid:
    """Rows of cells under a header, the first `stub` columns text and the rest numbers.

    spans: titles over neighbouring columns, as (title, number of columns), together all of them.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    stub: int = 1
    spans: Sequence[tuple[str, int]] = ()
    footer: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """A title, a line on the data, grids with facts (name, value) below each, and remarks."""

    title: str
    lines: Sequence[str] = ()
    grids: Sequence[tuple[str, Grid]] = ()
    facts: Sequence[tuple[str, str]] = ()
    remarks: Sequence[str] = field(default=())


def visible(label: Any) -> str:
    """A label on one line: what does not print (line ends, escapes) as Python writes it."""
    text = label if isinstance(label, str) else _joined(label)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _joined(label: Any) -> str:
    return " / ".join(map(visible, label)) if isinstance(label, tuple) else str(label)


def count(value: float) -> str:
    """A count: whole ones with thousands, others with two decimals."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def share(value: float) -> str:
    """A probability to four decimals, or to two digits where these are all zeros."""
    return f"{value:.4f}" if value == 0 or value >= 0.001 else f"{value:.1e}"


def nats(value: float) -> str:
    """A logarithm to four decimals; -inf as the command line takes it."""
    return f"{value + 0.0:,.4f}" if math.isfinite(value) else str(value)


def digits(value: float) -> str:
    """Ten digits, or fewer where they say the same."""
    return f"{value + 0.0:.10g}"


def probability(p: float) -> str:
    """A p-value to four digits; one too small for a float is below the least of them."""
    return f"{p:.4g}" if p > 0 else "< 1e-300"
