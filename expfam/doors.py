"""The doors of a family: arguments are checked once, and an error says who, what and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import numpy as np

from expfam.arrays import (
    Array,
    array_namespace,
    held,
    is_foreign,
    plain_array,
    real,
    require,
    require_broadcast,
    wide,
)
from expfam.contract import Contract, Rule

LARGEST_COUNT = 2**62


class Doors(Contract):
    """The checks of parameters, observations and weights, written once from a family's rules."""

    @final
    def check_natural(self, natural: Any) -> Array:
        """η as an array of doubles (numpy), or an error: who, which rule, what came, where."""
        with np.errstate(all="ignore"):
            return self._natural_door(natural)

    @final
    def check_mean(self, mean: Any) -> Array:
        """μ as an array of doubles (numpy), or an error."""
        with np.errstate(all="ignore"):
            return self._mean_door(mean)

    @final
    def check_observation(self, x: Any) -> Array:
        """x as an array, of doubles or where the family is discrete of integers, or an error."""
        with np.errstate(all="ignore"):
            return self._observation_door(x)

    def _natural_door(self, natural: Any) -> Array:
        array = self._shaped(natural, self.natural_shape, "natural parameter")
        self._check_batch(array, self.natural_shape, "natural parameter")
        return wide(self._obey(self._natural_rules(array), array))

    def _mean_door(self, mean: Any) -> Array:
        array = self._shaped(mean, self.natural_shape, "mean parameter")
        self._check_batch(array, self.natural_shape, "mean parameter")
        return wide(self._obey(self._mean_rules(array), array))

    def _observation_door(self, x: Any) -> Array:
        array = (
            self._whole(x) if self.discrete else self._shaped(x, self.event_shape, self.observed)
        )
        self._check_batch(array, self.event_shape, self.observed)
        array = self._obey(self._observation_rules(array), array)
        return array if self.discrete else wide(array)

    def _obey(self, rules: Iterator[Rule], array: Array) -> Array:
        for rule in rules:
            require(rule.ok, self.name, rule.text, rule.came, rule.verb, rule.place)
        return array

    def _whole(self, x: Any) -> Array:
        """Observations as int64 (numpy) or as they are (elsewhere), if they are integers."""
        if type(x) is np.ndarray and x.dtype == np.int64:
            self._check_shape(x, self.event_shape, self.observed)
            return x
        if _is_integer_array(x):
            array = np.asarray(x)
            self._check_shape(array, self.event_shape, self.observed)
        elif is_foreign(x) and array_namespace(x).isdtype(x.dtype, "integral"):
            self._check_shape(x, self.event_shape, self.observed)
            return x
        else:
            array = self._shaped(x, self.event_shape, self.observed)
            whole = array == array_namespace(array).floor(array)
            require(whole, self.name, f"{self.observed} must be integers", array)
        most = held(LARGEST_COUNT, array)
        small = (array <= most) & (array >= -most)
        require(small, self.name, f"{self.observed} must be at most 2**62", array)
        return array if is_foreign(array) else array.astype(np.int64)

    def _shaped(self, x: Any, shape: tuple[int, ...], what: str) -> Array:
        if hasattr(x, "iloc"):
            raise TypeError(
                f"{self.name}: {what} must be a bare array; got a {type(x).__name__}, whose labels "
                "would be lost (pass .to_numpy() in the family's order)"
            )
        array = real(x, self.name, what)
        self._check_shape(array, shape, what)
        return array

    def _check_shape(self, array: Array, shape: tuple[int, ...], what: str) -> None:
        if shape and (
            array.shape[-1:] != shape if len(shape) == 1 else array.shape[-len(shape) :] != shape
        ):
            raise ValueError(
                f"{self.name}: {what} must have the shape (…{_axes_text(shape)}); "
                f"got {tuple(array.shape)}"
            )

    def _check_batch(self, array: Array, shape: tuple[int, ...], what: str) -> None:
        if isinstance(self.trials, int):
            return
        batch = tuple(array.shape[: array.ndim - len(shape)])
        rule = f"the batch of the {what} must broadcast against that of trials"
        require_broadcast(self.name, rule, batch, self.trials.shape)

    def _check_weights(self, weights: Any, lead: tuple[int, ...], axes: int) -> Array | None:
        if weights is None:
            return None
        whole = _is_integer_array(weights)
        array = np.asarray(weights) if whole else real(weights, self.name, "weights")
        if tuple(array.shape) not in (lead, lead[:axes]):
            raise ValueError(
                f"{self.name}: weights must have the shape {lead[:axes]} of the samples; "
                f"got {tuple(array.shape)}"
            )
        require(array >= 0, self.name, "weights must be non-negative", array)
        require(array < np.inf, self.name, "weights must be finite", array)
        return array


def check_trials(trials: Any, who: str) -> int | np.ndarray:
    """trials as an int or a read-only int64 array; non-negative integers of at most 2⁶²."""
    if isinstance(trials, int | np.integer) and not isinstance(trials, bool):
        if 0 <= trials <= LARGEST_COUNT:
            return int(trials)
        raise ValueError(f"{who}: trials must be between 0 and 2**62; got {trials}")
    if isinstance(trials, str | bool | float | np.floating) or trials is None:
        raise TypeError(f"{who}: trials must be an integer or an integer array; got {trials!r}")
    array = plain_array(trials, who, "trials")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{who}: trials must be integers; got an array of {array.dtype}")
    require(array >= 0, who, "trials must be non-negative", array)
    require(array <= LARGEST_COUNT, who, "trials must be at most 2**62", array)
    if array.ndim == 0:
        return int(array)
    array = array.astype(np.int64)
    array.flags.writeable = False
    return array


def shown_trials(trials: Any) -> str:
    """trials as a repr shows them: a few numbers, or the shape of many."""
    if np.ndim(trials) == 0:
        return str(trials)
    return str(trials.tolist()) if trials.size <= 4 else f"<shape {trials.shape}>"


def trials_text(trials: Any) -> str:
    """trials as an error says them: arrays are never printed."""
    return f"trials={trials}" if isinstance(trials, int) else "the trials of their row"


def _is_integer_array(x: Any) -> bool:
    """Whether x holds integers that floats would round: lists and arrays of Python's or numpy's."""
    if is_foreign(x) or hasattr(x, "iloc") or isinstance(x, np.ma.MaskedArray):
        return False
    try:
        return np.asarray(x).dtype.kind in "iu"
    except ValueError:
        return False


def _axes_text(shape: tuple[int, ...]) -> str:
    return "".join(f", {n}" for n in shape)
