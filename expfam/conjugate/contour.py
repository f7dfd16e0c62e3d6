"""Priors on finitely many points as integrals over what the points leave open, not over η.

With a row of ones under the statistic, T̃ = (T; 1), and c = (χ, ν), Γ(ν)·Z is an integral over
θ ∈ R^{d+1} of ∏ exp(αⱼyⱼ − wⱼ exp yⱼ), yⱼ = ⟨θ, T̃ⱼ⟩, with weights w = h of the points and any α > 0
that has T̃α = c. The Fourier transform of each factor is a Γ, and so Parseval's equation gives

    Z = 1/((2π)^m Γ(ν) √det T̃T̃ᵀ) ∫ ∏ Γ(αⱼ − iωⱼ) wⱼ^{iωⱼ − αⱼ} dz,     ω = Bz,

B an orthonormal basis of all ω with T̃ω = 0: with N points an integral over m = N − d − 1 numbers,
however many parameters there are. Without any, it is Dirichlet's law.

Source: Gelfand, Kapranov and Zelevinsky (1990), Adv. Math. 84: 255–271, on such integrals; with one
number they are those of Mellin and Barnes.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import qr
from scipy.special import loggamma, psi

from expfam.conjugate.directed import Directed
from expfam.conjugate.form import vector
from expfam.conjugate.lattice import summed
from expfam.conjugate.points import balanced
from expfam.conjugate.remainders import remainder
from expfam.conjugate.rows import each, unsettled
from expfam.special import deviance, digamma, log_softmax, logsumexp, trigamma

_LARGE = 16.0  # where the asymptotic series begin
_SERIES = 1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156
_LEAST = 1e-32  # of ν: smaller weights are lost in Σ αⱼTⱼ, whatever they are
_SMALL = 1e-140  # of α, whose square is needed
_NEWTON, _STATIONARY = 400, 1e-5  # steps at most, and the last one, of a width
_DEPTH = 45.0  # an integral ends where what is beyond is e⁻⁴⁵ of the peak
_ENDS = 2.0 ** np.arange(1, 1020)
_COUNTS = 64 * 2 ** np.arange(11)
_AGREED = 1e-11  # of every other node and of all, which are better: parts settle one by one
_CANCELLED = 1e-3  # of the sum of sizes: below, the sum has lost too much


class _Way(NamedTuple):
    """Where the integral of one prior of the batch goes."""

    start: np.ndarray  # ν·p of the distinct points at the peak, but none below `_LEAST`, (N,)
    lift: np.ndarray  # log(start/νp)
    alpha: np.ndarray  # where the integrand is stationary
    axes: np.ndarray  # (N, m): B in units of the integrand's widths
    volume: float  # of these units, its log

    @property
    def shift(self) -> np.ndarray:
        """log(α/νp)."""
        return np.log(self.alpha / self.start) + self.lift


class ContourForm(Directed):
    """R = Σ ρ(αⱼ) + D(αⱼ, νpⱼ) − ρ(ν) and the log of what is left: the integral beside its peak."""

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        statistic = family.statistic.astype(float)
        self._rows, self._place = np.unique(statistic, axis=0, return_inverse=True)
        self.order = len(self._rows) - self.size - 1  # m, how many numbers the integral is over

    @cached_property
    def _basis_and_volume(self) -> tuple[np.ndarray, float]:
        """B, and log √det T̃T̃ᵀ of rows less the first: where they are far from 0, they lie close."""
        gap = self._rows - self._rows[0]
        scale = abs(gap).max(axis=0)
        basis, sizes, _ = np.linalg.svd(np.column_stack([gap / scale, np.ones(len(gap))]))
        return basis[:, len(sizes) :], float(np.log(sizes).sum() + np.log(scale).sum())

    def remainder(self, prior: Any) -> np.ndarray:
        batch = np.shape(prior.exposure)
        value = each(self._remainder, batch, self._ways(prior))
        return np.reshape(value, batch) - remainder(prior.exposure)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        """R_q − R_p − ⟨E_p (θ − θ̂), Δc⟩ + (ψ(ν) − log ν)Δν + ν_q·KL(η̂_q‖η̂_p), Δc = c_q − c_p.

        ⟨E_p (θ − θ̂), T̃ⱼ⟩ is the mean of ψ(αⱼ − iωⱼ) under the integrand less log νpⱼ.
        """
        change = self.change(q, p)  # before rows are many
        batch = np.broadcast_shapes(np.shape(p.exposure), np.shape(q.exposure))
        p, q = p._broadcast(batch), q._broadcast(batch)
        more = self._sizes(q) - self._sizes(p)
        slopes = np.reshape(each(self._slope, batch, self._ways(p)), more.shape)
        moved = (slopes * more).sum(axis=-1)
        log_gap = digamma(p.exposure) - np.log(p.exposure)
        away = q.exposure * self.family._kl(q._peak, q._mean, p._peak)
        away = away + log_gap * (q.exposure - p.exposure) - moved
        return np.maximum(change + away, 0.0)

    def _sizes(self, prior: Any) -> np.ndarray:
        """αⱼ at the peak, batch + (N,): ν·p of the distinct points."""
        return self._balanced(prior, np.exp(self._log_sizes(prior)))

    def _balanced(self, prior: Any, sizes: np.ndarray) -> np.ndarray:
        return balanced(sizes, self._rows, prior.total, prior.exposure)

    def _log_sizes(self, prior: Any) -> np.ndarray:
        log_p = log_softmax(self.family._exponents(prior._peak))
        same = np.where(np.eye(len(self._rows))[self._place.ravel()] > 0, 0.0, -np.inf)
        log_p = logsumexp(log_p[..., None] + same, axis=-2)
        return np.asarray(vector(np.log(prior.exposure)) + log_p)

    def _ways(self, prior: Any) -> list[_Way]:
        peak = self._log_sizes(prior)
        floor = np.maximum(peak, vector(np.log(_LEAST * prior.exposure)))
        start = np.exp(floor)
        alpha = self._balanced(prior, start)
        rows = (x.reshape(-1, x.shape[-1]) for x in (alpha, start, floor - peak))
        return each(self._way, np.shape(prior.exposure), *rows)

    def _way(self, alpha: np.ndarray, start: np.ndarray, lift: np.ndarray) -> _Way:
        """Through the minimum of log |integrand| over real α, by damped steps of Newton."""
        if not (alpha > _SMALL).all():
            raise unsettled(f"{_AGREED:g}")
        basis, _ = self._basis_and_volume
        way = _Way(start, lift, alpha, basis, 0.0)
        if not self.order:
            return way
        for _ in range(_NEWTON):
            axes, volume = _axes(basis, np.sqrt(trigamma(way.alpha)))
            step = axes.T @ (_remainder_slope(way.alpha, np.log(way.alpha)) + way.shift)
            size = np.sqrt(step @ step)
            alpha = way.alpha - axes @ step / (1 + size * (size > 0.1))
            way = _Way(start, lift, alpha, axes, volume)
            if size < _STATIONARY:
                return way
        raise unsettled(f"{_AGREED:g}")

    def _remainder(self, way: _Way) -> float:
        _, weights = self._rule(way)
        value = (remainder(way.alpha) + deviance(way.alpha, way.start) + way.alpha * way.lift).sum()
        constant = self._basis_and_volume[1] + self.order * np.log(2 * np.pi)
        return float(value + way.volume - constant + np.log(weights.sum().real))

    def _slope(self, way: _Way) -> np.ndarray:
        """Means of ψ(α − iω) less log νp, (N,)."""
        points, weights = self._rule(way)
        s, log_ratio = _turned(points @ way.axes.T, way.alpha)
        means = weights @ (_remainder_slope(s, np.log(way.alpha) + log_ratio) + log_ratio)
        return (means / weights.sum().real).real + way.shift

    def _rule(self, way: _Way) -> tuple[np.ndarray, np.ndarray]:
        """Points (P, m) and complex weights, whose sums have the integrals as real parts."""
        shift, least = way.shift, remainder(way.alpha)

        def depth(points: np.ndarray) -> np.ndarray:
            omega = points @ way.axes.T
            s, log_ratio = _turned(omega, way.alpha)
            u = omega / way.alpha
            bent = log_ratio.real + u * log_ratio.imag  # of (s/α) log(s/α) + iω/α
            turned = log_ratio.imag - u * log_ratio.real + u
            rest = _complex_remainder(s, np.log(way.alpha) + log_ratio) - least
            rest = rest + way.alpha * (bent + 1j * turned) - 1j * omega * shift
            return -rest.sum(axis=1)

        if self.order == 0:
            return np.zeros((1, 0)), np.ones(1, complex)
        points, weights = _line(depth) if self.order == 1 else summed(depth, self.order)
        if not weights.sum().real > _CANCELLED * abs(weights).sum():
            raise unsettled(f"{_AGREED:g}")
        return points, weights


def _axes(basis: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, float]:
    """B in units of the widths and log of their volume: those of scale·axes are orthonormal.

    Rows of large scale come first, as QR keeps the digits of small ones then.
    Source: Cox and Higham (1998), BIT 38: 34–50.
    """
    order = np.argsort(-scale)
    q, r, _ = qr((scale[:, None] * basis)[order], mode="economic", pivoting=True)
    axes = np.empty_like(basis)
    axes[order] = q
    return axes / scale[:, None], -float(np.log(abs(np.diagonal(r))).sum())


def _line(depth: Any) -> tuple[np.ndarray, np.ndarray]:
    """∫ exp(−depth) over a line: the trapezoidal rule in t of sinh t, for all scales of α.

    On −z the integrand is the conjugate of that on z.
    """
    near = depth(_ENDS[:, None]).real - np.log(_ENDS) < _DEPTH  # in t, where 1/z is no decay
    end = np.arcsinh(2 * _ENDS[near].max(initial=1.0))
    for count in _COUNTS:
        t = np.linspace(0.0, end, count + 1)
        weights = 2 * end / count * np.cosh(t) * np.exp(-depth(np.sinh(t)[:, None]))
        weights[0] /= 2
        half = 2 * weights[::2].sum().real
        if abs(half / weights.sum().real - 1) <= _AGREED:
            return np.sinh(t)[:, None], weights
    raise unsettled(f"{_AGREED:g}")


def _turned(omega: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """s = α − iω and log(s/α), both parts of which keep their digits."""
    u = omega / alpha
    small = np.minimum(abs(u), 1.0)
    size = np.where(abs(u) < 1, 0.5 * np.log1p(small * small), np.log(np.hypot(1.0, u)))
    return alpha - 1j * omega, size - 1j * np.arctan(u)


def _complex_remainder(s: np.ndarray, log_s: np.ndarray) -> np.ndarray:
    """ρ(s) = log Γ(s) − s log s + s."""
    large = abs(s) >= _LARGE
    near = np.where(large, _LARGE, s)
    w = 1 / np.where(large, s, _LARGE)
    series = np.zeros_like(w)
    for c in reversed(_SERIES):
        series = series * w * w + c
    far = 0.5 * np.log(2 * np.pi) - 0.5 * log_s + series * w
    return np.where(large, far, loggamma(near) - near * log_s + near)


def _remainder_slope(s: np.ndarray, log_s: np.ndarray) -> np.ndarray:
    """ρ′(s) = ψ(s) − log s."""
    large = abs(s) >= _LARGE
    near = np.where(large, _LARGE, s)
    w = 1 / np.where(large, s, _LARGE)
    series = np.zeros_like(w)
    for k, c in reversed(list(enumerate(_SERIES))):
        series = series * w * w - (2 * k + 1) * c
    return np.where(large, -0.5 * w + series * w * w, psi(near) - log_s)
