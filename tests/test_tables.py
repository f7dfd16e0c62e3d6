"""What goes in: every front end gives the same counts, order and ledger, or says why not."""

import gzip
import math
import random
import re
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expfam import tables
from expfam.tables import Table, tabulate
from expfam.tables.ledger import Ledger

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

LABELS = ["b", "a", None, "b", "c", "é", "b"]
LEVELS = ["a", "b", "c", "é"]
DATA = Path(__file__).parents[1] / "data"


def as_file(suffix):
    def write(tmp_path):
        path = tmp_path / f"x{suffix}"
        frame = pd.DataFrame({"x": LABELS, "n": 1, "g": 0})
        if suffix == ".parquet":
            frame.to_parquet(path, row_group_size=3)
            return str(path), "x"
        text = frame.to_csv(index=False).encode()
        path.write_bytes(gzip.compress(text) if suffix == ".csv.gz" else text)
        return path, "x"

    return write


def direct(make):
    return lambda tmp_path: (make(LABELS), None)


def framed(make):
    return lambda tmp_path: (make({"x": LABELS, "n": [1] * len(LABELS)}), "x")


WAYS = {
    "list": direct(list),
    "tuple": direct(tuple),
    "object array": direct(lambda x: np.array(x, dtype=object)),
    "masked array": direct(lambda x: np.ma.array([v or "" for v in x], mask=[not v for v in x])),
    "Series object": direct(lambda x: pd.Series(x, dtype=object)),
    "Series str": direct(lambda x: pd.Series(x, dtype="str", index=list("zyxwvut"))),
    "Series string": direct(lambda x: pd.Series(x, dtype="string")),
    "Series arrow": direct(lambda x: pd.Series(x, dtype=pd.ArrowDtype(pa.string()))),
    "Series Categorical": direct(lambda x: pd.Series(x, dtype=pd.CategoricalDtype(LEVELS))),
    "Categorical": direct(lambda x: pd.Categorical(x, categories=LEVELS, ordered=True)),
    "Index": direct(pd.Index),
    "polars": direct(lambda x: pl.Series("x", x)),
    "polars Categorical": direct(lambda x: pl.Series("x", x, dtype=pl.Categorical)),
    "polars Enum": direct(lambda x: pl.Series("x", x, dtype=pl.Enum(LEVELS))),
    "pyarrow": direct(pa.array),
    "pyarrow chunks": direct(lambda x: pa.chunked_array([x[:3], x[3:]])),
    "Counter": direct(lambda x: Counter(sorted(x, key=str))),
    "dict": direct(lambda x: {"a": 1, "b": 3, "c": 1, "é": 1, None: 1}),
    "Series of counts": direct(lambda x: pd.Series(x).value_counts(dropna=False).sort_index()),
    "pandas frame": framed(pd.DataFrame),
    "polars frame": framed(pl.DataFrame),
    "polars lazy": framed(pl.LazyFrame),
    "pyarrow table": framed(pa.table),
    "pyarrow batch": framed(pa.RecordBatch.from_pydict),
    "csv": as_file(".csv"),
    "csv.gz": as_file(".csv.gz"),
    "parquet": as_file(".parquet"),
}


@pytest.mark.parametrize("way", WAYS)
def test_all_ways_in_agree(way, tmp_path):
    data, column = WAYS[way](tmp_path)
    table = tabulate(data, column)
    assert isinstance(table, Table)
    assert table.categories == ("a", "b", "c", "é")
    assert all(type(label) is str for label in table.categories)
    assert table.counts.tolist() == [1, 3, 1, 1]
    assert table.counts.dtype == np.int64
    assert not table.counts.flags.writeable
    assert table.ledger == Ledger(7, 6, 1)
    assert table.groups is None
    assert table.group_names == ()
    if way != "Series of counts":
        assert table.notes == ()


def weighted(way, tmp_path, n):
    data, column = WAYS[way](tmp_path)
    if column is None:
        return tabulate(data, weights=n)
    if isinstance(data, (str, Path)):
        frame = pd.DataFrame({"x": LABELS, "n": n})
        writer = frame.to_parquet if str(data).endswith("parquet") else frame.to_csv
        writer(data, index=False)
        return tabulate(data, "x", weights="n")
    names = data.schema.names if isinstance(data, pa.RecordBatch) else ["x", "n"]
    assert names == ["x", "n"]
    kind = {"polars lazy": pl.LazyFrame, "polars frame": pl.DataFrame, "pandas frame": pd.DataFrame}
    return tabulate(kind.get(way, pa.table)({"x": LABELS, "n": n}), "x", weights="n")


