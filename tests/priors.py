"""Priors of every kind with data for them, and log Z in many digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from expfam import (
    Binomial,
    Categorical,
    ChiSquared,
    ConjugatePrior,
    DiagonalGaussian,
    Exponential,
    Gamma,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    IsotropicGaussian,
    Laplace,
    LogNormal,
    Multinomial,
    MultivariateGaussian,
    MultivariateGaussianKnownCovariance,
    NegativeBinomial,
    Pareto,
    Poisson,
    Rayleigh,
    Weibull,
)

SIGMA = [[2.0, 1.0], [1.0, 1.0]]


def close(value, expected, rtol=1e-12, atol=0.0):
    np.testing.assert_allclose(
        np.asarray(value, dtype=float), np.asarray(expected, dtype=float), rtol, atol
    )


def prior_of(family, **parameters):
    return ConjugatePrior.from_classical(family, **parameters)


# id: (prior, observations); every closed form, and one transformed family of each kind
CLOSED = {
    "Binomial": (prior_of(Binomial(4), alpha=1.5, beta=0.7), [1, 4, 0]),
    "Multinomial": (prior_of(Multinomial(3, 4), alpha=[0.5, 2.0, 1.0]), [[1, 0, 3], [0, 0, 4]]),
    "Categorical": (prior_of(Categorical(3), alpha=[0.5, 2.0, 1.0]), [1, 2, 2, 0]),
    "Geometric": (prior_of(Geometric(), alpha=0.5, beta=2.0), [0, 3, 1]),
    "NegativeBinomial": (prior_of(NegativeBinomial(2.5), alpha=3.0, beta=0.5), [0, 3, 1]),
    "Poisson": (prior_of(Poisson(), shape=1.5, rate=0.5), [0, 3, 1]),
    "Exponential": (prior_of(Exponential(), shape=0.5, rate=2.0), [0.5, 3.0]),
    "Weibull": (prior_of(Weibull(0.7), shape=2.0, rate=2.0), [0.5, 3.0]),
    "Rayleigh": (prior_of(Rayleigh(), shape=2.0, rate=2.0), [0.5, 3.0]),
    "Pareto": (prior_of(Pareto(2.0), shape=2.0, rate=2.0), [2.5, 3.0]),
    "Laplace": (prior_of(Laplace(1.0), shape=2.0, rate=2.0), [2.5, -3.0]),
    "GaussianKnownMean": (prior_of(GaussianKnownMean(2.0), shape=0.3, rate=2.0), [1.0, 4.0]),
    "GaussianKnownVariance": (
        prior_of(GaussianKnownVariance(4.0), mean=1.0, variance=2.0),
        [1.0, 4.0, 5.0],
    ),
    "MultivariateGaussianKnownCovariance": (
        prior_of(
            MultivariateGaussianKnownCovariance(SIGMA),
            mean=[1.0, -1.0],
            covariance=np.divide(SIGMA, 3),
        ),
        [[1.0, 0.0], [2.0, 3.0]],
    ),
    "Gaussian": (
        prior_of(Gaussian(), mean=1.0, exposure=0.5, shape=1.5, rate=2.0),
        [1.0, 2.0, 4.0],
    ),
    "LogNormal": (
        prior_of(LogNormal(), mean=1.0, exposure=0.5, shape=0.7, rate=2.0),
        [1.0, 2.0, 4.0],
    ),
    "IsotropicGaussian": (
        prior_of(IsotropicGaussian(2), mean=[1.0, 0.0], exposure=0.5, shape=1.5, rate=2.0),
        [[1.0, 2.0], [0.0, 3.0]],
    ),
    "DiagonalGaussian": (
        prior_of(DiagonalGaussian(2), mean=[1.0, 0.0], exposure=2.0, shape=1.5, rate=[2.0, 1.0]),
        [[1.0, 2.0], [0.0, 3.0]],
    ),
    "MultivariateGaussian": (
        prior_of(
            MultivariateGaussian(2),
            mean=[1.0, 0.0],
            exposure=2.0,
            degrees=3.5,
            inverse_scale=SIGMA,
        ),
        [[1.0, 2.0], [0.0, 3.0]],
    ),
}
NUMERICAL = {
    "ChiSquared": (ConjugatePrior.from_mean(ChiSquared(), 1.0, 2.0), [0.5, 4.0]),
    "Gamma": (ConjugatePrior.from_mean(Gamma(), [0.2, 1.5], 2.0), [0.5, 4.0]),
}
ALL = CLOSED | NUMERICAL


def cases(of, slow=()):
    marks = {name: pytest.mark.slow if name in slow else () for name in of}
    each = [pytest.param(*of[name], id=name, marks=marks[name]) for name in of]
    return pytest.mark.parametrize(("prior", "x"), each)


def numbers(prior):
    """χ, ν and ν₂ of a prior as they are stored, for `log_z`."""
    second = 0.0 if prior.scale_exposure is None else prior.scale_exposure
    values = [*np.ravel(prior.total), prior.exposure, second]
    *chi, nu, second = (mp.mpf(float(x)) for x in values)
    return chi, nu, second


def log_z(family, chi, nu, second):
    """log Z in many digits, from the classical forms of Z and the Jacobians of η."""
    if isinstance(family, Multinomial | Categorical):
        return sum(map(mp.loggamma, chi)) - mp.loggamma(mp.fsum(chi))
    if isinstance(family, Binomial):
        return mp.loggamma(chi[0]) + mp.loggamma(nu - chi[0]) - mp.loggamma(nu)
    if isinstance(family, Geometric | NegativeBinomial):
        a = mp.mpf(getattr(family, "successes", 1)) * nu + 1
        return mp.loggamma(chi[0]) + mp.loggamma(a) - mp.loggamma(chi[0] + a)
    if isinstance(family, Poisson):
        return mp.loggamma(chi[0]) - chi[0] * mp.log(nu)
    if isinstance(family, Exponential | Weibull | Rayleigh | Pareto | Laplace):
        return mp.loggamma(nu + 1) - (nu + 1) * mp.log(chi[0])
    if isinstance(family, GaussianKnownMean):
        return mp.loggamma(nu / 2 + 1) - (nu / 2 + 1) * mp.log(chi[0] / 2) - mp.log(2)
    if isinstance(family, GaussianKnownVariance):
        v = mp.mpf(family.variance)
        return mp.log(2 * mp.pi / (nu * v)) / 2 + chi[0] ** 2 / (2 * nu * v)
    if isinstance(family, MultivariateGaussianKnownCovariance):
        sigma, c = mp.matrix(family.covariance.tolist()), mp.matrix(chi)
        square = (c.T * mp.inverse(sigma) * c)[0]
        d = len(chi)
        return d * mp.log(2 * mp.pi / nu) / 2 - mp.log(mp.det(sigma)) / 2 + square / (2 * nu)
    if isinstance(family, MultivariateGaussian):
        d = family.dimension
        m = mp.matrix(chi[:d]) / nu
        s = mp.matrix(d, d)
        for i in range(d):
            for j in range(d):
                s[i, j] = chi[d + d * i + j] - nu * m[i] * m[j]
        n = second + d + 2
        value = d * mp.log(2 * mp.pi / nu) / 2 - d * (d + 1) * mp.log(2) / 2
        value += n * d * mp.log(2) / 2 - n * mp.log(mp.det(s)) / 2 + d * (d - 1) * mp.log(mp.pi) / 4
        return value + sum(mp.loggamma((n - j) / 2) for j in range(d))
    d = family.dimension if isinstance(family, IsotropicGaussian | DiagonalGaussian) else 1
    each = d // (len(chi) - d)
    value = mp.mpf(0)
    for k in range(len(chi) - d):
        entries = chi[k * each : (k + 1) * each]
        b = (chi[d + k] - sum(c * c for c in entries) / nu) / 2
        a = each * (second + 1) / 2 + 1
        value += each * mp.log(2 * mp.pi / nu) / 2 + mp.loggamma(a) - a * mp.log(b) - mp.log(2)
    return value
