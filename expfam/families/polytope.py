"""The mean polytope of a finite support: its dimension, and the face on which a mean lies.

The means of a family on finitely many points fill the convex hull of T(x). Inside of it every mean
has a natural parameter; on a face it is the limit of members η + sδ, s → ∞, along a direction of
recession δ, in which only the points of the face keep a probability.

C. J. Geyer (2009), Likelihood inference in exponential families and directions of recession;
A. Rinaldo, S. E. Fienberg and Y. Zhou (2009), On the geometry of discrete exponential families.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import array_namespace
from expfam.special import softmax

_EPSILON = float(np.finfo(np.float64).eps)
WHO = "FiniteFamily"
_LEAST = 1e-100  # variance
_FEW_STEPS, _STEPS = 12, 400
_LAST_STEPS, _POLISHED = 5, 1e-12  # the last ones, and where they end
_LARGEST_INTEGER = 2**20  # of a direction that is said in integers
_TOLERANCE = 1e-10  # the least that HiGHS takes


class Coordinates:
    """Points T (n, d) in coordinates of their affine hull (n, r), of mean 0 and variance 1.

    T − centre = reduced · spread, with the rows of spread (r, d) independent: ⟨η, T⟩ is, but for
    a constant, ⟨θ, reduced⟩ with θ = spread·η. Directions in which T does not vary drop out.
    """

    def __init__(self, statistic: np.ndarray, log_base: np.ndarray) -> None:
        self._points, self.centre = statistic, statistic.mean(axis=0)
        gap = statistic - self.centre
        scale = np.abs(gap).max(axis=0)
        scale = np.where(scale > 16 * _EPSILON * np.abs(statistic).max(axis=0), scale, 0.0)
        self._scale = np.where(scale > 0, scale, 1.0)
        rows = np.zeros((max(gap.shape), gap.shape[1]))  # d or more, for all of vt
        rows[: len(gap)] = np.where(scale > 0, gap / self._scale, 0.0)
        u, s, vt = np.linalg.svd(rows, full_matrices=False)
        least = 4 * max(gap.shape) * _EPSILON * s.max(initial=0.0)
        self.rank = int((s > least).sum())
        size = s[: self.rank] / math.sqrt(len(gap))
        self.reduced = u[: len(gap), : self.rank] * math.sqrt(len(gap))
        self.spread = size[:, None] * vt[: self.rank] * self._scale
        self._back = vt[: self.rank] / size[:, None]
        self.projection = self.spread.T @ (self._back / self._scale)  # of η, off the constant
        self.constant = vt[self.rank :] / self._scale
        self._log_base = log_base

    def natural(self, theta: np.ndarray) -> np.ndarray:
        """The η with spread·η = θ that has no part along a direction of constancy."""
        return times(theta, self._back) / self._scale

    def backward(
        self, total: np.ndarray, exposure: np.ndarray, thorough: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Natural parameters of means total/exposure (rows, d), and which are proved to be inside.

        Newton's step at θ changes the weight p of a point by the share ⟨T − μ, step⟩. Where that
        is above −1 at every point, rounding errors of the step included, weights
        p(1 + ⟨T − μ, step⟩) > 0 have exactly this mean, which is therefore inside. Steps are
        damped by log(1 + b)/b with b the range of shares, which never overshoots. Where shares
        no longer shrink, only a thorough search goes on.
        Source: Sun and Tran-Dinh (2019), Generalized self-concordant functions, theorem 3.
        """
        mean = total / exposure[:, None]
        gap = (mean - self.centre) / self._scale
        reduced = times(gap, self._back.T)
        inside = np.abs(times(reduced, self.spread) / self._scale - gap).max(axis=-1) <= 1e-12
        theta, proved = np.zeros_like(reduced), np.zeros(len(mean), dtype=bool)
        active, last = np.flatnonzero(inside), np.full(len(mean), np.inf)
        for taken in range(_STEPS):  # pragma: no branch: each ends by itself long before
            weight = softmax(times(theta[active], self.reduced.T) + self._log_base)
            value, vector = np.linalg.eigh(covariance(weight, self.reduced))
            inverse = (vector / np.maximum(value, _LEAST)[:, None, :]) @ vector.swapaxes(-1, -2)
            centre = times(weight, self.reduced)
            step = (inverse @ (reduced[active] - centre)[..., None])[..., 0]
            share = times(step, self.reduced.T)
            width, largest = np.ptp(share, axis=-1), np.abs(self.reduced).max(axis=0, initial=0.0)
            noise = (
                32 * _EPSILON * np.abs(inverse).sum(axis=-1) @ largest * largest.max(initial=0.0)
            )
            proved[active] |= width + noise < 0.5
            damped = np.where(width > 1e-8, np.log1p(width) / np.maximum(width, 1e-8), 1.0)
            theta[active] += damped[:, None] * step
            rest = (width <= 4 * _EPSILON) | (width < 1e-3 + noise) & (width > last[active] / 4)
            # on a face shares of −1 stay what they are, while p falls by the same factor each time
            if taken >= _FEW_STEPS and not thorough:
                rest |= width > 0.99 * last[active]
            last[active] = width
            active = active[~rest & np.isfinite(width)]
            if not active.size:
                break
        proved[active] = False
        theta[proved] = self._polished(theta[proved], total[proved], exposure[proved])
        return self.natural(theta), proved

    def _polished(self, theta: np.ndarray, total: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        """Newton's last steps, with gaps from the heaviest point in place of those from the centre.

        Near a face they are as small as the weights off it, whose digits are theirs.
        """
        exposure = exposure[:, None]
        for _ in range(_LAST_STEPS):
            weight = softmax(times(theta, self.reduced.T) + self._log_base)
            at = self._points[weight.argmax(axis=-1)]
            gap = (self._points - at[:, None]) / self._scale
            away = (total - exposure * at) / exposure / self._scale
            rest = times(away - times(weight, gap), self._back.T)
            value, vector = np.linalg.eigh(covariance(weight, self.reduced))
            value = np.maximum(value, _LEAST)
            step = times(times(rest, vector) / value, vector.swapaxes(-1, -2))
            width = np.ptp(times(step, self.reduced.T), axis=-1)
            theta = theta + np.where(width < 0.5, 1.0, 0.0)[:, None] * step
            if not (width > _POLISHED).any():
                break
        return theta


def times(vector: Any, matrix: Any) -> Any:
    """Vectors (…, n) times a matrix (n, d), row by row: a row has the same sum in any batch."""
    return (vector[..., None, :] @ matrix)[..., 0, :]


def covariance(weight: Any, statistic: Any) -> Any:
    """Cov T of weights (…, n) at points (n, d): (…, d, d), symmetric to the bit."""
    centred = statistic - times(weight, statistic)[..., None, :]
    transposed = array_namespace(centred).matrix_transpose  # arrays of numpy 1 and cupy lack mT
    product = transposed(centred * weight[..., None]) @ centred
    return 0.5 * (product + transposed(product))


# ---------------------------------------------------------------- faces


def located(
    coordinates: Coordinates, statistic: np.ndarray, totals: np.ndarray, exposures: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray | None]]:
    """η of means total/exposure, and for each that is on a face a direction that shows it.

    Newton's method proves most means to be inside. Of others a linear program finds the face;
    where it proves none, as the mean is only near to one, more steps decide.
    Errors: ValueError for a mean outside, and for one that is too near to the boundary.
    """
    directions: list[np.ndarray | None] = [None] * len(totals)
    natural, inside = coordinates.backward(totals, exposures)
    for row in np.flatnonzero(~inside):
        at = place(statistic, totals[row], exposures[row])
        if at.side > 0:
            largest, value = f"{at.largest:.6g}", f"{at.value:.6g}"
            if largest == value:
                value = f"{at.value - at.largest:.2g} more"
            raise ValueError(
                f"{WHO}: mean parameter must be in the polytope of T, where "
                f"⟨{shown(at.direction)}, T⟩ ≤ {largest}; row {row} has {value}"
            )
        if at.side == 0 and at.direction.any():
            directions[row] = at.direction
            continue
        one = slice(row, row + 1)
        natural[row], inside[row] = coordinates.backward(totals[one], exposures[one], thorough=True)
        if not inside[row]:
            raise ValueError(
                f"{WHO}: mean parameter must be inside of the polytope of T by more than "
                f"rounding; row {row} is too near to its boundary"
            )
    return natural, directions


