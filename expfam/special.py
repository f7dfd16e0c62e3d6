"""Functions that every family stands on: logsumexp and its kin, ⟨η, t⟩, log-factorials.

Arrays of numpy, torch, jax, cupy and other libraries of the array API standard go in; the same
kind comes out, differentiable where the library differentiates. Promises of accuracy are numpy's.
float16 and float32 are computed in float64 and rounded once. Complex, masked, text and object
arrays are refused with a TypeError; NaN in gives NaN out, in that row alone, save that functions
of counts refuse it as they do a negative or fractional count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from expfam import few, kernels
from expfam.arrays import (
    NUMPY,
    Array,
    array_namespace,
    beside,
    is_foreign,
    of_one_library,
    real,
    require,
    require_broadcast,
    rounded,
    scalar,
    wide,
)
from expfam.axes import Axis, as_rows, axes_of
from expfam.deviances import deviance
from expfam.factorial import (
    log_factorial,
    log_multinomial_coefficient,
    stirling_error,
    stirling_remainder,
)
from expfam.gammas import digamma, log_gamma, trigamma
from expfam.kernels import EmptyRow

__all__ = [
    "deviance",
    "digamma",
    "inner",
    "log_factorial",
    "log_gamma",
    "log_multinomial_coefficient",
    "log_softmax",
    "logsumexp",
    "sigmoid",
    "softmax",
    "softplus",
    "stirling_error",
    "stirling_remainder",
    "trigamma",
]


def logsumexp(
    x: Any, axis: Axis = -1, *, keepdims: bool = False, b: Any = None, relative: bool = True
) -> Any:
    """The log of a sum of exponentials, log Σᵢ bᵢ exp(xᵢ): the log-partition of the softmax.

    x: any shape; axis: an int, a tuple or None for all; b: non-negative weights, broadcast with x.
    Result: x without the axis, or with length 1 there (keepdims). An empty axis and a row of −∞
    give −∞, a +∞ gives +∞. A term of weight 0 is no term, whatever its x.
    relative: within 2 units in the last place of the result, also where it is near 0 (normalised
    log-probabilities; such rows cost 1 µs a number, seldom more); else 4·2⁻⁵³·max(1, |result|).
    Errors: TypeError for what is no real number, ValueError for a negative weight or a wrong axis.
    Source: Blanchard, Higham and Higham (2021), Accurately computing the log-sum-exp and softmax
    functions, equations 1.3 and 3.8.

    >>> logsumexp([0.2, 1.3, -0.5])
    1.704244344559238
    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    >>> logsumexp([]), logsumexp([0.0, 0.0], b=[5.0, 0.0])
    (-inf, 1.6094379124341003)
    """
    x = real(x, "logsumexp")
    if b is not None:
        x, b = _with_weights(x, real(b, "logsumexp", "b"))
    if is_foreign(x):
        return _foreign_logsumexp(x, axis, keepdims, b)
    if _is_few(x, axis) and b is None and (few_value := few.logsumexp(x)) is not None:
        value = x.dtype.type(few_value)
        return np.array([value], x.dtype) if keepdims else value.item()
    with np.errstate(all="ignore"):
        if _is_last(axis) and x.ndim == 1 and x.size and b is None:  # the common case, at once
            value = kernels.logsumexp_rows(x[None], relative).astype(x.dtype, copy=False)
            return value if keepdims else scalar(value[0])
        rows = as_rows(x, axis, "logsumexp")
        if not x.size:
            return rows.reduced(np.full(len(rows.values), -np.inf), keepdims)
        if b is None:
            return rows.reduced(kernels.logsumexp_rows(rows.values, relative), keepdims)
        weights = as_rows(b, axis, "logsumexp").values
        return rows.reduced(kernels.weighted_logsumexp_rows(rows.values, weights), keepdims)


def softmax(x: Any, axis: Axis = -1) -> Any:
    """Exponentials scaled to sum to one, exp(xᵢ) / Σⱼ exp(xⱼ): the gradient of logsumexp.

    x: any shape; axis: an int, a tuple or None for all; the result has the shape of x. −∞ gives
    0; entries of +∞ share the whole equally, the limit of equal entries. An empty axis stays empty.
    Errors: TypeError for what is no real number, ValueError for a row of −∞ alone.
    Source: as for `logsumexp`, equations 1.5 and 3.9.

    >>> softmax([0.2, 1.3, -0.5])
    array([0.22218513, 0.66748101, 0.11033387])
    """
    x = real(x, "softmax")
    if is_foreign(x):
        exps = _foreign_exponentials(x, axis, "softmax")[1]
        return exps / array_namespace(x).sum(exps, axis=axis, keepdims=True)
    if _is_few(x, axis) and (few_values := few.softmax(x)) is not None:
        return few_values
    return _normalised(x, axis, "softmax", kernels.softmax_rows)


def log_softmax(x: Any, axis: Axis = -1) -> Any:
    """The log of the softmax, xᵢ − logsumexp(x): log-probabilities that keep their digits.

    x: any shape; axis: an int, a tuple or None for all; the result has the shape of x. Infinite
    entries as for `softmax`. Errors: as for `softmax`.

    >>> log_softmax([0.0, -40.0])  # the winner's log-probability is −e⁻⁴⁰, not 0
    array([-4.24835426e-18, -4.00000000e+01])
    """
    x = real(x, "log_softmax")
    if is_foreign(x):
        shifted, exps = _foreign_exponentials(x, axis, "log_softmax")
        xp = array_namespace(x)
        return shifted - xp.log(xp.sum(exps, axis=axis, keepdims=True))
    return _normalised(x, axis, "log_softmax", kernels.log_softmax_rows)


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), the logsumexp of (x, 0).

    x: any shape. −∞ gives 0, +∞ gives +∞. Errors: TypeError for what is no real number.

    >>> softplus([-np.inf, 0.0, 2.0])
    array([0.        , 0.69314718, 2.12692801])
    """
    x, xp, dtype = _elementwise(x, "softplus")
    with np.errstate(all="ignore"):
        above, below = xp.where(x > 0, x, 0.0), xp.where(x > 0, 0.0, x)
        return rounded(
            xp.where(x > 0, above + xp.log1p(xp.exp(-above)), xp.log1p(xp.exp(below))), dtype
        )


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(−x)), the first entry of the softmax of (x, 0): the gradient of softplus.

    x: any shape. −∞ gives 0, +∞ gives 1. Errors: TypeError for what is no real number.

    >>> sigmoid([-np.inf, 0.0, np.inf])
    array([0. , 0.5, 1. ])
    """
    x, xp, dtype = _elementwise(x, "sigmoid")
    with np.errstate(all="ignore"):
        above, below = xp.exp(-xp.where(x > 0, x, 0.0)), xp.exp(xp.where(x > 0, 0.0, x))
        return rounded(xp.where(x > 0, 1 / (1 + above), below / (1 + below)), dtype)


def inner(natural: Any, statistic: Any, ndim: int = 1) -> Any:
    """The inner product ⟨η, t⟩ over the last ndim axes, with 0·(±∞) = 0.

    natural, statistic: broadcast. A statistic of 0 takes no notice of its natural parameter, so
    that a category of probability 0 (η = −∞) which was not observed (t = 0) adds nothing.
    Errors: TypeError for what is no real number; ValueError where +∞ and −∞ meet in a sum (numpy;
    elsewhere NaN), and for shapes that do not broadcast or have fewer than ndim axes.

    >>> inner([-np.inf, 2.0], [0.0, 3.0])
    6.0
    """
    natural, statistic = real(natural, "inner", "natural"), real(statistic, "inner", "statistic")
    natural, statistic = of_one_library(natural, statistic, "inner", "statistic")
    rule = "natural and statistic must broadcast"
    require_broadcast("inner", rule, tuple(natural.shape), tuple(statistic.shape))
    if type(ndim) is not int or not 0 <= ndim <= max(natural.ndim, statistic.ndim):
        raise ValueError(f"inner: ndim must be a number of axes that are there; got {ndim!r}")
    xp = array_namespace(natural, statistic)
    with np.errstate(all="ignore"):
        if xp is not NUMPY:
            # A finite η stays beside t = 0: it is the gradient there.
            empty = (statistic == 0) & ~xp.isfinite(natural)
            return _sum_last(xp.where(empty, 0.0, natural) * statistic, ndim)
        dtype = np.result_type(natural, statistic)
        natural, statistic = wide(natural), wide(statistic)
        zero = (statistic == 0) | (natural == 0) & np.isinf(statistic)
        product = np.where(zero, 0.0, natural) * np.where(zero, 0.0, statistic)
        value = _sum_last(product, ndim)
        if np.isnan(value).any():
            undefined = np.isnan(value) & ~_sum_last(np.isnan(product), ndim).astype(bool)
            require(~undefined, "inner", "+inf and -inf must not meet in one sum", value)
        return rounded(value, dtype)


def _sum_last(x: Array, ndim: int) -> Array:
    return array_namespace(x).sum(x, axis=tuple(range(-ndim, 0))) if ndim else x


def _elementwise(x: Any, who: str) -> tuple[Array, Any, Any]:
    """x in its computing precision, its namespace and its own dtype."""
    x = real(x, who)
    return wide(x), array_namespace(x), x.dtype


def _is_last(axis: Axis) -> bool:
    return type(axis) is int and axis == -1


# ---------------------------------------------------------------- numpy


def _is_few(x: np.ndarray, axis: Axis) -> bool:
    return x.ndim == 1 and 1 < x.size <= few.MOST and _is_last(axis)


def _normalised(x: np.ndarray, axis: Axis, who: str, kernel: Callable) -> np.ndarray:
    with np.errstate(all="ignore"):
        try:
            if _is_last(axis) and x.ndim == 1 and x.size:  # the common case, at once
                out = np.empty_like(x)
                kernel(x[None], out[None])
                return out
            rows = as_rows(x, axis, who)
            if not x.size:
                return x.copy()
            out = np.empty_like(rows.values, x.dtype.newbyteorder("="), subok=False)
            kernel(rows.values, out)
            return scalar(rows.whole(out))
        except EmptyRow:
            row = np.flatnonzero(as_rows(x, axis, who).values.max(axis=1) == -np.inf)[0]
            rule = f"a row must have an entry above -inf; row {row} has only -inf"
            raise ValueError(f"{who}: {rule}") from None


def _with_weights(x: Array, b: Array) -> tuple[Array, Array]:
    x, b = of_one_library(x, b, "logsumexp", "b")
    xp = array_namespace(x, b)
    rule = "x and the weights b must broadcast"
    require_broadcast("logsumexp", rule, tuple(x.shape), tuple(b.shape))
    require(b >= 0, "logsumexp", "weights b must be non-negative", b)
    require(b < np.inf, "logsumexp", "weights b must be finite", b)
    x, b = xp.broadcast_arrays(x, b)
    return xp.where(b == 0, -np.inf, x), b


# ---------------------------------------------------------------- other array libraries


def _foreign_exponentials(x: Array, axis: Axis, who: str) -> tuple[Array, Array]:
    """x − max and its exponentials, after the same resolution of infinities as numpy's."""
    xp = array_namespace(x)
    maximum = xp.max(x, axis=axis, keepdims=True)
    require(
        maximum > -np.inf, who, "a row must have an entry above -inf", maximum, "has only", "row"
    )
    limit = xp.where(x == np.inf, xp.zeros_like(x), xp.full_like(x, -np.inf))
    x = xp.where(maximum == np.inf, limit, x)
    shifted = x - xp.where(maximum == np.inf, xp.zeros_like(maximum), maximum)
    return shifted, xp.exp(shifted)


