"""From the tally to the table: names, order, counts, ledger and remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from expfam.tables.labels import check_kinds, in_order, some, tag
from expfam.tables.ledger import PARTS, Ledger
from expfam.tables.notes import alike, looks_missing, note
from expfam.tables.tally import CELL_LIMIT, Draft

EXACT_FLOATS = 2**53


@dataclass(frozen=True, eq=False)
class Table:
    """Counts by label, one row of them per group, and where every row went.

    `counts` has shape (K,), or (G, K) with groups: int64 and exact when all weights are whole,
    else float64; read-only. Labels of a group are tuples when several columns make the groups.
    """

    categories: tuple[Hashable, ...]
    counts: np.ndarray
    groups: tuple[Hashable, ...] | None
    group_names: tuple[str, ...]
    ledger: Ledger
    notes: tuple[str, ...]
    column: str | None
    source: str | None


def finish(draft: Draft) -> Table:
    """The table that the distinct rows of a draft make."""
    tally = draft.tally
    names = recode(draft, 0)
    categories = order_labels(draft, names)
    keys = order_groups(draft)  # the groups as the tally has them, in order, with their names
    if len(categories) * len(keys) > CELL_LIMIT:
        what = f"{draft.what} has {len(categories):,} × {len(keys):,}"
        raise ValueError(f"tables: labels × groups must be at most {CELL_LIMIT:,}; {what}")
    at = {label: place for place, label in enumerate(categories)}
    rank = {group: place for place, group in enumerate(keys)}
    kind = np.int64 if tally.whole else np.float64
    counts = np.zeros((len(keys), len(categories)), dtype=kind)
    for cell in tally.rows:
        if None not in cell:
            counts[rank[cell[1:]], at[names[cell[0]]]] = tally.count(cell)
    ledger = write_ledger(draft, keys)
    full = counts.sum(axis=1) > 0
    if not full.any():
        raise ValueError(f"tables: {draft.what} has no labels left to count; {ledger}")
    groups = tuple(group for group, any_left in zip(keys.values(), full, strict=True) if any_left)
    notes = remarks(draft, dict(zip(categories, counts.sum(axis=0).tolist(), strict=True)), groups)
    for group, any_left in zip(keys.values(), full, strict=True):
        if not any_left:
            notes.append(f"group {group!r} has no labels left to count; {ledger.group(group)}")
    counts = counts[full] if draft.by else counts[0]
    counts.flags.writeable = False
    return Table(
        categories,
        counts,
        groups if draft.by else None,
        draft.by,
        ledger,
        tuple(notes),
        draft.column,
        draft.source,
    )


def order_labels(draft: Draft, names: dict) -> tuple:
    """The categories in order; `names` is brought to those of `categories=`."""
    if draft.declared is not None:
        match(draft, names)
        return draft.declared
    known = draft.levels.get(0, draft.order)
    if known is None:
        return tuple(in_order(set(names.values()), draft.what))
    gone = draft.missing
    categories = tuple(names[v] for v in known if v in names and tag(v) not in gone)
    if len(categories) > draft.max_categories:
        raise ValueError(f"tables: {draft.what} has more than {draft.max_categories:,} levels")
    return categories


def order_groups(draft: Draft) -> dict[tuple, Hashable]:
    """The groups of the tally in order, each with the label it is shown by."""
    ranks, names = [], []
    for part, column in enumerate(draft.by, start=1):
        shown = recode(draft, part)
        levels = draft.levels.get(part) or in_order(set(shown), repr(column))
        ranks.append({label: place for place, label in enumerate(levels)})
        names.append(shown)
    found = {cell[1:] for cell in draft.tally.rows if None not in cell[1:]}
    keys = sorted(found, key=lambda key: [rank[g] for rank, g in zip(ranks, key, strict=True)])
    shown_by = {key: tuple(n[g] for n, g in zip(names, key, strict=True)) for key in keys}
    return {key: group[0] if len(group) == 1 else group for key, group in shown_by.items()}


def write_ledger(draft: Draft, keys: Mapping[tuple, Hashable]) -> Ledger:
    """Where every row went: a missing group comes first, then a missing label, a zero weight."""
    lines: dict[tuple, Counter[str]] = {key: Counter() for key in keys}
    missing_group = 0
    for cell, rows in draft.tally.rows.items():
        zero = draft.tally.zero[cell]
        if None in cell[1:]:
            missing_group += rows + zero
        elif cell[0] is None:
            lines[cell[1:]]["missing"] += rows + zero
        else:
            lines[cell[1:]].update(used=rows, zero_weight=zero)
    groups = tuple((keys[key], _ledger(line)) for key, line in lines.items())
    total = sum(lines.values(), Counter(missing_group=missing_group))
    return _ledger(total, groups if draft.by else ())


def _ledger(line: Counter[str], groups: tuple[tuple[Hashable, Ledger], ...] = ()) -> Ledger:
    used, missing, missing_group, zero_weight, excluded = (line[name] for name in PARTS)
    return Ledger(line.total(), used, missing, missing_group, zero_weight, excluded, groups)


def recode(draft: Draft, part: int) -> dict:
    """Each label as it is to be shown: integers that became floats are integers again."""
    labels = [*(cell[part] for cell in draft.tally.rows), *draft.levels.get(part, ())]
    names = {label: label for label in labels if label is not None}
    check_kinds(names, draft.what)
    floats = [label for label in names if isinstance(label, float)]
    listed = part > 0 or draft.declared is not None or part in draft.levels
    if not floats:
        return names
    whole = all(label.is_integer() and abs(label) < EXACT_FLOATS for label in floats)
    if whole and part in draft.nulls and len(floats) == len(names):
        what = draft.what if part == 0 else repr(draft.by[part - 1])
        draft.notes.append(f"{what}: floats only because some are missing, read as integers")
        return {label: int(label) for label in names}
    if not listed:
        raise ValueError(
            f"tables: labels must not be floats; {draft.what} has {floats[0]!r}"
            " (list the labels in categories=, or make them integers or text)"
        )
    return names


def match(draft: Draft, names: dict) -> None:
    """Give each label the name it has in `categories=`; ValueError names those outside."""
    categories = draft.declared or ()
    known = {tag(category): category for category in categories}
    if strange := sorted((name for name in names if tag(name) not in known), key=repr):
        text = set(map(str, categories))
        hint = " (labels of a CSV are text)" if draft.text and strange[0] in text else ""
        raise ValueError(f"tables: {draft.what} has {some(strange)}, not in categories={hint}")
    for name in names:
        names[name] = known[tag(name)]


def remarks(draft: Draft, counts: Mapping[Hashable, int | float], groups: Iterable) -> list[str]:
    """What a reader of the counts ought to know, in words."""
    notes = list(draft.notes)
    tally = draft.tally
    met = {cell[0] for cell, rows in tally.rows.items() if rows or tally.zero[cell]}
    if unused := [label for label in counts if label not in met]:
        notes.append(note("unused", some(unused)))
    for label in counts if draft.declared is None else ():
        if looks_missing(label):
            notes.append(note("missing word", f"{label!r} is counted as a label"))
    for label in groups:
        if looks_missing(label):
            notes.append(f"{label!r} is a group of its own; is it a missing one?")
    notes.extend(note("alike", some(labels)) for labels in alike(counts))
    if unmet := [label for label in draft.missing_labels if tag(label) not in draft.met]:
        notes.append(note("unmet", some(unmet)))
    return notes
