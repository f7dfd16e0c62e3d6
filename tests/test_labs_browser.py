"""Labs on phones, in the dark and in notebooks: fingers, themes, widgets, keys; no requests."""

from __future__ import annotations

import json

import numpy as np
from lab_pages import agree, check_softmax, drag, enter, fields, number, settle, slide

import expfam
from expfam.labs import modules

INF = np.inf
PENGUINS = {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
ZERO = {"yes": 30, "no": 12, "never": 0}


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
