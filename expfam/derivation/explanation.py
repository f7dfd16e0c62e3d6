"""A derivation as an object: steps of words, formulas and tables, shown as text, HTML or LaTeX."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

from expfam.derivation.expression import Expression
from expfam.derivation.latex import LATEX, escaped
from expfam.derivation.media import MATHML, TEXT
from expfam.derivation.shown import show
from expfam.writing.plain import columns

_WIDTH = 88
MATH_FONT = '"Latin Modern Math","STIX Two Math","Cambria Math","DejaVu Math TeX Gyre",math'
_STYLE = (
    """
.expfam-explain{max-width:52em;color:inherit;font:15px/1.5 system-ui,sans-serif;margin:.5em 0}
.expfam-explain h2{font-size:1.25em;line-height:1.3;margin:.2em 0;overflow-wrap:anywhere}
.expfam-explain .source{opacity:.7;font-size:.85em;margin:.2em 0 1em}
.expfam-explain ol{padding:0;margin:0;list-style:none;counter-reset:step}
.expfam-explain li{counter-increment:step;position:relative;padding:.1em 0 .9em 2.6em}
.expfam-explain li::before{content:counter(step);position:absolute;left:0;top:.25em;width:1.7em;
height:1.7em;line-height:1.7em;text-align:center;border-radius:50%;font-size:.85em;
background:rgba(128,128,128,.18)}
.expfam-explain li p{margin:.15em 0}
.expfam-explain .formula{overflow-x:auto;overflow-y:hidden;padding:.25em 0}
.expfam-explain math{font-size:1.12em;font-family:"""
    + MATH_FONT
    + """}
