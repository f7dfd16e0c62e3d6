"""Conjugate priors against mpmath, scipy.stats, quadrature, and themselves observed one by one."""

from __future__ import annotations

import dataclasses
import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from expfam import (
    Binomial,
    Categorical,
    ChiSquared,
    ConjugatePrior,
    DiagonalGaussian,
    Exponential,
    ExponentialFamily,
    Gamma,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    InverseGamma,
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
from expfam.conjugate.remainders import (
    ratio_divergence,
    remainder,
    remainder_change,
    remainder_divergence,
)

SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, database=None)
SIGMA = [[2.0, 1.0], [1.0, 1.0]]


def close(value, expected, rtol=1e-12, atol=0.0):
    np.testing.assert_allclose(
        np.asarray(value, dtype=float), np.asarray(expected, dtype=float), rtol, atol
    )


def prior_of(family, **parameters):
    return ConjugatePrior.from_classical(family, **parameters)


@dataclasses.dataclass(frozen=True, eq=False)
class Many(ExponentialFamily):
    """Three numbers: more than are integrated."""

    natural_shape = (3,)
    event_shape = (3,)
    _sufficient_statistic = _log_partition = _natural_to_mean = _fisher_information = _draw = None


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


# ------------------------------------------------------------ remainders of log Γ


def rho(x):
    x = mp.mpf(float(x))
    return mp.loggamma(x) - x * mp.log(x) + x


@pytest.mark.parametrize("old", [1e-12, 1e-3, 0.7, 3.0, 15.9, 16.1, 900.0, 1e8, 1e15])
@pytest.mark.parametrize("by", [1e-6, 0.3, 0.51, 0.999, 1 + 1e-7, 1.01, 1.9, 2.1, 1e3, 1e9])
def test_remainders_and_divergences_are_those_of_many_digits(old, by):
    with mp.workdps(90):
        new = old * by
        one, two = np.array([new]), np.array([old])
        a, b = mp.mpf(new), mp.mpf(old)
        close(remainder(two)[0], rho(old), 1e-13, 1e-14)
        close(remainder_change(one, two)[0], rho(new) - rho(old), 1e-13, 1e-13)
        slope = mp.digamma(b) - mp.log(b)
        close(remainder_divergence(one, two)[0], rho(new) - rho(old) - (a - b) * slope, 3e-13)
        close(ratio_divergence(one, two)[0], a / b - 1 - mp.log(a / b), 1e-14)


# ------------------------------------------------------------ log Z


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


@cases(CLOSED)
def test_log_z_and_evidence_are_those_of_many_digits(prior, x):
    with mp.workdps(60):
        old = log_z(prior.family, *numbers(prior))
        new = log_z(prior.family, *numbers(prior.update(x)))
        close(prior.log_normalizer, old, 1e-13, 1e-13)
        close(prior.log_evidence(x, base_measure=False), new - old)


@cases(ALL)
def test_the_density_is_that_of_the_definition(prior, x):
    core = prior._form.family
    natural = np.array([prior.update(x).update(x)._peak, prior._peak])
    extra = 0.0
    if prior.scale_exposure is not None:
        entropy = core.from_natural(natural).entropy()
        d = prior._form.dimension
        half_log_det = d * (1 + math.log(2 * math.pi)) / 2 - entropy
        extra = (prior.scale_exposure - prior.exposure) * half_log_det
    inner = (natural * prior.total).sum(axis=tuple(range(1, natural.ndim)))
    expected = inner - prior.exposure * core.log_partition(natural) - prior.log_normalizer + extra
    close(prior.log_prob(natural), expected, 1e-11, 1e-12)


LINES = {name: case for name, case in ALL.items() if not case[0].family.natural_shape}


@cases(LINES)
def test_densities_integrate_to_one_and_their_means_are_those_of_the_theorem(prior, x):
    """By quadrature over η itself; after data, when no tail is heavy."""
    prior = prior.update(x)
    family, core = prior.family, prior._form.family
    low, high = -np.inf, 0.0
    if isinstance(family, Binomial | Poisson | GaussianKnownVariance):
        high = np.inf
    if isinstance(family, ChiSquared):
        low, high = -1.0, np.inf
    peak = float(prior._peak)
    width = 1 / math.sqrt(float(prior.exposure) * float(core.fisher_information(peak)))

    def total(f):
        ends = [low, *(peak + width * np.array([-9, -3, 0, 3, 9])), high]
        ends = sorted({min(max(end, low), high) for end in ends})
        return sum(
            integrate.quad(f, a, b, epsabs=1e-13, epsrel=1e-12)[0]
            for a, b in itertools.pairwise(ends)
        )

    def density(natural):
        try:
            return math.exp(prior.log_prob(natural))
        except ValueError:  # beyond what a double can tell of the family
            return 0.0

    def mean(natural):
        value = density(natural)
        return value and value * core.natural_to_mean(natural)

    close(total(density), 1.0, 1e-10)
    close(total(mean), prior.mean, 1e-9)


