"""Directions against scipy and each other: draws, doors, tiny parameters."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from directions import error, length, member
from mpmath import mpf
from scipy import stats

from expfam import VonMises, VonMisesFisher, angles, sampling

# ------------------------------------------------------------ other sources


@pytest.mark.parametrize("kappa", [0.01, 1.0, 25.0, 1e4])
def test_von_mises_is_that_of_scipy(kappa):
    p, other = VonMises().from_angle_concentration(0.7, kappa), stats.vonmises(kappa, loc=0.7)
    x = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(p.log_prob(x), other.logpdf(x), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(p.log_prob(x + 2 * np.pi), p.log_prob(x), rtol=1e-11)
    np.testing.assert_allclose(p.entropy(), other.entropy(), rtol=1e-9)
    draws = other.rvs(50, random_state=np.random.default_rng(1))
    location, found = p.family.angle_concentration(p.family.fit(draws).natural_parameter)
    wanted, at, _ = stats.vonmises.fit(draws, fscale=1)
    np.testing.assert_allclose([location, found], [at, wanted], rtol=1e-6)


@pytest.mark.parametrize("dimension", [2, 3, 8, 100])
@pytest.mark.parametrize("kappa", [0.01, 3.0, 500.0])
def test_von_mises_fisher_is_that_of_scipy(dimension, kappa):
    p = member(dimension, kappa)
    direction, found = p.family.direction_concentration(p.natural_parameter)
    other = stats.vonmises_fisher(direction, found)
    x = p.sample(6, rng=2)
    np.testing.assert_allclose(p.log_prob(x), other.logpdf(x), rtol=1e-9)
    np.testing.assert_allclose(p.entropy(), other.entropy(), rtol=1e-9)
    if dimension == 100:  # scipy's fit warns of 0/0 there, as its Bessel functions underflow
        return
    wanted, kappa_fit = stats.vonmises_fisher.fit(x)
    direction, found = p.family.direction_concentration(p.family.fit(x).natural_parameter)
    np.testing.assert_allclose(direction, wanted, rtol=1e-9)
    np.testing.assert_allclose(found, kappa_fit, rtol=1e-6)


@pytest.mark.parametrize("kappa", [0.0, 1e-5, 2.0, 31.0, 1e9])
def test_three_dimensions_are_elementary(kappa):
    """A = log(sinh κ / κ), ρ = coth κ − 1/κ."""
    p = member(3, kappa)
    with mpmath.workdps(50):
        k = length(p.natural_parameter)
        log_f = mpmath.log(mpmath.sinh(k) / k) if k else mpf(0)
        rho = mpmath.coth(k) - 1 / k if k else mpf(0)
        assert error(p.log_partition, log_f) < 1e-14
        assert error(float(np.linalg.norm(p.mean_parameter)), rho) < 1e-14


def test_angles_and_the_circle_are_one_family():
    natural = np.array([[0.4, -1.1], [0.0, 0.0], [-300.0, 5e4]])
    a, b = VonMises().from_natural(natural), VonMisesFisher(2).from_natural(natural)
    for name in ("mean_parameter", "log_partition", "fisher_information", "entropy", "kl"):
        one, two = getattr(a, name), getattr(b, name)
        one, two = (one(), two()) if name == "entropy" else (one, two)
        one, two = (a.kl(a[0]), b.kl(b[0])) if name == "kl" else (one, two)
        np.testing.assert_array_equal(one, two)
    x = a.sample(5, rng=1)
    points = np.stack([np.cos(x), np.sin(x)], axis=-1)
    np.testing.assert_allclose(a.log_prob(x), b.log_prob(points), rtol=1e-10)
    np.testing.assert_array_equal(a.family.sufficient_statistic(x), points)


# ------------------------------------------------------------ draws


def cosines(dimension: int, kappa: float) -> Any:
    """The distribution function of θ by the trapezoidal rule, in a variable that spreads the peak."""
    scale = np.sqrt(dimension / (dimension + kappa))
    t = np.linspace(-14, 14, 20001)
    theta = 2 * np.arctan(scale * np.exp(t))
    log_p = -2 * kappa * np.sin(theta / 2) ** 2 + (dimension - 1) * np.log(np.sin(theta))
    p = np.exp(log_p - log_p.max())
    total = np.concatenate([[0.0], np.cumsum((p[1:] + p[:-1]) / 2)])
    return lambda x: np.interp(x, theta, total / total[-1])


LAWS = [
    (2, 0.0),
    (2, 1e-4),
    (2, 1.5),
    (2, 1e8),
    (3, 0.0),
    (3, 4.0),
    (3, 1e17),
    (30, 7.0),
    (1000, 1e3),
]


@pytest.mark.parametrize(("dimension", "kappa"), LAWS)
def test_angles_of_draws_follow_the_law(dimension, kappa):
    """Kolmogorov's test at 1e-8: nine of these fail by chance in one of 10⁷ seeds."""
    theta = sampling.angle(sampling.stream(5), kappa, dimension, 20000)
    assert stats.kstest(theta, cosines(dimension, kappa)).pvalue > 1e-8


