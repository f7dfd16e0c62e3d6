"""The contract: what a family defines, and the defaults that follow from the definition.

Hooks take checked arrays and return arrays; they are formulas and nothing else.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from expfam import curvature, implicit, newton
from expfam.arrays import Array, array_namespace, beside, detached, is_foreign, like, real, scalar
from expfam.special import inner


class Rule(NamedTuple):
    """One condition at a door: where it holds, its text, and what came where it does not."""

    ok: Array
    text: str
    came: Array
    verb: str = "is"
    place: str = "entry"


class Contract(abc.ABC):
    """What a family defines: shapes, formulas as hooks, and rules for what it accepts."""

    natural_shape: ClassVar[tuple[int, ...]] = ()
    event_shape: ClassVar[tuple[int, ...]] = ()
    parts: ClassVar[dict[str, tuple[int, ...]]] = {}
    discrete: ClassVar[bool] = False
    observed: ClassVar[str] = "observations"
    log_base: ClassVar[float | None] = None
    trials: Any = 1

    @property
    def ends(self) -> tuple[float, ...]:
        """The ends and kinks of a density on the line, for integrals; () where they are plain."""
        return ()

    @property
    def points(self) -> Any:
        """The points of a finite support, n + event shape; None where it is not given by points."""
        return None

    # ------------------------------------------------------------ hooks

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
        if self.log_base is None:
            raise NotImplementedError(f"{self.name} must define log_base or _log_base_measure")
        lead = x.shape[: x.ndim - len(self.event_shape)]
        return array_namespace(x).full(lead, self.log_base, **beside(real(x, self.name)))

    def _mean_to_natural(self, mean: Array) -> Array:
        """(∇A)⁻¹(μ); by damped Newton unless a family has it in closed form."""
        if np.ndim(self.trials):  # Newton takes its rows from a batch, where trials are not
            trials = self.trials[(..., *[None] * len(self.natural_shape))]
            return self._unit._mean_to_natural(mean / like(trials, mean, self.name, "trials"))
        if is_foreign(mean):
            return implicit.backward(self, mean)
        mean = np.asarray(mean, dtype=np.float64)
        return newton.backward(self, mean, self._initial_natural(mean))

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        """Where Newton starts: any η of the domain, near the solution if that is cheap."""
        raise NotImplementedError(f"{self.name} must define _mean_to_natural or _initial_natural")

    def _member_of(self, mean: Array, total: Array, exposure: Any) -> tuple[Self, Array]:
        """The family and η of the member with the mean total/exposure: of this family, unless
        the mean lies on a boundary that no η of it reaches, and another has the limit."""
        return self, self._mean_to_natural(mean)

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
        """The Bregman divergence of A, A(q) − A(p) − ⟨q − p, ∇A(p)⟩, with mean = ∇A(p).

        Where that is a small difference of large numbers, the integral of its second derivative.
        """
        before, after = self._log_partition(p), self._log_partition(q)
        slope = inner(q - p, mean, len(self.natural_shape))
        divergence = after - before - slope
        xp = array_namespace(divergence)
        below = xp.where(divergence < 0, divergence, 0.0)
        divergence = divergence - detached(below)  # at 0 its curvature stays the information
        if is_foreign(divergence):
            return divergence
        small = divergence < 1e-2 * (np.abs(before) + np.abs(after) + np.abs(slope))
        if not small.any():
            return divergence
        near, smooth = curvature.divergence(self, p, q)
        return np.where(small & smooth, near, divergence)

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
        yield Rule(finite(natural), "natural parameter must be finite", natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield Rule(finite(mean), "mean parameter must be finite", mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule(finite(x), "observations must be finite", x)

    def _log_base_slope(self) -> Any:
        """c with log h(x) = b + ⟨c, T(x)⟩: 0 where h is constant; None where there is none."""
        return 0.0 if isinstance(self.log_base, float | int) else None

    @property
    def _span(self) -> tuple[float, float] | None:
        """The least and the most count of a family with T = x, which windows may cut; else None."""
        return None

    @property
    def _carried(self) -> Any:
        """How a family of real numbers is integrated over windows: a `windows.carried.Carried`."""
        return None

    # ------------------------------------------------------------ values

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

    @property
    def _idle(self) -> np.ndarray:
        """Which entries of η change no member, as there are no trials: batch + natural shape,
        or what broadcasts to that."""
        none = np.asarray(self.trials) == 0
        return none.reshape(none.shape + (1,) * len(self.natural_shape))

    @property
    def _ambient(self) -> Self:
        """The family of which this one is a face, and whose statistics it shares."""
        return self

    def _meet(self, other: Self) -> Self | None:
        """The face of what this face and another of one family both allow: None for nothing.

        It is self, the very object, where the other allows all that this one does.
        """
        return self

    def _log_share(self, natural: Array, face: Self) -> Any:
        """log of the probability of a face within this one, of a member of this one."""
        return 0.0

    @property
    def _iterative(self) -> bool:
        """Whether the backward map is found by steps, and not in closed form."""
        return type(self)._initial_natural is not Contract._initial_natural

    @property
    def _counts(self) -> bool:
        """Whether T of whole numbers is counts, which are never negative."""
        return True

    @property
    def name(self) -> str:
        return type(self).__name__

    def _trials_like(self, natural: Array) -> Any:
        """trials as a number, or as an array of the kind of natural, which is of floats."""
        if isinstance(self.trials, int):
            return float(self.trials) if is_foreign(natural) else self.trials
        return like(self.trials, natural, self.name, "trials")

    def _inside(self, natural: np.ndarray) -> np.ndarray:
        """Which rows of a batch of naturals satisfy every rule."""
        inside = np.ones(natural.shape[: natural.ndim - len(self.natural_shape)], dtype=bool)
        for rule in self._natural_rules(natural):
            ok = rule.ok
            inside &= ok.all(axis=tuple(range(inside.ndim, ok.ndim))) if ok.ndim else ok
        return inside

    def _in_domain(self, natural: np.ndarray) -> np.ndarray:
        """Which rows of a batch have a finite A; the rules, unless these are narrower than that."""
        return self._inside(natural)

    def _key(self) -> tuple:
        if not dataclasses.is_dataclass(self):
            raise TypeError(
                f"{self.name}: families compare by their fields; put "
                "@dataclasses.dataclass(frozen=True, eq=False) above the class"
            )
        values = (getattr(self, field.name) for field in dataclasses.fields(self))
        return (type(self), *(hashable(value) for value in values))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Contract):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


def finite(x: Array) -> Array:
    return array_namespace(x).isfinite(x)


def hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, tuple):  # labels: 1, 1.0 and True are three different things
        return tuple((type(label), label) for label in value)
    return value
