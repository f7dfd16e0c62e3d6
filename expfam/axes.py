"""Arrays as rows over any axes, and the way back."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import scalar

Axis = int | tuple[int, ...] | None


class Rows(NamedTuple):
    """An array with its axes moved last, as rows (R, K), and the way back."""

    values: np.ndarray
    lead: tuple[int, ...]
    tail: tuple[int, ...]
    axes: tuple[int, ...]
    dtype: Any

    def reduced(self, value: np.ndarray, keepdims: bool) -> Any:
        value = value.reshape(self.lead)
        if keepdims:
            value = np.expand_dims(value, self.axes)
        return scalar(value.astype(self.dtype, copy=False))

    def whole(self, value: np.ndarray) -> np.ndarray:
        value = value.reshape(self.lead + self.tail).astype(self.dtype, copy=False)
        if self.axes != tuple(range(len(self.lead), value.ndim)):
            moved = _axes_last(self.axes, value.ndim)
            value = value.transpose([moved.index(a) for a in range(value.ndim)])
        return value


def as_rows(x: np.ndarray, axis: Axis, who: str) -> Rows:
    """x as rows over the axis. Errors: those of `axes_of`."""
    axes = axes_of(axis, x.ndim, who)
    x_last = x if axes == (x.ndim - 1,) else x.transpose(_axes_last(axes, x.ndim))
    cut = x.ndim - len(axes)
    lead, tail = x_last.shape[:cut], x_last.shape[cut:]
    values = x_last.reshape(math.prod(lead), math.prod(tail))
    return Rows(values, lead, tail, axes, x.dtype)


def _axes_last(axes: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    return *(a for a in range(ndim) if a not in axes), *axes


def axes_of(axis: Axis, ndim: int, who: str) -> tuple[int, ...]:
    """The axes, counted from 0, in ascending order."""
    if axis is None:
        return tuple(range(ndim))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    for a in wanted:
        if isinstance(a, bool) or not isinstance(a, int | np.integer):
            raise TypeError(f"{who}: axis must be an int, a tuple of ints or None; got {a!r}")
        if not ndim:
            raise ValueError(f"{who}: a number has no axis; got axis={a} (axis=None takes it)")
        if not -ndim <= a < ndim:
            raise ValueError(f"{who}: axis must be one of {ndim} axes; got {a}")
    axes = tuple(sorted(int(a) % ndim for a in wanted))
    if len(set(axes)) < len(axes):
        raise ValueError(f"{who}: axis must name each axis once; got {axis}")
    return axes
