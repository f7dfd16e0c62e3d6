"""Members from laws: of the family that is given, or of that which leaves most parameters free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from expfam import families as f
from expfam.arrays import Array, array_namespace, host
from expfam.converters import window_members
from expfam.converters.agreement import agree, one
from expfam.converters.laws import Law
from expfam.family import Distribution, ExponentialFamily


def member_of(law: Law, family: ExponentialFamily | None, who: str) -> Distribution:
    """The member with a law, of a family if that is given. Errors: as `from_scipy`."""
    kinds = dict(_MEMBERS.get(law.name, {}))
    if law.name in window_members.MEMBERS:
        kinds[f.Truncated] = window_members.MEMBERS[law.name]
    kind = next(iter(kinds)) if family is None else type(family)
    if kind not in kinds:
        known = " or ".join(k.__name__ for k in kinds)
        raise TypeError(f"{who}: the law is {law.name}, which is {known}; got {family!r}")
    with np.errstate(all="ignore"):
        return kinds[kind](law.values, family, who)


def _fixed(kind: Any, name: str) -> Callable[[dict, Any, str], Any]:
    """The family that fixes one parameter of the law: that which is given, or a new one."""

    def family_of(values: dict[str, Any], family: Any, who: str) -> Any:
        if family is None:
            return kind(one(who, kind, name, values[name]))
        agree(who, family, name, values[name], getattr(family, name))
        return family

    return family_of


def _from_fixed(kind: Any, name: str, natural: Callable[[dict[str, Any]], Array]) -> Callable:
    family_of = _fixed(kind, name)
    return lambda v, family, who: family_of(v, family, who).from_natural(natural(v))


def _known_mean(values: dict[str, Any], family: Any, who: str) -> Distribution:
    agree(who, family, "mean", values["mean"], family.mean)
    return family.from_natural(-0.5 / values["variance"])


def _known_variance(values: dict[str, Any], family: Any, who: str) -> Distribution:
    agree(who, family, "variance", values["variance"], family.variance)
    return family.from_mean(values["mean"])


def _counts(values: dict[str, Any], family: Any, who: str) -> Distribution:
    if family is None:
        return f.Binomial(_trials(values)).from_natural(values["log_odds"])
    agree(who, family, "trials", values["trials"], family.trials)
    return family.from_natural(values["log_odds"])


def _multinomial(values: dict[str, Any], family: Any, who: str) -> Distribution:
    natural = values["log_probabilities"]
    if family is None:
        family = f.Multinomial(natural.shape[-1], _trials(values))
    agree(who, family, "trials", values["trials"], family.trials)
    return family.from_natural(natural)


def _trials(values: dict[str, Any]) -> int | np.ndarray:
    """Trials as whole numbers, one where all members have the same."""
    trials = host(values["trials"])
    whole: Any = trials.astype(np.int64) if np.all(trials == np.floor(trials)) else trials
    return whole.flat[0] if np.all(whole == whole.flat[0]) else whole


def _categorical(values: dict[str, Any], family: Any, who: str) -> Distribution:
    natural = values["log_probabilities"]
    return (family or f.Categorical(natural.shape[-1])).from_natural(natural)


def _vector_normal(values: dict[str, Any], family: Any, who: str) -> Distribution:
    family = family or f.MultivariateGaussian(values["mean"].shape[-1])
    return family.from_mean_covariance(values["mean"], values["covariance"])


def _of_known_covariance(values: dict[str, Any], family: Any, who: str) -> Distribution:
    agree(who, family, "covariance", values["covariance"], family.covariance)
    return family.from_mean(values["mean"])


def _diagonal_covariance(values: dict[str, Any], family: Any, who: str) -> Distribution:
    covariance = values["covariance"]
    variance = array_namespace(covariance).linalg.diagonal(covariance)
    agree(who, family, "covariance", covariance, host(variance)[..., None] * np.eye(len(variance)))
    return _independent_normals({"mean": values["mean"], "variance": variance}, family, who)


def _independent_normals(values: dict[str, Any], family: Any, who: str) -> Distribution:
    mean, variance = values["mean"], values["variance"]
    if family is None:
        family = f.DiagonalGaussian(mean.shape[-1])
    if isinstance(family, f.IsotropicGaussian):
        agree(who, family, "variance", variance, host(variance)[..., :1])
        variance = variance[..., :1]
    join = np.concatenate if isinstance(mean, np.ndarray) else array_namespace(mean).concat
    return family.from_natural(join([mean / variance, -0.5 / variance], axis=-1))


def _as(make: Callable[[dict[str, Any]], Distribution]) -> Callable:
    """A family without fixed parameters, which needs no telling."""
    return lambda values, family, who: make(values)


def _dirichlet(values: dict[str, Any], family: Any, who: str) -> Distribution:
    concentrations = values["concentrations"]
    return (family or f.Dirichlet(concentrations.shape[-1])).from_natural(concentrations)


def _beta(values: dict[str, Any]) -> Distribution:
    alpha, beta = values["alpha"], values["beta"]
    xp = array_namespace(alpha, beta)
    return f.Beta().from_natural(xp.stack(xp.broadcast_arrays(alpha, beta), axis=-1))


def _directed(values: dict[str, Any], family: Any, who: str) -> Distribution:
    family = family or f.VonMisesFisher(values["direction"].shape[-1])
    return family.from_direction_concentration(values["direction"], values["concentration"])


def _rayleigh(values: dict[str, Any], who: str) -> Distribution:
    """Where there is no Rayleigh, it is the Weibull of shape 2, σ√2 its scale."""
    agree(who, f.Rayleigh(), "shape", values["shape"], 2.0)
    return f.Rayleigh().from_natural(-(values["scale"] ** -2.0))


_MEMBERS: dict[str, dict[Any, Callable[[dict[str, Any], Any, str], Distribution]]] = {
    "normal": {
        f.Gaussian: _as(lambda v: f.Gaussian().from_mean_variance(v["mean"], v["variance"])),
        f.GaussianKnownMean: _known_mean,
        f.GaussianKnownVariance: _known_variance,
    },
    "lognormal": {
        f.LogNormal: _as(lambda v: f.LogNormal().from_log_moments(v["mean"], v["variance"]))
    },
    "gamma": {f.Gamma: _as(lambda v: f.Gamma().from_shape_rate(v["shape"], v["rate"]))},
    "inverse gamma": {
        f.InverseGamma: _as(lambda v: f.InverseGamma().from_shape_scale(v["shape"], v["scale"]))
    },
    "chi squared": {f.ChiSquared: _as(lambda v: f.ChiSquared().from_natural(v["degrees"] / 2 - 1))},
    "exponential": {f.Exponential: _as(lambda v: f.Exponential().from_natural(-v["rate"]))},
    "weibull": {
        f.Weibull: _from_fixed(f.Weibull, "shape", lambda v: -(v["scale"] ** -v["shape"])),
        f.Rayleigh: lambda v, family, who: _rayleigh(v, who),
    },
    "rayleigh": {f.Rayleigh: _as(lambda v: f.Rayleigh().from_natural(-0.5 / v["scale"] ** 2))},
    "pareto": {f.Pareto: _from_fixed(f.Pareto, "minimum", lambda v: -v["index"])},
    "laplace": {f.Laplace: _from_fixed(f.Laplace, "location", lambda v: -1 / v["scale"])},
    "poisson": {f.Poisson: _as(lambda v: f.Poisson().from_natural(v["log_rate"]))},
    "binomial": {f.Binomial: _counts},
    "geometric": {f.Geometric: _as(lambda v: f.Geometric().from_natural(v["log_failure"]))},
    "negative binomial": {
        f.NegativeBinomial: _from_fixed(
            f.NegativeBinomial, "successes", lambda v: v["log_failure"] + 0.0
        )
    },
    "multinomial": {f.Multinomial: _multinomial},
    "categorical": {f.Categorical: _categorical},
    "vector normal": {
        f.MultivariateGaussian: _vector_normal,
        f.MultivariateGaussianKnownCovariance: _of_known_covariance,
        f.DiagonalGaussian: _diagonal_covariance,
        f.IsotropicGaussian: _diagonal_covariance,
    },
    "independent normals": {
        f.DiagonalGaussian: _independent_normals,
        f.IsotropicGaussian: _independent_normals,
    },
    "beta": {f.Beta: _as(lambda v: _beta(v))},
    "dirichlet": {f.Dirichlet: _dirichlet},
    "von mises": {
        f.VonMises: _as(
            lambda v: f.VonMises().from_angle_concentration(v["angle"], v["concentration"])
        )
    },
    "von mises and fisher": {f.VonMisesFisher: _directed},
    "inverse gaussian": {
        f.InverseGaussian: _as(lambda v: f.InverseGaussian().from_mean_shape(v["mean"], v["shape"]))
    },
    "logarithmic": {f.Logarithmic: _as(lambda v: f.Logarithmic().from_natural(v["log_share"]))},
    "continuous bernoulli": {
        f.ContinuousBernoulli: _as(lambda v: f.ContinuousBernoulli().from_natural(v["log_odds"]))
    },
}
