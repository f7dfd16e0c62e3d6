"""Numpy, array-api-strict, torch, jax and cupy: the same numbers, the same kind of array."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from backends import LIBRARIES, OPERATIONS, PAGE, data, listed, members, size
from backends import there as taken
from conftest import BACKENDS, CASES

from expfam import (
    Binomial,
    ConjugatePrior,
    FiniteFamily,
    Gaussian,
    LogNormal,
    Poisson,
    association,
    check_family,
    divergences,
    exact,
    intervals,
    likelihood,
    odds,
    power_divergence,
    special,
)
from expfam.arrays import NUMPY, array_namespace, host


def is_of(xp: SimpleNamespace, value: Any) -> bool:
    if xp.name == "numpy":
        return isinstance(value, np.ndarray | float | int)
    return array_namespace(value) is not NUMPY


def close(value: Any, expected: Any, rtol: float = 1e-12) -> None:
    np.testing.assert_allclose(host(value), expected, rtol=rtol, atol=1e-13)


# ------------------------------------------------------------ every family


LISTED = listed()


def pairs() -> Iterator[Any]:
    """Every case on every library; on jax, which compiles for a second, the first case of a family
    and those that repeat a family or have arrays of trials. The others are for the slow run."""
    names, families = set(), set()
    for name, (family, _) in CASES.items():
        other = family.name in names and family not in families and np.ndim(family.trials) == 0
        names.add(family.name)
        families.add(family)
        for backend in BACKENDS:
            marks = [pytest.mark.slow] if other and backend == "jax" else []
            yield pytest.param(backend, name, marks=marks, id=f"{backend}-{name}")


@pytest.mark.parametrize(("xp", "name"), list(pairs()), indirect=["xp"])
def test_every_family_agrees_with_numpy_and_the_table_says_where(xp, name):
    """Relative to a value, or to the terms of its sum; what is refused is what the docs list."""
    family = CASES[name][0]
    write = f"python tests/backends.py --write puts {family.name} into {PAGE.name}"
    unlisted = set() if xp.name == "numpy" else LISTED.get((family.name, xp.name))
    assert unlisted is not None, write
    if unlisted == set(OPERATIONS):  # not even members
        with pytest.raises(TypeError, match="need numpy"):
            taken(xp, members(name)[0][0])
        return
    refused = set()
    for p, q, x in members(name):
        values = attempts(xp, taken(xp, p), taken(xp, q), data(xp, p, x))
        for what, (relative, operation) in OPERATIONS.items():
            wanted, value = attempt(operation, p, q, x), values[what]
            if value is TypeError:
                refused.add(what)
            elif wanted is not ValueError:  # as where no member has that mean
                assert is_of(xp, value) or isinstance(value, int), what
                tolerance = tolerances(xp, what, relative, p, q, x)
                np.testing.assert_allclose(host(value), wanted, *tolerance, err_msg=what)
    unit = np.ndim(family.trials) == 0 and family.trials == 1
    assert refused == unlisted or (unit and refused <= unlisted), write


def attempts(xp, p, q, x) -> dict[str, Any]:
    """What each operation gives, or the kind of its error; on jax in one trace, as the operations
    one by one would be compiled in a hundred pieces."""
    if xp.name != "jax" or p.family.name in EAGER:
        return all_attempts(p, q, x)
    run, errors = traced(p.family)
    return {**run(p, q, x), **errors}


EAGER = ("Gaussian", "Geometric")  # on jax as well


@cache
def traced(family):
    """The operations of a family, compiled once for all of its members; those that refuse."""
    import jax

    errors = {}

    def run(p, q, x):
        values = all_attempts(p, q, x)
        errors.update({what: value for what, value in values.items() if isinstance(value, type)})
        return {what: value for what, value in values.items() if what not in errors}

    return jax.jit(run), errors


def all_attempts(p, q, x) -> dict[str, Any]:
    return {what: attempt(run, p, q, x) for what, (_, run) in OPERATIONS.items()}


def attempt(operation, p, q, x):
    try:
        return operation(p, q, x)
    except (TypeError, ValueError) as error:
        return type(error)


def tolerances(xp, what, relative, p, q, x) -> tuple[float, float]:
    absolute = 1e-300 if relative else 1e-13 * size(p, q, x)
    return 1e-12, absolute + (carried(p) if what == "backward map" else 0.0)


def carried(p) -> float:
    """What η owes to a rounding of μ in the last place, which the library and numpy may not share."""
    mean, information = np.abs(p.mean_parameter), np.asarray(p.fisher_information)
    if not p.family.natural_shape:
        return 0.0
    inverse = np.linalg.pinv(information, rcond=1e-13, hermitian=True)
    moved = 2.0**-52 * np.abs(inverse) @ np.where(np.isfinite(mean), mean, 0.0)[..., None]
    return float(moved.max(initial=0.0))


def test_the_table_of_the_docs_has_every_family():
    assert {family.name for family, _ in CASES.values()} == {family for family, _ in LISTED}
    assert {name for _, name in LISTED} == set(LIBRARIES)


# ------------------------------------------------------------ what is numpy's alone, and mixtures

NUMPYS = {
    "association": lambda xp: association.pearson(xp.array([[3, 5], [7, 9]])),
    "pvalues": lambda xp: association.adjusted_pvalues(xp.array([0.1, 0.2])),
    "odds": lambda xp: odds.odds_ratio(xp.array([[3, 5], [7, 9]])),
    "interval": lambda xp: intervals.interval(xp.array([3, 5, 7])),
    "wilson": lambda xp: intervals.wilson(xp.array([3, 5, 7])),
    "test": lambda xp: power_divergence.pearson(xp.array([3, 5]), [0.5, 0.5]),
    "p0": lambda xp: power_divergence.pearson([3, 5], xp.array([0.5, 0.5])),
    "exact test": lambda xp: exact.goodness_of_fit(xp.array([3, 5]), [0.5, 0.5]),
    "exact p0": lambda xp: exact.goodness_of_fit([3, 5], xp.array([0.5, 0.5])),
    "likelihood": lambda xp: likelihood.wald(Poisson().statistics(xp.array([3, 5])), P),
    "order": lambda xp: divergences.renyi(P, P, xp.array(2.0)),
    "prior": lambda xp: ConjugatePrior(Poisson(), xp.array(1.0), 2.0),
    "prior of a mean": lambda xp: ConjugatePrior.from_mean(Poisson(), xp.array(1.0), 2.0),
    "update": lambda xp: PRIOR.update(xp.array([3, 5])),
    "update of sums": lambda xp: PRIOR.update(Poisson().statistics(xp.array([3, 5]))),
    "prediction": lambda xp: PRIOR.log_predictive(xp.array([3, 5])),
    "density": lambda xp: PRIOR.log_prob(xp.array(0.3)),
    "laws": lambda xp: check_family(Poisson(), natural=xp.array(0.3)),
    "explain": lambda xp: Poisson().from_natural(xp.array(0.3)).explain(),
    "trials": lambda xp: Binomial(xp.array([3, 5], "int64")),
    "vector": lambda xp: Poisson().fisher_product(0.3, xp.array(1.0)),
}
P = Poisson().from_natural(0.3)
PRIOR = ConjugatePrior.from_classical(Poisson(), shape=1.5, rate=1.0)


@pytest.mark.parametrize("what", NUMPYS)
@pytest.mark.parametrize("xp", BACKENDS[1:], indirect=True)
def test_what_is_numpys_alone_says_so_and_moves_nothing(xp, what):
    with pytest.raises(TypeError, match="must be numpy"):
        NUMPYS[what](xp)


@pytest.mark.parametrize("xp", BACKENDS[1:], indirect=True)
def test_what_is_of_numpy_goes_to_the_library_of_the_rest(xp):
    natural, there = [1.0, -0.5], xp.array([1.0, -0.5])
    family = Gaussian()
    for value, wanted in (
        (family.fisher_product(there, natural), family.fisher_product(natural, natural)),
        (family.pack(linear=xp.array(1.0), quadratic=-0.5), natural),
        (special.inner(natural, there), 1.25),
        (special.inner(there, natural), 1.25),
        (
            (LogNormal().from_natural(there) * LogNormal().from_natural(there)).natural_parameter,
            [1.0, -1.0],
        ),
        (
            (Poisson().statistics(xp.array([3, 0], "int64")) + Poisson().statistics([2])).total,
            5,
        ),
        (
            (Poisson().statistics([2], weights=[0.5]) + Poisson().statistics(xp.array([3]))).total,
            4.0,
        ),
    ):
        assert is_of(xp, value)
        close(value, wanted)
    die = FiniteFamily(range(1, 7), lambda face: face)
    close(die.from_natural(xp.array([0.4])).log_prob([2]), die.from_natural([0.4]).log_prob([2]))
