"""The nodes of families that are made of others: what belongs to a part, and all parts together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import block_diag

from expfam.derivation.expression import (
    Component,
    Expression,
    Number,
    Power,
    Scope,
    Symbol,
    Times,
)
from expfam.derivation.nodes import Items, Over

_UNMARKED = ("π", "e", "∞", "ℝ", "…", "i", "j", "y")  # constants, and what sums run over


@dataclass(frozen=True)
class Scaled(Expression):
    """A number times a vector or matrix; of every point at once, where there are many."""

    factor: Expression
    body: Expression

    def spelled(self) -> Expression:
        return Times((self.factor, self.body))

    def value(self, scope: Scope) -> Any:
        factor, body = np.asarray(self.factor.value(scope)), np.asarray(self.body.value(scope))
        return factor.reshape(factor.shape + (1,) * (body.ndim - factor.ndim)) * body


@dataclass(frozen=True)
class OfPart(Expression):
    """A formula in the letters of one part, A_i(η_i); with a free index, of all parts in a row.

    vector: that it has entries, as T and η, which parts of one parameter have as a number.
    """

    body: Expression
    index: Expression
    vector: bool = False

    def spelled(self) -> Expression:
        return _marked(self.body, self.index)

    def value(self, scope: Scope) -> Any:
        place = self.index.value(scope)
        if np.ndim(place) == 0:
            return self._of(int(place) - 1, scope)
        values = [np.asarray(self._of(k, scope)) for k in range(len(scope["parts"]))]
        if not self.vector:
            return np.stack(values, axis=-1)
        numbers = (np.ndim(part["natural"]) == 0 for part, _ in scope["parts"])
        rows = [v[..., None] if one else v for v, one in zip(values, numbers, strict=True)]
        return np.concatenate(rows, axis=-1)

    def _of(self, k: int, scope: Scope) -> Any:
        part, cut = scope["parts"][k]
        own = {letter: cut(scope[letter]) for letter in ("x", "data") if scope[letter] is not None}
        return self.body.value({**part, **own})


def _marked(tree: Expression, index: Expression) -> Expression:
    """The tree with an index at each letter."""
    if isinstance(tree, Symbol):
        return tree if tree.role in _UNMARKED else Component(tree, index)
    return tree.rebuilt(lambda part: _marked(part, index))


@dataclass(frozen=True)
class Each(Expression):
    """(T₁(x₁), …, T_K(x_K)): the vectors of all parts, one after another."""

    body: OfPart

    def spelled(self) -> Expression:
        first, last = (OfPart(self.body.body, at) for at in (Number(1), Symbol("K")))
        return Items((first.spelled(), Symbol("…"), last.spelled()))

    def value(self, scope: Scope) -> Any:
        return self.body.value(scope)


@dataclass(frozen=True)
class DirectSum(Over):
    """⊕ of matrices: blocks along the diagonal."""

    def value(self, scope: Scope) -> Any:
        places = range(1, scope["K"] + 1)
        return block_diag(*(self.body.value({**scope, self.index.role: k}) for k in places))


def space(dimension: Expression) -> Expression:
    """ℝᵈ."""
    return Power(Symbol("ℝ"), dimension)
