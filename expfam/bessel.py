"""Modified Bessel functions of the first kind, as directions in d = 2ν + 2 dimensions need them.

    F(κ) = Γ(ν + 1) (2/κ)^ν I_ν(κ) = ₀F₁(; ν + 1; κ²/4)     the mean of exp(κ cos θ) on the sphere
    ρ(κ) = (log F)′(κ) = I_{ν+1}(κ) / I_ν(κ)                the mean resultant length

Below κ = 30 they are power series of positive terms. From there Debye's uniform expansion (DLMF
10.41.3), for the logarithm and in powers of 1/s with s = √(ν² + κ²), w = (ν/s)²:

    log I_ν(κ) = s − ν log((ν + s)/κ) − ½ log(2πs) + Σ_k D_k(w) s^−k

It holds down to ν = 0, where it is Hankel's. ρ, 1 − ρ and ρ′ are its derivatives, written so that
nothing cancels: every result is good to 1e-13, relative, for κ ≤ 1e18 and ν ≤ 499. Functions take
κ², which is analytic in η where κ = |η| is not. Torch and jax have I₀ and I₁ alone: there ν = 0.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import is_jax_array, is_torch_array

from expfam.arrays import Array, array_namespace, is_foreign
from expfam.factorial import remainder_of_reals

_SERIES_BELOW = 30.0
_TERMS = 16  # of Debye's expansion: at κ = 30 the first one left out is below 1e-17
_STEPS = 5  # of Newton: the fourth is below rounding in all dimensions to 1000
_LOG_2PI = 1.8378770664093454836


class Resultant(NamedTuple):
    """The mean resultant length ρ(κ), and what follows from it."""

    length: Array  # ρ
    gap: Array  # 1 − ρ
    quotient: Array  # ρ/κ, 1/d at κ = 0: the variance across the mean direction
    slope: Array  # ρ′: the variance along it


def log_mean_exponential(order: float, square: Array) -> Array:
    """log F(κ), 0 at κ = 0. Errors: as for `variances`."""
    if is_foreign(square):
        return _elsewhere(order, square)[0]
    return _by_size(
        square,
        lambda x: (np.log1p(_series(order, x)[0]),),
        lambda x: (_debye_logs(order, x)[0],),
    )[0]


def log_scaled_integral(order: float, square: np.ndarray) -> np.ndarray:
    """log ∫ exp(κ(cos θ − 1)) over the sphere, which is log F − κ and the log of its area."""
    log_area = log_sphere_area(order)
    return _by_size(
        square,
        lambda x: (log_area + (np.log1p(_series(order, x)[0]) - x),),
        lambda x: (_debye_logs(order, x)[1],),
    )[0]


def log_sphere_area(order: float) -> float:
    """log of 2 π^{d/2} / Γ(d/2)."""
    return math.log(2) + (order + 1) * math.log(math.pi) - math.lgamma(order + 1)


def resultant(order: float, square: np.ndarray) -> Resultant:
    """ρ(κ), 1 − ρ, ρ/κ and ρ′."""
    return Resultant(
        *_by_size(
            square, lambda x: _resultant_series(order, x), lambda x: _resultant_debye(order, x)
        )
    )


def variances(order: float, square: Array) -> tuple[Array, Array]:
    """ρ/κ and ρ′, the variances of a direction across and along its mean.

    Errors: TypeError for arrays of other libraries than numpy, unless ν = 0 on torch or jax.
    """
    if is_foreign(square):
        return _elsewhere(order, square)[1:]
    found = resultant(order, square)
    return found.quotient, found.slope


def concentration(order: float, length: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """The κ with ρ(κ) = length = 1 − gap: Newton on 1/(1 − ρ), which is nearly a line.

    Source: the start is Banerjee et al. (2005), eq. 4.4; near a line Sra's (2012) step is exact.
    """
    x = length * (2 * order + 2 - length**2) / (gap * (1 + length))
    for _ in range(_STEPS):
        now = resultant(order, x * x)
        short = np.where(length < 0.5, length - now.length, now.gap - gap)
        x = x + short * now.gap / (gap * now.slope)
    return x


def _by_size(square: np.ndarray, below: Any, above: Any) -> list[Any]:
    """The results of two functions of flat κ, each where it holds."""
    flat = np.sqrt(np.asarray(square, dtype=np.float64)).reshape(-1)
    small = flat < _SERIES_BELOW
    if small.all():
        parts = below(flat)
    elif not small.any():
        parts = above(flat)
    else:
        parts = []
        for low, high in zip(below(flat[small]), above(flat[~small]), strict=True):
            part = np.empty(flat.shape)
            part[small], part[~small] = low, high
            parts.append(part)
    return [part.reshape(np.shape(square)) for part in parts]


# ------------------------------------------------------------ power series


def _series(order: float, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """F_ν − 1, F_{ν+1} and Σ tⱼ, with ρ′ = Σ tⱼ / (2(ν + 1) F_ν²).

    ρ′ = (I_ν I_{ν+2} + I_ν I_{ν+1}/κ − I_{ν+1}²) / I_ν² by the series of products (DLMF 10.31.3),
    in which the terms of one power of κ add up to a positive one.
    """
    z = 0.25 * x * x
    first, second, third = np.ones_like(z), np.ones_like(z), np.ones_like(z)
    below, above, turan = np.zeros_like(z), np.ones_like(z), np.ones_like(z)
    k = 0
    while True:
        first = first * (z / ((k + 1) * (order + 1 + k)))
        second = second * (z / ((k + 1) * (order + 2 + k)))
        step = 2 * (2 * order + 2 * k + 1) / ((k + 1) * (order + k + 2) * (2 * order + k + 2))
        third = third * (z * step)
        below, above, turan = below + first, above + second, turan + third
        k += 1
        if not ((third > 1e-17 * turan) | (first > 1e-17 * below)).any():
            return below, above, turan


def _resultant_series(order: float, x: np.ndarray) -> tuple[np.ndarray, ...]:
    below, above, turan = _series(order, x)
    quotient = above / (1 + below) / (2 * (order + 1))
    slope = turan / (1 + below) ** 2 / (2 * (order + 1))
    return x * quotient, 1 - x * quotient, quotient, slope


# ------------------------------------------------------------ Debye's expansion


@cache
def _coefficients() -> np.ndarray:
    """Coefficients of D, pD′ and of what ρ′ needs, (3, k − 1, j) for s^−k w^j, with p² = w.

    By the recurrence of DLMF 10.41.9 for Σ u_k(p) ν^−k, of which the logarithm Σ L_k(p) ν^−k obeys
    L′_{k+1} = (p − 2p³) L′_k + ½ p² (1 − p²) (L″_k + Σ_{i+j=k} L′_i L′_j), L′_1 = (1 − 5p²)/8.
    Here L′_k = p^{k−1} e_k(w) / 8^k, where e_k has integer coefficients.
    """
    e = [np.array([1, -5], dtype=object)]
    for k in range(1, _TERMS):
        inner = e[-1] * (k - 1 + 2 * np.arange(k + 1))
        for i in range(k - 1):
            inner = inner + np.convolve(e[i], e[k - 2 - i])
        rest = 8 * e[-1] + 4 * inner
        e.append(np.append(rest, 0) - np.append([0], 16 * e[-1] + 4 * inner))
    found = np.zeros((3, _TERMS, _TERMS + 2))
    for k in range(1, _TERMS + 1):
        q = e[k - 1]
        powers = k + 2 * np.arange(k + 1)
        found[0, k - 1, : k + 1] = [a / (8**k * int(n)) for a, n in zip(q, powers, strict=True)]
        found[1, k - 1, : k + 1] = [a / 8**k for a in q]
        # (1 − 2w) q + (1 − w) p q′
        slope = np.append(q * (1 + powers), 0) - np.append([0], q * (2 + powers))
        found[2, k - 1, : k + 2] = [a / 8**k for a in slope]
    return found


def _expansion(order: float, x: np.ndarray, *which: int) -> list[np.ndarray]:
    """s, and sums over k and j of coefficients · s^−k w^j."""
    s = np.hypot(order, x)
    w_powers = ((order / s) ** 2)[:, None] ** np.arange(_TERMS + 2)
    s_powers = s[:, None] ** -np.arange(1.0, _TERMS + 1)
    return [s, *(((w_powers @ _coefficients()[i].T) * s_powers).sum(axis=-1) for i in which)]


def _debye_logs(order: float, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log F, and the log of the scaled integral."""
    s, rest = _expansion(order, x, 0)
    half = 0.5 * np.log(s)
    excess = x * x / (s + order)  # s − ν
    root = order * np.log1p(excess / (2 * order)) if order else 0.0
    constant = float(remainder_of_reals(np.asarray(order))) - 0.5 * _LOG_2PI
    log_f = (excess - root) - half + (constant + rest)
    tilt = order * (order / (s + x) + np.log(2 * math.pi / (order + s)))
    return log_f, tilt + 0.5 * np.log(2 * math.pi / s) + rest


