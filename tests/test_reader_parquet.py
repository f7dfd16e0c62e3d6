"""Parquet: what it gives, what it refuses, and what to install."""

import sys

import pytest

from expfam.tables import tabulate
from expfam.tables.reader import ParquetReader


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "x.parquet"
    data = pa.table({"x": ["a", None, "b"] * 999, "n": [1, 2, 3] * 999, "d.e": [True] * 2997})
    parquet.write_table(data, path, row_group_size=500, write_page_checksum=True, compression=None)
    with ParquetReader(path) as file:
        assert file.columns == ("x", "n", "d.e")
        assert sum(map(len, file.batches(["d.e"]))) == 2997
    table = tabulate(path, "x", weights="n")
    assert table.counts.tolist() == [999, 2997]
    with pytest.raises(ValueError, match=r"'y' is not a column of x.parquet; it has x, n, d.e"):
        tabulate(path, "y")
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[100] ^= 1
    path.write_bytes(flipped)
    with pytest.raises(ValueError, match=r"x.parquet is damaged or not Parquet: .*"):
        tabulate(path, "x")
    path.write_bytes(whole[:-30])
    with pytest.raises(ValueError, match=r"x.parquet is damaged or not Parquet"):
        tabulate(path, "x")


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="tables needs pyarrow: pip install pyarrow$"):
        tabulate(tmp_path / "x.parquet", "x")
