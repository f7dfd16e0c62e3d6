"""Narrow counts, jax without 64 bits, and weights beside integers, on every library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_backends import close

from expfam import Multinomial, Poisson
from expfam.arrays import host


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
