"""From μᵢ = ψ(αᵢ) − ψ(α₀) back to α: one equation in α₀ by bisection, then Newton. Numpy alone.

T. P. Minka (2003), Estimating a Dirichlet distribution, section 1 and appendix C.
"""

from __future__ import annotations

import numpy as np

from expfam.betas.gaps import LARGE, digamma_gaps
from expfam.gammas import digamma, trigamma

_EPSILON = float(np.finfo(np.float64).eps)
_EULER = 0.57721566490153286061
_BISECTIONS = 24
_STEPS = 60
# aψ′(a) − 1 = Σ c a⁻ⁿ, by n.
_EXCESS = {1: 1 / 2, 2: 1 / 6, 4: -1 / 30, 6: 1 / 42, 8: -1 / 30, 10: 5 / 66, 12: -691 / 2730}


def room(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 − Σ exp μᵢ, which is above 0 at a member, and 16 roundings of μ in it; (…, K) to (…)."""
    share = np.exp(mean)
    most = np.arange(mean.shape[-1]) == mean.argmax(axis=-1)[..., None]
    left = -(np.where(most, np.expm1(mean), share)).sum(axis=-1)
    return left, 16 * _EPSILON * np.abs(share * mean).sum(axis=-1)


def from_gaps(mean: np.ndarray, limits: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """α (…, K) with ψ(αᵢ) − ψ(α₀) = μᵢ, and whether it is right to rounding, (…).

    Given α₀, each αᵢ is ψ⁻¹(μᵢ + ψ(α₀)). Let all but the one with the largest μ be such, and that
    one the rest of α₀: whether its own equation then asks for more tells on which side α₀ is.
    limits: of α₀. Errors: none; a row out of reach is not right.
    """
    shape = mean.shape
    mean = mean.reshape(-1, shape[-1])
    largest = np.arange(shape[-1]) == mean.argmax(axis=-1)[:, None]
    top = mean.max(axis=-1, keepdims=True)
    low, high = (np.full((len(mean), 1), np.log(limit)) for limit in limits)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        _, rest, left = _given_total(mean, largest, np.exp(middle))
        gap = digamma_gaps(np.concatenate([np.abs(left), rest], axis=-1))[:, :1]
        above = (left > 0) & (gap < -top)
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    alpha, _, left = _given_total(mean, largest, np.exp(high))
    return _polished(np.where(largest, np.abs(left), alpha), mean, shape)


def _given_total(
    mean: np.ndarray, largest: np.ndarray, total: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """αᵢ = ψ⁻¹(μᵢ + ψ(α₀)) but where largest, their sum, and the rest of α₀, which may be < 0."""
    alpha = np.where(largest, 0.0, _inverse_digamma(mean + digamma(total)))
    rest = alpha.sum(axis=-1, keepdims=True)
    return alpha, rest, total - rest


def _inverse_digamma(y: np.ndarray) -> np.ndarray:
    """ψ⁻¹(y) to about 1e-8: Newton from exp(y) + ½, or from −1/(y + γ) for small y."""
    a = np.where(y >= -2.22, np.exp(np.minimum(y, 700.0)) + 0.5, -1 / (y + _EULER))
    for _ in range(3):
        a = np.maximum(a - (digamma(a) - y) / trigamma(a), 0.5 * a)
    return a


def _polished(
    alpha: np.ndarray, mean: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Newton from close by, each row until its residuals are roundings of μ."""
    error = np.full(len(mean), np.inf)
    active = np.arange(len(mean))
    for _ in range(_STEPS):
        here, target = alpha[active], mean[active]
        residual = target + digamma_gaps(here)
        error[active] = (np.abs(residual) / np.abs(target)).max(axis=-1)
        moved = np.maximum(here + _newton_step(here, residual), 0.5 * here)
        still = (np.abs(moved - here) <= 2 * _EPSILON * here).all(axis=-1)
        going = (error[active] > 4 * _EPSILON) & ~still
        active = active[going]
        if not active.size:
            break
        alpha[active] = moved[going]
    return alpha.reshape(shape), (error <= 64 * _EPSILON).reshape(shape[:-1])


def _newton_step(alpha: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """(diag q − z)⁻¹r with q = ψ′(αᵢ), z = ψ′(α₀), κ = 1/q: κᵢ(rᵢ + Σ κr / (1/z − Σ κ)).

    κ(a) is a² for small a and a − ½ for large: with ν(a) = a − κ(a) the denominator is
    Σ ν(αᵢ) − ν(α₀), in which a large α₀ does not cancel.
    """
    inverse = 1 / trigamma(alpha)
    total = alpha.sum(axis=-1, keepdims=True)
    direct = 1 / trigamma(total) - inverse.sum(axis=-1, keepdims=True)
    spare = np.where(total < 1, direct, _lag(alpha).sum(axis=-1, keepdims=True) - _lag(total))
    return inverse * (residual + (inverse * residual).sum(axis=-1, keepdims=True) / spare)


def _lag(a: np.ndarray) -> np.ndarray:
    """a − 1/ψ′(a), by the asymptotic series of aψ′(a) − 1 for large a."""
    large = np.maximum(a, LARGE)
    series = sum(c / large**n for n, c in _EXCESS.items())
    return np.where(a < LARGE, a - 1 / trigamma(a), large * series / (1 + series))