.expfam-explain .formula>math>mtable>mtr>mtd{text-align:left;padding:.22em 0}
.expfam-explain .formula>math>mtable>mtr>mtd:first-child{text-align:right}
.expfam-explain .numbers{color:#0b57a4}
@media (prefers-color-scheme:dark){.expfam-explain .numbers{color:#8ec5ff}}
.expfam-explain table{border-collapse:collapse;margin:.4em 0;font:inherit;color:inherit;
background:none}
.expfam-explain th,.expfam-explain td{text-align:right;padding:.1em .9em;border:0;background:none;
font-variant-numeric:tabular-nums;white-space:nowrap}
.expfam-explain th{border-bottom:1px solid rgba(128,128,128,.6);font-weight:600}
.expfam-explain td:first-child,.expfam-explain th:first-child{text-align:left;padding-left:0}
.expfam-explain td{color:#0b57a4}
.expfam-explain td:first-child{color:inherit}
@media (max-width:30em){.expfam-explain li{padding-left:0}
.expfam-explain li::before{position:static;display:inline-block;margin-bottom:.2em}}
@media (prefers-color-scheme:dark){.expfam-explain td{color:#8ec5ff}}
"""
).strip()
_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body{{max-width:52em;margin:2em auto;padding:0 1.2em}}</style>
</head>
<body>
{body}
</body>
</html>"""


@dataclass(frozen=True)
class Line:
    """One line of a chain: left where it starts one, a sign, right; of numbers or of letters."""

    left: Expression | None
    sign: str
    right: Expression
    numeric: bool = False


@dataclass(frozen=True)
class Grid:
    """A header of letters over rows of a label and numbers."""

    header: tuple[Expression, ...]
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Step:
    """Why, in words with formulas among them; then lines, and a table."""

    why: tuple[str | Expression, ...]
    lines: tuple[Line, ...] = ()
    grid: Grid | None = None


@final
@dataclass(frozen=True, repr=False)
class Explanation:
    """A derivation line by line, symbols beside the numbers of one member.

    It prints as text and shows itself in notebooks; `to_html` is a page that needs no script and
    asks no network, `to_latex` a fragment for amsmath and amssymb. numbers: every number that
    the lines end in, which no choice of notation changes.

    >>> import expfam
    >>> print(expfam.Poisson().from_mean(4.0).explain("natural").text)
    The backward map of Poisson(), from mean to natural parameter
    ...
    """

    title: str
    source: str
    steps: tuple[Step, ...]
    numbers: tuple[float, ...]

    @property
    def text(self) -> str:
        """The derivation as plain text in Unicode."""
        return "\n".join(self._text_lines())

    def __repr__(self) -> str:
        return self.text

    def _text_lines(self) -> Iterator[str]:
        yield self.title
        yield from textwrap.wrap(self.source, _WIDTH)
        for count, step in enumerate(self.steps, 1):
            yield ""
            why = _prose(step.why, lambda words: words, lambda tree: show(tree, TEXT))
            lead = f"{count:2}  "
            yield from textwrap.wrap(
                why, _WIDTH, initial_indent=lead, subsequent_indent="    ", break_on_hyphens=False
            )
            yield from _text_chain(step.lines)
            if step.grid is not None:
                yield from _text_grid(step.grid)

    def _repr_html_(self) -> str:
        parts = [f'<div class="expfam-explain"><style>{_STYLE}</style>']
        parts.append(f"<h2>{html.escape(self.title)}</h2>")
        parts.append(f'<p class="source">{html.escape(self.source)}</p><ol>')
        for step in self.steps:
            why = _prose(step.why, html.escape, lambda tree: f"<math>{show(tree, MATHML)}</math>")
            parts.append(f"<li><p>{why}</p>{_html_chain(step.lines)}{_html_grid(step.grid)}</li>")
        return "\n".join([*parts, "</ol></div>"])

    def to_html(self) -> str:
        """A whole page of HTML with MathML, light or dark as the reader's system is."""
        return _DOCUMENT.format(title=html.escape(self.title), body=self._repr_html_())

    def to_latex(self) -> str:
        """LaTeX to be put into a document that loads amsmath and amssymb."""
        parts = [rf"\paragraph{{{escaped(self.title)}}} {escaped(self.source)}"]
        parts.append(r"\begin{enumerate}")
        for step in self.steps:
            why = _prose(step.why, escaped, lambda tree: f"${show(tree, LATEX)}$")
            parts.append(rf"\item {why}")
            parts.extend(_latex_chain(step.lines))
            parts.extend(_latex_grid(step.grid))
        return "\n".join([*parts, r"\end{enumerate}"])


def _prose(
    why: tuple[str | Expression, ...],
    words: Callable[[str], str],
    formula: Callable[[Expression], str],
) -> str:
    return "".join(words(part) if isinstance(part, str) else formula(part) for part in why)


# ---------------------------------------------------------------- text


def _text_chain(lines: tuple[Line, ...]) -> Iterator[str]:
    lefts = ["" if line.left is None else show(line.left, TEXT) for line in lines]
    margin = max(map(columns, lefts), default=0)
    for left, line in zip(lefts, lines, strict=True):
        lead = f"      {left}{' ' * (margin - columns(left))} {line.sign} "
        yield from textwrap.wrap(
            show(line.right, TEXT),
            _WIDTH + 12,
            initial_indent=lead,
            subsequent_indent=" " * columns(lead),
            break_on_hyphens=False,
            break_long_words=False,
        )


def _text_grid(grid: Grid) -> Iterator[str]:
    rows = [[show(cell, TEXT) for cell in row] for row in (grid.header, *grid.rows)]
    widths = [max(columns(row[place]) for row in rows) for place in range(len(grid.header))]
    for row in rows:
        first, *rest = (
            " " * (width - columns(cell)) + cell for cell, width in zip(row, widths, strict=True)
        )
        first = row[0] + " " * (widths[0] - columns(row[0]))
        yield "      " + "   ".join([first, *rest])


# ---------------------------------------------------------------- HTML


def _html_chain(lines: tuple[Line, ...]) -> str:
    if not lines:
        return ""
    rows = []
    for line in lines:
        left = "" if line.left is None else show(line.left, MATHML)
        right = f"{MATHML.sign(line.sign)}{show(line.right, MATHML)}"
        colour = ' class="numbers"' if line.numeric else ""
        rows.append(f"<mtr><mtd>{left}</mtd><mtd{colour}><mrow>{right}</mrow></mtd></mtr>")
    table = f'<mtable displaystyle="true">{"".join(rows)}</mtable>'
    return f'<div class="formula"><math>{table}</math></div>'


def _html_grid(grid: Grid | None) -> str:
    if grid is None:
        return ""

    def row(cells: tuple[Expression, ...], tag: str) -> str:
        shown = (f"<{tag}><math>{show(cell, MATHML)}</math></{tag}>" for cell in cells)
        return f"<tr>{''.join(shown)}</tr>"

    body = "".join(row(cells, "td") for cells in grid.rows)
    head = f"<thead>{row(grid.header, 'th')}</thead>"
    return f'<div class="formula"><table>{head}<tbody>{body}</tbody></table></div>'


# ---------------------------------------------------------------- LaTeX


def _latex_chain(lines: tuple[Line, ...]) -> Iterator[str]:
    if not lines:
        return
    yield r"\begin{align*}"
    rows = []
    for line in lines:
        left = "" if line.left is None else show(line.left, LATEX)
        rows.append(f"{left} &{LATEX.sign(line.sign)}{show(line.right, LATEX)}")
    yield " \\\\\n".join(rows)
    yield r"\end{align*}"


def _latex_grid(grid: Grid | None) -> Iterator[str]:
    if grid is None:
        return
    yield rf"\par\begin{{tabular}}{{l{'r' * (len(grid.header) - 1)}}}"
    for place, row in enumerate((grid.header, *grid.rows)):
        yield (
            " & ".join(f"${show(cell, LATEX)}$" for cell in row) + r" \\" + r"\hline" * (not place)
        )
    yield r"\end{tabular}"
