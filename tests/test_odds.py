"""Odds ratios of one table: brute force with fractions, scipy, zero cells."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from expfam import odds
from expfam.odds.law import conditional_law

TWINS = [[10, 2], [3, 15]]  # Fisher (1935)
cells = st.integers(0, 25)
two_by_two = st.lists(cells, min_size=4, max_size=4).filter(
    lambda x: (x[0] + x[1]) * (x[2] + x[3]) * (x[0] + x[2]) * (x[1] + x[3]) > 0
)


def law(table, theta):
    """The noncentral hypergeometric law in fractions, as {a: P(a)}."""
    (a, b), (c, d) = table
    first, second, t = a + b, c + d, a + c
    weights = {
        k: math.comb(first, k) * math.comb(second, t - k) * theta**k
        for k in range(max(0, t - second), min(first, t) + 1)
    }
    return {k: Fraction(w) / sum(weights.values()) for k, w in weights.items()}


@settings(max_examples=40, deadline=None)
@given(two_by_two, st.sampled_from([0.95, 0.8, 0.999]))
def test_exact_is_what_brute_force_and_scipy_say(x, level):
    table = [x[:2], x[2:]]
    result = odds.odds_ratio(table, level)
    first = law(table, Fraction(1))
    a, least, most = x[0], min(first), max(first)
    tail = (1 - level) / 2
    if a > least:
        at = law(table, Fraction(result.lower))
        assert float(sum(p for k, p in at.items() if k >= a)) == pytest.approx(tail, rel=1e-9)
    else:
        assert result.lower == 0
    if a < most:
        at = law(table, Fraction(result.upper))
        assert float(sum(p for k, p in at.items() if k <= a)) == pytest.approx(tail, rel=1e-9)
    else:
        assert result.upper == math.inf
    if least < a < most:
        mean = sum(k * p for k, p in law(table, Fraction(result.value)).items())
        assert float(mean) == pytest.approx(a, rel=1e-9)
    theirs = stats.contingency.odds_ratio(np.array(table))
    if least < most:
        assert result.value == pytest.approx(theirs.statistic, rel=1e-6)
        interval = theirs.confidence_interval(level)
        assert result.lower == pytest.approx(interval.low, rel=1e-6)
        assert result.upper == pytest.approx(interval.high, rel=1e-6)


def test_fishers_twins_as_in_r():
    """R: fisher.test(matrix(c(10, 3, 2, 15), 2)): 21.30533, 2.753438 301.462338 to its tolerance."""
    result = odds.odds_ratio(TWINS)
    assert result[:3] == pytest.approx((21.30533, 2.753438, 301.462338), rel=1e-4)
    assert odds.sample(TWINS) == 25
    assert odds.odds_ratio(TWINS, method="profile").value == 25


@pytest.mark.parametrize("table", [[[300, 7000], [900, 50_000]], [[90_000, 20], [10, 80_000]]])
def test_large_tables_keep_their_digits(table):
    (a, b), (c, d) = table
    first, log_weights = conditional_law(np.array([table], dtype=float), "test")
    for place in (0, a - first, len(log_weights) - 1):
        k = place + first
        with mpmath.workdps(40):
            exact = mpmath.log(mpmath.binomial(a + b, k)) + mpmath.log(
                mpmath.binomial(c + d, a + c - k)
            )
            came = mpmath.log(mpmath.binomial(a + b, a)) + mpmath.log(mpmath.binomial(c + d, c))
        ours = log_weights[place] - log_weights[a - first]
        assert ours == pytest.approx(float(exact - came), rel=1e-11, abs=1e-10)
    result = odds.odds_ratio(table)
    assert result.lower < result.value < result.upper
    assert result.value == pytest.approx(odds.sample(table), rel=0.2)


def likelihood(table, theta, baseline):
    """Of two binomials with the odds ratio θ."""
    (a, b), (c, d) = table
    first, second = baseline + math.log(theta), baseline
    value = a * first - (a + b) * np.logaddexp(0, first)
    return value + c * second - (c + d) * np.logaddexp(0, second)


@pytest.mark.parametrize(
    "table", [TWINS, [[1, 9], [11, 3]], [[557, 1278], [1198, 1493]], [[2.5, 3], [1, 6.25]]]
)
def test_profile_intervals_by_direct_optimisation(table):
    result = odds.odds_ratio(table, method="profile")

    def profile(theta):
        return -optimize.minimize_scalar(lambda x: -likelihood(table, theta, x), tol=1e-12).fun

    limit = profile(odds.sample(table)) - stats.chi2.ppf(0.95, 1) / 2
    for bound in (result.lower, result.upper):
        assert profile(bound) == pytest.approx(limit, abs=1e-6)
    assert result.lower < result.value == odds.sample(table) < result.upper


@settings(max_examples=40, deadline=None)
@given(two_by_two, st.sampled_from(odds.METHODS))
def test_turning_the_table(x, method):
    """Rows exchanged: 1/θ; transposed: the same; never NaN, one bound always finite."""
    table = np.array([x[:2], x[2:]])
    result = odds.odds_ratio(table, method=method)
    assert not any(math.isnan(value) for value in result[:3])
    assert result.lower <= result.value <= result.upper
    turned = odds.odds_ratio(table[::-1], method=method)
    inverse = [1 / v if v else math.inf for v in (result.value, result.upper, result.lower)]
    assert turned[:3] == pytest.approx(inverse, rel=1e-8)
    assert odds.odds_ratio(table.T, method=method)[:3] == pytest.approx(result[:3], rel=1e-8)


@pytest.mark.parametrize("method", odds.METHODS)
def test_zero_cells_have_one_finite_bound_and_say_so(method):
    none = odds.odds_ratio([[0, 5], [3, 4]], method=method)
    assert none.value == none.lower == 0 < none.upper < math.inf
    assert none.note == f"a count is 0, so that the odds ratio is 0; it is below {none.upper:.3g}"
    all_ = odds.odds_ratio([[5, 0], [3, 4]], method=method)
    assert all_.value == all_.upper == math.inf > all_.lower > 0
    assert all_.note.endswith(f"is infinite; it is above {all_.lower:.3g}")
    assert odds.odds_ratio([[5, 0], [0, 4]], method=method).value == math.inf
    assert odds.sample([[0, 5], [3, 4]]) == 0


def test_profile_of_tiny_weights():
    result = odds.odds_ratio([[0.001, 0.002], [0.003, 0.001]], method="profile")
    assert 0 <= result.lower < result.value < result.upper


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ([[0, 0], [3, 4]], {}, "odds_ratio: each row must have a count; row 0 sums to 0"),
        ([[3, 0], [4, 0]], {}, "each column must have a count; column 1 sums to 0"),
        ([[1, 2, 3], [4, 5, 6]], {}, r"tables must have the shape \(2, 2\); got \(2, 3\)"),
        ([[1.5, 2], [3, 4]], {}, "exact method needs whole counts; these are not"),
        ([[10**6] * 2] * 2, {}, "takes up to 200,000 values; these counts have 2,000,001"),
        ([[1, -2], [3, 4]], {}, r"between 0 and 2\*\*53; entry \(0, 1\) is -2"),
        (TWINS, {"method": "wald"}, "method must be one of exact, profile; got 'wald'"),
        (TWINS, {"level": 0}, "odds_ratio: level must be between 0 and 1"),
    ],
)
def test_bad_tables_are_refused(table, options, message):
    with pytest.raises(ValueError, match=message):
        odds.odds_ratio(table, **options)


def test_frames_are_refused():
    with pytest.raises(TypeError, match="labels are kept by fit.compare"):
        odds.sample(pd.DataFrame(TWINS))
