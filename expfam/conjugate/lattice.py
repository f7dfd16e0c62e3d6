"""Integrals of exp(−depth) over three to five numbers, as sums over a lattice.

The trapezoidal rule on all of R^d: of an analytic integrand its error falls like exp(−c/h) with the
step h. Level sets are convex, so that the points that count are found from the peak outwards,
neighbour by neighbour. Tails may be long, as they fall like exp(−|z|) only: with
z = (1 + |w|²/36)·w lattice points w lie as dense as before around the peak, and farther apart where
little depends on them.
Source: Trefethen and Weideman (2014), SIAM Review 56: 385–458, sections 5 and 14.
"""

from __future__ import annotations

import numpy as np

from expfam.conjugate.integrals import Height
from expfam.conjugate.rows import unsettled

MOST = 5  # numbers
_STEPS = 0.9, 0.7, 0.58, 0.48, 0.4, 0.33, 0.27, 0.22, 0.18, 0.15, 0.12, 0.1, 0.08
_AGREED = np.array([1e-8, 1e-7])  # of Z and E |z|² by two steps
_DEPTH = 40.0  # left out is what is below e⁻⁴⁰ of the peak
_POINTS = 1_000_000  # at most: some five seconds
_STRETCH = 36.0
_BLOCK = 1 << 14
_WIDE = 1 << 10  # steps each way


def summed(depth: Height, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, size) and weights of ∫ exp(−depth)·g; depth is 0 at 0, and about ½|z|² there.

    Two steps agree to 1e-8, and the finer is better by far.
    Errors: ValueError where they do not before there are more than a million points.
    """
    last, count, before = np.full(2, np.nan), 1, 1.0
    for step in _STEPS:
        if count * (before / step) ** size > _POINTS:
            break
        points, weights = _lattice(depth, size, step)
        found = np.array([weights.sum(), weights @ (points * points).sum(axis=1)])
        if (abs(last / found - 1) <= _AGREED).all():
            return points, weights
        last, count, before = found, len(points), step
    raise unsettled(f"{_AGREED[0]:g}")


def _lattice(depth: Height, size: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    """The points that are connected to 0 where the integrand counts, each with an integer code."""
    powers = (2 * _WIDE) ** np.arange(size)
    moves = np.concatenate([powers, -powers])
    known = front = np.array([_WIDE * powers.sum()])
    found, count = [], 0
    while front.size:
        index = front[:, None] // powers % (2 * _WIDE) - _WIDE
        points, value = _stretched(depth, step * index)
        near = value.real <= _DEPTH
        found.append((points[near], np.exp(-value[near])))
        count += int(near.sum())
        if count > _POINTS or abs(index).max() > _WIDE - 2:
            raise unsettled(f"{_AGREED[0]:g}")
        around = np.unique(front[near][:, None] + moves)
        new = around[~np.isin(around, known)]
        known, front = np.concatenate([front, new]), new  # what is older is not next to what is new
    points, weights = (np.concatenate(part) for part in zip(*found, strict=True))
    return points, weights * step**size


def _stretched(depth: Height, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points z = (1 + |w|²/36)·w, and their depth less log |dz/dw|."""
    square = (w * w).sum(axis=1) / _STRETCH
    points = w * (1 + square)[:, None]
    parts = np.split(points, range(_BLOCK, len(points), _BLOCK))
    value = np.concatenate([depth(part) for part in parts])
    return points, value - (w.shape[1] - 1) * np.log1p(square) - np.log1p(3 * square)
