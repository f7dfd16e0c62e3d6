"""A support that is given point by point: what it is made of, and where in it an observation is."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import frozen, plain_array, real
from expfam.families.labels import check_categories


def given(support: Any, statistic: Any, log_base: Any, who: str) -> tuple[Any, np.ndarray, Any]:
    """A support, T (n, d) and log h at it, checked and read-only; a constant log h as a number."""
    points = numbers(support)
    places: Any = points if points is not None else check_categories(support, who)
    n = len(places)
    table = values(statistic, places, who, "the statistic")
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) != n or not table.shape[1]:
        raise ValueError(
            f"{who}: the statistic must have the shape ({n},) or ({n}, d); got {table.shape}"
        )
    base = values(log_base, places, who, "log_base").astype(np.float64)
    if base.shape not in ((), (n,)):
        raise ValueError(f"{who}: log_base must be a number or ({n},); got the shape {base.shape}")
    if points is not None and len(np.unique(points, axis=0)) < n:
        raise ValueError(f"{who}: points must be distinct; of {n} some are equal")
    places = places if points is None else frozen(points)
    return places, frozen(table), frozen(base) if base.ndim else float(base)


def numbers(support: Any) -> np.ndarray | None:
    """Points that are numbers or vectors of numbers as an array; None for labels."""
    if isinstance(support, str | dict | set | frozenset) or not hasattr(support, "__len__"):
        return None
    try:
        array = np.asarray(support if isinstance(support, np.ndarray) else list(support))
    except ValueError:
        return None  # tuples of several lengths
    if array.dtype.kind not in "biuf" or not array.ndim or not array.size:
        return None
    if array.dtype.kind == "f":
        return array.astype(np.float64) + 0.0 if np.isfinite(array).all() else None
    return array.astype(np.int64)


def values(given: Any, support: Any, who: str, name: str) -> np.ndarray:
    """The values of a function at the points, or an array as given; whole numbers as integers."""
    array = plain_array(
        [given(point) for point in support] if callable(given) else given, who, name
    )
    if array.dtype.kind in "biu":
        return array.astype(np.int64)
    array = real(array, who, name).astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{who}: {name} must be finite; got what is not")
    return array


class Index:
    """Where in a list of points, (n,) or (n, …), an observation is.

    The points are a tree: for each coordinate in turn its sorted values, and the sorted keys of
    the points by the coordinates so far. All comparisons are exact.
    """

    def __init__(self, points: np.ndarray) -> None:
        self._axes = points.ndim - 1
        key, self._levels = np.zeros(len(points), dtype=np.int64), []
        for column in points.reshape(len(points), -1).T:
            ranks, rank = np.unique(column, return_inverse=True)
            keys, key = np.unique(key * len(ranks) + rank.reshape(-1), return_inverse=True)
            key = key.reshape(-1)
            self._levels.append((ranks, keys))
        self._order = np.argsort(key)

    def key(self, x: np.ndarray) -> np.ndarray:
        """A number for each observation that is a point, −1 for others."""
        lead = x.shape[: x.ndim - self._axes]
        columns = x.reshape(*lead, len(self._levels))
        key = np.zeros(lead, dtype=np.int64)
        for i, (ranks, keys) in enumerate(self._levels):
            rank = _found(ranks, columns[..., i])
            key = np.where((rank < 0) | (key < 0), -1, _found(keys, key * len(ranks) + rank))
        return key

    def place(self, x: np.ndarray) -> np.ndarray:
        """The place of observations that are points."""
        return self._order[self.key(x)]


def _found(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The place of each x in sorted values, −1 where it is not there."""
    place = np.minimum(np.searchsorted(values, x), len(values) - 1)
    return np.where(values[place] == x, place, -1)
