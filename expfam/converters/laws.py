"""The common tongue of the converters: a law by name, with the parameters that all know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from expfam import families as f
from expfam.arrays import Array, array_namespace, require
from expfam.converters.windows import window_law
from expfam.family import Distribution
from expfam.special import log_softmax


class Law(NamedTuple):
    """A law and its parameters; those of counts are logarithms, which lose nothing near 0 and 1."""

    name: str
    values: dict[str, Any]


def law_of(member: Distribution, who: str) -> Law:
    """The law of a member. Errors: TypeError for no member, and where no other library has it."""
    if not isinstance(member, Distribution):
        raise TypeError(f"{who}: it must be a Distribution; got {type(member).__name__}")
    family = member.family
    if isinstance(family, f.Truncated):
        return Law(*window_law(family, member.natural_parameter, who))
    if type(family) not in _LAWS:
        raise TypeError(f"{who}: {family.name} has no counterpart that is known here")
    name, values = _LAWS[type(family)]
    return Law(name, values(family, member.natural_parameter))


# ------------------------------------------------------------ from members


def _normal(family: Any, natural: Array) -> dict[str, Any]:
    mean, variance = f.Gaussian().mean_variance(natural)
    return {"mean": mean, "variance": variance}


def _gamma(scale: str) -> Callable:
    def values(family: Any, natural: Array) -> dict[str, Any]:
        shape, rate = f.Gamma().shape_rate(natural)
        return {"shape": shape, scale: rate}

    return values


def _vector(family: Any, natural: Array) -> dict[str, Any]:
    mean, covariance = family.mean_covariance(natural)
    return {"mean": mean, "covariance": covariance}


def _known_covariance(family: Any, natural: Array) -> dict[str, Any]:
    covariance = family.fisher_information(natural)
    return {"mean": family.natural_to_mean(natural), "covariance": covariance}


def _independent(family: Any, natural: Array) -> dict[str, Any]:
    d = family.dimension
    variance = -0.5 / natural[..., d:]  # one for each entry, or one for all
    mean = natural[..., :d] * variance
    return {"mean": mean, "variance": variance + 0 * mean}


def _failures(family: Any, natural: Array) -> dict[str, Any]:
    successes = getattr(family, "successes", 1.0)
    log_success = -family.log_partition(natural) / successes
    return {"successes": successes, "log_failure": natural, "log_success": log_success}


def _concentrated(family: Any, natural: Array) -> dict[str, Any]:
    direction, concentration = family.direction_concentration(natural)
    return {"direction": direction, "concentration": concentration}


def _angular(family: Any, natural: Array) -> dict[str, Any]:
    angle, concentration = family.angle_concentration(natural)
    return {"angle": angle, "concentration": concentration}


def _weibull(family: Any, natural: Array) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        scale = (-natural) ** (-1 / family.shape)
    limits = array_namespace(scale).finfo(scale.dtype)
    require(
        (scale >= limits.smallest_normal) & (scale <= limits.max),
        family.name,
        "to be told by its scale, (−η)^(−1/shape) must be a normal number",
        scale,
    )
    return {"shape": family.shape, "scale": scale}


def _inverse_gaussian(family: Any, natural: Array) -> dict[str, Any]:
    mean, shape = family.mean_shape(natural)
    return {"mean": mean, "shape": shape}


_LAWS: dict[type, tuple[str, Callable[[Any, Array], dict[str, Any]]]] = {
    f.Gaussian: ("normal", _normal),
    f.GaussianKnownMean: (
        "normal",
        lambda p, n: {"mean": p.mean + 0 * n, "variance": -0.5 / n},
    ),
    f.GaussianKnownVariance: (
        "normal",
        lambda p, n: {"mean": p.variance * n, "variance": p.variance + 0 * n},
    ),
    f.LogNormal: ("lognormal", _normal),
    f.Gamma: ("gamma", _gamma("rate")),
    f.InverseGamma: ("inverse gamma", _gamma("scale")),
    f.ChiSquared: ("chi squared", lambda p, n: {"degrees": 2 * (n + 1)}),
    f.Exponential: ("exponential", lambda p, n: {"rate": -n}),
    f.Weibull: ("weibull", _weibull),
    f.Rayleigh: ("rayleigh", lambda p, n: {"scale": (-0.5 / n) ** 0.5}),
    f.Pareto: ("pareto", lambda p, n: {"minimum": p.minimum, "index": -n}),
    f.Laplace: ("laplace", lambda p, n: {"location": p.location, "scale": -1 / n}),
    f.Poisson: ("poisson", lambda p, n: {"log_rate": n, "rate": p.natural_to_mean(n)}),
    f.Binomial: ("binomial", lambda p, n: {"trials": p.trials, "log_odds": n}),
    f.Geometric: ("geometric", _failures),
    f.NegativeBinomial: ("negative binomial", _failures),
    f.Multinomial: (
        "multinomial",
        lambda p, n: {"trials": p.trials, "log_probabilities": log_softmax(n)},
    ),
    f.Categorical: ("categorical", lambda p, n: {"log_probabilities": log_softmax(n)}),
    f.MultivariateGaussian: ("vector normal", _vector),
    f.MultivariateGaussianKnownCovariance: ("vector normal", _known_covariance),
    f.DiagonalGaussian: ("independent normals", _independent),
    f.IsotropicGaussian: ("independent normals", _independent),
    f.Beta: ("beta", lambda p, n: {"alpha": n[..., 0], "beta": n[..., 1]}),
    f.Dirichlet: ("dirichlet", lambda p, n: {"concentrations": n}),
    f.VonMises: ("von mises", _angular),
    f.VonMisesFisher: ("von mises and fisher", _concentrated),
    f.InverseGaussian: ("inverse gaussian", _inverse_gaussian),
    f.Logarithmic: ("logarithmic", lambda p, n: {"log_share": n}),
    f.ContinuousBernoulli: ("continuous bernoulli", lambda p, n: {"log_odds": n}),
}
