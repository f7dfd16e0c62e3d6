"""Fisher and Rao's distance: the shortest path, its length measured by the Fisher information."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from expfam.arrays import scalar
from expfam.distribution import Distribution
from expfam.divergences.members import Meeting, pair
from expfam.divergences.skew import renyi_of
from expfam.families import (
    Binomial,
    Categorical,
    DiagonalGaussian,
    Exponential,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    IsotropicGaussian,
    Multinomial,
    MultivariateGaussianKnownCovariance,
    NegativeBinomial,
    Poisson,
)
from expfam.families.transformed import Transformed
from expfam.pairs import two_product


def fisher_rao(p: Distribution, q: Distribution) -> Any:
    """The geodesic distance of the metric ⟨dη, ∇²A(η) dη⟩: a metric that no coordinates change.

    Multinomial and Categorical: 2√n arccos Σ √(pᵢqᵢ), on the boundary too (a sphere of radius
    2√n); Binomial, of its two categories. Poisson: 2|√λ_p − √λ_q|. Geometric and
    NegativeBinomial: 2√r |artanh e^{η_p/2} − artanh e^{η_q/2}|. Exponential (Weibull, Rayleigh,
    Pareto, Laplace): |log rate_p/rate_q|. Known mean: |log v_p/v_q|/√2. Known (co)variance:
    √(dᵀΣd), d = η_p − η_q. Gaussian, LogNormal: the hyperbolic half-plane of m/√2 and σ,
    2√2 arsinh √(((m_p − m_q)²/2 + (σ_p − σ_q)²)/4σ_pσ_q); IsotropicGaussian of dimension d the same
    with 2d for 2; DiagonalGaussian the root of the sum of squares over the coordinates. All are
    computed from differences of η, so that close members keep their digits.

    Errors: ValueError for families without a closed form (Gamma, MultivariateGaussian, …).
    Source: Rao (1945), Bull. Calcutta Math. Soc. 37: 81–91; Atkinson and Mitchell (1981), Rao's
    distance measure, Sankhyā A 43: 345–365; Miyamoto et al. (2024), On closed-form expressions
    for the Fisher–Rao distance.

    >>> from expfam import Multinomial, Poisson
    >>> p, q = (Multinomial(3, trials=4).from_mean(mean) for mean in ([4, 0, 0], [0, 1, 3]))
    >>> round(fisher_rao(p, q) / np.pi, 6)  # a quarter of a great circle of radius 2·√4
    2.0
    >>> fisher_rao(Poisson().from_mean(4.0), Poisson().from_mean(0.0))
    4.0
    """
    family, one, two = pair(p, q, "fisher_rao")
    with np.errstate(all="ignore"):
        return scalar(_distance(family, one, two))


def _distance(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    same = family._original if isinstance(family, Transformed) else family  # in A, so in the metric
    for kinds, distance in _DISTANCES:
        if isinstance(same, kinds):
            return distance(same, p, q)
    raise ValueError(f"fisher_rao: there is no closed form for {family}")


def _sphere(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """2√n arccos(1 − H²) as 4√n arcsin(H/√2), with H Hellinger's distance of one trial."""
    squared = -np.expm1(-0.5 * renyi_of(Meeting(family._unit, p, q), np.asarray(0.5)))
    return 4 * np.sqrt(family.trials) * np.arcsin(np.sqrt(np.minimum(0.5 * squared, 0.5)))


def _poisson(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return -2 * np.exp(0.5 * np.maximum(p, q)) * np.expm1(-0.5 * _size(p, q))


def _failures(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """2(artanh a − artanh b) = log (1+a)(1−b)/(1−a)(1+b) = log(1 + 2(a − b)/(1−a)(1+b))."""
    larger, smaller = 0.5 * np.maximum(p, q), 0.5 * np.minimum(p, q)
    gap = -np.exp(larger) * np.expm1(-0.5 * _size(p, q))
    excess = 2 * gap / (-np.expm1(larger) * (1 + np.exp(smaller)))
    return np.sqrt(family._successes) * np.log1p(excess)


def _flat(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """√2KL, where ∇²A is the same everywhere."""
    return np.sqrt(2 * family._kl(p, family._natural_to_mean(p), q))


def _exponential(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return np.abs(_log_ratio(p, q))


def _known_mean(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return np.sqrt(0.5) * np.abs(_log_ratio(p, q))


def _gaussian(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return _half_plane(p[..., :-1], p[..., -1], q[..., :-1], q[..., -1])


def _diagonal(family: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    d = family.dimension
    one, two = p[..., :d, None], q[..., :d, None]
    return np.sqrt((_half_plane(one, p[..., d:], two, q[..., d:]) ** 2).sum(axis=-1))


def _half_plane(p: np.ndarray, p2: np.ndarray, q: np.ndarray, q2: np.ndarray) -> np.ndarray:
    """Of d means with one variance, η = (m/v, −1/2v): 2√2d arsinh of half a chord.

    (σ_p − σ_q)²/σ_pσ_q = 4 sinh²(¼ log v_p/v_q), and m_p − m_q over a common denominator, from
    products that are exact: means may be many deviations from 0.
    """
    twice = 2 * p.shape[-1]
    spread = 2 * np.sinh(0.25 * _log_ratio(p2, q2))
    one, two = p2[..., None], q2[..., None]
    first, low = two_product(q, one)
    second, other = two_product(p, two)
    shift = ((first - second) + (low - other)) / (2 * one * two)
    deviation = np.sqrt(0.5 / np.sqrt(p2 * q2))[..., None]  # √(σ_p σ_q)
    chord = np.hypot(np.sqrt(((shift / deviation) ** 2).sum(axis=-1) / twice), spread)
    return 2 * np.sqrt(twice) * np.arcsinh(0.5 * chord)


def _size(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    return np.where(p == q, 0.0, np.abs(p - q))


def _log_ratio(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """log p/q of numbers of one sign."""
    excess = (p - q) / q
    return np.where(np.abs(excess) < 0.5, np.log1p(excess), np.log(p / q))


_DISTANCES: list[tuple[Any, Callable[[Any, np.ndarray, np.ndarray], np.ndarray]]] = [
    ((Multinomial, Categorical, Binomial), _sphere),
    (Poisson, _poisson),
    ((Geometric, NegativeBinomial), _failures),
    (Exponential, _exponential),
    (GaussianKnownMean, _known_mean),
    ((GaussianKnownVariance, MultivariateGaussianKnownCovariance), _flat),
    ((Gaussian, IsotropicGaussian), _gaussian),
    (DiagonalGaussian, _diagonal),
]
