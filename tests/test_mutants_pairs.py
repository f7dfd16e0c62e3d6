"""Constants and terms of pairs of doubles, and of integers, so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from sharp import mp, ulps, value

from expfam import fixed_point, pairs

INF = np.inf
RNG = np.random.default_rng


def test_sums_and_products_of_doubles_are_exact_and_of_pairs_good_to_100_bits():
    rng = RNG(1)
    a, b = rng.normal(size=(2, 300)) * np.exp(rng.normal(0, 10, (2, 300)))
    low_a, low_b = np.array([a, b]) * rng.uniform(-1e-16, 1e-16, (2, 300))
    total, product = pairs.two_sum(a, b), pairs.two_product(a, b)
    added, less = pairs.add((a, low_a), (b, low_b)), pairs.subtract((a, low_a), (b, low_b))
    share = pairs.quotient((a, low_a), b)
    for i in range(300):
        x, y = Fraction(float(a[i])), Fraction(float(b[i]))
        assert value(total, i) == x + y
        assert value(product, i) == x * y
        p, q = value((a, low_a), i), value((b, low_b), i)
        size = max(abs(p), abs(q))
        assert abs(value(added, i) - (p + q)) <= size / 2**100
        assert abs(value(less, i) - (p - q)) <= size / 2**100
        assert abs(value(share, i) / (p / y) - 1) <= Fraction(1, 2**99)


def test_integers_as_pairs_are_exact():
    x = np.array([1, 2**53 + 1, 2**62, 2**62 - 1, 10**18 + 7])
    assert [value(pairs.from_integers(x), i) for i in range(5)] == x.tolist()


def test_logs_in_pairs_are_good_to_75_bits():
    rng = RNG(2)
    x = np.concatenate(
        [
            rng.uniform(0.5, 1, 300),  # every row of the table
            np.exp(rng.uniform(-600, 600, 100)),
            1 + rng.uniform(-0.01, 0.01, 100),
            np.arange(64, 130) / 128,  # the centres, and half a step off them
            (np.arange(64, 130) + 0.5) / 128,
        ]
    )
    low = x * rng.uniform(-1e-16, 1e-16, len(x))
    got = pairs.log((x, low))
    with mpmath.workdps(60):
        for i in range(len(x)):
            exact = mpmath.log(mp(value((x, low), i)))
            assert abs(mp(value(got, i)) - exact) <= 2.0**-75 * max(1, abs(exact))


def test_the_table_of_logs_is_good_to_100_bits():
    (high, low), log2 = pairs._log_table()
    with mpmath.workdps(60):
        for j in range(64, 193):
            assert abs(mp(value((high[j], low[j]))) - mpmath.log(mpmath.mpf(j) / 128)) < 2.0**-105
        assert abs(mp(value(log2)) - mpmath.log(2)) < 2.0**-105


def test_the_series_of_the_log_is_good_to_two_ulp():
    t = np.concatenate([np.linspace(-1, 1, 40), RNG(3).uniform(-1, 1, 40)]) / 128
    with mpmath.workdps(60):
        exact = [(mpmath.log1p(v) - v + v**2 / 2) / v**3 for v in map(mpmath.mpf, t.tolist())]
        assert ulps(pairs._log_series(t), exact) <= 2


def test_exponentials_in_pairs_are_good_to_76_bits():
    x = np.concatenate([RNG(4).uniform(-700, 700, 100), RNG(5).normal(size=100)])
    got = pairs.exp(x)
    with mpmath.workdps(60):
        for i, v in enumerate(x.tolist()):
            error = abs(mp(value(got, i)) / mpmath.exp(v) - 1)
            assert error <= 2.0**-76 * max(1, abs(v))
    assert [float(p[0]) for p in pairs.exp(np.array([-INF]))] == [0.0, 0.0]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 65, 100])
def test_sums_of_rows_are_rounded_once(size):
    rng = RNG(size)
    x = rng.normal(size=(4, size)) * np.exp(rng.normal(0, 12, (4, size)))
    exact = [sum(map(Fraction, row)) for row in x.tolist()]
    high, low = pairs.row_sum(x)
    for i in range(4):
        assert abs(value((high, low), i) - exact[i]) <= Fraction(np.abs(x[i]).max()) / 2**95
    assert pairs.rounded_sum(x).tolist() == [[float(v)] for v in exact]
    assert np.ravel(pairs.rounded_sum(x[0])).tolist() == [float(exact[0])]


@pytest.mark.parametrize("bits", fixed_point._PRECISIONS)
def test_exponentials_of_integers_keep_their_bound_where_the_series_is_longest(bits):
    left = (1 << bits - 24) - 1  # after three digits of 0
    for x in (left, left - 1, left // 3, 1, 0):
        ((m, k),) = fixed_point.exps([x], bits)
        with mpmath.workprec(2 * bits):
            exact = mpmath.exp(mpmath.ldexp(x, -bits))
            assert abs(mpmath.ldexp(m, k - bits) - exact) < mpmath.ldexp(7, -bits)
