"""VonMisesFisher: unit vectors of d numbers about a mean direction, T(x) = x."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from expfam import bessel, sampling
from expfam.angles import dot, unit, versine
from expfam.arrays import Array, array_namespace, is_foreign, require, scalar, wide
from expfam.distribution import Distribution
from expfam.families.directions import Directions
from expfam.families.known import known_size
from expfam.family import Rule

_UNIT = 1e-6  # a direction of float32 has a length as near to 1 as that


@final
@dataclass(frozen=True, eq=False)
class VonMisesFisher(Directions):
    """Unit vectors in d dimensions, p(x) = exp(⟨η, x⟩ − A(η)) / area, η = κ · mean direction.

    A(η) = log(Γ(d/2) (2/κ)^{d/2−1} I_{d/2−1}(κ)), 0 at κ = 0, the uniform law. The mean is ρ(κ) in
    the mean direction, ρ = I_{d/2} / I_{d/2−1}; densities are on the sphere's surface. Dimensions
    are from 2 to 1000, κ at most 1e18.
    An observation has the length 1 to within 1e-6, and is taken as its direction, x/|x|.
    Errors: ValueError for other lengths, and where |μ| is not less than 1 (all equal?).
    Source: Mardia and Jupp (2000), Directional Statistics, section 9.3.2.

    >>> p = VonMisesFisher(3).fit([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.6, 0.8, 0.0]])
    >>> p.mean_parameter.round(6), p.natural_parameter.round(6)
    (array([0.533333, 0.6     , 0.      ]), array([3.367171, 3.788067, 0.      ]))
    """

    dimension: int

    def __post_init__(self) -> None:
        size = known_size(self.dimension, self.name, "dimension")
        if size < 2:
            raise ValueError(f"{self.name}: dimension must be between 2 and 1000; got {size}")
        object.__setattr__(self, "dimension", size)

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (self.dimension,)

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return unit(x)

    # log-probability

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """−κ(1 − cos θ) − log ∫ exp(κ(cos θ − 1))."""
        if is_foreign(natural):
            return super()._log_prob(natural, mean, x)
        square = dot(natural, natural)
        turned = np.sqrt(square) * versine(x, natural)
        return -turned - bessel.log_scaled_integral(self._order, square)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """A point about the first axis, and the reflection of this axis to the mean direction."""
        m = unit(natural)
        theta = sampling.angle(source, np.sqrt(dot(natural, natural)), self.dimension, shape)
        z = unit(sampling.normal(source, (*theta.shape, self.dimension - 1)))
        x = np.concatenate([np.cos(theta)[..., None], np.sin(theta)[..., None] * z], axis=-1)
        sign = np.where(m[..., :1] < 0, -1.0, 1.0)
        axis = m + sign * (np.arange(self.dimension) == 0)
        reflected = x - (2 * dot(x, axis) / dot(axis, axis))[..., None] * axis
        return -sign * reflected

    # extras

    def direction_concentration(self, natural: Any) -> tuple[Array, Array]:
        """Mean direction and κ of the member at η; no direction, zeros, where κ is 0."""
        direction, kappa = self._direction_concentration(natural)
        return scalar(direction), scalar(kappa)

    def from_direction_concentration(self, direction: Any, concentration: Any) -> Distribution:
        """The member with this mean direction, a vector of length 1, and κ ≥ 0.

        Errors: ValueError for a vector of another length, and a negative κ.
        """
        direction = self._shaped(direction, self.event_shape, "direction")
        for rule in self._unit_rules(direction, "the direction"):
            require(rule.ok, self.name, rule.text, rule.came, rule.verb, rule.place)
        kappa = self._concentration(concentration)
        return self.from_natural(unit(direction) * kappa[..., None])

    # doors

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield from super()._observation_rules(x)
        yield from self._unit_rules(x, "observations")

    def _unit_rules(self, x: Array, what: str) -> Iterator[Rule]:
        length = array_namespace(x).sqrt(dot(wide(x), wide(x)))
        text = f"{what} must have the length 1 to within 1e-6"
        yield Rule(abs(length - 1) <= _UNIT, text, length, "has the length", "row")
