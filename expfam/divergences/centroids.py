"""Members in the middle of others: nearest to all of them in either direction of KL, or both."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from expfam import newton
from expfam.arrays import numbers, require
from expfam.distribution import Distribution
from expfam.divergences.flats import Flat, lost, whitening
from expfam.divergences.members import check_member
from expfam.families.softmax import Softmax
from expfam.special import logsumexp

_NEARBY = 1e-5  # of the way to the left centroid


def right_centroid(members: Distribution, weights: Any = None) -> Distribution:
    """The member c with the least Σ wᵢ KL(pᵢ‖c): its mean is the weighted mean of the means.

    (Of the Bregman divergence of A, whose arguments are the other way round, it is the
    left-sided centroid; Nielsen and Nock count sides by that.)

    members: a batch, of which the first axis runs over the members and others stay.
    weights: non-negative, one a member, not all 0; None: equal. Result: the rest of the batch.
    Errors: TypeError and ValueError for what is no batch, and for bad weights.
    Source: Nielsen and Nock (2009), Sided and symmetrized Bregman centroids, IEEE
    Trans. Inform. Theory 55: 2882–2904.

    >>> from expfam import Poisson
    >>> round(right_centroid(Poisson().from_mean([2.0, 8.0])).mean_parameter, 9)
    5.0
    """
    family, natural, shares = _batch(members, weights, "right_centroid")
    with np.errstate(all="ignore"):
        mean = _average(shares, np.asarray(family._natural_to_mean(natural)))
    centroid = family.from_mean(mean)
    found = np.isinf(centroid.natural_parameter) & np.isfinite(natural[shares > 0]).any(axis=0)
    rule = "right_centroid: means must not be so near to an edge that they are rounded to it"
    require(~found, family.name, rule, np.asarray(mean))
    return centroid


def left_centroid(members: Distribution, weights: Any = None) -> Distribution:
    """The member c with the least Σ wᵢ KL(c‖pᵢ): its η is the weighted mean of theirs.

    Its support is what all members of positive weight allow. Arguments as for `right_centroid`.
    Errors: also ValueError where they allow nothing in common.
    Source: as for `right_centroid`.

    >>> from expfam import Poisson
    >>> round(left_centroid(Poisson().from_mean([2.0, 8.0])).mean_parameter, 9)  # √(2·8)
    4.0
    """
    family, natural, shares = _batch(members, weights, "left_centroid")
    with np.errstate(invalid="ignore"):  # −∞ and ∞ allow nothing in common
        middle = _average(shares, natural)
    return family.from_natural(middle)


def symmetrised_centroid(members: Distribution, weights: Any = None) -> Distribution:
    """The member c with the least Σ wᵢ (KL(pᵢ‖c) + KL(c‖pᵢ)), Jeffreys's divergences.

    With the right and left centroids r and l it is the least KL(r‖c) + KL(c‖l), where
    μ_c − μ_r + ∇²A(η_c)(η_c − η_l) = 0: one equation in one unknown for categories and families
    of one parameter, else found by Newton steps from the middle of the two. In more than one
    dimension it is near the geodesic from r to l, and not on it in general.

    Arguments as for `right_centroid`.
    Errors: also ValueError where the members have different supports, as then every sum is ∞, and
    where Newton steps lead nowhere, as members are too far apart.
    Source: Nielsen and Nock (2009); Nielsen (2013), Jeffreys centroids, IEEE Signal
    Process. Lett. 20: 657–660, has the condition in closed form for histograms.

    >>> from expfam import Poisson
    >>> round(symmetrised_centroid(Poisson().from_mean([2.0, 8.0])).mean_parameter, 6)
    4.485812
    """
    family, natural, shares = _batch(members, weights, "symmetrised_centroid")
    used = natural[shares > 0]
    same = (np.where(np.isinf(used), used, 0.0) == np.where(np.isinf(used[0]), used[0], 0.0)).all()
    if not same:
        raise ValueError("symmetrised_centroid: members must have the same support")
    right = np.asarray(right_centroid(members, weights).natural_parameter)
    left = np.asarray(family._canonical(_average(shares, natural)))
    batch = members.batch_shape[1:]
    found = np.empty(batch + family.natural_shape)
    centre = _centre_of_line if math.prod(family.natural_shape) == 1 else _centre
    centre = _centre_of_categories if isinstance(family, Softmax) else centre
    with np.errstate(all="ignore"):
        for row in np.ndindex(batch):
            found[row] = centre(family, right[row], left[row])
    return family.from_natural(found)


def _batch(members: Any, weights: Any, who: str) -> tuple[Any, np.ndarray, np.ndarray]:
    """The family, the natural parameters with their whole batch, and weights that sum to one."""
    check_member(members, who)
    family, batch = members.family, members.batch_shape
    if not batch or not batch[0]:
        raise ValueError(f"{who}: members must be a batch of at least one; got the batch {batch}")
    if np.ndim(family.trials):
        raise ValueError(f"{who}: members must have the same trials; got trials that differ")
    natural = np.broadcast_to(members.natural_parameter, batch + family.natural_shape)
    shares = numbers(np.ones(batch[0]) if weights is None else weights, who, "weights")
    if shares.shape != batch[:1]:
        raise ValueError(f"{who}: weights must have the shape {batch[:1]}; got {shares.shape}")
    require((shares >= 0) & (shares < np.inf), who, "weights must be finite and ≥ 0", shares)
    require(shares.sum() > 0, who, "weights must not all be 0", shares.sum())
    return family, natural, shares / shares.sum()


def _average(shares: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Σ wᵢxᵢ over the first axis; what has no weight has no say, infinite or not."""
    used = shares > 0
    return (shares[used].reshape(-1, *[1] * (x.ndim - 1)) * x[used]).sum(axis=0)


