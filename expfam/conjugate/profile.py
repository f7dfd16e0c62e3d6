"""How far concentrations and their sums reach: where the density of their logs is e⁻ᵈ of its peak.

The prior of a Dirichlet is log-concave. The largest density among all α with a given sum of some
of them is at a member that moves along H⁻¹r as a force r grows or falls, H the Hessian:

    dα = H⁻¹r dθ,   depth = ∫ θ ⟨r, dα⟩,   H = diag(1/αᵢ² + νψ′(αᵢ)) − νψ′(s).

Ends need not be exact: what is beyond them is not lost, but interpolated less well.
"""

from __future__ import annotations

import numpy as np

from expfam import betas

_LEAST = 1e-13  # of the peak: below, G is a power of s
_STEP = 0.7, 0.3  # of a width, of α itself


def reaches(peak: np.ndarray, exposure: float, mean: np.ndarray, depth: float) -> np.ndarray:
    """Ends of ξ = log(s/ŝ) for each α, and then for α₁ + … + αₖ, k = 2 … K: (2K − 1, 2)."""
    size = len(peak)
    sums = np.concatenate([np.eye(size), np.tri(size)[1:]])
    middle = _middle(peak, exposure, mean)
    ends = [_marched(middle, exposure, sums, sign, depth) for sign in (-1.0, 1.0)]
    return np.log(np.stack(ends, axis=-1) / (sums @ peak)[:, None])


def _middle(peak: np.ndarray, exposure: float, mean: np.ndarray) -> np.ndarray:
    """The α at which the density of log α is largest, about."""
    alpha = peak
    for _ in range(200):
        slope = 1 / alpha + exposure * (mean + betas.digamma_gaps(alpha))
        step = _solved(alpha, exposure, slope) / alpha
        size = abs(step).max()
        alpha = alpha * np.exp(step / max(size, 1.0))
        if size < 1e-3:
            break
    return alpha


def _marched(
    start: np.ndarray, exposure: float, sums: np.ndarray, sign: float, depth: float
) -> np.ndarray:
    """The sums where the force has taken them to the depth, by midpoint steps in log α."""
    alpha = np.tile(start, (len(sums), 1))
    force, reached = np.zeros(len(sums)), np.zeros(len(sums))
    going = np.arange(len(sums))
    while going.size:
        now, row = alpha[going], sums[going]
        move = _solved(now, exposure, row)
        largest = _STEP[1] / abs(move / now).max(axis=1)
        step = sign * np.minimum(_STEP[0] / np.sqrt((move * row).sum(axis=1)), largest)
        half = now * np.exp(0.5 * step[:, None] * move / now)
        grown = step[:, None] * _solved(half, exposure, row) / half
        new = now * np.exp(np.clip(grown, -1, 1))
        stays = (new == now).all(axis=1, keepdims=True)  # steps below rounding, which end nowhere
        alpha[going] = np.where(stays, np.nan, new)
        reached[going] += ((alpha[going] - now) * row).sum(axis=1) * (force[going] + 0.5 * step)
        force[going] += step
        small = (alpha * sums).sum(axis=1) < _LEAST * (sums @ start)
        going = np.flatnonzero((reached < depth) & ~small)
    return np.asarray((alpha * sums).sum(axis=1))


def _solved(alpha: np.ndarray, exposure: float, vector: np.ndarray) -> np.ndarray:
    """H⁻¹v by Sherman and Morrison's formula; x²ψ′(x) is x + b(x), b about (1 + x)/(1 + 2x).

    νH⁻¹ is diag(d) + d dᵀ/r, d = α²/(α + b + 1/ν), and r, by either formula without cancelling,
    s²/(s + b) − Σ d = Σ (α − d) − s·b/(s + b).
    """
    total = alpha.sum(axis=-1)
    own, whole = _bend(alpha) + 1 / exposure, _bend(total)
    each = alpha / (1 + own / alpha)
    small = total / (1 + whole / total) - each.sum(axis=-1)
    large = (own / (1 + own / alpha)).sum(axis=-1) - whole / (1 + whole / total)
    rest = np.where(total < 1, small, large)
    moved = each * vector
    return (moved + each * (moved.sum(axis=-1) / rest)[..., None]) / exposure


def _bend(x: np.ndarray) -> np.ndarray:
    return (1 + x) / (1 + 2 * x)
