"""Rows of an array in blocks that stay in the cache, memory for what is made of them, and sums."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

BLOCK = 2**17  # numbers that stay in the cache, with what is made of them
LONG = 2**19  # numbers in a block of long rows, from where they are taken in pieces
_PIECE = 2**18  # numbers in a piece: threads wait for each other between calls
_ACROSS = 256  # rows in a block where they lie across the memory: fewer are short pieces of it

_EXPONENT = np.uint64(0x7FF0000000000000)  # the bits of a double that say which power of 2 it is
_SHORT = 256  # numbers of one row, up to where Python adds them faster
_FEW = 16  # columns, or rows where they lie across the memory
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

    def like(self, block: np.ndarray, kind: type = np.float64, name: str = "block") -> np.ndarray:
        """Room in the shape and layout of a block, until the next call of that name."""
        room: np.ndarray = self.numbers(block.size, name).view(kind)[: block.size]
        return _laid(room, block.shape, _lies_across(block))

    def numbers(self, size: int, name: str) -> np.ndarray:
        """Room for so many, until the next call of that name; more than a block is not kept."""
        if size > LONG:
            return np.empty(size)
        if name not in self._rooms or self._rooms[name].size < size:
            self._rooms[name] = np.empty(size)
        return self._rooms[name][:size]


def _lies_across(rows: np.ndarray) -> bool:
    return rows.strides[1] > rows.strides[0]


def _laid(room: np.ndarray, shape: tuple[int, ...], across: bool) -> np.ndarray:
    return room.reshape(shape[::-1]).T if across else room.reshape(shape)


def row_sum(x: np.ndarray, memory: Memory | None = None) -> np.ndarray:
    """The sum of each row of positive numbers, rounded once."""
    if _is_short(x):
        return np.array([_fsum(x[0].tolist())])
    high, low = _halves(x, memory or Memory())
    high += low
    return high


def pair_sum(x: np.ndarray, memory: Memory | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The sum of each row of positive numbers, and what is lost in rounding it."""
    if _is_short(x):
        numbers = x[0].tolist()
        total = _fsum(numbers)
        rest = math.fsum([*numbers, -total]) if math.isfinite(total) else 0.0
        return np.array([total]), np.array([rest])
    high, low = _halves(x, memory or Memory())
    sums = high + low
    return sums, np.where(np.isfinite(sums), low - (sums - high), 0.0)


def joined(parts: list[tuple[np.ndarray, np.ndarray | float]]) -> np.ndarray:
    """The sum of each row, rounded once, of the sums of its pieces and what these have lost."""
    high, rest = pair_sum(np.stack([part[0] for part in parts], axis=1))
    return high + (rest + sum(part[1] for part in parts))


def _halves(x: np.ndarray, memory: Memory) -> tuple[np.ndarray, np.ndarray]:
    """The sums of the upper and of the lower halves of the bits.

    x + s, with s a power of 2 above the sum, is rounded to a multiple of 2⁻⁵² s, and so is what is
    left without s, whose sum has no error; that of the rest hardly any. Layout changes nothing.
    Source: Rump, Ogita and Oishi (2008), Accurate floating-point summation I, algorithm 3.2.
    """
    x = along(x, memory, "copy")
    plain = np.add.reduce(x, axis=1)
    s = (plain.view(np.uint64) & _EXPONENT).view(np.float64)
    s *= 4
    upper = np.add(x, s[:, None], out=memory.like(x, name="upper"))
    upper -= s[:, None]
    high = np.add.reduce(upper, axis=1)
    low = np.add.reduce(np.subtract(x, upper, out=upper), axis=1)
    if (lost := s == np.inf).any():  # beyond 2¹⁰²², or not a number
        high[lost], low[lost] = plain[lost], 0.0
    return high, low


def _is_short(x: np.ndarray) -> bool:
    return len(x) == 1 and x.size <= _SHORT


def along(x: np.ndarray, memory: Memory, name: str) -> np.ndarray:
    """x, copied where few numbers lie beside each other: numpy adds these in many short loops."""
    across = _lies_across(x)
    beside, others = x.shape if across else x.shape[::-1]
    if beside > _FEW or beside >= others:
        return x
    copy = _laid(memory.numbers(x.size, name), x.shape, not across)
    copy[...] = x
    return copy


def _fsum(numbers: list[float]) -> float:
    try:
        return math.fsum(numbers)
    except OverflowError:
        return math.inf


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
    """The sum of eight, of pairs and of pairs of these; of one itself."""
    while len(columns) > 1:
        columns = [a + b for a, b in zip(columns[::2], columns[1::2], strict=True)]
    return columns[0]
