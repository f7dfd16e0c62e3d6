"""Which method an exact test takes and why; what it leaves out and what it refuses."""

import math
import re

import numpy as np
import pytest
from scipy import stats
from test_exact import JOBS, MENDEL

from expfam.exact import goodness_of_fit, independence
from expfam.exact.choice import METHODS
from expfam.exact.halves import OverBudget, sums_up_to
from expfam.exact.problems import Problem


def test_auto_is_exact_within_the_budget():
    x, p = [40, 30, 30, 20], np.full(4, 0.25)
    assert goodness_of_fit(x, p).method == "exact"
    rough = goodness_of_fit(x, p, budget=1000)
    assert rough.method == "asymptotic"
    assert "over the budget of 1,000; every expected count is at least 5" in rough.reason
    sparse = goodness_of_fit([9, 3, 1, 0], p, budget=50)
    assert sparse.method == "monte_carlo"
    assert "4 of 4 expected counts below 5; 9,999 draws, seed 0" in sparse.reason
    assert goodness_of_fit(x, p, "probability", budget=1000).method == "monte_carlo"
    fractional = goodness_of_fit([4.5, 5.5], [0.5, 0.5])
    assert (fractional.method, fractional.se) == ("asymptotic", None)
    assert fractional.reason.startswith("counts are fractional")


def test_asymptotic_is_what_scipy_says():
    x, p = MENDEL
    names = {"pearson": 1, "g": 0, "cressie_read": 2 / 3, "neyman": -2, "freeman_tukey": -0.5}
    for name, lambda_ in names.items():
        theirs = stats.power_divergence(x, 556 * p, lambda_=lambda_)
        ours = goodness_of_fit(x, p, name, "asymptotic")
        assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-10)
        assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-10)
        theirs = stats.chi2_contingency(np.array(JOBS) + 1, correction=False, lambda_=lambda_)
        ours = independence(np.array(JOBS) + 1, name, "asymptotic")
        assert ours[:3] == pytest.approx((theirs.statistic, theirs.pvalue, theirs.dof), rel=1e-10)


def test_n_may_be_huge():
    x = [10**17, 10**17 + 10**9]
    result = goodness_of_fit(x, [0.5, 0.5])
    assert result.method == "asymptotic"
    assert result.pvalue == pytest.approx(stats.chi2.sf(5.0, 1), rel=1e-6)
    with pytest.raises(ValueError, match="exact would take more than 4,000,000 half-outcomes"):
        goodness_of_fit(x, [0.5, 0.5], method="exact")


@pytest.mark.parametrize(
    ("table", "size"),
    [
        (np.array(JOBS) * 10, "2.5e+12"),
        (np.full((8, 8), 2), ""),
        (np.arange(64).reshape(8, 8) % 3, ""),
        (np.eye(30), ""),
    ],
)
def test_too_many_tables_are_refused_in_words(table, size):
    with pytest.raises(
        ValueError, match=rf"up to {re.escape(size)}.*over the budget of 10,000; use method="
    ):
        independence(table, "g", "exact", budget=10_000)


def test_sums_need_room():
    with pytest.raises(OverBudget):
        sums_up_to(np.full(40, 3))


def test_what_has_no_counts_is_left_out():
    table = np.array([[3, 0, 1], [0, 0, 0], [1, 0, 3]])
    result = independence(table, "probability")
    assert result.pvalue == pytest.approx(34 / 70, rel=1e-12)
    assert result.df == 1
    assert result.reason.endswith("; 1 row and 1 column without counts left out")
    dropped = goodness_of_fit([5, 2, 1, 0], [0.25, 0.5, 0.25, 0])
    assert dropped[:3] == goodness_of_fit([5, 2, 1], [0.25, 0.5, 0.25])[:3]


@pytest.mark.parametrize("method", METHODS)
def test_a_count_that_p0_rules_out(method):
    result = goodness_of_fit([5, 2, 1], [0.5, 0.5, 0], method=method)
    assert result[:3] == (math.inf, 0, 1)


