"""Faces of the polytope of means, and the directions that change no member of a finite family."""

from __future__ import annotations

import abc
from dataclasses import replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from expfam.families import hull, polytope
from expfam.family import ExponentialFamily


class Faced(ExponentialFamily, abc.ABC):
    """A family on finitely many points by its polytope: minimal or not, whole or a face."""

    support: Any
    statistic: Any
    log_base: Any  # type: ignore[misc]
    recession: Any

    @property
    def dimension(self) -> int:
        """How many parameters are free: the dimension of the polytope of means."""
        return self._coordinates.rank

    @property
    def minimal(self) -> bool:
        """Whether different η are different members: no direction of η leaves all as they are."""
        return self.dimension == self.natural_shape[0]

    @cached_property
    def directions_of_constancy(self) -> np.ndarray:
        """Directions that change no member, as ⟨δ, T⟩ is one number on the support: (d − dim, d).

        In small integers where there are such.

        >>> from expfam import FiniteFamily
        >>> FiniteFamily(["a", "b", "c"], np.eye(3)).directions_of_constancy  # as in Categorical(3)
        array([[1., 1., 1.]])
        """
        return polytope.in_echelon(self._coordinates.constant)

    @property
    def remaining(self) -> tuple:
        """The points of the support that have a probability: all, but on a face."""
        return tuple(
            point if self._labelled else point.tolist()
            for point, left in zip(self.support, self._left, strict=True)
            if left
        )

    def face(self, direction: Any) -> Self:
        """The family of limits along a direction of recession δ: of points with the largest ⟨δ, T⟩.

        >>> from expfam import FiniteFamily
        >>> die = FiniteFamily(range(1, 7), lambda face: face)
        >>> die.face([1.0]).remaining
        (6,)
        """
        direction = np.asarray(self._shaped(direction, self.natural_shape, "direction"))
        if self.recession is not None:
            direction = polytope.combined(self.recession, direction, self.statistic)
        return replace(self, recession=direction)  # type: ignore[type-var]

    @property
    def _ambient(self) -> Self:
        if self.recession is None:
            return self
        return replace(self, recession=None)  # type: ignore[type-var]

    def _meet(self, other: Self) -> Self | None:
        both = self._left & (other._log_base_measure(other.points) > -np.inf)
        if (both == self._left).all():
            return self
        return self.face(other.recession) if both.any() else None

    @cached_property
    def _left(self) -> np.ndarray:
        if self.recession is None:
            return np.ones(len(self.statistic), dtype=bool)
        return polytope.on_face(self.statistic, self.recession)

    @cached_property
    def _log_weights(self) -> np.ndarray:
        """log h at the points, −∞ off the face."""
        return np.where(self._left, self.log_base, -np.inf)

    @property
    def _remaining(self) -> np.ndarray:
        return self.statistic[self._left]

    @cached_property
    def _coordinates(self) -> hull.Coordinates:
        return hull.Coordinates(self._remaining, self._log_weights[self._left])

    def _located(
        self, mean: np.ndarray, total: np.ndarray, exposure: Any
    ) -> tuple[np.ndarray, list[np.ndarray | None]]:
        """η of means total/exposure, and for each that is on a face a direction that shows it."""
        totals = np.asarray(total).reshape(-1, *self.natural_shape)
        exposures = np.broadcast_to(exposure, mean.shape[:-1]).reshape(-1)
        natural, directions = polytope.located(
            self._coordinates, self._remaining, totals, exposures
        )
        return natural.reshape(mean.shape), directions

    @property
    def _labelled(self) -> bool:
        return not isinstance(self.support, np.ndarray)
