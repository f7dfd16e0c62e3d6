"""Where a truncated member has its probability, and sums or integrals over that window.

The window reaches from an anchor near the mode to the ends, or to where log p has fallen by DEPTH.
Counts are summed one by one. Densities are integrated by Gauss and Legendre's rule of 32 nodes on
four panels a side, within each of which log p changes by 45 at most: exact to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from expfam import sampling
from expfam.saddlepoint import phi
from expfam.sampling.counts import until_accepted

DEPTH = 45.0  # nats: what lies beyond is 1e-19 of the whole
_NEAR = 8.0  # nats that a weight may gain
_STEEP = 30.0
_NOTHING = 1e-14  # of a sum: the last of its terms, times their number
MOST_STEPS = 2**17  # of a window of counts, a side
_PANELS, _CELLS = 4, 128
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)

Logarithm = Callable[[np.ndarray], np.ndarray]  # of the density at anchor + u, (…, w) to (…, w)


class Window(NamedTuple):
    """Points anchor + u of members, with their probabilities and moments; u is (…, w)."""

    u: np.ndarray
    log_weight: np.ndarray  # where the weight itself may underflow
    weight: np.ndarray
    log_mass: np.ndarray
    mean: np.ndarray  # of u
    variance: np.ndarray
    entropy: np.ndarray


def reach(log_p: Logarithm, side: int, room: np.ndarray, scale: np.ndarray | None) -> np.ndarray:
    """How far from the anchor the window goes to one side, of room (…); scale: None for counts.

    The distances 2ᵏ, or scale·2ᵏ, are tried, and the first is taken that loses DEPTH; the last,
    2¹⁸ of counts, where none does.
    """
    steps = np.ldexp(1.0, np.arange(19) if scale is None else np.arange(-60, 12))
    u = np.minimum(steps if scale is None else scale[..., None] * steps, room[..., None])
    there, here = log_p(side * u), log_p(np.zeros_like(u[..., :1]))
    enough = (there <= here - DEPTH) | (u >= room[..., None])
    first = np.where(enough.any(axis=-1), np.argmax(enough, axis=-1), len(steps) - 1)[..., None]
    return np.take_along_axis(u, first, axis=-1)[..., 0]


def of_counts(log_p: Logarithm, left: np.ndarray, right: np.ndarray) -> Window:
    """The window of counts anchor − left … anchor + right.

    Its length is a power of two: rows with shorter windows have zeros at their end, which leave
    the sums by pairs of numpy as they are, so that a row has the same sums in any batch.
    """
    most = int((left + right).max(initial=0.0)) + 1
    u = np.arange(1 << (most - 1).bit_length()) - left[..., None]
    inside = u <= right[..., None]
    value = np.where(inside, log_p(np.where(inside, u, 0.0)), -np.inf)
    return _summed(np.where(inside, u, 0.0), value, np.zeros_like(value))


def of_reals(log_p: Logarithm, left: np.ndarray, right: np.ndarray) -> Window:
    """The window of real numbers from anchor − left to anchor + right."""
    places = ((np.arange(_PANELS)[:, None] + 0.5 * (1 + _NODES)) / _PANELS).reshape(-1)
    weights = np.tile(0.5 * _WEIGHTS / _PANELS, _PANELS)
    u = np.concatenate([-left[..., None] * places, right[..., None] * places], axis=-1)
    length = np.concatenate([left[..., None] * weights, right[..., None] * weights], axis=-1)
    return _summed(u, log_p(u), np.log(length))


def _summed(u: np.ndarray, log_p: np.ndarray, log_length: np.ndarray) -> Window:
    terms = log_p + log_length
    top = terms.max(axis=-1, keepdims=True)
    weight = np.exp(terms - top)
    mass = weight.sum(axis=-1, keepdims=True)
    weight = weight / mass
    log_mass = top + np.log(mass)
    mean = (weight * u).sum(axis=-1, keepdims=True)
    gap = np.where(weight > 0, u - mean, 0.0)
    surprise = np.where(weight > 0, log_mass - log_p, 0.0)
    return Window(
        u,
        (terms - top) - np.log(mass),
        weight,
        log_mass[..., 0],
        mean[..., 0],
        (weight * gap * gap).sum(axis=-1),
        (weight * surprise).sum(axis=-1),
    )


def tilted_excess(
    window: Window, tilt: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E φ(t·(u − μ)), φ(d) = exp d − 1 − d, and whether the window has all of it.

    It has, where the tilt t lets no weight gain more than a little of what is lost beyond, or where
    what it adds at each end is nothing, or that is an end, low or high, of the support.
    """
    seen = window.log_weight > -np.inf
    step = np.where(seen, tilt[..., None] * (window.u - window.mean[..., None]), 0.0)
    log_weight = np.where(seen, window.log_weight, 0.0)
    held = np.where(seen, step + log_weight, 0.0).max(axis=-1) < _NEAR
    step = np.where(held[..., None], step, 0.0)
    large = step > _STEEP  # there exp d may overflow, but not its product with the weight
    terms = window.weight * phi(np.where(large, 0.0, step))
    steep = np.exp(np.where(large, step + log_weight, 0.0)) - window.weight * (1 + step)
    terms = np.where(large, steep, terms)
    excess = terms.sum(axis=-1)
    near = step.max(axis=-1) < _NEAR
    whole = np.ones_like(near)
    for place, end in ((np.argmin(window.u, axis=-1), low), (np.argmax(window.u, axis=-1), high)):
        u, term = (
            np.take_along_axis(v, place[..., None], axis=-1)[..., 0] for v in (window.u, terms)
        )
        whole &= (u == end) | (term * (1 + np.abs(u)) <= _NOTHING * excess)
    return excess, held & (near | whole)


def drawn(log_p: Logarithm, left: float, right: float, source: Any, size: int) -> np.ndarray:
    """u of one member's real numbers, by rejection from a staircase above a density of one mode.

    Its steps are at the density's larger end, as no mode is inside of one.
    Source: Devroye (1986), Non-uniform random variate generation, VIII.2.
    """
    edges = np.linspace(0.0, 1.0, _CELLS + 1)
    edge = np.concatenate([-left * edges[:0:-1], right * edges])
    value = log_p(edge)
    bound = np.maximum(value[:-1], value[1:]) + 1e-12
    with np.errstate(divide="ignore"):
        mass = np.diff(edge) * np.exp(bound - bound.max())

    def attempt(_: Any, length: int) -> tuple[np.ndarray, np.ndarray]:
        cell = sampling.categorical(source, mass, length)
        place, height = source.uniform((2, length))
        u = edge[cell] + place * (edge[cell + 1] - edge[cell])
        return u, np.log(height) <= log_p(u) - bound[cell]

    return until_accepted(size, np.float64, attempt)