def test_two_coordinates_integrate_to_one():
    """Over the mean and the log of the precision, dη = ½τ² dm d log τ."""
    prior = prior_of(Gaussian(), mean=1.0, exposure=3.0, shape=4.0, rate=2.0)
    m, log_t = np.linspace(-9, 11, 801), np.linspace(-4, 4, 801)
    t = np.exp(log_t)
    points = np.stack([m[:, None] * t, np.broadcast_to(-t / 2, (801, 801))], axis=-1)
    density = np.exp(prior.log_prob(points)) * t**2 / 2
    value = integrate.trapezoid(integrate.trapezoid(density, log_t, axis=1), m)
    assert abs(value - 1) < 1e-5


def test_of_matrices_it_is_normal_times_wishart():
    prior, _ = CLOSED["MultivariateGaussian"]
    precision, mean = np.array([[1.5, 0.3], [0.3, 0.8]]), np.array([0.4, -1.0])
    family = prior.family
    member = family.from_mean_covariance(mean, np.linalg.inv(precision))
    law = stats.multivariate_normal([1.0, 0.0], np.linalg.inv(2 * precision)).logpdf(mean)
    law += stats.wishart(3.5, np.linalg.inv(SIGMA)).logpdf(precision)
    # dη₁ dη₂ = det P · 2⁻³ dm dP
    law += 3 * math.log(2) - np.linalg.slogdet(precision)[1]
    close(prior.log_prob(member.natural_parameter), law)


def test_integrals_are_those_of_many_digits():
    """ChiSquared by its integral; of Gamma the rate integrates to a Γ function (Damsleth 1975)."""
    for mean, nu in ((1.0, 3.0), (-5.0, 0.3), (1.0, 1e4)):
        prior = ConjugatePrior.from_mean(ChiSquared(), mean, nu)
        chi, nu = (mp.mpf(float(v)) for v in (prior.total, prior.exposure))

        def log_density(eta, chi=chi, nu=nu):
            return eta * chi - nu * (mp.loggamma(eta + 1) + (eta + 1) * mp.log(2))

        close(prior.log_normalizer, log_integral(log_density, prior._peak, -1))
    for mean, nu in (([0.2, 1.5], 0.2), ([-3.0, 1.0], 50.0)):
        prior = ConjugatePrior.from_mean(Gamma(), mean, nu)
        one, two, nu = (mp.mpf(float(v)) for v in (*prior.total, prior.exposure))

        def log_density(a, one=one, two=two, nu=nu):
            value = (a - 1) * one + mp.loggamma(nu * a + 1) - nu * mp.loggamma(a)
            return value - (nu * a + 1) * mp.log(two)

        close(prior.log_normalizer, log_integral(log_density, prior._peak[0] + 1, 0))
    other = ConjugatePrior(InverseGamma(), prior.total, prior.exposure)
    assert other.log_normalizer == prior.log_normalizer
    assert "total=" in repr(other)


def log_integral(log_density, peak, low):
    with mp.workdps(22):
        peak = mp.mpf(float(peak))
        top, width = log_density(peak), 1 / mp.sqrt(abs(mp.diff(log_density, peak, 2)))
        steps = (-40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40, 100, 400)
        inner = [peak + width * k for k in steps if peak + width * k > low]
        return top + mp.log(mp.quad(lambda x: mp.exp(log_density(x) - top), [low, *inner, mp.inf]))


# ------------------------------------------------------------ predictions


