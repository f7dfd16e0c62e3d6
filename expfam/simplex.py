"""Points of the simplex: their divergence and their log-ratios, to the last digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam import pairs
from expfam.arrays import NUMPY, Array, array_namespace, beside, two_difference
from expfam.saddlepoint import scaled_phi
from expfam.special import log_softmax, logsumexp, softmax


def divergence(p: Array, q: Array) -> Array:
    """KL of softmax(p) from softmax(q), Σ pᵢ φ(δᵢ) + Σ over pᵢ = 0 of qᵢ ≥ 0; (…, K) to (…).

    δ = log q/p and φ(δ) = exp δ − 1 − δ ≥ 0: no term is negative, so nothing cancels, however
    close p and q are. ∞ exactly where the support of p is not within that of q.

    >>> float(divergence(np.array([0.0, 0.0]), np.array([1e-9, 0.0])))  # 1e-18/8
    1.25e-19
    """
    xp = array_namespace(p, q)
    prob_p, prob_q = softmax(p), softmax(q)
    seen = p > -np.inf
    ruled_out = seen & (q == -np.inf)
    both = seen & ~ruled_out
    # The differences η_q − η_p less their value at p's mode, without a rounding error: then
    # A(q) − A(p) follows from them, and close members keep their digits in any gauge.
    gap, low = two_difference(xp.where(both, q, 0.0), xp.where(both, p, 0.0))
    log_p = log_softmax(p)
    mode = xp.argmax(prob_p + xp.zeros_like(prob_q), axis=-1)
    at_mode = (mode[..., None] == xp.arange(p.shape[-1], **beside(p, mode.dtype))) & both

    def mode_of(x: Array) -> Array:
        return xp.sum(xp.where(at_mode, x, 0.0), axis=-1, keepdims=True)

    gap = (gap - mode_of(gap)) + (low - mode_of(low))
    # log q, moved to meet log p at the mode: without the η of p, whose rounding may outweigh q
    moved = xp.where(ruled_out, -np.inf, q - mode_of(q) + mode_of(log_p))
    rest = xp.sum(xp.exp(xp.where(seen, -np.inf, moved)), axis=-1)
    near = xp.abs(gap) < 1
    change = xp.sum(xp.where(both, prob_p * xp.expm1(xp.where(near, gap, 0.0)), 0.0), axis=-1)
    close = xp.all(near | ~both, axis=-1) & ~xp.any(ruled_out, axis=-1) & (rest < 1)
    far = logsumexp(moved, keepdims=True, relative=False)[..., 0]
    shift = xp.where(close, xp.log1p(xp.where(close, change + rest, 0.0)), far)
    delta = gap - shift[..., None]
    terms = scaled_phi(prob_p, prob_q, delta, xp)
    terms = xp.where(both, terms, xp.where(seen, np.inf, prob_q))
    value = xp.sum(terms, axis=-1)
    if xp is NUMPY and np.isnan(value).any():  # differences of η beyond 1e307 have overflown
        direct = prob_p * (log_p - log_softmax(q))
        direct = np.where(prob_p > 0, direct, 0.0).sum(axis=-1)
        value = np.where(np.isnan(value), direct, value)
    return value


def log_mean(mean: Array) -> Array:
    """log(μ/Σμ): of a dominant entry from the sum of the others, as 1 − p would round.

    >>> log_mean(np.array([1.0, 1e-20]))
    array([-1.00000000e-20, -4.60517019e+01])
    """
    xp = array_namespace(mean)
    share = mean / _sum(mean, xp)
    if xp is NUMPY and np.maximum.reduce(share, axis=None) <= 0.5:
        return np.log(share)
    dominant = share > 0.5
    rest = _sum(xp.where(dominant, 0.0, mean), xp)
    near = -xp.log1p(rest / xp.where(dominant, mean, 1.0))
    return xp.where(dominant, near, xp.log(xp.where(dominant, 1.0, share)))


def _sum(x: Array, xp: Any) -> Array:
    return pairs.rounded_sum(x) if xp is NUMPY else xp.sum(x, axis=-1, keepdims=True)


def log_ratios(mean: np.ndarray, reference: np.ndarray) -> pairs.Pair:
    """log(μᵢ/reference) in pairs, 0 where μᵢ = 0; relative to its size, also where it is near 0."""
    safe = np.where(mean > 0, mean, reference)
    return pairs.log(pairs.quotient((safe, np.zeros_like(safe)), reference))
