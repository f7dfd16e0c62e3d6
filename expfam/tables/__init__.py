"""Data frames, files and engines in; labelled counts with their ledger out.

Whatever the way in, the data become distinct rows with their multiplicity, batch by batch, and
one function turns these into a table: all ways give the same counts, order and ledger.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from numbers import Number
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from expfam.tables.finish import Table, finish
from expfam.tables.labels import check_kinds, declared, is_null, label_list, plain
from expfam.tables.ledger import Ledger
from expfam.tables.reader import CsvReader, ParquetReader
from expfam.tables.tally import Draft, read_weight

__all__ = ["Ledger", "Table", "tabulate"]

ROWS_AT_ONCE = 1 << 18
Progress = Callable[[int, float], None]


def tabulate(
    data: Any,
    column: Any = None,
    *,
    by: Any = None,
    weights: Any = None,
    categories: Iterable[Hashable] | None = None,
    missing_labels: Iterable[Hashable] = (),
    max_categories: int = 100_000,
    progress: Progress | None = None,
) -> Table:
    """The counts of each label in data of any kind, per group when `by` names columns.

    `data` is a list, tuple, numpy array, Series (pandas, polars, pyarrow), Categorical or Index of
    labels; a dict or Counter of counts; a data frame (pandas, polars, pyarrow) or the path of a
    CSV (.csv, .csv.gz) or Parquet (.parquet) file, of which `column` names the labels. A bare
    string is a path.

    Missing are None, NaN, NaT, NA, an empty CSV field and every label in `missing_labels`.
    `weights` are frequencies, a column's name or one number per label; whole ones are summed
    exactly. Categories come in the order of `categories`, of the levels of a Categorical, an Enum
    or an Arrow dictionary, or of a dict, else sorted (whole numbers in text by value: 2 before
    10); groups in that of their levels, else sorted.
    A group without labels has a ledger but no counts, and a note says so.

    In a dict of whole counts each observation is a row; with fractional ones each entry is. A
    pandas Series is labels, unless it is named "count" over an index of labels, as `value_counts`
    writes it; a Series that could be either is refused.

    `progress`, if given, is called with the rows and the share of the file read so far.

    Raises ValueError for bad data, an OSError for a file that cannot be opened, ImportError for
    Parquet without pyarrow.

    >>> table = tabulate(["yes", "no", None, "yes"])
    >>> table.categories, table.counts.tolist()
    (('no', 'yes'), [1, 2])
    >>> print(table.ledger)
    4 rows read = 3 used + 1 missing
    """
    draft = Draft(label_list(missing_labels, "missing_labels"), max_categories)
    if categories is not None:
        draft.declared = declared(categories, draft.missing_labels, max_categories)
    names = () if by is None else tuple(by) if isinstance(by, (list, tuple)) else (by,)
    if isinstance(data, (str, os.PathLike)):
        _read_file(Path(data), draft, column, names, weights, progress)
        return finish(draft)
    if isinstance(data, Mapping):
        _only(data, column=column, by=by, weights=weights)
        draft.count(data)
        return finish(draft)
    native = _native(data)
    if isinstance(native, nw.Series):
        _only(data, column=column, by=by)
        aligned = isinstance(data, pd.Series) and isinstance(weights, pd.Series)
        _read_series(native, draft, weights, aligned)
    else:
        _read_frame(native, draft, column, names, weights)
    return finish(draft)


def _only(data: Any, **arguments: Any) -> None:
    for name, value in arguments.items():
        if value is not None:
            kind = type(data).__name__
            raise ValueError(f"tables: {name}= goes with a data frame or a file; data is {kind}")


def _native(data: Any, name: str = "data") -> Any:
    """The data as a narwhals series or frame."""
    kind = type(data).__name__
    if type(data).__module__.startswith("pyarrow"):  # then its import costs nothing
        import pyarrow as pa

        if isinstance(data, pa.Array):
            data = pa.chunked_array([data])
        elif isinstance(data, pa.RecordBatch):
            data = pa.Table.from_batches([data])
    elif isinstance(data, np.ma.MaskedArray):
        data = data.tolist()
    if isinstance(data, (list, tuple)):
        data = pd.Series(list(data), dtype=object)
    elif isinstance(data, np.ndarray) and (data.ndim != 1 or data.dtype.names):
        raise ValueError(
            f"tables: an array of labels must have one axis; it has shape {data.shape}"
        )
    elif isinstance(data, (np.ndarray, pd.Index, pd.api.extensions.ExtensionArray)):
        data = pd.Series(data)
    try:
        return nw.from_native(data, allow_series=True)
    except (TypeError, ValueError) as error:
        found = "two columns of one name" if isinstance(error, ValueError) else kind
        rule = "labels, counts, a data frame or a path" if name == "data" else "numbers or a column"
        raise ValueError(f"tables: {name} must be {rule}; got {found}") from None


def _read_file(
    path: Path, draft: Draft, column: Any, by: tuple, weights: Any, progress: Progress | None
) -> None:
    draft.source = path.name
    kind = path.name.lower()
    if kind.endswith((".csv", ".csv.gz")):
        with CsvReader(path) as reader:
            names = draft.choose(reader.columns, column, by, weights)
            _read_csv(reader, draft, names, progress)
    elif kind.endswith(".parquet"):
        with ParquetReader(path) as parquet:
            names = draft.choose(parquet.columns, column, by, weights)
            rows = 0
            for table in parquet.batches(names):
                _fold_frame(_numbered(nw.from_native(table), names), draft, rows)
                rows += len(table)
    else:
        raise ValueError(f"tables: {path.name} must end in .csv, .csv.gz or .parquet")


def _read_csv(
    reader: CsvReader, draft: Draft, names: Sequence[str], progress: Progress | None
) -> None:
    draft.text = True
    for columns in reader.batches(names):
        batch: Iterable = Counter(zip(*columns, strict=True)).items()
        if draft.tally.weighted:
            batch = [((*row[:-1], read_weight(row[-1])), times) for row, times in batch]
        draft.fold(batch, map(read_weight, columns[-1]), reader.place)
        if progress:
            progress(reader.row + len(columns[0]), reader.position)


def _read_frame(native: Any, draft: Draft, column: Any, by: tuple, weights: Any) -> None:
    names = draft.choose(native.collect_schema().names(), column, by, weights)
    frame = _numbered(native, names)
    _fold_frame(frame.collect() if isinstance(frame, nw.LazyFrame) else frame, draft)


def _numbered(frame: Any, names: Sequence) -> Any:
    """The columns asked for, renamed 0, 1, …."""
    return frame.select(*[nw.col(name).alias(str(part)) for part, name in enumerate(names)])


def _fold_frame(frame: nw.DataFrame, draft: Draft, before: int = 0) -> None:
    """Add a frame whose columns are the label, the groups and the weight, after `before` rows."""
    names = frame.columns
    labels = [frame[name] for name in names[: 1 + len(draft.by)]]
    for part, series in enumerate(labels):
        _take_levels(series, part, draft)
    step = ROWS_AT_ONCE if draft.tally.weighted else max(len(frame), 1)
    for start in range(0, len(frame), step):
        piece = frame[start : start + step]
        try:
            rows, times = _distinct(piece, draft)
        except (TypeError, NotImplementedError) as error:
            raise ValueError(f"tables: {draft.what} cannot be counted: {error}") from None
        weights = piece[names[-1]]
        draft.fold(zip(rows, times, strict=True), weights, partial(_row_after, before + start))
    for part, series in enumerate(labels):
        if any(isinstance(cell[part], Number) for cell in draft.tally.rows):
            _check_mixed(series, part, draft)


def _row_after(before: int, row: int) -> str:
    return f"row {before + row + 1:,}"


def _distinct(frame: nw.DataFrame, draft: Draft) -> tuple[list[tuple], list[int]]:
    """The distinct rows of a frame, and how often each occurs; all rows when weights are mixed."""
    names = frame.columns
    native = frame[names[-1]].to_native()
    mixed = getattr(native, "dtype", None) == np.dtype(object)  # where True would pass as 1
    if draft.tally.weighted and mixed:
        return list(zip(*(frame[name].to_list() for name in names), strict=True)), [1] * len(frame)
    if len(names) == 1 and isinstance(native, pd.Series):
        found = native.value_counts(dropna=False, sort=False)
        found = found[found > 0]  # pandas lists unused levels, too
        return list(zip(found.index.tolist(), strict=True)), found.tolist()
    grouped = frame.group_by(*names).agg(nw.len().alias("n"))
    rows = zip(*(grouped[name].to_list() for name in names), strict=True)
    return list(rows), grouped["n"].to_list()


def _take_levels(series: nw.Series, part: int, draft: Draft) -> None:
    """The levels that a Categorical, an Enum or an Arrow dictionary declares."""
    native = series.to_native()
    levels: list = []
    if isinstance(native, pd.Series):
        if not isinstance(native.dtype, pd.CategoricalDtype):
            return
        levels = native.cat.categories.tolist()
    elif isinstance(series.dtype, nw.Enum):
        levels = native.dtype.categories.to_list()
    elif type(getattr(native, "type", None)).__name__ == "DictionaryType":
        levels = [label for chunk in native.chunks for label in chunk.dictionary.to_pylist()]
    elif isinstance(series.dtype, nw.Object):
        raise ValueError(f"tables: {draft.what} holds objects; give their labels as a list")
    else:
        return
    known = draft.levels.setdefault(part, [])
    draft.levels[part] = list(dict.fromkeys([*known, *map(plain, levels)]))


def _check_mixed(series: nw.Series, part: int, draft: Draft) -> None:
    """Refuse an object column whose equal labels, True and 1 or 1 and 1.0, would fall together."""
    native = series.to_native()
    if not isinstance(native, pd.Series) or native.dtype != object:
        return
    examples = {(type(label), is_null(label)): plain(label) for label in native}
    labels = [label for (_, null), label in examples.items() if not null]
    check_kinds(labels, draft.what)
    kinds = {isinstance(label, float) for label in labels if isinstance(label, Number)}
    if part == 0 and draft.declared is None and len(kinds) == 2:
        raise ValueError(f"tables: labels must not mix floats and integers; {draft.what} does")


def _read_series(series: nw.Series, draft: Draft, weights: Any, aligned: bool) -> None:
    native = series.to_native()
    draft.column = str(series.name) if series.name not in (None, "") else None
    if isinstance(native, pd.Series) and weights is None and _is_counts(native):
        draft.column = str(native.index.name) if native.index.name is not None else None
        draft.notes.append("read as counts of the labels in the index")
        return draft.count(native.to_dict())
    if weights is None:
        return _fold_frame(series.alias("0").to_frame(), draft)
    numbers = _native(weights, "weights")
    if not isinstance(numbers, nw.Series) or len(numbers) != len(series):
        raise ValueError("tables: weights must be as many as labels")
    if aligned and not native.index.equals(numbers.to_native().index):
        raise ValueError("tables: labels and weights must have the same index, in the same order")
    _take_levels(series, 0, draft)
    draft.tally.weighted = True
    frame = pd.DataFrame({"0": _pandas(series), "1": pd.Series(_pandas(numbers)).infer_objects()})
    return _fold_frame(nw.from_native(frame), draft)


def _pandas(series: nw.Series) -> Any:
    """The values without their index."""
    native = series.to_native()
    known = isinstance(native, pd.Series)
    return native.array if known else pd.array(series.to_list(), dtype=object)


def _is_counts(series: pd.Series) -> bool:
    """Whether a Series is counts by label; ValueError when it could as well be labels."""
    index = series.index
    numbers = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
    if not numbers or isinstance(index, pd.RangeIndex) or not len(series):
        return False
    whole = pd.api.types.is_integer_dtype(index)
    if series.name == "count" and index.is_unique and not (whole and index.name is None):
        return True
    dates = isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex))
    if series.name != "count" and (whole or dates or not index.is_unique):
        return False
    raise ValueError(
        "tables: a Series of numbers over an index of labels could be labels or counts;"
        " pass .to_list() for labels, .to_dict() for counts"
    )
