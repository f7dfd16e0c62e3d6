"""A family whose hooks run on another array library, for laws that speak numpy."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import array_api_compat as compat
import numpy as np
from backends import OPERATIONS, listed

from expfam.arrays import host, is_foreign
from expfam.family import ExponentialFamily, Rule

# Each hook, and the operation that the table of the docs lists where it does not run.
HOOKS = {
    "_sufficient_statistic": "T",
    "_log_base_measure": "h",
    "_log_partition": "A",
    "_natural_to_mean": "forward map",
    "_mean_to_natural": "backward map",
    "_member_of": "fit",
    "_fisher_information": "Fisher",
    "_fisher_product": "Fisher product",
    "_log_prob": "log p",
    "_exponent": "A*",
    "_entropy": "entropy",
    "_kl": "KL",
    "_degrees_of_freedom": "free parameters",
    "_canonical": "cumulants",
}
RULES = {"_natural_rules": "A", "_mean_rules": "backward map", "_observation_rules": "T"}
OF_DATA = ("_sufficient_statistic", "_log_base_measure", "_observation_rules")
WHOLE = ("_sufficient_statistic", "_degrees_of_freedom")  # may count in integers


def runs_there(family: ExponentialFamily, xp: SimpleNamespace) -> set[str]:
    """The operations on a family that run on a library, by the table of the docs."""
    return set(OPERATIONS) - listed()[family.name, xp.name]


def elsewhere(family: ExponentialFamily, xp: SimpleNamespace) -> Any:
    """The family with its hooks and rules on xp's arrays: numpy's go there, and results that are
    xp's, on the device of what went in and of float64, come back. What the table of the docs says
    does not run there stays numpy's, and so do draws and, on jax, rules.
    """
    kind, runs = type(family), runs_there(family, xp)
    methods = {hook: hook_there(kind, hook, xp) for hook in HOOKS if HOOKS[hook] in runs}
    if xp.name != "jax":  # which would compile every comparison for every shape
        methods |= {rules: rules_there(kind, rules, xp) for rules in RULES if RULES[rules] in runs}
    return of_kind(family, methods)


def of_kind(family: ExponentialFamily, methods: dict[str, Any]) -> Any:
    """The family with other methods."""
    return _of_class(family, type(type(family).__name__, (type(family),), methods))


def _of_class(family: ExponentialFamily, kind: type) -> Any:
    twin = copy.copy(family)
    object.__setattr__(twin, "__class__", kind)
    return twin


def hook_there(kind: type, hook: str, xp: SimpleNamespace) -> Callable[..., Any]:
    original = getattr(kind, hook)
    there = compiled(original) if xp.name == "jax" and hook != "_member_of" else original

    def run(self: Any, *arguments: Any) -> Any:
        family = _of_class(self, kind)  # whose hooks ask each other, and numpy's where they need it
        value = there(family, *(_there(xp, value, hook) for value in arguments))
        if hook == "_member_of":
            return value[0], _back(value[1], xp, hook)
        return _back(value, xp, hook)

    return run


def compiled(hook: Callable[..., Any]) -> Callable[..., Any]:
    """A hook as jax compiles it, which is sooner done than to compile its every step."""
    import jax

    return jax.jit(hook, static_argnums=0)


def rules_there(kind: type, rules: str, xp: SimpleNamespace) -> Callable[..., Iterator[Rule]]:
    original = getattr(kind, rules)

    def run(self: Any, array: Any) -> Iterator[Rule]:
        there = is_foreign(array)
        for rule in original(self, array if there else _there(xp, array, rules)):
            ok, came = (rule.ok, rule.came) if there else map(_numpy, (rule.ok, rule.came))
            yield rule._replace(ok=ok, came=came)

    return run


def _there(xp: SimpleNamespace, value: Any, hook: str) -> Any:
    """A copy on xp; of integers where a family takes x alone, as members take it in floats."""
    whole = np.asarray(value).dtype.kind in "iu" and hook in OF_DATA
    dtype = xp.module.int64 if whole else xp.module.float64
    return xp.module.asarray(np.array(value), dtype=dtype, **xp.place)


def _back(value: Any, xp: SimpleNamespace, hook: str) -> Any:
    if isinstance(value, int) and hook == "_degrees_of_freedom":
        return value
    assert is_foreign(value), f"{hook} gives a {type(value).__name__} on {xp.name}"
    whole = hook in WHOLE and value.dtype == xp.module.int64
    assert whole or value.dtype == xp.module.float64, f"{hook} gives {value.dtype} on {xp.name}"
    device = compat.device(xp.module.asarray(0.0, **xp.place))
    assert compat.device(value) == device, f"{hook} gives an array on {compat.device(value)}"
    return _numpy(value)


def _numpy(value: Any) -> np.ndarray:
    return np.array(host(value))
