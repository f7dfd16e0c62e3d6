"""log B(α), the Dirichlet log-density and its entropy, by Stirling's formula.

log Γ(a + 1) = a log a − a + r(a), r the remainder of `factorial`: the large parts of Γ(α₀) and
∏ Γ(αᵢ) combine into deviances, as in the saddle-point form of counts.
But for log B(α) itself, numpy alone.
"""

from __future__ import annotations

import numpy as np

from expfam import pairs
from expfam.arrays import Array, array_namespace
from expfam.betas.gaps import LARGE, digamma_gaps, others
from expfam.deviances import deviance_of_difference
from expfam.factorial import remainder_of_reals
from expfam.gammas import digamma, log_gamma

_HALF_LOG_2PI = 0.91893853320467274178
# log Γ(a) + a − aψ(a) − ½ log(2π/a) − ½ = Σ c a⁻ⁿ, by n.
_ENTROPY = {1: 1 / 6, 3: -1 / 90, 5: 1 / 210, 7: -1 / 210, 9: 5 / 594, 11: -691 / 30030}
_FAR = 1e3


def log_beta(alpha: Array) -> Array:
    """log B(α) of positive (…, K): −Σ αᵢ log(α₀/αᵢ) + Σ s(αᵢ) − s(α₀), s(a) = r(a) − log a."""
    xp = array_namespace(alpha)
    large = alpha * xp.log1p(others(alpha) / alpha)
    total = xp.sum(alpha, axis=-1)
    return xp.sum(stirling_rest(alpha) - large, axis=-1) - stirling_rest(total)


def stirling_rest(a: Array) -> Array:
    """s(a) = log Γ(a) − a log a + a."""
    return remainder_of_reals(a) - array_namespace(a).log(a)


def log_density(alpha: np.ndarray, x: pairs.Pair, log_x: np.ndarray) -> np.ndarray:
    """Σ (αᵢ − 1) log xᵢ − log B(α) of (…, K), broadcast, with x as pairs.

    With mᵢ = α₀xᵢ and D the deviance it is −Σ (D(αᵢ, mᵢ) + αᵢ − mᵢ) + s(α₀) − Σ (s(αᵢ) + log xᵢ).
    """
    arrays = np.broadcast_arrays(alpha, *x, log_x)
    shape = arrays[0].shape
    alpha, high, low, log_x = (a.reshape(-1, shape[-1]) for a in arrays)
    total = pairs.row_sum(alpha)
    product, error = pairs.two_product(np.broadcast_to(total[0][:, None], high.shape), high)
    mean = product, error + total[0][:, None] * low + total[1][:, None] * high
    gap = pairs.subtract((alpha, np.zeros_like(alpha)), mean)
    near = deviance_of_difference(alpha, product, gap[0] + gap[1])
    # Where α is far above m, m and α/m may be beyond the doubles; the logarithms are not.
    ratio = np.log(alpha) - np.log(total[0])[:, None] - log_x
    deviances = np.where(alpha > _FAR * product, alpha * ratio - gap[0], near)
    excess = pairs.row_sum(gap[0])
    terms = deviances + stirling_rest(alpha) + log_x
    value = (
        stirling_rest(total[0]) - terms.sum(axis=-1) - (excess[0] + excess[1] + gap[1].sum(axis=-1))
    )
    return value.reshape(shape[:-1])


def entropy(alpha: np.ndarray) -> np.ndarray:
    """log B(α) − Σ (αᵢ − 1) μᵢ, μᵢ = ψ(αᵢ) − ψ(α₀): Σ g(αᵢ) − g(α₀) + Σ μᵢ.

    g(a) = log Γ(a) + a − aψ(a), whose large parts cancel in the asymptotic series.
    """
    terms = log_gamma_entropy(alpha) - digamma_gaps(alpha)
    return terms.sum(axis=-1) - log_gamma_entropy(alpha.sum(axis=-1))


def log_gamma_entropy(a: np.ndarray) -> np.ndarray:
    small, large = np.minimum(a, LARGE), np.maximum(a, LARGE)
    near = log_gamma(small) + small - small * digamma(small)
    series = sum(c / large**n for n, c in _ENTROPY.items())
    return np.where(a < LARGE, near, _HALF_LOG_2PI + 0.5 - 0.5 * np.log(large) + series)
