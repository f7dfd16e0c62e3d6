"""Every formula of a family against the family's own arithmetic, at one member."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from expfam.derivation.expression import Expression
from expfam.derivation.formulas import Formulas
from expfam.derivation.nodes import over_points
from expfam.derivation.notation import NOTATIONS, Notation, density
from expfam.derivation.scope import formulas_of, scope_of, with_support
from expfam.family import Distribution

_DRAWS = 5


def gaps(
    p: Distribution, other: Distribution, notation: Notation = NOTATIONS["expfam"]
) -> dict[str, float]:
    """The largest difference of each formula from what the family computes, relative to 1 + size.

    At the finite members p and `other` and at five draws of p. A formula that needs a sum over
    more points than there is room for is left out.

    >>> from expfam import Poisson
    >>> worst = gaps(Poisson().from_mean(2.5), Poisson().from_mean(4.0))
    >>> sorted(worst), max(worst.values()) < 1e-12
    (['A', 'T', 'backward', 'definition', 'entropy', 'fisher', 'forward', 'h', 'kl', 'mle'], True)
    """
    formulas = formulas_of(p.family)
    if formulas is None:
        raise ValueError(f"{p.family.name}: there are no formulas to compare")
    draws = np.asarray(p.sample(_DRAWS, rng=0))
    scope = scope_of(p, other, x=draws, data=draws)
    found: dict[str, float] = {}
    with np.errstate(all="ignore"):
        sides = (notation.write(side).value(scope) for side in (notation.definition, density))
        found["definition"] = _gap(*sides)
        for what, formula, expected in _pairs(formulas, p, other, draws):
            inside = with_support(scope, p) if over_points(formula) else scope
            if inside is not None:
                found[what] = _gap(notation.write(formula).value(inside), expected)
        fit = p.family.fit(draws)
        fitted = scope_of(fit, data=draws)
        if any(over_points(side) for chain in formulas.mle for side in chain.sides):
            fitted = with_support(fitted, fit) or fitted
        found["mle"] = max(
            _gap(*(notation.write(side).value(fitted) for side in chain.sides))
            for chain in formulas.mle
        )
    return found


def _pairs(
    formulas: Formulas, p: Distribution, other: Distribution, x: np.ndarray
) -> Iterator[tuple[str, Expression, Any]]:
    family, eta = p.family, p.natural_parameter
    yield "T", formulas.statistic, family.sufficient_statistic(x)
    yield "h", formulas.base, np.exp(family.log_base_measure(x))
    yield "A", formulas.log_partition, p.log_partition
    yield "forward", formulas.forward, p.mean_parameter
    if formulas.backward is not None:
        yield "backward", formulas.backward, family.mean_to_natural(p.mean_parameter)
    yield "fisher", formulas.fisher, family.fisher_information(eta)
    yield "entropy", formulas.entropy, p.entropy()
    yield "kl", formulas.kl, p.kl(other)


def _gap(value: Any, expected: Any) -> float:
    value, expected = np.asarray(value, dtype=float), np.asarray(expected, dtype=float)
    if np.broadcast_shapes(value.shape, expected.shape) != expected.shape:
        return math.inf
    difference = np.where(value == expected, 0.0, np.abs(value - expected))
    worst = float(np.max(difference / (1 + np.abs(expected))))
    return math.inf if math.isnan(worst) else worst
