"""Projections: the nearest member with given means, the nearest of a flat family, and on a face."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from expfam import newton
from expfam.arrays import numbers, require_broadcast
from expfam.distribution import Distribution
from expfam.divergences.edges import (
    edge_of,
    face_of_categories,
    face_of_points,
    of_many_faces,
    refused,
    without_ends,
)
from expfam.divergences.flats import Flat, lost, whitening
from expfam.divergences.members import check_member, check_pair
from expfam.families import FiniteFamily, ProductFamily
from expfam.families.hull import Coordinates
from expfam.families.softmax import Softmax

_EXACTLY, _NEARLY = 1e-15, 1e-9  # of means, to their size and deviation
_STEEPEST = 1e300  # of tilts


def i_projection(q: Distribution, statistics: Any, values: Any) -> Distribution:
    """The distribution p with the least KL(p‖q) among all with E_p⟨cⱼ, T⟩ = bⱼ for every j.

    It is a tilt of q, η_p = η_q + Σ λⱼcⱼ, so that it is a member, and for every r with these means
    KL(r‖q) = KL(r‖p) + KL(p‖q) (Pythagoras). λ by Newton steps on the dual A(η_q + λC) − ⟨λ, b⟩.
    Of categories the means may be at the edge of what is possible: then p lies on the face there,
    and of a `FiniteFamily` it is a member of that face, `family.face(…)`, one for a whole batch;
    so, too, of a product of such and of families of one parameter.

    statistics: c, natural shape, or k of them, (k,) + natural shape; for categories c is any
    function of the category. values: b, a number, or (…, k), which broadcasts against the batch.
    Errors: ValueError for wrong shapes, and where no distribution (for other families than those
    of categories and finitely many points: no member) has these means, to 1e-9 of their size.
    Source: Csiszár (1975), I-divergence geometry, Ann. Probab. 3: 146–158, theorems 2.2 and 3.1.

    >>> from expfam import Categorical
    >>> die = Categorical(6).from_mean([1 / 6] * 6)
    >>> i_projection(die, [1, 2, 3, 4, 5, 6], 4.5).mean_parameter.round(4)  # Jaynes's die
    array([0.0544, 0.0788, 0.1142, 0.1654, 0.2398, 0.3475])
    """
    check_member(q, "i_projection")
    family = q.family
    rows, one = _statistics(family, statistics)
    values = numbers(values, "i_projection", "values")
    values = values[..., None] if one else values
    if not values.ndim or values.shape[-1] != len(rows) or not np.isfinite(values).all():
        raise ValueError(
            f"{family.name}: i_projection: values must be finite, one for each of the {len(rows)} "
            f"statistics; got the shape {values.shape}"
        )
    rule = "i_projection: values must broadcast against the batch"
    require_broadcast(family.name, rule, values.shape[:-1], q.batch_shape)
    batch = np.broadcast_shapes(values.shape[:-1], q.batch_shape)
    natural = np.broadcast_to(q.natural_parameter, batch + family.natural_shape)
    values = np.broadcast_to(values, batch + values.shape[-1:])
    found = np.empty(natural.shape)
    homes: dict[Any, Any] = {}
    try:
        with np.errstate(all="ignore"):
            for row in np.ndindex(batch):
                single = family._take(batch, row) if batch else family
                home, found[row] = _projected(single, natural[row], rows, values[row])
                homes[home] = None if home is single else home
    except ValueError:
        face = face_of_points(family, rows, values.reshape(-1, len(rows)))
        if face is None:
            raise
        return i_projection(
            face.from_natural(natural), statistics, values[..., 0] if one else values
        )
    if len(homes) > 1 and any(homes.values()):
        raise of_many_faces(family)
    face = next(iter(homes.values()), None)
    return (face or family).from_natural(found)


def m_projection(p: Distribution, base: Distribution, statistics: Any) -> Distribution:
    """The member r = base + Σ λⱼcⱼ of a flat family with the least KL(p‖r): maximum likelihood.

    It has the means of p, E_r⟨cⱼ, T⟩ = E_p⟨cⱼ, T⟩, so that KL(p‖base) = KL(p‖r) + KL(r‖base).
    Where base excludes what p allows, every r is at ∞ from p, and r is the one with these means.
    statistics: c, as for `i_projection`. Errors: as for `i_projection`.
    Source: Amari and Nagaoka (2000), Methods of Information Geometry, theorem 3.9.

    >>> from expfam import Categorical
    >>> p = Categorical(3).from_mean([0.7, 0.1, 0.2])
    >>> base = Categorical(3).from_natural([0.0, 0.0, 0.0])
    >>> m_projection(p, base, [0, 1, 2]).mean_parameter.round(4)  # the nearest on a line of logits
    array([0.6162, 0.2676, 0.1162])
    """
    check_pair(p, base, "m_projection")
    rows, single = _statistics(p.family, statistics)
    mean = np.asarray(p.mean_parameter)
    mean = mean if p.family.natural_shape else mean[..., None]
    values = mean @ rows.T
    return i_projection(base, statistics, values[..., 0] if single else values)


def face_projection(q: Distribution, categories: Iterable[Hashable]) -> Distribution:
    """The distribution p with the least KL(p‖q) among those on a face: q given the categories.

    Of `Categorical` and `Multinomial`: p(x) = q(x | every draw is one of these categories), and
    KL(p‖q) = −n log q(categories).
    Errors: ValueError for other families, unknown categories, and those that q excludes.
    Source: Csiszár (1975), section 2.

    >>> from expfam import Categorical
    >>> q = Categorical(["a", "b", "c"]).from_mean([0.2, 0.3, 0.5])
    >>> face_projection(q, ["a", "b"]).mean_parameter
    array([0.4, 0.6, 0. ])
    """
    family = check_member(q, "face_projection").family
    if not isinstance(family, Softmax):
        raise ValueError(f"face_projection: members must be of categories; got {family}")
    if isinstance(categories, str) or not isinstance(categories, Iterable):
        raise TypeError(f"face_projection: categories must be several; got {categories!r}")
    kept = np.zeros(len(family.categories), dtype=bool)
    kept[[family.code(label) for label in categories]] = True
    return family.from_natural(np.where(kept, q.natural_parameter, -np.inf))


# ------------------------------------------------------------ one row


def _statistics(family: Any, statistics: Any) -> tuple[np.ndarray, bool]:
    """C as (k, d), and whether there was but one statistic."""
    c = numbers(statistics, family.name, "statistics")
    shape = family.natural_shape
    if c.shape not in (shape, c.shape[:1] + shape) or not c.size or not np.isfinite(c).all():
        raise ValueError(
            f"{family.name}: statistics must be finite, of the shape {shape} or (k, …) of such; "
            f"got {c.shape}"
        )
    return c.reshape(-1, *(shape or (1,))), c.shape == shape


def _projected(
    family: Any, q: np.ndarray, rows: np.ndarray, values: np.ndarray
) -> tuple[Any, np.ndarray]:
    """The family and η of the I-projection of one member."""
    home = family
    if not family.natural_shape and rows.any():
        found = _of_mean(family, rows[:, 0], values)
    elif isinstance(family, ProductFamily):
        home, found = _of_product(family, q, rows, values)
    else:
        starts = [(q, _NEARLY)]
        if isinstance(family, Softmax) and family.trials:
            rows, values = _centred(rows, values, int(family.trials), q > -np.inf)
            # at the edge if the means are there to the last digits; else inside, if that can be
            face = face_of_categories(rows - values[:, None] / int(family.trials), q)
            starts = [(face, _EXACTLY), *starts, (face, _NEARLY)]
        tilts = (_tilted(family, start, rows, values, near) for start, near in starts)
        found = next((tilt for tilt in tilts if tilt is not None), None)
    if found is None:
        rule = "i_projection: no distribution within reach has these means"
        raise ValueError(f"{family.name}: {rule}")
    return home, found


def _of_product(
    family: Any, q: np.ndarray, rows: np.ndarray, values: np.ndarray
) -> tuple[Any, np.ndarray | None]:
    """Of a product the same, at the edge if the means are there; else inside, if that can be."""
    starts, edge = [(family, q)], edge_of(family, q, rows, values)
    if edge is not None:
        face, natural, exact = edge
        starts.insert(0 if exact else 1, (face, natural))
    for home, start in starts:
        found = start.copy()
        left, where = without_ends(home, start)
        if left is not None:
            rest = values - rows[:, ~where] @ home._natural_to_mean(start)[~where]
            tilt = _tilted(left, start[where], rows[:, where], rest, _NEARLY)
            found[where] = np.nan if tilt is None else tilt
        if _has(home, found, rows, values, _NEARLY):
            return home, found
    return family, None


def _of_mean(family: Any, scales: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    """Of a family of one parameter the member with the mean that is asked for, edges included."""
    given = scales != 0
    try:
        found = np.asarray(family.mean_to_natural(values[given][0] / scales[given][0]))
    except ValueError:
        return None
    return found if _has(family, found, scales[:, None], values, _NEARLY) else None


def _tilted(
    family: Any, q: np.ndarray, rows: np.ndarray, values: np.ndarray, near: float
) -> np.ndarray | None:
    """q + λC with the means values, or None where Newton steps find none."""
    base = q.reshape(family.natural_shape or (1,))
    if isinstance(family, Softmax) and len(rows) == 1 and family.trials:
        return _tilted_line(family, q, rows, values, near)
    if isinstance(family, Softmax | FiniteFamily) and family.trials:
        return _tilted_points(family, q, rows, values, near)
    white = whitening(family, base, rows)
    if (len(white) < len(rows) and lost(family, base)) or refused(family, q, rows, values):
        return None
    flat, start = Flat(family, base, white @ rows), np.zeros((1, len(white)))
    try:
        shift = newton.backward(flat, (white @ values)[None], start) if len(white) else start
    except ValueError:
        return None
    found = flat.point(shift[0]).reshape(family.natural_shape)
    return found if _has(family, found, rows, values, near) else None


def _tilted_points(
    family: Any, q: np.ndarray, rows: np.ndarray, values: np.ndarray, near: float
) -> np.ndarray | None:
    """The same of a family on finitely many points, in whose statistics no step overshoots."""
    of_categories = isinstance(family, Softmax)
    statistic = np.eye(len(q)) if of_categories else family.statistic
    base = q if of_categories else family._exponents(q)
    left = base > -np.inf
    points = Coordinates(statistic[left] @ rows.T, base[left] - base.max())
    tilt, inside = points.backward(values[None] / int(family.trials), thorough=True)
    found = q + tilt[0] @ rows
    return found if inside[0] and _has(family, found, rows, values, near) else None


def _tilted_line(
    family: Any, q: np.ndarray, rows: np.ndarray, values: np.ndarray, near: float
) -> np.ndarray | None:
    """The same of categories and one statistic, whose mean rises with λ, by bisection."""
    from scipy.optimize import brentq

    def excess(tilt: float) -> float:
        return float(rows[0] @ family._natural_to_mean(q + tilt * rows[0]) - values[0])

    here, end = excess(0.0), 1.0
    while np.sign(excess(-np.sign(here) * end)) == np.sign(here) != 0 and end < _STEEPEST:
        end = 2 * end
    ends = sorted([0.0, float(-np.sign(here) * end)])
    tilt = 0.0
    if here and excess(ends[0]) * excess(ends[1]) < 0:
        tilt = brentq(excess, ends[0], ends[1], xtol=1e-300, maxiter=1000)
    found = q + tilt * rows[0]
    return found if _has(family, found, rows, values, near) else None


def _centred(
    rows: np.ndarray, values: np.ndarray, trials: int, support: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same conditions, of statistics that are 0 at the first category and at most 1 in size."""
    scale = np.maximum(np.abs(rows[:, support]).max(axis=1), 1e-300)
    rows, values = rows / scale[:, None], values / trials / scale
    first = rows[:, support][:, 0]
    values = values - first
    rows = np.where(support, rows - first[:, None], 0.0)
    size = np.abs(rows).max(axis=1)
    constant = size == 0
    values = np.where(constant & (np.abs(values) <= _NEARLY), 0.0, values)
    size = np.where(constant, 1.0, size)
    return rows / size[:, None], trials * values / size


def _has(
    family: Any, natural: np.ndarray, rows: np.ndarray, values: np.ndarray, near: float
) -> bool:
    """Whether a member has the means values."""
    natural = natural.reshape(family.natural_shape or (1,))
    flat = Flat(family, natural, rows)
    mean = flat._mean(natural)
    deviation = np.sqrt(np.maximum(np.diagonal(flat._fisher(natural)), 0.0))
    size = deviation + np.abs(values) + np.abs(rows) @ np.abs(mean)
    return bool((np.abs(rows @ mean - values) <= near * size).all())