def test_predictions_are_laws_of_scipy():
    """Each of the classical compound laws, at ordinary counts."""
    x = np.arange(12)
    p = prior_of(Binomial(11), alpha=2.5, beta=0.3)
    close(p.log_predictive(x), stats.betabinom(11, 2.5, 0.3).logpmf(x))
    p = prior_of(Poisson(), shape=1.5, rate=0.5)
    close(p.log_predictive(x), stats.nbinom(1.5, 1 / 3).logpmf(x))
    p = prior_of(NegativeBinomial(3), alpha=2.5, beta=1.2)
    close(p.log_predictive(x), stats.betanbinom(3, 2.5, 1.2).logpmf(x), 1e-11)
    alpha = [0.3, 2.0, 1.0]
    p, counts = prior_of(Multinomial(3, 9), alpha=alpha), [[4, 4, 1], [0, 9, 0], [0, 0, 9]]
    close(p.log_predictive(counts), stats.dirichlet_multinomial(alpha, 9).logpmf(counts))
    y = np.array([0.1, 1.0, 7.0, 300.0])
    p = prior_of(Exponential(), shape=0.7, rate=2.0)
    close(p.log_predictive(y), stats.lomax(0.7, scale=2.0).logpdf(y))
    p = prior_of(Gaussian(), mean=1.0, exposure=0.5, shape=1.5, rate=2.0)
    scale = math.sqrt(2.0 * 3 / 1.5)
    close(p.log_predictive(y), stats.t(3, 1.0, scale).logpdf(y), 1e-11)
    p = prior_of(GaussianKnownVariance(4.0), mean=1.0, variance=2.0)
    close(p.log_predictive(y), stats.norm(1.0, math.sqrt(6)).logpdf(y))
    p = prior_of(GaussianKnownMean(2.0), shape=0.3, rate=2.0)
    close(p.log_predictive(y), stats.t(0.6, 2.0, math.sqrt(2 / 0.3)).logpdf(y))
    p, _ = CLOSED["MultivariateGaussian"]
    df = 3.5 - 1
    z = [[0.0, 1.0], [8.0, -3.0]]
    law = stats.multivariate_t([1.0, 0.0], np.multiply(SIGMA, 3 / 2 / df), df)
    close(p.log_predictive(z), law.logpdf(z), 1e-11)
    p, _ = CLOSED["MultivariateGaussianKnownCovariance"]
    law = stats.multivariate_normal([1.0, -1.0], np.multiply(SIGMA, 4 / 3))
    close(p.log_predictive(z), law.logpdf(z))


@cases(ALL, slow=["Gamma"])
def test_evidence_is_the_product_of_predictions_and_of_the_terms_of_bayes(prior, x):
    x = np.asarray(x)
    total, seen = 0.0, prior
    for one in x:
        total += seen.log_predictive(one)
        seen = seen.update(one)
    close(prior.log_evidence(x), total, 1e-11)
    close(prior.log_evidence(prior.family.statistics(x)), total, 1e-11)
    # log p(x) = log p(x | η) + log π(η) − log π(η | x), at any η
    member = prior.family.from_natural(prior._peak)
    bayes = member.log_likelihood(x) + prior.log_prob(member.natural_parameter)
    close(prior.log_evidence(x), bayes - seen.log_prob(member.natural_parameter), 1e-10)


def test_sequence_and_counts_differ_by_log_h():
    prior, x = CLOSED["Multinomial"]
    gap = prior.log_evidence(x) - prior.log_evidence(x, base_measure=False)
    close(gap, prior.family.log_base_measure(x).sum())


HUGE = [
    (Binomial(10**12), {"alpha": 1.0, "beta": 1.0}, 1),
    (Binomial(10**12), {"alpha": 0.5, "beta": 0.5}, 5 * 10**11),
    (Binomial(10**12), {"alpha": 1e12, "beta": 3e12}, 10**11),
    (Binomial(3), {"alpha": 1e12, "beta": 3e12}, 1),
    (Binomial(3), {"alpha": 1e-8, "beta": 1e-5}, 1),
    (Multinomial(3, 10**12), {"alpha": [1.0, 1.0, 1.0]}, [1, 10**12 - 1, 0]),
    (Multinomial(3, 10**15), {"alpha": [0.5, 1e3, 1e9]}, [10**14, 10**14, 8 * 10**14]),
    (Multinomial(2, 1), {"alpha": [1e12, 1.0]}, [1, 0]),
    (Multinomial(3, 5), {"alpha": [1e-300, 1e-10, 1e10]}, [1, 1, 3]),
    (Poisson(), {"shape": 1.0, "rate": 1e-12}, 10**12),
    (Poisson(), {"shape": 1e12, "rate": 1e6}, 10**6),
    (Poisson(), {"shape": 1.0, "rate": 1e12}, 0),
    (NegativeBinomial(3), {"alpha": 2.0, "beta": 3.0}, 10**12),
    (NegativeBinomial(1e9), {"alpha": 1e10, "beta": 3.0}, 4),
    (Exponential(), {"shape": 1e-3, "rate": 1e-3}, 1e6),
    (Exponential(), {"shape": 1e12, "rate": 1e12}, 1.5),
]


