"""A family seen through a change of variable: x is distributed so that y = g(x) has a member."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from expfam.arrays import Array, wide
from expfam.contract import finite
from expfam.family import ExponentialFamily, Rule


class Transformed(ExponentialFamily):
    """The family of x for which y = g(x) belongs to another family, with the same η, A and μ.

    p(x) = p_y(g(x))·|g′(x)|: T is T_y∘g, log h is log h_y∘g + log|g′|, and all that follows from
    A alone (maps, Fisher information, KL) is that of y. The entropy is that of y less E log|g′|.
    A subclass gives `_original`, g, its inverse, log|g′| and the mean of that.
    """

    log_base: ClassVar[float | None] = None
    rule: ClassVar[str] = "observations must be positive"
    variable: ClassVar[str]  # y in words, as errors about its moments call it

    @property
    @abc.abstractmethod
    def _original(self) -> ExponentialFamily:
        """The family of y."""

    @abc.abstractmethod
    def _change(self, x: Array) -> Array:
        """y = g(x)."""

    @abc.abstractmethod
    def _restore(self, y: np.ndarray, source: Any) -> np.ndarray:
        """An x with g(x) = y."""

    @abc.abstractmethod
    def _log_slope(self, x: Array) -> Array:
        """log|g′(x)|."""

    @abc.abstractmethod
    def _mean_log_slope(self, natural: Array, mean: Array) -> Array:
        """E log|g′(x)|."""

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return self._original._sufficient_statistic(self._change(x))

    def _log_base_measure(self, x: Array) -> Array:
        return self._original._log_base_measure(self._change(x)) + self._log_slope(x)

    # A, forward, backward, Fisher

    def _log_partition(self, natural: Array) -> Array:
        return self._original._log_partition(natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._original._natural_to_mean(natural)

    def _mean_to_natural(self, mean: Array) -> Array:
        return self._original._mean_to_natural(mean)

    def _fisher_information(self, natural: Array) -> Array:
        return self._original._fisher_information(natural)

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        return self._original._log_prob(natural, mean, self._change(x)) + self._log_slope(x)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return self._original._entropy(natural, mean) - self._mean_log_slope(natural, mean)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return self._original._kl(p, mean, q)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return self._restore(self._original._draw(natural, source, shape), source)

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        return self._original._natural_rules(natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        for rule in self._original._mean_rules(mean):
            yield rule._replace(text=f"with {self.variable} for x, {rule.text}")

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule(finite(x) & self._inside_support(x), self.rule, x)
        y = self._change(wide(x))
        for rule in self._original._observation_rules(y):
            yield Rule(rule.ok, f"{self.rule}, within double precision", x)

    def _inside_support(self, x: Array) -> Array:
        return x > 0
