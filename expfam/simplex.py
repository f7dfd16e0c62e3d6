"""Points of the simplex: their divergence and their log-ratios, to the last digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam import pairs
from expfam.arrays import NUMPY, Array, array_namespace, beside, two_difference
from expfam.blocks import Memory, blocks, pair_sum
from expfam.saddlepoint import scaled_phi
from expfam.shift import shifted
from expfam.special import inner, log_softmax, logsumexp, softmax
from expfam.threads import each

_FAINT = float(np.finfo(np.float64).smallest_normal)
_NEAR = 2.0**-8  # of a number: where the logarithm of a ratio is a series in the difference


def divergence(p: Array, q: Array, trials: Array | int = 1) -> Array:
    """KL of softmax(p) from softmax(q), Σ pᵢ φ(δᵢ) + Σ over pᵢ = 0 of qᵢ ≥ 0; (…, K) to (…).

    δ = log q/p and φ(δ) = exp δ − 1 − δ ≥ 0: no term is negative, so nothing cancels, however
    close p and q are. ∞ exactly where the support of p is not within that of q. Times trials (of
    the shape (…, 1)), so that no small term underflows before.

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
    # How far they sum from one, without the one: only a rare category may have changed, but much.
    below = both & (gap < 1)
    above = ~below & ~ruled_out & (moved < 0)
    change = xp.where(below, prob_p * xp.expm1(xp.where(below, gap, 0.0)), 0.0)
    more = xp.exp(xp.where(above, moved, 0.0)) - prob_p
    excess = xp.sum(xp.where(above, more, change), axis=-1)
    close = xp.all(below | above, axis=-1) & (xp.abs(excess) < 0.5)
    far = logsumexp(moved, keepdims=True, relative=False)[..., 0]
    shift = xp.where(close, xp.log1p(xp.where(close, excess, 0.0)), far)
    delta = gap - shift[..., None]
    weight, other = _times(trials, prob_p, p, xp), _times(trials, prob_q, q, xp)
    terms = scaled_phi(weight, other, delta, xp)
    terms = xp.where(both, terms, xp.where(seen, np.inf, other))
    value = xp.sum(terms, axis=-1)
    if xp is NUMPY and np.isnan(value).any():  # differences of η beyond 1e307 have overflown
        direct = weight * (log_p - log_softmax(q))
        direct = np.where(weight > 0, direct, 0.0).sum(axis=-1)
        value = np.where(np.isnan(value), direct, value)
    return value


def _times(trials: Array | int, share: Array, natural: Array, xp: Any) -> Array:
    """trials · share = trials · softmax(η), of numpy also where the share has lost its digits."""
    value = trials * share
    if xp is NUMPY and ((faint := share < _FAINT) & (natural > -np.inf)).any():
        value = np.where(faint, np.exp(log_softmax(natural) + np.log(trials)), value)
    return value


def entropy(natural: Array) -> Array:
    """−Σ p log p of p = softmax(η); (…, K) to (…).

    Of numpy log Σ exp d − Σ p d with d = η − max η ≤ 0, where no term is negative.

    >>> float(entropy(np.array([0.0, 0.0])))
    0.6931471805599453
    """
    if array_namespace(natural) is not NUMPY:
        return 0.0 - inner(log_softmax(natural), softmax(natural))
    rows = natural.reshape(-1, natural.shape[-1])
    values = each(lambda part, memory: _entropies(rows[part], memory), blocks(rows))
    return np.concatenate([np.zeros(0), *values]).reshape(natural.shape[:-1])


def _entropies(rows: np.ndarray, memory: Memory) -> np.ndarray:
    shift = shifted(rows, memory)
    d = np.where(shift.exponentials > 0, shift.difference, 0.0)
    high, low = pair_sum(-shift.exponentials * d, memory)
    rest = (shift.missed * d + shift.exponentials * shift.low).sum(axis=1)
    total, lost = pairs.two_sum(np.ones(len(rows)), shift.excess)
    high, low = pairs.quotient((high, low - rest), total)
    value, error = pairs.two_sum(shift.log, high)
    return value + (error + shift.log_low + (low - high * lost / total))


def log_mean(mean: Array) -> Array:
    """log(μ/Σμ): of a dominant entry from the sum of the others, as 1 − p would round.

    >>> log_mean(np.array([1.0, 1e-20]))
    array([-1.00000000e-20, -4.60517019e+01])
    """
    xp = array_namespace(mean)
    total = _sum(mean, xp)
    share = mean / total
    least = float(xp.finfo(mean.dtype).smallest_normal)
    if xp is NUMPY and least <= share.min(initial=1.0) and share.max(initial=0.0) <= 0.5:
        return np.log(share)
    dominant, small = share > 0.5, share < least  # which are rounded, or 0 though μ is not
    rest = _sum(xp.where(dominant, 0.0, mean), xp)
    value = xp.log(xp.where(dominant | small, 1.0, share))
    value = xp.where(small, xp.log(xp.where(small, mean, 1.0)) - xp.log(total), value)
    return xp.where(dominant, -xp.log1p(rest / xp.where(dominant, mean, 1.0)), value)


def _sum(x: Array, xp: Any) -> Array:
    return pairs.rounded_sum(x) if xp is NUMPY else xp.sum(x, axis=-1, keepdims=True)


def log_ratios(mean: np.ndarray, reference: np.ndarray) -> pairs.Pair:
    """log(μᵢ/reference) in pairs, 0 where μᵢ = 0; relative to its size, also where it is near 0.

    Powers of 2 apart, as the ratio may be beyond the doubles; near 1 of the exact difference.
    """
    safe = np.where(mean > 0, mean, reference)
    gap = safe - reference
    near = np.abs(gap) < _NEAR * reference
    (mantissa, power), (base, less) = np.frexp(safe), np.frexp(reference)
    gap = np.ldexp(np.where(near, gap, 0.0), -less)
    zero = np.zeros_like(gap)
    close = pairs.log1p(pairs.quotient((gap, zero), base))
    apart = pairs.log(pairs.quotient((mantissa, zero), base), power - less)
    return np.where(near, close[0], apart[0]), np.where(near, close[1], apart[1])
