"""MultivariateGaussianKnownCovariance: T(x) = x."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from expfam import sampling
from expfam.arrays import Array, array_namespace, frozen, is_foreign, like, real
from expfam.families.residual import residual
from expfam.family import ExponentialFamily, Rule

_LOG_2PI = 1.8378770664093454836


@final
@dataclass(frozen=True, eq=False)
class MultivariateGaussianKnownCovariance(ExponentialFamily):
    """Vectors of a known covariance Σ, p(x) = N(x; 0, Σ) exp(⟨η, x⟩ − A(η)), η = Σ⁻¹m.

    A(η) = ½ ηᵀΣη, μ = Ση. Parameters and observations are batch + (d,).
    Errors: ValueError for a Σ that is not symmetric and positive definite, for what is not finite.
    Source: Brown (1986), example 1.14.

    >>> family = MultivariateGaussianKnownCovariance([[2.0, 1.0], [1.0, 1.0]])
    >>> family.from_mean([1.0, 0.0]).natural_parameter
    array([ 1., -1.])
    """

    covariance: Any

    def __post_init__(self) -> None:
        matrix = np.asarray(real(self.covariance, self.name, "covariance"), dtype=np.float64)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
            raise ValueError(
                f"{self.name}: covariance must be a square matrix; got the shape {matrix.shape}"
            )
        definite = np.isfinite(matrix).all() and np.allclose(matrix, matrix.T, 1e-12, 0.0)
        if definite:
            scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
            definite = (scale > 0).all() and (
                np.linalg.eigvalsh(matrix / np.multiply.outer(scale, scale))[0] > 1e-13
            )
        if not definite:
            raise ValueError(
                f"{self.name}: covariance must be symmetric and positive definite beyond rounding"
            )
        object.__setattr__(self, "covariance", frozen(matrix))

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self.covariance),)

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self.covariance),)

    def __repr__(self) -> str:
        return f"{self.name}(dimension={len(self.covariance)})"

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    def _log_base_measure(self, x: Array) -> Array:
        return -0.5 * (_dot(x, self._solve(x)) + self._log_scale)

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return 0.5 * _dot(natural, self._multiply(natural))

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._multiply(natural)

    def _mean_to_natural(self, mean: Array) -> Array:
        return self._solve(mean)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        xp, d = array_namespace(natural), len(self.covariance)
        return xp.broadcast_to(self._like(natural), (*natural.shape[:-1], d, d))

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """Less what rounding has taken from the mean Ση, on numpy."""
        gap = x - mean
        if not is_foreign(natural):
            gap = gap + residual(mean, self.covariance, natural)
        return -0.5 * (_dot(gap, self._solve(gap)) + self._log_scale)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        xp, d = array_namespace(natural), len(self.covariance)
        return xp.full_like(natural[..., 0], 0.5 * (d + self._log_scale))

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return 0.5 * _dot(q - p, self._multiply(q - p))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        mean = self._multiply(natural)
        z = sampling.normal(source, shape + mean.shape)
        return mean + z @ np.linalg.cholesky(self.covariance).T

    # extras

    @property
    def _log_scale(self) -> float:
        """log det 2πΣ."""
        return len(self.covariance) * _LOG_2PI + float(np.linalg.slogdet(self.covariance)[1])

    def _like(self, model: Array) -> Array:
        return like(self.covariance, model, self.name, "covariance")

    def _multiply(self, vector: Array) -> Array:
        return vector @ self._like(vector)

    def _solve(self, vector: Array) -> Array:
        return vector @ array_namespace(vector).linalg.inv(self._like(vector))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        mean = self._multiply(natural)
        yield Rule(abs(mean) <= 1e50, "the mean must be at most 1e50 in size", mean)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield Rule(abs(mean) <= 1e50, "mean parameter must be at most 1e50 in size", mean)


def _dot(a: Array, b: Array) -> Array:
    return array_namespace(a, b).sum(a * b, axis=-1)
