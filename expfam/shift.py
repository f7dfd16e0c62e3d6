"""Rows less their maximum, without loss, and the logarithms of their sums of exponentials."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from expfam import pairs
from expfam.blocks import Memory, along, pair_sum

_FAINT = 1e-290  # a sum of so little may be one of subnormal numbers
_SMALL = 0.3
_ODD = range(21, 1, -2)  # of the series for t below 0.3, to 2⁻⁵⁷ of the logarithm
_POWER = 1016  # of 2, by which faint exponentials are raised
_RAISED = 704.2375354489044  # its logarithm in 43 bits after the point, as faint differences have
_RAISED_LOW = 3.866054876358053e-14  # what is left of it


class Shifted(NamedTuple):
    """Rows less their maximum: x − max = difference + low exactly, and what follows from it."""

    maximum: np.ndarray  # (R,), 0 where it is not finite
    difference: np.ndarray  # (R, K)
    low: np.ndarray  # (R, K)
    exponentials: np.ndarray  # (R, K), exp(x − max) = exponentials + missed
    missed: np.ndarray  # (R, K)
    excess: np.ndarray  # (R,), Σ exp(x − max) − 1
    log: np.ndarray  # (R,), log Σ exp(x − max) = log + log_low
    log_low: np.ndarray  # (R,)


def shifted(rows: np.ndarray, memory: Memory) -> Shifted:
    """The shift by the maximum without loss: its rounding error is kept, and so is Σ − 1.

    One maximal entry contributes exactly 1 to the sum; leaving it out keeps the digits of the
    others, however small (log1p of the excess instead of log of the sum). What rounding takes from
    the excess goes into the logarithm by its derivative. The arrays (R, K) are memory's.
    """
    rows = along(rows.astype(np.float64, copy=False), memory, "rows")
    difference, low, exponentials, others = (
        memory.like(rows, name=name) for name in ("difference", "low", "exponentials", "others")
    )
    maximum = rows.max(axis=1)
    infinite = ~np.isfinite(maximum)
    maximum[infinite] = 0.0
    _subtract(rows, maximum[:, None], difference, low, others)
    np.exp(difference, out=exponentials)
    tops = difference == 0
    np.copyto(others, exponentials)
    others[tops] = 0.0
    total, error = pair_sum(others, memory)
    excess, rounding = pairs.two_sum(tops.sum(axis=1) - 1.0, total)
    missed = np.multiply(exponentials, low, out=others)
    missed[infinite] = 0.0
    lost = missed.sum(axis=1) + error + rounding
    lost = np.where(np.isfinite(lost), lost, 0.0)
    log, log_low = _log1p(excess)
    log_low += lost / np.maximum(1 + excess, 1)
    faint = (excess >= 0) & (excess < _FAINT)  # −1 is that of nothing but −∞
    if faint.any():
        log[faint], log_low[faint] = _faint_sum(difference[faint], low[faint])
        excess[faint], lost[faint] = log[faint], log_low[faint]
    return Shifted(maximum, difference, low, exponentials, missed, excess + lost, log, log_low)


def _subtract(
    rows: np.ndarray, top: np.ndarray, difference: np.ndarray, low: np.ndarray, room: np.ndarray
) -> None:
    """rows − top = difference + low, as `two_difference` has it, in place; low is 0 at ±∞."""
    np.subtract(rows, top, out=difference)
    moved = np.subtract(rows, difference, out=room)
    np.add(difference, moved, out=low)
    np.subtract(rows, low, out=low)
    moved -= top
    low += moved
    low[~np.isfinite(difference)] = 0.0


def _log1p(excess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log(1 + t) as a pair where t < 0.3, else rounded once.

    log(1 + t) = 2 artanh s = t − s(t − 2s²/3 − 2s⁴/5 − …) with s = t/(2 + t). There exponentials
    may be off by a unit of the logarithm together, and its rounding would be one too many.
    """
    log, log_low = np.log1p(excess), np.zeros_like(excess)
    small = (excess >= 0) & (excess < _SMALL)
    if small.any():
        t = excess[small]
        s = t / (2 + t)
        w = s * s
        tail = np.zeros_like(t)
        for n in _ODD:
            tail = w * (1 / n + tail)
        log[small], log_low[small] = pairs.two_sum(t, -s * (t - 2 * tail))
    return log, log_low


def _faint_sum(difference: np.ndarray, low: np.ndarray) -> pairs.Pair:
    """Σ exp of all but the maximum, where each may be below the least double, or short of bits.

    Raised, without rounding, and lowered when they are summed.
    """
    raised = np.where(difference == 0, -np.inf, difference + _RAISED)
    exponentials = np.exp(raised)
    total, error = pair_sum(exponentials)
    error += (exponentials * (low + _RAISED_LOW)).sum(axis=1)
    return np.ldexp(total, -_POWER), np.ldexp(error, -_POWER)
