"""Sums over counts and integrals over the line: a member's expectations without its formulas.

A `Support` is points and weights, so that E f = Σ w·p(x)·f(x). Counts are enumerated. One real
number is integrated by the trapezoidal rule, whose error on an analytic integrand that dies out
at both ends falls faster than any power of the step: after x = exp t on the half-line and
x = 1/(1 + exp −t) on the unit interval it is far below rounding.

L. N. Trefethen and J. A. C. Weideman (2014), The exponentially convergent trapezoidal rule.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from expfam.family import Distribution, ExponentialFamily
from expfam.special import sigmoid, softplus

TAILS = "double precision cannot hold its tails"

_MOST_POINTS = 2**18  # of a box of counts
_NODES = 4001  # of an integral
_DEPTH = 100.0  # nats below the highest density at which an integral's window ends
_NEGLIGIBLE = 37.0  # nats: e⁻³⁷ is half an ulp of one
_EDGES = {"line": (-1e300, 1e300), "half-line": (-744.0, 709.0), "interval": (-709.0, 36.0)}


class Support(NamedTuple):
    """Points x, n + event shape, and the logs of their weights, n; or the reason there are none."""

    x: np.ndarray
    log_weight: np.ndarray
    missing: str = ""


def support(p: Distribution, draws: np.ndarray) -> Support:
    """The support of one member around some of its draws; all but e⁻³⁷ of its probability.

    draws: n + event shape. There are none for more than 2¹⁸ counts, for observations of several
    real numbers, and where double precision cannot hold the tails.
    """
    with np.errstate(all="ignore"):
        if p.family.discrete:
            return _counts(p, draws)
        if p.family.event_shape:
            return _none(draws, "observations are several real numbers")
        return _reals(p, draws)


def accepted(family: ExponentialFamily, x: np.ndarray) -> np.ndarray:
    """Which of n observations satisfy every rule of the family."""
    inside = np.ones(len(x), dtype=bool)
    for rule in family._observation_rules(x):
        ok = np.asarray(rule.ok)
        inside &= ok.reshape(len(x), -1).all(axis=1)
    return inside


def _none(draws: np.ndarray, reason: str) -> Support:
    return Support(draws[:0], np.zeros(0), reason)


def _counts(p: Distribution, draws: np.ndarray) -> Support:
    """Every accepted point of a box, which grows until that adds nothing, or no probability."""
    axes = draws.reshape(len(draws), -1)
    low, high = axes.min(axis=0), axes.max(axis=0)
    before, mass = -1, 0.0
    while True:
        width = high - low
        margin = np.maximum(2, width if len(width) == 1 else 2)
        low, high = low - margin, high + margin
        if np.prod((high - low + 1).astype(float)) > _MOST_POINTS:
            return _none(draws, f"a box around its counts has over {_MOST_POINTS} points")
        grid = np.meshgrid(*(np.arange(a, b + 1) for a, b in zip(low, high, strict=True)))
        x = np.stack(grid, axis=-1).reshape(-1, *p.family.event_shape)
        x = x[accepted(p.family, x)]
        if not len(x):
            return _none(draws, "its draws are no observations")
        probability = np.exp(p.log_prob(x)).sum()
        if len(x) == before or 0 < probability <= mass * (1 + 4e-16):
            return Support(x, np.zeros(len(x)))
        before, mass = len(x), probability
        box = x.reshape(len(x), -1)
        low, high = box.min(axis=0), box.max(axis=0)


def _reals(p: Distribution, draws: np.ndarray) -> Support:
    kind = _kind(p.family)
    if not kind:
        return _none(draws, "its support is no line, half-line or unit interval")
    t = {
        "line": lambda x: x,
        "half-line": lambda x: np.log(np.maximum(x, np.exp(-744.0))),
        "interval": lambda x: np.log(x) - np.log1p(-x),
    }[kind](draws)
    low, high = t.min(), t.max()
    step = high - low or 1.0
    least, most = _EDGES[kind]

    def density(t: np.ndarray) -> np.ndarray:
        x, log_slope = _point(kind, t)
        return p.log_prob(x) + log_slope

    for _ in range(60):
        low, high = max(low - step, least), min(high + step, most)
        log_p = density(np.linspace(low, high, 65))
        top = log_p.max()
        ends = log_p[[0, -1]] <= top - _DEPTH
        if (ends[0] or low == least) and (ends[1] or high == most):
            break
        step *= 2
    if not (log_p[[0, -1]] <= top - _NEGLIGIBLE).all():
        return _none(draws, TAILS)
    near = np.flatnonzero(log_p > top - _DEPTH)
    coarse = np.linspace(low, high, 65)
    t = np.linspace(coarse[max(near[0] - 1, 0)], coarse[min(near[-1] + 1, 64)], _NODES)
    x, log_slope = _point(kind, t)
    p_x = np.exp(density(t))
    if not abs(p_x.sum() - 2 * p_x[::2].sum()) <= 1e-6 * p_x.sum():
        return _none(draws, "its integral does not converge")
    return Support(x, log_slope + np.log((t[-1] - t[0]) / (_NODES - 1)))


def _point(kind: str, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x(t) and log x′(t)."""
    if kind == "line":
        return t, np.zeros_like(t)
    if kind == "half-line":
        return np.exp(t), t
    return sigmoid(t), -softplus(t) - softplus(-t)


def _kind(family: ExponentialFamily) -> str:
    tried = np.array([-1e3, -1.5, 0.25, 0.75, 1.5, 1e3])
    pattern = "".join("01"[int(ok)] for ok in accepted(family, tried))
    return {"111111": "line", "001111": "half-line", "001100": "interval"}.get(pattern, "")
