"""Exact p-values against full enumeration, published values, scipy, and their own laws."""

import itertools
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gammaln

from expfam import power_divergence, sampling
from expfam.exact import goodness_of_fit, independence
from expfam.exact import tables as tables_module
from expfam.exact.choice import METHODS
from expfam.exact.halves import OverBudget, sums_up_to
from expfam.exact.problems import Problem
from expfam.exact.tables import columns, hypergeometric, number_of_columns, random_tables

STATISTICS = tuple(power_divergence.STATISTICS)
MENDEL = ([315, 108, 101, 32], np.array([9, 3, 3, 1]) / 16)
JOBS = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]  # Agresti (2002), table 2.8

SEEDS = [(1, 60), pytest.param(2, 500, marks=pytest.mark.slow)]


# ---------------------------------------------------------------- brute force


def value(x, m, name, log_p):
    """The textbook formula of a statistic of cells (…, K)."""
    with np.errstate(all="ignore"):
        if name == "probability":
            return -2 * log_p
        if name == "pearson":
            return ((x - m) ** 2 / m).sum(-1)
        if name == "g":
            return 2 * np.where(x > 0, x * np.log(x / m), 0.0).sum(-1)
        if name == "neyman":
            return ((x - m) ** 2 / x).sum(-1)
        if name == "freeman_tukey":
            return 4 * ((np.sqrt(x) - np.sqrt(m)) ** 2).sum(-1)
        return 9 / 5 * (x * ((x / m) ** (2 / 3) - 1)).sum(-1)


def enumerated(outcomes, x, m, log_p, log_p_observed, name):
    """P(S ≥ s), summed over all outcomes."""
    s, least = value(outcomes, m, name, log_p), value(x, m, name, log_p_observed)
    slack = 1e-9 * (max(1, least) if name == "probability" else least)
    extreme = s >= least - slack if math.isfinite(least) else np.isinf(s)
    return min(math.fsum(np.exp(log_p)[extreme]), 1.0)


def compositions(n, size):
    bars = itertools.combinations(range(n + size - 1), size - 1)
    ends = np.array([(-1, *bar, n + size - 1) for bar in bars])
    return (np.diff(ends, axis=1) - 1).astype(float)


def all_tables(rows, totals):
    """Every table (c, r) with these sums, column by column."""
    if len(totals) == 1:
        return [[list(rows)]]
    found = []
    for top in itertools.product(*(range(min(totals[0], row) + 1) for row in rows[:-1])):
        column = [*top, totals[0] - sum(top)]
        if 0 <= column[-1] <= rows[-1]:
            left = [row - x for row, x in zip(rows, column, strict=True)]
            found += [[column, *rest] for rest in all_tables(left, totals[1:])]
    return found


def probabilities(rng, size):
    kind = rng.integers(3)
    weights = [np.ones(size), rng.integers(1, 5, size), rng.dirichlet(np.ones(size))][kind]
    return weights / weights.sum()


@pytest.mark.parametrize(("seed", "cases"), SEEDS)
def test_goodness_of_fit_is_the_sum_over_all_outcomes(seed, cases):
    rng = np.random.default_rng(seed)
    for _ in range(cases):
        size = int(rng.integers(2, 6))
        n = int(rng.integers(1, 31 if size < 5 else 17))
        p, outcomes = probabilities(rng, size), compositions(n, size)
        x = rng.choice(outcomes) if rng.random() < 0.5 else rng.multinomial(n, p).astype(float)

        def log_p(x, n=n, p=p):
            return gammaln(n + 1) - gammaln(x + 1).sum(-1) + (x * np.log(p)).sum(-1)

        for name in STATISTICS:
            result = goodness_of_fit(x, p, name, "exact")
            right = enumerated(outcomes, x, n * p, log_p(outcomes), log_p(x), name)
            assert result.pvalue == pytest.approx(right, rel=1e-12)
            observed = value(x, n * p, name, log_p(x))
            assert result.statistic == pytest.approx(observed, rel=1e-9, abs=1e-12)
            assert result[2:6] == (size - 1, "exact", True, None)


