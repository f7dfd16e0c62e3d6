"""Derivations: every formula has the value of the family's arithmetic, in every notation and form."""

from __future__ import annotations

import dataclasses
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
    cli,
)
from expfam import families as f
from expfam.cli import grammar
from expfam.derivation import NOTATIONS, TOPICS, explain
from expfam.derivation.expression import Expression, Number, Symbol, Words
from expfam.derivation.formulas import FORMULAS, i
from expfam.derivation.gaps import gaps
from expfam.derivation.latex import LATEX, escaped
from expfam.derivation.media import MATHML, TEXT
from expfam.derivation.nodes import Chain, Inner, equal, exp, log, vector
from expfam.derivation.notation import A, T, mean, natural, x
from expfam.derivation.scope import scope_of
from expfam.derivation.shown import show

INF = np.inf
CUBE = [
    0.3,
    -1.0,
    2.0,
    *(-0.5 * np.array([[2.0, 1.0, 0.3], [1.0, 3.0, 0.2], [0.3, 0.2, 1.0]])).ravel(),
]
MEMBERS = [
    (f.Multinomial(3, trials=4), [0.2, 1.0, -1.0], [0.0, 0.0, 0.5]),
    (f.Multinomial(["a", "b"], trials=9), [-3.0, 2.0], [0.1, 0.0]),
    (f.Multinomial(5), [0.2, 1.0, -1.0, 0.0, 3.0], [0.0, 0.0, 0.5, 1.0, 2.0]),
    (f.Categorical(4), [0.2, 1.0, -1.0, 0.0], [0.0, 0.0, 0.5, 1.0]),
    (f.Categorical(["x", "y"]), [2.0, 1.0], [0.0, -1.0]),
    (f.Binomial(6), 0.3, -1.0),
    (f.Binomial(), -2.0, 1.5),
    (f.Poisson(), 1.0, -0.3),
    (f.Poisson(), 3.5, 3.0),
    (f.Gaussian(), [0.3, -0.4], [-1.0, -2.0]),
    (f.Gaussian(), [-2.0, -3.0], [1.0, -0.2]),
    (f.Gamma(), [1.5, -2.0], [0.2, -0.3]),
    (f.Gamma(), [-0.6, -5.0], [4.0, -1.0]),
    (f.Weibull(2.5), -0.3, -1.0),
    (f.Weibull(0.7), -3.0, -2.0),
    (f.ChiSquared(), 1.5, 0.2),
    (f.ChiSquared(), -0.5, 3.0),
    (f.ContinuousBernoulli(), 1.5, -0.2),
    (f.ContinuousBernoulli(), -4.0, -9.0),
    (f.NegativeBinomial(2.5), -0.7, -1.2),
    (f.Logarithmic(), -0.7, -0.2),
    (f.Logarithmic(), -0.05, -3.0),
    (f.InverseGaussian(), [-0.25, -1.0], [-2.0, -0.5]),
    (f.InverseGaussian(), [-3.0, -0.1], [-0.2, -4.0]),
    (f.Beta(), [2.0, 3.0], [0.7, 0.4]),
    (f.Beta(), [0.3, 5.0], [2.0, 40.0]),
    (f.Dirichlet(3), [2.0, 3.0, 0.5], [0.7, 1.4, 1.0]),
    (f.Dirichlet(["a", "b"]), [2.0, 3.0], [0.7, 1.4]),
    (f.VonMises(), [0.4, -1.1], [2.0, 0.5]),
    (f.VonMises(), [-3.0, 0.5], [0.1, 0.2]),
    (f.VonMisesFisher(2), [1.5, 2.0], [-1.0, 0.5]),
    (f.VonMisesFisher(3), [0.0, 0.2, -0.1], [-1.0, 0.5, 7.0]),
    (f.VonMisesFisher(6), [1.5, 2.0, 0.0, 3.0, 1.0, -40.0], [-1.0, 0.5, 0.7, 20.0, 1.0, 0.0]),
    (f.IsotropicGaussian(2), [0.5, -1.0, -0.2], [0.1, 2.0, -3.0]),
    (f.IsotropicGaussian(5), [0.5, -1.0, 2.0, 0.0, 0.7, -0.2], [0.1, 2.0, 0.0, 1.0, 0.5, -3.0]),
    (f.DiagonalGaussian(3), [0.5, -1.0, 0.0, -0.2, -1.0, -3.0], [1.0, 0.3, 2.0, -0.5, -0.4, -0.3]),
    (
        f.MultivariateGaussian(2),
        [1.0, -0.5, -0.5, 0.4, 0.4, -1.0],
        [0.0, 2.0, -2.0, 0.1, 0.1, -0.3],
    ),
    (f.MultivariateGaussian(1), [1.0, -0.5], [0.0, -2.0]),
    (f.MultivariateGaussian(3), CUBE, [1.0, 0.0, 0.0, *(-np.eye(3)).ravel()]),
    (f.FiniteFamily(["a", 1, (2, "b")], np.eye(3), [0, 1, 0.5]), [0.1, 0.2, 0.3], [0.1, 0.0, 0.4]),
    (f.FiniteFamily([0.1, 7.0, -2.0], lambda x: [x, np.sin(x)], 0.3), [0.1, 0.2], [0.3, -0.1]),
    (f.FiniteFamily([(0, 1), (1, 1), (3, 1), (4, -2)], lambda x: x, [0.1, 0.2, 0.3, 0.4]), [0.1, 0.2], [0.3, -0.1]),
    (f.ProductFamily(f.Multinomial(3, trials=4), f.Gamma(), f.DiagonalGaussian(2)), [0.1, 0.2, -0.3, 0.5, -1.0, 0.1, 0.2, -1.0, -0.5], [0.3, 0.1, -0.3, 0.7, -1.5, 0.1, 0.1, -1.0, -0.5]),
    (f.ProductFamily(f.Gaussian(), f.Binomial(4)), [0.1, -0.3, 0.2], [0.1, -0.5, 0.4]),
    (f.Truncated(f.GaussianKnownVariance(2.0), 1, 3), 0.4, -0.7),
    (f.Truncated(f.GaussianKnownVariance(2.0), 1), 0.4, -0.7),
    (f.Truncated(f.Exponential(), high=2.0), 0.4, -0.7),
    (f.Truncated(f.Binomial(9), 2, 7), 0.4, -0.7),
    (f.Truncated(f.Geometric(), high=4), 0.4, -0.7),
    (f.Truncated(f.NegativeBinomial(0.4), low=1), -0.4, -0.7),
    (f.Truncated(f.Poisson(), low=1), 0.4, -0.7),
    (f.MultivariateGaussianKnownCovariance([[2.0, 1.0], [1.0, 1.0]]), [1.0, -0.5], [0.0, 2.0]),
]  # fmt: skip
# And the members of every card, which are enough for most families.
MEMBERS += [(each.family, each.example(each.family), each.other) for each in FORMULAS.values()]
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


