"""Truncated families of real numbers where digits are hard to keep, or none can be had.

The numbers are integrals of 150 digits by mpmath, panel by panel between falls of log p.
"""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

from expfam import (
    Beta,
    Gamma,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    InverseGamma,
    InverseGaussian,
    Laplace,
    LogNormal,
    Truncated,
    Weibull,
)

# family, low, high, η; A, the first variance, the entropy; x and log p(x)
MEMBERS = [
    (  # a density that falls from near 1: 1 − a + aeᵘ where both may be small
        (Beta(), 0.045, 0.9999999997, [93.0, 2e-8]),
        (2.8227353990210657, 6.5341666210073159e-6, -10.585407825001815),
        ([0.05, 0.9], [-278.37881127262655, -10.213317792598739]),
    ),
    (
        (Beta(), 6e-52, 0.75, [-14.5, -5.0]),
        (1707.4944991642771, 0.0047562425683709869, -119.54784849864747),
        ([1e-30, 0.74], [-636.79243092204588, -1694.7449283383267]),
    ),
    (  # a mode that is nearer to 1 than doubles are
        (Beta(), 0.475, None, [40.25, 1.25e-17]),
        (38.920803029584567, 7.9098282249785461e-21, -79999999999999966.0),
        ([0.5], [-65.433682686002475]),
    ),
    (  # flat for 200 steps of log x, then off a cliff
        (Gamma(), 1e-90, None, [-1.0, -0.5]),
        (5.3344013860187836, 3583.6050637282987, -98.21517265372482),
        ([], []),
    ),
    (
        (Beta(), 1e-60, None, [0.0, 0.5]),
        (4.9383613310017039, 1621.039575780557, -63.475514637370826),
        ([], []),
    ),
    (  # log x of the least doubles
        (Beta(), None, 0.9, [0.125, -0.125]),
        (2.3540946138468634, 58.732265722000583, -3.5623781287687497),
        ([5e-324, 1e-310, 1e-305], [649.03096831736174, 622.22211186078803, 612.14830207893908]),
    ),
    (  # log y of y near 1, whose digits are those of 1 − y
        (Beta(), 0.03, 0.9999999992, [1.25, -58.0]),
        (1210.8313047585416, 2.0401879644862075e-22, -23.989611075537836),
        ([0.03, 0.5], [-1209.9108509912738, -1170.1089079006448]),
    ),
    (  # slopes at a rounded log x, of terms 10¹² times as large
        (LogNormal(), 50.52163294747264, 50.521632947738134, [-3.2290387958327735e23, 4.116150140730978e22]),
        (-6.3327935015154209e23, 2.4232759549630212e-24, -22.072586820481686),
        ([50.52163294747264, 50.521632947738134], [22.536330287788259, 21.897625637733002]),
    ),
    (  # a top at an end, steeper than x − m is rounded
        (GaussianKnownMean(1e5), -1.9288, -1.9287, -2.5e6),
        (-25000964359299737.0, 1.6e-13, -25.937893222182611),
        ([-1.9287], [26.937893222182611]),
    ),
    (
        (Laplace(-1e5), -1.9, 10.2, -1e30),
        (-9.99981e34, 1e-60, -68.077552789821371),
        ([-1.9], [69.077552789821371]),
    ),
    (  # −1/2v is rounded, which moves a far mode by many deviations
        (GaussianKnownVariance(3e28), None, 0.02, -500.0),
        (3.75e33, 3e28, 34.204435979455367),
        ([-1.5e31, -1.5000000000000004e31], [-51.05622886343878, -235.92194139672223]),
    ),
    (  # and so is the mode
        (GaussianKnownVariance(0.7), 0, None, 1.2345678e18),
        (5.3345517847889397e35, 0.7, 1.2406010612353065),
        ([8.64197459999999e17], [-670928.30035553707]),
    ),
    (
        (Gaussian(), 0, None, [1.2345678e18, -0.7]),
        (5.4434201885601432e35, 0.71428571428571433, 1.2507024148940663),
        ([], []),
    ),
    (  # the variance of x² is beyond doubles
        (Gaussian(), -6.581866676833051e82, -6.581866470594251e82, [-3.1357877109332486e-70, -2.3821416781639067e-153]),
        (10319668072580.277, 3.5421380296552994e149, 173.41774501438953),
        ([], []),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("window", "wanted", "points"), MEMBERS)
def test_members_keep_their_digits(window, wanted, points):
    family, low, high, natural = window
    p = Truncated(family, low, high).from_natural(natural)
    got = p.log_partition, np.reshape(p.fisher_information, -1)[0], p.entropy()
    np.testing.assert_allclose(got, wanted, rtol=2e-13)
    np.testing.assert_allclose(p.log_prob(np.array(points[0])), points[1], rtol=1e-12)


REFUSED_WINDOWS = [
    (Weibull(50.0), 1e-36, 1e-33, ValueError, "must be between 1e-300 and 1e300"),
    (Weibull(900.0), 1.0, 3.0, ValueError, "must be between 1e-300 and 1e300"),
    (Gamma(), 1e-310, 1.0, ValueError, "must be between 1e-300 and 1e300"),
    (Gaussian(), np.array([1.0, 2.0]), 3.0, TypeError, "low must be a number"),
]


@pytest.mark.parametrize(("family", "low", "high", "error", "text"), REFUSED_WINDOWS)
def test_windows_whose_ends_have_no_statistic_are_refused(family, low, high, error, text):
    with pytest.raises(error, match=text):
        Truncated(family, low, high)


REFUSED_MEMBERS = [
    (GaussianKnownVariance(0.7), 0, None, 1e30, "1e20 deviations from 0"),
    (GaussianKnownVariance(1e80), 0, None, 1e40, "at most 1e100, and 1e20"),
    (LogNormal(), 1e-10, None, [1e50, -1e-50], "1e20 deviations from 0"),
    (Gamma(), 1e-3, None, [1e60, -1.0], "1e20 deviations from 0"),
    (Beta(), 0.4, None, [1e24, 3e4], "1e20 deviations from 0"),
    (InverseGamma(), 1, None, [-1.1, -0.3], "must be integrable up to inf"),
]


@pytest.mark.parametrize(("family", "low", "high", "natural", "text"), REFUSED_MEMBERS)
def test_members_that_doubles_cannot_tell_are_refused(family, low, high, natural, text):
    with pytest.raises(ValueError, match=text):
        Truncated(family, low, high).from_natural(natural)


DRAWN = [
    (GaussianKnownMean(1.0), 1e-29, 4e-28, 0.0),  # the centre is far from the window
    (GaussianKnownMean(1e5), -1.9058, -1.8999, -2e5),
    (Laplace(-1e20), 1.6, 10.2, -0.4),
    (Beta(), 1e-30, 1e-20, [0.5, 2.0]),
    (LogNormal(), 6.04958818903612e40, 6.049588189047705e40, [-1.1314713964258195e36, 6.024656560182311e33]),
]  # fmt: skip


@pytest.mark.parametrize(("family", "low", "high", "natural"), DRAWN)
def test_draws_are_spread_over_the_window_as_the_member_is(family, low, high, natural):
    """The means of two samples, five deviations apart by chance once in 1.7 million."""
    p = Truncated(family, low, high).from_natural(natural)
    x = p.sample(4000, rng=1)
    assert (x.min() >= low) & (x.max() <= high)
    if not isinstance(family, LogNormal):  # whose window there holds few doubles' logarithms
        assert len(np.unique(x)) > 2000
        gap = x.mean() - p.sample(4000, rng=2).mean()
        assert abs(gap) <= 5 * x.std() * np.sqrt(2 / 4000)


def test_draws_by_a_far_centre_are_uniform_where_the_density_is():
    x = Truncated(GaussianKnownMean(1.0), 1e-29, 4e-28).from_natural(0.0).sample(4000, rng=1)
    assert x.mean() == pytest.approx(2.05e-28, rel=0.03)


def test_members_are_pickled_after_their_integrals_too():
    p = Truncated(LogNormal(), 0.5, 3.0).from_natural([1.0, -2.0])
    assert p.entropy() == pickle.loads(pickle.dumps(p)).entropy()
    assert pickle.loads(pickle.dumps(p.family)) == p.family


def test_means_of_other_libraries_are_refused_in_words():
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TypeError, match="it needs numpy"):
            Truncated(Gaussian(), 0, 1).mean_to_natural(torch.tensor([0.5, 0.3]))


