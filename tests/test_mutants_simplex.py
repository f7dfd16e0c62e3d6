"""Constants and terms of the simplex, so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP
from sharp import mp, ulps, value

from expfam import simplex

INF = np.inf
RNG = np.random.default_rng


def test_log_means_and_ratios():
    rng = RNG(11)
    with mpmath.workdps(60):
        for _ in range(50):
            mean = rng.dirichlet(np.ones(4))
            numbers = [mpmath.mpf(v) for v in mean.tolist()]
            logs = [mpmath.log(v / mpmath.fsum(numbers)) for v in numbers]
            assert ulps(simplex.log_mean(mean), logs) <= 2
            both = simplex.log_mean(np.stack([mean, np.full(4, 0.25)]))
            assert ulps(both[0], logs) <= 2
            ratios = simplex.log_ratios(mean, np.full(4, 0.3))
            for i in range(4):
                error = abs(mp(value(ratios, i)) - mpmath.log(numbers[i] / mpmath.mpf(0.3)))
                assert error <= 2.0**-75


def test_entropies_take_what_the_shift_has_lost():
    rows = RNG(1).normal(size=(60, 3)) * [10, 1, 1]
    with mpmath.workdps(60):
        for row, got in zip(rows.tolist(), simplex.entropy(rows), strict=True):
            exps = [mpmath.exp(v) for v in row]
            total = mpmath.fsum(exps)
            exact = -mpmath.fsum(e / total * mpmath.log(e / total) for e in exps)
            assert ulps(got, [exact]) <= 1.2 + LOG_ULP


def test_log_means_and_entropies_of_another_library():
    strict = pytest.importorskip("array_api_strict")
    mean = RNG(19).dirichlet(np.ones(3), 2)
    got = simplex.log_mean(strict.asarray(mean))
    np.testing.assert_allclose(np.asarray(got), simplex.log_mean(mean), rtol=4e-16)
    got = simplex.entropy(strict.asarray(np.log(mean)))
    np.testing.assert_allclose(np.asarray(got), simplex.entropy(np.log(mean)), rtol=1e-15)


def test_divergences_where_there_is_nothing_and_where_differences_overflow():
    p = np.array([0.3, 0.0, -INF])
    assert simplex.divergence(p, p) == 0
    assert simplex.divergence(p, p + np.array([1e-9, 0, 0])) < 1e-17
    with np.errstate(all="ignore"):
        assert simplex.divergence(np.array([-1e308, 1e308]), np.array([0.0, 1e307])) == 0


@pytest.mark.parametrize("step", [1e-12, 1e-6, 0.01, 0.2, 0.5, 1.0, 3.0, 20.0])
def test_divergences_are_good_to_3e_15(step):
    rng = RNG(12)
    for _ in range(30):
        p = rng.normal(size=5) * 2
        q = p + step * rng.normal(size=5) + 3
        with mpmath.workdps(60):
            a, b = ([mpmath.exp(mpmath.mpf(v)) for v in x.tolist()] for x in (p, q))
            a, b = ([v / mpmath.fsum(x) for v in x] for x in (a, b))
            exact = mpmath.fsum(u * mpmath.log(u / v) for u, v in zip(a, b, strict=True))
            assert abs(simplex.divergence(p, q) - exact) <= 3e-15 * exact


def test_entropies_of_many_categories_take_what_the_total_has_lost():
    """Of 258 nearly equal ones 1 + Σ others passes 256, where it is rounded more."""
    rows = -0.01 * RNG(3).uniform(size=(20, 258))
    rows[:, 0] = 0.0
    with mpmath.workdps(60):
        for row, got in zip(rows.tolist(), simplex.entropy(rows), strict=True):
            exps = [mpmath.exp(v) for v in row]
            total = mpmath.fsum(exps)
            exact = (
                mpmath.log(total)
                - mpmath.fsum(e * v for e, v in zip(exps, row, strict=True)) / total
            )
            assert ulps(got, [exact]) <= 1.2 + LOG_ULP
