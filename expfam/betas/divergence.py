"""The Bregman divergence of log B, which is the KL of two Dirichlet members. Numpy alone.

A Dirichlet is a tree of betas: the share of the left half of the entries in the whole, then of the
left quarter in that half, and so on, all independent. Their divergences add up, none negative, so
that only that of two entries is to be had without cancellation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from expfam import pairs
from expfam.betas.densities import stirling_rest
from expfam.betas.gaps import DIGAMMA, LARGE
from expfam.deviances import deviance_of_difference
from expfam.gammas import digamma
from expfam.pairs import Pair
from expfam.saddlepoint import scaled_phi

_STEPS = np.arange(LARGE)
# Stirling's series but for its first term 1/12z: coefficients of z⁻ⁿ, by n.
_SERIES = {3: -1 / 360, 5: 1 / 1260, 7: -1 / 1680, 9: 1 / 1188, 11: -691 / 360360}


def divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """log B(q) − log B(p) − ⟨q − p, ∇log B(p)⟩ ≥ 0 of positive (…, K), broadcast.

    >>> round(1e9 * divergence(np.array([1e8, 1e8]), np.array([1e8, 1e8 + 1])).item(), 9)
    2.500000006
    """
    p, q = np.broadcast_arrays(p, q)
    shape = p.shape
    p, q = p.reshape(-1, shape[-1]), q.reshape(-1, shape[-1])
    zero = np.zeros_like(p)
    sums = (p, zero), (q, zero), pairs.two_difference(q, p)  # from, to, and how far
    value = np.zeros(len(p))
    while sums[0][0].shape[1] > 1:
        half = sums[0][0].shape[1] // 2
        left, right, rest = (
            [_columns(v, part) for v in sums]
            for part in (slice(half), slice(half, 2 * half), slice(2 * half, None))
        )
        value = value + _of_two(left, right).sum(axis=1)
        sums = tuple(  # type: ignore[assignment]
            _joined(pairs.add(a, b), c) for a, b, c in zip(left, right, rest, strict=True)
        )
    return value.reshape(shape[:-1])


def _columns(v: Pair, part: slice) -> Pair:
    return v[0][:, part], v[1][:, part]


def _joined(a: Pair, b: Pair) -> Pair:
    return np.concatenate([a[0], b[0]], axis=1), np.concatenate([a[1], b[1]], axis=1)


class Step(NamedTuple):
    """A way from a to b = a + d, each as known best."""

    a: np.ndarray
    b: np.ndarray
    d: np.ndarray

    def plus(self, shift: float | np.ndarray) -> Step:
        return Step(self.a + shift, self.b + shift, self.d)

    @property
    def steps(self) -> Step:
        """The 16 of the recurrence, along a last axis."""
        return Step(self.a[..., None] + _STEPS, self.b[..., None] + _STEPS, self.d[..., None])

    @property
    def small(self) -> np.ndarray:
        """Where it begins or ends below the reach of Stirling's series."""
        return np.minimum(self.a, self.b) < LARGE

    @property
    def deviance(self) -> np.ndarray:
        return deviance_of_difference(self.b, self.a, self.d)


def _of_two(left: list[Pair], right: list[Pair]) -> np.ndarray:
    """G(a → a′) + G(b → b′) − G(a + b → a′ + b′), G the Bregman divergence of log Γ.

    Let a ≥ b. The recurrence takes a and a + b to 16 or beyond, and there Stirling's formula splits
    G into deviances, which combine to D(a′, ca) + D(b′, cb), c = (a′ + b′)/(a + b), and a rest.
    Of each, G(a) − G(a + b) is a difference of φ(x) = x − log(1 + x) at nearby places.
    """
    swap = left[0][0] < right[0][0]
    a, b = (
        [
            (np.where(swap, v[0], u[0]), np.where(swap, v[1], u[1]))
            for u, v in zip(*sides, strict=True)
        ]
        for sides in ((left, right), (right, left))
    )
    cross = pairs.subtract(product(a[2], b[0]), product(b[2], a[0]))[0]  # a′b − b′a
    whole = Step(*(pairs.add(u, v)[0] for u, v in zip(a, b, strict=True)))
    more, less = Step(*(v[0] for v in a)), Step(*(v[0] for v in b))
    shears = cross[..., None] - _STEPS * less.d[..., None]
    recurrence = _phi_gap(more.steps, whole.steps, shears).sum(axis=-1)
    value = np.where(more.small, recurrence, 0.0)
    shift = np.where(more.small, LARGE, 0.0)
    cross, more, whole = cross - shift * less.d, more.plus(shift), whole.plus(shift)
    scale, gap = whole.b / whole.a, cross / whole.a
    value = value + deviance_of_difference(more.b, scale * more.a, gap)
    value = value + deviance_of_difference(less.b, scale * less.a, -gap)
    value = value + 0.5 * _phi_gap(more, whole, cross) + _series_gap(more, less, whole, gap)
    return np.maximum(value + without_deviance(less), 0.0)


