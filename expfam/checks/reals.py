"""Integrals over the line, piece by piece.

One real number is integrated by the trapezoidal rule, whose error on an analytic integrand that
dies out at both ends falls faster than any power of the step: after x = exp t on the half-line and
x = 1/(1 + exp −t) on the unit interval it is far below rounding. Where a density has a kink, the
pieces are integrated one by one.

L. N. Trefethen and J. A. C. Weideman (2014), The exponentially convergent trapezoidal rule.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from expfam.checks.points import NEGLIGIBLE, TAILS, Support, accepted, no_support
from expfam.family import Distribution, ExponentialFamily
from expfam.special import sigmoid, softplus

_NODES = 4001  # of an integral
_DEPTH = 100.0  # nats below the highest density at which an integral's window ends


def reals(p: Distribution, draws: np.ndarray) -> Support:
    """The pieces between the ends and kinks of a density on the line, one after the other."""
    ends = _ends(p.family)
    if not ends:
        return no_support(draws, "its support is no line, half-line or unit interval")
    pieces = []
    for low, high in pairwise(ends):
        inside = draws[(draws > low) & (draws < high)]
        if not len(inside):
            return no_support(draws, "no draw lies in a piece of its support")
        piece = _piece(p, Piece(low, high), inside)
        if piece.missing:
            return piece
        pieces.append(piece)
    x, log_weight = (np.concatenate([piece[i] for piece in pieces]) for i in range(2))
    return Support(x, log_weight)


def _piece(p: Distribution, piece: Piece, draws: np.ndarray) -> Support:
    t = piece.coordinate(draws)
    low, high = t.min(), t.max()
    step = high - low or 1.0
    least, most = piece.window

    def density(t: np.ndarray) -> np.ndarray:
        x, log_slope = piece.point(t)
        return p.log_prob(x) + log_slope

    for _ in range(60):
        low, high = max(low - step, least), min(high + step, most)
        log_p = density(np.linspace(low, high, 65))
        top = log_p.max()
        ends = log_p[[0, -1]] <= top - _DEPTH
        if (ends[0] or low == least) and (ends[1] or high == most):
            break
        step *= 2
    if not (log_p[[0, -1]] <= top - NEGLIGIBLE).all():
        return no_support(draws, TAILS)
    near = np.flatnonzero(log_p > top - _DEPTH)
    coarse = np.linspace(low, high, 65)
    t = np.linspace(coarse[max(near[0] - 1, 0)], coarse[min(near[-1] + 1, 64)], _NODES)
    x, log_slope = piece.point(t)
    p_x = np.exp(density(t))
    if not abs(p_x.sum() - 2 * p_x[::2].sum()) <= 1e-6 * p_x.sum():
        return no_support(draws, "its integral does not converge")
    return Support(x, log_slope + np.log((t[-1] - t[0]) / (_NODES - 1)))


class Piece(NamedTuple):
    """An interval of the line as the image of another line, x = x(t)."""

    low: float
    high: float

    @property
    def window(self) -> tuple[float, float]:
        """The t beyond which x is an end, or none, in double precision."""
        if self.low == -np.inf:
            return (-1e300, 1e300) if self.high == np.inf else (_log_gap(self.high), 709.0)
        if self.high == np.inf:
            return _log_gap(self.low), 709.0
        width = np.log(self.high - self.low)
        return _log_gap(self.low) - width, width - max(_log_gap(self.high), -700.0)

    def point(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x(t), inside the piece, and log|x′(t)|."""
        x, log_slope = self._point(t)
        return np.clip(
            x, np.nextafter(self.low, np.inf), np.nextafter(self.high, -np.inf)
        ), log_slope

    def _point(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.low == -np.inf:
            if self.high == np.inf:
                return t, np.zeros_like(t)
            return self.high - np.exp(t), t
        if self.high == np.inf:
            return self.low + np.exp(t), t
        width = self.high - self.low
        from_low = self.low + width * sigmoid(t)
        x = np.where(t < 0, from_low, self.high - width * sigmoid(-t))
        return x, np.log(width) - softplus(t) - softplus(-t)

    def coordinate(self, x: np.ndarray) -> np.ndarray:
        """The t of x(t)."""
        if self.low == -np.inf:
            return x if self.high == np.inf else np.log(self.high - x)
        return np.log(x - self.low) - (np.log(self.high - x) if self.high < np.inf else 0.0)


def _log_gap(end: float) -> float:
    """The log of a distance from an end within which x is that end, to double precision."""
    return float(np.log(np.spacing(abs(end)))) - 3 if end else -744.0


def _ends(family: ExponentialFamily) -> tuple[float, ...]:
    """The ends and kinks that the family names, or of the line, half-line or unit interval."""
    if family.ends:
        return family.ends
    tried = np.array([-1e3, -1.5, 0.25, 0.75, 1.5, 1e3])
    pattern = "".join("01"[int(ok)] for ok in accepted(family, tried))
    known = {"111111": (-np.inf, np.inf), "001111": (0.0, np.inf), "001100": (0.0, 1.0)}
    return known.get(pattern, ())
