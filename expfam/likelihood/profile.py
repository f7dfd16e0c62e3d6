"""Profile-likelihood intervals for linear functions of the natural and the mean parameter."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import numbers, require, scalar
from expfam.intervals import check_level
from expfam.likelihood.forms import (
    as_vector,
    best_of,
    check_parameter,
    fisher_of,
    mean_of,
    quadratic,
    sums,
)
from expfam.special import inner
from expfam.statistics import Statistics

_WHO = "profile_interval"
_TURNS = 1000
_SETTLED = 1e-14
_LEAST_STEP = 2.0**-1000
_ROUNDING = 1e-9


def profile_interval(
    data: Statistics, along: Any = None, parameter: str = "natural", level: float = 0.95
) -> tuple[Any, Any]:
    """The values of ⟨c, η⟩, or of ⟨c, μ⟩, that a likelihood-ratio test does not reject.

    {ψ : 2n·KL(p̂‖p_ψ) ≤ z²}, with p_ψ the best member of that value and z² the upper 1 − level
    point of χ² with one degree of freedom. Parameters are those of one trial.

    data: `Statistics` of one sample, or of a batch. along: c, a vector of the natural shape or
    the place of one coordinate; nothing for a family of one parameter.
    parameter: "natural" or "mean". Result: lower and upper, numbers or the batch shape; infinite,
    or at the edge of the means, where counts of zero leave an end open.
    Errors: TypeError for data that are no `Statistics`; ValueError for data without a best
    member, a ⟨c, η⟩ in which the η of one member differ (of categories c must sum to 0: log-odds
    have an interval, an ηᵢ has none), and a c that has one value for all members.
    Source: Barndorff-Nielsen and Cox (1994), Inference and Asymptotics, section 3.4.

    >>> from expfam import Multinomial, Poisson
    >>> lower, upper = profile_interval(Poisson().statistics([0, 0, 0]), parameter="mean")
    >>> lower, round(upper, 6)  # 3.841459 / (2·3)
    (0.0, 0.640243)
    >>> votes = Multinomial(3, trials=20).statistics([12, 8, 0])
    >>> lower, upper = profile_interval(votes, [1, -1, 0])  # log-odds of the first to the second
    >>> round(lower, 6), round(upper, 6)
    (-0.477117, 1.342453)
    >>> lower, upper = profile_interval(votes, 2, parameter="mean")  # the third's probability
    >>> lower, round(upper, 6)
    (0.0, 0.091569)
    """
    if not isinstance(data, Statistics):
        raise TypeError(f"{_WHO}: data must be Statistics; got a {type(data).__name__}")
    parameter, level = check_parameter(parameter, _WHO), check_level(level, _WHO)
    from scipy.special import chdtri

    half = float(chdtri(1, 1 - level)) / 2
    family, n, total = sums(data, _WHO)
    c = _direction(family, along)
    mean = mean_of(family, n, total)
    best = best_of(family, mean)
    ends = np.empty((2, *n.shape))
    end = _natural_end if parameter == "natural" or not family.natural_shape else _mean_end
    with np.errstate(all="ignore"):
        for row in np.ndindex(n.shape):
            _check_direction(family, best[row], c, parameter)
            sample = _Sample(family, float(n[row]), mean[row], best[row], half)
            ends[(0, *row)], ends[(1, *row)] = (end(sample, c, sign) for sign in (-1.0, 1.0))
        if parameter == "mean" and not family.natural_shape:
            ends = family._natural_to_mean(ends)
    return scalar(ends[0]), scalar(ends[1])


class _Sample(NamedTuple):
    """One sample: its best member, and half of z²."""

    family: Any
    n: float
    mean: np.ndarray
    best: np.ndarray
    half: float

    def farthest(self, direction: Any) -> np.ndarray | None:
        """Of the members with n·KL(p̂‖p) ≤ z²/2, which is a convex set, the η of largest ⟨g, η⟩.

        There the gradient of n·KL in η, n(μ − t̄), is along g: it is the member with the mean
        t̄ + λg, λ > 0, whose n·KL is z²/2. None where no member has such a mean.
        """
        from scipy.optimize import brentq

        low, step = 0.0, self._guess(direction)
        within = step
        while self._at(direction, within) is None:
            within /= 16
            if within < _LEAST_STEP:
                return None
        while self._signed_root(step, direction) < 0:
            low, step = step, 2 * step
        step = brentq(
            self._signed_root, low, step, (direction,), xtol=1e-300, rtol=1e-15, maxiter=5000
        )
        while (natural := self._at(direction, step)) is None:  # a root at the edge of the means
            step *= 1 - 1e-15
        return natural

    def _guess(self, direction: Any) -> float:
        """The λ at which n·λ²gᵀI⁻g/2 is z²/2, or a large one where g has no variance."""
        family = self.family
        fisher = fisher_of(family, self.best)
        g, mean = as_vector(family, direction), as_vector(family, self.mean)
        length = quadratic(fisher, g, np.abs(g), family._degrees_of_freedom(self.best))
        guess = math.sqrt(2 * self.half / (self.n * float(length)))
        return guess if guess > 0 else (1 + np.abs(mean).max()) / np.abs(g).max()

    def _signed_root(self, step: float, direction: Any) -> float:
        """√(n·KL) − √(z²/2) at the mean t̄ + λg, at most 1."""
        natural = self._at(direction, step)
        if natural is None:
            return 1.0
        divergence = float(self.family._kl(self.best, self.mean, natural))
        return min(math.sqrt(self.n * divergence) - math.sqrt(self.half), 1.0)

    def _at(self, direction: Any, step: float) -> np.ndarray | None:
        """The η of the mean t̄ + λg, if it is the mean of a member."""
        mean = self.mean + step * direction
        if not all(np.all(rule.ok) for rule in self.family._mean_rules(mean)):
            return None
        try:
            return np.asarray(self.family._mean_to_natural(mean))
        except ValueError:  # beyond the reach of Newton's method
            return None


def _natural_end(sample: _Sample, c: np.ndarray, sign: float) -> float:
    natural = sample.farthest(sign * c)
    if natural is None:
        return sign * np.inf
    return float(inner(natural, c, len(sample.family.natural_shape)))


def _mean_end(sample: _Sample, c: np.ndarray, sign: float) -> float:
    """The largest (sign 1) or least ⟨c, μ⟩ of the members with n·KL ≤ z²/2.

    The gradient of ⟨c, μ⟩ in η is ∇²A(η)c. It is climbed from p̂; as a category of probability 0
    keeps it on this way, also from beside p̂ where the one that matters most has some.
    """
    ends = [float(c @ sample.mean)]
    infinite = np.isinf(sample.best)
    starts = [sample.best]
    if infinite.any():
        place = max(np.flatnonzero(infinite), key=lambda i: sign * c[i])
        beside = sample.best.copy()
        beside[place] = sample.best[~infinite].max()
        starts.append(beside)
    ends += [sign * end for start in starts for end in _climb(sample, sign * c, start)]
    return max(ends, key=lambda end: sign * end)


def _climb(sample: _Sample, c: np.ndarray, natural: np.ndarray) -> list[float]:
    """The largest ⟨c, μ⟩ that is reached by steps to the farthest member along its gradient.

    The farthest member moves with the direction g as a positive semidefinite matrix says, so
    that a turn of g towards the gradient climbs if it is small enough.
    Errors: ValueError if it has not settled after 1000 turns.
    """
    family = sample.family
    reached, direction, turn = -np.inf, np.zeros_like(c), 1.0
    for _ in range(_TURNS):
        slope = np.asarray(family._fisher_product(natural, c))
        if not slope.any():
            break
        towards = (1 - turn) * direction + turn * slope / np.abs(slope).max()
        farthest = sample.farthest(towards)
        if farthest is None:
            break
        height = float(c @ family._natural_to_mean(farthest))
        if abs(height - reached) <= _SETTLED * (abs(height) + abs(height - c @ sample.mean)):
            return [height]
        if height < reached:
            turn /= 2
        else:
            reached, direction, natural = height, towards, farthest
    else:
        raise ValueError(f"{_WHO}: the profile has not settled after {_TURNS} turns")
    return [reached] if reached > -np.inf else []


def _direction(family: Any, along: Any) -> Any:
    """c: 1 of one parameter, else a vector of the natural shape."""
    if not family.natural_shape:
        if along is not None:
            raise ValueError(f"{_WHO}: {family.name} has one parameter; along must be left out")
        return np.float64(1.0)
    size = family.natural_shape[0]
    if isinstance(along, int | np.integer) and not isinstance(along, bool):
        if not 0 <= along < size:
            raise ValueError(f"{_WHO}: along must be between 0 and {size - 1}; got {along}")
        return (np.arange(size) == along).astype(np.float64)
    if along is None:
        raise ValueError(f"{_WHO}: along must say which of {size} parameters, or a vector of them")
    c = numbers(along, _WHO, "along")
    if tuple(c.shape) != (size,):
        raise ValueError(f"{_WHO}: along must have the shape ({size},); got {tuple(c.shape)}")
    require(np.isfinite(c), _WHO, "along must be finite", c)
    return c


def _check_direction(family: Any, best: np.ndarray, c: Any, parameter: str) -> None:
    """Refuse a ⟨c, η⟩ that the η of one member differ in, and a ⟨c, μ⟩ that no member moves.

    These are the c with a part in the null space of ∇²A, and those within it. It is the same for
    all members inside the domain, such as the one with 0 for infinite η.
    """
    inside = np.where(np.isfinite(best), best, 0.0)
    fisher, c = fisher_of(family, inside), as_vector(family, c)
    deviation = np.sqrt(np.diagonal(fisher))
    _, vectors = np.linalg.eigh(fisher / deviation[:, None] / deviation)
    null = vectors[:, : len(c) - int(family._degrees_of_freedom(inside))] / deviation[:, None]
    part = np.abs(c @ null) > _ROUNDING * (np.abs(c) @ np.abs(null))
    if parameter == "natural" and part.any():
        raise ValueError(
            f"{_WHO}: along must give every η of a member the same value, as log-odds do; "
            f"it sums to {c.sum():g}"
        )
    if not c @ fisher @ c > _ROUNDING * (np.abs(c) @ np.abs(fisher) @ np.abs(c)):
        raise ValueError(f"{_WHO}: along must tell members apart; it has one value for all")
