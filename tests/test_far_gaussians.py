"""Gaussians whose means are many standard deviations from 0, against mpmath: η cancels there."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from expfam import (
    DiagonalGaussian,
    Gaussian,
    GaussianKnownVariance,
    IsotropicGaussian,
    LogNormal,
    MultivariateGaussian,
    MultivariateGaussianKnownCovariance,
)

COVARIANCE = np.array([[2.0, 1.2], [1.2, 0.9]])
PRECISIONS = np.array([[[1.0, 0.3], [0.3, 2.0]], [[3.0, -0.6], [-0.6, 1.5]]])


def naturals(family, centre: float) -> np.ndarray:
    """η of two members some deviations apart, with variances of their own where they are free."""
    means = centre * np.array([1.0, -0.7]) + np.array([[0.3, -1.0], [1.9, 0.4]])
    variances = np.array([[0.7, 0.4], [2.9, 1.3]])
    linear, quadratic = means / variances, -0.5 / variances
    return {
        Gaussian: lambda: np.stack([linear[:, 0], quadratic[:, 0]], axis=-1),
        LogNormal: lambda: np.stack(
            [1e12 * linear[:, 0], 1e12 * centre * quadratic[:, 0]], axis=-1
        ),
        GaussianKnownVariance: lambda: means[:, 0] / family.variance,
        DiagonalGaussian: lambda: np.concatenate([linear, quadratic], axis=-1),
        IsotropicGaussian: lambda: np.concatenate([linear, quadratic[:, :1]], axis=-1),
        MultivariateGaussian: lambda: np.concatenate(
            [np.einsum("nij,nj->ni", PRECISIONS, means), -0.5 * PRECISIONS.reshape(2, 4)], axis=-1
        ),
        MultivariateGaussianKnownCovariance: lambda: means @ np.linalg.inv(COVARIANCE),
    }[type(family)]()


def moments(family, natural) -> tuple[mpmath.matrix, mpmath.matrix]:
    """The mean and the precision of the member at η, as stored."""
    eta = [mpmath.mpf(float(v)) for v in np.ravel(natural)]
    if isinstance(family, GaussianKnownVariance | MultivariateGaussianKnownCovariance):
        known = getattr(family, "covariance", None)
        covariance = mpmath.matrix([[family.variance]] if known is None else known.tolist())
        return covariance * mpmath.matrix(eta), mpmath.inverse(covariance)
    if isinstance(family, MultivariateGaussian):
        off = -(eta[3] + eta[4])
        precision = mpmath.matrix([[-2 * eta[2], off], [off, -2 * eta[5]]])
        return mpmath.lu_solve(precision, mpmath.matrix(eta[:2])), precision
    d = 1 if isinstance(family, Gaussian | LogNormal) else 2
    quadratic = [eta[-1]] * d if isinstance(family, IsotropicGaussian) else eta[d:]
    mean = mpmath.matrix([-a / (2 * b) for a, b in zip(eta[:d], quadratic, strict=True)])
    return mean, mpmath.diag([-2 * b for b in quadratic])


def square(vector, matrix):
    return (vector.T * matrix * vector)[0]


FAMILIES = [
    Gaussian(),
    LogNormal(),
    GaussianKnownVariance(0.3),
    DiagonalGaussian(2),
    IsotropicGaussian(2),
    MultivariateGaussian(2),
    MultivariateGaussianKnownCovariance(COVARIANCE),
]


@pytest.mark.parametrize("centre", [1.0, 1e4, 1e8, 1e12])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_log_p_and_kl_keep_their_digits_far_from_0(family, centre):
    eta = naturals(family, centre)
    p, q = (family.from_natural(row) for row in eta)
    x = p.sample(20, rng=3)
    with mpmath.workdps(80):
        (mean, precision), (other, beyond) = (moments(family, row) for row in eta)
        d = len(mean)
        scale = mpmath.log(mpmath.det(precision)) - d * mpmath.log(2 * mpmath.pi)
        for observed, log_p in zip(x, p.log_prob(x), strict=True):
            y, slope = [mpmath.mpf(float(v)) for v in np.ravel(observed)], 0
            if isinstance(family, LogNormal):
                y = [mpmath.log(y[0])]
                slope = y[0]
            exact = float((scale - square(mpmath.matrix(y) - mean, precision)) / 2 - slope)
            assert log_p == pytest.approx(exact, rel=1e-13, abs=1e-13)
        ratio = beyond * mpmath.inverse(precision)
        trace = sum(ratio[i, i] for i in range(d)) - d - mpmath.log(mpmath.det(ratio))
        exact = float((trace + square(mean - other, beyond)) / 2)
    assert p.kl(q) == pytest.approx(exact, rel=1e-13)
    assert p.kl(p) == 0.0


def test_quadratic_parts_that_are_not_symmetric_are_not_rounded():
    """Only their sums tell members apart; of near members rounding these would be the difference."""
    family = MultivariateGaussian(2)
    eta = np.array([0.4, -0.3, -1.0, 0.1 + 1e-17, 0.2, -0.7])
    other = eta + np.array([0.0, 0.0, 0.0, 3e-13, 0.0, 0.0])
    with mpmath.workdps(80):
        (mean, precision), (near, beyond) = (moments(family, row) for row in (eta, other))
        ratio = beyond * mpmath.inverse(precision)
        trace = ratio[0, 0] + ratio[1, 1] - 2 - mpmath.log(mpmath.det(ratio))
        exact = float((trace + square(mean - near, beyond)) / 2)
    got = family.from_natural(eta).kl(family.from_natural(other))
    assert got == pytest.approx(exact, rel=1e-12, abs=0)
