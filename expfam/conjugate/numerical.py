"""Priors whose log Z has no closed form: integrals over one to five natural parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from expfam.bessel import log_scaled_integral, resultant
from expfam.conjugate.directed import BOUND, Around, Directed, Tilt
from expfam.conjugate.form import WHO, Form
from expfam.conjugate.integrals import Height, around, root_of, weighted
from expfam.conjugate.lattice import MOST, summed
from expfam.conjugate.planes import weighted_plane
from expfam.conjugate.rows import Unsettled, each, unsettled
from expfam.saddlepoint import scaled_phi

_LONGEST = 41.0  # log of κ: e⁴¹ is below 1e18, where families of directions end
_DEPTH = 40.0  # of what is longer

_Flat = tuple[np.ndarray, np.ndarray, np.ndarray, float]


class NumericalForm(Directed):
    """R = log ∫ exp(−ν·KL(η̂‖η)) dη: the exponent is convex, 0 at the peak η̂, and ∞ outside.

    What does not need Z, as updates and means, is there for any number of parameters.
    """

    def __init__(self, family: Any, cut: bool = False, slow: bool = False) -> None:
        super().__init__(family)
        self.cut = cut  # whether the family ends where members have much weight still
        self.slow = slow  # whether A takes so long that a rule of fewer points is tried first

    def remainder(self, prior: Any) -> np.ndarray:
        def log_integral(row: Around) -> float:
            return float(np.log(self._nodes(row)[1].sum()) + row.log_volume)

        self._require_integral(prior)
        batch = np.shape(prior.exposure)
        return np.reshape(each(log_integral, batch, self._around(prior)), batch)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """R_q − R_p + E_p (f_q − f_p), with f = ν·KL(η̂‖η); of close priors, where that cancels,
        log E_p exp(g − E_p g) with g = log π_q/π_p.
        """
        batch = np.broadcast_shapes(np.shape(p.exposure), np.shape(q.exposure))
        one, two = p._broadcast(batch), q._broadcast(batch)

        def parts(row: Around, f_q: Height, tilt: Tilt) -> tuple[float, float]:
            z, weights = self._nodes(row)
            share, f = weights / weights.sum(), row.height(z)
            close, away = _excess(share, tilt(z, f)), 0.0
            if close == np.inf:
                away = share @ (f_q(row.peak + z @ row.root.T) - f)
            return close, away - np.log(weights.sum()) - row.log_volume

        self._require_integral(one)
        rows = self._around(one), self.depths(two), self.tilts(one, two)
        found = each(parts, batch, *rows)
        close, apart = np.moveaxis(np.reshape(found, (*batch, 2)), -1, 0)
        if (close < np.inf).all():
            return close
        return np.where(close < np.inf, close, np.maximum(q._remainder + apart, 0.0))

    def _nodes(self, row: Around) -> tuple[np.ndarray, np.ndarray]:
        """Points z (N, size) and weights of ∫ exp(−f)·g around one peak."""
        if self.size > 2:
            return summed(row.height, self.size)
        if self.size == 2 and self.slow:
            with suppress(Unsettled):
                return weighted_plane(row.plane)
        return weighted(row.height, self.size)

    def _root(self, information: np.ndarray) -> np.ndarray:
        """Of windows the last number moves η₁: half lines are smooth along it, up to η₂ = 0."""
        if not self.slow:
            return super()._root(information)
        return root_of(information[::-1, ::-1])[::-1]

    def _require_integral(self, prior: Any) -> None:
        family = self.family
        self._require_finite(prior)
        if self.size > MOST:
            raise TypeError(
                f"{WHO}: log Z must be closed, or an integral over at most {MOST} natural "
                f"parameters; {family.name} has {self.size}: simulated_log_evidence and "
                "simulated_kl estimate what needs it"
            )

    def _require_finite(self, prior: Any) -> None:
        super()._require_finite(prior)
        if self.cut:
            raise TypeError(
                f"{WHO}: log Z must not depend on members that the family leaves out; "
                f"{self.family} leaves out those that spread over too many counts"
            )


def _excess(share: np.ndarray, g: np.ndarray) -> float:
    """log E exp(g − E g), to rounding; ∞ where the nodes are too few for exp g."""
    if not (abs(g) <= BOUND).all():
        return np.inf
    away = g - share @ g
    return float(np.log1p(share @ scaled_phi(1.0, np.exp(away), away, np)))


class DirectionsForm(Form):
    """Directions in d dimensions: over all of one length r, ⟨η, χ⟩ has a Bessel function as mean.

        R = log ∫ exp(d·t − ν·KL(η̂‖ru) + log B(r|χ|)) dt,   r = eᵗ, u = χ/|χ|,

    with B(κ) = ∫ exp(κ(cos θ − 1)) over the sphere: one integral in any dimension.
    """

    def remainder(self, prior: Any) -> np.ndarray:
        def log_integral(row: _Flat) -> float:
            _, weights, top = self._nodes(row)
            return float(np.log(weights.sum()) - top)

        batch = np.shape(prior.exposure)
        return np.reshape(each(log_integral, batch, self._flat(prior)), batch)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """R_q − R_p + E_p (f_q − f_p), f = ν·KL(η̂‖η); of one length, E η = rρ(r|χ|)·u."""
        other = q._remainder  # before its rows are many
        batch = np.broadcast_shapes(np.shape(p.exposure), np.shape(q.exposure))
        p, q = p._broadcast(batch), q._broadcast(batch)

        def parts(one: _Flat, two: _Flat) -> tuple[float, float]:
            r, weights, top = self._nodes(one)
            natural, size = r[:, None] * self._axis(one[2]), np.linalg.norm(one[2])
            gap = resultant(self.family._order, (r * size) ** 2).gap
            shorter = r * gap * (self._axis(one[2]) @ (two[2] - one[2]))
            more = self._depth(two, natural) - self._depth(one, natural) + shorter
            return np.log(weights.sum()) - top, weights @ more / weights.sum()

        found = each(parts, batch, self._flat(p), self._flat(q))
        own, away = np.moveaxis(np.reshape(found, (*batch, 2)), -1, 0)
        return np.maximum(other - own + away, 0.0)

    def _flat(self, prior: Any) -> Iterator[_Flat]:
        """Peak, mean, total and exposure of each row of the batch."""
        d = self.family.dimension
        vectors = (np.reshape(x, (-1, d)) for x in (prior._peak, prior._mean, prior.total))
        return zip(*vectors, np.ravel(prior.exposure), strict=True)

    def _axis(self, total: np.ndarray) -> np.ndarray:
        size = np.linalg.norm(total)
        return total / size if size else np.eye(len(total))[0]

    def _depth(self, row: _Flat, natural: np.ndarray) -> np.ndarray:
        """ν·KL(η̂‖η) of one of `_flat`."""
        peak, mean, _, exposure = row
        return exposure * self.family._kl(peak[None], mean[None], natural)

    def _nodes(self, row: _Flat) -> tuple[np.ndarray, np.ndarray, float]:
        """Lengths r, weights of ∫ exp(−depth)·g, and the lowest depth, left out."""
        d, order = self.family.dimension, self.family._order
        peak, _, total, exposure = row
        axis, size = self._axis(total), np.linalg.norm(total)

        def depth(t: np.ndarray) -> np.ndarray:
            r = np.exp(np.clip(t, -300.0, _LONGEST))
            value = self._depth(row, r[:, None] * axis) - d * t
            value = value - log_scaled_integral(order, (r * size) ** 2)
            return np.where((t <= _LONGEST) & (value == value), value, np.inf)

        start = np.log(np.linalg.norm(peak) + 1 / np.sqrt(exposure))
        t, weights, top = around(depth, start, 1 / np.sqrt(exposure + d))
        if depth(np.array([_LONGEST]))[0] < top + _DEPTH:
            raise unsettled("1e-6")
        return np.exp(t), weights, top
