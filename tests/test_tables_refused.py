"""What cannot be counted is refused in words: data, columns, weights, identifiers."""

import math
import re
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expfam import tables
from expfam.tables import tabulate
from expfam.tables.ledger import Ledger

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

REFUSED = {
    "floats": ([1.5, 2.5], "labels must not be floats; the input has 1.5"),
    "whole floats": (np.array([1.0, 2.0]), "labels must not be floats; the input has 1.0"),
    "big floats": ([2.0**53, math.nan], "labels must not be floats"),
    "floats and integers": ([1, 1.0], "must not mix floats and integers; the input does"),
    "True and 1": ([True, 1, "a"], "labels must not mix booleans and numbers; the input has True"),
    "1 and True": ({2: 2, "a": 3, True: 4}, "must not mix booleans and numbers"),
    "no order": ([1, "a"], "labels must sort; the input has int and str, list them in categories="),
    "half an order": ([frozenset("a"), frozenset("b")], "labels must sort; the input has frozen"),
    "lists": ([["a"], ["b"]], "labels must be hashable; the input has a list"),
    "polars lists": (pl.Series([["a"], ["b"]]), "labels must be hashable; the input has a list"),
    "arrow lists": (pa.array([["a"]]), "the input cannot be counted"),
    "polars objects": (pl.Series([object()], dtype=pl.Object), "the input holds objects"),
    "two axes": (np.zeros((2, 2)), r"an array of labels must have one axis; it has shape \(2, 2\)"),
    "no axis": (np.array("a"), r"must have one axis; it has shape \(\)"),
    "records": (np.zeros(2, dtype=[("a", int)]), "must have one axis"),
    "a set": ({"a"}, "data must be labels, counts, a data frame or a path; got set"),
    "a number": (7, "data must be labels, counts, a data frame or a path; got int"),
    "a generator": ((x for x in "ab"), "got generator"),
    "a word": ("yes", "yes must end in .csv, .csv.gz or .parquet"),
    "nothing": ([], "the input has no labels left to count; 0 rows read = 0 used"),
    "nulls": ([None, None], "no labels left to count; 2 rows read = 0 used . 2 missing"),
    "polars nulls": (pl.Series([None, None]), "2 rows read = 0 used . 2 missing"),
    "no counts": ({}, "0 rows read = 0 used"),
    "zero counts": ({"a": 0}, "0 rows read = 0 used"),
    "negative count": ({"a": 1, "b": -1}, "counts must be non-negative .*; that of 'b' is -1"),
    "no count": ({"a": None}, "that of 'a' is None"),
    "a list of counts": ({"a": [1, 2]}, "that of 'a' is a list"),
    "text count": ({"a": "1"}, "that of 'a' is '1'"),
    "too many": ({"a": 2**62, "b": 1}, r"counts must have a sum of at most 2\*\*62"),
    "ambiguous": (pd.Series({"a": 3, "b": 4}), "could be labels or counts; pass .to_list"),
    "ambiguous too": (pd.Series([3, 4], index=[5, 6], name="count"), "could be labels or counts"),
    "proportions": (pd.Series(["a"]).value_counts(normalize=True), "could be labels or counts"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_in_words(kind):
    data, words = REFUSED[kind]
    with pytest.raises(ValueError, match=f"^tables: .*{words}"):
        tabulate(data)


def test_a_series_of_counts_is_one_that_says_so():
    eyes = pd.Series(["blue", "brown", "blue"], name="eyes")
    table = tabulate(eyes.value_counts())
    assert table.categories == ("blue", "brown")
    assert table.column == "eyes"
    assert table.notes == ("read as counts of the labels in the index",)
    years = pd.Series([1999, 2000, 2000], name="year")
    assert tabulate(years.value_counts()).ledger.used == 3
    assert tabulate(years.value_counts().to_dict()).categories == (2000, 1999)
    assert tabulate(years).column == "year"
    assert tabulate(years[years > 1999]).counts.tolist() == [2]
    assert tabulate(years.rename("count")).counts.tolist() == [1, 2]
    dated = years.set_axis(pd.date_range("2020", periods=3))
    assert tabulate(dated).counts.tolist() == [1, 2]
    assert tabulate(years.set_axis(list("aab"))).counts.tolist() == [1, 2]
    assert tabulate(years.set_axis(list("abc")), weights=[1, 2, 3]).counts.tolist() == [1, 5]
    assert tabulate(pd.Series([True, False], index=["a", "b"])).counts.tolist() == [1, 1]


def test_a_dict_of_counts():
    table = tabulate({"b": 2, "a": 0, None: 3, "NA": 1}, missing_labels=["NA"])
    assert table.categories == ("b", "a")
    assert table.counts.tolist() == [2, 0]
    assert table.ledger == Ledger(6, 2, 4)
    table = tabulate({"b": 1.5, "a": Fraction(1, 2), "c": np.float64(0)})
    assert table.counts.tolist() == [1.5, 0.5, 0]
    assert table.ledger == Ledger(3, 2, 0, 0, 1)
    assert tabulate({"a": np.int64(2), "b": Decimal(1), "c": 3.0}).counts.tolist() == [2, 1, 3]


def test_columns_are_named(tmp_path):
    frame = pd.DataFrame({"x": ["a"], "g": ["b"], "n": [1]})
    assert tabulate(frame, by="g", weights="n").column == "x"
    assert tabulate(pd.DataFrame([["a", "b"]]), 1).categories == ("b",)
    with pytest.raises(ValueError, match=r"name the column of labels in the data frame; it has x,"):
        tabulate(frame)
    with pytest.raises(ValueError, match=r"'y' is not a column of the data frame; it has x, g, n"):
        tabulate(frame, "x", by="y")
    with pytest.raises(ValueError, match=r"column 'x' is asked for twice"):
        tabulate(frame, "x", by=["g", "x"])
    with pytest.raises(ValueError, match=r"it has 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"):
        tabulate(pd.DataFrame([range(13)]), "x")
    with pytest.raises(ValueError, match=r"data must be .*; got two columns of one name"):
        tabulate(pd.DataFrame([["a", "b"]], columns=["x", "x"]), "x")
    with pytest.raises(ValueError, match="by= goes with a data frame or a file; data is list"):
        tabulate(["a"], by="g")
    with pytest.raises(ValueError, match="weights= goes with a data frame or a file; data is dict"):
        tabulate({"a": 1}, weights=[1])


BAD_WEIGHTS = [
    ([1, -1, 1], "row 2 is -1"),
    ([1, 1, math.nan], "row 3 is nan"),
    ([1, math.inf, 1], "row 2 is inf"),
    (["1", "2", "x"], "row 1 is '1'"),
    ([1, True, 1], "row 2 is True"),
    ([1, None, 1], "row 2 is nan"),
    ([1, [2], 1], "row 2 is a list"),
    ([2**62, 0, 1], "row 3 is 1, which takes the total above 2**62"),
    ([1, 2**62 + 1, 1], "row 2 is 4611686018427387905"),
]


@pytest.mark.parametrize(("weights", "found"), BAD_WEIGHTS)
def test_bad_weights_are_named(weights, found, monkeypatch):
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 2)
    words = "weights must be non-negative numbers whose sum is at most 2**62; that of " + found
    with pytest.raises(ValueError, match=re.escape(words)):
        tabulate(["a", "b", "a"], weights=weights)


def test_weights_stand_beside_labels():
    labels = pd.Series(["a", "b"], index=[1, 2])
    assert tabulate(labels, weights=[1, 2]).counts.tolist() == [1, 2]
    with pytest.raises(ValueError, match="labels and weights must have the same index"):
        tabulate(labels, weights=pd.Series([1, 2], index=[2, 1]))
    with pytest.raises(ValueError, match="weights must be as many as labels"):
        tabulate(labels, weights=[1])
    with pytest.raises(ValueError, match="weights must be as many as labels"):
        tabulate(labels, weights=pd.DataFrame({"n": [1, 2]}))
    with pytest.raises(ValueError, match="weights must be numbers or a column; got str"):
        tabulate(labels, weights="n")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1e15)), min_size=1), st.randoms())
