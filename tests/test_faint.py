"""Sums of exponentials so small beside a maximum that each alone is subnormal, or nothing."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from expfam import special

BELOW = [668.3, 690.123, 708.5, 720.3, 740.1, 745.9, 752.3]


def ulps(got, value):
    return float(abs(mpmath.mpf(float(got)) - value) / mpmath.mpf(np.spacing(abs(float(value)))))


def rows(size, top):
    """One maximum in each row, and what is far below it, not all the same."""
    x = np.full((len(BELOW), size), top) - np.array(BELOW)[:, None]
    x[:, 0] += 0.37
    x[:, 1] = top
    return x


def excess(row):
    """log Σ exp(x − max)."""
    gaps = [mpmath.mpf(float(v)) - mpmath.mpf(float(row.max())) for v in row]
    with mpmath.workprec(3000):
        return mpmath.log(mpmath.fsum(mpmath.exp(gap) for gap in gaps))


@pytest.mark.parametrize("size", [2, 3, 5, 8, 9, 17, 100, 1000])
@pytest.mark.parametrize("top", [0.0, 0.7, -3.1])
def test_many_faint_terms_are_not_lost(size, top):
    """Of a thousand terms exp(−746) none is a double, and their sum is 116 units of 2⁻¹⁰⁷⁴."""
    with mpmath.workprec(3000):
        x = rows(size, top)
        sums, logs = special.logsumexp(x, axis=1), special.log_softmax(x, axis=1)
        for row, total, log_p in zip(x, sums, logs, strict=True):
            value = excess(row)
            assert ulps(log_p[1], -value) <= 2
            assert ulps(total, value + mpmath.mpf(top)) <= 2
            alone = special.logsumexp(row), special.log_softmax(row)[1]
            assert ulps(alone[0], value + mpmath.mpf(top)) <= 2
            assert ulps(alone[1], -value) <= 2


def test_a_thousand_of_nothing_are_something():
    x = np.append(np.full(1000, -745.9), 0.0)
    assert special.logsumexp(x) == 232 * 2.0**-1074
    assert special.logsumexp(x.astype(np.float32)) == 0  # of which float32 has nothing
