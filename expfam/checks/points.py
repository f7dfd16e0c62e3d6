"""Points and weights that stand for a member's support, and which points a family accepts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from expfam.family import ExponentialFamily

TAILS = "double precision cannot hold its tails"
NEGLIGIBLE = 33.0  # nats, 5e-15: what doubles cut off [0, 1] at 1, where a density is finite


class Support(NamedTuple):
    """Points x, n + event shape, and the logs of their weights, n; or the reason there are none."""

    x: np.ndarray
    log_weight: np.ndarray
    missing: str = ""


def no_support(draws: np.ndarray, reason: str) -> Support:
    return Support(draws[:0], np.zeros(0), reason)


def accepted(family: ExponentialFamily, x: np.ndarray) -> np.ndarray:
    """Which of n observations satisfy every rule of the family."""
    inside = np.ones(len(x), dtype=bool)
    for rule in family._observation_rules(x):
        ok = np.asarray(rule.ok)
        inside &= ok.reshape(len(x), -1).all(axis=1)
    return inside
