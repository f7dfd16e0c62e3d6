"""What a card's pictures show of each family: ranges, straight lines, and the space of means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from expfam.cards.frame import FIRST, INK, SECOND, Frame

TINT = "#eef3fa"
POINTS = 400


class Window(NamedTuple):
    """Ranges of two natural parameters and of their means, and lines to draw; others are 0."""

    natural: tuple[tuple[float, float], ...]
    mean: tuple[tuple[float, float], ...]
    lines: tuple[tuple[float, ...], ...]
    square: bool = False  # one unit for both axes


_GAUSSIAN = Window(
    ((-3.0, 3.0), (-2.0, 0.0)),
    ((-3.0, 3.0), (0.0, 9.0)),
    ((-2.0, -1.0, 0.0, 1.0, 2.0), (-1.6, -0.8, -0.4, -0.25, -0.15, -0.1)),
)
_GAMMA = Window(
    ((-1.0, 4.0), (-5.0, 0.0)),
    ((-4.0, 1.2), (0.0, 3.0)),
    ((-0.8, -0.6, -0.3, 0.0, 1.0, 2.0), (-4.0, -2.0, -1.0, -0.5, -0.25)),
)
_INVERSE_GAUSSIAN = Window(
    ((-2.5, 0.0), (-2.5, 0.0)),
    ((0.0, 4.0), (0.0, 4.0)),
    ((-2.0, -1.0, -0.5, -0.25, -0.1), (-2.0, -1.0, -0.5, -0.25, -0.1)),
)
_BETA = Window(
    ((0.0, 5.0), (0.0, 5.0)),
    ((-4.0, 0.0), (-4.0, 0.0)),
    ((0.2, 0.4, 0.7, 1.0, 2.0, 4.0), (0.2, 0.4, 0.7, 1.0, 2.0, 4.0)),
)
_VON_MISES = Window(
    ((-4.0, 4.0), (-4.0, 4.0)),
    ((-1.1, 1.1), (-1.1, 1.1)),
    ((-3.0, -1.5, -0.5, 0.5, 1.5, 3.0), (-3.0, -1.5, -0.5, 0.5, 1.5, 3.0)),
    square=True,
)
WINDOWS = {
    "Gaussian": _GAUSSIAN,
    "LogNormal": _GAUSSIAN,
    "Gamma": _GAMMA,
    "InverseGamma": _GAMMA,
    "InverseGaussian": _INVERSE_GAUSSIAN,
    "Beta": _BETA,
    "Dirichlet": _BETA,
    "VonMises": _VON_MISES,
    "VonMisesFisher": _VON_MISES,
}
# Means that a picture of one parameter shows; by default, up to so many times the example's.
MEANS = {
    "GaussianKnownVariance": (-5.0, 5.0),
    "ChiSquared": (-2.0, 3.0),
    "ContinuousBernoulli": (0.0, 1.0),
    "Logarithmic": (1.0, 4.0),
}


def _reach(low: float, high: float, t: np.ndarray) -> np.ndarray:
    """Values from the edge of the domain on, or both ways where the window shows no edge."""
    if low in (-1, 0):
        return low + t
    return -t if high == 0 else np.concatenate([-t[::-1], t])


def lines(window: Window) -> Iterator[tuple[np.ndarray, str]]:
    """Lines of one natural parameter from edge to far out, dense where the means move fast."""
    (a, b), (first, second) = window.natural, window.lines
    t = np.geomspace(1e-3, 400.0, 4 * POINTS)
    y = _reach(*b, t)
    for value in first:
        yield np.stack([np.full_like(y, value), y], axis=-1), FIRST
    x = _reach(*a, t)
    for value in second:
        yield np.stack([x, np.full_like(x, value)], axis=-1), SECOND


def mean_region(frame: Frame, name: str) -> None:
    """The means that there are, tinted, with their edge."""
    if name in ("Gaussian", "LogNormal"):
        x = np.linspace(*frame.x, POINTS)
        y = x**2
        frame.area(x.tolist(), y.tolist(), TINT)
    elif name == "InverseGaussian":
        x = np.geomspace(1 / frame.y[1], frame.x[1], POINTS)
        y = 1 / x
        frame.area([*x.tolist(), frame.x[1]], [*y.tolist(), frame.y[1]], TINT)
    elif name in ("Beta", "Dirichlet"):
        x = np.linspace(frame.x[0], np.log1p(-np.exp(frame.y[0])), POINTS)
        y = np.log1p(-np.exp(x))
        frame.area([*x.tolist(), frame.x[0]], [*y.tolist(), frame.y[0]], TINT)
    elif name in ("VonMises", "VonMisesFisher"):
        turn = np.linspace(-np.pi, np.pi, POINTS)
        x, y = np.cos(turn), np.sin(turn)
        frame.area(x.tolist(), y.tolist(), TINT)
    else:
        y = np.linspace(np.exp(frame.x[0]), frame.y[1], POINTS)
        x = np.log(y)
        frame.area([*x.tolist(), frame.x[0]], [*y.tolist(), frame.y[1]], TINT)
    frame.curve(x, y, INK, 1.2, "2 3")
