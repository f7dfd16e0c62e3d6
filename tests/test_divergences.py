"""Divergences, distances, geodesics, centroids and projections, against sums, integrals and mpmath."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from conftest import CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from expfam import checks
from expfam import divergences as dv
from expfam.checks.members import Member
from expfam.families import (
    Binomial,
    Categorical,
    ChiSquared,
    DiagonalGaussian,
    Exponential,
    Gamma,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    InverseGamma,
    IsotropicGaussian,
    Laplace,
    LogNormal,
    Multinomial,
    MultivariateGaussian,
    MultivariateGaussianKnownCovariance,
    NegativeBinomial,
    Pareto,
    Poisson,
    Weibull,
)

INF = np.inf
ORDERS = (0.0, 0.25, 0.5, 1.0, 1.5, 3.0)
mpmath.mp.dps = 30


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def members_of(name: str) -> list:
    """Single members of a case, at most three."""
    family, natural = CASES[name]
    proposed = (
        checks._proposed(family, rng()) if natural is None else checks._given(family, natural)
    )
    singles = [p for row in proposed for p in checks._single(family, row)]
    return [p for p in singles if p.family == singles[0].family][:3]


def categories(size: int, seed: int, zeros: bool = False) -> np.ndarray:
    p = rng(seed).dirichlet(np.ones(size))
    if zeros:
        p = np.where(rng(seed + 1).uniform(size=size) < 0.3, 0.0, p)
        p[0] += 1e-3
    return p / p.sum()


# ---------------------------------------------------------------- against sums over all outcomes


def outcomes(size: int, trials: int) -> np.ndarray:
    every = itertools.product(range(trials + 1), repeat=size)
    return np.array([x for x in every if sum(x) == trials])


def by_sums(a: np.ndarray, b: np.ndarray, order: float) -> float:
    """Rényi's divergence of two vectors of probabilities."""
    with np.errstate(all="ignore"):
        if order == 1:
            return float(np.where(a > 0, a * np.log(a / b), 0.0).sum())
        if order == 0:
            return float(-np.log(b[a > 0].sum()))
        terms = np.where(a > 0, a**order * b ** (1 - order), 0.0)
        return float(np.log(terms.sum()) / (order - 1))


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_divergences_of_counts_are_their_sums(seed, zeros):
    family, x = Multinomial(3, trials=4), outcomes(3, 4)
    p, q = (family.from_mean(4 * categories(3, 2 * seed + i, zeros)) for i in (0, 50))
    a, b = np.exp(p.log_prob(x)), np.exp(q.log_prob(x))
    for order in ORDERS:
        assert dv.renyi(p, q, order) == pytest.approx(by_sums(a, b, order), rel=1e-12, abs=1e-14)
    overlap = np.sqrt(a * b).sum()
    assert dv.bhattacharyya_coefficient(p, q) == pytest.approx(overlap, rel=1e-12)
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


# ---------------------------------------------------------------- to the last digits


def exact_partition(family, natural: list) -> mpmath.mpf:
    """A from the textbook, in mpmath."""
    e = natural
    return {
        Categorical: lambda: mpmath.log(sum(mpmath.exp(x) for x in e)),
        Poisson: lambda: mpmath.exp(e[0]),
        Binomial: lambda: mpmath.log(1 + mpmath.exp(e[0])),
        Exponential: lambda: -mpmath.log(-e[0]),
        Geometric: lambda: -mpmath.log(1 - mpmath.exp(e[0])),
        Gaussian: lambda: -(e[0] ** 2) / (4 * e[1]) - mpmath.log(-2 * e[1]) / 2,
        Gamma: lambda: mpmath.loggamma(e[0] + 1) - (e[0] + 1) * mpmath.log(-e[1]),
        ChiSquared: lambda: mpmath.loggamma(e[0] + 1) + (e[0] + 1) * mpmath.log(2),
    }[type(family)]()


def exact_renyi(family, p, q, order: float) -> mpmath.mpf:
    p, q = ([mpmath.mpf(float(x)) for x in np.ravel(v)] for v in (p, q))
    with mpmath.workdps(150):
        alpha = mpmath.mpf(order) if order != 1 else 1 - mpmath.mpf(10) ** -50
        middle = [alpha * a + (1 - alpha) * b for a, b in zip(p, q, strict=True)]
        one, two, between = (exact_partition(family, v) for v in (p, q, middle))
        return (between - alpha * one - (1 - alpha) * two) / (alpha - 1)


