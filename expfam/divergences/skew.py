"""Divergences of products of powers p^α q^{1−α}: all from the member in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.arrays import scalar
from expfam.distribution import Distribution
from expfam.divergences.members import Meeting, along, column, meeting, number

_LARGEST_ORDER = 1e100
_NEAR = 1e-14  # of an exponent: the information then is exact, as it is stationary there


@dataclass(frozen=True)
class Chernoff:
    """Chernoff information and the exponent α at which it is reached, one each for the batch."""

    information: Any
    exponent: Any


def renyi(p: Distribution, q: Distribution, order: Any) -> Any:
    """Rényi's divergence log(∫ p^α q^{1−α})/(α − 1), in nats: ≥ 0, and KL(p‖q) at α = 1.

    With m the member at αη_p + (1−α)η_q it is (A(m) − αA(p) − (1−α)A(q))/(α − 1), for α > 1
    infinite where that is outside the domain of A. Computed as a sum that cannot cancel,
    KL(m‖q) + α/(1−α)·KL(m‖p) below 1 and KL(p‖q) + KL(p‖m)/(α−1) above.

    order: α from 0 to 1e100, a number or an array that broadcasts against the batch.
    α = 0 is −log Q(the support of p). Result: the batch shape.
    Errors: TypeError and ValueError for what is no pair of members, and for a bad order.
    Source: van Erven and Harremoës (2014), Rényi divergence and Kullback–Leibler divergence,
    definitions 2 and 4; Nielsen and Nock (2011), On Rényi and Tsallis entropies and divergences
    for exponential families.

    >>> from expfam import Exponential
    >>> p, q = Exponential().from_mean(2.0), Exponential().from_mean(1.0)
    >>> round(renyi(p, q, 0.5), 6), round(renyi(p, q, 1.0), 6), renyi(p, q, 2.0)
    (0.117783, 0.306853, inf)
    """
    order = number(order, "renyi", "order", 0.0, _LARGEST_ORDER, "between 0 and 1e100")
    return scalar(renyi_of(meeting(p, q, "renyi", order), order))


def bhattacharyya(p: Distribution, q: Distribution) -> Any:
    """Bhattacharyya's distance −log ∫ √(pq) = ½(A(p) + A(q)) − A((p + q)/2), in nats.

    Half of Rényi's divergence of order ½; symmetric; ∞ exactly where no x is possible under both.
    Source: Bhattacharyya (1943), Bull. Calcutta Math. Soc. 35: 99–109; Nielsen and Boltz (2011),
    The Burbea–Rao and Bhattacharyya centroids, theorem 2.

    >>> from expfam import Poisson
    >>> round(bhattacharyya(Poisson().from_mean(4.0), Poisson().from_mean(9.0)), 9)  # (√4 − √9)²/2
    0.5
    """
    return scalar(_distance(p, q, "bhattacharyya"))


def bhattacharyya_coefficient(p: Distribution, q: Distribution) -> Any:
    """Bhattacharyya's coefficient ∫ √(pq), from 0 to 1: the overlap of two members.

    >>> from expfam import Categorical
    >>> p, q = (Categorical(2).from_mean(mean) for mean in ([0.5, 0.5], [0.9, 0.1]))
    >>> round(bhattacharyya_coefficient(p, q), 6)  # √0.45 + √0.05
    0.894427
    """
    return scalar(np.exp(-_distance(p, q, "bhattacharyya_coefficient")))


def hellinger(p: Distribution, q: Distribution) -> Any:
    """Hellinger's distance √(½ ∫ (√p − √q)²) = √(1 − ∫ √(pq)), a metric from 0 to 1.

    >>> from expfam import Poisson
    >>> round(hellinger(Poisson().from_mean(4.0), Poisson().from_mean(9.0)), 6)  # √(1 − e^{−½})
    0.627271
    """
    return scalar(np.sqrt(-np.expm1(-_distance(p, q, "hellinger"))))


def chernoff(p: Distribution, q: Distribution) -> Chernoff:
    """Chernoff information max over α of −log ∫ p^α q^{1−α}, and the exponent α of the maximum.

    The best rate at which the error of a test between p and q falls with the number of
    observations. At the maximum the member m at αη_p + (1−α)η_q is equally far from both,
    KL(m‖p) = KL(m‖q), and that is the information. Where supports differ, the maximum may be at
    an end, 0 or 1. Equal members have the information 0 and the exponent ½, members without a
    common x the information ∞ and the exponent ½.

    Result: `Chernoff(information, exponent)`, of the batch shape.
    Source: Chernoff (1952), Ann. Math. Statist. 23: 493–507; Nielsen (2013), An
    information-geometric characterization of Chernoff information, theorem 1.

    >>> from expfam import Exponential
    >>> found = chernoff(Exponential().from_mean(1.0), Exponential().from_mean(4.0))
    >>> round(found.information, 6), round(found.exponent, 6)
    (0.234076, 0.388014)
    """
    with np.errstate(all="ignore"):
        information, exponent = _chernoff(meeting(p, q, "chernoff"))
    return Chernoff(scalar(information), scalar(exponent))


# ------------------------------------------------------------ the member in the middle


def _distance(p: Any, q: Any, who: str) -> np.ndarray:
    return 0.5 * renyi_of(meeting(p, q, who), np.asarray(0.5))


def renyi_of(pair: Meeting, order: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        near, far = _sides(pair, order)
        factor = np.minimum(order, 1.0) / np.abs(order - 1)
        return near + np.where(order == 1, 0.0, factor * np.where(factor == 0, 0.0, far))


def _sides(pair: Meeting, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """KL(h‖q) and KL(h‖e) of three members on a line, with h between q and e.

    Of p, q and m at αη_p + (1−α)η_q the one in the middle is h: m for α < 1, where e = p, and p
    for α ≥ 1, where e = m. A enters through KL alone, so that neither is a difference of large
    numbers. m is rounded, from m + δ: to leading order this takes ⟨Fδ, m − x⟩ − ½⟨Fδ, δ⟩,
    F = ∇²A(η_m), for KL(p‖m) its average from p to m by Simpson's rule, from its divergence to or
    from x, and that is put back. It matters where p and q are so close that m differs from them in
    its last digits alone. (Where F is another at p, ⟨δ, μ_m − μ_p⟩ is what KL(p‖m) loses.)
    Of faces that meet all this is of what p and q are on the face of m, in which they have but a
    share: KL to them is more by −log of it, and from p to q infinite unless that is all of p.
    """
    family, p, q = pair[:3]
    point, lost, inside = _point(family, p, q, order)
    below_one = order < 1
    below = column(family, below_one)
    middle, end = np.where(below, point, p), np.where(below, p, point)
    mean = np.asarray(family._natural_to_mean(middle))
    near, far = family._kl(middle, mean, q), family._kl(middle, mean, end)

    gap, weight = _gap(p, q), column(family, order)
    moved, halfway, start = (
        np.asarray(family._fisher_product(place, lost)) for place in (point, 0.5 * (p + point), p)
    )
    second = 0.5 * _dot(family, moved, lost)
    from_q = _dot(family, moved, weight * gap) - second
    moved = np.where(below, moved, (start + 4 * halfway + moved) / 6)
    from_p = _dot(family, moved, (weight - 1) * gap)
    straight = _dot(family, start, (weight - 1) * gap)
    bent = (order > 1) & (np.abs(from_p - straight) > 0.5 * np.abs(from_p))
    rise = _dot(family, lost, np.asarray(family._natural_to_mean(point)) - mean)
    from_p = np.where(bent, rise, from_p) - second
    near = near + np.where(below_one, _finite(from_q), 0.0)
    far = far + _finite(from_p)
    none = np.where(inside & (below_one | pair.nested), 0.0, np.inf)
    of_p, of_q = pair.beyond
    return (
        np.maximum(near, 0.0) + of_q + none,
        np.maximum(far, 0.0) + np.where(below_one, of_p, 0.0) + none,
    )


def _point(
    family: Any, p: np.ndarray, q: np.ndarray, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """αη_p + (1−α)η_q from its nearer end, what rounding took, and whether it is in the domain.

    Where it is not, p stands in for it: hooks never see what they are not for.
    """
    nearer = order < 0.5
    swap = column(family, nearer)
    share = np.where(nearer, order, 1 - order)
    point, lost = along(family, np.where(swap, q, p), np.where(swap, p, q), share)
    inside = family._in_domain(point)
    return np.where(column(family, inside), point, p), lost, inside


def _gap(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """η_p − η_q where both are finite, else 0: ∇²A has no entries there."""
    finite = np.isfinite(p) & np.isfinite(q)
    return np.where(finite, p, 0.0) - np.where(finite, q, 0.0)


def _dot(family: Any, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a * b).sum(axis=-1) if family.natural_shape else a * b


def _finite(x: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(x), x, 0.0)


# ------------------------------------------------------------ the exponent of Chernoff


def _chernoff(pair: Meeting) -> tuple[np.ndarray, np.ndarray]:
    """The information, and where KL(m‖p) = KL(m‖q): the first falls as α grows, the second rises.

    Newton steps, as the slope of their difference is −⟨d, F(m)d⟩, d = η_p − η_q; bisection where
    a step would leave the bracket or the last one gained little. Toward its ends
    −log ∫ p^α q^{1−α} tends to −log Q(the support of p) and −log P(the support of q), the sides of
    order 0 either way.
    """
    family, p, q = pair[:3]
    turned = pair._replace(p=q, q=p, beyond=pair.beyond[::-1])
    at_q, at_p = (_sides(way, np.asarray(0.0)) for way in (pair, turned))
    at_low, at_high = at_q[1] <= at_q[0], at_p[1] <= at_p[0]
    low, high, exponent = (np.full(at_low.shape, end) for end in (0.0, 1.0, 0.5))
    settled, last, waiting = at_low | at_high, np.inf, True
    while waiting:
        near, far = _sides(pair, exponent)
        low, high = np.where(far > near, exponent, low), np.where(far > near, high, exponent)
        step = np.where(far == near, 0.0, (far - near) / _steepness(family, p, q, exponent))
        trial = exponent + step
        newton = (trial > low) & (trial < high) & (np.abs(far - near) <= 0.5 * last)
        done = settled | (np.abs(step) <= _NEAR * exponent)
        trial = np.where(newton | done, trial, 0.5 * (low + high))
        waiting = not (done | (high - low <= _NEAR * high)).all()
        last = np.abs(far - near)
        exponent = np.where(settled, exponent, trial)
    value = np.where(np.isinf(near), np.inf, (1 - exponent) * near + exponent * far)
    value = np.where(at_low, at_q[0], np.where(at_high, at_p[0], value))
    exponent = np.where(at_low == at_high, exponent, np.where(at_low, 0.0, 1.0))
    return value, exponent


def _steepness(family: Any, p: np.ndarray, q: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    gap, (point, _, _) = _gap(p, q), _point(family, p, q, exponent)
    return _dot(family, gap, np.asarray(family._fisher_product(point, gap)))
