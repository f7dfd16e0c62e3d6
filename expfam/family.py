"""A family says what is fixed: T, h, A, the maps between parameters, and how to draw.

    p(x; η) = h(x) exp(⟨η, T(x)⟩ − A(η))

Parameters are plain arrays; a member is a `Distribution`; data become `Statistics`. A public name
checks its arguments once, at the door, and calls the hook of the same name with an underscore;
a family writes the hooks of `contract`, formulas and nothing else.
"""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from expfam.arrays import (
    Array,
    array_namespace,
    as_given,
    is_foreign,
    like,
    require,
    require_broadcast,
    scalar,
    wide,
)
from expfam.contract import Rule
from expfam.distribution import Distribution
from expfam.doors import LARGEST_COUNT, Doors, check_trials, shown_trials, trials_text
from expfam.sampling import stream
from expfam.statistics import Statistics, weighted_sum

__all__ = [
    "LARGEST_COUNT",
    "Distribution",
    "ExponentialFamily",
    "Rule",
    "Statistics",
    "check_trials",
    "shown_trials",
    "trials_text",
]

_LARGEST_MATRIX = 2**26  # entries: half a gibibyte
_LARGEST_VECTOR = 1e100


class ExponentialFamily(Doors):
    """A set of distributions p(x; η) = h(x) exp(⟨η, T(x)⟩ − A(η)) that differ in η alone.

    Subclasses are frozen dataclasses (`eq=False`): families compare by type and fields, and hash.
    A subclass says `natural_shape`, `event_shape` and the hooks below; where h is constant, it
    gives `log_base` and need not give `_log_base_measure`.

    Shapes: natural and mean parameters are batch + natural_shape, observations are
    sample + batch + event_shape, log-probabilities sample + batch.
    Precision: maps of numpy's float32 and float16 are computed in doubles and rounded once; members
    and statistics are doubles. Other libraries keep their types.
    """

    # ------------------------------------------------------------ the maps

    @final
    def sufficient_statistic(self, x: Any) -> Array:
        """T(x), what a likelihood keeps of an observation: sample + batch + natural shape."""
        with np.errstate(all="ignore"):
            return as_given(self._sufficient_statistic(self._observation_door(x)), x)

    @final
    def log_base_measure(self, x: Any) -> Any:
        """log h(x), the part of log p that no parameter touches: sample + batch shape."""
        with np.errstate(all="ignore"):
            return as_given(self._log_base_measure(self._observation_door(x)), x)

    @final
    def log_partition(self, natural: Any) -> Any:
        """A(η), the log of what makes p sum to one: batch shape."""
        with np.errstate(all="ignore"):
            return as_given(self._log_partition(self._natural_door(natural)), natural)

    @final
    def natural_to_mean(self, natural: Any) -> Array:
        """The forward map μ = ∇A(η) = E T(x): batch + natural shape."""
        with np.errstate(all="ignore"):
            return as_given(self._natural_to_mean(self._natural_door(natural)), natural)

    @final
    def mean_to_natural(self, mean: Any) -> Array:
        """The backward map η = (∇A)⁻¹(μ), which is maximum likelihood: batch + natural shape."""
        with np.errstate(all="ignore"):
            return as_given(self._mean_to_natural(self._mean_door(mean)), mean)

    @final
    def fisher_information(self, natural: Any) -> Array:
        """∇²A(η) = Cov T(x): batch + natural shape twice.

        Errors: ValueError where that is over 2²⁶ numbers; `fisher_product` needs no matrix.
        """
        given, natural = natural, self.check_natural(natural)
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
            return as_given(self._fisher_information(natural), given)

    @final
    def fisher_product(self, natural: Any, vector: Any) -> Array:
        """∇²A(η)·v, without the matrix where the family can: batch + natural shape."""
        given, natural = natural, self.check_natural(natural)
        vector = wide(self._shaped(vector, self.natural_shape, "vector"))
        ok = abs(vector) <= _LARGEST_VECTOR  # whose product with any variance has no ∞ − ∞
        require(ok, self.name, "vector must be at most 1e100 in size", vector)
        rule = "natural parameter and vector must broadcast"
        require_broadcast(self.name, rule, tuple(natural.shape), tuple(vector.shape))
        vector = like(vector, natural, self.name, "vector")
        with np.errstate(all="ignore"):
            return as_given(self._fisher_product(natural, vector), given)

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
        """The member with the mean parameter μ = E T(x).

        Errors: ValueError where no member has that mean.
        """
        with np.errstate(all="ignore"):
            mean = self._mean_door(mean)
            family, natural = self._member_of(mean, mean, 1)
        return Distribution(family, natural)

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
            statistic, base = self._sufficient_statistic(x), self._ambient._log_base_measure(x)
        ones = np.ones(lead, dtype=np.int64)
        trials = np.broadcast_to(self.trials, lead)
        return Statistics(
            self._ambient._unit,
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
        exposure = statistics.exposure
        rule = "there must be data to fit"
        require(exposure > 0, self.name, rule, exposure, "has the total weight", "row")
        unit, total = self._unit, statistics.total
        with np.errstate(all="ignore"):
            mean = unit._mean_door(statistics.mean)
            family, natural = unit._member_of(mean, total, statistics.exposure)
        return Distribution(self if family is unit else family, natural)

    def _statistics_of(self, data: Any, weights: Any = None, batch_ndim: int = 0) -> Statistics:
        if not isinstance(data, Statistics):
            return self.statistics(data, weights, batch_ndim)
        if weights is not None:
            raise TypeError(f"{self.name}: Statistics carry their weights; got weights beside them")
        if data.family != self._ambient._unit:
            raise ValueError(f"{self.name}: statistics must be of {self}; got {data.family}")
        return data

    @final
    def pack(self, **parts: Any) -> Array:
        """One flat parameter from its named parts: batch + natural shape."""
        if set(parts) != set(self.parts):
            raise ValueError(
                f"{self.name}: parts must be {_names(self.parts)}; got {_names(parts)}"
            )
        if not self.parts:
            raise ValueError(f"{self.name}: parameters have no named parts")
        arrays = []
        for name, shape in self.parts.items():
            array = self._shaped(parts[name], shape, name)
            lead = tuple(array.shape[: array.ndim - len(shape)])
            arrays.append(array_namespace(array).reshape(array, (*lead, math.prod(shape))))
        rule = "parts must broadcast"
        shapes = [tuple(array.shape[:-1]) for array in arrays]
        require_broadcast(self.name, rule, *shapes)
        model = next(filter(is_foreign, arrays), arrays[0])
        arrays = [like(array, model, self.name, "parts") for array in arrays]
        batch, xp = np.broadcast_shapes(*shapes), array_namespace(model)
        arrays = [xp.broadcast_to(array, (*batch, array.shape[-1])) for array in arrays]
        return xp.concat(arrays, axis=-1)

    @final
    def unpack(self, parameter: Any) -> dict[str, Array]:
        """The named parts of a flat parameter, natural or mean.

        Errors: ValueError for a family without parts.
        """
        array = self._shaped(parameter, self.natural_shape, "parameter")
        if not self.parts:
            raise ValueError(f"{self.name}: parameters have no named parts")
        found, start = {}, 0
        for name, shape in self.parts.items():
            size = math.prod(shape)
            part = array[..., start : start + size]
            part = array_namespace(part).reshape(part, (*part.shape[:-1], *shape))
            found[name], start = scalar(part), start + size
        return found


def _shape_of(shape: Any, who: str) -> tuple[int, ...]:
    axes = shape if isinstance(shape, tuple | list) else (shape,)
    for n in axes:
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
            raise ValueError(f"{who}: shape must be non-negative ints; got {shape!r}")
    return tuple(int(n) for n in axes)


def _names(parts: Any) -> str:
    return ", ".join(parts) or "none"
