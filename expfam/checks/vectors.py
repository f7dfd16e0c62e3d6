"""Integrals over vectors: planes, simplices and spheres of at most two dimensions.

Each is the image of coordinates in which the density dies out at both ends, or is periodic; over
these the product of two trapezoidal rules is exact to rounding. What a family accepts tells which.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np

from expfam.checks.points import NEGLIGIBLE, TAILS, Support, accepted, no_support
from expfam.family import Distribution, ExponentialFamily
from expfam.special import log_softmax

_COUNTS = {1: (256, 1024, 4096), 2: (64, 128, 256, 512, 1024)}  # steps of a grid
_CLOSE = 1e-8  # of a grid to one of half as many steps: its own error is below 1e-15
_LEAST = 1e-24  # of the highest density: what is less is left out
_DEPTH = 45.0  # nats below the highest density at which the window ends
_TRIED = 8
_LEAST_DOUBLE = 5e-324
_SMALL = 1e-200  # a share beyond which a density must be negligible, as it may be lost


class Chart(NamedTuple):
    """Points as the image of coordinates (n, d) ↦ (n, K): both ways, and the log of the volume."""

    to_coordinates: Callable[[np.ndarray], np.ndarray]
    to_points: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    periodic: tuple[bool, ...]  # an angle, from −π to π


def vectors(p: Distribution, draws: np.ndarray) -> Support:
    """The support of a member whose observations are vectors, where that is of one or two axes."""
    chart = _chart(p.family)
    if (abs(draws) == _LEAST_DOUBLE).any():
        return no_support(draws, TAILS)
    if chart is None:
        return no_support(draws, "observations are several real numbers")
    found = _window(p, chart, chart.to_coordinates(draws))
    if found is None:
        return no_support(draws, TAILS)
    for count in _COUNTS[len(found[0])]:
        integral = _integral(p, chart, *found, count)
        if not integral.missing:
            return integral
    return integral


def _integral(
    p: Distribution, chart: Chart, low: np.ndarray, high: np.ndarray, count: int
) -> Support:
    """A grid of count steps an axis. Its error is about the square of that of half as many."""
    axes = [
        np.linspace(a, b, count if periodic else count + 1, endpoint=not periodic)
        for a, b, periodic in zip(low, high, chart.periodic, strict=True)
    ]
    t = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    x, log_volume = chart.to_points(t.reshape(-1, len(axes)))
    log_weight = log_volume + np.log((high - low) / count).sum()
    p_x = np.exp(p.log_prob(x) + log_weight)
    half = p_x.reshape(t.shape[:-1])[(slice(None, None, 2),) * len(axes)].sum()
    if not abs(p_x.sum() - 2 ** len(axes) * half) <= _CLOSE * p_x.sum():
        return no_support(x, "its integral does not converge")
    near = p_x > _LEAST * p_x.max()
    return Support(x[near], log_weight[near])


def _window(p: Distribution, chart: Chart, t: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The box of coordinates outside which the density is negligible."""
    low, high = t.min(axis=0), t.max(axis=0)
    low = np.where(chart.periodic, -np.pi, low)
    high = np.where(chart.periodic, np.pi, high)
    step = np.where(chart.periodic, 0.0, np.maximum(high - low, 1e-3) / 4)
    for _ in range(80):
        axes = [np.linspace(a, b, 33) for a, b in zip(low, high, strict=True)]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        x, log_volume = chart.to_points(grid.reshape(-1, len(axes)))
        log_p = (p.log_prob(x) + log_volume).reshape([33] * len(axes))
        top = log_p.max()
        open_ends = False
        for axis, side in product(range(len(axes)), (0, 1)):
            edge = np.take(log_p, -side, axis=axis).max()
            if not chart.periodic[axis] and not edge <= top - _DEPTH:
                (low if side == 0 else high)[axis] += (-1 if side == 0 else 1) * step[axis]
                open_ends = True
        if not open_ends:
            lost = np.isneginf(log_volume)
            close = log_p.reshape(-1)[(x.min(axis=-1) < _SMALL) & ~lost]
            held = not lost.any() or close.max(initial=-np.inf) <= top - NEGLIGIBLE
            return (low, high) if held else None
        step *= 1.2
    return None if not edge <= top - NEGLIGIBLE else (low, high)


def _chart(family: ExponentialFamily) -> Chart | None:
    """The chart of what the family accepts: all of the plane, a simplex, a circle or a sphere."""
    if len(family.event_shape) > 1:
        return None
    (size,) = family.event_shape
    tried = np.random.default_rng(0).normal(size=(_TRIED, size))
    if accepted(family, tried).all():
        return _PLANES.get(size)
    if size in (2, 3) and accepted(family, np.exp(log_softmax(tried))).all():
        return _SIMPLICES[size]
    if size in (2, 3):
        unit = tried / np.linalg.norm(tried, axis=-1, keepdims=True)
        if accepted(family, unit).all():
            return _SPHERES[size]
    return None


def _plane(size: int) -> Chart:
    return Chart(lambda x: x.copy(), lambda t: (t, np.zeros(len(t))), (False,) * size)


def _simplex(size: int) -> Chart:
    """x = softmax(t, 0), whose volume among the first K − 1 entries is ∏ xᵢ; 0 if one is lost."""

    def to_points(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        log_x = log_softmax(np.concatenate([t, np.zeros((len(t), 1))], axis=-1))
        x, held = np.exp(log_x), (log_x > -744).all(axis=-1)
        return np.maximum(x, _LEAST_DOUBLE), np.where(held, log_x.sum(axis=-1), -np.inf)

    return Chart(lambda x: np.log(x[:, :-1] / x[:, -1:]), to_points, (False,) * (size - 1))


def _circle() -> Chart:
    def to_points(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.stack([np.cos(t[:, 0]), np.sin(t[:, 0])], axis=-1), np.zeros(len(t))

    return Chart(lambda x: np.arctan2(x[:, 1:], x[:, :1]), to_points, (True,))


def _sphere() -> Chart:
    """x = (cos φ/cosh t, sin φ/cosh t, tanh t), whose area is cosh⁻² t."""

    def to_points(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        radius = 1 / np.cosh(t[:, 0])
        x = [radius * np.cos(t[:, 1]), radius * np.sin(t[:, 1]), np.tanh(t[:, 0])]
        return np.stack(x, axis=-1), 2 * np.log(radius)

    def to_coordinates(x: np.ndarray) -> np.ndarray:
        return np.stack([np.arctanh(x[:, 2]), np.arctan2(x[:, 1], x[:, 0])], axis=-1)

    return Chart(to_coordinates, to_points, (False, True))


_PLANES = {size: _plane(size) for size in (1, 2)}
_SIMPLICES = {size: _simplex(size) for size in (2, 3)}
_SPHERES = {2: _circle(), 3: _sphere()}
