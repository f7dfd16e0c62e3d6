"""Poisson: A is exp, and so are its derivatives; the backward map is log."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import factorial, saddlepoint, sampling
from expfam.arrays import Array, array_namespace, counting, held, is_foreign, real
from expfam.family import ExponentialFamily, Rule
from expfam.special import inner

_LARGEST_RATE = 2.0**62
_LARGEST_NATURAL = 62 * math.log(2.0)


@final
@dataclass(frozen=True, eq=False)
class Poisson(ExponentialFamily):
    """Counts without a ceiling, p(x) = exp(ηx − exp η)/x!, with rate λ = exp η.

    The closed family: η = −∞ is the member that is always 0. Rates are at most 2⁶².
    Errors: ValueError for a bad parameter or count, TypeError for what is no number.
    Source: Wainwright and Jordan (2008), table 3.1.

    >>> p = Poisson().fit([0, 1, 0, 3, 1])
    >>> p.mean_parameter, round(p.log_prob(2), 6)
    (1.0, -1.693147)
    """

    discrete: ClassVar[bool] = True
    observed: ClassVar[str] = "counts"

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    def _log_base_measure(self, x: Array) -> Array:
        return -factorial.log_factorials(real(x, self.name))

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return array_namespace(natural).exp(natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        xp = array_namespace(natural)
        rate = xp.exp(natural)
        return xp.where(rate > _LARGEST_RATE, _LARGEST_RATE, rate)  # exp rounds by up to 1e-14

    def _mean_to_natural(self, mean: Array) -> Array:
        return array_namespace(mean).log(mean)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return array_namespace(natural).exp(natural)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        if is_foreign(natural) or is_foreign(x):
            return inner(natural, x, 0) - self._log_partition(natural) + self._log_base_measure(x)
        return saddlepoint.poisson_log_pmf(natural, x)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        xp = array_namespace(natural)
        rate = xp.reshape(xp.exp(natural), (-1,))
        return xp.reshape(saddlepoint.poisson_entropy(rate), natural.shape)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """λ_p·φ(η_q − η_p), φ(d) = exp d − 1 − d; λ_q where λ_p = 0."""
        xp = array_namespace(p, q)
        rate, other = xp.exp(p), xp.exp(q)
        gap = xp.where(p > -np.inf, q, 0.0) - xp.where(p > -np.inf, p, 0.0)
        value = saddlepoint.scaled_phi(rate, other, gap, xp)
        value = xp.where(q > -np.inf, value, np.inf)  # also where λ_p underflows
        return xp.where(p > -np.inf, value, other)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.poisson(source, self._natural_to_mean(natural), shape)

    # extras

    def _degrees_of_freedom(self, natural: Array) -> Any:
        xp = array_namespace(natural)
        return xp.astype(natural > -np.inf, counting(xp))

    def _in_domain(self, natural: np.ndarray) -> np.ndarray:
        return natural < np.inf

    @property
    def _span(self) -> tuple[float, float]:
        return 0.0, np.inf

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameter must be at most log 2**62 = 42.975, and not nan"
        yield Rule(natural <= _LARGEST_NATURAL, text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameter must be between 0 and 2**62"
        yield Rule((mean >= 0) & (mean <= _LARGEST_RATE), text, mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule((x >= 0) & (x <= held(2**62, x)), "counts must be between 0 and 2**62", x)
