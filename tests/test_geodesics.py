"""Straight lines between members, and centroids."""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import CASES
from pairs import INF, members_of, rng
from scipy import optimize

from expfam import divergences as dv
from expfam.families import (
    Binomial,
    Categorical,
    Exponential,
    Gamma,
    Gaussian,
    Logarithmic,
    Multinomial,
    MultivariateGaussian,
    Poisson,
)
from expfam.special import softmax

# ---------------------------------------------------------------- geodesics


@pytest.mark.parametrize("name", [name for name in CASES if "far" not in name])
def test_geodesics_end_at_their_members(name):
    p, q = (members_of(name) * 2)[:2]
    for geodesic in (dv.e_geodesic, dv.m_geodesic):
        if name in ("Multinomial(3, 0)", "Multinomial(3, [[2], [0]])", "Binomial([0, 3])"):
            continue  # means without trials tell nothing
        start, end = geodesic(p, q, [0.0, 1.0])
        assert (start, end) == (p, q)
        middle = geodesic(p, q, 0.5)
        assert middle.same_member(geodesic(q, p, 0.5))


def test_geodesics_are_straight_each_in_its_parameter():
    p, q = (Gamma().from_shape_rate(*v) for v in ((2.0, 1.0), (5.0, 0.5)))
    t = np.array([-0.01, 0.25, 0.9])
    e, m = dv.e_geodesic(p, q, t), dv.m_geodesic(p, q, t)
    for curve, parameter in ((e, "natural_parameter"), (m, "mean_parameter")):
        a, b = getattr(p, parameter), getattr(q, parameter)
        np.testing.assert_allclose(getattr(curve, parameter), a + t[:, None] * (b - a), rtol=1e-11)


