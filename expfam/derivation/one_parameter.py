"""The formulas of families of real numbers with one parameter."""

from __future__ import annotations

from dataclasses import replace

from expfam import families
from expfam.derivation.expression import Number, Power, Root, Symbol
from expfam.derivation.formula import (
    Formulas,
    at,
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
from expfam.derivation.nodes import Absolute, Average, Chain, Function, equal, exp, log
from expfam.derivation.notation import mean, natural, x

_euler, _e = Symbol("γ"), Symbol("e")
_m, _v = Symbol("centre"), Symbol("variance")
_b = Symbol("rate")
_EXPONENTIAL = Formulas(
    family=families.Exponential(),
    what="waiting times",
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
    kl=ratio_divergence(other(_b), _b),
    mle=(equal(_b, 1 / Average(x)),),
    mean_space=more(mean, 0),
    closure=("none",),
    example=at(-0.5),
    other=-1.2,
)
_k, _s = Symbol("power"), Symbol("scale")
_WEIBULL = replace(
    _EXPONENTIAL,
    family=families.Weibull(shape=2.5),
    what=("positive numbers of a known shape ", _k),
    support=more(x, 0),
    statistic=x**_k,
    base=_k * x ** (_k - 1),
    usual={"scale": Power(-natural, -(1 / _k))},
    forward=_s**_k,
    fisher=_s ** (2 * _k),
    entropy=1 + log(_s / _k) + (1 - 1 / _k) * _euler,
    kl=_k * log(other(_s) / _s) + (_s / other(_s)) ** _k - 1,
    mle=(equal(_s**_k, Average(x**_k)),),
    other=-1.2,
)
_RAYLEIGH = replace(
    _EXPONENTIAL,
    family=families.Rayleigh(),
    what="lengths of centred normal vectors in the plane",
    support=more(x, 0),
    statistic=x**2,
    base=2 * x,
    usual={"variance": -(1 / (2 * natural))},
    forward=2 * _v,
    fisher=4 * _v**2,
    entropy=1 + half * log(_v / 2) + _euler / 2,
    kl=ratio_divergence(_v, other(_v)),
    mle=(equal(_v, Average(x**2) / 2),),
    other=-1.2,
)
_index, _least = Symbol("index"), Symbol("minimum")
_PARETO = replace(
    _EXPONENTIAL,
    family=families.Pareto(minimum=2.0),
    what=("numbers above a known minimum ", _least),
    support=more(x, _least),
    statistic=log(x / _least),
    base=1 / x,
    usual={"index": -natural},
    forward=1 / _index,
    fisher=1 / _index**2,
    entropy=1 + log(_least / _index) + 1 / _index,
    kl=ratio_divergence(other(_index), _index),
    mle=(equal(_index, 1 / Average(log(x / _least))),),
    other=-1.2,
)
_place = Symbol("location")
_LAPLACE = replace(
    _EXPONENTIAL,
    family=families.Laplace(location=1.0),
    what=("numbers about a known location ", _place),
    support=member_of(x, Symbol("ℝ")),
    statistic=Absolute(x - _place),
    base=half,
    usual={"scale": -(1 / natural)},
    forward=_s,
    fisher=_s**2,
    entropy=1 + log(2 * _s),
    kl=ratio_divergence(_s, other(_s)),
    mle=(equal(_s, Average(Absolute(x - _place))),),
    other=-1.2,
)
_GAUSSIAN_KNOWN_VARIANCE = replace(
    _EXPONENTIAL,
    family=families.GaussianKnownVariance(variance=4.0),
    what=("real numbers of a known variance ", _v),
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
    other=-0.2,
    means=(-5.0, 5.0),
)
_GAUSSIAN_KNOWN_MEAN = replace(
    _EXPONENTIAL,
    family=families.GaussianKnownMean(mean=1.0),
    what=("real numbers of a known mean ", _m),
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
    other=-0.6,
)
_tilt = Symbol("tilt")
_tilted = _tilt / (2 * _tilt - 1) - 1 / natural
_other_natural = other(natural)
_CONTINUOUS_BERNOULLI = replace(
    _EXPONENTIAL,
    family=families.ContinuousBernoulli(),
    what="numbers from 0 to 1, tilted to an end",
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
    other=-1.2,
    means=(0.0, 1.0),
)
_degrees = Symbol("degrees")
_half_degrees = _degrees / 2
_CHI_SQUARED = replace(
    _EXPONENTIAL,
    family=families.ChiSquared(),
    what="sums of squares, degrees of freedom unknown",
    support=more(x, 0),
    domain=more(natural, -1),
    statistic=log(x),
    base=exp(-(x / 2)),
    log_partition=log_gamma(natural + 1) + (natural + 1) * log(2),
    usual={"degrees": 2 * (natural + 1)},
    forward=psi(_half_degrees) + log(2),
    backward=None,
    fisher=Function("ψ′", _half_degrees),
    entropy=_half_degrees
    + log(2)
    + log_gamma(_half_degrees)
    + (1 - _half_degrees) * psi(_half_degrees),
    kl=log_gamma(other(_degrees) / 2)
    - log_gamma(_half_degrees)
    + ((_degrees - other(_degrees)) / 2) * psi(_half_degrees),
    mle=(equal(psi(_half_degrees) + log(2), Average(log(x))),),
    mean_space=member_of(mean, Symbol("ℝ")),
    example=at(1.5),
    other=0.3,
    means=(-2.0, 3.0),
)

ONE_PARAMETER = (
    _EXPONENTIAL,
    _WEIBULL,
    _RAYLEIGH,
    _PARETO,
    _LAPLACE,
    _GAUSSIAN_KNOWN_VARIANCE,
    _GAUSSIAN_KNOWN_MEAN,
    _CHI_SQUARED,
    _CONTINUOUS_BERNOULLI,
)
