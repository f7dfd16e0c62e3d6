"""The strict streaming reader: CSV (plain or gzip) and Parquet, batch by batch.

A CSV is UTF-8 (a byte order mark at its start is skipped) with one header of unique, non-empty
names and rows of that width. A field that holds a comma, a quote or a line end is quoted, its
quotes doubled. Rows end in LF or CRLF, which may mix, or all in CR; a lone CR in an LF file is
an error. An empty line is a row of one empty field, hence an error where the header names more.
Every other departure is an error that names the file, the row (1 is the first below the header),
the line and what was found. Fields are text; types are never guessed.

The standard library's csv module parses; a block that it or the checks around it refuse is read
again, field by field, for the exact row. At most one block of 128 KiB and one unfinished row (of
16 MiB at most) are held, so that a bomb costs time, not memory.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

BLOCK = 1 << 17
FIELD_LIMIT = 1 << 20
ROW_LIMIT = 1 << 24

# Quotes only around whole fields: whatever precedes an opening or follows a closing one is an edge.
_WELL_QUOTED = re.compile(r'(?:[^"]*+(?<![^,\r\n])"[^"]*+(?:""[^"]*+)*+"(?![^,\r\n]))*+[^"]*+')
_FIELD = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"|([^",\r\n]*+)')
_FIRST_ROW = re.compile(r'(?:[^"\r\n]++|"[^"]*+")*+(\r\n|\r|\n)')
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def open_binary(path: str | os.PathLike[str]) -> IO[bytes]:
    """The file's bytes; an OSError of the kind that occurred, in words, when they are denied."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise type(error)(f"reader: {os.fspath(path)} cannot be opened: {error.strerror}") from None


