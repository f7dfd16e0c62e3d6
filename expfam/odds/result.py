"""What an odds ratio is, the words for one at an end, and the tables that come in."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import numbers, require


class OddsRatio(NamedTuple):
    """An odds ratio with its interval; 0 and ∞ are values, with one finite bound.

    method: how it was found. note: what to know of it, or "".
    """

    value: float
    lower: float
    upper: float
    level: float
    method: str
    note: str = ""

    def __str__(self) -> str:
        bounds = f"{100 * self.level:.6g}% interval {self.lower:.4g} to {self.upper:.4g}"
        return f"{self.value:.4g}, {bounds} ({self.method})"


def at_end(value: float, lower: float, upper: float) -> str:
    """What an odds ratio of 0 or ∞ says, with its finite bound."""
    if value == 0:
        return f"a count is 0, so that the odds ratio is 0; it is below {upper:.3g}"
    if value == math.inf:
        return f"a count is 0, so that the odds ratio is infinite; it is above {lower:.3g}"
    return ""


def table_2x2(table: Any, who: str) -> np.ndarray:
    """A table of counts whose rows and columns are none of them empty."""
    x = tables_2x2(table, who, 2)
    for axis, what in ((1, "row"), (0, "column")):
        total = x.sum(axis)
        require(total > 0, who, f"each {what} must have a count", total, "sums to", what)
    return x


def tables_2x2(table: Any, who: str, ndim: int) -> np.ndarray:
    if hasattr(table, "iloc"):
        raise TypeError(f"{who}: a table must be a bare array; labels are kept by fit.compare")
    x = numbers(table, who, "table")
    if x.ndim != ndim or x.shape[-2:] != (2, 2) or not x.size:
        shape = "(2, 2)" if ndim == 2 else "(S, 2, 2)"
        raise ValueError(f"{who}: tables must have the shape {shape}; got {x.shape}")
    require((x >= 0) & (x <= 2**53), who, "counts must be between 0 and 2**53", x)
    return x
