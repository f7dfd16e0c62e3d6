"""To scipy.stats and torch.distributions and back: the same member, or a refusal in words."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import scipy.stats
from conftest import CASES

from expfam import (
    Beta,
    Binomial,
    Categorical,
    ContinuousBernoulli,
    DiagonalGaussian,
    Dirichlet,
    ExponentialFamily,
    Gaussian,
    GaussianKnownMean,
    InverseGaussian,
    IsotropicGaussian,
    Logarithmic,
    LogNormal,
    Multinomial,
    MultivariateGaussian,
    Poisson,
    Rayleigh,
    VonMises,
    VonMisesFisher,
    Weibull,
)
from expfam.checks import _proposed
from expfam.converters import from_scipy, from_torch, to_scipy, to_torch

torch_needed = "torch is not installed: pip install torch"


def members(name):
    family, naturals = CASES[name]
    rows = _proposed(family, np.random.default_rng(1)) if naturals is None else naturals
    return [family.from_natural(row) for row in np.asarray(rows, dtype=float)]


def close(got, wanted, rtol=1e-12, atol=1e-12):
    np.testing.assert_allclose(np.asarray(got), np.asarray(wanted), rtol=rtol, atol=atol)


def same(got, wanted):
    """Equal families and naturals; those of counts have been logarithms of probabilities."""
    assert got.family == wanted.family
    a, b = (np.asarray(p.family._canonical(p.natural_parameter)) for p in (got, wanted))
    close(a, b, 1e-12, 1e-12 if wanted.family.discrete else 0.0)


def refusals(name, convert, back, log_prob, tolerance=1e-9):
    """Convert every member of a case there and back; the errors of those that were refused."""
    errors = []
    for p in members(name):
        try:
            there = convert(p)
        except (TypeError, ValueError) as error:
            errors.append(str(error))
            continue
        same(back(there, family=p.family), p)
        if not any(word in name for word in EXTREME):
            x = np.asarray(p.sample(5, rng=2))
            close(log_prob(there, x), p.log_prob(x), tolerance, tolerance)
    return errors


# Where their log-probabilities have few digits left, or none.
EXTREME = ("far", "tiny", "1e15", "5e5", "100000", "Binomial(12)")


@pytest.mark.parametrize("name", CASES)
def test_what_goes_to_scipy_comes_back_or_is_refused_in_words(name):
    def log_prob(frozen, x):
        x = x.T if name.startswith("Dirichlet") else x  # whose first axis is that of the shares
        return (getattr(frozen, "logpmf", None) or frozen.logpdf)(x)

    for error in refusals(name, to_scipy, from_scipy, log_prob):
        assert "no batches" in error or "cannot hold" in error or "no counterpart" in error


@pytest.mark.parametrize("name", CASES)
def test_what_goes_to_torch_comes_back_or_is_refused_in_words(name):
    torch = pytest.importorskip("torch", reason=torch_needed)

    def log_prob(distribution, x):
        x = torch.as_tensor(x, dtype=torch.float64)
        return distribution.log_prob(x)

    tolerance = 1e-7 if name == "VonMises" else 1e-9  # torch has 8 digits of Bessel functions
    for error in refusals(name, to_torch, from_torch, log_prob, tolerance):
        assert (
            "must be finite" in error
            or "one number of trials" in error
            or "no counterpart" in error
        )


OF_SCIPY = {
    "binom(12, 0.25)": Binomial(12).from_mean(3.0),
    "binom(n=[3, 4], p=0.5)": Binomial([3, 4]).from_natural(0.0),
    "bernoulli(1.0)": Binomial().from_natural(np.inf),
    "poisson(0)": Poisson().from_natural(-np.inf),
    "multinomial(3, [0.25, 0.75, 0.0])": Multinomial(3, 3).from_mean([0.75, 2.25, 0.0]),
    "rv_discrete(values=([0, 1], [0.25, 0.75]))": Categorical(2).from_mean([0.25, 0.75]),
    "norm(1, scale=2)": Gaussian().from_mean_variance(1.0, 4.0),
    "norm(loc=[1, 2])": Gaussian().from_mean_variance([1.0, 2.0], 1.0),
    "weibull_min(2, scale=3.0)": Weibull(2.0).from_natural(-1 / 9),
    "beta(2, [3, 4])": Beta().from_natural([[2.0, 3.0], [2.0, 4.0]]),
    "dirichlet([2, 3, 0.5])": Dirichlet(3).from_natural([2.0, 3.0, 0.5]),
    "vonmises(2.0, loc=1.0)": VonMises().from_angle_concentration(1.0, 2.0),
    "vonmises_fisher([0.6, 0.8, 0], 5.0)": VonMisesFisher(3).from_natural([3.0, 4.0, 0.0]),
    "invgauss(0.5, scale=4.0)": InverseGaussian().from_mean_shape(2.0, 4.0),
    "logser(0.25)": Logarithmic().from_natural(np.log(0.25)),
    "lognorm(2.0)": LogNormal().from_log_moments(0.0, 4.0),
}


@pytest.mark.parametrize("text", OF_SCIPY)
def test_frozen_distributions_are_members(text):
    same(from_scipy(eval(f"scipy.stats.{text}")), OF_SCIPY[text])


def test_the_new_distributions_of_scipy_are_members():
    if not hasattr(scipy.stats, "Binomial"):
        pytest.skip("scipy is older than 1.16")
    same(from_scipy(scipy.stats.Normal(mu=1.0, sigma=2.0)), OF_SCIPY["norm(1, scale=2)"])
    same(from_scipy(scipy.stats.Binomial(n=12, p=0.25)), OF_SCIPY["binom(12, 0.25)"])


@pytest.mark.parametrize(
    ("text", "family", "error"),
    [
        ("gamma(2, loc=1)", None, "gamma must have loc=0 to be of a family here; got loc=1"),
        ("chi2(3, scale=2)", None, "chi2 must have scale=1"),
        ("rayleigh(loc=[0, 2])", None, "rayleigh must have loc=0 to be of a .* here; got loc=2"),
        ("beta(2, 3, scale=2)", None, "beta must have scale=1"),
        ("beta(2, 3, loc=1)", None, "beta must have loc=0"),
        ("invgauss(2, loc=1)", None, "invgauss must have loc=0"),
        ("logser(0.5, loc=-1)", None, "logser must have loc=0"),
        ("dirichlet([1, 2])", Dirichlet(3), "shape"),
        ("t(3)", None, "t is of no exponential family here"),
        ("norm", None, "must be a frozen distribution"),
        ("binom(3.5, 0.5)", None, "trials must be an integer"),
        ("weibull_min([1, 2])", None, "Weibull must have one shape for all members"),
        ("poisson(-1)", None, "nan"),
        ("rv_discrete(values=([1, 2], [0.5, 0.5]))", None, "values 0 … K − 1"),
        ("norm(1, 2)", Poisson(), "law is normal, which is Gaussian or"),
        ("norm(1, 2)", GaussianKnownMean(2.0), "another mean than the law"),
        ("binom(3, 0.5)", Binomial(4), "another trials than the law"),
        ("multinomial(3, [0.5, 0.5])", Multinomial(2, 4), "another trials"),
        ("multinomial(3, [0.5, 0.5])", Multinomial(3, 3), "shape"),
        (
            "multivariate_normal([0, 1], [[2, 1], [1, 1]])",
            DiagonalGaussian(2),
            "another covariance",
        ),
        ("multivariate_normal([0, 1], [[2, 0], [0, 1]])", IsotropicGaussian(2), "another variance"),
    ],
)
def test_what_is_of_no_family_is_refused(text, family, error):
    with pytest.raises((TypeError, ValueError), match=error):
        from_scipy(eval(f"scipy.stats.{text}"), family=family)


def test_what_scipy_cannot_hold_is_refused():
    for member, error in (
        (Binomial(3).from_natural(40.0), "Binomial: a probability of double .* log odds 40"),
        (LogNormal().from_log_moments(800.0, 1.0), "within doubles"),
        (Logarithmic().from_natural(-1e-15), "Logarithmic: a probability .* log share -1e-15"),
        (Logarithmic().from_natural(-np.inf), "a probability of 0 it cannot hold"),
        (VonMisesFisher(2).from_natural([0.0, 0.0]), "concentration 0, it cannot hold"),
        (Dirichlet(2).from_natural([[1.0, 2.0]]), "no batches of Dirichlet"),
        (ContinuousBernoulli().from_natural(0.5), "no continuous bernoulli law"),
        (Categorical(2).from_natural([[0.0, 0.0]]), "no batches of Categorical"),
        (DiagonalGaussian(1).from_natural([[0.0, -1.0]]), "no batches of a Gaussian of vectors"),
        (scipy.stats.norm(), "must be a Distribution"),
    ):
        with pytest.raises((TypeError, ValueError), match=error):
            to_scipy(member)

    class Unknown(Gaussian.__mro__[1]):
        _sufficient_statistic = _log_partition = _natural_to_mean = _fisher_information = None
        _draw = None

        def _key(self):
            return (Unknown,)

    assert issubclass(Unknown, ExponentialFamily)
    with pytest.raises(TypeError, match="Unknown has no counterpart"):
        to_scipy(Unknown().from_natural(0.5))


def test_labels_are_put_back_by_the_family():
    family = Multinomial(["a", "b"], trials=3)
    p = family.from_mean([1.0, 2.0])
    assert from_scipy(to_scipy(p)).family == Multinomial(2, 3)
    assert from_scipy(to_scipy(p), family=family).family == family


def test_scipy_stats_is_imported_when_it_is_needed():
    code = "import sys, expfam.converters; assert 'scipy.stats' not in sys.modules; print(1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


# ------------------------------------------------------------ torch


def test_torch_keeps_its_type_and_its_gradients():
    torch = pytest.importorskip("torch", reason=torch_needed)
    natural = torch.tensor([0.5, -2.0], requires_grad=True)
    there = to_torch(Gaussian().from_natural(natural))
    assert there.loc.dtype == torch.float32
    there.log_prob(torch.tensor(1.0)).backward()
    close(natural.grad, Gaussian().from_natural([0.5, -2.0]).score(1.0), 1e-5)
    scale = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    back = from_torch(torch.distributions.Normal(0.0 * scale, scale))
    back.log_prob(1.0).backward()
    close(scale.grad, -1 / 2 + 1 / 8)
    close(to_scipy(Poisson().from_natural(natural.detach()[0])).mean(), np.exp(0.5))


def test_distributions_of_torch_are_members():
    torch = pytest.importorskip("torch", reason=torch_needed)
    d, tensor = torch.distributions, torch.tensor
    edge = from_torch(d.Bernoulli(tensor([0.0, 0.5, 1.0])))
    assert edge.natural_parameter.tolist() == [-np.inf, 0.0, np.inf]
    p = tensor([0.75, 0.0, 0.25], dtype=torch.float64)
    for distribution, family in (
        (d.Categorical(p), Categorical(3)),
        (d.OneHotCategorical(p), Multinomial(3)),
        (d.Multinomial(1, p), Multinomial(3)),
    ):
        same(from_torch(distribution), family.from_mean(p.numpy()))
    two = from_torch(d.Binomial(tensor([3.0, 4.0]), logits=tensor(0.5)))
    assert two.family == Binomial([3, 4])
    rayleigh = from_torch(d.Weibull(tensor(2.0), tensor(2.0)), family=Rayleigh())
    close(rayleigh.natural_parameter, -0.25)


def test_what_torch_has_not_is_refused():
    torch = pytest.importorskip("torch", reason=torch_needed)
    d, one = torch.distributions, torch.ones(2)
    for come, error in (
        (d.StudentT(3.0), "StudentT is of no exponential family"),
        (d.Independent(d.Gamma(one, one), 1), "one axis of Normals"),
        (scipy.stats.norm(), "must be of torch.distributions"),
    ):
        with pytest.raises(TypeError, match=error):
            from_torch(come)
    with pytest.raises(ValueError, match="another shape than the law"):
        from_torch(d.Weibull(one, one), family=Rayleigh())
    for member, error in (
        (Binomial().from_natural(np.inf), "log odds must be finite"),
        (VonMises().from_natural([0.0, 0.0]), "concentration must be finite and above 0"),
        (Logarithmic().from_natural(-1.0), "no logarithmic law"),
        (Multinomial(2, [1, 2]).from_natural([0.0, 0.0]), "one number of trials"),
    ):
        with pytest.raises((TypeError, ValueError), match=error):
            to_torch(member)


def test_variances_far_apart_are_kept_or_refused_in_words():
    """scipy.stats takes a matrix whose eigenvalues are a factor of 1e10 apart for singular."""
    p = DiagonalGaussian(2).from_natural([3.0, 0.0, -1e-8, -1e12])
    again = from_scipy(to_scipy(p), family=p.family)
    close(again.natural_parameter, p.natural_parameter, 1e-15, 0.0)
    family = MultivariateGaussian(2)
    p = family.from_mean_covariance([0.0, 0.0], [[1.0, 0.0], [0.0, 1e-14]])
    with pytest.raises(ValueError, match="to_scipy: a Gaussian of vectors: .* for singular"):
        to_scipy(p)


def test_a_geometric_law_of_probabilities_is_not_clipped():
    torch = pytest.importorskip("torch", reason=torch_needed)
    one, small = (torch.tensor(p, dtype=torch.float64) for p in (1.0, 1e-16))
    law = torch.distributions.Geometric(one)
    assert from_torch(law).natural_parameter == -np.inf
    assert torch.isfinite(law.logits)  # clipped, when it is asked for
    assert from_torch(law).natural_parameter == -np.inf
    close(from_torch(torch.distributions.Geometric(small)).natural_parameter, -1e-16, 1e-15, 0.0)
    law = torch.distributions.Geometric(logits=torch.tensor(40.0, dtype=torch.float64))
    assert law.probs == 1.0
    close(from_torch(law).natural_parameter, -40.0, 1e-15)
