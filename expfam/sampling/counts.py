"""Integers with the law of a Poisson or binomial count, exact to 1e-12 in total variation.

Means below 10 are inverted by sequential search. Above, a uniform u is bent into a proposal with
tails heavier than the law's and a second one accepts it: transformed rejection, Hörmann (1993),
The generation of binomial random variates, J. Statist. Comput. Simul. 46, and (1993), The
transformed rejection method for generating Poisson random variables, Insurance: Math. Econ. 12.

Three things keep the law exact up to 2⁶² where floating point alone does not:

- a count is an integer mode plus an integer offset, and count − mean is offset − (mean − mode)
  with the mean carried as a pair of doubles: nothing of the size of the count is ever rounded;
- the 2⁵² values of u are too few for a law 10⁹ integers wide. Each proposes a block of integers,
  at least 512 blocks to the standard deviation, and bits not used by u choose within the block;
- the acceptance ratio is a sum of deviances and Stirling remainders (Loader 2000), each small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from expfam.deviances import deviance_of_difference
from expfam.factorial import stirling_errors
from expfam.sampling.bits import Floats, Pair, Stream, Words, two_product, unit_interval

Integers: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.intp]
Places: TypeAlias = Rows | slice

ALL = slice(None)

SEARCH_BELOW = 10.0  # the mean from which Hörmann's hat covers the law
_NEGLIGIBLE = 2.0**-60
_BLOCKS = 10  # with 9 the law would pierce the hat, with more a block has fewer uniforms
_TOGETHER = 1024  # proposals made in one step while so few are wanted
_TRIES = 8
_REACH = 64.0  # standard deviations; what lies beyond has probability below 1e-80
_SPARE = np.uint64(0xFFF)  # the bits of a word that a uniform does not use


class Law(Protocol):
    """What the samplers ask of a law of counts. Arrays are flat: of one entry, or one per draw."""

    @property
    def mean(self) -> Floats: ...  # high part of the mean
    @property
    def mean_low(self) -> Floats: ...  # and low part
    def take(self, places: Places) -> Self: ...
    def deviation(self) -> Floats: ...
    def lean(self) -> Floats: ...  # the hat's asymmetry
    def at_zero(self) -> Floats: ...  # f(0)
    def step(self, count: int) -> Floats: ...  # f(count + 1)/f(count)
    def possible(self, count: Integers) -> NDArray[np.bool_]: ...
    def log_ratio(self, count: Integers, offset: Floats) -> Floats: ...  # offset = count − mean


class Poisson(NamedTuple):
    """f(k) = μᵏ e^{−μ} / k!."""

    mean: Floats
    mean_low: Floats

    def take(self, places: Places) -> Self:
        return _take_all(self, places)

    def deviation(self) -> Floats:
        return np.sqrt(self.mean)

    def lean(self) -> Floats:
        return np.zeros(1)

    def at_zero(self) -> Floats:
        return np.exp(-self.mean)

    def step(self, count: int) -> Floats:
        return self.mean / (count + 1)

    def possible(self, count: Integers) -> NDArray[np.bool_]:
        return count >= 0

    def log_ratio(self, count: Integers, offset: Floats) -> Floats:
        """log f(count)·√(2πμ)."""
        return poisson_log_ratio(count, self.mean, offset)


class Binomial(NamedTuple):
    """f(k) = n!/k!(n − k)! pᵏ(1 − p)ⁿ⁻ᵏ, p ≤ ½."""

    mean: Floats
    mean_low: Floats
    trials: Integers
    success: Floats

    def take(self, places: Places) -> Self:
        return _take_all(self, places)

    def deviation(self) -> Floats:
        return np.sqrt(self.mean * (1 - self.success))

    def lean(self) -> Floats:
        return 0.01 * self.success

    def at_zero(self) -> Floats:
        return np.exp(self.trials * np.log1p(-self.success))

    def step(self, count: int) -> Floats:
        odds = self.success / (1 - self.success)
        return (self.trials - count) * odds / (count + 1)

    def possible(self, count: Integers) -> NDArray[np.bool_]:
        return (count >= 0) & (count <= self.trials)

    def log_ratio(self, count: Integers, offset: Floats) -> Floats:
        """log f(count)·√(2πnp(1 − p)): Poisson(np) at k, times Poisson(nq) at n − k, over n!'s."""
        counts = np.stack([count, self.trials - count])
        means = np.stack([self.mean, self.trials - self.mean])
        offsets = np.stack([offset, -offset])
        ratios = poisson_log_ratio(counts, means, offsets)
        return ratios[0] + ratios[1] + stirling_errors(self.trials)


def binomial_law(trials: Integers, success: Pair) -> Binomial:
    """Return the law of `trials` trials with probability `success` ≤ ½, a pair."""
    high = trials.astype(np.float64)
    low = (trials - high.astype(np.int64)).astype(np.float64)
    mean, error = two_product(high, success[0])
    return Binomial(mean, error + (high * success[1] + low * success[0]), trials, success[0])


def poisson_log_ratio(count: Integers, mean: Floats, offset: Floats) -> Floats:
    """log f(count)·√(2π·mean) = −D(count, mean) − ½ log(count/mean) − δ(count).

    At 0, where f = e^{−mean} and δ is 0 by convention, count = 1/2π makes the formula right.
    """
    x = count.astype(np.float64)
    return (
        -deviance_of_difference(x, mean, offset)
        - 0.5 * np.log(np.maximum(x, 0.5 / np.pi) / mean)
        - stirling_errors(x)
    )


