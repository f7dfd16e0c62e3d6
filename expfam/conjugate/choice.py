"""Which form the conjugate prior of a family has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from expfam.conjugate import counted, located
from expfam.conjugate.blunt import BluntForm
from expfam.conjugate.contour import ContourForm
from expfam.conjugate.directed import EitherForm
from expfam.conjugate.form import Form
from expfam.conjugate.lattice import MOST
from expfam.conjugate.numerical import DirectionsForm, NumericalForm
from expfam.conjugate.products import ProductForm
from expfam.conjugate.shapes import ShapeForm
from expfam.conjugate.shares import SharesForm
from expfam.families import (
    Beta,
    Binomial,
    Categorical,
    DiagonalGaussian,
    Dirichlet,
    Exponential,
    FiniteFamily,
    Gamma,
    Gaussian,
    GaussianKnownMean,
    GaussianKnownVariance,
    Geometric,
    IsotropicGaussian,
    Multinomial,
    MultivariateGaussian,
    MultivariateGaussianKnownCovariance,
    NegativeBinomial,
    Poisson,
    ProductFamily,
    Truncated,
    VonMises,
    VonMisesFisher,
)
from expfam.families.transformed import Transformed
from expfam.family import ExponentialFamily


def _truncated(family: Truncated) -> Form:
    """Windows without an end leave out what spreads far: of rates, little; near η = 0, much."""
    if family._within.blunt:
        return BluntForm(family, slow=True)
    endless = family.discrete and family.high == np.inf
    cut = endless and not isinstance(family.family, Poisson)
    return NumericalForm(family, cut=cut, slow=not family.discrete)


def _product(family: ProductFamily) -> Form:
    return ProductForm(family, [form_of(factor) for factor in family.factors])


def _finite(family: FiniteFamily) -> Form:
    """A simplex of points is a categorical family in other coordinates; of others, the integral
    over fewer numbers, and over the others where it does not settle.
    """
    direct, d = NumericalForm(family), family.dimension
    if not family.minimal:
        return direct
    if len(family.statistic) == d + 1:
        return counted.SimplexForm(family)
    contour = ContourForm(family)
    if contour.order > MOST:
        return direct
    if d > MOST:
        return contour
    if contour.order <= (d if d > 2 else 1):
        return EitherForm(contour, direct)
    return EitherForm(direct, contour) if d > 2 else direct


_FORMS: dict[type, Callable[[Any], Form]] = {
    Beta: SharesForm,
    Binomial: counted.BetaForm,
    Categorical: counted.DirichletForm,
    DiagonalGaussian: located.NormalGammaForm,
    Dirichlet: SharesForm,
    Exponential: lambda family: counted.ScaleForm(family, 1.0, "the rate"),
    FiniteFamily: _finite,
    Gamma: ShapeForm,
    Gaussian: located.NormalGammaForm,
    GaussianKnownMean: lambda family: counted.ScaleForm(family, 0.5, "the precision"),
    GaussianKnownVariance: located.NormalForm,
    Geometric: counted.FailuresForm,
    IsotropicGaussian: located.NormalGammaForm,
    Multinomial: counted.DirichletForm,
    MultivariateGaussian: located.NormalWishartForm,
    MultivariateGaussianKnownCovariance: located.NormalForm,
    NegativeBinomial: counted.FailuresForm,
    Poisson: counted.RateForm,
    ProductFamily: _product,
    Truncated: _truncated,
    VonMises: DirectionsForm,
    VonMisesFisher: DirectionsForm,
}


def form_of(family: ExponentialFamily) -> Form:
    """The form of a family's prior; one of a change of variable has that of its original."""
    core = family._original if isinstance(family, Transformed) else family._unit
    return _FORMS.get(type(core), NumericalForm)(core)
