"""What a measure of association is: an estimate with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """An estimate between 0 and 1 with its interval.

    standard_error: asymptotic, or None where there is none. method: how the interval was found.
    note: what to know of it, or "".
    """

    value: float
    lower: float
    upper: float
    level: float
    standard_error: float | None
    method: str
    note: str = ""
