"""Integrals of exp(−depth) over one or two numbers, where depth is convex and 0 at its peak."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from expfam.conjugate.rows import unsettled
from expfam.conjugate.stretches import reach

_FINENESS = {1: (24, 48, 96, 192), 2: (14, 28, 56)}  # nodes a unit of time, until halves agree
_AGREED = 1e-6  # of every other node and of all, whose error is about the square of that
_LEAST = 45.0  # an integral ends where its integrand is e⁻⁴⁵ of the peak
_POWERS = 8.0 ** np.arange(-10, 18)
_WIDTHS = 4 * 1.2 ** np.arange(26)
_SECTIONS, _ROUNDS = np.arange(18) / 17, 5

Height = Callable[[np.ndarray], np.ndarray]
Line = Callable[..., np.ndarray]  # of steps, and of which rows


def weighted(depth: Height, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, size) and weights of ∫ exp(−depth)·g; depth is 0 at 0, and about ½|z|² there.

    One integral inside the other, each in two parts from its peak by the double exponential rule
    (Takahasi and Mori 1974), which algebraic ends of the domain do not disturb. Finer and finer
    nodes are taken until every other one gives the same.
    Errors: ValueError where they do not.
    """
    for fineness in _FINENESS[size]:
        points, weights = _points(depth, size, fineness)
        weights = weights * np.exp(-depth(points))
        other = np.tile(np.arange(8 * fineness + 1) % 2 == 0, 2)
        grid = weights.reshape((len(other),) * size)
        half = 2**size * grid[np.ix_(*[other] * size)].sum()
        if abs(half / weights.sum() - 1) <= _AGREED:
            return points, weights
    raise unsettled("1e-6")


def around(depth: Height, start: float, width: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Places t (N,) and weights of ∫ exp(top − depth(t))·g, and top, the lowest depth.

    start: near the place of that; width: about that of the peak.
    """
    step = lowest_step(lambda steps: depth(start + steps.ravel()).reshape(steps.shape), 1)
    start = start + step[0]
    top = depth(np.array([start]))[0]
    points, weights = weighted(lambda z: depth(start + width * z[:, 0]) - top, 1)
    return start + width * points[:, 0], width * weights, top


@cache
def _rule(fineness: int) -> tuple[np.ndarray, np.ndarray]:
    """Places on 0 … 1, with their digits near 0, and weights."""
    times = np.arange(-4 * fineness, 4 * fineness + 1) / fineness
    places = 1 / (1 + np.exp(-np.pi * np.sinh(times)))
    return places, np.pi / fineness * np.cosh(times) * places * places[::-1]


def _points(depth: Height, size: int, fineness: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes (N, size) and weights of an integral whose integrand is exp(−depth)."""
    peak = np.zeros((1, size))
    if size == 1:
        x, weights = _nodes(_line(depth, peak, 0), 1, fineness)
        return x.reshape(-1, 1), weights.ravel()

    def lowest(points: np.ndarray) -> np.ndarray:
        return _moved(points, 1, lowest_step(_line(depth, points, 1), len(points)))

    first, outer = _nodes(_line(lambda points: depth(lowest(points)), peak, 0), 1, fineness)
    start = lowest(_moved(np.repeat(peak, first.size, axis=0), 0, first.ravel()))
    second, inner = _nodes(_line(depth, start, 1), len(start), fineness)
    points = _moved(np.repeat(start, second.shape[1], axis=0), 1, second.ravel())
    return points, (outer.reshape(-1, 1) * inner).ravel()


def _nodes(line: Line, count: int, fineness: int) -> tuple[np.ndarray, np.ndarray]:
    """Steps both ways from the lowest points of so many lines, and weights: (count, nodes)."""
    places, weights = _rule(fineness)
    here = line(np.zeros((count, 1)))

    def climb(rows: np.ndarray, steps: np.ndarray) -> np.ndarray:
        return line(steps, rows) - here[rows]

    ways = [reach(climb, sign, count)[0][:, None] for sign in (-1.0, 1.0)]
    return (
        np.concatenate([length * places for length in ways], axis=1),
        np.concatenate([abs(length) * weights for length in ways], axis=1),
    )


def lowest_step(
    height: Height, count: int, powers: np.ndarray = _POWERS, rounds: int = _ROUNDS
) -> np.ndarray:
    """The step of each line to about its lowest point; exact it need not be."""
    powers = np.concatenate([-powers[::-1], [0.0], powers])
    steps = np.broadcast_to(powers, (count, len(powers)))
    for _ in range(rounds):
        best = height(steps).argmin(axis=1)[:, None]
        low = np.take_along_axis(steps, np.maximum(best - 1, 0), axis=1)
        high = np.take_along_axis(steps, np.minimum(best + 1, steps.shape[1] - 1), axis=1)
        steps = low + (high - low) * _SECTIONS
    return 0.5 * (low + high)[:, 0]


def _line(depth: Height, start: np.ndarray, axis: int) -> Line:
    """The depth at steps (R, M) along an axis from all points, or some rows of them."""

    def along(steps: np.ndarray, rows: Any = slice(None)) -> np.ndarray:
        points = np.repeat(start[rows], steps.shape[1], axis=0)
        return depth(_moved(points, axis, steps.ravel())).reshape(steps.shape)

    return along


def _moved(points: np.ndarray, axis: int, steps: np.ndarray) -> np.ndarray:
    """Points (N, size), each moved along an axis."""
    result = points.copy()
    result[:, axis] += steps
    return result


def across(height: Height, width: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Places (N, count) and weights of integrals of exp(−height) along so many lines.

    The trapezoidal rule in t of width·sinh t from the lowest place, as far as the integrand
    counts: it decays like an exponential of t at least, and is analytic.
    width: about that of each peak, (N,).
    Source: Trefethen and Weideman (2014), SIAM Review 56: 385–458, section 15.
    """
    width = width[:, None]

    def scaled(z: np.ndarray) -> np.ndarray:
        return np.nan_to_num(height(width * z), nan=np.inf)

    lowest = lowest_step(scaled, len(width), _POWERS[8:17], 3)[:, None]
    here = scaled(lowest)

    def end(sign: float) -> np.ndarray:
        far = scaled(lowest + sign * _WIDTHS) - here >= _LEAST
        return sign * np.where(far.any(axis=1), _WIDTHS[far.argmax(axis=1)], _WIDTHS[-1])[:, None]

    low, high = np.arcsinh(end(-1.0)), np.arcsinh(end(1.0))
    t = low + (high - low) * np.linspace(0, 1, count)
    weights = width * np.cosh(t) * (high - low) / (count - 1)
    return width * (lowest + np.sinh(t)), weights


def root_of(matrix: np.ndarray) -> np.ndarray:
    """Lower B with BBᵀ about the inverse of a matrix, also of a narrow ridge.

    The last coordinate is taken out, and then that of what is left, and so on.
    """
    last = matrix[-1, -1]
    width = np.array([[1 / np.sqrt(last)]])
    if len(matrix) == 1:
        return width
    slope = matrix[-1:, :-1] / last
    rest = matrix[:-1, :-1] - matrix[:-1, -1:] * slope
    diagonal = np.diagonal(matrix)[:-1]
    rest[np.diag_indices_from(rest)] = np.maximum(np.diagonal(rest), 1e-14 * diagonal)
    upper = root_of(rest)
    return np.block([[upper, np.zeros((len(upper), 1))], [-slope @ upper, width]])