def draw_counts(stream: Stream, law: Law, size: int) -> Integers:
    """Draw `size` counts."""
    small = law.mean < SEARCH_BELOW
    if small.all():
        return _search(stream, law, size)
    if not small.any():
        return _reject(stream, law, size)
    result = np.empty(size, dtype=np.int64)
    for chosen, draw in ((small, _search), (~small, _reject)):
        which = np.flatnonzero(chosen)
        result[which] = draw(stream, law.take(which), which.size)
    return result


def until_accepted(
    size: int, dtype: type, attempt: Callable[[Places, int], tuple[NDArray, NDArray[np.bool_]]]
) -> NDArray:
    """Fill `size` places: attempt(places, length) proposes a value for each of `length` places.

    Few places get several proposals each, of which the first accepted one counts: a step of
    numpy costs the same for 1 and for 100 numbers.
    """
    result: NDArray = np.empty(size, dtype=dtype)
    todo = np.arange(size)
    while todo.size:
        tries = min(max(_TOGETHER // todo.size, 1), _TRIES)
        if tries == 1:
            value, accepted = attempt(ALL if todo.size == size else todo, todo.size)
        else:
            values, hits = attempt(np.repeat(todo, tries), todo.size * tries)
            hits = hits.reshape(-1, tries)
            best = hits.argmax(axis=1)
            row = np.arange(todo.size)
            value, accepted = values.reshape(-1, tries)[row, best], hits[row, best]
        result[todo[accepted]] = value[accepted]
        todo = todo[~accepted]
    return result


def take(values: NDArray, places: Places) -> NDArray:
    """values[places], where one value stands for all places."""
    return values if values.size == 1 else values[places]


def _take_all(law: Any, places: Places) -> Any:
    return type(law)(*(take(field, places) for field in law))


def _search(stream: Stream, law: Law, size: int) -> Integers:
    """Count how many values of the distribution function a uniform exceeds."""
    uniform = stream.uniform(size)
    count = np.zeros(size, dtype=np.int64)
    term = total = law.at_zero()
    step = 0
    while True:
        # A uniform within rounding of 1 would climb for ever: stop where nothing more comes.
        beyond = (uniform > total) & (term > _NEGLIGIBLE)
        if not beyond.any():
            return count
        count += beyond
        term = term * law.step(step)
        total = total + term
        step += 1


class Hat(NamedTuple):
    """The transformation G(u) = (2a/(½ − |u|) + b)u of uniforms −½ < u < ½, and its bounds.

    r(u) = f(k)·σ√(2π)·G′(u) / scale is at most 1 for all u, with the k they propose, and at least
    `squeeze` where ½ − |u| ≥ 0.07.
    """

    steepness: Floats  # a
    width: Floats  # b
    scale: Floats
    squeeze: Floats

    def take(self, places: Places) -> Self:
        return _take_all(self, places)

    def place(self, centred: Floats) -> Floats:
        """G(u)."""
        return (2 * self.steepness / (0.5 - np.abs(centred)) + self.width) * centred

    def slope(self, centred: Floats) -> Floats:
        """G′(u)."""
        return self.steepness / (0.5 - np.abs(centred)) ** 2 + self.width


def hat(deviation: Floats, lean: Floats) -> Hat:
    """Hörmann's constants of BTRS."""
    width = 1.15 + 2.53 * deviation
    return Hat(
        -0.0873 + 0.0248 * width + lean,
        width,
        (2.83 + 5.1 / width) * deviation,
        0.92 - 4.2 / width,
    )


def _reject(stream: Stream, law: Law, size: int) -> Integers:
    propose = proposals(law)
    return until_accepted(
        size,
        np.int64,
        lambda places, length: propose(stream.words(2 * length).reshape(2, -1), places),
    )


def proposals(law: Law) -> Callable[[Words, Places], tuple[Integers, NDArray[np.bool_]]]:
    """Return propose(words, places): a count per column of words, and whether it is accepted."""
    deviation = law.deviation()
    envelope = hat(deviation, law.lean())
    mode = np.rint(law.mean)
    rest = (law.mean - mode) + law.mean_low
    block = block_bits(deviation)

    def propose(words: Words, places: Places) -> tuple[Integers, NDArray[np.bool_]]:
        here, bounds, shift = law.take(places), envelope.take(places), take(rest, places)
        uniform = unit_interval(words)
        centred, chance = uniform[0] - 0.5, uniform[1]
        reach = _REACH * take(deviation, places)
        place = np.clip(bounds.place(centred) + (shift + 0.5), -reach, reach)
        offset = _in_blocks(place, take(block, places), words)
        count = take(mode, places).astype(np.int64) + offset
        accepted = (np.abs(centred) <= 0.43) & (chance <= bounds.squeeze)
        doubtful = np.flatnonzero(~accepted & here.possible(count))
        bounds = bounds.take(doubtful)
        from_mean = offset[doubtful] - take(shift, doubtful)
        ratio = here.take(doubtful).log_ratio(count[doubtful], from_mean)
        height = chance[doubtful] * bounds.scale / bounds.slope(centred[doubtful])
        accepted[doubtful] = np.log(height) <= ratio
        return count, accepted

    return propose


def block_bits(deviation: Floats) -> NDArray[np.intc]:
    """Return log₂ of the block: 2⁹ to 2¹⁰ blocks to the standard deviation, or single integers."""
    return np.maximum(np.frexp(deviation)[1] - _BLOCKS, 0)


def _in_blocks(place: Floats, block: NDArray[np.intc], words: Words) -> Integers:
    """Round down to a block of 2^block integers; bits that the uniforms left choose within it."""
    offset = np.floor(np.ldexp(place, -block)).astype(np.int64)
    if not block.any():
        return offset
    spare = ((words[0] & _SPARE) << np.uint64(12) | (words[1] & _SPARE)).view(np.int64)
    return (offset << block) + (spare >> (24 - block))
