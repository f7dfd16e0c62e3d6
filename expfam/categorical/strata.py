"""Groups compared within strata: each stratum, all together, and what 2 × 2 tables say of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np
import pandas as pd

from expfam import odds
from expfam.categorical.comparison import Comparison, of_counts
from expfam.power_divergence import chi_square_tail
from expfam.tables.labels import some
from expfam.writing import markup, plain

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit
    from expfam.writing.page import Page


@dataclass(frozen=True)
class Conditional:
    """The test that groups have one distribution in every stratum; names are those of scipy."""

    statistic: float
    df: int
    pvalue: float
    method: str


@final
@dataclass(frozen=True, eq=False, repr=False)
class StratifiedComparison:
    """Groups compared within strata and, the strata ignored, as a whole.

    aggregate: the `Comparison` of all counts. strata: the `Comparison` of each stratum by its
    label. pearson, likelihood_ratio: X² and G summed over the strata, with their df: whether the
    groups agree in every stratum. mantel_haenszel: of two groups and two categories the common
    odds ratio with its tests (`expfam.odds.MantelHaenszel`), else None. notes: what was left out.
    """

    aggregate: Comparison
    strata: Mapping[Hashable, Comparison]
    names: tuple[str, ...]
    pearson: Conditional
    likelihood_ratio: Conditional
    mantel_haenszel: odds.MantelHaenszel | None
    title: str
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """n, X², df and p of each stratum, and of two by two the exact odds ratio with bounds."""
        rows = [_row(each) for each in self.strata.values()]
        if self.mantel_haenszel is not None:
            for row, each in zip(rows, self.strata.values(), strict=True):
                row |= self._odds(each)
        labels = [label if isinstance(label, tuple) else (label,) for label in self.strata]
        if len(self.names) == 1:
            index = pd.Index([label for (label,) in labels], name=self.names[0])
        else:
            index = pd.MultiIndex.from_tuples(labels, names=list(self.names))
        return pd.DataFrame(rows, index=index)

    def _odds(self, each: Comparison) -> dict[str, float]:
        method = "exact" if self.mantel_haenszel and self.mantel_haenszel.exact else "profile"
        ratio = each.odds_ratio(method)
        return {"odds_ratio": ratio.value, "lower": ratio.lower, "upper": ratio.upper}

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain lists, numbers and text; ±∞ is the text "Infinity"."""
        from expfam.categorical import strata_page

        return strata_page.strata_dict(self)

    def to_json(self) -> str:
        """`to_dict` as JSON of RFC 8259: no NaN, no Infinity."""
        return markup.dumps(self.to_dict())

    def page(self) -> Page:
        """What is shown of it: `expfam.writing` makes text, HTML and LaTeX of a page."""
        from expfam.categorical import strata_page

        return strata_page.page(self)

    def __repr__(self) -> str:
        return plain.text(self.page(), 80)

    def _repr_html_(self) -> str:
        return markup.html(self.page())


def _row(each: Comparison) -> dict[str, Any]:
    test = each.pearson
    n = each.counts.to_numpy().sum().item()
    return {"n": n, "statistic": test.statistic, "df": test.df, "pvalue": test.pvalue}


def stratified(
    fit: CategoricalFit, strata: Any, title: str, notes: Sequence[str], **settings: Any
) -> StratifiedComparison:
    """The groups of a fit by several columns, compared within those of some of the columns."""
    counts: Any = fit.counts
    names = list(strata) if isinstance(strata, list | tuple) else [strata]
    rest = [name for name in counts.index.names if name not in names]
    if not names or any(name not in counts.index.names for name in names) or not rest:
        raise ValueError(
            "compare: strata must be some, not all, of the columns that make the groups "
            f"({', '.join(map(str, counts.index.names))}); got {strata!r}"
        )
    level = rest[0] if len(rest) == 1 else rest
    whole = counts.groupby(level=level, sort=False).sum()
    aggregate = of_counts(whole, title, fit.ledger, notes, **settings)
    found: dict[Hashable, Comparison] = {}
    lost = []
    for label, part in counts.groupby(level=names if len(names) > 1 else names[0], sort=False):
        frame = part.droplevel(names).reindex(aggregate.counts.index, fill_value=0)
        frame = frame[aggregate.counts.columns]
        try:
            found[label] = of_counts(frame, str(label), fit.ledger, **settings)
        except ValueError:
            lost.append(label)
    if not found:
        raise ValueError("compare: in no stratum do two groups and two categories have counts")
    remarks = []
    if lost:
        remarks.append(
            f"{some(lost)} of the strata {'has' if len(lost) == 1 else 'have'} counts in one group "
            "or one category alone, and nothing to compare: left out"
        )
    together = [_summed(found.values(), name) for name in ("pearson", "likelihood_ratio")]
    mantel_haenszel = None
    if aggregate.counts.shape == (2, 2):
        tables = [_full(each, aggregate.counts) for each in found.values()]
        mantel_haenszel = odds.mantel_haenszel(np.array(tables), settings["level"])
        remarks.extend(mantel_haenszel.notes)
    return StratifiedComparison(
        aggregate=aggregate,
        strata=found,
        names=tuple(map(str, names)),
        pearson=together[0],
        likelihood_ratio=together[1],
        mantel_haenszel=mantel_haenszel,
        title=title,
        notes=tuple(dict.fromkeys([*aggregate.notes, *remarks])),
    )


def _full(each: Comparison, like: pd.DataFrame) -> np.ndarray:
    frame = each.counts.reindex(index=like.index, columns=like.columns, fill_value=0)
    return frame.to_numpy(dtype=np.float64)


def _summed(parts: Any, name: str) -> Conditional:
    tests = [getattr(part, name) for part in parts]
    statistic, df = sum(test.statistic for test in tests), sum(test.df for test in tests)
    method = f"{'X²' if name == 'pearson' else 'G'} summed over strata, χ² approximation"
    return Conditional(statistic, df, float(chi_square_tail(statistic, df)), method)
