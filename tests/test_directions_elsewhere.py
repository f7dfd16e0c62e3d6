"""Directions on other array libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from expfam import VonMises, VonMisesFisher


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_the_circle_runs_elsewhere(library):
    xp = pytest.importorskip(library)
    if library == "jax.numpy":
        import jax

        jax.config.update("jax_enable_x64", True)
    family, angle = VonMises(), np.array([0.3, -2.0, 1.0])
    natural = np.array([[0.0, 0.0], [0.06, 0.01], [-3.0, 4.0]])
    p, x = family.from_natural(natural), xp.asarray(angle)
    a = family.from_natural(xp.asarray(natural))
    for name in ("mean_parameter", "log_partition", "fisher_information"):
        np.testing.assert_allclose(getattr(a, name), getattr(p, name), rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(a.log_prob(x), p.log_prob(angle), rtol=1e-12)
    np.testing.assert_allclose(a.entropy(), p.entropy(), rtol=1e-12)
    np.testing.assert_allclose(a.kl(a[1]), p.kl(p[1]), rtol=1e-10, atol=1e-16)
    product = family.fisher_product(a.natural_parameter, a.natural_parameter)
    wanted = family.fisher_product(natural, natural)
    np.testing.assert_allclose(product, wanted, rtol=1e-11, atol=1e-15)
    found = family.angle_concentration(a.natural_parameter)
    np.testing.assert_allclose(found, family.angle_concentration(natural), rtol=1e-14)
    point = VonMisesFisher(2).from_natural(a.natural_parameter)
    circle = xp.stack([xp.cos(x), xp.sin(x)], axis=-1)
    np.testing.assert_allclose(point.log_prob(circle), a.log_prob(x), rtol=1e-14)
    gradient, hessian = derivatives(library, family.log_partition, a.natural_parameter)
    np.testing.assert_allclose(gradient, p.mean_parameter, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(hessian, p.fisher_information, rtol=1e-11, atol=1e-15)
    back = family.mean_to_natural(a.mean_parameter)
    np.testing.assert_allclose(back, natural, rtol=1e-10, atol=1e-15)
    with pytest.raises(TypeError, match="bessel: I of order 0 needs numpy, torch or jax, of other"):
        VonMisesFisher(3).log_partition(xp.asarray([0.1, 0.2, 0.3]))


def derivatives(library: str, function: Any, points: Any) -> tuple:
    """The gradient and the Hessian at each point."""
    if library == "torch":
        import torch

        each = torch.autograd.functional
        found = [(each.jacobian(function, at), each.hessian(function, at)) for at in points]
        return tuple(torch.stack(part) for part in zip(*found, strict=True))
    import jax

    gradient, hessian = jax.grad(function), jax.hessian(function)
    return jax.jit(jax.vmap(lambda at: (gradient(at), hessian(at))))(points)


def test_a_library_without_bessel_functions_says_so():
    xp = pytest.importorskip("array_api_strict")
    with pytest.raises(TypeError, match="bessel: .*came on array_api_strict"):
        VonMises().log_partition(xp.asarray([0.1, 0.2]))
