"""Log-probabilities and entropies of counts by the saddle-point form (Loader 2000).

    log p(x) = r(n) − Σ r(xᵢ) − Σ D(xᵢ, n pᵢ)        multinomial
    log p(x) = −r(x) − D(x, λ)                        Poisson

with r the remainder of Stirling's formula and D the deviance of `deviances`. Every term is small
where the probability is large, so nothing cancels; n may be 2⁶². Entropies are of every array
library, log-probabilities of numpy alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import xlog1py

from expfam import kernels, pairs
from expfam.arrays import NUMPY, Array, array_namespace, beside, counting
from expfam.deviances import ABOVE_MINUS_ONE, deviance_of_difference
from expfam.factorial import (
    remainder,
    remainder_of,
    remainder_up_to,
)

_ZERO: Any = np.float64(0.0)
_EPSILON = float(np.finfo(np.float64).eps)
# Where 8ε√(2n·excess) passes 4e-15·(1 + |log p|), a row is computed again in pairs.
_DOUBT = 8 * _EPSILON * 2**0.5 / 4e-15
_LEAST = 5e-324
_WIDTH = 9.5  # standard deviations: the normal tail beyond is 2e-21
_FEWEST = 20.0  # and counts beyond them, for the longer tail of small means
_FARTHEST = 172  # steps that reach so far, at a standard deviation just below 16
_BLOCK = 2**18  # numbers in one block of windows


def multinomial_log_pmf(
    natural: np.ndarray, counts: np.ndarray, trials: int | np.ndarray, mean: np.ndarray
) -> np.ndarray:
    """log p of counts (…, K) with natural parameters and means n·softmax(natural), broadcast."""
    x = counts.astype(np.float64)
    difference = x - mean
    # Σ D = Σ x log(x/m) as Σ m = n; the differences are added to keep each term small.
    # A mean of 0 becomes the least double: 0/0 would make nan of a count that is rightly 0. So
    # would log 0, of an x that is lost beside its mean, and the infinity of an impossible count.
    ratio = difference / np.maximum(mean, _LEAST)
    terms = xlog1py(x, np.where(ratio == -1.0, ABOVE_MINUS_ONE, ratio)) - difference
    excess = np.add.reduce(terms, axis=-1)
    value = (
        remainder_of(trials) - np.add.reduce(remainder_up_to(trials, counts, x), axis=-1) - excess
    )
    # An error of ε in m costs ε|x − m|, and Σ|x − m| ≤ √(2n·excess) (Pinsker's inequality).
    doubt = _DOUBT * (trials * abs(excess)) ** 0.5
    again = doubt >= 1.0 - value
    if not (again.any() if again.ndim else again):
        return np.minimum(value, 0.0) if again.ndim else min(value, _ZERO)
    natural, counts = np.broadcast_arrays(natural, counts)
    natural, counts = (np.broadcast_to(a, value.shape + a.shape[-1:]) for a in (natural, counts))
    # -inf stands where a count has probability zero, but not where its mean has underflowed.
    again = again & ((counts == 0) | (natural > -np.inf)).all(axis=-1)
    value = np.minimum(np.asarray(value), 0.0, out=np.empty(value.shape))
    value[again] = _multinomial_in_pairs(natural[again], counts[again])
    return value


def _multinomial_in_pairs(natural: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The same of rows (R, K), with log(pᵢ n/xᵢ) known to 2⁻⁷⁶.

    With dᵢ = ηᵢ − c − log(xᵢ/n) for any c near A, and q = x/n, the sum of deviances is

        n·KL(q‖p) = n (A − c) − n Σ qᵢ dᵢ = Σ xᵢ φ(dᵢ) + n ρ + n (log(1 + u) − u),

    φ(d) = eᵈ − 1 − d ≥ 0, ρ = Σ over xᵢ = 0 of exp(ηᵢ − c), u = Σ qᵢ(exp(dᵢ) − 1) + ρ = eᴬ⁻ᶜ − 1.
    """
    total = counts.sum(axis=-1)
    n = total.astype(np.float64)
    x = counts.astype(np.float64)
    seen = counts > 0
    top = natural.max(axis=-1, keepdims=True)
    centre = kernels.logsumexp_rows(natural - top, False)[:, None]  # near A less the top
    shifted = pairs.subtract(pairs.two_difference(natural, top), (centre, np.zeros_like(centre)))
    share = pairs.subtract(
        pairs.log(pairs.from_integers(np.where(seen, counts, 1))),
        pairs.log(pairs.from_integers(total[:, None])),
    )
    d = pairs.subtract(shifted, share)
    held = natural - top > -np.inf  # beyond 1.8e308, d is a nan
    gap = np.where(seen, np.where(held, d[0] + d[1], -np.inf), 0.0)
    rest = n * np.where(seen, 0.0, np.exp(natural - top - centre)).sum(axis=-1)
    u = ((x * np.expm1(gap)).sum(axis=-1) + rest) / n
    excess = (x * phi(gap)).sum(axis=-1) + rest - n * phi(np.log1p(u))
    return np.minimum(remainder(n) - remainder(x).sum(axis=-1) - excess, 0.0)


