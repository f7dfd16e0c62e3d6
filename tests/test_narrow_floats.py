"""float32 and float16 in numpy: computed in doubles; maps rounded once, data not at all."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import CASES
from pairs import members_of

from expfam import Gaussian, InverseGamma, LogNormal

NARROW = [
    name
    for name, (family, _) in CASES.items()
    if np.ndim(family.trials) == 0 and family.trials and "far" not in name
]


def narrow(values) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def within(family, natural) -> bool:
    """Whether η has a member also when it is rounded."""
    return bool(family._inside(narrow(natural).astype(np.float64)).all())


@pytest.mark.parametrize("name", NARROW)
def test_maps_of_float32_are_those_of_doubles_rounded_once(name):
    members = [p for p in members_of(name) if within(p.family, p.natural_parameter)]
    for p in members:
        family, natural = p.family, narrow(p.natural_parameter)
        there = np.ones(family.natural_shape)
        for what, given in (
            ("log_partition", natural),
            ("natural_to_mean", natural),
            ("fisher_information", natural),
            ("sufficient_statistic", narrow(p.sample(3, rng=1))),
        ):
            if what == "sufficient_statistic" and (family.discrete or "(reals)" in name):
                continue
            call = getattr(family, what)
            try:
                wanted = np.asarray(call(given.astype(np.float64)))
            except ValueError:
                continue  # a draw may be no observation when it is rounded
            got = call(given)
            assert isinstance(got, float) or got.dtype in (np.float32, np.int64)
            with np.errstate(over="ignore"):
                np.testing.assert_array_equal(got, wanted.astype(np.float32))
        product = family.fisher_product(natural, narrow(there))
        assert isinstance(product, float) or product.dtype == np.float32
        assert p.cumulant_function(np.zeros_like(natural)) == 0.0


@pytest.mark.parametrize("offset", [0.0, 100.0, 1e4])
def test_data_of_float32_are_not_rounded_again(offset):
    """x² of 1e4 has no digit of a variance of 1 in float32."""
    x = narrow(offset + np.random.default_rng(1).normal(size=1000))
    assert Gaussian().fit(x) == Gaussian().fit(x.astype(np.float64))
    for family in (LogNormal(), InverseGamma()):
        x = narrow(offset + 1 + np.random.default_rng(1).uniform(size=1000))
        assert family.fit(x) == family.fit(x.astype(np.float64))
        p = family.fit(x)
        np.testing.assert_array_equal(p.log_prob(x), p.log_prob(x.astype(np.float64)))
        np.testing.assert_array_equal(p.score(x), p.score(x.astype(np.float64)))
        assert p.log_likelihood(x) == p.log_likelihood(x.astype(np.float64))


def test_means_of_float32_are_looked_at_in_doubles():
    """E x² − (E x)² of these is 1, and would be 0.5 or 1.5 of float32."""
    mean = narrow([3001.0, 3001.0**2 + 1])
    exact = float(mean[1]) - float(mean[0]) ** 2
    assert Gaussian().mean_to_natural(mean).dtype == np.float32
    assert Gaussian().from_mean(mean).natural_parameter[1] == pytest.approx(-0.5 / exact, rel=1e-15)
