"""Priors of three to five natural parameters: lattices against closed forms and contours."""

from __future__ import annotations

import itertools

import mpmath as mp
import numpy as np
import pytest
from priors import close
from scipy import special

from expfam import Binomial, Categorical, ConjugatePrior, FiniteFamily
from expfam.conjugate.integrals import root_of
from expfam.conjugate.lattice import summed
from expfam.conjugate.numerical import NumericalForm


def simplex(size):
    """So many parameters and one point more, with a base measure; and weights of the points."""
    rng = np.random.default_rng(size)
    statistic, log_base = rng.normal(size=(size + 1, size)), rng.normal(size=size + 1)
    weights = rng.dirichlet(np.full(size + 1, 4.0), size=2)
    return FiniteFamily(range(size + 1), statistic, log_base), weights


def cube(size):
    corners = list(itertools.product([0, 1], repeat=size))
    return FiniteFamily(corners, np.array(corners))


# ------------------------------------------------------------ closed: as many points as a simplex has


def test_a_simplex_is_a_categorical_family_in_other_coordinates():
    family = FiniteFamily(list("abc"), [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    alpha, x = [0.5, 2.0, 1.25], [0, 2, 2, 1]  # none 1, at which draws change their way
    one = ConjugatePrior.from_classical(family, alpha=alpha)
    two = ConjugatePrior.from_classical(Categorical(list("abc")), alpha=alpha)
    assert one.classical.law == "Dirichlet"
    close(one.classical.parameters["alpha"], alpha)
    close(one.log_normalizer, two.log_normalizer)
    close(one.log_evidence(x), two.log_evidence(x))
    close(one.update(x).kl(one), two.update(x).kl(two))
    close(one.log_predictive([0, 1, 2]), two.log_predictive([0, 1, 2]))
    close(ConjugatePrior.jeffreys(family).classical.parameters["alpha"], [0.5] * 3)
    drawn = two.sample(50, rng=1)
    close(one.sample(50, rng=1), drawn[:, 1:] - drawn[:, :1], 1e-10, 1e-10)
    coin = ConjugatePrior(FiniteFamily([0, 1], [0.0, 1.0]), [1.0], 3.0)
    close(coin.log_normalizer, ConjugatePrior(Binomial(), 1.0, 3.0).log_normalizer)


def test_a_simplex_may_have_any_points_and_measure():
    family, (weights, _) = simplex(6)
    prior = ConjugatePrior.from_mean(family, weights @ family.statistic, 3.0)
    alpha = 3.0 * weights
    edges = family.statistic[1:] - family.statistic[0]
    value = special.gammaln(alpha).sum() - special.gammaln(3.0) - alpha @ family.log_base
    close(prior.log_normalizer, value - np.linalg.slogdet(edges)[1], 1e-11)
    close(prior.classical.parameters["alpha"], alpha, 1e-11)
    other = ConjugatePrior.from_classical(family, alpha=alpha)
    close(other.total, prior.total, 1e-11)
    drawn = prior.sample(4, rng=1)
    p = np.exp(family.from_natural(drawn).log_prob(np.arange(7)[:, None]))
    close(family.from_natural(drawn).mean_parameter, p.T @ family.statistic, 1e-11, 1e-11)


# ------------------------------------------------------------ lattices


@pytest.mark.parametrize(
    ("size", "exposure"),
    [
        (3, 12.0),
        (3, 1e6),
        pytest.param(4, 60.0, marks=pytest.mark.slow),
        pytest.param(5, 20000.0, marks=pytest.mark.slow),
    ],
)
def test_lattices_have_the_numbers_of_a_simplex(size, exposure):
    family, weights = simplex(size)
    p, q = (ConjugatePrior.from_mean(family, w @ family.statistic, exposure) for w in weights)
    lattice = NumericalForm(family)
    close(lattice.remainder(p), p._remainder, 1e-9, 1e-9)
    close(lattice.kl(p, q), p.kl(q), 1e-8)
    assert lattice.kl(p, p) == 0


@pytest.mark.parametrize(
    ("means", "exposure"),
    [
        ([0.3, 0.6, 0.5], 3.0),
        ([0.1, 0.6, 0.8], 30.0),
        pytest.param([0.3, 0.6, 0.5, 0.4], 12.0, marks=pytest.mark.slow),
    ],
)
def test_lattices_have_the_numbers_of_independent_coins(means, exposure):
    """Twice as many points as parameters and more; Z is a product of beta functions."""
    a = exposure * np.array(means)
    prior = ConjugatePrior.from_mean(cube(len(means)), means, exposure)
    close(prior.log_normalizer, special.betaln(a, exposure - a).sum(), 1e-9, 1e-9)


def by_contour(family, total, exposure):
    """log Z of one point more than a simplex has: the last one is split off by Mellin and Barnes.

    (X + Y)^−ν = ∫ Γ(a) Γ(ν − a) Y^−a X^{a − ν} da / 2πi Γ(ν), and what is left is a simplex with χ − aT.
    """
    points, log_h = family.statistic, family.log_base
    edges = points[1:-1] - points[0]
    inverse = np.linalg.inv(np.column_stack([points[:-1], np.ones(len(edges) + 1)]))
    start = np.append(total, exposure) @ inverse
    move = -np.append(points[-1], 1.0) @ inverse  # of weights with a
    most = min(start[move < 0] / -move[move < 0])
    least = max([0.0, *(-start[move > 0] / move[move > 0])])
    a = 0.5 * (least + most)
    log_det = np.linalg.slogdet(edges)[1]

    def log_integrand(t):
        z = mp.mpc(a, t)
        value = mp.loggamma(z) - z * log_h[-1] - mp.loggamma(exposure) - log_det
        for s, m, h in zip(start, move, log_h[:-1], strict=True):
            value += mp.loggamma(s + m * z) - (s + m * z) * h
        return value

    top = log_integrand(0).real  # quad stops where errors are small, not small beside the value
    value = mp.quad(lambda t: mp.exp(log_integrand(t) - top).real, np.linspace(-60, 60, 41))
    return float(top + mp.log(value / (2 * mp.pi)))


@pytest.mark.parametrize("exposure", [pytest.param(8.0, marks=pytest.mark.slow), 40.0])
def test_lattices_have_the_numbers_of_contours(exposure):
    """Three parameters and five points: neither closed nor a product."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 2]], dtype=float)
    family = FiniteFamily(range(5), points, [0.1, -0.3, 0.2, 0.0, 0.4])
    weights = np.array([0.3, 0.15, 0.2, 0.25, 0.1])
    prior = ConjugatePrior.from_mean(family, weights @ points, exposure)
    close(prior.log_normalizer, by_contour(family, prior.total, exposure), 1e-9, 1e-9)
    x = [0, 4, 1]
    new, parts = (
        prior.update(x),
        prior.log_evidence(x[:2]) + prior.update(x[:2]).log_evidence(x[2:]),
    )
    close(prior.log_evidence(x), parts, 1e-9)
    predicted = prior.log_predictive(range(5))
    close(predicted[4], prior.log_evidence([4]), 1e-12)
    close(np.exp(predicted).sum(), 1.0, 1e-9)
    assert new.kl(new) == 0 < new.kl(prior)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_axes_of_a_lattice_are_those_of_the_peak(size):
    half = np.random.default_rng(size).normal(size=(size, size))
    matrix = half @ half.T + np.diag(10.0 ** np.arange(size))
    root = root_of(matrix)
    close(root.T @ matrix @ root, np.eye(size), 1e-9, 1e-9)
    assert (np.triu(root, 1) == 0).all()


# ------------------------------------------------------------ refused


def test_what_needs_too_many_points_is_refused(monkeypatch):
    monkeypatch.setattr("expfam.conjugate.lattice._POINTS", 20_000)
    prior = ConjugatePrior.from_mean(cube(4), [0.1, 0.6, 0.5, 0.4], 0.3)
    with pytest.raises(ValueError, match="must settle to 1e-08; one did not"):
        prior.log_normalizer  # noqa: B018


def test_what_is_not_smooth_is_refused():
    def corner(z):
        return 0.5 * (z * z).sum(axis=1) + np.where(z[:, 0] > 0.123, 0.5, 0.0)

    with pytest.raises(ValueError, match="must settle"):
        summed(corner, 3)


@pytest.mark.parametrize("size", [3, 4, pytest.param(5, marks=pytest.mark.slow)])
def test_gaussians_are_exact(size):
    points, weights = summed(lambda z: 0.5 * (z * z).sum(axis=1), size)
    close(weights.sum(), (2 * np.pi) ** (size / 2), 1e-10)
    close(points.T * weights @ points / weights.sum(), np.eye(size), 1e-9, 1e-9)
