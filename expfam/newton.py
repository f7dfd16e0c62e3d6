"""The backward map where it has no closed form: η = argmin A(η) − ⟨η, μ⟩, by damped Newton."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from expfam.family import ExponentialFamily

_STEPS = 200
_ARMIJO = 1e-4
_NEAR = 0.01  # standard deviations
_FOUND = 1e-4  # of them: what is left where rounding has the last word
_LEVEL = 1e-8  # of an objective: far more than its rounding


def backward(family: Any, mean: np.ndarray, start: np.ndarray, noise: float = 0.0) -> np.ndarray:
    """The natural parameters of a batch of mean parameters, from a start inside the domain.

    A is convex, so Newton's step H⁻¹(μ − ∇A(η)) points downhill; it is halved until it stays in
    the domain and gains enough (Armijo). A row is done when its step no longer changes η, or no
    longer gains: then rounding has the last word.

    mean, start: (…, d), or (…) of a family of one parameter. noise: of η, what rounding of moments
    makes of it; steps as small are none.
    Errors: ValueError where a row has not converged after 200 steps, or to no solution.
    Source: Boyd and Vandenberghe (2004), Convex Optimization, algorithm 9.5.
    """
    if not family.natural_shape:
        return backward(_AsVector(family), mean[..., None], start[..., None], noise)[..., 0]
    shape = start.shape
    mean = np.broadcast_to(mean, shape).reshape(-1, shape[-1])
    natural = start.reshape(-1, shape[-1]).copy()
    active = np.arange(len(natural))
    for _ in range(_STEPS):
        moved = _step(family, natural[active], mean[active], noise)
        rest = _at_rest(moved - natural[active], moved, noise)
        natural[active] = moved
        active = active[~rest]
        if not active.size:
            _check_found(family, natural, mean)
            return natural.reshape(shape)
    raise ValueError(f"{_rule(family)}; row {active[0]} has not converged after {_STEPS} steps")


def _rule(family: Any) -> str:
    return f"{family.name}: mean parameter must have a natural one within reach of double precision"


def _check_found(family: Any, natural: np.ndarray, mean: np.ndarray) -> None:
    """Refuse rows that are outside the domain, or have come to rest far from the solution."""
    deviation = np.sqrt(np.diagonal(family._fisher_information(natural), axis1=-2, axis2=-1))
    left = np.abs(mean - family._natural_to_mean(natural))
    found = family._inside(natural) & (left <= _FOUND * deviation).all(axis=-1)
    if not found.all():
        raise ValueError(f"{_rule(family)}; Newton steps lead row {np.argmin(found)} nowhere")


def _step(family: Any, natural: np.ndarray, mean: np.ndarray, noise: float) -> np.ndarray:
    """One damped Newton step of every row; a row that cannot gain stays where it is."""
    gap = mean - family._natural_to_mean(natural)
    fisher = family._fisher_information(natural)
    try:
        step = np.linalg.solve(fisher, gap[..., None])[..., 0]
    except np.linalg.LinAlgError:
        raise ValueError(f"{_rule(family)}; its Fisher information is singular") from None
    deviation = np.sqrt(np.diagonal(fisher, axis1=-2, axis2=-1))
    decrement = np.sum(step * gap, axis=-1)
    apart = np.sum((gap / deviation) ** 2, axis=-1)
    here = _objective(family, natural, mean)
    # Near the minimum the objective is flat to rounding, and a gain below it is none: there a
    # step is taken if it shrinks the gap of the moments, which keeps its digits.
    size = np.abs(here) + np.sum(np.abs(natural * mean), axis=-1)
    flat = 8 * np.finfo(float).eps * size
    scale = np.ones(len(natural))
    moved = natural.copy()
    waiting = np.arange(len(natural))
    while waiting.size and scale[waiting[0]] > 1e-12:
        trial = natural[waiting] + scale[waiting, None] * step[waiting]
        good = family._inside(trial)
        rows = waiting[good]
        gain = here[rows] - _objective(family, trial[good], mean[rows])
        enough = gain > np.maximum(_ARMIJO * scale[rows] * decrement[rows], flat[rows])
        closer = _closer(family, trial[good], mean[rows], apart[rows], deviation[rows])
        enough |= closer & (gain > -_LEVEL * size[rows])
        far = np.flatnonzero(enough & (apart[rows] > _NEAR))
        if far.size:
            at, there = rows[far], trial[good][far]
            enough[far] = ~_stranded(family, there, mean[at], decrement[at])
        good[good] = enough
        moved[waiting[good]] = trial[good]
        waiting = waiting[~good]
        scale[waiting] /= 2
        rest = _at_rest(scale[waiting, None] * step[waiting], natural[waiting], noise)
        waiting = waiting[~rest]
    return moved


def _at_rest(step: np.ndarray, natural: np.ndarray, noise: float) -> np.ndarray:
    """Which rows are not changed by a step, but for a rounding or two."""
    return ~(np.abs(step) > 2 * np.finfo(float).eps * np.abs(natural) + noise).any(axis=-1)


class _AsVector:
    """A family of one parameter as one of a vector of length 1, to the eyes of this module."""

    natural_shape = (1,)

    def __init__(self, family: ExponentialFamily) -> None:
        self.name, self._family = family.name, family

    def _log_partition(self, natural: np.ndarray) -> np.ndarray:
        return self._family._log_partition(natural[..., 0])

    def _natural_to_mean(self, natural: np.ndarray) -> np.ndarray:
        return self._family._natural_to_mean(natural[..., 0])[..., None]

    def _fisher_information(self, natural: np.ndarray) -> np.ndarray:
        return self._family._fisher_information(natural[..., 0])[..., None, None]

    def _inside(self, natural: np.ndarray) -> np.ndarray:
        return self._family._inside(natural[..., 0])


def _objective(family: Any, natural: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return family._log_partition(natural) - np.sum(natural * mean, axis=-1)


def _closer(
    family: Any, trial: np.ndarray, mean: np.ndarray, apart: np.ndarray, deviation: np.ndarray
) -> np.ndarray:
    """Whether the gap of the moments, in standard deviations, shrinks by half at the trial."""
    left = (mean - family._natural_to_mean(trial)) / deviation
    return np.sum(left**2, axis=-1) <= 0.25 * apart


def _stranded(
    family: Any, trial: np.ndarray, mean: np.ndarray, decrement: np.ndarray
) -> np.ndarray:
    """Whether the moments are farther off at the trial, by the covariance that they have there.

    A step may overshoot to where they hardly vary any more, and no step leads away from.
    """
    left = mean - family._natural_to_mean(trial)
    try:
        step = np.linalg.solve(family._fisher_information(trial), left[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return np.ones(len(trial), dtype=bool)
    off = np.sum(step * left, axis=-1)
    return (off < 0) | (off > 16 * decrement)
