"""CategoricalFit: exact numbers by label, groups, tests, merging, saving, and what is refused."""

import json
import math
import pickle
from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import expfam
from expfam import CategoricalFit, Multinomial, intervals, power_divergence

LABELS = ["b", "a", None, "b", "c", "b", "a", "b", "c", "b"]
FRAME = pd.DataFrame(
    {
        "x": ["a", "b", "b", "c", "a", None, "b", "b", "c", "c"],
        "g": ["u", "u", "u", "u", "v", "v", "v", "v", "v", None],
        "h": [1, 1, 2, 2, 1, 1, 2, 2, 2, 1],
        "w": [1.0, 2.0, 0.0, 1.5, 1.0, 4.0, 1.0, 1.0, 2.0, 1.0],
    }
)


@pytest.fixture
def fit():
    return expfam.fit(LABELS)


@pytest.fixture
def grouped():
    return expfam.fit(FRAME, "x", by="g")


# ---------------------------------------------------------------- numbers


def test_estimates_are_exact(fit):
    assert fit.categories == ("a", "b", "c")
    assert fit.counts.to_dict() == {"a": 2, "b": 5, "c": 2}
    assert (fit.n, type(fit.n)) == (9, int)
    assert fit.probabilities.to_dict() == {"a": 2 / 9, "b": 5 / 9, "c": 2 / 9}
    p = [Fraction(2, 9), Fraction(5, 9), Fraction(2, 9)]
    logs = [math.log(x) for x in p]
    assert fit.natural.tolist() == pytest.approx(logs, rel=1e-15)
    assert fit.standard_errors.tolist() == pytest.approx([math.sqrt(x * (1 - x) / 9) for x in p])
    sequence = 2 * logs[0] + 5 * logs[1] + 2 * logs[2]
    assert fit.log_likelihood == pytest.approx(sequence, rel=1e-14)
    ways = math.factorial(9) // (2 * 120 * 2)
    assert fit.log_likelihood_counts == pytest.approx(sequence + math.log(ways), rel=1e-13)
    assert fit.degrees_of_freedom == 2
    assert fit.aic == pytest.approx(4 - 2 * sequence)
    assert fit.bic == pytest.approx(2 * math.log(9) - 2 * sequence)
    assert fit.entropy == pytest.approx(-sequence / 9)
    assert all(type(getattr(fit, name)) is float for name in ("log_likelihood", "aic", "entropy"))


def test_counts_log_likelihood_survives_large_counts():
    n = 10**14
    fit = expfam.fit({"a": n, "b": n})
    half = Multinomial(2, trials=2 * n).from_mean([n, n]).log_prob([n, n])
    assert fit.log_likelihood_counts == pytest.approx(half, rel=1e-12)
    assert fit.log_likelihood_counts == pytest.approx(-0.5 * math.log(math.pi * n), rel=1e-12)


def test_distribution_is_the_member_that_statistics_fit(fit):
    assert fit.family == expfam.Categorical(("a", "b", "c"))
    assert fit.distribution == fit.family.fit(fit.statistics)
    assert fit.statistics.total.tolist() == [2, 5, 2]
    assert (fit.statistics.weight, fit.statistics.rows) == (9, 9)
    both = fit.statistics + fit.statistics
    assert fit.family.fit(both).same_member(fit.distribution)


def test_a_zero_count_is_an_ordinary_fit():
    fit = expfam.fit(["a", "b", "a"], categories=["a", "b", "c"])
    assert fit.natural["c"] == -math.inf
    assert fit.standard_errors["c"] == 0
    assert fit.degrees_of_freedom == 1
    assert fit.log_prob("c") == -math.inf
    assert np.isfinite([fit.log_likelihood, fit.log_likelihood_counts, fit.aic, fit.entropy]).all()
    assert fit.interval().lower["c"] == 0 < fit.interval().upper["c"] < 1
    assert set(fit.sample(100, rng=1)) == {"a", "b"}


def test_one_category_is_certain():
    fit = expfam.fit(["a"] * 7)
    assert (fit.entropy, fit.log_likelihood, fit.degrees_of_freedom) == (0, 0, 0)
    assert fit.interval().to_frame().loc["a"].tolist() == [1, 1, 1]
    assert "the one category" in repr(fit)
    assert "-0.0" not in repr(fit) + fit.to_json()
    result = fit.test("uniform")
    assert (result.statistic, result.df, result.pvalue) == (0, 0, 1)


