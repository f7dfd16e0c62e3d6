"""The lab of softmax as a lecturer uses it: drag, type, keys; numbers are Python's."""

from __future__ import annotations

import numpy as np
from lab_pages import (
    agree,
    check_softmax,
    drag,
    enter,
    fact,
    fields,
    near,
    number,
    settle,
    slide,
    status,
)

import expfam

INF = np.inf
PENGUINS = {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
ZERO = {"yes": 30, "no": 12, "never": 0}


def test_softmax_starts_at_the_fit_and_moves_with_the_mouse(show):
    fit = expfam.fit(PENGUINS)
    page = show(expfam.lab("softmax", fit).page())
    eta, _ = check_softmax(page, PENGUINS.values())
    agree(eta, fit.natural)
    field = page.locator(".field").first
    assert number(field.input_value()) == round(eta[0], 6)
    field.focus()
    assert number(field.input_value()) == eta[0]  # all digits
    field.blur()
    drag(page, 0, (0.5, 0.5), (0.75, 0.3))
    eta, moved = check_softmax(page, PENGUINS.values())
    near([eta[0] - eta[2], eta[1] - eta[2]], [90 / (80 / 3), 72 / (80 / 3)])
    drag(page, 1, (0.5, 0.6), (0.45, 0.7))
    eta, again = check_softmax(page, PENGUINS.values())
    assert abs(again - moved).max() > 0.1
    assert status(page).startswith("Inside")
    assert page.evaluate("getSelection().toString()") == ""


def test_softmax_on_the_boundary(show):
    page = show(expfam.lab("softmax", expfam.fit(ZERO)).page())
    eta, _ = check_softmax(page, ZERO.values())
    assert eta[2] == -INF
    assert "η₃ = −∞, μ₃ = 0" in status(page)
    drag(page, 0, (0.5, 0.5), (0.01, 0.3))  # the rim on the left
    eta, mu = check_softmax(page, ZERO.values())
    assert (eta[0], mu[0]) == (-INF, 0)
    assert fact(page, "KL(p̂ ‖ μ)") == INF
    drag(page, 0, (0.5, 0.5), (0.99, 0.4))  # the rim above and right: η₃
    eta, _ = check_softmax(page, ZERO.values())
    assert eta[2] == -INF
    near(eta[0] - eta[1], 6 - (180 - 144) / (80 / 3))
    drag(page, 0, (0.5, 0.5), (0.99, 0.995))  # a corner
    assert check_softmax(page, ZERO.values())[1].tolist() == [1, 0, 0]
    drag(page, 1, (0.5, 0.6), (0.5, 0.97))  # below the triangle
    eta, mu = check_softmax(page, ZERO.values())
    assert (eta[1], mu[1]) == (-INF, 0)


def test_softmax_takes_typed_numbers(show):
    page = show(expfam.lab("softmax", expfam.fit(PENGUINS)).page())
    for field, text, value in [
        (0, "1.25", 1.25),
        (2, "-inf", -INF),
        (4, "−3", -3.0),
        (0, "1e-3", 1e-3),
    ]:
        enter(page, field, text)
        eta, _ = check_softmax(page, PENGUINS.values())
        assert eta[field // 2] == value
    enter(page, 3, "1/4")  # the others share the rest in proportion
    _, mu = check_softmax(page, PENGUINS.values())
    agree(mu[1], 0.25)
    agree(mu[0] / mu[2], np.exp(3.001))
    enter(page, 1, "1")
    assert check_softmax(page, PENGUINS.values())[1].tolist() == [1, 0, 0]
    before = fields(page)
    for field, text, words in [
        (0, "one", "“one” is not a number: type 0.25, 1/4 or -inf"),
        (0, "-inf", "η must have an entry above −∞"),
        (0, "inf", "none of +∞"),
        (1, "1.5", "μ must be between 0 and 1"),
        (1, "0x1", "is not a number"),
        (1, "1/2/3", "is not a number"),
        (1, "", "is not a number"),
    ]:
        enter(page, field, text)
        assert words in status(page)
        assert fields(page) == before


def test_the_temperature_goes_to_arg_max_and_ties_split(show):
    page = show(expfam.lab("softmax", expfam.fit(PENGUINS)).page())
    eta = fields(page)[::2]
    for T in (2.5, 0.31):
        slide(page, 0, T)
        assert fields(page)[::2] == eta
        check_softmax(page, PENGUINS.values(), T)
    page.get_by_role("button", name="T → 0").click()
    settle(page)
    assert fields(page)[1::2] == [1, 0, 0]
    assert fact(page, "A(η)") == max(eta)
    for field, text in [(0, "2"), (2, "2"), (4, "1")]:
        enter(page, field, text)
    assert fields(page)[1::2] == [0.5, 0.5, 0]
    assert "η₁ and η₂ tie and share it" in status(page)
    enter(page, 1, "0.4")  # the nearest mean that A has at T = 0
    assert fields(page)[1::2] in ([0.5, 0, 0.5], [1 / 3] * 3, [0.5, 0.5, 0])
    page.get_by_role("button", name="T = 1").click()
    settle(page)
    check_softmax(page, PENGUINS.values())


def test_the_gauge_moves_nothing_but_the_naturals_and_A(show):
    page = show(expfam.lab("softmax", expfam.fit(PENGUINS)).page())
    drag(page, 0, (0.5, 0.5), (0.6, 0.3))
    page.get_by_role("button", name="η₃ = 0").click()
    settle(page)
    names = ("A*(μ)", "A(η) + A*(p̂) − ⟨η, p̂⟩", "KL(p̂ ‖ μ)", "KL(μ ‖ p̂)")
    eta, mu = check_softmax(page, PENGUINS.values())
    A, rest = fact(page, "A(η)"), [fact(page, name) for name in names]
    places = "[...document.querySelectorAll('.handle')].map((x) => x.getAttribute('transform'))"
    still = page.evaluate(places)
    assert eta[2] == 0
    slide(page, 1, 1.5)
    lifted, same = check_softmax(page, PENGUINS.values())
    agree(lifted, eta + 1.5)
    agree(same, mu)
    agree(fact(page, "A(η)"), A + 1.5)
    agree([fact(page, name) for name in names], rest)
    assert page.evaluate(places) == still
    page.get_by_role("button", name="A = 0").click()
    settle(page)
    agree(fact(page, "A(η)"), 0)


def test_keys_move_the_points_and_turn_the_surface(show):
    page = show(expfam.lab("softmax", expfam.fit(PENGUINS)).page())
    eta, _ = check_softmax(page, PENGUINS.values())
    point = page.get_by_role("slider", name="η in the plane")
    point.press("ArrowRight")
    point.press("Shift+ArrowUp")
    settle(page)
    moved, _ = check_softmax(page, PENGUINS.values())
    agree(moved - eta, [0.1, 1, 0])
    for _ in range(9):
        point.press("Shift+ArrowLeft")
    settle(page)
    assert check_softmax(page, PENGUINS.values())[0][0] == -INF
    point.press("ArrowRight")  # back from the rim
    settle(page)
    agree(np.subtract(*fields(page)[0:5:4]), -5.9)
    mean = page.get_by_role("slider", name="μ in the triangle")
    before = fields(page)[3]
    mean.press("Shift+ArrowUp")
    settle(page)
    assert fields(page)[3] > before
    assert "μ = " in mean.get_attribute("aria-valuetext")
    canvas = page.locator("canvas")
    picture = canvas.screenshot()
    canvas.press("ArrowLeft")
    settle(page)
    assert canvas.screenshot() != picture
