"""Projections to means, flats and faces."""

from __future__ import annotations

import numpy as np
import pytest
from pairs import INF, categories, rng
from scipy import optimize

from expfam import divergences as dv
from expfam.families import (
    Categorical,
    FiniteFamily,
    Gamma,
    Gaussian,
    Multinomial,
    Poisson,
    ProductFamily,
)


@pytest.mark.parametrize("seed", range(5))
def test_i_projection_is_the_nearest_by_pythagoras(seed):
    q = Categorical(5).from_mean(categories(5, seed))
    c = rng(seed + 10).normal(size=(2, 5))
    target = categories(5, seed + 20)
    p = dv.i_projection(q, c, c @ target)
    np.testing.assert_allclose(c @ p.mean_parameter, c @ target, rtol=1e-9, atol=1e-12)
    assert (
        np.linalg.matrix_rank(
            np.vstack([c, np.ones(5), p.natural_parameter - q.natural_parameter]), 1e-9
        )
        == 3
    )
    null = np.linalg.svd(np.vstack([c, np.ones(5)]))[2][3:]
    for shift in np.linspace(-0.02, 0.02, 9):
        other = p.mean_parameter + shift * null.sum(axis=0)
        if (other > 0).all():
            r = Categorical(5).from_mean(other)
            assert r.kl(q) == pytest.approx(r.kl(p) + p.kl(q), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_i_projection_of_points_to_a_face_is_a_member_of_the_face(seed, whole):
    random = rng(seed)
    statistic, c = (
        random.integers(-2, 3, shape).astype(float) if whole else random.normal(size=shape)
        for shape in ((7, 3), (2, 3))
    )
    family = FiniteFamily(range(7), statistic, random.normal(size=7))
    q, tilts = family.from_natural(random.normal(size=3)), statistic @ c.T
    height = tilts @ random.normal(size=2)
    face = np.flatnonzero(height >= height.max() - 1e-12)
    means = random.dirichlet(np.ones(len(face))) @ tilts[face]
    p = dv.i_projection(q, c, means)
    assert set(p.family.remaining) <= set(face.tolist())
    assert p.family.recession is not None
    left = list(p.family.remaining)
    share = np.exp(p.log_prob(left))
    np.testing.assert_allclose(share @ tilts[left], means, rtol=1e-9, atol=1e-9)
    log_ratio = p.log_prob(left) - q.log_prob(left)  # of the nearest, a line in ⟨c, T⟩
    columns = np.column_stack([np.ones(len(left)), tilts[left]])
    fitted = columns @ np.linalg.lstsq(columns, log_ratio, rcond=None)[0]
    np.testing.assert_allclose(log_ratio, fitted, atol=1e-8)


def test_means_of_a_batch_are_projected_to_one_face():
    die = FiniteFamily(range(1, 7), lambda face: [face, face**2]).from_natural([0.1, 0.0])
    assert dv.i_projection(die, [1, 0], [6, 6]).mean_parameter.tolist() == [[6, 36], [6, 36]]
    with pytest.raises(ValueError, match="i_projection: means of one batch must lie on one face"):
        dv.i_projection(die, [1, 0], [6, 3])
    with pytest.raises(ValueError, match="no distribution within reach has these means"):
        dv.i_projection(die, [1, 0], [6, 6.5])


def test_i_projection_to_the_edge_lies_on_the_face():
    q = Categorical(4).from_mean([0.1, 0.2, 0.3, 0.4])
    p = dv.i_projection(q, [0, 1, 1, 1], 1.0)
    np.testing.assert_allclose(p.mean_parameter, np.array([0, 2, 3, 4]) / 9, rtol=1e-12)
    assert p.natural_parameter[0] == -INF
    p = dv.i_projection(q, [[0, 1, 2, 3], [0, 1, 4, 9]], [1.0, 3.0])  # the edge from 0 to 3
    np.testing.assert_allclose(p.mean_parameter, [2 / 3, 0, 0, 1 / 3], rtol=1e-9)
    inside = dv.i_projection(q, [0, 1, 1, 1], 1 - 1e-6)
    assert inside.mean_parameter[0] == pytest.approx(1e-6, rel=1e-6)
    already = dv.i_projection(p, [0, 1, 1, 1], 1 / 3)  # q itself on a face
    np.testing.assert_allclose(already.mean_parameter, p.mean_parameter, rtol=1e-9)


def test_i_projection_does_not_mind_the_units_of_statistics():
    """Years are 0, 1, 2 and an offset; statistics of any size have the same projection."""
    q = Categorical(3).from_mean([0.2, 0.3, 0.5])
    plain = dv.i_projection(q, [0, 1, 2], 0.5).mean_parameter
    for scale, offset in ((1, 1e8), (1e300, 0), (1e-300, 0), (-1e5, 1e9)):
        c = offset + scale * np.arange(3.0)
        found = dv.i_projection(q, c, offset + scale * 0.5)
        np.testing.assert_allclose(found.mean_parameter, plain, rtol=1e-8)
    two = np.array([[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 4.0, 9.0]])
    q = Multinomial(4, trials=5).from_mean([0.5, 1.0, 1.5, 2.0])
    plain = dv.i_projection(q, two, [6.0, 14.0]).mean_parameter
    for scale, offset in ((1.0, 1e6), (1e200, 0.0), (1e-200, 0.0)):
        found = dv.i_projection(q, offset + scale * two, 5 * offset + scale * np.array([6.0, 14.0]))
        np.testing.assert_allclose(found.mean_parameter, plain, rtol=1e-8)
    constant = dv.i_projection(Multinomial(3, trials=3).from_mean([1, 1, 1]), [0.1] * 3, 3 * 0.1)
    np.testing.assert_allclose(constant.mean_parameter, [1, 1, 1])


def test_i_projection_reaches_categories_that_are_next_to_impossible():
    q = Categorical(3).from_natural([0.0, -700.0, -1400.0])
    p = dv.i_projection(q, [0, 1, 2], 1.0)
    np.testing.assert_allclose(p.mean_parameter, np.full(3, 1 / 3), rtol=1e-10)
    tiny = dv.i_projection(Categorical(3).from_mean([0.2, 0.3, 0.5]), [0, 1, 1], 1e-200)
    np.testing.assert_allclose(tiny.mean_parameter, [1, 0.375e-200, 0.625e-200], rtol=1e-10)


def test_i_projection_of_other_families():
    q = Gaussian().from_mean_variance(1.0, 2.0)
    p = dv.i_projection(q, [1.0, 0.0], 3.0)  # the mean alone: a tilt keeps the variance
    mean, variance = Gaussian().mean_variance(p.natural_parameter)
    assert (mean, variance) == (pytest.approx(3.0), pytest.approx(2.0))
    p = dv.i_projection(Gamma().from_shape_rate(3.0, 1.0), [[0.0, 1.0]], [6.0])
    shape, rate = Gamma().shape_rate(p.natural_parameter)
    assert (shape, rate) == (pytest.approx(3.0), pytest.approx(0.5))
    assert dv.i_projection(Poisson().from_mean(2.0), 1.0, 5.0).mean_parameter == pytest.approx(5.0)
    assert dv.i_projection(Poisson().from_mean(2.0), [2.0, 0.0], [0.0, 0.0]).mean_parameter == 0
    counts = Multinomial(3, trials=[6, 9]).from_natural([0.0, 1.0, 2.0])
    p = dv.i_projection(counts, [1, 0, 0], [2.0, 3.0])
    np.testing.assert_allclose(p.mean_parameter[:, 0], [2, 3], rtol=1e-12)
    np.testing.assert_allclose(p.mean_parameter[:, 2] / p.mean_parameter[:, 1], np.e, rtol=1e-12)
    nothing = Multinomial(2, trials=0).from_natural([0.0, 1.0])
    assert dv.i_projection(nothing, [1, 0], 0.0).same_member(nothing)
    twice = dv.i_projection(counts[0], [[1, 0, 0], [2, 0, 0], [1, 1, 1]], [2.0, 4.0, 6.0])
    assert twice.same_member(dv.i_projection(counts[0], [1, 0, 0], 2.0))


@pytest.mark.parametrize(
    ("q", "statistics", "values"),
    [
        (Categorical(3).from_mean([0.2, 0.3, 0.5]), [0, 1, 2], 2.5),
        (Categorical(3).from_mean([0.2, 0.8, 0.0]), [0, 1, 2], 1.5),
        (Categorical(3).from_mean([0.2, 0.3, 0.5]), [[0, 1, 2], [0, 2, 4]], [1.0, 3.0]),
        (Categorical(3).from_mean([0.2, 0.3, 0.5]), [1, 1, 1], 2.0),
        (Poisson().from_mean(1.0), 1.0, -2.0),
        (Poisson().from_mean(1.0), [1.0, 2.0], [1.0, 3.0]),
        (Poisson().from_mean(1.0), 0.0, 1.0),
        (Gaussian().from_mean_variance(0.0, 1.0), [[1.0, 0.0], [0.0, 1.0]], [2.0, 3.0]),
    ],
)
def test_means_that_nothing_has_are_refused(q, statistics, values):
    with pytest.raises(ValueError, match=f"{q.family.name}: i_projection: no distribution within"):
        dv.i_projection(q, statistics, values)


def test_m_projection_is_maximum_likelihood_in_a_flat_family():
    p = Categorical(4).from_mean([0.1, 0.4, 0.2, 0.3])
    base, line = Categorical(4).from_natural(np.zeros(4)), np.arange(4.0)
    r = dv.m_projection(p, base, line)
    best = optimize.minimize_scalar(
        lambda t: p.kl(Categorical(4).from_natural(t * line)), tol=1e-12
    )
    np.testing.assert_allclose(np.diff(r.natural_parameter), best.x, atol=1e-6)
    assert p.kl(base) == pytest.approx(p.kl(r) + r.kl(base), rel=1e-12)
    both = dv.m_projection(p, base, [line, line**2])
    assert p.kl(both) < p.kl(r)
    assert dv.m_projection(
        Poisson().from_mean(3.0), Poisson().from_mean(1.0), 1.0
    ).mean_parameter == pytest.approx(3)


def test_face_projection_is_the_conditional_distribution():
    q = Multinomial(["a", "b", "c"], trials=4).from_mean([0.8, 1.2, 2.0])
    p = dv.face_projection(q, ["a", "b"])
    np.testing.assert_allclose(p.mean_parameter, [1.6, 2.4, 0.0], rtol=1e-14)
    assert p.kl(q) == pytest.approx(-4 * np.log(0.5), rel=1e-13)
    with pytest.raises(
        ValueError, match="face_projection: members must be of categories; got Poisson"
    ):
        dv.face_projection(Poisson().from_mean(1.0), [0])
    with pytest.raises(TypeError, match="face_projection: categories must be several; got 'ab'"):
        dv.face_projection(q, "ab")
    with pytest.raises(ValueError, match="'z' is not among the categories"):
        dv.face_projection(q, ["z"])
    with pytest.raises(ValueError, match="not all -inf"):
        dv.face_projection(p, ["c"])


@pytest.mark.parametrize(
    "family",
    [
        Categorical(5),
        Multinomial(4, trials=7),
        FiniteFamily([(i, j) for i in range(3) for j in range(3)], lambda x: [*x, x[0] * x[1]]),
        ProductFamily(Categorical(3), Categorical(3)),
    ],
    ids=lambda f: f.name,
)
def test_the_means_of_one_member_are_within_reach_of_any_other(family):
    """A Newton step may overshoot to a corner where nothing varies, and no step leads away."""
    r = rng(7)
    (d,) = family.natural_shape
    for count in (2, d):
        for _ in range(20):
            p, q = (family.from_natural(3 * r.normal(size=d)) for _ in range(2))
            statistics = r.normal(size=(count, d))
            found = dv.m_projection(p, q, statistics)
            np.testing.assert_allclose(
                statistics @ found.mean_parameter, statistics @ p.mean_parameter, atol=1e-11
            )


def test_a_dimension_that_rounding_eats_is_not_left_out():
    """The variance of a mean 1e7 deviations from 0 is below a rounding of E x²."""
    q = Gaussian().from_mean_variance(1e7, 1.0)
    with pytest.raises(ValueError, match="no distribution within reach has these means"):
        dv.i_projection(q, np.eye(2), [1e7 + 1, (1e7 + 1) ** 2 + 2.0])
    p = dv.i_projection(q, [1.0, 0.0], 1e7 + 1)  # one statistic is not lost
    assert Gaussian().mean_variance(p.natural_parameter) == (1e7 + 1, 1.0)
