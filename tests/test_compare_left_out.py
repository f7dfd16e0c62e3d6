"""Comparisons of zeros, few and fractional counts: what is left out and said, what is refused."""

import json
import math

import pandas as pd
import pytest
from test_compare import cells

import expfam
from expfam import datasets

UCB = str(datasets.path("ucb_admissions"))


def test_what_no_group_has_is_left_out_and_said():
    frame = pd.DataFrame({"x": ["a", "b", "a", "b", "b"], "g": ["u", "u", "v", "v", "v"]})
    fit = expfam.fit(frame, "x", by="g", categories=["a", "b", "c"])
    result = fit.compare()
    assert list(result.counts.columns) == ["a", "b"]
    assert result.pearson.df == 1
    assert "no group has 'c': left out, with the degrees of freedom" in result.notes
    assert "fewer than 5 counts in 'u', 'v': shares there say little" in result.notes


def test_a_group_without_labels_is_said():
    frame = pd.DataFrame({"x": ["a", "b", None, "b", "a"], "g": ["u", "u", "v", "w", "w"]})
    result = expfam.fit(frame, "x", by="g").compare()
    assert result.counts.index.tolist() == ["u", "w"]
    assert "no labels left to count in the groups 'v': left out" in result.notes


def test_zero_cells_are_words_never_nan():
    result = cells({"u": {"a": 5}, "v": {"a": 3, "b": 4}})
    assert result.odds_ratio().value == math.inf
    text = repr(result)
    assert "nan" not in text.lower()
    assert f"[{result.odds_ratio().lower:.4f}, inf]" in text
    assert "a count is 0, so that the odds ratio is infinite" in text
    assert json.loads(result.to_json())["odds_ratios"][0]["value"] == "Infinity"
    assert not result.measures.isna().any(axis=None)


def test_fractional_counts():
    result = cells({"u": {"a": 5.5, "b": 7}, "v": {"a": 3, "b": 4.25}})
    assert not result.pearson.exact
    assert any("counts are not whole" in note and "19.75" in note for note in result.notes)
    assert "odds ratio, exact" not in repr(result)
    assert "odds ratio, profile likelihood" in repr(result)
    assert [ratio["method"] for ratio in result.to_dict()["odds_ratios"]] == ["profile"]
    with pytest.raises(ValueError, match="needs whole counts"):
        cells({"u": {"a": 5.5, "b": 7}, "v": {"a": 3, "b": 4.25}}, method="exact")


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"u": {"a": 5, "b": 7}}, "compare: two groups must have counts; only 'u' has any"),
        ({"u": {"a": 5}, "v": {"a": 3}}, "two categories must have counts; only 'a' has any"),
    ],
)
def test_what_cannot_be_compared_is_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        cells(counts)


def test_options_are_refused_in_words():
    fit = expfam.fit({"a": 3, "b": 4})
    with pytest.raises(ValueError, match="compare: there must be groups; make the fit with by="):
        fit.compare()
    with pytest.raises(ValueError, match="method must be one of auto, .*; got 'x'"):
        fit.compare(method="x")
    with pytest.raises(ValueError, match="adjustment must be one of holm, .*; got 'x'"):
        fit.compare(adjustment="x")
    with pytest.raises(ValueError, match="compare: level must be between 0 and 1"):
        fit.compare(level=2)


@pytest.mark.parametrize("strata", ["x", [], ["Dept", "Gender"], "Gender Dept"])
def test_strata_must_be_columns_of_the_groups(strata):
    fit = expfam.fit(UCB, "Admit", by=["Dept", "Gender"], weights="Freq")
    with pytest.raises(ValueError, match=r"some, not all, of the columns .* \(Dept, Gender\); got"):
        fit.compare(strata)


def strata_frame():
    rows = [("s", "u", "a", 4), ("s", "u", "b", 2), ("s", "v", "a", 3), ("s", "v", "b", 6),
            ("t", "u", "a", 5), ("t", "v", "a", 1), ("r", "u", "b", 3), ("r", "u", "a", 3),
            ("q", "u", "a", 2), ("q", "u", "b", 2), ("q", "v", "a", 2), ("q", "v", "b", 2)]  # fmt: skip
    return pd.DataFrame(rows, columns=["stratum", "group", "x", "n"])


def test_strata_with_nothing_to_compare_are_left_out():
    frame = strata_frame()
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert list(result.strata) == ["q", "s"]
    assert result.pearson.df == 2
    assert result.mantel_haenszel.strata == 2
    assert result.aggregate.counts.loc["u"].to_dict() == {"a": 14, "b": 7}
    assert any(
        note.startswith("'r', 't' of the strata have counts in one group") for note in result.notes
    )
    only = frame[frame["stratum"].isin(["t", "r"])]
    with pytest.raises(ValueError, match="in no stratum do two groups and two categories"):
        expfam.fit(only, "x", by=["stratum", "group"], weights="n").compare("stratum")


def test_a_group_that_a_stratum_lacks():
    rows = [(s, g, x, 3 + (g > x)) for s in "st" for g in "uvw" for x in "ab" if s + g != "tw"]
    frame = pd.DataFrame(rows, columns=["stratum", "group", "x", "n"])
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert [each.pearson.df for each in result.strata.values()] == [2, 1]
    assert any("no counts in 'w': left out" in note for note in result.strata["t"].notes)


def test_strata_without_one_odds_ratio_to_ask_for():
    rows = [("s", "u", "a", 4), ("s", "v", "a", 3), ("s", "v", "b", 6)]
    frame = pd.DataFrame(rows, columns=["stratum", "group", "x", "n"])
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert "Breslow" not in repr(result)
    assert "one stratum: there is no other to have the same odds ratio" in result.notes
    assert result.mantel_haenszel.odds_ratio.value == math.inf


def test_strata_of_several_columns_and_groups_of_several():
    frame = datasets.load("alligator")
    by = ["lake", "sex", "size"]
    fit = expfam.fit(frame, "food", by=by, weights="count")
    two = fit.compare(["lake", "sex"], method="asymptotic")
    assert two.to_frame().index.names == ["lake", "sex"]
    assert len(two.strata) == 8
    one = fit.compare("lake", method="asymptotic")
    assert one.aggregate.counts.index.names == ["sex", "size"]
    assert one.to_frame().index.name == "lake"
    assert "'Hancock'" not in repr(one)
    all_ = expfam.fit(frame, "food", by=by, weights="count").compare(method="asymptotic")
    assert all_.to_frame().index.names == [*by, "food"]
    assert "Hancock / male / small" in repr(all_)
    assert all_.to_dict()["groups"][0] == ["George", "female", "large"]


def test_fractional_strata():
    frame = strata_frame()
    frame["n"] += 0.5
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert result.mantel_haenszel.exact is None
    assert "exact" not in repr(result).split("given the strata")[1].split("- ")[0]
    assert result.to_frame().loc["s", "odds_ratio"] == pytest.approx(4.5 * 6.5 / 2.5 / 3.5)
    assert json.loads(result.to_json())["mantel_haenszel"]["exact"] is None
