"""A family says what is fixed: T, h, A, the maps between parameters, and how to draw.

    p(x; η) = h(x) exp(⟨η, T(x)⟩ − A(η))

Parameters are plain arrays; a member is a `Distribution`; data become `Statistics`. A public name
checks its arguments once, at the door, and calls the hook of the same name with an underscore;
a family writes the hooks, formulas and nothing else.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple, Self, final

import numpy as np

from expfam import newton
from expfam.arrays import (
    Array,
    array_namespace,
    is_foreign,
    like,
    plain_array,
    real,
    require,
    require_broadcast,
    scalar,
)
from expfam.distribution import Distribution
from expfam.sampling import stream
from expfam.special import inner
from expfam.statistics import Statistics, weighted_sum

__all__ = ["Distribution", "ExponentialFamily", "Rule", "Statistics"]

LARGEST_COUNT = 2**62
_LARGEST_MATRIX = 2**26  # entries: half a gibibyte


class Rule(NamedTuple):
    """One condition at a door: where it holds, its text, and what came where it does not."""

    ok: Array
    text: str
    came: Array
    verb: str = "is"
    place: str = "entry"


class ExponentialFamily(abc.ABC):
    """A set of distributions p(x; η) = h(x) exp(⟨η, T(x)⟩ − A(η)) that differ in η alone.

    Subclasses are frozen dataclasses (`eq=False`): families compare by type and fields, and hash.
    A subclass says `natural_shape`, `event_shape` and the hooks below; where h is constant, it
    gives `log_base` and need not give `_log_base_measure`.

    Shapes: natural and mean parameters are batch + natural_shape, observations are
    sample + batch + event_shape, log-probabilities sample + batch.
    """

    natural_shape: ClassVar[tuple[int, ...]] = ()
    event_shape: ClassVar[tuple[int, ...]] = ()
    parts: ClassVar[dict[str, tuple[int, ...]]] = {}
    discrete: ClassVar[bool] = False
    observed: ClassVar[str] = "observations"
    log_base: ClassVar[float | None] = None
    trials: Any = 1

    # ------------------------------------------------------------ hooks: what a family defines

    @abc.abstractmethod
    def _sufficient_statistic(self, x: Array) -> Array:
        """T(x)."""

    @abc.abstractmethod
    def _log_partition(self, natural: Array) -> Array:
        """A(η)."""

    @abc.abstractmethod
    def _natural_to_mean(self, natural: Array) -> Array:
        """∇A(η)."""

    @abc.abstractmethod
    def _fisher_information(self, natural: Array) -> Array:
        """∇²A(η)."""

    @abc.abstractmethod
    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Observations of the shape shape + batch + event."""

    def _log_base_measure(self, x: Array) -> Array:
        """log h(x); a constant unless a family says otherwise."""
        lead = x.shape[: x.ndim - len(self.event_shape)]
        return array_namespace(x).full(lead, self.log_base, dtype=real(x, self.name).dtype)

    def _mean_to_natural(self, mean: Array) -> Array:
        """(∇A)⁻¹(μ); by damped Newton unless a family has it in closed form."""
        if is_foreign(mean):
            raise TypeError(f"{self.name}: the backward map has no closed form; it needs numpy")
        mean = np.asarray(mean, dtype=np.float64)
        return newton.backward(self, mean, self._initial_natural(mean))

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        """Where Newton starts: any η of the domain, near the solution if that is cheap."""
        raise NotImplementedError(f"{self.name} must define _mean_to_natural or _initial_natural")

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        statistic = self._sufficient_statistic(x)
        ndim = len(self.natural_shape)
        return (
            inner(natural, statistic, ndim)
            - self._log_partition(natural)
            + self._log_base_measure(x)
        )

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        """⟨η, t⟩ − n·A(η) with A of one trial: a log-likelihood but for log h."""
        linear = inner(natural, total, len(self.natural_shape))
        return linear - exposure * self._unit._log_partition(natural)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        if self.log_base is None:
            raise NotImplementedError(f"{self.name} must define _entropy, as h is not constant")
        ndim = len(self.natural_shape)
        return self._log_partition(natural) - inner(natural, mean, ndim) - self.log_base

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """The Bregman divergence of A, A(q) − A(p) − ⟨q − p, ∇A(p)⟩, with mean = ∇A(p)."""
        ndim = len(self.natural_shape)
        slope = inner(q - p, mean, ndim)
        divergence = self._log_partition(q) - self._log_partition(p) - slope
        return array_namespace(divergence).where(divergence > 0, divergence, 0.0 * divergence)

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        fisher = self._fisher_information(natural)
        if not self.natural_shape:
            return fisher * vector
        return array_namespace(fisher).sum(fisher * vector[..., None, :], axis=-1)

    def _degrees_of_freedom(self, natural: Array) -> Any:
        return math.prod(self.natural_shape)

    def _canonical(self, natural: Array) -> Array:
        """The one representative of a member where several η are the same member."""
        return natural

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield Rule(_finite(natural), "natural parameter must be finite", natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield Rule(_finite(mean), "mean parameter must be finite", mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule(_finite(x), "observations must be finite", x)

    def _trials_like(self, natural: Array) -> Any:
        """trials as a number, or as an array of the kind of natural."""
        if isinstance(self.trials, int):
            return self.trials
        return like(self.trials, natural, self.name, "trials")

    def _take(self, batch_shape: tuple[int, ...], key: Any) -> Self:
        """The family of the members at key, where trials differ across the batch."""
        if np.ndim(self.trials) == 0:
            return self
        trials = np.broadcast_to(self.trials, batch_shape)[key]
        return dataclasses.replace(self, trials=scalar(trials))  # type: ignore[type-var]

    @property
    def _unit(self) -> Self:
        """The same family with one trial."""
        if isinstance(self.trials, int) and self.trials == 1:
            return self
        return dataclasses.replace(self, trials=1)  # type: ignore[type-var]

    # ------------------------------------------------------------ doors

    @property
    def name(self) -> str:
        return type(self).__name__

    @final
    def check_natural(self, natural: Any) -> Array:
        """η as an array of floats, or an error that says who, which rule, what came, where."""
        with np.errstate(all="ignore"):
            return self._natural_door(natural)

    @final
    def check_mean(self, mean: Any) -> Array:
        """μ as an array of floats, or an error."""
        with np.errstate(all="ignore"):
            return self._mean_door(mean)

    @final
    def check_observation(self, x: Any) -> Array:
        """x as an array, of integers where the family is discrete, or an error."""
        with np.errstate(all="ignore"):
            return self._observation_door(x)

    def _natural_door(self, natural: Any) -> Array:
        array = self._shaped(natural, self.natural_shape, "natural parameter")
        self._check_batch(array, self.natural_shape, "natural parameter")
        return self._obey(self._natural_rules(array), array)

    def _mean_door(self, mean: Any) -> Array:
        array = self._shaped(mean, self.natural_shape, "mean parameter")
        self._check_batch(array, self.natural_shape, "mean parameter")
        return self._obey(self._mean_rules(array), array)

    def _observation_door(self, x: Any) -> Array:
        array = (
            self._whole(x) if self.discrete else self._shaped(x, self.event_shape, self.observed)
        )
        self._check_batch(array, self.event_shape, self.observed)
        return self._obey(self._observation_rules(array), array)

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
        small = (array <= LARGEST_COUNT) & (array >= -LARGEST_COUNT)
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

    # ------------------------------------------------------------ the public maps

    @final
    def sufficient_statistic(self, x: Any) -> Array:
        """T(x), what a likelihood keeps of an observation: sample + batch + natural shape."""
        with np.errstate(all="ignore"):
            return scalar(self._sufficient_statistic(self._observation_door(x)))

    @final
    def log_base_measure(self, x: Any) -> Any:
        """log h(x), the part of log p that no parameter touches: sample + batch shape."""
        with np.errstate(all="ignore"):
            return scalar(self._log_base_measure(self._observation_door(x)))

    @final
    def log_partition(self, natural: Any) -> Any:
        """A(η), the log of what makes p sum to one: batch shape."""
        with np.errstate(all="ignore"):
            return scalar(self._log_partition(self._natural_door(natural)))

    @final
    def natural_to_mean(self, natural: Any) -> Array:
        """The forward map μ = ∇A(η) = E T(x): batch + natural shape."""
        with np.errstate(all="ignore"):
            return scalar(self._natural_to_mean(self._natural_door(natural)))

    @final
    def mean_to_natural(self, mean: Any) -> Array:
        """The backward map η = (∇A)⁻¹(μ), which is maximum likelihood: batch + natural shape."""
        with np.errstate(all="ignore"):
            return scalar(self._mean_to_natural(self._mean_door(mean)))

    @final
    def fisher_information(self, natural: Any) -> Array:
        """∇²A(η) = Cov T(x): batch + natural shape twice.

        Errors: ValueError where that is over 2²⁶ numbers; `fisher_product` needs no matrix.
        """
        natural = self.check_natural(natural)
        batch = np.broadcast_shapes(
            natural.shape[: natural.ndim - len(self.natural_shape)], np.shape(self.trials)
        )
        entries = math.prod(batch) * math.prod(self.natural_shape) ** 2
        if entries > _LARGEST_MATRIX:
            raise ValueError(
                f"{self.name}: Fisher information must have at most 2**26 entries; it would have "
                f"{entries}: use fisher_product(natural, v)"
            )
        with np.errstate(all="ignore"):
            return scalar(self._fisher_information(natural))

    @final
    def fisher_product(self, natural: Any, vector: Any) -> Array:
        """∇²A(η)·v, without the matrix where the family can: batch + natural shape."""
        natural = self.check_natural(natural)
        vector = self._shaped(vector, self.natural_shape, "vector")
        require(_finite(vector), self.name, "vector must be finite", vector)
        rule = "natural parameter and vector must broadcast"
        require_broadcast(self.name, rule, tuple(natural.shape), tuple(vector.shape))
        with np.errstate(all="ignore"):
            return scalar(self._fisher_product(natural, vector))

    @final
    def draw(self, natural: Any, rng: Any = None, shape: int | tuple[int, ...] = ()) -> Any:
        """Observations from the member at η: shape + batch + event shape.

        rng: None, an int seed (≥ 0, the same draws everywhere) or a numpy Generator.
        Errors: TypeError for arrays of other libraries than numpy.
        """
        natural = self.check_natural(natural)
        if is_foreign(natural):
            raise TypeError(f"{self.name}: draws are numpy's; pass the natural parameter as numpy")
        batch = np.broadcast_shapes(
            natural.shape[: natural.ndim - len(self.natural_shape)], np.shape(self.trials)
        )
        natural = np.broadcast_to(natural, batch + self.natural_shape).astype(np.float64)
        with np.errstate(all="ignore"):
            return scalar(self._draw(natural, stream(rng), _shape_of(shape, self.name)))

    # ------------------------------------------------------------ members and data

    @final
    def from_natural(self, natural: Any) -> Distribution:
        """The member with the natural parameter η."""
        return Distribution(self, natural)

    @final
    def from_mean(self, mean: Any) -> Distribution:
        """The member with the mean parameter μ = E T(x)."""
        return Distribution(self, self.mean_to_natural(mean))

    @final
    def statistics(self, x: Any, weights: Any = None, batch_ndim: int = 0) -> Statistics:
        """What a fit needs of data: Σ w·T(x), Σ w·log h(x), Σ w, Σ w·trials and the rows.

        x: sample + batch + event shape, the last batch_ndim axes before the event being batch;
        weights: non-negative, of the sample or the sample + batch shape.
        Errors: ValueError for bad observations, weights or batch_ndim.
        """
        x = self.check_observation(x)
        lead = tuple(x.shape[: x.ndim - len(self.event_shape)])
        lead = np.broadcast_shapes(lead, np.shape(self.trials))
        if isinstance(batch_ndim, bool) or not isinstance(batch_ndim, int):
            raise TypeError(f"{self.name}: batch_ndim must be an int; got {batch_ndim!r}")
        if not 0 <= batch_ndim <= len(lead):
            raise ValueError(
                f"{self.name}: batch_ndim must be between 0 and {len(lead)}; got {batch_ndim}"
            )
        axes = len(lead) - batch_ndim
        xp = array_namespace(x)
        x = xp.broadcast_to(x, lead + self.event_shape)
        w = self._check_weights(weights, lead, axes)
        with np.errstate(all="ignore"):
            statistic, base = self._sufficient_statistic(x), self._log_base_measure(x)
        ones = np.ones(lead, dtype=np.int64)
        trials = np.broadcast_to(self.trials, lead)
        return Statistics(
            self._unit,
            scalar(weighted_sum(statistic, w, axes, "the statistic")),
            scalar(weighted_sum(base, w, axes, "log h")),
            scalar(weighted_sum(ones, w, axes, "the weights")),
            scalar(weighted_sum(trials, w, axes, "trials")),
            math.prod(lead[:axes]),
        )

    @final
    def fit(self, data: Any, weights: Any = None, batch_ndim: int = 0) -> Distribution:
        """The maximum-likelihood member: the one whose mean is the average statistic.

        data: observations (as for `statistics`) or `Statistics`.
        Errors: ValueError for no data, and where no member has that mean.
        """
        statistics = self._statistics_of(data, weights, batch_ndim)
        exposure = np.asarray(statistics.exposure)
        rule = "there must be data to fit"
        require(exposure > 0, self.name, rule, exposure, "has the total weight", "row")
        return Distribution(self, self._unit.mean_to_natural(statistics.mean))

    def _statistics_of(self, data: Any, weights: Any = None, batch_ndim: int = 0) -> Statistics:
        if not isinstance(data, Statistics):
            return self.statistics(data, weights, batch_ndim)
        if weights is not None:
            raise TypeError(f"{self.name}: Statistics carry their weights; got weights beside them")
        if data.family != self._unit:
            raise ValueError(f"{self.name}: statistics must be of {self}; got {data.family}")
        return data

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

    @final
    def pack(self, **parts: Any) -> Array:
        """One flat parameter from its named parts: batch + natural shape."""
        if set(parts) != set(self.parts):
            raise ValueError(
                f"{self.name}: parts must be {_names(self.parts)}; got {_names(parts)}"
            )
        if not self.parts:
            raise ValueError(f"{self.name}: parameters have no named parts")
        arrays = [real(parts[name], self.name, name) for name in self.parts]
        rule = "parts must broadcast"
        require_broadcast(self.name, rule, *(tuple(a.shape) for a in arrays))
        return np.stack(np.broadcast_arrays(*arrays), axis=-1)

    @final
    def unpack(self, parameter: Any) -> dict[str, Array]:
        """The named parts of a flat parameter, natural or mean."""
        array = self._shaped(parameter, self.natural_shape, "parameter")
        return {name: scalar(array[..., i]) for i, name in enumerate(self.parts)}

    # ------------------------------------------------------------ values

    def _inside(self, natural: np.ndarray) -> np.ndarray:
        """Which rows of a batch of naturals satisfy every rule."""
        inside = np.ones(natural.shape[: natural.ndim - len(self.natural_shape)], dtype=bool)
        for rule in self._natural_rules(natural):
            ok = rule.ok
            inside &= ok.all(axis=tuple(range(inside.ndim, ok.ndim))) if ok.ndim else ok
        return inside

    def _key(self) -> tuple:
        values = (getattr(self, field.name) for field in dataclasses.fields(self))  # type: ignore[arg-type]
        return (type(self), *(_hashable(value) for value in values))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ExponentialFamily):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


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
    return str(trials) if isinstance(trials, int) else "its row's entry"


def _is_integer_array(x: Any) -> bool:
    """Whether x holds integers that floats would round: lists and arrays of Python's or numpy's."""
    if is_foreign(x) or hasattr(x, "iloc") or isinstance(x, np.ma.MaskedArray):
        return False
    try:
        return np.asarray(x).dtype.kind in "iu"
    except ValueError:
        return False


def _finite(x: Array) -> Array:
    return array_namespace(x).isfinite(x)


def _hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, tuple):  # labels: 1, 1.0 and True are three different things
        return tuple((type(label), label) for label in value)
    return value


def _shape_of(shape: Any, who: str) -> tuple[int, ...]:
    axes = shape if isinstance(shape, tuple | list) else (shape,)
    for n in axes:
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
            raise ValueError(f"{who}: shape must be non-negative ints; got {shape!r}")
    return tuple(int(n) for n in axes)


def _axes_text(shape: tuple[int, ...]) -> str:
    return "".join(f", {n}" for n in shape)


def _names(parts: Any) -> str:
    return ", ".join(parts) or "none"