def predicted(family, prior, x):
    """log p in 80 digits, with log h by Γ."""
    with mp.workdps(80):
        log_h = mp.mpf(0)
        if isinstance(family, Binomial | Multinomial):
            counts = [x, family.trials - x] if isinstance(family, Binomial) else x
            log_h = mp.loggamma(sum(counts) + 1) - sum(mp.loggamma(c + 1) for c in counts)
        if isinstance(family, Poisson):
            log_h = -mp.loggamma(x + 1)
        if isinstance(family, NegativeBinomial):
            r = mp.mpf(family.successes)
            log_h = mp.loggamma(x + r) - mp.loggamma(r) - mp.loggamma(x + 1)
        chi, nu, _ = numbers(prior)
        new = [a + mp.mpf(b) for a, b in zip(chi, np.ravel(x).tolist(), strict=True)]
        value = log_z(family, new, nu + int(family.trials), 0) - log_z(family, chi, nu, 0)
        return value + log_h


@pytest.mark.parametrize(
    ("family", "parameters", "x"), HUGE, ids=[f"{f} {p} {x}" for f, p, x in HUGE]
)
def test_predictions_keep_their_digits_for_tiny_and_huge_counts(family, parameters, x):
    prior = prior_of(family, **parameters)
    expected = predicted(family, prior, x)
    close(prior.log_predictive(x), expected, 1e-12, 2e-15)
    close(prior.log_evidence(x), expected, 1e-12, 2e-15)


# ------------------------------------------------------------ divergences of priors


def kl_of(p, q):
    """The Bregman divergence of log Z in 80 digits, its derivative by differences of 80 digits."""
    with mp.workdps(80):
        (chi, nu, second), (new, nu_new, second_new) = numbers(p), numbers(q)

        def at(t):
            moved = [a + t * (b - a) for a, b in zip(chi, new, strict=True)]
            return log_z(
                p.family, moved, nu + t * (nu_new - nu), second + t * (second_new - second)
            )

        step = mp.mpf(10) ** -24
        slope = (at(step) - at(-step)) / (2 * step)
        return at(mp.mpf(1)) - at(mp.mpf(0)) - slope


PAIRS = [
    (Categorical(3), {"alpha": [1.0, 2.0, 3.0]}, {"alpha": [0.3, 5.0, 1.0]}),
    (Categorical(3), {"alpha": [1e6, 2e6, 3e6]}, {"alpha": [1e6 + 1, 2e6, 3e6]}),
    (Categorical(2), {"alpha": [1e12, 2e12]}, {"alpha": [1e12 + 8, 2e12 - 4]}),
    (Categorical(2), {"alpha": [1e12, 2e12]}, {"alpha": [1.0, 1.0]}),
    (Categorical(2), {"alpha": [0.5, 0.25]}, {"alpha": [0.5 + 2**-20, 0.25]}),
    (Categorical(4), {"alpha": [1e-3, 2.0, 1e5, 1.0]}, {"alpha": [1e-2, 2.5, 2e5, 1e-3]}),
    (Binomial(5), {"alpha": 2.0, "beta": 3.0}, {"alpha": 0.5, "beta": 0.5}),
    (Poisson(), {"shape": 2.0, "rate": 3.0}, {"shape": 0.5, "rate": 0.25}),
    (Poisson(), {"shape": 2e9, "rate": 3e4}, {"shape": 2e9 + 5, "rate": 3e4}),
    (Poisson(), {"shape": 2e9, "rate": 3e4}, {"shape": 4e9, "rate": 6e4}),
    (Poisson(), {"shape": 1e-3, "rate": 1e-3}, {"shape": 2e-3, "rate": 1e3}),
    (Exponential(), {"shape": 0.25, "rate": 3.0}, {"shape": 0.5, "rate": 0.25}),
    (Exponential(), {"shape": 1024.0, "rate": 3.0}, {"shape": 1025.0, "rate": 3.0}),
    (GaussianKnownMean(), {"shape": 0.25, "rate": 3.0}, {"shape": 1.5, "rate": 1.25}),
    (Geometric(), {"alpha": 0.5, "beta": 3.0}, {"alpha": 1.5, "beta": 1.25}),
    (NegativeBinomial(4), {"alpha": 9.0, "beta": 3.0}, {"alpha": 1.0, "beta": 1.25}),
]