def product(a: Pair, b: Pair) -> Pair:
    high, low = pairs.two_product(a[0], b[0])
    return high, low + a[0] * b[1] + a[1] * b[0]


def _phi(x: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """x − log(1 + x), 1 + x = ratio."""
    log = np.where(x < -0.5, np.log(ratio), np.log1p(np.maximum(x, -0.5)))
    return scaled_phi(1.0, 1 + x, log, np)


def _phi_gap(more: Step, whole: Step, cross: np.ndarray) -> np.ndarray:
    """φ(x) − φ(y) of the relative steps of both, with x − y = τ: τy/(1 + y) + φ(τ/(1 + y))."""
    ratio = (more.b / more.a) / (whole.b / whole.a)
    shear = cross / more.a / whole.a * (whole.d / whole.b)
    return shear + _phi(cross / more.a / whole.b, ratio)


def _series_gap(more: Step, less: Step, whole: Step, gap: np.ndarray) -> np.ndarray:
    """The Bregman divergence of Stirling's series of one less that of the other."""
    t, s = more.d / more.a, whole.d / whole.a
    first = gap / more.a * (t + s) / more.b + s * s * less.b / more.b / whole.b
    return first / 12 + _series(more) - _series(whole)


def _series(step: Step) -> np.ndarray:
    """The same of the terms from z⁻³ on; of z⁻ⁿ it is t² S(n), S(n) = Σ (n + 1 − m) uⁿ⁻ᵐ wᵐ.

    u = 1/a, w = 1/b, t = d/a, m = 1 … n; S(n) is u·S(n − 1) + Σ uⁿ⁻ᵐ wᵐ.
    """
    u, w, t = 1 / step.a, 1 / step.b, step.d / step.a
    value, weighted, plain, last = (np.full_like(u, c) for c in (0.0, 0.0, 0.0, 1.0))
    for n in range(1, max(_SERIES) + 1):
        last = last * w
        plain = u * plain + last
        weighted = u * weighted + plain
        if n in _SERIES:
            value = value + _SERIES[n] * weighted
    return t * t * value


def without_deviance(step: Step) -> np.ndarray:
    """G − D(b, a): the Bregman divergence of s(z) = log Γ(z) − z log z + z."""
    above = step.plus(np.where(step.small, LARGE, 0.0))
    recurrence = _relative(step.steps).sum(axis=-1) + above.deviance - step.deviance
    first = (above.d / above.a) ** 2 / above.b / 12
    near = np.where(step.small, recurrence, 0.0) + 0.5 * _relative(above) + first + _series(above)
    # Far apart the two deviances may be large and nearly equal; there s itself will do.
    direct = stirling_rest(step.b) - stirling_rest(step.a) - step.d * _slope(step.a)
    far = step.small & (abs(step.d) > 0.5 * np.minimum(step.a, step.b))
    return np.where(far, direct, near)


def _relative(step: Step) -> np.ndarray:
    return _phi(step.d / step.a, step.b / step.a)


def _slope(a: np.ndarray) -> np.ndarray:
    """s′(a) = ψ(a) − log a."""
    large = np.maximum(a, LARGE)
    series = sum(c / large**n for n, c in DIGAMMA.items())
    return np.where(a < LARGE, digamma(a) - np.log(a), -series)
