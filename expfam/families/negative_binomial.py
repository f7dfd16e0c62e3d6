"""NegativeBinomial with a known number of successes; Geometric, where that is one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import failures, sampling
from expfam.arrays import Array, array_namespace, counting, held, is_foreign, real
from expfam.families.known import known
from expfam.family import ExponentialFamily, Rule
from expfam.saddlepoint import scaled_phi

_LARGEST_RATE, _LARGEST_MEAN = 2.0**62, 2.0**55


class _Failures(ExponentialFamily):
    """Failures before the r-th success, with η the log-probability of a failure."""

    discrete: ClassVar[bool] = True
    observed: ClassVar[str] = "counts"
    _successes: Any

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return -self._successes * _log_one_minus_exp(natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._successes / array_namespace(natural).expm1(-natural)

    def _mean_to_natural(self, mean: Array) -> Array:
        return -array_namespace(mean).log1p(self._successes / mean)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        mean = self._natural_to_mean(natural)
        return mean * (1 + mean / self._successes)

    # divergence

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """μφ(δ) + rφ(log s), δ = q − p, s the ratio of 1 − exp q to 1 − exp p: no term below 0."""
        xp, r = array_namespace(p, q), self._successes
        seen = p > -np.inf
        gap = xp.where(seen, q, 0.0) - xp.where(seen, p, 0.0)
        success, other = -xp.expm1(p), -xp.expm1(q)
        near = xp.abs(gap) < 0.5
        grown = xp.where(near, xp.exp(p) * xp.expm1(xp.where(near, gap, 0.0)), success - other)
        small = near & (xp.abs(grown) < 0.5 * success)
        log = xp.log1p(xp.where(small, -grown / success, 0.0))
        log = xp.where(small, log, xp.log(other / success))
        value = scaled_phi(mean, r * xp.exp(q) / success, gap, xp)
        value = value + r * scaled_phi(1.0, other / success, log, xp)
        value = xp.where(q > -np.inf, value, np.inf)
        return xp.where(seen, value, self._log_partition(q))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """A Poisson count whose rate is gamma (Greenwood and Yule 1920)."""
        scale = 1 / np.expm1(-natural)
        rate = sampling.gamma(source, np.full_like(natural, self._successes), shape) * scale
        return sampling.poisson(source, np.minimum(rate, _LARGEST_RATE))

    # extras

    def _degrees_of_freedom(self, natural: Array) -> Any:
        xp = array_namespace(natural)
        return xp.astype(natural > -np.inf, counting(xp))

    @property
    def _span(self) -> tuple[float, float]:
        return 0.0, np.inf

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameter (log P(failure)) must be negative, and the mean at most 2**55"
        yield Rule(natural <= -math.log1p(self._successes / _LARGEST_MEAN), text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameter must be between 0 and 2**55"
        yield Rule((mean >= 0) & (mean <= _LARGEST_MEAN), text, mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule((x >= 0) & (x <= held(2**62, x)), "counts must be between 0 and 2**62", x)


@final
@dataclass(frozen=True, eq=False)
class Geometric(_Failures):
    """Failures before the first success, p(x) = exp(ηx − A(η)), η = log P(failure).

    A(η) = −log(1 − exp η), μ = 1/(exp −η − 1). The closed family: η = −∞ is the member that is
    always 0. Means are at most 2⁵⁵.
    Errors: ValueError for η ≥ 0, for a bad count.
    Source: Johnson, Kemp and Kotz (2005), section 5.2.

    >>> p = Geometric().fit([0, 2, 1, 5])
    >>> p.mean_parameter, round(p.log_prob(2), 6)
    (2.0, -1.909543)
    """

    log_base: ClassVar[float | None] = 0.0
    _successes = 1.0


@final
@dataclass(frozen=True, eq=False)
class NegativeBinomial(_Failures):
    """Failures before the r-th success, r known, p(x) = C(x + r − 1, x) exp(ηx − A(η)).

    η = log P(failure), A(η) = −r log(1 − exp η), μ = r/(exp −η − 1). successes: r, from 1e-3 to
    1e12, whole or not (then Γ stands for the factorials). The closed family: η = −∞ is the
    member that is always 0. Means are at most 2⁵⁵. With an unknown r it is no exponential family.
    Errors: ValueError for a bad r, η ≥ 0, a bad count; TypeError for an r that is no number.
    Source: Johnson, Kemp and Kotz (2005), section 5.1.

    >>> p = NegativeBinomial(successes=3).fit([0, 2, 1, 5])
    >>> round(p.mean_parameter, 6), round(p.log_prob(2), 6)
    (2.0, -1.573299)
    """

    successes: float

    def __post_init__(self) -> None:
        successes = known(self.successes, self.name, "successes", 1e-3, 1e12)
        object.__setattr__(self, "successes", successes)

    @property
    def _successes(self) -> float:
        return self.successes

    def _log_base_measure(self, x: Array) -> Array:
        return failures.log_coefficient(real(x, self.name), self.successes)

    def _log_base_slope(self) -> Any:
        """0 of one success, the Geometric, where h = 1."""
        return 0.0 if self.successes == 1 else None

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        if is_foreign(natural) or is_foreign(x):
            return super()._log_prob(natural, mean, x)
        return failures.log_pmf(x, self.successes, natural, np.asarray(mean))

    def _entropy(self, natural: Array, mean: Array) -> Array:
        xp, mean = array_namespace(natural), real(mean, self.name)
        value = failures.entropy(xp.reshape(mean, (-1,)), self.successes)
        return xp.reshape(value, mean.shape)


def _log_one_minus_exp(natural: Array) -> Array:
    """log(1 − exp η), by expm1 or log1p, whichever loses nothing (Mächler 2012)."""
    xp = array_namespace(natural)
    near = natural > -0.6931471805599453
    return xp.where(
        near,
        xp.log(-xp.expm1(xp.where(near, natural, -1.0))),
        xp.log1p(-xp.exp(xp.where(near, -1.0, natural))),
    )
