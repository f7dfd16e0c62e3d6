"""logsumexp near zero: triples of doubles, what they are sure of, and the way to integers."""

from __future__ import annotations

import math
from fractions import Fraction
from unittest import mock

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_near_zero import DIGITS, RNG, cancelling, exact, log_probabilities, ulps

from expfam import fixed_point, special, triples

INF = np.inf


# ---------------------------------------------------------------- triples


def test_logarithms_of_the_table_are_good_to_133_bits():
    logs, log2 = triples._logs()
    with mpmath.workdps(80):
        for j, parts in enumerate(zip(*logs, strict=True)):
            error = mpmath.fsum(map(mpmath.mpf, map(float, parts))) - mpmath.log(
                1 + mpmath.mpf(j) / 2048
            )
            assert abs(error) < mpmath.mpf(2) ** -133
        assert abs(mpmath.fsum(map(mpmath.mpf, log2)) - mpmath.log(2)) < mpmath.mpf(2) ** -131
    assert len(logs[0]) == 2049
    for part in log2[:2]:  # times k exactly
        assert Fraction(part).numerator.bit_length() <= 40


def test_the_series_of_the_log_is_good_to_101_bits():
    t = np.concatenate([[1.0, -1.0, 0.999], RNG(1).uniform(-1, 1, 200)]) / 4096
    low = t * RNG(2).uniform(-1, 1, t.size) * 2.0**-54
    high, rest = triples._log_series((t, low))
    with mpmath.workdps(80):
        for i in range(t.size):
            v = mpmath.mpf(float(t[i])) + mpmath.mpf(float(low[i]))
            value = (v - mpmath.log1p(v)) / v**2
            assert abs(float(high[i]) + mpmath.mpf(float(rest[i])) - value) < mpmath.mpf(2) ** -101


def test_products_and_sums_of_pairs_lose_nothing():
    rng = RNG(3)
    a, b = rng.normal(size=(2, 200)) * np.exp(rng.normal(0, 5, (2, 200)))
    low_a, low_b = a * rng.uniform(-1, 1, 200) * 2.0**-54, b * rng.uniform(-1, 1, 200) * 2.0**-54
    product = triples._product((a, low_a), (b, low_b))
    parts = [a, -a * (1 + 2.0**-30), b * 2.0**-20, -low_b, low_a * 2.0**-50, a * 2.0**-30]
    total = triples._sum(parts)
    for i in range(200):
        p, q = Fraction(a[i]) + Fraction(low_a[i]), Fraction(b[i]) + Fraction(low_b[i])
        got = Fraction(product[0][i]) + Fraction(product[1][i])
        assert abs(got / (p * q) - 1) <= Fraction(1, 2**102)
        value = sum(Fraction(part[i]) for part in parts)
        size = max(abs(Fraction(part[i])) for part in parts)
        assert abs(Fraction(total[0][i]) + Fraction(total[1][i]) - value) <= (
            size / 2**150 + abs(value) / 2**104
        )


def gap_error(x: np.ndarray, e: np.ndarray) -> float:
    """The largest error of x − log e, as a power of 2."""
    high, low = triples._gap(x, e)
    with mpmath.workdps(120):
        return max(
            float(
                abs(mpmath.mpf(g) + mpmath.mpf(rest) - (mpmath.mpf(v) - mpmath.log(mpmath.mpf(w))))
            )
            for g, rest, v, w in zip(*(a.tolist() for a in (high, low, x, e)), strict=True)
        )


def test_what_the_exponential_lacks_is_good_to_122_bits():
    rng = RNG(4)
    x = np.concatenate([-rng.exponential(2, 2000), rng.uniform(-650, 650, 500)])
    assert gap_error(x, np.exp(x)) < 2.0**-122
    x = np.log((np.arange(2048, 4097) / 4096) * (1 + rng.uniform(-1, 1, 2049) * 2.0**-13))
    assert gap_error(x, np.exp(x)) < 2.0**-122  # every row of the table
    x = -(10.0 ** rng.uniform(-40, -3.7, 300))  # near 0, the better the nearer
    error = triples._gap(x, np.exp(x))
    for i in range(300):
        assert gap_error(x[i : i + 1], np.exp(x[i : i + 1])) < max(x[i] ** 2 * 2.0**-100, 2.0**-155)
    assert np.abs(error[0]).max() < 2.0**-52


def sure(rows: np.ndarray, b: np.ndarray | None) -> np.ndarray:
    """Which results are 2⁵⁶ times their error; all are within that error and half a unit."""
    value, error = triples.log_sums(rows, b)
    with mpmath.workdps(150):
        for i, row in enumerate(rows.tolist()):
            wanted = exact(row, None if b is None else b[i].tolist())
            off = abs(float(value[i]) - wanted)
            assert off <= error[i] + mpmath.mpf(0.5 + 1e-6) * math.ulp(float(wanted))
    return np.abs(value) > 2.0**56 * error


