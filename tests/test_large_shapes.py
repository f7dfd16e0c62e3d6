"""Gamma, InverseGamma and ChiSquared against mpmath, shapes from 1e-6 to 1e15; corners; Gaussian vectors far apart."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from mpmath import digamma, log, loggamma, mpf

from expfam import ChiSquared, Gamma, InverseGamma, IsotropicGaussian, MultivariateGaussian

SHAPES = [1e-6, 0.3, 1.0, 15.9, 16.1, 2e3, 1e8, 1e15]
STEPS = [1e-13, 1e-6, 0.3, 3.0, 1e5]
PROMISE = 1e-14
KL_PROMISE = 1e-13


@pytest.fixture(autouse=True)
def precise():
    with mpmath.workdps(250):
        yield


def error(got, wanted, least=0.0) -> float:
    return float(abs(mpf(float(got)) - wanted) / max(abs(wanted), mpf(least)))


def parameters(p) -> tuple:
    eta = [mpf(float(v)) for v in np.atleast_1d(p.natural_parameter)]
    return eta[0] + 1, -eta[1] if len(eta) > 1 else mpf(1) / 2


def log_density(p, x) -> mpf:
    a, b = parameters(p)
    x = mpf(float(x))
    y = 1 / x if isinstance(p.family, InverseGamma) else x
    return a * log(b * y) - b * y - loggamma(a) - log(x)


def divergence(p, q) -> mpf:
    (a, r), (b, s) = parameters(p), parameters(q)
    return loggamma(b) - loggamma(a) - (b - a) * digamma(a) - b * log(s / r) + a * (s - r) / r


def members(shape):
    yield Gamma().from_shape_rate(shape, 1e-3)
    yield InverseGamma().from_shape_scale(shape, 700.0)
    yield ChiSquared().from_natural(shape - 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_log_prob_and_entropy_keep_their_digits(shape):
    for p in members(shape):
        a, b = parameters(p)
        middle = float(b / a) if isinstance(p.family, InverseGamma) else float(a / b)
        deviation = min(1.0, np.sqrt(1 / shape))
        for x in (middle, *middle * np.exp(deviation * np.array([1e-3, -1.0, 5.0])), 1e-250, 1e250):
            assert error(p.log_prob(x), log_density(p, x), 1.0) < PROMISE
        sign = -1 if isinstance(p.family, InverseGamma) else 1
        wanted = loggamma(a) + a - a * digamma(a) + sign * (digamma(a) - log(b))
        assert error(p.entropy(), wanted, 1.0) < PROMISE


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("step", STEPS)
def test_kl_keeps_its_digits_between_members_far_and_close(shape, step):
    for p in members(shape):
        others = [p.natural_parameter * (1 + step)]
        if np.ndim(p.natural_parameter):
            others += [p.natural_parameter * (1 + step * np.array(v)) for v in ([1, 0], [0, 1])]
        for other in others:
            if np.atleast_1d(other)[0] > -1:
                q = p.family.from_natural(other)
                for one, two in ((p, q), (q, p)):
                    wanted = divergence(one, two)
                    assert error(one.kl(two), wanted) < KL_PROMISE if wanted else one.kl(two) == 0


@pytest.mark.parametrize("family", [Gamma(), InverseGamma()])
def test_at_the_corners_of_the_domain_nothing_overflows(family):
    corners = [[n, -r] for n in (2.0**-53 - 1, 0.0, 1e100) for r in (1e-100, 1.0, 1e100)]
    p = family.from_natural(corners)
    for x in (1e-308, 1e-300, 1.0, 1e300, 1.7976931348623157e308):
        for member, got in zip(corners, p.log_prob(x), strict=True):
            wanted = log_density(family.from_natural(member), x)
            assert error(got, wanted, 1.0) < 1e-13 if wanted > -1e307 else got <= -1e307
    kl = p.kl(family.from_natural(np.array(corners)[:, None]))
    assert (np.diag(kl) == 0).all()
    assert (kl[~np.eye(len(kl), dtype=bool)] > 0).all()
    assert np.isfinite(p.entropy()).all()


def test_kl_of_gaussian_vectors_of_very_different_variances():
    """m_p − m_q of η that differ by many orders: from the moments, not from differences of η."""
    p, q = np.array([1e5, 1.0, -50.0]), np.array([1e-3, 5e-3, -1e-8])
    v, w = (-1 / (2 * mpf(float(eta[-1]))) for eta in (p, q))
    gap = [mpf(float(a)) * v - mpf(float(b)) * w for a, b in zip(p[:2], q[:2], strict=True)]
    wanted = v / w - 1 - log(v / w) + sum(g * g for g in gap) / (2 * w)
    one, full = IsotropicGaussian(2), MultivariateGaussian(2)
    assert error(one.from_natural(p).kl(one.from_natural(q)), wanted) < PROMISE
    wide = [full.pack(linear=eta[:2], quadratic=eta[2] * np.eye(2)) for eta in (p, q)]
    assert error(full.from_natural(wide[0]).kl(full.from_natural(wide[1])), wanted) < PROMISE
