"""CategoricalFit: exact numbers by label, groups, and data that are refused."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from fits import FRAME, LABELS
from scipy import stats

import expfam
from expfam import CategoricalFit, Multinomial

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
