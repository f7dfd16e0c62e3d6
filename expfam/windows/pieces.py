"""Integrals over a window of a carrier, cut where the density turns: it is monotone on each piece.

Each piece is taken from its top to where log p has fallen by DEPTH, and Gauss and Legendre's rule
is used on panels that shrink by halves towards both ends of it: a density that falls at once, or
hardly at all and then as off a cliff, has its scale there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from expfam import pairs, sampling
from expfam.pairs import Pair
from expfam.sampling.counts import until_accepted
from expfam.windows.carriers import Carrier

DEPTH = 45.0  # nats: what lies beyond is 1e-19 of the whole
_ROUNDING = 2.0**-52
_FINEST = 1e20  # deviations of a mode, to the size of its y
_POWERS = 2.0 ** np.arange(-45, 64)
_SMALLER = 2.0**-100
_SECTIONS, _ROUNDS = np.arange(1, 9) / 8, 3
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_LONG, _SHORT = 64.0, (12, 8)  # halvings that are enough for a piece that is not long
_CELLS = np.arange(8) / 8  # of a panel, for draws


class Window(NamedTuple):
    """low ≤ y ≤ high, and the place z of both ends, unrounded."""

    low: float
    high: float
    places: Pair  # (2,)


class Pieces(NamedTuple):
    """Of members (R,), the anchor and its place; of their pieces (R, p), what is told of each."""

    anchor: np.ndarray
    place: Pair
    top: np.ndarray  # the step to where the density is largest
    length: np.ndarray  # from there, negative downwards
    cut: np.ndarray  # whether the piece goes on, below e⁻⁴⁵ of its top


class Points(NamedTuple):
    """Steps u (R, n) from the anchor, log p there but for the mass, and that with the lengths."""

    u: np.ndarray
    rise: np.ndarray
    log_weight: np.ndarray


def pieces(carrier: Carrier, theta: np.ndarray, window: Window) -> Pieces:
    """The pieces of members (R, k) within a window, as seen from the largest density of all."""
    edges, places = _edges(carrier, theta, window)
    inside = (edges > carrier.whole[0]) & (edges < carrier.whole[1])
    best = np.argmax(inside, axis=-1)
    for _ in range(2):  # from any edge first; heights are sharp near the anchor
        anchor = _taken(edges, best)
        place = _taken(places[0], best), _taken(places[1], best)
        place = _consistent(
            carrier, theta, anchor, place, (anchor == window.low) | (anchor == window.high)
        )
        high, low = pairs.subtract(places, (place[0][:, None], place[1][:, None]))
        step = np.where(inside, high + low, np.where(edges == carrier.whole[0], -np.inf, np.inf))
        value = carrier.rise(theta[:, None], anchor[:, None], np.where(inside, step, 0.0))
        height = np.where(inside & ~np.isnan(value), value, -np.inf)
        best = np.argmax(height, axis=-1)
    rising = height[:, 1:] > height[:, :-1]
    top = np.where(rising, step[:, 1:], step[:, :-1])
    sign = np.where(rising, -1.0, 1.0)
    empty = (step[:, 1:] == step[:, :-1]) | ~np.isfinite(top)
    room = np.where(empty, 0.0, step[:, 1:] - step[:, :-1])
    top = np.where(empty, 0.0, top)
    length = _reach(carrier, theta[:, None], anchor, top, sign, room)
    return Pieces(anchor, place, top, sign * length, length < room)


def resolved(carrier: Carrier, theta: np.ndarray, window: Window) -> np.ndarray:
    """Of members (R, k), whether a step from the rounded mode tells how far from the mode it is."""
    with np.errstate(all="ignore"):
        turns = carrier.turns(theta)
        bend = carrier.curvature(theta[:, None], turns)
        grain = np.sqrt(np.maximum(-bend, 0.0)) * carrier.grain(turns)
    held = (turns >= carrier.far[0]) & (turns <= carrier.far[1]) & (grain <= _FINEST)
    inside = (turns > window.low) & (turns < window.high) & (bend < 0)
    return (held | ~inside).all(axis=-1)


def by_length(found: Pieces) -> Iterator[tuple[np.ndarray, Pieces, bool]]:
    """Members whose pieces are all short, and the others, each with their rows and whether."""
    short = (np.abs(found.length) <= _LONG).all(axis=-1)
    for rows, kind in ((np.flatnonzero(short), True), (np.flatnonzero(~short), False)):
        if rows.size:
            anchor, (high, low), *rest = found
            parts = [part[rows] for part in (anchor, high, low, *rest)]
            yield rows, Pieces(parts[0], (parts[1], parts[2]), *parts[3:]), kind


def points(carrier: Carrier, theta: np.ndarray, found: Pieces, short: bool) -> Points:
    """The nodes of all pieces, with their weights."""
    places, weights = _rule(_levels(carrier, short))
    u = found.top[..., None] + found.length[..., None] * places
    rise = carrier.rise(theta[:, None, None], found.anchor[:, None, None], u)
    log_weight = rise + np.log(np.abs(found.length))[..., None] + np.log(weights)
    shape = len(theta), math.prod(u.shape[1:])
    return Points(*(part.reshape(shape) for part in (u, rise, log_weight)))


def drawn(carrier: Carrier, theta: np.ndarray, found: Pieces, source: Any, size: int) -> np.ndarray:
    """Steps u of one member's draws, by rejection from a staircase above each monotone piece.

    Source: Devroye (1986), Non-uniform random variate generation, VIII.2.
    """
    edges = _panels(carrier.levels)
    places = np.append((edges[:-1, None] + np.diff(edges)[:, None] * _CELLS).reshape(-1), 1.0)
    edge = found.top[..., None] + found.length[..., None] * places
    value = carrier.rise(theta, found.anchor[0], edge[0])
    bound = np.maximum(value[:, :-1], value[:, 1:]).reshape(-1) + 1e-12
    start, width = edge[0, :, :-1].reshape(-1), np.diff(edge[0], axis=-1).reshape(-1)
    most = bound.max(where=width != 0, initial=-np.inf)
    mass = np.where(width == 0, 0.0, np.abs(width) * np.exp(bound - most))

    def attempt(_: Any, length: int) -> tuple[np.ndarray, np.ndarray]:
        cell = sampling.categorical(source, mass, length)
        place, height = source.uniform((2, length))
        u = start[cell] + place * width[cell]
        return u, np.log(height) <= carrier.rise(theta, found.anchor[0], u) - bound[cell]

    return until_accepted(size, np.float64, attempt)


def _edges(carrier: Carrier, theta: np.ndarray, window: Window) -> tuple[np.ndarray, Pair]:
    """The ends of the pieces, (R, p + 1): those of the window, and where the density turns."""
    low, high = window.low, window.high
    turns = np.clip(carrier.turns(theta), max(low, carrier.far[0]), min(high, carrier.far[1]))
    turns = np.sort(np.where(np.isnan(turns), low, turns), axis=-1)
    ends = np.broadcast_to([low, high], (len(theta), 2))
    edges = np.concatenate([ends[:, :1], turns, ends[:, 1:]], axis=-1)
    high_part, low_part = carrier.place(turns)
    parts = high_part, low_part + _offset(carrier, theta, turns, high_part)
    places = []
    for part, end in zip(parts, window.places, strict=True):
        part = np.where(turns == low, end[0], np.where(turns == high, end[1], part))
        rows = np.broadcast_to(end, (len(theta), 2))
        places.append(np.concatenate([rows[:, :1], part, rows[:, 1:]], axis=-1))
    return edges, (places[0], places[1])


def _offset(carrier: Carrier, theta: np.ndarray, turns: np.ndarray, place: Any) -> np.ndarray:
    """How far from a mode's rounded y it is: of a far one, many deviations."""
    slope, bend = (f(theta[:, None], turns) for f in (carrier.slope, carrier.curvature))
    most = 4 * _ROUNDING * (1 + np.abs(place))
    return np.where(bend < 0, np.clip(-slope / np.where(bend < 0, bend, -1.0), -most, most), 0.0)


