"""Tests, intervals and findings of a CategoricalFit, and what they refuse."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import expfam
from expfam import intervals, power_divergence

# ---------------------------------------------------------------- test


def test_pearson_and_g_agree_with_scipy():
    rng = np.random.default_rng(5)
    for _ in range(20):
        counts, p0 = rng.integers(0, 50, 6), rng.dirichlet(np.ones(6))
        counts[0] += 1
        fit = expfam.fit(dict(zip("abcdef", counts.tolist(), strict=True)))
        given = dict(zip("abcdef", p0.tolist(), strict=True))
        for statistic, name in (("pearson", "pearson"), ("g", "log-likelihood")):
            result = fit.test(given, statistic=statistic, method="asymptotic")
            theirs = stats.power_divergence(counts, counts.sum() * p0, lambda_=name)
            assert result.statistic == pytest.approx(theirs.statistic, rel=1e-10)
            assert result.pvalue == pytest.approx(theirs.pvalue, rel=1e-9)
            assert (result.df, result.exact, result.se) == (5, False, None)
            assert "χ² approximation" in result.method


def test_p0_aligns_by_label():
    fit = expfam.fit({"a": 10, "b": 30})
    shuffled = pd.Series({"b": 0.75, "a": 0.25})
    assert fit.test(shuffled).statistic == 0
    assert fit.test({"b": 3, "a": 1}, ratio=True).statistic == 0
    assert fit.test([1, 3], ratio=True).statistic == 0
    assert fit.test(np.array([1, 3]), ratio=True).statistic == 0
    assert fit.test("1:3").statistic == 0
    assert fit.test("uniform").expected.to_dict() == {"a": 20, "b": 20}


def test_p0_of_zero():
    fit = expfam.fit({"a": 1, "b": 3, "c": 0})
    ruled_out = fit.test({"a": 0, "b": 0.5, "c": 0.5})
    assert (ruled_out.statistic, ruled_out.pvalue, ruled_out.df) == (math.inf, 0, 1)
    assert "p0 = 0 but counted: 'a', which p0 rules out" in ruled_out.notes
    assert fit.test({"a": 0, "b": 0.5, "c": 0.5}, statistic="g").statistic == math.inf
    dropped = fit.test({"a": 0.25, "b": 0.75, "c": 0})
    assert (dropped.statistic, dropped.df, dropped.pvalue) == (0, 1, 1)
    assert any("left out with a degree of freedom" in note for note in dropped.notes)
    only = expfam.fit({"a": 3, "b": 0}).test({"a": 1, "b": 0})
    assert (only.statistic, only.df, only.pvalue) == (0, 0, 1)


def test_groups_are_tested_one_by_one(grouped):
    result = grouped.test("uniform")
    for group in grouped.groups:
        alone = grouped.group(group).test("uniform")
        assert result.statistic[group] == alone.statistic
        assert result.pvalue[group] == alone.pvalue
    assert "u: statistic = " in repr(result)
    assert result.expected.shape == (2, 3)
    one = grouped.group("u").test("uniform", method="asymptotic")
    assert "statistic = 0.5, df = 2, p = 0.7788" in repr(one)
    assert "3 of 3 expected counts are below 5 (the least is 1.33)" in repr(one)


@pytest.mark.parametrize(
    ("p0", "options", "error", "message"),
    [
        ({"a": 0.5, "b": 0.5}, {}, ValueError, r"must name every category; it lacks 'c'"),
        ({"a": 1.0, "z": 0}, {}, ValueError, r"names 'z', which is not among the categories 'a'"),
        (pd.Series([0.5, 0.5, 0], ["a", "a", "b"]), {}, ValueError, r"names 'a' twice"),
        ({"a": 0.5, "b": 0.4, "c": 0.2}, {}, ValueError, r"must sum to 1; it sums to 1.1 \(ratio"),
        ([0.2, 0.3, 0.5], {}, TypeError, r"by label, .* go with ratio=True\); got a list"),
        (np.ones(3), {}, TypeError, r"got a ndarray"),
        ([1, 2], {"ratio": True}, ValueError, r"must have 3 numbers, one a category"),
        ("1:2", {}, ValueError, r"must have 3 numbers, .*; got 2"),
        ("1:2:", {}, ValueError, r'must be "uniform" or a ratio'),
        ("1:2:e", {}, ValueError, r'must be "uniform" or a ratio'),
        ("normal", {}, ValueError, r"got 'normal'"),
        ({"a": -0.5, "b": 1, "c": 0.5}, {}, ValueError, r"non-negative and finite; got -0.5"),
        ({"a": math.nan, "b": 1, "c": 0}, {}, ValueError, r"non-negative and finite; got nan"),
        ({"a": "x", "b": 1, "c": 0}, {}, TypeError, r"must be numbers; got 'x'"),
        ({"a": True, "b": 0, "c": 0}, {}, TypeError, r"must be numbers; got True"),
        ("0:0:0", {}, ValueError, r"positive, finite sum; it sums to 0"),
        (None, {}, TypeError, r"got a NoneType"),
        ("uniform", {"statistic": "wald"}, ValueError, r"one of pearson, g, .*; got 'wald'"),
        ("uniform", {"statistic": None}, ValueError, r"got None"),
    ],
)
def test_bad_p0(fit, p0, options, error, message):
    with pytest.raises(error, match=message):
        fit.test(p0, **options)


def test_statistics_are_finite_wherever_they_are():
    """Powers of x/m overflow long before the statistic: Σ (x − m)²/m is 5e291 here, G is 2 Σ x log."""
    close = pytest.approx
    assert power_divergence.pearson([1, 1], [1e-292, 1.0]) == close(5e291, rel=1e-13)
    wanted = 2 * (math.log(0.5e307) + math.log(0.5))
    assert power_divergence.likelihood_ratio([1, 1], [1e-307, 1.0]) == close(wanted, rel=1e-13)
    found = power_divergence.power_divergence([10**17, 1], [1e-300, 1.0], 2 / 3)
    assert found == close(1.8 * 1e17 * (1e300) ** (2 / 3), rel=1e-12)
    assert power_divergence.pearson([10**17, 1], [1e-300, 1.0]) == math.inf


def test_plain_statistics_refuse_labels_and_bad_shapes():
    with pytest.raises(TypeError, match="counts must be a bare array"):
        power_divergence.pearson(pd.Series([1, 2]), [0.5, 0.5])
    with pytest.raises(ValueError, match=r"one entry a category; got the shapes \(2,\) and \(3,\)"):
        power_divergence.pearson([1, 2], [0.2, 0.3, 0.5])
    with pytest.raises(ValueError, match="p0 must sum to 1; row 0 sums to 2"):
        power_divergence.likelihood_ratio([1, 2], [1, 1])
    with pytest.raises(ValueError, match="p0 must be non-negative"):
        power_divergence.pearson([1, 2], [-1, 2])
    with pytest.raises(ValueError, match="at least one count"):
        power_divergence.pearson([0, 0], [0.5, 0.5])
    assert power_divergence.chi_square_tail([0.0, 1.0], 0).tolist() == [1, 0]


# ---------------------------------------------------------------- intervals


def test_intervals_solve_their_equation():
    counts = np.array([[91, 49, 37, 43], [1, 0, 10**6, 3]])
    for name, tail in (("goodman", 0.05 / 4), ("wilson", 0.05)):
        bounds = intervals.interval(counts, 0.95, name)
        z2, n = stats.chi2.isf(tail, 1), counts.sum(-1, keepdims=True)
        for bound in bounds:
            inside = (bound > 0) & (bound < 1)
            left, right = (counts - n * bound) ** 2, z2 * n * bound * (1 - bound)
            np.testing.assert_allclose(left[inside], right[inside], rtol=1e-8)
        assert (bounds[0] <= counts / n).all()
        assert (counts / n <= bounds[1]).all()
    lower, _ = intervals.goodman([1, 10**15])
    z2 = stats.chi2.isf(0.025, 1)
    small = (2 + z2 - math.sqrt(z2 * (z2 + 4))) / 2 / 10**15
    assert lower[0] == pytest.approx(small, rel=1e-12)


def test_interval_object(fit):
    interval = fit.interval(0.9, "wilson")
    frame = interval.to_frame()
    assert frame.columns.tolist() == ["probability", "lower", "upper"]
    assert frame["lower"].to_dict() == interval.lower.to_dict()
    assert frame["probability"].equals(fit.probabilities)
    assert (interval.level, interval.method, interval.simultaneous) == (0.9, "wilson", False)
    assert "90% intervals by Wilson's method: one category alone" in repr(interval)
    assert interval.probability.equals(fit.probabilities)
    assert fit.interval().simultaneous


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"level": 1}, ValueError, "between 0 and 1, both excluded; got 1"),
        ({"level": 0.0}, ValueError, "got 0.0"),
        ({"level": math.nan}, ValueError, "got nan"),
        ({"level": "0.95"}, TypeError, "level must be a number; got '0.95'"),
        ({"level": True}, TypeError, "got True"),
        ({"method": "walt"}, ValueError, "one of bonferroni_blaker, .*, wald; got 'walt'"),
        ({"method": []}, ValueError, r"got \[\]"),
    ],
)
def test_bad_intervals(fit, options, error, message):
    with pytest.raises(error, match=message):
        fit.interval(**options)


@pytest.mark.parametrize(
    ("counts", "error"),
    [([0, 0], ValueError), ([-1, 2], ValueError), ([], ValueError), (3, ValueError),
     ([math.nan, 1], ValueError), (["a"], TypeError), ([[1, 2], [3]], ValueError)],
)  # fmt: skip
def test_bad_counts_for_intervals(counts, error):
    with pytest.raises(error, match=r"^goodman: "):
        intervals.goodman(counts)


# ---------------------------------------------------------------- check


def test_check_says_what_a_reader_should_know():
    labels = ["a"] * 50 + ["b"] * 3 + [None] * 20
    findings = " | ".join(expfam.fit(labels, categories=["a", "b", "c"]).check())
    assert "20 of 73 rows (27.4%) have no label" in findings
    assert "1 of 3 categories has no counts ('c')" in findings
    assert "1 of 3 categories has a count below 5 ('b')" in findings
    rare = expfam.fit(["a"] * 100 + [f"s{i}" for i in range(12)])
    assert any("12 of 13 categories were seen once: about 10.71%" in f for f in rare.check())
    assert expfam.fit({"a": 10, "b": 20}).check() == ()
    assert any("'NA'" in f for f in expfam.fit(["NA"] * 9 + ["b"] * 9).check())


def test_check_by_group():
    frame = pd.DataFrame(
        {
            "x": ["a"] * 30 + ["b"] * 10 + [None] * 20 + ["b"] * 40,
            "g": ["u"] * 60 + ["v"] * 40,
        }
    )
    findings = " | ".join(expfam.fit(frame, "x", by="g").check())
    assert "33.3% of the rows of 'u' have no label, 0.0% of those of 'v'" in findings
    assert "1 of 4 cells (group, category) has no counts (('v', 'a'))" in findings
