"""The nodes of vectors and matrices: parts of a parameter, products, inverses, blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.derivation.expression import Expression, Number, Power, Scope, Symbol
from expfam.derivation.nodes import Absolute, Items, Matrix


@dataclass(frozen=True)
class Part(Expression):
    """η₁ or μ₂, the whole vector or matrix that a family names; η₁ᵢ with an index."""

    base: Expression
    place: int
    index: Expression | None = None

    def value(self, scope: Scope) -> Any:
        part = scope["unpack"](self.base.value(scope))[self.place - 1]
        return part if self.index is None else part[..., self.index.value(scope) - 1]


@dataclass(frozen=True)
class Parts(Items):
    """(m, Σ + mmᵀ): what is shown by parts is one flat parameter."""

    def value(self, scope: Scope) -> Any:
        return scope["pack"](*(item.value(scope) for item in self.items))


@dataclass(frozen=True)
class Length(Absolute):
    """|x| of a vector."""

    def value(self, scope: Scope) -> Any:
        return np.linalg.norm(self.body.value(scope), axis=-1)


@dataclass(frozen=True)
class Product(Expression):
    """A matrix times a vector or a matrix."""

    left: Expression
    right: Expression

    def value(self, scope: Scope) -> Any:
        return np.matmul(self.left.value(scope), self.right.value(scope))


@dataclass(frozen=True)
class Kronecker(Expression):
    """a ⊗ b, of matrices; a vector is a column."""

    left: Expression
    right: Expression

    def value(self, scope: Scope) -> Any:
        return np.kron(_column(self.left.value(scope)), _column(self.right.value(scope)))


@dataclass(frozen=True)
class Quadratic(Expression):
    """xᵀPx, of one vector or of many."""

    matrix: Expression
    vector: Expression

    def value(self, scope: Scope) -> Any:
        x = self.vector.value(scope)
        return np.einsum("...i,ij,...j->...", x, self.matrix.value(scope), x)


@dataclass(frozen=True)
class Inverse(Expression):
    body: Expression

    def spelled(self) -> Expression:
        return Power(self.body, Number(-1))

    def value(self, scope: Scope) -> Any:
        return np.linalg.inv(self.body.value(scope))


@dataclass(frozen=True)
class Transposed(Expression):
    """A vector as a row."""

    body: Expression

    def value(self, scope: Scope) -> Any:
        return np.asarray(self.body.value(scope))[None, :]


@dataclass(frozen=True)
class Identity(Symbol):
    """I, of vectors (order 1) or of their pairs x ⊗ y (order 2)."""

    order: int = 1

    def value(self, scope: Scope) -> Any:
        return np.eye(scope["dimension"] ** self.order)


@dataclass(frozen=True)
class Exchange(Symbol):
    """K, which takes x ⊗ y to y ⊗ x."""

    def value(self, scope: Scope) -> Any:
        d = scope["dimension"]
        return np.eye(d * d).reshape(d, d, d, d).swapaxes(0, 1).reshape(d * d, d * d)


@dataclass(frozen=True)
class Blocks(Matrix):
    """A matrix of matrices; a vector is a column."""

    def value(self, scope: Scope) -> Any:
        return np.block([[_column(cell.value(scope)) for cell in row] for row in self.rows])


def _column(value: Any) -> Any:
    return value[:, None] if np.ndim(value) == 1 else value
