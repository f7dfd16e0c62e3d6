"""Integrals of exp(−height) along many lines at once, each from its lowest place to where it ends.

Between ends −a < 0 < b the trapezoidal rule is used in t of

    z = (eᵍ − 1)/(eᵍ/b + 1/a),   g = (1/a + 1/b)·w·sinh t,

which is w·t near 0, the w of the peak, and nears the ends like exponentials of exponentials: there
the domain ends, at some power of the distance, or the integrand does, as off a cliff.
Source: Takahasi and Mori (1974), Publ. RIMS 9: 721–741; Trefethen and Weideman (2014), SIAM Review
56: 385–458, section 14.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from expfam.conjugate.rows import unsettled

_LEAST, _DEPTH = 45.0, 60.0  # a line ends where its integrand is e⁻⁴⁵ to e⁻⁶⁰ of the peak
_DOUBLED, _PARTS = 2.0 ** np.arange(1, 6), np.arange(1, 6) / 6  # steps on, and between two ends
_NEAR, _FAR, _NEAREST = 1.5, 2.0**50, 2.0**-60
_ROUNDING = 2.0**-53

Climb = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Stretches:
    """Lines from 0 both ways, as far as they count.

    climb: of rows (R,) and steps (R, M), the heights over 0; widths: about those of the peaks.
    Errors: ValueError where a line does not end.
    """

    def __init__(self, climb: Climb, widths: np.ndarray) -> None:
        (low, least), (high, most) = (reach(climb, sign, len(widths)) for sign in (-1.0, 1.0))
        self.ends = -least, most
        slopes = 0.5 * _LEAST * (1 / self.ends[0] + 1 / self.ends[1])
        bends = np.minimum(widths, slopes * widths**2)  # how far the slope takes to change by that
        self.widths = np.minimum(np.minimum(*self.ends), bends)
        self.times = -self._time(-low, -1), self._time(high, 1)

    def rule(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps (R, count) and their weights."""
        start, stop = (part[:, None] for part in self.times)
        t = start + (stop - start) * np.linspace(0, 1, count)
        one, other = (1 / end[:, None] for end in self.ends)
        rate, width = one + other, self.widths[:, None]
        growth = rate * width * np.sinh(t)
        small = np.exp(-np.abs(growth))
        share = np.where(growth > 0, other + one * small, other * small + one)
        steps = np.sign(growth) * -np.expm1(-np.abs(growth)) / share
        speed = small * (rate / share) ** 2 * width * np.cosh(t)
        return steps, speed * (stop - start) / (count - 1)

    def _time(self, step: np.ndarray, sign: int) -> np.ndarray:
        """|t| of a step towards one end."""
        back, ahead = (1 / end for end in self.ends[::sign])
        left = np.maximum(1 - ahead * step, _ROUNDING)
        return np.arcsinh(np.log((1 + back * step) / left) / (back + ahead) / self.widths)


def reach(climb: Climb, sign: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each line, a step to where it has climbed by about `_DEPTH` or is about to leave the
    domain, and one beyond that is not far.

    Far steps come last, as a family may take long over them.
    """
    good, bad = np.zeros((count, 1)), np.full((count, 1), sign * np.inf)
    steps = np.repeat(sign * _DOUBLED[None], count, axis=0)
    going = np.arange(count)
    while going.size:
        step = steps[going]
        height = climb(going, step)
        inside = np.count_nonzero(height <= _DEPTH, axis=1, keepdims=True)
        ends = np.concatenate([good[going], step, bad[going]], axis=1)
        near, far = (np.take_along_axis(ends, inside + more, axis=1) for more in (0, 1))
        deep = np.take_along_axis(height, np.maximum(inside - 1, 0), axis=1) >= _LEAST
        good[going], bad[going] = near, far
        between = np.where(np.isinf(far), near * _DOUBLED, near + (far - near) * _PARTS)
        steps[going] = np.where(near == 0, far / _DOUBLED[::-1], between)
        settled = (inside > 0) & deep & (abs(far) <= _NEAR * abs(near))
        settled |= abs(far) < _NEAREST
        settled |= abs(far - near) <= 1e-15 * abs(near)
        if ((abs(near) > _FAR) & ~settled).any():  # a tail as long as that of hardly any exposure
            raise unsettled("1e-6")
        going = going[~settled[:, 0]]
    return good[:, 0], bad[:, 0]
