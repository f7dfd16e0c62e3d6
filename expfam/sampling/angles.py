"""Angles from a mean direction in d dimensions by rejection, exact at any concentration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from expfam.sampling.bits import Floats, Stream
from expfam.sampling.counts import Places, take, until_accepted
from expfam.sampling.densities import gammas


def angles(stream: Stream, size: int, concentration: Floats, dimension: int) -> Floats:
    """Draw angles θ with density ∝ exp(κ cos θ) sinᵈ⁻²θ (Wood 1994; in the plane Best and Fisher).

    The envelope is (1 − x₀ cos θ)^{1−d} sinᵈ⁻²θ, drawn as tan²(θ/2) = bG₁/G₂ with gammas of shape
    (d − 1)/2 and x₀ = (1 − b)/(1 + b). As κ(1 − x₀²) = (d − 1)x₀, the ratio of the densities is
    exp((d − 1)(y + log(1 − y))) with y = κ(cos θ − x₀)/(d − 1), where nothing cancels.
    """
    free = dimension - 1
    b = free / (2 * concentration + np.hypot(2 * concentration, free))
    half = np.full(1, free / 2)

    def attempt(places: Places, length: int) -> tuple[Floats, NDArray[np.bool_]]:
        scale, kappa = take(b, places), take(concentration, places)
        first, second = gammas(stream, length, half, False), gammas(stream, length, half, False)
        square = scale * first / second
        y = 2 * kappa * (scale - square) / ((1 + scale) * (1 + square)) / free
        accepted = np.log(stream.uniform(length)) <= log_ratio(y, free)
        return 2 * np.arctan(np.sqrt(square)), accepted

    return until_accepted(size, np.float64, attempt)


def log_ratio(y: Floats, free: int) -> Floats:
    """(d − 1)(y + log(1 − y)), at most 0."""
    return free * (y + np.log1p(-y))
