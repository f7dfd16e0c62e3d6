"""Odds ratios of 2 × 2 tables, one by one and common to strata.

The odds ratio of [[a, b], [c, d]] is ad/bc: the odds of the first column to the second in the
first row, over those in the second row. Given its margins, the count a of a table with the odds
ratio e^η has the noncentral hypergeometric law, an exponential family with a for its statistic:
P(a; η) = C(a₁, a)·C(a₂, t − a)·exp(η·a − A(η)). A sum over strata with a common η has one too,
whose base measure is the convolution of theirs.
"""

from __future__ import annotations

from expfam.odds.result import OddsRatio
from expfam.odds.single import METHODS, odds_ratio, sample
from expfam.odds.strata import Homogeneity, MantelHaenszel, breslow_day, mantel_haenszel

__all__ = [
    "METHODS",
    "Homogeneity",
    "MantelHaenszel",
    "OddsRatio",
    "breslow_day",
    "mantel_haenszel",
    "odds_ratio",
    "sample",
]