class Place(NamedTuple):
    """Where a mean lies in the direction found: on the face where ⟨δ, T⟩ is largest, or outside.

    largest: max ⟨δ, T⟩; value: ⟨δ, mean⟩; side: 0 on the face, 1 outside of the polytope, −1
    inside of the half-space, which proves nothing.
    """

    direction: np.ndarray
    largest: float
    value: float
    side: int


def place(statistic: np.ndarray, total: np.ndarray, exposure: Any) -> Place:
    """The least face of points T (n, d) that has the mean total/exposure, by one linear program.

    maximise Σ t_x subject to ⟨δ, T(x) − mean⟩ + t_x ≤ 0, 0 ≤ t_x ≤ 1: where some δ separates x
    from the mean, t_x = 1 is reached by the length of δ, and one δ does for all such x. Integers
    are then compared exactly, with the direction in integers.
    Source: Freund, Roundy and Todd (1985), Identifying the set of always-active constraints.
    """
    direction = _direction(statistic, total / exposure)
    whole = all(np.asarray(v).dtype.kind in "iu" for v in (statistic, total, exposure))
    if whole and (direction == np.rint(direction)).all():
        exact = [int(v) for v in direction]
        values = statistic.astype(object) @ np.array(exact, dtype=object)
        largest = max(values)
        gap = sum(a * int(b) for a, b in zip(exact, total, strict=True)) - int(exposure) * largest
        value = float(largest + Fraction(gap, int(exposure)))
        return Place(direction, float(largest), value, (gap > 0) - (gap < 0))
    mean = total / exposure
    largest, value = (statistic @ direction).max(), mean @ direction
    size = np.abs(direction) @ (np.abs(statistic).max(axis=0) + np.abs(mean))
    side = 0 if abs(value - largest) <= 64 * _EPSILON * size else int(np.sign(value - largest))
    return Place(direction, float(largest), float(value), side)


