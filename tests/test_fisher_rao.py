"""The distance of Fisher and Rao against integrals and other formulas."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from pairs import categories, rng
from scipy import integrate

from expfam import checks
from expfam import divergences as dv
from expfam.families import (
    Binomial,
    Categorical,
    ChiSquared,
    DiagonalGaussian,
    Exponential,
    Gamma,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    InverseGamma,
    IsotropicGaussian,
    Laplace,
    LogNormal,
    Multinomial,
    MultivariateGaussian,
    MultivariateGaussianKnownCovariance,
    NegativeBinomial,
    Pareto,
    Poisson,
    Weibull,
)

ONE_PARAMETER = {
    Binomial(7): (-2.0, 1.5),
    Poisson(): (0.3, 3.0),
    Exponential(): (-3.0, -0.2),
    Geometric(): (-2.0, -0.1),
    NegativeBinomial(2.5): (-3.0, -0.05),
    Weibull(2.0): (-3.0, -0.2),
    Pareto(1.0): (-3.0, -0.2),
    Laplace(): (-3.0, -0.2),
    GaussianKnownMean(1.0): (-2.0, -0.3),
    GaussianKnownVariance(3.0): (-2.0, 0.5),
}


@pytest.mark.parametrize("family", ONE_PARAMETER, ids=repr)
def test_of_one_parameter_the_distance_is_the_integral_of_the_root_of_the_metric(family):
    a, b = ONE_PARAMETER[family]
    exact, _ = integrate.quad(lambda x: math.sqrt(family.fisher_information(x)), a, b, epsrel=1e-12)
    p, q = family.from_natural([a, b])
    assert dv.fisher_rao(p, q) == pytest.approx(exact, rel=1e-12)
    assert dv.fisher_rao(q, p) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("q", [-9e-14, -1e-3, -259.5 + 1e-9])
def test_the_distance_of_counts_with_a_long_tail(q):
    """2|artanh e^{η_p/2} − artanh e^{η_q/2}|, where the latter is all but 1 of its argument."""
    with mpmath.workdps(200):
        ends = (mpmath.exp(mpmath.mpf(eta) / 2) for eta in (-259.5, q))
        exact = float(2 * abs(mpmath.atanh(next(ends)) - mpmath.atanh(next(ends))))
    got = dv.fisher_rao(*(Geometric().from_natural(eta) for eta in (-259.5, q)))
    assert got == pytest.approx(exact, rel=1e-13)


def test_the_distance_of_close_categories_of_which_one_has_all():
    """√⟨d, F d⟩ with F of probabilities far below a rounding of 1."""
    p = np.array([90.0, 5.0, -3.0])
    d = (p + np.array([-8e-12, -7e-12, -2e-12])) - p
    one, two = np.exp(p[1:] - 90.0)  # but for e⁻⁸⁵ of them
    exact = np.sqrt(one * (d[1] - d[0]) ** 2 + two * (d[2] - d[0]) ** 2)
    p, q = Categorical(3).from_natural([p, p + d])
    assert dv.fisher_rao(p, q) == pytest.approx(exact, rel=1e-9, abs=0)


CLOSED = [
    *ONE_PARAMETER,
    Multinomial(3, trials=5),
    Categorical(4),
    Gaussian(),
    LogNormal(),
    DiagonalGaussian(2),
    IsotropicGaussian(2),
    MultivariateGaussianKnownCovariance([[2.0, 1.0], [1.0, 1.0]]),
]


@pytest.mark.parametrize("family", CLOSED, ids=repr)
def test_the_distance_is_a_metric_and_locally_that_of_fisher(family):
    members = [family.from_natural(row) for row in checks._proposed(family, rng(4))[:2]]
    members.append(dv.e_geodesic(*members, 0.3))
    for p, q, r in itertools.permutations(members):
        whole = dv.fisher_rao(p, r)
        assert whole == pytest.approx(dv.fisher_rao(r, p), rel=1e-12, abs=0)
        assert whole <= (dv.fisher_rao(p, q) + dv.fisher_rao(q, r)) * (1 + 1e-12)
    p, q = members[:2]
    assert dv.fisher_rao(p, p) == 0
    for step in (1e-7, 1e-9, 1e-12):
        near = dv.e_geodesic(p, q, step)
        gap = np.atleast_1d(near.natural_parameter - p.natural_parameter)
        metric = np.reshape(p.fisher_information, (gap.size, gap.size))
        exact = math.sqrt(gap @ metric @ gap)
        assert dv.fisher_rao(p, near) == pytest.approx(exact, rel=1e4 * step + 1e-9, abs=0)


def test_the_half_plane_of_gaussians():
    """Straight up √2·|log σ|, and an independent formula: arccosh (Atkinson and Mitchell 1981)."""
    normal = Gaussian().from_mean_variance
    assert dv.fisher_rao(normal(1.0, 4.0), normal(1.0, 9.0)) == pytest.approx(
        np.sqrt(2) * np.log(1.5)
    )
    for seed in range(10):
        m, n, s, t = np.exp(rng(seed).normal(size=4))
        rise = ((m - n) ** 2 / 2 + (s - t) ** 2) / (2 * s * t)
        exact = math.sqrt(2) * math.acosh(1 + rise)
        assert dv.fisher_rao(normal(m, s**2), normal(n, t**2)) == pytest.approx(exact, rel=1e-9)
        both = DiagonalGaussian(2).from_natural
        p, q = (
            [normal(a, b**2).natural_parameter for a, b in v]
            for v in ([(m, s), (n, t)], [(n, t), (m, s)])
        )
        p, q = (both(np.transpose(v).ravel()) for v in (p, q))
        assert dv.fisher_rao(p, q) == pytest.approx(math.sqrt(2) * exact, rel=1e-9)
        for d in (1, 3):
            one, two = (
                IsotropicGaussian(d).from_natural([*np.full(d, a / b**2), -0.5 / b**2])
                for a, b in ((m, s), (n, t))
            )
            rise = ((m - n) ** 2 / 2 + (s - t) ** 2) / (2 * s * t)
            exact = math.sqrt(2 * d) * math.acosh(1 + rise)
            assert dv.fisher_rao(one, two) == pytest.approx(exact, rel=1e-9)


def test_gaussians_many_deviations_from_0_keep_their_digits():
    """Means of 1e6 and 1e10 deviations, closer to each other than one."""
    for mean, variance, gap in ((1e3, 1e-6, 1e-5), (-7e9, 0.5, 0.01)):
        p = Gaussian().from_mean_variance(mean, variance)
        q = Gaussian().from_mean_variance(mean + gap, 1.001 * variance)
        with mpmath.workdps(60):
            (a, b), (c, d) = ([mpmath.mpf(float(x)) for x in m.natural_parameter] for m in (p, q))
            one, two = mpmath.sqrt(-1 / (2 * b)), mpmath.sqrt(-1 / (2 * d))
            chord = ((a / b - c / d) ** 2 / 8 + (one - two) ** 2) / (4 * one * two)
            wanted = float(2 * mpmath.sqrt(2) * mpmath.asinh(mpmath.sqrt(chord)))
        assert dv.fisher_rao(p, q) == pytest.approx(wanted, rel=2e-15)
        twice = DiagonalGaussian(2)
        p, q = (twice.from_natural(np.repeat(m.natural_parameter, 2)) for m in (p, q))
        assert dv.fisher_rao(p, q) == pytest.approx(math.sqrt(2) * wanted, rel=2e-15)


def test_the_sphere_of_categories():
    for seed in range(8):
        a, b = categories(5, seed, zeros=True), categories(5, seed + 30, zeros=True)
        exact = 2 * math.sqrt(7) * math.acos(min(1.0, np.sqrt(a * b).sum()))
        p, q = (Multinomial(5, trials=7).from_mean(7 * v) for v in (a, b))
        assert dv.fisher_rao(p, q) == pytest.approx(exact, rel=1e-9, abs=0)
    p, q = Binomial(7).from_mean([7 * 0.2, 7 * 0.7])
    two = Multinomial(2, trials=7).from_mean(7 * np.array([[0.2, 0.8], [0.7, 0.3]]))
    assert dv.fisher_rao(p, q) == pytest.approx(dv.fisher_rao(*two), rel=1e-14)


@pytest.mark.parametrize("family", [Gamma(), InverseGamma(), ChiSquared(), MultivariateGaussian(2)])
def test_distances_without_a_closed_form_are_refused(family):
    p = family.from_natural(checks._proposed(family, rng())[0])
    with pytest.raises(ValueError, match=f"fisher_rao: there is no closed form for {family.name}"):
        dv.fisher_rao(p, p)
