"""Priors whose log Z is an integral around a peak, which may have to be simulated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from expfam.conjugate.form import WHO, Form
from expfam.conjugate.integrals import root_of
from expfam.conjugate.lines import Lines, Values, lines, require_many, standard_error
from expfam.conjugate.planes import Plane
from expfam.conjugate.rows import Unsettled, each
from expfam.saddlepoint import scaled_phi

Tilt = Callable[[np.ndarray, np.ndarray], np.ndarray]

BOUND = 10.0  # of g = log π_q/π_p at nodes of p, which leave out e⁻²⁷ of it or less


class Depth(NamedTuple):
    """How far the height of a prior falls from its peak, as a function of points η (N, size)."""

    form: Form
    peak: np.ndarray  # natural shape
    mean: np.ndarray
    exposure: float

    def __call__(self, points: np.ndarray) -> np.ndarray:
        value, inside = np.full(len(points), np.inf), self.inside(points)
        natural = self._natural(points[inside])
        found = self.form.depth(self.peak[None], self.mean[None], self.exposure, natural)
        value[inside] = np.where(found == found, found, np.inf)
        return value

    def inside(self, points: np.ndarray) -> np.ndarray:
        """Whether there are members."""
        return np.asarray(self.form.family._inside(self._natural(points)))

    def slope(self, points: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
        """Along one parameter of members, ν(μ − μ̂), and its slope, by Fisher information."""
        natural = self._natural(points)
        slope = self.form.family._natural_to_mean(natural) - self.mean
        bend = self.form.family._fisher_information(natural)
        return self.exposure * slope[:, axis], self.exposure * bend[:, axis, axis]

    def _natural(self, points: np.ndarray) -> np.ndarray:
        return points.reshape(len(points), *np.shape(self.peak))


class Around(NamedTuple):
    """What surrounds one peak."""

    peak: np.ndarray  # (size,)
    root: np.ndarray  # of the covariance there
    depth: Depth

    def lines(self, count: int, source: Any, *values: Values) -> Lines:
        return lines(self.height, len(self.peak), count, source, *values)

    def height(self, z: np.ndarray) -> np.ndarray:
        """The depth in units z of the widths."""
        return self.depth(self.points(z))

    @property
    def plane(self) -> Plane:
        """Of two numbers, the second of which moves one parameter alone."""
        axis = int(self.root[0, 1] == 0)
        slant, width = self.root[axis]

        def slope(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            slope, bend = self.depth.slope(self.points(z), axis)
            return slope * width, bend * width**2

        return Plane(
            self.height, slope, lambda z: self.depth.inside(self.points(z)), -slant / width
        )

    def points(self, z: np.ndarray) -> np.ndarray:
        return self.peak + z @ self.root.T

    @property
    def log_volume(self) -> float:
        """Of these units."""
        return float(np.linalg.slogdet(self.root)[1])

    def integral(self, seen: Lines) -> tuple[float, float]:
        """R and its standard error."""
        value = seen.log_integral(len(self.peak)) + self.log_volume
        return value, standard_error(seen.shares())


class Directed(Form):
    """log Z as an integral around a peak, which may have to be simulated."""

    exact = False

    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.size = math.prod(family.natural_shape)

    def simulate(self, prior: Any, directions: int, source: Any) -> tuple[np.ndarray, np.ndarray]:
        """R and its standard error, of as many lines: batch shapes."""
        self._require_finite(prior)
        batch = np.shape(prior.exposure)
        found = each(
            lambda row: row.integral(row.lines(directions, source)), batch, self._around(prior)
        )
        return _columns(found, batch)

    def simulate_kl(
        self, p: Any, q: Any, directions: int, source: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """∫ π_p log π_p/π_q dη and its standard error: batch shapes.

        With g = log π_q/π_p + c it is log E_p eᵍ − E_p g, in which nothing cancels where g is
        small; elsewhere R_q − R_p + ν_q·KL(η̂_q‖η̂_p) − E_p g, of the c by which g is 0 at η̂_p.
        """
        self._require_finite(p)
        batch = np.broadcast_shapes(np.shape(p.exposure), np.shape(q.exposure))
        p, q = p._broadcast(batch), q._broadcast(batch)
        apart = np.ravel(q._depth(p._peak))

        def found(one: Around, two: Around, tilt: Tilt, between: float) -> tuple[float, float]:
            seen = one.lines(directions, source, _with_excess(tilt))
            if _is_near(seen):
                return _near(seen)
            other, error = two.integral(two.lines(directions, source))
            return _far(seen, other - one.integral(seen)[0] + between, error)

        rows = self._around(p), self._around(q), self.tilts(p, q), apart
        return _columns(each(found, batch, *rows), batch)

    def tilts(self, p: Any, q: Any) -> Iterator[Tilt]:
        """Of each row of the batch g, as a function of z and the depth f_p.

        By the law of three points g = ν_q⟨η − η̂_p, χ_q/ν_q − χ_p/ν_p⟩ − (ν_q/ν_p − 1)·f_p, with
        f = ν·KL(η̂‖η).
        """
        slopes = np.reshape(q._beside(q.exposure) * p._away(q), (-1, self.size))
        growths = np.ravel((q.exposure - p.exposure) / p.exposure)
        for slope, growth, (_, root) in zip(slopes, growths, self.peaks(p), strict=True):
            yield partial(_tilt, slope @ root, growth)

    def _around(self, prior: Any) -> list[Around]:
        """Of each row of the batch."""
        rows = zip(self.peaks(prior), self.depths(prior), strict=True)
        return [Around(*peak, depth) for peak, depth in rows]

    def peaks(self, prior: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each row of the batch the peak, (size,), and a root of the covariance there."""
        fisher = self.family._fisher_information(np.asarray(prior._peak))
        fisher = np.reshape(fisher, (-1, self.size, self.size))
        peaks, exposures = np.reshape(prior._peak, (-1, self.size)), np.ravel(prior.exposure)
        roots = [self._root(n * matrix) for n, matrix in zip(exposures, fisher, strict=True)]
        return list(zip(peaks, roots, strict=True))

    def _root(self, information: np.ndarray) -> np.ndarray:
        """Of the covariance, lower triangular: the last number moves the last parameter alone."""
        return root_of(information)

    def depths(self, prior: Any) -> Iterator[Depth]:
        """Of each row of the batch."""
        size = self.family.natural_shape
        vectors = (np.reshape(x, (-1, *size)) for x in (prior._peak, prior._mean))
        for peak, mean, exposure in zip(*vectors, np.ravel(prior.exposure), strict=True):
            yield Depth(self, peak, mean, exposure)

    def _require_finite(self, prior: Any) -> None:
        """An error where Z is infinite, or not that of the family's members."""
        if np.any(self.family._degrees_of_freedom(prior._peak) < self.size):
            raise ValueError(
                f"{WHO}: natural parameters must be minimal, or Z is infinite; {self.family} has "
                "one member for many: leave out statistics that follow from others"
            )


