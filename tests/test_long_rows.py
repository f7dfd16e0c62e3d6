"""Softmax of one long row of narrow floats: the sum that a rough exp foretells."""

import math

import numpy as np
import pytest

from expfam import blocks, long_rows, narrow, special

SIZE = 700_001


@pytest.fixture
def taken(monkeypatch):
    """Which of the two ways were taken, and how many pieces were shared out."""
    seen = []

    def note(name):
        original = getattr(long_rows, name)

        def noted(*given):
            seen.append(name)
            return original(*given)

        monkeypatch.setattr(long_rows, name, noted)

    monkeypatch.setattr(narrow, "has_fast_exp", lambda: True)
    for name in ("_summed", "_foretold", "divide"):
        note(name)
    return seen


def exact(x):
    """exp x over its sum in float64, the sum without rounding; x must not overflow."""
    exponentials = np.exp(x.astype(float))
    return exponentials / math.fsum(exponentials)


def units(got, x):
    return np.abs(got.astype(float) - exact(x)) / np.spacing(exact(x).astype(got.dtype))


def drawn(scale=1.0, offset=0.0, dtype=np.float32):
    return (offset + scale * np.random.default_rng(5).normal(size=SIZE)).astype(dtype)


@pytest.fixture
def rough(monkeypatch):
    """A rough exp whose errors are the same with every numpy: 7 is taken for a little more."""

    def exponentials(piece, memory):
        fine = np.exp(piece.astype(float))
        return np.where(piece == 7, fine * (1 + 2.0**-22), fine).astype(np.float32)

    monkeypatch.setattr(long_rows, "_rough", exponentials)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (0.01, 0), (2, -9), (5, 3), (1, 8)])
@pytest.mark.parametrize("fast", [True, False])
def test_a_foretold_sum_costs_at_most_a_quarter_of_a_unit(scale, offset, dtype, fast, monkeypatch):
    monkeypatch.setattr(narrow, "has_fast_exp", lambda: fast)
    x = drawn(scale, offset, dtype)
    assert units(special.softmax(x), x).max() <= (0.75 if fast else 0.51)


@pytest.mark.parametrize("offset", [0, -14.2])
def test_a_sum_that_comes_as_foretold_is_taken(offset, taken, rough):
    x = drawn(offset=offset)
    assert units(special.softmax(x), x).max() <= 0.75
    assert taken == ["_foretold"] + ["divide"] * 3


@pytest.mark.parametrize(("off", "times"), [(0.6, 1), (1.2, 2)])
def test_a_quarter_of_a_unit_is_close_enough(off, times, taken, rough):
    """7s are so many that what the rough exp adds to them, 2⁻²², is off·2⁻²⁶ of the sum."""
    x = np.zeros(SIZE, np.float32)
    x[-round(off / 16 * SIZE / np.exp(7)) :] = 7
    assert units(special.softmax(x), x).max() <= 0.75
    assert taken == ["_foretold"] + ["divide"] * 3 * times


def test_an_even_sum_of_narrow_floats_is_good_to_2_to_the_minus_29():
    """In sums of sixteen, whose roundings cancel, and the rest."""
    x = np.exp(drawn())
    for size in (2**18, 2**18 + 15, 17, 7):
        exact = math.fsum(x[:size].astype(float))
        assert abs(blocks.even_sum(x[None, :size]) / exact - 1) < (
            2.0**-29 if size > 17 else 2**-23
        )


def test_shares_of_wide_floats_are_quotients():
    out = np.empty((1, 1))
    long_rows.divide(np.array([[3.0]]), 10.0, out)
    assert out.item() == 0.3 != 3 * (1 / 10)


def test_a_sum_that_is_not_as_foretold_is_put_right(taken, rough):
    """The trial sees a head like any other; the rest is what the rough exp misses."""
    x = drawn()
    x[long_rows._TRIAL :] = 7
    assert units(special.softmax(x), x).max() <= 0.51
    assert taken == ["_foretold"] + ["divide"] * 6


@pytest.mark.parametrize(
    "x",
    [
        pytest.param(np.full(SIZE, 7, np.float32), id="one number"),
        pytest.param(drawn(offset=95), id="beyond float32"),
        pytest.param(drawn(offset=-120), id="below float32"),
    ],
)
def test_where_nothing_can_be_foretold_the_sum_comes_first(x, taken, rough):
    assert units(special.softmax(x), x).max() <= 0.51
    assert taken == ["_summed"] + ["divide"] * 3


def test_a_head_that_foretells_and_a_row_that_overflows(taken, rough):
    x = drawn()
    x[-1] = 95
    assert units(special.softmax(x), x).max() <= 0.51
    assert taken[:2] == ["_foretold", "_summed"]


def test_a_slow_exp_is_taken_once_into_room(taken, monkeypatch):
    monkeypatch.setattr(narrow, "has_fast_exp", lambda: False)
    x = drawn()
    assert units(special.softmax(x), x).max() <= 0.51
    assert taken[0] == "_summed"


@pytest.mark.parametrize("x", [drawn().astype(float)[:, None], np.stack([drawn()] * 2, axis=1)])
def test_wide_and_many_rows_are_never_foretold(x, taken):
    p = special.softmax(x, axis=0)[:, 0]
    np.testing.assert_array_max_ulp(p, exact(x[:, 0]).astype(x.dtype), 3)
    assert "_foretold" not in taken


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("fast", [True, False])
def test_the_bits_do_not_depend_on_threads(threads, fast, monkeypatch):
    monkeypatch.setattr(narrow, "has_fast_exp", lambda: fast)
    x = drawn()
    before = special.softmax(x)
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    np.testing.assert_array_equal(special.softmax(x), before)
