"""The gamma density, its entropy and its divergence, of shapes as large as they come. Numpy alone.

Stirling's formula splits log Γ(α) into α log α − α, which joins the density's other large parts to
a deviance D, as in the saddle-point form of counts, and a rest s(α).
"""

from __future__ import annotations

import numpy as np

from expfam import pairs
from expfam.betas.densities import log_gamma_entropy, stirling_rest
from expfam.betas.divergence import Step, product, without_deviance
from expfam.deviances import deviance_of_difference
from expfam.gammas import log_gamma
from expfam.pairs import Pair

_FAR, _LARGE = 1e3, 16.0


def log_gamma_density(
    less_one: np.ndarray, mean: Pair, log_x: np.ndarray, log_ratio: np.ndarray
) -> np.ndarray:
    """α log m − m − log Γ(α) − log x of α − 1, m = βx or the like and log(m/x), broadcast.

    That is −D(α, m) − s(α) − log x; of small shapes, where these may cancel, it is
    (α − 1) log m − m − log Γ(α) + log(m/x).

    >>> m = np.array(1e15)
    >>> round(log_gamma_density(m - 1, (m, 0 * m), np.log(m), 0 * m).item(), 9)
    -18.188326731
    """
    less_one, high, low, log_x, log_ratio = np.broadcast_arrays(less_one, *mean, log_x, log_ratio)
    shape = pairs.two_sum(less_one, np.ones_like(less_one))
    a, log_mean = shape[0], log_x + log_ratio
    gap = pairs.subtract(shape, (high, low))
    value = -_deviance(a, high, log_mean, gap) - stirling_rest(a) - log_x
    plain = less_one * log_mean - high - log_gamma(np.minimum(a, _LARGE)) + log_ratio
    return np.where(high == np.inf, -np.inf, np.where(a < _LARGE, plain, value))


def gamma_entropy(shape: np.ndarray, mean_log: np.ndarray) -> np.ndarray:
    """log Γ(α) + α − αψ(α) + E log X, to which ψ(α) − log β has been put together."""
    return log_gamma_entropy(shape) + mean_log


def gamma_divergence(p: np.ndarray, q: np.ndarray, rates: Pair) -> np.ndarray:
    """KL of the shapes p + 1 and q + 1 with the rates (of p, of q), broadcast.

    With r the ratio of the rates it is D(β, rα) and the Bregman divergence of s from α to β, the
    shapes: both are ≥ 0.
    """
    p, q, rate, other = np.broadcast_arrays(p, q, *rates)
    a, b = (pairs.two_sum(v, np.ones_like(v)) for v in (p, q))
    step = pairs.two_difference(q, p)
    stretch = pairs.quotient(product(a, pairs.two_difference(other, rate)), rate)
    gap = pairs.subtract(step, stretch)
    log_mean = np.log(a[0]) + np.log(other) - np.log(rate)
    value = _deviance(b[0], a[0] * (other / rate), log_mean, gap)
    return np.maximum(value + without_deviance(Step(a[0], b[0], step[0])), 0.0)


def _deviance(x: np.ndarray, mean: np.ndarray, log_mean: np.ndarray, gap: Pair) -> np.ndarray:
    """D(x, m) where x − m is known better than from both, unless it is beyond such pairs."""
    plain = x - mean
    known = gap[0] + gap[1]
    near = deviance_of_difference(x, mean, np.where(np.isfinite(known), known, plain))
    # Where x is far above m, x/m may be beyond the doubles; the logarithms are not.
    far = x * (np.log(x) - log_mean) - plain
    return np.where(x > _FAR * mean, far, near)
