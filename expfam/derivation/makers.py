"""The formulas of families that are made of what they are given: points, parts, a window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from expfam import families
from expfam.derivation import windows
from expfam.derivation.counted import COUNTS
from expfam.derivation.expression import Expression, Given, Number, Symbol
from expfam.derivation.formula import Formulas, Words, dots, i, infinity, member_of, set_of
from expfam.derivation.measured import REALS
from expfam.derivation.nodes import (
    Average,
    Chain,
    Density,
    Inner,
    Outer,
    Over,
    equal,
    exp,
    log,
    total,
    vector,
)
from expfam.derivation.notation import A, T, h, mean, natural, x
from expfam.derivation.one_parameter import ONE_PARAMETER
from expfam.derivation.parts import DirectSum, Each, OfPart, Scaled, space
from expfam.derivation.shares import SHARES
from expfam.family import ExponentialFamily

y, _k = Symbol("y"), Symbol("K")
_at_y = Density(Symbol("p"), y, natural)
_other_at_y = Density(Symbol("p"), y, Symbol("natural", prime=True))


# ---------------------------------------------------------------- points


def _t(point: Symbol) -> Expression:
    return Given(Symbol("statistic"), point)


def _w(point: Symbol) -> Expression:
    return Given(Symbol("weights"), point)


def _slopes(family: ExponentialFamily) -> np.ndarray:
    """1/2, −1/4, 1/8, …"""
    return -((-0.5) ** np.arange(1, 1 + family.natural_shape[0]))


_FINITE = Formulas(
    family=families.FiniteFamily(range(5), lambda x: [x, (x - 2) ** 2]),
    what=(
        "any statistic on finitely many points; here ",
        equal(_t(x), vector(x, (x - 2) ** 2)),
        " of 0, …, 4",
    ),
    support=member_of(x, set_of(x[1], dots, x[Symbol("n")])),
    domain=member_of(natural, space(Symbol("dimension"))),
    statistic=_t(x),
    base=_w(x),
    log_partition=log(total(_w(y) * exp(Inner(natural, _t(y))), y)),
    usual={},
    forward=total(Scaled(_at_y, _t(y)), y),
    backward=None,
    fisher=total(Scaled(_at_y, Outer(_t(y) - mean, _t(y) - mean)), y),
    entropy=-total(_at_y * log(_at_y), y),
    kl=total(_at_y * log(_at_y / _other_at_y), y),
    mle=(equal(total(Scaled(_at_y, _t(y)), y), Average(_t(x))),),
    mean_space=("within the polytope that the points ", _t(x), " span"),
    closure="none; a mean on a face of the polytope has a member of a family of fewer points",
    example=_slopes,
    other=[-0.3, 0.2],
    window=windows.FIVE_POINTS,
)

# ---------------------------------------------------------------- parts


def _of_part(tree: Expression, vector: bool = False) -> OfPart:
    return OfPart(tree, i, vector)


def _examples(family: Any) -> np.ndarray:
    from expfam.derivation import example  # of a part with formulas or without

    return np.concatenate([np.ravel(example(f).natural_parameter) for f in family.factors])


_backward = Symbol("∇A*")(mean)
_PRODUCT = Formulas(
    family=families.ProductFamily(families.Poisson(), families.Binomial(4)),
    what="independent parts; here Poisson and Binomial of 4 trials",
    support=equal(x, vector(x[1], dots, x[_k])),
    domain="that of each part",
    statistic=Each(_of_part(T(x), vector=True)),
    base=Over("∏", i, _of_part(h(x))),
    log_partition=total(_of_part(A(natural)), i),
    usual={},
    forward=Each(_of_part(Symbol("∇A")(natural), vector=True)),
    backward=Each(_of_part(_backward, vector=True)),
    fisher=DirectSum("⊕", i, _of_part(Symbol("∇²A")(natural))),
    entropy=total(_of_part(Symbol("H")), i),
    kl=total(_of_part(Symbol("KL")), i),
    mle=(equal(_of_part(mean, vector=True), Average(_of_part(T(x), vector=True))),),
    mean_space="pairs, triples, … of means of the parts",
    closure="that of each part",
    example=_examples,
    other=[0.5, 0.4],
    window=windows.COUNTS,
)

# ---------------------------------------------------------------- a window

_low, _high = Symbol("low"), Symbol("high")
_window = Chain((_low, x, _high), ("≤", "≤"))
_ends: Words = (
    equal(natural, -infinity),
    ": always ",
    _low,
    "; ",
    equal(natural, infinity),
    ": always ",
    _high,
)
_WHOLE = {each.family.name: each for each in (*COUNTS, *REALS, *ONE_PARAMETER, *SHARES)}


def _to_y(tree: Expression) -> Expression:
    return y if tree == x else tree.rebuilt(_to_y)


def _within(family: Any) -> Formulas:
    """The formulas of a truncated family, with T and h of the family that it is a part of."""
    whole = _WHOLE[family.family.name]
    t, vectors = _to_y(whole.statistic), bool(family.natural_shape)
    term = exp(Inner(natural, t) if vectors else natural * t)

    def over(body: Expression) -> Expression:
        return Over("Σ" if family.discrete else "∫", y, body, _low, _high)

    def expected(value: Expression) -> Expression:
        return over(Scaled(_at_y, value) if vectors else value * _at_y)

    return replace(
        _FINITE,
        family=family,
        support=_window,
        domain=_domain(family),
        statistic=whole.statistic,
        base=whole.base,
        log_partition=log(over(term if whole.base == Number(1) else _to_y(whole.base) * term)),
        forward=expected(t),
        fisher=expected(Outer(t - mean, t - mean) if vectors else (t - mean) ** 2),
        entropy=-over(_at_y * log(_at_y)),
        kl=over(_at_y * log(_at_y / _other_at_y)),
        mle=(equal(expected(t), Average(whole.statistic)),),
        mean_space=_means(family, whole.statistic),
        closure=_ends if family.discrete else "none: no member is always at an end",
        example=lambda truncated: whole.example(truncated.family),
        window=None,
    )


def _domain(family: Any) -> Words:
    """All η of a finite window; of others, those with an integral."""
    if np.isfinite([family.low, family.high]).all():
        return member_of(natural, space(Number(2)) if family.natural_shape else Symbol("ℝ"))
    return "where the sum converges" if family.discrete else "where the integral converges"


def _means(family: Any, statistic: Expression) -> Words:
    if statistic == x:
        return Chain((_low, mean, _high), ("<", "<"))
    return "within the convex hull of ", statistic, " over the window"


_TRUNCATED = replace(
    _within(families.Truncated(families.Poisson(), 1, 6)),
    what=("a family within a window, ", _window, "; here Poisson from 1 to 6"),
    other=-0.5,
    means=(1.0, 6.0),
    of=_within,
)
MAKERS = (_FINITE, _PRODUCT, _TRUNCATED)
