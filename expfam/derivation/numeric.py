"""Numbers in place of letters: a formula with the values of one member put in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam.derivation.expression import (
    Add,
    Component,
    Expression,
    Given,
    Number,
    Scope,
    Symbol,
    Times,
)
from expfam.derivation.matrices import Part
from expfam.derivation.nodes import Expectation, Items, Matrix, Over
from expfam.derivation.parts import DirectSum, Each, OfPart

_TERMS = 3  # of a sum, written out
_ENTRIES = 6  # of a vector
_SIDE = 4  # of a matrix
_WHOLE = 1e15  # below, whole numbers are shown with all their digits
_ROUNDING = 1e-13  # relative: 3.9000000000000004 is 3.9
_DOTS = Symbol("…")


def number(value: Any) -> Number:
    """A value as a leaf; whole numbers without a point."""
    value = float(value)
    return Number(int(value) if value.is_integer() and abs(value) < _WHOLE else value)


def entries(value: Any) -> Expression:
    """A number, vector or matrix written out, its middle left out where it is long."""
    array = np.asarray(value, dtype=float)
    if array.ndim == 0:
        return number(array)
    if array.ndim == 1:
        cells = [number(cell) for cell in array]
        if len(cells) > _ENTRIES:
            cells = [*cells[: _ENTRIES - 2], _DOTS, cells[-1]]  # type: ignore[list-item]
        return Items(tuple(cells))
    return Matrix(tuple(tuple(number(cell) for cell in row) for row in array))


def fits(value: Any) -> bool:
    """Whether it is shown whole enough: no matrix of many rows."""
    return np.ndim(value) < 2 or len(value) <= _SIDE


def put_in(node: Expression, scope: Scope) -> Expression:
    """The tree with numbers for letters; a sum over categories written out."""
    if isinstance(node, Over) and not node.of_points and not isinstance(node, DirectSum):
        return _written_out(node, scope)
    if isinstance(node, Expectation):
        return number(node.value(scope)) if "probabilities" in scope else node
    if isinstance(node, Given):  # of a point that a sum runs over
        return node
    if isinstance(node, Component):
        entry = np.asarray(node.value(scope))
        return number(entry) if entry.ndim == 0 else node
    if isinstance(node, Part | OfPart | Each | DirectSum):
        part = node.value(scope)
        return entries(part) if fits(part) else node
    if isinstance(node, Symbol):
        value = scope.get(node.role + "′" * node.prime)
        if node.role in ("π", "e") or value is None or callable(value) or not fits(value):
            return node
        return entries(value)
    return node.rebuilt(lambda part: put_in(part, scope))


def _written_out(node: Over, scope: Scope) -> Expression:
    size = scope["K"]
    places = list(range(1, size + 1)) if size <= _TERMS + 1 else [1, 2, size]
    terms = [put_in(node.body, {**scope, node.index.role: place}) for place in places]
    if len(places) < size:
        terms.insert(2, _DOTS)
    if len(terms) == 1:
        return terms[0]
    return Add(tuple(terms)) if node.sign == "Σ" else Times(tuple(terms))


def undefined(node: Expression, scope: Scope) -> bool:
    """Whether it is 0/0 or the like in floating point, though its limit may be a number."""
    try:
        return bool(np.isnan(np.asarray(node.value(scope), dtype=float)).any())
    except KeyError:  # a mean over x without a support
        return False


def inexact(tree: Expression) -> bool:
    """Whether six digits do not say all of some number in it."""
    if isinstance(tree, Number):
        value = tree.number
        if not isinstance(value, float):
            return False
        return math.isfinite(value) and abs(float(f"{value:.6g}") - value) > _ROUNDING * abs(value)
    found = False

    def look(part: Expression) -> Expression:
        nonlocal found
        found = found or inexact(part)
        return part

    tree.rebuilt(look)
    return found
