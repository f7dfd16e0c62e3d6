"""Exact p-values against full enumeration, published values, scipy, and their own laws."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gammaln

from expfam import power_divergence
from expfam.exact import goodness_of_fit, independence

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
