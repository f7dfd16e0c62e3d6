"""Laws as frozen distributions of scipy.stats, which is imported here alone, when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from expfam.converters import scipy_windows
from expfam.converters.laws import Law
from expfam.families import Categorical
from expfam.special import sigmoid


def write(law: Law) -> Any:
    """The frozen distribution of a law. Errors: TypeError for batches it has not."""
    from scipy import stats

    if law.name not in _WRITE:
        raise TypeError(f"to_scipy: scipy.stats has no {law.name} law, no counterpart of it")
    with np.errstate(all="ignore"):
        return _WRITE[law.name](stats, **law.values)


def read(frozen: Any) -> Law:
    """The law of a frozen distribution. Errors: as `from_scipy`."""
    kind = type(frozen).__name__
    if kind in _READ_OBJECT:
        return _READ_OBJECT[kind](frozen)
    if not hasattr(frozen, "dist"):
        raise TypeError(
            f"from_scipy: it must be a frozen distribution of a family here, as norm(0, 1) is; "
            f"got {kind}"
        )
    if type(frozen.dist).__name__ == "rv_sample":
        return _sample(frozen.dist, frozen.dist._parse_args(*frozen.args, **frozen.kwds)[1])
    name = frozen.dist.name
    if name not in _READ:
        raise TypeError(f"from_scipy: {name} is of no exponential family here")
    shapes, loc, scale = frozen.dist._parse_args(*frozen.args, **frozen.kwds)
    values = dict(zip((frozen.dist.shapes or "").split(", "), shapes, strict=False))
    values = {key: np.asarray(value)[()] for key, value in values.items()}
    with np.errstate(all="ignore"):
        return _READ[name](_Shift(name, loc, scale), **values)


class _Shift:
    """loc and scale of a frozen distribution, each used up or refused."""

    def __init__(self, name: str, loc: Any, scale: Any) -> None:
        self.name = name
        self.loc, self.scale = (np.asarray(value)[()] for value in (loc, scale))

    def must_be(self, loc: float | None = None, scale: float | None = None) -> None:
        """Errors: ValueError for another loc or scale than the family has."""
        for what, came, wanted in (("loc", self.loc, loc), ("scale", self.scale, scale)):
            if wanted is not None and not np.all(came == wanted):
                worst = np.ravel(came)[np.argmax(np.ravel(came) != wanted)]
                raise ValueError(
                    f"from_scipy: {self.name} must have {what}={wanted:g} to be of a family here; "
                    f"got {what}={worst:g}"
                )


# ------------------------------------------------------------ writing


def _lognormal(stats: Any, mean: Any, variance: Any) -> Any:
    scale = np.exp(mean)
    if not np.all((scale > 0) & (scale < np.inf)):
        raise ValueError("to_scipy: LogNormal: exp(mean of log x) must be a number within doubles")
    return stats.lognorm(np.sqrt(variance), scale=scale)


def _multinomial(stats: Any, trials: Any, log_probabilities: Any) -> Any:
    p = np.exp(log_probabilities)
    # What rounding leaves of 1 goes to the largest: scipy would take it from the last.
    largest = p == p.max(axis=-1, keepdims=True)
    p = p + largest * (1 - p.sum(axis=-1, keepdims=True)) / largest.sum(axis=-1, keepdims=True)
    return stats.multinomial(trials, p)


def _categorical(stats: Any, log_probabilities: Any) -> Any:
    _one_member(log_probabilities, 1, "Categorical")
    codes = np.arange(log_probabilities.shape[-1])
    return stats.rv_discrete(values=(codes, np.exp(log_probabilities)))


def _vector_normal(stats: Any, mean: Any, covariance: Any) -> Any:
    _one_member(mean, 1, "a Gaussian of vectors")
    try:
        return stats.multivariate_normal(mean, covariance)
    except np.linalg.LinAlgError:
        rule = "it takes a covariance whose eigenvalues are so far apart for singular"
        raise ValueError(f"to_scipy: a Gaussian of vectors: {rule}") from None


def _independent_normals(stats: Any, mean: Any, variance: Any) -> Any:
    _one_member(mean, 1, "a Gaussian of vectors")
    return stats.multivariate_normal(mean, stats.Covariance.from_diagonal(variance))


def _one_member(parameter: np.ndarray, axes: int, what: str) -> None:
    if np.ndim(parameter) > axes:
        raise TypeError(f"to_scipy: scipy.stats has no batches of {what}; convert one member")


def _dirichlet(stats: Any, concentrations: Any) -> Any:
    _one_member(concentrations, 1, "Dirichlet")
    return stats.dirichlet(concentrations)


def _directed(stats: Any, direction: Any, concentration: Any) -> Any:
    _one_member(concentration, 0, "VonMisesFisher")
    if not concentration > 0:
        raise ValueError(
            "to_scipy: VonMisesFisher: its uniform law, of concentration 0, it cannot hold"
        )
    return stats.vonmises_fisher(direction, concentration)


def _logarithmic(stats: Any, log_share: Any) -> Any:
    share = np.exp(log_share)
    if not np.all(share > 0):
        raise ValueError("to_scipy: Logarithmic: a probability of 0 it cannot hold: it gives nan")
    return stats.logser(share)


def _log_share(p: Any) -> dict[str, Any]:
    return {"log_share": np.log(p)}


_WRITE: dict[str, Callable] = {
    **scipy_windows.WRITE,
    "beta": lambda s, alpha, beta: s.beta(alpha, beta),
    "dirichlet": _dirichlet,
    "von mises": lambda s, angle, concentration: s.vonmises(concentration, loc=angle),
    "von mises and fisher": _directed,
    "inverse gaussian": lambda s, mean, shape: s.invgauss(mean / shape, scale=shape),
    "logarithmic": _logarithmic,
    "normal": lambda s, mean, variance: s.norm(mean, np.sqrt(variance)),
    "lognormal": _lognormal,
    "gamma": lambda s, shape, rate: s.gamma(shape, scale=1 / rate),
    "inverse gamma": lambda s, shape, scale: s.invgamma(shape, scale=scale),
    "chi squared": lambda s, degrees: s.chi2(degrees),
    "exponential": lambda s, rate: s.expon(scale=1 / rate),
    "weibull": lambda s, shape, scale: s.weibull_min(shape, scale=scale),
    "rayleigh": lambda s, scale: s.rayleigh(scale=scale),
    "pareto": lambda s, minimum, index: s.pareto(index, scale=minimum),
    "laplace": lambda s, location, scale: s.laplace(location, scale),
    "poisson": lambda s, rate, log_rate: s.poisson(rate),
    "binomial": lambda s, trials, log_odds: s.binom(trials, sigmoid(log_odds)),
    "geometric": lambda s, successes, log_failure, log_success: s.geom(
        -np.expm1(log_failure), loc=-1
    ),
    "negative binomial": lambda s, successes, log_failure, log_success: s.nbinom(
        successes, -np.expm1(log_failure)
    ),
    "multinomial": _multinomial,
    "categorical": _categorical,
    "vector normal": _vector_normal,
    "independent normals": _independent_normals,
}


# ------------------------------------------------------------ reading


def _reader(name: str, values: Callable, loc: float | None = 0, scale: float | None = None):
    """How to read a distribution whose loc and scale must be these, where they are given."""

    def read_shapes(shift: _Shift, **shapes: Any) -> Law:
        shift.must_be(loc, scale)
        return Law(name, values(shift, **shapes))

    return read_shapes


def _log_odds(p: Any) -> Any:
    return np.log(p) - np.log1p(-p)


def _log_failure(p: Any) -> dict[str, Any]:
    return {"log_failure": np.log1p(-p), "log_success": np.log(p)}


def _logs(p: Any) -> np.ndarray:
    """log p, where p sums to one; the door of the family says where it does not."""
    return np.asarray(Categorical(np.shape(p)[-1]).mean_to_natural(p))


_READ: dict[str, Callable[..., Law]] = {
    **scipy_windows.READ,
    "norm": _reader("normal", lambda t: {"mean": t.loc, "variance": t.scale**2}, loc=None),
    "lognorm": _reader(
        "lognormal", lambda t, s: {"mean": np.log(t.scale), "variance": s * (s + 0 * t.scale)}
    ),
    "gamma": _reader("gamma", lambda t, a: {"shape": a, "rate": 1 / t.scale}),
    "invgamma": _reader("inverse gamma", lambda t, a: {"shape": a, "scale": t.scale}),
    "chi2": _reader("chi squared", lambda t, df: {"degrees": df}, scale=1),
    "weibull_min": _reader("weibull", lambda t, c: {"shape": c, "scale": t.scale}),
    "rayleigh": _reader("rayleigh", lambda t: {"scale": t.scale}),
    "pareto": _reader("pareto", lambda t, b: {"minimum": t.scale, "index": b}),
    "laplace": _reader("laplace", lambda t: {"location": t.loc, "scale": t.scale}, loc=None),
    "poisson": _reader("poisson", lambda t, mu: {"rate": mu, "log_rate": np.log(mu)}),
    "binom": _reader("binomial", lambda t, n, p: {"trials": n, "log_odds": _log_odds(p)}),
    "bernoulli": _reader("binomial", lambda t, p: {"trials": 1, "log_odds": _log_odds(p)}),
    "beta": _reader("beta", lambda t, a, b: {"alpha": a, "beta": b}, scale=1),
    "vonmises": _reader(
        "von mises", lambda t, kappa: {"angle": t.loc, "concentration": kappa}, loc=None, scale=1
    ),
    "invgauss": _reader(
        "inverse gaussian", lambda t, mu: {"mean": mu * t.scale, "shape": t.scale + 0 * mu}
    ),
    "logser": _reader("logarithmic", lambda t, p: _log_share(p)),
    "nbinom": _reader("negative binomial", lambda t, n, p: {"successes": n, **_log_failure(p)}),
}


def _sample(dist: Any, loc: Any) -> Law:
    if np.any(np.asarray(loc) + dist.xk != np.arange(len(dist.xk))):
        raise ValueError("from_scipy: rv_discrete must have the values 0 … K − 1 of codes")
    return Law("categorical", {"log_probabilities": _logs(dist.pk)})


# Those that are objects of their own class, new ones of scipy 1.15 among them.
_READ_OBJECT: dict[str, Callable[[Any], Law]] = {
    "rv_sample": lambda d: _sample(d, 0),
    "multinomial_frozen": lambda d: Law(
        "multinomial", {"trials": d.n, "log_probabilities": _logs(d.p)}
    ),
    "multivariate_normal_frozen": lambda d: Law(
        "vector normal", {"mean": d.mean, "covariance": d.cov_object.covariance}
    ),
    "dirichlet_frozen": lambda d: Law("dirichlet", {"concentrations": np.asarray(d.alpha)}),
    "vonmises_fisher_frozen": lambda d: Law(
        "von mises and fisher", {"direction": d.mu, "concentration": d.kappa}
    ),
    "Normal": lambda d: Law("normal", {"mean": d.mu, "variance": d.sigma**2}),
    "Uniform": lambda d: Law("uniform", {"low": d.a, "high": d.b}),
    "TruncatedDistribution": scipy_windows.read_truncated,
    "Binomial": lambda d: Law("binomial", {"trials": d.n, "log_odds": _log_odds(d.p)}),
}
