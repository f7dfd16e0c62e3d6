"""What is a label: missing ones, declared ones, levels; the field's silent wrong answers."""

import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from expfam.tables import tabulate
from expfam.tables.ledger import Ledger

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
DATA = Path(__file__).parents[1] / "data"

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
