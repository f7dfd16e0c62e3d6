"""What a careful reader would say of a fit: each finding one function, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.categorical import group_findings, label_findings
from expfam.tables.labels import some
from expfam.tables.notes import kind_of

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit

_FEW = 5
_NOTABLE = 0.05  # a share of rows left out that a reader should weigh


def check(fit: CategoricalFit) -> tuple[str, ...]:
    """`CategoricalFit.check`."""
    findings = [note for note in fit.notes if kind_of(note) not in _SAID_BELOW]
    for look in _LOOKS:
        findings.extend(look(fit))
    return tuple(findings)


def _left_out(fit: CategoricalFit) -> Iterator[str]:
    """Rows that the estimate does not stand on."""
    ledger = fit.ledger
    for name, what in (("missing", "no label"), ("missing_group", "no group label")):
        rows = getattr(ledger, name)
        if rows > _NOTABLE * ledger.rows:
            yield (
                f"{rows:,} of {ledger.rows:,} rows ({rows / ledger.rows:.1%}) have {what}: "
                "estimates are of the others, and hold for all only if labels miss by chance"
            )
    if ledger.groups:
        yield from _uneven(fit)


def _uneven(fit: CategoricalFit) -> Iterator[str]:
    """Missing labels that are far more common in one group than in another."""
    shares = {
        group: part.missing / part.rows for group, part in fit.ledger.groups if part.rows >= 20
    }
    if not shares:
        return
    most, least = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    if shares[most] - shares[least] > _NOTABLE:
        yield (
            f"{shares[most]:.1%} of the rows of {most!r} have no label, {shares[least]:.1%} of "
            f"those of {least!r}: groups may differ in who is missing"
        )


def _unseen(fit: CategoricalFit) -> Iterator[str]:
    zero = fit.table.counts == 0
    count, size = int(zero.sum()), zero.size
    if not count:
        return
    yield (
        f"{_of(count, size, fit)} no counts ({some(_named(fit, zero))}): p = 0 and η = -inf, so "
        "that data with one have probability 0"
    )


def _few(fit: CategoricalFit) -> Iterator[str]:
    """Small counts; of groups that can be tested the expected counts tell more."""
    if label_findings.is_identifier(fit) or group_findings.tested(fit) is not None:
        return
    counts = fit.table.counts
    few = (counts > 0) & (counts < _FEW)
    if count := int(few.sum()):
        yield (
            f"{_of(count, few.size, fit)} a count below {_FEW} ({some(_named(fit, few))}): "
            "approximations by χ² are rough there"
        )


def _once(fit: CategoricalFit) -> Iterator[str]:
    """Good (1953): the share of labels seen once estimates that of labels still unseen."""
    counts = fit.table.counts.reshape(-1, len(fit.categories)).sum(0)
    once, n = int((counts == 1).sum()), counts.sum()
    if once > 10 and fit.whole and not label_findings.is_identifier(fit):
        yield (
            f"{once} of {counts.size} categories were seen once: about {once / n:.2%} of further "
            "rows would have a label that is not among the categories (Good-Turing)"
        )


def _fractional(fit: CategoricalFit) -> Iterator[str]:
    if not fit.whole:
        yield (
            "counts are not whole, as weights are not: intervals and tests take their sum "
            f"({fit.table.counts.sum():,.6g}) for a number of independent rows"
        )


_SAID_BELOW = ("unused", "missing word", "alike")  # notes, of which findings give the counts
_LOOKS = (
    _left_out,
    label_findings.missing_words,
    label_findings.look_alikes,
    label_findings.same_values,
    label_findings.not_shown,
    label_findings.identifier,
    _unseen,
    _few,
    _once,
    _fractional,
    group_findings.approximations,
    group_findings.reversals,
)


def _of(count: int, size: int, fit: CategoricalFit) -> str:
    what = "categories" if fit.groups is None else "cells (group, category)"
    return f"{count:,} of {size:,} {what} {'has' if count == 1 else 'have'}"


def _named(fit: CategoricalFit, cells: np.ndarray) -> Sequence[Any]:
    """The labels of the cells, or (group, label) pairs, at most so many as are shown."""
    if fit.groups is None:
        return [fit.categories[place] for place in np.flatnonzero(cells)]
    return [(fit.groups[group], fit.categories[place]) for group, place in np.argwhere(cells)]
