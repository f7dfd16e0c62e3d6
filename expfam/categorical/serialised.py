"""A fit as plain data and JSON, and back: exactly, or not at all."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.tables import Table
from expfam.tables.ledger import Ledger
from expfam.writing.markup import dumps, number

if TYPE_CHECKING:
    from expfam.categorical.goodness import GoodnessOfFit
    from expfam.categorical.portable import Portable

FORMAT, VERSION = "expfam.CategoricalFit", 1
_KEYS = (
    "format", "version", "column", "source", "categories", "by", "groups", "counts", "ledger",
    "notes",
)  # fmt: skip


def to_dict(fit: Portable, level: float, method: str | None) -> dict[str, Any]:
    """`CategoricalFit.to_dict`."""
    table = fit.table
    groups = None if table.groups is None else [_label(group) for group in table.groups]
    return {
        "format": FORMAT,
        "version": VERSION,
        "column": table.column,
        "source": table.source,
        "categories": [_label(label) for label in table.categories],
        "by": list(table.group_names),
        "groups": groups,
        "counts": table.counts.tolist(),
        "ledger": table.ledger.to_dict(),
        "notes": list(table.notes),
        "results": _results(fit, level, method),
    }


def to_json(fit: Portable, level: float, method: str | None) -> str:
    """`CategoricalFit.to_json`."""
    return dumps(to_dict(fit, level, method))


def _results(fit: Portable, level: float, method: str | None) -> dict[str, Any]:
    bounds = fit.interval(level, method)
    results = {
        "n": fit._total,
        "probabilities": fit._proportions,
        "natural": fit.distribution.natural_parameter + 0.0,
        "standard_errors": fit.standard_errors.to_numpy(),
        "lower": bounds._lower,
        "upper": bounds._upper,
        **{name: np.asarray(getattr(fit, name)) for name in _MEASURES},
    }
    counts = np.asarray(fit.log_likelihood_counts) if fit.whole else None
    interval = {"level": level, "method": bounds.method, "simultaneous": bounds.simultaneous}
    return {
        **{name: number(value) for name, value in results.items()},
        "log_likelihood_counts": number(counts),
        "interval": interval,
    }


def goodness_dict(fit: Portable, result: GoodnessOfFit) -> dict[str, Any]:
    """A test's result as plain data, with the ledger of what it stands on."""
    return {
        "statistic": number(np.asarray(result.statistic)),
        "df": result.df,
        "pvalue": number(np.asarray(result.pvalue)),
        "method": result.method,
        "exact": result.exact,
        "se": None if result.se is None else number(np.asarray(result.se)),
        "categories": [_label(label) for label in fit.categories],
        "groups": None if fit.groups is None else [_label(group) for group in fit.groups],
        "counts": fit.table.counts.tolist(),
        "expected": number(result.expected.to_numpy()),
        "ledger": fit.ledger.to_dict(),
        "notes": list(result.notes),
    }


_MEASURES = ("log_likelihood", "aic", "bic", "entropy", "degrees_of_freedom")


def _label(label: Any) -> Any:
    if isinstance(label, tuple):
        return [_label(part) for part in label]
    if isinstance(label, str | bool | int) or (isinstance(label, float) and math.isfinite(label)):
        return label
    raise TypeError(
        "CategoricalFit: labels in JSON must be text, integers, booleans or finite floats; got "
        f"{label!r} (a {type(label).__name__})"
    )


