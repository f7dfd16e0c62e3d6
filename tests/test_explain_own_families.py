"""Derivations of families of one's own, without formulas in the table."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from test_explain import shown

import expfam
from expfam import Binomial, Categorical, Gaussian, Multinomial, Poisson
from expfam import families as f
from expfam.derivation import TOPICS, explain
from expfam.derivation.gaps import gaps


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


def test_a_product_is_told_by_its_parts():
    """In their letters, with the number of the part; a part without formulas is left to its numbers."""
    family = f.ProductFamily(Gaussian(), Multinomial(3, trials=4), own())
    text = explain(family.from_natural([0.5, -0.5, 0.0, 0.0, 0.0, 0.3])).text
    assert "A(η) = Σᵢ Aᵢ(ηᵢ)" in text
    assert "A₁(η₁) = −η₁₁² / (4η₁₂) − ½ log(−2η₁₂)" in text
    assert "A₂(η₂) = n₂ log Σᵢ exp η₂ᵢ" in text
    assert "Part 3" not in text
    assert r"\eta_{1 1}^{2}" in explain(family, "definition").to_latex()


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


def test_a_family_is_explained_at_an_example():
    for family in (Multinomial(3, trials=2), Categorical(2), Binomial(3), Poisson(), Gaussian()):
        assert explain(family).title == f"{family!r} and its parameters"
    assert 4.0 in explain(Poisson(), "mean").numbers
    assert explain(own(), "mean").numbers
    assert expfam.explain is explain
