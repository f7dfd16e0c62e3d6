"""Priors whose log Z can be simulated: directions from the peak at random, lengths integrated.

    ∫ exp(−f(z)) dz = S · E ∫ r^{d−1} exp(−f(ru)) dr,     u uniform on the sphere of area S,

z in units of the peak's widths. f is convex and about ½|z|² there, so that of a Gaussian every
direction gives the same, and of anything else far less than a proposal would have to cover.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from expfam import sampling
from expfam.conjugate.form import WHO, Form
from expfam.conjugate.integrals import Height, Unsettled, root_of

_STEP = 0.5, 0.2  # of log r: in widths 1/√(2d) of a Gaussian's integrand, and at most
_LEAST = math.log(1e-12)  # of an integral so far: less is left out
_LENGTHS = 2.0 ** np.array([0, 1, 2, 4, 8, 16, 32, 64, 128])  # at which an edge is looked for
_NEAR, _HALVINGS = 2.0**-60, 50
_FAR = 100.0  # of depth, beside what r^d may be
_FEW = 50  # directions that count, below which their spread says little


class Directed(Form):
    """log Z as an integral around a peak, which may have to be simulated."""

    exact = False

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.size = math.prod(family.natural_shape)

    def simulate(self, prior: Any, directions: int, source: Any) -> tuple[np.ndarray, np.ndarray]:
        """R and its standard error, of as many pairs of directions u and −u: batch shapes."""
        self._require_minimal(prior)
        shape = np.shape(prior.exposure)
        rows = [
            self._simulated(along(depth, peak, root), directions, source)
            + np.array([np.log(np.diagonal(root)).sum(), 0.0])
            for (peak, root), depth in zip(self.peaks(prior), self.depths(prior), strict=True)
        ]
        value, error = np.reshape(rows, (-1, 2)).T
        return value.reshape(shape), error.reshape(shape)

    def peaks(self, prior: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each row of the batch the peak, (size,), and a root of the covariance there."""
        fisher = self.family._fisher_information(np.asarray(prior._peak))
        fisher = np.reshape(fisher, (-1, self.size, self.size))
        peaks, exposures = np.reshape(prior._peak, (-1, self.size)), np.ravel(prior.exposure)
        roots = [root_of(n * matrix) for n, matrix in zip(exposures, fisher, strict=True)]
        return list(zip(peaks, roots, strict=True))

    def depths(self, prior: Any) -> Iterator[Height]:
        """Of each row of the batch, ν·KL(η̂‖η) as a function of points (N, size)."""
        size = self.family.natural_shape
        peaks = np.reshape(prior._peak, (-1, *size))
        means = np.reshape(prior._mean, (-1, *size))
        for peak, mean, exposure in zip(peaks, means, np.ravel(prior.exposure), strict=True):

            def depth(points: np.ndarray, peak=peak, mean=mean, exposure=exposure) -> np.ndarray:
                natural = points.reshape(-1, *size)
                inside = self.family._inside(natural)
                safe = np.where(inside.reshape(-1, *(1 for _ in size)), natural, peak)
                value = exposure * self.family._kl(peak[None], mean[None], safe)
                return np.where(inside & (value == value), value, np.inf)

            yield depth

    def _simulated(self, depth: Height, directions: int, source: Any) -> np.ndarray:
        """The log of the integral in units of the widths, and its error."""
        u = sampling.normal(source, (directions, self.size))
        u = u / np.linalg.norm(u, axis=1, keepdims=True)
        each = np.logaddexp(_log_length(depth, u), _log_length(depth, -u)) - math.log(2)
        most = each.max()
        share = np.exp(each - most)
        counting = share.sum() ** 2 / (share @ share)
        if not counting >= _FEW:
            raise ValueError(
                f"{WHO}: at least {_FEW} directions must count in a simulation; {counting:.0f} of "
                f"{directions} did"
            )
        half = 0.5 * self.size
        area = math.log(2) + half * math.log(math.pi) - math.lgamma(half)
        value = most + np.log(share.mean()) + area
        error = share.std(ddof=1) / share.mean() / math.sqrt(directions)
        return np.array([value, error])

    def _require_minimal(self, prior: Any) -> None:
        if np.any(self.family._degrees_of_freedom(prior._peak) < self.size):
            raise ValueError(
                f"{WHO}: natural parameters must be minimal, or Z is infinite; {self.family} has "
                "one member for many: leave out statistics that follow from others"
            )


class EitherForm(Directed):
    """Two ways to the same integral: where the first does not settle, the second."""

    def __init__(self, first: Directed, second: Directed) -> None:
        super().__init__(first.family)
        self.first, self.second = first, second

    def remainder(self, prior: Any) -> np.ndarray:
        try:
            return self.first.remainder(prior)
        except Unsettled:
            return self.second.remainder(prior)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        try:
            return self.first.kl(p, q)
        except Unsettled:
            return self.second.kl(p, q)


def _log_length(depth: Height, u: np.ndarray) -> np.ndarray:
    """log ∫ r^{d−1} exp(−depth(ru)) dr of each direction, by the trapezoidal rule in log r.

    The integrand has one peak; both ways from about where a Gaussian's is, until nothing is left.
    Where the domain ends at R, it is the rule in log (r/(1 − r/R)), whose ends are smooth.
    """
    size, edge = u.shape[1], _edges(depth, u)
    start, step = 0.5 * math.log(size), min(_STEP[0] / math.sqrt(2 * size), _STEP[1])
    total = np.full(len(u), -np.inf)
    for sign in (1, -1):
        going, before, t = np.arange(len(u)), -np.inf, start - (sign < 0) * step
        while going.size:
            part = np.log1p(math.exp(t) / edge[going])  # −log(1 − r/R)
            r = np.exp(t - part)
            height = size * (t - part) - part - depth(r[:, None] * u[going])
            total[going] = np.logaddexp(total[going], height)
            more = (height > before) | (height > total[going] + _LEAST)
            going, before, t = going[more], height[more], t + sign * step
    return total + math.log(step)


def _edges(depth: Height, u: np.ndarray) -> np.ndarray:
    """How far each direction stays in the domain; ∞ where the integrand is nothing before."""
    low, high = np.full(len(u), _NEAR), np.full(len(u), np.inf)
    going = np.arange(len(u))
    for r in _LENGTHS:
        value = depth(r * u[going])
        outside, high[going] = value == np.inf, np.where(value == np.inf, r, np.inf)
        low[going] = np.where(outside, low[going], r)
        going = going[value <= _FAR + u.shape[1] * math.log(r)]
    ended = np.flatnonzero(high < np.inf)
    low, near = low[ended], high[ended]
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * near)
        outside = depth(middle[:, None] * u[ended]) == np.inf
        low, near = np.where(outside, low, middle), np.where(outside, middle, near)
    high[ended] = low
    return high


def along(depth: Height, peak: np.ndarray, root: np.ndarray, top: float = 0.0) -> Height:
    """The depth below its top in coordinates z of points peak + root·z."""
    return lambda z: depth(peak + z @ root.T) - top