@pytest.mark.parametrize("size", [2, 3, 17, 50])
@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0, 40.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_what_triples_are_sure_of_is_good_to_a_rounding(weighted, scale, size):
    rows, b = log_probabilities(10, size, scale), None
    if weighted:
        b = 10.0 ** RNG(5).uniform(-3, 3, rows.shape)
        rows = rows - np.log(b)
    if scale <= 1 and size > 2:
        assert sure(rows, b).mean() > 0.9
    for offset in (0.0, 1e-5, -1e-9, 1e-14, 1e-19):
        sure(rows + offset, b)
        sure(rows * (1 + offset), b)


@pytest.mark.parametrize("terms", range(1, 10))
def test_triples_are_not_sure_of_what_they_cannot_see(terms):
    rows = np.array([cancelling(terms, seed) for seed in range(20)])
    assert sure(rows, None).all() == (terms < 2)
    b = np.ones(rows.shape)
    assert sure(rows, b).all() == (terms < 2)
    b[:, 0] = 2.0**65
    rows[:, 0] -= 65 * math.log(2)
    assert (triples.log_sums(rows, b)[1] == INF).all()
    b[:, 0] = 2.0**63
    assert (triples.log_sums(rows, b)[1] < 2.0**-121).all()


@pytest.mark.parametrize("far", [0.1, 1e-3, 1e-6, 1e-9, 1e-14, 1e-25])
def test_one_log_probability_near_0_beside_small_ones(far):
    """Then only the others count for the error, and a result far below 2⁻⁶⁴ is seen."""
    rng = RNG(6)
    p = rng.dirichlet(np.ones(5), 60) * far
    rows = np.column_stack([np.log1p(-p.sum(axis=1)), np.log(p)])
    assert sure(rows, None).mean() > 0.9 or far < 1e-10
    for got, row in zip(special.logsumexp(rows), rows.tolist(), strict=True):
        with mpmath.workdps(150):
            assert ulps(got, exact(row)) <= 0.52


def test_sums_of_rows_as_three_doubles():
    rng = RNG(7)
    for size in (1, 2, 3, 64, 101):
        first = rng.normal(size=(5, size)) * np.exp(rng.normal(0, 3, (5, size)))
        second, third = first * 2.0**-53 * rng.normal(size=(5, size)), first * 2.0**-106
        got = triples._row_sum(first, second, third)
        for i in range(5):
            value = sum(Fraction(v) for part in (first, second, third) for v in part[i])
            size_of = sum(abs(Fraction(v)) for v in first[i])
            assert abs(sum(Fraction(part[i]) for part in got) - value) <= size_of / 2**148


# ---------------------------------------------------------------- the way from one to the other


@given(
    x=st.lists(st.floats(-60, 0), min_size=2, max_size=12),
    copies=st.sampled_from([1, 80]),
    offset=st.sampled_from([0.0, 1e-6, -1e-10, 2e-17]),
)
@settings(deadline=None)
def test_log_probabilities_of_any_row(x, copies, offset):
    x = special.log_softmax(x) + offset
    got = special.logsumexp(np.tile(x, (copies, 1)))
    with mpmath.workdps(DIGITS):
        value = exact(x.tolist())
        if float(value):
            assert ulps(got[-1], value) <= 2
        else:
            assert got[-1] == 0


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("rows", "size"), [(200, 3), (20, 100), (1, 6000), (1, 3), (21, 3), (22, 3)]
)
def test_batches_and_rows_alone_agree(rows, size, weighted):
    x, b = log_probabilities(rows, size), None
    if weighted:
        b = RNG(8).uniform(0.5, 2, x.shape)
        x = x - np.log(b)
    got = special.logsumexp(x, b=b)
    alone = fixed_point.log_sums(x, b, np.zeros(rows))
    np.testing.assert_array_max_ulp(got, alone, 1)
    with mock.patch.object(triples, "log_sums", wraps=triples.log_sums) as called:
        special.logsumexp(x, b=b)
        assert called.called == (x.size >= 64)


def test_only_rows_that_triples_do_not_see_are_summed_in_integers():
    seen, deep = log_probabilities(60, 10), np.array([cancelling(6, seed) for seed in range(3)])
    with mock.patch.object(fixed_point, "log_sums", wraps=fixed_point.log_sums) as called:
        special.logsumexp(seen)
        assert not called.called
        got = special.logsumexp(np.vstack([seen, deep]))
        assert called.call_count == 1
        assert (called.call_args.args[0] == deep).all()
        special.logsumexp(np.vstack([seen, deep]), b=np.ones((63, 1)))
        assert (called.call_args.args[0] == deep).all()
    with mpmath.workdps(DIGITS):
        assert (
            max(ulps(g, exact(row)) for g, row in zip(got[60:], deep.tolist(), strict=True)) < 0.51
        )
