"""ChiSquared with unknown degrees of freedom: T(x) = log x; the backward map by Newton."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from expfam import betas, sampling
from expfam.arrays import Array, array_namespace, is_foreign, real
from expfam.family import ExponentialFamily, Rule
from expfam.special import digamma, log_gamma, trigamma
from expfam.windows.carried import LOG, Carried, on_ray

_LOG_2 = 0.69314718055994530942
_LEAST = 5e-324  # a draw below the least double is rounded to it: 0 is no observation


@final
@dataclass(frozen=True, eq=False)
class ChiSquared(ExponentialFamily):
    """Positive numbers, p(x) = e^{−x/2} exp(η log x − A(η)), η = k/2 − 1 of k degrees of freedom.

    A(η) = log Γ(η + 1) + (η + 1) log 2, μ = E log x = ψ(η + 1) + log 2; k need not be whole.
    Degrees of freedom are at most 2e100.
    Errors: ValueError for η ≤ −1, observations ≤ 0.
    Source: Johnson, Kotz and Balakrishnan (1994), chapter 18; the start of Newton is Minka (2003),
    Estimating a Dirichlet distribution, appendix C.

    >>> p = ChiSquared().from_natural(1.5)  # 5 degrees of freedom
    >>> round(p.mean_parameter, 6), round(p.log_prob(3.0), 6)
    (1.396304, -1.869632)
    """

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return array_namespace(x).log(x)

    def _log_base_measure(self, x: Array) -> Array:
        return -0.5 * x

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return log_gamma(natural + 1) + (natural + 1) * _LOG_2

    def _natural_to_mean(self, natural: Array) -> Array:
        return real(digamma(natural + 1), self.name) + _LOG_2

    def _initial_natural(self, mean: np.ndarray) -> np.ndarray:
        """ψ⁻¹ is near exp(y) + ½ for large y, and −1/(y + γ) for small y."""
        y = mean - _LOG_2
        start = np.where(y >= -2.22, np.exp(np.minimum(y, 240.0)) + 0.5, -1 / (y + 0.5772))
        return start - 1

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return real(trigamma(natural + 1), self.name)

    # log-probability, entropy, divergence: those of a gamma of the rate ½

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        if is_foreign(natural) or is_foreign(x):
            return super()._log_prob(natural, mean, x)
        return betas.log_gamma_density(natural, (0.5 * x, 0.0 * x), np.log(x), np.asarray(-_LOG_2))

    def _entropy(self, natural: Array, mean: Array) -> Array:
        """A − ημ + ½ E x, E x = k."""
        if is_foreign(natural):
            return self._log_partition(natural) - natural * mean + natural + 1
        return betas.gamma_entropy(natural + 1, mean)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        if is_foreign(p) or is_foreign(q):
            return super()._kl(p, mean, q)
        return betas.gamma_divergence(p, q, (np.asarray(0.5), np.asarray(0.5)))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return np.maximum(2 * sampling.gamma(source, natural + 1, shape), _LEAST)

    # extras

    @property
    def _carried(self) -> Carried:
        return on_ray((LOG,), (1.0, -0.5))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameter (half the degrees of freedom less 1) must exceed -1, to 1e100"
        yield Rule((natural > -1) & (natural <= 1e100), text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameter must be between -1e12 and 230"
        yield Rule((mean >= -1e12) & (mean <= 230), text, mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield from super()._observation_rules(x)
        yield Rule(x > 0, "observations must be positive", x)
