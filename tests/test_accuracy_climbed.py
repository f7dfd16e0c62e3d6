"""Rows that were climbed to, uphill in the error, from where every rounding adds to the next.

Exponentials a little above a power of 2 are the least exact for their size; many of them, equal, err
together. Each row here has cost logsumexp more than two units, or an entropy more than four.
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP
from sharp import ulps

from expfam import Categorical, blocks, kernels, special
from expfam.shift import shifted

# the maximum, another entry, and how often that stands there
BESIDE_EQUAL_ONES = [
    ("-0x0.0p+0", "-0x1.8e2767b9bcc90p+2", 7),
    ("0x1.4a2adcafdf5fap-23", "-0x1.8e400b5d290d2p+2", 7),
    ("-0x0.0p+0", "-0x1.ba83c9e96e615p+2", 15),
    ("0x1.487e25e1d7d0cp-13", "-0x1.e7cda6641727ap+2", 31),
    ("-0x0.0p+0", "-0x1.099fd961ca0dep+3", 63),
    ("-0x1.f9ea3b433ada7p-6", "-0x1.2142c8ffd3c0ap+3", 127),
    ("-0x0.0p+0", "-0x1.1fda550a0d4a5p+3", 127),
    ("0x1.444d18639c2c1p-19", "-0x1.367433caaca27p+3", 255),
]
# the numbers and their weights
WEIGHTED = [
    (["0x1.74959835a057ep-2", "-0x1.afbedf695e4aap+3"], ["0x1p-100", "0x1.00a2d9e84d13ep+22"]),
    (["0x1.32b2ed06e829fp-1", "-0x1.be5e38013afa9p+3"], ["0x1p-100", "0x1.00a4079839b08p+23"]),
]


def exact(x, b=None) -> mpmath.mpf:
    weights = np.ones(len(x)) if b is None else b
    terms = (mpmath.exp(v) * mpmath.mpf(w) for v, w in zip(x.tolist(), weights, strict=True))
    return mpmath.log(mpmath.fsum(terms))


@pytest.mark.parametrize(("top", "other", "count"), BESIDE_EQUAL_ONES)
def test_one_maximum_beside_equal_ones(top, other, count):
    x = np.array([float.fromhex(v) for v in (top, *[other] * count)])
    with mpmath.workdps(60):
        for given in (x, np.stack([x] * 9)):
            got = np.ravel(special.logsumexp(given))[0]
            assert ulps(got, [exact(x)]) <= 1.9 + LOG_ULP


@pytest.mark.parametrize(("x", "b"), WEIGHTED)
def test_one_heavy_term(x, b):
    x, b = (np.array([float.fromhex(v) for v in row]) for row in (x, b))
    with mpmath.workdps(60):
        assert ulps(special.logsumexp(x, b=b), [exact(x, b.tolist())]) <= 1.8 + LOG_ULP


def test_faint_ones_beside_a_maximum_near_0():
    x = np.array([1e-305, *map(float.fromhex, ("-0x1.58c30482229a9p+9", "-0x1.578f0e5a60e5fp+9"))])
    y = np.array([*map(float.fromhex, ("0x1.1951b232dba49p-7", "-0x1.5f73178fdef17p+9")), -714.0])
    with mpmath.workdps(700):
        assert ulps(special.logsumexp(x), [exact(x)]) <= 1.6 + LOG_ULP
        assert ulps(special.log_softmax(y)[0], [mpmath.mpf(y[0]) - exact(y)]) <= 1.6 + LOG_ULP


# numbers, and how often the last stands there
FLAT = [
    (
        "-0x1.848dba4a11032p-11 0x1.ac004b09e4341p-10 -0x1.73f273bff77a3p-11 -0x1.d70bc1c55d854p+2",
        252,
    ),
    ("0x0p+0 -0x1.8p-41", 6),
    ("0x0p+0 -0x1.b4p+7 -0x1.ap+7 -0x1.f4p+8", 1),
]


@pytest.mark.parametrize(("numbers", "count"), FLAT)
def test_entropies_of_one_draw(numbers, count):
    *others, last = map(float.fromhex, numbers.split())
    x = np.array(others + [last] * count)
    with mpmath.workdps(300):
        total = exact(x)
        logs = [mpmath.mpf(v) - total for v in x.tolist()]
        entropy = -mpmath.fsum(mpmath.exp(v) * v for v in logs)
        for given in (x, np.stack([x] * 3)):
            got = Categorical(len(x)).from_natural(given).entropy()
            assert ulps(np.ravel(got)[0], [entropy]) <= 2.5 + LOG_ULP


def test_logarithms_of_small_sums_are_pairs():
    """To a part of a unit, where numpy's log and log1p are off by more than half of one."""
    d = -np.random.default_rng(3).uniform(1.3, 40, (300, 1))
    shift = shifted(np.concatenate([0 * d, d], axis=1), blocks.Memory())
    with mpmath.workdps(60):
        for e, high, low in zip(np.exp(d[:, 0]), shift.log, shift.log_low, strict=True):
            gap = mpmath.log1p(mpmath.mpf(e)) - mpmath.mpf(high) - mpmath.mpf(low)
            assert abs(gap) <= 0.15 * float(np.spacing(high))
        total = 10.0 ** np.random.default_rng(4).uniform(-280, 280, 300)
        total[:200] = np.random.default_rng(4).uniform(0.1, 8, 200)
        for t, high, low in zip(total, *kernels._log(total), strict=True):
            gap = mpmath.log(mpmath.mpf(t)) - mpmath.mpf(high) - mpmath.mpf(low)
            unit = min(float(np.spacing(abs(high))), 2.0**-54)
            assert abs(gap) <= (0.65 + LOG_ULP) * unit


@pytest.mark.parametrize("seed", [7, 15, 24, 27])
def test_sums_in_pieces_are_rounded_once(seed):
    """Not once for each piece and again."""
    row = np.random.default_rng(seed).normal(size=700_001)
    exps = np.exp(row)
    total = math.fsum(exps.tolist())
    assert kernels._sum_of_exponentials(row[None]).tolist() == [total]
    p = special.softmax(row)
    assert (p == exps / total).all()