@pytest.mark.parametrize("method", METHODS)
def test_one_category_has_nothing_to_test(method):
    assert goodness_of_fit([5], [1.0], method=method)[:3] == (0, 1, 0)
    assert goodness_of_fit([5, 0], [1.0, 0.0], method=method)[:3] == (0, 1, 0)
    assert independence([[5, 2, 0]], method=method)[:3] == (0, 1, 0)


def test_no_outcome_is_less_extreme():
    result = goodness_of_fit([2, 2], [0.5, 0.5])
    assert (result.pvalue, result.reason) == (1, "no outcome is less extreme")
    always = goodness_of_fit([1, 0], [0.5, 0.5], "neyman")
    assert (always.statistic, always.pvalue) == (np.inf, pytest.approx(1, rel=1e-15))


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (([1, 2], [0.5, 0.6]), {}, ValueError, r"p0 must sum to 1; it sums to 1\.1"),
        (([1, 2], [1.5, -0.5]), {}, ValueError, r"p0 must be non-negative and finite; entry 1"),
        (([1, 2], [0.2, 0.3, 0.5]), {}, ValueError, r"the shape of counts, \(2,\); got \(3,\)"),
        (([0, 0], [0.5, 0.5]), {}, ValueError, r"at least one count; it sums to 0"),
        (([1, -1], [0.5, 0.5]), {}, ValueError, r"non-negative and finite; entry 1 is -1"),
        (([], []), {}, ValueError, r"must have 1 axes and an entry; got shape \(0,\)"),
        (([1, 2], [0.5, 0.5]), {"statistic": "wald"}, ValueError, r"one of pearson, .*'wald'"),
        (([1, 2], [0.5, 0.5]), {"method": "bayes"}, ValueError, r"one of auto, exact, .*'bayes'"),
        (([1, 2], [0.5, 0.5]), {"budget": 0}, ValueError, r"budget must be a positive integer"),
        (([1, 2], [0.5, 0.5]), {"draws": 2.5}, TypeError, r"draws must be a positive integer"),
        (([1, 2], [0.5, 0.5]), {"method": "monte_carlo", "rng": -1}, ValueError, r"negative"),
        (([1.5, 2], [0.5, 0.5]), {"method": "exact"}, ValueError, r"exact needs whole counts"),
        (([1.5, 2], [0.5, 0.5]), {"method": "monte_carlo"}, ValueError, r"monte_carlo needs whole"),
        (([1.5, 2], [0.5, 0.5]), {"statistic": "probability"}, ValueError, r"needs whole counts"),
        (
            ([1, 2], [0.5, 0.5]),
            {"statistic": "probability", "method": "asymptotic"},
            ValueError,
            r"has no χ² approximation; use exact or monte_carlo",
        ),
    ],
)
def test_bad_input_is_refused_in_words(arguments, options, error, message):
    with pytest.raises(error, match=message):
        goodness_of_fit(*arguments, **options)


def test_tables_at_the_door():
    with pytest.raises(ValueError, match="independence: counts must have 2 axes and an entry"):
        independence([1, 2, 3])
    with pytest.raises(ValueError, match="at least one count"):
        independence(np.zeros((2, 2)))
    with pytest.raises(TypeError, match="a bare array is wanted"):
        independence(__import__("pandas").DataFrame([[1, 2], [3, 4]]))


def test_a_simulated_table_may_be_too_large():
    table = np.array([[10**12, 10**12], [10**12, 10**12 + 1]])
    with pytest.raises(ValueError, match=r"tables of at most 100,000,000 counts"):
        independence(table, method="monte_carlo")


def test_a_problem_knows_its_size():
    problem = Problem(np.ones((3, 1)), np.ones((3, 1)), np.array([3.0]), None, 2)
    assert 10 ** problem.half_outcomes() == pytest.approx(20)
