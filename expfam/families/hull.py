"""The affine hull of a finite support's statistics, and the backward map inside of its polytope."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam.arrays import array_namespace
from expfam.special import softmax

_EPSILON = float(np.finfo(np.float64).eps)
_LEAST = 1e-100  # variance
_FEW_STEPS, _STEPS = 12, 400


class Coordinates:
    """Points T (n, d) in coordinates of their affine hull (n, r), of mean 0 and variance 1.

    T less its mean is reduced · spread, with the rows of spread (r, d) independent: ⟨η, T⟩ is, but
    for a constant, ⟨θ, reduced⟩ with θ = spread·η. Directions in which T does not vary drop out.
    """

    def __init__(self, statistic: np.ndarray, log_base: np.ndarray) -> None:
        gap, self._noise = beside_first(statistic)
        exact, size = statistic.dtype.kind in "iu", np.abs(statistic[0])
        self.origin = statistic[0] if exact else 0.0 * statistic[0]  # of means and points in here
        self._points, self._centre = statistic - self.origin, gap.mean(axis=0)
        gap = gap - self._centre
        scale = np.abs(gap).max(axis=0)
        varies = scale > 16 * self._noise
        self._scale = np.where(varies, scale, np.where(size > 0, size, 1.0))
        rows = np.zeros((max(gap.shape), gap.shape[1]))  # d or more, for all of vt
        rows[: len(gap)] = np.where(varies, gap / self._scale, 0.0)
        u, s, vt = np.linalg.svd(rows, full_matrices=False)
        noise = math.sqrt(len(gap)) * np.where(varies, self._noise / self._scale, 0.0).max()
        least = 4 * (max(gap.shape) * _EPSILON * s.max(initial=0.0) + noise)
        self.rank = int((s > least).sum())
        size = s[: self.rank] / math.sqrt(len(gap))
        self.reduced = u[: len(gap), : self.rank] * math.sqrt(len(gap))
        self.spread = size[:, None] * vt[: self.rank] * self._scale
        self._back = vt[: self.rank] / size[:, None]
        self.projection = self.spread.T @ (self._back / self._scale)  # of η, off the constant
        self.constant = vt[self.rank :] / self._scale
        self._log_base = log_base
        # θ where ⟨θ, reduced⟩ + log h is as level as it can be: no point is next to impossible
        self._level = -np.mean(self.reduced * (log_base - log_base.mean())[:, None], axis=0)

    def natural(self, theta: np.ndarray) -> np.ndarray:
        """The η with spread·η = θ that has no part along a direction of constancy."""
        return times(theta, self._back) / self._scale

    def backward(self, mean: np.ndarray, thorough: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Natural parameters of means less the origin (rows, d), and which are proved to be inside.

        Newton's step at θ changes the weight p of a point by the share ⟨T − μ, step⟩. Where that
        is above −1 at every point, rounding errors of the step included, weights
        p(1 + ⟨T − μ, step⟩) > 0 have exactly this mean, which is therefore inside. Steps are
        damped by log(1 + b)/b with b the range of shares, which never overshoots. Where shares
        no longer shrink, only a thorough search goes on.
        Source: Sun and Tran-Dinh (2019), Generalized self-concordant functions, theorem 3.
        """
        gap = ((mean - self._points[0]) - self._centre) / self._scale
        reduced = times(gap, self._back.T)
        noise = (self._noise + _EPSILON * np.abs(mean + self.origin)) / self._scale
        off = np.abs(times(reduced, self.spread) / self._scale - gap)
        inside = (off <= 1e-12 + 8 * noise).all(axis=-1)
        theta = np.broadcast_to(self._level, reduced.shape).copy()
        proved = np.zeros(len(mean), dtype=bool)
        active, last = np.flatnonzero(inside), np.full(len(mean), np.inf)
        for taken in range(_STEPS):  # pragma: no branch: each ends by itself long before
            weight = softmax(times(theta[active], self.reduced.T) + self._log_base)
            value, vector = np.linalg.eigh(covariance(weight, self.reduced))
            inverse = (vector / np.maximum(value, _LEAST)[:, None, :]) @ vector.swapaxes(-1, -2)
            # E T − μ by the distances of points from μ: that of a likely point keeps its digits
            away = (self._points - mean[active][:, None, :]) / self._scale @ self._back.T
            step = (inverse @ -times(weight, away)[..., None])[..., 0]
            share = times(step, self.reduced.T)
            width, largest = np.ptp(share, axis=-1), np.abs(self.reduced).max(axis=0, initial=0.0)
            noise = (
                32 * _EPSILON * np.abs(inverse).sum(axis=-1) @ largest * largest.max(initial=0.0)
            )
            proved[active] |= width + noise < 0.5
            damped = np.where(width > 1e-8, np.log1p(width) / np.maximum(width, 1e-8), 1.0)
            theta[active] += damped[:, None] * step
            small = width < 1e-3 + np.minimum(noise, 0.1)
            rest = (width <= 4 * _EPSILON) | small & (width > last[active] / 4)
            # on a face shares of −1 stay what they are, while p falls by the same factor each time
            if taken >= _FEW_STEPS and not thorough:
                rest |= width > 0.99 * last[active]
            last[active] = width
            active = active[~rest & np.isfinite(width)]
            if not active.size:
                break
        proved[active] = False
        return self.natural(theta), proved


def beside_first(statistic: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """T (n, d) less that of the first point, and how far rounding T may have moved each column.

    However far the points are from 0, their differences keep their digits.
    """
    points, size = statistic.astype(float), np.abs(statistic.astype(float)).max(axis=0)
    exact = statistic.dtype.kind in "iu" and size.max() <= 2.0**53
    return points - points[0], 0.0 * size if exact else _EPSILON * size


def apart(total: np.ndarray, exposure: Any, point: np.ndarray) -> np.ndarray:
    """total/exposure − point, of integers rounded once."""
    parts = total, np.asarray(exposure), point
    sizes = [float(np.abs(part).max(initial=0)) for part in parts]
    if all(part.dtype.kind in "iu" for part in parts) and sizes[0] + sizes[1] * sizes[2] < 2.0**62:
        return (total - exposure * point) / exposure
    return total / exposure - point


def times(vector: Any, matrix: Any) -> Any:
    """Vectors (…, n) times a matrix (n, d), row by row: a row has the same sum in any batch."""
    return (vector[..., None, :] @ matrix)[..., 0, :]


def covariance(weight: Any, statistic: Any) -> Any:
    """Cov T of weights (…, n) at points (n, d): (…, d, d), symmetric to the bit."""
    centred = statistic - times(weight, statistic)[..., None, :]
    transposed = array_namespace(centred).matrix_transpose  # arrays of numpy 1 and cupy lack mT
    product = transposed(centred * weight[..., None]) @ centred
    return 0.5 * (product + transposed(product))