@pytest.mark.parametrize(("seed", "cases"), SEEDS)
def test_independence_is_the_sum_over_all_tables(seed, cases):
    rng = np.random.default_rng(seed)
    for _ in range(cases):
        shape = rng.integers(2, 5, 2)
        n = int(rng.integers(2, 16 if shape.prod() < 10 else 10))
        table = rng.multinomial(n, np.full(shape.prod(), 1 / shape.prod())).reshape(shape)
        kept = table[table.sum(1) > 0][:, table.sum(0) > 0]
        if min(kept.shape) < 2:
            assert independence(table).pvalue == 1
            continue
        rows, totals = kept.sum(1), kept.sum(0)
        outcomes = np.array(all_tables(rows.tolist(), totals.tolist()), float)
        outcomes, x = outcomes.reshape(len(outcomes), -1), kept.T.ravel().astype(float)
        fixed = gammaln(rows + 1).sum() + gammaln(totals + 1).sum() - gammaln(n + 1)
        m = np.outer(totals, rows).ravel() / n
        for name in STATISTICS:
            log_p = fixed - gammaln(outcomes + 1).sum(-1)
            right = enumerated(outcomes, x, m, log_p, fixed - gammaln(x + 1).sum(), name)
            result = independence(table, name, "exact")
            assert result.pvalue == pytest.approx(right, rel=1e-12)
            assert result.df == (kept.shape[0] - 1) * (kept.shape[1] - 1)
        if result.reason.split()[0].isdigit():
            assert int(result.reason.split()[0]) == len(outcomes)


# ---------------------------------------------------------------- published and other programs


def test_the_example_of_emt():
    path = Path(__file__).parent / "oracles" / "exact_emt_doc.json"
    case = json.loads(path.read_text(encoding="utf-8"))
    counts, p0, right = *case["input"].values(), case["expected"]
    for name, key in (("probability", "p_prob"), ("pearson", "p_chisq"), ("g", "p_llr")):
        result = goodness_of_fit(counts, p0, name)
        assert result.pvalue == pytest.approx(right[key], rel=1e-12)
        assert result.reason.startswith(f"{right['n_outcomes']} outcomes in ")
    assert goodness_of_fit(counts, p0).statistic == pytest.approx(right["X2"], rel=1e-12)
    assert goodness_of_fit(counts, p0, "g").statistic == pytest.approx(right["G2"], rel=1e-12)


def test_ties_are_relative_where_emt_is_wrong():
    """EMT gives 3.5e-4: it compares probabilities with an absolute tolerance."""
    result = goodness_of_fit([0, 1, 3, 4, 22, 0], np.full(6, 1 / 6), "probability")
    assert result.pvalue == pytest.approx(1.3138e-11, rel=1e-4)


@pytest.mark.parametrize("name", STATISTICS)
def test_mendel_and_the_jobs(name):
    mendel = goodness_of_fit(*MENDEL, name)
    assert mendel.reason.startswith("28,956,759 outcomes in 311,920 half-outcomes, within the")
    assert 0.92 < mendel.pvalue < 0.94
    jobs = independence(JOBS, name)
    assert (jobs.exact, jobs.df) == (True, 9)
    assert jobs.reason.startswith("90,208,550 outcomes in 1,066,193 half-outcomes")
    if name == "probability":  # scipy's fisher_exact says .774, .780, .786, .777 by turns
        assert jobs.pvalue == pytest.approx(0.782685, abs=5e-7)


def test_two_by_two_is_fishers_test():
    rng = np.random.default_rng(3)
    for _ in range(100):
        table = rng.integers(0, 30, (2, 2)) + 1
        theirs = stats.fisher_exact(table).pvalue
        assert independence(table, "probability").pvalue == pytest.approx(theirs, rel=1e-9)


def test_binomial_test():
    for x, n, p in [(7, 10, 0.5), (0, 30, 0.1), (400, 1000, 0.3), (5, 20, 0.25)]:
        theirs = stats.binomtest(x, n, p).pvalue
        ours = goodness_of_fit([x, n - x], [p, 1 - p], "probability").pvalue
        assert ours == pytest.approx(theirs, rel=1e-10)


def test_small_tails_keep_their_digits():
    result = goodness_of_fit([300, 0, 0], [0.2, 0.4, 0.4], "g")
    assert result.pvalue == pytest.approx(0.2**300, rel=1e-12)
    table = independence([[60, 0], [0, 60]], "probability")
    assert table.pvalue == pytest.approx(2 / math.comb(120, 60), rel=1e-12)


# ---------------------------------------------------------------- laws


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4)), min_size=2, max_size=5),
    st.sampled_from(STATISTICS),
    st.randoms(use_true_random=False),
)
def test_categories_have_no_order(pairs, name, random):
    if not any(x for x, _ in pairs):
        pairs = [(1, pairs[0][1]), *pairs[1:]]
    x, w = np.array(pairs, float).T
    other, v = np.array(random.sample(pairs, len(pairs)), float).T
    one = goodness_of_fit(x, w / w.sum(), name, "exact")
    two = goodness_of_fit(other, v / v.sum(), name, "exact")
    assert two.pvalue == pytest.approx(one.pvalue, rel=1e-13)
    assert 0 < one.pvalue <= 1


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda c: st.lists(
            st.lists(st.integers(0, 4), min_size=c, max_size=c), min_size=2, max_size=3
        )
    ),
    st.sampled_from(STATISTICS),
)
def test_a_table_turned_is_the_same_table(rows, name):
    table = np.array(rows)
    table[0, 0] += 1
    one = independence(table, name, "exact")
    two = independence(table.T, name, "exact")
    three = independence(table[::-1, ::-1], name, "exact")
    for other in (two, three):
        assert other.pvalue == pytest.approx(one.pvalue, rel=1e-13)
        assert other.statistic == pytest.approx(one.statistic, rel=1e-12)


