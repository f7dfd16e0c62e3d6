"""Which means truncated members of two parameters have: inside of a hull, and of an edge."""

from __future__ import annotations

import numpy as np
import pytest

from expfam import Beta, Gamma, Gaussian, InverseGamma, InverseGaussian, LogNormal, Truncated

CLOSED = [
    (Gaussian(), 0.0, 1.0),
    (Gaussian(), -7.0, 3.0),
    (LogNormal(), 0.5, 4.0),
    (Gamma(), 1.0, 5.0),
    (InverseGamma(), 0.3, 5.0),
    (InverseGaussian(), 0.5, 5.0),
    (Beta(), 0.2, 0.9),
]


@pytest.mark.parametrize(("family", "low", "high"), CLOSED, ids=str)
def test_data_at_both_ends_alone_have_no_member(family, low, high):
    """Their mean is on the chord of the curve that T is; just inside of it there is a member."""
    window = Truncated(family, low, high)
    with pytest.raises(ValueError, match="inside the convex hull of T over the window"):
        window.fit([low, low, high])
    chord = family.sufficient_statistic([low, low, high]).mean(axis=0)
    middle = family.sufficient_statistic((low + high) / 2)
    for share in (0.01, 0.3):
        mean = chord + share * (middle - chord)
        got = window.from_mean(mean).mean_parameter
        np.testing.assert_allclose(got, mean, rtol=1e-9, atol=1e-9)
    with pytest.raises(ValueError, match="convex hull|equal"):
        window.from_mean(chord - 0.01 * (middle - chord))


# A mean at the edge, where η₂ = 0: (window, that of the exponential or the Pareto there)
EDGES = [
    (Truncated(Gaussian(), low=0.0), [1.0, 2.0]),
    (Truncated(Gaussian(), low=3.0), [4.0, 17.0]),
    (Truncated(Gaussian(), high=0.0), [-1.0, 2.0]),
    (Truncated(LogNormal(), low=1.0), [0.5, 0.5]),
    (Truncated(LogNormal(), high=1.0), [-0.5, 0.5]),
    (Truncated(Gamma(), low=1.0), [1 / 3, 1.5]),
    (Truncated(Gamma(), low=2.0), [1 / 3 + np.log(2.0), 3.0]),
    (Truncated(InverseGamma(), high=1.0), [1 / 3, 1.5]),
]


@pytest.mark.parametrize(("window", "edge"), EDGES, ids=lambda v: str(v)[:60])
def test_data_as_spread_as_an_exponential_have_no_member(window, edge):
    """Johnson, Kotz and Balakrishnan (1994), section 13.10: a half-normal's variation is below 1."""
    edge = np.array(edge)
    inside, beyond = edge * [1.0, 1 - 1e-3], edge * [1.0, 1 + 1e-3]
    p = window.from_mean(inside)
    np.testing.assert_allclose(p.mean_parameter, inside, rtol=1e-9)
    assert p.natural_parameter[1] < 0
    text = "less spread than those of an? (exponential|Pareto).*no member"
    for mean in (edge * [1.0, 1 + 1e-12], beyond):
        with pytest.raises(ValueError, match=text):
            window.from_mean(mean)


def test_a_pareto_without_a_mean_holds_none_back():
    """Where E log y/low is 1 or more, members have any E y."""
    window = Truncated(Gamma(), low=1.0)
    for mean in ([1.2, 4.0], [1.0, 30.0], [2.5, 300.0]):
        np.testing.assert_allclose(window.from_mean(mean).mean_parameter, mean, rtol=1e-8)


def test_between_two_ends_every_spread_has_a_member():
    for family, mean in ((Gaussian(), [1.0, 2.001]), (Gamma(), [1 / 3, 1.501])):
        window = Truncated(family, 1.0 if isinstance(family, Gamma) else 0.0, 50.0)
        np.testing.assert_allclose(window.from_mean(mean).mean_parameter, mean, rtol=1e-8)


def test_a_search_that_rests_beside_its_mean_is_refused():
    """T is a line to rounding where p is: η was (3.5e8, −3393), 0.4 % of a deviation off."""
    window = Truncated(Gamma(), 6.52484272988009, 103138.69103636348)
    with pytest.raises(ValueError, match="must have a natural one within reach of double"):
        window.from_mean(window.natural_to_mean([-0.00056, 6.34]))
