"""Families of densities as textbooks define them, in mpmath; see exact_counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from exact_counts import Definition, List
from mpmath import digamma, exp, expm1, log, loggamma, mpf, pi


def constant(value: Callable[[], Any]) -> dict[str, Callable]:
    """A log h that is the same everywhere, in the precision of the run."""
    return {"log_base": lambda x: value(), "mean_log_base": lambda eta: value()}


def normal_base() -> Any:
    return -log(2 * pi) / 2


# ------------------------------------------------------------ exponentials and normals


def of_exponential(statistic: Callable, log_base: Callable, mean_log_base: Callable) -> Definition:
    return Definition(
        lambda x: [statistic(x[0])],
        lambda eta: -log(-eta[0]),
        lambda eta: [-1 / eta[0]],
        lambda x: log_base(x[0]),
        lambda eta: mean_log_base(eta[0]),
        lambda mu: [-1 / mu[0]],
    )


def weibull(k: float) -> Definition:
    k = mpf(k)
    return of_exponential(
        lambda x: x**k,
        lambda x: log(k) + (k - 1) * log(x),
        lambda eta: log(k) - (1 - 1 / k) * (mpmath.euler + log(-eta)),
    )


def pareto(m: float) -> Definition:
    return of_exponential(
        lambda x: log(x / mpf(m)), lambda x: -log(x), lambda eta: 1 / eta - log(mpf(m))
    )


EXPONENTIAL = of_exponential(lambda x: x, lambda x: mpf(0), lambda eta: mpf(0))


def laplace(m: float) -> Definition:
    return of_exponential(lambda x: abs(x - mpf(m)), lambda x: -log(2), lambda eta: -log(2))


GAUSSIAN = Definition(
    lambda x: [x[0], x[0] ** 2],
    lambda eta: -(eta[0] ** 2) / (4 * eta[1]) - log(-2 * eta[1]) / 2,
    lambda eta: [
        -eta[0] / (2 * eta[1]),
        (eta[0] / (2 * eta[1])) ** 2 - 1 / (2 * eta[1]),
    ],
    natural=lambda mu: [
        mu[0] / (mu[1] - mu[0] ** 2),
        -1 / (2 * (mu[1] - mu[0] ** 2)),
    ],
    **constant(normal_base),
)
LOG_NORMAL = GAUSSIAN._replace(
    statistic=lambda x: [log(x[0]), log(x[0]) ** 2],
    log_base=lambda x: normal_base() - log(x[0]),
    mean_log_base=lambda eta: normal_base() + eta[0] / (2 * eta[1]),
)


def known_mean(m: float) -> Definition:
    return Definition(
        lambda x: [(x[0] - mpf(m)) ** 2],
        lambda eta: -log(-2 * eta[0]) / 2,
        lambda eta: [-1 / (2 * eta[0])],
        natural=lambda mu: [-1 / (2 * mu[0])],
        **constant(normal_base),
    )


def known_covariance(covariance: Any) -> Definition:
    """A variance, or a matrix."""
    matrix = mpmath.matrix(np.atleast_2d(covariance).tolist())
    d = matrix.rows

    def square(eta: List, by: Any) -> Any:
        v = mpmath.matrix(eta)
        return (v.T * by * v)[0]

    def scale() -> Any:
        return d * log(2 * pi) + log(mpmath.det(matrix))

    return Definition(
        lambda x: x,
        lambda eta: square(eta, matrix) / 2,
        lambda eta: list(matrix * mpmath.matrix(eta)),
        lambda x: -(scale() + square(x, mpmath.inverse(matrix))) / 2,
        lambda eta: -(scale() + d + square(eta, matrix)) / 2,
        lambda mu: list(mpmath.lu_solve(matrix, mpmath.matrix(mu))),
    )


def diagonal(d: int) -> Definition:
    """d normals: first all η₁, then all η₂."""

    def each(function: Callable) -> Callable:
        return lambda flat: [function([flat[i], flat[d + i]]) for i in range(d)]

    def flat(function: Callable) -> Callable:
        return lambda eta: [v[k] for k in (0, 1) for v in each(function)(eta)]

    return Definition(
        lambda x: [*x, *(v * v for v in x)],
        lambda eta: sum(each(GAUSSIAN.partition)(eta)),
        flat(GAUSSIAN.mean),
        natural=flat(GAUSSIAN.natural),
        **constant(lambda: d * normal_base()),
    )


def isotropic(d: int) -> Definition:
    def natural(mu: List) -> List:
        v = (mu[d] - sum(m * m for m in mu[:d])) / d
        return [*(m / v for m in mu[:d]), -1 / (2 * v)]

    def mean(eta: List) -> List:
        m, v = [-x / (2 * eta[d]) for x in eta[:d]], -1 / (2 * eta[d])
        return [*m, sum(x * x for x in m) + d * v]

    return Definition(
        lambda x: [*x, sum(v * v for v in x)],
        lambda eta: -sum(v * v for v in eta[:d]) / (4 * eta[d]) - d * log(-2 * eta[d]) / 2,
        mean,
        natural=natural,
        **constant(lambda: d * normal_base()),
    )


def multivariate(d: int) -> Definition:
    def split(flat: List) -> tuple[Any, Any]:
        whole = mpmath.matrix([flat[d * i : d * i + d] for i in range(1, d + 1)])
        return mpmath.matrix(flat[:d]), (whole + whole.T) / 2

    def join(vector: Any, whole: Any) -> List:
        return [*vector, *whole]

    def moments(eta: List) -> tuple[Any, Any]:
        linear, quadratic = split(eta)
        covariance = mpmath.inverse(-2 * quadratic)
        return covariance * linear, covariance

    def partition(eta: List) -> Any:
        linear, quadratic = split(eta)
        return (linear.T * moments(eta)[0])[0] / 2 - log(mpmath.det(-2 * quadratic)) / 2

    def mean(eta: List) -> List:
        centre, covariance = moments(eta)
        return join(centre, covariance + centre * centre.T)

    def natural(mu: List) -> List:
        centre, second = split(mu)
        precision = mpmath.inverse(second - centre * centre.T)
        return join(precision * centre, -precision / 2)

    return Definition(
        lambda x: [*x, *(a * b for a in x for b in x)],
        partition,
        mean,
        natural=natural,
        **constant(lambda: d * normal_base()),
    )


# ------------------------------------------------------------ gammas, betas


def _gamma_partition(eta: List) -> Any:
    return loggamma(eta[0] + 1) - (eta[0] + 1) * log(-eta[1])


def _gamma_mean(eta: List) -> List:
    return [digamma(eta[0] + 1) - log(-eta[1]), -(eta[0] + 1) / eta[1]]


GAMMA = Definition(lambda x: [log(x[0]), x[0]], _gamma_partition, _gamma_mean)
INVERSE_GAMMA = Definition(
    lambda x: [-log(x[0]), 1 / x[0]],
    _gamma_partition,
    _gamma_mean,
    lambda x: -2 * log(x[0]),
    lambda eta: 2 * _gamma_mean(eta)[0],
)
CHI_SQUARED = Definition(
    lambda x: [log(x[0])],
    lambda eta: loggamma(eta[0] + 1) + (eta[0] + 1) * log(2),
    lambda eta: [digamma(eta[0] + 1) + log(2)],
    lambda x: -x[0] / 2,
    lambda eta: -eta[0] - 1,
)


def _mean_log(eta: List) -> Any:
    """E log X of an inverse Gaussian: log m − exp(2λ/m) E₁(2λ/m)."""
    z = 4 * mpmath.sqrt(eta[0] * eta[1])
    return log(eta[1] / eta[0]) / 2 - exp(z) * mpmath.e1(z)


INVERSE_GAUSSIAN = Definition(
    lambda x: [x[0], 1 / x[0]],
    lambda eta: -2 * mpmath.sqrt(eta[0] * eta[1]) - log(-2 * eta[1]) / 2,
    lambda eta: [
        mpmath.sqrt(eta[1] / eta[0]),
        mpmath.sqrt(eta[0] / eta[1]) - 1 / (2 * eta[1]),
    ],
    lambda x: normal_base() - 3 * log(x[0]) / 2,
    lambda eta: normal_base() - 3 * _mean_log(eta) / 2,
    lambda mu: [-1 / (2 * mu[0] ** 2 * (mu[1] - 1 / mu[0])), -1 / (2 * (mu[1] - 1 / mu[0]))],
)
DIRICHLET = Definition(
    lambda x: [log(v) for v in x],
    lambda a: sum(map(loggamma, a)) - loggamma(sum(a)),
    lambda a: [digamma(v) - digamma(sum(a)) for v in a],
    lambda x: -sum(map(log, x)),
    lambda a: -sum(DIRICHLET.mean(a)),
)
BETA = DIRICHLET._replace(
    statistic=lambda x: [log(x[0]), log(1 - x[0])],
    log_base=lambda x: -log(x[0]) - log(1 - x[0]),
)


# ------------------------------------------------------------ an interval, directions


def _tilted(eta: List) -> Any:
    """log ∫₀¹ exp ηx."""
    t = eta[0]
    return log(expm1(t) / t) if t < 0 else t + log(-expm1(-t) / t)


CONTINUOUS_BERNOULLI = Definition(
    lambda x: x, _tilted, lambda eta: [-1 / expm1(-eta[0]) - 1 / eta[0]]
)


def directions(d: int) -> Definition:
    """On the sphere in d dimensions, with its area as the unit of h."""
    order = mpf(d) / 2 - 1

    def length(eta: List) -> Any:
        return mpmath.sqrt(sum(v * v for v in eta))

    def partition(eta: List) -> Any:
        k = length(eta)
        value = log(mpmath.besseli(order, k)) + loggamma(order + 1)
        return value + order * log(2 / k)

    def resultant(k: Any) -> Any:
        return mpmath.besseli(order + 1, k) / mpmath.besseli(order, k)

    def mean(eta: List) -> List:
        k = length(eta)
        return [resultant(k) * v / k for v in eta]

    def natural(mu: List) -> List:
        """Newton's method on κ alone, from the approximation of Banerjee and others (2005)."""
        r = length(mu)
        k, change = r * (d - r * r) / (1 - r * r), mpf(1)
        while abs(change) > mpf(10) ** -50:
            rho = resultant(k)
            change = (r - rho) / (1 - rho**2 - (d - 1) * rho / k) / k
            k += change * k
        return [k * v / r for v in mu]

    return Definition(
        lambda x: [v / length(x) for v in x],
        partition,
        mean,
        natural=natural,
        **constant(lambda: loggamma(order + 1) - log(2) - (order + 1) * log(pi)),
    )


VON_MISES = directions(2)._replace(statistic=lambda x: [mpmath.cos(x[0]), mpmath.sin(x[0])])
