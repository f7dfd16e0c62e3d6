"""Intervals for the probabilities of categories, simultaneous and one at a time.

A method is a function of (counts, level) and one line in `METHODS`. Which one to use is told in
docs/intervals.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import require_numpy
from expfam.intervals import exact, score
from expfam.intervals.counts import Bounds, Kernel, check_counts, check_level
from expfam.intervals.coverage import Coverage, coverage_of
from expfam.intervals.exact import blaker, bonferroni, bonferroni_blaker, clopper_pearson, jeffreys
from expfam.intervals.score import fitzpatrick_scott, goodman, quesenberry_hurst, wald, wilson
from expfam.intervals.sison_glaz import sison_glaz

__all__ = [
    "DEFAULT",
    "METHODS",
    "Coverage",
    "Method",
    "blaker",
    "bonferroni",
    "bonferroni_blaker",
    "check_level",
    "clopper_pearson",
    "coverage",
    "default",
    "fitzpatrick_scott",
    "goodman",
    "interval",
    "jeffreys",
    "method_named",
    "quesenberry_hurst",
    "sison_glaz",
    "wald",
    "wilson",
]


class Method(NamedTuple):
    """A way to make intervals, and what its level promises.

    simultaneous: whether the level is that of all categories at once, or of each alone.
    each: bounds from one count (x, n, K, level), or None where they need all counts.
    holds: whether the coverage is at least the level at every p.
    caution: what a reader of these intervals must be told.
    """

    bounds: Callable[..., Bounds]
    title: str
    simultaneous: bool
    each: Kernel | None
    holds: bool = False
    whole: bool = False
    caution: str = ""


METHODS = {
    "bonferroni_blaker": Method(
        bonferroni_blaker, "Bonferroni and Blaker", True,
        exact.bonferroni_blaker_each, holds=True, whole=True,
    ),
    "bonferroni": Method(
        bonferroni, "Bonferroni and Clopper-Pearson", True,
        exact.bonferroni_each, holds=True,
    ),
    "goodman": Method(goodman, "Goodman's method", True, score.goodman_each),
    "quesenberry_hurst": Method(
        quesenberry_hurst, "Quesenberry and Hurst's method", True, score.quesenberry_hurst_each
    ),
    "fitzpatrick_scott": Method(
        fitzpatrick_scott, "Fitzpatrick and Scott's method", True, score.fitzpatrick_scott_each,
    ),
    "sison_glaz": Method(
        sison_glaz, "Sison and Glaz's method", True, None, whole=True,
        caution="Sison and Glaz's intervals cover less often than their level says (95% ones 88% "
        "of the time at n = 50 and four equal probabilities): coverage() has the figure",
    ),
    "blaker": Method(blaker, "Blaker's method", False, exact.blaker_each, holds=True, whole=True),
    "clopper_pearson": Method(
        clopper_pearson, "Clopper and Pearson's method", False, exact.clopper_pearson_each,
        holds=True,
    ),
    "wilson": Method(wilson, "Wilson's method", False, score.wilson_each),
    "jeffreys": Method(jeffreys, "Jeffreys's method", False, exact.jeffreys_each),
    "wald": Method(
        wald, "Wald's method", False, score.wald_each,
        caution="Wald's intervals are for teaching: near 0 and 1 they cover far less often than "
        "their level says, and at a count of 0 or n they have no width",
    ),
}  # fmt: skip

# Of the methods that hold their level at every p of benchmarks/coverage.py, the shortest; and of
# these, the shortest that takes fractional counts.
DEFAULT, DEFAULT_OF_FRACTIONS = "bonferroni_blaker", "bonferroni"


def interval(counts: Any, level: float = 0.95, method: str | None = None) -> Bounds:
    """Lower and upper bounds by the method of that name in `METHODS`, or by the `default`.

    Errors: ValueError for an unknown method, and those of the method.

    >>> lower, upper = interval([3, 7], method="wilson")
    >>> lower.round(4)
    array([0.1078, 0.3968])
    """
    return method_named(default(counts) if method is None else method).bounds(counts, level)


def coverage(
    counts: Any, level: float = 0.95, method: str | None = None, seed: int = 0
) -> Coverage:
    """How often a method's intervals hold the probabilities, for n and K of these counts (K,).

    Computed at p̂ and at each p of `expfam.intervals.coverage.stated(n, K)`, of which the worst is
    told: all categories at once for a simultaneous method, else the worst category alone. Exact
    for methods that judge each count alone, to n = 2⁴⁰, and for sison_glaz to 10⁶ outcomes; else
    simulated, by 10,000 draws at most with this seed, with a standard error.
    Errors: ValueError for batches, for fractional counts, and those of `interval`.
    Source: Levin (1981), Ann. Statist. 9: 1123–1126.

    >>> coverage([91, 49, 37, 43], method="goodman")
    Coverage of 95% intervals by goodman: n = 220, 4 categories, all at once
    at the estimate  95.26%
    at the worst p   74.07%  (all but one of 0.1/n)
    exact
    """
    x, level = check_counts(counts, "coverage"), check_level(level, "coverage")
    if x.ndim > 1:
        raise ValueError(f"coverage: counts must be of one fit, (K,); got the shape {x.shape}")
    if not np.array_equal(x, np.floor(x)):
        raise ValueError("coverage: counts must be whole, as samples have whole counts")
    name = default(x) if method is None else method
    chosen = method_named(name)
    return coverage_of(name, chosen.each, chosen.simultaneous, x, level, seed)


def default(counts: Any) -> str:
    """The name of the method that is used where none is given: fractional counts have their own.

    >>> default([3, 7]), default([2.5, 7.5])
    ('bonferroni_blaker', 'bonferroni')
    """
    x = np.asarray(require_numpy(counts, "interval", "counts"))
    fractional = x.dtype.kind == "f" and not np.array_equal(x, np.floor(x))
    return DEFAULT_OF_FRACTIONS if fractional else DEFAULT


def method_named(name: Any) -> Method:
    """The method of that name. Errors: ValueError for an unknown one."""
    if not isinstance(name, str) or name not in METHODS:
        raise ValueError(f"interval: method must be one of {', '.join(METHODS)}; got {name!r}")
    return METHODS[name]
