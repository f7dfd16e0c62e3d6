"""What von Mises, in angles, and von Mises–Fisher, in unit vectors, have in common: all but x."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from expfam import bessel, implicit
from expfam.angles import LEAST_SQUARE, across, dot, length_gap, unit, versine
from expfam.arrays import Array, array_namespace, beside, is_foreign, real, require, wide
from expfam.family import ExponentialFamily, Rule

_MOST = 1e18  # the largest concentration: that of a mean 1e-15 short of 1 in 1000 dimensions
_SHORT = 1e-15  # what rounding may leave of 1 − |μ| when all observations are equal
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


class Directions(ExponentialFamily):
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
            return implicit.backward(self, mean)
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
        eye = xp.eye(self.dimension, **beside(natural))
        projection = m[..., :, None] * m[..., None, :]
        diagonal = across_mean[..., None] * xp.where(large, others, 1 - own)
        diagonal = diagonal + along_mean[..., None] * own
        gap = self._variance_gap(dot(natural, natural), across_mean, along_mean)
        projection = m[..., :, None] * m[..., None, :]
        return eye * diagonal[..., None] + (1 - eye) * gap[..., None, None] * projection

    def _variance_gap(self, square: Array, across_mean: Array, along_mean: Array) -> Array:
        """ρ′ − ρ/κ, of small κ as −κ²a(a − b), a = ρ/κ, b the same of two dimensions more."""
        if is_foreign(square):
            return along_mean - across_mean
        beyond, _ = bessel.variances(self._order + 1, square)
        small = -square * across_mean * (across_mean - beyond)
        return np.where(square < self.dimension, small, along_mean - across_mean)

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

    def _concentration(self, concentration: Any) -> Array:
        """κ as an array, which must not be negative."""
        kappa = real(concentration, self.name, "concentration")
        require(kappa >= 0, self.name, "the concentration must not be negative", kappa)
        return kappa

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
