"""Conjugate priors against mpmath, scipy.stats, quadrature, and themselves observed one by one."""

from __future__ import annotations

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from priors import ALL, CLOSED, SIGMA, cases, close, log_z, numbers, prior_of
from scipy import integrate, stats

from expfam import (
    Beta,
    Binomial,
    Categorical,
    ChiSquared,
    ConjugatePrior,
    FiniteFamily,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Multinomial,
    MultivariateGaussian,
    Poisson,
    ProductFamily,
    VonMises,
)

SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, database=None)


# ------------------------------------------------------------ log Z


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
    pair = ConjugatePrior.jeffreys(ProductFamily(Binomial(7), Multinomial(2, 7)))
    assert (pair.total.tolist(), pair.exposure) == ([0.5] * 3, 1 / 7)
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


SQUARE = FiniteFamily(range(4), [[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.mark.parametrize(
    "family",
    [*dict.fromkeys(c[0].family for c in ALL.values()), Beta(), VonMises(), SQUARE],
    ids=str,
)
def test_a_batch_without_rows_is_ordinary_data(family):
    none = ConjugatePrior(family, np.zeros((0, *family.natural_shape)), 1.0)
    assert none.log_normalizer.shape == none.kl(none).shape == (0,)


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
