"""FiniteFamily: any statistic on finitely many points; A is logsumexp over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, final

import numpy as np

from expfam import implicit, sampling
from expfam.arrays import Array, array_namespace, frozen, host, is_foreign, like
from expfam.contract import finite, hashable
from expfam.families import hull, polytope
from expfam.families.faces import Faced
from expfam.families.support import Index, given
from expfam.family import Rule
from expfam.saddlepoint import scaled_phi
from expfam.special import inner, log_softmax, logsumexp, softmax

_LARGEST = 1e100  # of ⟨η, T⟩


@final
@dataclass(frozen=True, eq=False, repr=False)
class FiniteFamily(Faced):
    """Any statistic on finitely many points, p(x) = h(x) exp(⟨η, T(x)⟩ − A(η)).

    A(η) = log Σ h(x) exp⟨η, T(x)⟩ over the support. support: a sequence of distinct points:
    numbers, vectors of numbers, or labels, whose observations are their codes 0 … n − 1.
    statistic: T as an array, (n, d) or (n,) for d = 1, or as a function of a point; log_base:
    log h as a number or (n,). Natural parameters are batch + (d,).

    `minimal` and `dimension` are the verdict on T; where it is not minimal, the rows of
    `directions_of_constancy` change no member, and the backward map returns the η without them.
    A mean on the boundary of the polytope of means has no η, but `from_mean` and `fit` return a
    member of the face: the limit along `recession`, in which the points `remaining` are left.

    recession: the direction δ of a face, of which only points with the largest ⟨δ, T⟩ remain.
    Errors: ValueError and TypeError for bad points, statistics and observations, and for a mean
    outside of the polytope, with the direction that separates it.
    Source: Barndorff-Nielsen (1978), sections 9.3–9.4; Geyer (2009).

    >>> loaded = FiniteFamily(range(1, 7), lambda face: face)  # Jaynes's die
    >>> p = loaded.from_mean([4.5])
    >>> p.natural_parameter.round(6), round(p.log_prob(6), 6)
    (array([0.371049]), -1.057008)
    >>> always = loaded.fit([6, 6])
    >>> always.family.remaining, always.family.recession, always.log_prob([5, 6])
    ((6,), array([1.]), array([-inf,   0.]))
    """

    support: Any
    statistic: Any
    log_base: Any = 0.0  # type: ignore[misc]
    recession: Any = None

    def __post_init__(self) -> None:
        support, statistic, log_base = given(self.support, self.statistic, self.log_base, self.name)
        object.__setattr__(self, "support", support)
        object.__setattr__(self, "statistic", statistic)
        object.__setattr__(self, "log_base", log_base)
        if self.recession is not None:
            direction = self._shaped(self.recession, self.natural_shape, "recession")
            direction = frozen(self._obey(self._natural_rules(direction), direction))
            object.__setattr__(self, "recession", direction)

    def __repr__(self) -> str:
        n, left = len(self.statistic), int(self._left.sum())
        face = "" if self.recession is None else f", the face of {left}"
        return f"FiniteFamily({n} points{face}, d={self.statistic.shape[1]})"

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.statistic.shape[1:]

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return () if self._labelled else self.support.shape[1:]

    @property
    def discrete(self) -> bool:  # type: ignore[override]
        return self._labelled or self.support.dtype.kind == "i"

    @property
    def observed(self) -> str:  # type: ignore[override]
        return "codes" if self._labelled else "observations"

    @property
    def points(self) -> np.ndarray:
        """The support as observations: n + event shape; codes where it is of labels."""
        return np.arange(len(self.support)) if self._labelled else self.support

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return self.statistic[self._place_of(x)]

    def _log_base_measure(self, x: Array) -> Array:
        return self._log_weights[self._place_of(x)]

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        first = like(self.statistic[self._first].astype(float), natural, self.name, "statistic")
        return logsumexp(self._exponents(natural), relative=False) + natural @ first

    def _natural_to_mean(self, natural: Array) -> Array:
        weight = softmax(self._exponents(natural))
        return hull.times(weight, self._statistic_like(natural))

    def _mean_to_natural(self, mean: Array) -> Array:
        if is_foreign(mean):
            return implicit.backward(self, mean)
        natural, directions = self._located(mean, mean, 1)
        for row, direction in enumerate(directions):
            if direction is not None:
                shown = polytope.shown(direction)
                raise ValueError(
                    f"{self.name}: mean parameter must be inside of the polytope of T, and not on "
                    f"the face with the largest ⟨{shown}, T⟩ (from_mean of numpy has its member, "
                    f"of the family of the face); row {row} is there"
                )
        return natural

    def _member_of(self, mean: Array, total: Array, exposure: Any) -> tuple[Self, Array]:
        if is_foreign(mean):  # a family that hangs on values is none of a trace
            return self, self._mean_to_natural(mean)
        natural, directions = self._located(mean, total, exposure)
        faces = [self if v is None else self.face(v) for v in directions]
        if any(face != faces[0] for face in faces):
            raise ValueError(
                f"{self.name}: means of one batch must lie on one face; row 0 belongs to "
                f"{faces[0]!r}, others do not: fit them one by one"
            )
        if not faces or faces[0] is self:
            return self, natural
        return faces[0]._member_of(mean, total, exposure)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return hull.covariance(softmax(self._exponents(natural)), self._beside_like(natural))

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        if is_foreign(natural):
            base = like(self._log_base_measure(x), natural, self.name, "log h")
            return (
                inner(natural, self._sufficient_statistic(x)) - self._log_partition(natural) + base
            )
        log_p, place = log_softmax(self._exponents(natural)), self._place_of(x)
        batch = np.broadcast_shapes(place.shape, log_p.shape[:-1])
        log_p = np.broadcast_to(log_p, batch + log_p.shape[-1:])
        place = np.broadcast_to(place, batch)[..., None]
        return np.take_along_axis(log_p, place, axis=-1)[..., 0]

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        value = super()._exponent(natural, total, exposure)
        if self.recession is None:
            return value
        on = polytope.all_on_face(self.statistic, self.recession, total, exposure)
        return array_namespace(value).where(on, value, -np.inf)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        exponents = self._exponents(natural)
        return 0.0 - inner(log_softmax(exponents), softmax(exponents))

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """Σ p·φ(log q/p), φ(d) = exp d − 1 − d, with log q/p = ⟨η_q − η_p, T⟩ − log E exp of it."""
        xp = array_namespace(p, q)
        exponents = self._exponents(p)
        weight, log_p = softmax(exponents), log_softmax(exponents)
        gap = hull.times(q - p, self._beside_like(p).T)
        gap = gap - xp.sum(weight * gap, axis=-1)[..., None]
        near = xp.all(xp.abs(gap) < 1, axis=-1)
        small = xp.where(near[..., None], gap, 0.0)
        shift = xp.log1p(xp.sum(weight * xp.expm1(small), axis=-1))
        shift = xp.where(near, shift, logsumexp(log_p + gap, relative=False))
        delta = gap - shift[..., None]
        return xp.sum(scaled_phi(weight, xp.exp(log_p + delta), delta, xp), axis=-1)

    def _log_share(self, natural: Array, face: Self) -> Array:
        log_p = log_softmax(self._exponents(natural))
        left = face._log_base_measure(face.points) > -np.inf
        inside, outside = (
            logsumexp(log_p + like(np.where(mask, 0.0, -np.inf), natural, self.name, "face"))
            for mask in (left, ~left)
        )
        xp = array_namespace(natural)
        rest = xp.exp(xp.where(outside < -1, outside, -1.0))
        return xp.where(outside < -1, xp.log1p(-rest), inside)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return self.points[sampling.categorical(source, softmax(self._exponents(natural)), shape)]

    def _log_base_slope(self) -> Any:
        """The c of log h = b + ⟨c, T⟩, by least squares on the points, where that is exact."""
        base = np.broadcast_to(self.log_base, len(self.statistic))[self._left]
        gap, rows = base - base[0], self._remaining - self._remaining[0]
        slope = np.linalg.lstsq(rows.astype(float), gap, rcond=None)[0]
        return slope if np.allclose(rows @ slope, gap, rtol=1e-12, atol=1e-13) else None

    @property
    def _iterative(self) -> bool:
        return True

    @property
    def _counts(self) -> bool:
        return False

    # values

    def _exponents(self, natural: Array) -> Array:
        """⟨η, T(x) − T₀⟩ + log h(x) at every point: batch + (n,)."""
        base = like(self._log_weights, natural, self.name, "log_base")
        return hull.times(natural, self._beside_like(natural).T) + base

    def _statistic_like(self, natural: Array) -> Array:
        return like(self.statistic.astype(float), natural, self.name, "the statistic")

    def _beside_like(self, natural: Array) -> Array:
        """T less T₀, that of the first point that is left: 0 where T is one number."""
        beside = self.statistic.astype(float) - self.statistic[self._first]
        return like(beside, natural, self.name, "the statistic")

    @property
    def _first(self) -> int:
        return int(np.argmax(self._left))

    @cached_property
    def _index(self) -> Index:
        return Index(self.points)

    def _place_of(self, x: Array) -> np.ndarray:
        """The place in the support of observations, all of them points."""
        return self._index.place(host(x))

    def _degrees_of_freedom(self, natural: Array) -> Any:
        return self.dimension

    def _canonical(self, natural: Array) -> Array:
        if self.minimal:
            return natural
        projection = like(self._coordinates.projection, natural, self.name, "the statistic")
        return hull.times(natural, projection)

    def _key(self) -> tuple:
        """A face is its points, whatever the direction that shows it."""
        parts = (self.support, self.statistic, np.asarray(self.log_base), self._left)
        return (type(self), *(hashable(part) for part in parts))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield Rule(finite(natural), "natural parameter must be finite", natural)
        xp = array_namespace(natural)
        size = np.abs(self.statistic).max(axis=0).astype(float)
        size = xp.abs(natural) @ like(size, natural, self.name, "the statistic")
        yield Rule(size <= _LARGEST, "⟨η, T⟩ must be at most 1e100 in size", size, place="row")

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        if is_foreign(x):
            raise TypeError(f"{self.name}: {self.observed} must be numpy")
        n, vector = len(self.support), bool(self.event_shape)
        found = self._index.key(x) >= 0
        came = x.reshape(*found.shape, -1)[..., 0] if vector and x.size else x
        what = f"from 0 to {n - 1}" if self._labelled else "points of the support"
        text = f"{self.observed} must be {what}"
        yield Rule(found, text, came, "begins with" if vector else "is")
