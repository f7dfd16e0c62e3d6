"""Likelihood ratio, score and Wald tests, and profile-likelihood intervals, of any family.

All of them follow from A and its derivatives, so they are written once.
"""

from expfam.likelihood.hypotheses import (
    LikelihoodTest,
    homogeneity,
    likelihood_ratio,
    score,
    wald,
)
from expfam.likelihood.profile import profile_interval

__all__ = [
    "LikelihoodTest",
    "homogeneity",
    "likelihood_ratio",
    "profile_interval",
    "score",
    "wald",
]
