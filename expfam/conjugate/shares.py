"""Priors of Dirichlet and Beta members, of any number of categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from expfam.conjugate.chain import Tilt, chained
from expfam.conjugate.form import Form
from expfam.conjugate.profile import reaches
from expfam.conjugate.rows import each, unsettled

_FINENESS = 0.5, 0.75, 1.1, 1.7  # of nodes, until two agree
_AGREED = np.array([1e-9, 1e-8])  # of R and a mean: of the finer, to some powers of ten more
_DEPTH = 60.0  # interpolated is where densities are above e⁻⁶⁰ of the largest


class SharesForm(Form):
    """R = log ∫ exp(−ν·KL(α̂‖α)) dα, one integral after the other."""

    def remainder(self, prior: Any) -> np.ndarray:
        tilt = Tilt(0.0, np.zeros(prior._peak.shape[-1]))
        batch = np.shape(prior.exposure)
        value = each(lambda row: _settled(row, tilt)[0], batch, self._rows(prior))
        return np.reshape(value, batch)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """R_q − R_p + E_p (f_q − f_p), f = ν·KL(α̂‖α), where by the law of three points

        f_q − f_p = (ν_q/ν_p − 1)·f_p + ν_q·(KL(α̂_q‖α̂_p) − ⟨α − α̂_p, χ_q/ν_q − χ_p/ν_p⟩).
        """
        other = q._remainder  # before its rows are many
        batch = np.broadcast_shapes(np.shape(p.exposure), np.shape(q.exposure))
        p, q = p._broadcast(batch), q._broadcast(batch)
        slopes = np.ravel((q.exposure - p.exposure) / p.exposure)
        shares = np.reshape(p._away(q), (-1, p._peak.shape[-1])) * -np.ravel(q.exposure)[:, None]
        found = each(_settled, batch, self._rows(p), map(Tilt, slopes, shares))
        value, mean = np.moveaxis(np.reshape(found, (*batch, 2)), -1, 0)
        between = q.exposure * self.family._kl(q._peak, q._mean, p._peak)
        return np.maximum(other - value + between + mean, 0.0)

    def _rows(self, prior: Any) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
        """Peak, mean and exposure of each row of the batch."""
        size = prior._peak.shape[-1]
        vectors = (np.reshape(x, (-1, size)) for x in (prior._peak, prior._mean))
        return zip(*vectors, np.ravel(prior.exposure), strict=True)


def _settled(row: tuple[np.ndarray, np.ndarray, float], tilt: Tilt) -> tuple[float, float]:
    """R and the expectation of the tilt of one prior; categories by size, whatever their names."""
    peak, mean, exposure = row
    order = np.argsort(peak)
    peak, tilt = peak[order], Tilt(tilt.slope, tilt.shares[order])
    ends = reaches(peak, exposure, mean[order], _DEPTH)
    last = np.full(2, np.nan)
    for fineness in _FINENESS if np.isfinite(ends).all() else ():
        found = np.array(chained(peak, exposure, ends, tilt, fineness))
        if (abs(found - last) <= _AGREED * np.maximum(1.0, abs(found))).all():
            return float(found[0]), float(found[1])
        last = found
    raise unsettled(f"{_AGREED[0]:g}")
