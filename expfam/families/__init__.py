"""The families, one short file each."""

from expfam.families.binomial import Binomial
from expfam.families.chi_squared import ChiSquared
from expfam.families.continuous_bernoulli import ContinuousBernoulli
from expfam.families.dirichlet import Beta, Dirichlet
from expfam.families.exponential import Exponential
from expfam.families.gamma import Gamma
from expfam.families.gaussian import Gaussian
from expfam.families.gaussian_known import GaussianKnownMean, GaussianKnownVariance
from expfam.families.gaussian_known_covariance import MultivariateGaussianKnownCovariance
from expfam.families.inverse_gaussian import InverseGaussian
from expfam.families.inverses import InverseGamma, LogNormal
from expfam.families.logarithmic import Logarithmic
from expfam.families.multinomial import Categorical, Multinomial
from expfam.families.multivariate_gaussian import MultivariateGaussian
from expfam.families.negative_binomial import Geometric, NegativeBinomial
from expfam.families.poisson import Poisson
from expfam.families.powers import Laplace, Pareto, Rayleigh, Weibull
from expfam.families.vector_gaussians import DiagonalGaussian, IsotropicGaussian
from expfam.families.von_mises import VonMises
from expfam.families.von_mises_fisher import VonMisesFisher

__all__ = [
    "Beta",
    "Binomial",
    "Categorical",
    "ChiSquared",
    "ContinuousBernoulli",
    "DiagonalGaussian",
    "Dirichlet",
    "Exponential",
    "Gamma",
    "Gaussian",
    "GaussianKnownMean",
    "GaussianKnownVariance",
    "Geometric",
    "InverseGamma",
    "InverseGaussian",
    "IsotropicGaussian",
    "Laplace",
    "LogNormal",
    "Logarithmic",
    "Multinomial",
    "MultivariateGaussian",
    "MultivariateGaussianKnownCovariance",
    "NegativeBinomial",
    "Pareto",
    "Poisson",
    "Rayleigh",
    "VonMises",
    "VonMisesFisher",
    "Weibull",
]
