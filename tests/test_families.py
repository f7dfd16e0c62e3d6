"""What Binomial and Poisson promise beyond the laws of every family."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special as scipy_special
from scipy import stats

from expfam import Binomial, Multinomial, Poisson

INF = np.inf
SETTINGS = settings(max_examples=80, deadline=None, derandomize=True, database=None)


def close(value, expected, rtol=1e-13, atol=0.0):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


# ---------------------------------------------------------------- Binomial


@SETTINGS
@given(st.floats(-700, 700), st.integers(0, 30), st.integers(0, 30), st.floats(-700, 700))
def test_the_binomial_is_the_multinomial_of_two(natural, successes, failures, other):
    n = successes + failures
    p, q = Binomial(n).from_natural(natural), Binomial(n).from_natural(other)
    a, b = (Multinomial(2, n).from_natural([v, 0.0]) for v in (natural, other))
    close(p.log_prob(successes), a.log_prob([successes, failures]), atol=1e-13)
    close(p.entropy(), a.entropy(), 1e-12, 1e-300)
    close(p.kl(q), a.kl(b), 1e-12, 1e-300)
    close(p.mean_parameter, a.mean_parameter[0], 1e-14, 5e-324)
    close(p.fisher_information, a.fisher_information[0, 0], 1e-12, 1e-300)
    value = p.log_likelihood(successes, base_measure=False)
    close(value, a.log_likelihood([successes, failures], base_measure=False), atol=1e-12)


@SETTINGS
@given(st.floats(-40, 30))
def test_logits_come_back(natural):
    family = Binomial(12)
    back = family.mean_to_natural(family.natural_to_mean(natural))
    # the mean near n keeps n − μ to an absolute ε
    close(back, natural, 1e-14, 1e-15 * (1 + math.exp(max(natural, 0.0))))


def test_the_closure_of_the_binomial():
    family = Binomial([3, 5])
    p = family.from_mean([0.0, 5.0])
    assert p.natural_parameter.tolist() == [-INF, INF]
    with np.errstate(all="raise"):
        assert p.mean_parameter.tolist() == [0.0, 5.0]
        assert p.entropy().tolist() == [0.0, 0.0]
        assert p.fisher_information.tolist() == [0.0, 0.0]
        assert p.degrees_of_freedom.tolist() == [0, 0]
        assert p.log_prob([0, 5]).tolist() == [0.0, 0.0]
        assert p.log_prob([1, 4]).tolist() == [-INF, -INF]
        assert p.kl(p).tolist() == [0.0, 0.0]
        q = family.from_natural(0.3)
        assert q.kl(p).tolist() == [INF, INF]
        close(p.kl(q), [3 * np.log1p(np.exp(0.3)), 5 * np.log1p(np.exp(-0.3))])
        assert p.sample(4, 1).tolist() == [[0, 5]] * 4
        assert p.log_likelihood([0, 5]).tolist() == [0.0, 0.0]
        assert p.log_partition.tolist() == [0.0, INF]
        assert p.cumulant_function(0.7).tolist() == [0.0, 3.5]
    none = Binomial([0, 2]).from_natural([INF, 0.0])
    assert none.log_partition.tolist() == [0.0, 2 * math.log(2)]
    assert none.mean_parameter.tolist() == [0.0, 1.0]


def test_binomial_numbers_against_scipy():
    p = Binomial(12).from_natural(0.7)
    chance = scipy_special.expit(0.7)
    x = np.arange(13)
    close(p.log_prob(x), stats.binom.logpmf(x, 12, chance), 1e-12)
    close(p.fisher_information, stats.binom.var(12, chance))
    close(p.entropy(), stats.binom.entropy(12, chance), 1e-12)
    close(Binomial(12).log_base_measure(x), np.log(scipy_special.comb(12, x)), 1e-14)
    assert Binomial(12).sufficient_statistic(5) == 5
    assert Binomial().trials == 1
    assert repr(Binomial(3)) == "Binomial(trials=3)"
    assert Binomial([3, 4]) == Binomial(np.array([3, 4])) != Binomial([4, 3])


def test_binomial_trials_at_the_limit():
    p = Binomial(2**62).from_mean(2.0**61)
    assert p.natural_parameter == 0.0
    close(p.log_prob(2**61), -0.5 * math.log(math.pi * 2**61), 1e-13)
    assert p.score(2**61) == 0.0


# ---------------------------------------------------------------- Poisson


def test_poisson_numbers_against_scipy():
    p = Poisson().from_mean([0.3, 7.0, 1000.0])
    x = np.array([[0, 3, 900], [4, 7, 1100]])
    close(p.log_prob(x), stats.poisson.logpmf(x, [0.3, 7.0, 1000.0]), 1e-12)
    close(p.fisher_information, [0.3, 7.0, 1000.0])
    close(p.log_partition, [0.3, 7.0, 1000.0])
    q = Poisson().from_mean([0.2, 8.0, 1000.001])
    rate, other = p.mean_parameter, q.mean_parameter
    close(p.kl(q)[:2], (rate * np.log(rate / other) + other - rate)[:2], 1e-12)
    close(p.kl(q)[2], 1000 * (1e-6) ** 2 / 2, 1e-5)
    close(p.cumulant_function(0.5), rate * np.expm1(0.5))


def test_the_closure_of_the_poisson():
    p, q = Poisson().from_mean(0.0), Poisson().from_mean(2.0)
    with np.errstate(all="raise"):
        assert p.natural_parameter == -INF
        assert p.log_prob([0, 1]).tolist() == [0.0, -INF]
        assert (p.entropy(), p.fisher_information, p.degrees_of_freedom) == (0.0, 0.0, 0)
        assert p.kl(q) == pytest.approx(2.0)
        assert (q.kl(p), p.kl(p)) == (INF, 0.0)
        assert Poisson().from_natural(-746.0).kl(p) == INF
        assert p.sample(3, 1).tolist() == [0, 0, 0]
        assert Poisson().fit([0, 0, 0]) == p
        assert p.log_likelihood([0, 0]) == 0.0
        assert p.log_likelihood([0, 1]) == -INF
        assert p.convex_conjugate == 0.0
        assert p.cumulant_function(3.0) == 0.0


def test_the_largest_rate():
    family = Poisson()
    p = family.from_mean(2.0**62)
    assert p.mean_parameter <= 2**62
    assert family.mean_to_natural(p.mean_parameter) == pytest.approx(62 * math.log(2), rel=1e-15)
    draws = p.sample(100, 1)
    assert np.abs(draws / 2.0**62 - 1).max() < 1e-8
    for bad in (2.0**62 * (1 + 1e-12), 2**63, INF, -1.0, math.nan):
        with pytest.raises(
            ValueError, match=r"Poisson: mean parameter must be between 0 and 2\*\*62"
        ):
            family.mean_to_natural(bad)
    for bad in (43.0, INF, math.nan):
        with pytest.raises(ValueError, match=r"natural parameter must be at most log 2\*\*62"):
            family.from_natural(bad)
