"""Raw words of a bit generator, and sums, products and quotients carried to twice the digits."""

from __future__ import annotations

import math
import operator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Words: TypeAlias = NDArray[np.uint64]
# An unevaluated sum high + low with |low| ≤ ulp(high)/2: some 106 bits.
Pair: TypeAlias = tuple[Floats, Floats]

SEED_LIMIT = 2**128
_ONE = np.uint64(0x3FF0000000000000)  # the bits of 1.0
_SPLITTER = 2.0**27 + 1


class Stream:
    """The raw 64-bit words of one numpy bit generator, and uniforms made from them.

    Nothing of numpy but `random_raw` is used, so that numpy may change its own samplers
    without changing ours. 32-bit generators (MT19937) give two words for one of ours,
    the first one high.

    >>> Stream(np.random.Philox(1)).words(2)
    array([1232279569898196538, 1457532264001425278], dtype=uint64)
    """

    __slots__ = ("_bit_generator", "_halves")

    def __init__(self, bit_generator: np.random.BitGenerator) -> None:
        self._bit_generator = bit_generator
        self._halves = isinstance(bit_generator, np.random.MT19937)

    def words(self, count: int) -> Words:
        """Return the next `count` words, independent and uniform on 0 … 2⁶⁴ − 1."""
        if self._halves:
            halves = self._bit_generator.random_raw(2 * count)
            return (halves[0::2] << np.uint64(32)) | halves[1::2]
        return self._bit_generator.random_raw(count)

    def uniform(self, shape: int | tuple[int, ...]) -> Floats:
        """Return uniforms (i + ½)·2⁻⁵² of the open interval (0, 1), i from the word's top 52 bits.

        They are symmetric about ½ and never 0 or 1; u − ½ and 1 − u are exact.

        >>> Stream(np.random.Philox(1)).uniform(2).round(6)
        array([0.066802, 0.079013])
        """
        size = shape if isinstance(shape, int) else math.prod(shape)
        return unit_interval(self.words(size)).reshape(shape)


def stream(rng: int | np.random.Generator | Stream | None = None) -> Stream:
    """Return the stream of words that `rng` stands for.

    None is a Philox generator seeded by the operating system; an int from 0 to 2¹²⁸ − 1 is
    `numpy.random.Philox(rng)`; a Generator lends its bit generator, whose state moves on; a
    Stream is returned as it is. TypeError or ValueError for anything else.
    Philox: Salmon et al. (2011).

    >>> generator = np.random.Generator(np.random.Philox(1))
    >>> bool(stream(1).words(1) == stream(generator).words(1))
    True
    """
    if isinstance(rng, Stream):
        return rng
    if isinstance(rng, np.random.Generator):
        return Stream(rng.bit_generator)
    if rng is None:
        return Stream(np.random.Philox())
    rule = "sampling: rng must be None, an int ≥ 0 or a numpy Generator; got"
    if isinstance(rng, bool | np.bool_) or not hasattr(rng, "__index__"):
        raise TypeError(f"{rule} {type(rng).__name__!r}")
    seed = operator.index(rng)
    if seed < 0:
        raise ValueError(f"{rule} a negative int")
    if seed >= SEED_LIMIT:
        raise ValueError(f"{rule} an int of {seed.bit_length()} bits, and 128 are the most")
    return Stream(np.random.Philox(seed))


def unit_interval(words: Words) -> Floats:
    """Map words to (i + ½)·2⁻⁵²: i becomes the fraction of a double in [1, 2), then − 1 + 2⁻⁵³."""
    return ((words >> np.uint64(12)) | _ONE).view(np.float64) - (1 - 2.0**-53)


def two_sum(a: Floats, b: Floats) -> Pair:
    """Return a + b and its rounding error, exactly (Knuth, TAOCP 2, 4.2.2)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a: Floats, b: Floats) -> Pair:
    """Return a·b and its rounding error, exactly (Dekker 1971)."""
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    return product, a_low * b_low - (
        ((product - a_high * b_high) - a_low * b_high) - a_high * b_low
    )


def _split(a: Floats) -> Pair:
    """Return halves of 26 bits."""
    scaled = _SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high


def pair_sum(a: Pair, b: Pair) -> Pair:
    """Return a + b of non-negative pairs, to about 2⁻¹⁰⁴ relative."""
    high, low = two_sum(a[0], b[0])
    low = low + (a[1] + b[1])
    total = high + low
    return total, low - (total - high)


def pair_quotient(part: Pair, whole: Pair) -> Pair:
    """Return part / whole of pairs, whole > 0, to about 2⁻¹⁰⁴ relative."""
    quotient = part[0] / whole[0]
    product, error = two_product(quotient, whole[0])
    remainder = (part[0] - product) - error + (part[1] - quotient * whole[1])
    return quotient, remainder / whole[0]
