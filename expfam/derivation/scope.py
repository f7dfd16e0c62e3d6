"""A member as the scope of formulas: every letter's number, every function's arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from expfam.derivation.expression import Scope
from expfam.derivation.formulas import FORMULAS, Formulas
from expfam.families import ProductFamily, Truncated
from expfam.family import Distribution, ExponentialFamily
from expfam.special import softmax

# The roles in formulas of what families fix, where they are not the names of the fields.
_ROLES = {"shape": "power", "mean": "centre"}
_NEGLIGIBLE = 1e-30  # of the largest probability
# What usual parameters are where their formulas are 0/0 or ∞/∞ in floating point.
_LIMITS: dict[str, Callable[[Scope], Any]] = {
    "share": lambda scope: softmax(scope["natural"]),
    "ρ": lambda scope: np.linalg.norm(scope["mean"]),
    "centre": lambda scope: np.zeros_like(scope["natural"]),  # of a uniform law on a sphere
}


def formulas_of(family: ExponentialFamily) -> Formulas | None:
    """The formulas of a family of this library; None for any other."""
    found = FORMULAS.get(family.name)
    if found is None or type(found.family) is not type(family):
        return None
    return found if found.of is None or family == found.family else found.of(family)


def scope_of(
    p: Distribution, other: Distribution | None = None, x: Any = None, data: Any = None
) -> dict[str, Any]:
    """The scope of one member, with another's letters primed, an observation x and data.

    Sums over x need a support, which counts of few points and one real number have.
    """
    family = p.family
    size = math.prod(family.event_shape if family.parts else family.natural_shape)
    scope: dict[str, Any] = {
        "natural": p.natural_parameter,
        "mean": p.mean_parameter,
        "trials": family.trials,
        "K": size,
        "π": math.pi,
        "e": math.e,
        "γ": 0.57721566490153286061,
        **_functions(family),
        "ones": np.ones(math.prod(family.natural_shape)),
        "i": np.arange(1, size + 1),
        "x": x,
        "data": data,
    }
    if family.points is not None:
        scope |= {"points": family.points, "weights": scope["h"](family.points)}
    if isinstance(family, Truncated):
        scope |= {"trials": family.family.trials, **_fixed(family.family)}
    if formulas_of(family) is not None:
        scope |= _fixed(family)
    if family.event_shape and not family.discrete:
        scope |= _vectors(family)
    if isinstance(family, ProductFamily):
        scope |= _parts(family, p, other)
    with np.errstate(all="ignore"):
        scope |= _usual(family, scope)
        if other is not None:
            primed = {"natural": other.natural_parameter, "mean": other.mean_parameter}
            primed |= _usual(family, {**scope, **primed})
            scope |= {f"{role}′": value for role, value in primed.items()}
    return scope


def _functions(family: ExponentialFamily) -> dict[str, Callable[..., Any]]:
    """The family's own arithmetic, by the letters that books give it."""
    return {
        "T": family.sufficient_statistic,
        "A": family.log_partition,
        "∇A": family.natural_to_mean,
        "∇A*": family.mean_to_natural,
        "∇²A": family.fisher_information,
        "A*": lambda mean: family.from_mean(mean).convex_conjugate,
        "h": lambda x: np.exp(family.log_base_measure(x)),
        "k": family.log_base_measure,
        "g": lambda natural: np.exp(-np.asarray(family.log_partition(natural)))[()],
        "∇ ln g": lambda natural: -np.asarray(family.natural_to_mean(natural))[()],
        "∇² ln g": lambda natural: -np.asarray(family.fisher_information(natural))[()],
        "p": lambda x, natural: np.exp(family.from_natural(natural).log_prob(x)),
    }


def _fixed(family: ExponentialFamily) -> dict[str, Any]:
    """What a family fixes, by role."""
    fixed = {name: v for name, v in vars(family).items() if isinstance(v, float | np.ndarray)}
    return {_ROLES.get(name, name): value for name, value in fixed.items()}


def _parts(family: ProductFamily, p: Distribution, other: Distribution | None) -> dict[str, Any]:
    """The scope of each part, and what takes its entries out of an observation."""
    ones, others = _members(family, p), _members(family, p if other is None else other)
    parts = []
    for k, (one, second) in enumerate(zip(ones, others, strict=True)):
        scope = scope_of(one, second) | {"H": one.entropy(), "KL": one.kl(second)}
        parts.append((scope, lambda x, k=k: family._observations(x)[k]))
    return {"K": len(parts), "i": np.arange(1, len(parts) + 1), "parts": parts}


def _members(family: ProductFamily, p: Distribution) -> list[Distribution]:
    naturals = family._split(p.natural_parameter)
    return [f.from_natural(eta) for f, eta in zip(family.factors, naturals, strict=True)]


def _vectors(family: ExponentialFamily) -> dict[str, Any]:
    """The dimension, the order of its Bessel functions, and parameters by their parts."""
    return {
        "dimension": math.prod(family.event_shape),
        "order": math.prod(family.event_shape) / 2 - 1,
        "pack": lambda *parts: family.pack(**dict(zip(family.parts, parts, strict=True))),
        "unpack": lambda parameter: list(family.unpack(parameter).values()),
    }


def _usual(family: ExponentialFamily, scope: Scope) -> dict[str, Any]:
    """The usual parameters by role, and the deviation where there is a variance."""
    formulas = formulas_of(family)
    usual = {} if formulas is None else formulas.usual
    values: dict[str, Any] = {}
    for role, formula in usual.items():  # later ones may be told in earlier ones
        value = formula.value({**scope, **values})
        values[role] = _LIMITS[role](scope) if role in _LIMITS and np.isnan(value).any() else value
    variance = values.get("variance", scope.get("variance"))
    if variance is not None:
        values["deviation"] = np.sqrt(variance)
    return values


def with_support(scope: Scope, p: Distribution) -> dict[str, Any] | None:
    """The scope with the member's support for sums over x, or None where there is none."""
    from expfam.checks.supports import support

    points = support(p, np.asarray(p.sample(64, rng=0)))
    if points.missing:
        return None
    weight = np.exp(points.log_weight)
    probability = weight * np.exp(np.asarray(p.log_prob(points.x)))
    x = points.x
    if not p.family.discrete:  # far out, where another member's density is 0 in doubles
        seen = probability >= _NEGLIGIBLE * probability.max()
        x, weight, probability = x[seen], weight[seen], probability[seen]
    return {**scope, "measure": (x, weight), "probabilities": (x, probability)}
