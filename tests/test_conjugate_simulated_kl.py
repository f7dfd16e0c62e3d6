"""KL of priors by simulation, against closed forms; fixed seeds, five standard errors a number."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from test_conjugate_simulated import COINS, MEANS, THREE, Coins, coins, within

from expfam import Binomial, Categorical, ConjugatePrior, Gamma, ProductFamily


def exact_kl(p, q):
    """Σ KL of beta laws, one for each coin, of forty digits."""
    with mpmath.workdps(40):
        return float(
            mpmath.fsum(_beta_kl(*pair) for pair in zip(_betas(p), _betas(q), strict=True))
        )


def _betas(prior):
    exposure = mpmath.mpf(float(prior.exposure))
    return [(mpmath.mpf(t), exposure - mpmath.mpf(t)) for t in map(float, prior.total)]


def _beta_kl(p, q):
    def log_beta(a, b):
        return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)

    (a, b), (c, d) = p, q
    slopes = (a - c) * mpmath.psi(0, a) + (b - d) * mpmath.psi(0, b)
    return log_beta(c, d) - log_beta(a, b) + slopes + (c - a + d - b) * mpmath.psi(0, a + b)


APART = {
    "much less exposure": (MEANS, 40.0, MEANS, 9.0),
    "much more exposure": (MEANS, 9.0, MEANS, 40.0),
    "so much more that it is between nodes": (MEANS, 9.0, MEANS, 1e9),
    "another mean": (MEANS, 9.0, MEANS + 0.1, 9.0),
    "a prior that knows nothing": (MEANS, 1e3, MEANS + 0.2, 1.0),
    "hardly known": (MEANS, 0.5, MEANS, 3.0),
    "much data, alike": (MEANS, 1e6, MEANS + 1e-3, 1e6),
    "very much data, alike": (MEANS, 1e9, MEANS + 1e-5, 1e9),
}


@pytest.mark.parametrize("case", APART)
def test_kl_is_within_its_error(case):
    mean, exposure, other_mean, other_exposure = APART[case]
    p, q = coins(exposure, mean)[0], coins(other_exposure, other_mean)[0]
    found = p.simulated_kl(q, rng=1)
    within(found, exact_kl(p, q))
    assert found.se < 0.1 * found.value


@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-6, 1e-9])
@pytest.mark.parametrize("way", ["mean", "exposure"])
def test_of_nearly_equal_priors_the_error_is_relative(step, way):
    p = coins(9.0)[0]
    q = coins(9.0, MEANS + step)[0] if way == "mean" else coins(9.0 * (1 + step))[0]
    found = p.simulated_kl(q, rng=2)
    within(found, exact_kl(p, q))
    assert 0 < found.se < 0.1 * found.value


def test_of_equal_priors_it_is_0():
    p, q = coins(9.0)[0], coins(9.0)[0]
    found = p.simulated_kl(q, rng=1)
    assert found.value == found.se == 0


@pytest.mark.parametrize("other", [(MEANS[:3], 3.5), (MEANS[:3] + 0.2, 40.0)])
def test_standard_errors_of_kl_are_what_they_say(other):
    """100 runs: the mean square of errors in their units is χ²/100, within 5 deviations of 1."""
    p, q = coins(4.0, MEANS[:3])[0], ConjugatePrior.from_mean(THREE, *other)
    exact = exact_kl(p, q)
    found = [p.simulated_kl(q, directions=150, rng=seed) for seed in range(100)]
    z = np.array([(f.value - exact) / f.se for f in found])
    assert abs((z * z).mean() - 1) < 5 * np.sqrt(2 / 100)
    assert abs(z.mean()) < 5 / np.sqrt(100)


def test_a_batch_is_row_by_row_and_broadcasts():
    many = ConjugatePrior.from_mean(COINS, np.tile(MEANS, (3, 1)), [9.0, 9.1, 60.0])
    one = coins(9.0)[0]
    for p, q in ((many, one), (one, many)):
        found = p.simulated_kl(q, rng=3)
        assert found.value.shape == found.se.shape == (3,)
        for k in range(3):
            row = ConjugatePrior(COINS, many.total[k], many.exposure[k])
            pair = (row, one) if p is many else (one, row)
            exact = exact_kl(*pair)
            assert abs(found.value[k] - exact) <= 5 * found.se[k]


def test_where_integrals_know_it_they_say_the_same():
    """In a domain with edges, too."""
    p = ConjugatePrior.from_mean(Gamma(), [0.3, 2.0], 4.0)
    for q in (p.update([1.0, 5.0, 0.2]), p.update([0.9] * 60)):
        within(p.simulated_kl(q, rng=1), p.kl(q))
        within(q.simulated_kl(p, rng=1), q.kl(p))
    three = coins(2.0, MEANS[:3])[0]
    within(three.simulated_kl(three.update([0, 7]), rng=1), three.kl(three.update([0, 7])))


def test_a_family_of_ones_own_has_a_simulated_kl():
    p, q = (ConjugatePrior.from_mean(Coins(), MEANS, n) for n in (4.0, 12.0))
    within(p.simulated_kl(q, rng=1), exact_kl(p, q))


def test_of_a_product_only_what_is_not_exact_has_an_error():
    family = ProductFamily(COINS, Binomial(3))
    p, q = (ConjugatePrior(family, n * np.append(MEANS, 2.0), n) for n in (9.0, 5.0))
    known = [ConjugatePrior(Binomial(3), 2.0 * n, 3.0 * n) for n in (9.0, 5.0)]
    found = p.simulated_kl(q, rng=1)
    within(found, exact_kl(coins(9.0)[0], coins(5.0)[0]) + known[0].kl(known[1]))
    assert found.se > 0


ONE = ConjugatePrior(Categorical(2), [1.0, 1.0], 2.0)
TWO = ConjugatePrior(ProductFamily(Binomial(1), Binomial(1)), [1.0, 1.0], 2.0)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda p: p.simulated_kl(3), TypeError, "the other must be a ConjugatePrior; got int"),
        (
            lambda p: p.simulated_kl(ONE),
            ValueError,
            "both must be priors of one family",
        ),
        (lambda p: p.simulated_kl(p, directions=7), ValueError, "an integer of 100 or more"),
        (
            lambda p: coins(1e-4, np.full(6, 0.01))[0].simulated_kl(p, directions=100, rng=1),
            ValueError,
            "at least 50 directions must count",
        ),
        (
            lambda p: ONE.simulated_kl(ONE),
            TypeError,
            "KL of priors of Categorical is exact: ask for kl",
        ),
        (
            lambda p: TWO.simulated_kl(TWO),
            TypeError,
            "is exact: ask for kl",
        ),
        (lambda p: p.kl(p), TypeError, "has 6: simulated_log_evidence and simulated_kl"),
    ],
)
def test_what_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(coins(9.0)[0])
