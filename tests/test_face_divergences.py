"""Divergences between members of different faces of one family, against their sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pairs import INF, ORDERS, by_sums, rng
from test_finite import DIE, GRID

from expfam import FiniteFamily, Poisson, ProductFamily, explain
from expfam import divergences as dv

DIRECTIONS = ([0.0, 0.0], [1.0, 0.0], [0.0, -1.0], [1.0, -1.0], [-1.0, 0.0])  # of GRID


def members(seed):
    """A member of the whole grid, of three sides, and of the corner of the first two."""
    random = rng(seed)
    return [GRID.face(way).from_natural(random.normal(size=2)) for way in DIRECTIONS]


@pytest.mark.parametrize("seed", range(3))
def test_divergences_of_faces_are_their_sums(seed):
    for p in members(seed):
        for q in members(seed + 10):
            a, b = (np.exp(member.log_prob(GRID.support)) for member in (p, q))
            for order in ORDERS:
                wanted = pytest.approx(by_sums(a, b, order), rel=1e-12, abs=1e-14)
                assert dv.renyi(p, q, order) == wanted
            assert p.kl(q) == dv.kl(p, q) == dv.bregman(q, p) == dv.conjugate_bregman(p, q)
            assert p.kl(q) == pytest.approx(by_sums(a, b, 1), rel=1e-12, abs=1e-14)
            assert dv.cross_entropy(p, q) == pytest.approx(p.entropy() + p.kl(q), rel=1e-14)
            assert dv.jeffreys(p, q) == p.kl(q) + q.kl(p)
            overlap = np.sqrt(a * b).sum()
            assert dv.bhattacharyya_coefficient(p, q) == pytest.approx(overlap, rel=1e-12)
            assert dv.hellinger(p, q) == pytest.approx(math.sqrt(1 - overlap), rel=1e-7, abs=1e-7)
            assert_chernoff(dv.chernoff(p, q), a, b)
            assert p.same_member(q) == np.allclose(a, b, rtol=1e-12)


def assert_chernoff(found, a, b):
    if not (a * b).any():
        assert (found.information, found.exponent) == (INF, 0.5)
        return
    both = a * b > 0
    grid = np.linspace(0, 1, 2001)
    best = max(-np.log((a[both] ** t * b[both] ** (1 - t)).sum()) for t in grid)
    assert found.information == pytest.approx(best, rel=1e-5, abs=1e-12)
    assert 0 <= found.exponent <= 1


def test_a_face_nearly_certain_is_near():
    always = DIE.face([1.0]).from_natural([0.0])
    p = DIE.from_natural([[40.0], [3.0], [-600.0]])
    wanted = [math.exp(-40) + math.exp(-80) / 2, -p[1].log_prob(6), 3000 - math.log1p(-1e-300)]
    np.testing.assert_allclose(always.kl(p), wanted, rtol=1e-13)
    assert p.kl(always).tolist() == [INF] * 3  # also where rounding leaves 6 alone
    assert dv.renyi(DIE.from_natural([800.0]), always, 2.0) == INF


def test_products_have_faces_of_their_parts():
    family = ProductFamily(DIE, Poisson())
    p = family.from_mean([6.0, 2.0])
    q = family.from_natural([0.4, 0.1])
    die, rate = DIE.from_natural([0.4]), Poisson().from_natural(0.1)
    wanted = -die.log_prob(6) + Poisson().from_mean(2.0).kl(rate)
    assert p.kl(q) == pytest.approx(wanted, rel=1e-14)
    assert q.kl(p) == INF
    assert p.kl(family.from_mean([1.0, 2.0])) == INF
    assert dv.renyi(p, q, 0.0) == pytest.approx(-die.log_prob(6), rel=1e-14)
    sides = ProductFamily(GRID, GRID)
    a, b = sides.from_mean([2.0, 0.3, 1.0, 0.0]), sides.from_mean([1.2, 0.0, 1.5, 0.0])
    parts = [
        (GRID.from_mean(u), GRID.from_mean(v))
        for u, v in (([2.0, 0.3], [1.2, 0.0]), ([1.0, 0.0], [1.5, 0.0]))
    ]
    assert dv.bhattacharyya(a, b) == pytest.approx(sum(dv.bhattacharyya(*v) for v in parts))


def test_m_projections_of_a_face_and_to_one():
    p, base = DIE.face([-1.0]).from_natural([0.0]), DIE.from_natural([0.2])
    assert dv.m_projection(p, base, [1.0]).family.remaining == (1,)
    side, whole = GRID.from_mean([2.0, 0.4]), GRID.from_natural([0.3, -0.2])
    r = dv.m_projection(side, whole, [0.0, 1.0])
    assert r.mean_parameter[1] == pytest.approx(0.4, rel=1e-9)
    assert side.kl(whole) == pytest.approx(side.kl(r) + r.kl(whole), rel=1e-9)
    back = dv.m_projection(r, side, [0.0, 1.0])  # KL(r‖·) is infinite on the side
    assert back.family == side.family
    assert back.same_member(side)


def test_what_needs_one_face_says_so():
    p, q = GRID.from_mean([2.0, 0.4]), GRID.from_natural([0.3, -0.2])
    for ask in (
        lambda: dv.e_geodesic(p, q, 0.5),
        lambda: p * q,
        lambda: explain(p, "kl", other=q),
    ):
        with pytest.raises(ValueError, match="both must be members of one face; got FiniteFamily"):
            ask()
    with pytest.raises(ValueError, match="both must be members of one family"):
        p.kl(FiniteFamily(range(2), np.eye(2)).from_natural([0.0, 0.0]))


@pytest.mark.parametrize("library", ["torch", "array_api_strict"])
def test_kl_of_faces_on_other_array_libraries(library):
    xp = pytest.importorskip(library)
    p, q = members(3)[1], members(4)[0]
    one, two = (m.family.from_natural(xp.asarray(m.natural_parameter.copy())) for m in (p, q))
    assert float(one.kl(two)) == pytest.approx(p.kl(q), rel=1e-13)
    assert float(two.kl(one)) == INF


def test_the_gradient_of_kl_is_the_gap_of_means_on_faces_too():
    torch = pytest.importorskip("torch")
    again = FiniteFamily(GRID.support, GRID.statistic).from_natural([0.2, 0.1])
    for p, q in ((members(3)[1], members(4)[0]), (members(3)[0], again)):
        other = torch.tensor(q.natural_parameter, requires_grad=True)
        model = p.family.from_natural(torch.tensor(p.natural_parameter))
        model.kl(q.family.from_natural(other)).backward()
        gap = q.mean_parameter - p.mean_parameter
        np.testing.assert_allclose(other.grad.numpy(), gap, rtol=1e-12)