@pytest.mark.parametrize(("dimension", "kappa"), [(2, 0.5), (3, 0.0), (3, 20.0), (6, 1e6)])
def test_draws_turn_about_the_mean_evenly(dimension, kappa):
    """Their angle from the mean, and from a direction across it, at 1e-8 each."""
    p = member(dimension, kappa)
    x = p.sample(20000, rng=3)
    np.testing.assert_allclose(np.linalg.norm(x, axis=-1), 1, rtol=4e-15)
    mean = p.family.direction_concentration(p.natural_parameter)[0]
    if kappa:
        theta = np.arcsin(np.minimum(np.linalg.norm(x - mean, axis=-1) / 2, 1)) * 2
        assert stats.kstest(theta, cosines(dimension, kappa)).pvalue > 1e-8
    rest = angles.unit(angles.across(x, np.broadcast_to(mean, x.shape)) if kappa else x)
    other = angles.unit(angles.across(np.eye(dimension)[-1], mean))
    if dimension == 2:
        assert abs(np.mean(rest @ other > 0) - 0.5) < 6 * 0.5 / np.sqrt(20000)
    else:
        turned = np.arccos(np.clip(rest @ other, -1, 1))
        free = dimension - 1 if kappa else dimension
        assert stats.kstest(turned, cosines(free, 0.0)).pvalue > 1e-8


def test_draws_of_angles_are_of_one_turn():
    p = VonMises().from_angle_concentration(3.1, 4.0)
    x = p.sample(20000, rng=3)
    assert (np.abs(x) <= np.pi).all()
    assert (x < 0).any()
    shift = (x - 3.1 + np.pi) % (2 * np.pi) - np.pi
    assert stats.kstest(np.abs(shift), cosines(2, 4.0)).pvalue > 1e-8
    assert abs(np.mean(shift > 0) - 0.5) < 6 * 0.5 / np.sqrt(20000)


def test_a_sampler_refuses_what_is_no_law():
    with pytest.raises(ValueError, match="a concentration must be finite and not negative"):
        sampling.angle(sampling.stream(1), [1.0, -1.0])
    with pytest.raises(ValueError, match="a dimension must be at least 2"):
        sampling.angle(sampling.stream(1), 1.0, 1)


# ------------------------------------------------------------ doors


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: VonMisesFisher(1), "VonMisesFisher: dimension must be between 2 and 1000; got 1"),
        (lambda: VonMisesFisher(1001), "dimension must be between 1 and 1000; got 1001"),
        (lambda: VonMisesFisher(2.0), "VonMisesFisher: dimension must be an integer; got 2.0"),
        (
            lambda: VonMisesFisher(3).fit([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]),
            "VonMisesFisher: observations must have the length 1 to within 1e-6; row 1 has the length 1.414",
        ),
        (lambda: VonMises().fit([2.0, 2.0]), "VonMises: |μ| must be less than 1 by more than 1e-15"),
        (lambda: VonMises().fit([1.0]), "(all observations equal?); it is 1"),
        (lambda: VonMises().from_mean([0.8, 0.7]), "VonMises: |μ| must be less than 1 by more"),
        (lambda: VonMises().log_partition([1e18, 1e18]), "the concentration κ = |η| must be at most 1e18"),
        (lambda: VonMises().fit([np.inf]), "VonMises: observations must be finite"),
        (
            lambda: VonMises().from_angle_concentration(0.0, [1.0, -1.0]),
            "VonMises: the concentration must not be negative; entry 1 is -1",
        ),
        (
            lambda: VonMisesFisher(2).from_direction_concentration([1.0, 0.1], 1.0),
            "VonMisesFisher: the direction must have the length 1 to within 1e-6; it has the length 1.00",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(call, text):
    with pytest.raises((ValueError, TypeError)) as refusal:
        call()
    assert text in str(refusal.value)


def test_directions_are_built_and_read():
    family = VonMisesFisher(3)
    p = family.from_direction_concentration([[0.0, 0.6, 0.8], [1.0, 0.0, 0.0]], [2.0, 0.0])
    direction, kappa = family.direction_concentration(p.natural_parameter)
    np.testing.assert_allclose(direction, [[0.0, 0.6, 0.8], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(kappa, [2.0, 0.0])
    angle, kappa = VonMises().angle_concentration([[0.0, -3.0], [0.0, 0.0]])
    np.testing.assert_allclose(angle, [-np.pi / 2, 0.0])
    np.testing.assert_allclose(kappa, [3.0, 0.0])


def test_float32_directions_are_directions():
    x = member(50, 100.0).sample(30, rng=1)
    x32 = x.astype(np.float32)
    a, b = VonMisesFisher(50).fit(x), VonMisesFisher(50).fit(x32)
    np.testing.assert_allclose(a.natural_parameter, b.natural_parameter, rtol=1e-3)
    np.testing.assert_allclose(a.log_prob(x32), a.log_prob(x), rtol=1e-4)


def test_tiny_parameters_are_of_the_uniform_law():
    family = VonMisesFisher(4)
    for size in (1e-150, 1e-300):
        natural = np.array([size, -size, 0.0, 0.0])
        np.testing.assert_array_equal(family.natural_to_mean(natural), natural / 4)
        np.testing.assert_allclose(family.mean_to_natural(natural / 4), natural, rtol=1e-15)
        np.testing.assert_array_equal(family.fisher_information(natural), np.eye(4) / 4)
        assert np.isfinite(family.draw(natural, 1, 5)).all()