START = {
    Categorical(3): lambda r: 3 * r.normal(size=3),
    Poisson(): lambda r: 5 * r.normal(),
    Binomial(): lambda r: 5 * r.normal(),
    Exponential(): lambda r: -np.exp(3 * r.normal()),
    Geometric(): lambda r: -np.exp(2 * r.normal()),
    Gaussian(): lambda r: np.array([3 * r.normal(), -np.exp(r.normal())]),
    Gamma(): lambda r: np.array([np.exp(r.normal()) - 1, -np.exp(r.normal())]),
    ChiSquared(): lambda r: np.exp(2 * r.normal()) - 1,
}


@pytest.mark.parametrize("apart", [1.0, 1e-3, 1e-6, 1e-9, 1e-12, 1e-14])
@pytest.mark.parametrize("family", START, ids=lambda f: f.name)
def test_members_near_and_far_keep_their_digits(family, apart):
    """Within 1e-12, however close. A difference of A would have nothing left from 1e-8 on."""
    r, worst = rng(3), 0.0
    for _ in range(5):
        p = START[family](r)
        near = p * (1 + apart * r.normal(size=np.shape(p)))
        q = START[family](r) if apart == 1 else near
        for order in (1e-6, 0.3, 0.5, 0.9, 1 - 1e-7, 1.0, 1 + 1e-7, 1.3, 2.0, 7.0):
            got = dv.renyi(family.from_natural(p), family.from_natural(q), order)
            if got < INF:
                exact = exact_renyi(family, p, q, order)
                worst = max(worst, float(abs(got - exact) / exact))
    assert worst < (2e-12 if apart == 1e-3 else 1e-13)


def test_chernoff_of_close_members_is_an_eighth_of_the_metric():
    p = Gamma().from_shape_rate(3.0, 2.0)
    for step in (1e-5, 1e-8, 1e-11):
        q = Gamma().from_natural(p.natural_parameter + step * np.array([1.0, -2.0]))
        gap = q.natural_parameter - p.natural_parameter
        found = dv.chernoff(p, q)
        exact = gap @ p.fisher_information @ gap / 8
        assert found.information == pytest.approx(exact, rel=10 * step + 1e-12)
        assert found.exponent == pytest.approx(0.5, abs=step)


def test_chernoff_of_exponentials_in_closed_form():
    """With the ratio of rates r, α* = 1/(r − 1)·(… ): where the two KL agree, by hand."""
    p, q = Exponential().from_mean(1.0), Exponential().from_mean(4.0)
    rate = 0.75 / np.log(4.0)  # (λ_p − λ_q)/log(λ_p/λ_q), where KL(m‖p) = KL(m‖q)
    found = dv.chernoff(p, q)
    assert found.exponent == pytest.approx((rate - 0.25) / 0.75, rel=1e-14)
    assert found.information == pytest.approx(1 / rate - 1 + np.log(rate), rel=1e-14)


def test_kl_of_close_gammas_keeps_its_digits():
    p = np.array([1.5, -0.7])
    for step in (1e-4, 1e-8, 1e-12):
        q = p * (1 + step * np.array([1.0, -0.5]))
        got = Gamma().from_natural(p).kl(Gamma().from_natural(q))
        assert got == pytest.approx(float(exact_renyi(Gamma(), p, q, 1.0)), rel=1e-13)


def test_mixtures_of_close_categories_keep_their_digits():
    p = rng(1).normal(size=5)
    for step in (1e-3, 1e-7, 1e-11):
        q = p + step * rng(2).normal(size=5)
        with mpmath.workdps(60):
            a, b = ([mpmath.exp(mpmath.mpf(float(x))) for x in v] for v in (p, q))
            a, b = ([x / sum(v) for x in v] for v in (a, b))
            m = [(x + y) / 2 for x, y in zip(a, b, strict=True)]
            js = sum(x * mpmath.log(x / c) for x, c in zip(a + b, m + m, strict=True)) / 2
            tv = sum(abs(x - y) for x, y in zip(a, b, strict=True)) / 2
        one, two = (Categorical(5).from_natural(v) for v in (p, q))
        assert dv.jensen_shannon(one, two) == pytest.approx(float(js), rel=1e-13)
        assert dv.total_variation(one, two) == pytest.approx(float(tv), rel=1e-13)


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


# ---------------------------------------------------------------- mixtures


@pytest.mark.parametrize("seed", range(5))
def test_mixtures_of_categories(seed):
    a, b = categories(4, seed, zeros=True), categories(4, seed + 20)
    m = (a + b) / 2
    exact = (by_sums(a, m, 1) + by_sums(b, m, 1)) / 2
    for family in (Categorical(4), Multinomial(4)):
        p, q = family.from_mean(a), family.from_mean(b)
        assert dv.jensen_shannon(p, q) == pytest.approx(exact, rel=1e-12)
        assert dv.total_variation(p, q) == pytest.approx(np.abs(a - b).sum() / 2, rel=1e-12)
    one, two = Binomial().from_mean([a[0], b[0]])
    pair = Categorical(2).from_mean([[a[0], 1 - a[0]], [b[0], 1 - b[0]]])
    assert dv.jensen_shannon(one, two) == pytest.approx(dv.jensen_shannon(*pair), rel=1e-12)


