"""The hats of the samplers of integers: they cover, are Hörmann's, and propose the right masses."""

import math

import mpmath
import numpy as np
import pytest
from draws import Fixed
from scipy import stats

from expfam.sampling import binomial, poisson
from expfam.sampling.counts import hat


def test_search_stops_where_rounding_would_climb_for_ever():
    top = [2**64 - 1] * 4
    assert (binomial(Fixed(top), 3, 1.0, 1.0, 4) <= 3).all()
    assert (poisson(Fixed(top), 9.0, 4) < 60).all()


HATS = [(m, 0.0, math.inf) for m in [*np.linspace(10, 30, 81), 50.3, 100, 1e3, 1e4, 3e5]]
HATS += [(n * p, p, n) for n in [20, 21, 25, 33, 57, 100, 999] for p in np.linspace(10 / n, 0.5, 9)]


def test_the_hat_covers_and_the_squeeze_is_inside():
    edge = 10.0 ** np.linspace(-1.2, -9, 2000)
    u = np.concatenate([np.linspace(-0.4999, 0.4999, 9000), 0.5 - edge, edge - 0.5])
    for mean, p, n in HATS:
        law = stats.binom(n, p) if p else stats.poisson(mean)
        deviation = math.sqrt(mean * (1 - p))
        envelope = hat(np.array([deviation]), np.array([0.01 * p]))
        count = np.floor(envelope.place(u) + mean + 0.5)
        scaled = law.pmf(count) * deviation * math.sqrt(2 * math.pi)
        ratio = scaled * envelope.slope(u) / envelope.scale
        assert ratio.max() < 0.996
        assert ratio[np.abs(u) <= 0.43].min() > envelope.squeeze[0] + 0.004


def test_the_hat_covers_blocks():
    """In the limit f is the normal density, and a block spans at most 2⁻⁹ deviations."""
    u = np.linspace(-0.4999, 0.4999, 100_001)
    envelope = hat(np.array([1e9]), np.zeros(1))
    x = np.abs(envelope.place(u)) / 1e9
    bound = envelope.slope(u) / envelope.scale
    high = np.exp(-(np.maximum(x - 2**-9, 0) ** 2) / 2) * bound
    low = np.exp(-((x + 2**-9) ** 2) / 2) * bound
    assert high.max() < 0.999
    assert low[np.abs(u) <= 0.43].min() > envelope.squeeze[0] + 0.002


def test_the_hat_is_hormanns():
    """Other constants may be right too, but give other draws."""
    got = [float(part[0]) for part in hat(np.array([8.0]), np.array([0.005]))]
    width = 1.15 + 2.53 * 8
    exact = [
        -0.0873 + 0.0248 * width + 0.005,
        width,
        (2.83 + 5.1 / width) * 8,
        0.92 - 4.2 / width,
    ]
    assert got == pytest.approx(exact, rel=1e-15)


@pytest.mark.parametrize(("deviation", "block"), [(3.2, 0), (300.0, 0), (2.0**31, 22)])
def test_52_bits_of_uniform_propose_the_right_masses(deviation, block):
    """Each proposal's number of uniforms, found by bisection, against the exact length."""
    envelope = hat(np.array([deviation]), np.zeros(1))
    unit = 2.0**block
    cells = np.arange(-int(5 * deviation / unit), int(5 * deviation / unit) + 1)
    low, high = np.zeros(len(cells), np.int64), np.full(len(cells), 2**52, np.int64)
    for _ in range(53):
        middle = (low + high) // 2
        words = np.minimum(middle, 2**52 - 1).astype(np.uint64) << np.uint64(12)
        place = envelope.place(Fixed(words).uniform(len(words)) - 0.5)
        reached = np.floor(np.ldexp(place + 0.5, -block)) >= cells
        low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
    with mpmath.workdps(40):
        a, b = (mpmath.mpf(float(part[0])) for part in envelope[:2])
        errors = []
        for cell, first in zip(cells.tolist(), low.tolist(), strict=True):
            y = abs(mpmath.mpf(cell) * unit - 0.5)
            # (2a + b(½ − u))u = y(½ − u), solved for u > 0
            half = 2 * a + b / 2 + y
            u = (half - mpmath.sqrt(half**2 - 2 * b * y)) / (2 * b)
            errors.append(float(first - (0.5 + (u if cell > 0 else -u)) * 2**52) / 2**52)
    accepted = np.exp(-((cells[1:] * unit / deviation) ** 2) / 2)
    assert (np.abs(np.diff(errors)) * accepted).sum() / 2 / 0.88 < 2e-13
