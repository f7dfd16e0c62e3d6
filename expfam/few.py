"""logsumexp and softmax of a few numbers, added by Python: one call of numpy takes as long.

The same bits as from `kernels`; None where an infinity, a NaN, a result near 0 or one that needs a
shift asks for the care that is taken there.
"""

from __future__ import annotations

import math

import numpy as np

MOST = 16  # numbers, up to where lists are much faster than arrays


def logsumexp(x: np.ndarray) -> float | None:
    """log Σ exp of a vector, without a shift, where it is above 1.

    >>> logsumexp(np.array([0.2, 1.3, -0.5])), logsumexp(np.array([0.0, -40.0]))
    (1.704244344559238, None)
    """
    exponentials = _exponentials(x)
    value = np.log(math.fsum(exponentials)) if exponentials else 0.0  # Python's log has other bits
    return float(value) if value > 1.0 else None


def softmax(x: np.ndarray) -> np.ndarray | None:
    """exp / Σ exp of a vector.

    >>> softmax(np.array([0.2, 1.3, -0.5]))
    array([0.22218513, 0.66748101, 0.11033387])
    """
    exponentials = _exponentials(x)
    if not exponentials:
        return None
    total = math.fsum(exponentials)
    return np.array([e / total for e in exponentials], x.dtype)


def _exponentials(x: np.ndarray) -> list[float]:
    """None of them where all are small or one is too large for float64."""
    numbers = x.tolist()
    if -1.0 < max(numbers) < 600.0 and min(numbers) > -700.0:
        return np.exp(x.astype(np.float64, copy=False)).tolist()
    return []