# ---------------------------------------------------------------- formulas


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("family", "p", "q"), MEMBERS, ids=lambda v: str(v)[:30])
def test_every_formula_has_the_value_that_the_family_computes(family, p, q, notation):
    found = gaps(family.from_natural(p), family.from_natural(q), NOTATIONS[notation])
    assert set(found) >= {"definition", "T", "h", "A", "forward", "fisher", "kl", "entropy", "mle"}
    assert ("backward" in found) == (FORMULAS[family.name].backward is not None)
    assert max(found.values()) < 1e-10, found


def test_formulas_are_of_families_of_this_library():
    assert set(FORMULAS) <= set(f.__all__)
    assert all(isinstance(each.family, getattr(f, name)) for name, each in FORMULAS.items())


@pytest.mark.parametrize(
    "field", ["log_partition", "forward", "backward", "fisher", "entropy", "kl"]
)
def test_a_wrong_sign_is_seen(field, monkeypatch):
    """The fault that the trees are there to find."""
    formulas = FORMULAS["Gaussian"]
    wrong = dataclasses.replace(formulas, **{field: -getattr(formulas, field)})
    monkeypatch.setitem(FORMULAS, "Gaussian", wrong)
    name = {"log_partition": "A"}.get(field, field)
    assert gaps(_p(), _p(2.0))[name] > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_a_thousandth_too_much_is_seen_in_every_formula(name, monkeypatch):
    """In each usual parameter and each line of the fit, too; by one of the members at least."""
    formulas, members = FORMULAS[name], [each for each in MEMBERS if each[0].name == name]
    for wrong in _wrong(formulas):
        monkeypatch.setitem(FORMULAS, name, wrong)
        found = [gaps(f.from_natural(p), f.from_natural(q)) for f, p, q in members]
        assert max(max(gap.values()) for gap in found) > 1e-6


def _wrong(formulas):
    more = 1.001
    fields = (
        "statistic",
        "base",
        "log_partition",
        "forward",
        "backward",
        "fisher",
        "entropy",
        "kl",
    )
    for field in fields:
        if getattr(formulas, field) is not None:
            yield dataclasses.replace(formulas, **{field: more * getattr(formulas, field)})
    for role, formula in formulas.usual.items():
        yield dataclasses.replace(formulas, usual={**formulas.usual, role: more * formula})
    for place, chain in enumerate(formulas.mle):
        off = Chain((chain.sides[0], more * chain.sides[1]), chain.signs)
        lines = (*formulas.mle[:place], off, *formulas.mle[place + 1 :])
        yield dataclasses.replace(formulas, mle=lines)


