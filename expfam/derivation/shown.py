"""A tree in any form: where brackets and signs go is said here, how they look by a `Medium`."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import singledispatch

from expfam.derivation import expression as e
from expfam.derivation import matrices, nodes
from expfam.derivation.media import Medium

CHAIN, ADD, TIMES, CALL, POWER, ATOM = range(6)
_FENCED = {
    "I₀", "I₁", "arg", "Γ", "log Γ", "log B", "ψ", "ψ′", "softmax", "logsumexp", "diag", "tr",
}  # fmt: skip
Shown = tuple[str, int]  # and how tightly it holds together


def show(node: e.Expression, medium: Medium, least: int = CHAIN) -> str:
    """The tree in a medium, in brackets where it holds less tightly than `least`."""
    text, rank = _shown(node, medium)
    return medium.fence("(", text, ")") if rank < least else text


@singledispatch
def _shown(node: e.Expression, m: Medium) -> Shown:
    spelled = node.spelled()
    if spelled is None:
        raise TypeError(f"{type(node).__name__} has no form")
    return _shown(spelled, m)


@_shown.register
def _(node: e.Number, m: Medium) -> Shown:
    number = node.number
    if isinstance(number, Fraction) and number.denominator != 1:
        text = m.small_ratio(abs(number.numerator), number.denominator)
    else:
        text = _digits(abs(number), m)  # type: ignore[arg-type]
    if math.copysign(1.0, number) < 0 and number != 0:
        return m.row(m.sign("−", prefix=True), text), ADD
    return text, POWER if isinstance(number, Fraction) else ATOM


def _digits(number: float | Fraction, m: Medium) -> str:
    if not isinstance(number, float):
        return m.number(str(number), None)
    if math.isinf(number):
        return m.symbol("∞", False)
    mantissa, _, power = f"{number:.6g}".partition("e")
    return m.number(mantissa, int(power) if power else None)


@_shown.register
def _(node: e.Symbol, m: Medium) -> Shown:
    return m.symbol(node.glyph or node.role, node.prime), ATOM


@_shown.register
def _(node: e.Words, m: Medium) -> Shown:
    return m.words(node.text), ATOM


@_shown.register
def _(node: e.Component, m: Medium) -> Shown:
    return m.index(show(node.base, m, ATOM), show(node.index, m)), ATOM


def _arguments(arguments: tuple[e.Expression, ...], m: Medium, sign: str = ",") -> str:
    parts = [show(argument, m) for argument in arguments]
    return m.row(*[piece for part in parts for piece in (m.sign(sign), part)][1:])


@_shown.register
def _(node: e.Applied, m: Medium) -> Shown:
    inside = m.fence("(", _arguments(node.arguments, m), ")")
    return m.row(show(node.function, m, ATOM), inside), ATOM


@_shown.register
def _(node: nodes.Density, m: Medium) -> Shown:
    letter, x, parameter = (show(part, m) for part in (node.letter, node.x, node.parameter))
    if node.style == "index":
        return m.row(m.index(letter, parameter), m.fence("(", x, ")")), ATOM
    inside = m.row(x, m.sign(node.style), parameter)
    return m.row(letter, m.fence("(", inside, ")")), ATOM


@_shown.register
def _(node: e.Add, m: Medium) -> Shown:
    parts = [show(node.terms[0], m, ADD)]
    for term in node.terms[1:]:
        negative = isinstance(term, e.Number) and float(term.number) < 0
        if isinstance(term, e.Minus):
            parts += [m.sign("−"), show(term.body, m, TIMES)]
        elif isinstance(term, e.Number) and negative:
            parts += [m.sign("−"), show(e.Number(-term.number), m)]
        else:
            parts += [m.sign("+"), show(term, m, ADD)]
    return m.row(*parts), ADD


@_shown.register
def _(node: e.Minus, m: Medium) -> Shown:
    return m.row(m.sign("−", prefix=True), show(node.body, m, TIMES)), ADD


def _greedy(node: e.Expression) -> bool:
    """Whether what follows would be read as part of it: log x y, Σ x y."""
    if isinstance(node, nodes.Function):
        return node.name not in _FENCED and not isinstance(node.body, e.Add | e.Minus)
    return isinstance(node, nodes.Expectation)


def _starts_with_number(node: e.Expression) -> bool:
    while isinstance(node, e.Power | nodes.Factorial):
        node = node.base if isinstance(node, e.Power) else node.body
    return isinstance(node, e.Number)


def _close(node: e.Expression) -> bool:
    """Whether it stands next to its neighbour without a space: 2mv."""
    while isinstance(node, e.Power | e.Component | matrices.Part):
        node = node.base
    return isinstance(node, e.Number | e.Symbol)


@_shown.register
def _(node: e.Times, m: Medium) -> Shown:
    text, last = "", len(node.factors) - 1
    for place, factor in enumerate(node.factors):
        open_end = place == last and (isinstance(factor, nodes.Over) or _bracketed_itself(factor))
        flat_ratio = m.flat and isinstance(factor, e.Ratio) and place == last == 0
        least = TIMES if open_end or flat_ratio else CALL
        part, fenced = _bracketed(factor, m, least)
        if not place:
            text = part
            continue
        before = node.factors[place - 1]
        decimal = isinstance(before, e.Number) and isinstance(before.number, float)
        if _greedy(before) or decimal or _starts_with_number(factor):
            text = m.row(text, m.sign("·"), part)
        else:
            close = fenced or (_close(before) and _close(factor))
            text = m.juxtaposed(text, part, close)
    return text, TIMES


def _bracketed_itself(node: e.Expression) -> bool:
    """Whether its sides stand in brackets: (t − μ)(t − μ)ᵀ."""
    return isinstance(node, nodes.Outer) and isinstance(node.left, e.Add | nodes.Items)


def _bracketed(node: e.Expression, m: Medium, least: int) -> tuple[str, bool]:
    """The tree in brackets where it needs them, and whether it did."""
    text, rank = _shown(node, m)
    return (m.fence("(", text, ")"), True) if rank < least else (text, False)


@_shown.register
def _(node: e.Ratio, m: Medium) -> Shown:
    if m.flat:
        above = show(node.above, m, TIMES)
        below = show(node.below, m, TIMES if isinstance(node.below, nodes.Over) else POWER)
    else:
        above, below = show(node.above, m), show(node.below, m)
    return m.ratio(above, below), TIMES if m.flat else CALL


@_shown.register
def _(node: e.Power, m: Medium) -> Shown:
    return m.power(show(node.base, m, ATOM), show(node.exponent, m)), POWER


@_shown.register
def _(node: e.Root, m: Medium) -> Shown:
    return m.root(show(node.body, m, ATOM if m.flat else CHAIN)), ATOM


@_shown.register
def _(node: nodes.Function, m: Medium) -> Shown:
    if isinstance(node.body, nodes.Items):
        return m.call(node.shown or node.name, _arguments(node.body.items, m), True), ATOM
    body, rank = _shown(node.body, m)
    fenced = node.name in _FENCED or (rank < CALL and not isinstance(node.body, nodes.Over))
    return m.call(node.shown or node.name, body, fenced), ATOM if fenced else CALL


@_shown.register
def _(node: nodes.Bessel, m: Medium) -> Shown:
    letter = m.index(m.symbol("I", False), show(node.order, m))
    return m.row(letter, m.fence("(", show(node.body, m), ")")), ATOM


@_shown.register
def _(node: nodes.Absolute, m: Medium) -> Shown:
    return m.fence("|", show(node.body, m), "|"), ATOM


@_shown.register
def _(node: nodes.Factorial, m: Medium) -> Shown:
    return m.row(show(node.body, m, ATOM), m.words("!")), POWER


@_shown.register
def _(node: nodes.Choose, m: Medium) -> Shown:
    return m.choose(show(node.n, m), show(node.x, m)), ATOM


@_shown.register
def _(node: nodes.Over, m: Medium) -> Shown:
    ends = [show(end, m) for end in (node.low, node.high) if end is not None]
    return m.over(node.sign, show(node.index, m), show(node.body, m, TIMES), *ends), TIMES


@_shown.register
def _(node: nodes.Expectation, m: Medium) -> Shown:
    return m.call("E", show(node.body, m, TIMES), False), CALL


@_shown.register
def _(node: nodes.Average, m: Medium) -> Shown:
    return m.bar(show(node.body, m)), ATOM


@_shown.register
def _(node: nodes.Inner, m: Medium) -> Shown:
    if node.transposed:
        left = m.transposed(show(node.left, m, ATOM))
        return m.juxtaposed(left, show(node.right, m, ATOM), True), TIMES
    return m.fence("⟨", _arguments((node.left, node.right), m), "⟩"), ATOM


@_shown.register
def _(node: nodes.Outer, m: Medium) -> Shown:
    right = m.transposed(show(node.right, m, ATOM))
    return m.juxtaposed(show(node.left, m, ATOM), right, True), TIMES


@_shown.register
def _(node: matrices.Part, m: Medium) -> Shown:
    parts = [show(part, m) for part in (e.Number(node.place), node.index) if part is not None]
    return m.index(show(node.base, m, ATOM), m.row(*parts)), ATOM


@_shown.register
def _(node: matrices.Product, m: Medium) -> Shown:
    return m.juxtaposed(show(node.left, m, CALL), show(node.right, m, CALL), True), CALL


@_shown.register
def _(node: matrices.Kronecker, m: Medium) -> Shown:
    return m.row(show(node.left, m, TIMES), m.sign("⊗"), show(node.right, m, TIMES)), TIMES


@_shown.register
def _(node: matrices.Quadratic, m: Medium) -> Shown:
    vector, matrix = show(node.vector, m, ATOM), show(node.matrix, m, POWER)
    return m.juxtaposed(m.juxtaposed(m.transposed(vector), matrix, True), vector, True), CALL


@_shown.register
def _(node: matrices.Transposed, m: Medium) -> Shown:
    return m.transposed(show(node.body, m, ATOM)), POWER


@_shown.register
def _(node: nodes.Indicator, m: Medium) -> Shown:
    inside = m.row(show(node.left, m), m.sign("="), show(node.right, m))
    return m.row(m.symbol("𝟙", False), m.fence("[", inside, "]")), ATOM


@_shown.register
def _(node: nodes.Items, m: Medium) -> Shown:
    return m.fence(node.braces[0], _arguments(node.items, m), node.braces[1]), ATOM


@_shown.register
def _(node: nodes.Matrix, m: Medium) -> Shown:
    return m.matrix([[show(cell, m) for cell in row] for row in node.rows]), ATOM


@_shown.register
def _(node: nodes.Chain, m: Medium) -> Shown:
    parts = [show(node.sides[0], m)]
    for sign, side in zip(node.signs, node.sides[1:], strict=True):
        parts += [m.sign(sign), show(side, m)]
    return m.row(*parts), CHAIN
