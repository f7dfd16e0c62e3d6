"""The formulas of families of real numbers with two parameters."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from expfam import families
from expfam.derivation import windows
from expfam.derivation.expression import Number, Root, Symbol
from expfam.derivation.formula import (
    Formulas,
    at,
    both,
    half,
    less,
    log_gamma,
    member_of,
    more,
    other,
    pi,
    psi,
    ratio_divergence,
)
from expfam.derivation.nodes import (
    Average,
    Chain,
    Expectation,
    Function,
    Matrix,
    equal,
    log,
    vector,
)
from expfam.derivation.notation import mean, natural, x

_m, _v = Symbol("centre"), Symbol("variance")
_excess = mean[2] - mean[1] ** 2
_GAUSSIAN = Formulas(
    family=families.Gaussian(),
    what="real numbers, mean and variance unknown",
    support=member_of(x, Symbol("ℝ")),
    domain=both(member_of(natural[1], Symbol("ℝ")), less(natural[2], 0)),
    statistic=vector(x, x**2),
    base=1 / Root(2 * pi),
    log_partition=-(natural[1] ** 2 / (4 * natural[2])) - half * log(-(2 * natural[2])),
    usual={"centre": -(natural[1] / (2 * natural[2])), "variance": -(1 / (2 * natural[2]))},
    forward=vector(_m, _m**2 + _v),
    backward=vector(mean[1] / _excess, -(1 / (2 * (_excess)))),
    fisher=Matrix(((_v, 2 * _m * _v), (2 * _m * _v, 2 * _v**2 + 4 * _m**2 * _v))),
    entropy=half * log(2 * pi * Symbol("e") * _v),
    kl=half * (_v / other(_v) - 1 - log(_v / other(_v))) + (_m - other(_m)) ** 2 / (2 * other(_v)),
    mle=(equal(_m, Average(x)), equal(_v, Average(x**2) - Average(x) ** 2)),
    mean_space=Chain((mean[2], mean[1] ** 2), (">",)),
    closure=("none: a variance of 0 is refused",),
    example=at(0.5, -0.25),
    other=[-1.0, -0.7],
    window=windows.GAUSSIAN,
)

_a, _b = Symbol("shape"), Symbol("rate")

_GAMMA = Formulas(
    family=families.Gamma(),
    what="positive numbers, shape and rate unknown",
    support=more(x, 0),
    domain=both(more(natural[1], -1), less(natural[2], 0)),
    statistic=vector(log(x), x),
    base=Number(1),
    log_partition=log_gamma(natural[1] + 1) - (natural[1] + 1) * log(-natural[2]),
    usual={"shape": natural[1] + 1, "rate": -natural[2]},
    forward=vector(psi(_a) - log(_b), _a / _b),
    backward=None,
    fisher=Matrix(((Function("ψ′", _a), 1 / _b), (1 / _b, _a / _b**2))),
    entropy=_a - log(_b) + log_gamma(_a) + (1 - _a) * psi(_a),
    kl=(_a - other(_a)) * psi(_a)
    - log_gamma(_a)
    + log_gamma(other(_a))
    + other(_a) * log(_b / other(_b))
    + _a * (other(_b) - _b) / _b,
    mle=(
        equal(log(_a) - psi(_a), log(Average(x)) - Average(log(x))),
        equal(_b, _a / Average(x)),
    ),
    mean_space=Chain((mean[1], log(mean[2])), ("<",)),
    closure=("none",),
    example=at(2.0, -2.0),
    other=[0.5, -1.0],
    window=windows.GAMMA,
)

_e = Symbol("e")
_log_x = Average(log(x))

_LOG_NORMAL = replace(
    _GAUSSIAN,
    family=families.LogNormal(),
    what="positive numbers whose logarithm is Gaussian",
    support=more(x, 0),
    statistic=vector(log(x), log(x) ** 2),
    base=1 / (x * Root(2 * pi)),
    entropy=_m + half * log(2 * pi * _e * _v),
    mle=(equal(_m, _log_x), equal(_v, Average(log(x) ** 2) - _log_x**2)),
    other=[-1.0, -0.7],
)
_INVERSE_GAMMA = replace(
    _GAMMA,
    family=families.InverseGamma(),
    what="positive numbers whose reciprocal is Gamma",
    statistic=vector(-log(x), 1 / x),
    base=1 / x**2,
    entropy=_a + log(_b) + log_gamma(_a) - (1 + _a) * psi(_a),
    mle=(
        equal(log(_a) - psi(_a), log(Average(1 / x)) + _log_x),
        equal(_b, _a / Average(1 / x)),
    ),
    other=[0.5, -1.0],
)
_lambda = Symbol("precision")
_over = mean[1] * mean[2] - 1
_INVERSE_GAUSSIAN = replace(
    _GAUSSIAN,
    family=families.InverseGaussian(),
    what="positive numbers, mean and shape unknown",
    support=more(x, 0),
    domain=both(less(natural[1], 0), less(natural[2], 0)),
    statistic=vector(x, 1 / x),
    base=1 / Root(2 * pi * x**3),
    log_partition=-(2 * Root(natural[1] * natural[2])) - half * log(-(2 * natural[2])),
    usual={"centre": Root(natural[2] / natural[1]), "precision": -(2 * natural[2])},
    forward=vector(_m, 1 / _m + 1 / _lambda),
    backward=vector(-(1 / (2 * mean[1] * _over)), -(mean[1] / (2 * _over))),
    fisher=Matrix(
        (
            (_m**3 / _lambda, -(_m / _lambda)),
            (-(_m / _lambda), 1 / (_m * _lambda) + 2 / _lambda**2),
        )
    ),
    entropy=half * log(2 * pi * _e / _lambda) + Number(Fraction(3, 2)) * Expectation(log(x)),
    kl=half * ratio_divergence(other(_lambda), _lambda)
    + other(_lambda) * (_m - other(_m)) ** 2 / (2 * other(_m) ** 2 * _m),
    mle=(equal(_m, Average(x)), equal(1 / _lambda, Average(1 / x) - 1 / Average(x))),
    mean_space=both(more(mean[1], 0), more(mean[1] * mean[2], 1)),
    closure=("none: a distribution at one point is refused",),
    example=at(-0.25, -1.0),
    other=[-0.5, -0.7],
    window=windows.INVERSE_GAUSSIAN,
)

REALS = (_GAUSSIAN, _LOG_NORMAL, _GAMMA, _INVERSE_GAMMA, _INVERSE_GAUSSIAN)
