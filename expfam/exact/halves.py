"""Exact tails of statistics that add over categories: half of the categories meets the other half.

Cells are independent Poisson counts whose sums are known: n alone for goodness of fit, the row
margins for a table whose categories are its columns. So a p-value is a ratio of two sums over all
outcomes, and outcomes are pairs of half-outcomes whose sums make up the whole. For each sum the
one half is sorted by its partial statistic with weights added from the top, and each half-outcome
of the other is looked up in it: what would be N steps takes some √N.
Source: Horowitz and Sahni (1974), J. ACM 21: 277–292, for the halves; half-outcomes of equal sum
and statistic are one, as nodes are in Mehta and Patel (1983), J. Am. Statist. Assoc. 78: 427–434.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

SLACK = 256  # levels in the tolerance of ties: more than roundings of as many categories add up to


class OverBudget(Exception):
    """More half-outcomes than the budget allows."""


class Part(NamedTuple):
    """What one category can be: each option a key of its own (its sums), a level, a weight."""

    key: np.ndarray
    level: np.ndarray
    weight: np.ndarray


class Half(NamedTuple):
    """Half-outcomes, ordered by sum and level; a code is the place of the key · width + level.

    keys: the distinct sums; code, weight: one a half-outcome; steps: how many were made so far.
    """

    keys: np.ndarray
    code: np.ndarray
    weight: np.ndarray
    steps: int


class Sums(NamedTuple):
    """Several sums in the bits of one integer; a bit above each catches what passes its limit."""

    shifts: np.ndarray
    whole: int
    guards: int

    def pack(self, rows: np.ndarray) -> np.ndarray:
        """(m, d) whole numbers as m keys."""
        return (rows.astype(np.int64) << self.shifts).sum(-1)

    def within(self, keys: np.ndarray) -> np.ndarray:
        """Whether no sum of a key passes its limit; each may be twice the limit at most."""
        return ((self.whole | self.guards) - keys) & self.guards == self.guards


def sums_up_to(limits: np.ndarray) -> Sums:
    """Room for sums that end at the limits. Errors: OverBudget beyond 62 bits."""
    bits = [int(limit).bit_length() + 1 for limit in limits]
    if sum(bits) > 62:
        raise OverBudget
    ends = np.cumsum(bits)
    shifts = ends - bits
    whole = sum(int(limit) << int(shift) for limit, shift in zip(limits, shifts, strict=True))
    return Sums(shifts, whole, sum(1 << int(end - 1) for end in ends))


def tail(
    halves: tuple[Sequence[Part], Sequence[Part]], sums: Sums, level: int, top: int, budget: int
) -> tuple[float, int]:
    """Σ of weights over outcomes of at least this level, and how many half-outcomes it took.

    Levels are integers from 0 to top, which stands for all above it too: so no rounding decides
    between ties, whatever the order of the categories. Errors: OverBudget.
    """
    width = top + 1
    found: list[Half] = []
    for parts in halves:
        spent = found[0].steps if found else 0
        half = Half(np.zeros(1, np.int64), np.zeros(1, np.int64), np.ones(1), spent)
        for part in parts:
            half = _joined(half, part, sums, width, budget)
        found.append(half)
    one, other = found
    above = _from_above(other, width)
    place, own = np.divmod(one.code, width)
    # Every rest can be made up by the other half, so that its key is there.
    rest = np.searchsorted(other.keys, sums.whole - one.keys)
    needed = rest[place] * width + np.maximum(level - own, 0)
    at = np.searchsorted(other.code, needed)
    stops = np.searchsorted(other.code, (rest + 1) * width)[place]
    hit = at < stops
    return float((one.weight[hit] * above[at[hit]]).sum()), other.steps


def _joined(half: Half, part: Part, sums: Sums, width: int, budget: int) -> Half:
    """Every half-outcome with every option of one more category; equal ones become one."""
    key = half.keys[:, None] + part.key
    inside = sums.within(key)
    keys, place = np.unique(key[inside], return_inverse=True)
    options = np.nonzero(inside)[1]
    per_key = inside.sum(-1)
    first = np.cumsum(per_key) - per_key
    own_place, own_level = np.divmod(half.code, width)
    many = per_key[own_place]
    size = int(many.sum())
    steps = half.steps + size
    if steps > budget:
        raise OverBudget
    own = np.repeat(np.arange(len(many)), many)
    pick = np.arange(size) + (first[own_place] - (np.cumsum(many) - many))[own]
    option = options[pick]
    level = np.minimum(own_level[own] + part.level[option], width - 1)
    code = place[pick] * width + level
    weight = half.weight[own] * part.weight[option]
    order = np.argsort(code)
    code = code[order]
    starts = np.flatnonzero(np.append(True, code[1:] != code[:-1]))
    return Half(keys, code[starts], np.add.reduceat(weight[order], starts), steps)


def _from_above(half: Half, width: int) -> np.ndarray:
    """For each half-outcome the weights of those of its sum and at least its level.

    By doubling: after the step s each holds the sum of s in a row. Nothing is subtracted, so that
    small tails keep their digits, and errors grow with the logarithm of the number.
    """
    place = half.code // width
    left = np.searchsorted(place, place, side="right") - np.arange(len(place))
    total, step = half.weight.copy(), 1
    while step < left.max():
        total[:-step] += np.where(left[:-step] > step, total[step:], 0.0)
        step *= 2
    return total
