"""Angles between vectors, however small, against mpmath."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from directions import dot, error, vector
from mpmath import mpf

from expfam import angles


def test_angles_of_vectors_are_pairs():
    vectors = [
        *np.random.default_rng(3).normal(size=(200, 2)),
        [-1, 0],
        [0, -1],
        [1e18, 1],
        [-1, 1e-9],
    ]
    for given in np.array(vectors, dtype=float):
        high, low = angles.angle(given)
        with mpmath.workdps(50):
            wanted = mpmath.atan2(*vector(given[::-1]))
            assert abs(mpf(float(high)) + mpf(float(low)) - wanted) < 1e-20
    assert angles.angle(np.zeros(2)) == (0.0, 0.0)


@pytest.mark.parametrize("distance", [1e-17, 1e-12, 1e-5, 0.1, 2.0])
def test_a_versine_keeps_its_digits(distance):
    random = np.random.default_rng(4)
    y = random.normal(size=5) * 1e17
    x = y / np.linalg.norm(y) + distance * random.normal(size=5)
    with mpmath.workdps(80):
        one, two = vector(x), vector(y)
        wanted = 1 - dot(one, two) / mpmath.sqrt(dot(one, one) * dot(two, two))
        assert error(angles.versine(x, y), wanted) < 1e-14
    assert angles.versine(x, 0 * y) == angles.versine(0 * x, y) == 0
    assert np.isclose(angles.versine(x, -y) + angles.versine(x, y), 2, rtol=1e-15)
