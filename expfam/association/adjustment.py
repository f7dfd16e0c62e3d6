"""p-values of many tests, adjusted so that rejections among them keep their promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from expfam.arrays import numbers, require


def adjusted_pvalues(pvalues: Any, adjustment: str = "holm") -> np.ndarray:
    """p-values to be held against one level for all m tests.

    "holm", min over what is not smaller of (m − k)·p, and "bonferroni", m·p: a true hypothesis is
    rejected with at most that probability, whatever the dependence; Holm's rejects more.
    "benjamini_hochberg", m·p/k: of what is rejected at most that share is expected to be true, for
    independent tests. "none": as they are. pvalues: (m,). Errors: ValueError for an unknown
    adjustment and for what is no p-value.
    Source: Holm (1979), Scand. J. Statist. 6: 65–70; Benjamini & Hochberg (1995), J. R. Stat.
    Soc. B 57: 289–300.

    >>> adjusted_pvalues([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p = numbers(pvalues, "adjusted_pvalues", "pvalues")
    if p.ndim != 1:
        raise ValueError(f"adjusted_pvalues: pvalues must have one axis; got the shape {p.shape}")
    require((p >= 0) & (p <= 1), "adjusted_pvalues", "pvalues must be between 0 and 1", p)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = check_adjustment(adjustment)(p[order], np.arange(1, len(p) + 1))
    return np.minimum(adjusted, 1.0)


def _holm(p: np.ndarray, rank: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate((len(p) + 1 - rank) * p)


def _bonferroni(p: np.ndarray, rank: np.ndarray) -> np.ndarray:
    return len(p) * p


def _benjamini_hochberg(p: np.ndarray, rank: np.ndarray) -> np.ndarray:
    return np.minimum.accumulate((len(p) * p / rank)[::-1])[::-1]


def _none(p: np.ndarray, rank: np.ndarray) -> np.ndarray:
    return p


ADJUSTMENTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "holm": _holm,
    "bonferroni": _bonferroni,
    "benjamini_hochberg": _benjamini_hochberg,
    "none": _none,
}


def check_adjustment(name: Any) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The adjustment of that name. Errors: ValueError for an unknown one."""
    if not isinstance(name, str) or name not in ADJUSTMENTS:
        names = ", ".join(ADJUSTMENTS)
        raise ValueError(f"compare: adjustment must be one of {names}; got {name!r}")
    return ADJUSTMENTS[name]
