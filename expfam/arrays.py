"""What comes in: one array library per call, real numbers, and errors that say what is wrong."""

from __future__ import annotations

from typing import Any

import array_api_compat as compat
import numpy as np

Array = Any  # an array of numpy, torch, jax, cupy or any other library of the array API standard

# numpy itself where it has the names of the standard, which it has from 2.1; else as wrapped.
NUMPY: Any = np if hasattr(np, "astype") else compat.array_namespace(np.empty(0))

_EPSILON = float(np.finfo(np.float64).eps)
_PLAIN = (np.ndarray, np.generic, float, int, list, tuple)


def array_namespace(*arrays: Any) -> Any:
    """The array library of the arguments; numpy for lists, numbers and all that is no array."""
    foreign = [a for a in arrays if not isinstance(a, _PLAIN) and compat.is_array_api_obj(a)]
    return compat.array_namespace(*foreign) if foreign else NUMPY


def is_foreign(x: Any) -> bool:
    """Whether x is an array of another library than numpy."""
    return not isinstance(x, _PLAIN) and compat.is_array_api_obj(x)


def real(x: Any, who: str, name: str = "x") -> Array:
    """x as an array of floats; integers and booleans become float64 (jax: its default)."""
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


def require_numpy(x: Any, who: str, name: str) -> Any:
    """x, if it is of no other array library: nothing is moved to the host unasked."""
    if is_foreign(x):
        raise TypeError(f"{who}: {name} must be numpy; got {type(x)}")
    return x


def numbers(x: Any, who: str, name: str) -> np.ndarray:
    """x as float64 of numpy, for what runs there alone."""
    return np.asarray(real(require_numpy(x, who, name), who, name), dtype=np.float64)


def plain_array(x: Any, who: str, name: str) -> np.ndarray:
    """x as a numpy array; masked, ragged and non-numeric input is refused."""
    require_numpy(x, who, name)
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
        what = "an int of more than 64 bits" if type(x) is int else what
        raise TypeError(f"{who}: {name} must be real numbers; got {what}")
    return array


def _foreign_real(x: Array, who: str, name: str) -> Array:
    xp = array_namespace(x)
    if xp.isdtype(x.dtype, "real floating"):
        return x
    if xp.isdtype(x.dtype, ("bool", "integral")):
        return xp.astype(x, xp.asarray(0.0).dtype if compat.is_jax_array(x) else xp.float64)
    raise TypeError(f"{who}: {name} must be real numbers; got {x.dtype}")


def like(x: Any, model: Array, who: str, name: str) -> Array:
    """x as an array of the library, dtype and device of model, if that is no numpy array."""
    if not is_foreign(model):
        if is_foreign(x):
            raise TypeError(f"{who}: {name} must be numpy, as the parameters are; got {type(x)}")
        return x
    xp = array_namespace(model)
    if is_foreign(x):
        if compat.array_namespace(x) is not xp:
            kinds = f"{type(model).__name__}, as the parameters are; got {type(x).__name__}"
            raise TypeError(f"{who}: {name} must be a {kinds}")
        return x if x.dtype == model.dtype else xp.astype(x, model.dtype)
    return xp.asarray(np.array(x), dtype=model.dtype, device=compat.device(model))


def of_one_library(a: Array, b: Array, who: str, name: str) -> tuple[Array, Array]:
    """Both in the library, dtype and device of the one that is not numpy's, if one is."""
    if is_foreign(a) == is_foreign(b):
        return a, b
    return (a, like(b, a, who, name)) if is_foreign(a) else (like(a, b, who, name), b)


def beside(model: Array, dtype: Any = None) -> dict[str, Any]:
    """What a function that makes arrays is told to make one of the dtype and device of model."""
    place = {"device": compat.device(model)} if is_foreign(model) else {}  # numpy 1 has no device
    return {"dtype": model.dtype if dtype is None else dtype, **place}


def counting(xp: Any) -> Any:
    """The integers that a library counts in: int64, or int32 where jax has no wider ones."""
    return xp.asarray(0).dtype


def host(x: Any) -> np.ndarray:
    """x as a numpy array, from whatever device: for messages, ==, hashes, searches."""
    if compat.is_torch_array(x):
        x = x.detach().cpu()
    if is_foreign(x) and compat.is_array_api_strict_namespace(array_namespace(x)):
        x = x.to_device(array_namespace(x).Device("CPU_DEVICE"))
    return x.get() if compat.is_cupy_array(x) else np.asarray(x)


