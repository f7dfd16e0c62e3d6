"""What goes in: every front end gives the same counts, order, types and ledger."""

import gzip
import math
import random
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from expfam import tables
from expfam.tables import Table, tabulate
from expfam.tables.ledger import Ledger

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

LABELS = ["b", "a", None, "b", "c", "é", "b"]
LEVELS = ["a", "b", "c", "é"]


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
