"""Likelihood ratio, score, Wald and profile intervals: formulas of textbooks, scipy.stats, maxima."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from conftest import CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from expfam import (
    Binomial,
    Categorical,
    Exponential,
    ExponentialFamily,
    Gamma,
    Gaussian,
    InverseGamma,
    LogNormal,
    Multinomial,
    NegativeBinomial,
    Poisson,
    Statistics,
)
from expfam.family import Rule
from expfam.likelihood import (
    LikelihoodTest,
    homogeneity,
    likelihood_ratio,
    profile_interval,
    score,
    wald,
)
from expfam.power_divergence import likelihood_ratio as g
from expfam.power_divergence import pearson

INF = np.inf
SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None)
Z2 = stats.chi2.isf(0.05, 1)


def log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def close(value, expected, rtol=1e-12, atol=0.0):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


def statistics(family, mean, n):
    """Data of n trials with this average statistic."""
    mean = np.asarray(mean, dtype=float)
    return Statistics(family._unit, (n * mean)[()], 0.0, n, n, 1)


@dataclasses.dataclass(frozen=True, eq=False)
class Pair(ExponentialFamily):
    """Two categories and a Poisson as one family, its η with a redundant part, by Newton or not."""

    natural_shape = (3,)
    event_shape = (3,)
    log_base = 0.0

    def _sufficient_statistic(self, x):
        return x

    def _log_partition(self, natural):
        return np.logaddexp(natural[..., 0], natural[..., 1]) + np.exp(natural[..., 2])

    def _natural_to_mean(self, natural):
        first = 1 / (1 + np.exp(natural[..., 1] - natural[..., 0]))
        return np.stack([first, 1 - first, np.exp(natural[..., 2])], axis=-1)

    def _mean_to_natural(self, mean):
        return np.log(mean)

    def _fisher_information(self, natural):
        p, q, rate = np.moveaxis(self._natural_to_mean(natural), -1, 0)
        matrix = np.zeros((*np.shape(p), 3, 3))
        matrix[..., :2, :2] = (p * q)[..., None, None] * np.array([[1, -1], [-1, 1]])
        matrix[..., 2, 2] = rate
        return matrix

    def _degrees_of_freedom(self, natural):
        return np.full(natural.shape[:-1], 2)

    def _draw(self, natural, source, shape):
        raise NotImplementedError

    def _mean_rules(self, mean):
        yield Rule((mean > 0).all(axis=-1), "means must be positive", mean.min(axis=-1))
        yield Rule(np.abs(mean[..., :2].sum(-1) - 1) < 1e-9, "they must sum to 1", mean[..., 0])


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


# ------------------------------------------------------------ every family

MEMBERS = {
    "Multinomial": (Multinomial(4, trials=5), [0.2, -0.4, 0.5, 0.0]),
    "Categorical": (Categorical(3), [0.2, -0.4, 0.5]),
    "Binomial": (Binomial(5), 0.7),
    "Poisson": (Poisson(), 0.7),
    "Gaussian": (Gaussian(), [0.4, -0.7]),
    "Gamma": (Gamma(), [0.5, -0.7]),
    "Exponential": (Exponential(), -0.7),
    "NegativeBinomial": (NegativeBinomial(3), -0.7),
    "LogNormal": (LogNormal(), [0.4, -0.7]),
    "InverseGamma": (InverseGamma(), [2.0, -0.7]),
}
TESTS = {
    "likelihood_ratio": likelihood_ratio,
    "score": score,
    "wald mean": wald,
    "wald natural": lambda data, null: wald(data, null, parameter="natural"),
}
each = pytest.mark.parametrize(("family", "natural"), MEMBERS.values(), ids=MEMBERS)


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


def members():
    """The members of CASES; of a case that names none a small one."""
    for name, (family, natural) in CASES.items():
        rows = np.random.default_rng(1).normal(size=(99, *family.natural_shape))
        with np.errstate(all="ignore"):
            rows = rows[family._inside(rows)][:1] if natural is None else np.asarray(natural)
        for row in rows.reshape(-1, *family.natural_shape):
            yield pytest.param(family._unit, row, id=f"{name} at {row}")


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


# ------------------------------------------------------------ zeros


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


# ------------------------------------------------------------ k samples


def table_of(rows):
    rows = np.asarray(rows)
    family = Multinomial(rows.shape[-1], trials=rows.sum(-1))
    return family.statistics(rows, batch_ndim=rows.ndim - 1)


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
    assert homogeneity(apart, test="wald", parameter="natural").statistic == 0
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


# ------------------------------------------------------------ profiles


def on_the_edge(data, angles):
    """Members with 2n·KL(p̂‖p) = z² in every direction of the plane of η, by bisection."""
    family, best = data.family, data.family.fit(data)
    root = np.linalg.inv(np.linalg.cholesky(best.fisher_information)).T / math.sqrt(data.exposure)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1) @ root.T
    low, high = np.zeros(len(angles)), np.full(len(angles), 100.0)
    for _ in range(60):
        middle = (low + high) / 2
        natural = best.natural_parameter + middle[:, None] * rays
        inside = family._inside(natural)
        safe = np.where(inside[:, None], natural, best.natural_parameter)
        far = ~inside | (2 * data.exposure * best.kl(family.from_natural(safe)) > Z2)
        low, high = np.where(far, low, middle), np.where(far, middle, high)
    return best.natural_parameter + low[:, None] * rays


@pytest.mark.parametrize(
    ("family", "c", "parameter"),
    [
        (Gaussian(), [1.0, 0.0], "natural"),
        (Gaussian(), [0.5, 1.0], "natural"),
        (Gaussian(), [0.0, 1.0], "mean"),
        (Gaussian(), [0.5, 1.0], "mean"),
        (Gamma(), [1.0, 0.0], "natural"),
        (Gamma(), [0.0, 1.0], "mean"),
    ],
    ids=str,
)
def test_profiles_match_a_search_of_the_plane(family, c, parameter):
    data = family.statistics([1.0, 2.0, 3.0, 6.0, 2.0])
    ends = profile_interval(data, c, parameter)
    for sign, end in zip((-1, 1), ends, strict=True):
        middle, width = math.pi, math.pi
        for _ in range(4):
            angles = middle + width * np.linspace(-1, 1, 101)
            members = family.from_natural(on_the_edge(data, angles))
            values = getattr(members, f"{parameter}_parameter") @ np.array(c)
            middle, width = angles[np.argmax(sign * values)], width / 20
        close(end, sign * (sign * values).max(), rtol=1e-7)


@pytest.mark.parametrize("parameter", ["natural", "mean"])
@pytest.mark.parametrize(
    ("x", "c"), [([6, 9, 10, 5], [1.0, -2.0, 3.0, -2.0]), ([1, 3, 4, 2], [-3.0, -1.0, 1.0, 3.0])]
)
def test_profiles_match_another_optimiser(x, c, parameter):
    data, family = table_of(x), Multinomial(4)
    best = family.fit(data)
    constraint = {
        "type": "ineq",
        "fun": lambda natural: Z2 - 2 * sum(x) * best.kl(family.from_natural(natural)),
    }
    for sign, end in zip((-1, 1), profile_interval(data, c, parameter), strict=True):

        def value(natural, sign=sign):
            p = natural if parameter == "natural" else family.natural_to_mean(natural)
            return -sign * float(np.dot(c, p))

        found = optimize.minimize(
            value, best.natural_parameter, method="SLSQP", constraints=constraint,
            options={"maxiter": 500, "ftol": 1e-13},
        )  # fmt: skip
        close(end, -sign * found.fun, rtol=1e-5)


def binomial_ends(x, n, level=0.95):
    """The roots of the binomial deviance, where there are any."""
    z2 = stats.chi2.isf(1 - level, 1)

    def excess(p):
        return g([x, n - x], [p, 1 - p]) - z2

    low = optimize.brentq(excess, 1e-300, x / n, xtol=1e-300) if x else 0.0
    return low, optimize.brentq(excess, x / n, 1 - 1e-15, xtol=1e-300, rtol=1e-15) if x < n else 1.0


@pytest.mark.parametrize("x", [[3, 5, 12], [0, 4, 6], [0, 0, 8], [1, 10**6, 10], [2, 0, 0]])
def test_the_profile_of_a_probability_is_that_of_a_proportion(x):
    data = table_of(x)
    for i, count in enumerate(x):
        close(profile_interval(data, i, "mean", 0.9), binomial_ends(count, sum(x), 0.9), rtol=1e-9)


@pytest.mark.parametrize("x", [[3, 5, 12], [0, 4, 6], [1, 10**6, 10], [4, 0, 1], [0, 0, 8]])
def test_the_profile_of_a_log_odds_is_that_of_two_categories(x):
    a, b, _ = x
    if a + b:
        low, high = (log(p) - log(1 - p) for p in np.array(binomial_ends(a, a + b)))
    else:
        low, high = -INF, INF  # nothing tells the two apart
    close(profile_interval(table_of(x), [1, -1, 0]), (low, high), rtol=1e-9)


def test_profiles_of_one_parameter():
    low, high = profile_interval(Binomial(20).statistics(7), parameter="mean")
    close((low, high), binomial_ends(7, 20), rtol=1e-12)
    close(
        profile_interval(Binomial(20).statistics(7)), [math.log(p / (1 - p)) for p in (low, high)]
    )
    zero = Poisson().statistics([0, 0, 0, 0])
    close(profile_interval(zero, parameter="mean"), (0.0, Z2 / 8))
    close(profile_interval(zero), (-INF, math.log(Z2 / 8)))
    whole = profile_interval(Binomial(5).statistics([0, 5], batch_ndim=1), parameter="mean")
    close(whole[0], [0.0, math.exp(-Z2 / 10)])
    close(whole[1], [1 - math.exp(-Z2 / 10), 1.0])
    assert profile_interval(Binomial(5).statistics(5))[1] == INF


def test_gaussian_profiles_have_a_closed_form():
    x = np.array([1.0, 2.0, 3.0, 6.0, 0.5])
    n, mean, variance = len(x), x.mean(), x.var()
    half = math.sqrt(variance * math.expm1(Z2 / n))  # n·log(1 + (x̄ − m)²/v) = z²
    data = Gaussian().statistics(x)
    close(profile_interval(data, 0, "mean"), (mean - half, mean + half), rtol=1e-11)

    def excess(r):  # r = v̂/v: n·(r − 1 − log r) = z²
        return n * (r - 1 - math.log(r)) - Z2

    ratios = optimize.brentq(excess, 1e-9, 1.0), optimize.brentq(excess, 1.0, 99.0)
    close(profile_interval(data, 1), [-0.5 * r / variance for r in ratios[::-1]], rtol=1e-10)


@pytest.mark.parametrize("name", ["Multinomial", "Gaussian"])
@pytest.mark.parametrize("parameter", ["natural", "mean"])
def test_profiles_hold_the_estimate_and_grow_with_the_level(name, parameter):
    family, natural = MEMBERS[name]
    data = family.statistics(family.from_natural(natural).sample(40, rng=2))
    c = np.eye(len(natural))[0] - (np.eye(len(natural))[1] if name == "Multinomial" else 0)
    best = family._unit.fit(data)
    value = c @ (best.natural_parameter if parameter == "natural" else best.mean_parameter)
    ends = [profile_interval(data, c, parameter, level) for level in (0.5, 0.9, 0.999)]
    lows, highs = zip(*ends, strict=True)
    assert sorted([*lows, value, *highs]) == [*lows[::-1], value, *highs]
    low, high = profile_interval(data, -3 * c, parameter, 0.9)
    close((-low / 3, -high / 3), ends[1][::-1], rtol=1e-10)
    shifted = statistics(family, best.mean_parameter, data.exposure * 10**8)
    low, high = profile_interval(shifted, c, parameter)
    fisher = family._unit.fisher_information(best.natural_parameter)
    form = np.linalg.pinv(fisher) if parameter == "natural" else fisher
    error = math.sqrt(c @ form @ c / shifted.exposure)
    close([low, high], [value - 1.959964 * error, value + 1.959964 * error], rtol=1e-6)
    close((high - low) / error, 2 * 1.959964, rtol=1e-3)


@pytest.mark.filterwarnings("ignore:Values in x were outside bounds:RuntimeWarning")  # scipy 1.13
def test_mean_scores_where_categories_are_unseen():
    """The extremes lean on the unseen category of the most extreme score."""
    data = table_of([0, 12, 8, 0])
    low, high = profile_interval(data, [1, 2, 3, 4], "mean")

    def deviance(p):
        return 2 * (12 * np.log(0.6 / p[1]) + 8 * np.log(0.4 / p[2]))

    for end, sign in ((low, 1), (high, -1)):
        found = optimize.minimize(
            lambda p, sign=sign: sign * (np.arange(1, 5) @ p), [0.05, 0.5, 0.4, 0.05],
            method="SLSQP", bounds=[(1e-9, 1)] * 4, options={"ftol": 1e-14, "maxiter": 300},
            constraints=[
                {"type": "eq", "fun": lambda p: p.sum() - 1},
                {"type": "ineq", "fun": lambda p: Z2 - deviance(p)},
            ],
        )  # fmt: skip
        close(end, sign * found.fun, rtol=1e-6)
    assert profile_interval(table_of([9, 0]), [5, 1], "mean")[1] == 5


# ------------------------------------------------------------ a family of one's own


def test_a_family_of_two_parts_with_a_redundant_parameter():
    family, null = Pair(), Pair().from_natural([0.3, 0.1, 0.7])
    x = np.array([[1, 0, 3], [1, 0, 1], [0, 1, 4], [1, 0, 0]])
    for test in (likelihood_ratio, score, wald):
        coin = test(3, Binomial(4).from_natural(0.2)).statistic
        count = test([3, 1, 4, 0], Poisson().from_natural(0.7)).statistic
        result = test(x, null)
        close(result.statistic, coin + count)
        assert result.df == 2
    data = family.statistics(x)
    close(
        profile_interval(data, [1, -1, 0]), profile_interval(Binomial(4).statistics(3)), rtol=1e-9
    )
    close(profile_interval(data, 2), profile_interval(Poisson().statistics([3, 1, 4, 0])))
    with pytest.raises(ValueError, match="log-odds"):
        profile_interval(data, 1)


def test_means_beyond_the_reach_of_newton_are_none():
    class Short(Pair):
        def _mean_to_natural(self, mean):
            if (mean > 3).any():
                raise ValueError("not converged")
            return super()._mean_to_natural(mean)

    data = Short().statistics([[1, 0, 3], [0, 1, 1]])
    low, high = profile_interval(data, 2)
    close(low, profile_interval(Poisson().statistics([3, 1]))[0])
    close(high, math.log(3.0), rtol=1e-9)  # the interval is cut there


def test_a_profile_that_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setattr("expfam.likelihood.profile._TURNS", 2)
    with pytest.raises(ValueError, match="the profile has not settled after 2 turns"):
        profile_interval(Gaussian().statistics([1.0, 2.0, 4.0]), 1, "mean")


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