def detached(x: Array) -> Array:
    """x as a constant to the gradients of torch and jax."""
    if compat.is_torch_array(x):
        return x.detach()
    if compat.is_jax_array(x):
        from jax.lax import stop_gradient

        return stop_gradient(x)
    return x


def held(value: int | np.ndarray, x: Array) -> Any:
    """Integers to compare with x: those beyond x's type (2⁶² and int32) as its largest."""
    if not is_foreign(x):
        return value
    xp, whole = array_namespace(x), array_namespace(x).isdtype(x.dtype, "integral")
    value = np.minimum(value, int(xp.iinfo(x.dtype).max)) if whole else value
    if np.ndim(value):
        return like(value, x, "held", "value")
    return int(value) if whole else float(value)


def require(ok: Array, who: str, rule: str, came: Array, verb: str = "is", place: str = "entry"):
    """Raise a ValueError that says who, the rule, where and what came, unless all of ok holds.

    Under tracing (jax.jit, vmap) a condition has no value yet, and the check is skipped.
    """
    try:
        if _all(ok):
            return
    except (TypeError, RuntimeError):
        if not (compat.is_jax_array(ok) or compat.is_torch_array(ok)):
            raise
        return
    ok = host(ok)
    came = np.broadcast_to(host(came), ok.shape)
    index = tuple(int(i) for i in np.argwhere(~ok)[0]) if ok.ndim else ()
    where = {0: "it", 1: f"{place} {index[0] if index else ''}"}.get(ok.ndim, f"{place} {index}")
    raise ValueError(f"{who}: {rule}; {where} {verb} {str(came[index]).removesuffix('.0')}")


def require_broadcast(who: str, rule: str, *shapes: tuple[int, ...]) -> None:
    """Raise a ValueError that says who, the rule and the shapes, unless the shapes broadcast."""
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        came = " and ".join(str(tuple(shape)) for shape in shapes)
        raise ValueError(f"{who}: {rule}; got {came}") from None


def _all(ok: Array) -> bool:
    if isinstance(ok, np.ndarray):
        return bool(np.logical_and.reduce(ok, axis=None))
    if isinstance(ok, (np.bool_, bool)):
        return bool(ok)
    return bool(array_namespace(ok).all(ok))


def scalar(x: Array) -> Any:
    """A numpy result without axes as a Python number; every other result as it is."""
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, np.ndarray):
        return x.item() if x.ndim == 0 else x
    return x


def rounded(value: Array, dtype: Any) -> Any:
    """A numpy result rounded to a dtype, and as a number where it has no axes."""
    if isinstance(value, (np.ndarray, np.generic)):
        return scalar(value.astype(dtype, copy=False))
    return value


def as_given(value: Array, given: Any) -> Any:
    """A numpy result rounded to the type of narrow floats that were given; others as they are."""
    if isinstance(given, (np.ndarray, np.generic)) and given.dtype.kind == "f":
        result = np.asarray(value)
        if given.dtype.itemsize < 8 and result.dtype.kind == "f":
            return rounded(result, given.dtype.newbyteorder("="))
    return scalar(value)


def wide(x: Array) -> Array:
    """A numpy array in the precision in which it is computed, float64; others as they are."""
    return x.astype(np.float64, copy=False) if isinstance(x, (np.ndarray, np.generic)) else x


def sum_precision(least: float, x: Array, *more: Array) -> float:
    """How far from what it must be a sum of x (…, K) may be, relative to that: 2K roundings of
    the coarsest type that came, or least."""
    epsilon = [
        _EPSILON
        if isinstance(a, np.ndarray) and a.dtype == np.float64
        else float(array_namespace(a).finfo(a.dtype).eps)
        for a in (x, *more)
    ]
    return max(least, 2 * x.shape[-1] * max(epsilon))


def frozen(x: np.ndarray) -> np.ndarray:
    """A read-only copy of a numpy array."""
    copy = x.copy()
    copy.flags.writeable = False
    return copy


def two_difference(a: Array, b: Array) -> tuple[Array, Array]:
    """a − b and its rounding error: a − b = d + low exactly (Knuth 1969, TwoSum)."""
    d = a - b
    v = a - d
    return d, (a - (d + v)) + (v - b)
