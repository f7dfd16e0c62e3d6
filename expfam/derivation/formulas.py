"""What each family writes for T, h, A, the maps, Fisher information, entropy, KL and the fit.

Each formula stands here once, as a tree that is shown in any notation and evaluated: `gaps`
compares every one with the family's own arithmetic. A family that is not in the table is
explained by its numbers alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from expfam.derivation.expression import Expression, Number, Root, Symbol, tree
from expfam.derivation.nodes import (
    Average,
    Chain,
    Choose,
    Expectation,
    Factorial,
    Function,
    Indicator,
    Items,
    Matrix,
    Outer,
    Over,
    equal,
    exp,
    log,
    total,
    vector,
)
from expfam.derivation.notation import mean, natural, x
from expfam.family import ExponentialFamily

i, j, n, pi = Symbol("i"), Symbol("j"), Symbol("trials"), Symbol("π")
half = Number(Fraction(1, 2))


@dataclass(frozen=True)
class Formulas:
    """One family's formulas.

    usual: the parameters that everybody knows, as trees in η; forward is in these, backward in μ
    (None without closed form), the rest as it is most familiar. componentwise: that maps and
    usual parameters are written for a component i. mle: chains that hold at the fit of data.
    closure: which infinite parameters are members. example: a natural parameter with round numbers.
    """

    support: Expression
    domain: Expression
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
    mean_space: Expression
    closure: tuple[str | Expression, ...]
    example: Callable[[ExponentialFamily], Any]
    componentwise: bool = False


def _in(left: Expression, right: Expression) -> Chain:
    return Chain((left, right), ("∈",))


def _set(*items: Expression | int) -> Items:
    return Items(tuple(map(tree, items)), "{}")


def _other(symbol: Symbol) -> Symbol:
    return Symbol(symbol.role, prime=True)


def _and(*parts: Expression) -> Chain:
    return Chain(parts, (",",) * (len(parts) - 1))


def _log_counts(family: ExponentialFamily) -> np.ndarray:
    return np.log(np.arange(1.0, 1 + math.prod(family.natural_shape)))


_dots, _infinity = Symbol("…"), Symbol("∞")
_share = Symbol("share")
_softmax = exp(natural[i]) / total(exp(natural[j]), j)
_sum_of_means = equal(total(mean[i], i), n)

_MULTINOMIAL = Formulas(
    support=_and(_in(x[i], _set(0, 1, _dots, n)), equal(total(x[i], i), n)),
    domain=_in(natural[i], Symbol("ℝ")),
    statistic=x,
    base=Factorial(n) / Over("∏", i, Factorial(x[i])),
    log_partition=n * log(total(exp(natural[i]), i)),
    usual={"share": _softmax},
    forward=n * _share[i],
    backward=log(mean[i] / n),
    fisher=n * (Function("diag", _share) - Outer(_share, _share)),
    entropy=-(n * total(_share[i] * log(_share[i]), i))
    - log(Factorial(n))
    + Expectation(total(log(Factorial(x[i])), i)),
    kl=n * total(_share[i] * log(_share[i] / _other(_share)[i]), i),
    mle=(equal(_share[i], Average(x)[i] / n),),
    mean_space=_and(Chain((mean[i], Number(0)), (">",)), _sum_of_means),
    closure=(equal(natural[i], -_infinity), " where ", equal(_share[i], 0), ", not for all i"),
    example=_log_counts,
    componentwise=True,
)

_CATEGORICAL = Formulas(
    support=_in(x, _set(0, 1, _dots, Symbol("K") - 1)),
    domain=_in(natural[i], Symbol("ℝ")),
    statistic=Indicator(x, i - 1),
    base=Number(1),
    log_partition=log(total(exp(natural[i]), i)),
    usual={"share": _softmax},
    forward=_share[i],
    backward=log(mean[i]),
    fisher=Function("diag", _share) - Outer(_share, _share),
    entropy=-total(_share[i] * log(_share[i]), i),
    kl=total(_share[i] * log(_share[i] / _other(_share)[i]), i),
    mle=(equal(_share[i], Average(Indicator(x, i - 1))),),
    mean_space=_and(Chain((mean[i], Number(0)), (">",)), equal(total(mean[i], i), 1)),
    closure=(equal(natural[i], -_infinity), " where ", equal(_share[i], 0), ", not for all i"),
    example=_log_counts,
    componentwise=True,
)

_p = Symbol("success")
_BINOMIAL = Formulas(
    support=_in(x, _set(0, 1, _dots, n)),
    domain=_in(natural, Symbol("ℝ")),
    statistic=x,
    base=Choose(n, x),
    log_partition=n * log(1 + exp(natural)),
    usual={"success": 1 / (1 + exp(-natural))},
    forward=n * _p,
    backward=log(mean / (n - mean)),
    fisher=n * _p * (1 - _p),
    entropy=-(n * (_p * log(_p) + (1 - _p) * log(1 - _p))) - Expectation(log(Choose(n, x))),
    kl=n * (_p * log(_p / _other(_p)) + (1 - _p) * log((1 - _p) / (1 - _other(_p)))),
    mle=(equal(_p, Average(x) / n),),
    mean_space=Chain((Number(0), mean, n), ("<", "<")),
    closure=(
        equal(natural, -_infinity),
        ": always 0; ",
        equal(natural, _infinity),
        ": always ",
        n,
    ),
    example=lambda family: -math.log(2.0),
)

_rate = Symbol("intensity")
_POISSON = Formulas(
    support=_in(x, _set(0, 1, 2, _dots)),
    domain=_in(natural, Symbol("ℝ")),
    statistic=x,
    base=1 / Factorial(x),
    log_partition=exp(natural),
    usual={"intensity": exp(natural)},
    forward=_rate,
    backward=log(mean),
    fisher=_rate,
    entropy=_rate * (1 - log(_rate)) + Expectation(log(Factorial(x))),
    kl=_rate * log(_rate / _other(_rate)) - _rate + _other(_rate),
    mle=(equal(_rate, Average(x)),),
    mean_space=Chain((mean, Number(0)), (">",)),
    closure=(equal(natural, -_infinity), ": always 0"),
    example=lambda family: math.log(4.0),
)

_m, _v = Symbol("centre"), Symbol("variance")
_excess = mean[2] - mean[1] ** 2
_GAUSSIAN = Formulas(
    support=_in(x, Symbol("ℝ")),
    domain=_and(_in(natural[1], Symbol("ℝ")), Chain((natural[2], Number(0)), ("<",))),
    statistic=vector(x, x**2),
    base=1 / Root(2 * pi),
    log_partition=-(natural[1] ** 2 / (4 * natural[2])) - half * log(-(2 * natural[2])),
    usual={"centre": -(natural[1] / (2 * natural[2])), "variance": -(1 / (2 * natural[2]))},
    forward=vector(_m, _m**2 + _v),
    backward=vector(mean[1] / _excess, -(1 / (2 * (_excess)))),
    fisher=Matrix(((_v, 2 * _m * _v), (2 * _m * _v, 2 * _v**2 + 4 * _m**2 * _v))),
    entropy=half * log(2 * pi * Symbol("e") * _v),
    kl=half * (_v / _other(_v) - 1 - log(_v / _other(_v)))
    + (_m - _other(_m)) ** 2 / (2 * _other(_v)),
    mle=(equal(_m, Average(x)), equal(_v, Average(x**2) - Average(x) ** 2)),
    mean_space=Chain((mean[2], mean[1] ** 2), (">",)),
    closure=("none: a variance of 0 is refused",),
    example=lambda family: [0.5, -0.25],
)

_a, _b = Symbol("shape"), Symbol("rate")


def _log_gamma(value: Expression) -> Expression:
    return Function("log Γ", value)


def _psi(value: Expression) -> Expression:
    return Function("ψ", value)


_GAMMA = Formulas(
    support=Chain((x, Number(0)), (">",)),
    domain=_and(Chain((natural[1], Number(-1)), (">",)), Chain((natural[2], Number(0)), ("<",))),
    statistic=vector(log(x), x),
    base=Number(1),
    log_partition=_log_gamma(natural[1] + 1) - (natural[1] + 1) * log(-natural[2]),
    usual={"shape": natural[1] + 1, "rate": -natural[2]},
    forward=vector(_psi(_a) - log(_b), _a / _b),
    backward=None,
    fisher=Matrix(((Function("ψ′", _a), 1 / _b), (1 / _b, _a / _b**2))),
    entropy=_a - log(_b) + _log_gamma(_a) + (1 - _a) * _psi(_a),
    kl=(_a - _other(_a)) * _psi(_a)
    - _log_gamma(_a)
    + _log_gamma(_other(_a))
    + _other(_a) * log(_b / _other(_b))
    + _a * (_other(_b) - _b) / _b,
    mle=(
        equal(log(_a) - _psi(_a), log(Average(x)) - Average(log(x))),
        equal(_b, _a / Average(x)),
    ),
    mean_space=Chain((mean[1], log(mean[2])), ("<",)),
    closure=("none",),
    example=lambda family: [2.0, -2.0],
)

FORMULAS: dict[str, Formulas] = {
    "Multinomial": _MULTINOMIAL,
    "Categorical": _CATEGORICAL,
    "Binomial": _BINOMIAL,
    "Poisson": _POISSON,
    "Gaussian": _GAUSSIAN,
    "Gamma": _GAMMA,
}
