"""Projections of products to means at the edge of what their parts can have."""

from __future__ import annotations

import numpy as np
import pytest
from pairs import INF, rng

from expfam import divergences as dv
from expfam.divergences import edges
from expfam.families import (
    Binomial,
    Categorical,
    Exponential,
    FiniteFamily,
    Gaussian,
    Geometric,
    Multinomial,
    Poisson,
    ProductFamily,
)

DIE = FiniteFamily(range(1, 7), lambda face: face)


@pytest.mark.parametrize(
    ("parts", "c", "b", "mean"),
    [
        ((Poisson(), Binomial(1)), [0, 1], 1, [1, 1]),
        ((Poisson(), Binomial(1)), [1, 0], 0, [0, 0.5]),
        ((Poisson(), Binomial(1)), [[1, 0], [0, 1]], [2, 0], [2, 0]),
        ((Poisson(), Binomial(1)), [1, 1], 0, [0, 0]),
        ((Poisson(), Binomial(1)), [[1e-9, 0], [0, 1]], [1e-9, 1], [1, 1]),
        ((Poisson(), Binomial(1)), [[1e-12, 0], [0, 1e9]], [1, 1e9], [1e12, 1]),
        ((Binomial(2), Binomial(3)), [1, 1], 5, [2, 3]),
        ((Binomial(2), Binomial(3)), [1, -1], -3, [0, 3]),
        ((Binomial(3), Binomial(0)), [1, 1], 3, [3, 0]),
        ((Categorical(2), Categorical(2)), [0, 1, 0, 2], 3, [0, 1, 0, 1]),
        ((Binomial(1), ProductFamily(Categorical(2), Poisson())), [1, 0, 1, 0], 0, [0, 1, 0, 1]),
        ((Gaussian(), Binomial(1)), [[0, 0, 1], [1, 0, 0]], [1, 2], [2, 4.5, 1]),
    ],
)
def test_the_edge_of_a_part_is_a_member_at_it(parts, c, b, mean):
    family = ProductFamily(*parts)
    natural = np.zeros(family.natural_shape)
    natural[:2] = [0, -1] if isinstance(parts[0], Gaussian) else 0
    p = dv.i_projection(family.from_natural(natural), c, b)
    assert np.isinf(p.natural_parameter).any()
    assert (np.abs(p.natural_parameter[np.isfinite(p.natural_parameter)]) < 28).all()
    np.testing.assert_allclose(p.mean_parameter, mean, rtol=1e-9)


def test_a_part_on_finitely_many_points_is_on_its_face():
    family = ProductFamily(DIE, Poisson())
    q = family.from_natural([0.1, 0.2])
    p = dv.i_projection(q, [1, 0], 6)
    assert p.family.factors[0].remaining == (6,)
    assert p.natural_parameter.tolist() == [0.1, 0.2]
    assert p.kl(q) == pytest.approx(-DIE.from_natural([0.1]).log_prob(6), rel=1e-14)
    assert dv.i_projection(q, [1, 0], [6, 6]).family == p.family
    with pytest.raises(ValueError, match="i_projection: means of one batch must lie on one face"):
        dv.i_projection(q, [1, 0], [6, 5])
    point = FiniteFamily(["a", "b", "c"], [[0, 0], [1, 0], [0, 1]])
    edge = dv.i_projection(ProductFamily(point, Binomial(1)).from_natural([0, 0, 0]), [1, 1, 1], 2)
    assert edge.family.factors[0].remaining == ("b", "c")
    assert edge.mean_parameter.tolist() == [0.5, 0.5, 1.0]


@pytest.mark.parametrize("seed", range(20))
def test_projections_to_random_edges_obey_pythagoras(seed):
    random = rng(seed)
    kinds = [Binomial(3), Multinomial(3, trials=2), Geometric(), Binomial(1), Multinomial(4)]
    family = ProductFamily(*(kinds[i] for i in random.choice(5, 3, replace=False)))
    q = family.from_natural(-0.1 - random.random(family.natural_shape))
    c, means = random.normal(size=(2, *family.natural_shape)), []
    for part, own in zip(family.factors, family._split(q.natural_parameter), strict=True):
        corners, pointed = edges._corners(part, own)
        at = random.integers(pointed.sum())  # a corner, or sometimes inside
        shares = np.eye(pointed.sum())[at]
        if random.random() < 0.3:
            shares = random.dirichlet(np.ones(pointed.sum()))
        means.append(shares @ corners[pointed])
    r = family.from_mean(np.concatenate(means))
    p = dv.i_projection(q, c, c @ r.mean_parameter)
    assert r.kl(q) == pytest.approx(r.kl(p) + p.kl(q), rel=1e-7)


def test_next_to_an_edge_projections_are_inside():
    q = ProductFamily(Poisson(), Binomial(1)).from_natural([0.0, 0.0])
    for gap in (1e-3, 1e-7, 1e-9):
        p = dv.i_projection(q, [0, 1], 1 - gap)
        assert p.natural_parameter[1] == pytest.approx(np.log((1 - gap) / gap), rel=1e-6)
    already = dv.i_projection(q.family.from_natural([0.0, INF]), [1, 1], 3)  # q itself at the edge
    np.testing.assert_allclose(already.mean_parameter, [2, 1], rtol=1e-9)


@pytest.mark.parametrize("gap", [0.0, 1e-15, -0.5])
def test_a_part_that_would_have_no_variance_is_refused(gap):
    q = ProductFamily(Gaussian(), Binomial(1)).from_natural([0.0, -1.0, 0.0])
    for member, c in ((q, np.eye(3)[:2]), (Gaussian().from_natural([0.0, -1.0]), np.eye(2))):
        with pytest.raises(ValueError, match="i_projection: no distribution within reach"):
            dv.i_projection(member, c, [1.0, 1.0 + gap])
        p = dv.i_projection(member, c, [1.0, 1.5])
        np.testing.assert_allclose(c @ p.mean_parameter, [1.0, 1.5], rtol=1e-9)


@pytest.mark.parametrize(
    ("parts", "b"), [((Binomial(2), Binomial(3)), 5.1), ((Exponential(), Poisson()), 0)]
)
def test_edges_without_a_member_are_refused(parts, b):
    q = ProductFamily(*parts).from_natural([-1.0, -1.0])
    with pytest.raises(ValueError, match="ProductFamily: i_projection: no distribution within"):
        dv.i_projection(q, [1, 1], b)
