"""Predictions and evidence against scipy.stats, mpmath, and themselves observed one by one."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from priors import ALL, CLOSED, SIGMA, cases, close, log_z, numbers, prior_of
from scipy import stats

from expfam import (
    Binomial,
    Exponential,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Multinomial,
    NegativeBinomial,
    Poisson,
)


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