def _p(m=1.0):
    return Gaussian().from_mean_variance(m, 2.0)


def test_a_wrong_shape_is_seen(monkeypatch):
    wrong = dataclasses.replace(FORMULAS["Poisson"], log_partition=vector(exp(natural), 1))
    monkeypatch.setitem(FORMULAS, "Poisson", wrong)
    p = Poisson().from_mean(2.0)
    assert gaps(p, p)["A"] == INF


def test_a_sum_that_has_no_room_is_left_out():
    p = Multinomial(8, trials=10**6).from_natural(np.zeros(8))
    assert "entropy" not in gaps(p, p)


def test_a_formula_without_a_number_is_infinitely_off(monkeypatch):
    wrong = dataclasses.replace(FORMULAS["Poisson"], log_partition=log(-exp(natural)))
    monkeypatch.setitem(FORMULAS, "Poisson", wrong)
    p = Poisson().from_mean(2.0)
    assert gaps(p, p)["A"] == INF


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("family", "p", "q"), MEMBERS, ids=lambda v: str(v)[:30])
def test_what_holds_of_every_family_holds(family, p, q, notation):
    """A* closes the gap, ∇A* leads back, the Bregman divergence is KL: in the letters of the book."""
    p, q = family.from_natural(p), family.from_natural(q)
    scope, write = scope_of(p, q), NOTATIONS[notation].write
    dual, other = Symbol("A*")(mean), Symbol("natural", prime=True)
    gap = write(A(natural) + dual - Inner(natural, mean)).value(scope)
    assert abs(gap) < 1e-12 * (1 + abs(p.log_partition))
    bregman = write(A(other) - A(natural) - Inner(other - natural, mean)).value(scope)
    assert bregman == pytest.approx(p.kl(q), rel=1e-11, abs=1e-12)
    back = family.from_natural(write(Symbol("∇A*")(mean)).value(scope))
    np.testing.assert_allclose(back.mean_parameter, p.mean_parameter, rtol=1e-12)
    np.testing.assert_array_equal(write(Symbol("∇A")(natural)).value(scope), p.mean_parameter)
    np.testing.assert_array_equal(write(Symbol("∇²A")(natural)).value(scope), p.fisher_information)


def test_a_formula_that_only_shows_has_no_value():
    with pytest.raises(TypeError, match="Expression has no form"):
        show(Expression(), TEXT)
    with pytest.raises(TypeError, match="Words is shown, not evaluated"):
        Words("and").value({})
    with pytest.raises(ValueError, match="one sign fewer"):
        Chain((x, x), ())


# ---------------------------------------------------------------- what is shown


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


def test_a_product_is_told_by_its_parts():
    """In their letters, with the number of the part; a part without formulas is left to its numbers."""
    family = f.ProductFamily(Gaussian(), Multinomial(3, trials=4), own())
    text = explain(family.from_natural([0.5, -0.5, 0.0, 0.0, 0.0, 0.3])).text
    assert "A(η) = Σᵢ Aᵢ(ηᵢ)" in text
    assert "A₁(η₁) = −η₁₁² / (4η₁₂) − ½ log(−2η₁₂)" in text
    assert "A₂(η₂) = n₂ log Σᵢ exp η₂ᵢ" in text
    assert "Part 3" not in text
    assert r"\eta_{1 1}^{2}" in explain(family, "definition").to_latex()


def test_a_truncated_family_has_the_h_of_the_whole_and_its_window():
    counts = explain(f.Truncated(Binomial(4), low=1), "log_partition").text
    assert "A(η) = log Σ_(y = a … b) (n choose y) exp(ηy)" in counts
    reals = explain(f.Truncated(f.Exponential(), high=2.0), "log_partition").text
    assert "A(η) = log ∫[a, b] exp(ηy) dy" in reals


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


# ---------------------------------------------------------------- families of one's own


class Coin(expfam.ExponentialFamily):
    """Bernoulli without a formula in the table."""

    discrete, log_base = True, 0.0
    _sufficient_statistic = staticmethod(lambda x: x)
    _log_partition = staticmethod(lambda natural: np.log1p(np.exp(natural)))
    _natural_to_mean = staticmethod(lambda natural: 1 / (1 + np.exp(-natural)))
    _mean_to_natural = staticmethod(lambda mean: np.log(mean / (1 - mean)))
    _observation_rules = Binomial()._observation_rules
    _draw = Binomial()._draw

    def _fisher_information(self, natural):
        return self._natural_to_mean(natural) * (1 - self._natural_to_mean(natural))


