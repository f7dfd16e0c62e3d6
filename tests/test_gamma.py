"""What Gamma promises beyond the laws of every family."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special as scipy_special
from scipy import stats
from test_families import SETTINGS, close

from expfam import Gamma

INF = np.inf


@SETTINGS
@given(st.floats(0.01, 1e3), st.floats(1e-3, 1e3))
def test_gamma_numbers(shape, rate):
    p = Gamma().from_shape_rate(shape, rate)
    found = Gamma().shape_rate(p.natural_parameter)
    close(found, (shape, rate), 1e-13)
    x = np.array([0.1, 1.0, 3.0]) * shape / rate
    close(p.log_prob(x), stats.gamma.logpdf(x, shape, scale=1 / rate), 1e-9, 1e-9)
    wanted = shape - math.log(rate) + math.lgamma(shape) + (1 - shape) * scipy_special.psi(shape)
    close(p.entropy(), wanted, 1e-9, 1e-9)
    log_mean = scipy_special.psi(shape) - math.log(rate)
    close(p.mean_parameter, [log_mean, shape / rate], 1e-12, 1e-13)
    corner = scipy_special.polygamma(1, shape)
    close(p.fisher_information, [[corner, 1 / rate], [1 / rate, shape / rate**2]], 1e-12)
    q = Gamma().from_shape_rate(2.0, 1.0)
    assert p.kl(q) >= 0
    kl = (shape - 2) * scipy_special.psi(shape) - math.lgamma(shape)
    kl += 2 * math.log(rate) + shape * (1 - rate) / rate
    close(p.kl(q), kl, 1e-8, 1e-8)


def test_gamma_fit_matches_scipy():
    x = stats.gamma.rvs(3.0, scale=0.5, size=500, random_state=1)
    shape, rate = Gamma().shape_rate(Gamma().fit(x).natural_parameter)
    a, _, scale = stats.gamma.fit(x, floc=0)
    assert (shape, rate) == (pytest.approx(a, rel=1e-6), pytest.approx(1 / scale, rel=1e-6))


@pytest.mark.parametrize(
    ("natural", "text"),
    [
        ([-1.0, -1.0], r"logarithmic natural parameter \(shape − 1\) must exceed -1; it is -1"),
        ([0.0, 0.0], r"linear natural parameter \(−rate\) must be negative; it is 0"),
        ([INF, -1.0], "must be finite; entry 0 is inf"),
        ([0.0, -1e-320], "the rate must be between 1e-100 and 1e100"),
        ([0.0, -1e308], "the rate must be between 1e-100 and 1e100; it is 1e\\+308"),
        ([1e200, -1.0], "the shape must be at most 1e100"),
    ],
)
def test_bad_gamma_naturals(natural, text):
    with np.errstate(all="raise"), pytest.raises(ValueError, match=f"Gamma: .*{text}"):
        Gamma().natural_to_mean(natural)


def test_bad_gamma_data():
    family = Gamma()
    for bad, text in (
        ([1.0, 0.0], "observations must be positive; entry 1 is 0"),
        ([1.0, -2.0], "observations must be positive"),
        ([INF], "observations must be finite"),
        ([math.nan], "observations must be finite"),
        ([2.0, 2.0], "log E x must exceed E log x by more than rounding"),
    ):
        with pytest.raises(ValueError, match=f"Gamma: {text}"):
            family.fit(bad)
    for mean, text in (
        ([0.0, -1.0], "E x must be positive; it is -1"),
        ([1.0, 1.0], "log E x must exceed E log x .*; it exceeds it by -1"),
    ):
        with pytest.raises(ValueError, match=text):
            family.mean_to_natural(mean)
    for shape, rate, text in (
        (0.0, 1.0, "shape must be positive"),
        (1.0, math.nan, "rate must be positive"),
        ([1, 2], [1, 2, 3], "shape and rate must broadcast"),
        ("a", 1.0, "shape must be real numbers"),
    ):
        with pytest.raises((ValueError, TypeError), match=f"Gamma: {text}"):
            family.from_shape_rate(shape, rate)


def test_gamma_draws_are_observations():
    tiny = Gamma().from_shape_rate(1e-3, 1.0).sample(2000, 1)
    assert (tiny > 0).all()
    draws = Gamma().from_shape_rate([3.0, 0.5], [2.0, 1.0]).sample(20000, 1)
    close(draws.mean(axis=0), [1.5, 0.5], 0.05)