def test_results_are_copies_and_the_fit_is_frozen(fit):
    counts = fit.counts
    counts["a"] = 99
    natural = fit.natural
    natural["a"] = 99.0
    assert fit.counts["a"] == 2
    assert fit.natural["a"] < 0
    with pytest.raises(AttributeError):
        fit.table = None


@pytest.mark.parametrize(
    "labels", [[True, False, True], [2, 0, 0], [10, 9, 8], [("a", 1), ("a", 2)], ["=x", "1", ""]]
)
def test_labels_of_any_type_keep_it(labels):
    fit = expfam.fit(labels)
    assert [type(label) for label in fit.categories] == [type(labels[0])] * len(set(labels))
    counts = Counter(labels)
    assert fit.counts.tolist() == [counts[label] for label in fit.categories]
    assert list(fit.counts.index) == list(fit.categories)
    drawn = fit.sample(rng=3)
    assert type(drawn) is type(labels[0])
    many = fit.sample((2, 3), rng=3)
    assert many.shape == (2, 3)
    assert many[0, 0] in labels
    for label in labels:
        assert fit.log_prob(label) == pytest.approx(math.log(counts[label] / len(labels)))


def test_fractional_weights():
    fit = expfam.fit(FRAME, "x", weights="w")
    assert fit.counts.to_dict() == {"a": 2.0, "b": 4.0, "c": 4.5}
    assert fit.n == 10.5
    assert fit.probabilities["c"] == 4.5 / 10.5
    assert not fit.whole
    assert math.isfinite(fit.log_likelihood)
    assert "needs whole counts" in repr(fit)
    with pytest.raises(ValueError, match="needs whole counts; those of fractional weights are not"):
        _ = fit.log_likelihood_counts
    assert any("counts are not whole" in finding for finding in fit.check())
    assert fit.test("uniform").df == 2


# ---------------------------------------------------------------- groups


def test_groups_are_fits_of_their_own(grouped):
    assert grouped.groups == ("u", "v")
    assert grouped.counts.loc["v"].to_dict() == {"a": 1, "b": 2, "c": 1}
    assert grouped.counts.index.name == "g"
    assert grouped.counts.columns.name == "x"
    for group in grouped.groups:
        alone = expfam.fit(FRAME[FRAME["g"] == group]["x"], categories=["a", "b", "c"])
        one = grouped.group(group)
        assert one.counts.equals(alone.counts)
        for name in ("n", "log_likelihood", "log_likelihood_counts", "aic", "bic", "entropy",
                     "degrees_of_freedom"):  # fmt: skip
            assert getattr(grouped, name)[group] == pytest.approx(getattr(alone, name)), name
        assert grouped.natural.loc[group].equals(alone.natural.rename(group))
        assert one.ledger == grouped.ledger.group(group)
        ours, theirs = grouped.interval().to_frame().loc[group], alone.interval().to_frame()
        assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()
    with pytest.raises(ValueError, match=r"group must be one of 'u', 'v'; got 'w'"):
        grouped.group("w")
    with pytest.raises(ValueError, match="none, as there are none"):
        expfam.fit(LABELS).group("u")


def test_several_columns_make_a_multiindex():
    fit = expfam.fit(FRAME, "x", by=["g", "h"])
    assert fit.counts.index.names == ["g", "h"]
    assert fit.counts.loc[("v", 2), "b"] == 2
    assert fit.to_frame().loc[("v", 2, "b"), "count"] == 2
    assert fit.to_frame().index.names == ["g", "h", "x"]
    assert fit.log_likelihood.index.names == ["g", "h"]
    assert CategoricalFit.from_json(fit.to_json()) == fit


def test_a_group_without_labels_is_said_not_fitted():
    frame = pd.DataFrame({"x": ["a", None, "b"], "g": ["u", "v", "u"]})
    fit = expfam.fit(frame, "x", by="g")
    assert fit.groups == ("u",)
    assert fit.ledger.group("v").missing == 1
    assert any("'v'" in note for note in fit.notes)
    assert not fit.to_frame().isna().any(axis=None)


