"""logsumexp, softmax and log_softmax of rows of floats: the seam for compiled kernels.

Each kernel takes an array (R, K) with K ≥ 1 of any float type and layout, leaves it as it is, and
gives float64 or writes to an array of the same shape. It goes through the rows in blocks that stay
in the cache. Floating-point warnings are the caller's to silence. `axes.as_rows` brings any array
to that form.
"""

from __future__ import annotations

from itertools import islice

import numpy as np

from expfam import fixed_point, long_rows, narrow, pairs, triples
from expfam.blocks import BLOCK, LONG, Memory, blocks, joined, pair_sum, pieces, plain_sum, row_sum
from expfam.shift import shifted
from expfam.threads import each

# Between these sums exp needs no shift: nothing overflows, and what underflows is lost anyway.
# Without the shift there is no rounding of x − max.
_LARGE = np.exp(650.0)
_SMALL = 0.25
_LEAST_TOTAL = 1e-280
# Results of narrow floats above this have all their digits even with an error of 4·2⁻⁵³.
_NARROW_REACH = 2.0**-20
# Below this a sum in pairs has fewer than 53 correct bits of its excess over one.
_PAIRS_REACH = 2.0**-14
_PAIRS_LEAST = 1e-290  # the low part of a pair underflows
_HEAVY = 1e150  # of weights: beyond, subnormal exponentials may count
_FEW = 64  # numbers, below which integers cost less than the calls of numpy
_ROOT_HALF = 0.5**0.5
_LOG_2 = 0.6931471805592082  # in 40 bits, exact times k
_LOG_2_LOW = 7.371002565167799e-13  # what is left of it
_TALL = 4096.0  # beyond, x + log b is rounded as the result is


def logsumexp_rows(rows: np.ndarray, relative: bool = True) -> np.ndarray:
    """log Σ exp of each row, within 2 units in the last place; fast where that is cheap.

    Without a shift where nothing overflows and the result is over 1 in size; else m + log1p of
    the excess, and where that cancels in pairs, triples or, if need be, integers: with narrow
    floats, whose result is rounded, only below 2⁻²⁰.
    relative=False stops before the pairs: then the error is at most 4·2⁻⁵³·max(1, |value|), and
    far below 0 the shift, whose logarithm is rounded at that height, costs more than it saves.
    """
    if rows.shape[1] == 1:
        return rows[:, 0].astype(np.float64)
    value = np.log(_sum_of_exponentials(rows))
    size = np.abs(value)
    plain = (size > 1.0) & (size < 650.0)
    if not relative and rows.dtype.itemsize == 8:
        plain |= (size <= 1.0) & (rows.max(axis=1) < -1.0)
    if np.logical_and.reduce(plain):
        return value
    rest = np.flatnonzero(~plain)
    value[rest] = np.concatenate(
        each(
            lambda part, memory: _shifted_logsumexp(rows[rest[part]], relative, memory),
            blocks(rows, len(rest)),
        )
    )
    return value


def _sum_of_exponentials(rows: np.ndarray) -> np.ndarray:
    if rows.size <= BLOCK:
        return row_sum(narrow.exp(rows))
    wide = rows.dtype.itemsize == 8

    def partial_sum(tile: tuple[slice, slice], memory: Memory) -> tuple:
        exponentials = narrow.exp(rows[tile], memory.like(rows[tile]), memory)
        return pair_sum(exponentials, memory) if wide else (plain_sum(exponentials), 0.0)

    parts = [(part, list(pieces(rows[part]))) for part in blocks(rows)]
    sums = iter(each(partial_sum, [(part, columns) for part, row in parts for columns in row]))
    return np.concatenate([joined(list(islice(sums, len(row)))) for _, row in parts])


def _shifted_logsumexp(rows: np.ndarray, relative: bool, memory: Memory) -> np.ndarray:
    shift = shifted(rows, memory)
    value = _pair_added(shift.maximum, shift.log, shift.log_low)
    if relative:  # a negative maximum and the log cancel
        reach = shift.log if rows.dtype.itemsize == 8 else _NARROW_REACH
        _mend(value, (shift.maximum < 0) & (np.abs(value) < reach), rows, None)
    return value


