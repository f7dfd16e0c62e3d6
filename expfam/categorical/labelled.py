"""Labels put back on numbers, and tables with other labels brought to the same ones."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from expfam.tables import Table
from expfam.tables.labels import is_null, plain, some
from expfam.tables.notes import lasts

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit


def label_index(table: Table) -> pd.Index:
    """The categories as an index; labels that are tuples stay single labels."""
    return pd.Index(list(table.categories), name=table.column, tupleize_cols=False)


def group_index(table: Table) -> pd.Index:
    """The groups as an index, with a level for each column that makes them."""
    if len(table.group_names) == 1:
        groups = list(table.groups or ())
        return pd.Index(groups, name=table.group_names[0], tupleize_cols=False)
    keys = [group_key(table, group) for group in table.groups or ()]
    return pd.MultiIndex.from_tuples(keys, names=list(table.group_names))


def long_frame(table: Table, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Columns of batch + (K,) numbers as a frame with a row per label, or per group and label."""
    index = label_index(table)
    if table.groups is not None:
        keys = [(*group_key(table, group), label) for group in table.groups for label in index]
        names = [*table.group_names, table.column or "category"]
        index = pd.MultiIndex.from_tuples(keys, names=names)
    return pd.DataFrame({name: np.ravel(values) for name, values in columns.items()}, index=index)


def group_key(table: Table, group: Hashable) -> tuple:
    """A group's labels, one per column that makes the groups."""
    return group if len(table.group_names) > 1 else (group,)  # type: ignore[return-value]


def label_array(labels: Sequence[Hashable]) -> np.ndarray:
    """Labels as an array: of integers where all are, else of objects (tuples stay whole)."""
    if all(type(label) is int and abs(label) < 2**63 for label in labels):
        return np.array(labels, dtype=np.int64)
    array = np.empty(len(labels), dtype=object)
    array[:] = list(labels)
    return array


def codes_of(labels: Sequence[Any], categories: Sequence[Hashable]) -> np.ndarray:
    """The position of each label; True, 1 and 1.0 are three labels. ValueError for a stranger."""
    known = {(type(label), label): code for code, label in enumerate(categories)}
    codes = np.empty(len(labels), dtype=np.int64)
    for place, given in enumerate(labels):
        label = plain(given)
        try:
            codes[place] = known[type(label), label]
        except (KeyError, TypeError):
            at = f" at position {place}" if len(labels) > 1 else ""
            if is_null(label):
                raise ValueError(
                    f"CategoricalFit: a missing label has no probability; got {given!r}{at}"
                ) from None
            raise ValueError(
                f"CategoricalFit: labels must be among the categories {some(categories)}; "
                f"got {given!r}{at}"
            ) from None
    return codes


def log_prob(fit: CategoricalFit, labels: Any) -> Any:
    """`CategoricalFit.log_prob`."""
    log_p = fit.distribution.natural_parameter
    if not isinstance(labels, list | np.ndarray | pd.Series | pd.Index | pd.Categorical) or (
        isinstance(labels, np.ndarray) and labels.ndim == 0
    ):
        code = codes_of([labels[()] if isinstance(labels, np.ndarray) else labels], fit.categories)
        return fit._by_group(log_p[..., code[0]], "log_prob")
    flat = labels.ravel().tolist() if isinstance(labels, np.ndarray) else list(labels)
    codes = codes_of(flat, fit.categories).reshape(getattr(labels, "shape", (len(flat),)))
    values = np.moveaxis(log_p[..., codes], 0, -1) if fit.groups is not None else log_p[codes]
    if not isinstance(labels, pd.Series):
        return values
    if fit.groups is None:
        return pd.Series(values, index=labels.index, name="log_prob")
    return pd.DataFrame(values, index=labels.index, columns=group_index(fit.table))


def aligned(table: Table, to: Table) -> Table:
    """The table with the order of categories and groups of another that has the same ones."""
    _check_same("categories", table.categories, to.categories)
    groups, counts = table.groups, table.counts[..., _places(to.categories, table.categories)]
    if groups is not None and to.groups is not None:
        _check_same("groups", groups, to.groups)
        groups, counts = to.groups, counts[_places(to.groups, groups)]
    return replace(table, categories=to.categories, counts=_read_only(counts), groups=groups)


