"""Categorical codes, labels and trials: what they are, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from test_multinomial import close

from expfam import Categorical, Multinomial

INF = np.inf


# ---------------------------------------------------------------- Categorical


def test_categorical_codes():
    family = Categorical(["x", "y", "z"])
    p = family.from_natural([0.2, -INF, -0.5])
    log_p = np.array([0.2, -INF, -0.5]) - np.log(np.exp(0.2) + np.exp(-0.5))
    close(p.log_prob([0, 1, 2]), log_p)
    assert isinstance(p.log_prob(2), float)
    assert family.sufficient_statistic([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert family.log_base_measure([[0, 1]]).tolist() == [[0.0, 0.0]]
    finite = log_p[[0, 2]]
    assert p.entropy() == pytest.approx(-(np.exp(finite) * finite).sum())
    assert set(p.sample(200, 1).tolist()) == {0, 2}
    batch = family.from_natural([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
    a, b = -2.4076059644443806, -0.4076059644443804
    close(batch.log_prob([[0, 0], [2, 2]]), [[a, b], [b, a]])
    for bad in (3, -1, [0, 7]):
        with pytest.raises(ValueError, match="Categorical: codes must be between 0 and 2; .* is"):
            family.from_natural([0, 0, 0]).log_prob(bad)


def test_reprs():
    assert repr(Multinomial(["a", "b"], 3)) == "Multinomial(['a', 'b'], trials=3)"
    assert repr(Categorical(list("abcdef"))) == "Categorical(['a', 'b', 'c', 'd', …])"
    assert repr(Multinomial(3, [1, 2])) == "Multinomial(3, trials=[1, 2])"
    assert "…" not in repr(Categorical(4))


# ---------------------------------------------------------------- labels


LABELS = [
    ("abc", TypeError, "categories must be a number or labels; got 'abc'"),
    (b"ab", TypeError, "must be a number or labels"),
    (None, TypeError, "must be a number or labels; got None"),
    (True, TypeError, "must be a number or labels; got True"),
    (np.True_, TypeError, "must be a number or labels; got a bool"),
    (3.0, TypeError, "must be a number or labels; got a float"),
    (np.float64(3), TypeError, "must be a number or labels; got a float64"),
    (pd.NA, TypeError, "must be a number or labels; got a NAType"),
    (np.array(3), TypeError, "must be a number or labels; got a ndarray"),
    ({"a", "b"}, TypeError, "labels must be in an order; got a set"),
    (frozenset("ab"), TypeError, "labels must be in an order; got a frozenset"),
    (0, ValueError, r"there must be at least one category and at most 2\*\*62; got 0"),
    (-2, ValueError, r"there must be at least one category and at most 2\*\*62; got -2"),
    (2**64, ValueError, r"at most 2\*\*62; got 18446744073709551616"),
    ([], ValueError, "there must be at least one category; got none"),
    (["a", "b", "a"], ValueError, "labels must be distinct; 'a' and 'a' agree"),
    ([True, 1], ValueError, "labels must be distinct; True and 1 agree"),
    ([1, 1.0], ValueError, "labels must be distinct; 1 and 1.0 agree"),
    ([np.str_("a"), "a"], ValueError, "labels must be distinct"),
    (["a", None], TypeError, "a missing value is not a category; got None"),
    ([math.nan], TypeError, "a missing value is not a category; got nan"),
    ([np.float32("nan")], TypeError, "a missing value is not a category; got nan"),
    ([pd.NA], TypeError, "a missing value is not a category; got <NA>"),
    ([pd.NaT], TypeError, "a missing value is not a category; got NaT"),
    ([np.datetime64("NaT")], TypeError, "a missing value is not a category"),
    ([["a"], ["b"]], TypeError, "labels must be hashable; got a list"),
    (np.zeros((2, 2)), TypeError, "labels must be hashable; got a ndarray"),
]


@pytest.mark.parametrize(("categories", "error", "text"), LABELS)
@pytest.mark.parametrize("family", [Multinomial, Categorical])
def test_bad_categories(family, categories, error, text):
    with pytest.raises(error, match=f"^{family.__name__}: .*{text}"):
        family(categories)


def test_labels_of_many_kinds():
    assert Multinomial(c for c in "abc") == Multinomial(["a", "b", "c"])
    assert Multinomial(np.array(["a", "b"])).categories == ("a", "b")
    assert type(Multinomial(np.array(["a", "b"])).categories[0]) is str
    assert Multinomial([np.int64(0), np.int64(1)]) == Multinomial(2) == Multinomial(np.int32(2))
    assert Multinomial([1, 0]) != Multinomial(2)
    assert Multinomial({"b": 1, "a": 2}).categories == ("b", "a")
    assert Multinomial({"b": 1}.keys()).categories == ("b",)
    assert Multinomial(pd.Index(["x", "y"])).categories == ("x", "y")
    day = np.datetime64("2020-01-01", "ns")
    assert Multinomial([day]).categories == (day,)
    assert Multinomial([(1, 2), "a", 2.5, None.__class__]).natural_shape == (4,)
    assert Multinomial([False, True]) != Multinomial([0, 1])
    assert Multinomial([1.0, 2.0]) != Multinomial([1, 2])


def test_codes_of_labels():
    family = Multinomial(["a", 1, 2.5, True.__class__])
    assert [family.code(label) for label in ("a", 1, 2.5, bool)] == [0, 1, 2, 3]
    assert family.code(np.int8(1)) == 1
    assert Categorical(3).code(2) == 2
    for bad in ("z", True, 1.0, [1], None, math.nan, {}):
        with pytest.raises(ValueError, match="Multinomial: .* is not among the categories"):
            family.code(bad)


TRIALS = [
    (-1, ValueError, r"trials must be between 0 and 2\*\*62; got -1"),
    (2**62 + 1, ValueError, r"trials must be between 0 and 2\*\*62"),
    (True, TypeError, "trials must be an integer or an integer array; got True"),
    (3.0, TypeError, "trials must be an integer or an integer array; got 3.0"),
    ("3", TypeError, "trials must be an integer or an integer array; got '3'"),
    (None, TypeError, "trials must be an integer or an integer array; got None"),
    ([4.0, 10], TypeError, "trials must be integers; got an array of float64"),
    ([True, False], TypeError, "trials must be integers; got an array of bool"),
    ([2**70], TypeError, "trials must be real numbers; got an array of object"),
    ([[1], [1, 2]], ValueError, "trials must be a rectangular array; got a ragged one"),
    (np.ma.array([1, 2], mask=[0, 1]), TypeError, "trials must be a plain array; got a masked"),
    (np.array(5.0), TypeError, "trials must be integers"),
    ([-1, 3], ValueError, "trials must be non-negative; entry 0 is -1"),
    (np.array([1, 2**63], np.uint64), ValueError, r"trials must be at most 2\*\*62; entry 1 is 92"),
    ({}, TypeError, "trials must be real numbers; got dict"),
]


@pytest.mark.parametrize(("trials", "error", "text"), TRIALS)
def test_bad_trials(trials, error, text):
    with pytest.raises(error, match=f"^Multinomial: {text}"):
        Multinomial(2, trials)


def test_trials_are_kept_as_integers_that_nobody_changes():
    given_trials = np.array([4, 10], dtype=">i4")
    family = Multinomial(2, given_trials)
    given_trials[0] = 5
    assert family.trials.tolist() == [4, 10]
    assert family.trials.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        family.trials[0] = 5
    assert Multinomial(2, np.array(5)).trials == Multinomial(2, np.uint64(5)).trials == 5
    assert Multinomial(2, np.zeros(0, int)).from_natural([0, 0]).batch_shape == (0,)


def test_families_compare_by_value_and_hash():
    same = [Multinomial(["a", "b"], [4, 10]), Multinomial(("a", "b"), np.array([4, 10]))]
    others = [
        Multinomial(["b", "a"], [4, 10]),
        Multinomial(["a", "b"], [10, 4]),
        Multinomial(["a", "b"], [[4, 10]]),
        Multinomial(["a", "b"], 4),
        Multinomial(2, [4, 10]),
        Categorical(["a", "b"]),
    ]
    assert same[0] == same[1]
    assert hash(same[0]) == hash(same[1])
    assert len({*same, *others}) == 1 + len(others)
    assert Multinomial(2) != Categorical(2)
    assert Multinomial(2) != "Multinomial"
    with pytest.raises(AttributeError):
        same[0].trials = 3
