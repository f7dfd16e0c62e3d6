"""Laws as distributions of torch.distributions; logits where there are any, which lose nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from expfam.converters.laws import Law


def write(law: Law) -> Any:
    """The distribution of a law. Errors: as `to_torch`."""
    import torch
    from torch import distributions

    if law.name not in _WRITE:
        raise TypeError(
            f"to_torch: torch.distributions has no {law.name} law, no counterpart of it"
        )
    for name in ("log_odds", "log_failure"):
        if name in law.values and not torch.isfinite(_tensor(law.values[name])).all():
            rule = f"the {name.replace('_', ' ')} must be finite: torch gives nan at its limit"
            raise ValueError(f"to_torch: {law.name}: {rule}")
    values = {name: _tensor(value) for name, value in law.values.items()}
    if law.name in _LIMITS:
        held, rule = _LIMITS[law.name]
        if not held(**values).all():
            raise ValueError(f"to_torch: {law.name}: {rule}")
    return _WRITE[law.name](distributions, **values)


def read(distribution: Any) -> Law:
    """The law of a distribution. Errors: TypeError for one of no family here."""
    from torch.distributions import Distribution

    kind = type(distribution).__name__
    if not isinstance(distribution, Distribution):
        raise TypeError(f"from_torch: it must be of torch.distributions; got {kind}")
    if kind not in _READ:
        raise TypeError(f"from_torch: {kind} is of no exponential family here")
    return _READ[kind](distribution)


def _tensor(value: Any) -> Any:
    import torch

    if isinstance(value, torch.Tensor):
        return value
    return torch.as_tensor(np.array(value, dtype=np.float64))


# ------------------------------------------------------------ writing


def _multinomial(d: Any, trials: Any, log_probabilities: Any) -> Any:
    if trials.ndim:
        raise TypeError("to_torch: Multinomial has one number of trials there; convert one member")
    return d.Multinomial(int(trials), logits=log_probabilities)


def _angular(d: Any, angle: Any, concentration: Any) -> Any:
    if not (concentration > 0).all():
        raise ValueError("to_torch: von mises: the concentration must be finite and above 0 there")
    return d.VonMises(angle, concentration)


def _limits(x: Any) -> Any:
    import torch

    return torch.finfo(x.dtype)


# Where what torch computes with is another member, and the rule that is broken there.
_LIMITS: dict[str, tuple[Callable, str]] = {
    "poisson": (
        lambda log_rate, rate: (rate >= _limits(rate).tiny) | (log_rate == -math.inf),
        "the rate must be 0 or a normal number: below these it has no digits",
    ),
    "geometric": (
        lambda successes, log_failure, log_success: log_success.exp() < 1,
        "log(1 − P(success)) must be finite: torch takes it, and P is rounded to 1",
    ),
    "continuous bernoulli": (
        lambda log_odds: log_odds.abs() <= -math.log(_limits(log_odds).eps),
        "the log odds must be finite, and within ±log ε: torch clips what is beyond",
    ),
}

_WRITE: dict[str, Callable] = {
    "beta": lambda d, alpha, beta: d.Beta(alpha, beta),
    "dirichlet": lambda d, concentrations: d.Dirichlet(concentrations),
    "von mises": _angular,
    "continuous bernoulli": lambda d, log_odds: d.ContinuousBernoulli(logits=log_odds),
    "normal": lambda d, mean, variance: d.Normal(mean, variance**0.5),
    "lognormal": lambda d, mean, variance: d.LogNormal(mean, variance**0.5),
    "gamma": lambda d, shape, rate: d.Gamma(shape, rate),
    "inverse gamma": lambda d, shape, scale: d.InverseGamma(shape, scale),
    "chi squared": lambda d, degrees: d.Chi2(degrees),
    "exponential": lambda d, rate: d.Exponential(rate),
    "weibull": lambda d, shape, scale: d.Weibull(scale, shape.to(scale)),
    "rayleigh": lambda d, scale: d.Weibull(scale * 2**0.5, 0 * scale + 2),
    "pareto": lambda d, minimum, index: d.Pareto(minimum.to(index), index),
    "uniform": lambda d, low, high: d.Uniform(low, high),
    "laplace": lambda d, location, scale: d.Laplace(location.to(scale), scale),
    "poisson": lambda d, rate, log_rate: d.Poisson(rate),
    "binomial": lambda d, trials, log_odds: d.Binomial(trials.to(log_odds), logits=log_odds),
    "geometric": lambda d, successes, log_failure, log_success: d.Geometric(
        logits=log_success - log_failure
    ),
    # torch counts what it calls successes, until total_count of the others
    "negative binomial": lambda d, successes, log_failure, log_success: d.NegativeBinomial(
        successes.to(log_failure), logits=log_failure - log_success
    ),
    "multinomial": _multinomial,
    "categorical": lambda d, log_probabilities: d.Categorical(logits=log_probabilities),
    "vector normal": lambda d, mean, covariance: d.MultivariateNormal(mean, covariance),
    "independent normals": lambda d, mean, variance: d.Independent(
        d.Normal(mean, variance**0.5), 1
    ),
}


# ------------------------------------------------------------ reading


def _of_probabilities(distribution: Any) -> bool:
    """Whether it was made of probabilities: its logits are then clipped, and not asked for."""
    given = vars(distribution)  # in order: what is asked for later is kept, too
    first = next((name for name in given if name in ("probs", "logits")), None)
    return "probs" in given and getattr(distribution, "_param", given[first]) is given["probs"]


def _log_odds(distribution: Any) -> Any:
    if _of_probabilities(distribution):
        p = distribution.probs
        return p.log() - (-p).log1p()
    return distribution.logits


def _logs(distribution: Any) -> Any:
    """log p of categories; with probabilities of 0 as −∞."""
    inner = getattr(distribution, "_categorical", distribution)
    return inner.probs.log() if _of_probabilities(inner) else inner.logits


def _logs_of_two(distribution: Any) -> tuple[Any, Any]:
    """The logs of the probability that a distribution is given by, and of the other."""
    from torch.nn.functional import logsigmoid

    if _of_probabilities(distribution):
        return distribution.probs.log(), (-distribution.probs).log1p()
    return logsigmoid(distribution.logits), logsigmoid(-distribution.logits)


def _geometric(distribution: Any) -> Law:
    success, failure = _logs_of_two(distribution)
    return Law("geometric", {"successes": 1.0, "log_failure": failure, "log_success": success})


def _negative_binomial(distribution: Any) -> Law:
    failure, success = _logs_of_two(distribution)
    values = {"log_failure": failure, "log_success": success}
    return Law("negative binomial", {"successes": distribution.total_count, **values})


def _independent(distribution: Any) -> Law:
    base = distribution.base_dist
    if type(base).__name__ != "Normal" or distribution.reinterpreted_batch_ndims != 1:
        raise TypeError("from_torch: Independent must be of one axis of Normals")
    return Law("independent normals", {"mean": base.loc, "variance": base.scale**2})


_READ: dict[str, Callable[[Any], Law]] = {
    "Normal": lambda d: Law("normal", {"mean": d.loc, "variance": d.scale**2}),
    "LogNormal": lambda d: Law("lognormal", {"mean": d.loc, "variance": d.scale**2}),
    "Gamma": lambda d: Law("gamma", {"shape": d.concentration, "rate": d.rate}),
    "InverseGamma": lambda d: Law("inverse gamma", {"shape": d.concentration, "scale": d.rate}),
    "Chi2": lambda d: Law("chi squared", {"degrees": d.df}),
    "Exponential": lambda d: Law("exponential", {"rate": d.rate}),
    "Weibull": lambda d: Law("weibull", {"shape": d.concentration, "scale": d.scale}),
    "Pareto": lambda d: Law("pareto", {"minimum": d.scale, "index": d.alpha}),
    "Uniform": lambda d: Law("uniform", {"low": d.low, "high": d.high}),
    "Laplace": lambda d: Law("laplace", {"location": d.loc, "scale": d.scale}),
    "Poisson": lambda d: Law("poisson", {"rate": d.rate, "log_rate": d.rate.log()}),
    "Bernoulli": lambda d: Law("binomial", {"trials": 1, "log_odds": _log_odds(d)}),
    "Binomial": lambda d: Law("binomial", {"trials": d.total_count, "log_odds": _log_odds(d)}),
    "Geometric": _geometric,
    "NegativeBinomial": _negative_binomial,
    "Multinomial": lambda d: Law(
        "multinomial", {"trials": d.total_count, "log_probabilities": _logs(d)}
    ),
    "OneHotCategorical": lambda d: Law("multinomial", {"trials": 1, "log_probabilities": _logs(d)}),
    "Categorical": lambda d: Law("categorical", {"log_probabilities": _logs(d)}),
    "MultivariateNormal": lambda d: Law(
        "vector normal", {"mean": d.loc, "covariance": d.covariance_matrix}
    ),
    "Independent": _independent,
    "Beta": lambda d: Law("beta", {"alpha": d.concentration1, "beta": d.concentration0}),
    "Dirichlet": lambda d: Law("dirichlet", {"concentrations": d.concentration}),
    "VonMises": lambda d: Law("von mises", {"angle": d.loc, "concentration": d.concentration}),
    "ContinuousBernoulli": lambda d: Law("continuous bernoulli", {"log_odds": _log_odds(d)}),
}
