"""Log-probabilities and entropies of failures before the r-th success, r known."""

from __future__ import annotations

import numpy as np

from expfam import pairs
from expfam.arrays import NUMPY, Array, array_namespace, like
from expfam.deviances import deviance_of_difference
from expfam.factorial import remainder_of_reals
from expfam.saddlepoint import phi

_DOUBT = 1e-14  # of a log-probability, where what rounding μ costs is computed again in pairs
_NEAR = 2.0**-35  # |η| below which 1 − exp η is −η − η²/2 − η³/6 to 100 bits
_LARGE = 64.0  # successes from which the counts are bell-shaped
_WIDTH = 14.0  # standard deviations: beyond, a gamma density of shape 64 is below 1e-20
_NODES = np.linspace(-80.0, 11.0, 1457)  # log t, a step of 1/16


def log_pmf(
    counts: np.ndarray, successes: float, natural: np.ndarray, mean: np.ndarray
) -> np.ndarray:
    """log p of failures x before the r-th success, broadcast; r need not be whole.

    Of n = x + r, log(r/n) + r(n) − r(x) − r(r) − D(x, nq) − D(r, nP), with P = r/(r + μ) the
    probability of a success and x − nq = P(x − μ) = nP − r.
    """
    counts, natural, mean = np.broadcast_arrays(counts, natural, mean)
    x = counts.astype(np.float64)
    n, r = x + successes, np.full_like(x, successes)
    success, failure = successes / (successes + mean), mean / (successes + mean)
    difference = success * (x - mean)
    excess = deviance_of_difference(x, n * failure, difference)
    excess = excess + deviance_of_difference(r, n * success, -difference)
    rest = np.log(successes / n)
    rest = rest + remainder_of_reals(n) - remainder_of_reals(x) - remainder_of_reals(r)
    # A rounding of μ costs ε|x − nq|; x beyond 2⁵³ is rounded, too.
    again = 4e-16 * np.abs(difference) > _DOUBT * (1 + np.abs(rest - excess))
    again = again & (x > 0) & np.isfinite(natural)
    if again.any():
        excess = np.array(excess)
        excess[again] = _excess_in_pairs(counts[again], successes, natural[again])
    return np.where((mean == 0) & (x == 0), 0.0, np.minimum(rest - excess, 0.0))


def _excess_in_pairs(counts: np.ndarray, successes: float, natural: np.ndarray) -> np.ndarray:
    """D(x, nq) + D(r, nP) = x φ(log nq/x) + r φ(log nP/r), logs of pairs, as q + P = 1."""
    x, zero = pairs.from_integers(counts), np.zeros(natural.shape)
    r = np.full_like(zero, successes)
    total = pairs.log(pairs.add(x, (r, zero)))
    seen = pairs.subtract(pairs.add((natural, zero), total), pairs.log(x))
    small = np.abs(natural) < _NEAR
    eta = np.where(small, natural, -1.0)
    near = pairs.two_sum(-eta, -0.5 * eta * eta * (1 + eta / 3))
    far = pairs.subtract((np.ones_like(zero), zero), pairs.exp(natural))
    success = [np.where(small, a, b) for a, b in zip(near, far, strict=True)]
    passed = pairs.subtract(
        pairs.add(pairs.log((success[0], success[1])), total), pairs.log((r, zero))
    )
    return x[0] * phi(seen[0] + seen[1]) + r * phi(passed[0] + passed[1])


def log_coefficient(x: Array, successes: float) -> Array:
    """log Γ(x + r)/(Γ(r)·x!), of remainders and x log(1 + r/x) + r log(1 + x/r): no differences."""
    xp = array_namespace(x)
    remainders = remainder_of_reals(x + successes) - remainder_of_reals(x)
    remainders = remainders - remainder_of_reals(xp.full_like(x, successes))
    further = xp.log1p(x / successes)
    shares = x * xp.log1p(successes / xp.where(x > 1, x, 1.0)) + successes * further
    return xp.where(x == 0, 0.0, remainders + shares - further)


def entropy(mean: Array, successes: float) -> Array:
    """−E log p of means (R,); on other libraries than numpy to the digits of its largest term."""
    xp = array_namespace(mean)
    if xp is NUMPY and successes >= _LARGE:
        return np.array([_entropy_by_sum(m, successes) for m in mean])
    inverse = successes / xp.where(mean > 0, mean, 1.0)
    value = successes * xp.log1p(mean / successes) + mean * xp.log1p(inverse)
    return value - _mean_log_coefficient(mean, successes)


def _mean_log_coefficient(mean: Array, successes: float) -> Array:
    """E log Γ(X + r)/(Γ(r)·X!) = ∫₀^∞ (1 − G(e⁻ᵗ))·(1 − e^{−(r−1)t}) / ((eᵗ − 1) t) dt.

    It follows from Malmstén's integral of log Γ and the generating function G(z) =
    (1 + μ(1 − z)/r)⁻ʳ = E zˣ; the integrand has one sign. With t = exp u the trapezoidal rule is
    exact to rounding. (Knessl 1998 has the same integral for other counts.)
    """
    xp = array_namespace(mean)
    t = np.exp(_NODES)
    gap = successes - 1
    # (e⁻ᵗ − e⁻ʳᵗ)/(1 − e⁻ᵗ), by the larger of the two; t·du = dt takes the 1/t away
    kernel = np.exp(-min(1.0, successes) * t) * np.expm1(-abs(gap) * t) / np.expm1(-t)
    weights = np.copysign(kernel, gap) * (_NODES[1] - _NODES[0])
    loss, weights = (like(part, mean, "entropy", "nodes") for part in (-np.expm1(-t), weights))
    missed = -xp.expm1(-successes * xp.log1p(mean[:, None] / successes * loss))
    return xp.sum(missed * weights, axis=-1)


def _entropy_by_sum(mean: float, successes: float) -> float:
    """−Σ p log p over a window of counts; every step-th of them where they are many."""
    if mean == 0:
        return 0.0
    deviation = np.sqrt(mean * (1 + mean / successes))
    step = max(1.0, np.floor(deviation / 8))
    reach = np.ceil((_WIDTH * deviation + 40) / step)
    x = np.rint(mean) + step * np.arange(-reach, reach + 1)
    natural = np.asarray(-np.log1p(successes / mean))
    log_p = log_pmf(x[x >= 0], successes, natural, np.asarray(mean))
    return float(-(np.exp(log_p) * log_p).sum() * step)
