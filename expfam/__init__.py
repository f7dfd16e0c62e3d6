"""Exponential families: p(x; η) = h(x) exp(⟨η, T(x)⟩ − A(η)), natural and mean, exact and labelled.

>>> import expfam
>>> p = expfam.Multinomial(["a", "b", "c"], trials=10).fit([3, 0, 7])
>>> p.mean_parameter
array([3., 0., 7.])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expfam import datasets, divergences, special
    from expfam.categorical import CategoricalFit, fit
    from expfam.checks import check_family
    from expfam.conjugate import ConjugatePrior
    from expfam.derivation import explain
    from expfam.families import (
        Beta,
        Binomial,
        Categorical,
        ChiSquared,
        ContinuousBernoulli,
        DiagonalGaussian,
        Dirichlet,
        Exponential,
        Gamma,
        Gaussian,
        GaussianKnownMean,
        GaussianKnownVariance,
        Geometric,
        InverseGamma,
        InverseGaussian,
        IsotropicGaussian,
        Laplace,
        Logarithmic,
        LogNormal,
        Multinomial,
        MultivariateGaussian,
        MultivariateGaussianKnownCovariance,
        NegativeBinomial,
        Pareto,
        Poisson,
        Rayleigh,
        VonMises,
        VonMisesFisher,
        Weibull,
    )
    from expfam.family import Distribution, ExponentialFamily, Statistics
    from expfam.labs import lab

_HOME = {
    "Beta": "families",
    "Binomial": "families",
    "Categorical": "families",
    "CategoricalFit": "categorical",
    "ChiSquared": "families",
    "ConjugatePrior": "conjugate",
    "ContinuousBernoulli": "families",
    "DiagonalGaussian": "families",
    "Dirichlet": "families",
    "Distribution": "family",
    "Exponential": "families",
    "ExponentialFamily": "family",
    "Gamma": "families",
    "Gaussian": "families",
    "GaussianKnownMean": "families",
    "GaussianKnownVariance": "families",
    "Geometric": "families",
    "InverseGamma": "families",
    "InverseGaussian": "families",
    "IsotropicGaussian": "families",
    "Laplace": "families",
    "LogNormal": "families",
    "Logarithmic": "families",
    "Multinomial": "families",
    "MultivariateGaussian": "families",
    "MultivariateGaussianKnownCovariance": "families",
    "NegativeBinomial": "families",
    "Pareto": "families",
    "Poisson": "families",
    "Rayleigh": "families",
    "Statistics": "family",
    "VonMises": "families",
    "VonMisesFisher": "families",
    "Weibull": "families",
    "check_family": "checks",
    "datasets": "",
    "divergences": "",
    "explain": "derivation",
    "fit": "categorical",
    "lab": "labs",
    "special": "",
}

__version__ = "0.1.0"
__all__ = [
    "Beta",
    "Binomial",
    "Categorical",
    "CategoricalFit",
    "ChiSquared",
    "ConjugatePrior",
    "ContinuousBernoulli",
    "DiagonalGaussian",
    "Dirichlet",
    "Distribution",
    "Exponential",
    "ExponentialFamily",
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
    "Statistics",
    "VonMises",
    "VonMisesFisher",
    "Weibull",
    "check_family",
    "datasets",
    "divergences",
    "explain",
    "fit",
    "lab",
    "special",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'expfam' has no attribute {name!r}")
    module = import_module(f"expfam.{_HOME[name] or name}")
    value = getattr(module, name) if _HOME[name] else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
