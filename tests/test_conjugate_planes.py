"""Priors of two natural parameters by few points: against closed forms, and another rule."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from priors import close

from expfam import (
    Beta,
    ConjugatePrior,
    Exponential,
    FiniteFamily,
    Gamma,
    Gaussian,
    InverseGaussian,
    Poisson,
    ProductFamily,
    Truncated,
)
from expfam.conjugate.integrals import weighted
from expfam.conjugate.numerical import NumericalForm
from expfam.conjugate.planes import _lowest, weighted_plane
from expfam.conjugate.rows import Unsettled
from expfam.conjugate.stretches import Stretches


@pytest.fixture(autouse=True)
def _as_within_a_prior():
    with np.errstate(all="ignore"):
        yield


TRIANGLE = FiniteFamily(range(3), [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
CLOSED = {  # family and mean: a plane, a half plane, and quadrants
    "simplex": (TRIANGLE, [0.3, 0.3]),
    "simplex, near an edge": (TRIANGLE, [0.01, 0.9]),
    "Gaussian": (Gaussian(), [3.0, 9.5]),
    "Exponential and Poisson": (ProductFamily(Exponential(), Poisson()), [1e-3, 50.0]),
    "Exponential twice": (ProductFamily(Exponential(), Exponential()), [1.0, 2.0]),
}


def around(prior):
    """The peak in η of a prior, whatever that of its own form is."""
    family, mean = prior.family, prior.total / prior.exposure
    peak = np.asarray(family._mean_to_natural(mean))
    return SimpleNamespace(family=family, _mean=mean, _peak=peak, exposure=prior.exposure)


@pytest.mark.parametrize("exposure", [0.03, 1.0, 30.0, 1e6])
@pytest.mark.parametrize("name", CLOSED)
def test_few_points_have_the_numbers_of_closed_forms(name, exposure):
    """log Z less the height of the peak, of which nothing has cancelled."""
    family, mean = CLOSED[name]
    prior = ConjugatePrior.from_mean(family, mean, exposure)
    here = around(prior)
    height = family._exponent(here._peak, prior.total, prior.exposure)
    (row,) = NumericalForm(family)._around(here)
    _, weights = weighted_plane(row.plane)
    close(np.log(weights.sum()) + row.log_volume + height, prior.log_normalizer, 1e-10, 3e-8)


@pytest.mark.parametrize("name", CLOSED)
def test_moments_are_those_of_the_means(name):
    """E μ = χ/ν (Diaconis and Ylvisaker 1979), by the same points."""
    family, mean = CLOSED[name]
    prior = ConjugatePrior.from_mean(family, mean, 20.0)
    (row,) = NumericalForm(family)._around(around(prior))
    z, weights = weighted_plane(row.plane)
    assert np.isfinite(row.height(z)).all()
    found = weights @ family._natural_to_mean(row.peak + z @ row.root.T) / weights.sum()
    close(found, mean, 1e-8)


WINDOWS = {
    "Gaussian": (Truncated(Gaussian(), 0, 1), [0.4, 0.25], 2.5),
}
LONG = {
    "Gaussian, hardly any exposure": (Truncated(Gaussian(), 0, 1), [0.4, 0.25], 0.05),
    "Gamma": (Truncated(Gamma(), 1, 5), [0.9, 2.7], 2.5),
    "Gamma, a mean near the hull": (Truncated(Gamma(), 1, 5), [0.8, 2.9], 2.5),
    "Gamma from 0": (Truncated(Gamma(), None, 5), [0.66, 2.9], 2.5),
    "Beta from 0": (Truncated(Beta(), None, 0.9), [-2.7, -0.27], 2.5),
    "Beta to 1": (Truncated(Beta(), 0.1), [-0.7, -0.86], 2.5),
    "InverseGaussian": (Truncated(InverseGaussian(), 0.5, 5), [2.86, 0.59], 2.5),
    "InverseGaussian from 0": (Truncated(InverseGaussian(), None, 5), [1.2, 1.1], 2.5),
    "InverseGaussian to infinity": (Truncated(InverseGaussian(), 1), [2.0, 0.6], 2.5),
}


@pytest.mark.parametrize(
    "name", [*WINDOWS, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)]
)
def test_few_points_have_the_numbers_of_many(name):
    """The rule for any family takes some fifty times as many."""
    prior = ConjugatePrior.from_mean(*(WINDOWS | LONG)[name])
    (row,) = prior._form._around(prior)
    (few, weights), (many, others) = weighted_plane(row.plane), weighted(row.height, 2)
    assert 4 * len(few) < len(many)
    close(weights.sum(), others.sum(), 1e-8)
    close(prior._remainder, np.log(weights.sum()) + row.log_volume, 1e-14, 1e-14)


def test_where_few_points_do_not_settle_many_are_taken(monkeypatch):
    mean = [0.42, 0.24]
    family = Truncated(Gaussian(), 0, 1)
    wanted = ConjugatePrior.from_mean(family, mean, 2.5).log_normalizer
    monkeypatch.setattr("expfam.conjugate.planes._MOST", 1000)
    other = ConjugatePrior.from_mean(family, mean, 2.5)
    (row,) = other._form._around(other)
    with pytest.raises(Unsettled, match="must settle to 1e-08"):
        weighted_plane(row.plane)
    close(other.log_normalizer, wanted, 1e-10)


def test_a_line_without_a_lowest_place_is_refused(monkeypatch):
    """A search that has not ended says so: the height it is at is none of the profile."""
    monkeypatch.setattr("expfam.conjugate.planes._STEPS", 2)
    prior = ConjugatePrior.from_mean(Truncated(Gaussian(), 0, 1), [0.1, 0.02], 0.3)
    (row,) = prior._form._around(prior)
    with pytest.raises(Unsettled):
        _lowest(row.plane, np.array([50.0]))


def test_a_line_that_hardly_rises_is_refused():
    with pytest.raises(Unsettled, match="with a larger exposure it may"):
        Stretches(lambda _, steps: 1e-30 * np.abs(steps), np.ones(1))
