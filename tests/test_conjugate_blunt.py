"""Priors of half lines, whose A is not steep: against a grid of scipy's functions, and themselves."""

from __future__ import annotations

import numpy as np
import pytest
from priors import close
from scipy import special

from expfam import (
    Binomial,
    ConjugatePrior,
    Gamma,
    Gaussian,
    InverseGamma,
    LogNormal,
    Poisson,
    ProductFamily,
    Truncated,
)

HALF = Truncated(Gaussian(), low=0)


def by_grid(mean, exposure):
    """log Z and E μ over η₁ = ±eᵛ, η₂ = −eᵘ, of a Gaussian from 0 on, in closed form.

    Far towards η₂ = 0 the member is exponential, but for 2s/η₁² of itself.
    """
    u, v = np.linspace(-70, 12, 1601)[:, None], np.linspace(-30, 6, 3201)
    s, eta = np.exp(u), np.concatenate([-np.exp(v), np.exp(v)])
    t = -eta / np.sqrt(2 * s)
    far, close_by = t > 1e3, np.maximum(t, 0.0)
    scaled = special.erfcx(close_by / np.sqrt(2))
    tail = eta**2 / (4 * s) + special.log_ndtr(np.minimum(-t, 50.0))
    log_sum = 0.5 * np.log(np.pi / s) + np.where(t > 0, np.log(0.5 * scaled), tail)
    a = log_sum - 0.5 * np.log(2 * np.pi)
    value = exposure * (eta * mean[0] - s * mean[1] - a) + u + np.log(np.abs(eta))
    share = np.exp(value - value.max())
    log_z = value.max() + np.log(share.sum() * (u[1, 0] - u[0, 0]) * (v[1] - v[0]))
    normal = np.exp(-0.5 * t * t - 0.5 * np.log(2 * np.pi) - special.log_ndtr(np.minimum(-t, 50.0)))
    hazard = np.where(t > 0, np.sqrt(2 / np.pi) / scaled, normal)
    centre, rest = eta / (2 * s), 2 / np.maximum(t, 1.0) ** 2
    first = np.where(far, (1 - rest) / np.abs(eta), centre + hazard / np.sqrt(2 * s))
    second = np.where(far, 2 * (1 - 2.5 * rest) / eta**2, 1 / (2 * s) + centre * first)
    share = np.where(share > 1e-30, share, 0.0) / share.sum()
    with np.errstate(all="ignore"):
        means = [np.where(share > 0, share * part, 0.0).sum() for part in (first, second)]
    return log_z, np.array(means)


@pytest.mark.parametrize(
    ("mean", "exposure"),
    [
        ([1.0, 1.99], 20.0),
        ([1.0, 2.0], 4.0),  # on the edge of what has a member
        ([1.0, 6.0], 30.0),  # far beyond
        ([1.0, 1.5], 2.5),
        ([1.0, 3.0], 0.5),  # |η₁|^ν at the corner
    ],
)
def test_half_a_gaussian_has_the_numbers_of_a_grid(mean, exposure):
    prior = ConjugatePrior.from_mean(HALF, mean, exposure)
    with np.errstate(all="ignore"):
        log_z, means = by_grid(mean, exposure)
    close(prior.log_normalizer, log_z, 1e-9, 1e-9)
    close(prior.mean, means, 1e-9)
    assert prior.mean[1] < mean[1] - 1e-6
    close(prior.mean[0], mean[0])


def test_the_mean_is_that_of_the_data_where_the_edge_is_far():
    prior = ConjugatePrior.from_mean(HALF, [3.0, 9.5], 2000.0)
    assert (prior.mean == [3.0, 9.5]).all()
    close(prior.mode.mean_parameter, [3.0, 9.5], 1e-9)


def test_there_is_no_mode_where_the_density_grows_up_to_the_edge():
    prior = ConjugatePrior.from_mean(HALF, [1.0, 3.0], 20.0)
    with pytest.raises(ValueError, match="must be less spread than those of an exponential"):
        prior.mode  # noqa: B018
    near = [prior.log_prob([-1.0, -s]) for s in (1e-2, 1e-4, 1e-8)]
    assert near[0] < near[1] < near[2]
    close(near[2], near[1], 0, 1e-2)  # finite there


