"""Rows of an array in blocks that stay in the cache, memory for what is made of them, and sums."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

BLOCK = 2**16  # numbers that stay in the cache, with what is made of them
LONG = 2**19  # numbers in a block of long rows, from where they are taken in pieces
_ACROSS = 256  # rows in a block where they lie across the memory: fewer are short pieces of it

_PLAIN = 8  # columns, which numpy adds in three steps
_SHORT = 256  # numbers of one row, up to where Python adds them faster
_FEW = 16  # columns
_MANY = 512  # rows, from where a call for each column costs less than a loop in each row


def blocks(rows: np.ndarray, count: int | None = None) -> Iterator[slice]:
    """The rows, or the first count of them, in parts that stay in the cache; long ones may not."""
    count = len(rows) if count is None else count
    step = max(_ACROSS if _lies_across(rows) else 1, BLOCK // rows.shape[1])
    for start in range(0, count, step):
        yield slice(start, start + step)


def pieces(block: np.ndarray) -> Iterator[slice]:
    """The columns of a block: all of them, or parts that stay in the cache where rows are long."""
    size = block.shape[1]
    step = size if block.size <= LONG else max(1, BLOCK // len(block))
    for start in range(0, size, step):
        yield slice(start, start + step)


class Memory:
    """Room for float64, the same for one block after another.

    The system maps new memory page by page, and that takes longer than the sums.
    """

    def __init__(self) -> None:
        self._room = np.empty(0)

    def like(self, block: np.ndarray) -> np.ndarray:
        """Room in the shape and layout of a block, until the next call."""
        if self._room.size < block.size:
            self._room = np.empty(block.size)
        room, (count, size) = self._room[: block.size], block.shape
        return room.reshape(size, count).T if _lies_across(block) else room.reshape(count, size)


def _lies_across(rows: np.ndarray) -> bool:
    return rows.strides[1] > rows.strides[0]


def row_sum(x: np.ndarray) -> np.ndarray:
    """The sum of each row of positive numbers, to about one unit in the last place.

    In rows of more than eight, numpy loses small terms one after the other beside a large one. So
    these are folded twice, and then halves of bits are summed: the upper without error, as x + s
    for s a power of 2 above Σ x is rounded to a multiple of 2⁻⁵² s, and with it what is left
    without s. The layout changes nothing.
    Source: Rump, Ogita and Oishi (2008), Accurate floating-point summation I, algorithm 3.2.
    """
    if x.shape[1] <= _PLAIN:
        return plain_sum(x if len(x) >= _MANY else np.ascontiguousarray(x))
    if len(x) == 1 and x.size <= _SHORT:
        return np.array([_fsum(x[0].tolist())])
    x = _folded(_folded(x))
    total = plain_sum(x)
    s = np.ldexp(1.0, np.frexp(total)[1] + 1)[:, None]
    upper = (x + s) - s
    better = plain_sum(upper) + plain_sum(np.subtract(x, upper, out=x))
    return np.where(np.isfinite(better), better, total)


def _fsum(numbers: list[float]) -> float:
    try:
        return math.fsum(numbers)
    except OverflowError:
        return math.inf


def _folded(x: np.ndarray) -> np.ndarray:
    """Each row's halves, added; of an odd number the middle one stays alone."""
    size = x.shape[1]
    half = (size + 1) // 2
    folded = np.empty_like(x[:, :half])
    np.add(x[:, : size // 2], x[:, half:], out=folded[:, : size // 2])
    folded[:, size // 2 :] = x[:, size // 2 : half]
    return folded


def plain_sum(x: np.ndarray) -> np.ndarray:
    """np.add.reduce(x, axis=1); in many short rows to the same bits, and faster."""
    if len(x) < _MANY or x.shape[1] > _FEW:
        return np.add.reduce(x, axis=1)
    width = 8 if x.shape[1] >= 8 else 1
    first, rest = list(x.T[:width]), list(x.T[width:])
    if len(rest) == width == 8:
        first, rest = [a + b for a, b in zip(first, rest, strict=True)], []
    while len(first) > 1:
        first = [a + b for a, b in zip(first[::2], first[1::2], strict=True)]
    return sum(rest, first[0])