@settings(max_examples=40, deadline=None)
def test_sums_of_weights_do_not_depend_on_order(rows, rng):
    if not any(weight for _, weight in rows):
        return
    labels, weights = zip(*rows, strict=True)
    table = tabulate(labels, weights=weights)
    expected = [math.fsum(w for v, w in rows if v == label) for label in table.categories]
    assert table.counts.tolist() == expected
    rng.shuffle(rows)
    labels, weights = zip(*rows, strict=True)
    assert tabulate(labels, weights=weights).counts.tolist() == expected


def test_mixtures_are_found_across_batches(monkeypatch):
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 1)
    with pytest.raises(ValueError, match="must not mix booleans and numbers"):
        tabulate(pd.Series([True, 1], dtype=object), weights=[1, 1])


def test_identifiers_are_refused():
    words = r"tables: the input has more than 100,000 distinct labels; is it an identifier\?"
    with pytest.raises(ValueError, match=words):
        tabulate(np.arange(100_001))
    assert len(tabulate(np.arange(100_000)).categories) == 100_000
    frame = pd.DataFrame({"x": ["a"] * 9, "g": range(9)})
    with pytest.raises(ValueError, match="'x' has more than 8 distinct groups"):
        tabulate(frame, "x", by="g", max_categories=8)


def test_cells_are_bounded(monkeypatch):
    monkeypatch.setattr(sys.modules["expfam.tables.tally"], "CELL_LIMIT", 8)
    frame = pd.DataFrame({"x": list("abc"), "g": range(3)})
    with pytest.raises(ValueError, match="'x' has more than 8 cells of labels × groups"):
        tabulate(frame, "x", by="g")
    monkeypatch.setattr(sys.modules["expfam.tables.finish"], "CELL_LIMIT", 8)
    with pytest.raises(ValueError, match="labels × groups must be at most 8; 'x' has 5 × 2"):
        tabulate(frame[:2], "x", by="g", categories=list("abcde"))
