"""Counts within a window: the nearest member of the family itself, tilted, and summed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from expfam import sampling
from expfam.family import Rule
from expfam.windows.sums import MOST_STEPS, Window, of_counts, reach, tilted_excess
from expfam.windows.within import Within

_FEW = 256  # counts that are summed without looking for those that matter
_LARGEST = 1e100


class Tilted(NamedTuple):
    """A member of the family, and the tilt by which p(x) ∝ p_near(x)·exp(tilt·(x − anchor))."""

    near: np.ndarray
    tilt: np.ndarray
    anchor: np.ndarray


class CountsWithin(Within):
    """A family of counts of one parameter between two ends, by sums over its own members.

    Every η is that of a member near it whose mean is in the window, and a tilt: the member carries
    what is accurate far from η = 0, and the tilt what it cannot reach.
    """

    discrete = True

    # A, forward, Fisher

    def log_partition(self, natural: np.ndarray) -> np.ndarray:
        """A of the nearest member of the family, the tilt from it, the log mass of the window."""
        (tilted, window), end = self._window(natural), self.end_of(natural)
        start = self.family._log_partition(tilted.near)
        inside = start + tilted.tilt * tilted.anchor + window.log_mass
        base = self.family._log_base_measure(end.astype(np.int64))
        outside = np.where(end == 0, base, natural * end)
        return np.where(np.isfinite(natural), inside, outside)

    def natural_to_mean(self, natural: np.ndarray) -> np.ndarray:
        tilted, window = self._window(natural)
        return tilted.anchor + window.mean

    def fisher_information(self, natural: np.ndarray) -> np.ndarray:
        return self._window(natural)[1].variance

    # log-probability, entropy, divergence

    def log_prob(self, natural: np.ndarray, x: np.ndarray) -> np.ndarray:
        tilted, window = self._window(natural)
        value = self._log_mass(tilted, x - tilted.anchor) - window.log_mass
        sure = np.where(x == self.end_of(natural), 0.0, -np.inf)
        return np.where(np.isfinite(natural), np.minimum(value, 0.0), sure)

    def entropy(self, natural: np.ndarray) -> np.ndarray:
        return self._window(natural)[1].entropy

    def kl(self, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """log(1 + E φ(d·(x − μ))), d = η_q − η_p, φ(t) = exp t − 1 − t, where p's window has all
        of it; elsewhere log p(a) − log q(a) + d·(a − μ), which is the same for every a."""
        p, q = np.broadcast_arrays(p, q)
        finite = np.isfinite(p) & np.isfinite(q)
        one, other = (np.where(finite, eta, self.inside) for eta in (p, q))
        (tilted, window), gap = self._window(one), other - one
        excess, near = tilted_excess(
            window, gap, self.low - tilted.anchor, self.high - tilted.anchor
        )
        a = np.where(near, one, other)  # any member will do where the value is not used
        far = self.log_prob(one, tilted.anchor) - self.log_prob(a, tilted.anchor)
        value = np.where(near, np.log1p(excess), np.maximum(far - gap * window.mean, 0.0))
        sure = np.where(np.isfinite(p), np.inf, -self.log_prob(q, self.end_of(p)))
        return np.where(p == q, 0.0, np.where(finite, value, sure))

    # draw

    def draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        tilted, window = self._window(natural)
        place = sampling.categorical(source, window.weight, shape)[..., None]
        u = np.broadcast_to(window.u, (*shape, *window.u.shape))
        return (tilted.anchor + np.take_along_axis(u, place, axis=-1)[..., 0]).astype(np.int64)

    # doors

    def natural_rules(self, natural: np.ndarray) -> Iterator[Rule]:
        ok = np.abs(natural) <= _LARGEST
        for infinity, end in ((-np.inf, self.low), (np.inf, self.high)):
            ok = ok | (natural == infinity) & np.isfinite(end)
        text = "natural parameter must be at most 1e100 in size, or infinite where an end is sure"
        yield Rule(ok, text, natural)
        if self.high == np.inf:
            for rule in self.family._natural_rules(natural):
                ok = ok & rule.ok
                yield rule
        if self.high - self.low > MOST_STEPS:
            yield self._few_terms(natural, ok)

    def mean_rules(self, mean: np.ndarray) -> Iterator[Rule]:
        low, high = self.low, self.high
        ok = (mean >= low) & (mean <= high) & (mean < np.inf)
        yield Rule(ok, f"mean parameter must be between {low:g} and {high:g}", mean)
        if high == np.inf:
            for rule in self.family._mean_rules(mean):
                ok = ok & rule.ok
                yield rule
        if high - low > MOST_STEPS:
            yield self._few_terms(self.start(np.asarray(np.where(ok, mean, low))), ok)

    # windows

    def _tilted(self, natural: np.ndarray) -> Tilted:
        """The member of the family nearest to η whose mean is in the window, and what is left."""
        natural = np.asarray(natural)
        near = np.clip(natural, *self._bounds)
        same = natural == near
        tilt = np.where(same, 0.0, natural) - np.where(same, 0.0, near)
        mean = np.rint(np.asarray(self.family._natural_to_mean(near)))
        return Tilted(near, tilt, np.clip(mean, self.low, self.high))

    def _log_mass(self, tilted: Tilted, u: np.ndarray) -> np.ndarray:
        """log p of the nearest member at anchor + u, and the tilt, which is 0 at the anchor."""
        near, tilt, anchor = tilted
        x = np.clip(anchor + u, self.low, self.high).astype(np.int64)
        value = self.family._log_prob(near, self.family._natural_to_mean(near), x)
        return value + np.where(u == 0, 0.0, tilt * np.where(u == 0, 1.0, u))

    def _reach(self, natural: np.ndarray, tilted: Tilted, side: int) -> np.ndarray:
        room = tilted.anchor - self.low if side < 0 else self.high - tilted.anchor
        finite = np.isfinite(natural)
        if self.high - self.low <= _FEW:
            return np.where(finite, room, 0.0)
        rows = Tilted(*(part[..., None] for part in tilted))
        return np.where(finite, reach(partial(self._log_mass, rows), side, room), 0.0)

    def _window(self, natural: np.ndarray) -> tuple[Tilted, Window]:
        tilted = self._tilted(natural)
        sides = (self._reach(natural, tilted, side) for side in (-1, 1))
        rows = Tilted(*(part[..., None] for part in tilted))
        return tilted, of_counts(lambda u: self._log_mass(rows, u), *sides)

    @property
    def _bounds(self) -> tuple[float, float]:
        """η of the family's members with their means at the ends; infinite where there are none."""
        least, most = self.family._span
        with np.errstate(all="ignore"):
            ends = self.family._mean_to_natural(np.array([self.low, self.high]))
        return (
            float(ends[0]) if self.low > least else -np.inf,
            float(ends[1]) if self.high < most else np.inf,
        )

    def _few_terms(self, natural: np.ndarray, ok: np.ndarray) -> Rule:
        """Whether sums are short, of η that are ok otherwise."""
        with np.errstate(all="ignore"):
            eta = np.where(ok, natural, self.inside)
            tilted = self._tilted(eta)
            terms = np.maximum(self._reach(eta, tilted, -1), self._reach(eta, tilted, 1))
        text = "a member must have its probability on at most 2**17 counts on each side of its mean"
        return Rule(terms <= MOST_STEPS, text, natural, "has the natural parameter")
