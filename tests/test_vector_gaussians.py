"""Gaussian vectors against scipy and against each other."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import stats

from expfam import (
    DiagonalGaussian,
    Gaussian,
    IsotropicGaussian,
    MultivariateGaussian,
    MultivariateGaussianKnownCovariance,
)

MEAN = np.array([1.0, -2.0, 0.5])
COVARIANCE = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]])
X = np.array([[0.0, 0.0, 0.0], [1.5, -2.5, 0.1], [-3.0, 1.0, 2.0]])


def members():
    variances = np.diag(COVARIANCE)
    full = MultivariateGaussian(3).from_mean_covariance(MEAN, COVARIANCE)
    known = MultivariateGaussianKnownCovariance(COVARIANCE).from_mean(MEAN)
    family = DiagonalGaussian(3)
    diagonal = family.from_natural(family.pack(linear=MEAN / variances, quadratic=-0.5 / variances))
    one = IsotropicGaussian(3)
    isotropic = one.from_natural(one.pack(linear=MEAN / 0.7, quadratic=-0.5 / 0.7))
    return {
        "full": (full, COVARIANCE),
        "known": (known, COVARIANCE),
        "diagonal": (diagonal, np.diag(variances)),
        "isotropic": (isotropic, 0.7 * np.eye(3)),
    }


@pytest.mark.parametrize("name", members())
def test_log_prob_entropy_and_draws_are_those_of_scipy(name):
    p, covariance = members()[name]
    other = stats.multivariate_normal(MEAN, covariance)
    np.testing.assert_allclose(p.log_prob(X), other.logpdf(X), rtol=1e-13)
    np.testing.assert_allclose(p.entropy(), other.entropy(), rtol=1e-13)
    x = p.sample(20_000, rng=1)  # 7 standard errors: an alarm in 10¹¹ runs
    error = 7 * np.sqrt(np.diag(covariance) / len(x))
    assert (np.abs(x.mean(axis=0) - MEAN) < error).all()
    spread = np.sqrt(np.multiply.outer(np.diag(covariance), np.diag(covariance)) + covariance**2)
    assert (np.abs(np.cov(x.T) - covariance) < 7 * spread / np.sqrt(len(x))).all()


@pytest.mark.parametrize("name", members())
def test_a_fit_has_the_moments_of_the_data(name):
    p, _ = members()[name]
    x = p.sample(50, rng=2)
    best = p.family.fit(x)
    average = np.asarray(p.family.sufficient_statistic(x)).mean(axis=0)
    np.testing.assert_allclose(best.mean_parameter, average, rtol=1e-12, atol=1e-13)


def test_the_multivariate_is_the_gaussian_in_one_dimension():
    a, b = MultivariateGaussian(1), Gaussian()
    for natural in ([0.3, -0.7], [5.0, -1e-3]):
        p, q = a.from_natural(natural), b.from_natural(natural)
        for value in ("mean_parameter", "log_partition", "fisher_information"):
            np.testing.assert_allclose(getattr(p, value), getattr(q, value), rtol=1e-14)
        np.testing.assert_allclose(
            p.kl(a.from_natural([0.1, -1.0])), q.kl(b.from_natural([0.1, -1.0])), rtol=1e-13
        )


@pytest.mark.parametrize("step", [1e-10, 1e-3, 0.4])
def test_kl_of_close_members_keeps_its_digits(step):
    family = MultivariateGaussian(2)
    p = family.from_natural([0.3, -0.2, -1.0, -0.25, -0.25, -0.5])
    q = family.from_natural(p.natural_parameter * (1 + step * np.array([1, -2, 3, 1, 1, -1])))
    with mpmath.workdps(60):
        means, precisions = [], []
        for member in (p, q):
            eta = [mpmath.mpf(float(v)) for v in member.natural_parameter]
            off = -(eta[3] + eta[4])
            precisions.append(mpmath.matrix([[-2 * eta[2], off], [off, -2 * eta[5]]]))
            means.append(mpmath.lu_solve(precisions[-1], mpmath.matrix(eta[:2])))
        inner = precisions[1] * mpmath.inverse(precisions[0])
        gap = means[0] - means[1]
        exact = inner[0, 0] + inner[1, 1] - 2 - mpmath.log(mpmath.det(inner))
        exact = (exact + (gap.T * precisions[1] * gap)[0]) / 2
    assert p.kl(q) == pytest.approx(float(exact), rel=1e-12 if step > 1e-9 else 1e-5, abs=0)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: MultivariateGaussian(0), "dimension must be between 1 and 1000; got 0"),
        (lambda: MultivariateGaussian(2.0), "dimension must be an integer; got 2.0"),
        (
            lambda: MultivariateGaussian(2).fit([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]),
            "the covariance must be positive definite",
        ),
        (lambda: MultivariateGaussian(2).fit([[1.0, 1.0]]), "E x² must exceed (E x)²"),
        (
            lambda: MultivariateGaussian(2).from_mean_covariance([0, 0], [[1, 2], [2, 1]]),
            "covariance must be positive definite",
        ),
        (
            lambda: MultivariateGaussian(2).from_mean_covariance([0, 0], [[1, 0.5], [0, 1]]),
            "covariance must be symmetric",
        ),
        (
            lambda: MultivariateGaussian(2).from_natural([0, 0, 1, 0, 0, -1]),
            "the quadratic natural parameter must be negative definite",
        ),
        (lambda: IsotropicGaussian(2).fit([[1.0, 2.0]]), "E |x|² must exceed |E x|²"),
        (
            lambda: IsotropicGaussian(2).from_natural([0.0, 0.0, 1.0]),
            "the quadratic natural parameter must be negative",
        ),
        (lambda: DiagonalGaussian(2).fit([[1.0, 2.0]]), "E x² must exceed (E x)²"),
        (lambda: MultivariateGaussianKnownCovariance([1.0, 2.0]), "must be a square matrix"),
        (
            lambda: MultivariateGaussianKnownCovariance([[1.0, 2.0], [2.0, 1.0]]),
            "covariance must be symmetric and positive definite",
        ),
        (
            lambda: MultivariateGaussianKnownCovariance([[1.0, 2.0], [0.0, 1.0]]),
            "covariance must be symmetric and positive definite",
        ),
    ],
)
def test_bad_input_is_refused_in_words(call, text):
    with pytest.raises((ValueError, TypeError)) as refusal:
        call()
    assert text in str(refusal.value)


def test_values():
    a = MultivariateGaussianKnownCovariance(COVARIANCE)
    assert a == MultivariateGaussianKnownCovariance(COVARIANCE.copy())
    assert repr(a) == "MultivariateGaussianKnownCovariance(dimension=3)"
    p = members()["full"][0]
    np.testing.assert_allclose(p.family.mean_covariance(p.natural_parameter)[1], COVARIANCE)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("power", [0, 3, 6])
def test_kl_of_nearly_singular_covariances_loses_what_their_condition_number_says(power, seed):
    random = np.random.default_rng(seed)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    covariance = (turn * np.logspace(0, power, 3)) @ turn.T
    family = MultivariateGaussian(3)
    p, q = (
        family.from_mean_covariance(random.normal(size=3), k * (covariance + covariance.T))
        for k in (0.5, 0.7)
    )
    with mpmath.workdps(60):
        (one, m), (two, n) = (_moments(x.natural_parameter) for x in (p, q))
        rest = mpmath.log(mpmath.det(two) / mpmath.det(one)) - 3
        trace = sum((two**-1 * one)[k, k] for k in range(3))
        wanted = float((trace + rest + ((m - n).T * two**-1 * (m - n))[0]) / 2)
    assert p.kl(q) == pytest.approx(wanted, rel=1e-16 * 10**power + 1e-15)


def _moments(natural):
    """Σ and m of η, in mpmath."""
    linear = mpmath.matrix([mpmath.mpf(float(x)) for x in natural[:3]])
    quadratic = mpmath.matrix(natural[3:].reshape(3, 3).tolist())
    covariance = (-(quadratic + quadratic.T)) ** -1
    return covariance, covariance * linear
