"""A comparison of groups as a page and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.categorical.serialised import _label
from expfam.odds import METHODS
from expfam.writing.markup import number
from expfam.writing.page import Grid, Page, count, probability, share, visible

if TYPE_CHECKING:
    import pandas as pd

    from expfam.categorical.comparison import Comparison
    from expfam.odds import OddsRatio

_SIDE_BY_SIDE = (12, 5)  # groups and categories that a grid of shares shows at most
_CELLS = 10  # of a greater table: the cells that stand out most
_PAIRS = 6  # of so many groups at most are all pairs shown
_NAMES = {
    "cramers_v": "Cramér's V",
    "cramers_v_corrected": "Cramér's V, corrected for bias",
    "contingency_coefficient": "contingency coefficient",
    "lambda_category": "lambda: {category} from {group}",
    "lambda_group": "lambda: {group} from {category}",
    "lambda_symmetric": "lambda, symmetric",
    "tau_category": "tau: {category} from {group}",
    "tau_group": "tau: {group} from {category}",
}


def page(result: Comparison) -> Page:
    """What a comparison shows, on a screen or two."""
    group, category = names(result.counts)
    groups, categories = result.counts.shape
    grids = [_cells(result), tests(result), ("", _measures(result, group, category))]
    if 2 < groups <= _PAIRS:
        grids.append(_pairs(result))
    more = []
    if groups > _PAIRS:
        more.append(
            f"`pairs` has the comparisons of {groups * (groups - 1) // 2:,} pairs of groups"
        )
    one, each = result.aic
    facts = [
        ("AIC, one distribution for all", f"{one:,.2f}"),
        ("AIC, one per group", f"{each:,.2f}"),
    ]
    size = f"{groups} groups × {categories} categories, n = {count(total(result.counts))}"
    return Page(
        title=f"{result.title}: groups compared",
        lines=[str(result.ledger.text), size],
        grids=grids,
        facts=facts,
        remarks=[*more, *result.notes, *_remarks(result, group, category)],
    )


def names(counts: pd.DataFrame) -> tuple[str, str]:
    """What the groups and the categories are called."""
    group = ", ".join(visible(str(name)) for name in counts.index.names)
    return group, visible(counts.columns.name or "category")


def total(counts: pd.DataFrame) -> Any:
    return counts.to_numpy().sum().item()


def _cells(result: Comparison) -> tuple[str, Grid]:
    """Shares with their residuals side by side, or the cells that stand out most."""
    group, category = names(result.counts)
    counts, adjusted = result.counts, result.adjusted_residuals.to_numpy()
    n = counts.to_numpy().sum(1)
    shares = counts.to_numpy() / n[:, None]
    labels = [visible(label) for label in counts.index]
    columns = [visible(label) for label in counts.columns]
    if all(size <= most for size, most in zip(counts.shape, _SIDE_BY_SIDE, strict=True)):
        rows = [
            [label, count(n[at].item())]
            + [
                f"{share(p)} {round(r, 1) + 0.0:+5.1f}"
                for p, r in zip(shares[at], adjusted[at], strict=True)
            ]
            for at, label in enumerate(labels)
        ]
        title = f"share of each {category}, and adjusted residual: beyond ±2 a cell stands out"
        return title, Grid([group, "n", *columns], rows)
    order = np.argsort(-np.abs(adjusted), axis=None, kind="stable")[:_CELLS]
    expected, observed = result.expected.to_numpy(), counts.to_numpy()
    rows = [
        [labels[i], columns[j], count(observed[i, j].item()), f"{expected[i, j]:,.2f}",
         f"{adjusted[i, j]:+.2f}"]
        for i, j in zip(*np.unravel_index(order, adjusted.shape), strict=True)
    ]  # fmt: skip
    title = f"the {len(rows)} cells of {adjusted.size:,} that stand out most"
    return title, Grid([group, category, "count", "expected", "adjusted residual"], rows, stub=2)


def tests(result: Comparison) -> tuple[str, Grid]:
    rows = []
    for name, test in (
        ("Pearson's X²", result.pearson),
        ("likelihood ratio G", result.likelihood_ratio),
    ):
        rows.append(
            [name, how(test), f"{test.statistic:.6g}", str(test.df), probability(test.pvalue)]
        )
    header = ["one distribution?", "p by", "statistic", "df", "p"]
    return "", Grid(header, rows, stub=2)


def how(test: Any) -> str:
    """In a few words, how p was found."""
    if test.exact:
        return "exact"
    return "simulation" if test.se is not None else "χ² approximation"


def _measures(result: Comparison, group: str, category: str) -> Grid:
    rows = [
        [_NAMES[name].format(group=group, category=category), f"{row.value:.4f}",
         "none" if row.method == "none" else f"[{row.lower:.4f}, {row.upper:.4f}]"]
        for name, row in zip(result.measures.index, _records(result.measures), strict=True)
    ]  # fmt: skip
    rows.extend(_odds_rows(result))
    return Grid(["association", "estimate", f"{100 * result.level:.6g}% interval"], rows)


def _odds_rows(result: Comparison) -> list[list[str]]:
    names = {"exact": "odds ratio, exact", "profile": "odds ratio, profile likelihood"}
    return [
        [names[ratio.method], odds_text(ratio.value), interval_text(ratio.lower, ratio.upper)]
        for ratio in _odds_ratios(result)
    ]


def _odds_ratios(result: Comparison) -> list[OddsRatio]:
    """By each method that these counts allow: the exact one is of whole counts, not of millions."""
    if result.counts.shape != (2, 2):
        return []
    found = []
    for method in METHODS:
        try:
            found.append(result.odds_ratio(method))
        except ValueError:
            continue
    return found


def odds_text(value: float) -> str:
    """An odds ratio to four digits."""
    return f"{value:#.4g}" if 1e-4 <= value < 1000 else f"{value:.4g}"


def interval_text(lower: float, upper: float) -> str:
    return f"[{odds_text(lower)}, {odds_text(upper)}]"


def odds_direction(counts: pd.DataFrame) -> str:
    """Of what over what an odds ratio of the table is."""
    one, other = (visible(label) for label in counts.columns)
    first, second = (visible(label) for label in counts.index)
    return f"odds of {one} to {other}, {first} over {second}"


def _pairs(result: Comparison) -> tuple[str, Grid]:
    rows = []
    for (one, other), row in zip(result.pairs.index, _records(result.pairs), strict=True):
        rows.append([
            visible(one), visible(other), f"{row.statistic:.4g}", str(row.df),
            probability(row.pvalue), probability(row.adjusted_pvalue), f"{row.cramers_v:.4f}",
        ])  # fmt: skip
    adjustment = result.adjustment.replace("_", " ").title().replace(" ", "–")
    adjusted = "p" if adjustment == "None" else f"p ({adjustment})"
    header = ["group", "other", "X²", "df", "p alone", adjusted, "V"]
    return "", Grid(header, rows, stub=2)


def _records(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples())


def _remarks(result: Comparison, group: str, category: str) -> list[str]:
    """What the numbers are of, and why one has no interval."""
    notes = []
    if result.counts.shape == (2, 2):
        note = _odds_ratios(result)[0].note
        notes = [odds_direction(result.counts), *([note] if note else [])]
    said: dict[str, list[str]] = {}
    for name, note in result.measures["note"].items():
        if note:
            said.setdefault(note, []).append(_NAMES[str(name)].partition(":")[0].split(",")[0])
    return [*notes, *(f"{' and '.join(dict.fromkeys(of))}: {note}" for note, of in said.items())]


# ---------------------------------------------------------------- plain data


def comparison_dict(result: Comparison) -> dict[str, Any]:
    """`Comparison.to_dict`."""
    counts = result.counts
    pairs = result.pairs
    return {
        "groups": [_label(label) for label in counts.index],
        "categories": [_label(label) for label in counts.columns],
        "counts": counts.to_numpy().tolist(),
        "expected": number(result.expected.to_numpy()),
        "residuals": number(result.residuals.to_numpy()),
        "adjusted_residuals": number(result.adjusted_residuals.to_numpy()),
        "tests": {
            "pearson": test_dict(result.pearson),
            "likelihood_ratio": test_dict(result.likelihood_ratio),
        },
        "aic": {"one_for_all": result.aic.iloc[0], "one_per_group": result.aic.iloc[1]},
        "level": result.level,
        "measures": {name: dict(row) for name, row in result.measures.iterrows()},
        "odds_ratios": [odds_dict(ratio) for ratio in _odds_ratios(result)],
        "adjustment": result.adjustment,
        "pairs": [
            {"group": _label(one), "other": _label(other), **row}
            for (one, other), row in zip(pairs.index, pairs.to_dict("records"), strict=True)
        ],
        "ledger": result.ledger.to_dict(),
        "notes": list(result.notes),
    }


def test_dict(test: Any) -> dict[str, Any]:
    names = ("statistic", "df", "pvalue", "method", "exact", "se", "reason")
    return {name: number(getattr(test, name)) for name in names if hasattr(test, name)}


def odds_dict(ratio: OddsRatio) -> dict[str, Any]:
    return {name: number(value) for name, value in ratio._asdict().items()}