def test_levels_of_one_half_reach_the_other():
    """Many equal categories: partial outcomes of equal sum and statistic are one."""
    x = np.random.default_rng(4).multinomial(30, np.full(60, 1 / 60))
    result = goodness_of_fit(x, np.full(60, 1 / 60), "pearson")
    assert result.exact
    simulated = goodness_of_fit(x, np.full(60, 1 / 60), "pearson", "monte_carlo", draws=40_000)
    assert abs(simulated.pvalue - result.pvalue) < 5 * simulated.se  # 6e-7


# ---------------------------------------------------------------- simulated


@pytest.mark.parametrize("name", STATISTICS)
def test_monte_carlo_is_near_the_exact(name):
    """Within 5 standard errors, of seeds that are fixed: 6e-7 each."""
    cases = [
        (goodness_of_fit, (MENDEL[0], MENDEL[1])),
        (goodness_of_fit, ([2, 0, 5, 1], [0.1, 0.2, 0.3, 0.4])),
        (independence, ([[3, 1, 4], [1, 5, 9]],)),
        (independence, ([[30, 21, 34], [51, 55, 59]],)),
    ]
    for test, arguments in cases:
        exact = test(*arguments, name)
        simulated = test(*arguments, name, "monte_carlo", 7)
        assert (exact.method, simulated.method, simulated.exact) == ("exact", "monte_carlo", False)
        assert abs(exact.pvalue - simulated.pvalue) <= 5 * simulated.se
        assert simulated.statistic == exact.statistic


def test_a_seed_gives_the_same_p_and_none_is_zero():
    table = [[3, 1, 4], [1, 5, 9]]
    assert independence(table, "g", "monte_carlo") == independence(table, "g", "monte_carlo", 0)
    one, two = (independence(table, "g", "monte_carlo", seed).pvalue for seed in (1, 2))
    assert one != two
    generator = np.random.Generator(np.random.Philox(1))
    given_ = independence(table, "g", "monte_carlo", generator)
    assert given_.pvalue == one
    assert given_.reason == "9,999 draws, the generator given"


def test_a_simulated_p_is_never_zero():
    result = goodness_of_fit([100, 0], [0.5, 0.5], method="monte_carlo", draws=99)
    assert result.pvalue == 0.01
    assert result.se == pytest.approx(math.sqrt(0.01 * 0.99 / 99))


@pytest.mark.parametrize("few", [0, 10**9])
def test_random_tables_have_their_law(few, monkeypatch):
    """Both samplers; a χ² test of 155 tables at 1e-6."""
    monkeypatch.setattr(tables_module, "_FEW", few)
    rows, totals, size = np.array([5, 7, 3]), np.array([4, 6, 5]), 100_000
    drawn = random_tables(sampling.stream(1), rows, totals, size)
    assert (drawn.sum(1) == rows).all()
    assert (drawn.sum(2) == totals).all()
    outcomes, counts = np.unique(drawn.reshape(size, -1), axis=0, return_counts=True)
    fixed = gammaln(rows + 1).sum() + gammaln(totals + 1).sum() - gammaln(16)
    expected = size * np.exp(fixed - gammaln(outcomes + 1).sum(1))
    assert expected.sum() == pytest.approx(size, rel=1e-3)
    often = expected > 5
    x2 = ((counts - expected)[often] ** 2 / expected[often]).sum()
    assert stats.chi2.sf(x2, often.sum() - 1) > 1e-6


@pytest.mark.parametrize(
    "urn",
    [
        (5, 7, 4),
        (1000, 10, 500),
        (3, 100_000, 50_000),
        (0, 5, 3),
        (5, 0, 3),
        (9, 9, 18),
        (10**6, 10**6, 10**6),
    ],
)
def test_hypergeometric_draws(urn):
    """The mean within 6 standard errors, the range at all."""
    good, bad, draws = urn
    size = 20_000
    x = hypergeometric(sampling.stream(5), *(np.full(size, part) for part in urn))
    assert ((x >= max(0, draws - bad)) & (x <= min(good, draws))).all()
    n = good + bad
    variance = draws * good * bad * (n - draws) / (n * n * (n - 1))
    assert abs(x.mean() - draws * good / n) <= 6 * math.sqrt(variance / size)
    assert x.var() == pytest.approx(variance, rel=0.08)


