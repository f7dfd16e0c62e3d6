"""p * q: naturals add where the product is proportional to a member, and are refused elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import CASES

from expfam import (
    Beta,
    Binomial,
    Categorical,
    Dirichlet,
    Exponential,
    FiniteFamily,
    Gamma,
    Gaussian,
    GaussianKnownVariance,
    Geometric,
    InverseGamma,
    LogNormal,
    Multinomial,
    MultivariateGaussian,
    NegativeBinomial,
    Pareto,
    Poisson,
    ProductFamily,
    Truncated,
    Weibull,
)
from expfam.checks import _proposed

PAIRS = [
    (Gaussian(), [0.3, -0.5], [1.0, -0.2]),
    (Gamma(), [0.5, -2.0], [0.4, -1.0]),
    (Exponential(), -0.5, -2.0),
    (Geometric(), -0.5, -2.0),
    (LogNormal(), [0.3, -0.5], [1.0, -0.2]),
    (InverseGamma(), [0.5, -2.0], [0.4, -1.0]),
    (Pareto(2.0), -1.5, -2.0),
    (Beta(), [0.7, 2.0], [1.5, 0.9]),
    (Dirichlet(3), [0.7, 2.0, 3.0], [1.5, 0.9, 1.2]),
    (Weibull(1.0), -0.5, -2.0),
    (NegativeBinomial(1), -0.5, -2.0),
    (Categorical(3), [0.3, -1.0, -np.inf], [0.1, 2.0, 0.0]),
    (Multinomial(3), [0.3, -1.0, 0.0], [0.1, 2.0, 0.0]),
    (Binomial(), 0.4, np.inf),
    (Binomial([0, 1]), 0.4, -1.0),
    (FiniteFamily(range(4), lambda x: [x, x**2], [1.0, 1.5, 2.0, 2.5]), [0.2, -0.1], [0.4, 0.0]),
    (Truncated(Exponential(), high=2.0), 0.5, 1.0),
    (Truncated(Poisson(), 3, 4), 0.5, -1.0),  # of two counts log h is a line
    (Multinomial(1, trials=3), [0.3], [0.1]),
    (ProductFamily(Pareto(1.0), Gaussian()), [-2.0, 0.0, -1.0], [-1.0, 0.5, -0.5]),
]


@pytest.mark.parametrize(("family", "p", "q"), PAIRS, ids=lambda v: str(v)[:14])
def test_the_product_is_proportional_to_the_densities(family, p, q):
    p, q = family.from_natural(p), family.from_natural(q)
    x = p.sample(20, rng=1)
    with np.errstate(invalid="ignore"):
        ratio = (p * q).log_prob(x) - (p.log_prob(x) + q.log_prob(x))
    ratio = np.where(np.isnan(ratio), np.nanmax(ratio, axis=0), ratio)
    np.testing.assert_allclose(ratio - ratio[0], 0.0, atol=1e-12)
    assert (q * p).same_member(p * q)


@pytest.mark.parametrize(
    ("family", "natural"),
    [
        (Multinomial(2, trials=2), [0.0, 1.0]),
        (Binomial(3), 0.2),
        (Poisson(), 0.2),
        (GaussianKnownVariance(2.0), 0.3),
        (FiniteFamily(range(3), lambda x: x, [0.0, 0.0, 1.0]), [0.3]),
        (ProductFamily(Poisson(), Gaussian()), [0.1, 0.2, -1.0]),
        (Truncated(Poisson(), 1), 0.3),
    ],
    ids=lambda v: str(v)[:14],
)
def test_where_it_is_no_member_it_is_refused(family, natural):
    p = family.from_natural(natural)
    with pytest.raises(ValueError, match=r"only where h² is a multiple of h, or of h·exp⟨c, T⟩"):
        p * p


@pytest.mark.parametrize("case", CASES)
def test_the_slope_of_log_h_is_that_of_every_family(case):
    """log h(x) − ⟨c, T(x)⟩ is one number where a family says so, and for no c where it does not."""
    family, natural = CASES[case]
    if np.ndim(family.trials):
        return
    slope = family._log_base_slope()
    first = _proposed(family, np.random.default_rng(0))[0] if natural is None else natural[0]
    x = family.from_natural(first).sample(400, rng=2)
    base = np.asarray(family.log_base_measure(x), dtype=float)
    statistic = np.asarray(family.sufficient_statistic(x), dtype=float).reshape(400, -1)
    if slope is not None:
        rest = base - statistic @ np.broadcast_to(slope, statistic.shape[1])
        np.testing.assert_allclose(rest, rest[0], rtol=1e-11, atol=1e-11)
        return
    if natural is not None or family.trials > 100 or not np.ptp(base) > 0:
        return  # draws that tell too little of h
    columns = np.column_stack([np.ones(400), (statistic - statistic.mean(0)) / statistic.std(0)])
    fitted = columns @ np.linalg.lstsq(columns, base, rcond=None)[0]
    assert np.abs(base - fitted).max() > 1e-6 * np.ptp(base)


def test_products_are_of_two_members_of_one_family():
    p = Gaussian().from_natural([0.0, -1.0])
    with pytest.raises(ValueError, match="both must be members of one family"):
        p * Exponential().from_natural(-1.0)
    with pytest.raises(TypeError):
        p * 2.0
    two = Gaussian().from_natural([[0.0, -1.0], [1.0, -1.0]])
    np.testing.assert_array_equal((p * two).natural_parameter, [[0.0, -2.0], [1.0, -2.0]])
    with pytest.raises(ValueError, match="Binomial: a product needs an outcome that both members"):
        Binomial().from_natural(np.inf) * Binomial().from_natural(-np.inf)
    with pytest.raises(ValueError, match="Gamma: the logarithmic natural"):
        Gamma().from_natural([-0.6, -1.0]) * Gamma().from_natural([-0.7, -1.0])
    sharp = MultivariateGaussian(2).from_natural([0.0, 0, -1, 0, 0, -1])
    assert (sharp * sharp).natural_parameter[2] == -2
