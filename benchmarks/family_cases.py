"""The members at which families.py measures: ordinary ones, and those where digits are lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import exact_counts as counts
import exact_densities as densities
import numpy as np
from exact_counts import Definition

import expfam as e

COVARIANCE = [[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]]
NARROW = [[1.0, 0.999, 1e-4], [0.999, 1.0, 1.2e-4], [1e-4, 1.2e-4, 1e-6]]
MEANS = [[1.0, -2.0, 0.5], [0.3, 0.1, -1.0]]
FAR = [[30.0, -20.0, 5.0], [0.003, 500.0, 0.01]]


def natural(make: Callable, *rows: tuple) -> list[np.ndarray]:
    return [make(*row).natural_parameter for row in rows]


def turned(d: int, *lengths: float) -> list[np.ndarray]:
    """Vectors of these lengths in directions at random."""
    rng = np.random.default_rng(d)
    rows = [rng.normal(size=d) for _ in lengths]
    return [k * v / np.linalg.norm(v) for k, v in zip(lengths, rows, strict=True)]


def cases() -> Iterator[tuple[Any, Definition, list, list]]:
    """Family, definition, natural parameters of ordinary members and of extreme ones."""
    c, d = counts, densities
    yield e.Categorical(3), c.categorical(3), [[0.2, 1.3, -0.5], [0.0, -2.0, 1.0]], [[0.0, -300.0, 2.0], [1e-9, 0.0, -30.0]]  # fmt: skip
    yield e.Multinomial(3, 10), c.multinomial(10), [[0.2, 1.3, -0.5], [0.0, -2.0, 1.0]], [[0.0, -300.0, 2.0], [1e-9, 0.0, -30.0]]  # fmt: skip
    yield e.Multinomial(3, 2**62), c.multinomial(2**62), [], [[0.2, 1.3, -0.5], [0.0, -40.0, 1.0]]
    yield e.Binomial(12), c.binomial(12), [0.7, -3.0], [30.0, -300.0, 1e-9]
    yield e.Binomial(2**62), c.binomial(2**62), [], [0.7, -20.0, -43.0]
    yield e.Poisson(), c.POISSON, [0.3, 2.5], [-30.0, 25.0, 42.0]
    yield e.Geometric(), c.negative_binomial(1), [-0.7, -2.0], [-1e-12, -30.0, -1e-3]
    yield e.NegativeBinomial(2.6), c.negative_binomial(2.6), [-0.7, -2.0], [-1e-12, -30.0, -1e-3]
    yield e.NegativeBinomial(1e-3), c.negative_binomial(1e-3), [], [-1e-6, -3.0]
    yield e.NegativeBinomial(5e5), c.negative_binomial(5e5), [], [-0.7, -1e-6, -10.0]
    yield e.Logarithmic(), c.LOGARITHMIC, [-0.7, -0.1], [-1e-12, -30.0, -1e-3]
    for family, exact in (
        (e.Exponential(), d.EXPONENTIAL),
        (e.Weibull(1.7), d.weibull(1.7)),
        (e.Rayleigh(), d.weibull(2.0)),
        (e.Pareto(2.0), d.pareto(2.0)),
        (e.Laplace(1.0), d.laplace(1.0)),
    ):
        extreme = [-1e-2, -1e8] if isinstance(family, e.Pareto) else [-1e-8, -1e8]
        yield family, exact, [-0.4, -1.7], extreme
    yield e.GaussianKnownVariance(4.0), d.known_covariance(4.0), [0.7, -0.2], [1e8, -1e-8]
    yield e.GaussianKnownMean(2.0), d.known_mean(2.0), [-0.7, -2.0], [-1e-8, -1e8]
    normals = [(0.3, 2.0), (-1.0, 0.7)], [(1e3, 1e-2), (-1.0, 1e8), (1e-3, 1e-8)]
    for family, exact in ((e.Gaussian(), d.GAUSSIAN), (e.LogNormal(), d.LOG_NORMAL)):
        make = getattr(family, "from_log_moments", None) or family.from_mean_variance
        far = normals[1] if isinstance(family, e.Gaussian) else [(30.0, 1e-2), (-1.0, 1e2), (1e-3, 1e-8)]  # fmt: skip
        yield family, exact, natural(make, *normals[0]), natural(make, *far)
    shapes = [(3.0, 2.0), (0.6, 5.0)], [(1e-2, 1e-6), (1e8, 1.0), (1e6, 1e-8)]
    yield e.Gamma(), d.GAMMA, *(natural(e.Gamma().from_shape_rate, *part) for part in shapes)
    make = e.InverseGamma().from_shape_scale
    yield e.InverseGamma(), d.INVERSE_GAMMA, *(natural(make, *part) for part in shapes)
    yield e.ChiSquared(), d.CHI_SQUARED, [1.5, -0.5], [-0.999, 1e6, 1e12]
    make = e.InverseGaussian().from_mean_shape
    shapes = [(1.0, 3.0), (2.0, 0.7)], [(1.0, 1e8), (1.0, 1e-8), (1e6, 1e-2)]
    yield e.InverseGaussian(), d.INVERSE_GAUSSIAN, *(natural(make, *part) for part in shapes)
    yield e.Beta(), d.BETA, [[2.0, 3.0], [0.4, 0.7]], [[1e8, 2e8], [1e-6, 1e-6], [3e5, 40.0]]
    yield e.Dirichlet(3), d.DIRICHLET, [[2.0, 3.0, 0.8], [1.3, 0.9, 2.0]], [[1e5, 2e5, 3e5], [1e8, 1e-6, 1.0]]  # fmt: skip
    yield e.ContinuousBernoulli(), d.CONTINUOUS_BERNOULLI, [0.8, -3.0], [1e-9, 1e6, -40.0]
    yield e.VonMises(), d.VON_MISES, [[0.4, -1.1], [-3.0, 0.5]], turned(2, 1e8, 1e-6, 500.0)
    for size in (3, 30):
        yield e.VonMisesFisher(size), d.directions(size), turned(size, 0.7, 5.0), turned(size, 1e8, 1e-6, 500.0)  # fmt: skip
    full = e.MultivariateGaussian(3).from_mean_covariance
    pairs = [[(m, COVARIANCE) for m in MEANS], [(FAR[0], NARROW), (FAR[1], COVARIANCE)]]
    yield e.MultivariateGaussian(3), d.multivariate(3), *(natural(full, *part) for part in pairs)
    for matrix, ordinary, far in ((COVARIANCE, MEANS, []), (NARROW, [], FAR)):
        family = e.MultivariateGaussianKnownCovariance(matrix)
        groups = (natural(family.from_mean, *((m,) for m in part)) for part in (ordinary, far))
        yield family, d.known_covariance(matrix), *groups
    yield e.DiagonalGaussian(2), d.diagonal(2), [[0.3, 1.0, -0.5, -2.0], [1.0, 0.2, -1.0, -0.1]], [[1e5, 1.0, -50.0, -1e-8], [1e-3, 5e3, -1e8, -50.0]]  # fmt: skip
    yield e.IsotropicGaussian(2), d.isotropic(2), [[0.3, 1.0, -0.5], [1.0, 0.2, -1.0]], [[1e5, 1.0, -50.0], [1e-3, 5e-3, -1e-8]]  # fmt: skip
