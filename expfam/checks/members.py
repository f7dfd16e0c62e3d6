"""What the laws ask of a member: its parameters as plain vectors, draws, its support, short paths.

`differs` is the one comparison of every law.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from expfam.checks.points import TAILS, Support
from expfam.checks.supports import support
from expfam.family import Distribution

EPSILON = float(np.finfo(np.float64).eps)
DRAWS = 4000
_LEAST_NORMAL = float(np.finfo(np.float64).smallest_normal)
_AXES = 4  # a path along each of the first finite axes
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_FEWER_NODES, _FEWER_WEIGHTS = np.polynomial.legendre.leggauss(8)


class Path(NamedTuple):
    """A short segment through η along one axis, with the nodes and weights of an integral."""

    axis: int
    half: float
    nodes: np.ndarray  # 16 + natural shape
    ends: np.ndarray  # 2 + natural shape
    noise: float  # the relative error of an integral, from rounding η at its nodes

    def integral(self, values: Any) -> Any:
        """The integral over the segment of values at the nodes, (16, …)."""
        return self.half * np.tensordot(_WEIGHTS, np.asarray(values, dtype=float), axes=1)


class Member:
    """One member under trial (no batch), where vectors are flat: η, μ, T and Fisher (d, d)."""

    def __init__(self, p: Distribution, seed: int) -> None:
        self.p, self.family, self.seed = p, p.family, seed
        self.eta = np.asarray(p.natural_parameter, dtype=float).reshape(-1)
        self.finite = bool(np.isfinite(self.eta).all())
        self.trials = p.family.trials  # a number: the family is that of one member

    @property
    def where(self) -> str:
        shown = ", ".join(f"{value:.4g}" for value in self.eta[:4])
        return f"{self.family!r} at η = ({shown}{', …' if self.eta.size > 4 else ''})"

    @cached_property
    def mean(self) -> np.ndarray:
        return np.asarray(self.family.natural_to_mean(self.p.natural_parameter)).reshape(-1)

    @cached_property
    def log_partition(self) -> float:
        return self.family.log_partition(self.p.natural_parameter)

    @cached_property
    def fisher(self) -> np.ndarray:
        fisher = self.family.fisher_information(self.p.natural_parameter)
        return np.asarray(fisher, dtype=float).reshape(self.eta.size, self.eta.size)

    @cached_property
    def deviations(self) -> np.ndarray:
        """The standard deviations of T."""
        return np.sqrt(np.maximum(np.diag(self.fisher), 0.0))

    @cached_property
    def draws(self) -> np.ndarray:
        return np.asarray(self.p.sample(DRAWS, rng=self.seed))

    @cached_property
    def support(self) -> Support:
        return support(self.p, self.draws[:64])

    @cached_property
    def log_p(self) -> np.ndarray:
        """log p at the points of the support."""
        return np.asarray(self.p.log_prob(self.support.x))

    @cached_property
    def probability(self) -> np.ndarray:
        """What each point of the support contributes to a sum or an integral."""
        return np.exp(self.log_p + self.support.log_weight)

    @cached_property
    def statistics(self) -> np.ndarray:
        """T at the points of the support, (n, d)."""
        return self.statistic(self.support.x)

    def statistic(self, x: np.ndarray) -> np.ndarray:
        """T of n observations, (n, d)."""
        values = np.asarray(self.family.sufficient_statistic(x), dtype=float)
        return values.reshape(len(x), self.eta.size)

    def expected(self, values: np.ndarray) -> Any:
        """E f by the support, with 0·∞ = 0."""
        values = np.where(self.probability > 0, np.moveaxis(values, 0, -1), 0.0)
        return np.ascontiguousarray(values * self.probability).sum(axis=-1)  # by pairs

    @cached_property
    def noise(self) -> float:
        """The relative error of p(x) that rounding explains."""
        with np.errstate(all="ignore"):
            terms = np.where(self.finite_axes, np.abs(self.eta * self.mean), 0.0).sum()
        size = abs(self.log_partition) if np.isfinite(self.log_partition) else 0.0
        return 1e-13 + 32 * EPSILON * float(size + terms)

    @cached_property
    def finite_axes(self) -> np.ndarray:
        return np.isfinite(self.eta)

    @cached_property
    def paths(self) -> list[Path]:
        """Along each finite axis: a quarter of 1/√Fisher, or less where A is less smooth."""
        return [self._path(int(i)) for i in np.flatnonzero(self.finite_axes)[:_AXES]]

    def _path(self, axis: int) -> Path:
        half = 0.5 * (1 + abs(self.eta[axis]))
        if self.deviations[axis] > 0:
            half = min(half, 0.25 / self.deviations[axis])
        while not self._smooth(axis, half):
            half /= 2
        ends = self._along(axis, [-half, half])
        half = np.ptp(ends.reshape(2, -1)[:, axis]) / 2  # as rounded
        noise = 1e-12 + 4 * EPSILON * abs(self.eta[axis]) / half
        return Path(axis, half, self._along(axis, half * _NODES), ends, noise)

    def _along(self, axis: int, steps: Any) -> np.ndarray:
        """η with steps added to one entry, (n,) + natural shape."""
        direction = np.arange(self.eta.size) == axis
        naturals = self.eta + np.where(direction, np.asarray(steps)[:, None], 0.0)
        return naturals.reshape(len(naturals), *np.shape(self.p.natural_parameter))

    def _smooth(self, axis: int, half: float) -> bool:
        """Whether ∇A is within the domain at twice the distance, and integrates with 8 nodes."""
        if half < EPSILON * (1 + abs(self.eta[axis])):
            return True
        with np.errstate(all="ignore"):
            if not self.family._inside(self._along(axis, [-2 * half, 2 * half])).all():
                return False
            nodes = self._along(axis, half * np.concatenate([_NODES, _FEWER_NODES]))
            slope = np.asarray(self.family.natural_to_mean(nodes)).reshape(24, -1)
            more, fewer = _WEIGHTS @ slope[:16], _FEWER_WEIGHTS @ slope[16:]
            return not (np.abs(more - fewer) > 1e-8 * _WEIGHTS @ np.abs(slope[:16])).any()

    @property
    def unsummed(self) -> bool:
        """Whether a law has asked for the support in vain."""
        return "support" in vars(self) and bool(self.support.missing)

    @property
    def truncated(self) -> bool:
        """Whether double precision cannot hold the draws of this member."""
        return self.support.missing == TAILS

    @cached_property
    def lost(self) -> np.ndarray:
        """Finite axes whose mean has underflowed to 0: no map can bring them back."""
        return self.finite_axes & (self.mean == 0) & (self.deviations == 0)


def differs(what: str, got: Any, wanted: Any, tolerance: Any) -> Iterator[str]:
    """The worst entry of got that is farther than the tolerance from what is wanted, in words."""
    got, wanted = np.asarray(got, dtype=float), np.asarray(wanted, dtype=float)
    if got.shape != wanted.shape:
        yield f"{what} has the shape {got.shape}, not {wanted.shape}"
        return
    # below the normal numbers nothing has digits
    tolerance = np.broadcast_to(np.maximum(tolerance, _LEAST_NORMAL), got.shape)
    with np.errstate(all="ignore"):
        error = np.abs(got - wanted)
        wrong = ~((got == wanted) | (error <= tolerance))
        if not wrong.any():
            return
        excess = np.where(wrong, np.nan_to_num(error / tolerance, nan=np.inf), -1.0)
    worst = np.unravel_index(np.argmax(excess), got.shape)
    yield (
        f"{what} is {got[worst]:.17g}, not {wanted[worst]:.17g} "
        f"(off by {error[worst]:.1e}, allowed {tolerance[worst]:.1e})"
    )
