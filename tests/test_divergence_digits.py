"""Divergences of members near and far, against mpmath, and their inequalities."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import INF, rng
from scipy import stats

from expfam import divergences as dv
from expfam.families import (
    Binomial,
    Categorical,
    ChiSquared,
    Exponential,
    Gamma,
    Gaussian,
    GaussianKnownVariance,
    Geometric,
    Poisson,
)


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
    for _ in range(3):
        p = START[family](r)
        near = p * (1 + apart * r.normal(size=np.shape(p)))
        q = START[family](r) if apart == 1 else near
        for order in (1e-6, 0.3, 0.5, 0.9, 1 - 1e-7, 1.0, 1 + 1e-7, 1.3, 2.0, 7.0):
            got = dv.renyi(family.from_natural(p), family.from_natural(q), order)
            if got < INF:
                exact = exact_renyi(family, p, q, order)
                worst = max(worst, float(abs(got - exact) / exact))
    assert worst < (2e-12 if apart == 1e-3 else 1e-13)


@pytest.mark.parametrize(
    ("family", "p", "q", "allowed"),
    [  # where m is rounded: the product of a share and a gap, and F that bends from p to m
        (Categorical(3), [1.43e-5, -4.12e-6, 4.02e-7], [-49.999989, -50.000008, -50.000005], 1e-12),
        (Gamma(), [-0.9999999878286444, -0.05], [-0.9999999878260581, -0.05], 1e-11),
    ],
    ids=["gauges", "gamma"],
)
def test_what_rounding_takes_from_the_member_in_the_middle(family, p, q, allowed):
    got = dv.renyi(family.from_natural(p), family.from_natural(q), 1.7)
    assert got == pytest.approx(float(exact_renyi(family, p, q, 1.7)), rel=allowed, abs=0)


def test_chernoff_of_close_members_is_an_eighth_of_the_metric():
    p = Gamma().from_shape_rate(3.0, 2.0)
    for step in (1e-5, 1e-8, 1e-11):
        q = Gamma().from_natural(p.natural_parameter + step * np.array([1.0, -2.0]))
        gap = q.natural_parameter - p.natural_parameter
        found = dv.chernoff(p, q)
        exact = gap @ p.fisher_information @ gap / 8
        assert found.information == pytest.approx(exact, rel=10 * step + 1e-12, abs=0)
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
        assert got == pytest.approx(float(exact_renyi(Gamma(), p, q, 1.0)), rel=1e-13, abs=0)


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
        assert dv.jensen_shannon(one, two) == pytest.approx(float(js), rel=1e-13, abs=0)
        assert dv.total_variation(one, two) == pytest.approx(float(tv), rel=1e-13, abs=0)


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
