"""Likelihood ratio, score and Wald tests of every family, and where probabilities are zero."""

from __future__ import annotations

import numpy as np
import pytest
from likelihoods import close, each, members, statistics
from scipy import stats

from expfam import Binomial, Gamma, Gaussian, Multinomial, Poisson
from expfam.likelihood import LikelihoodTest, likelihood_ratio, score, wald
from expfam.power_divergence import pearson

INF = np.inf
TESTS = {
    "likelihood_ratio": likelihood_ratio,
    "score": score,
    "wald mean": wald,
    "wald natural": lambda data, null: wald(data, null, parameter="natural"),
}


@each
def test_they_are_what_their_names_say(family, natural):
    null = family.from_natural(natural)
    x = null.sample(30, rng=5)
    best, n = family._unit.fit(family.statistics(x)), family.statistics(x).exposure
    fisher = np.atleast_2d(family._unit.fisher_information(natural))
    at_best = np.atleast_2d(family._unit.fisher_information(best.natural_parameter))
    mean = np.atleast_1d(best.mean_parameter - family._unit.natural_to_mean(natural))
    gap = np.atleast_1d(best.natural_parameter - np.asarray(natural))
    difference = family.fit(x).log_likelihood(x) - null.log_likelihood(x)
    close(likelihood_ratio(x, null).statistic, 2 * difference, rtol=1e-9)
    close(score(x, null).statistic, n * mean @ np.linalg.pinv(fisher) @ mean, rtol=1e-9)
    close(wald(x, null).statistic, n * mean @ np.linalg.pinv(at_best) @ mean, rtol=1e-9)
    close(wald(x, null, parameter="natural").statistic, n * gap @ at_best @ gap, rtol=1e-9)
    for test in TESTS.values():
        result = test(x, null)
        assert isinstance(result, LikelihoodTest)
        assert type(result.statistic) is type(result.pvalue) is float
        assert result.df == null.degrees_of_freedom
        close(result.pvalue, stats.chi2.sf(result.statistic, result.df))


@each
def test_near_the_null_all_are_one(family, natural):
    unit = family._unit
    fisher = np.atleast_2d(unit.fisher_information(natural))
    direction = fisher @ np.cos(1 + np.arange(len(fisher)))
    mean = np.atleast_1d(unit.natural_to_mean(natural)) + 1e-5 * direction
    data = statistics(family, mean if unit.natural_shape else mean[0], 1000)
    values = [test(data, unit.from_natural(natural)).statistic for test in TESTS.values()]
    assert min(values) > 0
    close(values, values[0], rtol=1e-3)


@each
def test_a_batch_is_a_loop(family, natural):
    null = family.from_natural(np.stack([natural, np.multiply(natural, 0.9)]))
    x = null.sample(12, rng=3)
    for test in TESTS.values():
        whole = test(x, null)
        loop = [test(x[:, i], null[i]) for i in (0, 1)]
        close(whole.statistic, [one.statistic for one in loop])
        close(whole.pvalue, [one.pvalue for one in loop])
        assert whole.df.tolist() == [one.df for one in loop]
        many = test(family.statistics(x, batch_ndim=1), null[0])
        close(many.statistic[0], loop[0].statistic)


@each
def test_order_and_units_do_not_matter(family, natural):
    null = family.from_natural(natural)
    x = null.sample(12, rng=3)
    for test in TESTS.values():
        close(test(x[::-1], null).statistic, test(x, null).statistic)
    halves = family.statistics(x[:5]) + family.statistics(x[5:])
    close(score(halves, null).statistic, score(x, null).statistic)


@pytest.mark.parametrize(("family", "row"), list(members()))
def test_far_members_and_edges_have_no_nan(family, row):
    null = family.from_natural(row)
    x = null.sample(20, rng=1)
    if isinstance(family, Gamma | Gaussian) and x.std() < 1e-5 * abs(x.mean()):
        return
    if family.fit(x).family != family:
        with pytest.raises(ValueError, match="not on the face"):
            likelihood_ratio(x, null)
        return
    for name, test in TESTS.items():
        result = test(x, null)
        assert result.statistic >= 0
        assert 0 <= result.pvalue <= 1
        assert not np.isnan(result.statistic)
        if name == "score" and result.df:
            # P(χ²_df > 60 df) < 1e-13 for the χ² law; rare categories have heavier tails
            assert result.statistic < 60 * result.df * 20 or result.statistic == INF


def test_p_values_are_calibrated():
    """2000 p-values of each, n = 400: |share below 0.1 − 0.1| < 0.035 but for 2e-7."""
    null = Gamma().from_shape_rate(2.0, 1.0)
    data = Gamma().statistics(null.sample((400, 2000), rng=11), batch_ndim=1)
    for test in (likelihood_ratio, score, wald):
        assert abs((test(data, null).pvalue < 0.1).mean() - 0.1) < 0.035


def test_probabilities_of_zero_take_degrees_of_freedom_or_rule_the_data_out():
    null = Multinomial(4, trials=10).from_natural([0.0, 0.0, -INF, 0.0])
    both = Multinomial(4, trials=[10, 10]).from_natural(null.natural_parameter)
    result = score([[5, 3, 0, 2], [5, 3, 1, 1]], both)
    close(result.statistic, [pearson([5, 3, 2], [1 / 3] * 3), INF])
    assert result.df.tolist() == [2, 2]
    assert result.pvalue[1] == 0
    for test in TESTS.values():
        assert test([5, 3, 1, 1], null).statistic == INF
        assert test([5, 3, 0, 2], null).df == 2


def test_members_without_freedom():
    for family, natural, x in (
        (Binomial(10), [INF, INF, -INF, -INF], [10, 9, 0, 1]),
        (Poisson(), [-INF, -INF, -INF, -INF], [0, 2, 0, 1]),
    ):
        for test in TESTS.values():
            result = test(x, family.from_natural(natural))
            assert result.statistic.tolist() == [0, INF, 0, INF]
            assert result.pvalue.tolist() == [1, 0, 1, 0]
            assert result.df.tolist() == [0, 0, 0, 0]
    assert wald(10, Binomial(10).from_natural(-INF), parameter="natural").statistic == INF
    assert likelihood_ratio([4], Multinomial(1, trials=4).from_natural([3.0])).pvalue == 1


def test_wald_at_the_boundary_is_its_limit():
    null = Binomial(1).from_natural(0.0)
    assert wald(statistics(Binomial(1), 0.0, 50), null).statistic == INF
    assert wald(statistics(Binomial(1), 0.0, 50), null, parameter="natural").statistic == 0
    near = [wald(statistics(Binomial(1), m, 50), null, "natural").statistic for m in (1e-3, 1e-9)]
    assert near[0] > near[1] > 0
    null = Multinomial(3).from_natural([0.0, 1.0, 2.0])
    at = wald(statistics(Multinomial(3), [0.4, 0.6, 0.0], 50), null, parameter="natural")
    near = wald(statistics(Multinomial(3), [0.4, 0.6, 1e-14], 50), null, parameter="natural")
    close(at.statistic, near.statistic, rtol=1e-9)
    other = Multinomial(3).from_natural([1e9, 1e9 + 1, 1e9 + 2])
    data = statistics(Multinomial(3), [0.4, 0.6, 0.0], 50)
    close(wald(data, other, parameter="natural").statistic, at.statistic)