@pytest.mark.parametrize(("family", "one", "two"), PAIRS, ids=[f"{f} {p} {q}" for f, p, q in PAIRS])
def test_kl_is_that_of_the_laws_in_many_digits(family, one, two):
    p, q = prior_of(family, **one), prior_of(family, **two)
    close(p.kl(q), kl_of(p, q))
    close(q.kl(p), kl_of(q, p))


@cases(CLOSED)
def test_kl_of_what_was_learned_is_that_of_many_digits(prior, x):
    posterior = prior.update(x)
    assert prior.kl(prior) == posterior.kl(posterior) == 0
    close(prior.kl(posterior), kl_of(prior, posterior))
    close(posterior.kl(prior), kl_of(posterior, prior))


@pytest.mark.parametrize(
    "name",
    [
        "Gaussian",
        "DiagonalGaussian",
        "IsotropicGaussian",
        "MultivariateGaussian",
        "GaussianKnownVariance",
    ],
)
def test_kl_of_close_gaussian_priors_keeps_its_digits(name):
    """A million observations, and one more."""
    prior, x = CLOSED[name]
    statistics = prior.family.statistics(x, weights=[400_000] * len(x))
    many = prior.update(statistics)
    more = many.update([x[0]])
    close(many.kl(more), kl_of(many, more), 1e-9)


@cases(NUMERICAL, slow=["Gamma"])  # a plane of integrals, six times
def test_kl_of_integrals_is_a_bregman_divergence(prior, x):
    p, q, step = prior.update(x), prior, 1e-3
    assert p.kl(p) == 0

    def at(t):
        total, exposure = (
            p.total + t * (q.total - p.total),
            p.exposure + t * (q.exposure - p.exposure),
        )
        return ConjugatePrior(p.family, total, exposure).log_normalizer

    moved = [at(k * step) for k in (-2, -1, 1, 2)]
    slope = (moved[0] - 8 * moved[1] + 8 * moved[2] - moved[3]) / (12 * step)
    close(p.kl(q), q.log_normalizer - p.log_normalizer - slope, 1e-9)


# ------------------------------------------------------------ other ways in, and out


@cases(CLOSED)
def test_classical_forms_go_in_and_out_without_loss(prior, x):
    form = prior.classical
    again = prior_of(prior.family, **form.parameters)
    for name in ("total", "exposure", "scale_exposure"):
        one, two = getattr(prior, name), getattr(again, name)
        assert (one is None) == (two is None)
        if one is not None:
            close(two, one, 4e-16, 4e-16)
    assert form.law in repr(prior)
    moved = prior.update(x).classical.parameters
    assert list(moved) == list(form.parameters)


def test_conjugate_updates_are_those_of_textbooks():
    """Murphy (2007), Conjugate Bayesian analysis of the Gaussian distribution, sections 3 and 8."""
    prior = prior_of(Gaussian(), mean=1.0, exposure=2.0, shape=3.0, rate=4.0)
    x = np.array([2.0, 5.0, 3.0, 1.0])
    new, n = prior.update(x).classical.parameters, len(x)
    close(new["mean"], (2 * 1 + x.sum()) / 6)
    close([new["exposure"], new["shape"]], [6, 3 + n / 2])
    square = ((x - x.mean()) ** 2).sum()
    close(new["rate"], 4 + square / 2 + 2 * n * (x.mean() - 1) ** 2 / (2 * 6))
    prior, _ = CLOSED["MultivariateGaussian"]
    y = np.array([[2.0, 5.0], [3.0, 1.0], [0.0, 1.0]])
    new, away = prior.update(y).classical.parameters, y.mean(axis=0) - [1, 0]
    scatter = (y - y.mean(axis=0)).T @ (y - y.mean(axis=0))
    close([new["exposure"], new["degrees"]], [5, 6.5])
    close(new["inverse_scale"], SIGMA + scatter + 2 * 3 / 5 * np.outer(away, away))
    prior = prior_of(Binomial(10), alpha=2, beta=3).update([7, 4])
    close(list(prior.classical.parameters.values()), [13, 12])


