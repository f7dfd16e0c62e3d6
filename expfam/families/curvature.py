"""KL of close members by the integral of the curvature of A, in which nothing cancels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from expfam.arrays import Array

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PLACES = ((1 + _NODES) / 2).tolist()
_REST = (_WEIGHTS / 2 * (1 - _NODES) / 2).tolist()


def close_divergence(fisher: Callable[[Array], Array], p: Array, q: Array) -> Array:
    """A(q) − A(p) − (q − p)·A′(p) = (q − p)²·∫₀¹ (1 − s) A″(p + s(q − p)) ds, of one parameter.

    By Gauss and Legendre's rule of 16 nodes: good to rounding where A″ has no singularity within
    twice |q − p|/2 of the middle of p and q, and grows by less than a few times between them.
    """
    gap = q - p
    terms = (rest * fisher(p + place * gap) for place, rest in zip(_PLACES, _REST, strict=True))
    return gap * gap * sum(terms)
