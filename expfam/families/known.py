"""Parameters that a family fixes: numbers, checked once when the family is made."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np


def known(value: Any, who: str, name: str, least: float = -1e300, most: float = 1e300) -> float:
    """A known parameter as a float. Errors: TypeError for no number, ValueError out of range."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{who}: {name} must be a number; got {value!r}")
    number = float(value)
    if not least <= number <= most:
        raise ValueError(f"{who}: {name} must be between {least:g} and {most:g}; got {value}")
    return number


def known_size(value: Any, who: str, name: str) -> int:
    """A known number of axes as an int. Errors: TypeError for no integer, ValueError below 1."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{who}: {name} must be an integer; got {value!r}")
    if not 1 <= value <= 1000:
        raise ValueError(f"{who}: {name} must be between 1 and 1000; got {value}")
    return int(value)
