"""Weights αⱼ of finitely many points Tⱼ that have a total: Σ αⱼTⱼ = χ and Σ αⱼ = ν."""

from __future__ import annotations

import numpy as np

from expfam.conjugate.form import vector


def balanced(
    sizes: np.ndarray, points: np.ndarray, total: np.ndarray, exposure: np.ndarray
) -> np.ndarray:
    """Sizes (…, N) that nearly have the total, as ν·p of a peak that was rounded, put right.

    Each changes by a share ⟨λ, T − T_max⟩ of itself, T_max the point of the largest one, which
    takes the rest: near a face χ − νT_max has the digits of what is small beside it.
    total: (…, d); exposure: (…).
    """
    largest = sizes.argmax(axis=-1)[..., None]
    at = points[largest[..., 0]]
    gap = points - at[..., None, :]
    scale = abs(points - points[0]).max(axis=0)
    rest = total - vector(exposure) * at - (sizes[..., None] * gap).sum(axis=-2)
    root = np.sqrt(sizes)
    q, r = np.linalg.qr(root[..., None] * gap / scale)
    shares = np.linalg.solve(np.swapaxes(r, -1, -2), (rest / scale)[..., None])
    more = root * (q @ shares)[..., 0]
    np.put_along_axis(more, largest, -more.sum(axis=-1, keepdims=True), axis=-1)
    return np.asarray(sizes + more)
