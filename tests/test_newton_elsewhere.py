"""Backward maps without a closed form on torch and jax: numpy's η, and its derivative I(η)⁻¹."""

from __future__ import annotations

import numpy as np
import pytest
from backends import library, members
from conftest import CASES

from expfam import Beta, ContinuousBernoulli, FiniteFamily, Gamma, VonMises
from expfam.arrays import host

REFUSED = ("Truncated", "VonMisesFisher(3)", "VonMisesFisher(40)")  # no forward map there
SEARCHED = [n for n, (f, _) in CASES.items() if f._iterative or f.name in ("Beta", "Dirichlet")]
SEARCHED += [name for name in CASES if name.startswith("VonMises")]
QUICK = {
    "torch": ("Gamma", "Beta", "VonMises", "ContinuousBernoulli", "FiniteFamily(labels)"),
    "jax": ("ChiSquared",),
}
BAD = [[0.0, 0.9], [0.0, 2.0]]  # moments of no Gamma, and of one


def pairs():
    for name in SEARCHED:
        if not name.startswith(REFUSED):
            for backend, quick in QUICK.items():
                marks = [] if name in quick else [pytest.mark.slow]
                yield pytest.param(backend, name, marks=marks, id=f"{backend}-{name}")


def value_and_jacobian(xp, function, x):
    """Of a function of an array (d,) or ()."""
    if xp.name == "jax":
        import jax

        return jax.jit(lambda x: (function(x), jax.jacobian(function)(x)))(x)
    import torch

    return function(x), torch.autograd.functional.jacobian(function, x)


@pytest.mark.parametrize(("backend", "name"), list(pairs()))
def test_the_value_is_numpys_and_the_jacobian_is_the_inverse_information(backend, name):
    """In units of standard deviations; torch's trigamma is good to 1e-8."""
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    xp, family = library(backend), CASES[name][0]
    p = members(name)[0][0]
    wanted = family.mean_to_natural(p.mean_parameter)
    value, jacobian = value_and_jacobian(xp, family.mean_to_natural, xp.array(p.mean_parameter))
    np.testing.assert_allclose(host(value), wanted, rtol=1e-14)
    fisher = np.atleast_2d(family.fisher_information(wanted))
    deviation = np.sqrt(np.where(np.diag(fisher) > 0, np.diag(fisher), 1.0))
    scale = np.outer(deviation, deviation)
    unit, found = fisher / scale, scale * host(jacobian)
    if np.linalg.matrix_rank(unit) == len(unit):
        inverse = np.linalg.inv(unit)
        size = np.abs(inverse).max()
        assert np.abs(found - inverse).max() <= (1e-7 + 1e-14 * size) * size
    else:  # on the tangents of the polytope
        np.testing.assert_allclose(unit @ found @ unit, unit, rtol=0, atol=1e-7)
    if family.name == "FiniteFamily":
        np.testing.assert_allclose(family.directions_of_constancy @ host(jacobian), 0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("backend", ["torch", pytest.param("jax", marks=pytest.mark.slow)])
def test_a_fit_keeps_the_type_of_its_data(backend, dtype):
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    xp, x = library(backend), [0.5, 0.75, 0.875]
    found = ContinuousBernoulli().fit(xp.array(x, dtype)).natural_parameter
    assert found.dtype == getattr(xp.module, dtype)
    rtol = max(1e-12, 8 * float(xp.module.finfo(found.dtype).eps))
    wanted = ContinuousBernoulli().fit(x).natural_parameter
    np.testing.assert_allclose(float(found), wanted, rtol)


def test_an_empty_batch_stays_one():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    assert Gamma().mean_to_natural(torch.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    "backend", ["torch", "array_api_strict", pytest.param("jax", marks=pytest.mark.slow)]
)
def test_means_without_a_member_are_refused_as_on_numpy(backend):
    """By numpy's own rules, too: room in the sum of shares is looked for there alone."""
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    xp = library(backend)
    for family, mean, text in (
        (Gamma(), BAD, "Gamma: log E x must exceed E log x .*; row 0 exceeds it by -0.1"),
        (Beta(), [-0.1, -0.1], "Beta: exponentials of the means must sum to less than 1"),
        (FiniteFamily([0, 1, 2], lambda x: x), [2.0], "inside of the polytope of T"),
        (FiniteFamily([0, 1, 2], lambda x: x), [3.0], "must be in the polytope of T"),
    ):
        for kind in (np.asarray, xp.array):
            with pytest.raises(ValueError, match=text):
                family.mean_to_natural(kind(mean))


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")  # numpy 1
def test_under_a_trace_rows_without_a_member_are_nan():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    xp, family = library("jax"), Gamma()
    good = family.mean_to_natural(BAD[1])
    wanted = [[np.nan, np.nan], good]
    for map_ in (jax.jit(family.mean_to_natural), jax.vmap(family.mean_to_natural)):
        np.testing.assert_allclose(map_(xp.array(BAD)), wanted, rtol=1e-14)
    single = jax.jit(family.mean_to_natural)(xp.array([np.nan, 1.0], "float32"))
    assert np.isnan(single).all()
    assert single.dtype == np.float32
    with pytest.raises(ValueError, match="Beta: exponentials of the means"):
        jax.grad(lambda mean: Beta().mean_to_natural(mean).sum())(xp.array([-0.1, -0.1]))


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
def test_batches_second_derivatives_and_forward_mode_of_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    family, function = VonMises(), VonMises().mean_to_natural
    rows = torch.tensor([[0.3, -0.2], [0.5, 0.6]], dtype=torch.float64)
    np.testing.assert_allclose(torch.func.vmap(function)(rows), function(rows.numpy()), rtol=1e-14)
    at, along = rows[1], rows[0]
    fisher = family.fisher_information(function(at.numpy()))
    _, slope = torch.func.jvp(function, (at,), (along,))
    np.testing.assert_allclose(slope, np.linalg.solve(fisher, along.numpy()), rtol=1e-12)
    hessian = torch.autograd.functional.hessian(lambda mean: function(mean)[0], at)
    ends = [
        torch.autograd.functional.jacobian(function, at + sign * 1e-5 * along)[0]
        for sign in (1, -1)
    ]
    np.testing.assert_allclose(hessian @ along, (ends[0] - ends[1]) / 2e-5, rtol=1e-7)


def test_a_fit_differentiates_in_the_data():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = torch.tensor([[0.3, 1.0], [0.5, 2.0], [2.5, 4.0]], dtype=torch.float64).requires_grad_()
    p = Gamma().fit(x, batch_ndim=1)
    p.natural_parameter[..., 1].sum().backward()
    for i, row in enumerate(p.fisher_information.detach().numpy()):
        rates = np.linalg.inv(row)[1]
        x_i = x.detach().numpy()[:, i]
        np.testing.assert_allclose(x.grad[:, i], (rates[0] / x_i + rates[1]) / 3, rtol=1e-8)
