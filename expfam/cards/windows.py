"""The straight lines and the space of means that a card draws in the window of a family."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from expfam.cards.frame import FIRST, INK, SECOND, Frame
from expfam.derivation.windows import POINTS, Window

TINT = "#eef3fa"


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


def mean_region(frame: Frame, window: Window) -> None:
    """The means that there are, tinted, with their edge."""
    x, y = window.edge()
    closed = np.array([*zip(x, y, strict=True), *([window.corner] if window.corner else [])])
    frame.area(closed[:, 0].tolist(), closed[:, 1].tolist(), TINT)
    frame.curve(x, y, INK, 1.2, "2 3")
