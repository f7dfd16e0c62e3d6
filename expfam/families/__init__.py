"""The families, one short file each."""

from expfam.families.binomial import Binomial
from expfam.families.chi_squared import ChiSquared
from expfam.families.exponential import Exponential
from expfam.families.finite import FiniteFamily
from expfam.families.gamma import Gamma
from expfam.families.gaussian import Gaussian
from expfam.families.gaussian_known import GaussianKnownMean, GaussianKnownVariance
from expfam.families.gaussian_known_covariance import MultivariateGaussianKnownCovariance
from expfam.families.inverses import InverseGamma, LogNormal
from expfam.families.multinomial import Categorical, Multinomial
from expfam.families.multivariate_gaussian import MultivariateGaussian
from expfam.families.negative_binomial import Geometric, NegativeBinomial
from expfam.families.poisson import Poisson
from expfam.families.powers import Laplace, Pareto, Rayleigh, Weibull
from expfam.families.product import ProductFamily
from expfam.families.truncated import Truncated
from expfam.families.vector_gaussians import DiagonalGaussian, IsotropicGaussian

__all__ = [
    "Binomial",
    "Categorical",
    "ChiSquared",
    "DiagonalGaussian",
    "Exponential",
    "FiniteFamily",
    "Gamma",
    "Gaussian",
    "GaussianKnownMean",
    "GaussianKnownVariance",
    "Geometric",
    "InverseGamma",
    "IsotropicGaussian",
    "Laplace",
    "LogNormal",
    "Multinomial",
    "MultivariateGaussian",
    "MultivariateGaussianKnownCovariance",
    "NegativeBinomial",
    "Pareto",
    "Poisson",
    "ProductFamily",
    "Rayleigh",
    "Truncated",
    "Weibull",
]
