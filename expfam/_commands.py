"""What the commands do, one function each; `cli` parses and catches, these compute and print."""

from __future__ import annotations

import csv
import shutil
import sys
import time
from argparse import Namespace
from fractions import Fraction
from typing import Any

import numpy as np

from expfam import _json, _markup, _text, report
from expfam._page import Grid, Page, visible
from expfam.categorical import CategoricalFit
from expfam.convert import conversion, conversion_page
from expfam.tables import tabulate
from expfam.walk import walk_page


def fit(options: Namespace) -> None:
    result = _read(options)
    level, method = options.level, options.method
    if options.format == "json":
        print(report.json(result, level, method))
    elif options.format == "csv":
        print(report.csv(result, level, method))
    else:
        width = _width() if options.format == "table" else None
        page = report.page(result, level, method, width=width, remarks=False)
        _print_page(page, options.format)
    _say(result, options)


def test(options: Namespace) -> None:
    result = _read(options)
    outcome = result.test(_p0(options.against), options.statistic)
    if options.format == "json":
        print(_json.dumps(_json.test_dict(result, outcome)))
    elif options.format == "csv":
        values = np.broadcast_to(np.asarray(outcome.statistic), (len(result.groups or [0]),))
        ps = np.broadcast_to(np.asarray(outcome.pvalue), values.shape)
        names, keys = _group_cells(result)
        rows = zip(keys, values.tolist(), ps.tolist(), strict=True)
        header = [*names, "statistic", "df", "pvalue", "method", "exact"]
        print(_markup.rows_csv(header, (
            [*key, value, outcome.df, p, outcome.method, outcome.exact] for key, value, p in rows
        )))  # fmt: skip
    else:
        _print_page(report.test_page(result, outcome), options.format)
    _say(result, options)


def sample(options: Namespace) -> None:
    result = _read(options)
    drawn = result.sample(options.size, options.seed)
    columns = [visible(group) for group in result.groups or ()] or [result.table.column or "label"]
    rows = np.reshape(drawn, (options.size, len(columns))).tolist()
    if options.format == "json":
        print(_json.dumps(drawn.tolist()))
    elif options.format == "csv":
        print(_markup.rows_csv(columns, rows))
    elif options.format == "table" and result.groups is None:
        for (label,) in rows:
            print(visible(label))
    else:
        cells = [[visible(label) for label in row] for row in rows]
        page = Page(f"draws of {report.title(result)}", grids=[("", Grid(columns, cells, len(columns)))])
        _print_page(page, options.format)


def convert(options: Namespace) -> None:
    result = conversion(options.source, options.values, options.trials)
    if options.format == "json":
        print(_json.dumps({name: _json.number(value) for name, value in result._asdict().items()}))
    elif options.format == "csv":
        columns = [result.natural, result.log_probabilities, result.mean]
        rows = zip(range(len(result.natural)), *(c.tolist() for c in columns), strict=True)
        print(_markup.rows_csv(["category", "natural", "log_p", "mean"], rows))
    else:
        _print_page(conversion_page(result, options.source), options.format)


def walk(options: Namespace) -> None:
    result = _read(options)
    _print_page(walk_page(result), "table")
    _say(result, options)


def data(options: Namespace) -> None:
    from expfam import datasets

    if options.name is not None:
        path, about = datasets.path(options.name), datasets.about(options.name)
        if options.format == "json":
            print(_json.dumps({"name": options.name, "path": str(path), **about._asdict()}))
        elif options.format == "csv":
            print(path.read_text(encoding="utf-8").rstrip("\n"))
        else:
            print(path)
        return
    tables = [(name, datasets.about(name)) for name in datasets.names()]
    if options.format == "json":
        print(_json.dumps([{"name": name, **about._asdict()} for name, about in tables]))
        return
    header = ["name", "rows", "what", "source", "status"]
    if options.format == "csv":
        print(_markup.rows_csv(header, ([name, *about[:4]] for name, about in tables)))
        return
    if options.format == "table":
        width = _width()
        for name, about in tables:
            print(f"{name} ({about.rows:,} rows)")
            for text in (about.what, f"{about.source}; {about.status}"):
                print(_text.indented(text, width))
        return
    rows = [[name, about.what, about.source, about.status, f"{about.rows:,}"] for name, about in tables]
    grid = Grid([header[0], *header[2:], "rows"], rows, 4)
    _print_page(Page("The tables of expfam", grids=[("", grid)]), options.format)


# ---------------------------------------------------------------- in and out


def _read(options: Namespace) -> CategoricalFit:
    from pathlib import Path

    progress = _Progress()
    try:
        table = tabulate(
            Path(options.file),
            options.column,
            by=getattr(options, "by", None),
            weights=options.weights,
            missing_labels=options.missing_label,
            progress=progress if sys.stderr.isatty() else None,
        )
    finally:
        progress.clear()
    return CategoricalFit(table)


class _Progress:
    """A line on stderr that a long read rewrites, and that is gone when it is done."""

    def __init__(self) -> None:
        self.start = self.last = time.monotonic()
        self.shown = False

    def __call__(self, rows: int, share: float) -> None:
        now = time.monotonic()
        if now - self.start > 1 and now - self.last > 0.2:
            self.last, self.shown = now, True
            print(f"\r{rows:,} rows, {share:.0%} of the file", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _say(result: CategoricalFit, options: Namespace) -> None:
    """The findings on stderr; where the output has no line for it, the ledger too."""
    sys.stdout.flush()
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
    for finding in result.check():
        print(_text.folded(f"- {visible(finding)}", width), file=sys.stderr)


def _width() -> int | None:
    """The terminal's width, or None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _print_page(page: Page, form: str) -> None:
    if form == "html":
        print(_markup.document(page))
    elif form == "latex":
        print(_markup.latex(page))
    else:
        print(_text.text(page, _width()))


def _group_cells(result: CategoricalFit) -> tuple[list[str], list[tuple]]:
    if result.groups is None:
        return [], [()]
    names = list(result.table.group_names)
    return names, [g if len(names) > 1 else (g,) for g in result.groups]  # type: ignore[misc]


def _p0(text: str) -> Any:
    """`--against`: uniform and ratios as they are, label=p,… as a dict."""
    if "=" not in text:
        return text
    p0: dict[str, float] = {}
    for part in next(csv.reader([text], skipinitialspace=True)):
        label, equals, number = part.rpartition("=")
        try:
            value = float(Fraction(number.strip()))
        except (ValueError, ZeroDivisionError, OverflowError):
            value = -1.0
        if not equals or value < 0:
            raise ValueError(f"--against: {part!r} is not label=p with a number p ≥ 0")
        if label in p0:
            raise ValueError(f"--against: label {label!r} is given twice")
        p0[label] = value
    return p0
