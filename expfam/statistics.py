"""What data become: the sums that a fit and a likelihood need, and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.arrays import (
    Array,
    array_namespace,
    frozen,
    is_foreign,
    like,
    of_one_library,
    real,
    require,
    scalar,
)
from expfam.pytrees import as_pytree
from expfam.special import inner

if TYPE_CHECKING:
    from expfam.family import ExponentialFamily

LARGEST_COUNT = 2**62
_LARGE = 30.0  # times a log-likelihood: terms that cost it two digits
_SUMS = ("total", "log_base", "weight", "exposure", "rows")


@dataclass(frozen=True, eq=False)
class Statistics:
    """The sufficient statistics of weighted data, Σ w·T(x), with Σ w·log h(x), Σ w and Σ w·trials.

    Whoever can add can fit: `a + b` is the statistics of both data sets, `a - b` forgets b.
    Integer statistics and weights are summed exactly in any order, others to 1e-13 relative.

    family: the family per trial; two that differ only in trials share their statistics.
    total: batch + natural shape; log_base, weight, exposure: batch shape; rows: rows of data.
    Errors: ValueError for other families or batches, and where forgetting passes below zero.

    >>> from expfam import Multinomial
    >>> a = Multinomial(3, trials=4).statistics([[1, 1, 2], [0, 3, 1]])
    >>> b = Multinomial(3, trials=10).statistics([5, 5, 0])
    >>> (a + b).total, (a + b).exposure, (a + b).rows
    (array([6, 9, 3]), 18, 3)
    """

    family: ExponentialFamily
    total: Array
    log_base: Any
    weight: Any
    exposure: Any
    rows: int

    def __post_init__(self) -> None:
        as_pytree(Statistics, _SUMS)
        for name in _SUMS:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                object.__setattr__(self, name, frozen(value))

    def __add__(self, other: Statistics) -> Statistics:
        if not isinstance(other, Statistics):
            return NotImplemented
        self._check_same(other)
        return self._combine(other, 1)

    def __sub__(self, other: Statistics) -> Statistics:
        if not isinstance(other, Statistics):
            return NotImplemented
        self._check_same(other)
        left = self._combine(other, -1)
        rule = "forgetting must not pass below zero"
        left._require(left.rows, f"{rule} rows")
        left._require(left.weight, f"{rule} weight")
        left._require(left.exposure, f"{rule} exposure")
        if _is_integral(left.total) and left.family._counts:
            left._require(left.total, f"{rule} counts")
        return left

    @property
    def mean(self) -> Array:
        """The average statistic per unit of exposure, Σ w·T(x) / Σ w·trials.

        Errors: ValueError where there is no exposure.
        """
        exposure = self.exposure
        rule = "an average needs data"
        require(exposure > 0, "Statistics", rule, exposure, "has the exposure", "row")
        for _ in self.family.natural_shape:
            exposure = exposure[..., None] if np.ndim(exposure) else exposure
        total = real(self.total, "Statistics") if is_foreign(self.total) else self.total
        with np.errstate(all="ignore"):
            return total / like(exposure, total, "Statistics", "exposure")

    def _combine(self, other: Statistics, sign: int) -> Statistics:
        return Statistics(
            self.family,
            _plus(self.total, other.total, sign),
            _plus(self.log_base, other.log_base, sign),
            _plus(self.weight, other.weight, sign),
            _plus(self.exposure, other.exposure, sign),
            self.rows + sign * other.rows,
        )

    def _check_same(self, other: Statistics) -> None:
        if self.family != other.family:
            raise ValueError(
                f"Statistics: both must be of one family; got {self.family} and {other.family}"
            )
        a, b = tuple(np.shape(self.total)), tuple(np.shape(other.total))
        if a != b:
            raise ValueError(f"Statistics: both must have the same batch; got shapes {a} and {b}")

    def _require(self, value: Any, rule: str) -> None:
        require(value >= 0, "Statistics", rule, value)


def weighted_sum(values: Array, weights: Array | None, axes: int, what: str) -> Array:
    """Σ w·values over the first axes; exact where both are integers, compensated elsewhere."""
    if is_foreign(values) or is_foreign(weights):
        return _foreign_sum(values, weights, axes, what)
    values = np.asarray(values)
    integral = values.dtype.kind in "iu" and (weights is None or weights.dtype.kind in "iu")
    if weights is not None:
        weights = weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))
    rows = values.reshape(math.prod(values.shape[:axes]), *values.shape[axes:])
    if weights is not None:
        weights = np.broadcast_to(weights, values.shape).reshape(rows.shape)
    if not integral:
        with np.errstate(all="ignore"):
            return _check_finite(compensated_sum(rows if weights is None else rows * weights), what)
    size = rows.astype(float) if weights is None else rows.astype(float) * weights
    # Only where no partial sum can pass 2⁶³ is the exact sum worth taking.
    if np.abs(size).sum(axis=0).max(initial=0) < 1.5 * LARGEST_COUNT:
        product = rows if weights is None else rows * weights.astype(np.int64)
        total = product.sum(axis=0, dtype=np.int64)
        if not (abs(total) > LARGEST_COUNT).any():
            return total
    raise ValueError(f"Statistics: the sum of {what} must be at most 2**62; it passes that")


def compensated_sum(rows: np.ndarray) -> np.ndarray:
    """The sum over the first axis, by pairs, with every rounding error added back at the end."""
    rows = rows.astype(np.float64)
    if not len(rows):
        return np.zeros(rows.shape[1:])
    error = np.zeros(rows.shape[1:])
    while len(rows) > 1:
        half = len(rows) // 2
        a, b = rows[:half], rows[half : 2 * half]
        total = a + b
        v = total - a
        error += ((a - (total - v)) + (b - v)).sum(axis=0)
        rows = np.concatenate([total, rows[2 * half :]])
    return rows[0] + np.where(np.isfinite(error), error, 0.0)


def cancelled(natural: np.ndarray, sums: Statistics, value: Any) -> np.ndarray:
    """Where ⟨η, t⟩ and log h are far larger than the log-likelihood, to which they added up."""
    ndim = len(sums.family.natural_shape)
    terms = inner(np.abs(natural), np.abs(sums.total), ndim) + np.abs(sums.log_base)
    return np.asarray(terms > _LARGE * np.maximum(1.0, np.abs(value)))


def _foreign_sum(values: Array, weights: Array | None, axes: int, what: str) -> Array:
    """The same on another library, on its device; integers that would wrap round are refused."""
    if weights is not None:
        values, weights = _of_one_type(values, weights)
        xp = array_namespace(values)
        weights = xp.reshape(weights, tuple(weights.shape) + (1,) * (values.ndim - weights.ndim))
        values = xp.broadcast_arrays(values, weights)[0]
    xp, over = array_namespace(values), tuple(range(axes))
    terms = values if weights is None else values * weights
    total = xp.sum(terms, axis=over) if axes else terms
    if _is_integral(total):
        rough = real(values, "Statistics")
        rough = rough if weights is None else rough * real(weights, "Statistics")
        _check_held(xp.sum(xp.abs(rough), axis=over) if axes else xp.abs(rough), total, what)
    return total


def _of_one_type(values: Array, weights: Array) -> tuple[Array, Array]:
    """Both as arrays of one library and type: the wider where one has whole numbers alone."""
    if not is_foreign(values) or (_is_integral(values) and is_foreign(weights)):
        return like(values, weights, "Statistics", "values"), weights
    if not _is_integral(weights):
        values = real(values, "Statistics")
    return values, like(weights, values, "Statistics", "weights")


def _summands(a: Any, b: Any) -> tuple[Array, Array]:
    """Both as arrays of the library of one; in floats unless both are whole."""
    if not (_is_integral(a) and _is_integral(b)):
        a, b = real(a, "Statistics"), real(b, "Statistics")
    return of_one_library(a, b, "Statistics", "sums")


def _is_integral(x: Any) -> bool:
    if is_foreign(x):
        return bool(array_namespace(x).isdtype(x.dtype, "integral"))
    return np.asarray(x).dtype.kind in "iu"


def _check_held(rough: Array, total: Array, what: str) -> None:
    """Refuse sums that the integers of total cannot hold, from the same sums in floats."""
    most = min(LARGEST_COUNT, int(0.99 * array_namespace(total).iinfo(total.dtype).max))
    rule = f"the sum of {what} must be at most 2**62, and what {total.dtype} holds"
    require(rough <= float(most), "Statistics", rule, rough)


def _plus(a: Any, b: Any, sign: int) -> Any:
    """a ± b, exactly where both are integers."""
    if is_foreign(a) or is_foreign(b):
        a, b = _summands(a, b)
        total = a + sign * b
        if _is_integral(total):
            _check_held(abs(real(a, "Statistics")) + abs(real(b, "Statistics")), total, "counts")
        return total
    with np.errstate(all="ignore"):
        total = np.asarray(a) + sign * np.asarray(b)
    if total.dtype.kind == "i":  # of at most 2⁶² each: a sum that wraps is negative beyond −2⁶²
        if ((total > LARGEST_COUNT) | (total < -LARGEST_COUNT)).any():
            raise ValueError("Statistics: a sum of counts must be at most 2**62; it passes that")
    else:
        _check_finite(total, "statistics")
    return scalar(total)


def _check_finite(total: np.ndarray, what: str) -> np.ndarray:
    require(np.isfinite(total), "Statistics", f"the sum of {what} must be finite", total)
    return total
