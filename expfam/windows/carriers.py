"""Lines that carry families of numbers: y with the density exp⟨θ, T(y)⟩ in a coordinate z of y.

A family of numbers is carried where y = g(x) has such a density whose θ is c + Bᵀη. All is told
from an anchor a, in steps u = z(y) − z(a):

    ⟨θ, T(y) − T(a)⟩ = s·u + Σ κᵢψᵢ(u),   ψᵢ(u) ≥ 0, about u² near 0,

where s is the slope at the anchor: no digits are lost where the terms of ⟨θ, T⟩ are large.
"""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from expfam import pairs

LEAST = 1e-100  # of what an integral to an open end needs


class Carrier(abc.ABC):
    """T, the coordinate z and its slopes, of parameters θ (…, k), anchors and points (…)."""

    whole: ClassVar[tuple[float, float]]  # the ends of y, where z is infinite
    far: ClassVar[tuple[float, float]]  # the ends of anchors
    levels: ClassVar[tuple[int, int]]  # halvings of a piece towards its top, and its other end
    straight: ClassVar[bool] = False  # whether ⟨θ, T⟩ bends nowhere but at a kink
    near: ClassVar[float] = np.inf  # steps with which s and κ tell more than T does

    @staticmethod
    @abc.abstractmethod
    def statistic(y: np.ndarray) -> tuple[np.ndarray, ...]:
        """T(y), entry by entry."""

    @staticmethod
    @abc.abstractmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        """Where ⟨θ, T⟩ may be stationary in z, (…, n); nan where there is no such y."""

    @staticmethod
    @abc.abstractmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        """s: how fast ⟨θ, T⟩ rises with z at the anchor."""

    @staticmethod
    @abc.abstractmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        """κ: how it bends there, for each shape."""

    @staticmethod
    @abc.abstractmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        """ψ(u) for steps u from the anchor."""

    @staticmethod
    @abc.abstractmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        """The second derivative of ⟨θ, T⟩ in z at the anchor."""

    @staticmethod
    @abc.abstractmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        """T(y) − T(a), entry by entry."""

    @staticmethod
    @abc.abstractmethod
    def place(y: np.ndarray) -> pairs.Pair:
        """z(y), unrounded: the ends of a narrow window are apart by a small difference of these."""

    @staticmethod
    @abc.abstractmethod
    def grain(y: np.ndarray) -> np.ndarray:
        """How much z there is to a change of y by its own size, as rounding is part of that."""

    @staticmethod
    @abc.abstractmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """The y at the step u from the anchor."""

    @staticmethod
    @abc.abstractmethod
    def integrable(theta: np.ndarray, side: int) -> np.ndarray:
        """Whether exp⟨θ, T⟩ is integrable to an end of the line, 0 or 1, and not just about."""

    @staticmethod
    def growth(y: np.ndarray, sign: np.ndarray) -> np.ndarray:
        """How many steps down or up from y T may grow as eᵘ: variances may be a far tail's."""
        return 0 * y * sign

    def rise(self, theta: np.ndarray, anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """⟨θ, T(y) − T(a)⟩ at the step u from the anchor."""
        near = np.abs(step) <= self.near
        u = np.where(near, step, 0.0)
        value = self.slope(theta, anchor) * u
        bends, shapes = self.bends(theta, anchor), self.shapes(anchor, u)
        for bend, shape in zip(bends, shapes, strict=True):
            value = value + np.where(bend == 0, 0.0, bend * shape)
        if near.all():
            return value
        return np.where(near, value, inner(theta, self.differences(anchor, step)))


class Line(Carrier):
    """Real numbers, T(y) = (y, y²), z = y: the Gaussian."""

    whole = (-np.inf, np.inf)
    far = (-1e100, 1e100)
    levels = (6, 4)

    @staticmethod
    def statistic(y: np.ndarray) -> tuple[np.ndarray, ...]:
        return y, y * y

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        return np.where(theta[..., 1:] == 0, np.nan, -0.5 * theta[..., :1] / theta[..., 1:])

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        product, low = pairs.two_product(2 * theta[..., 1], anchor)
        return (theta[..., 0] + product) + low

    @staticmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        return (theta[..., 1],)

    @staticmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return (step * step,)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return 2 * theta[..., 1] + 0 * anchor

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return step, step * (2 * anchor + step)

    @staticmethod
    def place(y: np.ndarray) -> pairs.Pair:
        return y, np.zeros_like(y)

    @staticmethod
    def grain(y: np.ndarray) -> np.ndarray:
        return np.abs(y)

    @staticmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        return anchor + step

    @staticmethod
    def integrable(theta: np.ndarray, side: int) -> np.ndarray:
        return theta[..., 1] <= -LEAST


class Bell(Line):
    """The line where θ₂ is known, and what it is rounded to too large by a part of itself.

    The mode is where θ₁ = −2θ₂y: of a far one, that part moves it by many deviations.
    """

    def __init__(self, excess: float) -> None:
        self.excess = excess

    def slope(self, theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:  # type: ignore[override]
        return Line.slope(theta, anchor) - 2 * theta[..., 1] * anchor * self.excess


class Tilt(Line):
    """Real numbers, T(y) = (y,), z = y: the exponential."""

    straight = True

    @staticmethod
    def statistic(y: np.ndarray) -> tuple[np.ndarray, ...]:
        return (y,)

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        return theta[..., :0]

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return theta[..., 0] + 0 * anchor

    @staticmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        return ()

    @staticmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return ()

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return 0 * theta[..., 0] * anchor

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return (step,)

    @staticmethod
    def integrable(theta: np.ndarray, side: int) -> np.ndarray:
        return theta[..., 0] * (2 * side - 1) <= -LEAST


class Kink(Tilt):
    """Real numbers, T(y) = (|y|,), z = y: the Laplace; |y| − |a| is its shape, as s differs."""

    @staticmethod
    def statistic(y: np.ndarray) -> tuple[np.ndarray, ...]:
        return (np.abs(y),)

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        return np.zeros_like(theta)

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return 0 * theta[..., 0] * anchor

    @staticmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        return (theta[..., 0],)

    @staticmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return Kink.differences(anchor, step)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        """θ², whose root is the scale."""
        return theta[..., 0] ** 2 + 0 * anchor

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        along = np.where(anchor < 0, -step, step)  # away from 0
        across = along < -np.abs(anchor)
        return (np.where(across, -along - 2 * np.abs(anchor), along),)

    @staticmethod
    def integrable(theta: np.ndarray, side: int) -> np.ndarray:
        return theta[..., 0] <= -LEAST


def inner(theta: np.ndarray, entries: Iterable[np.ndarray]) -> np.ndarray:
    """⟨θ, t⟩ of t entry by entry, with 0·∞ = 0."""
    parts = zip(np.moveaxis(theta, -1, 0), entries, strict=True)
    return np.sum([np.where(one == 0, 0.0, one * t) for one, t in parts], axis=0)
