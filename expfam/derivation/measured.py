"""The formulas of families of real numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from expfam.derivation.expression import Expression, Number, Power, Root, Symbol
from expfam.derivation.formula import Formulas, at, both, half, less, member_of, more, other, pi
from expfam.derivation.nodes import (
    Absolute,
    Average,
    Chain,
    Expectation,
    Function,
    Matrix,
    equal,
    exp,
    log,
    vector,
)
from expfam.derivation.notation import mean, natural, x

_m, _v = Symbol("centre"), Symbol("variance")
_excess = mean[2] - mean[1] ** 2
_GAUSSIAN = Formulas(
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
)

_a, _b = Symbol("shape"), Symbol("rate")


def _log_gamma(value: Expression) -> Expression:
    return Function("log Γ", value)


def _psi(value: Expression) -> Expression:
    return Function("ψ", value)


_GAMMA = Formulas(
    support=more(x, 0),
    domain=both(more(natural[1], -1), less(natural[2], 0)),
    statistic=vector(log(x), x),
    base=Number(1),
    log_partition=_log_gamma(natural[1] + 1) - (natural[1] + 1) * log(-natural[2]),
    usual={"shape": natural[1] + 1, "rate": -natural[2]},
    forward=vector(_psi(_a) - log(_b), _a / _b),
    backward=None,
    fisher=Matrix(((Function("ψ′", _a), 1 / _b), (1 / _b, _a / _b**2))),
    entropy=_a - log(_b) + _log_gamma(_a) + (1 - _a) * _psi(_a),
    kl=(_a - other(_a)) * _psi(_a)
    - _log_gamma(_a)
    + _log_gamma(other(_a))
    + other(_a) * log(_b / other(_b))
    + _a * (other(_b) - _b) / _b,
    mle=(
        equal(log(_a) - _psi(_a), log(Average(x)) - Average(log(x))),
        equal(_b, _a / Average(x)),
    ),
    mean_space=Chain((mean[1], log(mean[2])), ("<",)),
    closure=("none",),
    example=at(2.0, -2.0),
)

_NONE: tuple[str | Expression, ...] = ("none",)
_euler, _e = Symbol("γ"), Symbol("e")
_log_x = Average(log(x))

_LOG_NORMAL = replace(
    _GAUSSIAN,
    support=more(x, 0),
    statistic=vector(log(x), log(x) ** 2),
    base=1 / (x * Root(2 * pi)),
    entropy=_m + half * log(2 * pi * _e * _v),
    mle=(equal(_m, _log_x), equal(_v, Average(log(x) ** 2) - _log_x**2)),
)
_INVERSE_GAMMA = replace(
    _GAMMA,
    statistic=vector(-log(x), 1 / x),
    base=1 / x**2,
    entropy=_a + log(_b) + _log_gamma(_a) - (1 + _a) * _psi(_a),
    mle=(
        equal(log(_a) - _psi(_a), log(Average(1 / x)) + _log_x),
        equal(_b, _a / Average(1 / x)),
    ),
)


def _ratio_divergence(first: Expression, second: Expression) -> Expression:
    """r − 1 − log r of a ratio r."""
    return log(second / first) + first / second - 1


_EXPONENTIAL = Formulas(
    support=Chain((x, Number(0)), ("≥",)),
    domain=less(natural, 0),
    statistic=x,
    base=Number(1),
    log_partition=-log(-natural),
    usual={"rate": -natural},
    forward=1 / _b,
    backward=-(1 / mean),
    fisher=1 / _b**2,
    entropy=1 - log(_b),
    kl=_ratio_divergence(other(_b), _b),
    mle=(equal(_b, 1 / Average(x)),),
    mean_space=more(mean, 0),
    closure=_NONE,
    example=at(-0.5),
)

_k, _s = Symbol("power"), Symbol("scale")
_WEIBULL = replace(
    _EXPONENTIAL,
    support=more(x, 0),
    statistic=x**_k,
    base=_k * x ** (_k - 1),
    usual={"scale": Power(-natural, -(1 / _k))},
    forward=_s**_k,
    fisher=_s ** (2 * _k),
    entropy=1 + log(_s / _k) + (1 - 1 / _k) * _euler,
    kl=_k * log(other(_s) / _s) + (_s / other(_s)) ** _k - 1,
    mle=(equal(_s**_k, Average(x**_k)),),
)
_RAYLEIGH = replace(
    _EXPONENTIAL,
    support=more(x, 0),
    statistic=x**2,
    base=2 * x,
    usual={"variance": -(1 / (2 * natural))},
    forward=2 * _v,
    fisher=4 * _v**2,
    entropy=1 + half * log(_v / 2) + _euler / 2,
    kl=_ratio_divergence(_v, other(_v)),
    mle=(equal(_v, Average(x**2) / 2),),
)
_index, _least = Symbol("index"), Symbol("minimum")
_PARETO = replace(
    _EXPONENTIAL,
    support=more(x, _least),
    statistic=log(x / _least),
    base=1 / x,
    usual={"index": -natural},
    forward=1 / _index,
    fisher=1 / _index**2,
    entropy=1 + log(_least / _index) + 1 / _index,
    kl=_ratio_divergence(other(_index), _index),
    mle=(equal(_index, 1 / Average(log(x / _least))),),
)
_place = Symbol("location")
_LAPLACE = replace(
    _EXPONENTIAL,
    support=member_of(x, Symbol("ℝ")),
    statistic=Absolute(x - _place),
    base=half,
    usual={"scale": -(1 / natural)},
    forward=_s,
    fisher=_s**2,
    entropy=1 + log(2 * _s),
    kl=_ratio_divergence(_s, other(_s)),
    mle=(equal(_s, Average(Absolute(x - _place))),),
)
_GAUSSIAN_KNOWN_VARIANCE = replace(
    _EXPONENTIAL,
    support=member_of(x, Symbol("ℝ")),
    domain=member_of(natural, Symbol("ℝ")),
    base=exp(-(x**2 / (2 * _v))) / Root(2 * pi * _v),
    log_partition=half * _v * natural**2,
    usual={"centre": _v * natural},
    forward=_m,
    backward=mean / _v,
    fisher=_v,
    entropy=half * log(2 * pi * _e * _v),
    kl=(_m - other(_m)) ** 2 / (2 * _v),
    mle=(equal(_m, Average(x)),),
    mean_space=member_of(mean, Symbol("ℝ")),
    example=at(0.75),
)
_GAUSSIAN_KNOWN_MEAN = replace(
    _EXPONENTIAL,
    support=member_of(x, Symbol("ℝ")),
    statistic=(x - _m) ** 2,
    base=1 / Root(2 * pi),
    log_partition=-(half * log(-(2 * natural))),
    usual={"variance": -(1 / (2 * natural))},
    forward=_v,
    backward=-(1 / (2 * mean)),
    fisher=2 * _v**2,
    entropy=half * log(2 * pi * _e * _v),
    kl=half * (_v / other(_v) - 1 - log(_v / other(_v))),
    mle=(equal(_v, Average((x - _m) ** 2)),),
    example=at(-0.25),
)
_tilt = Symbol("tilt")
_tilted = _tilt / (2 * _tilt - 1) - 1 / natural
_other_natural = other(natural)
_CONTINUOUS_BERNOULLI = replace(
    _EXPONENTIAL,
    support=Chain((Number(0), x, Number(1)), ("≤", "≤")),
    domain=member_of(natural, Symbol("ℝ")),
    log_partition=log((exp(natural) - 1) / natural),
    usual={"tilt": 1 / (1 + exp(-natural))},
    forward=_tilted,
    backward=None,
    fisher=1 / natural**2 - exp(natural) / (exp(natural) - 1) ** 2,
    entropy=log((exp(natural) - 1) / natural) - natural * mean,
    kl=log(natural * (exp(_other_natural) - 1) / (_other_natural * (exp(natural) - 1)))
    - (_other_natural - natural) * mean,
    mle=(equal(_tilted, Average(x)),),
    mean_space=less(0, mean, 1),
    closure=("none; at ", equal(natural, 0), " the limits: the uniform"),
    example=at(2.0),
)
_lambda = Symbol("precision")
_over = mean[1] * mean[2] - 1
_INVERSE_GAUSSIAN = replace(
    _GAUSSIAN,
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
    kl=half * _ratio_divergence(other(_lambda), _lambda)
    + other(_lambda) * (_m - other(_m)) ** 2 / (2 * other(_m) ** 2 * _m),
    mle=(equal(_m, Average(x)), equal(1 / _lambda, Average(1 / x) - 1 / Average(x))),
    mean_space=both(more(mean[1], 0), more(mean[1] * mean[2], 1)),
    closure=("none: a distribution at one point is refused",),
    example=at(-0.25, -1.0),
)
_degrees = Symbol("degrees")
_half_degrees = _degrees / 2
_CHI_SQUARED = replace(
    _EXPONENTIAL,
    support=more(x, 0),
    domain=more(natural, -1),
    statistic=log(x),
    base=exp(-(x / 2)),
    log_partition=_log_gamma(natural + 1) + (natural + 1) * log(2),
    usual={"degrees": 2 * (natural + 1)},
    forward=_psi(_half_degrees) + log(2),
    backward=None,
    fisher=Function("ψ′", _half_degrees),
    entropy=_half_degrees
    + log(2)
    + _log_gamma(_half_degrees)
    + (1 - _half_degrees) * _psi(_half_degrees),
    kl=_log_gamma(other(_degrees) / 2)
    - _log_gamma(_half_degrees)
    + ((_degrees - other(_degrees)) / 2) * _psi(_half_degrees),
    mle=(equal(_psi(_half_degrees) + log(2), _log_x),),
    mean_space=member_of(mean, Symbol("ℝ")),
    example=at(1.5),
)

REALS = {
    "Gaussian": _GAUSSIAN,
    "Gamma": _GAMMA,
    "Exponential": _EXPONENTIAL,
    "Weibull": _WEIBULL,
    "Rayleigh": _RAYLEIGH,
    "Pareto": _PARETO,
    "Laplace": _LAPLACE,
    "GaussianKnownVariance": _GAUSSIAN_KNOWN_VARIANCE,
    "GaussianKnownMean": _GAUSSIAN_KNOWN_MEAN,
    "ChiSquared": _CHI_SQUARED,
    "ContinuousBernoulli": _CONTINUOUS_BERNOULLI,
    "LogNormal": _LOG_NORMAL,
    "InverseGamma": _INVERSE_GAMMA,
    "InverseGaussian": _INVERSE_GAUSSIAN,
}