def test_grouped_results_broadcast(grouped, fit):
    assert grouped.log_prob("b").to_dict() == {"u": math.log(0.5), "v": math.log(0.5)}
    assert grouped.log_prob(["a", "b", "c"]).shape == (3, 2)
    assert grouped.sample(5, rng=1).shape == (5, 2)
    assert grouped.kl(fit).index.tolist() == ["u", "v"]
    assert fit.kl(grouped).tolist() == pytest.approx(
        [fit.kl(grouped.group(group)) for group in grouped.groups]
    )
    reordered = expfam.fit(FRAME.iloc[::-1], "x", by="g", categories=["c", "b", "a"])
    assert grouped.kl(reordered).tolist() == [0, 0]


# ---------------------------------------------------------------- log_prob, kl


def test_log_prob_of_many_keeps_their_form(fit):
    series = pd.Series(["a", "b"], index=[7, 9])
    assert fit.log_prob(series).equals(fit.natural[["a", "b"]].set_axis([7, 9]).rename("log_prob"))
    assert fit.log_prob(np.array([["a", "b"], ["b", "b"]])).shape == (2, 2)
    assert fit.log_prob(pd.Categorical(["c"])).tolist() == [fit.natural["c"]]
    assert fit.log_prob([]).shape == (0,)
    assert fit.log_prob(np.array("a")) == fit.natural["a"]


def test_log_prob_of_a_series_by_group(grouped):
    values = grouped.log_prob(pd.Series(["a", "b"], index=[7, 9]))
    assert values.index.tolist() == [7, 9]
    assert values.columns.tolist() == ["u", "v"]
    assert values.loc[7, "u"] == grouped.natural.loc["u", "a"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("z", r"labels must be among the categories 'a', 'b', 'c'; got 'z'$"),
        (["a", "z"], r"got 'z' at position 1$"),
        (["a", None], r"a missing label has no probability; got None at position 1"),
        (float("nan"), r"a missing label has no probability"),
        (pd.NA, r"a missing label has no probability"),
        (1, r"got 1$"),
        ([["a"]], r"got \['a'\]"),
        ({"a": 1}, r"got \{'a': 1\}"),
    ],
)
def test_log_prob_refuses_strangers(fit, labels, message):
    with pytest.raises(ValueError, match=message):
        fit.log_prob(labels)


def test_true_is_not_one():
    fit = expfam.fit([0, 1, 1])
    for label in (True, 1.0, "1"):
        with pytest.raises(ValueError, match="must be among the categories 0, 1"):
            fit.log_prob(label)
    assert fit.log_prob(np.int64(1)) == fit.natural[1]


def test_kl_aligns_by_label_never_by_position():
    p, q = expfam.fit({"a": 1, "b": 3}), expfam.fit({"b": 3, "a": 1})
    assert p.kl(q) == 0
    q = expfam.fit({"b": 1, "a": 1})
    assert p.kl(q) == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    zero = expfam.fit({"a": 1, "b": 0})
    assert p.kl(zero) == math.inf
    assert zero.kl(p) == pytest.approx(math.log(4))


def test_kl_refuses_other_categories_in_words(fit, grouped):
    with pytest.raises(ValueError, match=r"only the first has 'c' and only the second has 'd'"):
        fit.kl(expfam.fit(["a", "b", "d"]))
    with pytest.raises(ValueError, match="same groups; only the first has 'v'"):
        grouped.kl(expfam.fit(FRAME[FRAME["g"] == "u"], "x", by="g"))
    with pytest.raises(TypeError, match="needs another CategoricalFit; got a dict"):
        fit.kl({"a": 1})


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


# ---------------------------------------------------------------- merge


def test_merged_parts_are_the_whole():
    parts = [expfam.fit(FRAME[:4], "x"), expfam.fit(FRAME[4:], "x")]
    assert parts[0].merge(parts[1]) == parts[1].merge(parts[0]) == expfam.fit(FRAME, "x")


def test_merged_groups_are_the_whole():
    parts = [expfam.fit(FRAME[:4], "x", by="g"), expfam.fit(FRAME[4:], "x", by="g")]
    merged, whole = parts[0].merge(parts[1]), expfam.fit(FRAME, "x", by="g")
    assert merged.counts.equals(whole.counts)
    assert merged.ledger == whole.ledger


