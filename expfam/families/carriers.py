"""Lines that carry families of numbers: y with the density exp⟨θ, T(y)⟩ in a coordinate z of y.

A family of numbers is carried where y = g(x) has such a density whose θ is c + Bᵀη: the three
carriers are those of the Gaussian, of the gamma and its reciprocal together, and of the beta. All
is told from an anchor a, in steps u = z(y) − z(a):

    ⟨θ, T(y) − T(a)⟩ = s·u + Σ κᵢψᵢ(u),   ψᵢ(u) ≥ 0, about u² near 0,

where s is the slope at the anchor: no digits are lost where the terms of ⟨θ, T⟩ are large.
"""

from __future__ import annotations

import abc
from typing import ClassVar

import numpy as np

from expfam import pairs
from expfam.deviances import deviance_of_difference
from expfam.saddlepoint import phi

_BELOW_ONE = 1 - 2.0**-53


class Carrier(abc.ABC):
    """T, the coordinate z and its slopes, of parameters θ (…, k), anchors and points (…)."""

    whole: ClassVar[tuple[float, float]]  # the ends of y, where z is infinite
    far: ClassVar[tuple[float, float]]  # the ends of anchors
    levels: ClassVar[tuple[int, int]]  # halvings of a piece towards its top, and its other end

    @staticmethod
    @abc.abstractmethod
    def statistic(y: np.ndarray) -> np.ndarray:
        """T(y), (…, k)."""

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
    def differences(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """T(y) − T(a), (…, k)."""

    @staticmethod
    @abc.abstractmethod
    def steps(anchor: np.ndarray, y: np.ndarray) -> np.ndarray:
        """u = z(y) − z(a)."""

    @staticmethod
    @abc.abstractmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """The y at the step u from the anchor."""

    def rise(self, theta: np.ndarray, anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """⟨θ, T(y) − T(a)⟩ at the step u from the anchor."""
        value = self.slope(theta, anchor) * step
        bends, shapes = self.bends(theta, anchor), self.shapes(anchor, step)
        for bend, shape in zip(bends, shapes, strict=True):
            value = value + np.where(bend == 0, 0.0, bend * shape)
        return value


class Line(Carrier):
    """Real numbers, T(y) = (y, y²), z = y: the Gaussian, and the exponential where θ₂ = 0."""

    whole = (-np.inf, np.inf)
    far = (-1e100, 1e100)
    levels = (6, 4)

    @staticmethod
    def statistic(y: np.ndarray) -> np.ndarray:
        return np.stack([y, y * y], axis=-1)

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
    def differences(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        return np.stack(np.broadcast_arrays(step, step * (2 * anchor + step)), axis=-1)

    @staticmethod
    def steps(anchor: np.ndarray, y: np.ndarray) -> np.ndarray:
        return y - anchor

    @staticmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        return anchor + step


class Kink(Line):
    """Real numbers, T(y) = |y|, z = y: the Laplace."""

    @staticmethod
    def statistic(y: np.ndarray) -> np.ndarray:
        return np.abs(y)[..., None]

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        return np.zeros_like(theta)

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return theta[..., 0] * np.where(anchor < 0, -1.0, 1.0)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return 0 * theta[..., 0] * anchor

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        along = np.where(anchor < 0, -step, step)  # away from 0
        across = along < -np.abs(anchor)
        return np.where(across, -along - 2 * np.abs(anchor), along)[..., None]

    def rise(self, theta: np.ndarray, anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        return theta[..., 0] * self.differences(anchor, step)[..., 0]


class Ray(Carrier):
    """Positive numbers, T(y) = (log y, y, 1/y), z = log y: the gamma, the inverse Gaussian."""

    whole = (0.0, np.inf)
    far = (1e-300, 1e300)
    levels = (34, 16)

    @staticmethod
    def statistic(y: np.ndarray) -> np.ndarray:
        return np.stack([np.log(y), y, 1 / y], axis=-1)

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        """The positive roots of θ₂y² + θ₁y − θ₃, which is y times the slope."""
        log, linear, reciprocal = np.moveaxis(theta, -1, 0)
        size = np.sqrt(np.maximum(log * log + 4 * linear * reciprocal, 0.0))
        size = np.where(log * log + 4 * linear * reciprocal < 0, np.nan, size)
        q = -0.5 * (log + np.where(log < 0, -size, size))
        roots = np.stack([q / linear, -reciprocal / q], axis=-1)
        return np.where((roots > 0) & (roots < np.inf), roots, np.nan)

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        up, up_low = pairs.two_product(theta[..., 1], anchor)
        down, down_low = pairs.quotient(_single(theta[..., 2] + 0 * anchor), anchor)
        high, low = pairs.two_sum(theta[..., 0] + 0 * anchor, up)
        return (high - down) + (low + up_low - down_low)

    @staticmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        return theta[..., 1] * anchor, theta[..., 2] / anchor

    @staticmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return phi(step), phi(-step)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return theta[..., 1] * anchor + theta[..., 2] / anchor

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        parts = step, anchor * np.expm1(step), np.expm1(-step) / anchor
        return np.stack(np.broadcast_arrays(*parts), axis=-1)

    @staticmethod
    def steps(anchor: np.ndarray, y: np.ndarray) -> np.ndarray:
        excess = (y - anchor) / anchor
        near = np.abs(excess) < 0.5
        return np.where(near, np.log1p(np.where(near, excess, 0.0)), np.log(y) - np.log(anchor))

    @staticmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        near = np.abs(step) < 1
        return np.where(near, anchor + anchor * np.expm1(step), np.exp(np.log(anchor) + step))


class Unit(Carrier):
    """Numbers between 0 and 1, T(y) = (log y, log(1 − y)), z = log(y/(1 − y)): the beta."""

    whole = (0.0, 1.0)
    far = (1e-300, _BELOW_ONE)
    levels = (34, 16)

    @staticmethod
    def statistic(y: np.ndarray) -> np.ndarray:
        return np.stack([np.log(y), np.log1p(-y)], axis=-1)

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        root = theta[..., :1] / (theta[..., :1] + theta[..., 1:])
        return np.where((root > 0) & (root < 1), root, np.nan)

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        up, up_low = pairs.two_product(theta[..., 0], 1 - anchor)
        down, down_low = pairs.two_product(theta[..., 1], anchor)
        return (up - down) + (up_low - down_low)

    @staticmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        return (-(theta[..., 0] + theta[..., 1]),)

    @staticmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        """log(1 + a(eᵘ − 1)) − au, from the nearer end: it is the same of 1 − a and −u."""
        left = anchor <= 0.5
        near, u = np.where(left, anchor, 1 - anchor), np.where(left, step, -step)
        more = near * np.expm1(np.minimum(u, 700.0))
        close = np.abs(more) < 0.5
        w = np.where(close, more, 0.0)
        small = near * phi(np.where(close, u, 0.0)) - deviance_of_difference(1.0 + 0 * w, 1 + w, -w)
        return (np.where(close, small, -Unit.differences(near, u)[..., 1] - near * u),)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return -(theta[..., 0] + theta[..., 1]) * anchor * (1 - anchor)

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """With 1 + a(eᵘ − 1) = (1 − a) + aeᵘ, the first less u, by which it is eᵘ larger."""
        up = np.where(step > 0, np.log1p((1 - anchor) * np.expm1(-np.abs(step))), 0.0)
        down = np.where(step > 0, 0.0, np.log1p(anchor * np.expm1(-np.abs(step))))
        return np.stack(
            [np.where(step > 0, -up, step - down), np.where(step > 0, -step - up, -down)], axis=-1
        )

    @staticmethod
    def steps(anchor: np.ndarray, y: np.ndarray) -> np.ndarray:
        return _log_ratio(y, anchor) - _log_ratio(1 - y, 1 - anchor)

    @staticmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """a + (eᵘ − 1)·a(1 − a)/(1 + a(eᵘ − 1)), downwards from the end that is nearer."""
        fall = np.expm1(-np.abs(step))
        up = 1 - (1 - anchor) * (1 + fall) / (1 + (1 - anchor) * fall)
        down = anchor * (1 + fall) / (1 + anchor * fall)
        return np.where(step > 0, up, down)


def _single(x: np.ndarray) -> pairs.Pair:
    return x, np.zeros_like(x)


def _log_ratio(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    excess = (x - y) / y
    near = np.abs(excess) < 0.5
    return np.where(near, np.log1p(np.where(near, excess, 0.0)), np.log(x) - np.log(y))
