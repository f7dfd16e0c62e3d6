"""The exponential integral less its decay, e^z E₁(z) = ∫₀^∞ e⁻ᵗ/(z + t) dt."""

from __future__ import annotations

from expfam.arrays import Array, array_namespace, is_foreign

_EULER = 0.57721566490153286061
_TERMS = 24  # of the series: at z = 1 the first one left out is 3e-27
_FAR = 8.0
_LEVELS = 20  # of the fraction, with which it is good to 2⁻⁵³ from 8 on
_MORE_LEVELS = 90  # from 1 on


def scaled_exponential_integral(z: Array) -> Array:
    """e^z E₁(z) of z > 0, to a few roundings: from 8 on by Stieltjes' continued fraction.

    Below by scipy on numpy; elsewhere by the same fraction from 1 on, and by the power series. (The
    E₁ of jax has a loop that hardly ends where numbers above 1 and next to 0 are in one array.)
    """
    xp = array_namespace(z)
    far = z > _FAR
    near = xp.where(far, _FAR, z)
    if is_foreign(z):
        small = near < 1
        between = _fraction(xp.where(small, 1.0, near), _MORE_LEVELS)
        below = xp.where(small, _series(xp.where(small, near, 1.0)), between)
    else:
        from scipy.special import exp1

        below = xp.exp(near) * exp1(near)
    return xp.where(far, _fraction(xp.where(far, z, _FAR), _LEVELS), below)


def _fraction(z: Array, levels: int) -> Array:
    """1/(z + 1 − 1/(z + 3 − 4/(z + 5 − 9/…)))."""
    value = z + (2 * levels + 1)
    for k in range(levels, 0, -1):
        value = z + (2 * k - 1) - k * k / value
    return 1 / value


def _series(z: Array) -> Array:
    """e^z (−γ − log z − Σ (−z)ᵏ/(k·k!))."""
    xp = array_namespace(z)
    term, total = 1.0, 0.0
    for k in range(1, _TERMS + 1):
        term = -term * z / k
        total = total + term / k
    return xp.exp(z) * (-_EULER - xp.log(z) - total)
