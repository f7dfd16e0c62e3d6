"""What tests and intervals share: sums of a sample, the Fisher matrix, and dᵀ V⁻ d."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import require, require_numpy
from expfam.statistics import Statistics

_EPSILON = float(np.finfo(np.float64).eps)


def sums(statistics: Statistics, who: str) -> tuple[Any, np.ndarray, np.ndarray]:
    """The family of one trial, n and Σ T, in floats of numpy; there must be data."""
    require_numpy(statistics.total, who, "data")
    n = np.asarray(statistics.exposure, dtype=np.float64)
    rule = "there must be data"
    require(n > 0, who, rule, n, "has the total weight", "row")
    return statistics.family, n, np.asarray(statistics.total, dtype=np.float64)


def mean_of(family: Any, n: np.ndarray, total: np.ndarray) -> np.ndarray:
    return total / (n[..., None] if family.natural_shape else n)


def best_of(family: Any, mean: np.ndarray) -> np.ndarray:
    """The natural parameter of the best member; a mean that no member has is refused in words."""
    return np.asarray(family.mean_to_natural(mean))


def squared_distance(family: Any, mean: np.ndarray, null: np.ndarray, natural: Any) -> Any:
    """dᵀ I(η)⁻ d of the difference of two means, d = μ − μ₀."""
    rank = family._degrees_of_freedom(natural)
    null = family._natural_to_mean(null)
    gap, size = as_vector(family, mean - null), as_vector(family, np.abs(mean) + np.abs(null))
    return quadratic(fisher_of(family, natural), gap, size, rank)


def quadratic(matrix: np.ndarray, gap: np.ndarray, size: np.ndarray, rank: Any) -> np.ndarray:
    """dᵀ V⁻ d of a covariance V of known rank; ∞ where d has a part without variance.

    V is scaled to a correlation R, so that probabilities of any size keep their digits: of the
    Multinomial its eigenvalues are 0 and some near 1. Where N spans the null space of R, Nᵀd = 0
    but for the rounding errors of d, which are as large as `size`, the numbers that it is the
    difference of. They are taken out where they are likely to have come from: by
    d − E N (Nᵀ E N)⁻¹ Nᵀ d, with E their squares.
    """
    deviation = np.sqrt(np.maximum(np.diagonal(matrix, axis1=-2, axis2=-1), 0.0))
    varies = deviation > 0
    scale = np.where(varies, deviation, 1.0)
    values, vectors = np.linalg.eigh(matrix / scale[..., :, None] / scale[..., None, :])
    null = np.arange(gap.shape[-1]) < gap.shape[-1] - np.asarray(rank)[..., None]
    known = values > gap.shape[-1] * _EPSILON
    scaled = np.where(varies, gap / scale, 0.0)[..., None]
    error = np.where(varies, (size / scale) ** 2, 1.0)[..., None]
    most = error.max(axis=-2, keepdims=True)
    error = error / np.where(most > 0, most, 1.0) + _EPSILON
    span = vectors * null[..., None, :]
    square = _transposed(span) @ (error * span) + np.eye(gap.shape[-1]) * ~null[..., None, :]
    scaled = scaled - error * (span @ np.linalg.solve(square, _transposed(span) @ scaled))
    along = (_transposed(vectors) @ scaled)[..., 0] ** 2
    terms = np.where(~null & known, along / np.where(known, values, 1.0), 0.0)
    beyond = ~null & ~known & (along > _EPSILON * along.sum(axis=-1, keepdims=True))
    beyond |= ~varies & (gap != 0)
    return np.where(beyond.any(axis=-1), np.inf, terms.sum(axis=-1))


def _transposed(matrix: np.ndarray) -> np.ndarray:
    return np.swapaxes(matrix, -2, -1)


def fisher_of(family: Any, natural: np.ndarray) -> np.ndarray:
    fisher = np.asarray(family._fisher_information(natural), dtype=np.float64)
    return fisher if family.natural_shape else fisher[..., None, None]


def as_vector(family: Any, array: Any) -> np.ndarray:
    return np.asarray(array) if family.natural_shape else np.asarray(array)[..., None]


def check_parameter(parameter: Any, who: str) -> str:
    if not isinstance(parameter, str) or parameter not in ("mean", "natural"):
        raise ValueError(f"{who}: parameter must be mean or natural; got {parameter!r}")
    return parameter
