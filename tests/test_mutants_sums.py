"""Constants and terms of sums of exponentials, so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP
from sharp import ulps

from expfam import blocks, kernels, special
from expfam.shift import shifted

RNG = np.random.default_rng


def log_sum(x: list[float], b: list[float] | None = None) -> mpmath.mpf:
    weights = b or [1.0] * len(x)
    return mpmath.log(
        mpmath.fsum(mpmath.mpf(w) * mpmath.exp(v) for v, w in zip(x, weights, strict=True))
    )


def test_the_shift_loses_nothing():
    rows = RNG(13).normal(size=(50, 4)) * 10.0 ** RNG(14).uniform(-3, 2, (50, 1))
    rows[0] = 0.7
    shift = shifted(rows, blocks.Memory())
    with mpmath.workdps(60):
        for i, row in enumerate(rows.tolist()):
            for j, v in enumerate(row):
                back = sum(Fraction(float(p[i, j])) for p in (shift.difference, shift.low))
                assert back + Fraction(float(shift.maximum[i])) == Fraction(v)
            terms = [mpmath.exp(mpmath.mpf(v) - max(row)) for v in row]
            assert ulps(shift.exponentials[i] + shift.missed[i], terms) <= 1.6
            excess = mpmath.fsum(sorted(terms)[:-1])
            assert abs(shift.excess[i] - excess) <= 5e-16 * excess


def test_the_log_of_a_shifted_sum_is_rounded_once():
    """Of the exponentials as numpy has them, with the errors of their sum and of x − max."""
    for size in (3, 5, 40, 300):
        rows = RNG(size).normal(size=(40, size)) * 10.0 ** RNG(14).uniform(-1, 1, (40, 1))
        rows[:4, 1:3] = rows[:4].max(axis=1)[:, None]  # several maxima
        for given in (rows, rows[:1]):
            shift = shifted(given, blocks.Memory())
            exps, low = np.exp(shift.difference).tolist(), shift.low.tolist()
            with mpmath.workdps(60):
                for i, row in enumerate(exps):
                    total = mpmath.fsum(
                        e * (1 + mpmath.mpf(v)) for e, v in zip(row, low[i], strict=True)
                    )
                    gap = mpmath.log(total) - float(shift.log[i]) - float(shift.log_low[i])
                    assert abs(gap) <= (0.62 + LOG_ULP) * math.ulp(shift.log[i])


@pytest.mark.parametrize("offset", [0.0, 1e-3, 3e-5, 1e-9, 1e-14, 0.6, -0.8])
@pytest.mark.parametrize("weighted", [False, True])
def test_sums_near_one_are_good_to_a_unit(weighted, offset):
    rng = RNG(15)
    with mpmath.workdps(60):
        for size in (2, 3, 5):
            for _ in range(4):
                b = rng.uniform(0.5, 2, size) if weighted else np.ones(size)
                x = special.log_softmax(rng.normal(size=size)) - np.log(b) + offset
                weights = b.tolist() if weighted else None
                exact = log_sum(x.tolist(), weights)
                assert ulps(special.logsumexp(x, b=weights), [exact]) <= 1
                pair = kernels._log_sum_in_pairs(x[None], b[None] if weighted else None)[0]
                allowed = 2.0**-67 + 2e-16 * abs(exact) + LOG_ULP * np.spacing(abs(float(exact)))
                assert abs(pair - exact) <= allowed


@pytest.mark.parametrize("rows", [1, 3, 600])
@pytest.mark.parametrize("size", [*range(1, 20), 100, 255, 256, 257, 1023, 1024])
def test_row_sums_leave_nothing_out(size, rows):
    x = RNG(size).integers(1, 1000, (rows, size)).astype(float)
    for given in (x, np.asfortranarray(x)):
        assert blocks.row_sum(given).tolist() == x.sum(axis=1).tolist()
        assert blocks.plain_sum(given).tolist() == x.sum(axis=1).tolist()


@pytest.mark.parametrize("shape", [(3, 300_000), (2, 600_000), (1000, 300), (5, 7)], ids=str)
def test_blocks_and_pieces_leave_nothing_out_and_nothing_twice(shape):
    seen = np.zeros(shape, dtype=int)
    for rows in blocks.blocks(seen):
        for columns in blocks.pieces(seen[rows]):
            seen[rows, columns] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize(
    "height", [-700.0, -655.0, -3.0, -0.5, 0.1, 2.0, 20.0, 645.0, 660.0, 800.0]
)
def test_sums_at_any_height_are_good_to_a_unit_and_softmax_to_two(height):
    rng = RNG(16)
    with mpmath.workdps(60):
        for size in (2, 6, 30):
            x = rng.normal(size=size) + height
            b = rng.uniform(0.5, 2, size)
            exact = log_sum(x.tolist())
            assert ulps(special.logsumexp(x), [exact]) <= 1.3
            assert ulps(special.logsumexp(x, b=b), [log_sum(x.tolist(), b.tolist())]) <= 1.5
            logs = [mpmath.mpf(v) - exact for v in x.tolist()]
            assert ulps(special.softmax(x), [mpmath.exp(v) for v in logs]) <= 4
            assert ulps(special.log_softmax(x), logs) <= 2


@pytest.mark.parametrize("shape", [(2000, 128), (1, 2**20)], ids=str)
def test_many_small_terms_beside_a_large_one_are_not_lost(shape):
    """np.add.reduce loses fifteen of them in a row of 128: seven units in the last place."""
    x = np.full(shape, -35.4)
    x[:, 0] = 1.4
    with mpmath.workdps(40):
        large, small = (mpmath.exp(v) for v in (1.4, -35.4))
        total = large + (shape[1] - 1) * small
        assert ulps(special.logsumexp(x)[:1], [mpmath.log(total)]) <= 2
        assert ulps(special.softmax(x)[0, :1], [large / total]) <= 4


def test_weights_far_apart():
    for x, b in (
        ([0.0, 700.0], [1e300, 1e-300]),
        ([0.0, 1.0], [1e308, 1e308]),
        ([0.0, -650.0], [1e-290, 5.0]),
        ([0.0, -600.0, 3.0], [0.0, 1e290, 1e-300]),
    ):
        with mpmath.workdps(60):
            assert ulps(special.logsumexp(x, b=b), [log_sum(x, b)]) <= 2


def test_what_a_weighted_sum_has_lost_is_added():
    rows = [
        (
            [
                1.261930112645542,
                0.44702471130757354,
                0.2854812761065282,
                0.6573118604577305,
                -0.9319103799918484,
            ],
            [
                0.5460102880396098,
                0.8994278888757912,
                0.8823228921295247,
                1.0556355797825363,
                1.4396322842308227,
            ],
        ),
        (
            [-0.007720412822611426, -1.518449371258825, 0.4923767723922625],
            [1.8566311864300962, 1.5482811636790463, 0.710773068327866],
        ),
        (
            [
                0.7134342891515959,
                -0.6022033801996581,
                -0.6856396135957253,
                -0.41296796916186274,
                -0.0594696597561045,
            ],
            [
                0.6069845653802572,
                0.6224485513776818,
                0.9234896619322078,
                1.925013533405728,
                1.0428565209074032,
            ],
        ),
    ]
    with mpmath.workdps(60):
        for x, b in rows:
            got = special.logsumexp(np.array(x), b=np.array(b))
            assert ulps(got, [log_sum(x, b)]) <= 0.6 + LOG_ULP


def test_what_a_difference_has_lost_counts_in_every_share():
    x = [-2.1, -300.7, -512.3, -700.9]
    with mpmath.workdps(60):
        exps = [mpmath.exp(v) for v in map(mpmath.mpf, x)]
        exact = [e / mpmath.fsum(exps) for e in exps]
        assert ulps(special.softmax(np.array(x)), exact) <= 4


def test_large_arrays_of_small_narrow_numbers_have_small_sums():
    x = np.full((2, 2**19), -60.0, np.float32)
    np.testing.assert_allclose(special.logsumexp(x, axis=1), -60 + 19 * np.log(2), rtol=1e-7)


def test_heavy_weights_of_subnormal_exponentials():
    x, b = np.full(200, -712.3), np.full(200, 1.7e308)
    with mpmath.workdps(60):
        exact = log_sum(x.tolist(), b.tolist())
        assert exact > 2
        assert ulps(special.logsumexp(x, b=b), [exact]) <= 2
        assert ulps(special.logsumexp([x, x], b=b), [exact] * 2) <= 2
