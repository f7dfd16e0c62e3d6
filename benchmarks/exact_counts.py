"""Families of counts as textbooks define them, in mpmath: T, log h, A, ∇A, E log h.

log p(x) = ⟨η, T(x)⟩ − A(η) + log h(x), the entropy is A(η) − ⟨η, μ⟩ − E log h(x), KL is
A(η′) − A(η) − ⟨η′ − η, μ⟩. Parameters are lists of mpmath's numbers, one for each entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy as np
from mpmath import exp, expm1, log, log1p, loggamma, mpf

List = list[Any]


class Definition(NamedTuple):
    """h is 1 where nothing is said; `natural` is the backward map, where it has a closed form."""

    statistic: Callable[[List], List]
    partition: Callable[[List], Any]
    mean: Callable[[List], List]
    log_base: Callable[[List], Any] = lambda x: mpf(0)
    mean_log_base: Callable[[List], Any] = lambda eta: mpf(0)
    natural: Callable[[List], List] | None = None


def exactly(values: Any) -> List:
    """The numbers as stored, in mpmath; integers beyond 2⁵³ too."""
    return [mpf(v) for v in np.ravel(values).tolist()]


# ------------------------------------------------------------ counts


def mean_log_gamma(pgf: Callable[[Any], Any], mean: Any, a: Any = 1) -> Any:
    """E log Γ(X + a) by Malmstén's integral of log Γ, from E exp(−tX) = pgf(t)."""

    def term(t: Any) -> Any:
        whole = (mean + a - 1) * exp(-t) + (exp(-t) - exp(-a * t) * pgf(t)) / expm1(-t)
        return whole / t

    return integral(term, mean, 200 / mpf(min(a, 1)))


def integral(term: Callable[[Any], Any], mean: Any, last: Any = 200) -> Any:
    """∫₀^∞ of what varies on the scales from 1/mean to 1, and is nothing after the last."""
    ends = [mpf(0), 1 / (100 * (mean + 1))]
    while ends[-1] < last:
        ends.append(4 * ends[-1])
    with mpmath.workdps(50):
        return mpmath.quad(term, ends, method="gauss-legendre", maxdegree=8)


def binomial_base(n: Any, p: Any, q: Any) -> Any:
    """E log (n choose X)."""
    heads = mean_log_gamma(lambda t: (1 + p * expm1(-t)) ** n, n * p)
    return loggamma(n + 1) - heads - mean_log_gamma(lambda t: (1 + q * expm1(-t)) ** n, n * q)


def binomial(n: int) -> Definition:
    def p(eta: List) -> Any:
        return 1 / (1 + exp(-eta[0]))

    return Definition(
        lambda x: x,
        lambda eta: n * log1p(exp(eta[0])),
        lambda eta: [n * p(eta)],
        lambda x: loggamma(mpf(n) + 1) - loggamma(x[0] + 1) - loggamma(n - x[0] + 1),
        lambda eta: binomial_base(mpf(n), p(eta), 1 / (1 + exp(eta[0]))),
        lambda mu: [log(mu[0] / (n - mu[0]))],
    )


def shares(eta: List) -> List:
    whole = mpmath.fsum(exp(v) for v in eta)
    return [exp(v) / whole for v in eta]


def multinomial(n: int) -> Definition:
    def base(eta: List) -> Any:
        terms = [
            mean_log_gamma(lambda t, p=p: (1 + p * expm1(-t)) ** mpf(n), n * p) for p in shares(eta)
        ]
        return loggamma(mpf(n) + 1) - sum(terms)

    return Definition(
        lambda x: x,
        lambda eta: n * log(mpmath.fsum(exp(v) for v in eta)),
        lambda eta: [n * p for p in shares(eta)],
        lambda x: loggamma(mpf(n) + 1) - sum(loggamma(v + 1) for v in x),
        base,
        lambda mu: [log(v / sum(mu)) for v in mu],
    )


def categorical(size: int) -> Definition:
    plain = multinomial(1)
    return Definition(
        lambda x: [mpf(x[0] == k) for k in range(size)],
        plain.partition,
        plain.mean,
        natural=plain.natural,
    )


POISSON = Definition(
    lambda x: x,
    lambda eta: exp(eta[0]),
    lambda eta: [exp(eta[0])],
    lambda x: -loggamma(x[0] + 1),
    lambda eta: -mean_log_gamma(lambda t: exp(exp(eta[0]) * expm1(-t)), exp(eta[0])),
    lambda mu: [log(mu[0])],
)


def negative_binomial(r: float) -> Definition:
    r = mpf(r)

    def mean(eta: List) -> Any:
        return r / expm1(-eta[0])

    def base(eta: List) -> Any:
        p, m = exp(eta[0]), mean(eta)

        def pgf(t: Any) -> Any:
            return (1 + p * expm1(-t) / expm1(eta[0])) ** -r

        return mean_log_gamma(pgf, m, r) - loggamma(r) - mean_log_gamma(pgf, m)

    return Definition(
        lambda x: x,
        lambda eta: -r * log(-expm1(eta[0])),
        lambda eta: [mean(eta)],
        lambda x: loggamma(x[0] + r) - loggamma(r) - loggamma(x[0] + 1),
        base if r != 1 else lambda eta: mpf(0),
        lambda mu: [-log1p(r / mu[0])],
    )


def _logarithmic_base(eta: List) -> Any:
    """−E log X, by Frullani's integral."""
    w, mean = LOGARITHMIC.partition(eta), LOGARITHMIC.mean(eta)[0]
    return -integral(lambda t: (exp(-t) + log(-expm1(eta[0] - t)) / exp(w)) / t, mean)


LOGARITHMIC = Definition(
    lambda x: x,
    lambda eta: log(-log1p(-exp(eta[0]))),
    lambda eta: [-1 / (expm1(-eta[0]) * log1p(-exp(eta[0])))],
    lambda x: -log(x[0]),
    _logarithmic_base,
)
