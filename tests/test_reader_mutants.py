"""Mutants of valid files, judged by the standard library and rules written here anew."""

import csv
import io
import random
import re

import pytest

from expfam.tables import reader
from expfam.tables.reader import CsvReader

VALID = [
    b"x,y\na,1\nb,2\n,3\na,4\n",
    b'x,y\r\n"a",1\r\n"b ""c""",2\r\n"d\r\ne",3\r\n',
    b"x\na\nb\n\na\n",
    b'x,y,z\n"a,b",,"1"\nb,"",2\n007,TRUE,NA\n',
    "x,y\ré,1\r日本,2\ra,3\r".encode(),
    b"\xef\xbb\xbfx,y\nNA,1\nnull,2\n 7,3\n",
]
SPICE = [b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"a", b" ", b"\xe9", b"\xc3\xa9", b'""', b"x"]


def mutant(rng):
    data = bytearray(rng.choice(VALID))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            data[at:at] = rng.choice(SPICE)
        elif kind == 1:
            del data[at : at + rng.randint(1, 3)]
        elif kind == 2:
            data[at : at + 1] = rng.choice(SPICE)
        else:
            data[at:at] = data[: rng.randrange(len(data) + 1)][-12:]
    return bytes(data)


def judged(data):
    """Rows by Python's strict csv, or None where it, the header or a width is wrong."""
    try:
        text = data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    if not rows or "\0" in text:
        return None
    header, *rows = rows
    if not all(name.strip() for name in header) or len(set(header)) < len(header) or not header:
        return None
    if len(header) == 1:
        rows = [row or [""] for row in rows]
    return (header, rows) if all(len(row) == len(header) for row in rows) else None


def read_all(path):
    with CsvReader(path) as rows:
        batches = list(rows.batches(rows.columns))
        return [*rows.columns], [[*row] for b in batches for row in zip(*b, strict=True)]


def refusal(path):
    try:
        read_all(path)
    except ValueError as error:
        return str(error)
    return ""


def face_mutants(tmp_path, number, seed):
    rng = random.Random(seed)
    path = tmp_path / "mutant.csv"
    refused = agreed = 0
    for _ in range(number):
        data = mutant(rng)
        path.write_bytes(data)
        if words := refusal(path):
            assert "mutant.csv" in words
            refused += 1
        else:
            assert read_all(path) == judged(data), data
            agreed += 1
    assert min(refused, agreed) > number / 8


def test_mutants(tmp_path):
    face_mutants(tmp_path, 800, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("block", [2, 5, 1 << 17])
def test_20_000_mutants(tmp_path, monkeypatch, block):
    monkeypatch.setattr(reader, "BLOCK", block)
    face_mutants(tmp_path, 20_000, seed=block)


def test_what_python_accepts_is_refused_for_a_reason(tmp_path):
    """Only quotes inside fields, and CR among LF, are refused beyond Python's own rules."""
    rng = random.Random(3)
    path = tmp_path / "mutant.csv"
    for _ in range(300):
        data = mutant(rng)
        path.write_bytes(data)
        if judged(data) is not None:
            assert re.search("^$|quote inside|stray", refusal(path)), data
