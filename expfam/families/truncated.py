"""Truncated: a family seen within a window, with the same T and η and an A of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, final

import numpy as np

from expfam import newton, sampling
from expfam.arrays import Array, is_foreign
from expfam.families.binomial import Binomial
from expfam.families.exponential import Exponential
from expfam.families.gaussian_known import GaussianKnownVariance
from expfam.families.known import known
from expfam.families.negative_binomial import Geometric, NegativeBinomial
from expfam.families.poisson import Poisson
from expfam.families.tilted import Tilting
from expfam.families.window import MOST_STEPS, drawn, tilted_excess
from expfam.family import Rule

_OF = (Poisson, Binomial, Geometric, NegativeBinomial, Exponential, GaussianKnownVariance)
_LARGEST = 1e100


@final
@dataclass(frozen=True, eq=False)
class Truncated(Tilting):
    """A family of one parameter within low ≤ x ≤ high, p(x) = h(x) exp(ηx − A(η)) there, 0 beyond.

    A(η) = log of the sum (integral) of h(x) exp(ηx) over the window, so that A, μ and Fisher
    information are other than those of the family; T = x and h are the same. family: Poisson,
    Binomial, Geometric, NegativeBinomial, Exponential or GaussianKnownVariance; low, high: an
    end that is None is that of the family. Between two ends every real η has a member, also where
    the family has none. Counts are closed by the members that are always low (η = −∞), and always
    high (η = ∞). Of windows without an end, members spread over at most 2¹⁷ counts on each side of
    the mean: a standard deviation of some 13000. Ends of real numbers are at most 1e100 in size.
    Errors: TypeError for other families, ValueError for a window of one point or none, for an η
    or a mean without a member.
    Source: Johnson, Kemp and Kotz (2005), section 4.10; Barndorff-Nielsen (1978), section 8.1.

    >>> p = Truncated(Poisson(), low=1).fit([1, 2, 1, 4])
    >>> round(float(np.exp(p.natural_parameter)), 6), round(p.log_prob(1), 6)  # the rate
    (1.593624, -0.900477)
    """

    family: Any
    low: Any = None
    high: Any = None
    natural_shape: ClassVar[tuple[int, ...]] = ()

    def __post_init__(self) -> None:
        if type(self.family) not in _OF:
            names = ", ".join(kind.__name__ for kind in _OF)
            kind = getattr(self.family, "name", repr(self.family))
            raise TypeError(f"{self.name}: family must be one of {names}, with T = x; got {kind}")
        if np.ndim(self.family.trials):
            raise ValueError(f"{self.name}: trials of the family must be a number; got an array")
        least, most = self._support
        low, high = self._end("low", self.low, least), self._end("high", self.high, most)
        enough = high - low >= (1 if self.discrete else 1e-100)
        if not enough or not (low >= least and high <= most):
            raise ValueError(
                f"{self.name}: the window must be within {least:g} … {most:g} and "
                f"{'have two points or more' if self.discrete else 'be 1e-100 wide or more'}; "
                f"got {low:g} … {high:g}"
            )
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def discrete(self) -> bool:  # type: ignore[override]
        return self.family.discrete

    @property
    def observed(self) -> str:  # type: ignore[override]
        return self.family.observed

    @property
    def ends(self) -> tuple[float, ...]:
        return () if self.discrete else (self.low, self.high)

    @property
    def log_base(self) -> float | None:  # type: ignore[override]
        return self.family.log_base

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    def _log_base_measure(self, x: Array) -> Array:
        return self.family._log_base_measure(x)

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        """A of the nearest member of the family, the tilt from it, the log mass of the window."""
        (tilted, window), end = self._window(natural), self._end_of(natural)
        start = self.family._log_partition(tilted.near)
        inside = start + tilted.tilt * tilted.anchor + window.log_mass
        base = self.family._log_base_measure(self._as_observations(end))
        outside = np.where(end == 0, base, natural * end)
        return np.where(np.isfinite(natural), inside, outside)

    def _natural_to_mean(self, natural: Array) -> Array:
        tilted, window = self._window(natural)
        return tilted.anchor + window.mean

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        return self.family._mean_to_natural(mean)

    def _mean_to_natural(self, mean: Array) -> Array:
        if is_foreign(mean):
            raise TypeError(f"{self.name}: the backward map has no closed form; it needs numpy")
        mean = np.asarray(mean)
        natural = np.where(mean == self.high, np.inf, -np.inf)
        inside = (mean > self.low) & (mean < self.high)
        if inside.any():
            some = mean[inside]
            natural[inside] = newton.backward(self, some, self._initial_natural(some))
        return natural

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return self._window(natural)[1].variance

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        tilted, window = self._window(natural)
        value = self._log_density(tilted, x - tilted.anchor) - window.log_mass
        sure = np.where(x == self._end_of(natural), 0.0, -np.inf)
        return np.where(np.isfinite(natural), np.minimum(value, self._most), sure)

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        safe, end = np.where(np.isfinite(natural), natural, 0.0), self._end_of(natural)
        value = safe * total - exposure * self._log_partition(safe)
        base = self.family._log_base_measure(self._as_observations(end))
        sure = np.where(total == exposure * end, -exposure * base, -np.inf)
        return np.where(np.isfinite(natural), value, sure)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return self._window(natural)[1].entropy

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """log(1 + E φ(d·(x − μ))), d = η_q − η_p, φ(t) = exp t − 1 − t, where p's window has all
        of it; elsewhere log p(a) − log q(a) + d·(a − μ), which is the same for every a."""
        p, q, mean = np.broadcast_arrays(p, q, mean)
        finite = np.isfinite(p) & np.isfinite(q)
        one, other = np.where(finite, p, 0.0), np.where(finite, q, 0.0)
        (tilted, window), gap = self._window(one), other - one
        excess, near = tilted_excess(
            window, gap, self.low - tilted.anchor, self.high - tilted.anchor
        )
        a = np.where(near, one, other)  # any member will do where the value is not used
        far = self._log_prob(one, mean, tilted.anchor) - self._log_prob(a, mean, tilted.anchor)
        value = np.where(near, np.log1p(excess), np.maximum(far - gap * window.mean, 0.0))
        sure = np.where(np.isfinite(p), np.inf, -self._log_prob(q, mean, self._end_of(p)))
        return np.where(p == q, 0.0, np.where(finite, value, sure))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        if self.discrete:
            tilted, window = self._window(natural)
            place = sampling.categorical(source, window.weight, shape)[..., None]
            u = np.broadcast_to(window.u, (*shape, *window.u.shape))
            return (tilted.anchor + np.take_along_axis(u, place, axis=-1)[..., 0]).astype(np.int64)
        result = np.empty((math.prod(shape), natural.size))
        for row, one in enumerate(natural.reshape(-1)):
            tilted = self._tilted(one)
            left, right = (float(self._reach(one, tilted, side)) for side in (-1, 1))
            log_p = partial(self._log_density, tilted)
            u = drawn(log_p, left, right, source, len(result))
            result[:, row] = np.clip(tilted.anchor + u, self.low, self.high)
        return result.reshape((*shape, *natural.shape))

    # extras

    def _log_base_slope(self) -> Any:
        """That of the family; of two counts there is always one."""
        if self.discrete and self.high - self.low == 1:
            ends = np.array([self.low, self.high], dtype=np.int64)
            return float(np.diff(self.family._log_base_measure(ends))[0])
        return self.family._log_base_slope()

    def _degrees_of_freedom(self, natural: Array) -> Any:
        return np.isfinite(natural).astype(int)

    def _end(self, name: str, value: Any, default: float) -> float:
        if value is None or value == default:
            return default
        most = 1e300 if self.discrete else 1e100
        end = known(value, self.name, name, -most, most)
        if self.discrete and end != math.floor(end):
            raise ValueError(f"{self.name}: {name} must be an integer, as counts are; got {value}")
        return end

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        if is_foreign(natural):
            raise TypeError(f"{self.name}: its sums and integrals need numpy")
        closed = [self.discrete and np.isfinite(end) for end in (self.low, self.high)]
        ok = (np.abs(natural) <= _LARGEST) | (natural == -np.inf) & closed[0]
        text = "natural parameter must be at most 1e100 in size, or infinite where an end is sure"
        ok = ok | (natural == np.inf) & closed[1]
        yield Rule(ok, text, natural)
        if not (np.isfinite(self.low) and np.isfinite(self.high)):
            for rule in self.family._natural_rules(natural):
                ok = ok & rule.ok
                yield rule
        if self.discrete and self.high - self.low > MOST_STEPS:
            yield self._few_terms(natural, ok)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        low, high = self.low, self.high
        inside = (mean > low) & (mean < high)
        closed = (mean == low) | (mean == high) & (high < np.inf)
        text = f"mean parameter must be between {low:g} and {high:g}"
        text += "" if self.discrete else ", and not there: no member has its mean at an end"
        yield Rule(inside | closed if self.discrete else inside, text, mean)
        ok = inside | closed
        if high == np.inf:
            for rule in self.family._mean_rules(mean):
                ok = ok & rule.ok
                yield rule
        if self.discrete and self.high - self.low > MOST_STEPS:
            yield self._few_terms(
                self._initial_natural(np.asarray(np.where(ok, mean, self.low))), ok
            )

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield from self.family._observation_rules(x)
        text = f"{self.observed} must be between {self.low:g} and {self.high:g}"
        yield Rule((x >= self.low) & (x <= self.high), text, x)