def parse(text: str | bytes) -> Any:
    """JSON without duplicate keys, NaN or infinities. Errors: ValueError."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"CategoricalFit: JSON must have distinct keys; {twice!r} is twice")
        return found

    def refuse(word: str) -> Any:
        raise ValueError(f"CategoricalFit: JSON must have finite numbers; it has {word}")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise ValueError(f"CategoricalFit: not JSON: {error}") from None
    except RecursionError:
        raise ValueError("CategoricalFit: not a fit: nested too deeply") from None


def from_dict(data: Any) -> Table:
    """The table that `to_dict` wrote; everything that does not add up is a ValueError."""
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, Mapping) else type(data).__name__
        raise ValueError(f'CategoricalFit: "format" must be {FORMAT!r}; got {found!r}')
    version = data.get("version")
    if type(version) is not int or version != VERSION:
        raise ValueError(f'CategoricalFit: "version" must be {VERSION}; got {version!r}')
    if absent := [key for key in _KEYS if key not in data]:
        raise ValueError(f"CategoricalFit: {absent[0]!r} is absent")
    if unknown := [key for key in data if key not in (*_KEYS, "results")]:
        raise ValueError(f"CategoricalFit: {unknown[0]!r} is not one of its keys")
    names = tuple(_texts(data, "by"))
    table = Table(
        categories=_labels(data["categories"], "categories"),
        counts=_counts(data["counts"]),
        groups=None if data["groups"] is None else _labels(data["groups"], "groups"),
        group_names=names,
        ledger=_ledger(data["ledger"]),
        notes=tuple(_texts(data, "notes")),
        column=_text_or_none(data, "column"),
        source=_text_or_none(data, "source"),
    )
    _check(table)
    return table


def _check(table: Table) -> None:
    size = len(table.categories)
    shape = (size,) if table.groups is None else (len(table.groups), size)
    if table.counts.shape != shape:
        raise ValueError(
            f"CategoricalFit: counts must have the shape {shape} of groups and categories; "
            f"got {table.counts.shape}"
        )
    if (table.groups is None) != (not table.group_names):
        raise ValueError('CategoricalFit: "by" and "groups" must be there both or neither')
    ledgers = {group for group, _ in table.ledger.groups}
    if lost := [group for group in table.groups or () if group not in ledgers]:
        raise ValueError(f"CategoricalFit: the ledger lacks the group {lost[0]!r}")
    if not (table.counts.sum(-1) > 0).all():
        raise ValueError("CategoricalFit: counts must have a positive sum in every group")
    from expfam.families import Categorical

    Categorical(table.categories)


def _labels(values: Any, name: str) -> tuple[Hashable, ...]:
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"CategoricalFit: {name!r} must be a list of labels")
    labels = tuple(_hashable(value, name) for value in values)
    if len(set(labels)) < len(labels):
        raise ValueError(f"CategoricalFit: {name!r} must be distinct")
    return labels


def _hashable(value: Any, name: str) -> Hashable:
    if isinstance(value, list | tuple):
        return tuple(_hashable(part, name) for part in value)
    if isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError(f"CategoricalFit: {name!r} must be labels; got a {type(value).__name__}")


def _counts(values: Any) -> np.ndarray:
    """Integers as int64 or floats as float64: a list that mixes them is not ours."""
    flat = values if isinstance(values, list) else [values]
    while flat and all(isinstance(value, list) for value in flat):
        flat = [entry for value in flat for entry in value]
    kinds = {type(value) for value in flat}
    if kinds not in ({int}, {float}) or not all(0 <= value <= 2**62 for value in flat):
        raise ValueError(
            "CategoricalFit: counts must be lists of integers or of floats, 0 to 2**62"
        )
    if sum(flat) > 2**62:
        raise ValueError("CategoricalFit: counts must sum to at most 2**62")
    try:
        array = np.array(values, dtype=np.int64 if kinds == {int} else np.float64)
    except ValueError:
        raise ValueError(
            "CategoricalFit: counts must be a row a group, all of one length"
        ) from None
    array.flags.writeable = False
    return array


def _ledger(data: Any) -> Ledger:
    try:
        return Ledger.from_dict(data)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"CategoricalFit: the ledger is not one: {error}") from None


def _texts(data: Mapping[str, Any], name: str) -> list[str]:
    values = data[name]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"CategoricalFit: {name!r} must be a list of text")
    return values


def _text_or_none(data: Mapping[str, Any], name: str) -> str | None:
    value = data[name]
    if value is not None and not isinstance(value, str):
        raise ValueError(f"CategoricalFit: {name!r} must be text; got a {type(value).__name__}")
    return value


def key(table: Table) -> tuple:
    """What makes two fits equal: labels with their types, counts with theirs, and the rest."""
    labels = [(type(label), label) for label in (*table.categories, None, *(table.groups or ()))]
    counts = (table.counts.dtype.kind, table.counts.shape, table.counts.tobytes())
    return (
        labels, counts, table.group_names, table.ledger, table.notes, table.column, table.source,
    )  # fmt: skip
