"""Conjugate priors of exponential families: prior counts, posterior, prediction, evidence."""

from expfam.conjugate.form import Classical
from expfam.conjugate.prior import ConjugatePrior
from expfam.conjugate.simulated import Simulated

__all__ = ["Classical", "ConjugatePrior", "Simulated"]