def _foreign_logsumexp(x: Array, axis: Axis, keepdims: bool, b: Array | None) -> Array:
    xp = array_namespace(x)
    if not math.prod(x.shape):
        axes = axes_of(axis, x.ndim, "logsumexp")
        shape = [1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes]
        return xp.full(tuple(shape), -np.inf, **beside(x))
    maximum = xp.max(x, axis=axis, keepdims=True)
    endless = maximum == np.inf
    shift = xp.where(xp.isfinite(maximum), maximum, xp.zeros_like(maximum))
    exps = xp.exp(xp.where(endless, xp.zeros_like(x), x - shift))
    total = xp.sum(exps if b is None else exps * b, axis=axis, keepdims=True)
    # Where nothing is above −∞ the log would have a gradient of NaN: it is not taken there.
    empty = total == 0
    value = xp.log(xp.where(empty, xp.ones_like(total), total)) + shift
    value = xp.where(empty, xp.full_like(total, -np.inf), value)
    value = xp.where(endless, maximum, value)  # whose gradient entries of +∞ share
    return value if keepdims else _squeeze(value, axis, xp)


def _squeeze(value: Array, axis: Axis, xp: Any) -> Array:
    return xp.squeeze(value, axis=axes_of(axis, value.ndim, "logsumexp"))
