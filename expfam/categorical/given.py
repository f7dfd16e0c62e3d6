"""Given probabilities, read by label."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from expfam.categorical.labelled import codes_of
from expfam.tables.labels import some

_RATIO = re.compile(r"\s*[0-9.eE+]+\s*(?::\s*[0-9.eE+]+\s*)+", re.ASCII)


def read_p0(p0: Any, categories: Sequence[Hashable], ratio: bool) -> np.ndarray:
    """p0 in the order of the categories, with the sum 1; a ValueError or TypeError says why not."""
    if isinstance(p0, str):
        values, ratio = _from_text(p0, len(categories)), True
    elif isinstance(p0, Mapping) or hasattr(p0, "items"):
        values = _by_label(list(p0.items()), categories)
    elif ratio and isinstance(p0, Sequence | np.ndarray) and np.ndim(p0) == 1:
        values = list(p0)
    else:
        kind = type(p0).__name__
        raise TypeError(
            'test: p0 must be probabilities by label, "uniform" or a ratio as in "9:3:3:1" '
            f"(numbers in the order of the categories go with ratio=True); got a {kind}"
        )
    if len(values) != len(categories):
        raise ValueError(
            f"test: p0 must have {len(categories)} numbers, one a category "
            f"({some(categories)}); got {len(values)}"
        )
    return _normalised([_number(value) for value in values], ratio)


def _normalised(values: list[float], ratio: bool) -> np.ndarray:
    total = math.fsum(values)
    if not 0 < total < math.inf:
        raise ValueError(f"test: p0 must have a positive, finite sum; it sums to {total:g}")
    if not ratio and abs(total - 1) > 1e-9:
        raise ValueError(
            f"test: p0 must sum to 1; it sums to {total:.10g} (ratio=True takes any numbers in "
            "proportion)"
        )
    return np.array(values) / total


def _number(value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"test: p0 must be numbers; got {value!r}")
    number = float(value)
    if not 0 <= number < math.inf:
        raise ValueError(f"test: p0 must be non-negative and finite; got {value}")
    return number


def _from_text(text: str, size: int) -> list[float]:
    if text == "uniform":
        return [1.0] * size
    try:
        if _RATIO.fullmatch(text):
            return [float(part) for part in text.split(":")]
    except ValueError:
        pass
    raise ValueError(f'test: p0 as text must be "uniform" or a ratio as in "9:3:3:1"; got {text!r}')


def _by_label(items: list[tuple[Any, Any]], categories: Sequence[Hashable]) -> list[Any]:
    """The values in the order of the categories; strangers, duplicates and gaps are named."""
    values: dict[int, Any] = {}
    for label, value in items:
        try:
            code = int(codes_of([label], categories)[0])
        except ValueError:
            raise ValueError(
                f"test: p0 names {label!r}, which is not among the categories {some(categories)}"
            ) from None
        if code in values:
            raise ValueError(f"test: p0 names {label!r} twice")
        values[code] = value
    if absent := [label for code, label in enumerate(categories) if code not in values]:
        raise ValueError(f"test: p0 must name every category; it lacks {some(absent)}")
    return [values[code] for code in range(len(categories))]
