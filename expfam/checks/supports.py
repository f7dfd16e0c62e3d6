"""A member's support: counts are enumerated, real numbers integrated, one or a few at a time.

A `Support` is points and weights, so that E f = Σ w·p(x)·f(x), without the member's formulas.
"""

from __future__ import annotations

import numpy as np

from expfam.checks.points import Support, accepted, no_support
from expfam.checks.reals import reals
from expfam.checks.vectors import vectors
from expfam.families import ProductFamily
from expfam.family import Distribution

_MOST_POINTS = 2**18  # of a box of counts
_TOO_MUCH = 1.001  # of probability: where it has no end, a law is to say so


def support(p: Distribution, draws: np.ndarray) -> Support:
    """The support of one member around some of its draws; all but e⁻³³ of its probability.

    draws: n + event shape. There are none for more than 2¹⁸ counts, for observations in three or
    more dimensions, and where double precision cannot hold the tails.
    """
    with np.errstate(all="ignore"):
        if p.family.points is not None:
            return Support(p.family.points, np.zeros(len(p.family.points)))
        if p.family.discrete:
            return _counts(p, draws)
        if isinstance(p.family, ProductFamily) and len({f.discrete for f in p.family.factors}) > 1:
            return _product(p, draws)
        if p.family.event_shape:
            return vectors(p, draws)
        return reals(p, draws)


def _product(p: Distribution, draws: np.ndarray) -> Support:
    """The pairs, triples, … of the points of all parts; in the product, points are flat."""
    family: ProductFamily = p.family  # type: ignore[assignment]
    x, log_weight = np.zeros((1, 0)), np.zeros(1)
    naturals, drawn = family._split(p.natural_parameter), family._observations(draws)
    for factor, natural, some in zip(family.factors, naturals, drawn, strict=True):
        part = support(Distribution(factor, natural), some)
        if part.missing or len(x) * len(part.x) > 4 * _MOST_POINTS:
            return no_support(draws, part.missing or "the points of its parts have too many pairs")
        one, two = np.repeat(x, len(part.x), axis=0), part.x.reshape(len(part.x), -1)
        x = np.concatenate([one, np.tile(two, (len(x), 1))], axis=-1)
        log_weight = np.add.outer(log_weight, part.log_weight).reshape(-1)
    return Support(x, log_weight)


def _counts(p: Distribution, draws: np.ndarray) -> Support:
    """Every accepted point of a box, which grows until that adds nothing, or no probability.

    On several axes it then grows once more: moments weigh what is far by its distance.
    """
    axes = draws.reshape(len(draws), -1)
    low, high = axes.min(axis=0), axes.max(axis=0)
    x, mass, settled = draws[:0], 0.0, False
    while True:
        width = high - low
        one, before = len(width) == 1, x
        margin = np.maximum(2, width if one else width // 4 if settled else 2)
        low, high = low - margin, high + margin
        if np.prod((high - low + 1).astype(float)) > _MOST_POINTS:
            if settled:
                return Support(before, np.zeros(len(before)))
            return no_support(draws, f"a box around its counts has over {_MOST_POINTS} points")
        grid = np.meshgrid(*(np.arange(a, b + 1) for a, b in zip(low, high, strict=True)))
        x = np.stack(grid, axis=-1).reshape(-1, *p.family.event_shape)
        x = x[accepted(p.family, x)]
        if not len(x):
            return no_support(draws, "its draws are no observations")
        probability = np.exp(p.log_prob(x)).sum()
        held = 0 < probability <= mass * (1 + 4e-16)
        if len(x) == len(before) or settled or (one and held) or probability > _TOO_MUCH:
            return Support(x, np.zeros(len(x)))
        settled, mass = held, probability
        box = x.reshape(len(x), -1)
        low, high = box.min(axis=0), box.max(axis=0)
