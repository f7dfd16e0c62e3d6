"""The integral of a Dirichlet's prior as a chain of integrals over one number each.

A Dirichlet is a tree of betas, and so is its KL. With sums sₖ = α₁ + … + αₖ and their values ŝₖ at
the peak α̂,

    KL(α̂‖α) = Σₖ sₖ·kl(sₖ₋₁/sₖ ‖ ŝₖ₋₁/ŝₖ) + Σᵢ B(αᵢ‖α̂ᵢ) − B(s_K‖ŝ_K),

where kl is that of two shares and B the Bregman divergence of ρ(x) = log Γ(x) − x log x + x. So

    ∫ exp(−ν·KL(α̂‖α)) dα = ∫ G_K(s) exp(νB(s‖ŝ_K)) ds,      G₁(s) = exp(−νB(s‖α̂₁)),
    Gₖ(s) = ∫ Gₖ₋₁(a) exp(−νB(s − a‖α̂ₖ) − νs·kl(a/s ‖ ŝₖ₋₁/ŝₖ)) da.

Where the integrand counts, large terms do not cancel here as those of log Γ do (but for some in
νB where α̂ are very different and ν is large). Sums are told by ξ = log(s/ŝ), which has digits of
its own where s is close to ŝ; log Gₖ is interpolated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from expfam.conjugate.curves import Axis, Curve
from expfam.conjugate.integrals import across
from expfam.conjugate.remainders import remainder_divergence
from expfam.saddlepoint import scaled_phi

_NODES = 128  # of an integral, times the fineness


class Tilt(NamedTuple):
    """What to expect along the way: slope·ν·KL(α̂‖α) + Σ sharesᵢ·(αᵢ − α̂ᵢ)."""

    slope: float
    shares: np.ndarray


class Sum(NamedTuple):
    """A sum of so many concentrations, the least of their peaks, and ŝ.

    log_density: log G, about s^{kν + k − 1 + νs} for small s. tilt: the mean of the tilt given s.
    """

    terms: int
    least: float
    centre: float
    log_density: Curve
    tilt: Curve


def chained(
    peak: np.ndarray, exposure: float, ends: np.ndarray, tilt: Tilt, fineness: float
) -> tuple[float, float]:
    """log ∫ exp(−ν·KL(α̂‖α)) dα, and the expectation of the tilt.

    ends: of ξ, of each αᵢ and then of each sum, (2K − 1, 2), as `profile.reaches` tells them.
    """
    size = len(peak)
    each = [_alone(peak[i], exposure, ends[i], tilt, i, fineness) for i in range(size)]
    total = each[0]
    for part, reach in zip(each[1:], ends[size:], strict=True):
        total = _joined(total, part, exposure, reach, tilt.slope, fineness)
    middle, half = 0.5 * ends[-1].sum(), 0.5 * (ends[-1, 1] - ends[-1, 0])

    def height(away: np.ndarray) -> np.ndarray:
        xi = middle + away
        value = -total.log_density(xi) - _rest(exposure, total.centre, xi) - xi
        return np.where(abs(away) <= half, value, np.inf)

    away, weights = across(height, np.array([half / 8]), int(2 * _NODES * fineness))
    xi, depth = middle + away, height(away)
    mean = total.tilt(xi) - tilt.slope * _rest(exposure, total.centre, xi)
    log_sum, mean = _summed(weights, depth, mean)
    return float(np.log(total.centre) + log_sum[0]), float(mean[0])


def _summed(
    weights: np.ndarray, depth: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The log of ∫ exp(−depth) of each row, and the mean of values under it."""
    least = depth.min(axis=1)
    weights = weights * np.exp(least[:, None] - depth)
    total = weights.sum(axis=1)
    return np.log(total) - least, (weights * values).sum(axis=1) / total


def _rest(exposure: float, centre: float, xi: np.ndarray) -> np.ndarray:
    """νB(s‖ŝ)."""
    new, old = centre * np.exp(xi), np.full_like(xi, centre)
    return exposure * remainder_divergence(new, old, centre * np.expm1(xi))


def _alone(
    peak: float, exposure: float, ends: np.ndarray, tilt: Tilt, place: int, fineness: float
) -> Sum:
    """One concentration: B is −log s − s log s + … for small s."""
    axis = Axis(peak, peak, ends, fineness)
    rest = _rest(exposure, peak, axis.xi)
    mean = tilt.slope * rest + tilt.shares[place] * peak * np.expm1(axis.xi)
    log_density = axis.curve(-rest, exposure, exposure)
    away = -tilt.slope * exposure
    return Sum(1, peak, peak, log_density, axis.curve(mean, away, away))


def _joined(
    left: Sum, right: Sum, exposure: float, ends: np.ndarray, slope: float, fineness: float
) -> Sum:
    """The sum of both, s = a + b: an integral over y = log(a/b), less its value at the peak."""
    terms, least = left.terms + right.terms, min(left.least, right.least)
    centre = left.centre + right.centre
    v, w = left.centre / centre, right.centre / centre
    axis = Axis(centre, least, ends, fineness)
    xi = axis.xi[:, None]
    s = centre * np.exp(xi)

    def parts(y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """log(a/sv), log(b/sw) and νs·kl."""
        more, less = -_log_mean(v, w, -y), -_log_mean(w, v, y)
        a, b = s * v * np.exp(more), s * w * np.exp(less)
        away = scaled_phi(a, s * v, -more, np) + scaled_phi(b, s * w, -less, np)
        return more, less, exposure * away

    def height(more: np.ndarray, less: np.ndarray, away: np.ndarray) -> np.ndarray:
        gain = left.log_density(xi + more) + right.log_density(xi + less)
        return np.asarray(away - gain - more - less)  # da = ab/s dy

    width = 1 / np.sqrt(1 + exposure + exposure * v * w * s[:, 0])
    y, weights = across(lambda y: height(*parts(y)), width, int(_NODES * fineness))
    more, less, away = parts(y)
    mean = left.tilt(xi + more) + right.tilt(xi + less) + slope * away
    value, mean = _summed(weights, height(more, less, away), mean)
    value = value + np.log(s[:, 0] * v * w)
    log_density = axis.curve(value, terms * (exposure + 1) - 1, exposure)
    tilt = axis.curve(mean, -slope * terms * exposure, -slope * exposure)
    return Sum(terms, least, centre, log_density, tilt)


def _log_mean(v: float, w: float, y: np.ndarray) -> np.ndarray:
    """log(v + w·eʸ), v + w = 1."""
    near = np.log1p(w * np.expm1(np.clip(y, -1, 1)))
    return np.where(abs(y) < 0.5, near, np.log(v + w * np.exp(y)))
