"""How often intervals hold the probabilities: the coverage of a method at given p, n and level.

Most methods judge a category by its own count: it is held when its count is in a range a … b.
All are held with the probability that independent Poisson counts of means np, given that they sum
to n, are all in their ranges (Levin 1981): a convolution, exact for any K. Otherwise all outcomes
are enumerated, or drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from expfam import sampling
from expfam.deviances import deviance_of_difference
from expfam.factorial import remainder
from expfam.intervals.counts import Bounds, Kernel
from expfam.intervals.sison_glaz import sison_glaz_all
from expfam.special import inner, log_multinomial_coefficient

_WINDOW = 2**23  # counts in all ranges together, up to which they are convolved
_LARGEST = 2**40  # n beyond which it loses digits
_OUTCOMES = 10**6  # up to which they are enumerated,
_CELLS = 10**7  # unless they have more categories in all than this; draws are fewer then, too,
_WORK = 10**5  # and those more so whose bounds take long
DRAWS = 10_000


@dataclass(frozen=True)
class Coverage:
    """How often a method holds the probabilities, at p̂ and at the worst of `stated(n, K)`.

    simultaneous: whether that is all categories at once, or the worst category alone.
    exact: whether the figures are computed; else they are simulated, with standard errors.
    """

    method: str
    level: float
    n: int
    categories: int
    simultaneous: bool
    at_estimate: float
    worst: float
    worst_at: str
    exact: bool
    se: float
    worst_se: float

    def __repr__(self) -> str:
        what = "all at once" if self.simultaneous else "the worst one alone"
        categories = "1 category" if self.categories == 1 else f"{self.categories:,} categories"
        lines = [
            f"Coverage of {100 * self.level:.6g}% intervals by {self.method}: "
            f"n = {self.n:,}, {categories}, {what}",
            f"at the estimate  {_share(self.at_estimate, self.se)}",
            f"at the worst p   {_share(self.worst, self.worst_se)}  ({self.worst_at})",
            "exact" if self.exact else "simulated, ± one standard error",
        ]
        return "\n".join(lines)


def _share(value: float, se: float) -> str:
    return f"{100 * value:.2f}%" + (f" ± {100 * se:.2f}" if se else "")


def stated(n: int, categories: int) -> dict[str, np.ndarray]:
    """The probabilities among which the worst is looked for, by name; rare ones are shares of n.

    >>> {name: p.round(3).tolist() for name, p in list(stated(10, 3).items())[:4]}
    {'uniform': [0.333, 0.333, 0.333], 'Zipf': [0.545, 0.273, 0.182], 'halves': [0.5, 0.25, 0.25], \
'one of 90%': [0.9, 0.05, 0.05]}
    """
    size = categories
    if size == 1:
        return {"uniform": np.ones(1)}
    zipf = 1 / np.arange(1, size + 1)
    halves = 0.5 ** np.minimum(np.arange(1, size + 1), min(size - 1, 60))
    found = {
        "uniform": np.full(size, 1 / size),
        "Zipf": zipf / zipf.sum(),
        "halves": halves / halves.sum(),
        "one of 90%": np.append(0.9, np.full(size - 1, 0.1 / (size - 1))),
    }
    for what, rare in (("one", 1), ("half of them", size // 2), ("all but one", size - 1)):
        for times in (0.05, 0.1, 1.0):
            p = min(times / n, 0.5 / size)
            name = f"{what} of {times:g}/n"
            found[name] = np.append(
                np.full(rare, p), np.full(size - rare, (1 - rare * p) / (size - rare))
            )
    return found


def coverage_of(
    name: str, each: Kernel | None, simultaneous: bool, counts: np.ndarray, level: float, seed: int
) -> Coverage:
    """The coverage of a method for the n and K of counts (K,); `each` as in `Method`."""
    n, size = int(counts.sum()), counts.shape[-1]
    points = {"the estimate": counts / counts.sum(), **stated(n, size)}
    found = dict(
        zip(
            points, coverage_at(each, simultaneous, [*points.values()], n, level, seed), strict=True
        )
    )
    at_estimate = found.pop("the estimate")
    worst_at = min(found, key=lambda key: found[key].value)
    worst = found[worst_at]
    return Coverage(
        name, level, n, size, simultaneous, at_estimate.value, worst.value, worst_at,
        at_estimate.exact and worst.exact, at_estimate.se, worst.se,
    )  # fmt: skip


class Share(NamedTuple):
    """A coverage, its standard error, and whether it is exact (and the error 0)."""

    value: float
    se: float = 0.0
    exact: bool = True


def coverage_at(
    each: Kernel | None,
    simultaneous: bool,
    points: Sequence[np.ndarray],
    n: int,
    level: float,
    seed: int = 0,
    draws: int = DRAWS,
) -> list[Share]:
    """Coverage at each p of points, (K,), of all categories at once or of the worst one alone."""
    if len(points[0]) == 1:
        return [Share(1.0) for _ in points]
    if each is None:
        return _of_all(lambda x: sison_glaz_all(x, level), points, n, seed, draws)
    both = np.stack(accepted(each, np.stack(points), n, level), axis=1)
    return [_of_each(ends[0], ends[1], simultaneous, p, n, seed, draws)
            for ends, p in zip(both, points, strict=True)]  # fmt: skip


def _of_each(
    low: np.ndarray, high: np.ndarray, simultaneous: bool, p: np.ndarray, n: int, seed: int,
    draws: int,
) -> Share:  # fmt: skip
    """Coverage where counts from low to high are held."""
    if not simultaneous:
        return Share(float(binomial_between(low, high, n, p).min()))
    # Nearly all that a Poisson count can be: 12 standard deviations and 60 counts off, and none.
    reach = 12 * np.sqrt(n * p) + 60
    low = np.maximum(low, np.floor(n * p - reach))
    high = np.minimum(high, np.where(p > 0, np.ceil(n * p + reach), 0.0))
    sizes = np.maximum(high - low + 1, 0)
    if not sizes.all():
        return Share(0.0)
    if sizes.sum() <= _WINDOW and n <= _LARGEST:
        return Share(_joint(low, sizes.astype(int), n, p))
    return _simulated(lambda x: ((x >= low) & (x <= high)).all(-1), p, n, seed, draws)


def accepted(each: Kernel, p: np.ndarray, n: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest count whose interval holds p: bounds do not fall as counts rise."""
    total, size = np.array([float(n)]), p.shape[-1]
    points, place = np.unique(p, return_inverse=True)

    def first(holds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """The least count of which this is true, n + 1 where it is of none."""
        below, above = np.full(points.shape, -1.0), np.full(points.shape, n + 1.0)
        while ((above - below) > np.maximum(1.0, 4e-16 * above)).any():
            middle = np.clip(np.floor((below + above) / 2), 0, n)
            yes = holds(middle)
            above, below = np.where(yes, middle, above), np.where(yes, below, middle)
        return above

    least = first(lambda x: each(x, total, size, level)[1] >= points)
    beyond = first(lambda x: each(x, total, size, level)[0] > points)
    return least[place].reshape(p.shape), beyond[place].reshape(p.shape) - 1


def binomial_between(low: np.ndarray, high: np.ndarray, n: int, p: np.ndarray) -> np.ndarray:
    """P(low ≤ X ≤ high) of X binomial, by its tails: to 1e-6 at n = 2⁴⁰, as scipy's are."""
    from scipy.special import betainc, betaincc

    below = np.where(low > 0, betaincc(np.maximum(low, 0.5), n - np.maximum(low, 1) + 1, p), 0.0)
    above = np.where(high < n, betainc(high + 1, np.maximum(n - high, 0.5), p), 0.0)
    return np.where(low > high, 0.0, np.maximum(1 - below - above, 0.0))


def _joint(low: np.ndarray, sizes: np.ndarray, n: int, p: np.ndarray) -> float:
    """P(all Y in their windows | ΣY = n) of Poisson Y of means np; the shortest convolved first."""
    starts = np.cumsum(sizes) - sizes
    y = np.arange(sizes.sum()) + np.repeat(low - starts, sizes)
    weights = np.split(_poisson(y, np.repeat(n * p, sizes)), starts[1:])
    rest = n - int(low.sum())
    weights = sorted(weights, key=len)
    while len(weights) > 1:
        odd = weights[-1:] if len(weights) % 2 else []
        pairs = zip(weights[0 : len(weights) - 1 : 2], weights[1::2], strict=True)
        weights = [_convolved(a, b)[: max(rest, 0) + 1] for a, b in pairs] + odd
    if not 0 <= rest < len(weights[0]):
        return 0.0
    total = np.array([float(n)])
    return float(np.clip(weights[0][rest] / _poisson(total, total)[0], 0.0, 1.0))


def _poisson(y: np.ndarray, mean: np.ndarray) -> np.ndarray:
    with np.errstate(under="ignore"):
        return np.exp(-remainder(y) - deviance_of_difference(y, mean, y - mean))


def _convolved(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if min(len(a), len(b)) < 64:
        return np.convolve(a, b)
    size = len(a) + len(b) - 1
    fast = 2 ** (size - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(a, fast) * np.fft.rfft(b, fast), fast)[:size]


def _of_all(
    bounds: Callable[[np.ndarray], Bounds],
    points: Sequence[np.ndarray],
    n: int,
    seed: int,
    draws: int,
) -> list[Share]:
    """Coverage of bounds that depend on all counts."""
    outcomes = math.comb(n + len(points[0]) - 1, n)
    if outcomes <= _OUTCOMES and outcomes * len(points[0]) <= _CELLS:
        x = outcomes_of(n, len(points[0]))
        lower, upper = bounds(x.astype(np.float64))
        held = [((lower <= p) & (p <= upper)).all(-1) for p in points]
        return [Share(probability(x[h], p)) for h, p in zip(held, points, strict=True)]

    def holds(x: np.ndarray, p: np.ndarray) -> Any:
        lower, upper = bounds(x.astype(np.float64))
        return ((lower <= p) & (p <= upper)).all(-1)

    draws = min(draws, max(500, _WORK // len(points[0])))
    return [_simulated(partial(holds, p=p), p, n, seed, draws) for p in points]


def probability(x: np.ndarray, p: np.ndarray) -> float:
    """Σ P(x) over rows of counts, multinomial at p."""
    with np.errstate(divide="ignore"):
        return float(np.exp(log_multinomial_coefficient(x) + inner(np.log(p), x)).sum())


def outcomes_of(n: int, categories: int) -> np.ndarray:
    """All counts of K categories that sum to n, as rows.

    >>> outcomes_of(2, 2).tolist()
    [[0, 2], [1, 1], [2, 0]]
    """
    rows, left = np.zeros((1, 0), dtype=np.int64), np.array([n])
    for _ in range(categories - 1):
        repeats = left + 1
        start = np.repeat(np.cumsum(repeats) - repeats, repeats)
        value = np.arange(repeats.sum()) - start
        rows = np.column_stack([np.repeat(rows, repeats, axis=0), value])
        left = np.repeat(left, repeats) - value
    return np.column_stack([rows, left])


def _simulated(holds: Callable[..., Any], p: np.ndarray, n: int, seed: int, draws: int) -> Share:
    """The share of draws that hold p, with its standard error; fewer draws where K is large."""
    stream, size = sampling.stream(seed), max(100, min(draws, _CELLS // len(p)))
    length = max(1, 10**6 // len(p))
    hits = 0
    for start in range(0, size, length):
        x = sampling.multinomial(stream, n, p, min(length, size - start))
        hits += int(np.count_nonzero(holds(x)))
    # With Laplace's rule, so that 0 or all of the draws do not look certain.
    share = (hits + 1) / (size + 2)
    return Share(hits / size, math.sqrt(share * (1 - share) / size), False)
