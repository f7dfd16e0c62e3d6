"""Labels meet labels: log-probabilities, KL, and the merging of fits."""

import math

import numpy as np
import pandas as pd
import pytest
from fits import FRAME

import expfam

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
