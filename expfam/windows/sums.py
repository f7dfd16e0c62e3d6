"""Where a truncated member of counts has its probability, and sums over that window.

The window reaches from an anchor near the mode to the ends, or to where log p has fallen by DEPTH.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from expfam.saddlepoint import phi

DEPTH = 45.0  # nats: what lies beyond is 1e-19 of the whole
_NEAR = 8.0  # nats that a weight may gain
_STEEP = 30.0
NOTHING = 1e-14  # of a sum: the last of its terms, times their number
MOST_STEPS = 2**17  # of a window of counts, a side
_STEPS = np.ldexp(1.0, np.arange(19))

Logarithm = Callable[[np.ndarray], np.ndarray]  # of p at anchor + u, (…, w) to (…, w)


class Window(NamedTuple):
    """Points anchor + u of members, with their probabilities and moments; u is (…, w)."""

    u: np.ndarray
    log_weight: np.ndarray  # where the weight itself may underflow
    weight: np.ndarray
    log_mass: np.ndarray
    mean: np.ndarray  # of u
    variance: np.ndarray
    entropy: np.ndarray


def reach(log_p: Logarithm, side: int, room: np.ndarray) -> np.ndarray:
    """How far from the anchor the window goes to one side, of room (…).

    The distances 2ᵏ are tried, and the first is taken that loses DEPTH; 2¹⁸ where none does.
    """
    u = np.minimum(_STEPS, room[..., None])
    there, here = log_p(side * u), log_p(np.zeros_like(u[..., :1]))
    enough = (there <= here - DEPTH) | (u >= room[..., None])
    first = np.where(enough.any(axis=-1), np.argmax(enough, axis=-1), len(_STEPS) - 1)[..., None]
    return np.take_along_axis(u, first, axis=-1)[..., 0]


def of_counts(log_p: Logarithm, left: np.ndarray, right: np.ndarray) -> Window:
    """The window of counts anchor − left … anchor + right.

    Its length is a power of two: rows with shorter windows have zeros at their end, which leave
    the sums by pairs of numpy as they are, so that a row has the same sums in any batch.
    """
    most = int((left + right).max(initial=0.0)) + 1
    u = np.arange(1 << (most - 1).bit_length()) - left[..., None]
    inside = u <= right[..., None]
    u = np.where(inside, u, 0.0)
    value = np.where(inside, log_p(u), -np.inf)
    weight, log_mass = normalised(value)
    mean = (weight * u).sum(axis=-1)
    gap = np.where(weight > 0, u - mean[..., None], 0.0)
    surprise = np.where(weight > 0, log_mass[..., None] - value, 0.0)
    return Window(
        u,
        value - log_mass[..., None],
        weight,
        log_mass,
        mean,
        (weight * gap * gap).sum(axis=-1),
        (weight * surprise).sum(axis=-1),
    )


def normalised(log_weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (…, w) that sum to one, and the logarithm (…) of what they summed to."""
    top = log_weight.max(axis=-1, keepdims=True)
    weight = np.exp(log_weight - top)
    mass = weight.sum(axis=-1, keepdims=True)
    return weight / mass, (top + np.log(mass))[..., 0]


class Excess(NamedTuple):
    """E φ(gain), φ(d) = exp d − 1 − d, its terms, and which rows gain too much for it."""

    value: np.ndarray
    terms: np.ndarray
    held: np.ndarray
    near: np.ndarray  # no point gains more than a little of what is lost beyond them


def excess(weight: np.ndarray, log_weight: np.ndarray, gain: np.ndarray) -> Excess:
    """E φ(gain) over points (…, w), where a weight may have underflowed and its log not."""
    seen = log_weight > -np.inf
    gain, log_weight = (np.where(seen, part, 0.0) for part in (gain, log_weight))
    held = (gain + log_weight).max(axis=-1) < _NEAR
    gain = np.where(held[..., None], gain, 0.0)
    large = gain > _STEEP  # there exp may overflow, but not its product with the weight
    terms = weight * phi(np.where(large, 0.0, gain))
    steep = np.exp(np.where(large, gain + log_weight, 0.0)) - weight * (1 + gain)
    terms = np.where(large, steep, terms)
    return Excess(terms.sum(axis=-1), terms, held, gain.max(axis=-1) < _NEAR)


def tilted_excess(
    window: Window, tilt: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E φ(t·(u − μ)), and whether the window has all of it.

    It has, where the tilt t lets no weight gain more than a little of what is lost beyond, or where
    what it adds at each end is nothing, or that is an end, low or high, of the support.
    """
    gain = tilt[..., None] * (window.u - window.mean[..., None])
    found = excess(window.weight, window.log_weight, gain)
    whole = np.ones_like(found.near)
    for place, end in ((np.argmin(window.u, axis=-1), low), (np.argmax(window.u, axis=-1), high)):
        u, term = (
            np.take_along_axis(v, place[..., None], axis=-1)[..., 0]
            for v in (window.u, found.terms)
        )
        whole &= (u == end) | (term * (1 + np.abs(u)) <= NOTHING * found.value)
    return found.value, found.held & (found.near | whole)
