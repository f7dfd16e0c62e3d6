"""Directions about a mean: von Mises on the circle, in angles, and von Mises–Fisher on spheres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import bessel, sampling
from expfam.angles import (
    LEAST_SQUARE,
    across,
    angle,
    angle_from,
    dot,
    length_gap,
    unit,
    versine,
)
from expfam.arrays import Array, array_namespace, is_foreign, real, require, scalar, wide
from expfam.distribution import Distribution
from expfam.families.known import known_size
from expfam.family import ExponentialFamily, Rule

_MOST = 1e18  # the largest concentration: that of a mean 1e-15 short of 1 in 1000 dimensions
_SHORT = 1e-15  # what rounding may leave of 1 − |μ| when all observations are equal
_UNIT = 1e-6  # a direction of float32 has a length as near to 1 as that
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


class _Directions(ExponentialFamily):
    """p(x) = exp(⟨η, x⟩ − A(η)) / area for unit vectors x: A, entropy and |μ| depend on κ = |η|."""

    dimension: int

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (self.dimension,)

    @property
    def log_base(self) -> float:  # type: ignore[override]
        return -bessel.log_sphere_area(self._order)

    @property
    def _order(self) -> float:
        return self.dimension / 2 - 1

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return bessel.log_mean_exponential(self._order, dot(natural, natural))

    def _natural_to_mean(self, natural: Array) -> Array:
        across_mean, _ = bessel.variances(self._order, dot(natural, natural))
        return natural * across_mean[..., None]

    def _mean_to_natural(self, mean: Array) -> Array:
        if is_foreign(mean):
            raise TypeError(f"{self.name}: the backward map has no closed form; it needs numpy")
        mean = wide(mean)
        length, gap = length_gap(mean)
        some = dot(mean, mean) > LEAST_SQUARE
        length = np.where(some, length, 0.5)
        gap = np.where(some, gap, 0.5)
        kappa = bessel.concentration(self._order, length, gap)
        return mean * np.where(some, kappa / length, self.dimension)[..., None]

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        """ρ′ along the mean direction and ρ/κ across it."""
        xp = array_namespace(natural)
        across_mean, along_mean = bessel.variances(self._order, dot(natural, natural))
        m = unit(natural)
        own = m * m
        large = own > 0.5  # one entry at most: 1 − own from the others keeps its digits
        others = xp.sum(xp.where(large, xp.zeros_like(own), own), axis=-1)[..., None]
        eye = xp.eye(self.dimension, dtype=natural.dtype)
        projection = m[..., :, None] * m[..., None, :]
        rest = eye * xp.where(large, others, 1 - own)[..., None] - (1 - eye) * projection
        return across_mean[..., None, None] * rest + along_mean[..., None, None] * projection

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        across_mean, along_mean = bessel.variances(self._order, dot(natural, natural))
        m = unit(natural)
        along = dot(vector, m)[..., None] * m
        return across_mean[..., None] * across(vector, natural) + along_mean[..., None] * along

    # log-probability, entropy, divergence

    def _entropy(self, natural: Array, mean: Array) -> Array:
        """log ∫ exp(κ(cos θ − 1)) + κ(1 − ρ)."""
        if is_foreign(natural):
            return super()._entropy(natural, mean)
        square = dot(natural, natural)
        gap = bessel.resultant(self._order, square).gap
        return bessel.log_scaled_integral(self._order, square) + np.sqrt(square) * gap

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """Of the lengths, as if directions agreed, and ρ_p κ_q (1 − cos) of the angle between."""
        if is_foreign(p):
            return super()._kl(p, mean, q)
        p, q = np.broadcast_arrays(p, q)
        square = dot(q, q)
        across_mean, _ = bessel.variances(self._order, dot(p, p))
        turned = across_mean * np.sqrt(dot(p, p) * square) * versine(q, p)
        return self._kl_of_lengths(p, q) + turned

    def _kl_of_lengths(self, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """A(κ_q) − A(κ_p) − (κ_q − κ_p)ρ_p, near κ_p = κ_q as ∫ (κ_q − t) ρ′(t) dt."""
        a, b = np.sqrt(dot(p, p)), np.sqrt(dot(q, q))
        gap = dot(q - p, q + p) / np.where(a + b > 0, a + b, 1.0)
        close = np.abs(gap) <= 0.5 * np.maximum(a, b)
        half = np.where(close, gap / 2, 0.0)[..., None]
        t = np.minimum(a, b)[..., None] + np.abs(half) * (1 + _NODES)
        slope = bessel.resultant(self._order, t * t).slope
        left = np.where(half > 0, 1 - _NODES, 1 + _NODES) * np.abs(half)
        near = np.sum(_WEIGHTS * np.abs(half) * left * slope, axis=-1)
        # A itself where κ is small, A − κ where it is large
        short = bessel.resultant(self._order, a * a)
        logs = bessel.log_mean_exponential, bessel.log_scaled_integral
        small, large = (f(self._order, b * b) - f(self._order, a * a) for f in logs)
        small, large = small - gap * short.length, large + gap * short.gap
        far = np.where(np.maximum(a, b) < self.dimension, small, large)
        return np.where(close, near, far)

    # extras

    def _direction_concentration(self, natural: Any) -> tuple[Array, Array]:
        natural = self.check_natural(natural)
        return unit(natural), array_namespace(natural).sqrt(dot(natural, natural))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield from super()._natural_rules(natural)
        text = "the concentration κ = |η| must be at most 1e18"
        square = dot(natural, natural)
        kappa = array_namespace(natural).sqrt(square)
        yield Rule(square <= _MOST**2 * (1 + 1e-12), text, kappa, place="row")

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield from super()._mean_rules(mean)
        length, gap = length_gap(wide(mean))
        text = "|μ| must be less than 1 by more than 1e-15 (all observations equal?)"
        yield Rule(gap > _SHORT, text, length, place="row")


@final
@dataclass(frozen=True, eq=False)
class VonMisesFisher(_Directions):
    """Unit vectors in d dimensions, p(x) = exp(⟨η, x⟩ − A(η)) / area, η = κ · mean direction.

    A(η) = log(Γ(d/2) (2/κ)^{d/2−1} I_{d/2−1}(κ)), 0 at κ = 0, the uniform law. The mean is ρ(κ) in
    the mean direction, ρ = I_{d/2} / I_{d/2−1}; densities are on the sphere's surface. Dimensions
    are from 2 to 1000, κ at most 1e18.
    An observation has the length 1 to within 1e-6, and is taken as its direction, x/|x|.
    Errors: ValueError for other lengths, and where |μ| is not less than 1 (all equal?).
    Source: Mardia and Jupp (2000), Directional Statistics, section 9.3.2.

    >>> p = VonMisesFisher(3).fit([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.6, 0.8, 0.0]])
    >>> p.mean_parameter.round(6), p.natural_parameter.round(6)
    (array([0.533333, 0.6     , 0.      ]), array([3.367171, 3.788067, 0.      ]))
    """

    dimension: int

    def __post_init__(self) -> None:
        size = known_size(self.dimension, self.name, "dimension")
        if size < 2:
            raise ValueError(f"{self.name}: dimension must be between 2 and 1000; got {size}")
        object.__setattr__(self, "dimension", size)

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (self.dimension,)

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return unit(wide(x))

    # log-probability

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """−κ(1 − cos θ) − log ∫ exp(κ(cos θ − 1))."""
        if is_foreign(natural):
            return super()._log_prob(natural, mean, x)
        square = dot(natural, natural)
        turned = np.sqrt(square) * versine(wide(x), natural)
        return -turned - bessel.log_scaled_integral(self._order, square)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """A point about the first axis, and the reflection of this axis to the mean direction."""
        m = unit(natural)
        theta = sampling.angle(source, np.sqrt(dot(natural, natural)), self.dimension, shape)
        z = unit(sampling.normal(source, (*theta.shape, self.dimension - 1)))
        x = np.concatenate([np.cos(theta)[..., None], np.sin(theta)[..., None] * z], axis=-1)
        sign = np.where(m[..., :1] < 0, -1.0, 1.0)
        axis = m + sign * (np.arange(self.dimension) == 0)
        reflected = x - (2 * dot(x, axis) / dot(axis, axis))[..., None] * axis
        return -sign * reflected

    # extras

    def direction_concentration(self, natural: Any) -> tuple[Array, Array]:
        """Mean direction and κ of the member at η; no direction, zeros, where κ is 0."""
        direction, kappa = self._direction_concentration(natural)
        return scalar(direction), scalar(kappa)

    def from_direction_concentration(self, direction: Any, concentration: Any) -> Distribution:
        """The member with this mean direction, a vector of length 1, and κ ≥ 0.

        Errors: ValueError for a vector of another length, and a negative κ.
        """
        direction = self._shaped(direction, self.event_shape, "direction")
        for rule in self._unit_rules(direction, "the direction"):
            require(rule.ok, self.name, rule.text, rule.came, rule.verb, rule.place)
        kappa = _checked_concentration(concentration, self.name)
        return self.from_natural(unit(direction) * kappa[..., None])

    # doors

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield from super()._observation_rules(x)
        yield from self._unit_rules(x, "observations")

    def _unit_rules(self, x: Array, what: str) -> Iterator[Rule]:
        length = array_namespace(x).sqrt(dot(wide(x), wide(x)))
        text = f"{what} must have the length 1 to within 1e-6"
        yield Rule(abs(length - 1) <= _UNIT, text, length, "has the length", "row")


@final
@dataclass(frozen=True, eq=False)
class VonMises(_Directions):
    """Angles in radians, p(x) = exp(η₁ cos x + η₂ sin x − A(η)) / 2π, η = κ (cos m, sin m).

    A(η) = log I₀(κ), κ = |η| ≤ 1e18: the circle of `VonMisesFisher(2)`, in angles. Any finite
    number is an angle, whole turns make no difference, and a density is that of one turn; draws
    are from −π to π, as scipy's.
    Errors: ValueError for what is not finite, and where |μ| is not less than 1 (all equal?).
    Source: Mardia and Jupp (2000), Directional Statistics, section 3.5.4.

    >>> p = VonMises().fit([0.1, -0.4, 0.8, 6.5])
    >>> p.mean_parameter.round(6), p.natural_parameter.round(6)
    (array([0.89734 , 0.160723]), array([5.859573, 1.04951 ]))
    >>> angle, concentration = p.family.angle_concentration(p.natural_parameter)
    >>> round(angle, 6), round(concentration, 6)
    (0.177231, 5.95282)
    """

    dimension: ClassVar[int] = 2  # type: ignore[misc]

    @property
    def ends(self) -> tuple[float, ...]:
        return (-np.pi, np.pi)

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        xp, x = array_namespace(x), wide(x)
        return xp.stack([xp.cos(x), xp.sin(x)], axis=-1)

    # log-probability

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """−2κ sin²((x − m)/2) − log ∫ exp(κ(cos θ − 1))."""
        if is_foreign(natural):
            return super()._log_prob(natural, mean, x)
        square = dot(natural, natural)
        half = np.sin(angle_from(wide(x), natural) / 2)
        return -2 * np.sqrt(square) * half * half - bessel.log_scaled_integral(0.0, square)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        theta = sampling.angle(source, np.sqrt(dot(natural, natural)), 2, shape)
        theta = np.where(source.uniform(theta.shape) < 0.5, -theta, theta)
        x = angle(natural)[0] + theta
        return x - 2 * np.pi * np.rint(x / (2 * np.pi))

    # extras

    def angle_concentration(self, natural: Any) -> tuple[Array, Array]:
        """Mean angle, from −π to π, and κ of the member at η; the angle is 0 where κ is 0."""
        direction, kappa = self._direction_concentration(natural)
        xp = array_namespace(direction)
        turn = np.arctan2 if xp is np else xp.atan2
        return scalar(turn(direction[..., 1], direction[..., 0])), scalar(kappa)

    def from_angle_concentration(self, angle: Any, concentration: Any) -> Distribution:
        """The member with this mean angle and κ ≥ 0. Errors: ValueError for a negative κ."""
        angle = self.check_observation(angle)
        kappa = _checked_concentration(concentration, self.name)
        return self.from_natural(self._sufficient_statistic(angle) * kappa[..., None])


def _checked_concentration(concentration: Any, who: str) -> Array:
    kappa = real(concentration, who, "concentration")
    require(kappa >= 0, who, "the concentration must not be negative", kappa)
    return kappa
