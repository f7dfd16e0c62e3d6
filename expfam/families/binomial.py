"""Binomial (Bernoulli is trials=1): A is softplus, the forward map sigmoid, the backward logit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import factorial, saddlepoint, sampling
from expfam.arrays import Array, array_namespace, counting, held, is_foreign, real, two_difference
from expfam.families.multinomial import Multinomial
from expfam.family import ExponentialFamily, Rule, check_trials, shown_trials, trials_text
from expfam.special import inner, sigmoid, softplus


@final
@dataclass(frozen=True, eq=False)
class Binomial(ExponentialFamily):
    """Successes in n trials, p(x) = (n choose x) exp(ηx − n·log(1 + exp η)), η the log-odds.

    trials: a non-negative integer up to 2⁶², or an integer array that broadcasts against the
    batch. The closed family: η = ±∞ are the members that always fail or always succeed.
    It is the Multinomial of two categories with the natural parameters (η, 0).
    Errors: ValueError and TypeError for bad trials, parameters and counts.
    Source: Wainwright and Jordan (2008), table 3.1.

    >>> p = Binomial(trials=12).from_mean(4.0)
    >>> round(p.natural_parameter.item(), 6), round(p.log_prob(4), 6)  # −log 2
    (-0.693147, -1.433612)
    """

    trials: int | np.ndarray = 1
    discrete: ClassVar[bool] = True
    observed: ClassVar[str] = "counts"

    def __post_init__(self) -> None:
        object.__setattr__(self, "trials", check_trials(self.trials, self.name))

    def __repr__(self) -> str:
        return f"Binomial(trials={shown_trials(self.trials)})"

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    def _log_base_measure(self, x: Array) -> Array:
        x = real(x, self.name) if is_foreign(x) else x
        return factorial.coefficient(real(self._pair(x), self.name))

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        xp, trials = array_namespace(natural), self._trials_like(natural)
        if isinstance(self.trials, int):
            return trials * softplus(natural) if self.trials else xp.zeros_like(natural)
        natural = xp.where(trials == 0, 0.0 * trials, natural)  # where 0·∞ is 0
        return trials * softplus(natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._trials_like(natural) * sigmoid(natural)

    def _mean_to_natural(self, mean: Array) -> Array:
        xp, mean = array_namespace(mean), mean + 0.0  # −0 is 0
        rest, low = two_difference(self._trials_like(mean) + 0.0 * mean, mean)
        more = xp.where(mean > rest, mean, rest)
        less = xp.where(mean > rest, rest, mean)
        difference = (mean - rest) - low
        excess = xp.abs(difference) / less
        # log odds, by log1p where they are near 0: mean − rest is exact there
        odds = more / less
        far = xp.log(more) - xp.log(less)  # where the odds are beyond the floats
        value = xp.where(xp.isinf(odds), far, xp.log(odds))
        value = xp.where(excess < 1.7, xp.log1p(excess), value)
        return xp.where(difference < 0, -value, value)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        return self._trials_like(natural) * sigmoid(natural) * sigmoid(-natural)

    # log-probability, entropy, divergence: those of two categories

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        if is_foreign(natural) or is_foreign(x):
            value = self._exponent(natural, x, self._trials_like(natural))
            return value + self._log_base_measure(x)
        return saddlepoint.multinomial_log_pmf(
            self._two_categories(natural),
            self._pair(x),
            self.trials,
            np.stack([self._natural_to_mean(natural), self._natural_to_mean(-natural)], axis=-1),
        )

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        """ηt − n·log(1 + exp η) = −|η|·(t, or n − t where η > 0) − n·log(1 + exp −|η|)."""
        xp = array_namespace(natural)
        below = -xp.abs(natural)
        return inner(
            below, xp.where(natural > 0, exposure - total, total), 0
        ) - exposure * softplus(below)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return self._multinomial._entropy(self._two_categories(natural), mean)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return self._multinomial._kl(self._two_categories(p), mean, self._two_categories(q))

    def _log_base_slope(self) -> Any:
        """0 of one trial, where h = 1."""
        return 0.0 if np.all(np.asarray(self.trials) <= 1) else None

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.binomial(source, self.trials, sigmoid(natural), sigmoid(-natural), shape)

    # extras

    @property
    def _multinomial(self) -> Multinomial:
        return Multinomial(2, self.trials)

    def _two_categories(self, natural: Array) -> Array:
        """(η, 0) in the gauge where the larger is 0, so that η = ±∞ is a finite pair with −∞."""
        xp = array_namespace(natural)
        zero = xp.zeros_like(natural)
        return xp.stack(
            [xp.where(natural > 0, zero, natural), xp.where(natural > 0, -natural, zero)], axis=-1
        )

    def _pair(self, x: Array) -> Array:
        xp = array_namespace(x)
        failures = self._trials_like(x) - x
        return xp.stack([x + xp.zeros_like(failures), failures], axis=-1)

    def _degrees_of_freedom(self, natural: Array) -> Any:
        xp = array_namespace(natural)
        return xp.astype(xp.isfinite(natural), counting(xp))

    @property
    def _span(self) -> tuple[float, float] | None:
        return None if np.ndim(self.trials) else (0.0, float(self.trials))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        yield Rule(natural == natural, "natural parameter must not be nan", natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        trials = self._trials_like(mean)
        text = f"mean parameter must be between 0 and {trials_text(self.trials)}"
        yield Rule((mean >= 0) & (mean <= trials), text, mean)
        if np.any(np.asarray(self.trials) == 0):
            yield Rule(mean > 0, "with trials=0 every member has the mean 0", mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        text = f"counts must be between 0 and {trials_text(self.trials)}"
        yield Rule((x >= 0) & (x <= held(self.trials, x)), text, x)
