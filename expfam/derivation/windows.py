"""What pictures show of two natural parameters: ranges, straight lines, where the means end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

POINTS = 400
LEVELS = tuple(k / 2 for k in range(-8, 7))
Range = tuple[float, float]
Line = tuple[np.ndarray, np.ndarray]


class Window(NamedTuple):
    """Ranges of the first two natural parameters and of their means, and lines to draw.

    Other parameters are 0. edge: the curve on which the space of means ends; corner: what closes it
    to the part that is shown, where it does not close by itself. square: one unit for both axes.
    levels: of A; points: T of the points of a finite support.
    """

    natural: tuple[Range, Range]
    mean: tuple[Range, Range]
    lines: tuple[tuple[float, ...], tuple[float, ...]]
    edge: Callable[[], Line]
    corner: tuple[float, float] | None = None
    square: bool = False
    levels: tuple[float, ...] = LEVELS
    points: tuple[tuple[float, float], ...] = ()


def _parabola() -> Line:
    x = np.linspace(-3.0, 3.0, POINTS)
    return x, x**2


def _logarithm() -> Line:
    y = np.linspace(np.exp(-4.0), 3.0, POINTS)
    return np.log(y), y


def _hyperbola() -> Line:
    x = np.geomspace(0.25, 4.0, POINTS)
    return x, 1 / x


def _exponentials() -> Line:
    """exp μ₁ + exp μ₂ = 1."""
    x = np.linspace(-4.0, np.log1p(-np.exp(-4.0)), POINTS)
    return x, np.log1p(-np.exp(x))


def _circle() -> Line:
    turn = np.linspace(-np.pi, np.pi, POINTS)
    return np.cos(turn), np.sin(turn)


def _pentagon() -> Line:
    """Where (x, (x − 2)²), x = 0, …, 4, have their hull."""
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 0.0])
    return x, (x - 2) ** 2


def _strip() -> Line:
    return np.array([6.0, 0.0, 0.0, 6.0]), np.array([0.0, 0.0, 4.0, 4.0])


GAUSSIAN = Window(
    ((-3.0, 3.0), (-2.0, 0.0)),
    ((-3.0, 3.0), (0.0, 9.0)),
    ((-2.0, -1.0, 0.0, 1.0, 2.0), (-1.6, -0.8, -0.4, -0.25, -0.15, -0.1)),
    _parabola,
)
GAMMA = Window(
    ((-1.0, 4.0), (-5.0, 0.0)),
    ((-4.0, 1.2), (0.0, 3.0)),
    ((-0.8, -0.6, -0.3, 0.0, 1.0, 2.0), (-4.0, -2.0, -1.0, -0.5, -0.25)),
    _logarithm,
    corner=(-4.0, 3.0),
)
INVERSE_GAUSSIAN = Window(
    ((-2.5, 0.0), (-2.5, 0.0)),
    ((0.0, 4.0), (0.0, 4.0)),
    ((-2.0, -1.0, -0.5, -0.25, -0.1), (-2.0, -1.0, -0.5, -0.25, -0.1)),
    _hyperbola,
    corner=(4.0, 4.0),
)
SHARES = Window(
    ((0.0, 5.0), (0.0, 5.0)),
    ((-4.0, 0.0), (-4.0, 0.0)),
    ((0.2, 0.4, 0.7, 1.0, 2.0, 4.0), (0.2, 0.4, 0.7, 1.0, 2.0, 4.0)),
    _exponentials,
    corner=(-4.0, -4.0),
)
DIRECTIONS = Window(
    ((-4.0, 4.0), (-4.0, 4.0)),
    ((-1.1, 1.1), (-1.1, 1.1)),
    ((-3.0, -1.5, -0.5, 0.5, 1.5, 3.0), (-3.0, -1.5, -0.5, 0.5, 1.5, 3.0)),
    _circle,
    square=True,
)
FIVE_POINTS = Window(
    ((-3.0, 3.0), (-3.0, 3.0)),
    ((-0.4, 4.4), (-0.4, 4.4)),
    ((-2.0, -1.0, -0.3, 0.3, 1.0, 2.0), (-2.0, -1.0, -0.3, 0.3, 1.0, 2.0)),
    _pentagon,
    square=True,
    levels=tuple(range(-2, 20)),
    points=tuple((x, (x - 2.0) ** 2) for x in range(5)),
)
COUNTS = Window(
    ((-3.0, 2.0), (-4.0, 4.0)),
    ((0.0, 6.0), (-0.4, 4.4)),
    ((-1.0, 0.0, 0.5, 1.0, 1.3, 1.6), (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)),
    _strip,
    levels=tuple(range(1, 25)),
)