def poisson_log_pmf(natural: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """log p of counts with natural parameters log λ, broadcast."""
    natural, counts = np.broadcast_arrays(natural, counts)
    x = counts.astype(np.float64)
    seen = counts > 0
    share = pairs.log(pairs.from_integers(np.where(seen, counts, 1)))
    d = pairs.subtract((natural, np.zeros_like(natural)), share)
    gap = np.where(seen, np.where(natural > -np.inf, d[0] + d[1], -np.inf), 0.0)
    excess = np.where(seen, x * phi(gap), np.exp(natural))
    return np.minimum(-remainder(x) - excess, 0.0)


def phi(d: np.ndarray) -> np.ndarray:
    """φ(d) = eᵈ − 1 − d ≥ 0, to a few units in the last place.

    >>> phi(np.array([0.0, 1e-9]))  # about d²/2
    array([0.e+00, 5.e-19])
    """
    return scaled_phi(1.0, np.exp(d), d, np)


def scaled_phi(p: Array, q: Array, d: Array, xp: Any) -> Array:
    """p·φ(d) where q = p·eᵈ is known: the series for small d, q − p − p·d beyond (no overflow)."""
    near = xp.abs(d) < 0.5
    small = xp.where(near, d, 0.0)
    series = xp.full_like(small, 1 / 15)
    for k in range(14, 2, -1):
        series = (1 + small * series) / k
    return xp.where(near, p * (0.5 * small * small * (1 + small * series)), q - p - p * d)


# ---------------------------------------------------------------- entropy


def multinomial_entropy(probabilities: Array, trials: Array) -> Array:
    """−E log p of rows of probabilities (…, K) and trials (…) ≥ 1: Σ E D + Σ E r(Xᵢ) − r(n).

    Each count is binomial, so each expectation is a sum over one window of counts. Where one
    category has nearly all, r(n) is taken from its expectation, term by term.
    """
    xp, shape = array_namespace(probabilities), probabilities.shape
    codes = xp.arange(shape[-1], **beside(probabilities, counting(xp)))
    dominant = codes == xp.argmax(probabilities, axis=-1)[..., None]
    rest = xp.sum(xp.where(dominant, 0.0, probabilities), axis=-1)[..., None]
    small = xp.where(dominant, xp.where(rest < 1, rest, 1.0), probabilities)
    swapped = dominant & (probabilities > 0.5)
    small = xp.where(dominant & ~swapped, probabilities, small)
    n = xp.astype(xp.broadcast_to(trials[..., None], shape), probabilities.dtype)
    arguments = [xp.reshape(a, (-1,)) for a in (n, small, swapped, dominant)]
    return xp.sum(xp.reshape(_by_blocks(_expected_terms, arguments), shape), axis=-1)


def _expected_terms(n: Array, small: Array, swapped: Array, dominant: Array) -> Array:
    """E[D(X, np) + r(X)], less r(n) where dominant; X or n − X (swapped) is binomial(n, small)."""
    xp, n, mean = array_namespace(n), n[:, None], (n * small)[:, None]
    y, difference, step, inside = _window(mean, mean * (1 - small[:, None]), n)
    other = n - y
    remainders = remainder(y), remainder(other)
    deviances = (
        deviance_of_difference(y, mean, difference),
        deviance_of_difference(other, n - mean, -difference),
    )
    log_pmf = remainder(n) - sum(remainders) - sum(deviances)
    whole = xp.where(dominant[:, None], remainder(n), 0.0)
    # r(X) − r(n) first: it cancels exactly where X = n, and the deviance is then tiny.
    own, others = deviances[0] + (remainders[0] - whole), deviances[1] + (remainders[1] - whole)
    return _expectation(xp.where(swapped[:, None], others, own), log_pmf, step, inside)


def poisson_entropy(rate: Array) -> Array:
    """−E log p = E D(X, λ) + E r(X) of rates (R,)."""
    return _by_blocks(_expected_poisson, [rate])


def _expected_poisson(rate: Array) -> Array:
    mean = rate[:, None]
    y, difference, step, inside = _window(mean, mean, np.inf)
    terms = deviance_of_difference(y, mean, difference) + remainder(y)
    return _expectation(terms, -terms, step, inside)


def _expectation(terms: Array, log_pmf: Array, step: Array, inside: Array) -> Array:
    """Σ p·terms over a window."""
    xp = array_namespace(terms)
    weight = xp.where(inside, xp.exp(log_pmf) * step, 0.0)
    return xp.sum(weight * xp.where(weight > 0, terms, 0.0), axis=-1)


def _window(mean: Array, variance: Array, most: Array | float) -> tuple[Array, Array, Array, Array]:
    """Counts within 9.5 standard deviations of the mean (and 20 counts), x − mean, the step, and
    which of them are counts at all, from 0 to the most; the others and their difference are 0.

    Up to a standard deviation of 16 every count is there. Beyond, the sum over all counts is the
    sum over every step-th, times step, to exp(−2π²·8²): a smooth function that dies out at both
    ends has a discrete Fourier transform without aliases (Poisson's summation formula).
    """
    xp = array_namespace(mean)
    deviation = xp.sqrt(xp.where(variance > 0, variance, 1.0))
    step = xp.floor(deviation / 8)
    step = xp.where(step > 1, step, 1.0)
    reach = xp.max(xp.ceil((_WIDTH * deviation + _FEWEST) / step)) if xp is NUMPY else _FARTHEST
    offsets = xp.arange(-reach, reach + 1, **beside(mean))
    centre = xp.round(mean)  # so that all are counts, as the tables of remainders want
    y = centre + step * offsets
    difference = (centre - mean) + step * offsets
    inside = (y >= 0) & (y <= most)
    return xp.where(inside, y, 0.0), xp.where(inside, difference, 0.0), step, inside


def _by_blocks(function: Callable, arguments: list[Array]) -> Array:
    """function of the arguments, sorted out into blocks whose windows fit a bounded memory.

    Elsewhere into 64 at most, as a trace repeats what is done for each of them.
    """
    xp, count = array_namespace(*arguments), arguments[0].shape[0]
    rows = _BLOCK // 512 if xp is NUMPY else max(_BLOCK // 32, -(-count // 64))
    blocks = [slice(start, min(start + rows, count)) for start in range(0, count, rows)]
    parts = [function(*(a[block] for a in arguments)) for block in blocks]
    if not parts:
        return 0.0 * arguments[0]
    return xp.concat(parts)
