"""The families, one short file each: an import here makes a family public, in `expfam` too."""

from typing import TYPE_CHECKING

from expfam.families.binomial import Binomial as Binomial
from expfam.families.chi_squared import ChiSquared as ChiSquared
from expfam.families.continuous_bernoulli import ContinuousBernoulli as ContinuousBernoulli
from expfam.families.dirichlet import Beta as Beta
from expfam.families.dirichlet import Dirichlet as Dirichlet
from expfam.families.exponential import Exponential as Exponential
from expfam.families.finite import FiniteFamily as FiniteFamily
from expfam.families.gamma import Gamma as Gamma
from expfam.families.gaussian import Gaussian as Gaussian
from expfam.families.gaussian_known import GaussianKnownMean as GaussianKnownMean
from expfam.families.gaussian_known import GaussianKnownVariance as GaussianKnownVariance
from expfam.families.gaussian_known_covariance import (
    MultivariateGaussianKnownCovariance as MultivariateGaussianKnownCovariance,
)
from expfam.families.inverse_gaussian import InverseGaussian as InverseGaussian
from expfam.families.inverses import InverseGamma as InverseGamma
from expfam.families.inverses import LogNormal as LogNormal
from expfam.families.logarithmic import Logarithmic as Logarithmic
from expfam.families.multinomial import Categorical as Categorical
from expfam.families.multinomial import Multinomial as Multinomial
from expfam.families.multivariate_gaussian import MultivariateGaussian as MultivariateGaussian
from expfam.families.negative_binomial import Geometric as Geometric
from expfam.families.negative_binomial import NegativeBinomial as NegativeBinomial
from expfam.families.poisson import Poisson as Poisson
from expfam.families.powers import Laplace as Laplace
from expfam.families.powers import Pareto as Pareto
from expfam.families.powers import Rayleigh as Rayleigh
from expfam.families.powers import Weibull as Weibull
from expfam.families.product import ProductFamily as ProductFamily
from expfam.families.truncated import Truncated as Truncated
from expfam.families.vector_gaussians import DiagonalGaussian as DiagonalGaussian
from expfam.families.vector_gaussians import IsotropicGaussian as IsotropicGaussian
from expfam.families.von_mises import VonMises as VonMises
from expfam.families.von_mises_fisher import VonMisesFisher as VonMisesFisher

if not TYPE_CHECKING:  # `as` tells type checkers what is public, and they compute no lists
    __all__ = sorted(name for name, thing in globals().items() if isinstance(thing, type))