def test_merge_unites_labels():
    a, b = expfam.fit({"z": 1, "a": 2}), expfam.fit({"m": 5, "a": 1})
    assert a.merge(b).counts.to_dict() == {"z": 1, "a": 3, "m": 5}
    assert list(a.merge(b).categories) == ["z", "a", "m"]
    assert a.merge(b).n == 9
    mixed = expfam.fit({"a": 1}).merge(expfam.fit({"a": 0.5}))
    assert mixed.counts.to_dict() == {"a": 1.5}
    words = expfam.fit(["a", "b"]).merge(expfam.fit([1]))
    assert words.categories == ("a", "b", 1)
    declared = expfam.fit(["a", 1], categories=["a", 1])
    assert declared.merge(expfam.fit(["b"])).categories == ("a", 1, "b")


def test_merge_forgets_notes_that_no_longer_hold():
    a = expfam.fit(["x"], categories=["x", "y"])
    assert any("'y'" in note for note in a.notes)
    assert a.merge(expfam.fit(["y"])).notes == ()


def test_merge_refuses(fit, grouped):
    with pytest.raises(ValueError, match=r"same columns merge; got no groups and groups by g"):
        fit.merge(grouped)
    with pytest.raises(TypeError, match="merge needs another CategoricalFit; got a list"):
        fit.merge([1])
    with pytest.raises(ValueError, match=r"at most 2\*\*62"):
        expfam.fit({"a": 2**62}).merge(expfam.fit({"a": 2**62}))
    with pytest.raises(ValueError, match="one fit has 1 where another has True"):
        expfam.fit([1, 2]).merge(expfam.fit([True, False]))


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


# ---------------------------------------------------------------- to and from


@pytest.mark.parametrize(
    "fit",
    [
        expfam.fit(LABELS),
        expfam.fit([1, 2, 2, -5]),
        expfam.fit([True, False]),
        expfam.fit([1.5, 2.0], categories=[1.5, 2.0]),
        expfam.fit({"a": 2.0**60 + 2**10, "b": 0.1}),
        expfam.fit({"a": 2**61 + 1, "b": 1}),
        expfam.fit(FRAME, "x", by="g"),
        expfam.fit(FRAME, "x", by=["g", "h"], weights="w"),
        expfam.fit({'"\\\n\u2028é\U0001f426': 1, "b": 0}),
    ],
)
def test_round_trip_is_exact(fit):
    again = CategoricalFit.from_json(fit.to_json())
    assert again == fit
    assert hash(again) == hash(fit)
    assert CategoricalFit.from_dict(fit.to_dict()) == fit
    assert again.counts.equals(fit.counts)
    assert again.table.counts.dtype == fit.table.counts.dtype
    assert [type(label) for label in again.categories] == [type(label) for label in fit.categories]
    assert again.natural.equals(fit.natural)
    assert pickle.loads(pickle.dumps(fit)) == fit


def test_equality_is_of_everything(fit):
    assert fit != expfam.fit([*LABELS, None])
    assert fit != expfam.fit({"a": 2.0, "b": 5.0, "c": 2.0})
    assert expfam.fit([True, False]) != expfam.fit([1, 0])
    assert fit != "fit"


def test_json_holds_the_results_for_other_readers():
    fit = expfam.fit({"a": 1, "b": 0})
    data = json.loads(fit.to_json(level=0.9, method="wilson"), parse_constant=pytest.fail)
    assert (data["format"], data["version"]) == ("expfam.CategoricalFit", 1)
    results = data["results"]
    assert results["natural"] == [0.0, "-Infinity"]
    assert float(results["natural"][1]) == -math.inf
    assert results["probabilities"] == [1.0, 0.0]
    assert results["interval"] == {"level": 0.9, "method": "wilson", "simultaneous": False}
    assert results["log_likelihood_counts"] == 0
    fractional = json.loads(expfam.fit({"a": 0.5}).to_json())
    assert fractional["results"]["log_likelihood_counts"] is None


