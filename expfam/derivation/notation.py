"""The letters and names of books, and rules where a book writes another quantity: g for exp(−A).

A rule gives a tree of the same value, so that letters and names change and numbers do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from expfam.derivation.expression import Applied, Expression, Minus, Number, Power, Symbol, Times
from expfam.derivation.nodes import Density, Function, Inner, exp

natural, mean, x = Symbol("natural"), Symbol("mean"), Symbol("x")
T, A, h, k, g = (Symbol(letter) for letter in "TAhkg")
density = Density(Symbol("p"), x, natural)

_LETTERS = {
    "natural": "η",
    "mean": "μ",
    "centre": "m",
    "variance": "v",
    "covariance": "Σ",
    "dimension": "d",
    "deviation": "σ",
    "shape": "α",
    "rate": "β",
    "intensity": "λ",
    "share": "p",
    "success": "p",
    "trials": "n",
    "failure": "q",
    "scale": "s",
    "power": "k",
    "degrees": "k",
    "successes": "r",
    "index": "α",
    "tilt": "λ",
    "precision": "λ",
    "minimum": "m",
    "location": "m",
    "both": "ν",
    "first": "α",
    "second": "β",
    "concentration": "α",
    "order": "ν",
    "ones": "1",
    "low": "a",
    "high": "b",
    "statistic": "t",
    "weights": "w",
}
_NAMES = {
    "natural": "natural parameter",
    "mean": "mean parameter",
    "T": "sufficient statistic",
    "A": "log-partition function",
    "h": "base measure",
    "A*": "convex conjugate",
    "forward": "forward map",
    "backward": "backward map",
}


@dataclass(frozen=True)
class Notation:
    """How one book writes: letters and names by role, rules by the role that they rewrite."""

    title: str
    source: str
    letters: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Callable[..., Expression]] = field(default_factory=dict)
    definition: Expression = h(x) * exp(Inner(natural, T(x)) - A(natural))
    density: str = ";"
    logarithm: str = "log"
    transposed: bool = False
    remark: str = ""

    def name(self, role: str) -> str:
        """What the book calls it."""
        return self.names.get(role) or _NAMES[role]

    def write(self, tree: Expression) -> Expression:
        """The tree in this notation, of the same value."""
        node = tree.rebuilt(self.write)
        if isinstance(node, Symbol):
            if node.role in self.rules:
                return self.rules[node.role](node)
            known = self.letters.get(node.role) or _LETTERS.get(node.role)
            letter = known or node.glyph or node.role
            return replace(node, glyph=letter)
        if isinstance(node, Applied) and isinstance(node.function, Symbol):
            rule = self.rules.get(f"{node.function.role}()")
            return rule(*node.arguments) if rule else node
        if isinstance(node, Density):
            return replace(node, style=self.density)
        if isinstance(node, Inner):
            return replace(node, transposed=self.transposed)
        if (
            isinstance(node, Function)
            and node.name in ("log", "log Γ", "log B")
            and self.logarithm != "log"
        ):
            node = replace(node, shown=node.name.replace("log", self.logarithm, 1))
        return _simple(node)


def _simple(node: Expression) -> Expression:
    """−(−a) is a, log exp a is a, exp a · exp b is exp(b + a): what rules leave behind."""
    if isinstance(node, Minus) and isinstance(node.body, Minus):
        return node.body.body
    if isinstance(node, Function) and isinstance(node.body, Function):
        undone = {node.name, node.body.name} == {"log", "exp"}
        return node.body.body if undone else node
    if isinstance(node, Times) and any(isinstance(factor, Minus) for factor in node.factors):
        factors = [f.body if isinstance(f, Minus) else f for f in node.factors]
        odd = sum(isinstance(f, Minus) for f in node.factors) % 2
        return Minus(Times(tuple(factors))) if odd else Times(tuple(factors))
    if node == Function("log", Number(1)):
        return Number(0)
    if isinstance(node, Times) and all(map(_is_exp, node.factors)):
        first, *rest = (factor.body for factor in node.factors)  # type: ignore[attr-defined]
        return exp(sum(rest[1:], rest[0]) + first) if rest else node
    if isinstance(node, Power) and isinstance(node.base, Power):
        inside, outside = node.base.exponent, node.exponent
        return Power(node.base.base, _simple(inside * outside))
    if isinstance(node, Times) and all(isinstance(factor, Number) for factor in node.factors):
        return Number(math.prod(factor.number for factor in node.factors))  # type: ignore[attr-defined]
    return node


def _is_exp(node: Expression) -> bool:
    return isinstance(node, Function) and node.name == "exp"


def _with(role: str, glyph: str = "") -> Symbol:
    return Symbol(role, glyph or role)


def _sigma_squared(variance: Symbol) -> Expression:
    return Power(Symbol("deviation", "σ", variance.prime), Number(2))


_GAUSS = {"centre": "μ"}
_BY_DEVIATION = {"variance": _sigma_squared}

NOTATIONS: dict[str, Notation] = {
    "expfam": Notation("expfam", "expfam (docs/families.md)"),
    "wainwright_jordan": Notation(
        "Wainwright and Jordan",
        "Wainwright and Jordan (2008), Graphical Models, Exponential Families, and Variational "
        "Inference, sections 3.2, 3.5 and 3.6",
        letters={"natural": "θ", "T": "φ"},
        names={
            "natural": "canonical parameter",
            "T": "sufficient statistic",
            "A": "cumulant function",
            "A*": "conjugate dual",
            "forward": "forward mapping",
            "backward": "backward mapping",
        },
        density="index",
        remark="In the book p is a density with respect to a measure ν; here h is that of ν.",
    ),
    "bishop": Notation(
        "Bishop",
        "Bishop (2006), Pattern Recognition and Machine Learning, section 2.4, equations 2.194 "
        "to 2.228",
        letters={"T": "u"},
        names={
            "natural": "natural parameter",
            "mean": "expectation of u",
            "A": "negative logarithm of the coefficient g",
            "h": "factor h",
        },
        rules={
            "A()": lambda a: Minus(log_g(a)),
            "∇A()": lambda a: Minus(_with("∇ ln g")(a)),
            "∇²A()": lambda a: Minus(_with("∇² ln g")(a)),
        },
        definition=h(x) * g(natural) * exp(Inner(natural, T(x))),
        density="|",
        logarithm="ln",
        transposed=True,
        remark="The book has no letter for E u(x) in general, nor for the convex conjugate: μ (as "
        "in its multinomial) and A* are used here.",
    ),
    "murphy": Notation(
        "Murphy",
        "Murphy (2022), Probabilistic Machine Learning: An Introduction, section 3.4",
        letters={"mean": "m", "minimum": "a", "location": "a", **_GAUSS},
        names={
            "natural": "natural parameter (canonical parameter)",
            "mean": "moment parameter",
            "A": "log partition function",
            "h": "base measure (scaling constant)",
        },
        rules=_BY_DEVIATION,
        density="|",
        transposed=True,
        remark="The moment parameter and its m are of the second volume (2023), section 2.4.",
    ),
    "nielsen": Notation(
        "Nielsen and Garcia",
        "Nielsen and Garcia (2009), Statistical exponential families: a digest with flash cards, "
        "section 1",
        letters={
            "natural": "θ",
            "mean": "η",
            "T": "t",
            "A": "F",
            "A*": "F*",
            "∇A": "∇F",
            "∇²A": "∇²F",
            "∇A*": "∇F*",
            **_GAUSS,
        },
        names={
            "mean": "expectation parameter",
            "A": "log-normalizer",
            "h": "carrier measure k",
            "A*": "Legendre dual",
        },
        rules={"h()": lambda a: exp(_with("k")(a)), **_BY_DEVIATION},
        definition=exp(Inner(T(x), natural) - A(natural) + k(x)),
    ),
}


def log_g(parameter: Expression) -> Expression:
    """ln g(η), for −A(η)."""
    return Function("log", _with("g")(parameter), "ln")


def notation_of(name: str) -> Notation:
    """The notation with this name. Errors: ValueError for another."""
    if name not in NOTATIONS:
        known = ", ".join(NOTATIONS)
        raise ValueError(f"explain: notation must be one of {known}; got {name!r}")
    return NOTATIONS[name]