own = dataclasses.dataclass(frozen=True, eq=False)(Coin)


@pytest.mark.parametrize("topic", [None, *TOPICS])
def test_a_family_without_formulas_is_explained_by_its_numbers(topic):
    p = own().from_natural(0.4)
    text = shown(p, topic).text
    assert "For this family" not in text
    twin = shown(Binomial().from_natural(0.4), topic).text
    values = re.compile(r"[≈=] (−?[\d.]+)$", re.M)
    assert set(values.findall(text)) <= set(values.findall(twin))
    with pytest.raises(ValueError, match="Coin: there are no formulas"):
        gaps(p, p)


def test_what_an_own_family_fixes_takes_no_letter_of_a_book():
    @dataclasses.dataclass(frozen=True, eq=False)
    class Named(Coin):
        A: float = 2.0
        mean: float = 3.0

    p = Named().from_natural(0.4)
    assert p.mean_parameter in explain(p).numbers
    assert p.log_partition in explain(p).numbers


def test_an_own_family_named_as_one_of_ours_is_not_taken_for_it():
    poisson = dataclasses.dataclass(frozen=True, eq=False)(type("Poisson", (Coin,), {}))
    assert "For this family" not in explain(poisson().from_natural(0.4)).text


# ---------------------------------------------------------------- doors


def test_a_family_is_explained_at_an_example():
    for family in (Multinomial(3, trials=2), Categorical(2), Binomial(3), Poisson(), Gaussian()):
        assert explain(family).title == f"{family!r} and its parameters"
    assert 4.0 in explain(Poisson(), "mean").numbers
    assert explain(own(), "mean").numbers
    assert expfam.explain is explain


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


# ---------------------------------------------------------------- fits


def test_a_fit_is_explained_from_its_counts():
    fit = expfam.fit({"yes": 3, "no": 0, "don't know": 5})
    explanation = fit.explain()
    assert explanation.title == "3 categories: from counts to both parameters"
    assert fit.log_likelihood in explanation.numbers
    assert "don't know" in explanation.text
    assert "exp(−∞)" in explanation.text
    assert expfam.explain(fit).text == explanation.text == fit.explain("fit").text
    for key in NOTATIONS:
        assert fit.explain(notation=key).numbers == explanation.numbers
    assert expfam.fit({"a": 2}).explain().title == "1 category: from counts to both parameters"


def test_topics_of_a_fit_take_labels_and_fits():
    fit = expfam.fit({"a": 1, "b": 3})
    assert np.log(0.25) == pytest.approx(fit.explain("log_prob", x="a").numbers[-1])
    other = expfam.fit({"b": 1, "a": 1})
    assert fit.kl(other) in fit.explain("kl", other=other).numbers
    assert fit.explain("kl", other=fit.distribution).numbers[-1] == 0
    frame = expfam.datasets.load("penguins")
    with pytest.raises(ValueError, match=r"has groups: take fit.group\(label\)"):
        expfam.fit(frame, "species", by="island").explain()
    assert expfam.fit(frame, "species").explain().title.startswith("species: from")


def test_fractional_counts_are_explained():
    fit = expfam.fit(["a", "b"], weights=[0.5, 1.25])
    assert 1.75 in fit.explain().numbers


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "species of"), ("html", "<!DOCTYPE html>"), ("latex", r"\paragraph")],
)
def test_the_command_explains_a_column(form, start, capsys):
    path = str(expfam.datasets.path("penguins"))
    assert cli.main(["explain", path, "species", "--format", form, "--notation", "nielsen"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(start)
    assert "Nielsen and Garcia" in out
    assert list(NOTATIONS) == list(grammar.NOTATIONS)


def test_labels_cannot_break_out():
    fit = expfam.fit({"<b>&": 1, "$x_1$\\": 2, "\n": 1})
    explanation = fit.explain()
    assert "<b>&" not in explanation.to_html()
    assert r"\$x\_1\$\textbackslash{}" in explanation.to_latex()
    assert escaped("a~^{}") == r"a\textasciitilde{}\textasciicircum{}\{\}"


def test_mathml_is_drawn_without_scripts():
    written = show(NOTATIONS["expfam"].write(FORMULAS["Gaussian"].log_partition), MATHML)
    assert ET.fromstring(written).tag == "mrow"
    assert "<msubsup><mi>η</mi><mn>1</mn><mn>2</mn></msubsup>" in written
