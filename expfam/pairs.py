"""Pairs of doubles: a value and its rounding error, for the few places that need 80 bits or more.

A pair (high, low) stands for high + low with |low| ≤ ulp(high)/2. The building blocks are exact
(Dekker 1971, Knuth 1969); what is built from them is good to about 2⁻⁸⁰ and says so.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from expfam.arrays import two_difference

Pair = tuple[np.ndarray, np.ndarray]

_SPLIT = 134217729.0  # 2²⁷ + 1
_STEPS = 128


def two_sum(a: np.ndarray, b: np.ndarray) -> Pair:
    """a + b exactly (Knuth 1969)."""
    total = a + b
    v = total - a
    return total, (a - (total - v)) + (b - v)


def two_product(a: np.ndarray, b: np.ndarray) -> Pair:
    """a·b exactly, where neither passes 2⁹⁷⁰ (Dekker 1971)."""
    product = a * b
    a_high = _SPLIT * a - (_SPLIT * a - a)
    b_high = _SPLIT * b - (_SPLIT * b - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


def add(a: Pair, b: Pair) -> Pair:
    """The sum of two pairs, to 2⁻¹⁰³ of the larger."""
    high, low = two_sum(a[0], b[0])
    return two_sum(high, low + (a[1] + b[1]))


def subtract(a: Pair, b: Pair) -> Pair:
    """The difference of two pairs, to 2⁻¹⁰³ of the larger."""
    return add(a, (-b[0], -b[1]))


def from_integers(x: np.ndarray) -> Pair:
    """Integers up to 2⁶² as pairs, exactly."""
    high = x.astype(np.float64)
    return high, (x - high.astype(np.int64)).astype(np.float64)


def log(x: Pair, power: int | np.ndarray = 0) -> Pair:
    """log 2ᵖx of positive pairs, with an absolute error below 2⁻⁷⁵ (relative for |log x| > 1).

    x = 2ᵉ·c·(1 + t) with c one of 92 numbers whose logarithms are tabulated and |t| < 2⁻⁷.
    """
    mantissa, exponent = np.frexp(x[0])
    low = np.ldexp(x[1], -exponent)
    double = mantissa < np.sqrt(0.5)
    mantissa, low = np.where(double, 2 * mantissa, mantissa), np.where(double, 2 * low, low)
    exponent = (exponent - double + power).astype(np.float64)
    step = np.rint(mantissa * _STEPS)
    centre = step / _STEPS
    value = log1p(quotient(two_sum(mantissa - centre, low), centre))
    table, log2 = _log_table()
    index = step.astype(np.intp)
    two = two_product(exponent, np.broadcast_to(log2[0], exponent.shape))
    value = add((table[0][index], table[1][index]), value)
    return add(two_sum(two[0], two[1] + exponent * log2[1]), value)


def log1p(t: Pair) -> Pair:
    """log(1 + t) of |t| < 2⁻⁷, to 2⁻⁹⁰ of itself: t − t²/2 in pairs, the rest in doubles."""
    square, square_low = two_product(t[0], t[0])
    half = (-0.5 * square, -0.5 * square_low - t[0] * t[1])
    rest = t[0] * square * _log_series(t[0])
    return add(add(t, half), (rest, np.zeros_like(rest)))


def exp(x: np.ndarray) -> Pair:
    """exp x of doubles where that is a normal number, to 2⁻⁷⁶·max(1, |x|) relative.

    The rounded e is put right by one Newton step: exp x = e·exp(x − log e) ≈ e·(1 + (x − log e)).
    """
    rounded = np.exp(x)
    safe = np.where(rounded > 0, rounded, 1.0)
    gap = subtract((np.where(rounded > 0, x, 0.0), np.zeros_like(x)), log((safe, np.zeros_like(x))))
    return rounded, np.where(rounded > 0, rounded * (gap[0] + gap[1]), 0.0)


def row_sum(x: np.ndarray) -> Pair:
    """The sum of each row as a pair: by halves, every rounding error kept."""
    error = np.zeros(len(x))
    while x.shape[1] > 1:
        half = x.shape[1] // 2
        total, low = two_sum(x[:, :half], x[:, half : 2 * half])
        error += low.sum(axis=1)
        x = np.concatenate([total, x[:, 2 * half :]], axis=1)
    return x[:, 0], error


def rounded_sum(x: np.ndarray) -> np.ndarray | float:
    """The sum over the last axis, which is kept, rounded once."""
    if x.ndim == 1 and len(x) <= 64:
        return math.fsum(x)
    total, error = row_sum(x.reshape(-1, x.shape[-1]))
    return (total + error).reshape(*x.shape[:-1], 1)


def quotient(a: Pair, b: np.ndarray) -> Pair:
    """a / b of a pair by doubles, to 2⁻¹⁰²."""
    high = a[0] / b
    product, error = two_product(high, b)
    rest, rest_low = two_difference(a[0], product)
    return two_sum(high, (rest + (rest_low - error + a[1])) / b)


def _log_series(t: np.ndarray) -> np.ndarray:
    """(log(1 + t) − t + t²/2) / t³ for |t| < 2⁻⁷."""
    value = np.full_like(t, 1 / 11)
    for k in range(10, 2, -1):
        value = 1 / k - t * value
    return value


@cache
def _log_table() -> tuple[Pair, tuple[float, float]]:
    """Logarithms of j/128 as pairs (0 where they are not needed), and log 2."""
    with localcontext() as context:
        context.prec = 50
        logs = [(Decimal(j) / _STEPS).ln() if j >= 64 else Decimal(0) for j in range(193)]
        pairs = [_pair(value) for value in [*logs, Decimal(2).ln()]]
    high, low = np.array(pairs[:-1]).T
    return (high, low), pairs[-1]


def _pair(value: Decimal) -> tuple[float, float]:
    high = float(value)
    return high, float(value - Decimal(high))
