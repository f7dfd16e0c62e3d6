"""The formulas of families of vectors, whose parameters have a linear and a quadratic part."""

from __future__ import annotations

import math

import numpy as np

from expfam import families
from expfam.derivation.expression import Expression, Number, Power, Root, Symbol
from expfam.derivation.formula import Formulas, both, half, i, less, member_of, other, pi
from expfam.derivation.matrices import (
    Blocks,
    Exchange,
    Identity,
    Inverse,
    Kronecker,
    Length,
    Part,
    Parts,
    Product,
    Quadratic,
    Transposed,
)
from expfam.derivation.nodes import Average, Chain, Function, Outer, equal, exp, log, total
from expfam.derivation.notation import mean, natural, x
from expfam.family import ExponentialFamily

_d, _e = Symbol("dimension"), Symbol("e")
_m, _v, _covariance = Symbol("centre"), Symbol("variance"), Symbol("covariance")
_space = Power(Symbol("ℝ"), _d)
_first, _second = Part(natural, 1), Part(natural, 2)
_mean, _square = Part(mean, 1), Part(mean, 2)


def _det(matrix: Expression) -> Expression:
    return Function("det", matrix)


def _centre(family: ExponentialFamily) -> np.ndarray:
    return np.eye(math.prod(family.event_shape))[0]


# ---------------------------------------------------------------- one variance


def _isotropic_example(family: ExponentialFamily) -> np.ndarray:
    return family.pack(linear=_centre(family) / 2, quadratic=-0.25)


_excess = _square - Length(_mean) ** 2
_ratio = _v / other(_v)
_ISOTROPIC = Formulas(
    family=families.IsotropicGaussian(2),
    what="vectors of one variance for all entries",
    support=member_of(x, _space),
    domain=both(member_of(_first, _space), less(_second, 0)),
    statistic=Parts((x, Length(x) ** 2)),
    base=1 / Power(2 * pi, _d / 2),
    log_partition=-(Length(_first) ** 2 / (4 * _second)) - _d / 2 * log(-(2 * _second)),
    usual={"centre": -(_first / (2 * _second)), "variance": -(1 / (2 * _second))},
    forward=Parts((_m, Length(_m) ** 2 + _d * _v)),
    backward=Parts((_d * _mean / _excess, -(_d / (2 * (_excess))))),
    fisher=Blocks(
        (
            (_v * Identity("identity", "I"), 2 * _v * _m),
            (2 * _v * Transposed(_m), 2 * _d * _v**2 + 4 * _v * Length(_m) ** 2),
        )
    ),
    entropy=_d / 2 * log(2 * pi * _e * _v),
    kl=_d / 2 * (_ratio - 1 - log(_ratio)) + Length(_m - other(_m)) ** 2 / (2 * other(_v)),
    mle=(
        equal(_m, Average(x)),
        equal(_v, (Average(Length(x) ** 2) - Length(Average(x)) ** 2) / _d),
    ),
    mean_space=Chain((_square, Length(_mean) ** 2), (">",)),
    closure=("none: a variance of 0 is refused",),
    example=_isotropic_example,
    other=[-1.0, 0.5, -0.7],
)

# ---------------------------------------------------------------- a variance each


def _diagonal_example(family: ExponentialFamily) -> np.ndarray:
    variance = np.arange(len(_centre(family)), 0.0, -1.0)
    return family.pack(linear=_centre(family) / variance, quadratic=-0.5 / variance)


_each, _spread = Part(natural, 1, i), Part(natural, 2, i)
_variances = _square - _mean**2
_ratios = _v[i] / other(_v)[i]
_diag_cross = Function("diag", 2 * _m * _v)
_DIAGONAL = Formulas(
    family=families.DiagonalGaussian(2),
    what="vectors of independent entries",
    support=member_of(x, _space),
    domain=both(member_of(_each, Symbol("ℝ")), less(_spread, 0)),
    statistic=Parts((x, x**2)),
    base=1 / Power(2 * pi, _d / 2),
    log_partition=-total(_each**2 / (4 * _spread) + half * log(-(2 * _spread)), i),
    usual={"centre": -(_first / (2 * _second)), "variance": -(1 / (2 * _second))},
    forward=Parts((_m, _m**2 + _v)),
    backward=Parts((_mean / (_variances), -(1 / (2 * (_variances))))),
    fisher=Blocks(
        (
            (Function("diag", _v), _diag_cross),
            (_diag_cross, Function("diag", 2 * _v**2 + 4 * _m**2 * _v)),
        )
    ),
    entropy=half * total(log(2 * pi * _e * _v[i]), i),
    kl=half * total(_ratios - 1 - log(_ratios) + (_m[i] - other(_m)[i]) ** 2 / other(_v)[i], i),
    mle=(equal(_m, Average(x)), equal(_v, Average(x**2) - Average(x) ** 2)),
    mean_space=Chain((Part(mean, 2, i), Part(mean, 1, i) ** 2), (">",)),
    closure=("none; squares and ratios of vectors are taken entry by entry",),
    example=_diagonal_example,
    other=[-1.0, 0.5, -0.7, -0.2],
)

