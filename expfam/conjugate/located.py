"""Priors of Gaussians: Normal, NormalGamma and NormalWishart laws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam import sampling
from expfam.arrays import require, scalar
from expfam.conjugate.form import WHO, Classical, Form, positive, taken, vector
from expfam.conjugate.remainders import (
    grown_deviance,
    growth_divergence,
    ratio_divergence,
    remainder,
    remainder_divergence,
)
from expfam.deviances import deviance_of_difference

_LOG_2, _LOG_2PI, _LOG_PI = math.log(2.0), math.log(2 * math.pi), math.log(math.pi)


class NormalForm(Form):
    """Known covariance Σ: A is quadratic, and the mean is Normal(χ/ν, Σ/ν)."""

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.line = not family.event_shape  # whether x is a number
        covariance = family.variance if self.line else family.covariance
        self.covariance = np.atleast_2d(covariance)
        self.dimension = len(self.covariance)

    def remainder(self, prior: Any) -> np.ndarray:
        log_det = np.linalg.slogdet(self.covariance)[1]
        return 0.5 * self.dimension * (_LOG_2PI - np.log(prior.exposure)) - 0.5 * log_det

    def change(self, new: Any, old: Any) -> np.ndarray:
        return -0.5 * self.dimension * np.log1p((new.exposure - old.exposure) / old.exposure)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        spread = 0.5 * self.dimension * ratio_divergence(q.exposure, p.exposure)
        away = p._away(q)
        square = away * self.family._mean_to_natural(away)  # Δmᵀ Σ⁻¹ Δm
        return spread + 0.5 * q.exposure * (square if self.line else square.sum(axis=-1))

    def classical(self, prior: Any) -> Classical:
        if self.line:
            variance = self.family.variance / prior.exposure
            parameters = {"mean": scalar(prior._mean), "variance": scalar(variance)}
        else:
            covariance = self.covariance / vector(vector(prior.exposure))
            parameters = {"mean": prior._mean, "covariance": covariance}
        return Classical("Normal", "the mean", parameters)

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        if self.line:
            mean, spread = taken(self.family, "Normal", parameters, mean=(), variance=())
            exposure = self.family.variance / positive(spread, "variance")
            return exposure * mean, exposure
        d = self.dimension
        mean, spread = taken(self.family, "Normal", parameters, mean=(d,), covariance=(d, d))
        exposure = self.covariance[0, 0] / positive(spread[..., 0, 0], "covariance[0, 0]")
        ok = np.isclose(spread * vector(vector(exposure)), self.covariance, 1e-12, 0.0)
        rule = "covariance must be a multiple of that of the family, or the prior is not conjugate"
        require(ok, WHO, rule, spread)
        return vector(exposure) * mean, exposure

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """η = Σ⁻¹m is Normal(Σ⁻¹χ/ν, Σ⁻¹/ν)."""
        exposure = np.asarray(prior.exposure)
        z = sampling.normal(source, (*shape, *exposure.shape, self.dimension))
        root = np.linalg.inv(np.linalg.cholesky(self.covariance))
        away = z @ root / np.sqrt(vector(exposure))
        return prior._peak + (away[..., 0] if self.line else away)


class _Scaled(Form):
    """Unknown mean m and precision P: the exposure counts observations of m, `scale_exposure` of P.

        A = A₁ + A₂,  A₁ = ½ mᵀPm,  A₂ = −½ log det P,      π ∝ exp(⟨η, χ⟩ − νA₁ − ν₂A₂) dη

    The law of P is a Gamma or Wishart with the sizes aⱼ, as arguments of Γ.
    """

    def spread(self, mean: np.ndarray, factor: np.ndarray) -> np.ndarray:
        """The mean parameter with its covariance times a factor."""
        point = self._location(mean)
        at = self.family._sufficient_statistic(point if self.family.event_shape else point[..., 0])
        return at + vector(factor) * (mean - at)

    def half_log_det(self, natural: np.ndarray) -> np.ndarray:
        """½ log det P, the entropy less that of the unit covariance."""
        mean = self.family._natural_to_mean(natural)
        return 0.5 * self.dimension * (1 + _LOG_2PI) - self.family._entropy(natural, mean)

    def _location(self, parameter: np.ndarray) -> np.ndarray:
        """The part of x itself in a mean, natural or total."""
        return np.asarray(parameter)[..., : self.dimension]

    @property
    def dimension(self) -> int:
        return self.family.event_shape[0] if self.family.event_shape else 1


class NormalGammaForm(_Scaled):
    """Independent entries: m given τ is Normal(χ₁/ν, 1/ντ), τ is Gamma(a, b).

    One τ for d entries (`IsotropicGaussian`; `Gaussian` is d = 1), or one each, where d is 1
    (`DiagonalGaussian`): a = d(ν₂ + 1)/2 + 1, b = ½(χ₂ − |χ₁|²/ν).
    """

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.scales = family.natural_shape[0] - self.dimension
        self.entries = self.dimension // self.scales
        self.least_scale = -1 - 2 / self.entries

    def remainder(self, prior: Any) -> np.ndarray:
        """Of each τ, −log 2 + (d/2) log(2π/ν) + ρ(a) + D(a, νd/2) − (a − νd/2) log v."""
        a, half = self._shape(prior), 0.5 * self.entries * np.asarray(prior.exposure)
        gap = 0.5 * self.entries * (prior.scale_exposure - prior.exposure + 1) + 1
        value = remainder(a) + deviance_of_difference(a, half, gap) - _LOG_2
        value = value + 0.5 * self.entries * (_LOG_2PI - np.log(prior.exposure))
        variance = self._rate(prior) / vector(half)
        return self.scales * value - gap * np.log(variance).sum(axis=-1)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        a, new, b = self._shape(p), self._shape(q), self._rate(p)
        growth, ratio = self._rate_change(p, q) / b, self._rate(q) / b
        value = grown_deviance(vector(new), vector(a), growth, ratio).sum(axis=-1)
        value = value + self.scales * remainder_divergence(new, a)
        value = value + 0.5 * self.dimension * ratio_divergence(q.exposure, p.exposure)
        square = self._per_scale(self._location(p._away(q)) ** 2)
        return value + 0.5 * q.exposure * (vector(a) / b * square).sum(axis=-1)

    def classical(self, prior: Any) -> Classical:
        mean, rate = self._location(prior._mean), self._rate(prior)
        if not self.family.event_shape:
            mean = mean[..., 0]
        if self.scales == 1:
            rate = rate[..., 0]
        parameters = {"mean": mean, "exposure": prior.exposure, "shape": self._shape(prior)}
        parameters = {
            name: scalar(np.asarray(x)) for name, x in (parameters | {"rate": rate}).items()
        }
        return Classical("NormalGamma", "the mean and the precision", parameters)

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        shapes = {"mean": self.family.event_shape, "exposure": (), "shape": ()}
        shapes["rate"] = (self.scales,) if self.scales > 1 else ()
        mean, exposure, shape, rate = taken(self.family, "NormalGamma", parameters, **shapes)
        mean = mean if self.family.event_shape else vector(mean)
        rate = rate if self.scales > 1 else vector(rate)
        linear = vector(exposure) * mean
        quadratic = 2 * rate + self._per_scale(linear * mean)
        lead = np.broadcast_shapes(linear.shape[:-1], quadratic.shape[:-1])
        parts = [np.broadcast_to(x, (*lead, x.shape[-1])) for x in (linear, quadratic)]
        return np.concatenate(parts, axis=-1), exposure, 2 * (shape - 1) / self.entries - 1

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        rate = self._rate(prior)
        a = np.broadcast_to(vector(self._shape(prior)), rate.shape)
        precision = sampling.gamma(source, a, shape) / rate
        each = np.repeat(precision, self.entries, axis=-1)
        z = sampling.normal(source, each.shape)
        linear = each * self._location(prior._mean) + np.sqrt(each / vector(prior.exposure)) * z
        return np.concatenate([linear, -0.5 * precision], axis=-1)

    def _shape(self, prior: Any) -> np.ndarray:
        return 0.5 * self.entries * (prior.scale_exposure + 1) + 1

    def _rate(self, prior: Any) -> np.ndarray:
        linear, quadratic = self._location(prior.total), prior.total[..., self.dimension :]
        return 0.5 * (quadratic - self._per_scale(linear * self._location(prior._mean)))

    def _rate_change(self, p: Any, q: Any) -> np.ndarray:
        """b_q − b_p = ½(Δχ₂ − 2mΔχ₁ + m²Δν − ν_q Δm²), as the rates themselves may nearly agree."""
        mean, more, away = (self._location(x) for x in (p._mean, q.total - p.total, p._away(q)))
        cross = mean * (mean * vector(q.exposure - p.exposure) - 2 * more)
        cross = cross - vector(q.exposure) * away * away
        return 0.5 * ((q.total - p.total)[..., self.dimension :] + self._per_scale(cross))

    def _per_scale(self, entries: np.ndarray) -> np.ndarray:
        return entries.sum(axis=-1, keepdims=True) if self.scales == 1 else entries


class NormalWishartForm(_Scaled):
    """m given P is Normal(χ₁/ν, (νP)⁻¹), P is Wishart(n, S⁻¹), n = ν₂ + d + 2, S = χ₂ − χ₁χ₁ᵀ/ν.

    The coordinates are those of η₁ and the d(d + 1)/2 entries of η₂ on and below the diagonal.
    """

    least_scale = -3.0

    def remainder(self, prior: Any) -> np.ndarray:
        """Σⱼ ρ(aⱼ) + D(aⱼ, ν/2) − ½j log(ν/2), with aⱼ = (n − j)/2 and j < d; and constants."""
        d, j = self.dimension, np.arange(self.dimension)
        half = vector(0.5 * np.asarray(prior.exposure))
        sizes = self._sizes(prior)
        gap = 0.5 * (vector(prior.scale_exposure - np.asarray(prior.exposure)) + d + 2 - j)
        value = remainder(sizes) + deviance_of_difference(sizes, half, gap) - 0.5 * j * np.log(half)
        log_det = np.linalg.slogdet(self._inverse_scale(prior) / vector(2 * half))[1]
        constant = 0.25 * d * (d - 1) * _LOG_PI - 0.5 * d * (d + 1) * _LOG_2
        constant = constant + 0.5 * d * (_LOG_2PI - np.log(prior.exposure))
        return value.sum(axis=-1) + constant - gap[..., 0] * log_det

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """Σⱼ D(aⱼ′, aⱼeⱼ) + B_ρ(aⱼ′‖aⱼ) + ½j(eⱼ − 1 − log eⱼ) of P, eⱼ the eigenvalues of S⁻¹S′;
        of the means given P, (d/2)(r − 1 − log r) + ½ν′n ΔmᵀS⁻¹Δm, r = ν′/ν.
        """
        old, new, j = self._sizes(p), self._sizes(q), np.arange(self.dimension)
        before, after = self._inverse_scale(p), self._inverse_scale(q)
        root = np.linalg.inv(np.linalg.cholesky(before))
        growth, ratio = (
            np.linalg.eigvalsh(root @ scale @ np.swapaxes(root, -1, -2))
            for scale in (self._inverse_scale_change(p, q), after)
        )
        value = grown_deviance(new, old, growth, ratio) + remainder_divergence(new, old)
        value = value + 0.5 * j * growth_divergence(growth, ratio)
        value = value.sum(axis=-1)
        value = value + 0.5 * self.dimension * ratio_divergence(q.exposure, p.exposure)
        away = (root @ self._location(p._away(q))[..., None])[..., 0]
        return value + q.exposure * old[..., 0] * (away**2).sum(axis=-1)

    def classical(self, prior: Any) -> Classical:
        parameters = {
            "mean": self._location(prior._mean),
            "exposure": scalar(np.asarray(prior.exposure)),
            "degrees": scalar(2 * self._sizes(prior)[..., 0]),
            "inverse_scale": self._inverse_scale(prior),
        }
        return Classical("NormalWishart", "the mean and the precision", parameters)

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        d = self.dimension
        shapes = {"mean": (d,), "exposure": (), "degrees": (), "inverse_scale": (d, d)}
        mean, exposure, degrees, scale = taken(self.family, "NormalWishart", parameters, **shapes)
        linear = vector(exposure) * mean
        quadratic = scale + linear[..., :, None] * mean[..., None, :]
        return self.family._join(linear, quadratic), exposure, degrees - d - 2

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """P = L⁻ᵀBBᵀL⁻¹ of S = LLᵀ, with B Bartlett's triangle: m from ν^−½ L B⁻ᵀ z."""
        d, sizes = self.dimension, self._sizes(prior)
        below = np.tril(sampling.normal(source, (*shape, *sizes.shape, d)), -1)
        diagonal = np.sqrt(2 * sampling.gamma(source, sizes, shape))
        triangle = below + diagonal[..., None] * np.eye(d)
        root = np.linalg.inv(np.linalg.cholesky(self._inverse_scale(prior)))
        half = np.swapaxes(root, -1, -2) @ triangle
        precision = half @ np.swapaxes(half, -1, -2)
        z = sampling.normal(source, (*shape, *sizes.shape)) / np.sqrt(vector(prior.exposure))
        linear = precision @ self._location(prior._mean)[..., None] + half @ z[..., None]
        return self.family._join(linear[..., 0], -0.5 * precision)

    def _sizes(self, prior: Any) -> np.ndarray:
        return 0.5 * (vector(prior.scale_exposure) + self.dimension + 2 - np.arange(self.dimension))

    def _inverse_scale_change(self, p: Any, q: Any) -> np.ndarray:
        """S_q − S_p = Δχ₂ − mΔχ₁ᵀ − Δχ₁mᵀ + mmᵀΔν − ν_q ΔmΔmᵀ."""
        linear, quadratic = self.family._split(q.total - p.total)
        mean, away = self._location(p._mean), self._location(p._away(q))
        half = 0.5 * mean * vector(q.exposure - p.exposure) - linear
        cross = mean[..., :, None] * half[..., None, :]
        square = vector(vector(q.exposure)) * away[..., :, None] * away[..., None, :]
        change = quadratic + cross + np.swapaxes(cross, -1, -2) - square
        return 0.5 * (change + np.swapaxes(change, -1, -2))

    def _inverse_scale(self, prior: Any) -> np.ndarray:
        linear, quadratic = self.family._split(prior.total)
        mean = self._location(prior._mean)
        scale = quadratic - linear[..., :, None] * mean[..., None, :]
        return 0.5 * (scale + np.swapaxes(scale, -1, -2))
