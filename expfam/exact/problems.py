"""What is tested: counts in cells, their expectations, and which sums are fixed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from expfam import sampling
from expfam.deviances import deviance_of_difference
from expfam.exact.halves import SLACK, OverBudget, Part, sums_up_to, tail
from expfam.exact.tables import columns, number_of_columns, random_tables
from expfam.factorial import remainder
from expfam.power_divergence import divergence_terms

TIE = 1e-9  # statistics that agree to this, relatively, are equal; so are probabilities
LARGEST = 10**8  # counts of a table that is drawn: hypergeometric draws take some √n steps
_CHUNK = 2**18  # cells in a chunk of simulated outcomes


@dataclass(frozen=True, eq=False)
class Problem:
    """Counts x (c, r) of c categories with r cells each, expectations m > 0, and what is fixed.

    limits: (r,), the sum of each row of cells over the categories. totals: (c,), the sum of each
    category, where that is fixed too. Given these sums the cells are independent Poisson counts
    of means m. Counts against probabilities have r = 1, and n alone is fixed. impossible: a
    category of probability 0, not among these, was counted.
    """

    x: np.ndarray
    expected: np.ndarray
    limits: np.ndarray
    totals: np.ndarray | None
    df: int
    impossible: bool = False

    @property
    def n(self) -> float:
        return float(self.limits.sum())

    @property
    def too_large(self) -> bool:
        """Whether outcomes cannot be drawn."""
        return self.totals is not None and self.n > LARGEST

    def statistic(self, lambda_: float | None) -> float:
        """The statistic; with None, −2 log of the probability of x given what is fixed."""
        if self.impossible:
            return math.inf
        value = float(terms(self.x, self.expected, lambda_).sum())
        return value + 2 * self._log_fixed if lambda_ is None else value

    @property
    def _log_fixed(self) -> float:
        """log of the probability that Poisson cells have the sums that are fixed."""
        n = float(remainder(self.limits.sum()))
        if self.totals is None:
            return -n
        return n - float(remainder(self.limits).sum() + remainder(self.totals).sum())

    # ------------------------------------------------------------ exact

    def exact(self, lambda_: float | None, budget: int) -> tuple[float, int]:
        """P(statistic ≥ the observed), and the half-outcomes it took. Errors: OverBudget."""
        if self.impossible or self.df == 0:
            return float(not self.impossible), 0
        problem = self._lighter(budget)
        own = terms(problem.x, problem.expected, lambda_).sum(-1)
        cells = [problem._options(place) for place in range(len(own))]
        values = problem._sums_of_terms(cells, lambda_)
        if lambda_ is None:  # levels start at 0: at the most likely option of each category
            least = np.array([value.min() for value in values])
            own, values = own - least, [v - at for v, at in zip(values, least, strict=True)]
        level, top, threshold = _levels(own, _scale(own, lambda_))
        if threshold <= 0:
            return 1.0, 0
        sums = sums_up_to(problem.limits)
        parts = [
            Part(sums.pack(x), level(value), np.exp(-loss / 2))
            for x, value, loss in zip(
                cells, values, problem._sums_of_terms(cells, None), strict=True
            )
        ]
        total, steps = tail(_halved(parts), sums, threshold, top, budget)
        return min(total / math.exp(self._log_fixed), 1.0), steps

    def outcomes(self, budget: int) -> float:
        """How many outcomes have the sums that are fixed: the tail of all, with weights one."""
        n, size = int(self.limits.sum()), len(self.x)
        if self.totals is None:
            digits = math.lgamma(n + size) - math.lgamma(n + 1) - math.lgamma(size)
            return float(math.comb(n + size - 1, n)) if digits < 700 else math.inf
        problem = self._lighter(budget)
        sums = sums_up_to(problem.limits)
        keys = [sums.pack(problem._options(place)) for place in range(len(problem.x))]
        parts = [Part(key, np.zeros(len(key), np.int64), np.ones(len(key))) for key in keys]
        return tail(_halved(parts), sums, 0, 0, budget)[0]

    def half_outcomes(self) -> float:
        """log₁₀ of how many half-outcomes there are, as long as none are equal."""
        n = float(self.limits.sum())
        if self.totals is None:
            half = (len(self.x) + 1) // 2
            ways = math.lgamma(n + half + 1) - math.lgamma(n + 1) - math.lgamma(half + 1)
            return (ways + math.log(2)) / math.log(10)
        sizes = np.log(self._sizes)
        one, other = (sizes[half].sum() for half in _split(sizes))
        return float(np.logaddexp(one, other)) / math.log(10)

    def _lighter(self, budget: int) -> Problem:
        """The table or its transpose, whichever has fewer half-outcomes. Errors: OverBudget."""
        if self.n >= budget:
            raise OverBudget
        chosen = self
        if self.totals is not None:
            turned = Problem(self.x.T, self.expected.T, self.totals, self.limits, self.df)
            chosen = min(self, turned, key=Problem.half_outcomes)
        chosen._check(budget)
        return chosen

    def _check(self, budget: int) -> None:
        """OverBudget, before anything is listed, where the distinct sums alone are too many."""
        if self._sizes.sum() > budget:
            raise OverBudget
        for half in _split(np.log(self._sizes)):
            keys, total = 1.0, 0.0
            for place in half:
                if keys * self._sizes[place] > 4 * budget:
                    raise OverBudget
                if self.totals is None:
                    keys = self.n + 1
                else:
                    total += self.totals[place]
                    keys = number_of_columns(int(total), self.limits.astype(np.int64))

    @cached_property
    def _sizes(self) -> np.ndarray:
        """How many options each category has."""
        if self.totals is None:
            return np.full(len(self.x), self.limits.sum() + 1)
        limits = self.limits.astype(np.int64)
        return np.array([number_of_columns(int(total), limits) for total in self.totals])

    def _options(self, place: int) -> np.ndarray:
        """(m, r): all that the cells of a category can be."""
        if self.totals is None:
            return np.arange(int(self.limits[0]) + 1)[:, None]
        return columns(int(self.totals[place]), self.limits.astype(np.int64))

    def _sums_of_terms(self, options: list[np.ndarray], lambda_: float | None) -> list[np.ndarray]:
        """What each option of each category adds to the statistic; where x recurs, looked up."""
        found = []
        for cells, means in zip(options, self.expected, strict=True):
            value = np.zeros(len(cells))
            for x, mean, limit in zip(cells.T, means, self.limits, strict=True):
                every = np.arange(limit + 1) if limit < len(x) else None
                cell = terms(x.astype(np.float64) if every is None else every, mean, lambda_)
                value += cell if every is None else cell[x]
            found.append(value)
        return found

    # ------------------------------------------------------------ simulated

    def simulated(
        self, lambda_: float | None, draws: int, stream: sampling.Stream
    ) -> tuple[float, float]:
        """(1 + b)/(1 + B), b of B outcomes as extreme as the observed, and its standard error."""
        if self.impossible:
            return 0.0, 0.0
        observed = float(terms(self.x, self.expected, lambda_).sum())
        least = observed - TIE * _scale(observed, lambda_) if observed < math.inf else observed
        chunk, extreme = max(1, _CHUNK // self.x.size), 0
        for start in range(0, draws, chunk):
            x = self._draw(stream, min(chunk, draws - start)).astype(np.float64)
            extreme += int((terms(x, self.expected, lambda_).sum((-1, -2)) >= least).sum())
        return share_of(extreme, draws)

    def _draw(self, stream: sampling.Stream, size: int) -> np.ndarray:
        if self.totals is None:
            p = self.expected[:, 0]
            return sampling.multinomial(stream, int(self.limits[0]), p, size)[..., None]
        return random_tables(
            stream, self.limits.astype(np.int64), self.totals.astype(np.int64), size
        )


def share_of(extreme: int, draws: int) -> tuple[float, float]:
    """(1 + b)/(1 + B), never 0 (Davison and Hinkley 1997, section 4.2), and its standard error."""
    share = (1 + extreme) / (1 + draws)
    return share, math.sqrt(share * (1 - share) / draws)


def terms(x: np.ndarray, expected: np.ndarray, lambda_: float | None) -> np.ndarray:
    """What each cell adds to a statistic; with None, −2 log p of a Poisson count."""
    if lambda_ is None:
        return 2 * (remainder(x) + deviance_of_difference(x, expected, x - expected))
    return divergence_terms(x, expected, lambda_)


def _scale(values: np.ndarray | float, lambda_: float | None) -> float:
    """What the tolerance of ties is relative to: the statistic, and for log-probabilities 1 too."""
    total = float(np.sum(values))
    return max(total, 1.0) if lambda_ is None else total


def _levels(own: np.ndarray, scale: float) -> tuple[Callable[[np.ndarray], np.ndarray], int, int]:
    """Statistics as integers: the function that makes them, its limit, the least extreme level."""
    if scale == math.inf:
        return lambda value: np.isinf(value).astype(np.int64), 1, 1
    if scale == 0:
        return lambda value: value, 0, 0
    unit = TIE / SLACK * scale
    top = int(np.rint(own / unit).sum())
    return lambda value: np.minimum(np.rint(value / unit), top).astype(np.int64), top, top - SLACK


def _halved(parts: list[Part]) -> tuple[list[Part], list[Part]]:
    one, other = _split(np.log([len(part.key) for part in parts]))
    return [parts[place] for place in one], [parts[place] for place in other]


def _split(sizes: np.ndarray) -> tuple[list[int], list[int]]:
    """Halves of about equal products, given logarithms; like sizes stay together, small ones first.

    The largest first, and always to the half that is lighter (Graham 1969).
    """
    halves: tuple[list[int], list[int]] = ([], [])
    loads, half = [0.0, 0.0], 0
    for place in np.argsort(-sizes, kind="stable"):
        half = 1 - half if loads[half] > loads[1 - half] else half
        halves[half].insert(0, int(place))
        loads[half] += sizes[place]
    return halves