def merged(a: Table, b: Table) -> Table:
    """The table of both tables' rows."""
    if (a.groups is None) != (b.groups is None) or a.group_names != b.group_names:
        raise ValueError(
            "CategoricalFit: only fits with groups of the same columns merge; got "
            f"{_by_text(a)} and {_by_text(b)}"
        )
    if a.counts.sum().item() + b.counts.sum().item() > 2**62:
        raise ValueError("CategoricalFit: counts must sum to at most 2**62; the merged ones do not")
    categories = _united(a.categories, b.categories)
    groups = None if a.groups is None else _united(a.groups, b.groups or ())
    kind = np.result_type(a.counts, b.counts)
    counts = np.zeros((1 if groups is None else len(groups), len(categories)), dtype=kind)
    for table in (a, b):
        rows = [0] if groups is None else _places(table.groups or (), groups)
        places = np.ix_(rows, _places(table.categories, categories))
        counts[places] += np.atleast_2d(table.counts)
    same = {name: getattr(a, name) if getattr(a, name) == getattr(b, name) else None
            for name in ("column", "source")}  # fmt: skip
    return Table(
        categories=categories,
        counts=_read_only(counts if groups is not None else counts[0]),
        groups=groups,
        group_names=a.group_names,
        ledger=a.ledger + b.ledger,
        notes=tuple(dict.fromkeys(note for note in (*a.notes, *b.notes) if lasts(note))),
        **same,
    )


def one_group(table: Table, group: Hashable) -> Table:
    """The table of one group. Errors: ValueError for an unknown one."""
    groups = table.groups or ()
    if group not in groups:
        raise ValueError(
            f"CategoricalFit: group must be one of {some(groups) or 'none, as there are none'}; "
            f"got {group!r}"
        )
    counts = _read_only(table.counts[groups.index(group)].copy())
    ledger = table.ledger.group(group)
    return replace(table, counts=counts, groups=None, group_names=(), ledger=ledger)


def _tags(labels: Sequence[Hashable]) -> list[tuple]:
    return [(type(label), label) for label in labels]


def _places(labels: Sequence[Hashable], among: Sequence[Hashable]) -> list[int]:
    place = {tag: position for position, tag in enumerate(_tags(among))}
    return [place[tag] for tag in _tags(labels)]


def _check_same(what: str, a: Sequence[Hashable], b: Sequence[Hashable]) -> None:
    known, theirs = set(_tags(b)), set(_tags(a))
    only = [label for tag, label in zip(_tags(b), b, strict=True) if tag not in theirs]
    more = [label for tag, label in zip(_tags(a), a, strict=True) if tag not in known]
    if only or more:
        found = " and ".join(
            f"only the {which} has {some(labels)}"
            for which, labels in (("first", only), ("second", more))
            if labels
        )
        raise ValueError(f"CategoricalFit: both fits must have the same {what}; {found}")


def _united(a: tuple, b: tuple) -> tuple:
    """The labels of both; sorted where both are, else the first's and then what is new."""
    known = set(_tags(a))
    new = [label for tag, label in zip(_tags(b), b, strict=True) if tag not in known]
    both = (*a, *new)
    if len(set(both)) < len(both):
        raise ValueError("CategoricalFit: labels must differ; one fit has 1 where another has True")
    if new and _is_sorted(a) and _is_sorted(b):
        try:
            return tuple(sorted(both))
        except TypeError:
            return both
    return both


def _is_sorted(labels: tuple) -> bool:
    try:
        return all(x < y for x, y in pairwise(labels))
    except TypeError:
        return False


def _by_text(table: Table) -> str:
    return "no groups" if table.groups is None else f"groups by {', '.join(table.group_names)}"


def _read_only(counts: np.ndarray) -> np.ndarray:
    counts.flags.writeable = False
    return counts
