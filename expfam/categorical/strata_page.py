"""A comparison within strata as a page and as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from expfam.categorical.comparison_page import (
    comparison_dict,
    interval_text,
    odds_dict,
    odds_direction,
    odds_text,
    total,
)
from expfam.categorical.serialised import _label
from expfam.writing.markup import number
from expfam.writing.page import Grid, Page, count, probability, visible

if TYPE_CHECKING:
    from expfam.categorical.strata import StratifiedComparison


def page(result: StratifiedComparison) -> Page:
    """A row for each stratum, one for all together, and the tests."""
    aggregate = result.aggregate
    names = ", ".join(map(visible, result.names))
    remarks = list(result.notes)
    if result.mantel_haenszel is not None:
        remarks.insert(0, odds_direction(aggregate.counts))
    groups, categories = aggregate.counts.shape
    size = (
        f"{len(result.strata)} strata × {groups} groups × {categories} categories, "
        f"n = {count(total(aggregate.counts))}"
    )
    return Page(
        title=f"{aggregate.title}: groups compared within {names}",
        lines=[str(aggregate.ledger.text), size],
        grids=[("", _strata(result, names)), ("", _tests(result))],
        remarks=remarks,
    )


def _strata(result: StratifiedComparison, names: str) -> Grid:
    by_odds = result.mantel_haenszel is not None
    header = [names, "n", "X²", "df", "p"]
    if by_odds:
        header += ["odds ratio", f"{100 * result.aggregate.level:.6g}% interval"]
    labels = [visible(label) for label in result.strata]
    rows = [
        [label, *_cells(row)]
        for label, row in zip(labels, result.to_frame().itertuples(), strict=True)
    ]
    test, counts = result.aggregate.pearson, result.aggregate.counts
    footer = ["strata ignored", count(total(counts)), f"{test.statistic:.4g}", str(test.df),
              probability(test.pvalue)]  # fmt: skip
    if by_odds:
        ratio = result._odds(result.aggregate)
        footer += [odds_text(ratio["odds_ratio"]), interval_text(ratio["lower"], ratio["upper"])]
    return Grid(header, rows, footer=footer)


def _cells(row: Any) -> list[str]:
    cells = [count(row.n), f"{row.statistic:.4g}", str(row.df), probability(row.pvalue)]
    if hasattr(row, "odds_ratio"):
        cells += [odds_text(row.odds_ratio), interval_text(row.lower, row.upper)]
    return cells


def _tests(result: StratifiedComparison) -> Grid:
    rows = [
        ["one distribution in each stratum: X² summed", *_test(result.pearson)],
        ["one distribution in each stratum: G summed", *_test(result.likelihood_ratio)],
    ]
    if (common := result.mantel_haenszel) is not None:
        half = ", less ½" if common.continuity else ""
        rows.append([f"common odds ratio 1: Mantel–Haenszel{half}", *_test(common)])
        if common.exact_pvalue is not None:
            rows.append(["common odds ratio 1: exact", "", "", probability(common.exact_pvalue)])
        if common.homogeneity is not None:
            rows.append(
                ["one odds ratio in all strata: Breslow–Day, Tarone", *_test(common.homogeneity)]
            )
    return Grid(["given the strata", "statistic", "df", "p"], rows)


def _test(test: Any) -> list[str]:
    return [f"{test.statistic:.6g}", str(test.df), probability(test.pvalue)]


def strata_dict(result: StratifiedComparison) -> dict[str, Any]:
    """`StratifiedComparison.to_dict`."""
    common = result.mantel_haenszel
    return {
        "strata_by": list(result.names),
        "strata": [
            {"stratum": _label(label), **comparison_dict(each)}
            for label, each in result.strata.items()
        ],
        "aggregate": comparison_dict(result.aggregate),
        "tests": {
            "pearson": asdict(result.pearson),
            "likelihood_ratio": asdict(result.likelihood_ratio),
        },
        "mantel_haenszel": None if common is None else _common_dict(common),
        "notes": list(result.notes),
    }


def _common_dict(common: Any) -> dict[str, Any]:
    return {
        "odds_ratio": odds_dict(common.odds_ratio),
        "statistic": common.statistic,
        "df": common.df,
        "pvalue": common.pvalue,
        "continuity": common.continuity,
        "homogeneity": None if common.homogeneity is None else asdict(common.homogeneity),
        "exact": None if common.exact is None else odds_dict(common.exact),
        "exact_pvalue": number(common.exact_pvalue),
        "strata": common.strata,
    }
