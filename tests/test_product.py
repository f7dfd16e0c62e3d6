"""ProductFamily against its parts: sums of theirs, and one observation after another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expfam import (
    Binomial,
    Categorical,
    Exponential,
    FiniteFamily,
    Gaussian,
    Multinomial,
    Poisson,
    ProductFamily,
    divergences,
)

FAMILY = ProductFamily(Gaussian(), Poisson(), Multinomial(3, trials=4), names=["x", "n", "c"])
ETA = {"x": [0.3, -0.5], "n": 1.2, "c": [0.1, -np.inf, 0.4]}
OTHER = {"x": [0.2, -0.7], "n": 1.0, "c": [0.3, 0.0, 0.0]}
X = np.array([[0.5, 3, 1, 0, 3], [-1.0, 0, 4, 0, 0], [2.5, 7, 2, 1, 1]])


def parts(eta):
    return [f.from_natural(eta[name]) for name, f in zip(FAMILY.names, FAMILY.factors, strict=True)]


def test_it_adds_what_its_parts_have():
    p, q = (FAMILY.from_natural(FAMILY.pack(**eta)) for eta in (ETA, OTHER))
    own, others = parts(ETA), parts(OTHER)
    pieces = [X[:, 0], X[:, 1].astype(int), X[:, 2:].astype(int)]
    wanted = sum(part.log_prob(x) for part, x in zip(own, pieces, strict=True))
    np.testing.assert_allclose(p.log_prob(X), wanted, rtol=1e-14)
    assert p.log_prob(X)[2] == -np.inf
    assert p.entropy() == pytest.approx(sum(part.entropy() for part in own), rel=1e-14)
    assert p.kl(q) == pytest.approx(
        sum(a.kl(b) for a, b in zip(own, others, strict=True)), rel=1e-14
    )
    assert q.kl(p) == np.inf
    assert p.degrees_of_freedom == sum(part.degrees_of_freedom for part in own) == 4
    likelihood = sum(part.log_likelihood(x[:2]) for part, x in zip(own, pieces, strict=True))
    assert p.log_likelihood(X[:2]) == pytest.approx(likelihood, rel=1e-14)


def test_a_fit_is_the_fit_of_each_part():
    p = FAMILY.fit(X)
    named = FAMILY.unpack(p.natural_parameter)
    np.testing.assert_allclose(named["x"], Gaussian().fit(X[:, 0]).natural_parameter)
    assert named["n"] == pytest.approx(Poisson().fit(X[:, 1]).natural_parameter)
    np.testing.assert_allclose(named["c"], FAMILY.factors[2].fit(X[:, 2:]).natural_parameter)
    np.testing.assert_array_equal(p.sample(5, rng=1)[:, 1] % 1, 0)


def test_its_fit_may_be_on_a_face_of_a_part():
    die = FiniteFamily(range(1, 7), lambda face: face)
    family = ProductFamily(die, Poisson())
    p = family.fit([[6, 2], [6, 3]])
    assert p.family.factors[0].remaining == (6,)
    np.testing.assert_allclose(p.mean_parameter, [6.0, 2.5])
    assert p.log_likelihood(family.statistics([[6, 2], [6, 3]])) == p.log_likelihood(
        [[6, 2], [6, 3]]
    )
    assert family.from_mean([3.0, 2.0]).family is family
    assert (family.statistics([[1, 2], [2, 3]]) - family.statistics([[1, 2]])).total[1] == 3


def test_names_are_those_of_the_families():
    assert ProductFamily(Gaussian(), Poisson()).names == ("Gaussian", "Poisson")
    assert ProductFamily(Poisson(), Poisson()).names == ("Poisson_1", "Poisson_2")
    assert (
        repr(ProductFamily(Poisson(), Binomial(2)))
        == "ProductFamily(Poisson(), Binomial(trials=2))"
    )
    assert ProductFamily(Poisson(), Poisson()) == ProductFamily(factors=(Poisson(), Poisson()))
    assert ProductFamily(Poisson(), Binomial()) != ProductFamily(Binomial(), Poisson())
    assert FAMILY.log_base is None
    assert ProductFamily(Exponential(), Categorical(2)).log_base == 0.0


def test_a_product_of_products():
    family = ProductFamily(ProductFamily(Poisson(), Poisson()), Binomial(3))
    p = family.fit([[1, 2, 3], [2, 0, 1]])
    np.testing.assert_allclose(p.mean_parameter, [1.5, 1.0, 2.0])
    assert family.discrete


@pytest.mark.parametrize(
    "idle", [Multinomial(2, trials=0), ProductFamily(Binomial(0), Binomial(0))]
)
def test_a_part_without_trials_is_one_point(idle):
    family, inf = ProductFamily(Poisson(), idle), np.inf
    p, q = family.from_natural([0.3, 0.0, -inf]), family.from_natural([1.0, -inf, 0.0])
    one, two = Poisson().from_natural(0.3), Poisson().from_natural(1.0)
    for order in (0.0, 0.5, 1.0, 2.0):
        assert divergences.renyi(p, q, order) == divergences.renyi(one, two, order)
    assert divergences.chernoff(p, q) == divergences.chernoff(one, two)
    assert divergences.e_geodesic(p, q, 0.5).mean_parameter[0] == pytest.approx(math.exp(0.65))
    assert not p.same_member(q)
    assert p.same_member(family.from_natural([0.3, -inf, 0.0]))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ProductFamily(), "there must be a part or more"),
        (lambda: ProductFamily(Poisson), "parts must be families; got a ABCMeta"),
        (lambda: ProductFamily(Poisson(), names=["a", "b"]), "got 1 parts and 2 names"),
        (lambda: ProductFamily(Poisson(), Poisson(), names=["a", "a"]), "2 parts and 1 names"),
        (lambda: ProductFamily(Poisson(), names=["a b"]), "names must be identifiers; got 'a b'"),
        (lambda: ProductFamily(Binomial([2, 3])), "trials of a part must be a number"),
        (lambda: FAMILY.log_base_measure([0.5, 0.5, 1, 0, 3]), "n: counts must be integers up to"),
        (lambda: FAMILY.log_base_measure([0.5, 1, 1, 0, 2]), "c: counts must sum to trials=4"),
        (lambda: FAMILY.from_natural([0.0, 1.0, 0, 0, 0, 0]), "x: the quadratic natural parameter"),
        (lambda: FAMILY.from_mean([0.0, 1.0, -1.0, 4, 0, 0]), "n: mean parameter must be between"),
    ],
)
def test_what_is_wrong_is_said(call, text):
    with pytest.raises((ValueError, TypeError), match=text) as error:
        call()
    assert str(error.value).startswith("ProductFamily: ")


def test_other_arrays():
    xp = pytest.importorskip("array_api_strict")
    family = ProductFamily(Exponential(), Gaussian())
    eta = [-0.5, 0.2, -1.0]
    np.testing.assert_allclose(
        np.asarray(family.fisher_information(xp.asarray(eta))), family.fisher_information(eta)
    )
    np.testing.assert_allclose(
        np.asarray(family.natural_to_mean(xp.asarray(eta))), family.natural_to_mean(eta)
    )
