"""Constants and terms of the samplers, so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from expfam import sampling
from expfam.sampling import categories, counts, densities


def test_the_hat_has_its_constants():
    """Hörmann (1993), BTRS: b = 1.15 + 2.53σ, a = −0.0873 + 0.0248b + 0.01p, α = (2.83 + 5.1/b)σ."""
    for deviation in (3.25, 40.5, 1e5):
        width = Fraction(115, 100) + Fraction(253, 100) * Fraction(deviation)
        exact = (
            Fraction(-873, 10**4) + Fraction(248, 10**4) * width + Fraction(1, 256),
            width,
            (Fraction(283, 100) + Fraction(51, 10) / width) * Fraction(deviation),
            Fraction(92, 100) - Fraction(42, 10) / width,
        )
        got = counts.hat(np.array([deviation]), np.array([1 / 256]))
        for g, e in zip(got, exact, strict=True):
            assert abs(Fraction(float(g[0])) / e - 1) < 1e-15
    bent = counts.Hat(*(np.array([v]) for v in (0.3, 9.0, 30.0, 0.4)))
    for u in (-0.49, -0.2, 0.1, 0.4999):
        left = Fraction(1, 2) - abs(Fraction(u))
        place = (2 * Fraction(0.3) / left + 9) * Fraction(u)
        assert abs(Fraction(float(bent.place(np.array([u]))[0])) / place - 1) < 2e-15
        slope = Fraction(0.3) / left**2 + 9
        assert abs(Fraction(float(bent.slope(np.array([u]))[0])) / slope - 1) < 2e-15
    success = np.array([0.25])
    law = counts.Binomial(np.array([25.0]), np.zeros(1), np.array([100]), success)
    assert law.lean() == 0.0025
    assert law.deviation() == math.sqrt(18.75)


def test_proposals_are_rounded_to_the_nearest_count():
    """Of a mean of 20.5, the uniforms next to ½ lie on either side of 20½."""
    propose = counts.proposals(counts.Poisson(np.array([20.5]), np.zeros(1)))
    words = np.array([[2**63 - 1, 2**63], [0, 0]], dtype=np.uint64)
    assert propose(words, counts.ALL)[0].tolist() == [20, 21]


def test_the_possible_counts_are_from_none_to_all():
    x = np.array([-1, 0, 1, 6, 7])
    poisson = counts.Poisson(np.array([12.0]), np.zeros(1))
    binomial = counts.Binomial(np.array([3.0]), np.zeros(1), np.array([6]), np.array([0.5]))
    assert poisson.possible(x).tolist() == [False, True, True, True, True]
    assert binomial.possible(x).tolist() == [False, True, True, True, False]


def test_ratios_of_the_law_are_good_to_a_few_1e_15():
    x = np.array([0, 1, 2, 5, 10, 15, 20, 40])
    mean = np.full(8, 10.0)
    got = counts.poisson_log_ratio(x, mean, x - mean)
    trials = np.full(8, 40)
    binomial = counts.Binomial(mean, np.zeros(8), trials, np.full(8, 0.25))
    both = binomial.log_ratio(x, x - mean)
    with mpmath.workdps(40):
        for g, b, k in zip(got.tolist(), both.tolist(), x.tolist(), strict=True):
            log_f = k * mpmath.log(10) - 10 - mpmath.loggamma(k + 1)
            assert abs(g - log_f - mpmath.log(20 * mpmath.pi) / 2) < 1e-14
            log_f = mpmath.log(mpmath.binomial(40, k))
            log_f += k * mpmath.log(0.25) + (40 - k) * mpmath.log(0.75)
            assert abs(b - log_f - mpmath.log(15 * mpmath.pi) / 2) < 2e-14


@pytest.mark.parametrize(
    ("size", "length"),
    [
        (1, 8),
        (128, 1024),
        (129, 903),
        (205, 820),
        (341, 1023),
        (512, 1024),
        (513, 513),
        (1025, 1025),
    ],
)
def test_few_places_get_several_proposals(size, length):
    lengths = []

    def attempt(places, count):
        lengths.append(count)
        return np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)

    counts.until_accepted(size, np.int64, attempt)
    assert lengths == [length]


class Halves:
    """f(k) = 2⁻²⁻ᵏ, which add up to ½, in the place of a law."""

    def at_zero(self):
        return np.array([0.25])

    def step(self, count):
        return 0.5


def test_the_search_stops_where_terms_fall_below_2_to_the_minus_60():
    class Highest(sampling.Stream):
        def __init__(self):
            pass

        def words(self, count):
            return np.full(count, 2**64 - 1, dtype=np.uint64)

    assert counts._search(Highest(), Halves(), 1).tolist() == [58]


def test_two_draws_of_two_rows():
    steps = categories.cumulative(np.array([[0.5, 0.0, 0.0], [0.0, 0.0, 0.5]]))
    got = categories.invert(np.zeros(2, dtype=np.uint64), steps, np.array([0, 1]))
    assert got.tolist() == [0, 2]


def test_the_ratio_of_the_gamma_law_is_good_to_2e_9():
    w = np.array([1, -1, 0.5, -0.5, 64 / 60, -64 / 60, 30, -30]) / 65
    got = densities.gamma_log_ratio(np.full(8, 2.0), w)
    with mpmath.workdps(40):
        for g, v in zip(got.tolist(), map(mpmath.mpf, w.tolist()), strict=True):
            exact = 6 * (mpmath.log1p(v) - v + v**2 / 2 - v**3 / 3)
            assert abs(g / exact - 1) < 1.5e-9
