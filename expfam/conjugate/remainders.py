"""What is left of log Γ beside its Laplace approximation: ρ(x) = log Γ(x) − x log x + x, convex.

Normalizers of conjugate priors are heights of peaks, in which all that is large combines, and sums
of such remainders. Differences and Bregman divergences of ρ keep their digits for any x > 0.
"""

from __future__ import annotations

import math

import numpy as np

from expfam.deviances import deviance_of_difference
from expfam.factorial import remainder_of_reals
from expfam.saddlepoint import scaled_phi
from expfam.special import digamma, trigamma

_LARGE = 16.0  # where the asymptotic series begin: their first term left out is below 1e-17
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730)  # B₂, B₄, …
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(14)
_NODES, _WEIGHTS = 0.5 * (1 + _NODES), 0.5 * _WEIGHTS  # on 0 … 1


def remainder(x: np.ndarray) -> np.ndarray:
    """ρ(x), about ½ log(2π/x) for large x and −log x for small x.

    >>> remainder(np.array([1.0, 2.0])).round(6)  # 1 and 2 − 2 log 2
    array([1.      , 0.613706])
    """
    return remainder_of_reals(x) - np.log(x)


def remainder_change(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """ρ(new) − ρ(old); where both are large, −½ log(new/old) and a difference of small series."""
    new, old = np.broadcast_arrays(new, old)
    large = (new >= _LARGE) & (old >= _LARGE)
    a, b = np.where(large, new, _LARGE), np.where(large, old, _LARGE)
    smooth = -0.5 * _log((a - b) / b, a / b) + _stirling(a) - _stirling(b)
    return np.where(large, smooth, remainder(new) - remainder(old))


def remainder_divergence(
    new: np.ndarray, old: np.ndarray, gap: np.ndarray | None = None
) -> np.ndarray:
    """ρ(new) − ρ(old) − (new − old) ρ′(old) ≥ 0, the Bregman divergence of ρ.

    gap: new − old, where it has digits of its own. It is ∫ (new − x) ρ″(x) dx from old to new:
    where these are within a factor of two, by Gauss's rule, as the difference would cancel.
    """
    new, old = np.broadcast_arrays(new, old)
    step = (new - old if gap is None else gap) / old
    near = np.abs(np.log(new) - np.log(old)) < math.log(2.0)
    inside = np.where(near, step, 0.0)[..., None] * _NODES
    points = old[..., None] * (1 + inside)
    area = ((1 - _NODES) * _WEIGHTS * remainder_curvature(points) / (1 + inside) ** 2).sum(axis=-1)
    far = remainder(new) - remainder(old) - step * remainder_slope(old)
    return np.where(near, step * step * area, far)


def ratio_divergence(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """r − 1 − log r ≥ 0 of the ratio r = new/old: the Bregman divergence of −log."""
    return growth_divergence((new - old) / old, new / old)


def growth_divergence(growth: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """r − 1 − log r of a ratio r, where the growth, r − 1, has digits of its own."""
    return scaled_phi(1.0, ratio, _log(growth, ratio), np)


def grown_deviance(
    new: np.ndarray, old: np.ndarray, growth: np.ndarray, ratio: np.ndarray
) -> np.ndarray:
    """Loader's deviance D(new, old·ratio), where the growth, ratio − 1, has digits of its own."""
    gap = np.where(np.abs(growth) < 0.5, new - old - old * growth, new - old * ratio)
    return deviance_of_difference(new, old * ratio, gap)


def _log(growth: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    near = np.abs(growth) < 0.5
    return np.where(near, np.log1p(np.where(near, growth, 0.0)), np.log(ratio))


def _stirling(x: np.ndarray) -> np.ndarray:
    """ρ(x) − ½ log(2π/x) = Σ B₂ₖ/(2k(2k − 1) x^{2k − 1}) for large x."""
    return _series([b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1)], x) * x


def remainder_slope(x: np.ndarray) -> np.ndarray:
    """x·ρ′(x) = x (ψ(x) − log x), from −1 at 0 to −½ at ∞."""
    small = np.minimum(x, _LARGE)
    near = small * (digamma(small + 1) - np.log(small)) - 1
    far = -0.5 - x * _series([b / (2 * k) for k, b in enumerate(_BERNOULLI, 1)], x)
    return np.where(x < _LARGE, near, far)


def remainder_curvature(x: np.ndarray) -> np.ndarray:
    """x²·ρ″(x) = x² ψ′(x) − x, from 1 at 0 to ½ at ∞."""
    small = np.minimum(x, _LARGE)
    near = 1 + small * small * trigamma(small + 1) - small
    far = 0.5 + x * _series(_BERNOULLI, x)
    return np.where(x < _LARGE, near, far)


def _series(coefficients: list[float] | tuple[float, ...], x: np.ndarray) -> np.ndarray:
    """Σ cₖ/x^{2k}."""
    w, value = 1 / (x * x), np.zeros_like(x)
    for c in reversed(coefficients):
        value = (value + c) * w
    return value
