"""Directions against mpmath, scipy and each other: every digit from κ = 0 to 1e8 and beyond."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from scipy import stats

from expfam import VonMises, VonMisesFisher, angles, bessel, sampling

DIMENSIONS = [2, 3, 30, 1000]
KAPPAS = [1e-3, 0.7, 29.9, 30.1, 1e4, 1e8]
MORE = [pytest.mark.slow]
ALL_DIMENSIONS = [*DIMENSIONS, *(pytest.param(d, marks=MORE) for d in (4, 7, 101, 500, 999))]
ALL_KAPPAS = [*KAPPAS, *(pytest.param(k, marks=MORE) for k in (1e-8, 5.0, 150.0, 1e6, 1e12, 1e14))]
PROMISE = 1e-12
DIGITS = 90


@cache
def exact(dimension: int, kappa: Any) -> tuple:
    """A, log area, ρ and ρ′ in 90 digits, from I of two orders."""
    with mpmath.workdps(DIGITS):
        order = mpf(dimension) / 2 - 1
        k = mpf(kappa)
        area = mpmath.log(2) + (order + 1) * mpmath.log(mpmath.pi) - mpmath.loggamma(order + 1)
        if k == 0:
            return mpf(0), area, mpf(0), mpf(1) / dimension
        here, above = mpmath.besseli(order, k), mpmath.besseli(order + 1, k)
        log_f = mpmath.log(here) + mpmath.loggamma(order + 1) + order * mpmath.log(2 / k)
        rho = above / here
        return log_f, area, rho, 1 - rho**2 - (dimension - 1) * rho / k


def vector(x: np.ndarray) -> list:
    return [mpf(float(entry)) for entry in x]


def dot(x: list, y: list) -> Any:
    return mpmath.fsum(a * b for a, b in zip(x, y, strict=True))


def error(got: Any, wanted: Any, least: float = 0.0) -> float:
    scale = max(abs(wanted), mpf(least))
    return float(abs(mpf(float(got)) - wanted) / scale) if scale else float(abs(got))


def member(dimension: int, kappa: float, seed: int = 0) -> Any:
    direction = np.random.default_rng(seed).normal(size=dimension)
    direction /= np.linalg.norm(direction)
    return VonMisesFisher(dimension).from_natural(kappa * direction)


def length(x: np.ndarray) -> Any:
    return mpmath.sqrt(dot(vector(x), vector(x)))


# ------------------------------------------------------------ accuracy


@pytest.mark.parametrize("dimension", ALL_DIMENSIONS)
@pytest.mark.parametrize("kappa", ALL_KAPPAS)
def test_functions_of_a_member_keep_their_digits(dimension, kappa):
    p = member(dimension, kappa)
    with mpmath.workdps(DIGITS):
        k = length(p.natural_parameter)
        log_f, area, rho, slope = exact(dimension, k)
        assert error(p.log_partition, log_f) < PROMISE
        assert error(p.entropy(), area + log_f - k * rho, 1.0) < PROMISE
        for got, entry in zip(p.mean_parameter, vector(p.natural_parameter), strict=True):
            assert error(got, rho * entry / k) < PROMISE
        square = np.asarray(float(k)) ** 2
        found = bessel.resultant(dimension / 2 - 1, square)
        k = mpmath.sqrt(mpf(float(square)))
        log_f, area, rho, slope = exact(dimension, k)
        for got, wanted in zip(found, (rho, 1 - rho, rho / k, slope), strict=True):
            assert error(got, wanted) < 1e-13
        got = bessel.log_scaled_integral(dimension / 2 - 1, square)
        assert error(got, area + log_f - k, 1.0) < 1e-13


@pytest.mark.parametrize("dimension", ALL_DIMENSIONS)
@pytest.mark.parametrize("kappa", ALL_KAPPAS)
def test_log_prob_keeps_its_digits(dimension, kappa):
    """At draws, at the mode, across, opposite and where log p is near 0."""
    p = member(dimension, kappa)
    eta = p.natural_parameter
    mode = eta / np.linalg.norm(eta)
    beside = p.sample(4, rng=1)
    for x in (mode, -mode, *beside, np.roll(mode, 1), mode * (1 + 4e-7)):
        with mpmath.workdps(DIGITS):
            k, size = length(eta), length(x)
            log_f, area, _, _ = exact(dimension, k)
            wanted = dot(vector(eta), vector(x)) / size - log_f - area
            assert error(p.log_prob(x), wanted, 1.0) < PROMISE


@pytest.mark.parametrize("direction", [(-0.8, 0.6), (0.28, -0.96), (-1.0, 1e-3)])
@pytest.mark.parametrize("kappa", ALL_KAPPAS)
def test_log_prob_of_angles_keeps_its_digits(kappa, direction):
    """Where the angle of η is between two doubles: of a mean angle it would nearly be one."""
    p = VonMises().from_natural(kappa * np.array(direction))
    mean, deviation = np.arctan2(*direction[::-1]), min(1.0, kappa**-0.5)
    steps = deviation * np.array([0.0, 1.0, -0.3, 4.07, -5.0])
    for x in (*(mean + steps), *(mean - 6 * np.pi + steps), 1e5, -1e3, 0.0, np.pi):
        with mpmath.workdps(DIGITS):
            a, b = vector(p.natural_parameter)
            log_f, area, _, _ = exact(2, mpmath.sqrt(a * a + b * b))
            angle = mpf(float(x))
            wanted = a * mpmath.cos(angle) + b * mpmath.sin(angle) - log_f - area
            assert error(p.log_prob(x), wanted, 1.0) < PROMISE


@pytest.mark.parametrize(
    "dimension", [2, pytest.param(3, marks=MORE), 30, pytest.param(1000, marks=MORE)]
)
@pytest.mark.parametrize("kappa", ALL_KAPPAS)
@pytest.mark.parametrize("step", [1e-13, 1e-8, 1e-3, 0.4, 0.9, 3.0, 1e3])
def test_kl_keeps_its_digits(dimension, kappa, step):
    """Between members one step longer, one step turned, and both, there and back."""
    p = member(dimension, kappa)
    eta = p.natural_parameter
    turned = np.roll(eta, 1)
    others = [eta * (1 + step)]
    if step < 2:
        others += [eta + step * turned, eta * (1 - step) + step * turned]
    for other in others:
        q = p.family.from_natural(other)
        for a, b in ((p, q), (q, p)):
            with mpmath.workdps(DIGITS):
                one, two = vector(a.natural_parameter), vector(b.natural_parameter)
                k, k_two = mpmath.sqrt(dot(one, one)), mpmath.sqrt(dot(two, two))
                log_f, _, rho, _ = exact(dimension, k)
                wanted = exact(dimension, k_two)[0] - log_f
                wanted -= rho / k * (dot(one, two) - dot(one, one))
                assert error(a.kl(b), wanted) < PROMISE


def test_kl_from_and_to_the_uniform_law():
    for dimension in DIMENSIONS:
        uniform = VonMisesFisher(dimension).from_natural(np.zeros(dimension))
        for kappa in KAPPAS:
            p = member(dimension, kappa)
            with mpmath.workdps(DIGITS):
                k = length(p.natural_parameter)
                log_f, _, rho, _ = exact(dimension, k)
                assert error(uniform.kl(p), log_f) < PROMISE
                assert error(p.kl(uniform), k * rho - log_f) < PROMISE
        assert uniform.kl(uniform) == 0
        assert np.isclose(uniform.entropy(), -uniform.family.log_base, rtol=1e-15)


@pytest.mark.parametrize("dimension", ALL_DIMENSIONS)
@pytest.mark.parametrize("short", [1e-14, 1e-11, 1e-8, 1e-4, 0.02, 0.3, 0.7, 1 - 1e-3, 1 - 1e-9])
def test_the_backward_map_keeps_its_digits(dimension, short):
    """μ as stored, with 1 − |μ| = short or nearly: its κ from ρ(κ) in 90 digits."""
    direction = member(dimension, 1.0).natural_parameter
    direction = direction / np.linalg.norm(direction)
    mean = (1 - short) * direction if short < 0.9 else (1 - mpf(short)).__float__() * direction
    natural = VonMisesFisher(dimension).mean_to_natural(mean)
    with mpmath.workdps(DIGITS):
        k, r = length(natural), length(mean)
        _, _, rho, slope = exact(dimension, k)
        assert abs((rho - r) / (slope * k)) < PROMISE
        for got, entry in zip(natural, vector(mean), strict=True):
            assert error(got, entry * k / r) < PROMISE


@pytest.mark.parametrize("dimension", [2, 7, pytest.param(30, marks=MORE)])
@pytest.mark.parametrize("kappa", ALL_KAPPAS)
def test_fisher_keeps_its_digits(dimension, kappa):
    p = member(dimension, kappa)
    eta = p.natural_parameter
    other = np.roll(eta, 1) / kappa
    with mpmath.workdps(DIGITS):
        k, entries = length(eta), vector(eta)
        _, _, rho, slope = exact(dimension, k)
        across = rho / k
        wanted = [
            [across * (i == j) + (slope - across) * a * b / k**2 for j, b in enumerate(entries)]
            for i, a in enumerate(entries)
        ]
        for row, wanted_row in zip(p.fisher_information, wanted, strict=True):
            assert max(map(error, row, wanted_row)) < PROMISE
        for v in (eta / kappa, other):
            product = p.family.fisher_product(eta, v)
            along = dot(vector(v), entries) / k**2
            exact_product = [
                across * b + (slope - across) * along * a
                for a, b in zip(entries, vector(v), strict=True)
            ]
            size = max(abs(value) for value in exact_product)
            for got, value in zip(product, exact_product, strict=True):
                assert abs(mpf(float(got)) - value) < PROMISE * size


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


# ------------------------------------------------------------ angles between vectors


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


# ------------------------------------------------------------ other array libraries


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_the_circle_runs_elsewhere(library):
    xp = pytest.importorskip(library)
    if library == "jax.numpy":
        import jax

        jax.config.update("jax_enable_x64", True)
    family, angle = VonMises(), np.array([0.3, -2.0, 1.0])
    natural = np.array([[0.0, 0.0], [0.06, 0.01], [-3.0, 4.0]])
    p, x = family.from_natural(natural), xp.asarray(angle)
    a = family.from_natural(xp.asarray(natural))
    for name in ("mean_parameter", "log_partition", "fisher_information"):
        np.testing.assert_allclose(getattr(a, name), getattr(p, name), rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(a.log_prob(x), p.log_prob(angle), rtol=1e-12)
    np.testing.assert_allclose(a.entropy(), p.entropy(), rtol=1e-12)
    np.testing.assert_allclose(a.kl(a[1]), p.kl(p[1]), rtol=1e-10, atol=1e-16)
    product = family.fisher_product(a.natural_parameter, a.natural_parameter)
    wanted = family.fisher_product(natural, natural)
    np.testing.assert_allclose(product, wanted, rtol=1e-11, atol=1e-15)
    found = family.angle_concentration(a.natural_parameter)
    np.testing.assert_allclose(found, family.angle_concentration(natural), rtol=1e-14)
    point = VonMisesFisher(2).from_natural(a.natural_parameter)
    circle = xp.stack([xp.cos(x), xp.sin(x)], axis=-1)
    np.testing.assert_allclose(point.log_prob(circle), a.log_prob(x), rtol=1e-14)
    gradient, hessian = derivatives(library, family.log_partition, a.natural_parameter)
    np.testing.assert_allclose(gradient, p.mean_parameter, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(hessian, p.fisher_information, rtol=1e-11, atol=1e-15)
    back = family.mean_to_natural(a.mean_parameter)
    np.testing.assert_allclose(back, natural, rtol=1e-10, atol=1e-15)
    with pytest.raises(TypeError, match="bessel: I of order 0 needs numpy, torch or jax, of other"):
        VonMisesFisher(3).log_partition(xp.asarray([0.1, 0.2, 0.3]))


def derivatives(library: str, function: Any, points: Any) -> tuple:
    """The gradient and the Hessian at each point."""
    if library == "torch":
        import torch

        each = torch.autograd.functional
        found = [(each.jacobian(function, at), each.hessian(function, at)) for at in points]
        return tuple(torch.stack(part) for part in zip(*found, strict=True))
    import jax

    gradient, hessian = jax.grad(function), jax.hessian(function)
    return jax.jit(jax.vmap(lambda at: (gradient(at), hessian(at))))(points)


def test_a_library_without_bessel_functions_says_so():
    xp = pytest.importorskip("array_api_strict")
    with pytest.raises(TypeError, match="bessel: .*came on array_api_strict"):
        VonMises().log_partition(xp.asarray([0.1, 0.2]))
