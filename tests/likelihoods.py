"""Members, data and comparisons that the tests of likelihoods share."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import CASES
from hypothesis import settings

from expfam import (
    Binomial,
    Categorical,
    Exponential,
    Gamma,
    Gaussian,
    InverseGamma,
    LogNormal,
    Multinomial,
    NegativeBinomial,
    Poisson,
    Statistics,
)

SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def close(value, expected, rtol=1e-12, atol=0.0):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


def statistics(family, mean, n):
    """Data of n trials with this average statistic."""
    mean = np.asarray(mean, dtype=float)
    return Statistics(family._unit, (n * mean)[()], 0.0, n, n, 1)


MEMBERS = {
    "Multinomial": (Multinomial(4, trials=5), [0.2, -0.4, 0.5, 0.0]),
    "Categorical": (Categorical(3), [0.2, -0.4, 0.5]),
    "Binomial": (Binomial(5), 0.7),
    "Poisson": (Poisson(), 0.7),
    "Gaussian": (Gaussian(), [0.4, -0.7]),
    "Gamma": (Gamma(), [0.5, -0.7]),
    "Exponential": (Exponential(), -0.7),
    "NegativeBinomial": (NegativeBinomial(3), -0.7),
    "LogNormal": (LogNormal(), [0.4, -0.7]),
    "InverseGamma": (InverseGamma(), [2.0, -0.7]),
}
each = pytest.mark.parametrize(("family", "natural"), MEMBERS.values(), ids=MEMBERS)


def members():
    """The members of CASES; of a case that names none a small one."""
    for name, (family, natural) in CASES.items():
        rows = np.random.default_rng(1).normal(size=(99, *family.natural_shape))
        with np.errstate(all="ignore"):
            rows = rows[family._inside(rows)][:1] if natural is None else np.asarray(natural)
        for row in rows.reshape(-1, *family.natural_shape):
            yield pytest.param(family._unit, row, id=f"{name} at {row}")


def table_of(rows):
    rows = np.asarray(rows)
    family = Multinomial(rows.shape[-1], trials=rows.sum(-1))
    return family.statistics(rows, batch_ndim=rows.ndim - 1)
