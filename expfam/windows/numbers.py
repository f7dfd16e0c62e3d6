"""Members of a family of numbers within a window: integrals over its carrier, from the top."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from expfam import pairs
from expfam.family import Rule
from expfam.pairs import Pair
from expfam.windows.carried import Carried
from expfam.windows.carriers import inner
from expfam.windows.integrals import Integrals, Moments
from expfam.windows.pieces import Pieces, Window, drawn, pieces, resolved
from expfam.windows.within import Within

_LARGEST = 1e100
_ROUNDING = 2.0**-50
_HUGE = float(np.finfo(np.float64).max)


class NumbersWithin(Within):
    """A family of numbers, carried by a line, within low ≤ x ≤ high."""

    discrete = False

    def __init__(self, family: Any, carried: Carried, low: float, high: float) -> None:
        super().__init__(family, low, high)
        self.carried, self.carrier = carried, carried.carrier
        self.matrix, self.fixed = np.array(carried.matrix), np.array(carried.fixed)
        self.chosen = np.argmax(self.matrix, axis=-1)  # a row is 1 in one place
        tilt = np.zeros(len(self.fixed)) if carried.tilt is None else np.array(carried.tilt)
        self.tilt = tilt
        with np.errstate(all="ignore"):
            ends = carried.change(np.array([low, high]))
            first, second = self._place(np.array([low, high]))
        order = np.argsort(ends)
        self.ends = float(ends[order[0]]), float(ends[order[1]])
        self.window = Window(*self.ends, (first[order], second[order]))
        self.integrals = Integrals(self.carrier, self.window)

    # A, forward, Fisher

    def log_partition(self, natural: np.ndarray) -> np.ndarray:
        theta = self._theta(natural)
        found = self.integrals.masses(theta)
        at = self.carrier.statistic(found.anchor)
        value = self.carried.base + inner(theta, at) + found.log_mass
        return value.reshape(self._batch(natural))

    def natural_to_mean(self, natural: np.ndarray) -> np.ndarray:
        found = self.integrals.moments(self._theta(natural))
        value = np.stack(self._carrier_means(found), axis=-1) @ self.matrix.T
        return value.reshape(np.shape(natural))

    def fisher_information(self, natural: np.ndarray) -> np.ndarray:
        covariance = self.integrals.moments(self._theta(natural)).covariance
        value = covariance[:, self.chosen][:, :, self.chosen]  # without 0·∞
        return value.reshape(np.shape(natural) + self.family.natural_shape)

    # log-probability, entropy, divergence

    def log_prob(self, natural: np.ndarray, x: np.ndarray) -> np.ndarray:
        theta, batch = self._theta(natural), self._batch(natural)
        found = self.integrals.masses(theta)
        rows = theta.reshape(*batch, len(self.fixed))
        anchor, log_mass = found.anchor.reshape(batch), found.log_mass.reshape(batch)
        start = found.place[0].reshape(batch), found.place[1].reshape(batch)
        high, low = pairs.subtract(self._place(x), start)
        rise = self.carrier.rise(rows, anchor, high + low)
        least, most = self.carrier.far  # but log y of all positive doubles
        y = np.clip(self.carried.change(x), 5e-324 if least > 0 else least, most)
        return rise - log_mass - self._log_stretch(self.carrier.statistic(y))

    def entropy(self, natural: np.ndarray) -> np.ndarray:
        found = self.integrals.moments(self._theta(natural))
        stretch = self._log_stretch(self._carrier_means(found))
        return (found.entropy + stretch).reshape(self._batch(natural))

    def kl(self, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        batch = np.broadcast_shapes(self._batch(p), self._batch(q))
        shape = batch + self.family.natural_shape
        gap = np.broadcast_to(q - p, shape).reshape(-1, len(self.matrix)) @ self.matrix
        one, two = self._theta(p), self._theta(np.broadcast_to(q, shape))
        if len(one) > 1:
            one = self._theta(np.broadcast_to(p, shape))
        return self.integrals.divergences(one, two, gap).reshape(batch)

    # draw

    def draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        theta = self._theta(natural)
        result = np.empty((math.prod(shape), len(theta)))
        for row in range(len(theta)):
            one = theta[row : row + 1]
            found = pieces(self.carrier, one, self.window)
            u = drawn(self.carrier, one, found, source, len(result))
            result[:, row] = self._restored(found, u)
        result = np.clip(result, *self._drawable)
        return result.reshape((*shape, *self._batch(natural)))

    def _restored(self, found: Pieces, u: np.ndarray) -> np.ndarray:
        """x at steps u from the anchor of one member."""
        if self.carried.centre is not None:  # which may be far from a narrow window
            near, low = pairs.add(found.place, (np.asarray(self.carried.centre), np.zeros(1)))
            return near + (low + u)
        return self.carried.restore(np.clip(self.carrier.beyond(found.anchor, u), *self.ends))

    @cached_property
    def _drawable(self) -> tuple[float, float]:
        """The window, and within it what a double can be that an open end of the family is not."""
        low = np.nextafter(self.low, np.inf) if self._open(self.low) else self.low
        high = np.nextafter(self.high, -np.inf) if self._open(self.high) else self.high
        return max(low, -_HUGE), min(high, _HUGE)

    def _open(self, end: float) -> bool:
        ok = [np.all(rule.ok) for rule in self.family._observation_rules(np.array(end))]
        return not all(ok)

    # doors

    def natural_rules(self, natural: np.ndarray) -> Iterator[Rule]:
        ok = np.abs(natural) <= _LARGEST
        yield Rule(ok, "natural parameter must be at most 1e100 in size", natural)
        theta = self._theta(natural).reshape(*self._batch(natural), len(self.fixed))
        ok = resolved(self.carrier, self._theta(natural), self.window).reshape(theta.shape[:-1])
        text = "the mode must be at most 1e100, and 1e20 deviations from 0: natural parameter"
        yield Rule(self._of_rows(ok), text, natural)
        for side in (0, 1):
            if self.ends[side] == self.carrier.whole[side]:
                ok = self.carrier.integrable(theta, side)
                down = (side == 0) == self._ascending
                end = f"down to {self.low:g}" if down else f"up to {self.high:g}"
                rule = f"h(x) exp⟨η, T(x)⟩ must be integrable {end}: natural parameter"
                yield Rule(self._of_rows(ok), rule, natural)

    def _of_rows(self, ok: np.ndarray) -> np.ndarray:
        """What holds of a member, of each of its parameters."""
        return np.repeat(ok[..., None], 2, axis=-1) if self.family.natural_shape else ok

    @property
    def _ascending(self) -> bool:
        return self.carried.change(1.0) <= self.carried.change(2.0)

    def mean_rules(self, mean: np.ndarray) -> Iterator[Rule]:
        if not self.family.natural_shape:
            least, most = self._range
            text = f"mean parameter must be between {least:g} and {most:g}"
            text += ", and not there: no member has its mean at an end"
            yield Rule((mean > least) & (mean < most), text, mean)
            if not np.isfinite([least, most]).all():
                yield from self.family._mean_rules(mean)
            return
        yield from self.hull_rules(mean)
        if self.blunt:
            ok = self.carried.attained(mean, *self.ends)
            text = f"means must be less spread than those of {self.carried.limit}: beyond, the "
            text += "likelihood grows towards η₂ = 0, which is no member"
            yield Rule(ok, text, mean[..., 1], "has the second mean", "row")

    def hull_rules(self, mean: np.ndarray) -> Iterator[Rule]:
        """Which means are inside the convex hull of T over the window; where A is steep, these
        have a member each."""
        yield from self.family._mean_rules(mean)
        yield from self._hull(mean)

    @property
    def _range(self) -> tuple[float, float]:
        """The least and the largest T."""
        x = [self.low, self.high]
        if self.ends[0] < 0 < self.ends[1]:  # where T of a known centre turns
            x.append(self.carried.restore(0.0))
        with np.errstate(all="ignore"):
            value = self.family._sufficient_statistic(np.array(x))
        return float(value.min()), float(value.max())

    @property
    def blunt(self) -> bool:
        open_ends = [side for side in (0, 1) if self.ends[side] == self.carrier.whole[side]]
        return len(open_ends) == 1 and open_ends[0] in self.carried.blunt

    @property
    def edge(self) -> tuple[float, float, float]:
        """Where A is blunt: base, fixed θ₁ and z of the end, of A(η₁, 0) = base + θ₁z − log|θ₁|."""
        side = 1 if self.ends[0] == self.carrier.whole[0] else 0
        return self.carried.base, float(self.fixed[0]), float(self.window.places[0][side])

    def _hull(self, mean: np.ndarray) -> Iterator[Rule]:
        """Means are inside the convex hull of T over the window: beyond its chord there are none.

        Source: Barndorff-Nielsen (1978), section 9.1.
        """
        finite = [end not in self.carrier.whole for end in self.ends]
        if not any(finite):
            return
        start = np.array(self.ends[0] if finite[0] else self.ends[1])
        if all(finite):
            length = sum(part[1] - part[0] for part in self.window.places)
            chord, step = self._difference(start, length), 0.5 * length
        else:
            chord = np.array(self.carried.directions[1 if finite[0] else 0])
            step = np.array(1.0 if finite[0] else -1.0)
        inside = _cross(chord, self._difference(start, step))
        away = mean - np.stack(self.carrier.statistic(start), axis=-1) @ self.matrix.T
        beside = np.sign(inside) * _cross(chord, away)
        size = np.abs(chord[..., 0] * mean[..., 1]) + np.abs(chord[..., 1] * mean[..., 0])
        text = "the mean parameter must be inside the convex hull of T over the window"
        text += ", by more than rounding (all observations at its ends?)"
        yield Rule(beside > _ROUNDING * size, text, beside / size, "is inside by", "row")

    def _difference(self, start: np.ndarray, step: np.ndarray) -> np.ndarray:
        return np.stack(self.carrier.differences(start, step), axis=-1) @ self.matrix.T

    # parameters

    def _theta(self, natural: np.ndarray) -> np.ndarray:
        """θ (R, k) of a batch of η."""
        natural = np.asarray(natural)
        return natural.reshape(-1, len(self.matrix)) @ self.matrix + self.fixed

    def _batch(self, natural: np.ndarray) -> tuple[int, ...]:
        shape = np.shape(natural)
        return shape[:-1] if self.family.natural_shape else shape

    def _place(self, x: np.ndarray) -> Pair:
        """z of observations, unrounded."""
        return (self.carried.place or self.carrier.place)(np.asarray(x, dtype=np.float64))

    def _carrier_means(self, found: Moments) -> list[np.ndarray]:
        """E T(y), entry by entry."""
        start, away = self.carrier.statistic(found.anchor), np.moveaxis(found.mean, -1, 0)
        return [one + other for one, other in zip(start, away, strict=True)]

    def _log_stretch(self, statistic: Iterable[np.ndarray]) -> np.ndarray:
        """log|dx/dz| where T(y) is this, or E of it where it is E T(y)."""
        return self.carried.shift + inner(self.tilt, statistic)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