def test_jeffreys_prior_is_half_a_count_of_each_category():
    assert ConjugatePrior.jeffreys(Multinomial(4, 9)).total.tolist() == [0.5] * 4
    beta = ConjugatePrior.jeffreys(Binomial(7))
    natural = np.array([-3.0, 0.0, 2.0])
    root = 0.5 * np.log(Binomial().fisher_information(natural))
    close(beta.log_prob(natural), root - math.log(math.pi))
    for prior, _ in ALL.values():
        if prior.family.name not in ("Binomial", "Categorical", "Multinomial"):
            with pytest.raises(ValueError, match=r"Jeffreys' prior .* must be proper"):
                ConjugatePrior.jeffreys(prior.family)


def test_from_mean_is_worth_its_exposure():
    prior = ConjugatePrior.from_mean(Gaussian(), [1.0, 3.0], [2.0, 4.0])
    close(prior.total, [[2, 6], [4, 12]])
    close(prior.mean, [[1, 3], [1, 3]])
    close(ConjugatePrior.from_mean(Poisson(), 3.0, 0.5).total, 1.5)


# ------------------------------------------------------------ mean and mode


@cases(ALL)
def test_the_mode_is_where_the_density_is_largest(prior, x):
    prior = prior.update(x).update(x)
    mode = prior.mode
    assert mode.family == prior.family
    top = prior.log_prob(mode.natural_parameter)
    rng = np.random.default_rng(5)
    size = np.shape(mode.natural_parameter)
    for scale in (1e-3, 1e-2):
        near = mode.natural_parameter * (1 + scale * rng.normal(size=(20, *size)))
        if isinstance(prior.family, MultivariateGaussian):
            near = prior.family._canonical(near)
        assert (prior.log_prob(near) <= top).all()


@cases({k: v for k, v in CLOSED.items() if v[0].family.name != "Multinomial"})
def test_draws_have_the_mean_of_the_theorem_and_the_density(prior, x):
    """Means within 5.5 standard errors, and E log π(η) = minus the entropy; p < 1e-6 a run."""
    prior = prior.update(x).update(x).update(x).update(x)
    core = prior._form.family
    natural = prior.sample(40_000, rng=11)
    assert np.shape(natural) == (40_000, *core.natural_shape)
    assert np.array_equal(natural, prior.sample((40_000,), rng=11))
    values = np.reshape(core.natural_to_mean(natural), (40_000, -1))
    error = values.std(axis=0) / 200
    gap = abs(values.mean(axis=0) - np.ravel(prior.mean))
    assert (gap <= 5.5 * error).all(), gap / error
    # KL to another prior by its definition
    other = prior.update(x)
    ratio = prior.log_prob(natural) - other.log_prob(natural)
    assert abs(ratio.mean() - prior.kl(other)) <= 5.5 * ratio.std() / 200


def test_draws_of_dirichlet_and_gamma_have_their_law():
    """Kolmogorov's test at 1e-6."""
    prior = prior_of(Categorical(3), alpha=[0.02, 0.5, 3.0])
    p = Categorical(3).natural_to_mean(prior.sample(20_000, rng=3))
    for k, a in enumerate([0.02, 0.5, 3.0]):
        moderate = p[p[:, k] > 1e-290, k]
        if k:
            assert stats.kstest(moderate, stats.beta(a, 3.52 - a).cdf).pvalue > 1e-6
    prior = prior_of(GaussianKnownMean(), shape=0.7, rate=2.0)
    law = stats.gamma(0.7, scale=0.5).cdf
    assert stats.kstest(-2 * prior.sample(20_000, rng=3), law).pvalue > 1e-6


# ------------------------------------------------------------ batches, statistics, weights


@pytest.mark.parametrize(
    "name", ["Binomial", "Multinomial", "Gaussian", "MultivariateGaussian", "ChiSquared"]
)
def test_batches_equal_loops(name):
    one, x = ALL[name]
    two = one.update(x)
    scale = None
    if one.scale_exposure is not None:
        scale = np.array([one.scale_exposure, two.scale_exposure])
    exposure = np.array([one.exposure, two.exposure])
    both = ConjugatePrior(one.family, np.stack([one.total, two.total]), exposure, scale)
    x = np.asarray(x)
    close(both.log_normalizer, [one.log_normalizer, two.log_normalizer])
    close(both.update(x[:, None]).mean[1], two.update(x).mean)
    close(both.log_evidence(x[:, None]), [one.log_evidence(x), two.log_evidence(x)])
    close(
        both.log_predictive(x[:, None]), np.stack([p.log_predictive(x) for p in (one, two)], axis=1)
    )
    close(both.kl(one), [0, two.kl(one)], atol=1e-13)
    assert repr(both).startswith(f"ConjugatePrior of {one.family}: ")


