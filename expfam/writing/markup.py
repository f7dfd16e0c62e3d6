"""Pages as HTML and LaTeX, frames as CSV, data as JSON; labels escaped for where they go."""

from __future__ import annotations

import csv
import html as escapes
import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from expfam.writing.page import Grid, Page

if TYPE_CHECKING:
    import pandas as pd

_STYLE = """
.expfam{overflow-x:auto;color:inherit;background:transparent;margin:.5em 0;
font:13px/1.5 system-ui,sans-serif}
.expfam table{border-collapse:collapse;margin:.6em 0;color:inherit;background:transparent;
border:0;font:inherit;font-variant-numeric:tabular-nums}
.expfam td,.expfam th{padding:.15em .8em;text-align:right;border:0;background:transparent;
color:inherit;white-space:nowrap}
.expfam .label{text-align:left;font-weight:inherit;white-space:pre-wrap;max-width:30em;
overflow-wrap:break-word}
.expfam thead th{font-weight:600;border-bottom:1px solid rgba(128,128,128,.6)}
.expfam .span{text-align:center}
.expfam tfoot td,.expfam tfoot th{border-top:1px solid rgba(128,128,128,.6)}
.expfam caption{caption-side:top;text-align:left;font-weight:600;padding:.15em .8em;color:inherit}
.expfam p{margin:.2em .8em;color:inherit}
.expfam .title{font-weight:600}
""".strip()

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
{body}
</body>
</html>"""

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "-": "{-}", "`": r"\textasciigrave{}",
    "χ": r"$\chi$", "η": r"$\eta$", "μ": r"$\mu$", "²": r"\textsuperscript{2}",
    "Σ": r"$\Sigma$", "∞": r"$\infty$",
}  # fmt: skip
_NUMBER = re.compile(r"([+-]?(?:[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|inf\b))(?:e([+-]?[0-9]+))?")


def html(page: Page) -> str:
    """The page as a fragment that takes the colours of the notebook around it."""
    parts = [f'<div class="expfam"><style>{_STYLE}</style>']
    parts.append(f'<p class="title">{_html(page.title)}</p>')
    parts.extend(f"<p>{_html(line)}</p>" for line in page.lines)
    for title, grid in page.grids:
        parts.extend(_html_grid(title, grid))
    if page.facts:
        rows = "".join(
            f'<tr><th class="label" scope="row">{_html(name)}</th><td>{_html(value)}</td></tr>'
            for name, value in page.facts
        )
        parts.append(f"<table><tbody>{rows}</tbody></table>")
    parts.extend(f"<p>{_html(remark)}</p>" for remark in page.remarks)
    return "\n".join([*parts, "</div>"])


def document(page: Page) -> str:
    """The page as a whole HTML file, light or dark as the reader's system is."""
    return _DOCUMENT.format(title=_html(page.title), body=html(page))


def _html(text: str) -> str:
    return escapes.escape(text, quote=True)


