"""The law of draws: they have the member's moments, frequencies and distribution function."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import chdtrc

from expfam.checks.members import DRAWS, Member, differs

_DEVIATIONS = 7.0  # of a mean of draws: 3e-12 of a normal distribution lies beyond
_LEAST_P_VALUE = 1e-9


def sampling(m: Member) -> Iterator[str]:
    """Seeds repeat, and counts are integers. Mean T of 4000 draws is μ within seven deviations,
    frequencies have Pearson's X² with p ≥ 1e-9, real draws Kolmogorov's distance with p ≥ 1e-9: a
    false alarm in 10⁸ runs."""
    once, again = m.p.sample(3, rng=1), m.p.sample((3,), rng=1)
    yield from differs("sample with the same seed", once, again, 0.0)
    shape = (2, 3, *m.family.event_shape)
    if np.shape(m.p.sample((2, 3), rng=0)) != shape:
        yield f"sample((2, 3)) has the shape {np.shape(m.p.sample((2, 3), rng=0))}, not {shape}"
    if m.family.discrete and m.draws.dtype.kind not in "iu":
        yield f"draws of counts are of the type {m.draws.dtype}, which is not of integers"
    try:
        m.family.check_observation(m.draws)
    except ValueError as error:
        yield f"a draw is refused as an observation: {error}"
        return
    if m.truncated:
        return
    allowed = _DEVIATIONS * m.deviations / np.sqrt(DRAWS) + m.noise * np.abs(m.mean)
    yield from differs("mean T of draws", m.statistic(m.draws).mean(axis=0), m.mean, allowed)
    if m.support.missing:
        return
    counted = m.family.discrete or m.family.points is not None
    yield from _frequencies(m) if counted else _distances(m)


def _frequencies(m: Member) -> Iterator[str]:
    x = np.concatenate([m.support.x, m.draws]).reshape(len(m.support.x) + DRAWS, -1)
    _, cell = np.unique(x, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    size = cell.max() + 1
    points, drawn = cell[: len(m.support.x)], cell[len(m.support.x) :]
    expected = DRAWS * np.bincount(points, m.probability, size)
    observed = np.bincount(drawn, minlength=size)
    large = expected >= 10
    expected = np.append(expected[large], expected[~large].sum())
    observed = np.append(observed[large], observed[~large].sum())
    if expected[-1] < 10:  # too few for a cell of its own: a Poisson bound
        if observed[-1] > 60:
            yield f"{observed[-1]} of {DRAWS} draws lie where {expected[-1]:.3g} are expected"
        expected, observed = expected[:-1], observed[:-1]
    if len(expected) > 1:
        statistic = ((observed - expected) ** 2 / expected).sum()
        p_value = chdtrc(len(expected) - 1, statistic)
        if not p_value >= _LEAST_P_VALUE:
            yield f"frequencies of draws have X² = {statistic:.1f}, p = {p_value:.1e}"


def _distances(m: Member) -> Iterator[str]:
    """Kolmogorov's distance along every axis, at the points; half of what lies on one is below."""
    points, drawn = m.support.x.reshape(len(m.support.x), -1), m.draws.reshape(DRAWS, -1)
    limit = np.sqrt(np.log(2 / _LEAST_P_VALUE) / (2 * DRAWS))
    for axis in range(points.shape[1]):
        x, place = np.unique(points[:, axis], return_inverse=True)
        probability = np.bincount(place.reshape(-1), m.probability)
        cumulative = np.cumsum(probability) - probability / 2
        ordered = np.sort(drawn[:, axis])
        ranks = [np.searchsorted(ordered, x, side) for side in ("left", "right")]
        distance = np.abs(sum(ranks) / (2 * DRAWS) - cumulative).max()
        if not distance <= limit + 1e-3:
            yield f"Kolmogorov's distance of draws is {distance:.3f}, allowed {limit:.3f}"
