"""What a lecturer does to a lab in a browser, and what its page then says."""

from __future__ import annotations

import numpy as np
from browsers import settle

import expfam
from expfam.families import Categorical
from expfam.special import logsumexp, softmax


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
