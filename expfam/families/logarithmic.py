"""Logarithmic: counts from 1 on, p(x) ∝ pˣ/x; the maps by the cumulants of a tilted uniform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import sampling
from expfam.arrays import Array, array_namespace, counting, held, like, real
from expfam.families.close import close_divergence
from expfam.families.tilted_uniform import cumulant, cumulant_from_end, slope_from_end
from expfam.family import ExponentialFamily, Rule
from expfam.special import inner

_LOG_2 = 0.69314718055994530942
_FAR = -40.0  # η below which w = −log(1 − p) is p, to double precision
_LARGEST_MEAN = 2.0**50
_LARGEST_NATURAL = -2.3188290845765376e-17  # whose mean is that, or a few roundings below
_LARGEST_RATE = 2.0**62
_STEPS = 6  # of Newton on a function whose slope is between ½ and 1
_TERMS = np.arange(2.0, 65.0)  # of E log X where p ≤ ½
_BLOCK = 2**12  # members whose integrals are in memory together
_NODES = np.linspace(-80.0, 5.0, 681)  # log t, a step of 1/8


@final
@dataclass(frozen=True, eq=False)
class Logarithmic(ExponentialFamily):
    """Counts from 1 on, p(x) = (1/x) exp(ηx − A(η)), η = log p: numbers of a species caught.

    A(η) = log w, w = −log(1 − exp η); μ = p/((1 − p)w). The closed family: η = −∞ is the member
    that is always 1. Means are at most 2⁵⁰.
    Errors: ValueError for η ≥ 0, for a bad count.
    Source: Fisher, Corbet and Williams (1943), The relation between the number of species and the
    number of individuals in a random sample; Johnson, Kemp and Kotz (2005), chapter 7; draws:
    Kemp (1981), Efficient generation of logarithmically distributed pseudo-random variables.

    >>> p = Logarithmic().fit([1, 1, 4, 2, 1, 6])
    >>> p.mean_parameter, round(p.log_prob(2), 6)
    (2.5, -1.616464)
    >>> Logarithmic().fit([1, 1]).natural_parameter.item()
    -inf
    """

    discrete: ClassVar[bool] = True
    observed: ClassVar[str] = "counts"

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    def _log_base_measure(self, x: Array) -> Array:
        return -array_namespace(x).log(real(x, self.name))

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        xp = array_namespace(natural)
        far = natural < _FAR
        return xp.where(far, natural, xp.log(_loss(xp.where(far, -1.0, natural))))

    def _natural_to_mean(self, natural: Array) -> Array:
        xp = array_namespace(natural)
        far = natural < _FAR
        near = xp.where(far, -1.0, natural)
        return xp.where(far, 1.0, _odds(near) / _loss(near))

    def _mean_to_natural(self, mean: Array) -> Array:
        """With w = −log(1 − p), μ = (eʷ − 1)/w: Newton's steps on the convex K(w) = log μ."""
        xp = array_namespace(mean)
        target = xp.log(mean)
        loss = 2 * target
        for _ in range(_STEPS):
            loss = loss - (cumulant(loss) - target) / _slope(loss)
        natural = -_loss(-loss)
        return xp.where(natural > _LARGEST_NATURAL, _LARGEST_NATURAL, natural)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return self._natural_to_mean(natural) * _slope(_loss(natural)) * _odds(natural)

    # log-probability, entropy, divergence: of counts beyond 1, with A(η) = η + log(w/p)

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        beyond = inner(natural, real(x, self.name) - 1, 0)
        return beyond - _excess(natural) + self._log_base_measure(x)

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        return inner(natural, total - exposure, 0) - exposure * _excess(natural)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        xp = array_namespace(natural)
        flat = xp.reshape(natural, (-1,))
        starts = range(0, max(1, flat.shape[0]), _BLOCK)
        blocks = [_mean_log(flat[i : min(i + _BLOCK, flat.shape[0])]) for i in starts]
        mean_log = xp.reshape(xp.concat(blocks), natural.shape)
        return _excess(natural) - inner(natural, _mean_beyond(natural), 0) + mean_log

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """Near, where A is smooth between p and q, by the curvature."""
        xp = array_namespace(p, q)
        inside = (p > -np.inf) & (q > -np.inf)
        here, there = xp.where(inside, p, -1.0), xp.where(inside, q, -1.0)
        gap, middle = there - here, (here + there) / 2
        near = (xp.abs(gap) <= 1) & (xp.abs(gap) <= xp.abs(middle))
        close = close_divergence(self._fisher_information, here, xp.where(near, there, here))
        far = _excess(there) - _excess(here) - gap * _mean_beyond(here)
        value = xp.where(q > -np.inf, xp.where(near, close, far), np.inf)
        return xp.where(p > -np.inf, value, _excess(q))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """1 + a geometric count whose odds are exp(wU) − 1 (Kemp's LK), a Poisson of gamma rate."""
        odds = np.expm1(_loss(natural) * source.uniform(shape + natural.shape))
        rate = sampling.gamma(source, np.ones_like(odds)) * odds
        return 1 + sampling.poisson(source, np.minimum(rate, _LARGEST_RATE))

    # extras

    def _degrees_of_freedom(self, natural: Array) -> Any:
        xp = array_namespace(natural)
        return xp.astype(natural > -np.inf, counting(xp))

    @property
    def _span(self) -> tuple[float, float]:
        return 1.0, np.inf

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameter (log p) must be negative, and the mean at most 2**50"
        yield Rule(natural <= _LARGEST_NATURAL, text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameter must be between 1 and 2**50"
        yield Rule((mean >= 1) & (mean <= _LARGEST_MEAN), text, mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule((x >= 1) & (x <= held(2**62, x)), "counts must be between 1 and 2**62", x)


def _loss(natural: Array) -> Array:
    """w = −log(1 − exp η), by expm1 or log1p, whichever loses nothing (Mächler 2012)."""
    xp = array_namespace(natural)
    near = natural > -_LOG_2
    return -xp.where(
        near,
        xp.log(-xp.expm1(xp.where(near, natural, -1.0))),
        xp.log1p(-xp.exp(xp.where(near, -1.0, natural))),
    )


def _odds(natural: Array) -> Array:
    """p/(1 − p)."""
    xp = array_namespace(natural)
    return -xp.exp(natural) / xp.expm1(natural)


def _slope(loss: Array) -> Array:
    """K′(w)."""
    return cumulant_from_end(loss)[0] + slope_from_end(loss)


def _excess(natural: Array) -> Array:
    """A(η) − η = log(w/p) = −K(−w) ≥ 0."""
    return -cumulant(-_loss(natural))


def _mean_beyond(natural: Array) -> Array:
    """μ − 1 = exp K(w) − 1."""
    return array_namespace(natural).expm1(cumulant(_loss(natural)))


def _mean_log(natural: Array) -> Array:
    """E log X of members (R,): for p ≤ ½ the sum; beyond an integral of one sign,

    E log X = ∫₀^∞ (e⁻ᵗ − G(e⁻ᵗ))/t dt,  G(z) = E zˣ = log(1 − pz)/log(1 − p),

    by Frullani's integral of log x. With t = exp u the trapezoidal rule is exact to rounding.
    """
    xp, t = array_namespace(natural), np.exp(_NODES)
    few = natural <= -_LOG_2
    inside = xp.where(natural > -np.inf, natural, _FAR)
    powers, shares, t, shrunk = (
        like(part, natural, "entropy", "nodes")
        for part in (_TERMS - 1, np.log(_TERMS) / _TERMS, t, np.exp(-t))
    )
    terms = xp.sum(xp.exp(inside[:, None] * powers) * shares, axis=-1) * xp.exp(-_excess(inside))
    near = xp.where(few, -1.0, natural)[:, None]
    missed = shrunk - _loss(near - t) / _loss(near)
    many = xp.sum(missed, axis=-1) * float(_NODES[1] - _NODES[0])
    return xp.where(few, xp.where(natural > -np.inf, terms, 0.0), many)
