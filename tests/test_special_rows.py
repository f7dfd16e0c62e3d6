"""logsumexp and its kin: rows in blocks, few numbers, sums of rows and of columns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_special import THREE, close

from expfam import kernels, special

INF = np.inf


def test_the_kernels_leave_their_rows():
    rows = np.array([[1.0, 2.0], [900.0, 901.0]])
    with np.errstate(all="ignore"):
        kernels.logsumexp_rows(rows)
        for kernel in (kernels.softmax_rows, kernels.log_softmax_rows):
            kernel(rows, np.empty_like(rows))
    assert rows.tolist() == [[1.0, 2.0], [900.0, 901.0]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("axis", [0, 1])
def test_arrays_of_many_blocks_are_their_rows(axis, dtype):
    x = np.random.default_rng(11).normal(size=(40001, 8)).astype(dtype)
    given = x if axis == 1 else np.asfortranarray(x.T)
    sums, p = special.logsumexp(given, axis=axis), special.softmax(given, axis=axis)
    logs, b = special.log_softmax(given, axis=axis), np.full(8, 0.5)
    halved = special.logsumexp(given, axis=axis, b=b if axis == 1 else b[:, None])
    p, logs = (p, logs) if axis == 1 else (p.T, logs.T)
    assert sums.dtype == p.dtype == logs.dtype == dtype
    near = 0 if dtype == np.float64 else 1.2e-7  # narrow floats: 31 bits, rounded
    for i in (0, 16383, 16384, 32767, 32768, 40000):
        close(sums[i], special.logsumexp(x[i]), near)
        close(p[i], special.softmax(x[i]), near)
        assert (logs[i] == special.log_softmax(x[i])).all()
    wide = x.astype(float)
    np.testing.assert_allclose(halved, np.log(np.exp(wide).sum(axis=1) / 2), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(p, np.exp(wide - np.log(np.exp(wide).sum(1))[:, None]), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ">f8"])
def test_few_numbers_have_the_bits_of_a_row(dtype):
    """Up to sixteen numbers go another way than rows do."""
    rng = np.random.default_rng(17)
    for size in range(1, 19):
        for offset in (0.0, -0.99, -1.01, 3.0, 599.0, 601.0, 800.0, -699.0, -701.0, -800.0):
            x = (rng.normal(size=size) + offset).astype(dtype)
            x[0] = 2.0 if offset < -600 else x[0]
            rows = np.stack([x, x])
            assert special.softmax(x).dtype == x.dtype
            assert (special.softmax(x) == special.softmax(rows)[0]).all()
            assert special.logsumexp(x) == special.logsumexp(rows)[0]
            kept = special.logsumexp(x, keepdims=True)
            assert kept.dtype == x.dtype
            assert kept.tolist() == [special.logsumexp(x)]


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("odd", [np.nan, INF, -INF, 1e308, -1e308])
def test_odd_numbers_among_few(odd, place):
    x = np.array([0.3, -0.2, 1.5])
    x[place] = odd
    for function in THREE:
        np.testing.assert_allclose(function(x), function(np.stack([x, x]))[0], rtol=1e-15)


@pytest.mark.parametrize("function", [special.softmax, special.log_softmax])
def test_an_error_in_a_late_block_names_its_row(function):
    x = np.zeros((40001, 8))
    x[3, 2] = np.nan
    x[[38500, 38700]] = -np.inf
    with pytest.raises(ValueError, match="row 38500 has only -inf"):
        function(x)


def exact_sums(x):
    """Row sums of positive numbers, rounded once."""
    return np.array([math.fsum(row) for row in x.tolist()])


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("width", range(1, 17))
def test_sums_of_columns_are_those_of_numpy_to_the_bit_or_rounded_once(width, layout):
    x = np.random.default_rng(width).exponential(size=(700, width))
    given = np.asarray(x, order=layout)
    assert (kernels.plain_sum(given) == np.add.reduce(x, axis=1)).all()
    assert (kernels.row_sum(given) == exact_sums(x)).all()


def test_a_softmax_of_few_is_rounded_at_exp_sum_and_quotient_alone():
    for size in range(2, 9):
        x = np.random.default_rng(13).normal(size=(200, size))
        e = np.exp(x)
        assert (special.softmax(x) == e / exact_sums(e)[:, None]).all()
        assert (special.softmax(x[0]) == e[0] / math.fsum(e[0])).all()


@pytest.mark.parametrize("width", [2, 3, 8, 9, 10, 15, 16, 17, 100, 127, 1000])
@pytest.mark.parametrize("scale", [0, 30])
def test_sums_of_rows_are_rounded_once(width, scale):
    """Whatever their size, that of the other rows, and how they lie in the memory."""
    rng = np.random.default_rng(width)
    x = rng.exponential(size=(600, width)) ** 3 * np.exp(scale * rng.normal(size=(600, 1)))
    x[7], x[8] = 0.0, 5e-324
    for rows in (x, x[:1], x[:2], np.asfortranarray(x), x[:5], np.asfortranarray(x[:5]), x[::-2]):
        total, low = kernels.pair_sum(rows)
        assert (total == exact_sums(rows)).all()
        assert (kernels.row_sum(rows) == total).all()
        rest = exact_sums(np.column_stack([rows, -total]))
        np.testing.assert_allclose(low, rest, rtol=0, atol=1e-28 * total.max())
        assert (np.abs(low - rest) <= 1e-28 * total).all()
    assert kernels.row_sum(np.ones((0, width))).size == 0
    with np.errstate(all="ignore"):
        for count in (1, 3):
            for odd in (1e308, np.inf):
                assert kernels.row_sum(np.full((count, 20), odd)).tolist() == [np.inf] * count
                assert kernels.pair_sum(np.full((count, 20), odd))[1].tolist() == [0.0] * count
