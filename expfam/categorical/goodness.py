"""A fit against given probabilities: p0 read by label, the test, and its result."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.categorical.labelled import codes_of
from expfam.power_divergence import STATISTICS, chi_square_tail, power_divergence
from expfam.tables.labels import some
from expfam.writing.page import probability

if TYPE_CHECKING:
    import pandas as pd

    from expfam.categorical import CategoricalFit

_RATIO = re.compile(r"\s*[0-9.eE+]+\s*(?::\s*[0-9.eE+]+\s*)+", re.ASCII)
_SMALL = 5  # expected counts below this make the χ² approximation doubtful (Cochran 1954)


@dataclass(frozen=True, eq=False, repr=False)
class GoodnessOfFit:
    """The result of a test of given probabilities; names are those of scipy.

    statistic, pvalue: numbers, or with groups Series by group. df: degrees of freedom.
    method: the statistic and how p was found. exact: whether p is exact. se: the standard error
    of a simulated p, else None. expected: n·p0, labelled as the counts are. notes: what to know.
    """

    statistic: Any
    pvalue: Any
    df: int
    method: str
    exact: bool
    se: float | None
    expected: pd.Series | pd.DataFrame
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """The result in a line, or a line per group, and the notes."""
        if isinstance(self.statistic, float):
            lines = [_line(self.statistic, self.df, self.pvalue)]
        else:
            pairs = zip(self.statistic.index, self.statistic, self.pvalue, strict=True)
            lines = [f"{group}: {_line(value, self.df, p)}" for group, value, p in pairs]
        return "\n".join([self.method, *lines, *self.notes])

    def __repr__(self) -> str:
        return self.text


def _line(statistic: float, df: int, pvalue: float) -> str:
    sign = "= " if pvalue else ""
    return f"statistic = {statistic:.6g}, df = {df}, p {sign}{probability(pvalue)}"


def goodness(fit: CategoricalFit, p0: Any, statistic: str, ratio: bool) -> GoodnessOfFit:
    """`CategoricalFit.test`."""
    divergences = [name for name, given in STATISTICS.items() if given.lambda_ is not None]
    if not isinstance(statistic, str) or statistic not in divergences:
        names = ", ".join(divergences)
        raise ValueError(f"test: statistic must be one of {names}; got {statistic!r}")
    given = read_p0(p0, fit.categories, ratio)
    chosen = STATISTICS[statistic]
    value = np.asarray(power_divergence(fit.table.counts, given, chosen.lambda_ or 0.0))
    df = int((given > 0).sum()) - 1
    expected = fit._total[..., None] * given
    return GoodnessOfFit(
        statistic=fit._by_group(value, "statistic"),
        pvalue=fit._by_group(chi_square_tail(value, df), "pvalue"),
        df=df,
        method=f"{chosen.title}, χ² approximation with {df} degrees of freedom",
        exact=False,
        se=None,
        expected=fit._by_label(expected, "expected"),
        notes=_notes(fit, given, expected),
    )


def _notes(fit: CategoricalFit, given: np.ndarray, expected: np.ndarray) -> tuple[str, ...]:
    notes = []
    ruled_out = [place for place, p in enumerate(given) if p == 0]
    seen = fit.table.counts.reshape(-1, given.size).sum(0) > 0
    if unseen := [fit.categories[place] for place in ruled_out if not seen[place]]:
        notes.append(
            f"p0 = 0 and no counts: {some(unseen)}, left out with a degree of freedom each"
        )
    if met := [fit.categories[place] for place in ruled_out if seen[place]]:
        notes.append(f"p0 = 0 but counted: {some(met)}, which p0 rules out")
    possible = expected[..., given > 0]
    if few := int((possible < _SMALL).sum()):
        verb, least = "is" if few == 1 else "are", possible.min()
        notes.append(
            f"{few} of {possible.size} expected counts {verb} below {_SMALL} (the least is "
            f"{least:.3g}): the χ² approximation is rough"
        )
    return tuple(notes)


def read_p0(p0: Any, categories: Sequence[Hashable], ratio: bool) -> np.ndarray:
    """p0 in the order of the categories, with the sum 1; a ValueError or TypeError says why not."""
    if isinstance(p0, str):
        values, ratio = _from_text(p0, len(categories)), True
    elif isinstance(p0, Mapping) or hasattr(p0, "items"):
        values = _by_label(list(p0.items()), categories)
    elif ratio and isinstance(p0, Sequence | np.ndarray) and np.ndim(p0) == 1:
        values = list(p0)
    else:
        kind = type(p0).__name__
        raise TypeError(
            'test: p0 must be probabilities by label, "uniform" or a ratio as in "9:3:3:1" '
            f"(numbers in the order of the categories go with ratio=True); got a {kind}"
        )
    if len(values) != len(categories):
        raise ValueError(
            f"test: p0 must have {len(categories)} numbers, one a category "
            f"({some(categories)}); got {len(values)}"
        )
    return _normalised([_number(value) for value in values], ratio)


def _normalised(values: list[float], ratio: bool) -> np.ndarray:
    total = math.fsum(values)
    if not 0 < total < math.inf:
        raise ValueError(f"test: p0 must have a positive, finite sum; it sums to {total:g}")
    if not ratio and abs(total - 1) > 1e-9:
        raise ValueError(
            f"test: p0 must sum to 1; it sums to {total:.10g} (ratio=True takes any numbers in "
            "proportion)"
        )
    return np.array(values) / total


def _number(value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"test: p0 must be numbers; got {value!r}")
    number = float(value)
    if not 0 <= number < math.inf:
        raise ValueError(f"test: p0 must be non-negative and finite; got {value}")
    return number


def _from_text(text: str, size: int) -> list[float]:
    if text == "uniform":
        return [1.0] * size
    try:
        if _RATIO.fullmatch(text):
            return [float(part) for part in text.split(":")]
    except ValueError:
        pass
    raise ValueError(f'test: p0 as text must be "uniform" or a ratio as in "9:3:3:1"; got {text!r}')


def _by_label(items: list[tuple[Any, Any]], categories: Sequence[Hashable]) -> list[Any]:
    """The values in the order of the categories; strangers, duplicates and gaps are named."""
    values: dict[int, Any] = {}
    for label, value in items:
        try:
            code = int(codes_of([label], categories)[0])
        except ValueError:
            raise ValueError(
                f"test: p0 names {label!r}, which is not among the categories {some(categories)}"
            ) from None
        if code in values:
            raise ValueError(f"test: p0 names {label!r} twice")
        values[code] = value
    if absent := [label for code, label in enumerate(categories) if code not in values]:
        raise ValueError(f"test: p0 must name every category; it lacks {some(absent)}")
    return [values[code] for code in range(len(categories))]
