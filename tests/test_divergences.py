"""Divergences against sums, integrals and closed forms: of every family, and infinite where they are."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from conftest import CASES
from pairs import INF, ORDERS, by_sums, categories, members_of

from expfam import divergences as dv
from expfam.checks.members import Member
from expfam.families import (
    Binomial,
    Categorical,
    Exponential,
    Gamma,
    Gaussian,
    Multinomial,
    MultivariateGaussian,
    Poisson,
)

# ---------------------------------------------------------------- against sums over all outcomes


def outcomes(size: int, trials: int) -> np.ndarray:
    every = itertools.product(range(trials + 1), repeat=size)
    return np.array([x for x in every if sum(x) == trials])


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_divergences_of_counts_are_their_sums(seed, zeros):
    family, x = Multinomial(3, trials=4), outcomes(3, 4)
    p, q = (family.from_mean(4 * categories(3, 2 * seed + i, zeros)) for i in (0, 50))
    a, b = np.exp(p.log_prob(x)), np.exp(q.log_prob(x))
    for order in ORDERS:
        assert dv.renyi(p, q, order) == pytest.approx(by_sums(a, b, order), rel=1e-12, abs=1e-14)
    overlap = np.sqrt(a * b).sum()
    assert dv.bhattacharyya_coefficient(p, q) == pytest.approx(overlap, rel=1e-12, abs=0)
    with np.errstate(divide="ignore"):
        assert dv.bhattacharyya(p, q) == pytest.approx(-np.log(overlap), rel=1e-12)
    apart = math.sqrt(0.5 * ((np.sqrt(a) - np.sqrt(b)) ** 2).sum())
    assert dv.hellinger(p, q) == pytest.approx(apart, rel=1e-12)
    assert dv.kl(p, q) == pytest.approx(by_sums(a, b, 1), rel=1e-12)
    assert dv.jeffreys(p, q) == pytest.approx(by_sums(a, b, 1) + by_sums(b, a, 1), rel=1e-12)
    assert dv.conjugate_bregman(p, q) == dv.bregman(q, p) == dv.kl(p, q)
    if dv.kl(p, q) < INF:
        assert dv.cross_entropy(p, q) == pytest.approx(-(a[a > 0] @ np.log(b[a > 0])), rel=1e-12)
    found = dv.chernoff(p, q)
    grid = np.linspace(1e-9, 1 - 1e-9, 2001)
    best = max(-np.log(np.where(a * b > 0, a**t * b ** (1 - t), 0.0).sum()) for t in grid)
    assert found.information == pytest.approx(best, rel=1e-5)
    assert found.information >= best - 1e-9
    assert 0 <= found.exponent <= 1


@pytest.mark.parametrize(
    "name", [n for n in CASES if "far" not in n and "1e15" not in n and "tiny" not in n]
)
def test_overlap_of_every_family_is_its_sum_or_integral(name):
    members = members_of(name)
    for p, q in itertools.pairwise(members):
        member = Member(p, 0)
        member.log_p  # noqa: B018  (asks for the support)
        if member.unsummed or dv.bhattacharyya(p, q) == INF:
            continue
        with np.errstate(all="ignore"):
            half = 0.5 * (np.asarray(q.log_prob(member.support.x)) - member.log_p)
            ratio = np.exp(np.where(np.isnan(half), -INF, half))
        overlap = member.expected(np.where(member.probability > 0, ratio, 0.0))
        assert dv.bhattacharyya_coefficient(p, q) == pytest.approx(float(overlap), abs=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_laws_of_every_family(name):
    members = members_of(name)
    for p, q in itertools.product(members, members):
        values = dv.renyi(p, q, ORDERS).tolist()
        assert all(value >= 0 for value in values)  # and none is nan
        for less, more in itertools.pairwise(values):
            assert less <= more * (1 + 1e-9) + 1e-300
        assert values[3] == pytest.approx(dv.kl(p, q), rel=1e-14)
        b = dv.bhattacharyya(p, q)
        assert b == pytest.approx(dv.bhattacharyya(q, p), rel=1e-12)
        assert values[2] == pytest.approx(2 * b, rel=1e-15)
        assert 0 <= dv.bhattacharyya_coefficient(p, q) <= 1
        assert 0 <= dv.hellinger(p, q) <= 1
        found = dv.chernoff(p, q)
        assert found.information >= b * (1 - 1e-12)
        if p is q:
            assert values == [0] * len(ORDERS)
            assert (found.information, found.exponent) == (0, 0.5)


def test_without_trials_all_members_are_one():
    cases = [(Multinomial(2, [0, 3]), [[0, -INF], [-INF, 0]]), (Binomial([0, 3]), [-INF, INF])]
    for family, ends in cases:
        p, q = (family.from_natural(end) for end in ends)
        for divergence in (dv.kl, dv.jeffreys, dv.bhattacharyya, lambda p, q: dv.renyi(p, q, 2)):
            assert divergence(p, q).tolist() == [0.0, INF]
        assert dv.hellinger(p, q).tolist() == [0.0, 1.0]
        assert dv.chernoff(p, q).information.tolist() == [0.0, INF]
        assert p[0].same_member(q[0])
        assert not p[1].same_member(q[1])
        assert not p.same_member(q)


def test_batches_equal_loops():
    p = Multinomial(3, trials=[[1], [5]]).from_mean([[[0.2, 0.8, 0.0]], [[1.0, 3.0, 1.0]]])
    q = Multinomial(3, trials=[[1], [5]]).from_natural(
        [[0.1, 1.0, 2.0], [0.0, -INF, 1.0], [0, 0, 0]]
    )
    order = np.array([0.5, 1.0, 2.0])
    whole, ends = dv.renyi(p, q, order), dv.chernoff(p, q)
    assert whole.shape == ends.information.shape == ends.exponent.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        one, two = p[i, 0], q[i, j]
        assert whole[i, j] == pytest.approx(dv.renyi(one, two, order[j]), rel=1e-14)
        assert ends.information[i, j] == pytest.approx(dv.chernoff(one, two).information, rel=1e-14)
        assert dv.fisher_rao(p, q)[i, j] == pytest.approx(dv.fisher_rao(one, two), rel=1e-14)
    curve = dv.renyi(Poisson().from_mean(2.0), Poisson().from_mean(3.0), np.linspace(0, 2, 5))
    assert curve.shape == (5,)
    assert type(dv.renyi(Poisson().from_mean(2.0), Poisson().from_mean(3.0), 0.5)) is float
    assert type(dv.chernoff(Poisson().from_mean(2.0), Poisson().from_mean(3.0)).exponent) is float


# ---------------------------------------------------------------- infinite exactly where they are


def test_infinite_beyond_the_domain_and_only_there():
    p, q = Exponential().from_mean(2.0), Exponential().from_mean(1.0)  # rates ½ and 1
    assert dv.renyi(p, q, 2.0) == INF  # the rate of p²/q is 0
    assert dv.renyi(p, q, 1.999) < INF
    assert dv.renyi(q, p, 50.0) < INF
    wide, narrow = (Gaussian().from_mean_variance(0.0, v) for v in (4.0, 1.0))
    assert dv.renyi(wide, narrow, 1.34) == INF
    assert dv.renyi(wide, narrow, 1.33) < INF
    matrix = MultivariateGaussian(2)
    wide = matrix.from_mean_covariance([0.0, 0.0], [[4.0, 0.0], [0.0, 1.0]])
    narrow = matrix.from_mean_covariance([1.0, 0.0], np.eye(2))
    assert dv.renyi(wide, narrow, [0.5, 1.3, 1.4, 9.0]).tolist()[2:] == [INF, INF]
    assert np.isfinite(dv.renyi(wide, narrow, [0.5, 1.3])).all()
    short, long = (Gamma().from_shape_rate(shape, 1.0) for shape in (1.0, 4.0))
    assert dv.renyi(short, long, 1.3) < INF
    assert dv.renyi(short, long, 1.4) == INF  # ∫ x^{(1 − α)·3} at 0


def test_counts_have_no_edge_of_the_domain():
    """Rates of e⁶⁹ are no members, as counts to 2⁶² are drawn, but have an A."""
    got = dv.renyi(Poisson().from_mean(1e10), Poisson().from_mean(1.0), 4.0)
    exact = (1e40 - 4e10 + 3) / 3
    assert got == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("trials", [1, 3])
def test_supports_that_do_not_nest(trials):
    family = Multinomial(3, trials=trials)
    p, q, r = (
        family.from_mean(trials * np.array(v)) for v in ([0.5, 0.5, 0], [0.2, 0.4, 0.4], [0, 0, 1])
    )
    assert dv.renyi(p, q, 0.0) == pytest.approx(-trials * np.log(0.6), rel=1e-14)
    assert dv.renyi(p, q, 5.0) < INF
    assert dv.renyi(q, p, 0.0) == 0
    assert [dv.renyi(q, p, order) for order in (1.0, 2.0)] == [INF, INF]
    assert dv.renyi(q, p, 0.999) < INF
    assert [dv.renyi(p, r, order) for order in ORDERS] == [INF] * len(ORDERS)
    found = dv.chernoff(p, r)
    assert (found.information, found.exponent) == (INF, 0.5)
    assert dv.hellinger(p, r) == 1
    assert dv.bhattacharyya_coefficient(p, r) == 0
    assert dv.fisher_rao(p, r) == pytest.approx(np.pi * np.sqrt(trials), rel=1e-15)
    never, always = Binomial(trials).from_natural([-INF, INF])
    assert dv.renyi(never, always, 0.5) == INF
    assert dv.renyi(never, Binomial(trials).from_natural(0.0), 3.0) == pytest.approx(
        trials * np.log(2)
    )
    nothing = Poisson().from_mean(0.0)
    assert dv.renyi(nothing, Poisson().from_mean(2.0), [0.0, 0.5, 1.0, 3.0]).tolist() == [2.0] * 4
    assert dv.renyi(Poisson().from_mean(2.0), nothing, [0.5, 1.0]).tolist() == [
        4.0 / 2 / 0.5 / 2,
        INF,
    ]


def test_chernoff_of_members_far_apart_has_an_exponent_near_an_end():
    p, q = Poisson().from_mean([1e-3, 1e15])
    found = dv.chernoff(p, q)
    middle = dv.e_geodesic(q, p, found.exponent)
    assert 0 < found.exponent < 1
    assert middle.kl(p) == pytest.approx(found.information, rel=1e-9)
    assert middle.kl(q) == pytest.approx(found.information, rel=1e-9)


def test_chernoff_at_the_ends_of_the_exponent():
    """−log ∫ p^α q^{1−α} falls from −log Q(the support of p) on: the maximum is at 0."""
    p = Categorical(3).from_mean([0.1, 0.9, 0.0])
    q = Categorical(3).from_mean([0.1, 0.2, 0.7])
    assert dv.chernoff(p, q).exponent == 0
    assert dv.chernoff(q, p).exponent == 1
    for found in (dv.chernoff(p, q), dv.chernoff(q, p)):
        assert found.information == pytest.approx(-np.log(0.3), rel=1e-14)
    halves = (Categorical(3).from_mean(v) for v in ([0.5, 0.5, 0.0], [0.0, 0.5, 0.5]))
    found = dv.chernoff(*halves)  # constant in α
    assert (found.information, found.exponent) == (pytest.approx(np.log(2.0)), 0.5)


# ---------------------------------------------------------------- doors


@pytest.mark.parametrize("name", sorted(set(dv.__all__) - {"Chernoff"}))
def test_what_is_no_member_is_refused(name):
    function = getattr(dv, name)
    more = {"renyi": (0.5,), "e_geodesic": (0.5,), "m_geodesic": (0.5,), "m_projection": ([1, 0],)}
    single = {"i_projection": ([1, 0], 0.5), "face_projection": ([0],)}
    p = Categorical(2).from_mean([0.5, 0.5])
    if name.endswith("centroid") or name in single:
        with pytest.raises(TypeError, match=f"{name}: a member must be a Distribution; got list"):
            function([0.5, 0.5], *single.get(name, ()))
        return
    for pair in ((p, [0.5, 0.5]), (0.5, p)):
        with pytest.raises(TypeError, match=f"{name}: a member must be a Distribution; got"):
            function(*pair, *more.get(name, ()))
    with pytest.raises(ValueError, match="both must be members of one family"):
        function(p, Categorical(3).from_mean([0.5, 0.5, 0.0]), *more.get(name, ()))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda p: dv.renyi(p, p, -0.5), r"renyi: order must be between 0 and 1e100; it is -0\.5"),
        (lambda p: dv.renyi(p, p, np.nan), "renyi: order must be between 0 and 1e100; it is nan"),
        (lambda p: dv.renyi(p, p, INF), "renyi: order must be between 0 and 1e100; it is inf"),
        (lambda p: dv.e_geodesic(p, p, INF), "e_geodesic: t must be at most 1e100 in size"),
        (
            lambda p: dv.renyi(p, p, [0.1, 0.2]),
            "renyi: the batches of the members and of the number",
        ),
        (
            lambda p: dv.i_projection(p, [1.0, 2.0], 1.0),
            r"statistics must be finite, of the shape \(3,\)",
        ),
        (lambda p: dv.i_projection(p, [1, 2, INF], 1.0), "statistics must be finite"),
        (
            lambda p: dv.i_projection(p, [1, 2, 3], np.nan),
            "values must be finite, one for each of the 1",
        ),
        (
            lambda p: dv.i_projection(p, [[1, 2, 3]], 1.0),
            "values must be finite, one for each of the 1",
        ),
        (
            lambda p: dv.i_projection(p, [1, 2, 3], [1.0, 2.0]),
            "values must broadcast against the batch",
        ),
    ],
)
def test_bad_numbers_are_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call(Categorical(3).from_mean(np.full((3, 3), 1 / 3)))


def test_parameters_of_other_libraries_are_refused():
    strict = pytest.importorskip("array_api_strict")
    p = Poisson().from_natural(strict.asarray([0.0, 1.0]))
    with pytest.raises(TypeError, match="hellinger: parameters must be numpy's; got"):
        dv.hellinger(p, p)