def _resultant_debye(order: float, x: np.ndarray) -> tuple[np.ndarray, ...]:
    s, rest, slope_rest = _expansion(order, x, 1, 2)
    lower = (0.5 + rest) / s**2
    quotient = 1 / (order + s) - lower
    gap = (order + order**2 / (s + x)) / (order + s) + x * lower
    slope = order / s / (order + s) + (0.5 - (order / s) ** 2 + slope_rest) / s**2
    return x * quotient, gap, quotient, slope


# ------------------------------------------------------------ other array libraries


def _elsewhere(order: float, square: Array) -> tuple[Array, Array, Array]:
    """log F, ρ/κ and ρ′ for ν = 0 by the library's I₀ and I₁, near κ = 0 by Taylor's series."""
    i0e, i1e = _scaled_bessel(order, square)
    xp = array_namespace(square)
    near = square < 0.004
    z = 0.25 * xp.where(near, square, xp.zeros_like(square))
    log_f = z * (1 - z * (1 / 4 - z * (1 / 9 - z * (11 / 192 - z * (19 / 600)))))
    quotient = 0.5 - z * (1 / 4 - z * (1 / 6 - z * (11 / 96 - z * (19 / 240))))
    slope = quotient - z * (1 / 2 - z * (2 / 3 - z * (11 / 16 - z * (19 / 30))))
    x = xp.sqrt(xp.where(near, xp.ones_like(square), square))
    scaled = i0e(x)
    ratio = i1e(x) / scaled
    return (
        xp.where(near, log_f, xp.log(scaled) + x),
        xp.where(near, quotient, ratio / x),
        xp.where(near, slope, 1 - ratio * ratio - ratio / x),
    )


def _scaled_bessel(order: float, square: Array) -> tuple[Any, Any]:
    """e^−κ I₀(κ) and e^−κ I₁(κ) of torch or jax."""
    if order == 0 and is_jax_array(square):
        import jax.scipy.special

        return jax.scipy.special.i0e, jax.scipy.special.i1e
    if order == 0 and is_torch_array(square):
        import torch

        return torch.special.i0e, torch.special.i1e
    name = array_namespace(square).__name__
    rule = "I of order 0 needs numpy, torch or jax, of other orders numpy"
    raise TypeError(f"bessel: {rule}; order {order:g} came on {name}")
