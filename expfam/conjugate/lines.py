"""Integrals around a peak as means over lines through it: directions at random, lengths integrated.

    ∫ exp(−f(z))·g(z) dz = S · E ∫ r^{d−1} exp(−f(ru))·g(ru) dr,     u uniform on the sphere,

of area S, with z in units of the peak's widths. f is convex and about ½|z|² there, so that of a
Gaussian every direction gives the same, and of anything else far less than a proposal would have to
cover. A line is a direction and its opposite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from expfam import sampling
from expfam.conjugate.form import WHO
from expfam.conjugate.integrals import Height
from expfam.conjugate.rows import OfRow

Values = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]]

_STEP = 0.5, 0.2  # of log r: in widths 1/√(2d) of a Gaussian's integrand, and at most
_LEAST = math.log(1e-12)  # of an integral so far: less is left out
_LENGTHS = 2.0 ** np.array([0, 1, 2, 4, 8, 16, 32, 64, 128])  # at which an edge is looked for
_NEAR, _HALVINGS = 2.0**-60, 50
_FAR = 100.0  # of depth, beside what r^d may be
_FEW = 50  # lines that count, below which their spread says little
_BLOCK = 1000  # lines whose nodes are held at a time


class Lines(NamedTuple):
    """What is known of each of n lines."""

    log_length: np.ndarray  # (n,), log ∫ r^{d−1} exp(−f), the mean of both ways
    means: np.ndarray  # (k, n), under exp(−f) along the line, of k functions

    def shares(self) -> np.ndarray:
        """How much each line counts, 1 on average. Errors: ValueError where too few do."""
        share = np.exp(self.log_length - self.log_length.max())
        require_many(share)
        return share / share.mean()

    def log_integral(self, size: int) -> float:
        """log ∫ exp(−f(z)) dz over R^size."""
        most, half = self.log_length.max(), 0.5 * size
        mean = math.log(np.exp(self.log_length - most).mean())
        return float(most + mean + math.log(2) + half * math.log(math.pi) - math.lgamma(half))


def standard_error(influence: np.ndarray) -> float:
    """Of a function of means, from what each line contributes to it."""
    return float(influence.std(ddof=1) / math.sqrt(len(influence)))


def require_many(share: np.ndarray) -> None:
    counting = share.sum() ** 2 / (share @ share)
    if not counting >= _FEW:
        raise OfRow(
            f"{WHO}: at least {_FEW} directions must count in a simulation; {counting:.0f} of "
            f"{len(share)}{{row}} did"
        )


def lines(
    depth: Height, size: int, count: int, source: Any, values: Values = lambda z, f: ()
) -> Lines:
    """So many lines; values are functions of points z (M, size) and their depths (M,)."""
    u = sampling.normal(source, (count, size))
    u = u / np.linalg.norm(u, axis=1, keepdims=True)
    if size == 1:  # all lines are one
        return Lines(*(np.repeat(part, count, axis=-1) for part in _some(depth, u[:1], values)))
    parts = [_some(depth, u[k : k + _BLOCK], values) for k in range(0, count, _BLOCK)]
    return Lines(*(np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)))


def _some(depth: Height, u: np.ndarray, values: Values) -> Lines:
    count = len(u)
    log_length, nodes = _nodes(depth, np.concatenate([u, -u]))
    log_length = np.logaddexp(log_length[:count], log_length[count:])
    line = nodes.direction % count
    weights = np.exp(nodes.log_weight - log_length[line])
    found = values(nodes.points, nodes.depth)
    means = [np.bincount(line, weights * value, count) for value in found]
    return Lines(log_length - math.log(2), np.reshape(means, (len(found), count)))


class _Nodes(NamedTuple):
    direction: np.ndarray  # (M,), its index
    points: np.ndarray  # (M, d)
    depth: np.ndarray  # (M,)
    log_weight: np.ndarray  # (M,), of the integral along the direction


def _nodes(depth: Height, u: np.ndarray) -> tuple[np.ndarray, _Nodes]:
    """log ∫ r^{d−1} exp(−depth(ru)) dr of each direction, by the trapezoidal rule in log r.

    The integrand has one peak; both ways from about where a Gaussian's is, until nothing is left.
    Where the domain ends at R, it is the rule in log (r/(1 − r/R)), whose ends are smooth.
    """
    size, edge = u.shape[1], _edges(depth, u)
    start, step = 0.5 * math.log(size), min(_STEP[0] / math.sqrt(2 * size), _STEP[1])
    total, found = np.full(len(u), -np.inf), []
    for sign in (1, -1):
        going, before, t = np.arange(len(u)), -np.inf, start - (sign < 0) * step
        while going.size:
            part = np.log1p(math.exp(t) / edge[going])  # −log(1 − r/R)
            points = np.exp(t - part)[:, None] * u[going]
            deep = depth(points)
            height = size * (t - part) - part - deep + math.log(step)
            found.append(_Nodes(going, points, deep, height))
            total[going] = np.logaddexp(total[going], height)
            more = (height > before) | (height > total[going] + _LEAST)
            going, before, t = going[more], height[more], t + sign * step
    return total, _Nodes(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _edges(depth: Height, u: np.ndarray) -> np.ndarray:
    """How far each direction stays in the domain; ∞ where the integrand is nothing before."""
    low, high = np.full(len(u), _NEAR), np.full(len(u), np.inf)
    going = np.arange(len(u))
    for r in _LENGTHS:
        value = depth(r * u[going])
        outside, high[going] = value == np.inf, np.where(value == np.inf, r, np.inf)
        low[going] = np.where(outside, low[going], r)
        going = going[value <= _FAR + u.shape[1] * math.log(r)]
    ended = np.flatnonzero(high < np.inf)
    low, near = low[ended], high[ended]
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * near)
        outside = depth(middle[:, None] * u[ended]) == np.inf
        low, near = np.where(outside, low, middle), np.where(outside, middle, near)
    high[ended] = low
    return high
