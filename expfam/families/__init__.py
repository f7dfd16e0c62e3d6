"""The families, one short file each."""

from expfam.families.binomial import Binomial
from expfam.families.gamma import Gamma
from expfam.families.gaussian import Gaussian
from expfam.families.multinomial import Categorical, Multinomial
from expfam.families.poisson import Poisson

__all__ = ["Binomial", "Categorical", "Gamma", "Gaussian", "Multinomial", "Poisson"]
