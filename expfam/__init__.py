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
    from expfam import datasets as datasets
    from expfam import divergences as divergences
    from expfam import special as special
    from expfam.categorical import CategoricalFit as CategoricalFit
    from expfam.categorical import fit as fit
    from expfam.checks import check_family as check_family
    from expfam.conjugate import ConjugatePrior as ConjugatePrior
    from expfam.derivation import explain as explain
    from expfam.families import *  # noqa: F403
    from expfam.family import Distribution as Distribution
    from expfam.family import ExponentialFamily as ExponentialFamily
    from expfam.family import Statistics as Statistics
    from expfam.labs import lab as lab

__version__ = "0.1.0"
_MODULES = ("datasets", "divergences", "special")
_HOME = {  # of the other public names; the rest are families
    "CategoricalFit": "categorical",
    "ConjugatePrior": "conjugate",
    "Distribution": "family",
    "ExponentialFamily": "family",
    "Statistics": "family",
    "check_family": "checks",
    "explain": "derivation",
    "fit": "categorical",
    "lab": "labs",
}


def __getattr__(name: str) -> Any:
    """A public name, loaded on first use (PEP 562), or the list of all of them."""
    value: Any = None
    if name == "__all__":
        value = sorted([*_MODULES, *_HOME, *import_module("expfam.families").__all__])
    elif name in _MODULES:
        value = import_module(f"expfam.{name}")
    elif name in _HOME:
        value = getattr(import_module(f"expfam.{_HOME[name]}"), name)
    elif name[:1].isupper():  # modules, which `from expfam import` asks for here, are lower case
        value = getattr(import_module("expfam.families"), name, None)
    if value is None:
        raise AttributeError(f"module 'expfam' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
