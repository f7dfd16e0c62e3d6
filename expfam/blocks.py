"""Rows of an array in blocks that stay in the cache, memory for what is made of them, and sums."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

BLOCK = 2**16  # numbers that stay in the cache, with what is made of them
LONG = 2**19  # numbers in a block of long rows, from where they are taken in pieces
_ACROSS = 256  # rows in a block where they lie across the memory: fewer are short pieces of it

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

    Rows of medium length are folded first: numpy adds up to 128 numbers one after the other, and
    the rounding errors with them; in longer rows they average out. The layout changes nothing.
    """
    while _FEW < x.shape[1] < 1024:
        half = x.shape[1] // 2
        folded = x[:, :half] + x[:, half : 2 * half]
        if x.shape[1] % 2:
            folded[:, 0] += x[:, -1]
        x = folded
    return plain_sum(np.ascontiguousarray(x) if len(x) < _MANY or x.shape[1] > _FEW else x)


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
