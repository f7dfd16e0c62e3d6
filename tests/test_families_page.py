"""The table of docs/families.md tells what the families do, and what other libraries call them."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
from conftest import CASES

from expfam import (
    Binomial,
    ConjugatePrior,
    Exponential,
    FiniteFamily,
    Poisson,
    ProductFamily,
    Truncated,
    families,
)
from expfam.checks import _proposed
from expfam.converters import to_scipy, to_torch
from expfam.derivation.formulas import FORMULAS
from expfam.derivation.nodes import over_points

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "families.md").read_text(encoding="utf-8")
INF = np.inf


def table() -> dict[str, SimpleNamespace]:
    """The rows by family, each with its cells by the first word of their column."""
    text = PAGE.partition("## One table\n")[2].partition("\n\nAll of them")[0]
    head, _, *rows = ([c.strip() for c in line.split("|")[1:-1]] for line in text.split("\n")[1:])
    columns = [re.split(r"[ .]", name)[0] for name in head]
    found = (SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in rows)
    return {re.match(r"\[`(\w+)`\]", row.family)[1]: row for row in found}


TABLE = table()
EVERY = sorted(families.__all__)
TOLD = sorted(FORMULAS)


def member(name):
    """The first member of the first case of a family."""
    family, naturals = next(case for case in CASES.values() if case[0].name == name)
    rows = _proposed(family, np.random.default_rng(0)) if naturals is None else naturals
    return family.from_natural(np.asarray(rows[0], dtype=float))


def test_a_row_for_each_family_and_its_section_in_the_same_order():
    assert sorted(TABLE) == EVERY
    places = [PAGE.index(f"`{name}(", PAGE.index("\n## Multinomial")) for name in TABLE]
    anchors = list(dict.fromkeys(re.search(r"#([\w-]+)", row.family)[1] for row in TABLE.values()))
    headings = re.findall(r"^## (.*)$", PAGE, re.M)
    order = [heading.lower().replace(" ", "-") for heading in headings]
    assert anchors == [anchor for anchor in order if anchor in anchors]
    assert all(place > 0 for place in places)


# What is said of formulas that are sums or integrals over the support, or those of the parts.
SUMS = {"FiniteFamily": "sum", "ProductFamily": "of the parts", "Truncated": "sum or integral"}


@pytest.mark.parametrize("name", TOLD)
def test_closed_is_what_has_a_closed_formula(name):
    """`gaps` holds every formula to the number that the family computes."""
    row, formulas = TABLE[name], FORMULAS[name]
    if name in SUMS:
        assert row.entropy == row.KL == SUMS[name]
        assert over_points(formulas.entropy) == over_points(formulas.kl) == ("sum" in SUMS[name])
        assert (formulas.backward is None) == ("sum" in SUMS[name])
        return
    assert row.backward == ("Newton" if formulas.backward is None else "closed")
    assert row.KL == "closed"
    assert not over_points(formulas.kl)
    assert row.entropy == ("with E log h" if over_points(formulas.entropy) else "closed")


@pytest.mark.parametrize("name", ["FiniteFamily", "Truncated"])
def test_what_is_a_sum_needs_steps(name):
    assert TABLE[name].backward == "Newton"
    torch = pytest.importorskip("torch")
    p = member(name)
    if name == "Truncated":
        with pytest.raises(TypeError, match="need numpy"):
            p.family.from_natural(torch.tensor(0.5))
        return
    with pytest.raises(TypeError, match="the backward map has no closed form"):
        p.family.mean_to_natural(torch.empty(np.shape(p.mean_parameter), device="meta"))


@pytest.mark.parametrize("name", sorted(set(EVERY) - set(SUMS)))
def test_the_closure_is_what_is_accepted(name):
    p = member(name)
    natural, accepted = np.asarray(p.natural_parameter), set()
    for end in (-INF, INF):
        for entry in np.ndindex(natural.shape):
            moved = natural.copy()
            moved[entry] = end
            try:
                limit = p.family.from_natural(moved)
            except ValueError:
                continue
            assert np.isfinite(limit.entropy())
            accepted.add(end)
    words = {frozenset(): "–", frozenset({-INF}): "−∞", frozenset({-INF, INF}): "±∞"}
    assert TABLE[name].closure == words[frozenset(accepted)]


def test_the_closures_of_makers():
    assert TABLE["FiniteFamily"].closure == "faces"
    always = FiniteFamily(range(3), lambda x: x).fit([2, 2])
    assert always.family.remaining == (2,)
    assert TABLE["Truncated"].closure == "±∞ of counts"
    for end in (-INF, INF):
        assert Truncated(Poisson(), 2, 5).from_natural(end).entropy() == 0
        with pytest.raises(ValueError, match="natural parameter must be"):
            Truncated(Exponential(), high=2.0).from_natural(end)
    row = TABLE["ProductFamily"]
    assert {row.backward, row.closure, row.entropy, row.KL} == {"of the parts"}
    pair = ProductFamily(Poisson(), Binomial(3))
    p, q = pair.from_natural([-INF, INF]), pair.from_natural([0.3, 0.2])
    assert p.entropy() == 0
    parts = [Poisson().from_natural(0.3), Binomial(3).from_natural(0.2)]
    assert q.entropy() == pytest.approx(sum(part.entropy() for part in parts), rel=1e-14)


@pytest.mark.parametrize("name", EVERY)
def test_the_conjugate_prior_has_that_name(name):
    p = member(name)
    prior = ConjugatePrior(p.family, total=3 * p.mean_parameter, exposure=3.0)
    np.testing.assert_allclose(prior.mean, p.mean_parameter, rtol=1e-12, atol=1e-12)
    if TABLE[name].prior in ("numerical", "of the parts"):
        with pytest.raises(TypeError, match="has no classical form"):
            _ = prior.classical
    else:
        assert prior.classical.law == TABLE[name].prior


@pytest.mark.parametrize("name", EVERY)
def test_all_of_them_are_drawn_and_explained_and_some_have_cards(name):
    p = member(name)
    x = p.sample(5, rng=1)
    assert TABLE[name].draws == "exact"
    assert np.isfinite(p.log_prob(x)).all()
    np.testing.assert_array_equal(p.sample(5, rng=1), x)
    assert p.explain().text
    assert TABLE[name].card == ("yes" if name in FORMULAS else "–")


@pytest.mark.parametrize("library", ["scipy", "torch"])
def test_the_names_of_others_are_theirs(library):
    newest = {"scipy": "1.15", "torch": "2.4"}  # that have all of the names
    there = pytest.importorskip(library, newest[library])
    there = scipy.stats if library == "scipy" else there.distributions
    for row in TABLE.values():
        cell = getattr(row, library)
        assert cell == "–" or hasattr(there, re.match(r"`(\w+)`", cell)[1]), cell


@pytest.mark.parametrize(("library", "convert"), [("scipy", to_scipy), ("torch", to_torch)])
def test_what_is_converted_has_a_name_there(library, convert):
    pytest.importorskip(library)
    for name, row in TABLE.items():
        try:
            convert(member(name))
        except TypeError:
            converted = False
        else:
            converted = True
        if name not in ("FiniteFamily", "Truncated"):  # which are told point by point, by a window
            assert converted == (getattr(row, library) != "–"), name
