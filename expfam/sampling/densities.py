"""Normal and gamma numbers by rejection, from sums, products, quotients and square roots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from expfam.sampling.bits import Floats, Stream
from expfam.sampling.counts import Places, take, until_accepted

NORMAL_WIDTH = 1.7155277699214135  # √(8/e)


def normals(stream: Stream, size: int) -> Floats:
    """Draw standard normal numbers."""
    return until_accepted(
        size, np.float64, lambda _, length: ratio_of_uniforms(*stream.uniform((2, length)))
    )


def ratio_of_uniforms(u: Floats, v: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return x = √(8/e)(v − ½)/u, and whether u ≤ e^{−x²/4} (Kinderman and Monahan 1977)."""
    x = NORMAL_WIDTH * (v - 0.5) / u
    return x, x * x <= -4 * np.log(u)


def gammas(stream: Stream, size: int, a: Floats, log: bool) -> Floats:
    """Draw gamma numbers of shape a > 0, or their logarithms: x_a = x_{a+1}·u^{1/a} below 1."""
    small = a < 1
    result = _gammas_from_one(stream, size, np.where(small, a + 1, a))
    if not small.any():
        return np.log(result) if log else result
    with np.errstate(over="ignore"):
        boost = np.where(small, np.log(stream.uniform(size)) / a, 0.0)
    return np.log(result) + boost if log else result * np.exp(boost)


def _gammas_from_one(stream: Stream, size: int, a: Floats) -> Floats:
    """Draw d(1 + cx)³ with x normal, for a ≥ 1 (Marsaglia and Tsang 2000)."""
    d = a - 1 / 3
    c = 1 / (3 * np.sqrt(d))

    def attempt(places: Places, length: int) -> tuple[Floats, NDArray[np.bool_]]:
        scale = take(d, places)
        w = take(c, places) * normals(stream, length)
        base = 1 + w
        accepted = (base > 0) & (np.log(stream.uniform(length)) <= gamma_log_ratio(scale, w))
        return scale * base * base * base, accepted

    return until_accepted(size, np.float64, attempt)


def gamma_log_ratio(d: Floats, w: Floats) -> Floats:
    """x²/2 + d − dv + d log v for w = cx, v = (1 + w)³, which is 3d(log(1 + w) − w + w²/2 − w³/3).

    For small w the series; its first term left out is below 1e-9 of the value.
    """
    near = -(w**4) * (1 / 4 - w * (1 / 5 - w * (1 / 6 - w * (1 / 7 - w / 8))))
    far = np.log1p(np.maximum(w, -1 + 2.0**-53)) - w * (1 - w * (1 / 2 - w / 3))
    return 3 * d * np.where(np.abs(w) < 1 / 64, near, far)
