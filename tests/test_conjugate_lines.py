"""Integrals along lines through a peak, against closed forms; fixed seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expfam.conjugate.lines import lines
from expfam.sampling import stream


def edged(shape):
    """f of ∏ (1 − xᵢ)^a exp(a·xᵢ), xᵢ < 1, in widths 1/√a, and log of its integral over one xᵢ."""
    root = math.sqrt(shape)

    def depth(z):
        x = z / root
        inside = (x < 1).all(axis=1)
        value = -shape * (np.log1p(-np.where(x < 1, x, 0.0)) + x).sum(axis=1)
        return np.where(inside, value, np.inf)

    log_one = shape + math.lgamma(shape + 1) - (shape + 1) * math.log(shape) + math.log(root)
    return depth, log_one


@pytest.mark.parametrize("shape", [0.02, 0.3, 1.0, 40.0])
def test_lines_end_where_the_domain_does(shape):
    """Of one dimension all lines are one, and the rule is exact, however sharp the edge."""
    depth, exact = edged(shape)
    found = lines(depth, 1, 3, stream(1))
    assert len(found.log_length) == 3
    assert np.ptp(found.log_length) == 0
    assert found.log_integral(1) == pytest.approx(exact, abs=1e-10)


def test_a_line_that_comes_again_is_not_integrated_again():
    depth, _ = edged(1.0)
    seen = {count: [] for count in (1, 500)}
    for count, points in seen.items():
        lines(lambda z, points=points: points.append(len(z)) or depth(z), 1, count, stream(1))
    assert sum(seen[500]) == sum(seen[1])


def test_many_dimensions_with_edges():
    depth, exact = edged(2.0)
    found = lines(depth, 4, 2500, stream(2))
    share = found.shares()
    error = share.std() / math.sqrt(len(share))
    assert error < 0.02
    assert abs(found.log_integral(4) - 4 * exact) < 5 * error


def test_means_along_a_line_are_those_of_the_density():
    """Of a Gaussian E |z|² = d and E zᵢ² = 1; the depth that comes is that of the points."""
    size = 3
    found = lines(
        lambda z: 0.5 * (z * z).sum(axis=1),
        size,
        2000,
        stream(3),
        lambda z, f: ((z * z).sum(axis=1), z[:, 0] ** 2, f),
    )
    square, first, deep = found.means
    np.testing.assert_allclose(square, size, rtol=1e-7)
    np.testing.assert_allclose(deep, size / 2, rtol=1e-7)
    assert abs(first.mean() - 1) < 5 * first.std() / math.sqrt(len(first))
    np.testing.assert_allclose(found.shares(), 1.0, rtol=1e-9)
