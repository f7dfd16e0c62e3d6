"""Exponentials of float16 and float32 in float64, to the digits that such numbers can show.

numpy's exp of float32 is off by up to 2.5 units, which would go straight into a softmax. Its exp of
float64 takes twice as long where numpy has AVX-512, which is what is taken there, and six times as
long elsewhere. There a table and a parabola stand in, which take four times as long and keep 31
bits: x = t + l with t on a grid of 1/256, exp x = exp t · (1 + l + l²/2 + …).
"""

from __future__ import annotations

import sys
from functools import cache

import numpy as np

from expfam.blocks import BLOCK, Memory

_GRID = 256  # numbers of the table in a unit of x
_REACH = 127  # from −127 to 127 units, and the nearest t
_FEW = 1024  # numbers, below which numpy's exp is as fast
# Added to x as float32 this leaves the nearest t, and t·256 as the last bits of the sum.
_ROUNDER = np.float32(1.5 * 2.0**23 / _GRID)
_LOW = np.s_[int(sys.byteorder == "big") :: 2]  # the lower halves of 32 bits
_HALF = np.float32(0.5)
# l³/6 is taken as l·¾·max l²/6: a quarter of the error of leaving it out.
_CUBE = np.float32(0.75 * (0.5 / _GRID) ** 2 / 6)


def exp(x: np.ndarray, out: np.ndarray | None = None, memory: Memory | None = None) -> np.ndarray:
    """exp x as float64: of narrow floats with a relative error below 2⁻³¹.

    out: contiguous float64 in the layout of x, to write to. memory: for what comes between.

    >>> bool(abs(exp(np.full(2000, np.float32(2.5))) / np.exp(2.5) - 1).max() < 2**-31)
    True
    """
    if x.dtype.itemsize == 8:
        return np.exp(x, out)
    if x.size < _FEW or has_fast_exp():
        return np.exp(x, out, dtype=np.float64)
    out = np.empty_like(x, np.float64, subok=False) if out is None else out
    return from_table(x, out, memory or Memory())


@cache
def has_fast_exp() -> bool:
    """Whether numpy takes eight exponentials of float64 at a time here, as numpy 2.1 can tell."""
    try:
        from numpy.lib import introspect
    except ImportError:
        return False
    return "V4" in introspect.opt_func_info("^exp$")["exp"]["dd"]["current"]


def from_table(x: np.ndarray, out: np.ndarray, memory: Memory) -> np.ndarray:
    """exp of narrow floats, part by part; of parts that the table does not reach, by numpy."""
    turn = not out.flags.c_contiguous
    given, result = ((a.T if turn else a).ravel() for a in (x, out))
    for start in range(0, x.size, BLOCK):
        part, value = given[start : start + BLOCK], result[start : start + BLOCK]
        if part.min() > -_REACH and part.max() < _REACH:  # and no NaN
            _from_table(part, value, memory)
        else:
            np.exp(part, out=value, dtype=np.float64)
    return out


def _from_table(x: np.ndarray, out: np.ndarray, memory: Memory) -> None:
    """exp x, with memory for what comes between: new memory would cost more than the sums."""
    place, half = memory.numbers(2 * x.size, "between").reshape(2, -1)
    rounded, factor = half.view(np.float32).reshape(2, -1)
    place = place.view(np.intp)[: x.size]
    x = x.astype(np.float32, copy=False)
    np.add(x, _ROUNDER, out=rounded)
    place[...] = rounded.view(np.uint16)[_LOW]
    _table().take(place, out=out, mode="wrap")
    rounded -= _ROUNDER
    rest = np.subtract(x, rounded, out=rounded)  # l, without error
    np.multiply(rest, _HALF, out=factor)
    factor += _CUBE
    factor *= rest
    factor += rest
    out *= np.add(
        factor, 1, out=memory.numbers(x.size, "between"), dtype=np.float64
    )  # where place was


@cache
def _table() -> np.ndarray:
    """exp(t), at t·256 as an integer modulo 2¹⁶."""
    return np.exp(np.arange(2**16).astype(np.int16) / _GRID)
