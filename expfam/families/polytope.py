"""The mean polytope of a finite support: the face on which a mean lies.

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

from expfam.arrays import is_foreign, like
from expfam.families.hull import Coordinates, apart, beside_first

_EPSILON = float(np.finfo(np.float64).eps)
WHO = "FiniteFamily"
_LARGEST_INTEGER = 2**20  # of a direction that is said in integers
_TOLERANCE = 1e-10  # the least that HiGHS takes


def located(
    coordinates: Coordinates, statistic: np.ndarray, totals: np.ndarray, exposures: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray | None]]:
    """η of means total/exposure, and for each that is on a face a direction that shows it.

    Newton's method proves most means to be inside. Of others a linear program finds the face;
    where it proves none, as the mean is only near to one, more steps decide.
    Errors: ValueError for a mean outside, and for one that is too near to the boundary.
    """
    means = apart(totals, exposures[:, None], coordinates.origin)
    directions: list[np.ndarray | None] = [None] * len(means)
    natural, inside = coordinates.backward(means)
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
        if at.side == 0 and not on_face(statistic, at.direction).all():
            directions[row] = at.direction
            continue
        natural[row], inside[row] = coordinates.backward(means[row : row + 1], thorough=True)
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
    beside = apart(total, exposure, statistic[0])
    direction = _direction(statistic, beside)
    whole = all(np.asarray(v).dtype.kind in "iu" for v in (statistic, total, exposure))
    if whole and (direction == np.rint(direction)).all():
        exact = [int(v) for v in direction]
        values = statistic.astype(object) @ np.array(exact, dtype=object)
        largest = max(values)
        gap = sum(a * int(b) for a, b in zip(exact, total, strict=True)) - int(exposure) * largest
        value = float(largest + Fraction(gap, int(exposure)))
        return Place(direction, float(largest), value, (gap > 0) - (gap < 0))
    values, value = beside_first(statistic)[0] @ direction, beside @ direction
    size = np.abs(direction) @ (_size(statistic) + np.abs(total / exposure)) + np.abs(values.max())
    rest, start = value - values.max(), float(statistic[0] @ direction)
    side = 0 if abs(rest) <= 64 * _EPSILON * size else int(np.sign(rest))
    return Place(direction, start + float(values.max()), start + float(value), side)


def _size(statistic: np.ndarray) -> np.ndarray:
    """What sums of T are rounded to beside their own size: T of one sign does not cancel."""
    one_sign = (statistic >= 0).all(axis=0) | (statistic <= 0).all(axis=0)
    return np.abs(np.where(one_sign, statistic[0], np.abs(statistic).max(axis=0)))


def _direction(statistic: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """A direction that separates a mean, less the first point, from as many points as there are."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    n, d = statistic.shape
    gap = beside_first(statistic)[0] - beside
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
    x = np.zeros(d + n) if found.x is None else np.asarray(found.x)
    remain = x[d:] < 0.5
    if remain.all():
        return np.zeros(d)
    direction = _level(x[:d], gap[remain] / scale) / scale
    whole = in_integers(direction)
    same = (on_face(statistic, whole) == remain).all() if remain.any() else True
    return whole if same else direction


def _level(direction: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The direction, as HiGHS has rounded it, less what tells the points (n, d) of a face apart."""
    if not len(points):
        return direction
    _, s, vt = np.linalg.svd(points - points[0], full_matrices=False)
    steep = vt[s > 4 * max(points.shape) * _EPSILON * max(s.max(initial=0.0), 1.0)]
    return direction - (direction @ steep.T) @ steep


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


def all_on_face(statistic: np.ndarray, direction: np.ndarray, total: Any, exposure: Any) -> Any:
    """Whether sums total of exposures are of points on the face alone; of integers exactly."""
    whole = (direction == np.rint(direction)) & (np.abs(direction) <= 2.0**53)
    if whole.all() and not is_foreign(total):
        parts = statistic, np.asarray(total), np.asarray(exposure), direction.astype(np.int64)
        if all(part.dtype.kind in "iu" for part in parts):
            points, total, exposure, exact = (part.astype(object) for part in parts)
            return np.asarray(total @ exact == exposure * max(points @ exact), dtype=bool)
    largest, steep = float((statistic @ direction).max()), np.abs(direction)
    gap = total @ like(direction, total, WHO, "direction") - exposure * largest
    size = abs(total) @ like(steep, total, WHO, "direction")
    return abs(gap) <= 1e-12 * (size + exposure * (float(_size(statistic) @ steep) + abs(largest)))


def combined(first: np.ndarray, second: np.ndarray, statistic: np.ndarray) -> np.ndarray:
    """A direction whose face is the face, in the direction second, of that of the first."""
    gap, _ = beside_first(statistic)
    a, b = gap @ first, gap @ second
    below = a.max() - a[~on_face(statistic, first)]
    times = math.floor(np.ptp(b) / below.min()) + 1 if below.size else 1
    return times * first + second


def on_face(statistic: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Which of the points T (n, d) are largest in the direction, up to rounding."""
    gap, noise = beside_first(statistic)
    values = gap @ direction
    size = (1e-12 * np.abs(gap).max(axis=0) + 8 * noise) @ np.abs(direction)
    return values >= values.max() - size


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