@pytest.mark.parametrize("n", [[1, 2, 3, 4, 0, 5, 2**60], [0.1, 1e9, 3.0, 1e-9, 0.0, 2.5, 0.2]])
@pytest.mark.parametrize("way", sorted(set(WAYS) - {"Counter", "dict", "Series of counts"}))
def test_all_ways_in_agree_on_weights(way, n, tmp_path):
    if way.startswith("Series"):
        n = pd.Series(n, index=WAYS[way](tmp_path)[0].index)
    table = weighted(way, tmp_path, n)
    n = list(n)
    add = sum if n[0] == 1 else math.fsum
    assert table.categories == ("a", "b", "c", "é")
    assert table.counts.tolist() == [n[1], add([n[0], n[3], n[6]]), 0, n[5]]
    assert table.counts.dtype == (np.int64 if n[0] == 1 else np.float64)
    assert table.ledger == Ledger(7, 5, 1, 0, 1)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table, "csv"])
def test_groups(make, tmp_path):
    data = {
        "x": ["a", "b", None, "a", "b", None, "a"],
        "g": ["v", "u", "u", None, "v", "w", "w"],
        "h": ["1", "2", "1", "1", None, "1", "1"],
        "n": [1, 2, 3, 4, 5, 6, 0],
    }
    if make == "csv":
        source = tmp_path / "g.csv"
        pd.DataFrame(data).to_csv(source, index=False)
    else:
        source = make(data)
    table = tabulate(source, "x", by="g")
    assert table.groups == ("u", "v", "w")
    assert table.group_names == ("g",)
    assert table.counts.tolist() == [[0, 1], [1, 1], [1, 0]]
    assert table.ledger.text == "7 rows read = 4 used + 2 missing + 1 missing group"
    assert table.ledger.group("u") == Ledger(2, 1, 1)
    table = tabulate(source, "x", by=["h", "g"], weights="n")
    assert table.groups == (("1", "v"), ("2", "u"))
    assert table.counts.tolist() == [[1, 0], [0, 2]]
    assert table.ledger.text == (
        "7 rows read = 2 used + 2 missing + 2 missing group + 1 zero weight"
    )
    assert table.ledger.group(("1", "w")) == Ledger(2, 0, 1, 0, 1)
    assert table.notes == (
        "group ('1', 'u') has no labels left to count; 1 row read = 0 used + 1 missing",
        "group ('1', 'w') has no labels left to count;"
        " 2 rows read = 0 used + 1 missing + 1 zero weight",
    )


def test_groups_come_in_the_order_of_their_levels():
    sizes = pd.Categorical(["small", "large", "small", None], categories=["small", "mid", "large"])
    frame = pd.DataFrame({"x": list("abab"), "size": sizes, "dose": [0.5, 2, 0.5, 1]})
    assert tabulate(frame, "x", by="size").groups == ("small", "large")
    assert tabulate(frame, "x", by="dose").groups == (0.5, 1.0, 2.0)
    frame["dose"] = [1, None, 2, 1]
    table = tabulate(frame, "x", by=["dose"])
    assert table.groups == (1, 2)
    assert type(table.groups[0]) is int
    assert table.notes == ("'dose': floats only because some are missing, read as integers",)
    assert table.ledger.missing_group == 1


TYPED = {
    "integers": ([2, 1, 2], (1, 2)),
    "booleans": ([True, False, True], (False, True)),
    "dates": ([date(2020, 1, 2), date(2020, 1, 1), date(2020, 1, 2)], None),
    "tuples": ([("a", 2), ("a", 1), ("a", 2)], None),
    "decimals": ([Decimal("1.5"), Decimal(1), Decimal("1.5")], None),
    "nullable integers": (pd.Series([2, 1, 2, None], dtype="Int64"), (1, 2)),
    "nullable booleans": (pd.Series([True, False, True, None], dtype="boolean"), (False, True)),
    "small integers": (np.array([2, 1, 2], dtype=np.int8), (1, 2)),
    "numpy integers": ([np.int64(2), np.int8(1), 2], (1, 2)),
    "numpy booleans": ([np.bool_(True), False, True], (False, True)),
    "numpy texts": (np.array(["b", "a", "b"]), ("a", "b")),
    "integers with a gap": (pd.Series([2, 1, 2, None]), (1, 2)),
    "polars integers": (pl.Series([2, 1, 2, None]), (1, 2)),
    "arrow booleans": (pa.array([True, None, False, True]), (False, True)),
    "times": (pd.Series(pd.to_datetime(["2020-01-02", "2020-01-01", None, "2020-01-02"])), None),
    "integer levels": (pd.Categorical([2, 1, 2]), (1, 2)),
    "float levels": (pd.Categorical([0.5, 0.25, 0.5]), (0.25, 0.5)),
    "gap levels": (pd.Series([2, 1, 2, None]).astype("category"), (1, 2)),
}


