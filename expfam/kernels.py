"""logsumexp, softmax and log_softmax of rows of float64: the seam for compiled kernels.

Each kernel takes a contiguous array (R, K) with K ≥ 1 and leaves it as it is. Floating-point
warnings are the caller's to silence. `as_rows` brings any array to that form.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import require, scalar, two_difference

Axis = int | tuple[int, ...] | None

# Between these sums exp needs no shift: nothing overflows, and what underflows is lost anyway.
# Without the shift there is no rounding of x − max.
_LARGE = np.exp(650.0)
_SMALL = 0.25


class Shifted(NamedTuple):
    """Rows less their maximum: x − max = difference + low exactly, and what follows from it."""

    maximum: np.ndarray  # (R,), 0 where it is not finite
    difference: np.ndarray  # (R, K)
    low: np.ndarray  # (R, K)
    exponentials: np.ndarray  # (R, K)
    excess: np.ndarray  # (R,), Σ exp(x − max) − 1


def shifted(rows: np.ndarray) -> Shifted:
    """The shift by the maximum without loss: its rounding error is kept, and so is Σ − 1.

    One maximal entry contributes exactly 1 to the sum; leaving it out keeps the digits of the
    others, however small (log1p of the excess instead of log of the sum).
    """
    maximum = rows.max(axis=1)
    maximum = np.where(np.isfinite(maximum), maximum, 0.0)
    difference, low = two_difference(rows, maximum[:, None])
    low = np.where(np.isfinite(difference), low, 0.0)
    exponentials = np.exp(difference) * (1 + low)
    top = difference == 0
    others = np.where(top, 0.0, exponentials).sum(axis=1)
    return Shifted(maximum, difference, low, exponentials, others + (top.sum(axis=1) - 1.0))


def logsumexp_rows(rows: np.ndarray) -> np.ndarray:
    """log Σ exp of each row: without a shift where that is safe and the result is far from 0."""
    value = np.log(np.add.reduce(np.exp(rows), axis=1))
    size = np.abs(value)
    plain = (size > 0.5) & (size < 650.0)
    if np.logical_and.reduce(plain):
        return value
    shift = shifted(rows[~plain])
    value[~plain] = shift.maximum + np.log1p(shift.excess)
    return value


def weighted_logsumexp_rows(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """log Σ b exp(x) of each row; an x of weight 0 must come as −∞."""
    shift = shifted(rows)
    return shift.maximum + np.log((shift.exponentials * weights).sum(axis=1))


def softmax_rows(rows: np.ndarray) -> np.ndarray:
    """exp / Σ exp of each row: without a shift where that is safe for all rows."""
    exponentials = np.exp(rows)
    total = np.add.reduce(exponentials, axis=1, keepdims=True)
    if total.min() > _SMALL and total.max() < _LARGE:
        exponentials /= total
        return exponentials
    shift = shifted(resolve_infinite(rows, "softmax"))
    return shift.exponentials / (1 + shift.excess)[:, None]


def log_softmax_rows(rows: np.ndarray) -> np.ndarray:
    """x − log Σ exp of each row."""
    shift = shifted(resolve_infinite(rows, "log_softmax"))
    return shift.difference + (shift.low - np.log1p(shift.excess)[:, None])


def resolve_infinite(rows: np.ndarray, who: str) -> np.ndarray:
    """Rows whose maximum is finite: +∞ entries become equal maxima, −∞ alone is refused."""
    maximum = rows.max(axis=1)
    if np.isfinite(maximum).all():
        return rows
    rule = "a row must have an entry above -inf"
    require(maximum != -np.inf, who, rule, maximum, "has only", "row")
    infinite = (maximum == np.inf)[:, None]
    return np.where(infinite, np.where(rows == np.inf, 0.0, -np.inf), rows)


class Rows(NamedTuple):
    """An array with its axes moved last, as float64 rows (R, K), and the way back."""

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
        if self.lead and self.axes[-1] != len(self.lead) + len(self.tail) - 1:
            value = np.moveaxis(value, range(-len(self.axes), 0), self.axes)
        return value


def as_rows(x: np.ndarray, axis: Axis, who: str) -> Rows:
    """x as contiguous float64 rows over the axis. Errors: those of `axes_of`."""
    axes = axes_of(axis, x.ndim, who)
    if axes[-1:] != (x.ndim - 1,) or len(axes) > 1:
        x_last = np.moveaxis(x, axes, range(-len(axes), 0))
    else:
        x_last = x
    cut = x.ndim - len(axes)
    lead, tail = x_last.shape[:cut], x_last.shape[cut:]
    values = np.ascontiguousarray(x_last, dtype=np.float64)
    return Rows(values.reshape(math.prod(lead), math.prod(tail)), lead, tail, axes, x.dtype)


def axes_of(axis: Axis, ndim: int, who: str) -> tuple[int, ...]:
    """The axes, counted from 0, in ascending order."""
    if axis is None:
        return tuple(range(ndim))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    for a in wanted:
        if isinstance(a, bool) or not isinstance(a, int | np.integer):
            raise TypeError(f"{who}: axis must be an int, a tuple of ints or None; got {a!r}")
        if not -ndim <= a < ndim:
            raise ValueError(f"{who}: axis must be one of {ndim} axes; got {a}")
    axes = tuple(sorted(int(a) % ndim for a in wanted))
    if len(set(axes)) < len(axes):
        raise ValueError(f"{who}: axis must name each axis once; got {axis}")
    return axes
