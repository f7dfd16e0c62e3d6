"""Carriers whose ends are at 0, ∞ or 1: those of positive numbers, and of shares."""

from __future__ import annotations

import numpy as np

from expfam import pairs
from expfam.arrays import two_difference
from expfam.windows.carriers import LEAST, Carrier

_BELOW_ONE = 1 - 2.0**-53


class Ray(Carrier):
    """Positive numbers, T(y) = (log y, y), z = log y: the gamma, and powers of what has one."""

    whole = (0.0, np.inf)
    far = (1e-300, 1e300)
    levels = (34, 16)
    near = 1.0

    @staticmethod
    def statistic(y: np.ndarray) -> tuple[np.ndarray, ...]:
        return np.log(y), y

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        return _positive(-theta[..., :1] / theta[..., 1:])

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        product, low = pairs.two_product(theta[..., 1], anchor)
        return (theta[..., 0] + product) + low

    @staticmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        return (theta[..., 1] * anchor,)

    @staticmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return (_phi(step),)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return theta[..., 1] * anchor

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return step, anchor * np.expm1(step)

    @staticmethod
    def integrable(theta: np.ndarray, side: int) -> np.ndarray:
        return theta[..., 1] <= -LEAST if side else theta[..., 0] >= LEAST

    @staticmethod
    def place(y: np.ndarray) -> pairs.Pair:
        return log_pair(y)

    @staticmethod
    def growth(y: np.ndarray, sign: np.ndarray) -> np.ndarray:
        return np.where(sign > 0, np.inf, 0.0) + 0 * y

    @staticmethod
    def grain(y: np.ndarray) -> np.ndarray:
        return np.ones_like(y)

    @staticmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        near = np.abs(step) < 1
        return np.where(near, anchor + anchor * np.expm1(step), np.exp(np.log(anchor) + step))


