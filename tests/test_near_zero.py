"""logsumexp where the result is nothing but rounding: sums in integers.

The oracle is mpmath, with as many digits as hold every term beside every other.
"""

from __future__ import annotations

import math
from fractions import Fraction
from unittest import mock

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP
from hypothesis import given, settings
from hypothesis import strategies as st

from expfam import fixed_point, special

INF = np.inf
DIGITS = 720
RNG = np.random.default_rng
BITS = fixed_point._PRECISIONS


def exact(x, b=None) -> mpmath.mpf:
    """log Σ b exp(x)."""
    weights = [1.0] * len(x) if b is None else b
    terms = [mpmath.mpf(w) * mpmath.exp(mpmath.mpf(v)) for v, w in zip(x, weights, strict=True)]
    return mpmath.log(mpmath.fsum(terms))


def ulps(got: float, value: mpmath.mpf) -> float:
    """|got − value| in units of the last place of value."""
    return float(abs(mpmath.mpf(float(got)) - value) / mpmath.mpf(math.ulp(float(value))))


def cancelling(terms: int, seed: int = 0) -> list[float]:
    """Each term takes away what those before it leave of 1: the sum is less by 2^(−40·terms)."""
    x = (-1.4 - RNG(seed).uniform(0, 0.1, 4)).tolist()
    with mpmath.workdps(DIGITS):
        for _ in range(terms):
            rest = 1 - mpmath.fsum(mpmath.exp(v) for v in map(mpmath.mpf, x))
            x.append(math.nextafter(float(mpmath.log(rest)), -INF))
    return x


def log_probabilities(rows: int, size: int, scale: float = 1.0) -> np.ndarray:
    return special.log_softmax(RNG(size).normal(size=(rows, size)) * scale)


@pytest.mark.parametrize("bits", BITS)
def test_constants_are_integers_next_to_the_exact_values(bits):
    log2, left, series, tables = fixed_point._constants(bits)
    with mpmath.workprec(2 * bits):
        unit = mpmath.mpf(2) ** bits
        assert abs(log2 - mpmath.log(2) * unit) < 0.51
        assert left == bits - 24
        for n, coefficient in enumerate(reversed(series)):
            assert 0 <= unit / mpmath.factorial(n) - coefficient < 1
        n = len(series)
        assert unit / (mpmath.mpf(2) ** (24 * n) * mpmath.factorial(n)) <= 1
        assert unit / (mpmath.mpf(2) ** (24 * (n - 1)) * mpmath.factorial(n - 1)) > 1
        for i, table in zip((3, 2, 1), tables, strict=True):
            assert len(table) == 256
            for j, value in enumerate(table):
                assert abs(value - mpmath.exp(mpmath.mpf(j) / 256**i) * unit) < 0.52


@pytest.mark.parametrize("bits", [40, *BITS])
def test_exponentials_keep_their_bound(bits):
    rng = RNG(bits)
    spread = 10.0 ** rng.uniform(-12, 3.3, 300) * rng.choice([-1, 1], 300)
    x = [math.floor(Fraction(v) * 2**bits) for v in [*spread.tolist(), 0.0, -2900.0, 745.0]]
    x += [fixed_point._constants(bits)[0] * k + d for k in (-7, 0, 3) for d in (-1, 0, 1)]
    with mpmath.workprec(3 * bits + 100):
        for v, (m, k) in zip(x, fixed_point.exps(x, bits), strict=True):
            value = mpmath.exp(mpmath.mpf(v) / 2**bits)
            got = mpmath.mpf(m) * mpmath.mpf(2) ** (k - bits)
            assert abs(got / value - 1) <= (7 + abs(k)) * mpmath.mpf(2) ** -bits
            assert 1 <= mpmath.mpf(m) / 2**bits < 2
    one = 1 << bits
    assert list(fixed_point.exps([0, 1, 2], bits)) == [(one, 0), (one + 1, 0), (one + 2, 0)]