def test_statistics_and_fractional_weights_enter():
    family = Categorical(3)
    prior = ConjugatePrior.jeffreys(family)
    statistics = family.statistics([0, 1, 2, 2], weights=[0.5, 1.0, 2.0, 0.25])
    posterior = prior.update(statistics)
    assert posterior.total.tolist() == [1.0, 1.5, 2.75]
    expected = mp.mpf(0)
    with mp.workdps(40):
        for a, w in zip([0.5] * 3, [0.5, 1.0, 2.25], strict=True):
            expected += mp.loggamma(mp.mpf(a) + w) - mp.loggamma(a)
        expected += mp.loggamma(1.5) - mp.loggamma(1.5 + 3.75)
    close(prior.log_evidence(statistics), expected)
    assert prior.log_evidence(family.statistics(np.zeros(0, dtype=int))) == 0


def test_trials_that_differ_are_ordinary_data():
    prior = prior_of(Binomial([4, 10]), alpha=1.0, beta=2.0)
    close(prior.log_predictive([3, 3]), stats.betabinom([4, 10], 1, 2).logpmf(3))
    close(list(prior.update([3, 3]).classical.parameters.values()), [7, 10])
    close(prior.log_evidence([3, 3]), prior.log_evidence(prior.family.statistics([3, 3])))


@SETTINGS
@given(st.lists(st.integers(0, 2), min_size=1, max_size=30), st.integers(0, 10**6))
def test_the_order_of_data_tells_nothing(labels, seed):
    prior = ConjugatePrior(Categorical(3), [0.3, 1.0, 2.0], 3.3)
    shuffled = np.random.default_rng(seed).permutation(labels)
    cut = len(labels) // 2
    first = prior.update(shuffled[:cut]) if cut else prior
    parts = first.log_evidence(shuffled[cut:]) + (prior.log_evidence(shuffled[:cut]) if cut else 0)
    close(prior.log_evidence(labels), parts, 1e-12, 1e-13)


# ------------------------------------------------------------ the edge, and what is refused


def test_the_edge_has_density_zero():
    prior, _ = CLOSED["Categorical"]
    assert prior.log_prob([0.0, -np.inf, 1.0]) == -np.inf
    assert (
        prior_of(Binomial(), alpha=1, beta=1).log_prob([np.inf, -np.inf]).tolist() == [-np.inf] * 2
    )
    assert prior_of(Poisson(), shape=1, rate=1).log_prob(-np.inf) == -np.inf
    assert prior_of(Geometric(), alpha=1, beta=1).log_prob(-np.inf) == -np.inf
    single = ConjugatePrior(Categorical(1), [2.0], 2.0)
    assert single.log_normalizer == single.log_evidence([0, 0]) == 0


