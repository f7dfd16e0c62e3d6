"""Divergences and distances between members of one family, and the geometry behind them.

Each function takes two members of the same family, or batches that broadcast, and gives a float
or an array; all follow from A. Infinite exactly where they are, never NaN, in nats.

>>> from expfam import Poisson, divergences
>>> p, q = Poisson().from_mean(4.0), Poisson().from_mean(9.0)
>>> round(divergences.renyi(p, q, 2.0), 6), round(divergences.fisher_rao(p, q), 6)
(2.777778, 2.0)
"""

from expfam.divergences.bregman import bregman, conjugate_bregman, cross_entropy, jeffreys, kl
from expfam.divergences.centroids import left_centroid, right_centroid, symmetrised_centroid
from expfam.divergences.fisher_rao import fisher_rao
from expfam.divergences.geodesics import e_geodesic, m_geodesic
from expfam.divergences.mixtures import jensen_shannon, total_variation
from expfam.divergences.projections import face_projection, i_projection, m_projection
from expfam.divergences.skew import (
    Chernoff,
    bhattacharyya,
    bhattacharyya_coefficient,
    chernoff,
    hellinger,
    renyi,
)

__all__ = [
    "Chernoff",
    "bhattacharyya",
    "bhattacharyya_coefficient",
    "bregman",
    "chernoff",
    "conjugate_bregman",
    "cross_entropy",
    "e_geodesic",
    "face_projection",
    "fisher_rao",
    "hellinger",
    "i_projection",
    "jeffreys",
    "jensen_shannon",
    "kl",
    "left_centroid",
    "m_geodesic",
    "m_projection",
    "renyi",
    "right_centroid",
    "symmetrised_centroid",
    "total_variation",
]
