"""A fit explained: its counts by `derivation.counts`, its member's topics by `derivation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expfam.categorical.labelled import aligned
from expfam.writing.page import count, visible

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit
    from expfam.derivation import Explanation


def explained(
    fit: CategoricalFit, topic: str | None, x: Any, other: Any, notation: str
) -> Explanation:
    """The derivation of a fit, or of a topic of its member, with labels for codes."""
    from expfam.derivation import explain
    from expfam.derivation.counts import explain_counts

    if fit.groups is not None:
        raise ValueError(
            "CategoricalFit: one fit can be explained; this one has groups: take fit.group(label)"
        )
    if topic in (None, "fit") and x is None and other is None:
        return explain_counts(
            fit.distribution, fit.table.counts, fit.log_likelihood, _title(fit), notation
        )
    if topic == "fit":
        raise ValueError("CategoricalFit: the data of 'fit' are the fit's own; got x or other")
    if x is not None:
        x = fit.family.code(x)
    if isinstance(other, type(fit)):
        other = type(fit)(aligned(other.table, fit.table)).distribution
    return explain(fit.distribution, topic, x=x, other=other, notation=notation)


def _title(fit: CategoricalFit) -> str:
    source = f" of {visible(fit.table.source)}" if fit.table.source else ""
    column = visible(fit.table.column) if fit.table.column else ""
    size = len(fit.categories)
    what = f"{column}{source}" or f"{count(size)} categor{'y' if size == 1 else 'ies'}"
    return f"{what}: from counts to both parameters"
