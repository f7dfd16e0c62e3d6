"""What comes in: one array library per call, real numbers, and errors that say what is wrong."""

from __future__ import annotations

from typing import Any

import array_api_compat as compat
import numpy as np

Array = Any  # an array of numpy, torch, jax, cupy or any other library of the array API standard


def array_namespace(*arrays: Any) -> Any:
    """The array library of the arguments; numpy for lists, numbers and all that is no array."""
    foreign = [a for a in arrays if is_foreign(a)]
    return compat.array_namespace(*foreign) if foreign else np


def is_foreign(x: Any) -> bool:
    """Whether x is an array of another library than numpy."""
    if isinstance(x, np.ndarray | np.generic | float | int | list | tuple):
        return False
    return compat.is_array_api_obj(x)


def real(x: Any, who: str, name: str = "x") -> Array:
    """x as an array of floats; integers and booleans become float64 (elsewhere: the default)."""
    if type(x) is np.ndarray and x.dtype == np.float64:
        return x
    if is_foreign(x):
        return _foreign_real(x, who, name)
    array = plain_array(x, who, name)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array
    raise TypeError(f"{who}: {name} must be real numbers of at most 64 bits; got {array.dtype}")


def plain_array(x: Any, who: str, name: str) -> np.ndarray:
    """x as a numpy array; masked, ragged and non-numeric input is refused."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            f"{who}: {name} must be a plain array; got a masked one: fill its masked entries"
        )
    try:
        array = np.asarray(x)
    except ValueError:
        raise ValueError(f"{who}: {name} must be a rectangular array; got a ragged one") from None
    if array.dtype.kind in "OSUVMmT":
        what = type(x).__name__ if array.ndim == 0 else f"an array of {array.dtype}"
        raise TypeError(f"{who}: {name} must be real numbers; got {what}")
    return array


def _foreign_real(x: Array, who: str, name: str) -> Array:
    xp = array_namespace(x)
    if xp.isdtype(x.dtype, "real floating"):
        return x
    if xp.isdtype(x.dtype, ("bool", "integral")):
        default = xp.asarray(0.0).dtype
        return xp.astype(x, default)
    raise TypeError(f"{who}: {name} must be real numbers; got {x.dtype}")


def require(ok: Array, who: str, rule: str, came: Array, verb: str = "is", place: str = "entry"):
    """Raise a ValueError that says who, the rule, where and what came, unless all of ok holds.

    Under tracing (jax.jit, vmap) a condition has no value yet, and the check is skipped.
    """
    try:
        if _all(ok):
            return
    except (TypeError, RuntimeError):
        return
    ok, came = np.asarray(ok), np.broadcast_to(np.asarray(came), ok.shape)
    index = tuple(int(i) for i in np.argwhere(~ok)[0]) if ok.ndim else ()
    where = {0: "it", 1: f"{place} {index[0] if index else ''}"}.get(ok.ndim, f"{place} {index}")
    raise ValueError(f"{who}: {rule}; {where} {verb} {str(came[index]).removesuffix('.0')}")


def _all(ok: Array) -> bool:
    if isinstance(ok, np.ndarray):
        return bool(np.logical_and.reduce(ok, axis=None))
    if isinstance(ok, np.bool_ | bool):
        return bool(ok)
    return bool(array_namespace(ok).all(ok))


def scalar(x: Array) -> Any:
    """A numpy result without axes as a Python number; every other result as it is."""
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, np.ndarray):
        return x.item() if x.ndim == 0 else x
    return x


def frozen(x: Array) -> Array:
    """A read-only copy of a numpy array; arrays of other libraries as they are."""
    if not isinstance(x, np.ndarray):
        return x
    copy = x.copy()
    copy.flags.writeable = False
    return copy


def two_difference(a: Array, b: Array) -> tuple[Array, Array]:
    """a − b and its rounding error: a − b = d + low exactly (Knuth 1969, TwoSum)."""
    d = a - b
    v = a - d
    return d, (a - (d + v)) + (v - b)
