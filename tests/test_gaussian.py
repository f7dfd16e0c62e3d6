"""What Gaussian promises beyond the laws of every family."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from test_families import SETTINGS, close

from expfam import Gaussian, GaussianKnownVariance, Multinomial

INF = np.inf


@SETTINGS
@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e6), st.floats(-1e4, 1e4), st.floats(1e-3, 1e6))
def test_gaussian_numbers(mean, variance, other_mean, other_variance):
    p = Gaussian().from_mean_variance(mean, variance)
    q = Gaussian().from_mean_variance(other_mean, other_variance)
    found_mean, found_variance = Gaussian().mean_variance(p.natural_parameter)
    close(found_mean, mean, 1e-14, 1e-300)  # η₁ of a subnormal mean has few digits
    close(found_variance, variance, 1e-14)
    x = mean + np.array([-3.0, 0.5, 0.0]) * math.sqrt(variance)
    close(p.log_prob(x), stats.norm.logpdf(x, mean, math.sqrt(variance)), 1e-9, 1e-9)
    close(p.entropy(), stats.norm.entropy(mean, math.sqrt(variance)), 1e-12, 1e-13)
    ratio = variance / other_variance
    wanted = 0.5 * (ratio - 1 - math.log(ratio)) + (mean - other_mean) ** 2 / (2 * other_variance)
    close(p.kl(q), wanted, 1e-9, 1e-12)
    assert p.kl(q) >= 0
    back = Gaussian().mean_to_natural(Gaussian().natural_to_mean(p.natural_parameter))
    spread = 1 + mean * mean / variance  # what E x² − (E x)² cancels
    close(back, p.natural_parameter, 1e-15 * spread + 1e-14)


@pytest.mark.parametrize("far", [0.0, 1e3, 1e8, 1e13])
@pytest.mark.parametrize("known", [True, False])
def test_gaussian_log_prob_keeps_its_digits_far_from_zero(known, far):
    """Of the member as stored: far standard deviations from 0 the mean has digits below rounding."""
    rng = np.random.default_rng(7)
    for variance, z in zip(
        np.exp(3 * rng.normal(size=50)).tolist(), rng.normal(size=50), strict=True
    ):
        mean = far * math.sqrt(variance) * 1.37
        family = GaussianKnownVariance(variance) if known else Gaussian()
        p = family.from_natural(mean / variance if known else [mean / variance, -0.5 / variance])
        with mpmath.workdps(50):
            linear, *quadratic = (mpmath.mpf(v) for v in np.ravel(p.natural_parameter).tolist())
            (quadratic,) = quadratic or [-1 / (2 * mpmath.mpf(variance))]
            centre = -linear / (2 * quadratic)
            x = float(centre + z * mpmath.sqrt(-1 / (2 * quadratic)))
            exact = quadratic * (x - centre) ** 2 + mpmath.log(-quadratic / mpmath.pi) / 2
        close(p.log_prob(x), float(exact), 2e-15, 2e-15)


def test_gaussian_kl_of_close_members_keeps_its_digits():
    p = Gaussian().from_mean_variance(3.0, 2.0)
    for step in (1e-3, 1e-6, 1e-9):
        q = Gaussian().from_natural([1.5, -0.25 * (1 + step)])
        gap = float(q.natural_parameter[1]) / -0.25 - 1
        shift = 3.0 * gap / (1 + gap)
        wanted = 0.5 * (gap - math.log1p(gap)) if gap > 1e-4 else gap**2 / 4 - gap**3 / 6
        wanted += shift**2 * (1 + gap) / 4
        close(p.kl(q), wanted, 1e-10)


def test_gaussian_parts_and_fit():
    family = Gaussian()
    assert family.unpack([1.0, -2.0]) == {"linear": 1.0, "quadratic": -2.0}
    packed = family.pack(linear=[1.0, 2.0], quadratic=-0.5)
    assert packed.tolist() == [[1.0, -0.5], [2.0, -0.5]]
    assert family.unpack(packed)["linear"].tolist() == [1.0, 2.0]
    x = [1.0, 2.0, 3.0, 6.0]
    mean, variance = family.mean_variance(family.fit(x).natural_parameter)
    assert (mean, variance) == (pytest.approx(3.0), pytest.approx(3.5))
    member = family.from_mean_variance([0.0, 1.0], 2.0)
    assert member.batch_shape == (2,)
    assert member.degrees_of_freedom.tolist() == [2, 2]
    draws = member.sample(20000, 1)
    close(draws.mean(axis=0), [0.0, 1.0], atol=0.06)
    close(draws.var(axis=0), [2.0, 2.0], 0.05)
    for parts, text in (
        ({"linear": 1.0}, "parts must be linear, quadratic; got linear"),
        ({}, "parts must be linear, quadratic; got none"),
        (
            {"linear": [1, 2], "quadratic": [1, 2, 3]},
            r"parts must broadcast; got \(2,\) and \(3,\)",
        ),
    ):
        with pytest.raises(ValueError, match=text):
            family.pack(**parts)
    with pytest.raises(ValueError, match="Multinomial: parameters have no named parts"):
        Multinomial(2).pack()
    with pytest.raises(ValueError, match="Multinomial: parameters have no named parts"):
        Multinomial(2).unpack([0.0, 0.0])


@pytest.mark.parametrize(
    ("natural", "text"),
    [
        ([0.0, 0.0], "the quadratic natural parameter must be negative; it is 0"),
        ([[0.0, -1.0], [0.0, 2.0]], "quadratic natural parameter must be negative; row 1 is 2"),
        ([INF, -1.0], "natural parameter must be finite; entry 0 is inf"),
        ([0.0, math.nan], "natural parameter must be finite; entry 1 is nan"),
        ([0.0, -1e-320], "the variance must be between 1e-100 and 1e100; it is inf"),
        ([0.0, -1e200], "the variance must be between 1e-100 and 1e100; it is 5e-201"),
        ([1e200, -1e-10], "the mean must be at most 1e50 in size"),
    ],
)
def test_bad_gaussian_naturals(natural, text):
    with np.errstate(all="raise"), pytest.raises(ValueError, match=f"Gaussian: .*{text}"):
        Gaussian().natural_to_mean(natural)


def test_bad_gaussian_moments_and_variances():
    family = Gaussian()
    for bad in ([0.0, 0.0], [1.0, 1.0], [3.0, 8.0], [1e8, 1e16]):
        with pytest.raises(ValueError, match=r"E x² must exceed \(E x\)² by more than rounding"):
            family.mean_to_natural(bad)
    with pytest.raises(ValueError, match="mean parameter must be finite; entry 1 is inf"):
        family.mean_to_natural([0.0, INF])
    with pytest.raises(ValueError, match="E x² must exceed"):
        family.fit([2.0, 2.0])
    for variance in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="Gaussian: variance must be positive"):
            family.from_mean_variance(0.0, variance)
    with np.errstate(all="raise"), pytest.raises(ValueError, match="must be finite"):
        family.from_mean_variance(1e300, 1e-300)
    with pytest.raises(
        ValueError, match=r"mean and variance must broadcast; got \(2,\) and \(3,\)"
    ):
        family.from_mean_variance([1, 2], [1, 2, 3])


def test_gaussian_extremes_are_silent():
    with np.errstate(all="raise"):
        p = Gaussian().from_mean_variance(1e50, 1e100)
        q = Gaussian().from_mean_variance(-1e50, 1e-100)
        for a, b in ((p, q), (q, p), (p, p)):
            assert a.kl(b) >= 0
            assert not math.isnan(a.entropy())
            assert np.isfinite(a.fisher_information).all()
            assert not math.isnan(a.convex_conjugate)
        assert p.log_prob(1e200) < 0
        assert Gaussian().from_mean_variance(0.0, 1.0).log_prob(1e200) == -INF
        assert Gaussian().sufficient_statistic(1e200).tolist() == [1e200, INF]
