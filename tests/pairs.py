"""Pairs of members, and Rényi's divergence as a sum."""

from __future__ import annotations

import numpy as np
from conftest import CASES

from expfam import checks

INF = np.inf
ORDERS = (0.0, 0.25, 0.5, 1.0, 1.5, 3.0)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def members_of(name: str) -> list:
    """Single members of a case, at most three."""
    family, natural = CASES[name]
    proposed = (
        checks._proposed(family, rng()) if natural is None else checks._given(family, natural)
    )
    singles = [p for row in proposed for p in checks._single(family, row)]
    return [p for p in singles if p.family == singles[0].family][:3]


def categories(size: int, seed: int, zeros: bool = False) -> np.ndarray:
    p = rng(seed).dirichlet(np.ones(size))
    if zeros:
        p = np.where(rng(seed + 1).uniform(size=size) < 0.3, 0.0, p)
        p[0] += 1e-3
    return p / p.sum()


def by_sums(a: np.ndarray, b: np.ndarray, order: float) -> float:
    """Rényi's divergence of two vectors of probabilities."""
    with np.errstate(all="ignore"):
        if order == 1:
            return float(np.where(a > 0, a * np.log(a / b), 0.0).sum())
        if order == 0:
            return float(-np.log(b[a > 0].sum()))
        terms = np.where(a > 0, a**order * b ** (1 - order), 0.0)
        return float(np.log(terms.sum()) / (order - 1))
