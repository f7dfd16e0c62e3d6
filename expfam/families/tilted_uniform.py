"""A uniform number U on [0, 1] tilted by exp(tU): its cumulant function K(t) = log((eᵗ − 1)/t).

    K(t) = t/2 + log(sinh(t/2) / (t/2)),  K′(t) = 1/(1 − e⁻ᵗ) − 1/t,  K″(t) = 1/t² − 1/4 sinh²(t/2)

K is A of the ContinuousBernoulli; of the Logarithmic with w = −log(1 − p), log μ = K(w) and
log(w/p) = −K(−w). Within |t| < 1 the removable singularity at 0 is passed by the series in
Bernoulli numbers; beyond, a tilt towards an end c of [0, 1] is told by what is left of ct, so that
nothing cancels.
"""

from __future__ import annotations

from typing import Any

from expfam.arrays import Array, array_namespace

# B₂ₙ/(2n)!, so that K′(t) = ½ + Σ bₙt²ⁿ⁻¹; within |t| < 1 the first term left out of K″ is 1e-18.
_BERNOULLI = (
    0.083333333333333333333,
    -0.0013888888888888888889,
    0.000033068783068783068783,
    -8.2671957671957671958e-7,
    2.0876756987868098979e-8,
    -5.2841901386874931848e-10,
    1.3382536530684678833e-11,
    -3.3896802963225828668e-13,
    8.5860620562778445641e-15,
    -2.174868698558061873e-16,
    5.5090028283602295152e-18,
    -1.3954464685812523341e-19,
)
_ODD = [2 * n + 1 for n in range(len(_BERNOULLI))]
_CUMULANT = [b / (odd + 1) for b, odd in zip(_BERNOULLI, _ODD, strict=True)]
_CURVATURE = [b * odd for b, odd in zip(_BERNOULLI, _ODD, strict=True)]


def cumulant(t: Array) -> Array:
    """K(t) = log E exp(tU)."""
    end, rest = cumulant_from_end(t)
    return t * end + rest


def cumulant_from_end(t: Array) -> tuple[Array, Array]:
    """The end c that t tilts to (½ within |t| < 1, else 0 or 1), and K(t) − ct ≤ 0 beyond."""
    xp = array_namespace(t)
    near, small, size = _parts(t, xp)
    end = xp.where(near, 0.5, xp.astype(t > 0, t.dtype))
    square = small * small
    far = xp.log(-xp.expm1(-size)) - xp.log(size)
    return end, xp.where(near, square * _polynomial(_CUMULANT, square), far)


def slope_from_end(t: Array) -> Array:
    """K′(t) − c, how far the mean of the tilted U is from the end c of `cumulant_from_end`."""
    xp = array_namespace(t)
    near, small, size = _parts(t, xp)
    gap = 1 / size + xp.exp(-size) / xp.expm1(-size)
    return xp.where(
        near, small * _polynomial(_BERNOULLI, small * small), xp.where(t > 0, -gap, gap)
    )


def curvature(t: Array) -> Array:
    """K″(t), the variance of the tilted U."""
    xp = array_namespace(t)
    near, small, size = _parts(t, xp)
    far = 1 / size**2 - xp.exp(-size) / xp.expm1(-size) ** 2
    return xp.where(near, _polynomial(_CURVATURE, small * small), far)


def _parts(t: Array, xp: Any) -> tuple[Array, Array, Array]:
    """Whether the series holds; t for it (0 elsewhere); |t| for the rest (1 elsewhere)."""
    near = xp.abs(t) < 1
    return near, xp.where(near, t, 0.0), xp.where(near, 1.0, xp.abs(t))


def _polynomial(coefficients: Any, y: Array) -> Array:
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * y + coefficient
    return value
