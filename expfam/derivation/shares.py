"""The formulas of families of shares of a whole: Beta and Dirichlet."""

from __future__ import annotations

from expfam import families
from expfam.derivation import windows
from expfam.derivation.expression import Expression, Symbol
from expfam.derivation.formula import Formulas, at, both, i, j, less, log_gamma, more, other, psi
from expfam.derivation.nodes import (
    Average,
    Function,
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


def _gamma(value: Expression) -> Expression:
    return Function("Γ", value)


def _log_beta(value: Expression) -> Expression:
    return Function("log B", value)


def _psi_prime(value: Expression) -> Expression:
    return Function("ψ′", value)


_first, _second, _both = Symbol("first"), Symbol("second"), Symbol("both")
_BETA = Formulas(
    family=families.Beta(),
    what="numbers between 0 and 1",
    support=less(0, x, 1),
    domain=both(more(natural[1], 0), more(natural[2], 0)),
    statistic=vector(log(x), log(1 - x)),
    base=1 / (x * (1 - x)),
    log_partition=log(_gamma(natural[1]) * _gamma(natural[2]) / _gamma(natural[1] + natural[2])),
    usual={"first": natural[1], "second": natural[2], "both": natural[1] + natural[2]},
    forward=vector(psi(_first) - psi(_both), psi(_second) - psi(_both)),
    backward=None,
    fisher=Matrix(
        (
            (_psi_prime(_first) - _psi_prime(_both), -_psi_prime(_both)),
            (-_psi_prime(_both), _psi_prime(_second) - _psi_prime(_both)),
        )
    ),
    entropy=_log_beta(vector(_first, _second))
    - (_first - 1) * psi(_first)
    - (_second - 1) * psi(_second)
    + (_both - 2) * psi(_both),
    kl=_log_beta(vector(other(_first), other(_second)))
    - _log_beta(vector(_first, _second))
    + (_first - other(_first)) * psi(_first)
    + (_second - other(_second)) * psi(_second)
    + (other(_both) - _both) * psi(_both),
    mle=(
        equal(psi(_first) - psi(_both), Average(log(x))),
        equal(psi(_second) - psi(_both), Average(log(1 - x))),
    ),
    mean_space=less(exp(mean[1]) + exp(mean[2]), 1),
    closure=("none",),
    example=at(2.0, 3.0),
    other=[1.0, 0.7],
    window=windows.SHARES,
)
_each, _ones = Symbol("concentration"), Symbol("ones")
_all = total(_each[j], j)
_DIRICHLET = Formulas(
    family=families.Dirichlet(2),
    what="shares of K categories in a whole; here of two",
    support=both(more(x[i], 0), equal(total(x[i], i), 1)),
    domain=more(natural[i], 0),
    statistic=log(x[i]),
    base=1 / Over("∏", i, x[i]),
    log_partition=total(log_gamma(natural[i]), i) - log_gamma(total(natural[i], i)),
    usual={"concentration": natural[i]},
    forward=psi(_each[i]) - psi(_all),
    backward=None,
    fisher=Function("diag", _psi_prime(_each)) - _psi_prime(_all) * Outer(_ones, _ones),
    entropy=_log_beta(_each)
    + (_all - Symbol("K")) * psi(_all)
    - total((_each[i] - 1) * psi(_each[i]), i),
    kl=_log_beta(other(_each))
    - _log_beta(_each)
    + total((_each[i] - other(_each)[i]) * (psi(_each[i]) - psi(_all)), i),
    mle=(equal(psi(_each[i]) - psi(_all), Average(log(x))[i]),),
    mean_space=less(total(exp(mean[i]), i), 1),
    closure=("none",),
    example=lambda family: [2.0 + k for k in range(family.natural_shape[0])],
    componentwise=True,
    other=[1.0, 0.7],
    window=windows.SHARES,
)

SHARES = (_BETA, _DIRICHLET)
