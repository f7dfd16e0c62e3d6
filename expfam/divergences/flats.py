"""Flat sets of members, η = base + Σ λⱼcⱼ: families of their own, whose natural parameter is λ."""

from __future__ import annotations

from typing import Any

import numpy as np

_LEAST = 1e-13  # eigenvalues of a correlation matrix that rounding could have made are below


class Flat:
    """The members at base + λC to the eyes of `newton.backward`: A(λ) = A(η), with the mean Cμ.

    base: of one member, (d,); directions: C, (k, d). A family of one parameter has d = 1.
    """

    def __init__(self, family: Any, base: np.ndarray, directions: np.ndarray) -> None:
        self.name, self.natural_shape = family.name, (len(directions),)
        self._family, self._base, self._directions = family, base, directions

    def point(self, natural: np.ndarray) -> np.ndarray:
        """η of λ: (…, k) to (…, d)."""
        return self._base + natural @ self._directions

    def _log_partition(self, natural: np.ndarray) -> np.ndarray:
        return self._family._log_partition(self._shaped(self.point(natural)))

    def _natural_to_mean(self, natural: np.ndarray) -> np.ndarray:
        return self._mean(self.point(natural)) @ self._directions.T

    def _fisher_information(self, natural: np.ndarray) -> np.ndarray:
        return self._fisher(self.point(natural))

    def _inside(self, natural: np.ndarray) -> np.ndarray:
        return self._family._inside(self._shaped(self.point(natural)))

    def _mean(self, point: np.ndarray) -> np.ndarray:
        mean = np.asarray(self._family._natural_to_mean(self._shaped(point)))
        return mean if self._family.natural_shape else mean[..., None]

    def _product(self, point: np.ndarray, vector: np.ndarray) -> np.ndarray:
        product = self._family._fisher_product(self._shaped(point), self._shaped(vector))
        return product if self._family.natural_shape else product[..., None]

    def _fisher(self, point: np.ndarray) -> np.ndarray:
        """C ∇²A Cᵀ: (…, k, k)."""
        return self._product(point[..., None, :], self._directions) @ self._directions.T

    def _shaped(self, x: np.ndarray) -> np.ndarray:
        return x if self._family.natural_shape else x[..., 0]


def whitening(family: Any, base: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """W (r, k) for which the statistics W·C·T are uncorrelated and of variance 1 at base.

    Only as many as vary and do not depend on each other: r is their rank.
    """
    matrix = Flat(family, base, directions)._fisher(base)
    deviation = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
    scale = np.where(deviation > 0, deviation, 1.0)
    values, vectors = np.linalg.eigh(matrix / np.multiply.outer(scale, scale))
    kept = values > _LEAST * len(values)
    return (vectors[:, kept] / np.sqrt(values[kept])).T / scale


def lost(family: Any, base: np.ndarray) -> bool:
    """Whether rounding has eaten a dimension at base: of a mean 1e7 deviations from 0, say."""
    free = np.max(family._degrees_of_freedom(base.reshape(family.natural_shape)))
    return not np.any(family._idle) and len(whitening(family, base, np.eye(len(base)))) < free
