"""A formula as a tree: written once, it is shown in any form and evaluated to a number.

A tree is evaluated in a scope, a dict from roles to values: numbers and vectors for symbols,
functions for the letters that are applied. An index counts from 1, along a last axis, so that a
tree in which i stands free has the value of all components at once. Everywhere 0·∞ = 0, as in
⟨η, T⟩ on the boundary.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Scope = Mapping[str, Any]


class Expression:
    """What every node can: arithmetic with Python's signs, evaluation, a walk over its parts."""

    def value(self, scope: Scope) -> Any:
        """The number, vector or matrix that the tree stands for."""
        raise TypeError(f"{type(self).__name__} is shown, not evaluated")

    def spelled(self) -> Expression | None:
        """The tree that it is shown as; None for what has a form of its own."""
        return None

    def rebuilt(self, walk: Callable[[Expression], Expression]) -> Expression:
        """The same node with a walk taken over each of its parts."""

        def part(value: Any) -> Any:
            if isinstance(value, Expression):
                return walk(value)
            return tuple(map(part, value)) if isinstance(value, tuple) else value

        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return type(self)(**{f.name: part(getattr(self, f.name)) for f in fields})

    def __add__(self, other: Any) -> Expression:
        return Add((*_terms(self), *_terms(tree(other))))

    def __sub__(self, other: Any) -> Expression:
        return Add((*_terms(self), Minus(tree(other))))

    def __mul__(self, other: Any) -> Expression:
        return Times((*_factors(self), *_factors(tree(other))))

    def __rmul__(self, other: Any) -> Expression:
        return tree(other) * self

    def __rsub__(self, other: Any) -> Expression:
        return tree(other) - self

    def __radd__(self, other: Any) -> Expression:
        return tree(other) + self

    def __truediv__(self, other: Any) -> Expression:
        return Ratio(self, tree(other))

    def __rtruediv__(self, other: Any) -> Expression:
        return Ratio(tree(other), self)

    def __pow__(self, other: Any) -> Expression:
        return Power(self, tree(other))

    def __neg__(self) -> Expression:
        return Minus(self)

    def __getitem__(self, index: Any) -> Expression:
        return Component(self, tree(index))

    def __call__(self, *arguments: Any) -> Expression:
        return Applied(self, tuple(map(tree, arguments)))


def tree(value: Any) -> Expression:
    """A number as a tree; a tree as it is."""
    return value if isinstance(value, Expression) else Number(value)


def _terms(node: Expression) -> tuple[Expression, ...]:
    return node.terms if isinstance(node, Add) else (node,)


def _factors(node: Expression) -> tuple[Expression, ...]:
    return node.factors if isinstance(node, Times) else (node,)


@dataclass(frozen=True)
class Number(Expression):
    number: int | float | Fraction

    def value(self, scope: Scope) -> Any:
        return self.number if isinstance(self.number, int) else float(self.number)


@dataclass(frozen=True)
class Symbol(Expression):
    """A letter by its role; the glyph is that of the notation, by default the role itself."""

    role: str
    glyph: str = ""
    prime: bool = False  # of the other member

    def value(self, scope: Scope) -> Any:
        return scope[self.role + "′" * self.prime]


@dataclass(frozen=True)
class Words(Expression):
    """Words or signs amid a formula."""

    text: str


@dataclass(frozen=True)
class Component(Expression):
    """One entry of a vector, or with a free index all of them; entries count from 1."""

    base: Expression
    index: Expression

    def value(self, scope: Scope) -> Any:
        return np.asarray(self.base.value(scope))[..., self.index.value(scope) - 1]


@dataclass(frozen=True)
class Applied(Expression):
    function: Expression
    arguments: tuple[Expression, ...]

    def value(self, scope: Scope) -> Any:
        return self.function.value(scope)(*(argument.value(scope) for argument in self.arguments))


@dataclass(frozen=True)
class Given(Component):
    """t of a point, t_x: a row of a table that the family has of its points."""

    def value(self, scope: Scope) -> Any:
        x, points = np.asarray(self.index.value(scope)), scope["points"]
        same = x.reshape(-1, 1, *points.shape[1:]) == points
        place = same.reshape(*same.shape[:2], -1).all(axis=-1).argmax(axis=-1)
        return self.base.value(scope)[place.reshape(x.shape[: x.ndim - points.ndim + 1])]


@dataclass(frozen=True)
class Add(Expression):
    terms: tuple[Expression, ...]

    def value(self, scope: Scope) -> Any:
        total = self.terms[0].value(scope)
        for term in self.terms[1:]:
            total = total + term.value(scope)
        return total


@dataclass(frozen=True)
class Minus(Expression):
    body: Expression

    def value(self, scope: Scope) -> Any:
        return -np.asarray(self.body.value(scope), dtype=float)[()]


@dataclass(frozen=True)
class Times(Expression):
    factors: tuple[Expression, ...]

    def value(self, scope: Scope) -> Any:
        product: Any = 1.0
        for factor in self.factors:
            other = np.asarray(factor.value(scope), dtype=float)
            product = np.where((np.asarray(product) == 0) | (other == 0), 0.0, product * other)
        return product[()]


@dataclass(frozen=True)
class Ratio(Expression):
    above: Expression
    below: Expression

    def value(self, scope: Scope) -> Any:
        return np.divide(self.above.value(scope), self.below.value(scope))


@dataclass(frozen=True)
class Power(Expression):
    base: Expression
    exponent: Expression

    def value(self, scope: Scope) -> Any:
        return np.power(np.asarray(self.base.value(scope), float), self.exponent.value(scope))


@dataclass(frozen=True)
class Root(Expression):
    body: Expression

    def value(self, scope: Scope) -> Any:
        return np.sqrt(self.body.value(scope))
