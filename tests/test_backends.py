"""Numpy, array-api-strict, torch, jax and cupy: the same numbers, the same kind of array."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
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
    Multinomial,
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


# ------------------------------------------------------------ 32 bits


@pytest.mark.parametrize("dtype", ["int32", "int64", "int16"])
def test_counts_of_narrow_integers_are_taken(xp, dtype):
    """2⁶² as a bound does not fit into int32; sums that do not are refused."""
    x = xp.array([3, 0, 7], dtype)
    poisson = Poisson().from_natural(xp.array(0.5))
    close(poisson.log_prob(x), Poisson().from_natural(0.5).log_prob([3, 0, 7]))
    close(host(Poisson().fit(x).natural_parameter), np.log(10 / 3), 1e-6)
    family = Multinomial(3, trials=10)
    close(
        family.from_mean(xp.array([3.0, 0.0, 7.0])).log_prob(x),
        family.fit([3, 0, 7]).log_prob([3, 0, 7]),
    )
    with pytest.raises(ValueError, match="sum to trials"):
        Multinomial(3, trials=2**40).from_natural(xp.array([0.0, 0.0, 0.0])).log_prob(x)


WITHOUT_64_BITS = """
import warnings
import jax, jax.numpy as jnp, numpy as np
from expfam import Binomial, Categorical, Geometric, Multinomial, NegativeBinomial, Poisson
warnings.simplefilter("error")

def of_data(p, x, axes):
    return p.log_prob(x), p.family.fit(x, batch_ndim=axes).mean_parameter

def of_member(p):
    return p.mean_parameter, p.degrees_of_freedom, p.entropy()

def agree(values, wanted):
    for value, expected in zip(values, wanted, strict=True):
        np.testing.assert_allclose(value, expected, 1e-4)
        assert jnp.asarray(value).dtype in (jnp.float32, jnp.int32)

def of_all(p, kinds, axes):
    return [of_member(p), *(of_data(p, kind, axes) for kind in kinds)]

compiled = jax.jit(of_all, static_argnums=2)
for family, natural, x in (
    (Poisson(), -0.3, [0, 3]), (Geometric(), -0.3, [0, 3]), (NegativeBinomial(3), -0.3, [0, 3]),
    (Binomial(12), -0.3, [0, 3]), (Binomial([3, 12]), -0.3, [0, 3]), (Categorical(3), [0.1, 0.2, 0.3], [0, 2]),
    (Multinomial(3, 4), [0.1, 0.2, 0.3], [[0, 1, 3], [4, 0, 0]]),
    (Multinomial(3, 10**12), [0.1, 0.2, 0.3], None),
):
    here, there = family.from_natural(natural), family.from_natural(jnp.asarray(natural))
    assert there.natural_parameter.dtype == jnp.float32
    axes = len(here.batch_shape)
    kinds = [] if x is None else [jnp.asarray(x), jnp.asarray(x, dtype=jnp.float32)]
    if family.name == "Categorical":  # without a trace as well
        agree(of_member(there), of_member(here))
        agree(of_data(there, np.asarray(x), axes), of_data(here, np.asarray(x), axes))
    found, *rows = compiled(there, kinds, axes)
    agree(found, of_member(here))
    for row in rows:
        agree(row, of_data(here, np.asarray(x), axes))
try:
    Poisson().statistics(jnp.full(4, 2**30))
except ValueError as error:
    assert "what int32 holds" in str(error)
else:
    raise AssertionError
