"""The nodes that are more than arithmetic: functions, sums, means, products, tables, chains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.betas import log_beta
from expfam.derivation.expression import Expression, Scope, Symbol, tree
from expfam.gammas import digamma, log_gamma, trigamma
from expfam.special import inner, logsumexp, softmax


@dataclass(frozen=True)
class Density(Expression):
    """p(x; η), or p(x | η), or p_η(x)."""

    letter: Expression
    x: Expression
    parameter: Expression
    style: str = ";"

    def value(self, scope: Scope) -> Any:
        return scope["p"](self.x.value(scope), self.parameter.value(scope))


def _factorial(x: Any) -> Any:
    return np.exp(log_gamma(np.asarray(x, dtype=float) + 1))


def _log_factorial(x: Any) -> Any:
    return log_gamma(np.asarray(x, dtype=float) + 1)


def _bessel(order: float, x: Any) -> Any:
    from scipy.special import iv

    return iv(order, x)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log": np.log,
    "exp": np.exp,
    "log Γ": log_gamma,
    "log B": log_beta,
    "Γ": lambda x: np.exp(log_gamma(x)),
    "ψ": digamma,
    "ψ′": trigamma,
    "I₀": lambda x: _bessel(0, x),
    "I₁": lambda x: _bessel(1, x),
    "cos": np.cos,
    "sin": np.sin,
    "arg": lambda v: np.arctan2(v[..., 1], v[..., 0]),
    "softmax": softmax,
    "logsumexp": logsumexp,
    "diag": np.diag,
    "det": np.linalg.det,
    "tr": np.trace,
    "max": np.max,
}


@dataclass(frozen=True)
class Function(Expression):
    """A function that has a name of its own: log, exp, softmax, …; some books show another."""

    name: str
    body: Expression
    shown: str = ""

    def value(self, scope: Scope) -> Any:
        if self.name == "log" and isinstance(self.body, Factorial):
            return _log_factorial(self.body.body.value(scope))
        return _FUNCTIONS[self.name](np.asarray(self.body.value(scope), dtype=float))


@dataclass(frozen=True)
class Bessel(Expression):
    """I_ν(κ), the modified Bessel function of the first kind."""

    order: Expression
    body: Expression

    def value(self, scope: Scope) -> Any:
        return _bessel(self.order.value(scope), self.body.value(scope))


@dataclass(frozen=True)
class Absolute(Expression):
    """|body|."""

    body: Expression

    def value(self, scope: Scope) -> Any:
        return np.abs(self.body.value(scope))


@dataclass(frozen=True)
class Factorial(Expression):
    body: Expression

    def value(self, scope: Scope) -> Any:
        return _factorial(self.body.value(scope))


@dataclass(frozen=True)
class Choose(Expression):
    """n choose x."""

    n: Expression
    x: Expression

    def value(self, scope: Scope) -> Any:
        n, x = self.n.value(scope), np.asarray(self.x.value(scope), dtype=float)
        return np.exp(_log_factorial(n) - _log_factorial(x) - _log_factorial(n - x))


@dataclass(frozen=True)
class Over(Expression):
    """A sum or product of the body over an index of categories; a sum or integral over all x."""

    sign: str  # Σ, ∏ or ∫
    index: Symbol
    body: Expression
    low: Expression | None = None  # the ends of a sum or integral over x
    high: Expression | None = None

    @property
    def of_points(self) -> bool:
        """Whether it is over all x, by that letter or by y beside it."""
        return self.index.role in ("x", "y")

    def value(self, scope: Scope) -> Any:
        if self.of_points:
            x, weight = scope["measure"]
            values = np.asarray(self.body.value({**scope, self.index.role: x}))
            return _summed(weight, values)
        inside = {**scope, self.index.role: np.arange(1, scope["K"] + 1)}
        values = np.asarray(self.body.value(inside), dtype=float)
        return (values.prod if self.sign == "∏" else values.sum)(axis=-1)


def _summed(weight: np.ndarray, values: np.ndarray) -> Any:
    """Σ w·v over the first axis; a float where v is a number for each w."""
    spread = weight.reshape(-1, *[1] * (values.ndim - 1))
    total = np.sum(np.where(spread > 0, spread * values, 0.0), axis=0)
    return float(total) if total.ndim == 0 else total


@dataclass(frozen=True)
class Expectation(Expression):
    """E body over x, a sum over the support."""

    body: Expression

    def value(self, scope: Scope) -> Any:
        x, probability = scope["probabilities"]
        values = np.broadcast_to(self.body.value({**scope, "x": x}), probability.shape)
        return _summed(probability, values)


def over_points(tree: Expression) -> bool:
    """Whether it holds a sum, integral or mean over all x."""
    found = isinstance(tree, Expectation) or (isinstance(tree, Over) and tree.of_points)

    def look(part: Expression) -> Expression:
        nonlocal found
        found = found or over_points(part)
        return part

    tree.rebuilt(look)
    return found


@dataclass(frozen=True)
class Average(Expression):
    """The average of the body over data, set with a bar."""

    body: Expression

    def value(self, scope: Scope) -> Any:
        return np.asarray(self.body.value({**scope, "x": scope["data"]}), float).mean(axis=0)


@dataclass(frozen=True)
class Inner(Expression):
    """⟨a, b⟩, or aᵀb where the notation writes so."""

    left: Expression
    right: Expression
    transposed: bool = False

    def value(self, scope: Scope) -> Any:
        left, right = self.left.value(scope), self.right.value(scope)
        return inner(left, right, min(np.ndim(left), np.ndim(right), 1))


@dataclass(frozen=True)
class Outer(Expression):
    """a bᵀ."""

    left: Expression
    right: Expression

    def value(self, scope: Scope) -> Any:
        left, right = self.left.value(scope), self.right.value(scope)
        return left[..., :, None] * right[..., None, :]


@dataclass(frozen=True)
class Indicator(Expression):
    """1 where both sides are equal, else 0."""

    left: Expression
    right: Expression

    def value(self, scope: Scope) -> Any:
        left, right = self.left.value(scope), self.right.value(scope)
        return (np.asarray(left)[..., None] == right).astype(float)


@dataclass(frozen=True)
class Items(Expression):
    """A vector in round brackets, a set in braces."""

    items: tuple[Expression, ...]
    braces: str = "()"

    def value(self, scope: Scope) -> Any:
        values = (np.asarray(item.value(scope), dtype=float) for item in self.items)
        return np.stack(np.broadcast_arrays(*values), axis=-1)


@dataclass(frozen=True)
class Matrix(Expression):
    rows: tuple[tuple[Expression, ...], ...]

    def value(self, scope: Scope) -> Any:
        return np.array([[float(cell.value(scope)) for cell in row] for row in self.rows])


@dataclass(frozen=True)
class Chain(Expression):
    """a = b = c …, or with ≤, ≈, ∈ between: sides and the signs before all but the first."""

    sides: tuple[Expression, ...]
    signs: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.signs) != len(self.sides) - 1:
            raise ValueError("Chain: there must be one sign fewer than sides")


def equal(*sides: Any) -> Chain:
    """a = b = c."""
    return Chain(tuple(map(tree, sides)), ("=",) * (len(sides) - 1))


def vector(*items: Any) -> Items:
    return Items(tuple(map(tree, items)))


def log(body: Any) -> Expression:
    return Function("log", tree(body))


def exp(body: Any) -> Expression:
    return Function("exp", tree(body))


def total(body: Expression, index: Symbol) -> Expression:
    return Over("Σ", index, body)
