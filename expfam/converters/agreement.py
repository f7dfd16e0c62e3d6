"""Whether what a law says is what a family fixes, to a few roundings."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import host

_ROUNDINGS = 8


def agree(who: str, family: Any, name: str, came: Any, wanted: Any, size: Any = 0.0) -> None:
    """Refuse a law whose known parameter is not the family's; size: of what it is a sum of."""
    try:
        same = bool(np.all(near(came, wanted, size)))
    except ValueError:  # of other shapes
        same = False
    if not same:
        raise ValueError(f"{who}: {family!r} has another {name} than the law")


def near(came: Any, wanted: Any, size: Any = 0.0) -> np.ndarray:
    """Where numbers are the same but for a few roundings of them, or of their terms."""
    came, wanted = host(came), np.asarray(wanted)
    epsilon = np.finfo(came.dtype).eps if came.dtype.kind == "f" else 0.0
    with np.errstate(all="ignore"):
        slack = _ROUNDINGS * epsilon * (np.abs(wanted) + np.abs(host(size)))
        return (came == wanted) | (np.abs(came - wanted) <= slack)


def one(who: str, kind: type, name: str, value: Any, size: Any = None) -> float:
    """A parameter that the family fixes, as the one number that it must be.

    size: where there is one, numbers may differ by roundings, and that in the middle is taken.
    """
    values = np.unique(host(value))
    middle = values[len(values) // 2] if values.size else np.nan
    if values.size != 1 and not (size is not None and near(host(value), middle, size).all()):
        raise ValueError(f"{who}: {kind.__name__} must have one {name} for all members")
    return float(middle)
