"""A member of a family, and everything that follows from A, written once for all families."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np

from expfam import comparison
from expfam.arrays import (
    Array,
    array_namespace,
    frozen,
    host,
    is_foreign,
    like,
    real,
    require,
    require_broadcast,
    scalar,
    wide,
)
from expfam.pytrees import as_pytree
from expfam.special import inner
from expfam.statistics import Statistics, cancelled, compensated_sum

if TYPE_CHECKING:
    from expfam.derivation import Explanation
    from expfam.family import ExponentialFamily


_LARGEST_SHIFT = 1e200  # of η in a cumulant function: its product with any mean is finite


class _kept(cached_property):
    """A property that numpy's members compute once.

    What other libraries compute belongs to a trace or to a graph of gradients, and ends with it.
    """

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is not None and is_foreign(instance.natural_parameter):
            return self.func(instance)
        return super().__get__(instance, owner)


@final
@dataclass(frozen=True, eq=False)
class Distribution:
    """The member of a family with natural parameter η, or a batch of members.

    natural_parameter: batch + natural shape; with numpy a read-only float64 copy (a float64
    number where it has no axes).
    Errors: ValueError and TypeError from the family's door.

    >>> from expfam import Multinomial
    >>> p = Multinomial(["a", "b", "c"], trials=10).fit([3, 0, 7])
    >>> p.mean_parameter
    array([3., 0., 7.])
    >>> round(p.log_prob([3, 0, 7]), 6)
    -1.321151
    """

    family: ExponentialFamily
    natural_parameter: Array

    def __post_init__(self) -> None:
        as_pytree(Distribution, ("natural_parameter",))
        natural = self.family.check_natural(self.natural_parameter)
        if isinstance(natural, np.ndarray):
            natural = frozen(natural.astype(np.float64, copy=False))[()]
        object.__setattr__(self, "natural_parameter", natural)

    # ------------------------------------------------------------ parameters and shapes

    @_kept
    def mean_parameter(self) -> Array:
        """μ = E T(x) = ∇A(η): batch + natural shape."""
        with np.errstate(all="ignore"):
            mean = self.family._natural_to_mean(self.natural_parameter)
        return scalar(frozen(np.asarray(mean)) if not is_foreign(mean) else mean)

    @_kept
    def log_partition(self) -> Any:
        """A(η): batch shape."""
        with np.errstate(all="ignore"):
            return scalar(self.family._log_partition(self.natural_parameter))

    @property
    def fisher_information(self) -> Array:
        """∇²A(η) = Cov T(x): batch + natural shape twice."""
        return self.family.fisher_information(self.natural_parameter)

    @property
    def degrees_of_freedom(self) -> Any:
        """How many parameters are free at this member: its dimension, or its face's."""
        value = self.family._degrees_of_freedom(self.natural_parameter)
        xp = array_namespace(value)
        return scalar(xp.broadcast_to(xp.asarray(value), self.batch_shape))

    @property
    def convex_conjugate(self) -> Any:
        """A*(μ) = ⟨η, μ⟩ − A(η), the negative entropy where h ≡ 1: batch shape."""
        family, natural = self.family, self.natural_parameter
        with np.errstate(all="ignore"):
            if isinstance(family.log_base, float | int):  # ⟨η, μ⟩ and A may be large and cancel
                return scalar(-family._entropy(*self._parameters) - family.log_base)
            mean = real(self.mean_parameter, family.name)
            return scalar(family._exponent(natural, mean, family._trials_like(natural)))

    @property
    def _parameters(self) -> tuple[Array, Array]:
        """η and μ, as the hooks of the family take them."""
        return self.natural_parameter, self.mean_parameter

    @cached_property
    def batch_shape(self) -> tuple[int, ...]:
        """The shape of the batch of members, that of η and of trials together."""
        natural = self.natural_parameter
        lead = tuple(natural.shape[: natural.ndim - len(self.family.natural_shape)])
        return np.broadcast_shapes(lead, np.shape(self.family.trials))

    def __getitem__(self, key: Any) -> Self:
        """The members at key of the batch, as numpy indexes an array of the batch shape."""
        if not self.batch_shape:
            raise TypeError(f"{self.family.name}: one member has no batch to index")
        natural = self.natural_parameter
        shape = self.batch_shape + self.family.natural_shape
        natural = array_namespace(natural).broadcast_to(natural, shape)
        key = key if isinstance(key, tuple) else (key,)
        whole = (slice(None),) * len(self.family.natural_shape)
        family = self.family._take(self.batch_shape, key)
        dots = () if any(k is ... for k in key) else (...,)
        return type(self)(family, natural[(*key, *dots, *whole)])

    def __len__(self) -> int:
        if not self.batch_shape:
            raise TypeError(f"{self.family.name}: one member has no length")
        return self.batch_shape[0]

    # ------------------------------------------------------------ probabilities of data

    def log_prob(self, x: Any) -> Any:
        """log p(x) = ⟨η, T(x)⟩ − A(η) + log h(x): sample + batch shape."""
        with np.errstate(all="ignore"):
            return scalar(self.family._log_prob(*self._parameters, self._observation(x)))

    def score(self, x: Any) -> Array:
        """The gradient of log p(x) in η, T(x) − μ: sample + batch + natural shape."""
        with np.errstate(all="ignore"):
            statistic = self.family._sufficient_statistic(self._observation(x))
        return scalar(real(statistic, self.family.name) - self.mean_parameter)

    def log_likelihood(self, data: Any, *, base_measure: bool = True) -> Any:
        """Σ w·log p(x) of observations or `Statistics`: batch shape.

        base_measure: with log h (for counts, the probability of the counts); without it
        (the probability of one sequence that has these counts).
        Of `Statistics`, and without log h, it has the roundings of ⟨η, Σ w·T⟩, which may be large.
        """
        family, natural, given = self.family, self.natural_parameter, data
        if not isinstance(data, Statistics):
            data = family.statistics(self._whole_batch(data), batch_ndim=len(self.batch_shape))
        sums, rule = family._statistics_of(data), "statistics must broadcast against the batch"
        require_broadcast(family.name, rule, np.shape(sums.exposure), self.batch_shape)
        total, exposure, log_base = (
            like(part, natural, family.name, "statistics")
            for part in (sums.total, sums.exposure, sums.log_base)
        )
        with np.errstate(all="ignore"):
            value = family._exponent(natural, total, exposure)
            value = value + log_base if base_measure else value
            of_data = given is not data and base_measure and not is_foreign(natural)
            if of_data and (lost := cancelled(natural, sums, value)).any():
                log_p = np.reshape(self.log_prob(given), (-1, *self.batch_shape))
                value = np.where(lost, compensated_sum(log_p), value)
        return scalar(value)

    def _observation(self, x: Any) -> Array:
        x = like(self.family._observation_door(x), self.natural_parameter, self.family.name, "x")
        self._check_batch(x)
        return x

    def _check_batch(self, x: Array) -> tuple[int, ...]:
        """The sample + batch shape of observations and members together."""
        batch = tuple(x.shape[: x.ndim - len(self.family.event_shape)])
        if not batch or not self.batch_shape:
            return batch or self.batch_shape
        rule = "observations must broadcast against the batch"
        require_broadcast(self.family.name, rule, batch, self.batch_shape)
        return np.broadcast_shapes(batch, self.batch_shape)

    def _whole_batch(self, x: Any) -> Array:
        """Observations with every axis of the batch."""
        x = self.family.check_observation(x)
        shape = self._check_batch(x) + self.family.event_shape
        return array_namespace(x).broadcast_to(x, shape)

    # ------------------------------------------------------------ entropy and divergence

    def entropy(self) -> Any:
        """−E log p(x) = A(η) − ⟨η, μ⟩ − E log h(x), in nats: batch shape."""
        with np.errstate(all="ignore"):
            return scalar(self.family._entropy(*self._parameters))

    def kl(self, other: Distribution) -> Any:
        """E log p(x)/q(x), the Bregman divergence of A: ≥ 0, and ∞ where supports do not nest."""
        comparison.require_comparable(self, other)
        with np.errstate(all="ignore"):
            return scalar(comparison.kl(self, other))

    def cross_entropy(self, other: Distribution) -> Any:
        """−E log q(x) under this member, the entropy plus KL: batch shape."""
        return self.entropy() + self.kl(other)

    def cumulant_function(self, s: Any) -> Any:
        """log E exp⟨s, T(x)⟩ = A(η + s) − A(η): batch shape.

        Errors: ValueError where η + s leaves the family's domain, and for an s beyond 1e200.
        """
        family = self.family
        s = wide(family._shaped(s, family.natural_shape, "s"))
        require(abs(s) <= _LARGEST_SHIFT, family.name, "s must be at most 1e200 in size", s)
        xp, ndim = array_namespace(self.natural_parameter), len(family.natural_shape)
        shapes = tuple(s.shape), tuple(np.shape(self.natural_parameter))
        require_broadcast(family.name, "s must broadcast against the natural parameter", *shapes)
        s = like(s, self.natural_parameter, family.name, "s")
        mean = real(self.mean_parameter, family.name)
        with np.errstate(all="ignore"):
            shifted = family._natural_door(self.natural_parameter + s)
            # By its tangent A(η + s) − A(η) keeps its digits for small s, and no infinity enters;
            # for large s the difference itself, in the gauge where A(η) is least, loses fewer.
            tangent = inner(s, mean, ndim)
            value = tangent + family._kl(*self._parameters, shifted)
            canonical = family._canonical(self.natural_parameter)
            before, after = family._log_partition(canonical), family._log_partition(canonical + s)
            far = xp.abs(before) + xp.abs(after) < xp.abs(tangent)
            return scalar(xp.where(far, after - before, value))

    def sample(self, shape: int | tuple[int, ...] = (), rng: Any = None) -> Any:
        """Draws of the shape shape + batch + event; an int seed gives the same draws anywhere."""
        return self.family.draw(self.natural_parameter, rng, shape)

    def explain(
        self,
        topic: str | None = None,
        *,
        x: Any = None,
        other: Distribution | None = None,
        notation: str = "expfam",
    ) -> Explanation:
        """The derivation line by line, symbols beside this member's numbers: see `expfam.explain`.

        >>> from expfam import Poisson
        >>> print(Poisson().from_mean(4.0).explain("mean").text.splitlines()[-1].strip())
        μ                           = 4
        """
        from expfam.derivation import explain

        return explain(self, topic, x=x, other=other, notation=notation)

    def __mul__(self, other: Distribution) -> Distribution:
        """The member with a density proportional to p(x)·q(x), where there is one: naturals add.

        p·q has the base measure h², which is a multiple of h·exp⟨c, T⟩ where log h = b + ⟨c, T⟩
        for some c, as 0 of a constant h: then η = η_p + η_q + c.
        Errors: ValueError for members of two families, where h is not of that form (counts of
        several trials, whose h² is no multiple of h), and where the product cannot be normalised.

        >>> from expfam import Gaussian
        >>> p, q = (Gaussian().from_mean_variance(*part) for part in ((0.0, 1.0), (3.0, 0.5)))
        >>> mean, variance = Gaussian().mean_variance((p * q).natural_parameter)
        >>> round(mean, 9), round(variance, 9)  # weighted by precision
        (2.0, 0.333333333)
        """
        if not isinstance(other, Distribution):
            return NotImplemented
        comparison.require_comparable(self, other)
        return type(self)(self.family, comparison.product(self, other))

    # ------------------------------------------------------------ comparison

    def same_member(self, other: Distribution) -> bool:
        """Whether both are the same distribution, up to gauge and a few roundings."""
        comparison.require_comparable(self, other)
        return comparison.same(self, other)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Distribution):
            return NotImplemented
        return self.family == other.family and np.array_equal(
            host(self.natural_parameter), host(other.natural_parameter)
        )

    def __hash__(self) -> int:
        natural = host(self.natural_parameter).astype(np.float64) + 0.0  # −0 is 0
        return hash((self.family, natural.tobytes()))
