"""Hypotheses with parameters: fitted by maximum likelihood, then tested."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from expfam import sampling
from expfam.categorical.given import read_p0
from expfam.exact import goodness_problem
from expfam.exact.choice import Result, seed_of
from expfam.exact.hypotheses import Hypothesis, most_likely, slope
from expfam.exact.problems import TIE, share_of, terms
from expfam.power_divergence import STATISTICS, chi_square_tail

_DRAWS = 999  # each one is fitted anew
_NEAR = 1e-12  # and reaches its maximum to a millionth of a standard error
_NONE = 1e-6  # an expected count that is as good as 0


@dataclass(frozen=True)
class Reader:
    """A hypothesis over categories: parameters (d,) in, probabilities (K,) in their order out."""

    function: Callable[[np.ndarray], Any]
    names: tuple[str, ...]
    start: np.ndarray
    order: tuple[Hashable, ...] | None  # labels in the order of the categories
    ratio: bool

    def __call__(self, parameters: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            given = self.function(parameters)
            if self.order is not None:
                given = [given[label] for label in self.order]
            p = np.array(given, dtype=np.float64)
            return p / p.sum() if self.ratio else p


class Tested(NamedTuple):
    """What was fitted, a row a group: probabilities (G, K), parameters (G, d); and the results."""

    names: tuple[str, ...]
    probabilities: np.ndarray
    parameters: np.ndarray
    results: list[Result]


def read(p0: Any, start: Any, categories: Sequence[Hashable], ratio: bool) -> Reader | None:
    """A function of parameters, checked where it starts; None for probabilities as they are."""
    if isinstance(p0, Hypothesis):
        if start is not None:
            raise TypeError("test: a Hypothesis has a start of its own; leave out start")
        p0, start = p0.probabilities, p0.start
    elif not callable(p0):
        if start is not None:
            raise TypeError("test: start goes with p0 as a function of parameters")
        return None
    names, values = _start(start)
    given = p0(values.copy())
    read_p0(given, categories, ratio)
    order = tuple(categories) if hasattr(given, "items") else None
    return Reader(p0, names, values, order, ratio)


def _start(start: Any) -> tuple[tuple[str, ...], np.ndarray]:
    if start is None:
        raise TypeError("test: p0 as a function needs start, a first value of each parameter")
    if isinstance(start, Mapping):
        names, values = tuple(map(str, start)), list(start.values())
    else:
        values = list(start) if np.ndim(start) else [start]
        names = tuple(f"parameter {place + 1}" for place in range(len(values)))
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"test: start must be numbers; got {start!r}") from None
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise ValueError(f"test: start must be finite numbers, one a parameter; got {start!r}")
    return names, array


def results(
    hypothesis: Reader,
    rows: np.ndarray,
    statistic: str,
    method: str,
    rng: Any,
    draws: int | None,
) -> Tested:
    """Every row of counts fitted and tested: by χ², or by bootstrap from what was fitted."""
    if method == "exact":
        raise ValueError(
            "test: exact p-values are of given probabilities; fitted ones have "
            "method=monte_carlo (a parametric bootstrap) or asymptotic"
        )
    lambda_ = STATISTICS[statistic].lambda_
    simulate = method == "monte_carlo" or lambda_ is None
    if simulate and (rows != np.floor(rows)).any():
        raise ValueError("test: a bootstrap needs whole counts; fractional ones have asymptotic")
    stream, draws = sampling.stream(0 if rng is None else rng), draws or _DRAWS
    parameters = np.stack([_fitted(hypothesis, x) for x in rows])
    p = np.stack([hypothesis(here) for here in parameters])
    found = []
    for x, here, given in zip(rows, parameters, p, strict=True):
        problem = goodness_problem(x, given)
        df = _degrees_of_freedom(hypothesis, here, problem.df)
        value = problem.statistic(lambda_)
        if simulate:
            share, se = _bootstrap(hypothesis, x, here, lambda_, draws, stream)
            reason = f"{draws:,} draws, each fitted anew, {seed_of(rng)}"
            found.append(Result(value, share, df, "monte_carlo", False, se, reason))
        else:
            tail = float(chi_square_tail(value, df))
            found.append(Result(value, tail, df, "asymptotic", False, None, ""))
    return Tested(hypothesis.names, p, parameters, found)


def _fitted(hypothesis: Reader, x: np.ndarray) -> np.ndarray:
    start = hypothesis.start
    if (x[hypothesis(start) == 0] > 0).any():
        raise ValueError("test: start gives probability 0 to a category that was counted")
    parameters, reached = most_likely(hypothesis, x, start)
    if not reached:
        pairs = zip(hypothesis.names, parameters, strict=True)
        ended = ", ".join(f"{name} = {value:.6g}" for name, value in pairs)
        raise ValueError(
            "test: the likelihood has no maximum inside the range of the parameters, or start is "
            f"too far from it; the steps ended at {ended}"
        )
    p = hypothesis(parameters)
    total = float(p.sum())
    if (x.sum() * p[x == 0] < _NONE).any():
        raise ValueError(
            "test: the likelihood is largest at an edge of the hypothesis, where categories "
            "without counts have probability 0: leave them out"
        )
    if abs(total - 1) > 1e-9:
        raise ValueError(f"test: p0 must sum to 1 at all parameters; it sums to {total:.10g}")
    return parameters


def _degrees_of_freedom(hypothesis: Reader, here: np.ndarray, free: int) -> int:
    """Categories − 1 − parameters. Errors: ValueError where that is none, or parameters are one."""
    slopes = slope(hypothesis, here)
    rank = np.linalg.matrix_rank(slopes / (np.linalg.norm(slopes, axis=0) + 1e-300), tol=1e-6)
    if rank < here.size:
        raise ValueError(
            f"test: {here.size} parameters, of which the probabilities tell only {rank} apart"
        )
    if free <= here.size:
        raise ValueError(
            f"test: {free + 1} categories leave no degree of freedom beside {here.size} fitted"
        )
    return free - here.size


def _bootstrap(
    hypothesis: Reader,
    x: np.ndarray,
    here: np.ndarray,
    lambda_: float | None,
    draws: int,
    stream: sampling.Stream,
) -> tuple[float, float]:
    """(1 + b)/(1 + B) of B draws from what was fitted, each fitted anew; and its standard error.

    Source: Stute, González Manteiga and Presedo Quindimil (1993), Metrika 40: 243–256.
    """
    n, given = x.sum(), hypothesis(here)
    again = sampling.multinomial(stream, int(n), given, draws).astype(np.float64)
    p = np.stack([hypothesis(most_likely(hypothesis, row, here, _NEAR)[0]) for row in again])
    values = terms(again, n * p, lambda_).sum(-1)
    observed = float(terms(x, n * given, lambda_).sum())
    least = observed - TIE * observed if observed < math.inf else observed
    return share_of(int((values >= least).sum()), draws)
