"""Tables of counts at the door, and what they would be if rows and columns were independent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam.arrays import numbers, require
from expfam.deviances import deviance


def expected(table: Any) -> np.ndarray:
    """What the counts would be on average, were rows and columns independent: nᵢ₊·n₊ⱼ / n.

    An empty row or column expects 0. Result: (r, c). Errors: ValueError for bad counts.

    >>> expected([[3, 1], [1, 3]])
    array([[2., 2.],
           [2., 2.]])
    """
    return expectations(counts_of(table, "expected"))


def residuals(table: Any) -> np.ndarray:
    """Pearson's residuals (x − m)/√m; their squares sum to X². 0 in an empty row or column.

    >>> residuals([[6, 2], [2, 6]]).round(4)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    x = counts_of(table, "residuals")
    return ratio(differences(x), np.sqrt(expectations(x)))


def adjusted_residuals(table: Any) -> np.ndarray:
    """Residuals with variance one if rows and columns are independent.

    (x − m)/√(m (1 − nᵢ₊/n)(1 − n₊ⱼ/n)), near N(0, 1) then; 0 where there is nothing to compare
    with. Result: (r, c). Errors: ValueError for bad counts.
    Source: Haberman (1973), Biometrics 29: 205–220.

    >>> adjusted_residuals([[6, 2], [2, 6]]).round(4)
    array([[ 2., -2.],
           [-2.,  2.]])
    """
    x = counts_of(table, "adjusted_residuals")
    n, rows, columns = margins(x)
    spread = np.sqrt(expectations(x) * ((n - rows) / n) * ((n - columns) / n))
    return ratio(differences(x), spread)


def pearson(table: Any) -> float:
    """Pearson's X² = Σ (x − m)²/m of independence of rows and columns.

    Errors: ValueError for bad counts.
    Source: Pearson (1900), Phil. Mag. 50: 157–175.

    >>> pearson([[6, 2], [2, 6]])
    4.0
    """
    return pearson_statistic(counts_of(table, "pearson"))


def likelihood_ratio(table: Any) -> float:
    """G = 2 Σ x log(x/m), twice the log-likelihood ratio of dependence to independence.

    Errors: ValueError for bad counts. Source: Wilks (1938), Ann. Math. Statist. 9: 60–62.

    >>> round(likelihood_ratio([[6, 2], [2, 6]]), 4)
    4.186
    """
    x = counts_of(table, "likelihood_ratio")
    return math.fsum(2 * np.ravel(deviance(x, expectations(x))))


def degrees_of_freedom(table: Any) -> int:
    """(r − 1)(c − 1) of the rows and columns with a count.

    >>> degrees_of_freedom([[3, 0, 1], [2, 0, 2]])
    1
    """
    rows, columns = kept(counts_of(table, "degrees_of_freedom")).shape
    return (rows - 1) * (columns - 1)


# ---------------------------------------------------------------- the door, and inside


def counts_of(table: Any, who: str) -> np.ndarray:
    """The table as an array of floats. Errors: TypeError and ValueError, in words."""
    if hasattr(table, "iloc"):
        raise TypeError(f"{who}: table must be a bare array; labels are kept by fit.compare")
    x = numbers(table, who, "table")
    if x.ndim != 2 or not x.size:
        raise ValueError(f"{who}: table must have rows and columns; got the shape {x.shape}")
    require((x >= 0) & (x <= 1e300), who, "counts must be non-negative and finite", x)
    if not x.any():
        raise ValueError(f"{who}: there must be at least one count; all are 0")
    return x


def table_of(table: Any, who: str) -> np.ndarray:
    """The table without its empty rows and columns."""
    x = kept(counts_of(table, who))
    if min(x.shape) < 2:
        r, c = x.shape
        raise ValueError(
            f"{who}: table must have counts in two rows and two columns at least; it has them in "
            f"{r} row{'s' * (r > 1)} and {c} column{'s' * (c > 1)}"
        )
    return x


def kept(x: np.ndarray) -> np.ndarray:
    """Rows and columns with a count."""
    return x[x.any(1)][:, x.any(0)]


def margins(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    return x.sum(), x.sum(1, keepdims=True), x.sum(0, keepdims=True)


def expectations(x: np.ndarray) -> np.ndarray:
    n, rows, columns = margins(x)
    return rows * (columns / n)


def differences(x: np.ndarray) -> np.ndarray:
    """x − m, and 0 where they differ by no more than rounding."""
    m = expectations(x)
    return np.where(np.abs(x - m) <= 8 * np.finfo(float).eps * m, 0.0, x - m)


def pearson_statistic(x: np.ndarray) -> float:
    return math.fsum(np.ravel(ratio(differences(x) ** 2, expectations(x))))


def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, and 0 where b is 0."""
    return np.where(b > 0, a / np.where(b > 0, b, 1.0), 0.0)