class Reciprocal(Ray):
    """Positive numbers, T(y) = (log y, y, 1/y), z = log y: the inverse Gaussian."""

    @staticmethod
    def growth(y: np.ndarray, sign: np.ndarray) -> np.ndarray:
        return np.full_like(y * sign, np.inf)

    @staticmethod
    def statistic(y: np.ndarray) -> tuple[np.ndarray, ...]:
        return np.log(y), y, 1 / y

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        """The positive roots of θ₂y² + θ₁y − θ₃, which is y times the slope."""
        log, linear, reciprocal = np.moveaxis(theta, -1, 0)
        square = log * log + 4 * linear * reciprocal
        size = np.where(square < 0, np.nan, np.sqrt(np.maximum(square, 0.0)))
        q = -0.5 * (log + np.where(log < 0, -size, size))
        return _positive(np.stack([q / linear, -reciprocal / q], axis=-1))

    @staticmethod
    def slope(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        log, linear, reciprocal = np.moveaxis(theta, -1, 0)
        up, up_low = pairs.two_product(linear, anchor)
        down, down_low = pairs.quotient((reciprocal, np.zeros_like(reciprocal)), anchor)
        high, low = pairs.two_sum(log, up)
        return (high - down) + (low + up_low - down_low)

    @staticmethod
    def bends(theta: np.ndarray, anchor: np.ndarray) -> tuple[np.ndarray, ...]:
        return theta[..., 1] * anchor, theta[..., 2] / anchor

    @staticmethod
    def shapes(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return _phi(step), _phi(-step)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return theta[..., 1] * anchor + theta[..., 2] / anchor

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        return step, anchor * np.expm1(step), np.expm1(-step) / anchor

    @staticmethod
    def integrable(theta: np.ndarray, side: int) -> np.ndarray:
        return theta[..., 1 if side else 2] <= -LEAST


class Unit(Carrier):
    """Numbers between 0 and 1, T(y) = (log y, log(1 − y)), z = log(y/(1 − y)): the beta."""

    whole = (0.0, 1.0)
    far = (1e-300, _BELOW_ONE)
    levels = (34, 16)
    near = 1.0

    @staticmethod
    def statistic(y: np.ndarray) -> tuple[np.ndarray, ...]:
        return np.log(y), np.log1p(-y)

    @staticmethod
    def turns(theta: np.ndarray) -> np.ndarray:
        """The root of the slope, and where log y and log(1 − y) turn from flat to steep."""
        root = theta[..., :1] / (theta[..., :1] + theta[..., 1:])
        root = np.where((root > 0) & (root <= 1), np.minimum(root, _BELOW_ONE), np.nan)
        return np.concatenate([root, np.full_like(root, 0.5)], axis=-1)

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
        small = near * _phi(np.where(close, u, 0.0)) - _lag(np.where(close, more, 0.0))
        if close.all():
            return (small,)
        return (np.where(close, small, _log_mixed(1 - near, near, u) - near * u),)

    @staticmethod
    def curvature(theta: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        return -(theta[..., 0] + theta[..., 1]) * anchor * (1 - anchor)

    @staticmethod
    def differences(anchor: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, ...]:
        """−log(1 + (1 − a)(e⁻ᵘ − 1)) and −log(1 + a(eᵘ − 1))."""
        rest = 1 - anchor
        return -_log_mixed(anchor, rest, -step), -_log_mixed(rest, anchor, step)

    @staticmethod
    def integrable(theta: np.ndarray, side: int) -> np.ndarray:
        return theta[..., side] >= LEAST

    @staticmethod
    def place(y: np.ndarray) -> pairs.Pair:
        rest, low = two_difference(np.ones_like(y), y)
        return pairs.subtract(log_pair(y), log_pair(rest, low))

    @staticmethod
    def growth(y: np.ndarray, sign: np.ndarray) -> np.ndarray:
        """As log y does from where it is −(1 − y), and log(1 − y) from where it is −y."""
        return np.maximum(-sign * (np.log(y) - np.log1p(-y)), 0.0)

    @staticmethod
    def grain(y: np.ndarray) -> np.ndarray:
        return np.where(y < _BELOW_ONE, 1 / (1 - y), 1e20)  # of a mode that is beyond doubles

    @staticmethod
    def beyond(anchor: np.ndarray, step: np.ndarray) -> np.ndarray:
        """aeᵘ/(1 − a + aeᵘ)."""
        fall = np.exp(-np.abs(step))
        up, down = anchor / (anchor + (1 - anchor) * fall), anchor * fall
        return np.where(step > 0, up, down / (1 - anchor + down))


def _log_mixed(rest: np.ndarray, share: np.ndarray, step: np.ndarray) -> np.ndarray:
    """log(r + ceᵘ) = log(1 + c(eᵘ − 1)) of r + c = 1, where either may be small."""
    rest, share, step = np.broadcast_arrays(rest, share, step)
    more = share * np.expm1(np.minimum(step, 600.0))
    value = np.array(np.log1p(np.maximum(more, -0.5)))
    low, high = more <= -0.5, step > 600
    value[low] = np.log(rest[low] + share[low] * np.exp(step[low]))
    value[high] = step[high] + np.log(share[high])
    return value


def _phi(u: np.ndarray) -> np.ndarray:
    """φ(u) = eᵘ − 1 − u to some 50 roundings, in a third of the time of `saddlepoint.phi`."""
    value, near = np.asarray(np.expm1(u) - u), np.abs(u) < 1 / 16
    small = u[near]
    series = np.full_like(small, 1 / 9)
    for k in range(8, 2, -1):
        series = (1 + small * series) / k
    value[near] = 0.5 * small * small * (1 + small * series)
    return value


def _lag(w: np.ndarray) -> np.ndarray:
    """w − log(1 + w) of |w| < ½; for small w by the series of artanh v, v = w/(2 + w)."""
    v = w / (2 + w)
    near, square = np.abs(v) < 0.1, v * v
    series = np.full_like(v, 1 / 15)
    for k in range(13, 1, -2):
        series = 1 / k + square * series
    return np.where(near, v * (w - 2 * square * series), w - np.log1p(w))


def _positive(roots: np.ndarray) -> np.ndarray:
    return np.where((roots > 0) & (roots < np.inf), roots, np.nan)


def log_pair(y: np.ndarray, low: np.ndarray | float = 0.0) -> pairs.Pair:
    """log y of positive numbers, unrounded; that of 1 where there is none."""
    ok = (y > 0) & (y < np.inf)
    return pairs.log((np.where(ok, y, 1.0), np.where(ok, low, 0.0)))
