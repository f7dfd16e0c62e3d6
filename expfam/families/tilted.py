"""Members of a truncated family: the nearest member of the family itself, tilted, in a window."""

from __future__ import annotations

import abc
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from expfam.families.binomial import Binomial
from expfam.families.gaussian_known import GaussianKnownVariance
from expfam.families.window import MOST_STEPS, Window, of_counts, of_reals, reach
from expfam.family import ExponentialFamily, Rule

_FEW = 256  # counts that are summed without looking for those that matter


class Tilted(NamedTuple):
    """A member of the family, and the tilt by which p(x) ∝ p_near(x)·exp(tilt·(x − anchor))."""

    near: np.ndarray
    tilt: np.ndarray
    anchor: np.ndarray


class Tilting(ExponentialFamily, abc.ABC):
    """A family of one parameter between two ends, by windows over its own members.

    Every η is that of a member near it whose mean is in the window, and a tilt: the member carries
    what is accurate far from η = 0, and the tilt what it cannot reach.
    """

    family: Any
    low: Any
    high: Any

    def _tilted(self, natural: np.ndarray) -> Tilted:
        """The member of the family nearest to η whose mean is in the window, and what is left."""
        natural = np.asarray(natural)
        near = np.clip(natural, *self._bounds)
        same = natural == near
        tilt = np.where(same, 0.0, natural) - np.where(same, 0.0, near)
        mean = np.asarray(self.family._natural_to_mean(near))
        mean = np.rint(mean) if self.discrete else mean
        return Tilted(near, tilt, np.clip(mean, self.low, self.high))

    def _log_density(self, tilted: Tilted, u: np.ndarray) -> np.ndarray:
        """log p of the nearest member at anchor + u, and the tilt, which is 0 at the anchor."""
        near, tilt, anchor = tilted
        x = self._as_observations(np.clip(anchor + u, self.low, self.high))
        value = self.family._log_prob(near, self.family._natural_to_mean(near), x)
        return value + np.where(u == 0, 0.0, tilt * np.where(u == 0, 1.0, u))

    def _reach(self, natural: np.ndarray, tilted: Tilted, side: int) -> np.ndarray:
        room = tilted.anchor - self.low if side < 0 else self.high - tilted.anchor
        finite = np.isfinite(natural)
        if self.discrete and self.high - self.low <= _FEW:
            return np.where(finite, room, 0.0)
        rows = Tilted(*(part[..., None] for part in tilted))
        scale = None
        if not self.discrete:
            deviation = np.sqrt(self.family._fisher_information(tilted.near))
            scale = 1 / (1 / deviation + np.abs(tilted.tilt))
        log_p = partial(self._log_density, rows)
        return np.where(finite, reach(log_p, side, room, scale), 0.0)

    def _window(self, natural: np.ndarray) -> tuple[Tilted, Window]:
        tilted = self._tilted(natural)
        sides = (self._reach(natural, tilted, side) for side in (-1, 1))
        rows = Tilted(*(part[..., None] for part in tilted))
        over = of_counts if self.discrete else of_reals
        return tilted, over(lambda u: self._log_density(rows, u), *sides)

    @property
    def _bounds(self) -> tuple[float, float]:
        """η of the family's members with their means at the ends; infinite where there are none."""
        least, most = self._support
        with np.errstate(all="ignore"):
            ends = self.family._mean_to_natural(np.array([self.low, self.high]))
        return (
            float(ends[0]) if self.low > least else -np.inf,
            float(ends[1]) if self.high < most else np.inf,
        )

    @property
    def _support(self) -> tuple[float, float]:
        if type(self.family) is GaussianKnownVariance:
            return -np.inf, np.inf
        return 0.0, float(self.family.trials) if type(self.family) is Binomial else np.inf

    @property
    def _most(self) -> float:
        """The largest log p there can be: 0 of counts."""
        return 0.0 if self.discrete else np.inf

    def _end_of(self, natural: np.ndarray) -> np.ndarray:
        """The end at which a member of infinite η always is."""
        finite = [end if np.isfinite(end) else 0.0 for end in (self.low, self.high)]
        return np.where(natural < 0, *finite)

    def _as_observations(self, x: np.ndarray) -> np.ndarray:
        return x.astype(np.int64) if self.discrete else x

    def _few_terms(self, natural: np.ndarray, ok: np.ndarray) -> Rule:
        """Whether sums are short, of η that are ok otherwise."""
        with np.errstate(all="ignore"):
            safe = self.family._mean_to_natural(np.asarray(self.low + 0.5))
            eta = np.where(ok, natural, safe)
            tilted = self._tilted(eta)
            terms = np.maximum(self._reach(eta, tilted, -1), self._reach(eta, tilted, 1))
        text = "a member must have its probability on at most 2**17 counts on each side of its mean"
        return Rule(terms <= MOST_STEPS, text, natural, "has the natural parameter")
