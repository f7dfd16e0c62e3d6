"""The formulas of families of counts."""

from __future__ import annotations

import math

import numpy as np

from expfam import families
from expfam.derivation.expression import Number, Symbol
from expfam.derivation.formula import (
    Formulas,
    at,
    both,
    dots,
    i,
    infinity,
    j,
    less,
    member_of,
    more,
    n,
    other,
    set_of,
)
from expfam.derivation.nodes import (
    Average,
    Choose,
    Expectation,
    Factorial,
    Function,
    Indicator,
    Outer,
    Over,
    equal,
    exp,
    log,
    total,
)
from expfam.derivation.notation import mean, natural, x
from expfam.family import ExponentialFamily


def _log_counts(family: ExponentialFamily) -> np.ndarray:
    return np.log(np.arange(1.0, 1 + math.prod(family.natural_shape)))


_share = Symbol("share")
_softmax = exp(natural[i]) / total(exp(natural[j]), j)
_sum_of_means = equal(total(mean[i], i), n)

_MULTINOMIAL = Formulas(
    family=families.Multinomial(3, trials=10),
    what=("counts of K categories in ", n, " trials"),
    support=both(member_of(x[i], set_of(0, 1, dots, n)), equal(total(x[i], i), n)),
    domain=member_of(natural[i], Symbol("ℝ")),
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
    kl=n * total(_share[i] * log(_share[i] / other(_share)[i]), i),
    mle=(equal(_share[i], Average(x)[i] / n),),
    mean_space=both(more(mean[i], 0), _sum_of_means),
    closure=(equal(natural[i], -infinity), " where ", equal(_share[i], 0), ", not for all i"),
    example=_log_counts,
    componentwise=True,
    other=[0.3, 0.0, 0.5],
)

_CATEGORICAL = Formulas(
    family=families.Categorical(3),
    what="one draw of K categories",
    support=member_of(x, set_of(0, 1, dots, Symbol("K") - 1)),
    domain=member_of(natural[i], Symbol("ℝ")),
    statistic=Indicator(x, i - 1),
    base=Number(1),
    log_partition=log(total(exp(natural[i]), i)),
    usual={"share": _softmax},
    forward=_share[i],
    backward=log(mean[i]),
    fisher=Function("diag", _share) - Outer(_share, _share),
    entropy=-total(_share[i] * log(_share[i]), i),
    kl=total(_share[i] * log(_share[i] / other(_share)[i]), i),
    mle=(equal(_share[i], Average(Indicator(x, i - 1))),),
    mean_space=both(more(mean[i], 0), equal(total(mean[i], i), 1)),
    closure=(equal(natural[i], -infinity), " where ", equal(_share[i], 0), ", not for all i"),
    example=_log_counts,
    componentwise=True,
    other=[0.3, 0.0, 0.5],
)

_p = Symbol("success")
_BINOMIAL = Formulas(
    family=families.Binomial(10),
    what=("successes in ", n, " trials; Bernoulli where ", equal(n, 1)),
    support=member_of(x, set_of(0, 1, dots, n)),
    domain=member_of(natural, Symbol("ℝ")),
    statistic=x,
    base=Choose(n, x),
    log_partition=n * log(1 + exp(natural)),
    usual={"success": 1 / (1 + exp(-natural))},
    forward=n * _p,
    backward=log(mean / (n - mean)),
    fisher=n * _p * (1 - _p),
    entropy=-(n * (_p * log(_p) + (1 - _p) * log(1 - _p))) - Expectation(log(Choose(n, x))),
    kl=n * (_p * log(_p / other(_p)) + (1 - _p) * log((1 - _p) / (1 - other(_p)))),
    mle=(equal(_p, Average(x) / n),),
    mean_space=less(0, mean, n),
    closure=(
        equal(natural, -infinity),
        ": always 0; ",
        equal(natural, infinity),
        ": always ",
        n,
    ),
    example=at(-math.log(2.0)),
    other=0.4,
    means=(0.0, 10.0),
)

_rate = Symbol("intensity")
_POISSON = Formulas(
    family=families.Poisson(),
    what="counts without a ceiling",
    support=member_of(x, set_of(0, 1, 2, dots)),
    domain=member_of(natural, Symbol("ℝ")),
    statistic=x,
    base=1 / Factorial(x),
    log_partition=exp(natural),
    usual={"intensity": exp(natural)},
    forward=_rate,
    backward=log(mean),
    fisher=_rate,
    entropy=_rate * (1 - log(_rate)) + Expectation(log(Factorial(x))),
    kl=_rate * log(_rate / other(_rate)) - _rate + other(_rate),
    mle=(equal(_rate, Average(x)),),
    mean_space=more(mean, 0),
    closure=(equal(natural, -infinity), ": always 0"),
    example=at(math.log(4.0)),
    other=0.5,
)

_q, _r = Symbol("failure"), Symbol("successes")


def _failures(r: Symbol | Number, family: ExponentialFamily, natural_of_other: float) -> Formulas:
    """Failures before the r-th success."""
    one = r == Number(1)
    failures = _q if one else r * _q
    base = Number(1) if one else Choose(x + r - 1, x)
    spread = _q * log(_q) + (1 - _q) * log(1 - _q)
    per_success = log((1 - _q) / (1 - other(_q))) + _q / (1 - _q) * log(_q / other(_q))
    return Formulas(
        family=family,
        what="failures before the first success"
        if one
        else ("failures before as many successes as ", r, ", known"),
        support=member_of(x, set_of(0, 1, 2, dots)),
        domain=less(natural, 0),
        statistic=x,
        base=base,
        log_partition=-log(1 - exp(natural)) if one else -(r * log(1 - exp(natural))),
        usual={"failure": exp(natural)},
        forward=failures / (1 - _q),
        backward=log(mean / (r + mean)),
        fisher=failures / (1 - _q) ** 2,
        entropy=-(spread / (1 - _q))
        if one
        else -(r * (spread / (1 - _q))) - Expectation(log(base)),
        kl=per_success if one else r * per_success,
        mle=(equal(_q, Average(x) / (r + Average(x))),),
        mean_space=more(mean, 0),
        closure=(equal(natural, -infinity), ": always 0"),
        example=at(-math.log(2.0)),
        other=natural_of_other,
    )


_loss = log(1 - _p)
_LOGARITHMIC = Formulas(
    family=families.Logarithmic(),
    what="counts from one on, as of what is caught of a species",
    support=member_of(x, set_of(1, 2, 3, dots)),
    domain=less(natural, 0),
    statistic=x,
    base=1 / x,
    log_partition=log(-log(1 - exp(natural))),
    usual={"success": exp(natural)},
    forward=-(_p / ((1 - _p) * _loss)),
    backward=None,
    fisher=-(_p * (_p + _loss) / ((1 - _p) * _loss) ** 2),
    entropy=log(-_loss) - mean * log(_p) + Expectation(log(x)),
    kl=log(log(1 - other(_p)) / _loss) + mean * log(_p / other(_p)),
    mle=(equal(-(_p / ((1 - _p) * _loss)), Average(x)),),
    mean_space=more(mean, 1),
    closure=(equal(natural, -infinity), ": always 1"),
    example=at(math.log(0.8)),
    other=-1.2,
    means=(1.0, 4.0),
)

COUNTS = (
    _MULTINOMIAL,
    _CATEGORICAL,
    _BINOMIAL,
    _POISSON,
    _failures(Number(1), families.Geometric(), -0.2),
    _failures(_r, families.NegativeBinomial(successes=3), -1.2),
    _LOGARITHMIC,
)
