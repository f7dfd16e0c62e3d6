"""Numpy, array-api-strict, torch and jax: the same numbers, the same kind of array, gradients."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from expfam import Binomial, Categorical, Gamma, Gaussian, Multinomial, Poisson, special
from expfam.arrays import array_namespace

BACKENDS = ["numpy", "array_api_strict", "torch", "jax"]
LIBRARY = {"jax": "jax.numpy"}


@pytest.fixture(params=BACKENDS)
def xp(request):
    """One array library, with float64 arrays; skipped in words where it is not installed."""
    name = request.param
    pytest.importorskip(name, reason=f"{name} is not installed: pip install 'expfam[backends]'")
    if name == "jax":
        importlib.import_module("jax").config.update("jax_enable_x64", True)
    module = importlib.import_module(LIBRARY.get(name, name))

    def array(values: Any, dtype: str = "float64") -> Any:
        return module.asarray(np.asarray(values).tolist(), dtype=getattr(module, dtype))

    return SimpleNamespace(name=name, module=module, array=array)


FAMILIES = [
    (Multinomial(3, trials=6), [0.2, 1.3, -0.5], [0.4, -0.3, 1.0], [1, 2, 3]),
    (Multinomial(3, trials=[4, 10]), [0.2, 1.3, -0.5], [0.4, -0.3, 1.0], [[4, 0, 0], [1, 2, 7]]),
    (Multinomial(3, trials=5), [0.2, -np.inf, -0.5], [0.4, -0.3, 1.0], [1, 0, 4]),
    (Multinomial(3, trials=60), [[0.2, 900.0, -0.5]], [[0.2, 899.0, 0.0]], [[0, 60, 0]]),
    (Categorical(3), [0.2, 1.3, -0.5], [0.4, -0.3, 1.0], [0, 2, 1]),
    (Binomial(12), 0.7, -0.3, 5),
    (Binomial(12), np.inf, 0.3, 12),
    (Binomial([3, 40]), 0.7, -0.3, [2, 35]),
    (Poisson(), 0.7, -0.3, 5),
    (Poisson(), -np.inf, -0.3, 0),
    (Gaussian(), [0.5, -2.0], [1.0, -0.25], 0.7),
    (Gamma(), [0.5, -2.0], [1.0, -0.25], 0.7),
]
IDS = [f"{family!r}-{i}" for i, (family, *_) in enumerate(FAMILIES)]


def is_of(xp: SimpleNamespace, value: Any) -> bool:
    if xp.name == "numpy":
        return isinstance(value, np.ndarray | float)
    return array_namespace(value) is not np


def close(value: Any, expected: Any, rtol: float = 1e-12) -> None:
    np.testing.assert_allclose(np.asarray(value), expected, rtol=rtol, atol=1e-13)


@pytest.mark.parametrize(("family", "p", "q", "x"), FAMILIES, ids=IDS)
def test_all_libraries_agree_with_numpy(xp, family, p, q, x):
    if xp.name == "array_api_strict" and isinstance(family, Gamma):
        pytest.skip("the array API standard has no log-gamma")
    here, there = family.from_natural(p), family.from_natural(q)
    a, b = family.from_natural(xp.array(p)), family.from_natural(xp.array(q))
    integral = family.discrete
    x_there = xp.array(x, "int64" if integral else "float64")
    assert is_of(xp, a.mean_parameter)
    close(a.mean_parameter, here.mean_parameter)
    close(a.log_partition, here.log_partition)
    close(a.log_prob(x_there), here.log_prob(x))
    close(a.kl(b), here.kl(there))
    close(a.score(x_there), here.score(x))
    rtol = 1e-8 if isinstance(family, Gamma) and xp.name == "torch" else 1e-12  # its trigamma
    close(a.fisher_information, here.fisher_information, rtol)
    close(family.fisher_product(xp.array(p), xp.array(q)), family.fisher_product(p, q), rtol)
    close(a.log_likelihood(x_there), here.log_likelihood(x))
    if not isinstance(family, Gamma):
        back = family.mean_to_natural(xp.array(here.mean_parameter))
        close(back, family.mean_to_natural(here.mean_parameter))


@pytest.mark.parametrize(("family", "p", "q", "x"), FAMILIES, ids=IDS)
def test_the_entropy_agrees_or_says_that_it_needs_numpy(xp, family, p, q, x):
    if xp.name == "array_api_strict" and isinstance(family, Gamma):
        pytest.skip("the array API standard has no log-gamma")
    try:
        value = family.from_natural(xp.array(p)).entropy()
    except TypeError as error:
        assert family.discrete
        assert xp.name != "numpy"
        assert "needs numpy" in str(error)
    else:
        close(value, family.from_natural(p).entropy())


INTERIOR = [case for case in FAMILIES if np.isfinite(case[1]).all() and np.ndim(case[1]) < 2]
INTERIOR = [case for case in INTERIOR if np.ndim(case[0].trials) == 0]


@pytest.mark.parametrize(("family", "p", "q", "x"), INTERIOR, ids=[repr(c[0]) for c in INTERIOR])
def test_the_gradient_of_A_is_the_forward_map_and_its_hessian_fisher(xp, family, p, q, x):
    gradient, hessian = derivatives(xp, family.log_partition, p)
    # torch's own trigamma is good to 1e-9
    rtol = 1e-8 if isinstance(family, Gamma) and xp.name == "torch" else 1e-12
    close(gradient, family.natural_to_mean(p))
    close(hessian, family.fisher_information(p), rtol)


def derivatives(xp: SimpleNamespace, function: Any, point: Any) -> tuple[Any, Any]:
    if xp.name == "jax":
        import jax

        at = xp.array(point)
        return jax.jit(jax.grad(function))(at), jax.jit(jax.hessian(function))(at)
    if xp.name == "torch":
        import torch

        at = xp.array(point).requires_grad_()
        (gradient,) = torch.autograd.grad(function(at), at)
        return gradient, torch.autograd.functional.hessian(function, xp.array(point))
    pytest.skip(f"{xp.name} does not differentiate")


@pytest.mark.parametrize("x", [[0.0, 0.0], [1.0, -np.inf, 1.0], [800.0, -800.0], [3.0, 3.0, 3.0]])
def test_the_gradient_of_logsumexp_is_softmax_at_ties_and_at_infinity(xp, x):
    if xp.name == "jax":
        import jax

        gradient = jax.grad(special.logsumexp)(xp.array(x))
        rows = jax.jacobian(special.log_softmax)(xp.array(x))
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


def test_jit_and_vmap_skip_the_checks_of_values_alone():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    jax.config.update("jax_enable_x64", True)
    family = Multinomial(3)
    rows = jax.numpy.asarray([[0.2, 1.3, -0.5], [1.0, 2.0, 3.0]])
    close(jax.jit(family.natural_to_mean)(rows), family.natural_to_mean(np.asarray(rows)))
    close(jax.vmap(family.log_partition)(rows), family.log_partition(np.asarray(rows)))
    with pytest.raises(ValueError, match=r"shape \(…, 3\)"):
        jax.jit(family.natural_to_mean)(rows[:, :2])
    with pytest.raises(ValueError, match="not nan"):
        family.natural_to_mean(rows * np.nan)


def test_torch_vmap_works():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    rows = torch.tensor([[0.2, 1.3, -0.5], [1.0, 2.0, 3.0]], dtype=torch.float64)
    close(torch.func.vmap(Multinomial(3).log_partition)(rows), special.logsumexp(rows.numpy()))


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
    assert np.asarray(special.logsumexp(empty)).tolist() == [-np.inf] * 2


def test_integers_become_floats_and_complex_is_refused(xp):
    close(special.softmax(xp.array([1, 2, 3], "int64")), special.softmax([1, 2, 3]), rtol=1e-6)
    if hasattr(xp.module, "complex128"):
        values = xp.module.asarray([1.0, 2.0], dtype=xp.module.complex128)
        with pytest.raises(TypeError, match="real numbers"):
            special.softmax(values)


def test_draws_are_numpys_and_say_so():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    member = Multinomial(3).from_natural(torch.zeros(3))
    with pytest.raises(TypeError, match="draws are numpy's"):
        member.sample()
    with pytest.raises(TypeError, match="needs numpy"):
        Gamma().mean_to_natural(torch.tensor([0.0, 1.5]))


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