class CsvReader:
    """The columns of a CSV, as text, in batches of whole rows; a context manager.

    `columns` is the header; `row` and `line` count what came before the batch at hand; `position`
    is the share of the file read, from 0 to 1. ValueError is for the file's contents, an OSError
    (FileNotFoundError, PermissionError, IsADirectoryError) for the way to them.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "eyes.csv")
    >>> _ = path.write_text('eye,n\\nblue,007\\n"blue, or not",\\n')
    >>> with CsvReader(path) as reader:
    ...     print(reader.columns, list(reader.batches(["n", "eye"])))
    ('eye', 'n') [[['007', ''], ['blue', 'blue, or not']]]
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = Path(path).name
        self._raw = open_binary(path)
        zipped = self.name.lower().endswith(".gz")
        self._stream: Any = gzip.GzipFile(fileobj=self._raw) if zipped else self._raw
        self._size = os.fstat(self._raw.fileno()).st_size
        self._end = ""
        self._width = 0
        self.row = self.line = 0
        try:
            self._blocks = self._whole_rows()
            self.columns = self._header(next(self._blocks, ""))
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> CsvReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._raw.close()

    @property
    def position(self) -> float:
        return self._raw.tell() / self._size if self._size else 1.0

    def batches(self, names: Sequence[str]) -> Iterator[list[Sequence[str]]]:
        """The columns asked for, batch by batch."""
        places = [self.columns.index(name) for name in names]
        for block in self._blocks:
            self._block = block
            columns = self._quick(block, places)
            if columns is None:
                rows = self._careful(block)
                columns = [[fields[place] for fields in rows] for place in places]
            yield columns
            self.row += len(columns[0])
            self.line += block.count(self._end)

    def place(self, row: int) -> str:
        """Where row number `row`, from 0, of the batch at hand stands in the file."""
        before = self._careful(self._block)[:row]
        lines = sum(1 + "".join(fields).count(self._end) for fields in before)
        return f"{self.name}, row {self.row + row + 1:,} (line {self.line + lines + 1:,})"

    def _error(self, found: str, rows: int = 0, lines: int = 0) -> ValueError:
        row, line = self.row + rows, self.line + lines + 1
        where = f"row {row + 1:,} (line {line:,})" if self._width else "the header (line 1)"
        return ValueError(f"reader: {self.name}, {where}: {found}")

    def _texts(self) -> Iterator[tuple[str, str]]:
        """The decoded text in pieces, each with the problem that ends all reading, if any."""
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        data, problem = b"-", ""
        while data:
            try:
                data = self._stream.read1(BLOCK)  # what precedes an error is kept
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                text = error.object[: error.start].decode()
                problem = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
                if error.object[:2] in _UTF16:
                    problem += "; the file looks like UTF-16"
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                text, problem = "", f"the gzip data are broken: {error}"
            text, nul, _ = text.partition("\0")
            yield text, "a NUL character" if nul else problem

    def _whole_rows(self) -> Iterator[str]:
        """The text in blocks of whole rows, the header alone in the first."""
        rest = ""
        for text, problem in self._texts():
            rest += text
            found = None if self._end else _FIRST_ROW.match(rest)
            if found and (found[1] != "\r" or found.end() < len(rest)):  # that CR may become CRLF
                self._end = found[1][-1]
                yield found[0]
                rest = rest[found.end() :]
            if self._end and (cut := self._last_end(rest)):
                yield rest[:cut]
                rest = rest[cut:]
            if problem:
                raise self._error(problem)
            if len(rest) > ROW_LIMIT:
                raise self._error(
                    f"more than {ROW_LIMIT:,} characters, or a quote that never closes"
                )
        self._end = self._end or ("\r" if rest.endswith("\r") else "\n")
        if rest:
            yield rest

    def _last_end(self, text: str) -> int:
        """Where the last whole row ends: after an even number of quotes."""
        cut = text.rfind(self._end) + 1
        odd = text.count('"', 0, cut) % 2
        while odd:
            quote = text.rfind('"', 0, cut)
            before = text.rfind(self._end, 0, quote) + 1
            odd = (odd + text.count('"', before, cut)) % 2
            cut = before
        return cut

    def _header(self, block: str) -> tuple[str, ...]:
        if not block:
            raise ValueError(f"reader: {self.name} is empty; it needs a header")
        (names,) = self._careful(block)
        for place, name in enumerate(names):
            if not name.strip():
                raise self._error(f"column {place + 1} has no name")
            if name in names[:place]:
                raise self._error(f"two columns are named {name[:80]!r}")
        self._width, self.line = len(names), block.count(self._end)
        return tuple(names)

    def _quick(self, block: str, places: list[int]) -> list[Sequence[str]] | None:
        """The columns of a block; None when anything at all is out of the ordinary."""
        if "\r" in block and self._end == "\n":
            stray = block.count("\r") != block.count("\r\n")
        else:
            stray = self._end == "\r" and "\n" in block
        if stray or len(block) > FIELD_LIMIT:
            return None
        return self._split(block, places) if '"' not in block else self._parse(block, places)

    def _split(self, block: str, places: list[int]) -> list[Sequence[str]] | None:
        """Without quotes, commas and line ends are all there is; line ends must fall in step."""
        block = block.replace("\r", "") if self._end == "\n" else block.replace("\r", "\n")
        block = block if block.endswith("\n") else block + "\n"
        fields = block.replace("\n", ",\n,").split(",")
        step, rows = self._width + 1, block.count("\n")
        if len(fields) != rows * step + 1 or fields[self._width :: step] != ["\n"] * rows:
            return None
        return [fields[place:-1:step] for place in places]

    def _parse(self, block: str, places: list[int]) -> list[Sequence[str]] | None:
        if not _WELL_QUOTED.fullmatch(block):
            return None
        lines = [line + self._end for line in block.removesuffix(self._end).split(self._end)]
        try:
            rows = list(csv.reader(lines, strict=True))
        except csv.Error:
            return None
        if self._width == 1:
            rows = [fields or [""] for fields in rows]
        if set(map(len, rows)) != {self._width}:
            return None
        return [list(map(itemgetter(place), rows)) for place in places]

    def _careful(self, block: str) -> list[list[str]]:
        """The rows field by field; the first that breaks a rule is refused by name."""
        rows: list[list[str]] = []
        at = 0
        while at < len(block):
            start, fields, edge = at, [], ","
            while edge == ",":
                found = _FIELD.match(block, at)
                assert found is not None  # the second alternative matches nothing, too
                edge = self._edge(block, found.end())
                if problem := self._broken(found, edge):
                    raise self._error(problem, len(rows), block.count(self._end, 0, start))
                quoted = found[1]
                fields.append(found[2] if quoted is None else quoted.replace('""', '"'))
                at = found.end() + len(edge)
            if self._width and len(fields) != self._width:
                many = "an empty line" if fields == [""] else _fields(len(fields))
                what = f"{many} where the header names {self._width}"
                raise self._error(what, len(rows), block.count(self._end, 0, start))
            rows.append(fields)
        return rows

    def _edge(self, block: str, at: int) -> str:
        """What follows a field: a comma, the end of the row, or the text's; else what is wrong."""
        return "\r\n" if self._end == "\n" and block.startswith("\r\n", at) else block[at : at + 1]

    def _broken(self, found: re.Match[str], edge: str) -> str:
        if len(found[0]) > FIELD_LIMIT + 2:
            return f"a field of {len(found[0]):,} characters; the limit is {FIELD_LIMIT:,}"
        if edge in (",", "", self._end, "\r\n"):
            return ""
        if found[1] is not None:
            return f"{edge!r} after a closing quote"
        if edge == '"':
            return "a quote inside an unquoted field" if found[0] else "a quote that never closes"
        return f"a stray {'carriage return' if edge == chr(13) else 'line feed'}"


def _fields(number: int) -> str:
    return f"{number:,} field{'' if number == 1 else 's'}"


class ParquetReader:
    """The columns of a Parquet file in batches of rows; page checksums it has are verified.

    `columns` are the names; `batches(names)` yields pyarrow tables. ImportError says how to get
    pyarrow, ValueError that the file is damaged or not Parquet.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            from pyarrow import ArrowException, Table, parquet
        except ImportError:
            needs = "expfam.tables needs pyarrow: pip install pyarrow"
            raise ImportError(needs) from None
        self.name = Path(path).name
        self._table, self._errors = Table, (ArrowException, OSError)
        self._raw = open_binary(path)
        try:
            self._file = parquet.ParquetFile(self._raw, page_checksum_verification=True)
        except self._errors as error:
            self._raw.close()
            raise self._damaged(error) from None
        self.columns = tuple(self._file.schema_arrow.names)

    def __enter__(self) -> ParquetReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()
        self._raw.close()

    def batches(self, names: list[str]) -> Iterator[Any]:
        try:
            for batch in self._file.iter_batches(columns=names):
                yield self._table.from_batches([batch])
        except self._errors as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> ValueError:
        first = str(error).partition("\n")[0][:200]
        return ValueError(f"reader: {self.name} is damaged or not Parquet: {first}")
