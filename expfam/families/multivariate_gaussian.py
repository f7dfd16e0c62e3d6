"""MultivariateGaussian with unknown mean and covariance: T(x) = (x, xxᵀ)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from expfam import pairs, sampling
from expfam.arrays import (
    Array,
    array_namespace,
    beside,
    is_foreign,
    require,
    require_broadcast,
    scalar,
    wide,
)
from expfam.distribution import Distribution
from expfam.families.known import known_size
from expfam.families.residual import residual
from expfam.family import ExponentialFamily, Rule
from expfam.saddlepoint import scaled_phi

_LOG_2PI = 1.8378770664093454836
_LEAST = 1e-13  # the least eigenvalue of a correlation matrix that rounding cannot have made
_MOST = 1e100


@final
@dataclass(frozen=True, eq=False)
class MultivariateGaussian(ExponentialFamily):
    """Vectors of d real numbers, p(x) = (2π)^{−d/2} exp(⟨η₁, x⟩ + xᵀη₂x − A(η)).

    With the mean m and the precision P = Σ⁻¹: η = (Pm, −½P), A(η) = ½ mᵀPm − ½ log det P,
    μ = (m, Σ + mmᵀ). Parameters are flat, batch + (d + d²,), with the parts `linear` (d,) and
    `quadratic` (d, d), as `pack` and `unpack` name them. Only the symmetric part of η₂ tells
    members apart: the backward map returns the symmetric one, and d + d(d + 1)/2 parameters are
    free.
    Errors: ValueError where −η₂ or Σ is not positive definite beyond rounding (fewer than d + 1
    points? all in a plane?), and for what is not finite.
    Source: Wainwright and Jordan (2008), example 3.2.

    >>> family = MultivariateGaussian(2)
    >>> p = family.from_mean_covariance([1.0, 0.0], [[2.0, 1.0], [1.0, 1.0]])
    >>> family.unpack(p.natural_parameter)["quadratic"]
    array([[-0.5,  0.5],
           [ 0.5, -1. ]])
    >>> round(p.log_prob([1.0, 0.0]), 6)  # −log 2π − ½ log det Σ
    -1.837877
    """

    dimension: int

    def __post_init__(self) -> None:
        size = known_size(self.dimension, self.name, "dimension")
        object.__setattr__(self, "dimension", size)

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (self.dimension + self.dimension**2,)

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (self.dimension,)

    @property
    def parts(self) -> dict[str, tuple[int, ...]]:  # type: ignore[override]
        return {"linear": (self.dimension,), "quadratic": (self.dimension, self.dimension)}

    @property
    def log_base(self) -> float:  # type: ignore[override]
        return -0.5 * self.dimension * _LOG_2PI

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return self._join(x, x[..., :, None] * x[..., None, :])

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        mean, _, precision = self._moments(natural)
        linear, _ = self._split(natural)
        xp = array_namespace(natural)
        return 0.5 * xp.sum(linear * mean, axis=-1) - 0.5 * self._log_det(precision)

    def _natural_to_mean(self, natural: Array) -> Array:
        mean, covariance, _ = self._moments(natural)
        return self._join(mean, covariance + mean[..., :, None] * mean[..., None, :])

    def _mean_to_natural(self, mean: Array) -> Array:
        centre, second = self._split(mean)
        return self._natural(centre, second - centre[..., :, None] * centre[..., None, :])

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        """The product with every unit vector."""
        xp = array_namespace(natural)
        size = self.natural_shape[0]
        unit = xp.eye(size, **beside(natural))
        rows = self._fisher_product(natural[..., None, :], unit)
        return 0.5 * (rows + xp.matrix_transpose(rows))

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        """The change of (m, Σ + mmᵀ) as η moves by (a, B): dm = Σ(a + 2Bm), dΣ = 2ΣBΣ."""
        mean, covariance, _ = self._moments(natural)
        a, b = self._split(vector)
        b = _symmetric(b)
        moved = _times(covariance, a + 2 * _times(b, mean))
        cross = moved[..., :, None] * mean[..., None, :]
        change = 2 * covariance @ b @ covariance
        return self._join(moved, change + cross + array_namespace(cross).matrix_transpose(cross))

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """Less what rounding has taken from the mean, Σ(η₁ − Pm), on numpy."""
        xp = array_namespace(natural)
        centre, covariance, precision = self._moments(natural)
        gap = x - centre
        if not is_foreign(natural):
            gap = gap - _times(covariance, self._residual(natural, centre))
        distance = xp.sum(gap * _times(precision, gap), axis=-1)
        return -0.5 * (distance - self._log_det(precision) + self.dimension * _LOG_2PI)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        _, _, precision = self._moments(natural)
        return 0.5 * (self.dimension * (1 + _LOG_2PI) - self._log_det(precision))

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """½ Σ(e − log(1 + e)) + ½ (m_p − m_q)ᵀQ(m_p − m_q), e the eigenvalues of P⁻¹Q − 1.

        Of members close together e comes from the difference of η, and keeps its digits.
        """
        xp = array_namespace(p, q)
        precision, other = (-2 * _symmetric(self._split(natural)[1]) for natural in (p, q))
        change = -2 * _symmetric(self._split(q - p)[1])
        root = xp.linalg.inv(xp.linalg.cholesky(precision))
        excess = xp.linalg.eigvalsh(_symmetric(root @ change @ xp.matrix_transpose(root)))
        near = xp.all(xp.abs(excess) < 0.5, axis=-1)
        small = xp.where(near[..., None], excess, 0.0)
        spread = xp.where(
            near,
            xp.sum(scaled_phi(1.0, 1 + small, xp.log1p(small), xp), axis=-1),
            xp.sum(excess, axis=-1) - (self._log_det(other) - self._log_det(precision)),
        )
        return 0.5 * (spread + self._distance(p, q, near[..., None]))

    def _distance(self, p: Array, q: Array, near: Array) -> Array:
        """(m_p − m_q)ᵀQ(m_p − m_q) by Q(m_p − m_q), on numpy of a mean that is not rounded.

        Elsewhere it is that of near members from the differences of η.
        """
        xp = array_namespace(p, q)
        centre, spread, _ = self._moments(p)
        _, covariance, other = self._moments(q)
        if is_foreign(p):
            linear, quadratic = self._split(q - p)
            close = _times(-2 * _symmetric(quadratic), centre) - linear
            pull = xp.where(near, close, _times(other, centre) - self._split(q)[0])
        else:
            lost = _times(spread, self._residual(p, centre))
            pull = _times(other, lost) - self._residual(q, centre)
            same = np.all(p == q, axis=-1)[..., None]  # and pull is the rounding of what is lost
            pull = np.where(same, 0.0, pull)
        return xp.sum(pull * _times(covariance, pull), axis=-1)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        mean, covariance, _ = self._moments(natural)
        z = sampling.normal(source, shape + mean.shape)
        return mean + _times(np.linalg.cholesky(covariance), z)

    # extras

    def mean_covariance(self, natural: Any) -> tuple[Array, Array]:
        """Mean and covariance of the member at η."""
        mean, covariance, _ = self._moments(self.check_natural(natural))
        return scalar(mean), scalar(covariance)

    def from_mean_covariance(self, mean: Any, covariance: Any) -> Distribution:
        """The member with this mean and covariance.

        Errors: ValueError for a covariance that is not symmetric and positive definite.
        """
        d = self.dimension
        mean = self._shaped(mean, (d,), "mean")
        covariance = self._shaped(covariance, (d, d), "covariance")
        lead = tuple(mean.shape[:-1]), tuple(covariance.shape[:-2])
        require_broadcast(self.name, "mean and covariance must broadcast", *lead)
        turned = array_namespace(covariance).matrix_transpose(covariance)
        scale = abs(covariance) + abs(turned)
        even = abs(covariance - turned) <= 1e-12 * scale
        require(even, self.name, "covariance must be symmetric", covariance)
        rule = self._definite(covariance, "covariance must be positive definite")
        require(rule.ok, self.name, rule.text, rule.came, rule.verb, rule.place)
        with np.errstate(all="ignore"):
            return self.from_natural(self._natural(mean, _symmetric(covariance)))

    def _degrees_of_freedom(self, natural: Array) -> Any:
        return self.dimension + self.dimension * (self.dimension + 1) // 2

    def _canonical(self, natural: Array) -> Array:
        linear, quadratic = self._split(natural)
        return self._join(linear, _symmetric(quadratic))

    def _split(self, parameter: Array) -> tuple[Array, Array]:
        d, xp = self.dimension, array_namespace(parameter)
        matrix = xp.reshape(parameter[..., d:], (*parameter.shape[:-1], d, d))
        return parameter[..., :d], matrix

    def _join(self, vector: Array, matrix: Array) -> Array:
        xp = array_namespace(vector, matrix)
        lead = np.broadcast_shapes(tuple(vector.shape[:-1]), tuple(matrix.shape[:-2]))
        d = self.dimension
        flat = xp.reshape(xp.broadcast_to(matrix, (*lead, d, d)), (*lead, d * d))
        return xp.concat([xp.broadcast_to(vector, (*lead, d)), flat], axis=-1)

    def _moments(self, natural: Array) -> tuple[Array, Array, Array]:
        """Mean, covariance and precision."""
        linear, quadratic = self._split(natural)
        precision = -2 * _symmetric(quadratic)
        covariance = _symmetric(array_namespace(natural).linalg.inv(precision))
        return _times(covariance, linear), covariance, precision

    def _residual(self, natural: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """η₁ − Pm, P = −η₂ − η₂ᵀ, to the last digit."""
        linear, quadratic = self._split(natural)
        high, low = pairs.two_sum(quadratic, np.swapaxes(quadratic, -1, -2))
        return residual(linear, -high, mean) + _times(low, mean)

    def _natural(self, mean: Array, covariance: Array) -> Array:
        precision = _symmetric(array_namespace(covariance).linalg.inv(covariance))
        return self._join(_times(precision, mean), -0.5 * precision)

    def _log_det(self, matrix: Array) -> Array:
        xp = array_namespace(matrix)
        root = xp.linalg.cholesky(matrix)
        return 2 * xp.sum(xp.log(xp.linalg.diagonal(root)), axis=-1)

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield Rule(abs(natural) <= _MOST, "natural parameter must be at most 1e100", natural)
        _, quadratic = self._split(natural)
        text = "the quadratic natural parameter must be negative definite"
        yield self._definite(-2 * _symmetric(quadratic), text)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield Rule(abs(mean) <= _MOST, "mean parameter must be at most 1e100", mean)
        mean = wide(mean)
        centre, second = self._split(mean)
        xp = array_namespace(mean)
        even = abs(second - xp.matrix_transpose(second)) <= 1e-12 * abs(second)
        yield Rule(even, "E xxᵀ must be symmetric", second)
        covariance = second - centre[..., :, None] * centre[..., None, :]
        size = xp.linalg.diagonal(second)
        text = "E x² must exceed (E x)² by more than rounding (all equal? centre the data?)"
        variance = xp.linalg.diagonal(covariance)
        yield Rule(variance > _LEAST * size, text, variance, "exceeds it by")
        text = "the covariance must be positive definite (fewer than d + 1 points, or on a plane?)"
        yield self._definite(covariance, text)

    def _definite(self, matrix: Array, text: str) -> Rule:
        """Whether the correlation matrix has no eigenvalue that rounding could have made."""
        xp = array_namespace(matrix)
        variance = xp.linalg.diagonal(matrix)
        ok = (variance > 0) & (variance <= _MOST)
        scale = xp.sqrt(xp.where(ok, variance, 1.0))
        whole = xp.all(ok, axis=-1) & xp.all(xp.isfinite(matrix), axis=(-1, -2))
        scaled = matrix / scale[..., :, None] / scale[..., None, :]
        eye = xp.eye(self.dimension, **beside(matrix))
        least = xp.linalg.eigvalsh(xp.where(whole[..., None, None], scaled, eye))[..., 0]
        least = xp.where(whole, least, xp.min(variance, axis=-1))
        return Rule(whole & (least > _LEAST), text, least, "has the least eigenvalue", "row")


def _symmetric(matrix: Array) -> Array:
    return 0.5 * (matrix + array_namespace(matrix).matrix_transpose(matrix))


def _times(matrix: Array, vector: Array) -> Array:
    return (matrix @ vector[..., None])[..., 0]