# ---------------------------------------------------------------- a covariance


def _precision(family: ExponentialFamily) -> np.ndarray:
    """1, 2, 2, … beside −1: the inverse is of whole numbers, d + 1 − max(i, j)."""
    size = len(_centre(family))
    matrix = 2 * np.eye(size) - np.eye(size, k=1) - np.eye(size, k=-1)
    matrix[0, 0] = 1.0
    return matrix


def _multivariate_example(family: ExponentialFamily) -> np.ndarray:
    precision = _precision(family)
    return family.pack(linear=precision[0], quadratic=-precision / 2)


_spreads = _square - Outer(_mean, _mean)
_pairs = Identity("identity", "I", order=2) + Exchange("exchange", "K")
_far = Outer(_m, _m)
_whole = Kronecker(_covariance, _covariance)
_a, _b = Symbol("a"), Symbol("b")
_exchanged = equal(Product(Symbol("K"), Kronecker(_a, _b)), Kronecker(_b, _a))
_MULTIVARIATE = Formulas(
    family=families.MultivariateGaussian(2),
    what=("vectors; ", _exchanged),
    support=member_of(x, _space),
    domain=both(member_of(_first, _space), Chain((_second, Number(0)), ("≺",))),
    statistic=Parts((x, Outer(x, x))),
    base=1 / Power(2 * pi, _d / 2),
    log_partition=-(Quadratic(Inverse(_second), _first) / 4) - half * log(_det(-(2 * _second))),
    usual={
        "centre": -(half * Product(Inverse(_second), _first)),
        "covariance": -(half * Inverse(_second)),
    },
    forward=Parts((_m, _covariance + Outer(_m, _m))),
    backward=Parts((Product(Inverse(_spreads), _mean), -(half * Inverse(_spreads)))),
    fisher=Blocks(
        (
            (_covariance, Product(Kronecker(_covariance, Transposed(_m)), _pairs)),
            (
                Product(_pairs, Kronecker(_covariance, _m)),
                Product(
                    _pairs,
                    _whole + Kronecker(_covariance, _far) + Kronecker(_far, _covariance),
                ),
            ),
        )
    ),
    entropy=half * log(_det(2 * pi * _e * _covariance)),
    kl=half
    * (
        Function("tr", Product(Inverse(other(_covariance)), _covariance))
        - _d
        + log(_det(other(_covariance)) / _det(_covariance))
        + Quadratic(Inverse(other(_covariance)), _m - other(_m))
    ),
    mle=(
        equal(_m, Average(x)),
        equal(_covariance, Average(Outer(x, x)) - Outer(Average(x), Average(x))),
    ),
    mean_space=Chain((_square, Outer(_mean, _mean)), ("≻",)),
    closure=("none: a covariance is positive definite",),
    example=_multivariate_example,
    other=[-1.0, 0.5, -0.7, 0.1, 0.1, -0.2],
)
_KNOWN_COVARIANCE = Formulas(
    family=families.MultivariateGaussianKnownCovariance([[2.0, 1.0], [1.0, 1.0]]),
    what=("vectors of a known covariance ", _covariance, ", mean unknown"),
    support=member_of(x, _space),
    domain=member_of(natural, _space),
    statistic=x,
    base=exp(-(half * Quadratic(Inverse(_covariance), x))) / Root(_det(2 * pi * _covariance)),
    log_partition=half * Quadratic(_covariance, natural),
    usual={"centre": Product(_covariance, natural)},
    forward=_m,
    backward=Product(Inverse(_covariance), mean),
    fisher=_covariance,
    entropy=half * log(_det(2 * pi * _e * _covariance)),
    kl=half * Quadratic(Inverse(_covariance), _m - other(_m)),
    mle=(equal(_m, Average(x)),),
    mean_space=member_of(mean, _space),
    closure=("none",),
    example=_centre,
    other=[-1.0, 0.5],
)

VECTORS = (_KNOWN_COVARIANCE, _ISOTROPIC, _DIAGONAL, _MULTIVARIATE)
