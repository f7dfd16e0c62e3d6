"""Integrals of exp(−depth) over two numbers, where depth is convex and 0 at its peak.

One integral inside the other: the outer one over the lowest places of lines, the inner ones along
these lines from there. Each axis is refined until every other node of it gives the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from expfam.conjugate.integrals import Height
from expfam.conjugate.rows import unsettled
from expfam.conjugate.stretches import Stretches

_FIRST, _MOST = 49, 300_000  # nodes of an axis; points in all
_AGREED = 1e-8
_CLOSE, _WITHIN = 0.1, 1.0  # widths, nats of depth: lowest places need not be exact
_STEPS, _GROWTH = 100, 4.0
_LADDER = 8.0 ** np.arange(-10, 18)


class Plane(NamedTuple):
    """What is known at points z (N, 2)."""

    depth: Height  # 0 at 0, about ½|z|² there, ∞ or no number outside of the domain
    slope: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]  # of depth in z₂, and its slope
    inside: Callable[[np.ndarray], np.ndarray]
    axis: float  # the z₂ at z₁ = 1 along which the parameter that z₂ moves is that of the peak


def weighted_plane(plane: Plane) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, 2) and weights of ∫ exp(−depth)·g.

    Errors: ValueError where they do not settle before there are more than 300,000.
    """

    def profile(_: np.ndarray, steps: np.ndarray) -> np.ndarray:
        return _bounded(plane.depth(_lowest(plane, steps.ravel())[0])).reshape(steps.shape)

    outer = Stretches(profile, np.ones(1))
    across = along = _FIRST
    lines = _lines(plane, outer, across)
    while across * along <= _MOST:
        points, weights = lines.nodes(plane, along)
        grid = weights.reshape(across, along)
        done = [_of_halves(grid.sum(axis=axis)) <= _AGREED for axis in (1, 0)]
        if all(done):
            return points[weights > 0], weights[weights > 0]  # at an edge, rounding may be beyond
        if not done[1]:
            along = 2 * along - 1
        if not done[0]:
            across = 2 * across - 1
            lines = _lines(plane, outer, across)
    raise unsettled(f"{_AGREED:g}")


def _of_halves(weights: np.ndarray) -> float:
    """The error of every other node; that of all is about its square, or not as small at once."""
    return float(abs(2 * weights[::2].sum() / weights.sum() - 1))


class _Lines(NamedTuple):
    """Lines along z₂."""

    lowest: np.ndarray  # places (R, 2)
    weights: np.ndarray  # of the outer integral, (R,)
    stretches: Stretches

    def nodes(self, plane: Plane, count: int) -> tuple[np.ndarray, np.ndarray]:
        """So many of each line."""
        steps, weights = self.stretches.rule(count)
        points = _stepped(self.lowest, steps)
        depth = _bounded(plane.depth(points))
        return points, (self.weights[:, None] * weights).ravel() * np.exp(-depth)


def _lines(plane: Plane, outer: Stretches, count: int) -> _Lines:
    places, weights = outer.rule(count)
    lowest, widths = _lowest(plane, places[0])
    start = _bounded(plane.depth(lowest))

    def climb(rows: np.ndarray, steps: np.ndarray) -> np.ndarray:
        depth = _bounded(plane.depth(_stepped(lowest[rows], steps))).reshape(steps.shape)
        return depth - start[rows, None]

    return _Lines(lowest, weights[0], Stretches(climb, widths))


def _stepped(points: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Points (R, 2), each moved along z₂ by M steps: (R·M, 2)."""
    result = np.repeat(points, steps.shape[1], axis=0)
    result[:, 1] += steps.ravel()
    return result


def _bounded(depth: np.ndarray) -> np.ndarray:
    return np.where(depth == depth, depth, np.inf)


def _lowest(plane: Plane, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """About the lowest place in the domain of lines z₁ = first, (R, 2), and the width there.

    By Newton's method, which the sign of the slope, and the domain, hold between two ends.
    """
    points = _started(plane, first)
    lowest, widths = points.copy(), np.ones(len(first))
    low, high = np.full((2, len(first)), [[-np.inf], [np.inf]])
    edge = np.full(len(first), np.nan)  # what is beyond the domain
    going = np.flatnonzero(plane.inside(points))
    for _ in range(_STEPS):
        place, inside = points[going], plane.inside(points[going])
        z = place[:, 1]
        slope, bend = np.inf * (z - lowest[going, 1]), np.ones(len(going))
        slope[inside], bend[inside] = plane.slope(place[inside])
        lowest[going[inside]], edge[going[~inside]] = place[inside], z[~inside]
        widths[going[inside]] = 1 / np.sqrt(bend[inside])
        low[going] = below = np.where(slope < 0, z, low[going])
        high[going] = above = np.where(slope > 0, z, high[going])
        most = _GROWTH * (1 + np.abs(z))
        new = z - np.clip(slope / bend, -most, most)
        middle = np.where(np.isfinite(above - below), 0.5 * (below + above), new)
        points[going, 1] = np.where(inside & (new > below) & (new < above), new, middle)
        close = np.abs(slope) <= _CLOSE * np.sqrt(bend)
        close |= np.abs(slope * (edge[going] - z)) <= _WITHIN
        going = going[~(close & inside) & (slope == slope)]
        if not going.size:
            return lowest, widths
    raise unsettled(f"{_AGREED:g}")


def _started(plane: Plane, first: np.ndarray) -> np.ndarray:
    """Places of the domain on lines z₁ = first: z₂ = 0, on the axis, or one of a ladder."""
    ladder = np.concatenate([[0.0, 1.0], -_LADDER, _LADDER])
    steps = np.broadcast_to(ladder, (len(first), len(ladder))).copy()
    steps[:, 1] = plane.axis * first
    points = _stepped(np.stack([first, np.zeros_like(first)], axis=-1), steps)
    inside = plane.inside(points).reshape(steps.shape)
    second = np.take_along_axis(steps, inside.argmax(axis=1)[:, None], axis=1)
    return np.concatenate([first[:, None], second], axis=1)
