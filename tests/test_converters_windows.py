"""Members within a window to scipy.stats and torch.distributions and back, or refused in words."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from test_converters import close, same

from expfam import (
    Binomial,
    ContinuousBernoulli,
    Exponential,
    Gamma,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    Pareto,
    Poisson,
    Rayleigh,
    Truncated,
    Weibull,
)
from expfam.converters import from_scipy, from_torch, to_scipy, to_torch

# Of each family a batch, and the name of its law in scipy.stats.
BATCHES = {
    "truncnorm": [
        (Truncated(Gaussian(), 1, 3), [[0.3, -0.5], [-2.0, -0.01], [40.0, -3.0]]),
        (Truncated(Gaussian(), low=0.1), [[0.3, -0.5], [-7.0, -0.3]]),
        (Truncated(Gaussian(), high=0.1), [[0.3, -0.5], [-7.0, -0.3]]),
        (Truncated(Gaussian()), [[0.3, -0.5], [-7.0, -0.3]]),
        (Truncated(GaussianKnownVariance(2.0), 1, 3), [0.7, -5.0, 0.0]),
        (Truncated(GaussianKnownMean(1.3), 0, 3), [-0.7, -50.0, -1e-3]),
        (Truncated(GaussianKnownMean(1.3), low=1.3), [-0.7, -50.0]),
    ],
    "truncexpon": [
        (Truncated(Exponential(), high=2), [-0.3, -70.0, -1e-9]),
        (Truncated(Exponential(), 0.3, 0.7), [-0.3, -70.0, -1e-9]),
        (Truncated(ContinuousBernoulli(), 0.25, 0.5), [-0.3, -70.0]),
    ],
    "expon": [
        (Truncated(Exponential(), low=0.3), [-0.3, -70.0]),
        (Truncated(Exponential()), [-0.3, -70.0]),
    ],
    "truncpareto": [(Truncated(Pareto(1.5), 2, 5), [-0.3, -7.0])],
    "pareto": [(Truncated(Pareto(1.5), low=2), [-0.3, -7.0]), (Truncated(Pareto(1.5)), [-0.3])],
    "loguniform": [(Truncated(Pareto(1.5), 2, 5), [0.0, 0.0])],
    "truncweibull_min": [
        (Truncated(Weibull(1.7), 0.3, 5), [-0.3, -7.0]),
        (Truncated(Weibull(0.4), high=5), [-0.3, -7.0]),
        (Truncated(Weibull(0.4), low=5), [-0.3, -7.0]),
        (Truncated(Rayleigh(), 1, 2), [-0.3, -7.0]),
    ],
    "boltzmann": [(Truncated(Geometric(), 2, 9), [-0.3, -7.0]), (Truncated(Geometric(), 0, 1), -1)],
    "geom": [
        (Truncated(Geometric(), low=1), [-0.3, -np.inf, -1e-3]),
        (Truncated(Geometric(), low=0), [-0.3, -np.inf]),
    ],
    "randint": [(Truncated(Geometric(), 2, 9), [0.0, 0.0])],
    "uniform": [
        (Truncated(Gaussian(), -3, 9), [[0.0, 0.0], [0.0, 0.0]]),
        (Truncated(GaussianKnownMean(1.0), -3, 9), 0.0),
        (Truncated(Exponential(), 2, 9), 0.0),
        (Truncated(ContinuousBernoulli(), 0, 1), [0.0, 0.0]),
    ],
}
CASES = [(name, *case) for name, cases in BATCHES.items() for case in cases]


def log_prob(frozen, x):
    return (getattr(frozen, "logpmf", None) or frozen.logpdf)(x)


@pytest.mark.parametrize(("name", "family", "naturals"), CASES)
def test_members_and_batches_go_to_scipy_and_come_back(name, family, naturals):
    batch = family.from_natural(naturals)
    each = [family.from_natural(row) for row in naturals] if batch.batch_shape else []
    for p in (batch, *each):
        there = to_scipy(p)
        assert there.dist.name == name
        again = from_scipy(there, family=family)
        same(again, p)
        assert again.batch_shape == p.batch_shape
        close(again.natural_parameter, p.natural_parameter, 4e-16 if name != "geom" else 1e-12, 0.0)
        x = np.asarray(p.sample(5, rng=2))
        close(log_prob(there, x), p.log_prob(x), 1e-9, 1e-9)
        told = from_scipy(there)  # of the family that is chosen: the same probabilities
        close(told.log_prob(x), p.log_prob(x), 1e-8, 1e-8)
        if isinstance(told.family, Truncated) and np.isfinite(family.low):
            assert abs(told.family.low - family.low) <= 1e-14 * (1 + abs(family.low))


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("truncnorm(-1, 2)", Truncated(Gaussian(), -1, 2).from_natural([0.0, -0.5])),
        ("truncnorm(-1, 2, 3, 2)", Truncated(Gaussian(), 1, 7).from_natural([0.75, -0.125])),
        ("halfnorm(3, 2)", Truncated(Gaussian(), low=3).from_natural([0.75, -0.125])),
        ("uniform(-1, 3)", Truncated(Gaussian(), -1, 2).from_natural([0.0, 0.0])),
        ("expon(3, 2)", Truncated(Exponential(), low=3).from_natural(-0.5)),
        ("expon()", Exponential().from_natural(-1.0)),
        ("truncexpon(2, 1, 0.5)", Truncated(Exponential(), 1, 2).from_natural(-2.0)),
        ("truncpareto(3, 4, scale=2)", Truncated(Pareto(2.0), 2, 8).from_natural(-3.0)),
        ("loguniform(2, 8)", Truncated(Pareto(2.0), 2, 8).from_natural(0.0)),
        ("reciprocal(1, 4, scale=2)", Truncated(Pareto(2.0), 2, 8).from_natural(0.0)),
        ("pareto(3, scale=2)", Pareto(2.0).from_natural(-3.0)),
        (
            "truncweibull_min(2, 1, 3, scale=0.5)",
            Truncated(Weibull(2.0), 0.5, 1.5).from_natural(-4.0),
        ),
        ("geom(0.25)", Truncated(Geometric(), low=1).from_mean(4.0)),
        ("geom(0.25, loc=-1)", Geometric().from_mean(3.0)),
        ("planck(0.25)", Geometric().from_natural(-0.25)),
        ("planck([0.25, 1], loc=2)", Truncated(Geometric(), low=2).from_natural([-0.25, -1.0])),
        ("boltzmann(0.25, 10)", Truncated(Geometric(), 0, 9).from_natural(-0.25)),
        ("randint(1, 7)", Truncated(Geometric(), 1, 6).from_natural(0.0)),
    ],
)
def test_frozen_distributions_are_members_within_a_window(text, member):
    frozen = eval(f"scipy.stats.{text}")
    same(from_scipy(frozen), member)
    x = np.asarray(member.sample(5, rng=1))
    close(log_prob(frozen, x), member.log_prob(x), 1e-12, 1e-12)


def test_a_window_that_is_told_by_deviations_comes_back_to_a_rounding():
    p = Truncated(Gaussian(), 0.1, 0.7).from_natural([[0.37, -0.3], [-5.1, -0.7], [900.0, -7.7]])
    told = from_scipy(to_scipy(p)).family
    assert abs(told.low - 0.1) <= 1e-14
    assert abs(told.high - 0.7) <= 1e-14
    assert from_scipy(to_scipy(p), family=p.family).family == p.family


def test_the_new_distributions_of_scipy_are_members_within_a_window():
    if not hasattr(scipy.stats, "truncate"):
        pytest.skip("scipy is older than 1.15")
    normal = scipy.stats.Normal(mu=3.0, sigma=2.0)
    member = Truncated(Gaussian(), 0.1, 7).from_natural([0.75, -0.125])
    assert from_scipy(scipy.stats.truncate(normal, 0.1, 7)).family == member.family
    same(from_scipy(scipy.stats.truncate(normal, 0.1, 7)), member)
    above = from_scipy(scipy.stats.truncate(normal, 0.1), family=Truncated(Gaussian(), 0.1))
    same(above, Truncated(Gaussian(), 0.1).from_natural([0.75, -0.125]))
    flat = scipy.stats.Uniform(a=-1.0, b=2.0)
    same(from_scipy(flat), Truncated(Gaussian(), -1, 2).from_natural([0.0, 0.0]))
    with pytest.raises(
        TypeError, match="truncate must be of a Normal to be told here; got Uniform"
    ):
        from_scipy(scipy.stats.truncate(flat, 0, 1))


@pytest.mark.parametrize(
    ("text", "family", "error"),
    [
        ("expon(loc=[0, 2])", None, "Truncated must have one low for all members"),
        ("expon(loc=-1)", None, "the window must be within 0 … inf"),
        ("expon(loc=1)", Exponential(), "law is shifted exponential, which is Truncated; got Exp"),
        ("truncnorm([0, 1], 2)", None, "one low for all members"),
        ("truncnorm(0, 2)", Truncated(Gaussian(), 0, 3), "another high than the law"),
        ("truncnorm(0, 2)", Truncated(Gaussian(), 1e-9, 2), "another low than the law"),
        ("truncnorm(0, 2)", Truncated(GaussianKnownMean(1.0), 0, 2), "another mean than the law"),
        ("truncnorm(0, 2)", Truncated(GaussianKnownVariance(2), 0, 2), "another variance than"),
        ("truncnorm(0, 2)", Truncated(Gamma(), 0, 2), "which is Truncated of Gaussian or Gaussian"),
        ("truncnorm(0, 2)", Gaussian(), "the law is truncated normal, which is Truncated; got"),
        ("truncpareto(3, 4, loc=1)", None, "truncpareto must have loc=0"),
        ("loguniform(3, 4, loc=1)", None, "loguniform must have loc=0"),
        ("truncweibull_min([1, 2], 0, 1)", None, "one shape for all members"),
        ("truncweibull_min(3, 0, 1)", Truncated(Rayleigh(), high=1), "another shape than the law"),
        ("boltzmann(1, np.array([2, 3]))", None, "one high for all members"),
        ("boltzmann(1, 3, loc=-1)", None, "the window must be within 0 … inf"),
        ("randint(3, 4)", None, "must be within 0 … inf and have two points or more; got 3 … 3"),
        ("zipfian(2, 5)", None, "zipfian is of no exponential family here"),
    ],
)
def test_windows_of_no_family_are_refused(text, family, error):
    with pytest.raises((TypeError, ValueError), match=error):
        from_scipy(eval(f"scipy.stats.{text}"), family=family)


@pytest.mark.parametrize(
    ("family", "natural", "error"),
    [
        (Truncated(Poisson(), low=1), 0.5, "has no counterpart that is known here"),
        (Truncated(Binomial(5), 1, 3), 0.5, r"Truncated\(family=Binomial.* has no counterpart"),
        (Truncated(Gaussian(), 0, 1), [1.0, 0.0], "the coefficient of x² must be below 0"),
        (Truncated(Gaussian(), 0, 1), [1.0, 2.0], "truncnorm cannot hold it: the coefficient"),
        (Truncated(GaussianKnownMean(0.5), 0, 1), 2.0, "truncnorm cannot hold it"),
        (Truncated(Exponential(), 0, 1), 2.0, "truncexpon cannot hold it: η must be below 0"),
        (Truncated(Exponential(), 0, 1), [0.0, -1.0], "truncexpon cannot hold it: η must be below"),
        (
            Truncated(Pareto(1.0), 1, 2),
            [0.0, -1.0],
            "truncpareto cannot hold it: η must be 0 in no",
        ),
        (Truncated(Weibull(0.5), 0, 5), 0.5, "truncweibull_min cannot hold it: η must be below 0"),
        (Truncated(Geometric(), 0, 5), 0.5, "boltzmann cannot hold it: η must be below 0"),
        (Truncated(Geometric(), 0, 5), -np.inf, "boltzmann cannot hold it: η must be below 0"),
        # What scipy.stats computes with fewer than 9 digits, or not at all.
        (Truncated(Geometric(), 0, 5), -1e-12, "boltzmann cannot hold it to 9 digits: log p at 0"),
        (
            Truncated(Weibull(1.0), 800, 900),
            -1.0,
            "cannot hold it to 9 digits: log p at 800 is inf",
        ),
        (Truncated(Gaussian(), 1e6), [0.0, -0.5], "truncnorm cannot hold it to 9 digits"),
        (Truncated(Gaussian(), 0, 1e-7), [1e5, -0.5], "truncnorm cannot hold it to 9 digits"),
        (Truncated(Gaussian(), 0, 1), [1.0, -1e-40], "truncnorm cannot hold it to 9 digits"),
    ],
)
def test_what_scipy_cannot_hold_within_a_window_is_refused(family, natural, error):
    with pytest.raises((TypeError, ValueError), match=error):
        to_scipy(family.from_natural(natural))


def test_rising_powers_are_kept_where_scipy_has_them():
    p = Truncated(Pareto(1.5), 2, 5).from_natural([0.3, 7.0])
    try:
        there = to_scipy(p)
    except ValueError as error:  # as of 1.13, where the index must be above 0
        assert "truncpareto cannot hold it: η must be below 0 for this release" in str(error)
    else:
        same(from_scipy(there, family=p.family), p)


def test_torch_has_the_uniform_and_the_untruncated_ones():
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install torch")
    kinds = torch.distributions
    for family, natural, kind in (
        (Truncated(Gaussian(), -3, 9), [[0.0, 0.0], [0.0, 0.0]], kinds.Uniform),
        (Truncated(Exponential(), 2, 9), 0.0, kinds.Uniform),
        (Truncated(Exponential(), low=0), [-0.3, -2.0], kinds.Exponential),
        (Truncated(Pareto(1.5), low=2), [-0.3, -2.0], kinds.Pareto),
        (Truncated(Geometric()), [-0.3, -2.0], kinds.Geometric),
    ):
        p = family.from_natural(natural)
        assert type(to_torch(p)) is kind
        same(from_torch(to_torch(p), family=family), p)
        x = np.asarray(p.sample(5, rng=2))
        close(to_torch(p).log_prob(torch.as_tensor(x, dtype=torch.float64)), p.log_prob(x), 1e-12)
    flat = from_torch(kinds.Uniform(torch.tensor(-1.0), torch.tensor(2.0)))
    same(flat, Truncated(Gaussian(), -1, 2).from_natural([0.0, 0.0]))
    for family, natural in (
        (Truncated(Gaussian(), 0, 1), [0.3, -0.5]),
        (Truncated(Exponential(), 0, 1), -2.0),
        (Truncated(Exponential(), low=1), -2.0),
        (Truncated(Pareto(1.0), 2, 5), -2.0),
        (Truncated(Pareto(1.0), 2, 5), 0.0),
        (Truncated(Weibull(2.0), 2, 5), -2.0),
        (Truncated(Geometric(), 2, 5), -2.0),
        (Truncated(Geometric(), 2, 5), 0.0),
        (Truncated(Geometric(), low=2), -2.0),
        (Truncated(Poisson(), low=2), -2.0),
    ):
        with pytest.raises(TypeError, match="to_torch: .* no counterpart"):
            to_torch(family.from_natural(natural))
