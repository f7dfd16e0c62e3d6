"""What the commands do, one function each; `cli` parses and catches, these compute and print.

Each imports what it needs when it runs: conversions need no data frames.
"""

from __future__ import annotations

import shutil
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from expfam.writing import markup, plain
from expfam.writing.page import Grid, Page, visible

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit


def run_fit(options: Namespace) -> None:
    from expfam import report

    result = _read(options)
    level, method = options.level, options.method
    if options.format == "json":
        print(report.json(result, level, method))
    elif options.format == "csv":
        print(report.csv(result, level, method))
    else:
        width = _width() if options.format == "table" else None
        page = report.page(result, level, method, width=width, remarks=options.format != "table")
        _print_page(page, options.format)
    _say(result)


def run_test(options: Namespace) -> None:
    from expfam import report
    from expfam.categorical import serialised

    result = _read(options)
    outcome = result.test(
        options.against,
        options.statistic,
        method=options.method,
        rng=options.seed,
        draws=options.draws,
    )
    if options.format == "json":
        print(markup.dumps(serialised.goodness_dict(result, outcome)))
    elif options.format == "csv":
        print(report.goodness_csv(result, outcome))
    else:
        _print_page(report.goodness_page(result, outcome), options.format)
    _say(result)


def run_compare(options: Namespace) -> None:
    result = _read(options, [*(options.strata or ()), *(options.by or ())])
    outcome = result.compare(
        options.strata,
        method=options.method,
        level=options.level,
        adjustment=options.adjustment,
        rng=options.seed,
    )
    if options.format == "json":
        print(outcome.to_json())
    elif options.format == "csv":
        print(markup.frame_csv(outcome.to_frame()))
    else:
        _print_page(outcome.page(), options.format)
    _say(result, but="group ")  # the groups left out are told with the result


def run_sample(options: Namespace) -> None:
    from expfam import report

    result = _read(options)
    drawn = result.sample(options.size, options.seed)
    columns = [visible(group) for group in result.groups or ()] or [result.table.column or "label"]
    rows = drawn.reshape(options.size, len(columns)).tolist()
    if options.format == "json":
        print(markup.dumps(drawn.tolist()))
    elif options.format == "csv":
        print(markup.rows_csv(columns, rows))
    elif options.format == "table" and result.groups is None:
        for (label,) in rows:
            print(visible(label))
    else:
        cells = [[visible(label) for label in row] for row in rows]
        page = Page(
            f"draws of {report.title(result)}", grids=[("", Grid(columns, cells, len(columns)))]
        )
        _print_page(page, options.format)


def run_convert(options: Namespace) -> None:
    from expfam.cli.convert import conversion, conversion_page

    result = conversion(options.source, options.values, options.trials)
    if options.format == "json":
        fields = result._asdict().items()
        print(markup.dumps({name: markup.number(value) for name, value in fields}))
    elif options.format == "csv":
        columns = [result.natural, result.log_probabilities, result.mean]
        rows = zip(range(len(result.natural)), *(c.tolist() for c in columns), strict=True)
        print(markup.rows_csv(["category", "natural", "log_p", "mean"], rows))
    else:
        _print_page(conversion_page(result, options.source), options.format)


def run_walk(options: Namespace) -> None:
    from expfam.cli.walk import walk_page

    result = _read(options)
    _print_page(walk_page(result), "table")
    _say(result)


def run_lab(options: Namespace) -> None:
    from expfam.labs import lab

    result = None if options.file is None else _read(options)
    page = lab(options.name, result, categories=options.categories)
    print(page.write(options.output or f"{options.name}-lab.html"))
    if result is not None:
        _say(result)


def run_explain(options: Namespace) -> None:
    result = _read(options)
    explanation = result.explain(notation=options.notation)
    shown = {"html": explanation.to_html, "latex": explanation.to_latex}.get(options.format)
    print(explanation.text if shown is None else shown())
    _say(result)


def run_cards(options: Namespace) -> None:
    from expfam.cards import write_cards

    for path in write_cards(options.output, options.notation):
        print(path)


def run_data(options: Namespace) -> None:
    from expfam import datasets

    if options.name is not None:
        _one_table(options.name, options.format)
        return
    tables = [(name, datasets.about(name)) for name in datasets.names()]
    if options.format == "table":
        width = _width()
        for name, about in tables:
            print(f"{name} ({about.rows:,} rows)")
            for text in (about.what, f"{about.source}; {about.status}"):
                print(plain.indented(text, width))
    elif options.format == "json":
        print(markup.dumps([{"name": name, **about._asdict()} for name, about in tables]))
    elif options.format == "csv":
        header = ["name", "rows", "what", "source", "status"]
        print(markup.rows_csv(header, ([name, *about[:4]] for name, about in tables)))
    else:
        rows = [[name, *about[1:4], f"{about.rows:,}"] for name, about in tables]
        grid = Grid(["name", "what", "source", "status", "rows"], rows, 4)
        _print_page(Page("The tables of expfam", grids=[("", grid)]), options.format)


def _one_table(name: str, form: str) -> None:
    """The path of a table; with the format csv its contents, with json what is known of it."""
    from expfam import datasets

    path, about = datasets.path(name), datasets.about(name)
    if form == "json":
        print(markup.dumps({"name": name, "path": str(path), **about._asdict()}))
    else:
        print(path.read_text(encoding="utf-8").rstrip("\n") if form == "csv" else path)


# ---------------------------------------------------------------- in and out


def _read(options: Namespace, by: list[str] | None = None) -> CategoricalFit:
    from expfam.categorical import CategoricalFit
    from expfam.tables import tabulate

    progress = _Progress()
    try:
        table = tabulate(
            Path(options.file),
            options.column,
            by=by or getattr(options, "by", None),
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


def _say(result: CategoricalFit, but: str = " ") -> None:
    """The findings on stderr, but those that start so."""
    sys.stdout.flush()
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
    for finding in (text for text in result.check() if not text.startswith(but)):
        print(plain.folded(f"- {visible(finding)}", width), file=sys.stderr)


def _width() -> int | None:
    """The terminal's width, or None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _print_page(page: Page, form: str) -> None:
    if form == "html":
        print(markup.document(page))
    elif form == "latex":
        print(markup.latex(page))
    else:
        print(plain.text(page, _width()))