def _direction(statistic: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The δ of the linear program; 0 where it finds none, which proves nothing."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    n, d = statistic.shape
    gap = statistic - mean
    scale = np.abs(gap).max(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    rows: Any = hstack([csr_array(gap / scale), eye_array(n)])
    found = linprog(
        np.concatenate([np.zeros(d), -np.ones(n)]),
        A_ub=rows,
        b_ub=np.zeros(n),
        bounds=[(None, None)] * d + [(0.0, 1.0)] * n,
        method="highs-ds",
        options={
            "primal_feasibility_tolerance": _TOLERANCE,
            "dual_feasibility_tolerance": _TOLERANCE,
        },
    )
    if found.x is None:  # HiGHS may give up where distances from a face are very different
        return np.zeros(d)
    return in_integers(np.asarray(found.x)[:d] / scale)


def in_integers(direction: np.ndarray) -> np.ndarray:
    """A multiple of the direction in small integers, where there is one."""
    size = np.abs(direction)
    if not size.max(initial=0.0) > 0:
        return direction
    unit = direction / size[size > 1e-9 * size.max()].min()
    near = [Fraction(float(v)).limit_denominator(64) for v in unit]
    common = math.lcm(*(f.denominator for f in near))
    whole = [int(f * common) for f in near]
    divisor = math.gcd(*whole)
    close = np.abs(np.array([float(f) for f in near]) - unit) <= 1e-7 * (1 + np.abs(unit))
    if not close.all() or max(abs(v) for v in whole) > _LARGEST_INTEGER * divisor:
        return direction
    return np.array([float(v // divisor) for v in whole])


def combined(first: np.ndarray, second: np.ndarray, statistic: np.ndarray) -> np.ndarray:
    """A direction whose face is the face, in the direction second, of that of the first."""
    a, b = statistic @ first, statistic @ second
    below = a.max() - a[~on_face(statistic, first)]
    times = math.floor(np.ptp(b) / below.min()) + 1 if below.size else 1
    return times * first + second


def on_face(statistic: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Which of the points T (n, d) are largest in the direction, up to rounding."""
    values = statistic @ direction
    size = np.abs(statistic).max(axis=0) @ np.abs(direction)
    return values >= values.max() - 1e-9 * min(size, 1e3 * np.ptp(values))


def in_echelon(rows: np.ndarray) -> np.ndarray:
    """The same span of rows in reduced echelon form, so that each row says one thing."""
    rows = rows.copy()
    for i in range(len(rows)):
        pivot = int(np.argmax(np.abs(rows[i])))
        rows[i] /= rows[i, pivot]
        others = np.arange(len(rows)) != i
        rows[others] -= rows[others, pivot, None] * rows[i]
    rows[np.abs(rows) < 1e-12] = 0.0
    return np.array([in_integers(row) for row in rows]).reshape(rows.shape)


def shown(direction: np.ndarray) -> str:
    """A direction in an error: its first entries."""
    entries = ", ".join(f"{v:.4g}" for v in direction[:6])
    return f"({entries}{', …' if len(direction) > 6 else ''})"
