"""Probabilities that follow a few parameters, and the parameters that make data most likely."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.factorial import log_factorial

__all__ = [
    "Hypothesis",
    "binomial_shape",
    "hardy_weinberg",
    "linkage",
    "most_likely",
    "poisson_shape",
    "slope",
]

_STEP = float(np.finfo(np.float64).eps) ** (1 / 3)  # of central differences, relative
_STEPS = 200
_HALVINGS = 60
_CLOSE = 1e-18  # of n: a squared distance to the maximum, in standard errors
_ROUNDING = 1e-13  # of n: what a log-likelihood may seem to lose
_LEAST = 1e-300


@dataclass(frozen=True)
class Hypothesis:
    """Probabilities as a function of parameters: what `fit.test` fits before it tests.

    probabilities: from parameters (d,) to probabilities by label; outside their range it may give
    NaN or what is negative. start: a first value of each parameter, by name.

    >>> Hypothesis(lambda t: {"a": t[0], "b": 1 - t[0]}, {"p": 0.5}).start
    {'p': 0.5}
    """

    probabilities: Callable[[np.ndarray], Any]
    start: Mapping[str, float]


def hardy_weinberg(labels: Sequence[Hashable]) -> Hypothesis:
    """Three genotypes AA, Aa, aa of probabilities q², 2q(1 − q), (1 − q)², q the share of A.

    Source: Hardy (1908), Science 28: 49–50. Errors: ValueError unless there are three labels.

    >>> import expfam
    >>> blood = expfam.fit({"M": 342, "MN": 500, "N": 187})
    >>> result = blood.test(hardy_weinberg(["M", "MN", "N"]))
    >>> print(f"{result.parameters['q']:.4f}, {result.statistic:.4f} with {result.df}")
    0.5753, 0.0325 with 1
    """
    names = _labels(labels, "hardy_weinberg", 3)

    def probabilities(parameters: np.ndarray) -> dict[Hashable, float]:
        q = parameters[0]
        return dict(zip(names, (q * q, 2 * q * (1 - q), (1 - q) ** 2), strict=True))

    return Hypothesis(probabilities, {"q": 0.5})


def linkage(labels: Sequence[Hashable]) -> Hypothesis:
    """Four phenotypes of two linked genes, (2 + θ, 1 − θ, 1 − θ, θ)/4.

    Source: Fisher (1925), Statistical Methods for Research Workers, section 53; Rao (1973),
    Linear Statistical Inference, 5g. Errors: ValueError unless there are four labels.

    >>> import expfam
    >>> animals = expfam.fit({"AB": 125, "Ab": 18, "aB": 20, "ab": 34})
    >>> print(f"{animals.test(linkage(['AB', 'Ab', 'aB', 'ab'])).parameters['theta']:.7f}")
    0.6268215
    """
    names = _labels(labels, "linkage", 4)

    def probabilities(parameters: np.ndarray) -> dict[Hashable, float]:
        theta = parameters[0]
        shares = np.array([2 + theta, 1 - theta, 1 - theta, theta]) / 4
        return dict(zip(names, shares.tolist(), strict=True))

    return Hypothesis(probabilities, {"theta": 0.5})


def binomial_shape(labels: Sequence[Hashable], trials: int) -> Hypothesis:
    """Counts 0, 1, 2, … of successes in `trials`, labelled in this order; p is fitted.

    With fewer than trials + 1 labels the last one is open: that many successes or more.
    Errors: ValueError for fewer than 2 labels, or more than trials + 1.
    """
    from scipy.special import betainc, xlog1py, xlogy

    names = _labels(labels, "binomial_shape", None)
    top = len(names) - 1
    if top > trials:
        raise ValueError(
            f"binomial_shape: {trials} trials have {trials + 1} counts; got {top + 1} labels"
        )
    x = np.arange(top)
    ways = log_factorial(trials) - log_factorial(x) - log_factorial(trials - x)

    def probabilities(parameters: np.ndarray) -> dict[Hashable, float]:
        p = parameters[0]
        below = np.exp(ways + xlogy(x, p) + xlog1py(trials - x, -p))
        above = betainc(top, trials - top + 1, p)
        return dict(zip(names, [*below.tolist(), float(above)], strict=True))

    return Hypothesis(probabilities, {"p": 0.5})


def poisson_shape(labels: Sequence[Hashable]) -> Hypothesis:
    """Counts 0, 1, 2, … labelled in this order, the last one open: that many or more.

    The rate is fitted, to the classes and not to the counts within the open one.
    Errors: ValueError for fewer than 2 labels.

    >>> import expfam
    >>> kicks = expfam.fit({0: 109, 1: 65, 2: 22, "3 or more": 4})
    >>> result = kicks.test(poisson_shape([0, 1, 2, "3 or more"]))
    >>> print(f"{result.parameters['rate']:.4f} with {result.df}")
    0.6083 with 2
    """
    from scipy.special import gammainc, xlogy

    names = _labels(labels, "poisson_shape", None)
    top = len(names) - 1
    x = np.arange(top)
    logs = log_factorial(x)

    def probabilities(parameters: np.ndarray) -> dict[Hashable, float]:
        rate = parameters[0]
        below = np.exp(xlogy(x, rate) - rate - logs)
        return dict(zip(names, [*below.tolist(), float(gammainc(top, rate))], strict=True))

    return Hypothesis(probabilities, {"rate": 1.0})


def _labels(labels: Sequence[Hashable], who: str, size: int | None) -> list[Hashable]:
    names = list(labels)
    if isinstance(labels, str) or len(names) != (size or max(len(names), 2)):
        raise ValueError(f"{who}: there must be {size or 'at least 2'} labels; got {labels!r}")
    return names


# ---------------------------------------------------------------- maximum likelihood


def most_likely(
    probabilities: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    start: np.ndarray,
    close_to: float = _CLOSE,
) -> tuple[np.ndarray, bool]:
    """The parameters of the largest Σ x log p, by Fisher scoring, and whether they were reached.

    probabilities: from (d,) to (K,); x: (K,). A step is halved until it does not lose likelihood.
    An edge of the range is where the steps end without being at a maximum.
    Source: Rao (1973), Linear Statistical Inference, 5g.
    """
    n, here, p = x.sum(), start, probabilities(start)
    height = _log_likelihood(x, p)
    for _ in range(_STEPS):
        slopes = slope(probabilities, here)
        if not np.isfinite(slopes).all():
            return here, False
        weight = 1 / np.maximum(p, _LEAST)
        score = slopes.T @ np.where(x > 0, x * weight, 0.0)
        step = np.linalg.lstsq(n * (slopes.T * weight) @ slopes, score, rcond=None)[0]
        close = score @ step <= close_to * n
        for _ in range(_HALVINGS):
            there = here + step
            value = probabilities(there)
            reached = _log_likelihood(x, value)
            if reached >= height - _ROUNDING * n and np.isfinite(reached):
                break
            step = step / 2
        else:
            return here, False
        here, p, height = there, value, reached
        if close:
            return here, True
    return here, False


def _log_likelihood(x: np.ndarray, p: np.ndarray) -> float:
    """Σ x log p; −∞ for what are no probabilities."""
    from scipy.special import xlogy

    if not (np.isfinite(p) & (p >= 0)).all():
        return -np.inf
    return float(xlogy(x, p).sum())


def slope(probabilities: Callable[[np.ndarray], np.ndarray], here: np.ndarray) -> np.ndarray:
    """∂p/∂parameter (K, d), by central differences."""
    columns = []
    for place, value in enumerate(here):
        step = np.zeros(len(here))
        step[place] = _STEP * (abs(value) or 1.0)
        columns.append((probabilities(here + step) - probabilities(here - step)) / step[place] / 2)
    return np.stack(columns, axis=-1)
