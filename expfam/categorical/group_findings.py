"""What a careful reader would say of groups: where χ² is rough, and where strata turn it round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from expfam.exact import independence
from expfam.writing.page import probability, visible

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit

_FEW = 5  # expected counts below this make the χ² approximation doubtful (Cochran 1954)
_LEVEL = 0.05
_CELLS, _N = 60, 20_000  # a table of more is not tested exactly: a finding must not take seconds
_BUDGET, _DRAWS = 200_000, 9_999
_STRATA = 6  # shown
_TOLD = 3  # categories
_Z = 1.96


def approximations(fit: CategoricalFit) -> Iterator[str]:
    """Tests that all groups have one distribution: where χ² is rough, what is exact."""
    table = tested(fit)
    if table is None:
        return
    few = _expected(table) < _FEW
    pearson, g = (
        independence(table, name, method="asymptotic").pvalue for name in ("pearson", "g")
    )
    apart = (pearson < _LEVEL) != (g < _LEVEL)
    if not (few.any() or apart):
        return
    better = _better(table) if fit.whole else None
    if few.any():
        verb = "is" if few.sum() == 1 else "are"
        yield (
            f"{few.sum():,} of {few.size:,} expected counts {verb} below {_FEW}, where χ² is "
            "rough: the test that all groups have one distribution has "
            f"{_p(pearson)} by χ²" + (f", and {better}" if better else "")
        )
    if apart:
        yield (
            "X² and G disagree at the 5% level on whether groups differ "
            f"({_p(pearson)} and {_p(g)} by χ²): "
            + (f"go by X², {better}" if better else "neither settles it")
        )


def tested(fit: CategoricalFit) -> np.ndarray | None:
    """The counts of groups × categories that have any, if there are two of each."""
    if fit.groups is None:
        return None
    counts = fit.table.counts
    table = counts[:, counts.any(axis=0)]
    return table if min(table.shape) > 1 else None


def _expected(table: np.ndarray) -> np.ndarray:
    x = table.astype(np.float64)
    return np.outer(x.sum(axis=1), x.sum(axis=0) / x.sum())


def _better(table: np.ndarray) -> str | None:
    """The p-value of X² that is exact, or simulated, if it takes no time."""
    if table.size > _CELLS or table.sum() > _N:
        return None
    try:
        return f"{_p(independence(table, method='exact', budget=_BUDGET).pvalue)} exactly"
    except ValueError:  # over the budget
        p = independence(table, method="monte_carlo", draws=_DRAWS).pvalue
    if p * (_DRAWS + 1) < 1.5:  # (1 + b)/(1 + draws), of b = 0
        return f"none of {_DRAWS:,} simulated tables is as extreme"
    return f"p = {probability(p)} by {_DRAWS:,} simulated tables"


def _p(value: float) -> str:
    return f"p {'= ' if value > 0 else ''}{probability(value)}"


# ------------------------------------------------------------ strata


def reversals(fit: CategoricalFit) -> Iterator[str]:
    """Simpson's paradox: fits by two columns, one of two labels, whose strata are the other.

    The differences of two shares within strata are averaged with the weights n₁n₂/(n₁ + n₂) of
    Mantel and Haenszel; told is a difference beyond 1.96 standard errors that they turn round.
    Source: Simpson (1951), JRSS B 13: 238–241; Mantel and Haenszel (1959), JNCI 22: 719–748.
    """
    if len(fit.table.group_names) == 2:
        for place in (0, 1):
            yield from _reversals_of(fit, place)


def _reversals_of(fit: CategoricalFit, place: int) -> Iterator[str]:
    """Those of the two labels of one column within the labels of the other."""
    keys: list = [(group[place], group[1 - place]) for group in fit.groups or ()]  # type: ignore[index]
    pair, strata = (list(dict.fromkeys(key[i] for key in keys)) for i in (0, 1))
    if len(pair) != 2:
        return
    cube = np.zeros((2, len(strata), len(fit.categories)))
    for (label, stratum), row in zip(keys, fit.table.counts, strict=True):
        cube[pair.index(label), strata.index(stratum)] = row
    n = cube.sum(axis=-1)
    met = np.flatnonzero((n > 0).all(axis=0))
    if len(met) < 2:
        return
    whole = n.sum(axis=1, keepdims=True)
    shares = cube.sum(axis=1) / whole
    error = np.sqrt((shares * (1 - shares) / whole).sum(axis=0))
    apart = shares[0] - shares[1]
    inside = cube[:, met] / n[:, met, None]
    within = inside[0] - inside[1]
    weights = n[0, met] * n[1, met] / n[:, met].sum(axis=0)
    average = weights @ within / weights.sum()
    turned = (np.abs(apart) > _Z * error) & (apart * average < 0)
    if cube.any(axis=(0, 1)).sum() == 2:  # what holds of one category holds of the other
        turned[np.argmax(turned) + 1 :] = False
    for category in np.flatnonzero(turned)[:_TOLD]:
        first = 0 if apart[category] > 0 else 1
        sign = 1 - 2 * first
        each = [
            f"{visible(strata[stratum])} {_points(sign * difference)}"
            for stratum, difference in zip(met[:_STRATA], within[:, category], strict=False)
        ]
        more = f" and {len(met) - _STRATA} more" if len(met) > _STRATA else ""
        yield (
            f"{fit.categories[category]!r} is {shares[first, category]:.1%} of {pair[first]!r} and "
            f"{shares[1 - first, category]:.1%} of {pair[1 - first]!r}, but within "
            f"{fit.table.group_names[1 - place]} the difference of "
            f"{_points(sign * apart[category])} points turns to "
            f"{_points(sign * average[category])} on average ({', '.join(each)}{more}): "
            "Simpson's paradox"
        )


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}".replace("-", "−")