@pytest.mark.parametrize("kind", TYPED)
def test_types_are_kept(kind):
    data, expected = TYPED[kind]
    table = tabulate(data)
    assert table.counts.tolist() == [1, 2]
    assert table.ledger.used == 3
    if expected is not None:
        assert table.categories == expected
        assert [type(label) for label in table.categories] == [type(label) for label in expected]


MISSING = [None, float("nan"), np.nan, pd.NA, pd.NaT, Decimal("nan"), np.datetime64("NaT")]


def test_every_missing_is_missing():
    table = tabulate(["a", *MISSING, "a"])
    assert table.ledger == Ledger(9, 2, 7)
    assert table.categories == ("a",)
    assert tabulate(pl.Series([1.0, None, math.nan])).ledger.missing == 2
    assert tabulate(["", "a"]).categories == ("", "a")


def test_missing_labels(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"x,g\nNA,1\na,NA\n,1\n-9,2\n")
    table = tabulate(path, "x", missing_labels=["NA", "-9", "-"], by="g")
    assert table.ledger.text == "4 rows read = 1 used + 3 missing"
    assert table.categories == ("a",)
    assert table.groups == ("NA",)
    assert "no row has '-' of missing_labels" in table.notes
    assert "'NA' is a group of its own; is it a missing one?" in table.notes
    assert tabulate([True, 1 == 1, False], missing_labels=[1]).counts.tolist() == [1, 2]
    assert tabulate(pd.Categorical(["a", "?"]), missing_labels=["?"]).categories == ("a",)
    with pytest.raises(ValueError, match="missing_labels must be a sequence of labels; got str"):
        tabulate(["a"], missing_labels="NA")
    with pytest.raises(ValueError, match="missing_labels must be hashable labels; it has list"):
        tabulate(["a"], missing_labels=[["NA"]])


def test_words_that_look_missing_are_labels_with_a_note(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"x\nNA\na\nNA\nnull\n")
    assert tabulate(path).notes == (
        "'NA' is counted as a label; name it in missing_labels if it stands for a missing one",
        "'null' is counted as a label; name it in missing_labels if it stands for a missing one",
    )
    assert tabulate(path, categories=["a", "NA", "null"]).notes == ()


def test_labels_that_look_alike_are_counted_apart():
    table = tabulate(["Yes", "yes", "yes ", "\u00e9", "e\u0301", "no"])
    assert table.counts.sum() == 6
    assert len(table.categories) == 6
    assert table.notes == (
        "'Yes', 'yes', 'yes ' differ only by case, blanks or Unicode form: counted apart",
        "'e\u0301', '\u00e9' differ only by case, blanks or Unicode form: counted apart",
    )


def test_categories_are_declared():
    table = tabulate(["a", "b", "a"], categories=["c", "b", "a"])
    assert table.categories == ("c", "b", "a")
    assert table.counts.tolist() == [0, 1, 2]
    assert table.notes == ("no row has 'c': kept as zero counts",)
    assert tabulate([1.5, 2.0], categories=[1.5, 2, 3]).categories == (1.5, 2, 3)
    assert tabulate([1.5, 2], categories=np.array([1.5, 2.0])).counts.tolist() == [1, 1]
    assert tabulate([1, "a"], categories=(1, "a")).counts.tolist() == [1, 1]
    assert tabulate(pd.Series([1, None]), categories=[1]).categories == (1,)
    with pytest.raises(ValueError, match=r"the input has 'x', 'y', not in categories="):
        tabulate(["a", "y", "x"], categories=["a"])
    with pytest.raises(ValueError, match=r"has 0, 1, not in categories="):
        tabulate([1, 0], categories=[True, False])


@pytest.mark.parametrize(
    ("categories", "words"),
    [
        ("ab", "categories must be a sequence of labels; got str"),
        ({"a", "b"}, "categories must be a sequence of labels; got set"),
        (3, "categories must be a sequence of labels; got int"),
        (["a", "b", "a"], "categories must be distinct; 'a' occurs twice"),
        ([1, True], "labels must not mix booleans and numbers; categories= has True and 1"),
        (["a", None], "categories must not be missing labels; None is one"),
        (["a", "NA"], "categories must not be missing labels; 'NA' is one"),
        ([["a"]], "categories must be hashable labels; it has list"),
        ([], r"categories must be 1 to 5 labels \(max_categories\); got 0"),
        (range(6), r"categories must be 1 to 5 labels \(max_categories\); got 6"),
    ],
)
def test_bad_categories(categories, words):
    with pytest.raises(ValueError, match=words):
        tabulate(["a"], categories=categories, missing_labels=["NA"], max_categories=5)


