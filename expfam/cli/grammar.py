"""The commands and their arguments for argparse; the names of choices are those of their rooms."""

from __future__ import annotations

import argparse
from typing import Any

from expfam.cli import values

METHODS = (
    "bonferroni_blaker", "bonferroni", "goodman", "quesenberry_hurst", "fitzpatrick_scott",
    "sison_glaz", "blaker", "clopper_pearson", "wilson", "jeffreys", "wald",
)  # fmt: skip
STATISTICS = ("pearson", "g", "cressie_read", "neyman", "freeman_tukey", "probability")
TEST_METHODS = ("auto", "exact", "monte_carlo", "asymptotic")
ADJUSTMENTS = ("holm", "bonferroni", "benjamini_hochberg", "none")
LABS = ("softmax", "duality")
NOTATIONS = ("expfam", "wainwright_jordan", "bishop", "murphy", "nielsen")
FORMATS = ("table", "json", "csv", "latex", "html")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="expfam",
        description="Exponential families for categorical data: fits, tests, conversions.",
        epilog="`expfam COMMAND --help` says more.",
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_fit(commands)
    _add_test(commands)
    _add_compare(commands)
    _add_sample(commands)
    _add_convert(commands)
    _add_walk(commands)
    _add_lab(commands)
    _add_explain(commands)
    _add_cards(commands)
    _add_data(commands)
    return top


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        import expfam

        print(f"expfam {expfam.__version__}")
        parser.exit()


def _add_fit(commands: Any) -> None:
    fit = commands.add_parser("fit", help="count a column and estimate its probabilities")
    _add_column(fit)
    _add_interval(fit)
    _add_format(fit)


def _add_test(commands: Any) -> None:
    test = commands.add_parser("test", help="test given probabilities against a column")
    _add_column(test)
    test.add_argument(
        "--against",
        required=True,
        type=values.against,
        metavar="P0",
        help="uniform; a ratio in the order of the categories, 9:3:3:1; or label=p,label=p,… "
        "(p as 0.25 or 1/4; a label with a comma in double quotes)",
    )
    test.add_argument(
        "--statistic",
        choices=STATISTICS,
        default="pearson",
        help="what measures the distance: pearson's X² (default), the likelihood ratio g, …; "
        "probability: the less likely the more extreme",
    )
    test.add_argument(
        "--method",
        choices=TEST_METHODS,
        default="auto",
        help="where p comes from: all outcomes, simulated ones, or the χ² approximation; auto "
        "(default) is exact if that takes a second or so, and says what it did",
    )
    test.add_argument(
        "--draws", type=values.natural_number, help="simulated outcomes (default: 9999)"
    )
    test.add_argument("--seed", type=values.natural_number, default=0, help="of these (default: 0)")
    _add_format(test)


def _add_compare(commands: Any) -> None:
    compare = commands.add_parser("compare", help="compare the groups of a column")
    _add_column(compare, by="what makes the groups that are compared")
    compare.add_argument(
        "--strata", nargs="+", metavar="COLUMN", help="compare within these groups"
    )
    compare.add_argument(
        "--method",
        choices=TEST_METHODS,
        default="auto",
        help="of p-values (default: auto, exact where that takes little time)",
    )
    _add_level(compare)
    compare.add_argument(
        "--adjustment",
        choices=ADJUSTMENTS,
        default="holm",
        help="of the p-values of pairs of groups (default: holm)",
    )
    compare.add_argument(
        "--seed", type=values.natural_number, help="of p-values that are simulated"
    )
    _add_format(compare)


def _add_sample(commands: Any) -> None:
    sample = commands.add_parser("sample", help="draw labels from the fit of a column")
    _add_column(sample)
    sample.add_argument(
        "--size", type=values.natural_number, default=10, help="how many (default: 10)"
    )
    sample.add_argument("--seed", type=values.natural_number, help="for the same labels again")
    _add_format(sample)


def _add_convert(commands: Any) -> None:
    convert = commands.add_parser(
        "convert", help="natural to mean parameters of a multinomial, and back"
    )
    convert.add_argument("source", choices=("natural", "mean"), help="what the values are")
    convert.add_argument(
        "values", nargs="+", type=values.number, metavar="VALUE", help="0.2 -inf -1e6 …"
    )
    convert.add_argument("--trials", type=values.natural_number, default=1, help="(default: 1)")
    _add_format(convert)


def _add_walk(commands: Any) -> None:
    walk = commands.add_parser("walk", help="each step from a file to a fit, with its formula")
    _add_column(walk, by=None)


def _add_lab(commands: Any) -> None:
    lab = commands.add_parser("lab", help="write an interactive page, one file that works offline")
    lab.add_argument("name", choices=LABS)
    lab.add_argument(
        "data", nargs="*", default=(), action=_Data, metavar="FILE COLUMN", help="a fit to show"
    )
    _add_source(lab)
    lab.add_argument(
        "--categories",
        nargs=2,
        metavar="LABEL",
        help="of more than three, the two to show (default: the most frequent)",
    )
    lab.add_argument("--output", metavar="PAGE", help="(default: NAME-lab.html)")


class _Data(argparse.Action):
    """FILE COLUMN, or nothing."""

    def __call__(self, parser: Any, options: Any, values: Any, option: Any = None) -> None:
        if len(values) not in (0, 2):
            parser.error("a fit needs both FILE and COLUMN")
        options.file, options.column = values or (None, None)


def _add_explain(commands: Any) -> None:
    explain = commands.add_parser(
        "explain", help="the derivation of a fit, line by line, in the letters of your book"
    )
    _add_column(explain, by=None)
    _add_notation(explain)
    explain.add_argument("--format", choices=("text", "html", "latex"), default="text")


def _add_cards(commands: Any) -> None:
    cards = commands.add_parser("cards", help="write a card of formulas for each family, A4")
    cards.add_argument(
        "--output", required=True, metavar="DIR", help="a directory, made if need be"
    )
    _add_notation(cards)


def _add_notation(parser: Any) -> None:
    parser.add_argument("--notation", choices=NOTATIONS, default="expfam", help="whose letters")


def _add_data(commands: Any) -> None:
    data = commands.add_parser("data", help="list the tables that come with expfam")
    data.add_argument("name", nargs="?", help="print its path, or with --format csv the table")
    _add_format(data)


def _add_column(parser: Any, by: str | None = "a fit for each group") -> None:
    parser.add_argument("file", metavar="FILE", help=".csv, .csv.gz or .parquet")
    parser.add_argument("column", metavar="COLUMN", help="the column of labels")
    if by is not None:
        parser.add_argument("--by", nargs="+", metavar="COLUMN", help=by)
    _add_source(parser)


def _add_source(parser: Any) -> None:
    parser.add_argument("--weights", metavar="COLUMN", help="a column of frequencies")
    parser.add_argument(
        "--missing-label",
        nargs="+",
        action="extend",
        default=[],
        metavar="WORD",
        help="labels that stand for a missing one (an empty field always does)",
    )


def _add_interval(parser: Any) -> None:
    _add_level(parser)
    parser.add_argument(
        "--method",
        choices=METHODS,
        metavar="NAME",
        help=f"of all categories at once: {', '.join(METHODS[:6])}; of one at a time: "
        f"{', '.join(METHODS[6:])} (default: bonferroni_blaker, for fractional counts bonferroni)",
    )


def _add_level(parser: Any) -> None:
    parser.add_argument(
        "--level", type=values.level, default=0.95, help="of intervals (default: 0.95)"
    )


def _add_format(parser: Any) -> None:
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="table",
        help="csv puts an apostrophe before text that starts with = + - @; json has ±∞ as text",
    )
