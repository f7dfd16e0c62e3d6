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
    from expfam import datasets, special
    from expfam.categorical import CategoricalFit, fit
    from expfam.checks import check_family
    from expfam.derivation import explain
    from expfam.families import (
        Binomial,
        Categorical,
        ChiSquared,
        DiagonalGaussian,
        Exponential,
        FiniteFamily,
        Gamma,
        Gaussian,
        GaussianKnownMean,
        GaussianKnownVariance,
        Geometric,
        InverseGamma,
        IsotropicGaussian,
        Laplace,
        LogNormal,
        Multinomial,
        MultivariateGaussian,
        MultivariateGaussianKnownCovariance,
        NegativeBinomial,
        Pareto,
        Poisson,
        ProductFamily,
        Rayleigh,
        Truncated,
        Weibull,
    )
    from expfam.family import Distribution, ExponentialFamily, Statistics
    from expfam.labs import lab

_HOME = {
    "Binomial": "families",
    "Categorical": "families",
    "CategoricalFit": "categorical",
    "ChiSquared": "families",
    "DiagonalGaussian": "families",
    "Distribution": "family",
    "Exponential": "families",
    "ExponentialFamily": "family",
    "FiniteFamily": "families",
    "Gamma": "families",
    "Gaussian": "families",
    "GaussianKnownMean": "families",
    "GaussianKnownVariance": "families",
    "Geometric": "families",
    "InverseGamma": "families",
    "IsotropicGaussian": "families",
    "Laplace": "families",
    "LogNormal": "families",
    "Multinomial": "families",
    "MultivariateGaussian": "families",
    "MultivariateGaussianKnownCovariance": "families",
    "NegativeBinomial": "families",
    "Pareto": "families",
    "Poisson": "families",
    "ProductFamily": "families",
    "Rayleigh": "families",
    "Statistics": "family",
    "Truncated": "families",
    "Weibull": "families",
    "check_family": "checks",
    "datasets": "",
    "explain": "derivation",
    "fit": "categorical",
    "lab": "labs",
    "special": "",
}

__version__ = "0.1.0"
__all__ = [
    "Binomial",
    "Categorical",
    "CategoricalFit",
    "ChiSquared",
    "DiagonalGaussian",
    "Distribution",
    "Exponential",
    "ExponentialFamily",
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
    "Statistics",
    "Truncated",
    "Weibull",
    "check_family",
    "datasets",
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