REFUSED = {
    "no family": (
        lambda: ConjugatePrior(Poisson, 1, 1),
        TypeError,
        "family must be an Exponential",
    ),
    "no exposure": (
        lambda: ConjugatePrior(Poisson(), 1, 0),
        ValueError,
        "exposure must exceed 0, or the prior is improper",
    ),
    "no total": (
        lambda: ConjugatePrior(Poisson(), 0, 1),
        ValueError,
        "inside the family, not on its edge",
    ),
    "negative": (
        lambda: ConjugatePrior(Poisson(), -1, 1),
        ValueError,
        r"improper; Poisson: mean parameter must be",
    ),
    "a zero": (
        lambda: ConjugatePrior(Categorical(2), [0, 1], 1),
        ValueError,
        "not on its edge, or the prior is improper",
    ),
    "another sum": (
        lambda: ConjugatePrior(Categorical(2), [1, 1], 3),
        ValueError,
        "exposure must be the sum of total",
    ),
    "nan": (lambda: ConjugatePrior(Poisson(), np.nan, 1), ValueError, "total must be finite"),
    "a string": (lambda: ConjugatePrior(Poisson(), "a", 1), TypeError, "total must be real"),
    "shape": (
        lambda: ConjugatePrior(Gaussian(), [1.0, 2.0, 3.0], 1),
        ValueError,
        "total must have the shape",
    ),
    "batches": (
        lambda: ConjugatePrior(Poisson(), [1.0, 2.0], [1.0, 2.0, 3.0]),
        ValueError,
        "total and exposure must broadcast",
    ),
    "rate": (lambda: ConjugatePrior(Exponential(), 1, -1), ValueError, "exposure must exceed -1"),
    "scale": (
        lambda: ConjugatePrior(Poisson(), 1, 1, 1),
        TypeError,
        "Poisson has no scale_exposure",
    ),
    "degrees": (
        lambda: ConjugatePrior(Gaussian(), [1, 3], 1, -3),
        ValueError,
        "scale_exposure must exceed -3",
    ),
    "no variance": (lambda: ConjugatePrior(Gaussian(), [1, 1], 1), ValueError, "E x² must exceed"),
    "names": (
        lambda: prior_of(Poisson(), alpha=1),
        TypeError,
        "Gamma prior of Poisson takes shape, rate; got alpha",
    ),
    "no names": (lambda: prior_of(Poisson()), TypeError, "got none"),
    "Beta": (lambda: prior_of(Binomial(), alpha=0, beta=1), ValueError, "improper"),
    "variance": (
        lambda: prior_of(GaussianKnownVariance(), mean=1, variance=0),
        ValueError,
        "variance must be positive",
    ),
    "covariance": (
        lambda: prior_of(
            MultivariateGaussianKnownCovariance(SIGMA), mean=[0, 0], covariance=np.eye(2)
        ),
        ValueError,
        "multiple of that of the family",
    ),
    "many parameters": (
        lambda: ConjugatePrior(Many(), [1, 1, 1], 1),
        TypeError,
        "at most 2 natural parameters; Many has 3",
    ),
    "no classical form": (lambda: NUMERICAL["Gamma"][0].classical, TypeError, "no classical form"),
    "from no classical form": (lambda: prior_of(Gamma(), shape=1), TypeError, "no classical form"),
    "no draws": (lambda: NUMERICAL["Gamma"][0].sample(), TypeError, "no exact draws"),
    "mean": (
        lambda: prior_of(Exponential(), shape=0.5, rate=1).mean,
        ValueError,
        "E μ is infinite",
    ),
    "mode": (
        lambda: prior_of(Exponential(), shape=0.5, rate=1).mode,
        ValueError,
        "there is no mode",
    ),
    "mean variance": (
        lambda: prior_of(Gaussian(), mean=0, exposure=1, shape=1, rate=1).mean,
        ValueError,
        "mean variance is infinite",
    ),
    "mode of the variance": (
        lambda: prior_of(Gaussian(), mean=0, exposure=1, shape=1, rate=1).mode,
        ValueError,
        "scale_exposure must be positive",
    ),
    "another prior": (
        lambda: CLOSED["Poisson"][0].kl(3),
        TypeError,
        "must be a ConjugatePrior; got int",
    ),
    "another family": (
        lambda: CLOSED["Poisson"][0].kl(CLOSED["Geometric"][0]),
        ValueError,
        "both must be priors of one family",
    ),
    "statistics": (
        lambda: CLOSED["Poisson"][0].update(Geometric().statistics([1])),
        ValueError,
        "statistics must be of",
    ),
    "batch of statistics": (
        lambda: ConjugatePrior(Poisson(), [1.0, 2.0], 1.0).update(
            Poisson().statistics([[1, 2, 3]], batch_ndim=1)
        ),
        ValueError,
        "statistics must broadcast",
    ),
    "data": (lambda: CLOSED["Poisson"][0].update([-1]), ValueError, "counts must be between"),
    "x": (lambda: CLOSED["Poisson"][0].log_predictive(0.5), ValueError, "must be integers"),
    "natural": (lambda: CLOSED["Exponential"][0].log_prob(1.0), ValueError, "natural parameter"),
}


@pytest.mark.parametrize(("call", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_improper_or_unknown_is_refused_in_words(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_data_of_other_libraries_are_refused():
    torch = pytest.importorskip("torch")
    statistics = Exponential().statistics(torch.tensor([1.0, 2.0]))
    with pytest.raises(TypeError, match="data must be numpy"):
        CLOSED["Exponential"][0].update(statistics)