def _changed(**changes):
    data = expfam.fit(LABELS).to_dict()
    data.update(changes)
    return {key: value for key, value in data.items() if value is not ...}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_changed(version=2), r'"version" must be 1; got 2'),
        (_changed(version=True), r"got True"),
        (_changed(format="other"), r"got 'other'"),
        (_changed(counts=...), r"'counts' is absent"),
        (_changed(extra=1), r"'extra' is not one of its keys"),
        (_changed(counts=[1, 2]), r"counts must have the shape \(3,\) .* got \(2,\)"),
        (_changed(counts=[1, 2.0, 3]), r"integers or of floats"),
        (_changed(counts=[1, -2, 3]), r"0 to 2\*\*62"),
        (_changed(counts=[1, True, 3]), r"integers or of floats"),
        (_changed(counts=[math.nan, 1.0, 3.0]), r"0 to 2\*\*62"),
        (_changed(counts=[2**62, 1, 1]), r"sum to at most 2\*\*62"),
        (_changed(counts=[0, 0, 0]), r"positive sum"),
        (_changed(counts=[[1, 2], [3]]), r"all of one length"),
        (_changed(counts=[]), r"integers or of floats"),
        (_changed(counts=7), r"counts must have the shape"),
        (_changed(categories=["a", "a", "b"]), r"'categories' must be distinct"),
        (_changed(categories=["a", None, "b"]), r"'categories' must be labels; got a NoneType"),
        (_changed(categories="abc"), r"'categories' must be a list"),
        (_changed(categories=["a", ["b"], "c"], by=["g"]), r'"by" and "groups" must be'),
        (_changed(by="g"), r"'by' must be a list of text"),
        (_changed(notes=[1]), r"'notes' must be a list of text"),
        (_changed(column=3), r"'column' must be text; got a int"),
        (_changed(ledger=7), r"the ledger is not one"),
        (_changed(ledger={"rows": 3}), r"absent"),
        (
            _changed(by=["g"], groups=["u"], counts=[[1, 2, 3]]),
            r"the ledger lacks the group 'u'",
        ),
        ([1], r"got 'list'"),
        (None, r"got 'NoneType'"),
    ],
)
def test_from_dict_refuses(data, message):
    with pytest.raises(ValueError, match=message):
        CategoricalFit.from_dict(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 1, "format": 2}', r"distinct keys; 'format' is twice"),
        ('{"x": NaN}', r"finite numbers; it has NaN"),
        ('{"x": -Infinity}', r"it has -Infinity"),
        ("{", r"not JSON: "),
        ("", r"not JSON: "),
        ("[" * 100_000, r"nested too deeply|not JSON"),
        ("{}", r'"format" must be'),
    ],
)
def test_from_json_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        CategoricalFit.from_json(text)


def test_labels_that_json_cannot_hold():
    dates = expfam.fit(pd.Series(pd.to_datetime(["2020-01-01", "2020-01-02"])))
    with pytest.raises(TypeError, match=r"labels in JSON must be text, .* \(a Timestamp\)"):
        dates.to_json()


def test_to_frame(fit):
    frame = fit.to_frame(method="wilson")
    assert frame["count"].equals(fit.counts)
    assert frame["natural"].equals(fit.natural)
    assert frame["lower"].equals(fit.interval(method="wilson").lower)


# ---------------------------------------------------------------- fit


def test_fit_refuses_bad_data():
    for data in ([], [None, None], {"a": 0}, "nofile.csv", {"a": -1}, 3, None, [["a"]]):
        with pytest.raises((ValueError, OSError)):
            expfam.fit(data)
    with pytest.raises(TypeError, match="family"):
        expfam.fit(LABELS, family=expfam.Poisson())


@pytest.mark.filterwarnings("ignore:.*chi2.*")
def test_scipy_would_not_align():
    """The field's wrong answer: scipy takes two Series by position; p0 here goes by label."""
    observed = pd.Series({"a": 10, "b": 20, "c": 70})
    expected = pd.Series({"c": 0.7, "b": 0.2, "a": 0.1})
    assert stats.chisquare(observed, 100 * expected).statistic > 50
    assert expfam.fit(observed.to_dict()).test(expected).statistic == pytest.approx(0, abs=1e-12)


def test_an_unused_level_is_a_zero_count():
    """The field's wrong answer: a phantom outcome (MNLogit), a dropped one (TFP)."""
    fit = expfam.fit(pd.Categorical(["lo", "hi", "lo"], categories=["lo", "mid", "hi"]))
    assert fit.counts.to_dict() == {"lo": 2, "mid": 0, "hi": 1}
    assert fit.natural["mid"] == -math.inf
    assert fit.degrees_of_freedom == 1