def test_geodesics_on_the_boundary():
    p, q = Categorical(3).from_mean([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    np.testing.assert_allclose(dv.e_geodesic(p, q, 0.3).mean_parameter, [0, 1, 0])
    np.testing.assert_allclose(
        dv.m_geodesic(p, q, 0.3).mean_parameter, [0.35, 0.5, 0.15], rtol=1e-14
    )
    wide = Categorical(3).from_mean([0.2, 0.3, 0.5])
    np.testing.assert_allclose(
        dv.e_geodesic(p, wide, -1.0).mean_parameter, [0.6, 0.4, 0.0], rtol=0.2
    )
    with pytest.raises(
        ValueError, match="Categorical: e_geodesic: there must be a member at t; it has t = 2"
    ):
        dv.e_geodesic(p, wide, 2.0)
    a, b = Categorical(2).from_mean([[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match=r"there must be a member at t; row 1 has t = 0\.5"):
        dv.e_geodesic(a, b, [0.0, 0.5])
    with pytest.raises(ValueError, match="Poisson: mean parameter must be between 0"):
        dv.m_geodesic(Poisson().from_mean(1.0), Poisson().from_mean(3.0), -1.0)


# ---------------------------------------------------------------- centroids


@pytest.mark.parametrize(
    "members",
    [
        Poisson().from_mean([1.0, 4.0, 60.0]),
        Categorical(3).from_mean([[0.1, 0.2, 0.7], [0.8, 0.15, 0.05], [0.3, 0.3, 0.4]]),
        Multinomial(3, trials=4).from_mean([[1.0, 0.0, 3.0], [3.5, 0.0, 0.5]]),
        Gamma().from_shape_rate([1.0, 4.0, 0.3], [1.0, 0.2, 5.0]),
        Gaussian().from_mean_variance([0.0, 5.0, -1.0], [1.0, 0.1, 4.0]),
        MultivariateGaussian(2).from_mean_covariance(
            [[0, 1.0], [3.0, 1]], [np.eye(2), [[2, 1], [1, 3.0]]]
        ),
        Binomial(5).from_natural([INF, INF]),
    ],
    ids=lambda p: p.family.name,
)
def test_centroids_are_the_least_sums(members):
    family = members.family
    weights = np.arange(1.0, len(members) + 1)
    sums = {
        dv.right_centroid: lambda c: weights @ members.kl(c),
        dv.left_centroid: lambda c: weights @ c.kl(members),
        dv.symmetrised_centroid: lambda c: weights @ dv.jeffreys(c, members),
    }
    for centroid, total in sums.items():
        found = centroid(members, weights)
        assert found.batch_shape == ()
        best = total(found)
        noise = 1e-12 * (1 + best)
        for seed in range(40):
            shift = rng(seed).normal(size=family.natural_shape) * 10.0 ** rng(seed).uniform(
                -5, -0.5
            )
            moved = family.from_natural(_tame(family, found.natural_parameter, shift))
            assert total(moved) >= best - noise


def _tame(family, natural, shift):
    """natural + shift, within the domain."""
    while not family._inside(np.asarray(natural + shift)):
        shift = shift / 2
    return natural + shift


def test_symmetrised_centroids_have_no_slope():
    for members in (
        Categorical(4).from_mean(rng(1).dirichlet(np.ones(4), size=3)),
        Gamma().from_shape_rate([0.1, 40.0], [1e-3, 7.0]),
    ):
        c = dv.symmetrised_centroid(members)
        left, right = dv.left_centroid(members), dv.right_centroid(members)
        gap = c.natural_parameter - left.natural_parameter
        slope = (
            c.mean_parameter
            - right.mean_parameter
            + c.family.fisher_product(c.natural_parameter, gap)
        )
        assert np.abs(slope).max() < 1e-10 * np.abs(c.mean_parameter).max()


def test_symmetrised_centroid_of_histograms_by_lambert_and_off_the_geodesic():
    """Nielsen (2013): pᵢ = aᵢ/W(e^λ·e·aᵢ/gᵢ), with λ so that they sum to one."""
    from scipy.special import lambertw

    shares = np.array([[0.05, 0.15, 0.8], [0.9, 0.08, 0.02]])
    members = Categorical(3).from_mean(shares)
    a, g = shares.mean(axis=0), np.exp(np.log(shares).mean(axis=0))
    g = g / g.sum()

    def histogram(shift):
        return a / lambertw(np.exp(1 + shift) * a / g).real

    exact = histogram(optimize.brentq(lambda s: histogram(s).sum() - 1, -5, 5, xtol=1e-15))
    found = dv.symmetrised_centroid(members)
    np.testing.assert_allclose(found.mean_parameter, exact, rtol=1e-12)
    right, left = dv.right_centroid(members), dv.left_centroid(members)
    grid = dv.e_geodesic(right, left, np.linspace(0, 1, 2001))
    on_it = min(sum(dv.jeffreys(grid, p) for p in members))
    assert on_it > sum(dv.jeffreys(found, p) for p in members) * (1 + 1e-6)


def test_centroids_of_batches_and_of_one():
    members = Poisson().from_mean([[1.0, 2.0], [4.0, 8.0]])
    for centroid in (dv.right_centroid, dv.left_centroid, dv.symmetrised_centroid):
        whole = centroid(members)
        assert whole.batch_shape == (2,)
        for j in range(2):
            assert whole[j].same_member(centroid(members[:, j]))
        one = Gamma().from_shape_rate([3.0], [2.0])
        np.testing.assert_allclose(
            centroid(one).natural_parameter, one[0].natural_parameter, rtol=1e-9
        )
    p = Categorical(2).from_mean([[0.5, 0.5], [1.0, 0.0]])
    assert dv.left_centroid(p).mean_parameter.tolist() == [1.0, 0.0]
    assert dv.left_centroid(p, [1, 0]).mean_parameter.tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match="must not be nan"):
        dv.left_centroid(Binomial(3).from_natural([-INF, INF]))


def test_of_one_parameter_the_symmetrised_centroid_is_found_however_far_members_are():
    """Of exponentials it is in closed form: its rate squared is Σ w·rate/Σ w/rate."""
    for means in ([1e-100, 1e100], [1e-8, 1e8, 1e3], [1.0, 4.0], [1.0, 1 + 1e-9], [1.0, 1 + 2e-16]):
        means, weights = np.array(means), np.arange(1.0, len(means) + 1)
        found = dv.symmetrised_centroid(Exponential().from_mean(means), weights)
        exact = -math.sqrt((weights @ (1 / means)) / (weights @ means))
        assert found.natural_parameter == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_symmetrised_centroids_of_every_family_are_nearer_than_members(name):
    members = [p for p in members_of(name) if np.ndim(p.family.trials) == 0]
    if not members or members[0].family.trials == 0:
        return
    family = members[0].family
    batch = family.from_natural(np.stack([p.natural_parameter for p in members]))
    try:
        found = dv.symmetrised_centroid(batch)
    except ValueError as error:
        assert "must have the same support" in str(error) or "far" in name
        return
    best = np.sum(dv.jeffreys(found, batch))
    for p in members:
        assert best <= np.sum(dv.jeffreys(p, batch)) * (1 + 1e-9) + 1e-12


def test_symmetrised_centroids_of_categories_that_are_all_but_equal():
    """Nothing of the condition's two sides is left but rounding, and signs may be the same."""
    for seed in range(60):
        natural = rng(seed).normal(size=(1, 4)) * 10.0 ** rng(seed).uniform(-6, 1)
        near = np.concatenate([natural, natural * (1 + 1e-15)])
        for members in (natural, near):
            found = dv.symmetrised_centroid(Multinomial(4, trials=10**15).from_natural(members))
            np.testing.assert_allclose(found.mean_parameter, 1e15 * softmax(natural[0]), rtol=1e-13)


def test_a_search_for_a_centroid_ends_when_nothing_but_rounding_is_left():
    """Means 100 deviations from 0 cancel in the slope, whose noise would be searched for ever."""
    r = rng(3)
    for _ in range(60):
        means, variances = r.normal(size=3), np.exp(r.normal(size=3))
        far, near = (
            dv.symmetrised_centroid(Gaussian().from_mean_variance(means + at, variances))
            for at in (100.0, 0.0)
        )
        (mean, variance), (other, wanted) = (
            Gaussian().mean_variance(p.natural_parameter) for p in (far, near)
        )
        assert mean - 100.0 == pytest.approx(other, abs=1e-8)
        assert variance == pytest.approx(wanted, rel=1e-8)


def test_a_centroid_whose_means_have_lost_their_digits_is_refused():
    members = Gaussian().from_mean_variance([1e7, 1e7 + 3], [1.0, 2.0])
    with pytest.raises(ValueError, match="rounding eats one, as members are too far from 0"):
        dv.symmetrised_centroid(members)
    for centroid in (dv.right_centroid, dv.symmetrised_centroid):
        with pytest.raises(ValueError, match="so near to an edge that they are rounded to it"):
            centroid(Logarithmic().from_natural([-39.9, -40.0]))


def test_members_too_far_apart_for_a_centroid_are_refused():
    members = Gaussian().from_natural([[1e3, -0.5], [1e-3, -1e-6], [0.0, -1e8]])
    with pytest.raises(
        ValueError, match="Gaussian: symmetrised_centroid: Newton steps lead nowhere"
    ):
        dv.symmetrised_centroid(members)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda p: dv.left_centroid(p[0]),
            ValueError,
            "left_centroid: members must be a batch of at",
        ),
        (
            lambda p: dv.right_centroid([p]),
            TypeError,
            "right_centroid: a member must be a Distribution",
        ),
        (
            lambda p: dv.right_centroid(p, [1.0]),
            ValueError,
            "right_centroid: weights must have the shape",
        ),
        (
            lambda p: dv.right_centroid(p, [1, -1]),
            ValueError,
            "weights must be finite and ≥ 0; entry 1 is",
        ),
        (lambda p: dv.right_centroid(p, [0, 0]), ValueError, "weights must not all be 0"),
        (
            lambda p: dv.symmetrised_centroid(p),
            ValueError,
            "symmetrised_centroid: members must have the same",
        ),
        (
            lambda p: dv.left_centroid(Binomial([1, 2]).from_natural([0.0, 0.0])),
            ValueError,
            "left_centroid: members must have the same trials",
        ),
    ],
)
def test_what_has_no_centroid_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(Categorical(2).from_mean([[0.5, 0.5], [1.0, 0.0]]))
