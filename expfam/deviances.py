"""Loader's deviance D(x, m) = x log(x/m) + m − x: what a count x of mean m loses in probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import (
    NUMPY,
    Array,
    array_namespace,
    is_foreign,
    real,
    require,
    require_broadcast,
    rounded,
    wide,
)

ABOVE_MINUS_ONE = 2.0**-53 - 1  # (x − m)/m of an x > 0 that is lost beside m
_LARGEST = 1e300


def deviance(x: Any, mean: Any) -> Any:
    """Loader's bd0, x log(x/m) + m − x ≥ 0: half the deviance of a Poisson count x of mean m.

    x, mean: from 0 to 1e300, broadcast; x is integer or not. 0 at x = m; m at x = 0; ∞ at
    x > m = 0; NaN in gives NaN out.
    Errors: ValueError for what is beyond; TypeError for what is no number, and for arrays of
    other libraries than numpy.
    Source: Loader (2000), section 3.

    >>> deviance(3.0, 3.0), deviance(0, 2.5)
    (0.0, 2.5)
    """
    if is_foreign(x) or is_foreign(mean):
        raise TypeError("deviance: x and mean must be numpy's; got an array of another library")
    x, mean = real(x, "deviance"), real(mean, "deviance", "mean")
    require_broadcast("deviance", "x and mean must broadcast", x.shape, mean.shape)
    dtype = np.result_type(x, mean)
    x, mean = wide(x), wide(mean)
    for value, name in ((x, "x"), (mean, "mean")):
        ok = ~((value < 0) | (value > _LARGEST))
        require(ok, "deviance", f"{name} must be between 0 and 1e300", value)
    with np.errstate(all="ignore"):
        value = deviance_of_difference(x, mean, x - mean)
        beyond = np.isinf(value)  # where x/m is, though m may be above 0
        if beyond.any():
            value = np.where(beyond, x * (np.log(x) - np.log(mean) - 1), value)
        return rounded(value, dtype)


def deviance_of_difference(x: Array, mean: Array, difference: Array) -> Array:
    """`deviance`, where x − mean is known better than from x and mean; of every array library.

    With t = (x − m)/m it is m·ψ(t), ψ(t) = (1 + t) log(1 + t) − t; for small t the series of
    ψ in v = t/(2 + t), where log(1 + t) = 2 artanh v.
    """
    xp = array_namespace(x, mean, difference)
    with np.errstate(all="ignore"):
        if xp is NUMPY:
            v = difference / (x + mean)
            log_ratio = np.log1p(np.maximum(difference / mean, ABOVE_MINUS_ONE))
        else:
            v, log_ratio = _with_gradients(x, mean, difference, xp)
        w = v * v
        tail = w * (
            1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11 + w * (1 / 13 + w / 15)))))
        )
        near = difference * v + 2 * x * v * tail
        value = xp.where(xp.abs(v) < 0.1, near, x * log_ratio - difference)
        value = xp.where(x == 0, mean, value)
        return xp.where(mean == 0, xp.where(x == 0, 0.0 * x, np.inf), value)


def _with_gradients(x: Array, mean: Array, difference: Array, xp: Any) -> tuple[Array, Array]:
    """v, or 1 where it is not small, and log(x/m), each with divisors as large as its use allows.

    Gradients pass the branches that are not taken too, where 0/0 or 1/m² would make them nan.
    """
    small = 10 * xp.abs(difference) < x + mean
    v = xp.where(small, difference, 1.0) / xp.where(small, x + mean, 1.0)
    near = (100 * x > mean) & (100 * mean > x)
    t = xp.where(near, difference, 0.0) / xp.where(near, mean, 1.0)
    apart = xp.log(xp.where(x > 0, x, 1.0)) - xp.log(xp.where(mean > 0, mean, 1.0))
    return v, xp.where(near, xp.log1p(t), apart)
