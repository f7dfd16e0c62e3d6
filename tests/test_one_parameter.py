"""Families of one parameter, and those in other variables, against scipy and mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import expfam
from expfam import (
    ChiSquared,
    Exponential,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    InverseGamma,
    Laplace,
    LogNormal,
    NegativeBinomial,
    Pareto,
    Rayleigh,
    Weibull,
)

INF = np.inf
SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None)
X = np.array([0.03, 0.7, 1.9, 6.5])

# a member, the same of scipy, observations
PAIRS = {
    "Exponential": (Exponential().from_natural(-0.4), stats.expon(scale=2.5), X),
    "Weibull": (Weibull(1.7).from_natural(-0.4), stats.weibull_min(1.7, scale=2.5 ** (1 / 1.7)), X),
    "Rayleigh": (Rayleigh().from_natural(-0.5 / 1.3**2), stats.rayleigh(scale=1.3), X),
    "Pareto": (Pareto(2.0).from_natural(-1.7), stats.pareto(1.7, scale=2.0), X + 2),
    "Laplace": (Laplace(1.0).from_natural(-0.4), stats.laplace(1.0, 2.5), X - 3),
    "GaussianKnownVariance": (
        GaussianKnownVariance(4.0).from_mean(3.0),
        stats.norm(3.0, 2.0),
        X - 3,
    ),
    "GaussianKnownMean": (GaussianKnownMean(3.0).from_mean(4.0), stats.norm(3.0, 2.0), X - 3),
    "ChiSquared": (ChiSquared().from_natural(1.5), stats.chi2(5), X),
    "Geometric": (Geometric().from_mean(2.5), stats.geom(1 / 3.5, loc=-1), np.array([0, 1, 7])),
    "NegativeBinomial": (
        NegativeBinomial(2.6).from_mean(2.5),
        stats.nbinom(2.6, 2.6 / 5.1),
        np.array([0, 1, 7]),
    ),
    "LogNormal": (LogNormal().from_log_moments(1.0, 4.0), stats.lognorm(2.0, scale=np.e), X),
    "InverseGamma": (
        InverseGamma().from_shape_scale(3.0, 2.0),
        stats.invgamma(3.0, scale=2.0),
        X,
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_log_prob_and_entropy_are_those_of_scipy(name):
    p, other, x = PAIRS[name]
    log_prob = getattr(other, "logpdf", None) if not p.family.discrete else other.logpmf
    np.testing.assert_allclose(p.log_prob(x), log_prob(x), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(p.entropy(), float(other.entropy()), rtol=1e-9)


@pytest.mark.parametrize("name", PAIRS)
def test_the_fit_is_the_maximum(name):
    """The average statistic is the mean parameter, and members beside it are less likely."""
    p, _, _ = PAIRS[name]
    x = p.sample(200, rng=3)
    best = p.family.fit(x)
    average = np.asarray(p.family.sufficient_statistic(x)).mean(axis=0)
    np.testing.assert_allclose(best.mean_parameter, average, rtol=1e-11)
    for factor in (0.99, 1.01):
        beside = p.family.from_natural(best.natural_parameter * factor)
        assert beside.log_likelihood(x) < best.log_likelihood(x)


# ------------------------------------------------------------ negative binomial


@SETTINGS
@given(st.floats(-3, 12), st.floats(-6, 16.5), st.floats(0, 3), st.booleans())
def test_negative_binomial_log_prob_keeps_its_digits(size, level, place, close):
    p = NegativeBinomial(10.0**size).from_mean(10.0**level)
    successes, mean = p.family.successes, p.mean_parameter
    spread = np.sqrt(mean * (1 + mean / successes))
    x = int(max(0.0, mean + (place - 1.5) * spread)) if close else int(mean * place)
    with mpmath.workdps(60):
        r, eta = mpmath.mpf(successes), mpmath.mpf(float(p.natural_parameter))
        exact = mpmath.loggamma(x + r) - mpmath.loggamma(r) - mpmath.loggamma(x + 1)
        exact += eta * x + r * mpmath.log(-mpmath.expm1(eta))
    assert abs(p.log_prob(x) - exact) <= 2e-14 * max(1, abs(exact))


@pytest.mark.parametrize(
    ("successes", "mean"),
    [(0.3, 2.0), (2.5, 1e2), (63.0, 1e4), (64.0, 1e4), (1e3, 1e6), (1e9, 1.0), (0.01, 5.0), (2, 1e-9)],
)  # fmt: skip
def test_negative_binomial_entropy_is_the_sum(successes, mean):
    p = NegativeBinomial(successes).from_mean(mean)
    rate = np.log1p(successes / mean)
    x = np.arange(int(mean + 12 * np.sqrt(mean * (1 + mean / successes)) + 45 / rate) + 40)
    log_p = p.log_prob(x)
    np.testing.assert_allclose(p.entropy(), -np.sum(np.exp(log_p) * log_p), rtol=1e-12)


def test_the_member_that_is_always_0_has_no_entropy():
    assert [NegativeBinomial(r).from_natural(-INF).entropy() for r in (0.5, 100.0)] == [0.0, 0.0]


def test_geometric_is_negative_binomial_of_one():
    natural = np.array([-1e-12, -0.5, -700.0, -INF])
    a, b = Geometric().from_natural(natural), NegativeBinomial(1).from_natural(natural)
    for value in ("mean_parameter", "log_partition", "fisher_information", "degrees_of_freedom"):
        np.testing.assert_array_equal(getattr(a, value), getattr(b, value))
    np.testing.assert_allclose(a.entropy(), b.entropy(), rtol=1e-12)
    np.testing.assert_allclose(a.kl(a[1]), b.kl(b[1]), rtol=1e-12)


# ------------------------------------------------------------ other variables


@SETTINGS
@given(st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=6, unique=True))
def test_a_family_in_another_variable_has_the_fit_of_the_original(x):
    x = np.array(x)
    if np.ptp(np.log(x)) < 1e-3:
        return
    a, b = LogNormal().fit(x), Gaussian().fit(np.log(x))
    np.testing.assert_array_equal(a.natural_parameter, b.natural_parameter)
    np.testing.assert_allclose(a.log_prob(x), b.log_prob(np.log(x)) - np.log(x), rtol=1e-13)


@pytest.mark.parametrize("minimum", [1e-3, 1.0, 1e6])
def test_pareto_keeps_digits_near_its_minimum(minimum):
    x = minimum * (1 + 1e-9)
    with mpmath.workdps(40):
        exact = float(mpmath.log(mpmath.mpf(x) / mpmath.mpf(minimum)))
    assert Pareto(minimum).sufficient_statistic(x) == pytest.approx(exact, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Weibull(0.0), "Weibull: shape must be between 0.001 and 1000; got 0.0"),
        (lambda: Weibull("2"), "Weibull: shape must be a number; got '2'"),
        (lambda: Pareto(True), "Pareto: minimum must be a number; got True"),
        (lambda: NegativeBinomial(-1), "NegativeBinomial: successes must be between 0.001"),
        (lambda: Rayleigh().fit([1.0, -1.0]), "Rayleigh: observations must be positive; entry 1"),
        (lambda: Pareto(2.0).fit([3.0, 2.0]), "Pareto: observations must exceed the minimum"),
        (lambda: Exponential().from_natural(0.5), "Exponential: natural parameter (−rate) must be"),
        (lambda: Exponential().fit([0.0, 0.0]), "Exponential: mean parameter must be between"),
        (lambda: Exponential().fit([-1.0]), "Exponential: observations must not be negative"),
        (lambda: GaussianKnownMean(1.0).fit([1.0, 1.0]), "(all observations at the mean?)"),
        (lambda: GaussianKnownVariance(0.0), "GaussianKnownVariance: variance must be between"),
        (lambda: ChiSquared().fit([0.0]), "ChiSquared: observations must be positive"),
        (lambda: Geometric().fit([-1]), "Geometric: counts must be between 0 and 2**62"),
        (lambda: Geometric().from_natural(0.0), "Geometric: natural parameter (log P(failure))"),
        (
            lambda: LogNormal().fit([1.0, 1.0]),
            "LogNormal: with log x for x, E x² must exceed (E x)²",
        ),
    ],
)
def test_bad_input_is_refused_in_words(call, text):
    with pytest.raises((ValueError, TypeError)) as refusal:
        call()
    assert text in str(refusal.value)


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_maps_run_and_differentiate_elsewhere(library):
    xp = pytest.importorskip(library)
    for name, natural in {
        "Weibull": -0.7,
        "Geometric": -0.7,
        "Pareto": -1.7,
        "Laplace": -0.3,
    }.items():
        arguments = {"Weibull": (1.7,), "Pareto": (2.0,)}.get(name, ())
        family = getattr(expfam, name)(*arguments)
        for method in ("log_partition", "natural_to_mean", "fisher_information"):
            got = getattr(family, method)(xp.asarray([natural]))
            wanted = getattr(family, method)([natural])
            np.testing.assert_allclose(np.asarray(got), wanted, rtol=1e-5)


def test_negative_binomial_on_torch():
    xp = pytest.importorskip("torch")
    p = NegativeBinomial(2.6).from_natural(xp.asarray(-0.7))
    q = NegativeBinomial(2.6).from_natural(-0.7)
    got = np.asarray(p.log_prob(xp.asarray([0.0, 1.0, 7.0])))
    np.testing.assert_allclose(got, q.log_prob([0, 1, 7]), rtol=1e-5)
    np.testing.assert_allclose(np.asarray(p.entropy()), q.entropy(), rtol=1e-6)


def test_newton_for_the_inverse_gamma_starts_where_that_of_the_gamma_does():
    mean = InverseGamma().from_shape_scale(3.0, 2.0).mean_parameter
    start = InverseGamma()._initial_natural(mean)
    np.testing.assert_array_equal(start, expfam.Gamma()._initial_natural(mean))
    InverseGamma().check_natural(start)
