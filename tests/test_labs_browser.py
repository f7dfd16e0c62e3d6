"""Labs in a browser, as a lecturer uses them: drag, type, keys; numbers are Python's; no requests."""

from __future__ import annotations

import json

import numpy as np
import pytest
from browsers import chromium

import expfam
from expfam.families import Binomial, Categorical, Poisson
from expfam.labs import modules
from expfam.special import logsumexp, softmax

INF = np.inf
PENGUINS = {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
ZERO = {"yes": 30, "no": 12, "never": 0}


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def show(browser, tmp_path):
    """Opens HTML from disk; whatever the console says or the page requests fails the test."""
    noise: list[str] = []
    contexts = []

    def show(text, **options):
        options = {"viewport": {"width": 1280, "height": 1100}} | options
        contexts.append(context := browser.new_context(**options))
        page = context.new_page()
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(text, encoding="utf-8")
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: requested(request.url, path.as_uri()))
        page.goto(path.as_uri())
        settle(page)
        return page

    def requested(url, own):
        if url not in (own, "about:srcdoc", "data:,"):
            noise.append(url)

    yield show
    for context in contexts:
        context.close()
    assert noise == []


def settle(page):
    """Two frames: what a change draws has been drawn."""
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )


def number(text):
    return float(text.replace("−", "-").replace("∞", "inf"))


def fields(page):
    """All numbers of the fields with all their digits, row by row."""
    values = page.evaluate("[...document.querySelectorAll('.field')].map((x) => x.dataset.value)")
    return [float(value.replace("I", "i")) for value in values]


def facts(page):
    """What follows from them, by name."""
    script = "[...document.querySelectorAll('[data-fact]')].map((x) => [x.dataset.fact, x.dataset.value])"
    return {name: float(value.replace("I", "i")) for name, value in page.evaluate(script)}


def fact(page, name):
    return facts(page)[name]


def enter(page, field, text):
    box = page.locator(".field").nth(field)
    box.fill(text)
    box.press("Enter")
    settle(page)


def slide(page, slider, value):
    page.locator("input[type=range]").nth(slider).fill(str(value))
    settle(page)


def drag(page, picture, start, end):
    """From one place to another of a picture, in shares of its width and height."""
    box = page.locator(".pictures svg[role=group]").nth(picture).bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=7)
    page.mouse.up()
    settle(page)


def agree(value, expected):
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)


def near(value, expected):
    """Where the pointer was: its place has fractions of a pixel."""
    np.testing.assert_allclose(value, expected, atol=1e-3)


def check_softmax(page, counts, T=1.0):
    """Every number of the page from its η, by Python. Returns η and μ."""
    (eta, mu), found = np.array(fields(page)).reshape(-1, 2).T, facts(page)
    p = np.array(list(counts)) / sum(counts)
    data, member = Categorical(3).from_mean(p), Categorical(3).from_natural(eta / T)
    agree(mu, softmax(eta / T))
    A, zero = T * logsumexp(eta / T), np.where(p > 0, eta, 0.0)
    agree(found["A(η)"], A)
    agree(found["A*(μ)"], T * member.convex_conjugate)
    agree(found["A(η) + A*(μ) − ⟨η, μ⟩"], 0)
    agree(found["A(η) + A*(p̂) − ⟨η, p̂⟩"], A + T * data.convex_conjugate - zero @ p)
    agree(found["KL(p̂ ‖ μ)"], data.kl(member))
    agree(found["KL(μ ‖ p̂)"], member.kl(data))
    said = page.locator("code").text_content()
    told = eval(said, {"expfam": expfam, "float": float})
    agree(told.mean_parameter, mu)
    return eta, mu


def status(page):
    return page.locator("[role=status]").text_content()


# ---------------------------------------------------------------- softmax


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


def test_a_phone_has_no_sideways_scroll_and_fingers_drag(show):
    counts = {"x" * 30: 152, "Chinstrap": 68, "Gentoo": 124}
    page = show(
        expfam.lab("softmax", expfam.fit(counts, categories=counts)).page(),
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True,
    )  # fmt: skip
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    fields_end = "[...document.querySelectorAll('.field')].at(-1).getBoundingClientRect().right"
    assert page.evaluate(fields_end) <= 390 - 14  # the margin: nothing is cut off either
    eta = fields(page)[::2]
    client = page.context.new_cdp_session(page)
    page.evaluate("scrollTo(0, 0)")

    def finger(x, y):
        client.send(
            "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
        )
        for step in range(1, 6):
            points = [{"x": x + 8 * step, "y": y - 12 * step}]
            client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        settle(page)

    box = page.locator(".handle").first.locator(".dot").bounding_box()
    finger(box["x"] + 7, box["y"] + 7)
    assert page.evaluate("scrollY") == 0
    assert fields(page)[::2] != eta
    moved = fields(page)[::2]
    page.evaluate("scrollTo(0, 0)")
    picture = page.locator("svg[role=group]").first.bounding_box()
    finger(picture["x"] + 40, picture["y"] + picture["height"] - 40)
    assert page.evaluate("scrollY") > 0  # elsewhere it scrolls
    assert fields(page)[::2] == moved
    check_softmax(page, counts.values())


