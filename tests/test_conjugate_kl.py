"""KL between priors against many digits, and the remainders of log Γ that it is made of."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from priors import CLOSED, NUMERICAL, cases, close, log_z, numbers, prior_of

from expfam import (
    Beta,
    Binomial,
    Categorical,
    ConjugatePrior,
    Exponential,
    FiniteFamily,
    GaussianKnownMean,
    Geometric,
    NegativeBinomial,
    Poisson,
    VonMises,
)
from expfam.conjugate import contour, numerical, shapes, shares
from expfam.conjugate.remainders import (
    ratio_divergence,
    remainder,
    remainder_change,
    remainder_divergence,
)

THREE = FiniteFamily(range(3), [[0.0], [1.0], [3.0]])


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
    (Categorical(3), {"alpha": [0.1, 5.2, 0.3]}, {"alpha": [0.1 + 3e-13, 5.2, 0.3 - 3e-12]}),
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


INTEGRALS = {  # of a prior, what finds one
    "Gamma": (NUMERICAL["Gamma"][0], shapes, "_over"),
    "ChiSquared": (NUMERICAL["ChiSquared"][0], numerical, "weighted"),
    "VonMises": (ConjugatePrior.from_mean(VonMises(), [0.2, 0.5], 2.0), numerical, "around"),
    "Beta": (ConjugatePrior.from_mean(Beta(), [-1.0, -1.5], 2.0), shares, "_settled"),
    "FiniteFamily": (ConjugatePrior.from_mean(THREE, 0.7, 2.0), contour, "_line"),
}


@pytest.mark.parametrize(("prior", "module", "name"), INTEGRALS.values(), ids=INTEGRALS)
def test_one_prior_beside_a_batch_is_integrated_once(prior, module, name, monkeypatch):
    known, calls = getattr(module, name), []
    monkeypatch.setattr(module, name, lambda *x: calls.append(1) or known(*x))
    factors = np.array([1.0, 1.5, 2.0, 3.0])
    totals = np.multiply.outer(factors, prior.total)
    many = ConjugatePrior(prior.family, totals, factors * prior.exposure)
    found = many.kl(prior)
    assert len(calls) <= (9 if name == "_line" else 5)  # of each of four rows, and of one
    assert found[0] < 1e-12
    for k in range(4):
        row = ConjugatePrior(prior.family, totals[k], many.exposure[k])
        close(found[k], row.kl(prior), 1e-12, 1e-13)
