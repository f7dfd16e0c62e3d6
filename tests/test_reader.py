"""The strict reader: a zoo of hostile CSVs, weights, denied ways, bombs."""

import builtins
import csv
import gzip
import os
import re
import subprocess
import sys
import unicodedata

import numpy as np
import pytest

from expfam.tables import reader, tabulate
from expfam.tables.reader import CsvReader

BIG = b"x,y\n" + b"a,1\n" * 29_999


def gz(data):
    return gzip.compress(data, mtime=0)


# file name: bytes, then exact counts and rows missing, or the words of the refusal
ZOO = {
    "plain.csv": (b"x\na\nb\na\n", {"a": 2, "b": 1}, 0),
    "bom.csv": (b"\xef\xbb\xbfx,y\na,1\n", {"a": 1}, 0),
    "bom_only.csv": (b"\xef\xbb\xbf", "bom_only.csv is empty"),
    "bom_inside.csv": ("x\n\ufeffa\na\n".encode(), {"a": 1, "\ufeffa": 1}, 0),
    "utf16.csv": ("x\na\n".encode("utf-16"), r"the header \(line 1\): .*looks like UTF-16"),
    "utf16_no_bom.csv": ("x\na\n".encode("utf-16-le"), r"the header \(line 1\): a NUL"),
    "latin1.csv": ("x\na\né\n".encode("latin-1"), r"row 2 \(line 3\): byte 0xe9 is not UTF-8"),
    "cut_utf8.csv": (b"x\na\n\xc3", r"row 2 \(line 3\): byte 0xc3 is not UTF-8"),
    "surrogate.csv": (b"x\n\xed\xa0\x80\n", r"row 1 \(line 2\): byte 0xed is not UTF-8"),
    "nul.csv": (b"x,y\na,1\nb\0,2\n", r"row 2 \(line 3\): a NUL character"),
    "unclosed.csv": (b'x,y\na,1\n"b,2\nc,3\n', r"row 2 \(line 3\): a quote that never closes"),
    "unclosed_header.csv": (b'x,"y\na,1\n', r"the header \(line 1\): a quote that never closes"),
    "quote_middle.csv": (b'x,y\na,1\nb"b,2\n', r"row 2 \(line 3\): a quote inside an unquoted"),
    "quote_after_blank.csv": (b'x,y\na, "1"\n', r"row 1 \(line 2\): a quote inside an unquoted"),
    "after_quote.csv": (b'x,y\n"a"b,2\n', r"row 1 \(line 2\): 'b' after a closing quote"),
    "balanced_middle.csv": (b'x\na"b"\n', r"row 1 \(line 2\): a quote inside an unquoted"),
    "quoted.csv": (b'x,y\n"a",1\n"a, ""b""\n2",2\n', {"a": 1, 'a, "b"\n2': 1}, 0),
    "quoted_crlf.csv": (b'x\r\n"a\r\nb"\r\n"a\rb"\r\n', {"a\r\nb": 1, "a\rb": 1}, 0),
    "quoted_end.csv": (b'x\n"a"', {"a": 1}, 0),
    "lf.csv": (b"x,y\na,1\nb,2", {"a": 1, "b": 1}, 0),
    "crlf.csv": (b"x,y\r\na,1\r\nb,2\r\n", {"a": 1, "b": 1}, 0),
    "cr.csv": (b"x,y\ra,1\rb,2\r", {"a": 1, "b": 1}, 0),
    "cr_quoted.csv": (b'x,y\r"a\nb",1\rb,2', {"a\nb": 1, "b": 1}, 0),
    "cr_header_only.csv": (b"x\r", "no labels left to count; 0 rows read"),
    "mixed.csv": (b"x\na\r\nb\nb\r\n", {"a": 1, "b": 2}, 0),
    "lone_cr.csv": (b"x\na\nb\rc\n", r"row 2 \(line 3\): a stray carriage return"),
    "cr_cr_lf.csv": (b"x\na\r\r\nb\n", r"row 1 \(line 2\): a stray carriage return"),
    "lf_in_cr.csv": (b"x\ra\rb\nc\r", r"row 2 \(line 3\): a stray line feed"),
    "short_row.csv": (b"x,y,z\na,1,1\nb,2\n", r"row 2 \(line 3\): 2 fields where .* names 3"),
    "one_field.csv": (b"x,y,z\na,1,1\nb\n", r"row 2 \(line 3\): 1 field where .* names 3"),
    "long_row.csv": (b"x,y\na,1\nb,2,3\n", r"row 2 \(line 3\): 3 fields where .* names 2"),
    "short_then_long.csv": (b"x,y\na\nb,2,3\n", r"row 1 \(line 2\): 1 field where"),
    "trailing_comma.csv": (b"x,y\na,1,\n", r"row 1 \(line 2\): 3 fields where .* names 2"),
    "wider_30000.csv": (BIG + b"b,2,3\n" + b"a,1\n" * 9, r"row 30,000 \(line 30,001\): 3 fields"),
    "wider_quoted.csv": (b'x,y\n"a\n\n",1\nb,2,3\n', r"row 2 \(line 5\): 3 fields where"),
    "duplicate.csv": (b"x,y,x\na,1,b\n", r"the header \(line 1\): two columns are named 'x'"),
    "unnamed.csv": (b"x,,y\na,1,b\n", r"the header \(line 1\): column 2 has no name"),
    "blank_name.csv": (b"x, \na,1\n", r"the header \(line 1\): column 2 has no name"),
    "no_header.csv": (b"a,1\nb,2\n", "'x' is not a column of no_header.csv; it has a, 1"),
    "semicolons.csv": (b"x;y\na;1\n", "'x' is not a column of semicolons.csv; it has x;y"),
    "absent.csv": (b"date,state\n1,NY\n", "'x' is not a column of absent.csv; it has date, state"),
    "empty.csv": (b"", "empty.csv is empty"),
    "only_newline.csv": (b"\n", r"the header \(line 1\): column 1 has no name"),
    "header_only.csv": (b"x,y\n", "'x' of header_only.csv has no labels left .* 0 rows read"),
    "header_bare.csv": (b"x", "no labels left to count; 0 rows read = 0 used"),
    "numbers.csv": (b"x\n007\n7\n1\n1.0\n1.0\n", {"007": 1, "1": 1, "1.0": 2, "7": 1}, 0),
    "booleans.csv": (b"x\ntrue\nTRUE\ntrue\n", {"TRUE": 1, "true": 2}, 0),
    "words.csv": (b"x\nNA\nnull\nNone\nnan\nNA\n", {"NA": 2, "None": 1, "nan": 1, "null": 1}, 0),
    "unicode.csv": ("x\n\u00e9\ne\u0301\n".encode(), {"e\u0301": 1, "\u00e9": 1}, 0),
    "blanks.csv": (b"x\na\na \n a\n", {" a": 1, "a": 1, "a ": 1}, 0),
    "separators.csv": ("x\na\u2028b\na\x0bb\n".encode(), {"a\x0bb": 1, "a\u2028b": 1}, 0),
    "empty_lines.csv": (b"x\na\n\n\nb\n", {"a": 1, "b": 1}, 2),
    "empty_quoted.csv": (b'x,y\n"",1\n,2\na,3\n', {"a": 1}, 2),
    "empty_quoted_line.csv": (b'x\n""\n\n"a"\n', {"a": 1}, 2),
    "empty_line_wide.csv": (b"x,y\na,1\n\nb,2\n", r"row 2 \(line 3\): an empty line where"),
    "empty_last_line.csv": (b"x,y\na,1\n\n", r"row 2 \(line 3\): an empty line where"),
    "mebibyte.csv": (b"x,y\n" + b"a" * 2**20 + b",1\nb,2\n", {"a" * 2**20: 1, "b": 1}, 0),
    "mebibyte_quoted.csv": (b'x\n"' + b"a" * 2**20 + b'"\n', {"a" * 2**20: 1}, 0),
    "over_mebibyte.csv": (
        b"x\nb\n" + b"a" * (2**20 + 9),
        "row 2 .*: a field of 1,048,585",
    ),
    "all_missing.csv": (b"x,y\n,1\n,2\n", "no labels left .* 2 rows read = 0 used . 2 missing"),
    "one_value.csv": (b"x\na\na\n", {"a": 2}, 0),
    "many.csv": (b"x\n" + b"%d\n" * 100_001 % (*range(100_001),), "more than 100,000 .* identif"),
    "plain.csv.gz": (gz(b"x\na\nb\n"), {"a": 1, "b": 1}, 0),
    "truncated.csv.gz": (gz(BIG)[:-20], "truncated.csv.gz, .*: the gzip data are broken"),
    "corrupt.csv.gz": (gz(BIG)[:-8] + b"\0" * 8, r"row 30,000 .*the gzip data are broken: CRC"),
    "garbled.csv.gz": (gz(BIG)[:20] + b"\xff" * 90, "the gzip data are broken"),
    "not_gzip.csv.gz": (b"x\na\n", "the gzip data are broken: Not a gzipped file"),
    "gzip_as.csv": (gz(b"x\na\n"), r"the header \(line 1\): byte 0x8b is not UTF-8"),
    "letters.csv.gz": (gz(b"x\n" + b"a" * 2**25), r"row 1 \(line 2\): more than 16,777,216"),
    "nuls.csv.gz": (gz(b"\0" * 2**25), r"the header \(line 1\): a NUL"),
    "open_quote.csv.gz": (gz(b'x,y\na,1\n"' + b"b\n" * 2**24), r"row 2 \(line 3\): more than"),
    "prose.csv": (b"x\n" + b"".join(b"%d%s\n" % (i, b"a" * 10**6) for i in range(70)), "prose"),
    "file.txt": (b"x\na\n", "file.txt must end in .csv, .csv.gz or .parquet"),
}


