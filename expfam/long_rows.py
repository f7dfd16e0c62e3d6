"""Softmax of rows too long for the cache: in pieces that stay in it, each in a thread."""

from __future__ import annotations

import numpy as np

from expfam import narrow
from expfam.blocks import Memory, even_sum, joined, pair_sum, pieces, plain_sum
from expfam.threads import each

_TRIAL = 2**15  # numbers of a row, whose exponentials are taken both ways
_CLOSE = 2.0**-26  # of the total: a quarter of a unit of float32


def softmax(rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Write exp / Σ exp of each row to out, and give the sums (R, 1), which may be of no use."""
    alone = len(rows) == 1 and out.dtype.itemsize < 8 and narrow.has_fast_exp()
    return (_foretold if alone and _foretells(rows[:, :_TRIAL]) else _summed)(rows, out)


def _summed(rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """First the sums, then the shares: of narrow floats, which have no room for exponentials, a
    fast exp is taken twice, and a slow one given room.
    """
    wide = out.dtype.itemsize == 8
    room = out if wide else None if narrow.has_fast_exp() else Memory().like(rows)

    def exponentials(columns: slice, memory: Memory) -> np.ndarray:
        piece = rows[:, columns]
        given = memory.like(piece) if room is None else room[:, columns]
        return narrow.exp(piece, given, memory)

    def partial_sum(columns: slice, memory: Memory) -> tuple:
        values = exponentials(columns, memory)
        return pair_sum(values, memory) if wide else (plain_sum(values), 0.0)

    def share(columns: slice, memory: Memory) -> None:
        values = exponentials(columns, memory) if room is None else room[:, columns]
        divide(values, sums, out[:, columns])

    parts = list(pieces(rows))
    sums = joined(each(partial_sum, parts))[:, None]
    each(share, parts)
    return sums


def _foretold(rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """One row of narrow floats, whose sum numpy's exp of float32 foretells in half the time.

    It is off by up to 2.5 units, this way or that, and its sum by far less. The good exponentials
    are then taken once, and once more where their sum is another.
    """

    def share(columns: slice, memory: Memory) -> float:
        exponentials = _exponentials(rows[:, columns], memory)
        divide(exponentials, total, out[:, columns])
        return even_sum(exponentials)

    parts = list(pieces(rows))
    total = sum(each(lambda columns, memory: even_sum(_rough(rows[:, columns], memory)), parts))
    if not 0 < total < np.inf:  # beyond float32
        return _summed(rows, out)
    found = sum(each(share, parts))
    if not _close(total, found):
        total = found
        each(share, parts)
    return np.array([[found]])


def _foretells(row: np.ndarray) -> bool:
    memory = Memory()
    rough = even_sum(_rough(row, memory))
    return _close(rough, even_sum(_exponentials(row, memory)))


def _close(total: float, found: float) -> bool:
    return abs(total - found) <= _CLOSE * found


def _rough(piece: np.ndarray, memory: Memory) -> np.ndarray:
    return np.exp(piece, out=memory.like(piece, np.float32), dtype=np.float32)


def _exponentials(piece: np.ndarray, memory: Memory) -> np.ndarray:
    return narrow.exp(piece, memory.like(piece), memory)


def divide(exponentials: np.ndarray, total: np.ndarray | float, out: np.ndarray) -> None:
    """The shares in the total: those of narrow floats are rounded anyway, and products faster."""
    if out.dtype.itemsize == 8:
        np.divide(exponentials, total, out=out)
    else:
        np.multiply(exponentials, 1 / total, out=out, casting="same_kind")
