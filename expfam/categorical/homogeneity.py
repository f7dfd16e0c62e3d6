"""Tests of whether groups have one distribution, all and each two, and what is rough in them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from expfam import association
from expfam.exact import Result, independence
from expfam.tables.labels import some

_BUDGET = 1_000_000  # half-outcomes of an exact test, or of those of all pairs: a third of a second
_WORK = 400_000  # cells drawn for a simulated p, between these numbers of tables
_DRAWS = (999, 9_999)
_MANY = 200  # pairs of groups, beyond which there is χ² alone
_SMALL = 5  # expected counts below this make the χ² approximation doubtful (Cochran 1954)


def tested(table: np.ndarray, statistic: str, method: str, rng: Any, share: int) -> Result:
    """The test of independence, in a second or so; of many tables each gets a share of that."""
    draws = int(np.clip(_WORK // table.size, *_DRAWS))
    return independence(table, statistic, method, rng, draws=draws, budget=_BUDGET // share)


def pairs_of(
    x: np.ndarray, labels: Sequence[Hashable], method: str, adjustment: str, rng: Any
) -> pd.DataFrame:
    """`Comparison.pairs` of the rows of a table."""
    places = list(itertools.combinations(range(len(labels)), 2))
    tables = [x[list(pair)][:, x[list(pair)].any(0)] for pair in places]
    method = "asymptotic" if len(tables) > _MANY and method == "auto" else method
    tests = [tested(table, "pearson", method, rng, len(tables)) for table in tables]
    pvalues = [test.pvalue for test in tests]
    columns: dict[str, Any] = {
        "statistic": [test.statistic for test in tests],
        "df": [test.df for test in tests],
        "pvalue": pvalues,
        "adjusted_pvalue": association.adjusted_pvalues(pvalues, adjustment),
        "exact": [test.exact for test in tests],
        "cramers_v": [
            _cramers_v(test.statistic, table) for test, table in zip(tests, tables, strict=True)
        ],
    }
    levels: Any = [pd.Index(list(labels), tupleize_cols=False)] * 2
    index = pd.MultiIndex(
        levels=levels,
        codes=[[a for a, _ in places], [b for _, b in places]],
        names=["group", "other"],
    )
    return pd.DataFrame(columns, index=index)


def _cramers_v(statistic: float, table: np.ndarray) -> float:
    """V of two rows, for which min(r, c) − 1 is 1, and 0 where there is one column."""
    return math.sqrt(min(statistic / table.sum(), 1.0))


def notes_on(
    counts: pd.DataFrame,
    groups: np.ndarray,
    categories: np.ndarray,
    tests: Sequence[Result],
    method: str,
) -> list[str]:
    notes = []
    if not categories.all():
        labels = some(counts.columns[~categories].tolist())
        notes.append(f"no group has {labels}: left out, with the degrees of freedom")
    if not groups.all():
        labels = some(counts.index[~groups].tolist())
        notes.append(f"no counts in {labels}: left out, with the degrees of freedom")
    x = counts.to_numpy(dtype=np.float64)[groups][:, categories]
    total = x.sum(1)
    if (total < _SMALL).any():
        few = counts.index[groups][total < _SMALL].tolist()
        notes.append(f"fewer than {_SMALL} counts in {some(few)}: shares there say little")
    if not (x == np.floor(x)).all():
        notes.append(
            "counts are not whole, as weights are not: tests and intervals take their sum "
            f"({x.sum():,.6g}) for a number of independent rows"
        )
    if method != "asymptotic":
        if not tests[0].exact:
            notes.append(f"p-values of X² and G: {tests[0].reason}")
        return notes
    expected = association.expected(x)
    if small := int((expected < _SMALL).sum()):
        verb = "is" if small == 1 else "are"
        notes.append(
            f"{small} of {expected.size} expected counts {verb} below {_SMALL} (the least is "
            f"{expected.min():.3g}): approximations by χ² are rough"
        )
    return notes
