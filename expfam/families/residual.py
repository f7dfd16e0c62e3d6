"""What a linear map leaves of a vector, to the last digits."""

from __future__ import annotations

import numpy as np

from expfam import pairs


def residual(total: np.ndarray, matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """total − matrix·vector of (…, d), with no rounding but that of the result."""
    high, low = pairs.two_product(*np.broadcast_arrays(matrix, vector[..., None, :]))
    whole = np.broadcast_to(total, high.shape[:-1])
    terms = np.concatenate([whole[..., None], -high], axis=-1)
    value, error = pairs.row_sum(terms.reshape(-1, terms.shape[-1]))
    return (value + error).reshape(whole.shape) - low.sum(axis=-1)
