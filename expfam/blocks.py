"""Rows of an array in blocks that stay in the cache, memory for what is made of them, and sums."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

BLOCK = 2**17  # numbers that stay in the cache, with what is made of them
LONG = 2**19  # numbers in a block of long rows, from where they are taken in pieces
_PIECE = 2**18  # numbers in a piece: threads wait for each other between calls
_ACROSS = 256  # rows in a block where they lie across the memory: fewer are short pieces of it

_PLAIN = 8  # columns, which numpy adds in three steps
_MUCH = 2.0**-20  # of s: below that, halves of bits are not halves
_SHORT = 256  # numbers of one row, up to where Python adds them faster
_FEW = 16  # columns
_EVEN = 16  # numbers, whose sum is rounded up as often as down
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
    step = size if block.size <= LONG else max(1, _PIECE // len(block))
    for start in range(0, size, step):
        yield slice(start, start + step)


class Memory:
    """Room for float64, the same for one block after another.

    The system maps new memory page by page, and that takes longer than the sums.
    """

    def __init__(self) -> None:
        self._rooms: dict[str, np.ndarray] = {}

    def like(self, block: np.ndarray, kind: type = np.float64) -> np.ndarray:
        """Room in the shape and layout of a block, until the next call."""
        room: np.ndarray = self.numbers(block.size, "block").view(kind)[: block.size]
        count, size = block.shape
        return room.reshape(size, count).T if _lies_across(block) else room.reshape(count, size)

    def numbers(self, size: int, name: str) -> np.ndarray:
        """Room for so many, until the next call of that name."""
        if name not in self._rooms or self._rooms[name].size < size:
            self._rooms[name] = np.empty(size)
        return self._rooms[name][:size]


def _lies_across(rows: np.ndarray) -> bool:
    return rows.strides[1] > rows.strides[0]


def row_sum(x: np.ndarray) -> np.ndarray:
    """The sum of each row of positive numbers, to about one unit in the last place.

    numpy loses small terms one after the other beside a large one, save in rows of eight, which it
    adds as a tree, as is done here with fewer. Longer rows are folded twice; then their halves of
    bits are summed, with one s for all, and one for itself where a sum is small beside that.
    """
    if x.shape[1] < _PLAIN:
        return _tree(list(x.T))
    if x.shape[1] == _PLAIN:
        return plain_sum(x if len(x) >= _MANY else np.ascontiguousarray(x))
    if len(x) == 1 and x.size <= _SHORT:
        return np.array([_fsum(x[0].tolist())])
    x = _folded(_folded(x))
    s = _power_above(x.max(keepdims=True) * x.shape[1])
    total = _sum_of_halves(x, s)
    alone = ~((total > s[0] * _MUCH) & (total < s[0]))  # or not a number
    if alone.any():
        rows = x[alone]
        plain = plain_sum(rows)
        better = _sum_of_halves(rows, _power_above(plain[:, None]))
        total[alone] = np.where(np.isfinite(better), better, plain)
    return total


def _power_above(x: np.ndarray) -> np.ndarray:
    return np.ldexp(1.0, np.frexp(x)[1] + 1)


def _sum_of_halves(x: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Row sums below a power s of 2: x + s is rounded to a multiple of 2⁻⁵² s, and so is what is
    left without s, whose sum has no error; that of the rest hardly any. Layout changes nothing.

    Source: Rump, Ogita and Oishi (2008), Accurate floating-point summation I, algorithm 3.2.
    """
    upper = x + s
    upper -= s
    return plain_sum(upper) + plain_sum(x - upper)


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
    return sum(rest, _tree(first))


def even_sum(x: np.ndarray) -> float:
    """The sum of one row, sixteen at a time in its own type, and these in float64."""
    x = x[0]
    whole = x.size // _EVEN * _EVEN
    sums = np.add.reduce(x[:whole].reshape(_EVEN, -1), axis=0)
    return float(sums.sum(dtype=np.float64) + x[whole:].sum(dtype=np.float64))


def _tree(columns: list[np.ndarray]) -> np.ndarray:
    """Their sum, of pairs and of pairs of these: at most three roundings in eight of them."""
    while len(columns) > 1:
        left = columns[-1:] if len(columns) % 2 else []
        columns = [a + b for a, b in zip(columns[::2], columns[1::2], strict=False)] + left
    return columns[0]