@pytest.mark.parametrize("name", ZOO)
def test_zoo(tmp_path, name):
    data, *expected = ZOO[name]
    path = tmp_path / name
    path.write_bytes(data)
    if isinstance(expected[0], str):
        with pytest.raises(ValueError, match=expected[0]) as caught:
            tabulate(path, "x")
        assert name in str(caught.value)
        return
    table = tabulate(path, "x")
    assert dict(zip(table.categories, table.counts.tolist(), strict=True)) == expected[0]
    assert list(table.categories) == sorted(expected[0])
    assert table.ledger.missing == expected[1]
    assert table.ledger.rows == sum(expected[0].values()) + expected[1]
    assert table.source == name


def test_zoo_is_large():
    assert len(ZOO) >= 36


WEIGHTS = {
    "negative": (b"a,1\nb,-3\n", "row 2 (line 3) is -3"),
    "text": (b"a,1\nb,two\n", "row 2 (line 3) is 'two'"),
    "empty": (b'"a\n",1\nb,\n', "row 2 (line 4) is ''"),
    "blank": (b"a, 1\n", "row 1 (line 2) is ' 1'"),
    "nan": (b"a,nan\n", "row 1 (line 2) is 'nan'"),
    "underscore": (b"a,1_000\n", "row 1 (line 2) is '1_000'"),
    "infinite": (b"a,1e999\n", "row 1 (line 2) is inf"),
    "overflowing": (b"a,1\nb,4611686018427387905\n", "row 2 (line 3) is 4611686018427387905"),
    "sum": (b"a,4611686018427387904\nb,1\n", "row 2 (line 3) is 1, which takes the total above"),
    "digits": (b"a," + b"9" * 5000 + b"\n", "row 1 (line 2) is inf"),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_bad_weights_are_named(tmp_path, name):
    rows, found = WEIGHTS[name]
    path = tmp_path / "w.csv"
    path.write_bytes(b"x,n\n" + rows)
    with pytest.raises(ValueError, match=re.escape(f"that of w.csv, {found}")):
        tabulate(path, "x", weights="n")


def test_weights_of_a_file(tmp_path):
    path = tmp_path / "w.csv"
    path.write_bytes(b"x,n\na,4611686018427387902\nb,1\na,1\nc,0\n,0\n,00\n")
    table = tabulate(path, "x", weights="n")
    assert table.counts.tolist() == [2**62 - 1, 1, 0]
    assert table.counts.dtype == np.int64
    assert table.ledger.text == "6 rows read = 3 used + 2 missing + 1 zero weight"
    path.write_bytes(b"x,n\na,0.1\nb,1e1\na,.2\nb,2.\n")
    table = tabulate(path, "x", weights="n")
    assert table.counts.tolist() == [0.30000000000000004, 12.0]


def test_denied_ways(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"reader: .*none.csv cannot be opened: No such"):
        tabulate(tmp_path / "none.csv", "x")
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(IsADirectoryError, match=r"reader: .*dir.csv cannot be opened: Is a dir"):
        tabulate(tmp_path / "dir.csv", "x")

    def deny(path, mode):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(builtins, "open", deny)
    with pytest.raises(PermissionError, match=r"reader: .*x.csv cannot be opened: Permission"):
        CsvReader(tmp_path / "x.csv")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_no_permission(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"x\na\n")
    path.chmod(0)
    with pytest.raises(PermissionError, match="cannot be opened: Permission denied"):
        tabulate(path, "x")


def test_position_and_place(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK", 8)
    path = tmp_path / "x.csv"
    path.write_bytes(b'x,y\na,"1\n\n2"\nb,2\nc,3\n')
    with CsvReader(path) as rows:
        for columns in rows.batches(["x"]):
            last = rows.place(len(columns[0]) - 1)
        assert last == "x.csv, row 3 (line 6)"
        assert rows.position == 1
    with CsvReader(path) as rows:
        assert 0 < rows.position < 1
    seen = []
    tabulate(path, "x", progress=lambda count, share: seen.append((count, share)))
    assert seen[-1] == (3, 1.0)


def test_one_row_over_many_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK", 3)
    path = tmp_path / "x.csv"
    path.write_bytes('x,y\r\na,"é\n""\r\n,"\r\nb,""\r\n"",""\r\n'.encode())
    table = tabulate(path, "x", by=None)
    assert table.categories == ("a", "b")
    assert tabulate(path, "y").categories == ('é\n"\r\n,',)


def test_the_csv_modules_own_limit_changes_nothing(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'x\n"' + b"a" * 99 + b'"\n')
    before = csv.field_size_limit(10)
    try:
        assert tabulate(path, "x").categories == ("a" * 99,)
    finally:
        csv.field_size_limit(before)


def test_unicode_forms_stay_apart(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("x\n\u00e9\ne\u0301\n".encode())
    table = tabulate(path, "x")
    assert len({unicodedata.normalize("NFC", label) for label in table.categories}) == 1
    assert "Unicode form: counted apart" in table.notes[0]


MEMORY = """
import re, sys
from expfam.tables import tabulate
table = tabulate(sys.argv[1], "x")
print(int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) / 1024)
print(table.counts.sum())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_memory_is_bounded(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        for _ in range(120):
            file.write((b"x,y\n" if not file.tell() else b"") + b"label,and some more\n" * 50_000)
    found = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    peak, rows = map(float, found.stdout.split())
    assert rows == 6_000_000
    assert peak < 200
