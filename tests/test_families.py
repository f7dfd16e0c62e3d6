"""What Binomial, Poisson, Gaussian and Gamma promise beyond the laws of every family."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special as scipy_special
from scipy import stats

from expfam import Binomial, Gamma, Gaussian, GaussianKnownVariance, Multinomial, Poisson

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


# ---------------------------------------------------------------- Gaussian


@SETTINGS
@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e6), st.floats(-1e4, 1e4), st.floats(1e-3, 1e6))
def test_gaussian_numbers(mean, variance, other_mean, other_variance):
    p = Gaussian().from_mean_variance(mean, variance)
    q = Gaussian().from_mean_variance(other_mean, other_variance)
    found_mean, found_variance = Gaussian().mean_variance(p.natural_parameter)
    close(found_mean, mean, 1e-14, 1e-300)  # η₁ of a subnormal mean has few digits
    close(found_variance, variance, 1e-14)
    x = mean + np.array([-3.0, 0.5, 0.0]) * math.sqrt(variance)
    close(p.log_prob(x), stats.norm.logpdf(x, mean, math.sqrt(variance)), 1e-9, 1e-9)
    close(p.entropy(), stats.norm.entropy(mean, math.sqrt(variance)), 1e-12, 1e-13)
    ratio = variance / other_variance
    wanted = 0.5 * (ratio - 1 - math.log(ratio)) + (mean - other_mean) ** 2 / (2 * other_variance)
    close(p.kl(q), wanted, 1e-9, 1e-12)
    assert p.kl(q) >= 0
    back = Gaussian().mean_to_natural(Gaussian().natural_to_mean(p.natural_parameter))
    spread = 1 + mean * mean / variance  # what E x² − (E x)² cancels
    close(back, p.natural_parameter, 1e-15 * spread + 1e-14)


@pytest.mark.parametrize("far", [0.0, 1e3, 1e8, 1e13])
@pytest.mark.parametrize("known", [True, False])
def test_gaussian_log_prob_keeps_its_digits_far_from_zero(known, far):
    """Of the member as stored: far standard deviations from 0 the mean has digits below rounding."""
    rng = np.random.default_rng(7)
    for variance, z in zip(
        np.exp(3 * rng.normal(size=50)).tolist(), rng.normal(size=50), strict=True
    ):
        mean = far * math.sqrt(variance) * 1.37
        family = GaussianKnownVariance(variance) if known else Gaussian()
        p = family.from_natural(mean / variance if known else [mean / variance, -0.5 / variance])
        with mpmath.workdps(50):
            linear, *quadratic = (mpmath.mpf(v) for v in np.ravel(p.natural_parameter).tolist())
            (quadratic,) = quadratic or [-1 / (2 * mpmath.mpf(variance))]
            centre = -linear / (2 * quadratic)
            x = float(centre + z * mpmath.sqrt(-1 / (2 * quadratic)))
            exact = quadratic * (x - centre) ** 2 + mpmath.log(-quadratic / mpmath.pi) / 2
        close(p.log_prob(x), float(exact), 2e-15, 2e-15)


def test_gaussian_kl_of_close_members_keeps_its_digits():
    p = Gaussian().from_mean_variance(3.0, 2.0)
    for step in (1e-3, 1e-6, 1e-9):
        q = Gaussian().from_natural([1.5, -0.25 * (1 + step)])
        gap = float(q.natural_parameter[1]) / -0.25 - 1
        shift = 3.0 * gap / (1 + gap)
        wanted = 0.5 * (gap - math.log1p(gap)) if gap > 1e-4 else gap**2 / 4 - gap**3 / 6
        wanted += shift**2 * (1 + gap) / 4
        close(p.kl(q), wanted, 1e-10)


def test_gaussian_parts_and_fit():
    family = Gaussian()
    assert family.unpack([1.0, -2.0]) == {"linear": 1.0, "quadratic": -2.0}
    packed = family.pack(linear=[1.0, 2.0], quadratic=-0.5)
    assert packed.tolist() == [[1.0, -0.5], [2.0, -0.5]]
    assert family.unpack(packed)["linear"].tolist() == [1.0, 2.0]
    x = [1.0, 2.0, 3.0, 6.0]
    mean, variance = family.mean_variance(family.fit(x).natural_parameter)
    assert (mean, variance) == (pytest.approx(3.0), pytest.approx(3.5))
    member = family.from_mean_variance([0.0, 1.0], 2.0)
    assert member.batch_shape == (2,)
    assert member.degrees_of_freedom.tolist() == [2, 2]
    draws = member.sample(20000, 1)
    close(draws.mean(axis=0), [0.0, 1.0], atol=0.06)
    close(draws.var(axis=0), [2.0, 2.0], 0.05)
    for parts, text in (
        ({"linear": 1.0}, "parts must be linear, quadratic; got linear"),
        ({}, "parts must be linear, quadratic; got none"),
        (
            {"linear": [1, 2], "quadratic": [1, 2, 3]},
            r"parts must broadcast; got \(2,\) and \(3,\)",
        ),
    ):
        with pytest.raises(ValueError, match=text):
            family.pack(**parts)
    with pytest.raises(ValueError, match="Multinomial: parameters have no named parts"):
        Multinomial(2).pack()
    with pytest.raises(ValueError, match="Multinomial: parameters have no named parts"):
        Multinomial(2).unpack([0.0, 0.0])


@pytest.mark.parametrize(
    ("natural", "text"),
    [
        ([0.0, 0.0], "the quadratic natural parameter must be negative; it is 0"),
        ([[0.0, -1.0], [0.0, 2.0]], "quadratic natural parameter must be negative; row 1 is 2"),
        ([INF, -1.0], "natural parameter must be finite; entry 0 is inf"),
        ([0.0, math.nan], "natural parameter must be finite; entry 1 is nan"),
        ([0.0, -1e-320], "the variance must be between 1e-100 and 1e100; it is inf"),
        ([0.0, -1e200], "the variance must be between 1e-100 and 1e100; it is 5e-201"),
        ([1e200, -1e-10], "the mean must be at most 1e50 in size"),
    ],
)
def test_bad_gaussian_naturals(natural, text):
    with np.errstate(all="raise"), pytest.raises(ValueError, match=f"Gaussian: .*{text}"):
        Gaussian().natural_to_mean(natural)


def test_bad_gaussian_moments_and_variances():
    family = Gaussian()
    for bad in ([0.0, 0.0], [1.0, 1.0], [3.0, 8.0], [1e8, 1e16]):
        with pytest.raises(ValueError, match=r"E x² must exceed \(E x\)² by more than rounding"):
            family.mean_to_natural(bad)
    with pytest.raises(ValueError, match="mean parameter must be finite; entry 1 is inf"):
        family.mean_to_natural([0.0, INF])
    with pytest.raises(ValueError, match="E x² must exceed"):
        family.fit([2.0, 2.0])
    for variance in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="Gaussian: variance must be positive"):
            family.from_mean_variance(0.0, variance)
    with np.errstate(all="raise"), pytest.raises(ValueError, match="must be finite"):
        family.from_mean_variance(1e300, 1e-300)
    with pytest.raises(
        ValueError, match=r"mean and variance must broadcast; got \(2,\) and \(3,\)"
    ):
        family.from_mean_variance([1, 2], [1, 2, 3])


def test_gaussian_extremes_are_silent():
    with np.errstate(all="raise"):
        p = Gaussian().from_mean_variance(1e50, 1e100)
        q = Gaussian().from_mean_variance(-1e50, 1e-100)
        for a, b in ((p, q), (q, p), (p, p)):
            assert a.kl(b) >= 0
            assert not math.isnan(a.entropy())
            assert np.isfinite(a.fisher_information).all()
            assert not math.isnan(a.convex_conjugate)
        assert p.log_prob(1e200) < 0
        assert Gaussian().from_mean_variance(0.0, 1.0).log_prob(1e200) == -INF
        assert Gaussian().sufficient_statistic(1e200).tolist() == [1e200, INF]


# ---------------------------------------------------------------- Gamma


@SETTINGS
@given(st.floats(0.01, 1e3), st.floats(1e-3, 1e3))
def test_gamma_numbers(shape, rate):
    p = Gamma().from_shape_rate(shape, rate)
    found = Gamma().shape_rate(p.natural_parameter)
    close(found, (shape, rate), 1e-13)
    x = np.array([0.1, 1.0, 3.0]) * shape / rate
    close(p.log_prob(x), stats.gamma.logpdf(x, shape, scale=1 / rate), 1e-9, 1e-9)
    wanted = shape - math.log(rate) + math.lgamma(shape) + (1 - shape) * scipy_special.psi(shape)
    close(p.entropy(), wanted, 1e-9, 1e-9)
    log_mean = scipy_special.psi(shape) - math.log(rate)
    close(p.mean_parameter, [log_mean, shape / rate], 1e-12, 1e-13)
    corner = scipy_special.polygamma(1, shape)
    close(p.fisher_information, [[corner, 1 / rate], [1 / rate, shape / rate**2]], 1e-12)
    q = Gamma().from_shape_rate(2.0, 1.0)
    assert p.kl(q) >= 0
    kl = (shape - 2) * scipy_special.psi(shape) - math.lgamma(shape)
    kl += 2 * math.log(rate) + shape * (1 - rate) / rate
    close(p.kl(q), kl, 1e-8, 1e-8)


def test_gamma_fit_matches_scipy():
    x = stats.gamma.rvs(3.0, scale=0.5, size=500, random_state=1)
    shape, rate = Gamma().shape_rate(Gamma().fit(x).natural_parameter)
    a, _, scale = stats.gamma.fit(x, floc=0)
    assert (shape, rate) == (pytest.approx(a, rel=1e-6), pytest.approx(1 / scale, rel=1e-6))


@pytest.mark.parametrize(
    ("natural", "text"),
    [
        ([-1.0, -1.0], r"logarithmic natural parameter \(shape − 1\) must exceed -1; it is -1"),
        ([0.0, 0.0], r"linear natural parameter \(−rate\) must be negative; it is 0"),
        ([INF, -1.0], "must be finite; entry 0 is inf"),
        ([0.0, -1e-320], "the rate must be between 1e-100 and 1e100"),
        ([0.0, -1e308], "the rate must be between 1e-100 and 1e100; it is 1e\\+308"),
        ([1e200, -1.0], "the shape must be at most 1e100"),
    ],
)
def test_bad_gamma_naturals(natural, text):
    with np.errstate(all="raise"), pytest.raises(ValueError, match=f"Gamma: .*{text}"):
        Gamma().natural_to_mean(natural)


def test_bad_gamma_data():
    family = Gamma()
    for bad, text in (
        ([1.0, 0.0], "observations must be positive; entry 1 is 0"),
        ([1.0, -2.0], "observations must be positive"),
        ([INF], "observations must be finite"),
        ([math.nan], "observations must be finite"),
        ([2.0, 2.0], "log E x must exceed E log x by more than rounding"),
    ):
        with pytest.raises(ValueError, match=f"Gamma: {text}"):
            family.fit(bad)
    for mean, text in (
        ([0.0, -1.0], "E x must be positive; it is -1"),
        ([1.0, 1.0], "log E x must exceed E log x .*; it exceeds it by -1"),
    ):
        with pytest.raises(ValueError, match=text):
            family.mean_to_natural(mean)
    for shape, rate, text in (
        (0.0, 1.0, "shape must be positive"),
        (1.0, math.nan, "rate must be positive"),
        ([1, 2], [1, 2, 3], "shape and rate must broadcast"),
        ("a", 1.0, "shape must be real numbers"),
    ):
        with pytest.raises((ValueError, TypeError), match=f"Gamma: {text}"):
            family.from_shape_rate(shape, rate)


def test_gamma_draws_are_observations():
    tiny = Gamma().from_shape_rate(1e-3, 1.0).sample(2000, 1)
    assert (tiny > 0).all()
    draws = Gamma().from_shape_rate([3.0, 0.5], [2.0, 1.0]).sample(20000, 1)
    close(draws.mean(axis=0), [1.5, 0.5], 0.05)