# family, low, high, η, variances of T where most of one is beyond e⁻⁴⁵ of the largest density
TAILS = [
    (Beta(), 0.24049560727491218, 0.9999999988086378, [0.0457497539993065, -3.0798451406869107], [9.3582167371030806e-19, 0.10542466773247767]),
    (Gamma(), 1e-30, None, [-2.5, -1.0], [0.44444444444444444, 2.6586807763582624e-45]),
    (Gamma(), 1e-10, None, [-2.5, -1e-5], [0.44444444444442844, 8.4074856245970193e-13]),
    (InverseGamma(), None, 1e20, [-2.2, -1.0], [0.69444444444444424, 1.3970756564703493e-24]),
    (InverseGaussian(), 1e-20, None, [-0.001, -1e-20], [1.8762754744180457e-6, 6.9894483237238368e38]),
]  # fmt: skip


@pytest.mark.parametrize(("family", "low", "high", "natural", "wanted"), TAILS)
def test_variances_have_what_a_far_tail_adds(family, low, high, natural, wanted):
    fisher = Truncated(family, low, high).from_natural(natural).fisher_information
    np.testing.assert_allclose(np.diagonal(fisher), wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("family", "low", "high", "data"),
    [
        (Gaussian(), 0, 1, [1e-9, 1.0]),  # came as a fifth of what it is
        (Gaussian(), 0, 1, [1e-12, 1 - 1e-12]),
        (Gamma(), 1, 4, [1 + 3e-8, 4 - 3e-8]),
    ],
)
def test_data_too_near_the_ends_for_a_fit_are_refused(family, low, high, data):
    with pytest.raises(ValueError, match="within reach of double precision"):
        Truncated(family, low, high).fit(data)


def test_data_near_the_ends_are_fitted():
    """Of mass at both ends, E x(1 − x) is 1/|η₁| there."""
    natural = Truncated(Gaussian(), 0, 1).fit([1e-6, 1 - 1e-6]).natural_parameter
    np.testing.assert_allclose(natural, [-1e6, 1e6], rtol=1e-5)
