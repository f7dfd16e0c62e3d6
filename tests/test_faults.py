"""The test of the tests: faults planted in every method of every family, each seen by a law.

A fault is a sign, a factor of two, an off-by-one or a relative error of 1e-9 in what a method
returns; a sampler gets draws of a member nearby instead of the 1e-9.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CASES
from elsewhere import of_kind

from expfam import families, newton
from expfam.checks import Report, _proposed, check_family
from expfam.contract import Contract
from expfam.distribution import Distribution
from expfam.family import ExponentialFamily
from expfam.sampling import stream
from expfam.statistics import Statistics

FAMILIES = {
    "Multinomial": (families.Multinomial(3, trials=4), [[0.2, -0.4, 0.5], [-0.1, -np.inf, 0.3]]),
    "Categorical": (families.Categorical(3), [[0.2, -0.4, 0.5], [-0.1, -np.inf, 0.3]]),
    "Binomial": (families.Binomial(5), [0.7, np.inf]),
    "Poisson": (families.Poisson(), [0.7, -np.inf]),
    "Gaussian": (families.Gaussian(), [[0.4, -0.7], [-0.3, -0.2]]),
    "Gamma": (families.Gamma(), [[0.5, -0.7], [1.5, -2.0]]),
}
# The others get the least fault alone, and draws of a member nearby: at two members of their first
# case, or where 1.5·η is too close to η, or an open door shows nothing, at these.
MORE = {
    family.name: (
        family,
        (_proposed(family, np.random.default_rng(0)) if rows is None else rows)[:2],
    )
    for family, rows in reversed(CASES.values())
    if family.name not in FAMILIES
} | {
    "ChiSquared": (families.ChiSquared(), [0.5, 1.5]),
    "ContinuousBernoulli": (families.ContinuousBernoulli(), [0.7, -2.4]),
    "FiniteFamily": (
        families.FiniteFamily([0.5, 1.0, 3.0, 4.0], lambda x: [x, x**2]),
        [[0.4, -0.3], [0.1, 0.2]],
    ),
    "Truncated": (families.Truncated(families.Poisson(), 1, 6), [0.7, -0.4]),
}
FAULTS: dict[str, Callable[[Any], Any]] = {
    "sign": lambda value: -value,
    "factor": lambda value: 2 * value,
    "off by one": lambda value: value + 1,
    "1e-9": lambda value: value * (1 + 1e-9),
}
# Each hook, and the laws of which one at least must see its faults.
HOOKS = {
    "_sufficient_statistic": ("E T is the mean parameter",),
    "_log_base_measure": ("log p is the textbook's formula", "probabilities sum to one"),
    "_log_partition": ("log p is the textbook's formula", "probabilities sum to one"),
    "_natural_to_mean": ("the forward map is the gradient of A", "E T is the mean parameter"),
    "_mean_to_natural": ("the backward map inverts the forward",),
    "_member_of": ("fits match moments",),
    "_fisher_information": ("Cov T is the Fisher information",),
    "_fisher_product": ("fisher_product is the product", "Cov T is the Fisher information"),
    "_log_prob": ("log p is the textbook's formula",),
    "_exponent": ("A* is the conjugate of A",),
    "_entropy": ("entropy is −E log p",),
    "_kl": ("KL is E log p/q and Bregman's divergence",),
    "_degrees_of_freedom": ("degrees of freedom are the rank",),
    "_canonical": ("the backward map inverts the forward",),
    "_draw": ("draws follow the member",),
}
# Doors, and the laws that see one left open; where Newton refuses what it cannot reach, the door
# of the mean does so first, in better words, and leaving it open lets nothing in.
DOORS = {
    "_natural_rules": ("bad input is refused",),
    "_mean_rules": ("bad input is refused",),
    "_observation_rules": ("bad input is refused", "probabilities sum to one"),
}
TWICE = {
    (name, "_mean_rules")
    for name in ("Beta", "ChiSquared", "ContinuousBernoulli", "Dirichlet", "Gamma", "InverseGamma")
}
# Invisible, as η and η + 1 are one member.
GAUGE = {("Categorical", "_member_of", "off by one"), ("Multinomial", "_member_of", "off by one")}
# Invisible, as log h = 0 there, and −0, 2·0 and (1 + 1e-9)·0 are 0.
ZERO = {
    (name, "_log_base_measure")
    for name, (family, natural) in {**FAMILIES, **MORE}.items()
    if isinstance(family.log_base, float | int) and family.log_base == 0
} | {("Categorical", "_log_base_measure")}


POISSON, CALLS = families.Poisson._draw, itertools.count()


def planted(family: ExponentialFamily, hook: str, fault: Callable[[Any], Any]) -> Any:
    """The family with a fault in what one of its hooks returns."""
    original = getattr(type(family), hook)

    def faulty(self: Any, *arguments: Any) -> Any:
        value = original(self, *arguments)
        return (value[0], fault(value[1])) if hook == "_member_of" else fault(value)

    return of_kind(family, {hook: faulty})


def opened(family: ExponentialFamily, door: str) -> Any:
    """The family without the rules of a door."""
    return of_kind(family, {door: lambda self, x: iter(())})


def broken(report: Report) -> set[str]:
    return {finding.law for finding in report.findings}


def visible() -> list:
    return [
        pytest.param(name, hook, fault, id=f"{name}-{hook}-{fault}")
        for name in (*FAMILIES, *MORE)
        for hook in HOOKS
        for fault in (FAULTS if name in FAMILIES else ["1e-9"])
        if not ((name, hook) in ZERO and fault != "off by one")
        and (name, hook, fault) not in GAUGE
        and not (hook == "_draw" and fault == "1e-9")
    ]


@pytest.mark.parametrize("name", FAMILIES)
def test_without_a_fault_nothing_is_found(name):
    family, natural = FAMILIES[name]
    for hook in ("_log_prob", "_mean_to_natural", "_draw"):
        check_family(planted(family, hook, lambda x: x), natural=natural).raise_if_failed()


@pytest.mark.parametrize(("name", "hook", "fault"), visible())
def test_a_fault_in_a_hook_is_found(name, hook, fault):
    family, natural = {**FAMILIES, **MORE}[name]
    faulty = planted(family, hook, FAULTS[fault])
    assert not check_family(faulty, natural=natural, laws=HOOKS[hook]).passed


@pytest.mark.parametrize("name", [*FAMILIES, *MORE])
def test_draws_of_a_member_nearby_are_found(name):
    family, natural = {**FAMILIES, **MORE}[name]
    original = type(family)._draw

    def nearby(self, natural, source, shape):
        return original(self, 1.5 * natural, source, shape)

    faulty = of_kind(family, {"_draw": nearby})
    assert not check_family(faulty, natural=natural, laws=HOOKS["_draw"]).passed


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda s, n, *rest: POISSON(s, n, *rest) + 0.0, "not of integers"),
        (lambda s, n, _, shape: POISSON(s, n, stream(next(CALLS)), shape), "with the same seed"),
        (lambda s, n, source, shape: POISSON(s, n, source, shape[::-1]), r"shape \(3, 2\), not"),
    ],
    ids=["floats", "global", "axes"],
)
def test_what_draws_must_be_is_found_with_its_cause(draw, words):
    laws = HOOKS["_draw"]
    report = check_family(of_kind(families.Poisson(), {"_draw": draw}), natural=[0.5], laws=laws)
    assert any(re.search(words, found.numbers) for found in report.findings)
    assert {found.cause for found in report.findings} == {"_draw"}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", [*FAMILIES, *MORE])
def test_a_door_left_open_is_found(name, door):
    if (name, door) in TWICE:
        return
    family, natural = {**FAMILIES, **MORE}[name]
    assert not check_family(opened(family, door), natural=natural, laws=DOORS[door]).passed


@pytest.mark.parametrize("name", [*FAMILIES, *MORE])
def test_a_wrong_line_of_log_h_is_found(name):
    family, natural = {**FAMILIES, **MORE}[name]
    slope = family._log_base_slope()
    if slope is None:
        slope = 0.0  # as of a constant, which log h then is not
    elif family.natural_shape:
        slope = slope + 1e-9 * np.arange(1, 1 + family.natural_shape[0])
    else:
        slope = slope + 1e-9
    faulty = of_kind(family, {"_log_base_slope": lambda self: slope})
    assert not check_family(faulty, natural=natural, laws=HOOKS["_log_prob"]).passed


def test_every_family_and_every_hook_has_its_faults_and_the_page_has_them():
    assert {*FAMILIES, *MORE} == set(families.__all__)
    hooks = {name for name in vars(Contract) if callable(vars(Contract)[name]) and name[0] == "_"}
    hooks = {name for name in hooks if not name.startswith("__")} - {*HOOKS, *DOORS}
    assert hooks == {
        "_initial_natural",  # where Newton starts: another start has the same end
        "_log_base_slope",  # which not every family has: test_a_wrong_line_of_log_h_is_found
        "_in_domain",  # wider than the rules: for conjugate priors
        "_take",  # the rest is no formula
        "_inside",
        "_key",
        "_trials_like",
    } | {"_meet", "_log_share"}  # of two faces: test_face_divergences
    page = (Path(__file__).resolve().parents[1] / "docs" / "faults.md").read_text(encoding="utf-8")
    head, *rows = [line for line in page.splitlines() if line.startswith("| ")][
        : len(families.__all__) + 1
    ]
    assert re.findall("`(\\w+)`", head) == [*HOOKS, *DOORS]
    assert re.findall("^\\| `(\\w+)`", "\n".join(rows), re.M) == sorted(families.__all__)
    assert all(a == b for row in rows for a, b in re.findall(r"(\d+)/(\d+)", row))


# ------------------------------------------------------------ what is written once

ONCE = {
    "mean_parameter": "a member is what its family says",
    "log_partition": "a member is what its family says",
    "fisher_information": "a member is what its family says",
    "degrees_of_freedom": "degrees of freedom are the rank",
    "convex_conjugate": "A* is the conjugate of A",
    "log_prob": "log p is the textbook's formula",
    "score": "the score is the gradient of log p",
    "log_likelihood": "data become sums",
    "entropy": "entropy is −E log p",
    "kl": "KL is E log p/q and Bregman's divergence",
    "cross_entropy": "KL is E log p/q and Bregman's divergence",
    "cumulant_function": "cumulants are those of T",
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ONCE)
def test_a_fault_in_a_member_is_found(method, fault, monkeypatch):
    original = vars(Distribution)[method]
    plant = FAULTS[fault]
    if isinstance(original, cached_property):
        faulty: Any = property(lambda self: plant(original.func(self)))
    elif isinstance(original, property):
        faulty = property(lambda self: plant(original.fget(self)))
    else:

        def faulty(self, *arguments, **options):
            return plant(original(self, *arguments, **options))

    monkeypatch.setattr(Distribution, method, faulty)
    family, natural = FAMILIES["Multinomial"]
    assert not check_family(family, natural=natural, laws=[ONCE[method]]).passed


def shifted_index(original):
    return lambda self, key: original(self, (key[0] - 1, *key[1:]) if type(key) is tuple else key)


def dropped_rows(original):
    return lambda self, *arguments, **options: original(self, *arguments, **options)[1:]


SAID_OTHERWISE = {
    "same_member": (Distribution, lambda f: lambda p, q: not f(p, q), "values compare"),
    "always same": (Distribution, lambda f: lambda p, q: True, "values compare"),
    "__eq__": (Distribution, lambda f: lambda p, q: not f(p, q), "values compare"),
    "__hash__": (Distribution, lambda f: id, "values compare"),
    "__len__": (Distribution, lambda f: lambda p: f(p) + 1, "a batch is a loop"),
    "__getitem__": (Distribution, shifted_index, "a batch is a loop"),
    "sample": (Distribution, dropped_rows, "draws follow the member"),
    "__add__": (Statistics, lambda f: lambda a, b: f(a, a), "data become sums"),
    "__sub__": (Statistics, lambda f: lambda a, b: a, "data become sums"),
    "mean": (Statistics, lambda f: property(lambda s: 1.5 * f.fget(s)), "fits match moments"),
    "fit": (
        ExponentialFamily,
        lambda f: lambda family, *a, **o: f(family, *a, **o).family.from_natural(0.0 * np.ones(3)),
        "fits match moments",
    ),
}


@pytest.mark.parametrize("method", SAID_OTHERWISE)
def test_a_method_that_says_otherwise_is_found(method, monkeypatch):
    home, fault, law = SAID_OTHERWISE[method]
    name = "same_member" if method == "always same" else method
    monkeypatch.setattr(home, name, fault(vars(home)[name]))
    family, natural = FAMILIES["Multinomial"]
    assert not check_family(family, natural=natural, laws=[law]).passed


def test_a_fault_in_newton_is_found(monkeypatch):
    original = newton.backward
    monkeypatch.setattr(newton, "backward", lambda *a: original(*a) * (1 + 1e-9))
    family, natural = FAMILIES["Gamma"]
    report = check_family(family, natural=natural)
    assert {"the backward map inverts the forward", "fits match moments"} <= broken(report)
