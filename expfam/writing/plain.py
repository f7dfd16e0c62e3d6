"""Pages as plain text: aligned columns, at most so wide as a terminal is."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from expfam.writing.page import Grid, Page

_GAP = "  "
_LEAST = 8  # columns that a cut label keeps


def text(page: Page, width: int | None = None) -> str:
    """The page in lines; with a width, labels are cut and prose is folded to it."""
    parts = [folded(page.title, width)]
    parts.extend(folded(line, width) for line in page.lines)
    for title, grid in page.grids:
        parts.extend(["", *([folded(title, width)] if title else []), *grid_lines(grid, width)])
    if page.facts:
        parts.extend(["", *_facts(page.facts, width)])
    if page.remarks:
        parts.append("")
    parts.extend(folded(f"- {remark}", width) for remark in page.remarks)
    return "\n".join(line.rstrip() for line in "\n".join(parts).split("\n"))


def folded(line: str, width: int | None) -> str:
    if width is None or columns(line) <= width:
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)


def indented(text: str, width: int | None) -> str:
    """The text two columns in, folded to the width where there is one."""
    return textwrap.fill(text, width or 10**9, initial_indent="  ", subsequent_indent="  ")


def columns(text: str) -> int:
    """The columns a terminal gives a text: two for East Asian wide ones, none for marks."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def cut(text: str, width: int) -> str:
    """The text, or as much of its start as leaves room for an ellipsis."""
    if columns(text) <= width:
        return text
    kept, used = "", 0
    for char in text:
        used += columns(char)
        if used > width - 1:
            break
        kept += char
    return kept + "…"


def grid_lines(grid: Grid, width: int | None = None) -> Iterator[str]:
    """The grid in aligned lines: text to the left, numbers to the right."""
    cells = [
        list(grid.header),
        *map(list, grid.rows),
        *([list(grid.footer)] if grid.footer else []),
    ]
    widths = [max(columns(row[place]) for row in cells) for place in range(len(grid.header))]
    start = 0
    for title, size in grid.spans:
        spare = columns(title) - sum(widths[start : start + size]) - len(_GAP) * (size - 1)
        widths[start + size - 1] += max(spare, 0)
        start += size
    if width is not None:
        _squeeze(widths, grid.stub, width)
    if grid.spans:
        yield _span_line(grid, widths)
    for row in cells:
        yield _GAP.join(
            _padded(cut(cell, size) if place < grid.stub else cell, size, place >= grid.stub)
            for place, (cell, size) in enumerate(zip(row, widths, strict=True))
        )


def grid_width(grid: Grid, least: bool = False) -> int:
    """How wide the grid is; with `least`, when its labels are cut as far as they may be."""
    lines = list(grid_lines(grid, 1 if least else None))
    return max(columns(line) for line in lines)


def _squeeze(widths: list[int], stub: int, width: int) -> None:
    """Narrow the widest label column, again and again, until the grid fits or nothing gives."""
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        widest = max(range(stub), key=widths.__getitem__)
        if widths[widest] <= _LEAST:
            return
        widths[widest] -= 1


def _span_line(grid: Grid, widths: Sequence[int]) -> str:
    parts, start = [], 0
    for title, size in grid.spans:
        room = sum(widths[start : start + size]) + len(_GAP) * (size - 1)
        parts.append(_padded(title, room, start >= grid.stub))
        start += size
    return _GAP.join(parts)


def _padded(text: str, width: int, right: bool) -> str:
    room = " " * max(width - columns(text), 0)
    return room + text if right else text + room


def _facts(facts: Sequence[tuple[str, str]], width: int | None) -> Iterator[str]:
    """Names with their values, in two columns where that is not too wide."""
    half = (len(facts) + 1) // 2
    rows = [(*facts[place], *(facts[half + place] if half + place < len(facts) else ("", "")))
            for place in range(half)]  # fmt: skip
    sizes = [max(columns(row[place]) for row in rows) for place in range(4)]
    if width is not None and sum(sizes) + 3 * len(_GAP) + 2 > width:
        rows = [(name, value, "", "") for name, value in facts]
        sizes = [max(columns(row[place]) for row in rows) for place in range(4)]
    for row in rows:
        cells = [_padded(cell, size, place % 2 == 1) for place, (cell, size) in
                 enumerate(zip(row, sizes, strict=True))]  # fmt: skip
        yield f"{cells[0]}{_GAP}{cells[1]}{_GAP}  {cells[2]}{_GAP}{cells[3]}"
