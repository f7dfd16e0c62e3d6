"""Derivations as they are shown: in every notation and form; what is refused."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

import numpy as np
import pytest

import expfam
from expfam import (
    Beta,
    Binomial,
    Categorical,
    ChiSquared,
    ContinuousBernoulli,
    DiagonalGaussian,
    Dirichlet,
    Gamma,
    Gaussian,
    GaussianKnownVariance,
    Laplace,
    Multinomial,
    MultivariateGaussian,
    NegativeBinomial,
    Poisson,
    VonMises,
    VonMisesFisher,
    Weibull,
)
from expfam import families as f
from expfam.derivation import NOTATIONS, TOPICS, explain
from expfam.derivation.expression import Number, Symbol
from expfam.derivation.formulas import i
from expfam.derivation.latex import LATEX
from expfam.derivation.media import TEXT
from expfam.derivation.nodes import Inner, equal, exp, log
from expfam.derivation.notation import T, mean, natural, x
from expfam.derivation.shown import show

INF = np.inf
SUBJECTS = {
    "categorical": Categorical(["a & b", "<c>", "d_{e}"]).fit([0, 0, 2, 0, 2, 1]),
    "edge": Categorical(["a", "b", "c"]).fit([0, 0, 2, 0]),
    "multinomial": Multinomial(3, trials=10).from_natural([0.2, 1.3, -0.5]),
    "many": Multinomial(30, trials=3).from_natural(np.linspace(-1, 1, 30)),
    "binomial": Binomial(12).from_mean(4.0),
    "always": Binomial(12).from_natural(INF),
    "poisson": Poisson().from_mean(4.0),
    "never": Poisson().from_natural(-INF),
    "gaussian": Gaussian().from_mean_variance(3.0, 3.5),
    "gamma": Gamma().from_shape_rate(3.0, 2.0),
    "weibull": Weibull(2.5).from_natural(-0.3),
    "laplace": Laplace(1.0).from_natural(-0.5),
    "failures": NegativeBinomial(3).from_natural(-0.7),
    "beta": Beta().from_natural([2.0, 3.0]),
    "dirichlet": Dirichlet(["a", "b", "c"]).from_natural([2.0, 3.0, 5.0]),
    "known": GaussianKnownVariance(4.0).from_natural(0.75),
    "vector": MultivariateGaussian(2).from_natural([1.0, -1.0, -0.5, 0.5, 0.5, -1.0]),
    "entries": DiagonalGaussian(3).from_natural([0.5, -1.0, 0.0, -0.2, -1.0, -3.0]),
    "sphere": VonMisesFisher(4).from_natural([1.5, 2.0, 0.0, 0.0]),
    "points": f.FiniteFamily(["a", 1, (2, "b")], np.eye(3), [0, 1, 0.5]).from_natural([0.1, 0, 1]),
    "parts": f.ProductFamily(f.Gamma(), Categorical(3)).from_natural([0.5, -1.0, 0.0, 1.0, -INF]),
    "window": f.Truncated(f.GaussianKnownVariance(2.0), low=1).from_natural(0.4),
    "an end": f.Truncated(Poisson(), 2, 5).from_natural(INF),
    "none": Multinomial(2, trials=0).from_natural([0.0, 1.0]),
}


def shown(p, topic, notation="expfam"):
    other = p if topic == "kl" else None
    return p.explain(topic, other=other, notation=notation)


@pytest.mark.parametrize(
    ("tree", "text", "latex"),
    [
        (-(natural[1] ** 2 / (4 * natural[2])), "−η₁² / (4η₂)", r"-\frac{\eta_{1}^{2}}{4 \eta_{2}}"),
        ((x + 1) * (x - 1), "(x + 1)(x − 1)", r"(x + 1) (x - 1)"),
        (x - (x - 1), "x − (x − 1)", r"x - (x - 1)"),
        (x / (x / 2), "x / (x / 2)", r"\frac{x}{\frac{x}{2}}"),
        (log(x) * x, "log x · x", r"\log x \cdot x"),
        (log(x + 1), "log(x + 1)", r"\log(x + 1)"),
        (log(x[i] / 2), "log(xᵢ / 2)", r"\log \frac{x_{i}}{2}"),
        ((x / 2 + 1) * x, "(x / 2 + 1) x", r"\left( \frac{x}{2} + 1 \right)\,x"),
        (Inner(natural, T(x)), "⟨η, T(x)⟩", r"\langle \eta,\, T(x) \rangle"),
        (exp(-x), "exp(−x)", r"\exp(-x)"),
        ((x + 1) ** 2, "(x + 1)²", r"{(x + 1)}^{2}"),
        (x ** Symbol("q"), "x^(q)", r"x^{q}"),
        (Number(Fraction(1, 2)) * x, "½x", r"\tfrac{1}{2} x"),
        (Number(Fraction(2, 7)), "2/7", r"\tfrac{2}{7}"),
        (Number(-0.5) * x, "(−0.5) · x", r"(-0.5) \cdot x"),
        (2 + Number(-3), "2 − 3", "2 - 3"),
        (Number(1.5e-30), "1.5×10⁻³⁰", r"1.5\times 10^{-30}"),
        (Number(-INF), "−∞", r"-\infty"),
        (Number(10**9), "1000000000", "1000000000"),
        (equal(mean, Symbol("μ", prime=True)), "μ = μ′", r"\mu = \mu'"),
    ],
    ids=str,
)  # fmt: skip
def test_brackets_and_signs_stand_where_they_are_needed(tree, text, latex):
    written = NOTATIONS["expfam"].write(tree)
    assert show(written, TEXT) == text
    assert show(written, LATEX) == latex


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("topic", [None, *TOPICS])
def test_every_topic_is_told_of_every_member(name, topic):
    """The HTML is well-formed and asks nothing of a network, the LaTeX balances, no NaN shows."""
    if name == "none" and topic == "fit":
        with pytest.raises(ValueError, match="no data|must be data"):
            shown(SUBJECTS[name], topic)
        return
    explanation = shown(SUBJECTS[name], topic)
    text, page = explanation.text, explanation.to_html()
    assert repr(explanation) == text
    assert "nan" not in text
    assert not re.search(r"<script|https?:|src=|@import|url\(", page)
    ET.fromstring(page.removeprefix("<!DOCTYPE html>").replace("<meta ", "<meta/ ").replace("<meta/ ", "<x-meta ").replace('charset="utf-8">', 'charset="utf-8"/>').replace('device-width">', 'device-width"/>').replace('light dark">', 'light dark"/>'))  # fmt: skip
    assert explanation._repr_html_() in page
    latex = explanation.to_latex()
    assert latex.count(r"\left") == latex.count(r"\right")
    assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    assert not re.search(r"_\{[^{}]*\}_", latex)
    assert not re.findall(r"[^\x00-\x7f–−’′]", re.sub(r"\\text\{.*?\}", "", latex)), latex


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("topic", ["definition", "mean", "entropy", "kl", "score"])
def test_letters_change_and_numbers_do_not(name, topic):
    told = {key: shown(SUBJECTS[name], topic, key) for key in NOTATIONS}
    for explanation in told.values():
        assert explanation.numbers == told["expfam"].numbers
    assert len({explanation.text for explanation in told.values()}) == len(NOTATIONS)


@pytest.mark.parametrize(
    ("notation", "definition", "slope"),
    [
        ("expfam", "p(x; η) = h(x) exp(⟨η, T(x)⟩ − A(η))", "μ = E T(x)\n        = ∇A(η)"),
        (
            "wainwright_jordan",
            "p_θ(x) = h(x) exp(⟨θ, φ(x)⟩ − A(θ))",
            "μ = E φ(x)\n        = ∇A(θ)",
        ),
        ("bishop", "p(x | η) = h(x) g(η) exp(ηᵀu(x))", "μ = E u(x)\n        = −∇ ln g(η)"),
        ("murphy", "p(x | η) = h(x) exp(ηᵀT(x) − A(η))", "m = E T(x)\n        = ∇A(η)"),
        ("nielsen", "p(x; θ) = exp(⟨t(x), θ⟩ − F(θ) + k(x))", "η = E t(x)\n        = ∇F(θ)"),
    ],
)
def test_each_book_has_its_letters(notation, definition, slope):
    text = explain(Poisson(), notation=notation).text
    assert definition in text
    assert slope in text


def test_the_numbers_are_those_of_the_member():
    p = SUBJECTS["multinomial"]
    numbers = p.explain("mean").numbers
    for value in p.mean_parameter:
        assert value in numbers
    assert p.log_partition + 10 == pytest.approx(numbers[-1], rel=1e-15)  # η + 1
    kl = Gaussian().from_mean_variance(0.0, 1.0)
    assert SUBJECTS["gaussian"].kl(kl) in SUBJECTS["gaussian"].explain("kl", other=kl).numbers


def test_both_sides_of_every_check_agree():
    for name, p in SUBJECTS.items():
        for topic in TOPICS:
            if name == "none" and topic == "fit":
                continue
            for gap in re.findall(r"agree to (\S+)\.", shown(p, topic).text):
                assert float(gap) < 1e-7, (name, topic)


def test_the_boundary_is_right_and_said():
    text = SUBJECTS["edge"].explain().text
    assert "exp(−0.287682) + exp(−∞) + exp(−1.38629)" in text
    assert "1 of 3 entries of η is −∞" in text
    assert "0 · (−∞) = 0" in text
    assert text.count("The edge") == 1
    assert "a limit of the family" in SUBJECTS["never"].explain("mean").text
    other = Categorical(["a", "b", "c"]).fit([0])
    assert "it is ∞" in SUBJECTS["edge"].explain("kl", other=other).text.lower()


def test_gauge_and_closed_forms_are_said_where_they_are():
    assert "η and η + c are one member" in SUBJECTS["multinomial"].explain("mean").text
    assert "one member" not in SUBJECTS["gamma"].explain("mean").text
    assert "no closed form; Newton's method" in SUBJECTS["gamma"].explain("natural").text
    assert "19 more" in SUBJECTS["many"].explain("mean").text


def test_a_truncated_family_has_the_h_of_the_whole_and_its_window():
    counts = explain(f.Truncated(Binomial(4), low=1), "log_partition").text
    assert "A(η) = log Σ_(y = a … b) (n choose y) exp(ηy)" in counts
    reals = explain(f.Truncated(f.Exponential(), high=2.0), "log_partition").text
    assert "A(η) = log ∫[a, b] exp(ηy) dy" in reals
    plane = f.Truncated(f.Gamma(), low=1.0).from_natural([0.5, -1.0])
    assert "exp ⟨η, (log y, y)⟩ dy" in plane.explain("log_partition").text
    assert "T(x) = (log x, x)" in plane.explain().text
    assert "p(y; η) (log y, y) dy" in plane.explain("mean").text


def test_an_observation_is_taken_or_drawn():
    p = SUBJECTS["poisson"]
    assert p.log_prob(2) in p.explain("log_prob", x=2).numbers
    assert p.log_prob(p.sample(rng=0)) in p.explain("log_prob").numbers
    assert pytest.approx(2.5, rel=1e-15) in p.explain("fit", x=[1, 4]).numbers


@pytest.mark.parametrize(
    "p",
    [
        Categorical(2).from_natural([800.0, -800.0]),
        ContinuousBernoulli().from_natural(0.0),
        ChiSquared().from_natural(1e6),
        VonMises().from_natural([1e6, 0.0]),
        VonMisesFisher(5).from_natural(np.zeros(5)),
        VonMisesFisher(2).from_natural([800.0, 0.0]),
    ],
    ids=repr,
)
def test_what_is_no_number_in_floating_point_is_not_shown(p):
    for topic in (None, "fisher_information", "entropy", "kl", "log_prob"):
        assert "nan" not in shown(p, topic).text, topic


def test_terms_that_cancel_are_said_to():
    p = Gaussian().from_natural([1e8, -0.5])
    explanation = p.explain("log_prob", x=1e8)
    assert (
        "They cancel: as numbers of 16 digits they give their sum to 6e-01 only" in explanation.text
    )
    assert p.log_prob(1e8) in explanation.numbers
    assert "do not tell this member from others" in p.explain("natural").text


def test_close_to_the_edge_of_the_domain_no_quotient_is_shown():
    assert "slope" not in Poisson().from_natural(62 * np.log(2.0)).explain("mean").text


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: explain(Poisson(), "sample"), ValueError, "topic must be one of definition, .*; got 'sample'"),
        (lambda: explain(Poisson(), notation="ours"), ValueError, "notation must be one of expfam, .*; got 'ours'"),
        (lambda: explain(Poisson(), "mean", x=1), ValueError, "x is for fit, log_prob, score; the topic is 'mean'"),
        (lambda: explain(Poisson(), "kl"), ValueError, "other is the second member of 'kl'"),
        (lambda: explain(Poisson(), other=SUBJECTS["poisson"]), ValueError, "other is the second member"),
        (lambda: explain(Poisson(), "kl", other=SUBJECTS["gamma"]), ValueError, "members of one family"),
        (lambda: explain(3), TypeError, "must be a family, a Distribution or a CategoricalFit; got int"),
        (lambda: Poisson().from_natural([0.0, 1.0]).explain(), ValueError, r"one member can be explained; got a batch of shape \(2,\)"),
        (lambda: explain(Binomial([2, 3])), ValueError, "got a batch of shape"),
        (lambda: expfam.fit({"a": 1}).explain("fit", x="a"), ValueError, "the fit's own"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_refused_in_words(call, error, text):
    with pytest.raises(error, match=text):
        call()
