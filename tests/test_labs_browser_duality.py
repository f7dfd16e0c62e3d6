"""The lab of duality as a lecturer uses it: p and q on both curves; numbers are Python's."""

from __future__ import annotations

import json

import numpy as np
from lab_pages import agree, drag, enter, fact, facts, fields, near, settle, status
from test_labs_browser import WIDGET

import expfam
from expfam.families import Binomial, Poisson
from expfam.labs import modules

INF = np.inf


def check_duality(page, family):
    """p and q of the page, its numbers by Python."""
    (p, q, *means), found = fields(page), facts(page)
    members = [family.from_natural(eta) for eta in (p, q)]
    agree(means, [member.mean_parameter for member in members])
    for who, member in zip("pq", members, strict=True):
        agree(found[f"A {who}"], member.log_partition)
        agree(found[f"A* {who}"], member.convex_conjugate)
        agree(found[f"gap {who}"], 0)
    agree(found["KL(p ‖ q)"], members[0].kl(members[1]))
    agree(found["KL(q ‖ p)"], members[1].kl(members[0]))
    return [p, q, *means]


def test_duality_moves_p_and_q_on_both_curves(show):
    page = show(expfam.lab("duality").page())
    start = check_duality(page, Poisson())
    drag(page, 0, (0.3, 0.6), (0.4, 0.6))
    moved = check_duality(page, Poisson())
    near(moved[0], -3 + 0.4 * 5)
    assert moved[1] == start[1]
    drag(page, 1, (0.9, 0.5), (0.8, 0.5))
    moved = check_duality(page, Poisson())
    near(moved[3], -1 + 0.8 * 7.4)
    drag(page, 1, (0.2, 0.5), (0.001, 0.5))
    assert check_duality(page, Poisson())[0] == -INF
    assert "p has η = −∞, μ = 0" in status(page)
    page.get_by_role("slider", name="A of p").press("ArrowRight")
    settle(page)
    assert -3.1 < check_duality(page, Poisson())[0] < -2.9
    enter(page, 2, "2.5")
    agree(check_duality(page, Poisson())[2], 2.5)
    enter(page, 2, "-1")
    assert "μ must be between 0 and 4611686018427388000" in status(page)
    for p, q in [("-inf", "1.4"), ("1.4", "-inf"), ("-2.9", "30"), ("-700", "1.9")]:
        enter(page, 0, p)
        enter(page, 1, q)
        assert check_duality(page, Poisson())[:2] == [float(p), float(q)]


def test_the_gap_is_the_same_on_both_sides(show):
    page = show(expfam.lab("duality").page())
    for family in ("Bernoulli", "Poisson", "Gaussian, variance 1", "Exponential"):
        page.locator("select").select_option(family)
        settle(page)
        (p, q, mu_p, mu_q), found = fields(page), facts(page)
        gap = found["KL(p ‖ q)"]
        agree(found["A q"] - found["A p"] - mu_p * (q - p), gap)
        agree(found["A* p"] - found["A* q"] - q * (mu_p - mu_q), gap)


def test_duality_of_data_is_a_bernoulli_with_both_ends(show):
    page = show(expfam.lab("duality", expfam.fit({"no": 12, "yes": 30})).page())
    assert page.locator("select").count() == 0
    agree(check_duality(page, Binomial(1))[3], 30 / 42)
    for text in ("-inf", "inf", "0.5"):
        enter(page, 0, text)
        eta = fields(page)[0]
        assert eta == float(text)
        agree(
            fact(page, "KL(p ‖ q)"),
            Binomial(1).from_natural(eta).kl(Binomial(1).from_natural(np.log(2.5))),
        )
    enter(page, 1, "1e308")
    check_duality(page, Binomial(1))
    enter(page, 1, "inf")
    assert check_duality(page, Binomial(1))[:2] == [0.5, INF]
    assert fact(page, "KL(p ‖ q)") == INF


def test_the_widget_of_duality_goes_both_ways(show):
    page = show(WIDGET % (modules.text("duality"), json.dumps(expfam.lab("duality").start)))
    page.evaluate("state.natural = '-Infinity'; tell('family', 'Bernoulli')")
    settle(page)
    assert fields(page)[0] == -INF
    drag(page, 0, (0.75, 0.5), (0.5, 0.5))
    assert page.evaluate("state.other") == 0
    page.evaluate("leave()")
    assert page.evaluate("listening()") == 0