def _pair_added(a: np.ndarray, b: np.ndarray, low: np.ndarray) -> np.ndarray:
    """a + (b + low), rounded once."""
    value, error = pairs.two_sum(a, b)
    error = error + low
    return value + np.where(np.isfinite(error), error, 0.0)


def weighted_logsumexp_rows(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """log Σ b exp(x) of each row; an x of weight 0 must come as −∞."""
    parts = list(blocks(rows))
    if len(parts) == 1:
        return _weighted_logsumexp(rows, weights, Memory())
    return np.concatenate(
        each(lambda part, memory: _weighted_logsumexp(rows[part], weights[part], memory), parts)
    )


def _weighted_logsumexp(rows: np.ndarray, weights: np.ndarray, memory: Memory) -> np.ndarray:
    """Without a shift where the sum is large beside its roundings, and what underflows is lost."""
    rows, weights = (x.astype(np.float64, copy=False) for x in (rows, weights))
    terms = np.exp(rows, out=memory.like(rows))
    terms *= weights
    value = np.log(row_sum(terms, memory))
    plain = (value > 2.0) & (value < 600.0) & (weights.max(axis=1) < _HEAVY)
    if not plain.all():
        rest = ~plain
        value[rest] = _shifted_weighted(rows[rest], weights[rest], memory)
    return value


def _shifted_weighted(rows: np.ndarray, weights: np.ndarray, memory: Memory) -> np.ndarray:
    shift = shifted(rows, memory)
    terms = np.multiply(shift.exponentials, weights, out=shift.exponentials)
    total, error = pair_sum(terms, memory)
    error += np.multiply(shift.missed, weights, out=shift.missed).sum(axis=1)
    log, log_low = _log(total)
    value = _pair_added(shift.maximum, log, log_low + error / total)
    height = np.abs(shift.maximum)
    # Where the largest x is far from the largest term, terms have underflowed or the sum overflown;
    # where it is far from 0 as well, so do pairs.
    uneven = (total < _LEAST_TOTAL * np.maximum(weights.max(axis=1), 1.0)) | (total > _LARGE)
    uneven |= (height >= 600.0) & (np.abs(value) < height / 2)
    cancelled = (np.abs(value) < 1.0) & (height < 600.0)
    _mend(value, cancelled & ~uneven, rows, weights)
    if uneven.any():
        value[uneven] = _uneven_log_sum(rows[uneven], weights[uneven])
    return value


def _log(x: np.ndarray) -> pairs.Pair:
    """log x = k log 2 + log f as a pair, with x = 2ᵏf, √½ ≤ f < √2; to a unit of log f."""
    mantissa, k = np.frexp(x)
    double = mantissa < _ROOT_HALF
    k = k - double
    high, low = pairs.two_sum(k * _LOG_2, np.log1p(np.ldexp(mantissa, double) - 1))
    return high, low + k * _LOG_2_LOW


def _mend(
    value: np.ndarray, spoilt: np.ndarray, rows: np.ndarray, weights: np.ndarray | None
) -> None:
    """Compute the spoilt results again, in place."""
    if not spoilt.any():
        return
    rows = rows[spoilt].astype(np.float64, copy=False)
    chosen = None if weights is None else weights[spoilt]
    if rows.size < _FEW:
        value[spoilt] = fixed_point.log_sums(rows, chosen, value[spoilt])
        return
    better = _log_sum_in_pairs(rows, chosen)
    tiny = np.abs(better) < _PAIRS_REACH
    if chosen is None:  # a sum of more than 1 exceeds 1 by positive terms: nothing cancels
        tiny &= (rows.max(axis=1) < 0) | ((better != 0) & (better < _PAIRS_LEAST))
    if tiny.any():
        few = None if chosen is None else chosen[tiny]
        better[tiny] = _log_sum_near_zero(rows[tiny], few, better[tiny])
    value[spoilt] = better if chosen is not None else np.maximum(better, rows.max(axis=1))


def _log_sum_in_pairs(rows: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """log Σ b exp(x) with exponentials and their sum to about 2⁻⁷⁰."""
    high, low = pairs.exp(rows)
    if weights is not None:
        (high, error), low = pairs.two_product(high, weights), low * weights
        low = low + error
    total, error = pairs.row_sum(high)
    error = error + low.sum(axis=1)
    near = np.log1p((total - 1.0) + error)
    return np.where(np.abs(total - 1.0) < 0.5, near, np.log(total) + error / total)


def _log_sum_near_zero(
    rows: np.ndarray, weights: np.ndarray | None, near: np.ndarray
) -> np.ndarray:
    """log Σ b exp(x), near to 2⁻⁶⁰: in triples of doubles, and what they miss in integers."""
    value, error = triples.log_sums(rows, weights)
    doubtful = np.abs(value) < 2.0**56 * error
    if doubtful.any():
        rest = None if weights is None else weights[doubtful]
        value[doubtful] = fixed_point.log_sums(rows[doubtful], rest, near[doubtful])
    return value


def _uneven_log_sum(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """log Σ b exp(x) by log Σ exp(x + log b), whose rounding is put right where it can be seen."""
    value = logsumexp_rows(rows + np.log(weights), relative=False)
    seen = np.abs(value) < _TALL
    value[seen] = fixed_point.log_sums(rows[seen], weights[seen], value[seen])
    return value


def softmax_rows(rows: np.ndarray, out: np.ndarray) -> None:
    """exp / Σ exp of each row: without a shift where that is safe."""
    if rows.shape[1] == 1:
        log_softmax_rows(rows, out)
        np.exp(out, out=out)
        return
    if rows.size <= BLOCK:
        _softmax(rows, out, Memory())
        return
    parts = list(blocks(rows))
    if rows[parts[0]].size > LONG:
        for part in parts:
            total = long_rows.softmax(rows[part], out[part])
            _mend_softmax(rows[part], out[part], total, Memory())
    else:
        each(lambda part, memory: _softmax(rows[part], out[part], memory), parts)


def _softmax(rows: np.ndarray, out: np.ndarray, memory: Memory) -> None:
    wide = out.dtype.itemsize == 8
    exponentials = narrow.exp(rows, memory.like(rows), memory)
    total = (row_sum(exponentials, memory) if wide else plain_sum(exponentials))[:, None]
    long_rows.divide(exponentials, total, out)
    _mend_softmax(rows, out, total, memory)


def _mend_softmax(rows: np.ndarray, out: np.ndarray, total: np.ndarray, memory: Memory) -> None:
    """Compute the rows again, in place, where the sum of exponentials is not safe."""
    least, most = _range(total)
    if least > _SMALL and most < _LARGE:
        return
    unsafe = ~((total > _SMALL) & (total < _LARGE))[:, 0]
    shift = shifted(resolve_infinite(rows[unsafe]), memory)
    out[unsafe] = (shift.exponentials + shift.missed) / (1 + shift.excess)[:, None]


def _range(x: np.ndarray) -> tuple[float, float]:
    """Least and greatest entry; of one number at no cost."""
    if x.size == 1:
        return (value := x.item()), value
    return x.min(), x.max()


def log_softmax_rows(rows: np.ndarray, out: np.ndarray) -> None:
    """x − log Σ exp of each row."""
    if rows.size <= BLOCK:
        _log_softmax(rows, out, Memory())
        return
    each(lambda part, memory: _log_softmax(rows[part], out[part], memory), blocks(rows))


def _log_softmax(rows: np.ndarray, out: np.ndarray, memory: Memory) -> None:
    rows = resolve_infinite(rows)
    if rows.shape[1] == 1:
        np.subtract(rows, rows, out=out)
        return
    shift = shifted(rows, memory)
    low = shift.low
    low -= shift.log_low[:, None]
    low -= shift.log[:, None]
    np.add(shift.difference, low, out=out, casting="same_kind")


class EmptyRow(Exception):
    """A row of −∞ alone, which has no softmax."""


def resolve_infinite(rows: np.ndarray) -> np.ndarray:
    """Rows whose maximum is finite: +∞ entries become equal maxima, −∞ alone is an EmptyRow."""
    maximum = rows.max(axis=1)
    if np.isfinite(maximum).all():
        return rows
    if (maximum == -np.inf).any():
        raise EmptyRow
    infinite = (maximum == np.inf)[:, None]
    return np.where(infinite, np.where(rows == np.inf, 0.0, -np.inf), rows)
