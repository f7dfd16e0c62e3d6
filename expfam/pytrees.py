"""Members and statistics as pytrees of jax: their arrays are leaves, the family is static.

jax is never imported for this: a class is registered when its first object is made after jax was.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

_registered: set[type] = set()


def as_pytree(kind: type, leaves: tuple[str, ...]) -> None:
    """Register a frozen dataclass with jax, once, if jax is there; its other fields are static.

    What jax puts into the leaves (tracers, cotangents) passes no door: it was checked outside.
    """
    if kind in _registered or "jax" not in sys.modules:
        return
    from jax import tree_util

    static = tuple(f.name for f in dataclasses.fields(kind) if f.name not in leaves)

    def flatten(value: Any) -> tuple[tuple, tuple]:
        return tuple(getattr(value, name) for name in leaves), _values(value, static)

    def flatten_with_keys(value: Any) -> tuple[tuple, tuple]:
        keyed = ((tree_util.GetAttrKey(name), getattr(value, name)) for name in leaves)
        return tuple(keyed), _values(value, static)

    def unflatten(fixed: tuple, arrays: Any) -> Any:
        value: Any = object.__new__(kind)
        vars(value).update(zip((*static, *leaves), (*fixed, *arrays), strict=True))
        return value

    tree_util.register_pytree_with_keys(kind, flatten_with_keys, unflatten, flatten)
    _registered.add(kind)


def _values(value: Any, names: tuple[str, ...]) -> tuple:
    return tuple(getattr(value, name) for name in names)
