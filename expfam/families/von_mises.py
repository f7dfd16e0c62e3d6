"""VonMises: angles about a mean, T(x) = (cos x, sin x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import bessel, sampling
from expfam.angles import angle, angle_from, dot
from expfam.arrays import Array, array_namespace, is_foreign, scalar
from expfam.distribution import Distribution
from expfam.families.directions import Directions


@final
@dataclass(frozen=True, eq=False)
class VonMises(Directions):
    """Angles in radians, p(x) = exp(η₁ cos x + η₂ sin x − A(η)) / 2π, η = κ (cos m, sin m).

    A(η) = log I₀(κ), κ = |η| ≤ 1e18: the circle of `VonMisesFisher(2)`, in angles. Any finite
    number is an angle, whole turns make no difference, and a density is that of one turn; draws
    are from −π to π, as scipy's.
    Errors: ValueError for what is not finite, and where |μ| is not less than 1 (all equal?).
    Source: Mardia and Jupp (2000), Directional Statistics, section 3.5.4.

    >>> p = VonMises().fit([0.1, -0.4, 0.8, 6.5])
    >>> p.mean_parameter.round(6), p.natural_parameter.round(6)
    (array([0.89734 , 0.160723]), array([5.859573, 1.04951 ]))
    >>> angle, concentration = p.family.angle_concentration(p.natural_parameter)
    >>> round(angle, 6), round(concentration, 6)
    (0.177231, 5.95282)
    """

    dimension: ClassVar[int] = 2  # type: ignore[misc]

    @property
    def ends(self) -> tuple[float, ...]:
        return (-np.pi, np.pi)

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        xp = array_namespace(x)
        return xp.stack([xp.cos(x), xp.sin(x)], axis=-1)

    # log-probability

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        """−2κ sin²((x − m)/2) − log ∫ exp(κ(cos θ − 1))."""
        if is_foreign(natural):
            return super()._log_prob(natural, mean, x)
        square = dot(natural, natural)
        half = np.sin(angle_from(x, natural) / 2)
        return -2 * np.sqrt(square) * half * half - bessel.log_scaled_integral(0.0, square)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        theta = sampling.angle(source, np.sqrt(dot(natural, natural)), 2, shape)
        theta = np.where(source.uniform(theta.shape) < 0.5, -theta, theta)
        x = angle(natural)[0] + theta
        return x - 2 * np.pi * np.rint(x / (2 * np.pi))

    # extras

    def angle_concentration(self, natural: Any) -> tuple[Array, Array]:
        """Mean angle, from −π to π, and κ of the member at η; the angle is 0 where κ is 0."""
        direction, kappa = self._direction_concentration(natural)
        xp = array_namespace(direction)
        turn = xp.atan2
        return scalar(turn(direction[..., 1], direction[..., 0])), scalar(kappa)

    def from_angle_concentration(self, angle: Any, concentration: Any) -> Distribution:
        """The member with this mean angle and κ ≥ 0. Errors: ValueError for a negative κ."""
        angle = self.check_observation(angle)
        kappa = self._concentration(concentration)
        return self.from_natural(self._sufficient_statistic(angle) * kappa[..., None])
