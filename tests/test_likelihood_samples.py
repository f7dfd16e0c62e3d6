"""Likelihood tests of k samples: scipy's of tables, textbooks' formulas, order and shape."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import LOG_ULP
from hypothesis import given
from hypothesis import strategies as st
from likelihoods import SETTINGS, close, each, table_of
from scipy import stats

from expfam import Binomial, Gaussian, Poisson
from expfam.likelihood import homogeneity

INF = np.inf


@SETTINGS
@given(st.integers(2, 5), st.integers(2, 6), st.integers(0, 10**6))
def test_of_tables_they_are_those_of_scipy(rows, columns, seed):
    table = np.random.default_rng(seed).poisson(6.0, size=(rows, columns)) + 1
    for test, power in (("score", "pearson"), ("likelihood_ratio", "log-likelihood")):
        result = homogeneity(table_of(table), test=test)
        wanted = stats.chi2_contingency(table, correction=False, lambda_=power)
        close(result.statistic, wanted.statistic, rtol=1e-11, atol=1e-12)
        close(result.pvalue, wanted.pvalue, rtol=1e-9)
        assert result.df == wanted.dof


def test_an_empty_column_takes_degrees_of_freedom():
    with_zeros = homogeneity(table_of([[3, 0, 4], [1, 0, 9]]))
    without = homogeneity(table_of([[3, 4], [1, 9]]))
    close(with_zeros.statistic, without.statistic)
    assert with_zeros.df == without.df == 1


def test_two_proportions():
    a, b, c, d = 7, 3, 3, 9
    pair = table_of([[a, b], [c, d]])
    p, q = a / (a + b), c / (c + d)
    difference = (p - q) ** 2 / (p * (1 - p) / (a + b) + q * (1 - q) / (c + d))
    close(homogeneity(pair, test="wald").statistic, difference)
    odds = math.log(a * d / (b * c)) ** 2 / (1 / a + 1 / b + 1 / c + 1 / d)
    close(homogeneity(pair, test="wald", parameter="natural").statistic, odds)
    binomial = homogeneity(Binomial(10).statistics(7), Binomial(12).statistics(3), test="wald")
    close(binomial.statistic, difference)


def test_two_poisson_rates():
    a, b = Poisson().statistics([3, 5, 2]), Poisson().statistics([8, 9])
    common = 27 / 5
    g_statistic = 2 * (10 * math.log(10 / 3 / common) + 17 * math.log(17 / 2 / common))
    close(homogeneity(a, b).statistic, g_statistic)
    score_statistic = ((10 - 3 * common) ** 2 / 3 + (17 - 2 * common) ** 2 / 2) / common
    close(homogeneity(a, b, test="score").statistic, score_statistic)
    close(homogeneity(a, b, test="wald").statistic, (10 / 3 - 8.5) ** 2 / (10 / 9 + 17 / 4))
    ratio = math.log(10 / 3 / 8.5) ** 2 / (1 / 10 + 1 / 17)
    close(homogeneity(a, b, test="wald", parameter="natural").statistic, ratio)


def test_gaussian_samples_of_one_law():
    rng = np.random.default_rng(4)
    samples = [rng.normal(m, s, size=k) for m, s, k in ((0, 1, 9), (1, 2, 14), (0, 1, 7))]
    everything = np.concatenate(samples)
    wanted = len(everything) * math.log(everything.var())
    wanted -= sum(len(x) * math.log(x.var()) for x in samples)
    result = homogeneity(*(Gaussian().statistics(x) for x in samples))
    close(result.statistic, wanted, rtol=1e-11)
    assert result.df == 4


@each
@pytest.mark.parametrize("test", ["likelihood_ratio", "score", "wald mean", "wald natural"])
def test_samples_in_any_order_and_shape(family, natural, test):
    name, _, parameter = test.partition(" ")
    chosen = {"test": name} | ({"parameter": parameter} if parameter else {})
    p = family.from_natural(natural)
    parts = [family.statistics(p.sample(k, rng=k)) for k in (20, 31, 25)]
    result = homogeneity(*parts, **chosen)
    close(homogeneity(*parts[::-1], **chosen).statistic, result.statistic, rtol=1e-9)
    assert result.df == 2 * p.degrees_of_freedom
    x = p.sample((20, 3, 2), rng=9)  # three samples, twice
    whole = homogeneity(family.statistics(x, batch_ndim=2), **chosen)
    for i in range(2):
        one = homogeneity(family.statistics(x[:, :, i], batch_ndim=1), **chosen)
        close(whole.statistic[i], one.statistic, rtol=1e-10)
        loose = [family.statistics(x[:, j, i]) for j in range(3)]
        close(homogeneity(*loose, **chosen).statistic, one.statistic, rtol=1e-10)
    # two copies of one sample differ in nothing
    assert homogeneity(parts[0], parts[0], **chosen).statistic < 1e-9


def test_wald_of_samples_on_different_categories():
    apart = table_of([[2, 3, 0, 0], [0, 0, 4, 1]])
    assert homogeneity(apart, test="wald").statistic == INF
    found = homogeneity(apart, test="wald", parameter="natural").statistic
    assert found <= LOG_ULP * 1e-31  # 0 where log has no error
    overlap = homogeneity(table_of([[2, 3, 0], [0, 4, 1]]), test="wald")
    d = np.array([2 / 5, -1 / 5])
    v = np.array([[2 * 3 / 125, 0.0], [0.0, 4 / 125]])
    close(overlap.statistic, d @ np.linalg.inv(v) @ d, rtol=1e-11)


def test_wald_of_samples_is_asymptotically_the_others():
    table = np.array([[4000, 5000, 6000], [8060, 10000, 11940], [2010, 2480, 3010]])
    values = [
        homogeneity(table_of(table), test=test, parameter=parameter).statistic
        for test in ("likelihood_ratio", "score", "wald")
        for parameter in ("mean", "natural")
    ]
    close(values, values[0], rtol=0.01)
