"""Where means are at the edge of what is possible: the face of all distributions that have them.

The means that tilts of a member tend to are sums of corners: of points, in shares that sum to 1 in
each part of a product, and of rays, of any length. A mean is at an edge where some corners have no
share in any sum that gives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from expfam.families import FiniteFamily, ProductFamily
from expfam.families.softmax import Softmax

_EPSILON = float(np.finfo(float).eps)


def edge_of(
    family: Any, q: np.ndarray, rows: np.ndarray, values: np.ndarray
) -> tuple[Any, np.ndarray, bool] | None:
    """The face of a product on which all means with Cμ = b lie, and q there; None for no face.

    Also whether they lie there exactly, and not only nearly. rows: C, (k, d); values: b, (k,).
    """
    corners = [_corners(part, own) for part, own in _parts(family, q)]
    images, start = [], 0
    for ends, _ in corners:
        images.append(ends @ rows[:, start : start + ends.shape[1]].T)
        start += ends.shape[1]
    shares = np.zeros((len(corners), sum(map(len, images))))
    cuts = np.cumsum([0, *map(len, images)])
    for part, (_, pointed) in enumerate(corners):
        shares[part, cuts[part] : cuts[part + 1]] = pointed
    # shares P of the corners, and what they sum to: of any size, the same for all parts
    equations = np.block(
        [[np.concatenate(images).T, -values[:, None]], [shares, -np.ones((len(corners), 1))]]
    )
    kept = _largest_support(equations)
    if kept.all() or not kept[-1]:
        return None
    face, natural = _on_face(family, q, iter(np.split(kept[:-1], cuts[1:-1])))
    return face, natural, _solved(equations[:, kept])


def without_ends(family: Any, q: np.ndarray) -> tuple[Any, np.ndarray]:
    """The product of the parts that tilts can move, and where their η are: not those of one
    parameter at an end, where A may be infinite. None where all are."""
    parts = list(_parts(family, q))
    moved = [bool(part.natural_shape) or bool(np.isfinite(own)) for part, own in parts]
    families = [part for (part, _), move in zip(parts, moved, strict=True) if move]
    where = np.repeat(moved, [own.size for _, own in parts])
    return ProductFamily(*families) if families else None, where


def refused(family: Any, q: np.ndarray, rows: np.ndarray, values: np.ndarray) -> bool:
    """Whether the conditions give a part its whole mean, and no member of it has that: of vectors
    no edge has one, but numbers near to it have means that are rounded to the edge."""
    start = 0
    for part, own in _parts(family, q):
        entries = np.eye(rows.shape[1])[:, start : start + own.size]
        start += own.size
        if not part.natural_shape or isinstance(part, Softmax | FiniteFamily):
            continue
        combined = np.linalg.lstsq(rows.T, entries, rcond=None)[0]
        if np.allclose(rows.T @ combined, entries, rtol=0, atol=1e-9):
            try:
                part.check_mean((values @ combined).reshape(part.natural_shape))
            except ValueError:
                return True
    return False


def face_of_points(family: Any, rows: np.ndarray, values: np.ndarray) -> Any:
    """The face of a finite family on which distributions with all these means are; None if none."""
    if not isinstance(family, FiniteFamily):
        return None
    tilts = FiniteFamily(range(len(family.remaining)), family._remaining @ rows.T)
    try:
        homes: set[Any] = {tilts.from_mean(mean).family for mean in values}
    except ValueError:  # outside of what is possible
        return None
    if len(homes) > 1:
        raise of_many_faces(family)
    direction = homes.pop().recession
    return None if direction is None else family.face(direction @ rows)


def of_many_faces(family: Any) -> ValueError:
    rule = "i_projection: means of one batch must lie on one face; project them one by one"
    return ValueError(f"{family.name}: {rule}")


def face_of_categories(excess: np.ndarray, q: np.ndarray) -> np.ndarray:
    """q on the largest support, within its own, of a P ≥ 0 with Σ Pᵢ(cᵢ − b) = 0; q if none."""
    support = q > -np.inf
    kept = _largest_support(excess[:, support])
    face = np.full(q.shape, -np.inf)
    face[support] = np.where(kept | ~kept.any(), q[support], -np.inf)
    return face


def _largest_support(equal: np.ndarray) -> np.ndarray:
    """Which entries of a P ≥ 0 with equal·P = 0 can be above 0, (m, n) to (n,).

    By one linear program: max Σ sᵢ with s ≤ P, 0 ≤ s ≤ 1, whose solutions have s of 0 and 1, as
    P may be of any size, in any units. All, where it finds no solution.
    """
    from scipy.optimize import linprog

    for axis in (1, 0):
        equal = equal / np.maximum(np.abs(equal).max(axis=axis, keepdims=True), 1e-300)
    size = equal.shape[1]
    above, equal = np.hstack([-np.eye(size), np.eye(size)]), np.hstack([equal, 0 * equal])
    cost = np.repeat([0.0, -1.0], size)
    bounds = [(0, None)] * size + [(0, 1)] * size
    solution: Any = linprog(cost, above, np.zeros(size), equal, np.zeros(len(equal)), bounds)
    return np.ones(size, bool) if solution.x is None else np.asarray(solution.x[size:] > 0.5)


def _solved(equations: np.ndarray) -> bool:
    """Whether the last column is a sum of the others, but for rounding."""
    equations = equations / np.maximum(np.abs(equations).max(axis=1, keepdims=True), 1e-300)
    columns, target = equations[:, :-1], -equations[:, -1]
    solution = np.linalg.lstsq(columns, target, rcond=None)[0]
    size = (np.abs(columns) @ np.abs(solution) + np.abs(target)).max()
    return bool((np.abs(columns @ solution - target) <= 64 * _EPSILON * size).all())


def _parts(family: Any, q: np.ndarray) -> Iterator[tuple[Any, np.ndarray]]:
    """The factors of a product with their η, and for a product among them its own."""
    if not isinstance(family, ProductFamily):
        yield family, q
        return
    for factor, own in zip(family.factors, family._split(q), strict=True):
        yield from _parts(factor, own)


def _corners(family: Any, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners (n, d), and which are points. One parameter has its ends, the lower one first."""
    if isinstance(family, Softmax):
        ends = family.trials * np.eye(len(q))[q > -np.inf]
        return ends, np.ones(len(ends), dtype=bool)
    if isinstance(family, FiniteFamily):
        return family._remaining.astype(float), np.ones(len(family.remaining), dtype=bool)
    if not family.natural_shape:
        ways = np.array([-np.inf, np.inf]) if np.isfinite(q) else q[None]
        pointed = family._inside(ways)
        mean = np.asarray(family._natural_to_mean(np.where(pointed, ways, q)))
        ends = np.where(pointed, mean, np.sign(ways))[:, None]
        if pointed.any():
            return ends, pointed
    else:  # no edge has a member: as if all were possible
        ends = np.concatenate([-np.eye(q.size), np.eye(q.size)])
    return np.concatenate([ends, 0 * ends[:1]]), np.arange(len(ends) + 1) == len(ends)


def _on_face(family: Any, q: np.ndarray, kept: Iterator[np.ndarray]) -> tuple[Any, np.ndarray]:
    """The family and q of the corners that are kept, part by part."""
    if isinstance(family, ProductFamily):
        pairs = zip(family.factors, family._split(q), strict=True)
        faces, own = zip(*(_on_face(factor, part, kept) for factor, part in pairs), strict=True)
        home = family if faces == family.factors else replace(family, factors=faces)
        return home, family._join(list(own))
    left = next(kept)
    if left.all():
        return family, q
    if isinstance(family, FiniteFamily):
        return family.from_mean(family._remaining[left].mean(axis=0)).family, q
    if isinstance(family, Softmax):
        natural = np.full(q.shape, -np.inf)
        support = np.flatnonzero(q > -np.inf)[left]
        natural[support] = q[support]
        return family, natural
    return family, np.asarray(-np.inf if left[0] else np.inf)
