"""Interpolated functions of a positive number s: like powers of it near 0, and smooth beyond."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev

_ORDER = 16  # nodes of a panel
_NODES = chebyshev.chebpts1(_ORDER)
_TO_COEFFICIENTS = chebyshev.chebvander(_NODES, _ORDER - 1).T * (2 / _ORDER)
_TO_COEFFICIENTS[0] /= 2
_LEAST_PANELS = 7  # times the fineness: the outermost are less exact, and not to be all
_DEEP = -2.0  # of ξ, from where on the behaviour at 0 is seen


class Axis:
    """Numbers s between two ends of ξ = log(s/ŝ), in panels of ζ = log(1 + s/c) less that at ŝ.

    An analytic function of s, times a power of s, is after that smooth in ζ, which is about s/c
    below c and log s above. c: the least number at which the function may bend, at most 1.
    """

    def __init__(self, centre: float, least: float, ends: np.ndarray, fineness: float) -> None:
        self._centre, size = centre, centre / min(1.0, least)
        self._one, self._part = 1 / (1 + size), size / (1 + size)
        self._deep = ends[0] < _DEEP
        self._low, high = self._zeta(ends)
        self._panels = int(np.ceil(fineness * (_LEAST_PANELS + high - self._low)))
        self.width = (high - self._low) / self._panels
        places = np.arange(self._panels)[:, None] + 0.5 * (1 + _NODES)
        self.xi = np.log1p(np.expm1(self._low + self.width * places.ravel()) / self._part)

    def _zeta(self, xi: np.ndarray) -> np.ndarray:
        near = np.log1p(self._part * np.expm1(np.minimum(xi, 1.0)))
        return np.where(abs(xi) < 1, near, np.log(self._one + self._part * np.exp(xi)))

    def place(self, xi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The panel of each ξ, and where in it, from −1 to 1; beyond the ends more."""
        zeta = (self._zeta(xi) - self._low) / self.width
        panel = np.clip(zeta, 0, self._panels - 1).astype(int)
        return panel, 2 * (zeta - panel) - 1

    def curve(self, values: np.ndarray, power: float, bend: float) -> Curve:
        """The interpolant of values at `xi`, about power·ξ + bend·s log s for small s."""
        if not self._deep:
            power = bend = 0.0
        smooth = values - power * self.xi - bend * self.bent(self.xi)
        return Curve(self, _TO_COEFFICIENTS @ smooth.reshape(-1, _ORDER).T, power, bend)

    def bent(self, xi: np.ndarray) -> np.ndarray:
        """s log(s/(1 + s))."""
        s = self._centre * np.exp(xi)
        return np.asarray(-s * np.log1p(1 / s))


class Curve:
    """A polynomial in ζ on each panel and beyond the ends a line in s, besides what is told of 0.

    A concave function of s, as logs of densities are, is below such lines.
    """

    def __init__(self, axis: Axis, coefficients: np.ndarray, power: float, bend: float) -> None:
        self._axis, self._coefficients = axis, coefficients
        self._power, self._bend = power, bend
        slopes = chebyshev.chebder(coefficients[:, [0, -1]])
        self._slopes = chebyshev.chebval(np.array([-1.0, 1.0]), slopes, tensor=False)

    def __call__(self, xi: np.ndarray) -> np.ndarray:
        panel, place = self._axis.place(xi)
        inside = np.clip(place, -1.0, 1.0)
        slope = np.where(place > 0, self._slopes[1], self._slopes[0])
        value = chebyshev.chebval(inside, self._coefficients[:, panel], tensor=False)
        half = 0.5 * self._axis.width
        beyond = np.expm1(np.minimum((place - inside) * half, 600.0)) / half  # s + c is like exp ζ
        value = value + beyond * slope + self._power * xi
        return np.asarray(value + self._bend * self._axis.bent(xi) if self._bend else value)
