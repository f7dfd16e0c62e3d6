"""Evidence by simulation, against closed forms; fixed seeds, five standard errors a number."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from priors import close
from scipy.special import betaln

from expfam import (
    Binomial,
    Categorical,
    ConjugatePrior,
    ExponentialFamily,
    FiniteFamily,
    Gamma,
    MultivariateGaussianKnownCovariance,
    ProductFamily,
)
from expfam.conjugate.directed import Directed
from expfam.sampling import stream

CORNERS = np.array(list(itertools.product([0, 1], repeat=6)))
COINS = FiniteFamily(range(64), CORNERS)
MEANS = np.array([0.3, 0.6, 0.5, 0.4, 0.2, 0.55])


THREE = FiniteFamily(range(8), CORNERS[:8, 3:])


def coins(exposure, means=MEANS):
    """Six or three coins as one family, and log Z as a product of beta functions."""
    a, family = exposure * means, COINS if len(means) == 6 else THREE
    return ConjugatePrior.from_mean(family, means, exposure), betaln(a, exposure - a).sum()


def within(found, exact):
    """Five standard errors, and what the rounding of a large number may be."""
    rounding = 4e-15 * np.abs(exact)
    assert (np.abs(found.value - exact) <= 5 * np.asarray(found.se) + rounding).all()


# ------------------------------------------------------------ the number and its error


@pytest.mark.parametrize("exposure", [0.3, 1.0, 9.0, 1e4, 1e9])
def test_log_z_is_within_its_error(exposure):
    prior, exact = coins(exposure)
    found = prior.simulated_log_normalizer(rng=1)
    within(found, exact)
    assert found.se < (0.04 if exposure < 9 else 0.005)


def test_standard_errors_are_what_they_say():
    """100 runs: the mean square of errors in their units is χ²/100, within 5 deviations of 1."""
    prior, exact = coins(4.0, MEANS[:3])
    found = [prior.simulated_log_normalizer(directions=300, rng=seed) for seed in range(100)]
    z = np.array([(f.value - exact) / f.se for f in found])
    assert abs((z * z).mean() - 1) < 5 * np.sqrt(2 / 100)
    assert abs(z.mean()) < 5 / np.sqrt(100)  # a log of a mean is biased by half its variance


def test_more_directions_have_a_smaller_error():
    prior, exact = coins(2.0)
    few, many = (prior.simulated_log_normalizer(directions=n, rng=3) for n in (300, 4800))
    assert 3 < few.se / many.se < 5.5
    within(many, exact)


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_all_directions_of_a_gaussian_are_the_same(size):
    half = np.random.default_rng(size).normal(size=(size, size))
    family = MultivariateGaussianKnownCovariance(half @ half.T + np.eye(size))
    prior = ConjugatePrior(family, np.arange(size) + 1.0, 3.0)
    value, error = Directed.simulate(Exact(family), prior, 100, stream(1))
    close(value, prior._remainder, 1e-9, 1e-9)
    assert error < 1e-9


class Exact(Directed):
    """A simulation of what is known in closed form."""

    remainder = kl = None  # type: ignore[assignment]


def test_a_line_has_two_directions_and_no_chance():
    family = FiniteFamily(range(5), np.arange(5.0)[:, None], [0.1, 0.4, -0.2, 0.0, 0.3])
    prior = ConjugatePrior.from_mean(family, [1.3], 2.0)
    found = prior.simulated_log_normalizer(directions=100, rng=1)
    close(found.value, prior.log_normalizer, 1e-9)
    assert found.se < 1e-12


def test_a_domain_with_edges_is_kept_to():
    prior = ConjugatePrior.from_mean(Gamma(), [0.3, 2.0], 4.0)
    within(prior.simulated_log_normalizer(rng=1), prior.log_normalizer)


# ------------------------------------------------------------ evidence


@pytest.mark.parametrize("base_measure", [True, False])
def test_evidence_is_within_its_error(base_measure):
    base = np.linspace(-1, 1, 64)
    family = FiniteFamily(range(64), CORNERS, base)
    prior = ConjugatePrior(COINS, 9.0 * MEANS, 9.0)
    x = [0, 63, 5, 5, 17]
    came = CORNERS[x].sum(axis=0)
    a = 9.0 * MEANS + came
    exact = betaln(a, 14.0 - a).sum() - betaln(9.0 * MEANS, 9.0 * (1 - MEANS)).sum()
    for data in (x, COINS.statistics(x)):
        within(prior.simulated_log_evidence(data, base_measure=base_measure, rng=1), exact)
    # with h, another law; but h of one observation enters as in log_evidence
    other = ConjugatePrior(family, 9.0 * MEANS, 9.0)
    with_h, without = (
        other.simulated_log_evidence(x, base_measure=b, rng=1).value for b in (True, False)
    )
    close(with_h - without, base[x].sum(), 1e-9)


def test_evidence_of_one_observation_is_a_prediction():
    prior = coins(9.0, MEANS[:3])[0]
    found = [prior.simulated_log_evidence([x], directions=400, rng=x) for x in range(8)]
    total = sum(np.exp(f.value) for f in found)
    error = np.sqrt(sum((np.exp(f.value) * f.se) ** 2 for f in found))
    assert abs(total - 1) < 5 * error


def test_a_batch_has_errors_of_its_own():
    exposures = np.array([1.0, 40.0])
    prior = ConjugatePrior.from_mean(COINS, np.tile(MEANS, (2, 1)), exposures)
    found = prior.simulated_log_normalizer(rng=2)
    assert found.value.shape == found.se.shape == (2,)
    within(found, [coins(n)[1] for n in exposures])
    assert found.se[0] > 2 * found.se[1]


def test_a_seed_gives_the_same_numbers():
    prior = coins(2.0)[0]
    one, two, three = (prior.simulated_log_normalizer(rng=seed) for seed in (1, 1, 2))
    assert one == two != three


def test_of_a_product_only_what_is_not_exact_is_simulated():
    family = ProductFamily(COINS, Binomial(3))
    prior = ConjugatePrior(family, np.append(9.0 * MEANS, 12.0), 9.0)
    exact = coins(9.0)[1] + ConjugatePrior(Binomial(3), 12.0, 27.0).log_normalizer
    within(prior.simulated_log_normalizer(rng=1), exact)
    known = ConjugatePrior(ProductFamily(Binomial(3), Binomial(2)), [3.0, 2.0], 3.0)
    with pytest.raises(TypeError, match="is exact: ask for log_normalizer"):
        known.simulated_log_normalizer()


@dataclasses.dataclass(frozen=True, eq=False)
class Coins(ExponentialFamily):
    """Six coins as a user may define them: A = Σ log(1 + exp ηₖ)."""

    natural_shape = event_shape = (6,)
    discrete = True
    log_base = 0.0

    def _sufficient_statistic(self, x):
        return x

    def _log_partition(self, natural):
        return np.logaddexp(0, natural).sum(axis=-1)

    def _natural_to_mean(self, natural):
        return 1 / (1 + np.exp(-natural))

    def _fisher_information(self, natural):
        p = self._natural_to_mean(natural)
        return (p * (1 - p))[..., None] * np.eye(6)

    def _initial_natural(self, mean):
        return np.zeros_like(mean)

    def _draw(self, natural, source, shape):
        u = source.uniform((*shape, *np.shape(natural)))
        return (u < self._natural_to_mean(natural)).astype(int)


def test_a_family_of_ones_own_is_simulated():
    prior = ConjugatePrior.from_mean(Coins(), MEANS, 4.0)
    exact = betaln(4 * MEANS, 4 - 4 * MEANS).sum()
    within(prior.simulated_log_normalizer(rng=1), exact)


# ------------------------------------------------------------ refused


def test_what_is_exact_is_not_simulated():
    with pytest.raises(TypeError, match="the prior of Categorical is exact: ask for"):
        ConjugatePrior(Categorical(3), [1.0, 1.0, 1.0], 3.0).simulated_log_evidence([0])


@pytest.mark.parametrize("directions", [99, 0, -5, 1000.0, "many", None, True])
def test_directions_are_a_hundred_or_more(directions):
    with pytest.raises(ValueError, match="directions must be an integer of 100 or more"):
        coins(2.0)[0].simulated_log_normalizer(directions=directions)


def test_too_few_directions_that_count_are_refused():
    prior, _ = coins(1e-4, np.full(6, 0.01))
    with pytest.raises(ValueError, match=r"at least 50 directions must count .* of 100 did"):
        prior.simulated_log_normalizer(directions=100, rng=1)


def test_what_is_not_minimal_is_refused():
    family = FiniteFamily(range(3), np.eye(3))
    prior = ConjugatePrior.from_mean(family, [0.2, 0.3, 0.5], 3.0)
    with pytest.raises(ValueError, match="must be minimal, or Z is infinite"):
        prior.simulated_log_normalizer()


def test_six_parameters_are_refused_with_the_way_out():
    with pytest.raises(TypeError, match="has 6: simulated_log_evidence and simulated_kl"):
        coins(9.0)[0].log_normalizer  # noqa: B018
