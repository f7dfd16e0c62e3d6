"""Every formula has the value of the family's arithmetic; a wrong one is seen."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from expfam import Gaussian, Multinomial, Poisson
from expfam import families as f
from expfam.derivation import NOTATIONS
from expfam.derivation.expression import Expression, Symbol, Words
from expfam.derivation.formulas import FORMULAS
from expfam.derivation.gaps import gaps
from expfam.derivation.media import TEXT
from expfam.derivation.nodes import Chain, Inner, exp, log, vector
from expfam.derivation.notation import A, mean, natural, x
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