def test_mixtures_at_the_edge():
    p, q, r = Categorical(2).from_mean([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    assert dv.jensen_shannon(p, q) == pytest.approx(np.log(2.0), rel=1e-15)
    assert dv.total_variation(p, q) == 1
    assert dv.total_variation(p, r) == 0.5
    assert dv.jensen_shannon(p, p) == dv.total_variation(p, p) == 0


@pytest.mark.parametrize("family", [Poisson(), Multinomial(2, trials=3), Binomial([1, 2])])
def test_mixtures_that_are_no_members_are_refused(family):
    p = family.from_natural(np.zeros(family.natural_shape))
    with pytest.raises(ValueError, match="jensen_shannon: members must be single draws of categ"):
        dv.jensen_shannon(p, p)


# ---------------------------------------------------------------- the distance of Fisher and Rao


ONE_PARAMETER = {
    Binomial(7): (-2.0, 1.5),
    Poisson(): (0.3, 3.0),
    Exponential(): (-3.0, -0.2),
    Geometric(): (-2.0, -0.1),
    NegativeBinomial(2.5): (-3.0, -0.05),
    Weibull(2.0): (-3.0, -0.2),
    Pareto(1.0): (-3.0, -0.2),
    Laplace(): (-3.0, -0.2),
    GaussianKnownMean(1.0): (-2.0, -0.3),
    GaussianKnownVariance(3.0): (-2.0, 0.5),
}


@pytest.mark.parametrize("family", ONE_PARAMETER, ids=repr)
def test_of_one_parameter_the_distance_is_the_integral_of_the_root_of_the_metric(family):
    a, b = ONE_PARAMETER[family]
    exact, _ = integrate.quad(lambda x: math.sqrt(family.fisher_information(x)), a, b, epsrel=1e-12)
    p, q = family.from_natural([a, b])
    assert dv.fisher_rao(p, q) == pytest.approx(exact, rel=1e-12)
    assert dv.fisher_rao(q, p) == pytest.approx(exact, rel=1e-12)


CLOSED = [
    *ONE_PARAMETER,
    Multinomial(3, trials=5),
    Categorical(4),
    Gaussian(),
    LogNormal(),
    DiagonalGaussian(2),
    IsotropicGaussian(2),
    MultivariateGaussianKnownCovariance([[2.0, 1.0], [1.0, 1.0]]),
]


@pytest.mark.parametrize("family", CLOSED, ids=repr)
def test_the_distance_is_a_metric_and_locally_that_of_fisher(family):
    members = [family.from_natural(row) for row in checks._proposed(family, rng(4))[:2]]
    members.append(dv.e_geodesic(*members, 0.3))
    for p, q, r in itertools.permutations(members):
        whole = dv.fisher_rao(p, r)
        assert whole == pytest.approx(dv.fisher_rao(r, p), rel=1e-12)
        assert whole <= (dv.fisher_rao(p, q) + dv.fisher_rao(q, r)) * (1 + 1e-12)
    p, q = members[:2]
    assert dv.fisher_rao(p, p) == 0
    for step in (1e-7, 1e-9, 1e-12):
        near = dv.e_geodesic(p, q, step)
        gap = np.atleast_1d(near.natural_parameter - p.natural_parameter)
        metric = np.reshape(p.fisher_information, (gap.size, gap.size))
        exact = math.sqrt(gap @ metric @ gap)
        assert dv.fisher_rao(p, near) == pytest.approx(exact, rel=1e4 * step + 1e-9)


def test_the_half_plane_of_gaussians():
    """Straight up √2·|log σ|, and an independent formula: arccosh (Atkinson and Mitchell 1981)."""
    normal = Gaussian().from_mean_variance
    assert dv.fisher_rao(normal(1.0, 4.0), normal(1.0, 9.0)) == pytest.approx(
        np.sqrt(2) * np.log(1.5)
    )
    for seed in range(10):
        m, n, s, t = np.exp(rng(seed).normal(size=4))
        rise = ((m - n) ** 2 / 2 + (s - t) ** 2) / (2 * s * t)
        exact = math.sqrt(2) * math.acosh(1 + rise)
        assert dv.fisher_rao(normal(m, s**2), normal(n, t**2)) == pytest.approx(exact, rel=1e-9)
        both = DiagonalGaussian(2).from_natural
        p, q = (
            [normal(a, b**2).natural_parameter for a, b in v]
            for v in ([(m, s), (n, t)], [(n, t), (m, s)])
        )
        p, q = (both(np.transpose(v).ravel()) for v in (p, q))
        assert dv.fisher_rao(p, q) == pytest.approx(math.sqrt(2) * exact, rel=1e-9)
        for d in (1, 3):
            one, two = (
                IsotropicGaussian(d).from_natural([*np.full(d, a / b**2), -0.5 / b**2])
                for a, b in ((m, s), (n, t))
            )
            rise = ((m - n) ** 2 / 2 + (s - t) ** 2) / (2 * s * t)
            exact = math.sqrt(2 * d) * math.acosh(1 + rise)
            assert dv.fisher_rao(one, two) == pytest.approx(exact, rel=1e-9)


def test_the_sphere_of_categories():
    for seed in range(8):
        a, b = categories(5, seed, zeros=True), categories(5, seed + 30, zeros=True)
        exact = 2 * math.sqrt(7) * math.acos(min(1.0, np.sqrt(a * b).sum()))
        p, q = (Multinomial(5, trials=7).from_mean(7 * v) for v in (a, b))
        assert dv.fisher_rao(p, q) == pytest.approx(exact, rel=1e-9)
    p, q = Binomial(7).from_mean([7 * 0.2, 7 * 0.7])
    two = Multinomial(2, trials=7).from_mean(7 * np.array([[0.2, 0.8], [0.7, 0.3]]))
    assert dv.fisher_rao(p, q) == pytest.approx(dv.fisher_rao(*two), rel=1e-14)


@pytest.mark.parametrize("family", [Gamma(), InverseGamma(), ChiSquared(), MultivariateGaussian(2)])
def test_distances_without_a_closed_form_are_refused(family):
    p = family.from_natural(checks._proposed(family, rng())[0])
    with pytest.raises(ValueError, match=f"fisher_rao: there is no closed form for {family.name}"):
        dv.fisher_rao(p, p)


# ---------------------------------------------------------------- geodesics


@pytest.mark.parametrize("name", CASES)
def test_geodesics_end_at_their_members(name):
    p, q = (members_of(name) * 2)[:2]
    for geodesic in (dv.e_geodesic, dv.m_geodesic):
        if name in ("Multinomial(3, 0)", "Multinomial(3, [[2], [0]])", "Binomial([0, 3])"):
            continue  # means without trials tell nothing
        start, end = geodesic(p, q, [0.0, 1.0])
        assert (start, end) == (p, q)
        middle = geodesic(p, q, 0.5)
        assert middle.same_member(geodesic(q, p, 0.5)) or "far" in name


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


# ---------------------------------------------------------------- projections


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


# ---------------------------------------------------------------- laws


SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda v: sum(v) > 0.1)


@settings(max_examples=30, deadline=None)
@given(SHARES, SHARES, SHARES, st.floats(0.01, 4))
def test_laws_of_categories(a, b, c, order):
    p, q, r = (Categorical(3).from_mean(np.array(v) / sum(v)) for v in (a, b, c))
    for distance in (
        dv.hellinger,
        dv.fisher_rao,
        dv.total_variation,
        lambda x, y: math.sqrt(dv.jensen_shannon(x, y)),
    ):
        assert distance(p, r) <= (distance(p, q) + distance(q, r)) * (1 + 1e-9) + 1e-12
    value = dv.renyi(p, q, order)
    assert value >= 0
    if order < 1:  # skew symmetry
        swapped = dv.renyi(q, p, 1 - order) * order / (1 - order)
        assert value == pytest.approx(swapped, rel=1e-9, abs=1e-300)
    tv, h = dv.total_variation(p, q), dv.hellinger(p, q)
    assert h**2 <= tv * (1 + 1e-9) + 1e-15  # Le Cam
    assert tv <= math.sqrt(2) * h * (1 + 1e-9) + 1e-15
    assert dv.kl(p, q) >= 2 * tv**2 * (1 - 1e-9)  # Pinsker


@settings(max_examples=40, deadline=None)
@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(0.001, 0.999))
def test_renyi_of_normals_in_closed_form(m, n, order):
    p, q = GaussianKnownVariance(4.0).from_mean([m, n])
    assert dv.renyi(p, q, order) == pytest.approx(order * (m - n) ** 2 / 8, rel=1e-12, abs=1e-300)


def test_hellinger_of_poissons_beside_scipy():
    x = np.arange(400)
    a, b = stats.poisson.pmf(x, 100.0), stats.poisson.pmf(x, 110.0)
    p, q = Poisson().from_mean([100.0, 110.0])
    assert dv.hellinger(p, q) == pytest.approx(
        math.sqrt(0.5 * ((np.sqrt(a) - np.sqrt(b)) ** 2).sum()), rel=1e-11
    )