PAPER = "getComputedStyle(document.querySelector('.expfam-lab')).backgroundColor"


def test_light_and_dark_at_once(show):
    page = show(expfam.lab("softmax").page())
    assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
    surface = "document.querySelector('canvas').toDataURL()"
    light = page.evaluate(surface)
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert page.evaluate(PAPER) == "rgb(19, 22, 25)"
    assert page.evaluate(surface) != light


def test_two_labs_in_a_notebook_do_not_meet(show):
    shown = [expfam.lab("softmax", expfam.fit(c))._repr_html_() for c in (PENGUINS, ZERO)]
    page = show(f"<!DOCTYPE html><title>notebook</title>{''.join(shown)}")
    page.wait_for_function("frames[0].document.querySelectorAll('.field').length === 6")
    page.locator("iframe").nth(1).scroll_into_view_if_needed()
    first, second = page.frames[1:]
    second.wait_for_selector(".field")
    enter(second, 0, "1")
    assert number(second.locator(".field").first.input_value()) == 1
    assert number(first.locator(".field").first.input_value()) == -0.816761
    inside, height = first.evaluate("[document.body.scrollHeight, frameElement.clientHeight]")
    assert 0 <= height - inside <= 4  # no bar to scroll


WIDGET = """
<!DOCTYPE html><title>widget</title><div id="here"></div><script type="module">
%s
const listeners = {};
window.state = %s;
window.model = {
get: (name) => state[name], save_changes() { window.saved = true; },
set(name, value) { // as notebooks do: what changes is told at once, to the lab that changed it too
const news = JSON.stringify(state[name]) !== JSON.stringify(value);
state[name] = value;
if (news) listeners[`change:${name}`]();
},
on: (name, listener) => (listeners[name] = listener), off: (name) => delete listeners[name],
};
window.tell = (name, value) => (state[name] = value, listeners[`change:${name}`]());
window.listening = () => Object.keys(listeners).length;
window.leave = render({ model, el: document.querySelector("#here") });
</script>
"""


def test_the_widget_protocol_goes_both_ways(show):
    state = expfam.lab("softmax", expfam.fit(PENGUINS)).start
    page = show(WIDGET % (modules.text("softmax"), json.dumps(state)))
    page.evaluate("tell('natural', [0, '-Infinity', 1])")
    settle(page)
    eta, _ = check_softmax(page, PENGUINS.values())
    assert eta.tolist() == [0, -INF, 1]
    assert not page.evaluate("window.saved")
    drag(page, 0, (0.5, 0.5), (0.01, 0.5))
    assert page.evaluate("state.natural[0]") == "-Infinity"
    assert page.evaluate("window.saved")
    slide(page, 0, 2)
    assert page.evaluate("state.temperature") == 2
    page.get_by_role("button", name="the data").click()
    settle(page)
    check_softmax(page, PENGUINS.values())
    agree(page.evaluate("state.natural"), state["natural"])
    assert page.evaluate("state.temperature") == 1
    assert page.evaluate("listening()") == 2
    page.evaluate("leave()")
    assert page.evaluate("listening()") == 0


GREEDY = "document.addEventListener('keydown', (event) => event.ctrlKey || event.preventDefault())"


def test_keys_are_the_lab_s_in_a_notebook_that_takes_them(show):
    state = expfam.lab("softmax", expfam.fit(PENGUINS)).start
    page = show(WIDGET % (modules.text("softmax"), json.dumps(state)))
    page.evaluate(f"{GREEDY}; addEventListener('keydown', ({{ key }}) => (window.heard = key))")
    enter(page, 0, "0.5")
    assert fields(page)[0] == 0.5
    temperature = page.locator("input[type=range]").first
    temperature.press("ArrowLeft")
    settle(page)
    assert page.evaluate("state.temperature") == 0.99
    assert page.evaluate("window.heard") is None
    temperature.press("Control+s")  # saves the notebook
    assert page.evaluate("window.heard") == "s"


def test_a_notebook_s_theme_goes_before_the_system_s(show):
    lab = expfam.lab("softmax")
    page = show(WIDGET % (modules.text("softmax"), json.dumps(lab.start)))
    for system in ("light", "dark"):
        page.emulate_media(color_scheme=system)
        for light, paper in [("true", "rgb(255, 255, 255)"), ("false", "rgb(19, 22, 25)")]:
            page.evaluate(f"document.body.dataset.jpThemeLight = {light}")
            assert page.evaluate(PAPER) == paper
    page = show(f"<!DOCTYPE html><body data-jp-theme-light=false>{lab._repr_html_()}")
    page.frames[1].wait_for_selector(".field")
    assert page.locator("iframe").evaluate("(frame) => frame.style.colorScheme") == "dark"


# ---------------------------------------------------------------- duality


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
