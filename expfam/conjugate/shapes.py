"""The prior of gamma members as one integral over the shape: of a given shape, the rate is Gamma.

With B the Bregman divergence of ρ(x) = log Γ(x) − x log x + x, and α̂ the shape at the peak,

    R = log ∫ exp(−ν·B(α‖α̂) + ρ(να) + log να) dα − log χ₂,      −ρ′(α̂) = log(χ₂/ν) − χ₁/ν.

Source: Damsleth (1975), Scand. J. Statist. 2: 80–84.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from expfam.conjugate.directed import Directed
from expfam.conjugate.integrals import around
from expfam.conjugate.remainders import (
    remainder,
    remainder_curvature,
    remainder_divergence,
    remainder_slope,
)
from expfam.conjugate.rows import each

_STEPS = 3  # of Newton: small shapes α have digits that η₁ = α − 1 has not
_FAR = 600.0  # of log α


class _Shapes(NamedTuple):
    """What a prior of the batch knows of the shape."""

    log_integral: float
    away: float  # E (α − α̂)
    depth: float  # E ν·KL(η̂‖η)


class ShapeForm(Directed):
    """The rate given α is Gamma(x + 1, χ₂), x = να, and then E ν·KL(η̂‖η) = ν·B(α‖α̂) − x·ρ′(x)."""

    def remainder(self, prior: Any) -> np.ndarray:
        value = [row.log_integral for row in self._shapes(prior)]
        return np.reshape(value, np.shape(prior.exposure)) - np.log(prior.total[..., 1])

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """R_q − R_p + E_p (f_q − f_p), f = ν·KL(η̂‖η), where by the law of three points

        f_q − f_p = (ν_q/ν_p − 1)·f_p + ν_q·(KL(η̂_q‖η̂_p) − ⟨η − η̂_p, χ_q/ν_q − χ_p/ν_p⟩).
        """
        other = q._remainder  # before its rows are many
        batch = np.broadcast_shapes(np.shape(p.exposure), np.shape(q.exposure))
        p, q = p._broadcast(batch), q._broadcast(batch)
        own, away, depth = np.moveaxis(np.reshape(self._shapes(p), (*batch, 3)), -1, 0)
        own = own - np.log(p.total[..., 1])
        first, second = np.moveaxis(p._away(q), -1, 0)
        moved = away * (first - second / p._mean[..., 1]) - second / p.total[..., 1]
        grown = (q.exposure - p.exposure) / p.exposure * depth
        between = q.exposure * (self.family._kl(q._peak, q._mean, p._peak) - moved)
        return np.maximum(other - own + grown + between, 0.0)

    def _shapes(self, prior: Any) -> list[_Shapes]:
        """Of each row of the batch."""
        mean, peak = prior._mean, prior._peak[..., 0] + 1
        gap = np.log(mean[..., 1]) - mean[..., 0]
        for _ in range(_STEPS):
            rest = remainder_slope(peak) + gap * peak
            peak = peak * np.exp(-rest / (rest + remainder_curvature(peak)))
        return each(_over, np.shape(prior.exposure), np.ravel(peak), np.ravel(prior.exposure))


def _over(peak: np.ndarray, exposure: np.ndarray) -> _Shapes:
    """By nodes in t = log α/α̂."""

    def away(t: np.ndarray) -> np.ndarray:
        return np.asarray(peak * np.expm1(t))

    def depth(t: np.ndarray) -> np.ndarray:
        t = np.clip(t, -_FAR, _FAR)
        alpha = peak * np.exp(t)
        size = exposure * alpha
        value = exposure * remainder_divergence(alpha, np.full_like(t, peak), away(t))
        return np.asarray(value - remainder(size) - np.log(size) - t)

    t, weights, top = around(depth, 0.0, 1 / np.sqrt(1 + exposure))
    total = weights.sum()
    size = exposure * peak * np.exp(t)
    divergence = exposure * remainder_divergence(size / exposure, np.full_like(t, peak), away(t))
    return _Shapes(
        float(np.log(peak) + np.log(total) - top),
        float(weights @ away(t) / total),
        float(weights @ (divergence - remainder_slope(size)) / total),
    )
