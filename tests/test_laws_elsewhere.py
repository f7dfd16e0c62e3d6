"""Every law at every case on array-api-strict, torch, jax and cupy; on numpy, test_laws.

Arrays of array-api-strict are on a device that they never leave unasked, as those of a GPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from backends import MOVES, library
from conftest import BACKENDS, CASES
from elsewhere import HOOKS, elsewhere, of_kind, runs_there
from test_faults import FAMILIES, FAULTS, GAUGE, ZERO
from test_faults import HOOKS as SEEN_BY

from expfam import Multinomial, Poisson, check_family
from expfam.arrays import is_foreign

OFTEN = {  # in every run
    "array_api_strict": ("Multinomial(3)", "Binomial(1)", "Gaussian"),
    "torch": ("Multinomial(labels, 4)", "Categorical(3)", "Binomial([0, 3])", "Gaussian", "Beta"),
    "jax": (),  # some laws alone, as it compiles each hook for each shape
    "cupy": ("Multinomial(labels, 4)", "Categorical(3)", "Binomial(12)", "Poisson", "Gaussian"),
}
ON_JAX = (
    "the forward map is the gradient of A",
    "the Fisher information is the Hessian of A",
    "the backward map inverts the forward",
    "KL is E log p/q and Bregman's divergence",
)
# What does not hold there, and why.
SUBNORMAL = "jax takes subnormal numbers for 0, where log x is -inf; much of the mass is among them"
SKIPPED = {
    ("jax", "Gamma, tiny"): SUBNORMAL,
    ("jax", "Gamma, far"): SUBNORMAL,
    ("jax", "ChiSquared, far"): SUBNORMAL,
    ("jax", "Beta, far"): SUBNORMAL,
    ("jax", "Dirichlet(3), edge"): SUBNORMAL,
    ("jax", "Dirichlet(50)"): SUBNORMAL,
    ("jax", "Logarithmic"): "jax's log1p is off by 2.6e-14 near -0.4; a fit matches to 9e-15",
}
REQUIRED = ("Multinomial", "Categorical", "Binomial", "Poisson", "Gaussian")


def pairs() -> Iterator[Any]:
    for backend in BACKENDS[1:]:
        for name in CASES:
            marks = [] if name in OFTEN[backend] else [pytest.mark.slow]
            yield pytest.param(backend, name, marks=marks, id=f"{backend}-{name}")


@pytest.mark.parametrize(("xp", "name"), list(pairs()), indirect=["xp"])
def test_every_law_holds_elsewhere(xp, name):
    family, natural = CASES[name]
    if not runs_there(family, xp):
        pytest.skip(f"the table of the docs has nothing of {family.name} on {xp.name}")
    if (xp.name, name) in SKIPPED:
        pytest.skip(SKIPPED[xp.name, name])
    check_family(elsewhere(family, xp), natural=natural).raise_if_failed()


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("xp", ["jax"], indirect=True)
def test_laws_of_the_maps_hold_on_jax(xp, name):
    family, natural = FAMILIES[name]
    check_family(elsewhere(family, xp), natural=natural[:1], laws=ON_JAX).raise_if_failed()


# ------------------------------------------------------------ whether the laws see what runs there


def planted(family: Any, hook: str, fault: Any) -> Any:
    """The family with a fault in a hook, but where the hook runs on numpy."""
    original = getattr(type(family), hook)

    def faulty(self: Any, *arguments: Any) -> Any:
        value = original(self, *arguments)
        if not any(map(is_foreign, arguments)):
            return value
        return (value[0], fault(value[1])) if hook == "_member_of" else fault(value)

    return of_kind(family, {hook: faulty})


def faults() -> Iterator[Any]:
    for backend in ("array_api_strict", "torch"):
        for name in REQUIRED:
            for hook in HOOKS:
                for fault in FAULTS:
                    zero = (name, hook) in ZERO and fault != "off by one"
                    if not zero and (name, hook, fault) not in GAUGE:
                        often = (backend, name, fault) == ("torch", "Multinomial", "1e-9")
                        marks = [] if often else [pytest.mark.slow]
                        yield pytest.param(backend, name, hook, fault, marks=marks)


@pytest.mark.parametrize(("xp", "name", "hook", "fault"), list(faults()), indirect=["xp"])
def test_a_fault_where_numpy_has_none_is_found(xp, name, hook, fault):
    family, natural = FAMILIES[name]
    faulty = planted(family, hook, FAULTS[fault])
    laws = SEEN_BY[hook]
    check_family(faulty, natural=natural, laws=laws).raise_if_failed()
    assert not check_family(elsewhere(faulty, xp), natural=natural, laws=laws).passed


def test_a_wrong_sign_in_the_branch_of_other_libraries_is_found():
    pytest.importorskip("torch", reason="torch is not installed")
    original = Multinomial._log_prob

    def wrong(self, natural, mean, x):
        value = original(self, natural, mean, x)
        return value - 2 * self._log_base_measure(x) if is_foreign(natural) else value

    faulty, natural = of_kind(Multinomial(3, trials=4), {"_log_prob": wrong}), np.zeros((1, 3))
    check_family(faulty, natural=natural).raise_if_failed()
    report = check_family(elsewhere(faulty, library("torch")), natural=natural)
    seen = {finding.law for finding in report.findings}
    assert {"probabilities sum to one", "log p is the textbook's formula"} <= seen


@pytest.mark.parametrize("move", ["float32", "CPU_DEVICE", "a float"])
def test_a_silent_change_of_library_type_or_device_is_found(move):
    """A strict array on its second device, of which nothing else is."""
    pytest.importorskip("array_api_strict", reason="array_api_strict is not installed")
    if move == "CPU_DEVICE" and not MOVES:
        pytest.skip("array_api_strict needs numpy 2 to move an array")
    xp = library("array_api_strict")
    change = {
        "float32": lambda value: xp.module.astype(value, xp.module.float32),
        "CPU_DEVICE": lambda value: value.to_device(xp.module.Device("CPU_DEVICE")),
        "a float": lambda value: 1.0,
    }[move]
    faulty = elsewhere(planted(Poisson(), "_entropy", change), xp)
    report = check_family(faulty, natural=0.7, laws=SEEN_BY["_entropy"])
    assert move in str(report)