def test_columns_are_listed_and_counted():
    rng = np.random.default_rng(6)
    for _ in range(50):
        limits = rng.integers(0, 5, rng.integers(1, 5))
        total = int(rng.integers(0, limits.sum() + 1))
        grid = np.array(list(itertools.product(*(range(limit + 1) for limit in limits))))
        right = grid[grid.sum(1) == total]
        assert sorted(columns(total, limits).tolist()) == sorted(right.tolist())
        assert number_of_columns(total, limits) == len(right)


# ---------------------------------------------------------------- which method, and why


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


# ---------------------------------------------------------------- power divergences


@pytest.mark.parametrize("lambda_", [1, 0, 2 / 3, -2, -0.5, -1, 3.7, -3.3])
def test_power_divergence_is_scipys(lambda_):
    rng = np.random.default_rng(8)
    x = rng.integers(1, 100, (20, 6)).astype(float)
    p = rng.dirichlet(np.ones(6) * 5, 20)
    theirs = [
        stats.power_divergence(a, a.sum() * b, lambda_=lambda_).statistic
        for a, b in zip(x, p, strict=True)
    ]
    ours = power_divergence.power_divergence(x, p, lambda_)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


NEAR_ITS_LIMITS = [1e-9, -1e-9, 1e-16, 1e-300, -1 + 1e-9, -1 - 1e-9, -1 + 2**-53]


@pytest.mark.parametrize("lambda_", [1, 0, 2 / 3, -2, -0.5, -1, 3.7, 60, *NEAR_ITS_LIMITS])
def test_a_power_divergence_keeps_its_digits(lambda_):
    """Near zero, where terms cancel, and near λ = 0 and −1, where divisors are small."""
    mpmath = pytest.importorskip("mpmath")
    x = np.array([10**9 + 3, 10**9 - 3, 10**9 + 10**7, 10**9 - 10**7, 5.0, 2e9 - 5.0])
    with mpmath.workdps(400):
        n, right = mpmath.mpf(float(x.sum())), mpmath.mpf(0)
        for count in x:
            m = n / 6
            ratio = mpmath.mpf(float(count)) / m
            if lambda_ == 0:
                right += 2 * count * mpmath.log(ratio)
            elif lambda_ == -1:
                right -= 2 * m * mpmath.log(ratio)
            else:
                right += (
                    2
                    * count
                    * (ratio**lambda_ - 1)
                    / (mpmath.mpf(lambda_) * (lambda_ + mpmath.mpf(1)))
                )
    ours = power_divergence.power_divergence(x, np.full(6, 1 / 6), lambda_)
    assert ours == pytest.approx(float(right), rel=1e-14)
    near = power_divergence.divergence_terms(np.array([1e8 + 1.0]), np.array([1e8]), lambda_)
    assert near[0] == pytest.approx(1e-8, rel=1e-7)


def test_power_divergences_at_zero():
    of = power_divergence.power_divergence
    for lambda_ in (1, 0, 2 / 3, -0.5):
        assert math.isfinite(of([0, 4], [0.5, 0.5], lambda_))
        assert of([1, 3, 0], [0.25, 0.75, 0], lambda_) == 0
        assert of([1, 2, 1], [0.25, 0.75, 0], lambda_) == math.inf
    assert of([0, 4], [0.5, 0.5], -0.5) == pytest.approx(4 * (2 + (2 - math.sqrt(2)) ** 2))
    for lambda_ in (-1, -2):
        assert of([0, 4], [0.5, 0.5], lambda_) == math.inf
    assert of([0, 4], [0.5, 0.5], 1e-9) == pytest.approx(of([0, 4], [0.5, 0.5], 0), rel=1e-8)
    assert of([0, 4], [0.5, 0.5], -1 + 2**-30) == pytest.approx(2**32, rel=1e-8)  # 2m/(λ + 1)
    far = power_divergence.divergence_terms(np.array([1e-300]), np.array([1e200]), -1e-9)
    assert far == pytest.approx(2e200 / (1 - 1e-9), rel=1e-14)  # x/m underflows
    with pytest.raises(ValueError, match="lambda_ must be finite; got nan"):
        of([1, 2], [0.5, 0.5], math.nan)


def test_a_problem_knows_its_size():
    problem = Problem(np.ones((3, 1)), np.ones((3, 1)), np.array([3.0]), None, 2)
    assert 10 ** problem.half_outcomes() == pytest.approx(20)
