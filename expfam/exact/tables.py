"""Columns of a table with fixed sums: all of them, how many there are, and random ones."""

from __future__ import annotations

import math

import numpy as np

from expfam.deviances import deviance_of_difference
from expfam.factorial import remainder
from expfam.sampling import Stream

_FEW = 20  # units a cell up to which shuffling them is faster


def number_of_columns(total: int, limits: np.ndarray) -> float:
    """How many columns of non-negative integers have this total and stay within the limits.

    >>> number_of_columns(2, np.array([2, 1, 5]))  # 200 020 002 110 101 011, less 020
    5.0
    """
    ways = np.zeros(total + 1)
    ways[0] = 1
    for limit in limits:
        sums = np.cumsum(ways)
        sums[limit + 1 :] -= sums[: max(total - limit, 0)].copy()
        ways = sums
    return float(ways[total])


def columns(total: int, limits: np.ndarray) -> np.ndarray:
    """All columns (m, r) of non-negative integers with this total within the limits.

    >>> columns(2, np.array([2, 1])).tolist()
    [[1, 1], [2, 0]]
    """
    later = np.append(np.cumsum(limits[::-1])[::-1], 0)
    found, rest = np.zeros((1, 0), np.int64), np.array([total])
    for place, limit in enumerate(limits):
        least = np.maximum(rest - later[place + 1], 0)
        many = np.minimum(limit, rest) - least + 1
        own = np.repeat(np.arange(len(rest)), many)
        value = least[own] + np.arange(len(own)) - (np.cumsum(many) - many)[own]
        found = np.column_stack([found[own], value])
        rest = rest[own] - value
    return found


def random_tables(stream: Stream, rows: np.ndarray, totals: np.ndarray, size: int) -> np.ndarray:
    """Tables (size, c, r) of these row and column sums, as likely as independence makes them."""
    if rows.sum() <= _FEW * len(rows) * len(totals):
        return _shuffled(stream, rows, totals, size)
    return _cell_by_cell(stream, rows, totals, size)


def _shuffled(stream: Stream, rows: np.ndarray, totals: np.ndarray, size: int) -> np.ndarray:
    """Unit by unit: the rows of all units in random order meet their columns."""
    n, shape = int(rows.sum()), (len(totals), len(rows))
    order = np.argsort(stream.uniform((size, n)), axis=1)
    row = np.repeat(np.arange(len(rows)), rows)[order]
    column = np.repeat(np.arange(len(totals)), totals)
    cell = row + len(rows) * column + (math.prod(shape) * np.arange(size))[:, None]
    counts = np.bincount(cell.ravel(), minlength=size * math.prod(shape))
    return counts.reshape(size, *shape)


def _cell_by_cell(stream: Stream, rows: np.ndarray, totals: np.ndarray, size: int) -> np.ndarray:
    """What of a column falls into a row is hypergeometric given the cells before.

    Source: Patefield (1981), Appl. Statist. 30: 91–97.
    """
    tables = np.zeros((size, len(totals), len(rows)), np.int64)
    left = np.broadcast_to(rows, (size, len(rows))).copy()
    for column, total in enumerate(totals[:-1]):
        missing, below = np.full(size, total), left.sum(-1)
        for row in range(len(rows) - 1):
            below -= left[:, row]
            cell = hypergeometric(stream, left[:, row], below, missing)
            tables[:, column, row] = cell
            missing = missing - cell
        tables[:, column, -1] = missing
        left -= tables[:, column]
    tables[:, -1] = left
    return tables


def hypergeometric(
    stream: Stream, good: np.ndarray, bad: np.ndarray, draws: np.ndarray
) -> np.ndarray:
    """How many of `draws` units taken from good + bad are good; all (N,), 0 ≤ draws ≤ good + bad.

    By inversion from the mode outwards, some standard deviations of steps.
    Source: Kachitvichyanukul and Schmeiser (1985), J. Stat. Comput. Simul. 22: 127–145.
    """
    a, b, m = (part.astype(np.float64) for part in (good, bad, draws))
    mode = np.floor((m + 1) * (a + 1) / (a + b + 2))
    mode = np.clip(mode, np.maximum(m - b, 0), np.minimum(m, a))
    peak = np.exp(_log_pmf(mode, a, b, m))
    result, rest = mode.copy(), stream.uniform(len(mode)) - peak
    place = np.flatnonzero(rest > 0)
    state = np.stack([a, b, m, mode, mode, peak, peak, rest])[:, place]
    while place.size:
        a, b, m, up, down, above, below, rest = state
        above *= (a - up) * (m - up) / ((up + 1) * (b - m + up + 1))
        up += 1
        rest -= above
        is_up = rest <= 0
        below *= down * (b - m + down) / ((a - down + 1) * (m - down + 1))
        down -= 1
        rest -= below
        is_down = ~is_up & (rest <= 0)
        result[place[is_up]], result[place[is_down]] = up[is_up], down[is_down]
        going = (rest > 0) & (above + below > 0)  # past both ends rounding alone is left
        place, state = place[going], state[:, going]
    return result.astype(np.int64)


def _log_pmf(x: np.ndarray, a: np.ndarray, b: np.ndarray, m: np.ndarray) -> np.ndarray:
    """log of the hypergeometric probability, as that of four Poisson cells given their sums."""
    n = np.maximum(a + b, 1.0)
    share = np.stack([a * m, a * (n - m), b * m, b * (n - m)]) / n
    cells = np.stack([x, a - x, m - x, b - m + x])
    loss = (remainder(cells) + deviance_of_difference(cells, share, cells - share)).sum(0)
    fixed = remainder(np.stack([a, b, m, a + b - m])).sum(0) - remainder(a + b)
    return fixed - loss
