"""Every formula of a family against the family's own arithmetic, at one member."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from expfam.derivation.expression import Expression
from expfam.derivation.formulas import Formulas
from expfam.derivation.nodes import Chain
from expfam.derivation.notation import NOTATIONS, Notation
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
        pairs = list(_pairs(formulas, p, other, draws, notation))
    for what, formula, expected in pairs:
        tree = notation.write(formula)
        inside = with_support(scope, p) if what == "entropy" else scope
        if inside is None:
            continue
        with np.errstate(all="ignore"):
            gap = _gap(tree.value(inside), expected)
        found[what] = max(gap, found.get(what, 0.0))
    inside = scope_of(p.family.fit(draws), data=draws)
    with np.errstate(all="ignore"):
        found["mle"] = max(_sides(notation.write(chain), inside) for chain in formulas.mle)
    return found


def _pairs(
    formulas: Formulas, p: Distribution, other: Distribution, x: np.ndarray, notation: Notation
) -> Iterator[tuple[str, Expression, Any]]:
    family, eta = p.family, p.natural_parameter
    yield "definition", notation.definition, np.exp(p.log_prob(x))
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
    return float(np.max(difference / (1 + np.abs(expected))))


def _sides(chain: Expression, scope: Any) -> float:
    if not isinstance(chain, Chain):
        raise TypeError("a fit is given by equations")
    first, *rest = (side.value(scope) for side in chain.sides)
    return max(_gap(side, first) for side in rest)
