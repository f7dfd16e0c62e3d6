"""Vectors in many digits, and members, that the tests of directions share."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

from expfam import VonMisesFisher


def vector(x: np.ndarray) -> list:
    return [mpf(float(entry)) for entry in x]


def dot(x: list, y: list) -> Any:
    return mpmath.fsum(a * b for a, b in zip(x, y, strict=True))


def error(got: Any, wanted: Any, least: float = 0.0) -> float:
    scale = max(abs(wanted), mpf(least))
    return float(abs(mpf(float(got)) - wanted) / scale) if scale else float(abs(got))


def member(dimension: int, kappa: float, seed: int = 0) -> Any:
    direction = np.random.default_rng(seed).normal(size=dimension)
    direction /= np.linalg.norm(direction)
    return VonMisesFisher(dimension).from_natural(kappa * direction)


def length(x: np.ndarray) -> Any:
    return mpmath.sqrt(dot(vector(x), vector(x)))
