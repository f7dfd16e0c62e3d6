"""Gaussians of one unknown: the mean, where the variance is known; or the variance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import pairs, sampling
from expfam.arrays import Array, array_namespace, is_foreign
from expfam.families.exponential import Exponential
from expfam.families.known import known
from expfam.family import ExponentialFamily, Rule
from expfam.windows.carried import Carried, about, on_line
from expfam.windows.carriers import Bell

_LOG_2PI = 1.8378770664093454836


@final
@dataclass(frozen=True, eq=False)
class GaussianKnownVariance(ExponentialFamily):
    """Real numbers of a known variance v, p(x) = N(x; 0, v) exp(ηx − A(η)), η = mean/v.

    A(η) = vη²/2, μ = vη. The variance is between 1e-100 and 1e100, the mean at most 1e50 in size.
    Errors: ValueError for a bad variance, for what is not finite.
    Source: Brown (1986), example 1.2.

    >>> p = GaussianKnownVariance(4.0).fit([1.0, 2.0, 6.0])
    >>> p.mean_parameter, p.natural_parameter.item(), round(p.log_prob(3.0), 6)
    (3.0, 0.75, -1.612086)
    """

    variance: float = 1.0

    def __post_init__(self) -> None:
        variance = known(self.variance, self.name, "variance", least=1e-100, most=1e100)
        object.__setattr__(self, "variance", variance)

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    def _log_base_measure(self, x: Array) -> Array:
        return -0.5 * (x * (x / self.variance) + self._log_scale)

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return 0.5 * natural * (self.variance * natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return self.variance * natural

    def _mean_to_natural(self, mean: Array) -> Array:
        return mean / self.variance

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return array_namespace(natural).full_like(natural, self.variance)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        gap = x - mean
        if not is_foreign(natural):  # less what rounding has taken from the mean, vη
            gap = gap - pairs.two_product(natural, np.asarray(self.variance))[1]
        return -0.5 * (gap * (gap / self.variance) + self._log_scale)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return array_namespace(natural).full_like(natural, 0.5 * (1 + self._log_scale))

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return 0.5 * (q - p) * (self.variance * (q - p))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        deviation = np.sqrt(self.variance)
        return self.variance * natural + deviation * sampling.normal(source, shape + natural.shape)

    # extras

    @property
    def _log_scale(self) -> float:
        return _LOG_2PI + float(np.log(self.variance))

    @property
    def _carried(self) -> Carried:
        base = -0.5 * self._log_scale
        rounded, low = pairs.quotient((np.array(-0.5), np.array(0.0)), np.array(self.variance))
        carrier = Bell(-float(low / rounded))
        return Carried(carrier, ((1.0, 0.0),), (0.0, float(rounded)), base=base)

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        mean = self.variance * natural
        yield Rule(abs(mean) <= 1e50, "the mean must be at most 1e50 in size", mean)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        yield Rule(abs(mean) <= 1e50, "mean parameter must be at most 1e50 in size", mean)


@final
@dataclass(frozen=True, eq=False)
class GaussianKnownMean(ExponentialFamily):
    """Real numbers of a known mean m, p(x) = (2π)^−½ exp(η(x − m)² − A(η)), η = −1/2v.

    A(η) = −½ log(−2η), μ = E(x − m)² = v. Variances are between 1e-100 and 1e100.
    Errors: ValueError for η ≥ 0, for data all equal to m, for what is not finite.
    Source: Brown (1986), example 1.2.

    >>> p = GaussianKnownMean(3.0).fit([1.0, 2.0, 6.0])
    >>> round(p.mean_parameter, 6), round(p.log_prob(3.0), 6)
    (4.666667, -1.689161)
    """

    mean: float = 0.0
    log_base: ClassVar[float | None] = -0.5 * _LOG_2PI

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", known(self.mean, self.name, "mean"))

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return (x - self.mean) ** 2

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return -0.5 * array_namespace(natural).log(-2 * natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return -0.5 / natural

    def _mean_to_natural(self, mean: Array) -> Array:
        return -0.5 / mean

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return 0.5 / natural**2

    # divergence

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """½(r − 1 − log r), r = q/p: half that of exponentials, whose A is twice this one's."""
        return 0.5 * Exponential()._kl(p, mean, q)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        deviation = np.sqrt(-0.5 / natural)
        return self.mean + deviation * sampling.normal(source, shape + natural.shape)

    # extras

    @property
    def _carried(self) -> Carried:
        return on_line(((0.0, 1.0),), **about(self.mean))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameter (−1/2 variance) must be between -5e99 and -5e-101"
        yield Rule((natural >= -5e99) & (natural <= -5e-101), text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameter must be between 1e-100 and 1e100 (all observations at the mean?)"
        yield Rule((mean >= 1e-100) & (mean <= 1e100), text, mean)