def test_labels_of_a_csv_are_text(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"x\n1\n2\n")
    with pytest.raises(
        ValueError, match=r"'1', '2', not in categories= \(labels of a CSV are text"
    ):
        tabulate(path, categories=[1, 2])


def test_unused_levels_are_zero_counts(tmp_path):
    data = pd.Categorical(["b", None, "b"], categories=["c", "b", "a"])
    arrow = pa.Table.from_pandas(pd.DataFrame({"x": data}))
    path = tmp_path / "x.parquet"
    pd.DataFrame({"x": data}).to_parquet(path)
    enum = pl.Series("x", ["b", None, "b"], dtype=pl.Enum(["c", "b", "a"]))
    for source in (data, pd.Series(data), enum, enum.to_frame(), arrow, arrow["x"], path):
        table = tabulate(source)
        assert table.categories == ("c", "b", "a")
        assert table.counts.tolist() == [0, 2, 0]
        assert table.notes == ("no row has 'c', 'a': kept as zero counts",)
    weights = [1, 1, 0.5]
    assert tabulate(enum, weights=weights).counts.tolist() == [0, 1.5, 0]
    with pytest.raises(ValueError, match="has more than 2 levels"):
        tabulate(data, max_categories=2)
    many = pd.Categorical(["a"], categories=["a", *"bcdefgh"])
    assert "'b', 'c', 'd', 'e', 'f' and 2 more: kept" in tabulate(many).notes[0]


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


def test_batches_change_nothing(monkeypatch):
    rng = random.Random(1)
    data = {
        "x": [rng.choice(LABELS) for _ in range(500)],
        "g": [rng.choice("uv") for _ in range(500)],
        "n": [rng.random() for _ in range(500)],
    }
    whole = tabulate(pd.DataFrame(data), "x", by="g", weights="n")
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 7)
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        table = tabulate(make(data), "x", by="g", weights="n")
        assert np.array_equal(table.counts, whole.counts)
        assert table.ledger == whole.ledger


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


# The field's silent wrong answers that a tabulation can meet


def test_missing_labels_do_not_move_the_estimate():
    """statsmodels MNLogit: [0.70, 0.15, 0.15] with nobs 200."""
    labels = ["a"] * 40 + ["b"] * 30 + ["c"] * 30 + [None] * 100
    for data in (labels, pd.Series(labels), pl.Series(labels), pa.array(labels)):
        table = tabulate(data)
        assert (table.counts / table.counts.sum()).tolist() == [0.4, 0.3, 0.3]
        assert table.ledger == Ledger(200, 100, 100)


def test_a_missing_code_is_not_a_category():
    """TFP: a code of −1 sums the probabilities to .667; here it is named, or declared away."""
    codes = [0, 1, 2, -1, -1, -1]
    assert tabulate(codes, missing_labels=[-1]).counts.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="has -1, not in categories="):
        tabulate(codes, categories=[0, 1, 2])


def test_an_unseen_top_category_stays():
    """TFP and Distributions.jl drop it."""
    assert tabulate([0, 1, 0], categories=range(3)).counts.tolist() == [2, 1, 0]


def test_frequency_weights_are_used():
    """statsmodels warns of freq_weights and ignores them."""
    assert tabulate(["a", "b"], weights=[3, 7]).counts.tolist() == [3, 7]


def test_the_ledger_tells_what_value_counts_does_not():
    series = pd.Series(["a", None, "a"])
    assert series.value_counts(normalize=True).to_dict() == {"a": 1.0}
    assert str(tabulate(series).ledger) == "3 rows read = 2 used + 1 missing"


def test_the_data_of_the_house():
    birds = tabulate(DATA / "bird_strikes.csv", "phase_of_flight")
    assert birds.ledger.text == "19,302 rows read = 17,519 used + 1,783 missing"
    assert birds.source == "bird_strikes.csv"
    food = tabulate(DATA / "alligator.csv", "food", by="lake", weights="count")
    frame = pd.read_csv(DATA / "alligator.csv")
    expected = frame.pivot_table(index="lake", columns="food", values="count", aggfunc="sum")
    assert food.counts.tolist() == expected.to_numpy().tolist()
    assert food.counts.sum() == 219


def test_whole_numbers_in_text_sort_by_value(tmp_path):
    path = tmp_path / "dice.csv"
    path.write_text("x\n10\n2\n0\n1\n2\n", "utf-8")
    table = tabulate(path, "x")
    assert (table.categories, table.counts.tolist()) == (("0", "1", "2", "10"), [1, 1, 2, 1])
    assert tabulate(["10", "2", "007"]).categories == ("007", "10", "2")
    assert tabulate(["10", "2", "-1"]).categories == ("-1", "10", "2")
    assert tabulate(np.array([10, 2])).categories == (2, 10)
