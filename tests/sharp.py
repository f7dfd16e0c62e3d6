"""Exact values, and errors in units of the last place, that the tests of mutants share."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np


def ulps(got, exact: list) -> float:
    """The largest |got − exact| in units of the last place of exact."""
    worst = 0.0
    for g, e in zip(np.ravel(got).tolist(), exact, strict=True):
        worst = max(worst, float(abs(mpmath.mpf(g) - e) / mpmath.mpf(math.ulp(float(e)))))
    return worst


def value(pair, index: int = 0) -> Fraction:
    return Fraction(float(np.ravel(pair[0])[index])) + Fraction(float(np.ravel(pair[1])[index]))


def mp(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator
