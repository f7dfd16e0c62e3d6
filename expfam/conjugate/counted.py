"""Priors by Γ functions of sums: Dirichlet, Beta and Gamma laws."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from expfam import sampling
from expfam.arrays import require, scalar, sum_precision
from expfam.conjugate.form import WHO, Classical, Form, taken, vector
from expfam.conjugate.points import balanced
from expfam.conjugate.remainders import (
    grown_deviance,
    remainder,
    remainder_change,
    remainder_divergence,
)
from expfam.special import log_softmax, softmax, softplus


class _Gammas(Form):
    """Z = ∏ Γ(sizes)/Γ(level), where the level is the sum of the sizes; else ∏ Γ(size)/level^size.

    R is Σ ρ(sizes), less ρ(level) in the first case, and a constant.
    """

    constant = 0.0
    summed = True  # whether the level is the sum of the sizes

    @abc.abstractmethod
    def sizes(self, prior: Any) -> np.ndarray:
        """The arguments of Γ: batch + (k,)."""

    def level(self, prior: Any) -> np.ndarray:
        return self.sizes(prior).sum(axis=-1)

    def remainder(self, prior: Any) -> np.ndarray:
        value = remainder(self.sizes(prior)).sum(axis=-1) + self.constant
        return value - remainder(self.level(prior)) if self.summed else value

    def change(self, new: Any, old: Any) -> np.ndarray:
        """Size by size, so that what does not change leaves no rounding."""
        value = remainder_change(self.sizes(new), self.sizes(old)).sum(axis=-1)
        return value - remainder_change(self.level(new), self.level(old)) if self.summed else value

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """Σ D(a′, a·g) + B_ρ(a′‖a), less that of the level; a and a′ sizes, g the level's growth.

        It is the Bregman divergence of log Z, and D Loader's deviance, which is that of x log x.
        """
        old, new, level, after = self.sizes(p), self.sizes(q), self.level(p), self.level(q)
        more = (new - old).sum(axis=-1) if self.summed else after - level
        value = grown_deviance(new, old, vector(more / level), vector(after / level))
        value = (value + remainder_divergence(new, old)).sum(axis=-1)
        if self.summed:
            value = value - remainder_divergence(after, level, more)
        return np.maximum(value, 0.0)


class DirichletForm(_Gammas):
    """K categories: Z = ∏ Γ(χᵢ)/Γ(ν) in K − 1 log-odds, whichever; p is Dirichlet(χ)."""

    def sizes(self, prior: Any) -> np.ndarray:
        return np.asarray(prior.total)

    def settled(self, total: np.ndarray, exposure: np.ndarray, *came: np.ndarray) -> np.ndarray:
        whole, precision = total.sum(axis=-1), sum_precision(1e-9, total, *came)
        rule = "exposure must be the sum of total"
        require(abs(whole - exposure) <= precision * exposure, WHO, rule, exposure)
        return whole

    def classical(self, prior: Any) -> Classical:
        return Classical("Dirichlet", "the probabilities", {"alpha": prior.total})

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        shape = self.family.natural_shape
        (alpha,) = taken(self.family, "Dirichlet", parameters, alpha=shape)
        return alpha, alpha.sum(axis=-1)

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return log_softmax(sampling.gamma(source, prior.total, shape, log=True))

    def jeffreys(self) -> tuple[Any, Any]:
        total = np.full(self.family.natural_shape, 0.5)
        return total, total.sum()


class SimplexForm(_Gammas):
    """Finitely many points Tⱼ, none in the affine span of the others: p is Dirichlet(α).

    α are the weights with Σ αⱼTⱼ = χ and Σ αⱼ = ν; log-odds are edges·η + log h, so that
    Z = ∏ Γ(αⱼ)/Γ(ν) · ∏ hⱼ^−αⱼ / |det(edges)|.
    """

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.statistic = family.statistic.astype(float)
        self.edges = self.statistic[1:] - self.statistic[0]
        self.constant = -float(np.linalg.slogdet(self.edges)[1])

    def sizes(self, prior: Any) -> np.ndarray:
        sizes = vector(prior.exposure) * softmax(self.family._exponents(prior._peak))
        return balanced(sizes, self.statistic, prior.total, prior.exposure)

    def classical(self, prior: Any) -> Classical:
        return Classical("Dirichlet", "the probabilities", {"alpha": self.sizes(prior)})

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        (alpha,) = taken(self.family, "Dirichlet", parameters, alpha=(len(self.statistic),))
        return alpha @ self.statistic, alpha.sum(axis=-1)

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        log_p = sampling.gamma(source, self.sizes(prior), shape, log=True)
        log_odds = log_p - self.family._exponents(np.zeros(len(self.edges)))
        log_odds = log_odds[..., 1:] - log_odds[..., :1]
        return np.linalg.solve(self.edges, log_odds[..., None])[..., 0]

    def jeffreys(self) -> tuple[Any, Any]:
        return 0.5 * self.statistic.sum(axis=0), 0.5 * len(self.statistic)


class BetaForm(_Gammas):
    """Binomial: Z = B(χ, ν − χ); the probability of success is Beta(χ, ν − χ)."""

    def sizes(self, prior: Any) -> np.ndarray:
        return np.stack([prior.total, prior.exposure - prior.total], axis=-1)

    def classical(self, prior: Any) -> Classical:
        parameters = {"alpha": scalar(prior.total), "beta": scalar(prior.exposure - prior.total)}
        return Classical("Beta", "the probability of success", parameters)

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        alpha, beta = taken(self.family, "Beta", parameters, alpha=(), beta=())
        return alpha, alpha + beta

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        success = sampling.gamma(source, prior.total, shape, log=True)
        return success - sampling.gamma(source, prior.exposure - prior.total, shape, log=True)

    def jeffreys(self) -> tuple[Any, Any]:
        return 0.5, 1.0


class FailuresForm(_Gammas):
    """Failures before the r-th success: Z = B(χ, rν + 1) in η; P(success) is Beta(rν + 1, χ)."""

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.successes = getattr(family, "successes", 1.0)  # Geometric is r = 1
        self.shift = 1 / self.successes

    def sizes(self, prior: Any) -> np.ndarray:
        return np.stack([prior.total, self._alpha(prior)], axis=-1)

    def classical(self, prior: Any) -> Classical:
        parameters = {"alpha": scalar(self._alpha(prior)), "beta": scalar(prior.total)}
        return Classical("Beta", "the probability of success", parameters)

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        alpha, beta = taken(self.family, "Beta", parameters, alpha=(), beta=())
        return beta, (alpha - 1) / self.successes

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        failure = sampling.gamma(source, prior.total, shape, log=True)
        success = sampling.gamma(source, self._alpha(prior), shape, log=True)
        return -softplus(success - failure)  # log P(failure)

    def _alpha(self, prior: Any) -> np.ndarray:
        return self.successes * prior.exposure + 1


class RateForm(_Gammas):
    """Poisson: Z = Γ(χ)/ν^χ; the rate is Gamma(χ, ν)."""

    summed = False

    def sizes(self, prior: Any) -> np.ndarray:
        return vector(prior.total)

    def level(self, prior: Any) -> np.ndarray:
        return np.asarray(prior.exposure)

    def classical(self, prior: Any) -> Classical:
        parameters = {"shape": scalar(prior.total), "rate": scalar(prior.exposure)}
        return Classical("Gamma", "the rate", parameters)

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        shape, rate = taken(self.family, "Gamma", parameters, shape=(), rate=())
        return shape, rate

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.gamma(source, prior.total, shape, log=True) - np.log(prior.exposure)


class ScaleForm(_Gammas):
    """A(η) = −c log(−η/c): Z = c Γ(cν + 1)/(cχ)^{cν + 1}; −η/c is Gamma(cν + 1, cχ).

    Exponential numbers have c = 1, and −η is the rate; Gaussians of known mean have c = ½, and −2η
    is the precision.
    """

    summed = False

    def __init__(self, family: Any, power: float, of: str) -> None:
        super().__init__(family)
        self.power, self.of = power, of
        self.shift, self.constant = 1 / power, float(np.log(power))

    def sizes(self, prior: Any) -> np.ndarray:
        return vector(self._shape(prior))

    def level(self, prior: Any) -> np.ndarray:
        return np.asarray(prior.total)

    def classical(self, prior: Any) -> Classical:
        rate = self.power * prior.total
        return Classical(
            "Gamma", self.of, {"shape": scalar(self._shape(prior)), "rate": scalar(rate)}
        )

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        shape, rate = taken(self.family, "Gamma", parameters, shape=(), rate=())
        return rate / self.power, (shape - 1) / self.power

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return -sampling.gamma(source, self._shape(prior), shape) / prior.total

    def _shape(self, prior: Any) -> np.ndarray:
        return self.power * prior.exposure + 1
