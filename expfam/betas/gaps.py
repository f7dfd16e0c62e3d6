"""ψ(α₀) − ψ(αᵢ) and ψ′(αᵢ) − ψ′(α₀): differences of polygammas that keep their digits.

A difference is a sum of differences of powers, 1/aⁿ − 1/(a + b)ⁿ: by the recurrence from a to
a + 16, and of the asymptotic series there. Each is b·u·w times a polynomial of u = 1/a and
w = 1/(a + b), all but the small terms of which are positive.
"""

from __future__ import annotations

from expfam.arrays import Array, array_namespace

LARGE = 16.0  # where the asymptotic series begin: the first terms left out are below 1e-17
# ψ(z) = log z − Σ c z⁻ⁿ and ψ′(z) = Σ c z⁻ⁿ, by n (Abramowitz and Stegun 6.3.18, 6.4.12).
DIGAMMA = {
    1: 1 / 2,
    2: 1 / 12,
    4: -1 / 120,
    6: 1 / 252,
    8: -1 / 240,
    10: 1 / 132,
    12: -691 / 32760,
}
_TRIGAMMA = {
    1: 1.0,
    2: 1 / 2,
    3: 1 / 6,
    5: -1 / 30,
    7: 1 / 42,
    9: -1 / 30,
    11: 5 / 66,
    13: -691 / 2730,
}


def others(alpha: Array) -> Array:
    """α₀ − αᵢ, from the other entries where αᵢ is most of α₀."""
    xp = array_namespace(alpha)
    total = xp.sum(alpha, axis=-1, keepdims=True)
    most = alpha > 0.5 * total
    rest = xp.sum(xp.where(most, xp.zeros_like(alpha), alpha), axis=-1, keepdims=True)
    return xp.where(most, rest, total - alpha)


def digamma_gaps(alpha: Array) -> Array:
    """ψ(α₀) − ψ(αᵢ) > 0 of positive (…, K), within a few roundings; of any array library.

    >>> import numpy as np
    >>> digamma_gaps(np.array([1e8, 1e-6]))
    array([1.000000e-14, 1.000019e+06])
    """
    xp = array_namespace(alpha)
    b = others(alpha)
    steps, a = _recurrence(alpha, b, {1: 1.0})
    return steps + xp.log1p(b / a) + _powers(a, b, DIGAMMA)


def trigamma_gaps(alpha: Array) -> Array:
    """ψ′(αᵢ) − ψ′(α₀) > 0 of positive (…, K), within a few roundings; of any array library.

    >>> import numpy as np
    >>> trigamma_gaps(np.array([1e8, 1e-6]))
    array([1.00000001e-22, 1.00000000e+12])
    """
    b = others(alpha)
    steps, a = _recurrence(alpha, b, {2: 1.0})
    return steps + _powers(a, b, _TRIGAMMA)


def _recurrence(a: Array, b: Array, power: dict[int, float]) -> tuple[Array, Array]:
    """Σ 1/(a + k)ⁿ − 1/(a + b + k)ⁿ over k < 16 where a < 16, and a + 16 there."""
    xp = array_namespace(a)
    small = a < LARGE
    start = xp.where(small, a, xp.ones_like(a))
    steps = xp.stack([start + k for k in range(int(LARGE))], axis=-1)
    value = xp.sum(_powers(steps, b[..., None], power), axis=-1)
    return xp.where(small, value, xp.zeros_like(a)), xp.where(small, a + LARGE, a)


def _powers(a: Array, b: Array, coefficients: dict[int, float]) -> Array:
    """Σ c (uⁿ − wⁿ), u = 1/a, w = 1/(a + b): (u − w) Σ c (uⁿ⁻¹ + uⁿ⁻²w + … + wⁿ⁻¹)."""
    u, w = 1 / a, 1 / (a + b)
    inner, last, value = 1.0, 1.0, 0.0
    for n in range(1, max(coefficients) + 1):
        if n in coefficients:
            value = value + coefficients[n] * inner
        last = last * w
        inner = u * inner + last
    return b * u * w * value
