"""A small frame for pictures in SVG: axes with ticks, curves, level curves, points, words."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

INK, FAINT, FIRST, SECOND, MARK = "#1b1b1b", "#8a8f98", "#0b5cad", "#b8520a", "#a4133c"
_WIDTH, _HEIGHT = 330.0, 272.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 10.0, 34.0, 34.0
_CELLS = 64  # of a level curve's grid, each way
_NEAR = 0.06  # a point nearer than this to the line through others is left out


Range = tuple[float, float]


class Frame:
    """Pictures in the units of x and y, drawn from the back to the front."""

    def __init__(
        self, x: tuple[float, float], y: tuple[float, float], square: bool = False
    ) -> None:
        self.x, self.y = x, y
        self.parts: list[str] = []
        width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        self.scale = width / (x[1] - x[0]), height / (y[1] - y[0])
        if square:
            self.scale = (min(self.scale),) * 2
        self.origin = (
            _LEFT + (width - self.scale[0] * (x[1] - x[0])) / 2,
            _TOP + height - (height - self.scale[1] * (y[1] - y[0])) / 2,
        )

    def at(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Units to the picture's own."""
        return (
            self.origin[0] + self.scale[0] * (np.asarray(x) - self.x[0]),
            self.origin[1] - self.scale[1] * (np.asarray(y) - self.y[0]),
        )

    # ------------------------------------------------------------ what is drawn

    def axes(self, x_label: str, y_label: str, title: str) -> None:
        """The box with ticks, what is on each axis, and a title."""
        left, bottom = self.at(self.x[0], self.y[0])
        right, top = self.at(self.x[1], self.y[1])
        self.parts.append(_path([(left, top), (left, bottom), (right, bottom)], FAINT, 0.8))
        for value in ticks(*self.x):
            x, _ = self.at(value, 0.0)
            self.parts.append(_path([(x, bottom), (x, bottom + 3)], FAINT, 0.8))
            self._text(x, bottom + 13, _short(value), size=9, anchor="middle", colour=FAINT)
        for value in ticks(*self.y):
            _, y = self.at(0.0, value)
            self.parts.append(_path([(left - 3, y), (left, y)], FAINT, 0.8))
            self._text(left - 5, y + 3, _short(value), size=9, anchor="end", colour=FAINT)
        self._text(right, bottom + 27, x_label, size=12, anchor="end", italic=True)
        self._text(left - 26, top - 8, y_label, size=12, anchor="start", italic=True)
        self.title(title)

    def title(self, text: str) -> None:
        self._text(_WIDTH / 2 + _LEFT / 3, 12, text, size=11.5, anchor="middle")

    def curve(self, x: Any, y: Any, colour: str = INK, width: float = 1.4, dash: str = "") -> None:
        """A line through points, where they are inside the frame."""
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        inside = np.isfinite(x) & np.isfinite(y)
        inside &= (x >= self.x[0] - 1e-9) & (x <= self.x[1] + 1e-9)
        inside &= (y >= self.y[0] - 1e-9) & (y <= self.y[1] + 1e-9)
        for run in _runs(inside):
            points = _thinned(list(zip(*self.at(x[run], y[run]), strict=True)))
            if len(points) > 1:
                self.parts.append(_path(points, colour, width, dash))

    def area(self, x: Sequence[float], y: Sequence[float], colour: str) -> None:
        points = list(zip(*self.at(x, y), strict=True))
        self.parts.append(f'<path d="{_line(points)}Z" fill="{colour}" stroke="none"/>')

    def levels(self, f: Callable[[Any, Any], Any], values: Sequence[float]) -> None:
        """The curves f(x, y) = value, by marching squares; f takes grids and may give NaN."""
        x = np.linspace(*self.x, _CELLS + 1)
        y = np.linspace(*self.y, _CELLS + 1)
        grid = f(*np.meshgrid(x, y, indexing="ij"))
        for value in values:
            ends = [[self.at(*end) for end in ends] for ends in _crossings(x, y, grid - value)]
            lines = "".join(map(_line, _chained(ends)))
            self.parts.append(
                f'<path d="{lines}" fill="none" stroke="{FAINT}" stroke-width="0.7"/>'
            )

    def dot(self, x: float, y: float, radius: float = 2.4, colour: str = INK) -> None:
        px, py = self.at(x, y)
        self.parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{radius:g}" fill="{colour}"/>')

    def point(self, x: float, y: float, label: str = "", dx: float = 7, dy: float = -6) -> None:
        self.dot(x, y, 3.6, MARK)
        px, py = self.at(x, y)
        if label:
            anchor = "start" if dx >= 0 else "end"
            self._text(px + dx, py + dy, label, size=11, anchor=anchor, colour=MARK)

    def words(
        self, x: float, y: float, text: str, anchor: str = "middle", colour: str = INK
    ) -> None:
        self._text(*self.at(x, y), text, size=11, anchor=anchor, colour=colour)

    def svg(self, description: str) -> str:
        """The picture, with its description for those who do not see it."""
        return (
            f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" '
            f'aria-label="{html.escape(description)}">{"".join(self.parts)}</svg>'
        )

    def _text(
        self,
        x: Any,
        y: Any,
        text: str,
        *,
        size: float,
        anchor: str,
        colour: str = INK,
        italic: bool = False,
    ) -> None:
        style = ' font-style="italic"' if italic else ""
        self.parts.append(
            f'<text x="{float(x):.1f}" y="{float(y):.1f}" font-size="{size:g}" '
            f'text-anchor="{anchor}" fill="{colour}"{style}>{html.escape(text)}</text>'
        )


def ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers from low to high.

    >>> ticks(0.0, 10.0)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [step * k for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    return f"{value + 0.0:g}".replace("-", "−")


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _path(points: Sequence[tuple[float, float]], colour: str, width: float, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{_line(points)}" fill="none" stroke="{colour}" '
        f'stroke-width="{width:g}" stroke-linejoin="round"{dashes}/>'
    )


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points without those that the line through others passes (Douglas and Peucker 1973)."""
    at = np.array(points, dtype=float)
    kept, spans = {0, len(at) - 1}, [(0, len(at) - 1)]
    while spans:
        first, last = spans.pop()
        along, away = at[last] - at[first], at[first + 1 : last] - at[first]
        if not len(away):
            continue
        length = np.hypot(*along)
        across = away[:, 1] * along[0] - away[:, 0] * along[1]
        apart = np.abs(across) / length if length > 0 else np.hypot(*away.T)
        far = int(apart.argmax())
        if apart[far] > _NEAR:
            kept.add(first + 1 + far)
            spans += [(first, first + 1 + far), (first + 1 + far, last)]
    return [points[place] for place in sorted(kept)]


def _runs(inside: np.ndarray) -> list[slice]:
    """The stretches of neighbours that are inside."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
    return [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _chained(segments: list[list[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
    """Segments end to end, where they share an end to a tenth, without points near the last."""
    places: dict[tuple[float, float], list[int]] = {}
    keys = [[(round(x, 1), round(y, 1)) for x, y in segment] for segment in segments]
    for place, key in enumerate(keys):
        for end in key:
            places.setdefault(end, []).append(place)
    # Ends of open lines first; what is left then are rings.
    starts = sorted(range(len(keys)), key=lambda k: min(len(places[end]) for end in keys[k]))
    used: set[int] = set()
    lines = []
    for start in starts:
        if start in used:
            continue
        line = sorted(keys[start], key=lambda end: len(places[end]))
        used.add(start)
        while further := [k for k in places[line[-1]] if k not in used]:
            used.add(further[0])
            a, b = keys[further[0]]
            line.append(b if a == line[-1] else a)
        lines.append(_thinned(line))
    return lines


def _crossings(x: np.ndarray, y: np.ndarray, f: np.ndarray) -> list[list[tuple[float, float]]]:
    """Segments of f = 0 in the cells of a grid; of a saddle, one of the two ways."""
    with np.errstate(invalid="ignore"):
        above = f > 0
    mixed = above[:-1, :-1].astype(int) + above[1:, :-1] + above[1:, 1:] + above[:-1, 1:]
    finite = np.isfinite(f)
    whole = finite[:-1, :-1] & finite[1:, :-1] & finite[1:, 1:] & finite[:-1, 1:]
    found = []
    for i, j in np.argwhere((mixed > 0) & (mixed < 4) & whole).tolist():
        corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
        ends = []
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
            if above[a] != above[b]:
                t = f[a] / (f[a] - f[b])
                ends.append((x[a[0]] + t * (x[b[0]] - x[a[0]]), y[a[1]] + t * (y[b[1]] - y[a[1]])))
        found.append(ends[:2])
    return found