def _html_grid(title: str, grid: Grid) -> Iterator[str]:
    yield "<table>" + (f"<caption>{_html(title)}</caption>" if title else "")
    yield "<thead>"
    if grid.spans:
        cells = (
            f'<th class="{"span" if at else "label"}" colspan="{size}">{_html(span)}</th>'
            for at, (span, size) in enumerate(grid.spans)
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield f"{_html_row(grid.header, grid.stub, head=True)}</thead>"
    yield "<tbody>" + "\n".join(_html_row(row, grid.stub) for row in grid.rows) + "</tbody>"
    if grid.footer:
        yield f"<tfoot>{_html_row(grid.footer, grid.stub)}</tfoot>"
    yield "</table>"


def _html_row(cells: Sequence[str], stub: int, head: bool = False) -> str:
    scope = "col" if head else "row"
    return "<tr>" + "".join(
        f'<th class="label" scope="{scope}">{_html(cell)}</th>' if place < stub
        else f"<th scope=\"col\">{_html(cell)}</th>" if head
        else f"<td>{_html(cell)}</td>"
        for place, cell in enumerate(cells)
    ) + "</tr>"  # fmt: skip


def latex(page: Page) -> str:
    """The page's grids as tabulars that need no package, its lines as paragraphs."""
    parts = [_tex(line) + r"\par" for line in (page.title, *page.lines)]
    for title, grid in page.grids:
        parts.extend([_tex(title) + r"\par"] if title else [])
        parts.extend(_tex_grid(grid))
    if page.facts:
        parts.append(r"\begin{tabular}{lr}")
        parts.extend(f"{_tex(name)} & {_tex_number(value)} \\\\" for name, value in page.facts)
        parts.append(r"\end{tabular}\par")
    parts.extend(_tex(remark) + r"\par" for remark in page.remarks)
    return "\n".join(parts)


def _tex_grid(grid: Grid) -> Iterator[str]:
    numbers = len(grid.header) - grid.stub
    yield rf"\begin{{tabular}}{{{'l' * grid.stub}{'r' * numbers}}}"
    yield r"\hline"
    if grid.spans:
        yield " & ".join(rf"\multicolumn{{{n}}}{{c}}{{{_tex(t)}}}" for t, n in grid.spans) + r" \\"
    yield " & ".join(map(_tex, grid.header)) + r" \\"
    yield r"\hline"
    for row in grid.rows:
        yield _tex_row(row, grid.stub)
    if grid.footer:
        yield r"\hline"
        yield _tex_row(grid.footer, grid.stub)
    yield r"\hline"
    yield r"\end{tabular}\par"


def _tex_row(row: Sequence[str], stub: int) -> str:
    cells = [_tex(cell) if place < stub else _tex_number(cell) for place, cell in enumerate(row)]
    return " & ".join(cells) + r" \\"


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in text)


def _tex_number(text: str) -> str:
    """A cell of numbers, an interval's brackets included, each number set as mathematics."""
    parts, start = [], 0
    for match in _NUMBER.finditer(text):
        parts.extend([_tex(text[start : match.start()]), _tex_math(*match.groups())])
        start = match.end()
    return "".join([*parts, _tex(text[start:])])


def _tex_math(value: str, exponent: str | None) -> str:
    value = value.replace(",", "{,}").replace("inf", r"\infty")
    return f"${value}$" if exponent is None else rf"${value}\cdot10^{{{int(exponent)}}}$"


def dumps(data: Any) -> str:
    """JSON of RFC 8259, one key a line."""
    return json.dumps(data, allow_nan=False, ensure_ascii=True, indent=1)


def number(values: Any) -> Any:
    """Numbers, or nested lists of them, with ±∞ as text, which JSON has no number for."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, list):
        return [number(value) for value in values]
    if isinstance(values, float) and math.isinf(values):
        return "Infinity" if values > 0 else "-Infinity"
    return values + 0.0 if isinstance(values, float) else values  # -0.0 is 0


def frame_csv(frame: pd.DataFrame) -> str:
    """A frame with its index as CSV for spreadsheets.

    Text that starts with = + - @, a tab or a carriage return gets an apostrophe in front, so
    that no spreadsheet takes a label for a formula. Numbers have all their digits; -∞ is -inf.
    """
    names = [name if name is not None else "category" for name in frame.index.names]
    return rows_csv([*map(str, names), *map(str, frame.columns)], _frame_rows(frame))


def rows_csv(header: Sequence[str], rows: Any) -> str:
    """Rows of text and numbers as CSV, text made safe for spreadsheets as `frame_csv` says."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_safe(name) for name in header])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().rstrip("\n")


def _frame_rows(frame: pd.DataFrame) -> Iterator[list[Any]]:
    columns = [frame[name].tolist() for name in frame.columns]
    for label, *values in zip(frame.index, *columns, strict=True):
        yield [*(label if frame.index.nlevels > 1 else (label,)), *values]


def _safe(cell: Any) -> Any:
    if isinstance(cell, float):
        return repr(cell) if math.isfinite(cell) else str(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
