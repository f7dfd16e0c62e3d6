"""The backward map where it has no closed form, of arrays of other libraries than numpy.

Numpy searches for η on the host, and η goes back to the type and the device of μ. The library
differentiates it by the implicit function theorem, as often as it does A: dη = I(η)⁻¹ dμ.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import array_api_compat as compat
import numpy as np

from expfam.arrays import Array, array_namespace, beside, host, like


def backward(family: Any, mean: Array) -> Array:
    """The η of means μ: batch + natural shape, in the library, the type and the device of μ.

    Under jax.jit and jax.vmap the search is a callback, and rows without a member are NaN.
    Errors: as on numpy; TypeError on the meta device.
    """
    if compat.is_jax_array(mean):
        return _of_jax()(family, mean)
    if not compat.is_torch_array(mean):
        return _found(family, mean)
    if mean.device.type == "meta":
        rule = "the backward map has no closed form; it needs numpy"
        raise TypeError(f"{family.name}: {rule}, and the meta device has no numbers")
    return _of_torch().apply(family, mean)


def _found(family: Any, mean: Array) -> Array:
    return like(_search(family, mean), mean, family.name, "natural parameter")


def _search(family: Any, mean: Array) -> np.ndarray:
    if compat.is_torch_array(mean):
        mean = mean.detach().cpu().double()  # numpy has no bfloat16
    return np.asarray(family.mean_to_natural(host(mean).astype(np.float64)))


def _search_or_nan(family: Any, mean: Array) -> np.ndarray:
    """The same of a trace, which has no errors: NaN in the rows that are refused, by halving."""
    mean = np.asarray(mean)
    rows = mean.reshape(-1, *family.natural_shape)
    try:
        found = _search(family, rows)
    except ValueError:
        if len(rows) < 2:
            return np.full_like(mean, np.nan)
        found = np.concatenate([_search_or_nan(family, half) for half in np.array_split(rows, 2)])
    return found.reshape(mean.shape).astype(mean.dtype)


def _divided(family: Any, natural: Array, vector: Array) -> Array:
    """I(η)⁻¹v; 0 along directions of η that change no member."""
    fisher = family._fisher_information(natural)
    if not family.natural_shape:
        return vector / fisher
    xp = array_namespace(fisher)
    eye = xp.eye(natural.shape[-1], **beside(natural))
    fisher = fisher + (eye - family._canonical(eye))
    return family._canonical(xp.linalg.solve(fisher, vector[..., None])[..., 0])


@cache
def _of_torch() -> Any:
    import torch

    class Backward(torch.autograd.Function):
        @staticmethod
        def forward(family: Any, mean: Array) -> Array:
            return _found(family, mean)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Array) -> None:
            ctx.family = inputs[0]
            ctx.save_for_backward(output)
            ctx.save_for_forward(output)

        @staticmethod
        def backward(ctx: Any, gradient: Array) -> Any:  # I is symmetric
            return None, _divided(ctx.family, ctx.saved_tensors[0], gradient)

        @staticmethod
        def jvp(ctx: Any, _: None, tangent: Array) -> Array:
            return _divided(ctx.family, ctx.saved_tensors[0], tangent)

        @staticmethod
        def vmap(info: Any, axes: Any, family: Any, mean: Array) -> Any:
            return Backward.apply(family, mean.movedim(axes[1], 0)), 0

    return Backward


@cache
def _of_jax() -> Any:
    import jax

    @partial(jax.custom_jvp, nondiff_argnums=(0,))
    def backward(family: Any, mean: Array) -> Array:
        if not isinstance(mean, jax.core.Tracer):
            return _found(family, mean)
        kind = jax.ShapeDtypeStruct(mean.shape, mean.dtype)
        search = partial(_search_or_nan, family)
        return jax.pure_callback(search, kind, mean, vmap_method="expand_dims")

    @backward.defjvp
    def _(family: Any, primals: Any, tangents: Any) -> Any:
        natural = backward(family, *primals)
        return natural, _divided(family, natural, *tangents)

    return backward
