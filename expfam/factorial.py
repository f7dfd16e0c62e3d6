"""Log-factorials and the saddle-point form of the discrete families (Loader 2000).

Stirling's formula splits a log-factorial into a large smooth part and a small remainder,

    log x! = x log x − x + r(x),      r(x) = ½ log(2πx) + δ(x),      δ(x) = 1/12x − 1/360x³ + …

In a probability the large parts of numerator and denominator combine into deviances, which are
small and can be computed without cancellation. So log-probabilities keep their digits where
differences of log-gamma functions lose all of them.

C. Loader (2000), Fast and Accurate Computation of Binomial Probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from expfam import pairs
from expfam.arrays import (
    NUMPY,
    Array,
    array_namespace,
    beside,
    counting,
    is_foreign,
    real,
    require,
    rounded,
    wide,
)
from expfam.gammas import log_gamma

_HALF_LOG_2PI = 0.91893853320467274178
_HALF_LOG_2PI_LOW = -3.8782941580672414e-17  # what is left of it
_UNIT = 2.0**64

# δ(0), …, δ(15), with δ(0) = 0 by convention: 60 digits of log k! − k log k + k − ½ log(2πk).
_STIRLING_TABLE = np.array(
    [
        0.0,
        0.08106146679532725822,
        0.041340695955409294094,
        0.027677925684998339149,
        0.020790672103765093112,
        0.016644691189821192163,
        0.013876128823070747999,
        0.011896709945891770095,
        0.010411265261972096497,
        0.0092554621827127329177,
        0.0083305634333628712565,
        0.007573675487951840795,
        0.0069428401072095298657,
        0.0064089941880042070684,
        0.0059513701127588477356,
        0.005554733551962801371,
    ]
)
_SMALL = len(_STIRLING_TABLE)
# The asymptotic series of δ in 1/x², Bernoulli numbers over 2k(2k − 1); at x = 16 the first
# term left out is 3e-18.
_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)

_FACTORIAL_TABLE = np.array([math.log(math.factorial(k)) for k in range(171)])


def stirling_error(x: Any) -> Any:
    """δ(x), what Stirling's formula leaves out: log x! = x log x − x + ½ log(2πx) + δ(x).

    x: non-negative integers (as any real type), any shape. δ(0) = 0 by convention.
    Errors: ValueError for a negative or fractional x, TypeError for what is no number.
    Source: Loader (2000), section 2; the series is Abramowitz and Stegun 6.1.42.

    >>> stirling_error(1)  # 1 − ½ log 2π
    0.08106146679532726
    """
    return _of_counts(x, stirling_errors, "stirling_error")


def stirling_errors(x: Array) -> Array:
    """`stirling_error` of an array of integers or floats."""
    return _by_table(wide(x), _STIRLING_TABLE, _series)


def stirling_remainder(x: Any) -> Any:
    """r(x) = log x! − x log x + x, which is 0 at x = 0 and ½ log(2πx) + δ(x) above.

    x: non-negative integers (as any real type), any shape.
    Errors: ValueError for a negative or fractional x, TypeError for what is no number.

    >>> stirling_remainder([0, 1])
    array([0., 1.])
    """
    return _of_counts(x, remainder, "stirling_remainder")


def remainder(x: Array) -> Array:
    """`stirling_remainder` of an array of floats."""
    return _by_table(x, _REMAINDER_TABLE, _remainder_series)


def remainder_of_reals(x: Array) -> Array:
    """`stirling_remainder` of any x ≥ 0, with log Γ(x + 1) for log x!."""
    if is_foreign(x):
        xp = array_namespace(x)
        small, large = xp.where(x < _SMALL, x, _SMALL), xp.where(x < _SMALL, _SMALL, x)
        near = log_gamma(small + 1) - small * xp.log(xp.where(small > 0, small, 1.0)) + small
        return xp.where(x < _SMALL, near, _remainder_series(large))
    from scipy.special import gammaln, xlogy

    small = np.minimum(x, _SMALL)
    near = gammaln(small + 1) - xlogy(small, small) + small
    return np.where(x < _SMALL, near, _remainder_series(np.maximum(x, _SMALL)))


def remainder_of(trials: int | np.ndarray) -> Any:
    """`stirling_remainder` of numbers of trials."""
    if isinstance(trials, int):
        return _remainder_of_int(trials)
    return remainder(trials.astype(np.float64))


@cache
def _remainder_of_int(trials: int) -> float:
    return float(remainder(np.asarray(float(trials))))


def remainder_up_to(most: int | np.ndarray, counts: np.ndarray, x: np.ndarray) -> np.ndarray:
    """`stirling_remainder` of integer counts (x as floats) which are known to be at most this."""
    if isinstance(most, int) and most < len(_REMAINDER_TABLE):
        return _REMAINDER_TABLE[counts]
    return remainder(x)


def log_factorial(x: Any) -> Any:
    """log x! of non-negative integers.

    x: integers (as any real type), any shape. Relative error below 2⁻⁵²; +∞ from 2.6e305 on.
    Errors: ValueError for a negative or fractional x, TypeError for what is no number.

    >>> log_factorial([0, 1, 5])  # log 120
    array([0.        , 0.        , 4.78749174])
    """
    return _of_counts(x, log_factorials, "log_factorial")


def log_factorials(x: Array) -> Array:
    """`log_factorial` of an array of floats."""
    return _by_table(x, _FACTORIAL_TABLE, _log_factorial_series)


def log_multinomial_coefficient(counts: Any) -> Any:
    """The log of the number of sequences with these counts, log(n! / ∏ xᵢ!), n = Σ xᵢ.

    It is n·H(x/n) + r(n) − Σ r(xᵢ), a sum of entropies and small remainders, where differences
    of log-gamma functions would cancel.

    counts: (…, K) non-negative integers; result (…), +∞ where n overflows.
    Errors: ValueError for a negative or fractional count or no axis, TypeError for no number.
    Source: Loader (2000).

    >>> log_multinomial_coefficient([2, 1])  # aab, aba, baa
    1.0986122886681098
    >>> bool(log_multinomial_coefficient([10**15 - 1, 1]) == np.log(1e15))
    True
    """
    counts = real(counts, "log_multinomial_coefficient", "counts")
    if counts.ndim == 0:
        raise ValueError("log_multinomial_coefficient: counts must have a category axis; got none")
    return _of_counts(counts, coefficient, "log_multinomial_coefficient")


def coefficient(counts: Array) -> Array:
    """`log_multinomial_coefficient` of an array of floats."""
    xp = _namespace(counts)
    total = xp.sum(counts, axis=-1)
    if xp is NUMPY and counts.size:
        return _coefficient_in_pairs(counts.reshape(-1, counts.shape[-1])).reshape(total.shape)
    # x log(n/x), with log1p where x is most of n: there n/x rounds to 1, and n − x to anything.
    observed = xp.where(counts > 0, counts, 1.0)
    most = counts > total[..., None] - counts
    rest = xp.sum(xp.where(most, 0.0, counts), axis=-1)[..., None]
    log_share = xp.where(
        most,
        xp.log1p(xp.where(most, rest / observed, 0.0)),
        xp.log(xp.where(counts > 0, total[..., None], 1.0) / observed),
    )
    large = xp.sum(counts * log_share, axis=-1)
    return large + remainder(total) - xp.sum(remainder(counts), axis=-1)


def _coefficient_in_pairs(counts: np.ndarray) -> np.ndarray:
    """The same of rows (R, K) of floats, rounded once or so.

    Σ x log(n/x) + ½ log n − ½ Σ log x − ½ (s − 1) log 2π + δ(n) − Σ δ(x), over the s counts
    above zero; all but the small δ in pairs.
    """
    seen = counts > 0
    x = np.where(seen, counts, 1.0)
    n = pairs.row_sum(counts)
    held = np.isfinite(n[0])
    n = (np.where(held & (n[0] > 0), n[0], 1.0), np.where(held, n[1], 0.0))
    # Powers of 2 apart, as pairs of numbers beyond 2⁹⁷⁰ have no products.
    (mantissa, less), (top, power) = np.frexp(x), np.frexp(n[0][:, None])
    ratio = pairs.quotient((top, np.ldexp(n[1][:, None], -power)), mantissa)
    high, low = (np.where(seen, part, rest) for part, rest in zip(ratio, (1.0, 0.0), strict=True))
    share = pairs.log((high, low), seen * (power - less))
    high, low = (_UNIT * part for part in pairs.two_product(x / _UNIT, share[0]))
    log_x = pairs.log((x, np.zeros_like(x)))
    total, error = pairs.row_sum(np.concatenate([high, -0.5 * log_x[0]], axis=1))
    small = (low + x * share[1] - 0.5 * log_x[1] - stirling_errors(np.where(seen, x, 0.0))).sum(-1)
    log_n = pairs.log(n)
    others = np.maximum(seen.sum(axis=1) - 1, 0)
    high, low = pairs.two_product(others.astype(np.float64), np.full(len(n[0]), -_HALF_LOG_2PI))
    small = small + error + low - others * _HALF_LOG_2PI_LOW
    small = small + 0.5 * log_n[1] + stirling_errors(np.where(counts.any(axis=1), n[0], 0.0))
    value = pairs.add(
        (total, small),
        pairs.add((0.5 * log_n[0], np.zeros_like(small)), (high, np.zeros_like(high))),
    )
    result = np.where(others > 0, value[0], 0.0)
    return np.where(held & np.isfinite(result), result, np.inf)


def check_counts(x: Any, who: str, name: str = "counts") -> Array:
    """x as floats that are non-negative integers, or a ValueError."""
    x = real(x, who, name)
    xp = _namespace(x)
    require((x >= 0) & (x < np.inf), who, f"{name} must be non-negative and finite", x)
    require(x == xp.floor(x), who, f"{name} must be integers", x)
    return wide(x)


def _of_counts(x: Any, function: Callable, who: str) -> Any:
    """function of checked counts, rounded to their type."""
    x = real(x, who, "counts")
    with np.errstate(all="ignore"):
        return rounded(function(check_counts(x, who)), x.dtype)


def _by_table(x: Array, table: np.ndarray, large: Callable) -> Array:
    """table[x] where the table reaches, large(x) beyond."""
    size: Any = len(table)
    if isinstance(x, (np.ndarray, np.generic)):
        if x.size and np.maximum.reduce(x, axis=None) < size:
            return table[x.astype(np.intp)]
        small = x < size
        index = np.where(small, x, 0).astype(np.intp)
        return np.where(small, table[index], large(np.maximum(x, _SMALL)))
    xp = _namespace(x)
    small = x < size
    index = xp.astype(xp.where(small, x, 0.0), counting(xp))
    values = xp.asarray(table.tolist(), **beside(x))
    looked_up = xp.reshape(xp.take(values, xp.reshape(index, (-1,)), axis=0), x.shape)
    return xp.where(small, looked_up, large(xp.where(small, float(size), x)))


def _log_factorial_series(x: Array) -> Array:
    """x log x − x + r(x), in pairs; of other libraries as it stands."""
    if is_foreign(x):
        return x * (_namespace(x).log(x) - 1) + remainder(x)
    log, less = pairs.log((x, np.zeros_like(x))), x / _UNIT  # in units, as log x! may pass 2⁹⁷⁰
    high, low = pairs.two_product(less, log[0])
    rest = pairs.two_difference(remainder(x) / _UNIT, less)
    return pairs.add((high, low + less * log[1]), rest)[0] * _UNIT


def _remainder_series(x: Array) -> Array:
    return _HALF_LOG_2PI + 0.5 * _namespace(x).log(x) + _series(x)


def _series(x: Array) -> Array:
    w = 1 / (x * x)
    value = _SERIES[-1]
    for term in _SERIES[-2::-1]:
        value = value * w + term
    return value / x


def _namespace(x: Array) -> Any:
    return NUMPY if isinstance(x, (np.ndarray, np.generic)) else array_namespace(x)


_REMAINDER_TABLE = np.concatenate(
    [
        [0.0],
        _STIRLING_TABLE[1:] + (_HALF_LOG_2PI + 0.5 * np.log(np.arange(1, _SMALL))),
        _remainder_series(np.arange(_SMALL, 256.0)),
    ]
)
