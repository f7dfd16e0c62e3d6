"""Priors by integrals: of many digits, of every family, or refused."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from conftest import CASES
from priors import close
from scipy import special

from expfam import (
    Binomial,
    ChiSquared,
    ConjugatePrior,
    ContinuousBernoulli,
    Exponential,
    FiniteFamily,
    Gamma,
    Gaussian,
    InverseGamma,
    Logarithmic,
    ProductFamily,
    Truncated,
    VonMises,
    VonMisesFisher,
    checks,
)
from expfam.conjugate.integrals import weighted


def test_integrals_are_those_of_many_digits():
    """ChiSquared by its integral; of Gamma the rate integrates to a Γ function (Damsleth 1975)."""
    for mean, nu in ((1.0, 3.0), (-5.0, 0.3), (1.0, 1e4)):
        prior = ConjugatePrior.from_mean(ChiSquared(), mean, nu)
        chi, nu = (mp.mpf(float(v)) for v in (prior.total, prior.exposure))

        def log_density(eta, chi=chi, nu=nu):
            return eta * chi - nu * (mp.loggamma(eta + 1) + (eta + 1) * mp.log(2))

        close(prior.log_normalizer, log_integral(log_density, prior._peak, -1))
    for mean, nu in (([0.2, 1.5], 0.2), ([-3.0, 1.0], 50.0)):
        prior = ConjugatePrior.from_mean(Gamma(), mean, nu)
        one, two, nu = (mp.mpf(float(v)) for v in (*prior.total, prior.exposure))

        def log_density(a, one=one, two=two, nu=nu):
            value = (a - 1) * one + mp.loggamma(nu * a + 1) - nu * mp.loggamma(a)
            return value - (nu * a + 1) * mp.log(two)

        close(prior.log_normalizer, log_integral(log_density, prior._peak[0] + 1, 0))
    other = ConjugatePrior(InverseGamma(), prior.total, prior.exposure)
    assert other.log_normalizer == prior.log_normalizer
    assert "total=" in repr(other)


def log_integral(log_density, peak, low):
    with mp.workdps(22):
        peak = mp.mpf(float(peak))
        top, width = log_density(peak), 1 / mp.sqrt(abs(mp.diff(log_density, peak, 2)))
        steps = (-40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40, 100, 400)
        inner = [peak + width * k for k in steps if peak + width * k > low]
        return top + mp.log(mp.quad(lambda x: mp.exp(log_density(x) - top), [low, *inner, mp.inf]))


# ------------------------------------------------------------ one parameter, in many digits


def of_finite(eta):
    return mp.log(mp.fsum(mp.exp(eta * x) for x in (1, 2, 6)))


def of_unit(eta):
    return mp.log(mp.expm1(eta) / eta) if eta else mp.mpf(0)


def of_window(eta):
    return mp.log(mp.expm1(2 * eta) / eta) if eta else mp.log(2)


def of_logarithmic(eta):
    return mp.log(-mp.log1p(-mp.exp(eta)))


LINES = {  # family, A, the mean of the prior, the end of the domain
    "FiniteFamily": (FiniteFamily([1, 2, 6], lambda x: x), of_finite, [2.0], mp.inf),
    "ContinuousBernoulli": (ContinuousBernoulli(), of_unit, 0.3, mp.inf),
    "Truncated": (Truncated(Exponential(), high=2.0), of_window, 0.7, mp.inf),
    "Logarithmic": (Logarithmic(), of_logarithmic, 1.6, mp.mpf(0)),
}


@pytest.mark.parametrize("exposure", [1e-3, 0.3, 2.5, 1e4])
@pytest.mark.parametrize("name", LINES)
def test_integrals_hold_where_a_bends_within_a_small_part_of_the_line(name, exposure):
    """A of a bounded statistic is nearly two straight lines: the bend is short beside the tails."""
    family, a, mean, end = LINES[name]
    prior = ConjugatePrior.from_mean(family, mean, exposure)
    chi, nu = (mp.mpf(float(np.ravel(v)[0])) for v in (prior.total, prior.exposure))
    peak = mp.mpf(float(np.ravel(prior._peak)[0]))
    with mp.workdps(20):
        top = peak * chi - nu * a(peak)
        sides = [mp.mpf(4) ** k for k in range(-8, 12)]
        low, high = [peak - s for s in sides], [peak + s for s in sides if peak + s < end]
        points = sorted([*low, peak, *high, *([end] if end == 0 else [])])
        value = mp.quad(lambda x: mp.exp(x * chi - nu * a(x) - top) if x else mp.mpf(0), points)
        close(prior.log_normalizer, top + mp.log(value), 1e-12, 1e-12)


# ------------------------------------------------------------ directions


def by_lengths(d, chi, nu):
    """log Z by the trapezoidal rule over log r, r the length of η, with I from scipy."""
    order, size = d / 2 - 1, np.linalg.norm(chi)

    def a(k):
        return np.log(special.ive(order, k)) + k - order * np.log(k / 2) + special.gammaln(d / 2)

    def exponent(t):
        r = np.exp(t)
        return d * t + a(r * size) - nu * a(r)

    grid = np.linspace(-16, 12, 5601)
    values = exponent(grid)
    top = values.max()
    value = np.exp(values - top).sum() * (grid[1] - grid[0])
    log_area = math.log(2) + d / 2 * math.log(math.pi) - math.lgamma(d / 2)
    return top + math.log(value) + log_area


@pytest.mark.parametrize(
    ("chi", "exposure"),
    [
        ([0.5, 0.3], 1.5),
        ([90.0, 30.0], 100.0),
        ([0.1, 0.2, 0.3], 0.5),
        (np.full(10, 0.2), 3.0),
        (np.full(40, 0.1), 50.0),
    ],
)
def test_of_directions_one_integral_is_enough_in_any_dimension(chi, exposure):
    prior = ConjugatePrior(VonMisesFisher(len(chi)), chi, exposure)
    close(prior.log_normalizer, by_lengths(len(chi), chi, exposure), 1e-11)


def test_angles_have_the_prior_of_directions():
    chi, x = [0.5, 0.3], np.array([0.1, 0.2, 2.0])
    one, two = (ConjugatePrior(family, chi, 1.5) for family in (VonMises(), VonMisesFisher(2)))
    points = np.stack([np.cos(x), np.sin(x)], axis=-1)
    close(one.log_normalizer, two.log_normalizer, 1e-15)
    close(one.log_evidence(x), two.log_evidence(points), 1e-13)
    total, seen = 0.0, one
    for angle in x:
        total, seen = total + seen.log_predictive(angle), seen.update([angle])
    close(one.log_evidence(x), total, 1e-12)
    turned = np.linspace(-np.pi, np.pi, 41)[:-1]
    close(np.exp(one.log_predictive(turned)).mean() * 2 * np.pi, 1.0, 1e-9)
    nowhere = ConjugatePrior(VonMises(), [0.0, 0.0], 2.0)
    close(nowhere.log_predictive([0.0, 1.0]), [-math.log(2 * math.pi)] * 2)


@pytest.mark.parametrize("family", [VonMisesFisher(2), VonMisesFisher(3), ChiSquared()])
def test_kl_of_integrals_is_that_of_their_normalizers(family):
    p = ConjugatePrior.from_mean(family, np.full(family.natural_shape, 0.4), 3.0)
    q = ConjugatePrior.from_mean(family, np.full(family.natural_shape, 0.1), 5.0)
    step = 1e-3

    def at(t):
        total, exposure = (a + t * (b - a) for a, b in ((p.total, q.total), (3.0, 5.0)))
        return ConjugatePrior(family, total, exposure).log_normalizer

    moved = [at(k * step) for k in (-2, -1, 1, 2)]
    slope = (moved[0] - 8 * moved[1] + 8 * moved[2] - moved[3]) / (12 * step)
    close(p.kl(q), q.log_normalizer - p.log_normalizer - slope, 1e-9)
    assert p.kl(p) == 0


def rounding(prior):
    """Of ν·A at the peak, in a few roundings."""
    with np.errstate(all="ignore"):
        a = prior._form.family._log_partition(np.asarray(prior._peak))
    return float(8 * 2.0**-52 * prior.exposure * abs(a))


# ------------------------------------------------------------ narrow ridges


@pytest.mark.slow
@pytest.mark.parametrize("natural", [[1e6, -3.0], [0.5, -1e-8], [99.0, -1e8], [-0.95, -1.0]])
def test_integrals_over_narrow_ridges_hold(natural):
    """Shape and rate of a Gamma whose correlation is 1 − 5e-7; the rate integrates to Γ."""
    mean = Gamma().natural_to_mean(natural)
    prior = ConjugatePrior.from_mean(Gamma(), mean, 2.5)
    one, two, nu = (mp.mpf(float(v)) for v in (*prior.total, prior.exposure))

    def log_density(a):
        value = (a - 1) * one + mp.loggamma(nu * a + 1) - nu * mp.loggamma(a)
        return value - (nu * a + 1) * mp.log(two)

    exact = log_integral(log_density, prior._peak[0] + 1, 0)
    close(prior.log_normalizer, exact, 1e-12, 1e-12 + rounding(prior))


# ------------------------------------------------------------ products


def test_the_prior_of_a_product_is_the_product_of_the_priors():
    family = ProductFamily(Gaussian(), Binomial(4), Exponential())
    x = np.array([[0.5, 3, 1.0], [1.5, 0, 0.2], [-2.0, 4, 0.7]])
    prior = ConjugatePrior.from_mean(family, [0.2, 1.5, 1.0, 0.8], 2.5)
    parts = [
        (ConjugatePrior.from_mean(Gaussian(), [0.2, 1.5], 2.5), x[:, 0]),
        (ConjugatePrior(Binomial(4), 2.5, 10.0), x[:, 1].astype(int)),
        (ConjugatePrior.from_mean(Exponential(), 0.8, 2.5), x[:, 2]),
    ]
    close(prior.log_normalizer, sum(p.log_normalizer for p, _ in parts))
    close(prior.log_evidence(x), sum(p.log_evidence(own) for p, own in parts))
    close(prior.log_evidence(family.statistics(x)), prior.log_evidence(x))
    bare = sum(p.log_evidence(own, base_measure=False) for p, own in parts)
    close(prior.log_evidence(x, base_measure=False), bare)
    close(prior.log_predictive(x), np.sum([p.log_predictive(own) for p, own in parts], axis=0))
    new = prior.update(x)
    close(prior.kl(new), sum(p.kl(p.update(own)) for p, own in parts))
    means = [p.update(own).mean for p, own in parts]
    close(new.mean, np.hstack([means[0], 4 * means[1], means[2]]))
    natural = prior.sample(5, rng=1)
    split = [natural[:, :2], natural[:, 2], natural[:, 3]]
    density = np.sum([p.log_prob(own) for (p, _), own in zip(parts, split, strict=True)], axis=0)
    close(prior.log_prob(natural), density)
    both = ConjugatePrior(family, np.stack([prior.total, new.total]), [2.5, 5.5])
    close(both.log_normalizer, [prior.log_normalizer, new.log_normalizer])
    close(both.log_evidence(x[:, None])[0], prior.log_evidence(x))


# ------------------------------------------------------------ every family, or a word why not


SLOW = ("Dirichlet(50)", "Gamma", "InverseGamma", "FiniteFamily(reals)")
REFUSED = {
    "FiniteFamily(Ising)": "at most 5 natural parameters; FiniteFamily has 8",
    "FiniteFamily(labels)": "must be minimal",
    "FiniteFamily, a face": "must be minimal",
    "Truncated(NegativeBinomial, 1)": "members that the family leaves out",
    "Truncated(Logarithmic, 2)": "members that the family leaves out",
}
BLUNT = ("Normal, 1", "LogNormal, 0.5", "Gamma, 1", "InverseGamma, 0, 5")  # where A is not steep
PLANES = ("InverseGaussian, 0.5, 5", "Beta, 0.2")  # of which each integral takes long
BLUNT, PLANES = ([f"Truncated({window})" for window in some] for some in (BLUNT, PLANES))
EVERY = [name for name, (family, _) in CASES.items() if np.all(family.trials)]


def slow(name):
    others = ("ProductFamily(vectors)", "Truncated(Poisson, 1)", *PLANES, *BLUNT)
    return name.startswith(SLOW) or name in others


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if slow(n) else ()) for n in EVERY]
)
def test_every_family_has_a_prior(name):
    family, natural = CASES[name]
    rows = checks._proposed(family, np.random.default_rng(0))
    rows = rows if natural is None else checks._given(family, natural)
    member = next(p for row in rows for p in checks._single(family, row))
    family = member.family
    prior = ConjugatePrior.from_mean(family, member.mean_parameter / family.trials, 2.5)
    x = member.sample(2, rng=1)
    new = prior.update(x)
    close(prior.mode.mean_parameter, member.mean_parameter, 1e-9, 1e-9)
    close(new.exposure, 2.5 + 2 * family.trials)
    if name not in BLUNT:  # of which test_conjugate_blunt tells
        close(new.mean, new.total / new.exposure)
    needing_z = (
        lambda: prior.log_normalizer,
        lambda: prior.log_evidence(x),
        lambda: prior.log_predictive(x[0]),
        lambda: prior.kl(new),
        lambda: prior.log_prob(prior._peak),
    )
    if name in REFUSED:
        for ask in needing_z:
            with pytest.raises((TypeError, ValueError), match=REFUSED[name]):
                ask()
        return
    for ask in needing_z:
        assert np.isfinite(ask()).all()
    assert prior.kl(new) >= 0
    parts = prior.log_predictive(x[0]) + prior.update(x[:1]).log_predictive(x[1])
    close(prior.log_evidence(x), parts, 1e-9, 1e-11 + rounding(new))


def test_what_does_not_settle_is_refused():
    with pytest.raises(ValueError, match="integrals over natural parameters must settle"):
        weighted(lambda z: np.where(z[:, 0] > 0.123, 2 + z[:, 0], z[:, 0] ** 2), 1)
