"""What is computed of each prior of a batch, and errors that say of which."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from expfam.conjugate.form import WHO


class OfRow(ValueError):
    """What is wrong with one prior. text: what the error says, with {row} where it tells which."""

    def __init__(self, text: str = "", row: str = "") -> None:
        super().__init__(text.format(row=row))
        self.text = text


class Unsettled(OfRow):
    """An integral that two rules do not find the same."""


def unsettled(tolerance: str) -> Unsettled:
    return Unsettled(
        f"{WHO}: integrals over natural parameters must settle to {tolerance}; one{{row}} did not: "
        "with a larger exposure it may, and simulated_log_evidence may estimate it"
    )


def each(function: Callable, batch: tuple[int, ...], *columns: Iterable[Any]) -> list[Any]:
    """The values of a function at each row of a batch, whose errors say which."""
    found = []
    for place, row in zip(np.ndindex(batch), zip(*columns, strict=True), strict=True):
        try:
            found.append(function(*row))
        except OfRow as error:
            if not batch:
                raise
            shown = place[0] if len(place) == 1 else place
            raise type(error)(error.text, f" of row {shown}") from None
    return found
