"""The formulas of directions: von Mises, in angles, and von Mises–Fisher, as unit vectors."""

from __future__ import annotations

from expfam import families
from expfam.derivation import windows
from expfam.derivation.expression import Expression, Number, Power, Root, Symbol
from expfam.derivation.formula import Formulas, at, both, less, member_of, other, pi
from expfam.derivation.matrices import Identity, Length
from expfam.derivation.nodes import Average, Bessel, Function, Inner, Outer, equal, log, vector
from expfam.derivation.notation import mean, natural, x

_kappa, _angle, _rho = Symbol("κ"), Symbol("α"), Symbol("ρ")
_size = Root(natural[1] ** 2 + natural[2] ** 2)


def _cos(value: Expression) -> Expression:
    return Function("cos", value)


def _sin(value: Expression) -> Expression:
    return Function("sin", value)


def _bessel(value: Expression) -> Expression:
    return Function("I₀", value)


_direction = vector(_cos(_angle), _sin(_angle))
_VON_MISES = Formulas(
    family=families.VonMises(),
    what="angles about a mean direction",
    support=member_of(x, Symbol("ℝ")),
    domain=both(member_of(natural[1], Symbol("ℝ")), member_of(natural[2], Symbol("ℝ"))),
    statistic=vector(_cos(x), _sin(x)),
    base=1 / (2 * pi),
    log_partition=log(_bessel(_size)),
    usual={
        "κ": _size,
        "α": Function("arg", natural),
        "ρ": Function("I₁", _size) / _bessel(_size),
    },
    forward=vector(_rho * _cos(_angle), _rho * _sin(_angle)),
    backward=None,
    fisher=(_rho / _kappa) * Function("diag", vector(1, 1))
    + (1 - _rho**2 - 2 * _rho / _kappa) * Outer(_direction, _direction),
    entropy=log(2 * pi * _bessel(_kappa)) - _kappa * _rho,
    kl=log(_bessel(other(_kappa)) / _bessel(_kappa))
    + _rho * (_kappa - other(_kappa) * _cos(_angle - other(_angle))),
    mle=(
        equal(_angle, Function("arg", Average(vector(_cos(x), _sin(x))))),
        equal(_rho, Root(Average(_cos(x)) ** 2 + Average(_sin(x)) ** 2)),
    ),
    mean_space=less(mean[1] ** 2 + mean[2] ** 2, Number(1)),
    closure=("none: all angles equal is refused",),
    example=at(1.5, 2.0),
    other=[-1.0, 0.5],
    window=windows.DIRECTIONS,
)

_d, _nu, _m = Symbol("dimension"), Symbol("order"), Symbol("centre")
_space = Power(Symbol("ℝ"), _d)
_gamma = Function("Γ", _nu + 1)
_VON_MISES_FISHER = Formulas(
    family=families.VonMisesFisher(3),
    what=("unit vectors of ", _d, " numbers about a mean direction; here of 3"),
    support=both(member_of(x, _space), equal(Length(x), 1), equal(_nu, _d / 2 - 1)),
    domain=member_of(natural, _space),
    statistic=x,
    base=_gamma / (2 * pi ** (_nu + 1)),
    log_partition=log(_gamma * (2 / Length(natural)) ** _nu * Bessel(_nu, Length(natural))),
    usual={
        "κ": Length(natural),
        "centre": natural / _kappa,
        "ρ": Bessel(_nu + 1, _kappa) / Bessel(_nu, _kappa),
    },
    forward=_rho * _m,
    backward=None,
    fisher=(_rho / _kappa) * Identity("identity", "I")
    + (1 - _rho**2 - _d * _rho / _kappa) * Outer(_m, _m),
    entropy=log((2 * pi) ** (_nu + 1) * Bessel(_nu, _kappa) / _kappa**_nu) - _kappa * _rho,
    kl=log((_kappa / other(_kappa)) ** _nu * Bessel(_nu, other(_kappa)) / Bessel(_nu, _kappa))
    + _rho * (_kappa - other(_kappa) * Inner(other(_m), _m)),
    mle=(equal(_m, Average(x) / Length(Average(x))), equal(_rho, Length(Average(x)))),
    mean_space=less(Length(mean), 1),
    closure=("none: all directions equal is refused",),
    example=lambda family: [1.5, 2.0] + [0.0] * (family.event_shape[0] - 2),
    other=[-1.0, 0.5, 0.5],
    window=windows.DIRECTIONS,
)

DIRECTIONS = (_VON_MISES, _VON_MISES_FISHER)