class EitherForm(Directed):
    """Two ways to the same integral: where the first does not settle, the second."""

    def __init__(self, first: Directed, second: Directed) -> None:
        super().__init__(first.family)
        self.first, self.second = first, second

    def remainder(self, prior: Any) -> np.ndarray:
        try:
            return self.first.remainder(prior)
        except Unsettled:
            return self.second.remainder(prior)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        try:
            return self.first.kl(p, q)
        except Unsettled:
            return self.second.kl(p, q)


def _tilt(slope: np.ndarray, growth: float, z: np.ndarray, f: np.ndarray) -> np.ndarray:
    return np.asarray(z @ slope - growth * f)


def _with_excess(tilt: Tilt) -> Values:
    """g and eᵍ − 1 − g, which is ∞ where nodes end too early for eᵍ."""

    def values(z: np.ndarray, f: np.ndarray) -> tuple[np.ndarray, ...]:
        g = tilt(z, f)
        near = np.minimum(g, BOUND)
        return g, np.where(g > BOUND, np.inf, scaled_phi(1.0, np.exp(near), near, np))

    return values


def _is_near(seen: Lines) -> bool:
    """Whether nodes of p, outwards and inwards, have what counts of q."""
    share, (g, phi) = seen.shares(), seen.means
    return bool(np.isfinite(phi).all() and (share * (1 + g + phi)).mean() > math.exp(-BOUND))


def _near(seen: Lines) -> tuple[float, float]:
    """log E eᵍ − E g, from means of g and eᵍ − 1 − g."""
    share, (g, phi) = seen.shares(), seen.means
    require_many(share * (1 + g + phi))
    mean, growth = (share * g).mean(), (share * (g + phi)).mean()
    value = np.log1p(growth) - mean
    curved = phi - (share * phi).mean()
    grown = (g + phi - growth) * growth / (1 + growth)
    return max(value, 0.0), standard_error(share * (curved - grown))


def _far(seen: Lines, apart: float, error: float) -> tuple[float, float]:
    """What lies apart, known within an error, less E g; R_p in it is of the same lines."""
    share, g = seen.shares(), seen.means[0]
    mean = (share * g).mean()
    own = standard_error(share * (1 + g - mean))
    return max(apart - mean, 0.0), math.hypot(own, error)


def _columns(found: list[tuple[float, float]], batch: tuple[int, ...]) -> Any:
    columns = np.reshape(found, (-1, 2)).T
    return columns[0].reshape(batch), columns[1].reshape(batch)
