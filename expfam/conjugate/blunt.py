"""Priors of half lines whose A is not steep: of a Gaussian, say, cut at one end.

Where T spreads further than in any member, the prior is proper, but its density grows up to the
edge η₂ = 0, so that there is no mode. In the coordinate log(−η₂) there is one, whatever χ/ν is:

    η̂ = argmax ⟨η, χ⟩ − ν·A(η) + log(−η₂),      ν(χ/ν − μ(η̂)) = (0, −1/η̂₂),

from which the height of the prior at any η falls by ν·KL(η̂‖η) + η₂/η̂₂ − 1.
At the edge the density is not 0, and so E μ is not χ/ν (ν·μ − χ is what it falls by): E μ₁ is χ₁/ν,
and E μ₂ is less than χ₂/ν by the integral along the edge, over νZ.
Source: Diaconis and Ylvisaker (1979), Ann. Statist. 7: 269–281, theorems 1 and 2; Barndorff-Nielsen
(1978), section 9.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln

from expfam import newton
from expfam.conjugate.numerical import NumericalForm


class BluntForm(NumericalForm):
    """η₂ < 0, and means up to the convex hull of T."""

    steep = False

    def check(self, mean: np.ndarray) -> None:
        self.family._obey(self.family._within.hull_rules(mean), mean)

    def peak(self, mean: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        rows = mean.reshape(-1, 2), np.ravel(exposure)
        found = [self._peak(*row) for row in zip(*rows, strict=True)]
        return np.reshape(found, mean.shape)

    def _peak(self, mean: np.ndarray, exposure: float) -> np.ndarray:
        start = self.family._initial_natural(mean[None])
        return newton.backward(_Fenced(self.family, exposure), mean[None], start)[0]

    def depth(self, peak: Any, mean: Any, exposure: Any, natural: np.ndarray) -> np.ndarray:
        fall = natural[..., 1] / peak[..., 1] - 1
        return super().depth(peak, mean, exposure, natural) + fall

    def expected(self, prior: Any) -> np.ndarray:
        mean, edge = np.array(prior._mean), self._log_edge(prior)
        mean[..., 1] -= np.exp(edge - prior.log_normalizer) / prior.exposure
        return mean

    def _log_edge(self, prior: Any) -> np.ndarray:
        """log ∫ exp(η₁χ₁ − ν·A(η₁, 0)) dη₁, where A is that of an exponential from the end."""
        base, offset, end = self.family._within.edge
        exposure, total = prior.exposure, prior.total[..., 0]
        rate = np.abs(total - exposure * end)
        plain = -exposure * base - offset * total
        return plain + gammaln(exposure + 1) - (exposure + 1) * np.log(rate)


class _Fenced:
    """A family with log(−η₂)/ν taken from A, to the eyes of `newton`: it is steep at η₂ = 0."""

    natural_shape = (2,)

    def __init__(self, family: Any, exposure: float) -> None:
        self.name, self._family, self._exposure = family.name, family, exposure

    def _log_partition(self, natural: np.ndarray) -> np.ndarray:
        fence = np.log(-natural[..., 1]) / self._exposure
        return self._family._log_partition(natural) - fence

    def _natural_to_mean(self, natural: np.ndarray) -> np.ndarray:
        mean = np.array(self._family._natural_to_mean(natural))
        mean[..., 1] -= 1 / (self._exposure * natural[..., 1])
        return mean

    def _fisher_information(self, natural: np.ndarray) -> np.ndarray:
        fisher = np.array(self._family._fisher_information(natural))
        fisher[..., 1, 1] += 1 / (self._exposure * natural[..., 1] ** 2)
        return fisher

    def _inside(self, natural: np.ndarray) -> np.ndarray:
        return self._family._inside(natural)
