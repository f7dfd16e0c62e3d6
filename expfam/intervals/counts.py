"""The door of the intervals: counts and levels in, and most methods see one count at a time."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from expfam.arrays import numbers, require

Bounds: TypeAlias = tuple[np.ndarray, np.ndarray]
# Bounds from a count x of n in one of K categories: kernel(x, n, K, level), broadcast.
Kernel: TypeAlias = Callable[[np.ndarray, np.ndarray, int, float], Bounds]


def of_each(kernel: Kernel, counts: Any, level: Any, who: str, whole: bool = False) -> Bounds:
    """The bounds of every count; one category has the probability 1, and the bounds 1 and 1."""
    x, level = check_counts(counts, who, whole), check_level(level, who)
    if x.shape[-1] == 1:
        return np.ones_like(x), np.ones_like(x)
    return kernel(x, x.sum(-1, keepdims=True), x.shape[-1], level)


def around(lower: Any, upper: Any, x: np.ndarray, n: np.ndarray) -> Bounds:
    """Bounds in [0, 1] that hold x/n: moved to it where rounding, or a fraction, left it out."""
    share = x / n
    return np.clip(lower, 0.0, share), np.clip(upper, share, 1.0)


def check_level(level: Any, who: str) -> float:
    """A confidence level as a float. Errors: TypeError for no number, ValueError outside (0, 1)."""
    if isinstance(level, bool | np.bool_) or not isinstance(level, Real):
        raise TypeError(f"{who}: level must be a number; got {level!r}")
    if not 0 < float(level) < 1:
        raise ValueError(f"{who}: level must be between 0 and 1, both excluded; got {level}")
    return float(level)


def check_counts(counts: Any, who: str, whole: bool = False) -> np.ndarray:
    """Counts (…, K) as float64. Errors: ValueError for what are none, or are not whole."""
    array = numbers(counts, who, "counts")
    if array.ndim == 0 or not array.shape[-1]:
        raise ValueError(f"{who}: counts must have a category axis; got the shape {array.shape}")
    require((array >= 0) & (array < np.inf), who, "counts must be non-negative and finite", array)
    if whole:
        rule = "counts must be whole (bonferroni, goodman and others take fractional ones)"
        require(array == np.floor(array), who, rule, array)
    total = array.sum(-1)
    require(total > 0, who, "there must be at least one count", total, "sums to", "row")
    return array
