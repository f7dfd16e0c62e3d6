"""Streams of given words, exact fractions and tests of laws that the tests of samplers share.

Error rates. Seeds are fixed, so a run repeats. With fresh seeds a χ² or Kolmogorov–Smirnov test
fails by chance with probability RATE = 1e-9, a moment beyond 5 standard errors with 6e-7.
"""

import math
from fractions import Fraction

import numpy as np
from scipy import stats

from expfam.sampling import Stream

RATE = 1e-9


class Fixed(Stream):
    """A stream of given words."""

    def __init__(self, words):
        self.left = np.asarray(words, dtype=np.uint64)

    def words(self, count):
        out, self.left = self.left[:count], self.left[count:]
        return out


def fraction(pair, index=0):
    return Fraction(float(pair[0][index])) + Fraction(float(pair[1][index]))


def chi_square(draws, law) -> float:
    """The p-value of integer draws; cells with few expected are pooled."""
    low, high = int(draws.min()), int(draws.max())
    expected = law.pmf(np.arange(low, high + 1)) * draws.size
    observed = np.bincount(draws.ravel() - low, minlength=len(expected))
    keep = expected >= 10
    observed = np.append(observed[keep], observed[~keep].sum())
    expected = np.append(expected[keep], draws.size - expected[keep].sum())
    if expected[-1] < 10:
        observed = np.append(observed[:-2], observed[-2:].sum())
        expected = np.append(expected[:-2], expected[-2:].sum())
    if len(observed) == 1:
        return 1.0
    return float(stats.chi2.sf(((observed - expected) ** 2 / expected).sum(), len(observed) - 1))


def assert_moments(standardised):
    """The first four moments of nearly normal draws, within 5 standard errors."""
    n = standardised.size
    for power, (mean, variance) in enumerate([(0, 1), (1, 2), (0, 15), (3, 96)], start=1):
        moment = float((standardised**power).mean())
        assert abs(moment - mean) <= 5 * math.sqrt(variance / n)
