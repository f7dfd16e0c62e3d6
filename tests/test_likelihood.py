"""Likelihood ratio, score and Wald tests of one sample: formulas of textbooks, scipy.stats; errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from likelihoods import SETTINGS, close, log, table_of
from scipy import stats

from expfam import Binomial, Categorical, Gamma, Gaussian, Multinomial, Poisson
from expfam.likelihood import homogeneity, likelihood_ratio, profile_interval, score, wald
from expfam.power_divergence import likelihood_ratio as g
from expfam.power_divergence import pearson

INF = np.inf


# ------------------------------------------------------------ one sample: known formulas

TABLES = [
    ([315, 108, 101, 32], [9, 3, 3, 1]),
    ([1, 0, 2], [1, 2, 3]),
    ([0, 0, 7, 1], [1, 1, 1, 1]),
    ([5, 0, 3], [1, 0, 1]),
    ([5, 1, 3], [1, 0, 1]),
    ([4, 6], [1e-7, 1]),
    ([10**12, 1, 2, 0], [1, 3e-13, 7e-13, 0]),
    ([10**9, 1, 2, 3], [1, 3e-9, 7e-9, 1e-100]),
    ([3], [1]),
    (list(range(1, 60)), [1 + math.sin(i) ** 2 for i in range(59)]),
]


@pytest.mark.parametrize(("x", "ratio"), TABLES, ids=[str(x)[:30] for x, _ in TABLES])
def test_of_counts_they_are_pearson_g_and_neyman(x, ratio):
    p0 = np.array(ratio) / sum(ratio)
    null = Multinomial(len(x), trials=sum(x)).from_natural(log(p0))
    close(score(x, null).statistic, pearson(x, p0))
    close(likelihood_ratio(x, null).statistic, g(x, p0))
    x, expected = np.array(x), sum(x) * p0
    kept = (x > 0) | (expected > 0)
    with np.errstate(divide="ignore"):
        neyman = ((x - expected)[kept] ** 2 / x[kept]).sum()
    close(wald(x, null).statistic, INF if (x[expected == 0] > 0).any() else neyman)
    assert score(x, null).df == (p0 > 0).sum() - 1


@SETTINGS
@given(st.integers(2, 6), st.integers(1, 10**6), st.integers(0, 10**6))
def test_of_random_counts_they_are_those_of_scipy(size, n, seed):
    rng = np.random.default_rng(seed)
    p0 = rng.dirichlet(np.ones(size))
    x = rng.multinomial(n, p0) + 1
    expected = x.sum() * p0
    null = Multinomial(size, trials=int(x.sum())).from_natural(np.log(p0) + rng.normal())
    for result, power in (
        (score(x, null), "pearson"),
        (likelihood_ratio(x, null), "log-likelihood"),
        (wald(x, null), "neyman"),
    ):
        statistic, pvalue = stats.power_divergence(x, expected, lambda_=power)
        off = 8e-16 * x.sum()  # by which the sum of the expected counts is off moves scipy's G
        close(result.statistic, statistic, rtol=1e-10, atol=off)
        close(result.pvalue, pvalue, rtol=1e-9, atol=off)


def test_all_ways_to_give_the_counts_agree():
    family = Multinomial(3, trials=9)
    null = family.from_natural([0.1, 0.5, -0.3])
    codes = Categorical(3).from_natural([0.1, 0.5, -0.3])
    wanted = likelihood_ratio([2, 3, 4], null)
    for same in (
        likelihood_ratio(family.statistics([2, 3, 4]), null),
        likelihood_ratio([0, 0, 1, 1, 1, 2, 2, 2, 2], codes),
        likelihood_ratio(Categorical(3).statistics([0, 1, 2], weights=[2, 3, 4]), codes),
        likelihood_ratio([2, 3, 4], family.from_natural([7.1, 7.5, 6.7])),
    ):
        close(same.statistic, wanted.statistic)
        assert same.df == wanted.df == 2


def test_binomial_tests_are_those_of_a_proportion():
    n, x, p0 = 40, 11, 0.4
    p = x / n
    null = Binomial(n).from_mean(n * p0)
    close(score(x, null).statistic, (p - p0) ** 2 / (p0 * (1 - p0) / n))
    close(wald(x, null).statistic, (p - p0) ** 2 / (p * (1 - p) / n))
    logit = math.log(p / (1 - p)) - math.log(p0 / (1 - p0))
    close(wald(x, null, parameter="natural").statistic, logit**2 * n * p * (1 - p))
    close(likelihood_ratio(x, null).statistic, g([x, n - x], [p0, 1 - p0]))


def test_poisson_tests_are_exact_numbers():
    null = Poisson().from_mean(3.0)
    close(score([3, 7, 4], null).statistic, 25 / 9)
    close(wald([3, 7, 4], null).statistic, 25 / 14)
    close(likelihood_ratio([3, 7, 4], null).statistic, 2 * (14 * math.log(14 / 9) - 5))
    natural = wald([3, 7, 4], null, parameter="natural").statistic
    close(natural, 14 * math.log(14 / 9) ** 2)
    close(score([3, 7, 4], null).pvalue, stats.chi2.sf(25 / 9, 1))


def test_gaussian_likelihood_ratio_is_the_textbooks():
    x = np.array([1.0, 2.5, 3.0, 6.0, -1.0])
    mean, variance, n = x.mean(), x.var(), len(x)
    result = likelihood_ratio(x, Gaussian().from_mean_variance(1.0, 4.0))
    r = variance / 4
    close(result.statistic, n * (r - 1 - math.log(r) + (mean - 1) ** 2 / 4))
    assert result.df == 2
    # of independent T: the score of the mean, and that of the variance
    expected = n * (mean - 1) ** 2 / 4 + n * (np.mean((x - 1) ** 2) / 4 - 1) ** 2 / 2
    close(score(x, Gaussian().from_mean_variance(1.0, 4.0)).statistic, expected)


def test_the_score_needs_no_best_member():
    null = Gaussian().from_mean_variance(0.0, 1.0)
    close(score([2.0], null).statistic, 4 + 9 / 2)
    close(score([0.0, 0.0], Gaussian().from_mean_variance(0.0, 1.0)).statistic, 1.0)
    for test in (likelihood_ratio, wald):
        with pytest.raises(ValueError, match="E x² must exceed"):
            test([2.0], null)


def test_gamma_of_shape_one_against_all_gammas():
    x = np.array([0.3, 1.2, 2.0, 0.7])
    best, null = Gamma().fit(x), Gamma().from_shape_rate(1.0, 0.8)
    difference = best.log_prob(x).sum() - stats.expon(scale=1 / 0.8).logpdf(x).sum()
    close(likelihood_ratio(x, null).statistic, 2 * difference, rtol=1e-10)


# ------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: score([1], Poisson()), TypeError, "score: null must be a Distribution; got Poisson"),
        (lambda: wald([1], Poisson().from_natural(0.0), "log"), ValueError, "wald: parameter must be mean or natural; got 'log'"),
        (lambda: score([1.5], Poisson().from_natural(0.0)), ValueError, "Poisson: counts must be integers"),
        (lambda: score(Gamma().statistics([1.0]), Poisson().from_natural(0.0)), ValueError, "Poisson: statistics must be of"),
        (lambda: score(Poisson().statistics(np.zeros(0, int)), Poisson().from_natural(0.0)), ValueError, "score: there must be data; it has the total weight 0"),
        (lambda: score(Poisson().statistics([[1, 2, 3]], batch_ndim=1), Poisson().from_natural([0.0, 1.0])), ValueError, "score: data must broadcast against the null; got (3,) and (2,)"),
        (lambda: homogeneity([1, 2]), TypeError, "homogeneity: samples must be Statistics; got a list"),
        (lambda: homogeneity(), ValueError, "homogeneity: there must be two or more samples, one by one or along the first batch axis; got 0"),
        (lambda: homogeneity(Poisson().statistics([1])), ValueError, "got 1"),
        (lambda: homogeneity(Poisson().statistics([[1]], batch_ndim=1)), ValueError, "got 1"),
        (lambda: homogeneity(Poisson().statistics(1), Gamma().statistics(1.0)), ValueError, "both must be of one family"),
        (lambda: homogeneity(Poisson().statistics([1]), Poisson().statistics([1]), test="t"), ValueError, "test must be one of likelihood_ratio, score, wald; got 't'"),
        (lambda: profile_interval([1, 2]), TypeError, "data must be Statistics; got a list"),
        (lambda: profile_interval(Poisson().statistics([1]), 0), ValueError, "Poisson has one parameter; along must be left out"),
        (lambda: profile_interval(table_of([1, 2])), ValueError, "along must say which of 2 parameters"),
        (lambda: profile_interval(table_of([1, 2]), 2), ValueError, "along must be between 0 and 1; got 2"),
        (lambda: profile_interval(table_of([1, 2]), True), ValueError, "along must have the shape (2,); got ()"),
        (lambda: profile_interval(table_of([1, 2]), [1, np.nan]), ValueError, "along must be finite; entry 1 is nan"),
        (lambda: profile_interval(table_of([1, 2]), [1, 1], "mean"), ValueError, "along must tell members apart; it has one value for all"),
        (lambda: profile_interval(table_of([1, 2]), [1, 0]), ValueError, "as log-odds do; it sums to 1"),
        (lambda: profile_interval(table_of([1, 2]), [1, -1], level=1.0), ValueError, "level must be between 0 and 1"),
        (lambda: profile_interval(table_of([1, 2]), [1, -1], parameter=2), ValueError, "parameter must be mean or natural; got 2"),
    ],
)  # fmt: skip
def test_errors_say_what_came(call, error, text):
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)


def test_arrays_of_other_libraries_are_refused():
    strict = pytest.importorskip("array_api_strict")
    data = Poisson().statistics(strict.asarray([1, 2]))
    with pytest.raises(TypeError, match="data must be numpy"):
        profile_interval(data)
