"""Priors at the edge of a family, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from priors import CLOSED, NUMERICAL, SIGMA, prior_of

from expfam import (
    Beta,
    Binomial,
    Categorical,
    ConjugatePrior,
    Exponential,
    FiniteFamily,
    Gamma,
    Gaussian,
    GaussianKnownVariance,
    Geometric,
    MultivariateGaussianKnownCovariance,
    Poisson,
    ProductFamily,
    Truncated,
    VonMises,
)


def test_the_edge_has_density_zero():
    prior, _ = CLOSED["Categorical"]
    assert prior.log_prob([0.0, -np.inf, 1.0]) == -np.inf
    assert (
        prior_of(Binomial(), alpha=1, beta=1).log_prob([np.inf, -np.inf]).tolist() == [-np.inf] * 2
    )
    assert prior_of(Poisson(), shape=1, rate=1).log_prob(-np.inf) == -np.inf
    assert prior_of(Geometric(), alpha=1, beta=1).log_prob(-np.inf) == -np.inf
    single = ConjugatePrior(Categorical(1), [2.0], 2.0)
    assert single.log_normalizer == single.log_evidence([0, 0]) == 0


CUBE = FiniteFamily(range(64), np.arange(64)[:, None] // 2 ** np.arange(6) % 2)
ENDLESS = Truncated(Geometric(), 2, np.inf)
REFUSED = {
    "no family": (
        lambda: ConjugatePrior(Poisson, 1, 1),
        TypeError,
        "family must be an Exponential",
    ),
    "no family, from a mean": (
        lambda: ConjugatePrior.from_mean(3, 1, 1),
        TypeError,
        "family must be an Exponential",
    ),
    "no family, from numbers": (
        lambda: prior_of(3, alpha=1),
        TypeError,
        "family must be an Exponential",
    ),
    "no family, of Jeffreys": (
        lambda: ConjugatePrior.jeffreys(Poisson),
        TypeError,
        "family must be an Exponential",
    ),
    "a number that drowns": (
        lambda: prior_of(Binomial(), alpha=1e14, beta=0.3),
        ValueError,
        "beta must not drown in total and exposure, beside the other numbers; it is 0.3",
    ),
    "a variance that drowns": (
        lambda: prior_of(Gaussian(), mean=[0.0, 1e6], exposure=1.0, shape=2.0, rate=0.01),
        ValueError,
        "rate must not drown in total and exposure",
    ),
    "draws": (
        lambda: CLOSED["Poisson"][0].sample(-1),
        ValueError,
        "shape must be non-negative ints",
    ),
    "no exposure": (
        lambda: ConjugatePrior(Poisson(), 1, 0),
        ValueError,
        "exposure must exceed 0, or the prior is improper",
    ),
    "no total": (
        lambda: ConjugatePrior(Poisson(), 0, 1),
        ValueError,
        "inside the family, not on its edge",
    ),
    "a face": (
        lambda: ConjugatePrior(CUBE, [0.0, 1, 1, 1, 1, 1], 3),
        ValueError,
        "ConjugatePrior: total/exposure must be the mean of a member of .*, or the prior is improper",
    ),
    "negative": (
        lambda: ConjugatePrior(Poisson(), -1, 1),
        ValueError,
        r"improper; Poisson: mean parameter must be",
    ),
    "a zero": (
        lambda: ConjugatePrior(Categorical(2), [0, 1], 1),
        ValueError,
        "not on its edge, or the prior is improper",
    ),
    "another sum": (
        lambda: ConjugatePrior(Categorical(2), [1, 1], 3),
        ValueError,
        "exposure must be the sum of total",
    ),
    "nan": (lambda: ConjugatePrior(Poisson(), np.nan, 1), ValueError, "total must be finite"),
    "a string": (lambda: ConjugatePrior(Poisson(), "a", 1), TypeError, "total must be real"),
    "shape": (
        lambda: ConjugatePrior(Gaussian(), [1.0, 2.0, 3.0], 1),
        ValueError,
        "total must have the shape",
    ),
    "batches": (
        lambda: ConjugatePrior(Poisson(), [1.0, 2.0], [1.0, 2.0, 3.0]),
        ValueError,
        "total and exposure must broadcast",
    ),
    "rate": (lambda: ConjugatePrior(Exponential(), 1, -1), ValueError, "exposure must exceed -1"),
    "scale": (
        lambda: ConjugatePrior(Poisson(), 1, 1, 1),
        TypeError,
        "Poisson has no scale_exposure",
    ),
    "degrees": (
        lambda: ConjugatePrior(Gaussian(), [1, 3], 1, -3),
        ValueError,
        "scale_exposure must exceed -3",
    ),
    "no variance": (lambda: ConjugatePrior(Gaussian(), [1, 1], 1), ValueError, "E x² must exceed"),
    "names": (
        lambda: prior_of(Poisson(), alpha=1),
        TypeError,
        "Gamma prior of Poisson takes shape, rate; got alpha",
    ),
    "no names": (lambda: prior_of(Poisson()), TypeError, "got none"),
    "Beta": (lambda: prior_of(Binomial(), alpha=0, beta=1), ValueError, "improper"),
    "variance": (
        lambda: prior_of(GaussianKnownVariance(), mean=1, variance=0),
        ValueError,
        "variance must be positive",
    ),
    "covariance": (
        lambda: prior_of(
            MultivariateGaussianKnownCovariance(SIGMA), mean=[0, 0], covariance=np.eye(2)
        ),
        ValueError,
        "multiple of that of the family",
    ),
    "many parameters": (
        lambda: ConjugatePrior.from_mean(CUBE, [0.5] * 6, 1).log_normalizer,
        TypeError,
        "at most 5 natural parameters; FiniteFamily has 6",
    ),
    "simulation of what is left out": (
        lambda: ConjugatePrior(ENDLESS, 7.0, 2.0).simulated_log_normalizer(),
        TypeError,
        "leaves out those that spread over too many counts",
    ),
    "simulated KL of what is left out": (
        lambda: ConjugatePrior(ENDLESS, 7.0, 2.0).simulated_kl(ConjugatePrior(ENDLESS, 7.0, 2.0)),
        TypeError,
        "leaves out those that spread over too many counts",
    ),
    "no classical form": (lambda: NUMERICAL["Gamma"][0].classical, TypeError, "no classical form"),
    "from no classical form": (lambda: prior_of(Gamma(), shape=1), TypeError, "no classical form"),
    "no draws": (lambda: NUMERICAL["Gamma"][0].sample(), TypeError, "no exact draws"),
    "mean": (
        lambda: prior_of(Exponential(), shape=0.5, rate=1).mean,
        ValueError,
        "E μ is infinite",
    ),
    "mode": (
        lambda: prior_of(Exponential(), shape=0.5, rate=1).mode,
        ValueError,
        "there is no mode",
    ),
    "mean variance": (
        lambda: prior_of(Gaussian(), mean=0, exposure=1, shape=1, rate=1).mean,
        ValueError,
        "mean variance is infinite",
    ),
    "mode of the variance": (
        lambda: prior_of(Gaussian(), mean=0, exposure=1, shape=1, rate=1).mode,
        ValueError,
        "scale_exposure must be positive",
    ),
    "another prior": (
        lambda: CLOSED["Poisson"][0].kl(3),
        TypeError,
        "must be a ConjugatePrior; got int",
    ),
    "another family": (
        lambda: CLOSED["Poisson"][0].kl(CLOSED["Geometric"][0]),
        ValueError,
        "both must be priors of one family",
    ),
    "Jeffreys of parts of unlike exposure": (
        lambda: ConjugatePrior.jeffreys(ProductFamily(Binomial(2), Binomial(3))),
        ValueError,
        "that of ProductFamily is not",
    ),
    "Jeffreys of parts without trials": (
        lambda: ConjugatePrior.jeffreys(ProductFamily(Binomial(0), Binomial(0))),
        ValueError,
        "that of ProductFamily is not",
    ),
    "numbers beyond floats": (
        lambda: prior_of(GaussianKnownVariance(), mean=1e200, variance=1e-200),
        ValueError,
        "total must be finite; it is inf",
    ),
    "a mean beyond floats": (
        lambda: ConjugatePrior.from_mean(Exponential(), 1e99, 1e300),
        ValueError,
        "total must be finite; it is inf",
    ),
    "a sum beyond floats": (
        lambda: ConjugatePrior(Categorical(3), [1e308] * 3, 1e308),
        ValueError,
        "exposure must be the sum of total",
    ),
    "steps below rounding": (
        lambda: ConjugatePrior.from_mean(Beta(), [-1.0, -1.0], 1e100).log_normalizer,
        ValueError,
        "must settle",
    ),
    "directions longer than the family": (
        lambda: ConjugatePrior.from_mean(VonMises(), [0.2, 0.5], 1e-17).log_normalizer,
        ValueError,
        "must settle",
    ),
    "statistics": (
        lambda: CLOSED["Poisson"][0].update(Geometric().statistics([1])),
        ValueError,
        "statistics must be of",
    ),
    "batch of statistics": (
        lambda: ConjugatePrior(Poisson(), [1.0, 2.0], 1.0).update(
            Poisson().statistics([[1, 2, 3]], batch_ndim=1)
        ),
        ValueError,
        "statistics must broadcast",
    ),
    "data": (lambda: CLOSED["Poisson"][0].update([-1]), ValueError, "counts must be between"),
    "x": (lambda: CLOSED["Poisson"][0].log_predictive(0.5), ValueError, "must be integers"),
    "natural": (lambda: CLOSED["Exponential"][0].log_prob(1.0), ValueError, "natural parameter"),
}


@pytest.mark.parametrize(("call", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_improper_or_unknown_is_refused_in_words(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_data_of_other_libraries_are_refused():
    torch = pytest.importorskip("torch")
    statistics = Exponential().statistics(torch.tensor([1.0, 2.0]))
    with pytest.raises(TypeError, match="data must be numpy"):
        CLOSED["Exponential"][0].update(statistics)
