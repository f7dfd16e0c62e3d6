"""Results to text, HTML, JSON, CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.categorical import serialised
from expfam.categorical.labelled import group_key
from expfam.writing import markup, plain
from expfam.writing.page import Grid, Page, count, nats, probability, share, visible

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit
    from expfam.categorical.goodness import GoodnessOfFit

__all__ = ["csv", "goodness_page", "html", "json", "latex", "page", "text"]

_NARROW = "too narrow for intervals and natural parameters: to_frame() and --format csv have them"
_NOTEBOOK = 130  # characters that a notebook's cell shows
_MANY = 12  # groups that stand side by side at most, however wide the paper


def text(
    fit: CategoricalFit,
    level: float = 0.95,
    method: str | None = None,
    *,
    width: int | None = None,
    most: int | None = None,
) -> str:
    """The fit as a table in plain text.

    width: of the terminal, to which labels are cut and groups are arranged, or None for no limit.
    most: how many categories to show, the most frequent ones; None for all.

    >>> import expfam
    >>> print(text(expfam.fit({"a": 1, "b": 3})))
    2 categories
    4 rows read = 4 used
    <BLANKLINE>
    category      count  probability      95% interval  natural
    a                 1       0.2500  [0.0127, 0.7514]  -1.3863
    b                 3       0.7500  [0.2486, 0.9873]  -0.2877
    2 categories      4       1.0000
    ...
    """
    return plain.text(page(fit, level, method, width=width, most=most), width)


def html(fit: CategoricalFit, level: float = 0.95, method: str | None = None) -> str:
    """The fit as an HTML fragment for notebooks, light and dark; groups as wide as these are."""
    return markup.html(page(fit, level, method, width=_NOTEBOOK, most=100))


def latex(fit: CategoricalFit, level: float = 0.95, method: str | None = None) -> str:
    """The fit as LaTeX tabulars that need no package."""
    return markup.latex(page(fit, level, method))


def json(fit: CategoricalFit, level: float = 0.95, method: str | None = None) -> str:
    """The fit as JSON that `CategoricalFit.from_json` reads back."""
    return serialised.to_json(fit, level, method)


def csv(fit: CategoricalFit, level: float = 0.95, method: str | None = None) -> str:
    """The fit as CSV for spreadsheets: `to_frame` and the ledger of each row's fit.

    Text that starts with = + - @ has an apostrophe in front. rows to excluded repeat the ledger;
    with groups they are the group's, but missing_group, rows without one, is the table's.

    >>> import expfam
    >>> print(csv(expfam.fit({"=SUM(A1)": 1, "b": 3})).splitlines()[1][:16])
    '=SUM(A1),1,0.25
    """
    frame = fit.to_frame(level, method)
    ledgers = [fit.ledger] if fit.groups is None else [fit.ledger.group(g) for g in fit.groups]
    size = len(fit.categories)
    for name in ("rows", "used", "missing", "missing_group", "zero_weight", "excluded"):
        values = [getattr(ledger, name) for ledger in ledgers]
        if name == "missing_group":
            values = [fit.ledger.missing_group] * len(ledgers)
        frame[name] = [value for value in values for _ in range(size)]
    return markup.frame_csv(frame)


# ---------------------------------------------------------------- pages


def page(
    fit: CategoricalFit,
    level: float = 0.95,
    method: str | None = None,
    *,
    width: int | None = None,
    most: int | None = None,
    remarks: bool = True,
) -> Page:
    """What a fit shows: groups side by side where that fits the width, else one below another."""
    shown = _shown(fit, most)
    bounds = fit.interval(level, method)
    if fit.groups is None:
        grids = [("", _grid(fit, bounds, shown, level))]
        facts = _facts(fit)
    else:
        grids, facts = _group_grids(fit, bounds, shown, level, width), []
    hidden = len(fit.categories) - len(shown)
    more = [f"{hidden:,} less frequent categories are not shown"] if hidden else []
    narrow = any(grid.header[-1] == "prob." for _, grid in grids)
    more.extend([_NARROW] if narrow else [bounds.text, *bounds.notes])
    return Page(
        title=title(fit),
        lines=[str(fit.ledger.text)],
        grids=grids,
        facts=facts,
        remarks=[*more, *(fit.notes if remarks else ())],
    )


def title(fit: CategoricalFit) -> str:
    column, source = fit.table.column, fit.table.source
    size = len(fit.categories)
    what = visible(column) if column else f"{size:,} categor{'y' if size == 1 else 'ies'}"
    by = f" by {', '.join(map(visible, fit.table.group_names))}" if fit.groups is not None else ""
    return f"{what}{by} of {visible(source)}" if source else f"{what}{by}"


def _shown(fit: CategoricalFit, most: int | None) -> list[int]:
    """The places of the categories to show, in their order: the `most` frequent ones."""
    counts = fit.table.counts.reshape(-1, len(fit.categories)).sum(0)
    if most is None or len(counts) <= most:
        return list(range(len(counts)))
    return sorted((-counts).argsort(kind="stable")[:most].tolist())


def _columns(
    fit: CategoricalFit, bounds: Any, group: tuple, shown: Sequence[int]
) -> list[list[str]]:
    """Count, probability, interval and η of one group (group = () without any), as text."""
    counts = fit.table.counts[group].tolist()
    p = fit._proportions[group].tolist()
    lower, upper = bounds._lower[group].tolist(), bounds._upper[group].tolist()
    natural = fit.distribution.natural_parameter[group].tolist()
    return [
        [count(counts[i]) for i in shown],
        [share(p[i]) for i in shown],
        [f"[{share(lower[i])}, {share(upper[i])}]" for i in shown],
        [nats(natural[i]) for i in shown],
    ]


def _grid(
    fit: CategoricalFit, bounds: Any, shown: Sequence[int], level: float, group: tuple = ()
) -> Grid:
    labels = [visible(fit.categories[place]) for place in shown]
    columns = _columns(fit, bounds, group, shown)
    n, size = fit._total[group].item(), len(fit.categories)
    footer = [f"{size:,} categor{'y' if size == 1 else 'ies'}", count(n), share(1.0), "", ""]
    rows = list(zip(labels, *columns, strict=True))
    return Grid(_header(fit, level), rows, footer=footer)


def _header(fit: CategoricalFit, level: float) -> list[str]:
    name = visible(fit.table.column or "category")
    return [name, "count", "probability", f"{100 * level:.6g}% interval", "natural"]


def _group_grids(
    fit: CategoricalFit, bounds: Any, shown: Sequence[int], level: float, width: int | None
) -> list[tuple[str, Grid]]:
    """Side by side, with fewer columns if they must, or else a block per group; and a summary."""
    groups = fit.groups or ()
    for keep in (4, 3, 2) if len(groups) <= _MANY else ():
        grid = _side_by_side(fit, bounds, shown, level, keep)
        if width is None or plain.grid_width(grid, least=keep == 2) <= width:
            return [("", grid), _summary(fit, width)]
    blocks = []
    for at, group in enumerate(groups):
        heading = f"{visible(group)}: {fit.ledger.group(group).text}"
        blocks.append((heading, _grid(fit, bounds, shown, level, (at,))))
    return [*blocks, _summary(fit, width)]


def _side_by_side(
    fit: CategoricalFit, bounds: Any, shown: Sequence[int], level: float, keep: int
) -> Grid:
    groups = fit.groups or ()
    name, *header = _header(fit, level)
    columns = [[visible(fit.categories[place]) for place in shown]]
    for at in range(len(groups)):
        columns.extend(_columns(fit, bounds, (at,), shown)[:keep])
    spans = [("", 1), *((visible(group), keep) for group in groups)]
    rows = list(zip(*columns, strict=True))
    if keep < 3:
        header = ["count", "prob."]
    return Grid([name, *header[:keep] * len(groups)], rows, spans=spans)


def _summary(fit: CategoricalFit, width: int | None) -> tuple[str, Grid]:
    """A row per group: its ledger in short, n where rows have weights, and its measures."""
    ledgers = [fit.ledger.group(group) for group in fit.groups or ()]
    columns = {
        ", ".join(map(visible, fit.table.group_names)): [visible(g) for g in fit.groups or ()],
        "rows": [f"{ledger.rows:,}" for ledger in ledgers],
        "used": [f"{ledger.used:,}" for ledger in ledgers],
        "n": [count(n) for n in fit._total.tolist()],
        "log-likelihood": [f"{value:,.2f}" for value in fit.log_likelihood],
        "entropy": [f"{value:.4f}" for value in fit.entropy],
        "AIC": [f"{value:,.2f}" for value in fit.aic],
        "BIC": [f"{value:,.2f}" for value in fit.bic],
    }
    if columns["n"] == columns["used"]:
        del columns["n"]
    for last in ("BIC", "AIC"):
        grid = Grid(list(columns), list(zip(*columns.values(), strict=True)))
        if width is None or plain.grid_width(grid, least=True) <= width:
            break
        del columns[last]
    grid = Grid(list(columns), list(zip(*columns.values(), strict=True)))
    return "log-likelihood, AIC and BIC are of the sequence; entropy in nats", grid


def _facts(fit: CategoricalFit) -> list[tuple[str, str]]:
    counts = f"{fit.log_likelihood_counts:,.2f}" if fit.whole else "needs whole counts"
    return [
        ("log-likelihood of the sequence", f"{fit.log_likelihood:,.2f}"),
        ("log-likelihood of the counts", counts),
        ("entropy (nats)", f"{fit.entropy:.4f}"),
        ("AIC (sequence)", f"{fit.aic:,.2f}"),
        ("BIC (sequence)", f"{fit.bic:,.2f}"),
        ("degrees of freedom", f"{fit.degrees_of_freedom}"),
    ]


def goodness_page(fit: CategoricalFit, result: GoodnessOfFit) -> Page:
    """What a test shows: counts beside expectations, and the statistic with its p."""
    by = [] if fit.groups is None else [", ".join(map(visible, fit.table.group_names))]
    header = [*by, visible(fit.table.column or "category"), "count", "expected", "difference"]
    grids = [("", Grid(header, _goodness_rows(fit, result), stub=1 + len(by)))]
    facts: list[tuple[str, str]] = []
    if fit.groups is None:
        facts = [
            ("statistic", f"{result.statistic:.6g}"),
            ("degrees of freedom", str(result.df)),
            ("p", probability(result.pvalue)),
        ]
        facts += [] if result.se is None else [("standard error of p", f"{result.se:.2g}")]
    else:
        values = zip(fit.groups, result.statistic, result.pvalue, strict=True)
        rows = [[visible(g), f"{x:.6g}", str(result.df), probability(p)] for g, x, p in values]
        grids.append(("", Grid([*by, "statistic", "degrees of freedom", "p"], rows)))
    lines = [fit.ledger.text, result.method]
    return Page(f"{title(fit)} against given probabilities", lines, grids, facts, result.notes)


def _goodness_rows(fit: CategoricalFit, result: GoodnessOfFit) -> list[list[str]]:
    size = len(fit.categories)
    observed = fit.table.counts.reshape(-1, size).tolist()
    expected = result.expected.to_numpy().reshape(-1, size).tolist()
    rows: list[list[str]] = []
    for at, (xs, ms) in enumerate(zip(observed, expected, strict=True)):
        by = [] if fit.groups is None else [visible(fit.groups[at])]
        rows.extend(
            [*by, visible(label), count(x), f"{m:,.2f}", f"{x - m:+,.2f}"]
            for label, x, m in zip(fit.categories, xs, ms, strict=True)
        )
    return rows


def goodness_csv(fit: CategoricalFit, result: GoodnessOfFit) -> str:
    """The statistic with its p as CSV, a row per group."""
    names, keys = list(fit.table.group_names), [group_key(fit.table, g) for g in fit.groups or ()]
    values, pvalues = np.ravel(result.statistic).tolist(), np.ravel(result.pvalue).tolist()
    errors = [None] * len(values) if result.se is None else np.ravel(result.se).tolist()
    rows: list[list] = [
        [*key, value, result.df, p, result.method, result.exact, se]
        for key, value, p, se in zip(keys or [()], values, pvalues, errors, strict=True)
    ]
    return markup.rows_csv([*names, "statistic", "df", "pvalue", "method", "exact", "se"], rows)
