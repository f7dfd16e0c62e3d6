"""Truncated: a family seen within a window, with the same T and η and an A of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np

from expfam import newton
from expfam.arrays import Array, is_foreign, require
from expfam.families.known import known
from expfam.family import ExponentialFamily, Rule
from expfam.windows.counts import CountsWithin
from expfam.windows.numbers import NumbersWithin
from expfam.windows.within import Within

_APART = 1e-15


@final
@dataclass(frozen=True, eq=False)
class Truncated(ExponentialFamily):
    """A family within low ≤ x ≤ high, p(x) = h(x) exp(⟨η, T(x)⟩ − A(η)) there, 0 beyond.

    A(η) = log of the sum (integral) of h(x) exp⟨η, T(x)⟩ over the window, so that A, μ and Fisher
    information are other than those of the family; T and h are the same. family: of counts with
    T = x, or of real numbers (any here but VonMises); low, high: an end that is None is that of
    the family.
    Between two ends that the family does not reach, every real η has a member, also where the
    family has none: a Gaussian's variance may be infinite or negative. Counts are closed by the
    members that are always low (η = −∞), and always high (η = ∞). Of windows without an end,
    members of counts spread over at most 2¹⁷ on each side of the mean: a standard deviation of
    some 13000. Ends of real numbers are at most 1e100 in size, and modes at most 1e20 deviations.
    Errors: TypeError for other families, ValueError for a window of one point or none, for an η
    or a mean without a member.
    Source: Johnson, Kemp and Kotz (2005), section 4.10; Barndorff-Nielsen (1978), section 8.1.

    >>> from expfam import Gaussian, Poisson
    >>> p = Truncated(Poisson(), low=1).fit([1, 2, 1, 4])
    >>> round(float(np.exp(p.natural_parameter)), 6), round(p.log_prob(1), 6)  # the rate
    (1.593624, -0.900477)
    >>> p = Truncated(Gaussian(), low=0).fit([0.5, 2.0, 1.0, 1.5])
    >>> [round(float(part), 6) for part in Gaussian().mean_variance(p.natural_parameter)]
    [1.222054, 0.347432]
    """

    family: Any
    low: Any = None
    high: Any = None

    def __post_init__(self) -> None:
        if not isinstance(self.family, ExponentialFamily) or self._reachable is None:
            kind = getattr(self.family, "name", repr(self.family))
            raise TypeError(
                f"{self.name}: family must be of counts with T = x, of one number of trials, or "
                f"of real numbers that are no angles (_span, _carried); got {kind}"
            )
        least, most = self._reachable
        low, high = self._end("low", self.low, least), self._end("high", self.high, most)
        enough = high - low >= (1 if self.discrete else 1e-100)
        if not enough or not (low >= least and high <= most):
            raise ValueError(
                f"{self.name}: the window must be within {least:g} … {most:g} and "
                f"{'have two points or more' if self.discrete else 'be 1e-100 wide or more'}; "
                f"got {low:g} … {high:g}"
            )
        self._check_reach(low, high)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    def __reduce__(self) -> Any:
        return Truncated, (self.family, self.low, self.high)  # what is cached has functions

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.family.natural_shape

    @property
    def parts(self) -> dict[str, tuple[int, ...]]:  # type: ignore[override]
        return self.family.parts

    @property
    def discrete(self) -> bool:  # type: ignore[override]
        return self.family.discrete

    @property
    def observed(self) -> str:  # type: ignore[override]
        return self.family.observed

    @property
    def ends(self) -> tuple[float, ...]:
        if self.discrete:
            return ()
        kinks = (end for end in self.family.ends if self.low < end < self.high)
        return self.low, *kinks, self.high

    @property
    def log_base(self) -> float | None:  # type: ignore[override]
        return self.family.log_base

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return self.family._sufficient_statistic(x)

    def _log_base_measure(self, x: Array) -> Array:
        return self.family._log_base_measure(x)

    # A, forward, backward, Fisher

    def _log_partition(self, natural: Array) -> Array:
        return self._within.log_partition(natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._within.natural_to_mean(natural)

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        return self._within.start(mean)

    def _mean_to_natural(self, mean: Array) -> Array:
        mean = np.asarray(mean)
        if self.natural_shape:
            natural = newton.backward(self, mean, self._initial_natural(mean))
            self._check_apart(natural)
            return natural
        natural = np.where(mean == self.high, np.inf, -np.inf)
        inside = np.isfinite(mean)
        if self.discrete:
            inside = (mean > self.low) & (mean < self.high)
        if inside.any():
            some = mean[inside]
            natural[inside] = newton.backward(self, some, self._initial_natural(some))
        return natural

    def _check_apart(self, natural: np.ndarray) -> None:
        """An error where T's entries vary together, but for rounding: Newton's steps are that."""
        fisher = self._fisher_information(natural)
        deviation = np.sqrt(np.diagonal(fisher, axis1=-2, axis2=-1))
        apart = 1 - (fisher[..., 0, 1] / deviation[..., 0] / deviation[..., 1]) ** 2
        text = "mean parameter must have a natural one within reach of double precision (all "
        text += "observations at its ends?): the entries of T must vary apart by more than rounding"
        require(~(apart < _APART), self.name, text, apart, "is 1 − ρ² of them", "row")

    def _fisher_information(self, natural: Array) -> Array:
        return self._within.fisher_information(natural)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        return self._within.log_prob(natural, x)

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        if not self.discrete:
            return super()._exponent(natural, total, exposure)
        safe = np.where(np.isfinite(natural), natural, self._within.inside)
        end = self._within.end_of(natural)
        value = safe * total - exposure * self._log_partition(safe)
        base = self.family._log_base_measure(end.astype(np.int64))
        sure = np.where(total == exposure * end, -exposure * base, -np.inf)
        return np.where(np.isfinite(natural), value, sure)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return self._within.entropy(natural)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return self._within.kl(p, q)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return self._within.draw(natural, source, shape)

    # extras

    @cached_property
    def _within(self) -> Within:
        if self.family._carried is None:
            return CountsWithin(self.family, self.low, self.high)
        return NumbersWithin(self.family, self.family._carried, self.low, self.high)

    @property
    def _reachable(self) -> Any:
        """The ends of the family's own support; None where no window is cut from it."""
        carried = self.family._carried
        return self.family._span if carried is None else carried.ends

    def _log_base_slope(self) -> Any:
        """That of the family; of two counts there is always one."""
        if self.discrete and self.high - self.low == 1:
            ends = np.array([self.low, self.high], dtype=np.int64)
            return float(np.diff(self.family._log_base_measure(ends))[0])
        return self.family._log_base_slope()

    def _degrees_of_freedom(self, natural: Array) -> Any:
        if self.natural_shape:
            return super()._degrees_of_freedom(natural)
        return np.isfinite(natural).astype(int)

    def _end(self, name: str, value: Any, default: float) -> float:
        if value is None or (np.ndim(value) == 0 and value == default):
            return default
        most = 1e300 if self.discrete else 1e100
        end = known(value, self.name, name, -most, most)
        if self.discrete and end != math.floor(end):
            raise ValueError(f"{self.name}: {name} must be an integer, as counts are; got {value}")
        return end

    def _check_reach(self, low: float, high: float) -> None:
        """An error where a double has no T of an end that the family itself does not have."""
        carried = self.family._carried
        if carried is None or carried.carrier.whole[0] != 0:
            return
        with np.errstate(all="ignore"):
            place = carried.change(np.array([low, high]))
        least, most = carried.carrier.far
        ok = (place >= least) & (place <= most) | (np.array([low, high]) == carried.ends)
        if not ok.all():
            raise ValueError(
                f"{self.name}: at each end of the window, T of {self.family} must be between "
                f"1e-300 and 1e300; got {low:g} … {high:g}"
            )

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        if is_foreign(natural):
            raise TypeError(f"{self.name}: its sums and integrals need numpy")
        return self._within.natural_rules(natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        if is_foreign(mean):
            raise TypeError(f"{self.name}: the backward map has no closed form; it needs numpy")
        return self._within.mean_rules(mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield from self.family._observation_rules(x)
        text = f"{self.observed} must be between {self.low:g} and {self.high:g}"
        yield Rule((x >= self.low) & (x <= self.high), text, x)
