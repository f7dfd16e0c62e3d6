"""Measures of association of a table of counts, rows × columns, with intervals.

`table` is always (r, c): counts, non-negative and finite, whole or not. Empty rows and columns
are no part of a measure and are left out; of what remains there must be two of each at least.
"""

from __future__ import annotations

from expfam.association.adjustment import ADJUSTMENTS, adjusted_pvalues
from expfam.association.counts import (
    adjusted_residuals,
    degrees_of_freedom,
    expected,
    likelihood_ratio,
    pearson,
    residuals,
)
from expfam.association.measure import Measure
from expfam.association.prediction import goodman_kruskal_lambda, goodman_kruskal_tau
from expfam.association.strength import contingency_coefficient, cramers_v

__all__ = [
    "ADJUSTMENTS",
    "Measure",
    "adjusted_pvalues",
    "adjusted_residuals",
    "contingency_coefficient",
    "cramers_v",
    "degrees_of_freedom",
    "expected",
    "goodman_kruskal_lambda",
    "goodman_kruskal_tau",
    "likelihood_ratio",
    "pearson",
    "residuals",
]
