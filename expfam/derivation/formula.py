"""What a family writes down, and the symbols and short words that its formulas are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from expfam.derivation.expression import Expression, Number, Symbol, tree
from expfam.derivation.nodes import Chain, Function, Items, log
from expfam.derivation.windows import Range, Window
from expfam.family import ExponentialFamily

i, j, n, pi = Symbol("i"), Symbol("j"), Symbol("trials"), Symbol("π")
dots, infinity = Symbol("…"), Symbol("∞")
half = Number(Fraction(1, 2))


Words = Expression | str | tuple[str | Expression, ...]  # formulas, words, or both on one line


@dataclass(frozen=True)
class Formulas:
    """One family's formulas, and what its card shows beside them.

    family: the one on the card; what: its observations, in a line. usual: the parameters that
    everybody knows, as trees in η; forward is in these, backward in μ (None without closed form),
    the rest as it is most familiar. mle: chains that hold at the fit of data. closure: which
    infinite parameters are members. example: a natural parameter with round numbers; other: one
    more of the card's family, at which formulas are checked. componentwise: that maps and usual
    parameters are written for a component i. Pictures show means from 0 to a little above the
    example's unless `means` says otherwise, and of two parameters what a `window` says. of: the
    formulas of another family of this kind, where they hang on what it is made of.
    """

    family: ExponentialFamily
    what: Words
    support: Expression
    domain: Words
    statistic: Expression
    base: Expression
    log_partition: Expression
    usual: Mapping[str, Expression]
    forward: Expression
    backward: Expression | None
    fisher: Expression
    entropy: Expression
    kl: Expression
    mle: tuple[Chain, ...]
    mean_space: Words
    closure: Words
    example: Callable[[Any], Any]
    other: Any
    componentwise: bool = False
    of: Callable[[Any], Formulas] | None = None
    means: Range | None = None
    window: Window | None = None


def member_of(left: Expression, right: Expression) -> Chain:
    return Chain((left, right), ("∈",))


def set_of(*items: Expression | int) -> Items:
    return Items(tuple(map(tree, items)), "{}")


def less(*sides: Any) -> Chain:
    return Chain(tuple(map(tree, sides)), ("<",) * (len(sides) - 1))


def more(left: Expression, right: Any) -> Chain:
    return Chain((left, tree(right)), (">",))


def both(*parts: Expression) -> Chain:
    return Chain(parts, (",",) * (len(parts) - 1))


def log_gamma(value: Expression) -> Expression:
    return Function("log Γ", value)


def psi(value: Expression) -> Expression:
    """The digamma function."""
    return Function("ψ", value)


def ratio_divergence(first: Expression, second: Expression) -> Expression:
    """r − 1 − log r of the ratio r of the first to the second."""
    return log(second / first) + first / second - 1


def other(symbol: Symbol) -> Symbol:
    """The same letter of the other member."""
    return Symbol(symbol.role, symbol.glyph, prime=True)


def at(*natural: float) -> Callable[[ExponentialFamily], Any]:
    """An example that is the same for every member of a kind of families."""
    return lambda family: natural[0] if len(natural) == 1 else list(natural)