class _Jeffreys(Flat):
    """f(η) = ⟨η − l, μ − μ_r⟩, KL(r‖·) + KL(·‖l) but for a constant, where a family has A.

    Its gradient is μ − μ_r + ∇²A(η)(η − l); its second derivative 2∇²A and the derivative of ∇²A
    along η − l, which is taken from a difference.
    """

    left: np.ndarray
    target: np.ndarray

    def _log_partition(self, natural: np.ndarray) -> np.ndarray:
        gap, excess = self._gaps(self.point(natural))
        return (gap * excess).sum(axis=-1)

    def _natural_to_mean(self, natural: np.ndarray) -> np.ndarray:
        point = self.point(natural)
        gap, excess = self._gaps(point)
        return (excess + self._product(point, gap)) @ self._directions.T

    def _fisher_information(self, natural: np.ndarray) -> np.ndarray:
        point = self.point(natural)
        gap, _ = self._gaps(point)
        here, nearer = self._fisher(point), self._fisher(point - _NEARBY * gap)
        bend = 2 * here + (here - nearer) / _NEARBY
        convex = (np.linalg.eigvalsh(bend)[..., 0] > 0)[..., None, None]
        return np.where(convex, bend, 2 * here)

    def _gaps(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        finite = np.isfinite(self.left)
        gap = np.where(finite, point, 0.0) - np.where(finite, self.left, 0.0)
        return gap, self._mean(point) - self.target


def _centre(family: Any, right: np.ndarray, left: np.ndarray) -> np.ndarray:
    """The symmetrised centroid between two centroids, from the middle of the geodesic."""
    base = np.where(np.isfinite(left), 0.5 * (right + left), left)
    base, right, left = (x.reshape(family.natural_shape or (1,)) for x in (base, right, left))
    directions = whitening(family, base, np.eye(len(base)))
    if lost(family, base):
        raise ValueError(
            f"{family.name}: symmetrised_centroid: there must be digits for every dimension; "
            "rounding eats one, as members are too far from 0 (centre the data?)"
        )
    if not len(directions):
        return base.reshape(family.natural_shape)
    search = _Jeffreys(family, base, directions)
    search.left, search.target = left, search._mean(right)
    start = np.zeros((1, len(directions)))
    size = np.abs(search._mean(base)) + np.abs(search.target)  # of means that cancel
    noise = 2 * float(np.finfo(float).eps) * (np.abs(directions) @ size).max()
    try:
        found = newton.backward(search, start, start, noise)
    except ValueError:
        raise ValueError(
            f"{family.name}: symmetrised_centroid: Newton steps lead nowhere; are members too far "
            "apart for double precision?"
        ) from None
    return search.point(found[0]).reshape(family.natural_shape)


def _centre_of_line(family: Any, right: np.ndarray, left: np.ndarray) -> np.ndarray:
    """The condition for one parameter: its sides have different signs at the two centroids."""
    from scipy.optimize import brentq

    if not np.isfinite(left) or left == right:
        return left
    shape = family.natural_shape

    def slope(natural: float) -> float:
        point = np.full(shape, natural)
        gap = np.asarray(family._natural_to_mean(point)) - target
        return float(np.ravel(gap + family._fisher_product(point, point - left))[0])

    target = np.asarray(family._natural_to_mean(right))
    ends = float(np.ravel(left)[0]), float(np.ravel(right)[0])
    if slope(ends[0]) * slope(ends[1]) >= 0:  # so close that rounding is all there is
        return 0.5 * (left + right)
    return np.full(shape, brentq(slope, *ends, xtol=1e-300, maxiter=3000))


def _centre_of_categories(family: Any, right: np.ndarray, left: np.ndarray) -> np.ndarray:
    """The condition log c/l + 1 + λ = r/c of each category, as c = r/W(e^{1 + λ} r/l); Σ c = 1."""
    from scipy.optimize import brentq
    from scipy.special import wrightomega  # W(exp z)

    seen = right > -np.inf
    above = right[seen] - left[seen]

    def log_centre(shift: float) -> np.ndarray:
        return right[seen] - np.log(wrightomega(above + shift))

    def excess(shift: float) -> float:
        return float(logsumexp(log_centre(shift)))

    low, high = 1 - above.max(), 1 - above.min()  # every c ≥ r there, every c ≤ r
    if excess(low) * excess(high) < 0:
        shift = brentq(excess, low, high, xtol=1e-300)
    else:  # so close that rounding is all there is
        shift = 0.5 * (low + high)
    found = np.full(right.shape, -np.inf)
    found[seen] = log_centre(shift)
    return found
