"""Priors whose log Z has no closed form: integrals over one or two natural parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from expfam.conjugate.form import WHO, Form

_TIMES = np.arange(-48, 49) / 12  # of the double exponential rule, from −4 to 4
_NEAR = 1 / (1 + np.exp(-np.pi * np.sinh(_TIMES)))  # 0 … 1, with its digits near 0
_WEIGHTS = np.pi / 12 * np.cosh(_TIMES) * _NEAR * _NEAR[::-1]
_DEPTH = 60.0  # e⁻⁶⁰ of the peak is where an integral ends
_POWERS = 2.0 ** np.arange(-30, 51)  # steps that are tried first
_SECTIONS = np.arange(1, 17) / 17
_EXACT, _ROUGH = 13, 5  # rounds of sections

Height = Callable[[np.ndarray], np.ndarray]


class NumericalForm(Form):
    """R = log ∫ exp(−ν·KL(η̂‖η)) dη: the exponent is convex, 0 at the peak η̂, and ∞ outside.

    One integral inside the other, each in two parts from its peak by the double exponential rule
    (Takahasi and Mori 1974), which algebraic ends of the domain do not disturb.
    """

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.size = int(np.prod(family.natural_shape, dtype=int))
        if self.size > 2:
            raise TypeError(
                f"{WHO}: log Z must be closed, or an integral over at most 2 natural parameters; "
                f"{family.name} has {self.size}"
            )

    def remainder(self, prior: Any) -> np.ndarray:
        value = [np.log(weights.sum()) for _, weights in self._rows(prior)]
        return np.reshape(value, np.shape(prior.exposure))

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """R_q − R_p + E_p (f_q − f_p), with f = ν·KL(η̂‖η)."""
        batch = np.broadcast_shapes(np.shape(p.exposure), np.shape(q.exposure))
        p, q = p._broadcast(batch), q._broadcast(batch)
        rows = zip(self._rows(p), self._depths(p), self._depths(q), strict=True)
        away = [
            np.sum(weights * (f_q(points) - f_p(points))) / weights.sum()
            for (points, weights), f_p, f_q in rows
        ]
        return np.maximum(q._remainder - p._remainder + np.reshape(away, batch), 0.0)

    def _depths(self, prior: Any) -> Iterator[Height]:
        """Of each row of the batch, ν·KL(η̂‖η) as a function of points (N, size)."""
        size = self.family.natural_shape
        peaks = np.reshape(prior._peak, (-1, *size))
        means = np.reshape(prior._mean, (-1, *size))
        for peak, mean, exposure in zip(peaks, means, np.ravel(prior.exposure), strict=True):

            def depth(points: np.ndarray, peak=peak, mean=mean, exposure=exposure) -> np.ndarray:
                natural = points.reshape(-1, *size)
                inside = self.family._inside(natural)
                safe = np.where(inside.reshape(-1, *(1 for _ in size)), natural, peak)
                value = exposure * self.family._kl(peak[None], mean[None], safe)
                return np.where(inside & (value == value), value, np.inf)

            yield depth

    def _rows(self, prior: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Of each row of the batch, points (N, size) and weights of ∫ exp(−f)·g."""
        fisher = np.reshape(
            self.family._fisher_information(prior._peak), (-1, self.size, self.size)
        )
        scale = np.ravel(prior.exposure)[:, None] * np.diagonal(fisher, axis1=-2, axis2=-1)
        peaks = np.reshape(prior._peak, (-1, self.size))
        for peak, unit, depth in zip(peaks, 1 / np.sqrt(scale), self._depths(prior), strict=True):
            points, weights = _points(depth, peak[None], unit)
            yield points, weights * np.exp(-depth(points))


def _points(depth: Height, peak: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes (N, size) and weights of an integral whose integrand is exp(−depth)."""
    if len(unit) == 1:
        x, weights = _nodes(_line(depth, peak, 0), unit[0])
        return (peak + x.reshape(-1, 1)), weights.ravel()

    def lowest(points: np.ndarray) -> np.ndarray:
        return _moved(points, 1, _lowest(_line(depth, points, 1), len(points), unit[1]))

    first, outer = _nodes(_line(lambda points: depth(lowest(points)), peak, 0), unit[0])
    start = lowest(_moved(np.repeat(peak, first.size, axis=0), 0, first.ravel()))
    second, inner = _nodes(_line(depth, start, 1), unit[1], len(start))
    points = _moved(np.repeat(start, second.shape[1], axis=0), 1, second.ravel())
    return points, (outer.reshape(-1, 1) * inner).ravel()


def _nodes(climb: Height, unit: float, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Steps both ways from the lowest points of so many lines, (count, 2·97), and weights."""
    ways = [(sign, _reach(climb, sign * unit, count)) for sign in (-1.0, 1.0)]
    steps = np.concatenate([length[:, None] * _NEAR for _, length in ways], axis=1)
    weights = np.concatenate([abs(length)[:, None] * _WEIGHTS for _, length in ways], axis=1)
    return steps, weights


def _reach(climb: Height, unit: float, count: int) -> np.ndarray:
    """The step of each line where it has climbed by `_DEPTH`, or leaves the domain."""
    here = climb(np.zeros((count, 1)))
    steps = np.broadcast_to(unit * _POWERS, (count, len(_POWERS)))
    good, bad = np.zeros((count, 1)), steps[:, -1:]
    for _ in range(_EXACT):
        inside = np.count_nonzero(climb(steps) - here <= _DEPTH, axis=1, keepdims=True)
        ends = np.concatenate([good, steps, bad], axis=1)
        good, bad = (np.take_along_axis(ends, inside + more, axis=1) for more in (0, 1))
        steps = good + (bad - good) * _SECTIONS
    return good[:, 0]


def _lowest(height: Height, count: int, unit: float) -> np.ndarray:
    """The step of each line to about its lowest point; exact it need not be."""
    powers = unit * np.concatenate([-_POWERS[::-1], [0.0], _POWERS])
    steps = np.broadcast_to(powers, (count, len(powers)))
    for _ in range(_ROUGH):
        best = height(steps).argmin(axis=1)[:, None]
        low = np.take_along_axis(steps, np.maximum(best - 1, 0), axis=1)
        high = np.take_along_axis(steps, np.minimum(best + 1, steps.shape[1] - 1), axis=1)
        steps = low + (high - low) * _SECTIONS
    return 0.5 * (low + high)[:, 0]


def _line(depth: Height, start: np.ndarray, axis: int) -> Height:
    """The depth at steps (N, M) along an axis from N points."""

    def along(steps: np.ndarray) -> np.ndarray:
        points = np.repeat(start, steps.shape[1], axis=0)
        return depth(_moved(points, axis, steps.ravel())).reshape(steps.shape)

    return along


def _moved(points: np.ndarray, axis: int, steps: np.ndarray) -> np.ndarray:
    moved = points.copy()
    moved[:, axis] += steps
    return moved
