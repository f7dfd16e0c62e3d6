"""The functions of `special`, and fits of counts, on every library."""

from __future__ import annotations

import numpy as np
import pytest
from test_backends import close, is_of

from expfam import Multinomial, Poisson, special
from expfam.arrays import host


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


@pytest.mark.parametrize("x", [[np.inf, 0.0], [np.inf, -np.inf, np.inf, 1.0]])
def test_entries_of_infinity_share_the_gradient_of_logsumexp(xp, x):
    if xp.name == "jax":
        import jax

        gradient = jax.jit(jax.grad(special.logsumexp))(xp.array(x))
    elif xp.name == "torch":
        import torch

        at = xp.array(x).requires_grad_()
        (gradient,) = torch.autograd.grad(special.logsumexp(at), at)
    else:
        pytest.skip(f"{xp.name} does not differentiate")
    close(gradient, special.softmax(x))


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
