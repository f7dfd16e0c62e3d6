"""logsumexp and softmax of a few numbers as floats of Python: one call of numpy takes as long.

None where a result near 0, an infinity or a NaN asks for the care of `kernels`.
"""

from __future__ import annotations

import math

import numpy as np

MOST = 16  # numbers, up to where this is faster


def logsumexp(x: np.ndarray) -> float | None:
    """log Σ exp of a vector, without a shift, where it lies between 1 and 650 in size.

    >>> logsumexp(np.array([0.2, 1.3, -0.5])), logsumexp(np.array([0.0, -40.0]))
    (1.704244344559238, None)
    """
    exponentials = _exponentials(x)
    value = math.log(math.fsum(exponentials)) if exponentials else 0.0
    return value if abs(value) > 1.0 else None


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
    """None of them where exp needs a shift: where all are small, or one is large or no number."""
    numbers = x.tolist()
    return [math.exp(y) for y in numbers] if -1.0 < max(numbers) < 600.0 else []
