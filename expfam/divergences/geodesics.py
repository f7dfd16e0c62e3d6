"""Straight lines between members: in the natural parameters and in the means."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import require
from expfam.distribution import Distribution
from expfam.divergences.members import along, column, number, pair


def e_geodesic(p: Distribution, q: Distribution, t: Any) -> Distribution:
    """The member at (1 − t)η_p + tη_q, proportional to p^{1−t} q^t: p at t = 0, q at t = 1.

    Between the ends its support is what p and q both allow; beyond them it exists as long as A
    is finite there.

    t: a number or an array that broadcasts against the batch, at most 1e100 in size.
    Errors: ValueError where p and q allow nothing in common, and beyond the domain.
    Source: Amari and Nagaoka (2000), Methods of Information Geometry, section 2.3.

    >>> from expfam import Poisson
    >>> round(e_geodesic(Poisson().from_mean(4.0), Poisson().from_mean(9.0), 0.5).mean_parameter, 9)
    6.0
    """
    t = number(t, "e_geodesic", "t", -1e100, 1e100, "at most 1e100 in size")
    family, one, two = pair(p, q, "e_geodesic", t)
    with np.errstate(all="ignore"):
        near = column(family, t < 0.5)
        back = np.where(t < 0.5, t, 1 - t)
        point, _ = along(family, np.where(near, one, two), np.where(near, two, one), back)
        inside = family._inside(_at_ends(family, one, two, t, point))
    rule = "e_geodesic: there must be a member at t"
    require(inside, family.name, rule, np.broadcast_to(t, inside.shape), "has t =", "row")
    return family.from_natural(_at_ends(family, one, two, t, point))


def m_geodesic(p: Distribution, q: Distribution, t: Any) -> Distribution:
    """The member whose mean is (1 − t)μ_p + tμ_q: p at t = 0, q at t = 1.

    For single draws of categories it is the mixture of p and q; for other families the member
    with the moments of that mixture. Beyond the ends it exists as long as its mean is possible.

    t: as for `e_geodesic`. Errors: ValueError where no member has that mean.
    Source: as for `e_geodesic`.

    >>> from expfam import Poisson
    >>> round(m_geodesic(Poisson().from_mean(4.0), Poisson().from_mean(9.0), 0.5).mean_parameter, 9)
    6.5
    """
    t = number(t, "m_geodesic", "t", -1e100, 1e100, "at most 1e100 in size")
    family, one, two = pair(p, q, "m_geodesic", t)
    share = column(family, t)
    with np.errstate(all="ignore"):
        start, end = (np.asarray(family._natural_to_mean(natural)) for natural in (one, two))
        gap = end - start
        mean = np.where(share < 0.5, start + share * gap, end - (1 - share) * gap)
        mean = _at_ends(family, start, end, t, mean)
    natural = np.asarray(family.mean_to_natural(mean))
    return family.from_natural(_at_ends(family, one, two, t, natural))


def _at_ends(
    family: Any, start: np.ndarray, end: np.ndarray, t: np.ndarray, between: np.ndarray
) -> np.ndarray:
    """The ends themselves at t = 0 and 1, without a rounding."""
    t = column(family, t)
    return np.where(t == 0, start, np.where(t == 1, end, between))