def _consistent(
    carrier: Carrier, theta: np.ndarray, anchor: np.ndarray, place: Pair, at_end: np.ndarray
) -> Pair:
    """The place of an anchor: that of its rounded y, which slopes are of, or the unrounded one.

    By a gap δ between them the first takes rounding·δ from steps, the second bend·δ from the slope.
    """
    bend = np.abs(carrier.curvature(theta, anchor))
    rate = np.abs(carrier.slope(theta, anchor)) + np.sqrt(bend)
    rounded = ~at_end | (bend > _ROUNDING * rate * rate) & (not carrier.straight)
    high, low = carrier.place(anchor)
    return np.where(rounded, high, place[0]), np.where(rounded, low, place[1])


def _taken(array: np.ndarray, index: np.ndarray) -> np.ndarray:
    return np.take_along_axis(array, index[:, None], axis=-1)[:, 0]


def _reach(
    carrier: Carrier,
    rows: np.ndarray,
    anchor: np.ndarray,
    top: np.ndarray,
    sign: np.ndarray,
    room: np.ndarray,
) -> np.ndarray:
    """How far each piece goes from its top: to its end, or where log p has fallen by DEPTH or more.

    The distances scale·2ᵏ are tried, and those between the first that is enough and the one before.
    """
    at = carrier.beyond(anchor[:, None], top)
    slope, bend = carrier.slope(rows, at), carrier.curvature(rows, at)
    scale = np.minimum(1 / (np.abs(slope) + np.sqrt(np.abs(bend))), np.minimum(room, 1e290))
    start, growth = carrier.rise(rows, anchor[:, None], top), carrier.growth(at, sign)

    def fall(distance: np.ndarray) -> np.ndarray:
        """How far log p falls, less what the square of T may gain."""
        u = (top + sign * 0)[..., None] + sign[..., None] * distance
        here = carrier.rise(rows[:, None], anchor[:, None, None], u)
        return start[..., None] - here - 2 * np.minimum(distance, growth[..., None])

    while True:  # where the density is flat at its top, its scale is not that of its fall
        least = np.minimum(scale * _POWERS[0], room)
        over = (fall(least[..., None])[..., 0] >= DEPTH) & (least > 1e-250)
        if not over.any():
            break
        scale = np.where(over, scale * _SMALLER, scale)
    distance = scale[..., None] * _POWERS
    below = np.zeros_like(scale)
    for _ in range(_ROUNDS + 1):
        distance = np.minimum(distance, room[..., None])
        enough = (fall(distance) >= DEPTH) | (distance >= room[..., None])
        first = np.argmax(enough, axis=-1)[..., None]
        before = np.take_along_axis(distance, np.maximum(first - 1, 0), axis=-1)[..., 0]
        below = np.where(first[..., 0] > 0, before, below)
        above = np.take_along_axis(distance, first, axis=-1)[..., 0]
        distance = below[..., None] + (above - below)[..., None] * _SECTIONS
    return above


def _levels(carrier: Carrier, short: bool) -> tuple[int, int]:
    towards, away = carrier.levels
    return (min(towards, _SHORT[0]), min(away, _SHORT[1])) if short else (towards, away)


@cache
def _panels(levels: tuple[int, int]) -> np.ndarray:
    """The ends of panels on 0 … 1, which shrink by halves towards both."""
    towards, away = levels
    first = 0.5 ** np.arange(towards, 0, -1)
    last = 1 - 0.5 ** np.arange(2, away + 1)
    return np.concatenate([[0.0], first, last, [1.0]])


@cache
def _rule(levels: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Places on 0 … 1 and their weights."""
    edges = _panels(levels)
    width = np.diff(edges)[:, None]
    places = edges[:-1, None] + width * 0.5 * (1 + _NODES)
    return places.reshape(-1), (width * 0.5 * _WEIGHTS).reshape(-1)