print("done")
"""


def test_jax_without_64_bits_takes_counts():
    pytest.importorskip("jax", reason="jax is not installed")
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_64_BITS],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "JAX_ENABLE_X64": "0"},
    )
    assert done.stdout == "done\n", done.stderr[-2000:]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_weights_are_not_cut_to_integers(xp, dtype):
    rows, weights = [[3, 0, 7], [1, 2, 7]], [0.5, 1.25]
    family = Multinomial(3, trials=10)
    wanted = family.fit(rows, weights=weights).mean_parameter
    for kind in (xp.array(weights, dtype), weights):
        fitted = family.fit(xp.array(rows, "int64"), weights=kind)
        close(fitted.mean_parameter, wanted, 1e-6)
    whole = family.statistics(xp.array(rows, "int64"), weights=xp.array([2, 1], "int64"))
    assert host(whole.total).tolist() == [7, 2, 21]
    assert int(whole.exposure) == 30


# ------------------------------------------------------------ functions


@pytest.mark.parametrize("x", [[0.0, 0.0], [1.0, -np.inf, 1.0], [800.0, -800.0], [3.0, 3.0, 3.0]])
def test_the_gradient_of_logsumexp_is_softmax_at_ties_and_at_infinity(xp, x):
    if xp.name == "jax":
        import jax

        gradient = jax.jit(jax.grad(special.logsumexp))(xp.array(x))
        rows = jax.jit(jax.jacobian(special.log_softmax))(xp.array(x))
    elif xp.name == "torch":
        import torch

        at = xp.array(x).requires_grad_()
        (gradient,) = torch.autograd.grad(special.logsumexp(at), at)
        rows = torch.autograd.functional.jacobian(special.log_softmax, xp.array(x))
    else:
        pytest.skip(f"{xp.name} does not differentiate")
    p = special.softmax(x)
    close(gradient, p)
    close(rows, np.eye(len(x)) - p)


@pytest.mark.parametrize("axis", [-1, 0, None, (0, 1)])
def test_special_functions_agree_on_every_axis(xp, axis):
    x = np.array([[0.2, 1.3, -0.5], [-np.inf, 800.0, 1.0]])
    b = np.array([[1.0, 0.0, 2.0], [1.0, 0.5, 3.0]])
    there = xp.array(x)
    close(special.logsumexp(there, axis=axis), special.logsumexp(x, axis=axis))
    kept = special.logsumexp(there, axis=axis, keepdims=True)
    close(kept, special.logsumexp(x, axis=axis, keepdims=True))
    close(special.logsumexp(there, axis=axis, b=xp.array(b)), special.logsumexp(x, axis=axis, b=b))
    close(special.softmax(there, axis=axis), special.softmax(x, axis=axis))
    close(special.log_softmax(there, axis=axis), special.log_softmax(x, axis=axis))


@pytest.mark.parametrize("name", ["softplus", "sigmoid", "stirling_error", "log_factorial"])
def test_elementwise_functions_agree(xp, name):
    function = getattr(special, name)
    x = [0.0, 1.0, 7.0, 15.0, 16.0, 200.0, 1e6]
    close(function(xp.array(x)), function(x))
    assert is_of(xp, function(xp.array(x)))


def test_infinite_rows_and_empty_axes_agree(xp):
    rows = [[-np.inf, -np.inf], [np.inf, 1.0], [np.inf, np.inf]]
    close(special.logsumexp(xp.array(rows)), special.logsumexp(rows))
    close(special.softmax(xp.array(rows[1:])), [[1.0, 0.0], [0.5, 0.5]])
    close(special.log_softmax(xp.array(rows[1:])), [[0.0, -np.inf], [-np.log(2)] * 2])
    with pytest.raises(ValueError, match="above -inf"):
        special.softmax(xp.array(rows))
    empty = xp.array(np.zeros((2, 0)))
    assert host(special.logsumexp(empty)).tolist() == [-np.inf] * 2


def test_integers_become_floats_and_complex_is_refused(xp):
    close(special.softmax(xp.array([1, 2, 3], "int64")), special.softmax([1, 2, 3]), rtol=1e-6)
    if hasattr(xp.module, "complex128"):
        values = xp.module.asarray([1.0, 2.0], dtype=xp.module.complex128)
        with pytest.raises(TypeError, match="real numbers"):
            special.softmax(values)


@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_a_fit_of_counts_is_numpys(xp, dtype):
    rows, weights = [[3, 0, 7], [1, 2, 7]], [2.0, 1.0]
    family = Multinomial(3, trials=10)
    there, here = family.fit(xp.array(rows, dtype)), family.fit(rows)
    assert is_of(xp, there.natural_parameter)
    close(there.natural_parameter, here.natural_parameter)
    close(Poisson().fit(xp.array([1, 0, 4], dtype)).natural_parameter, np.log(5 / 3))
    weighted = family.fit(xp.array(rows, dtype), weights=xp.array(weights))
    close(weighted.natural_parameter, family.fit(rows, weights=weights).natural_parameter)
