"""Angles between vectors, and of vectors in the plane, to the last digit, however small."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from expfam.arrays import Array, array_namespace, is_foreign
from expfam.pairs import Pair, row_sum, two_product, two_sum

LEAST_SQUARE = 1e-280  # a vector whose square is less has no direction: its digits are lost
_GRID = 16  # angles to the unit in the table
_TERMS = 7  # of arctan's series below 1/32: the first one left out is 1e-23
_TWO_PI = (6.283185307179586, 2.4492935982947064e-16)
_FAR = 2.0**20  # an angle beyond is reduced by its sine and cosine


def dot(x: Array, y: Array) -> Array:
    """⟨x, y⟩ over the last axis."""
    return array_namespace(x, y).sum(x * y, axis=-1)


def length_gap(x: Array) -> tuple[Array, Array]:
    """|x| and 1 − |x|, of which no digit is lost where |x| is nearly 1 (in numpy)."""
    xp = array_namespace(x)
    square = dot(x, x)
    length = xp.sqrt(square)
    if is_foreign(x):
        return length, 1 - length
    rows, low = two_product(*[x.reshape(-1, x.shape[-1])] * 2)
    high, error = row_sum(rows)
    rest = (1 - high) - (error + low.sum(axis=-1))
    return length, rest.reshape(square.shape) / (1 + length)


def unit(x: Array) -> Array:
    """x/|x|, 0 for a vector without direction."""
    xp = array_namespace(x)
    square = dot(x, x)
    some = square > LEAST_SQUARE
    scale = xp.where(some, 1 / xp.sqrt(xp.where(some, square, xp.ones_like(square))), 0.0 * square)
    return x * scale[..., None]


def across(x: Array, y: Array) -> Array:
    """x − y⟨x, y⟩/⟨y, y⟩, the part of x at right angles to y, even where that is tiny."""
    xp = array_namespace(x, y)
    square = dot(y, y)
    square = xp.where(square > LEAST_SQUARE, square, xp.full_like(square, np.inf))
    product, error = two_product((dot(x, y) / square)[..., None], y)
    rest = (x - product) - error
    return rest - (dot(rest, y) / square)[..., None] * y


def versine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """1 − cos of the angle between x and y, 0 where one has no direction."""
    rest = across(x, y)
    size = dot(x, x)
    square = dot(y, y)
    there = (size > LEAST_SQUARE) & (square > LEAST_SQUARE)
    size, square = np.where(there, size, 1.0), np.where(there, square, 1.0)
    cosine = dot(x, y) / np.sqrt(size * square)
    small = dot(rest, rest) / size / (1 + np.maximum(cosine, 0.0))
    return np.where(there, np.where(cosine > 0, small, 1 - cosine), 0.0)


def angle(vector: np.ndarray) -> Pair:
    """The angle of vectors (…, 2), from −π to π, as a pair good to 1e-20; 0 where there is none.

    By the nearest angle of a table, and the series of arctan from there.
    """
    some = dot(vector, vector) > LEAST_SQUARE
    x, y = np.where(some, vector[..., 0], 1.0), np.where(some, vector[..., 1], 0.0)
    near = np.rint(_GRID * np.arctan2(y, x)).astype(int)
    row = _table()[np.abs(near)]
    cosine, sine = row[..., 0, :], row[..., 1, :] * np.where(near < 0, -1.0, 1.0)[..., None]
    right, up = _turned(x, cosine, y, sine), _turned(y, cosine, -x, sine)
    q = up[0] / right[0]
    product, error = two_product(q, right[0])
    low = (((up[0] - product) - error) + up[1] - q * right[1]) / right[0]
    series = np.zeros_like(q)
    for k in range(_TERMS, 0, -1):
        series = q * q * ((-1) ** k / (2 * k + 1) + series)
    high, error = two_sum(near / _GRID, q)
    return two_sum(high, error + (low / (1 + q * q) + q * series))


def _turned(a: np.ndarray, c: np.ndarray, b: np.ndarray, s: np.ndarray) -> Pair:
    """a·c + b·s as a pair, with pairs c and s."""
    first, second = two_product(a, c[..., 0]), two_product(b, s[..., 0])
    high, low = two_sum(first[0], second[0])
    return two_sum(high, low + first[1] + second[1] + a * c[..., 1] + b * s[..., 1])


def angle_from(x: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """x less the angle of the vector, from −π to π, to 1e-20 and a rounding for |x| < 10⁶."""
    high, low = angle(vector)
    x = np.where(np.abs(x) < _FAR, x, np.arctan2(np.sin(x), np.cos(x)))
    gap, rest = two_sum(x, -high)
    turns = np.rint(gap / _TWO_PI[0])
    product, error = two_product(turns, np.asarray(_TWO_PI[0]))
    return (gap - product) + (rest - low - error - turns * _TWO_PI[1])


@cache
def _table() -> np.ndarray:
    """Pairs of the cosine and the sine of j/16, (52, 2, 2)."""
    with localcontext() as context:
        context.prec = 50
        rows = [_cosine_sine(Decimal(j) / _GRID) for j in range(math.ceil(math.pi * _GRID) + 1)]
        return np.array([[_as_pair(value) for value in row] for row in rows])


def _cosine_sine(x: Decimal) -> tuple[Decimal, Decimal]:
    """By Taylor's series: 40 terms are enough below 4."""
    sums, term = [Decimal(0), Decimal(0)], Decimal(1)
    for k in range(80):
        sums[k % 2] += term if k % 4 < 2 else -term
        term = term * x / (k + 1)
    return sums[0], sums[1]


def _as_pair(value: Decimal) -> tuple[float, float]:
    high = float(value)
    return high, float(value - Decimal(high))
