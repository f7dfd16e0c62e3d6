"""The test of the tests: faults planted in every method of every family, and the law that sees each.

A fault is a sign, a factor of two, an off-by-one or a relative error of 1e-9 in what a method
returns. A sampler gets a bias instead of the 1e-9: draws of a member nearby.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from expfam.checks import check_family
from expfam.families import Binomial, Categorical, Gamma, Gaussian, Multinomial, Poisson
from expfam.family import Distribution, ExponentialFamily
from expfam.statistics import Statistics

FAMILIES = {
    "Multinomial": (Multinomial(3, trials=4), [[0.2, -0.4, 0.5], [-0.1, -np.inf, 0.3]]),
    "Categorical": (Categorical(3), [[0.2, -0.4, 0.5], [-0.1, -np.inf, 0.3]]),
    "Binomial": (Binomial(5), [0.7, np.inf]),
    "Poisson": (Poisson(), [0.7, -np.inf]),
    "Gaussian": (Gaussian(), [[0.4, -0.7], [-0.3, -0.2]]),
    "Gamma": (Gamma(), [[0.5, -0.7], [1.5, -2.0]]),
}
HOOKS = [
    "_sufficient_statistic",
    "_log_base_measure",
    "_log_partition",
    "_natural_to_mean",
    "_mean_to_natural",
    "_fisher_information",
    "_fisher_product",
    "_log_prob",
    "_exponent",
    "_entropy",
    "_kl",
    "_degrees_of_freedom",
    "_canonical",
    "_draw",
]
FAULTS: dict[str, Callable[[Any], Any]] = {
    "none": lambda value: value,
    "sign": lambda value: -value,
    "factor": lambda value: 2 * value,
    "off by one": lambda value: value + 1,
    "1e-9": lambda value: value * (1 + 1e-9),
}
# Left out, with the reason.
INVISIBLE = {
    ("Categorical", "_log_base_measure"): ("sign", "factor", "1e-9"),  # of log h = 0
    ("Gamma", "_log_base_measure"): ("sign", "factor", "1e-9"),  # of log h = 0
}


def planted(family: ExponentialFamily, method: str, fault: Callable[[Any], Any]) -> Any:
    """The family with a fault in one of its methods."""
    original = getattr(type(family), method)

    def faulty(self: Any, *arguments: Any) -> Any:
        return fault(original(self, *arguments))

    twin = copy.copy(family)
    kind = type(type(family).__name__, (type(family),), {method: faulty})
    object.__setattr__(twin, "__class__", kind)
    return twin


def cases() -> list:
    return [
        pytest.param(name, hook, fault, id=f"{name}-{hook}-{fault}")
        for name in FAMILIES
        for hook in HOOKS
        for fault in FAULTS
        if fault not in (*INVISIBLE.get((name, hook), ()), "none")
        and not (hook == "_draw" and fault == "1e-9")
        and not (hook == "_canonical" and name not in ("Multinomial", "Categorical"))
    ]


@pytest.mark.parametrize(("name", "hook", "fault"), cases())
def test_a_fault_in_a_hook_is_found(name, hook, fault):
    family, natural = FAMILIES[name]
    report = check_family(planted(family, hook, FAULTS[fault]), natural=natural)
    assert not report.passed
    print("LAW", name, hook, fault, "|", sorted({finding.law for finding in report.findings}))
