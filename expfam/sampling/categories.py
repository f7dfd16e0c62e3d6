"""Categories and their counts: inversion of cumulative sums, and binomial splits by halves."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expfam.sampling.bits import Floats, Pair, Stream, Words, pair_quotient, pair_sum, two_sum
from expfam.sampling.counts import Integers, Rows, binomial_law, draw_counts


def cumulative(rows: Floats) -> Words:
    """Return Σ_{j≤k} p_j / Σp in units of 2⁻⁶³, rounded down; equal neighbours where p_k = 0."""
    total = np.cumsum(rows, axis=-1)
    before = np.concatenate([np.zeros_like(total[:, :1]), total[:, :-1]], axis=-1)
    low = np.cumsum(two_sum(before, rows)[1], axis=-1)
    high, low = pair_quotient((total, low), (total[:, -1:], low[:, -1:]))
    high = np.ldexp(high, 63)
    whole = np.floor(high)
    rest = np.floor((high - whole) + np.ldexp(low, 63)).astype(np.int64)
    return np.maximum.accumulate(whole.astype(np.uint64) + rest.view(np.uint64), axis=-1)


def invert(words: Words, steps: Words, row: Rows) -> Integers:
    """Return how many steps of its row each word, of 63 bits, reaches."""
    words = words >> np.uint64(1)
    if len(row) == 1:
        return np.searchsorted(steps[row[0]], words, side="right")
    categories = steps.shape[-1]
    flat = steps.reshape(-1)
    first = row * categories - 1
    code = np.zeros(len(words), dtype=np.int64)
    for bit in reversed(range((categories - 1).bit_length())):
        higher = code + (1 << bit)
        reached = flat[first + np.minimum(higher, categories)] <= words
        code = np.where(reached, higher, code)
    return code


def one_by_one(stream: Stream, size: int, trials: Integers, steps: Words, row: Rows) -> Integers:
    """Draw each trial's category and count them."""
    categories = steps.shape[-1]
    owner = np.repeat(np.arange(size), trials)
    code = invert(stream.words(owner.size), steps, row if row.size == 1 else row[owner])
    return np.bincount(owner * categories + code, minlength=size * categories).reshape(size, -1)


class Split(NamedTuple):
    """For each set of categories the share of the lighter half, a pair, and which that is."""

    high: Floats
    low: Floats
    second: NDArray[np.bool_]

    def of(self, row: Rows) -> Split:
        return Split(self.high[row], self.low[row], self.second[row])


def splits_of(rows: Floats) -> list[Split]:
    """Return the splits of all categories, of their halves, … of pairs of categories."""
    high, low = rows, np.zeros_like(rows)
    splits: list[Split] = []
    while high.shape[-1] > 1:
        if high.shape[-1] % 2:
            high, low = (np.concatenate([part, 0 * part[:, :1]], axis=-1) for part in (high, low))
        first: Pair = high[:, 0::2], low[:, 0::2]
        second: Pair = high[:, 1::2], low[:, 1::2]
        high, low = pair_sum(first, second)
        is_second = second[0] < first[0]
        lighter = tuple(np.where(is_second, b, a) for a, b in zip(first, second, strict=True))
        whole = np.where(high > 0, high, 1.0), low
        splits.append(Split(*pair_quotient((lighter[0], lighter[1]), whole), is_second))
    return splits[::-1]


def by_halves(stream: Stream, size: int, trials: Integers, rows: Floats) -> Integers:
    """Send trials down the tree of halves."""
    counts = trials[:, None]
    splits = splits_of(rows)
    lengths = [split.high.shape[-1] for split in splits[1:]] + [rows.shape[-1]]
    for split, length in zip(splits, lengths, strict=False):
        first = first_half(stream, size, counts, split)
        counts = np.stack([first, counts - first], axis=-1).reshape(size, -1)[:, :length]
    return counts


def first_half(stream: Stream, size: int, counts: Integers, split: Split) -> Integers:
    """Draw, of `counts` trials in each set of categories, how many fall into its first half."""
    nodes = (size, counts.shape[-1])

    def flat(x: NDArray) -> NDArray:
        return (x if x.size == 1 else np.broadcast_to(x, nodes)).reshape(-1)

    trials = flat(counts)
    law = binomial_law(trials, (flat(split.high), flat(split.low)))
    lighter = draw_counts(stream, law, math.prod(nodes))
    return np.where(flat(split.second), trials - lighter, lighter).reshape(nodes)
