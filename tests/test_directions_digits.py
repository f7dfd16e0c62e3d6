"""Directions against mpmath: every digit from κ = 0 to 1e8 and beyond."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
from directions import dot, error, length, member, vector
from mpmath import mpf

from expfam import VonMises, VonMisesFisher, bessel

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
