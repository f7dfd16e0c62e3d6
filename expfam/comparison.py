"""Two members of one family: KL, whether they are the same, and the product of their densities.

They may belong to different faces of the family, where what both allow is a face, too.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam.arrays import Array, array_namespace, host, like, require, require_broadcast

_LARGEST = 2**26  # entries of a matrix


def require_comparable(p: Any, q: Any) -> None:
    """An error unless q is of p's family or of a face of it, in a batch that broadcasts."""
    name = p.family.name
    if not isinstance(q, type(p)):
        raise TypeError(f"{name}: the other must be a Distribution; got {type(q).__name__}")
    if q.family != p.family and q.family._ambient != p.family._ambient:
        raise ValueError(_of_two(p, q, "both must be members of one family"))
    require_broadcast(name, "batches must broadcast", p.batch_shape, q.batch_shape)


def require_one_face(p: Any, q: Any, who: str) -> None:
    """An error for members of different faces, where who knows no answer."""
    if q.family != p.family:
        raise ValueError(_of_two(p, q, f"{who}: both must be members of one face"))


def _of_two(p: Any, q: Any, rule: str) -> str:
    return f"{p.family.name}: {rule}; got {p.family} and {q.family}"


def kl(p: Any, q: Any) -> Array:
    """KL(p‖q). Where q's family has more points, q given those of p's, and −log of their share."""
    natural = natural_beside(p, q)
    value = p.family._kl(*p._parameters, natural)
    if q.family is p.family:
        return value
    face = p.family._meet(q.family)
    return value - q.family._log_share(natural, face) if face is p.family else value + np.inf


def natural_beside(p: Any, q: Any) -> Array:
    """q's natural parameter in p's array library: numpy's is taken there, no other is."""
    model, natural = p.natural_parameter, q.natural_parameter
    if array_namespace(model) is array_namespace(natural):
        return natural
    return like(natural, model, p.family.name, "the other's natural parameter")


def same(p: Any, q: Any) -> bool:
    """Whether all members of two batches agree, up to gauge and a few roundings: without trials
    they do, whatever their parameters."""
    if p.family != q.family or np.shape(p.natural_parameter) != np.shape(q.natural_parameter):
        return False
    with np.errstate(all="ignore"):
        both = p.natural_parameter, q.natural_parameter
        first, second = (host(v) for v in both)
        a, b = (host(p.family._canonical(v)) for v in both)
        epsilon = max(float(np.finfo(v.dtype).eps) for v in (first, second))
        sizes = [np.where(np.isfinite(v), abs(v), 0.0) for v in (first, second, a, b)]
        size = np.max(sizes, axis=0) + _unit(p.family, first.astype(np.float64))
        close = (a == b) | (np.abs(a - b) <= 16 * epsilon * size)
    return bool((close | p.family._idle).all())


def _unit(family: Any, natural: np.ndarray) -> Any:
    """The size of η near 0: 1, or less where T of one trial varies by more than 1, as rates do."""
    if natural.size * math.prod(family.natural_shape) > _LARGEST:
        return 1.0
    variance = np.asarray(family._unit._fisher_information(natural))
    variance = np.diagonal(variance, axis1=-2, axis2=-1) if family.natural_shape else variance
    return np.fmin(1.0, 1 / np.sqrt(variance))


def product(p: Any, q: Any) -> Array:
    """The natural parameter of the member proportional to the product of two densities."""
    require_one_face(p, q, "a product")
    slope = p.family._log_base_slope()
    if slope is None:
        raise ValueError(
            f"{p.family.name}: a product of two members is a member only where h² is a "
            f"multiple of h, or of h·exp⟨c, T⟩; it is not, of {p.family}"
        )
    with np.errstate(all="ignore"):
        natural = p.natural_parameter + q.natural_parameter
        text = "a product needs an outcome that both members have"  # −∞ and ∞ share none
        require(natural == natural, p.family.name, text, natural)
        if not np.any(slope):
            return natural
        return natural + like(np.asarray(slope), natural, p.family.name, "the slope of log h")