def test_what_is_outside_of_the_hull_is_improper():
    with pytest.raises(ValueError, match=r"must be inside the convex hull of T.*improper"):
        ConjugatePrior.from_mean(HALF, [1.0, 0.9], 3.0)
    with pytest.raises(ValueError, match="the prior is improper"):
        ConjugatePrior.from_mean(ProductFamily(HALF, Poisson()), [1.0, 0.9, 2.0], 3.0)


def by_points(prior):
    """E μ₂ by the points of Z: it may grow without end towards η₂ = 0, and they hold 1e-6."""
    with np.errstate(all="ignore"):
        (row,) = prior._form._around(prior)
        z, weights = prior._form._nodes(row)
        second = prior.family._natural_to_mean(row.points(z))[:, 1]
        return weights @ second / weights.sum()


HALVES = {
    "Gaussian, above": (Truncated(Gaussian(), low=1), [2.0, 4.5], 30.0),
    "Gaussian, below, no mode": (Truncated(Gaussian(), high=1), [0.0, 2.5], 30.0),
    "Gamma": (Truncated(Gamma(), low=1.5), [0.8, 2.3], 30.0),
    "Gamma, no mode": (Truncated(Gamma(), low=1.5), [0.8, 4.5], 30.0),
    "InverseGamma, no mode": (Truncated(InverseGamma(), high=5), [-0.8, 0.6], 30.0),
    "LogNormal": (Truncated(LogNormal(), low=0.5), [0.5, 1.0], 30.0),
}


@pytest.mark.parametrize("name", HALVES)
def test_the_mean_is_that_of_the_points(name):
    prior = ConjugatePrior.from_mean(*HALVES[name])
    close(prior.mean[1], by_points(prior), 1e-6)


QUICK = ("Gaussian, above", "Gaussian, below, no mode", "LogNormal")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in HALVES]
)
def test_learning_is_consistent(name):
    """Evidence by parts, KL both ways, and a part of a product beside the same alone."""
    family, mean, exposure = HALVES[name]
    prior = ConjugatePrior.from_mean(family, mean, exposure)
    x = family.from_natural(prior._peak).sample(2, rng=1)
    new = prior.update(x)
    parts = prior.log_predictive(x[0]) + prior.update(x[:1]).log_predictive(x[1])
    close(prior.log_evidence(x), parts, 1e-8, 1e-8)
    assert prior.kl(prior) == 0 < min(prior.kl(new), new.kl(prior))
    mean = prior.mean
    close(mean[0], prior._mean[0], 1e-14)
    assert mean[1] < prior._mean[1]
    both = ConjugatePrior(ProductFamily(family, Binomial(4)), [*prior.total, 40.0], exposure)
    close(both.mean, [*mean, 40.0 / exposure], 1e-12)
    other = ConjugatePrior(Binomial(), 40.0, 4 * exposure)
    close(both.log_normalizer, prior.log_normalizer + other.log_normalizer, 1e-12)
    density = prior.log_prob(prior._peak) + other.log_prob(0.5)
    close(both.log_prob([*prior._peak, 0.5]), density, 1e-12)


def test_a_batch_has_the_numbers_of_its_rows():
    prior = ConjugatePrior.from_mean(Truncated(LogNormal(), low=0.5), [0.5, 1.0], 30.0)
    rows = ConjugatePrior(prior.family, np.stack([prior.total] * 2), np.full(2, 30.0))
    close(rows.mean, [prior.mean] * 2)
    close(rows.log_normalizer, [prior.log_normalizer] * 2)


@pytest.mark.slow
def test_simulations_have_the_numbers_of_integrals():
    prior = ConjugatePrior.from_mean(HALF, [1.0, 3.0], 30.0)
    new = ConjugatePrior.from_mean(HALF, [1.1, 3.1], 31.0)
    found = prior.simulated_log_normalizer(directions=300, rng=1)
    assert abs(found.value - prior.log_normalizer) < 6 * found.se < 1
    found = prior.simulated_kl(new, directions=300, rng=1)
    assert abs(found.value - prior.kl(new)) < 6 * found.se
