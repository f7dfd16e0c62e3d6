"""The samplers of normals and gammas: their pieces and their laws."""

import math

import mpmath
import numpy as np
import pytest
from draws import RATE, assert_moments
from scipy import stats

from expfam.sampling import gamma, normal, stream
from expfam.sampling.densities import NORMAL_WIDTH, gamma_log_ratio, ratio_of_uniforms


def test_normals_fill_the_region_of_their_density():
    """u ≤ e^{−x²/4}, in the square |v| ≤ √(2/e) that holds it: |x|e^{−x²/4} is largest at √2."""
    assert math.isclose(NORMAL_WIDTH / 2, math.sqrt(2) * math.exp(-0.5), rel_tol=1e-15)
    u, v = stream(1).uniform((2, 2000))
    x, accepted = ratio_of_uniforms(u, v)
    assert (x == NORMAL_WIDTH * (v - 0.5) / u).all()
    assert (accepted == (u <= np.exp(-x * x / 4))).all()
    for at in (0.1, 1.0, -2.0, 5.0):
        edge = math.exp(-at * at / 4)
        for factor in (1 - 1e-12, 1 + 1e-12):
            half = np.array([factor * edge])
            assert ratio_of_uniforms(half, 0.5 + at * half / NORMAL_WIDTH)[1][0] == (factor < 1)


def test_gamma_acceptance():
    for d in (2 / 3, 5.0, 1e4, 1e8):
        for x in (-7.0, -2.0, -0.3, 1e-3, 1.0, 8.0):
            w = x / (3 * math.sqrt(d))
            if w <= -1:
                continue
            with mpmath.workdps(60):
                v = (1 + mpmath.mpf(w)) ** 3
                exact = mpmath.mpf(w) ** 2 * 9 * d / 2 + d - d * v + d * mpmath.log(v)
            got = gamma_log_ratio(np.array([d]), np.array([w]))[0]
            assert abs(got - exact) <= 1e-12 * max(1, abs(exact))


def test_gammas_are_cubes_of_normals():
    """At a = 1e10 nothing of 2000 is rejected."""
    d = 1e10 - 1 / 3
    expected = d * (1 + normal(stream(1), 2000) / math.sqrt(9 * d)) ** 3
    np.testing.assert_allclose(gamma(stream(1), 1e10, 2000), expected, rtol=1e-15)


@pytest.mark.parametrize("a", [1e-3, 0.3, 0.999])
def test_gammas_below_one_are_boosted(a):
    other = stream(1)
    expected = gamma(other, a + 1, 100, log=True) + np.log(other.uniform(100)) / a
    np.testing.assert_allclose(gamma(stream(1), a, 100, log=True), expected, rtol=1e-13)


def test_normal_law():
    draws = normal(stream(11), 300_000)
    assert stats.kstest(draws, stats.norm.cdf).pvalue > RATE
    assert_moments(draws)


@pytest.mark.parametrize("a", [0.05, 0.3, 0.999, 1.0, 1.5, 30.0, 1e4, 1e8])
def test_gamma_law(a):
    draws = gamma(stream(12), a, 50_000)
    assert stats.kstest(draws, stats.gamma(a).cdf).pvalue > RATE
    logs = gamma(stream(12), a, 50_000, log=True)
    np.testing.assert_allclose(np.exp(logs), draws, rtol=1e-12)


@pytest.mark.parametrize("a", [1e-8, 1e-5, 1e-3])
def test_gamma_of_a_small_shape(a):
    """−a·log x is nearly exponential: P(log x ≤ y) = e^{ay}/Γ(a + 1) up to e^y."""
    draws = gamma(stream(13), a, 50_000)
    logs = gamma(stream(13), a, 50_000, log=True)
    assert (draws >= 0).all()
    assert np.isfinite(logs).all()
    scaled = -a * logs[logs < -40]
    expected = stats.expon(loc=40 * a)
    shift = math.lgamma(a + 1)
    assert abs(shift) < 1e-3
    assert stats.kstest(scaled, expected.cdf).pvalue > RATE
