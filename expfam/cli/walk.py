"""`expfam walk`: every stage from a file to a member of the family, formula beside number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from expfam.writing import plain
from expfam.writing.page import Grid, Page, count, digits, nats, visible

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit

_SHOWN = 8


def walk_page(fit: CategoricalFit) -> Page:
    """The stages csv → ledger → T(x) → counts → mean → natural → A and log-likelihood."""
    shown = list(range(len(fit.categories)))[:_SHOWN]
    hidden = len(fit.categories) - len(shown)
    column, source = fit.table.column or "the column", fit.table.source or "the data"
    more = [f"{hidden:,} more categories are not shown"] if hidden else []
    return Page(
        f"{visible(column)} of {visible(source)}: from rows to natural parameters",
        grids=[("", _stages(fit)), ("", _numbers(fit, shown))],
        remarks=more,
    )


def _stages(fit: CategoricalFit) -> Grid:
    ledger, p = fit.ledger, fit.distribution
    back = np.abs(p.mean_parameter - fit._proportions).max()
    size = len(fit.categories)
    first = plain.cut(visible(fit.categories[0]), 12)
    coded = f"T({first}) = (1{', 0' * min(size - 1, 2)}{', …' if size > 3 else ''})"
    counts = nats(fit.log_likelihood_counts) if fit.whole else "needs whole counts"
    rows = [
        ["1 csv", "rows of labels, as text", f"{ledger.rows:,} rows"],
        ["2 ledger", "rows = used + left out", ledger.text.partition(" = ")[2]],
        ["3 statistic", "T(x)ᵢ = 1 where x is label i", coded],
        ["4 counts", "x = Σ T over rows, n = Σ x", f"n = {count(fit.n)}"],
        ["5 mean", "μ = x / n, as E T(x) = ∇A(η)", f"Σ μ = {digits(fit._proportions.sum())}"],
        ["6 natural", "η = (∇A)⁻¹(μ) = log μ", f"{fit.degrees_of_freedom} free"],
        ["7 partition", "A(η) = log Σ exp η", f"A = {digits(_near_zero(p.log_partition))}"],
        ["8 and back", "∇A(η) = exp(η − A(η)) = μ", f"to within {back:.0e}" if back else "exactly"],
        ["9 likelihood", "⟨η, x⟩ − n·A(η), of the sequence", nats(fit.log_likelihood)],
        ["", "… + log n!/∏ xᵢ!, of the counts", counts],
    ]
    return Grid(["stage", "formula", "numbers"], rows, stub=3)


def _near_zero(value: float) -> float:
    """A(η) of η = log p is 0 but for roundings, which are no news."""
    return 0.0 if abs(value) < 1e-12 else value


def _numbers(fit: CategoricalFit, shown: list[int]) -> Grid:
    counts = fit.table.counts[shown].tolist()
    p, natural = fit._proportions[shown], fit.distribution.natural_parameter[shown]
    terms = fit.distribution.natural_parameter * np.where(fit.table.counts > 0, fit.table.counts, 1)
    terms = np.where(fit.table.counts > 0, terms, 0.0)
    rows = [
        [visible(fit.categories[place]), count(x), f"{mean:.6f}", nats(eta), nats(term)]
        for place, x, mean, eta, term in zip(
            shown, counts, p.tolist(), natural.tolist(), terms[shown].tolist(), strict=True
        )
    ]
    name = visible(fit.table.column or "label")
    size = len(fit.categories)
    footer = [f"{size:,} categor{'y' if size == 1 else 'ies'}", count(fit.n), "1", "",
              nats(terms.sum())]  # fmt: skip
    return Grid([name, "counts x", "mean μ", "natural η", "η·x"], rows, footer=footer)