@pytest.mark.parametrize("bits", [40, *BITS[:2]])
def test_logarithms_keep_their_bound(bits):
    one = 1 << bits
    d = [0, 1, -1, one >> 30, -one >> 30, one >> 14, -one >> 14, one // 7, -one // 8, one // 3]
    with mpmath.workprec(3 * bits):
        for v in d:
            error = abs(fixed_point.log1p(v, bits) - mpmath.log1p(mpmath.mpf(v) / one) * one)
            terms = 1 + bits / max(1.0, bits - math.log2(abs(v) or 1))
            assert error <= min(2 * terms, 2 + abs(v))
    assert fixed_point.log1p(0, bits) == 0


rows_near_one = st.lists(st.floats(-40, 0), min_size=2, max_size=8)


@given(x=rows_near_one, weighted=st.booleans(), bits=st.sampled_from([32, 40, 64, 148]))
@settings(deadline=None)
def test_the_bound_of_a_log_sum_holds(x, weighted, bits):
    x = special.log_softmax(x)
    b = RNG(len(x)).uniform(0.01, 4, len(x)) if weighted else None
    near = 0.0 if b is None else float(special.logsumexp(x, b=b)) * (1 + 2.0**-20)
    weights = None if b is None else b.tolist()
    got, error = fixed_point.log_sum(x.tolist(), weights, near, bits)
    with mpmath.workdps(100):
        off = abs(mpmath.mpf(got) - exact(x.tolist(), weights) * mpmath.mpf(2) ** bits)
    assert error == 2**13 + 2 * len(x)
    # What is seen is far less: 8 units of the sum at most, |k| of each term, one for each.
    assert off <= 2 * (len(x) + 8 + 60 + 5)


def test_the_bound_is_what_the_errors_add_up_to():
    """The largest |k| is that of a weight of 2⁻¹⁰⁷⁴, or of a term _REACH below the sum."""
    lowest = fixed_point._REACH / math.log(2)
    assert lowest + 1 < 2960
    assert lowest > 1074 + 1
    assert (8 + 2960) * (8 / 7) ** 2 + BITS[-1] / 2.8 * 2 < 2**13
    assert (8 / 7) ** 2 < 2
    assert -fixed_point._REACH / math.log(2) + 1024 < -BITS[-1] - 60  # the heaviest weight there
    assert 14 + 60 - BITS[-1] < -1075 - 20  # what is left open at last rounds to 0


@pytest.mark.parametrize("terms", [0, 1, 2, 3, 4, 8, 13, 17, 21, 22, 23])
def test_a_sum_that_cancels_however_deeply(terms):
    x = cancelling(terms)
    with mpmath.workdps(DIGITS):
        value = exact(x)
        assert abs(value) < mpmath.mpf(2) ** (-40 * terms)
        got = fixed_point.log_sums(np.array([x]), None, np.zeros(1))
        assert ulps(got[0], value) <= 0.5 + 1e-9
        assert ulps(special.logsumexp(x), value) <= 0.5 + 1e-9
        many = special.logsumexp(np.tile(x, (40, 1)))  # not few: by triples, if they see it
        assert max(ulps(v, value) for v in many) <= 0.51


def test_what_no_double_can_show_is_zero():
    x = cancelling(26)
    assert special.logsumexp(x) == 0
    assert special.logsumexp([-1.0, -2.0, -INF], b=[0.0, 0.0, 1.0]) == -INF
    with mock.patch.object(fixed_point, "log_sum", wraps=fixed_point.log_sum) as tried:
        assert special.logsumexp([0.0, 0.0, -1.0], b=[0.25, 0.75, 0.0]) == 0
        assert tried.call_count == len(BITS)
        tried.reset_mock()
        special.logsumexp(log_probabilities(1, 5)[0])
        assert tried.call_count == 1


@pytest.mark.parametrize("e", [0.5, 0.1, 1e-5, 1e-12, 1e-18, 1e-40, 1e-200, 1e-300, 5e-324])
@pytest.mark.parametrize("off", [0.0, 1e-15, 1e-9])
def test_log_probabilities_of_an_event_and_its_complement(e, off):
    x = [math.log1p(-e), math.log(e) * (1 + off)]
    with mpmath.workdps(DIGITS):
        value = exact(x)
        assert ulps(special.logsumexp(x), value) <= 0.5 + 1e-9
        assert max(ulps(v, value) for v in special.logsumexp([x] * 70)) <= 0.51


@pytest.mark.parametrize(
    ("x", "b"),
    [
        ([-1e-310, -800.0], None),  # a subnormal result
        ([-5e-324, -750.0], None),
        ([-1e-300, -690.0], None),
        ([0.0, -700.0], None),
        ([-1e-13, -30.0, -30.0, -500.0, -1e5, -1e300], None),
        ([700.0, -3.0, -5000.0], [1e-304, 0.5, 1e300]),  # the heaviest term is that of the least b
        ([740.0, 1.0], [5e-324, 1e-9]),
        ([-700.0, -0.5], [1e303, 1.0]),
        ([-740.0, -INF, 0.0], [1e308, 0.0, 1e-16]),
        ([-1.0, -1.0 - 2**-52], [math.e / 2, math.e / 2]),
        ([2.0**-40, 3.0], [1 - 2.0**-40, 1e-30]),
        ([1000.0, 0.0], [1e-308, 1.0]),
        ([2000.0, 1999.0, -1e8], [1e-308, 2e-308, 1e308]),
        ([-2000.0, -2001.0, -2700.0], [1e-3, 1.0, 1e308]),
        ([4090.0, 3500.0], [1e-300, 1e308]),
        ([4800.0, 4799.5], [1e-308, 3e-308]),
    ],
)
def test_terms_that_differ_by_hundreds_of_orders(x, b):
    with mpmath.workdps(4000):
        seen = [(v, w) for v, w in zip(x, b or [1.0] * len(x), strict=True) if w > 0]
        value = exact(*zip(*seen, strict=True))
        for got in (special.logsumexp(x, b=b), special.logsumexp([x] * 80, b=b)[-1]):
            assert ulps(got, value) <= (0.52 if abs(value) < 4000 else 1.2) + LOG_ULP


@pytest.mark.parametrize(
    "height", [-700.0, -649.0, -620.0, -600.5, 590.0, 605.0, 640.0, 655.0, 700.0]
)
@pytest.mark.parametrize("off", [0.0, 2.0**-30, -(2.0**-8), 3.0])
def test_a_weight_that_takes_back_a_high_x(height, off):
    x, b = [height, -60.0 if height > 0 else -800.0], [math.exp(-height) * (1 + off), 1e-5]
    with mpmath.workdps(DIGITS):
        value = exact(x, b)
        for got in (special.logsumexp(x, b=b), special.logsumexp([x] * 80, b=[b] * 80)[-1]):
            assert ulps(got, value) <= 1


@pytest.mark.parametrize("offset", [5e3, 1e5, 1e9, 1e15, 1e18, 1e300])
@pytest.mark.parametrize("sign", [-1, 1])
def test_uneven_weights_far_from_zero(sign, offset):
    rng = RNG(int(math.log2(offset)))
    for _ in range(30):
        x = sign * offset + rng.normal(size=4) * 300
        b = 10.0 ** rng.uniform(-308, 300, 4)
        top = x.max()
        with mpmath.workdps(60):
            terms = [
                mpmath.exp(mpmath.mpf(v) - top) * w for v, w in zip(x.tolist(), b, strict=True)
            ]
            value = top + mpmath.log(mpmath.fsum(terms))
            assert ulps(special.logsumexp(x, b=b), value) <= 1.1
