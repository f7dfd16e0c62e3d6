"""Members of a carrier within a window: masses, moments, divergences, by the points of pieces."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np

from expfam import pairs
from expfam.pairs import Pair
from expfam.windows.carriers import Carrier
from expfam.windows.pieces import Pieces, Window, by_length, pieces, points
from expfam.windows.sums import NOTHING, excess, normalised

_BLOCK = 2**9  # members whose integrals are in memory together
_FEW = 2**4  # whose moments are kept
_SMALL = 1e-2  # of the terms of a divergence: where their difference loses digits


class Masses(NamedTuple):
    """Of members (R,): the anchor, its place z, and log of the integral of exp⟨θ, T(y) − T(a)⟩."""

    anchor: np.ndarray
    place: Pair
    log_mass: np.ndarray


class Moments(NamedTuple):
    """Of members (R,): the anchor, and moments from it."""

    anchor: np.ndarray
    place: Pair  # z of the anchor
    log_mass: np.ndarray  # of exp⟨θ, T(y) − T(anchor)⟩ dz
    mean: np.ndarray  # of T(y) − T(anchor), (R, k)
    shapes: np.ndarray  # of u, and of the carrier's shapes
    covariance: np.ndarray  # (R, k, k)
    entropy: np.ndarray  # of z


class Integrals:
    """Integrals of exp⟨θ, T⟩ dz within a window, of members θ (R, k)."""

    def __init__(self, carrier: Carrier, window: Window) -> None:
        self.carrier, self.window = carrier, window
        self._last: tuple[np.ndarray, Moments] | None = None

    def masses(self, theta: np.ndarray) -> Masses:
        """What A needs."""
        if len(theta) <= _FEW:
            found = self.moments(theta)
            return Masses(found.anchor, found.place, found.log_mass)
        return Masses(*_by_blocks(self._masses, theta))

    def moments(self, theta: np.ndarray) -> Moments:
        """What the maps need, too. Of a few members they are kept: a step of Newton's asks for A,
        μ and Fisher information one after the other, and a member for A with each log p."""
        last = self._last
        if last is not None and np.array_equal(last[0], theta):
            return last[1]
        found = Moments(*_by_blocks(self._moments, theta))
        if len(theta) <= _FEW:
            self._last = theta, found
        return found

    def divergences(self, one: np.ndarray, two: np.ndarray, gap: np.ndarray) -> np.ndarray:
        """KL of members, or of one (1, k) and many others, whose θ is the sum of it and the gap.

        It is log(1 + E φ(d − E d)), d = ⟨gap, T⟩, φ(t) = exp t − 1 − t, where it is small and the
        points have all of it; elsewhere log p(a) − log q(a) − E(d − d(a)), for any a the same.
        """
        if len(one) == 1:
            return _by_blocks(partial(self._divergences, one), two, gap)
        return _by_blocks(self._divergences, one, two, gap)

    def _divergences(self, one: np.ndarray, two: np.ndarray, gap: np.ndarray) -> np.ndarray:
        """The difference of the terms, and where that is small the other form, if p has all."""
        p, q = self._moments(one), self._masses(two)
        high, low = pairs.subtract(p.place, q.place)
        there = self.carrier.rise(two, q.anchor, high + low)
        terms = q.log_mass, -there, -p.log_mass, -self._gain(gap, p)
        value = np.maximum(sum(terms), 0.0)
        small = np.flatnonzero(value < _SMALL * (1 + sum(map(np.abs, terms))))
        if small.size:
            row = small if len(one) > 1 else np.zeros_like(small)
            near, held = self._near(one[row], two[small], gap[small])
            value[small] = np.where(held, near, value[small])
        return value

    def _gain(self, gap: np.ndarray, p: Moments) -> np.ndarray:
        """E ⟨gap, T(y) − T(a)⟩, by T or by slope and bends, whichever has the smaller terms."""
        factors = self.carrier.slope(gap, p.anchor), *self.carrier.bends(gap, p.anchor)
        plain = gap * p.mean
        local = np.stack(np.broadcast_arrays(*factors), axis=-1) * p.shapes
        sizes = (np.abs(terms).sum(axis=-1) for terms in (plain, local))
        return np.where(np.less(*sizes), plain.sum(axis=-1), local.sum(axis=-1))

    def _near(
        self, one: np.ndarray, two: np.ndarray, gap: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """log(1 + E φ(d − E d)), and whether the points have all of it."""
        value, held = np.empty(len(one)), np.empty(len(one), dtype=bool)
        for rows, found, short in by_length(pieces(self.carrier, one, self.window)):
            nodes = points(self.carrier, one[rows], found, short)
            weight, log_mass = normalised(nodes.log_weight)
            gain = self.carrier.rise(gap[rows, None], found.anchor[:, None], nodes.u)
            gain = np.where(weight > 0, gain, 0.0)
            mean = (weight * gain).sum(axis=-1)
            more = excess(weight, nodes.log_weight - log_mass[:, None], gain - mean[:, None])
            missing = self._missing(found, two[rows], log_mass + mean)
            value[rows] = np.log1p(more.value)
            held[rows] = more.held & (more.near | (missing <= NOTHING * more.value))
        return value, held

    def _missing(self, found: Pieces, theta: np.ndarray, level: np.ndarray) -> np.ndarray:
        """What exp(⟨θ, T⟩ − level) may have beyond where the pieces are cut."""
        end = found.top + found.length
        height = self.carrier.rise(theta[:, None], found.anchor[:, None], end) - level[:, None]
        beyond = np.abs(found.length) * np.exp(np.minimum(height, 700.0))
        return np.where(found.cut, beyond, 0.0).sum(axis=-1)

    def _masses(self, theta: np.ndarray) -> Masses:
        """What A needs."""
        found = pieces(self.carrier, theta, self.window)
        log_mass = np.empty(len(theta))
        for rows, some, short in by_length(found):
            nodes = points(self.carrier, theta[rows], some, short)
            log_mass[rows] = normalised(nodes.log_weight)[1]
        return Masses(found.anchor, found.place, log_mass)

    def _moments(self, theta: np.ndarray) -> Moments:
        found, (count, k) = pieces(self.carrier, theta, self.window), theta.shape
        log_mass, entropy = np.empty(count), np.empty(count)
        mean, covariance = np.empty((count, k)), np.empty((count, k, k))
        shapes = np.empty((count, 1 + len(self.carrier.bends(theta, found.anchor))))
        for rows, some, short in by_length(found):
            nodes = points(self.carrier, theta[rows], some, short)
            weight, log_mass[rows] = normalised(nodes.log_weight)
            seen = weight > 0
            surprise = np.where(seen, log_mass[rows, None] - nodes.rise, 0.0)
            entropy[rows] = (weight * surprise).sum(axis=-1)
            anchor = some.anchor[:, None]
            entries = self.carrier.differences(anchor, nodes.u)
            mean[rows] = _means(weight, entries)
            shapes[rows] = _means(weight, (nodes.u, *self.carrier.shapes(anchor, nodes.u)))
            gaps = [np.where(seen, t - mean[rows, i, None], 0.0) for i, t in enumerate(entries)]
            for i, j in combinations_with_replacement(range(k), 2):
                product = (weight * gaps[i] * gaps[j]).sum(axis=-1)
                covariance[rows, i, j] = covariance[rows, j, i] = product
        return Moments(found.anchor, found.place, log_mass, mean, shapes, covariance, entropy)


def _means(weight: np.ndarray, entries: tuple[np.ndarray, ...]) -> np.ndarray:
    """E of each entry; of what has no weight it may be infinite."""
    seen = weight > 0
    return np.stack([(weight * np.where(seen, t, 0.0)).sum(axis=-1) for t in entries], axis=-1)


def _by_blocks(function: Callable, *rows: np.ndarray) -> Any:
    """A function of rows, a block of them at a time."""
    count = len(rows[0])
    if count <= _BLOCK:
        return function(*rows)
    return _joined([function(*(a[i : i + _BLOCK] for a in rows)) for i in range(0, count, _BLOCK)])


def _joined(parts: Any) -> Any:
    if not isinstance(parts[0], tuple):
        return np.concatenate(parts)
    return tuple(_joined(part) for part in zip(*parts, strict=True))
