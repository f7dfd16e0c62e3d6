"""Likelihoods of a family of one's own: a redundant parameter, means beyond the reach of Newton."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from likelihoods import close

from expfam import Binomial, ExponentialFamily, Gaussian, Poisson
from expfam.family import Rule
from expfam.likelihood import likelihood_ratio, profile_interval, score, wald


@dataclasses.dataclass(frozen=True, eq=False)
class Pair(ExponentialFamily):
    """Two categories and a Poisson as one family, its η with a redundant part, by Newton or not."""

    natural_shape = (3,)
    event_shape = (3,)
    log_base = 0.0

    def _sufficient_statistic(self, x):
        return x

    def _log_partition(self, natural):
        return np.logaddexp(natural[..., 0], natural[..., 1]) + np.exp(natural[..., 2])

    def _natural_to_mean(self, natural):
        first = 1 / (1 + np.exp(natural[..., 1] - natural[..., 0]))
        return np.stack([first, 1 - first, np.exp(natural[..., 2])], axis=-1)

    def _mean_to_natural(self, mean):
        return np.log(mean)

    def _fisher_information(self, natural):
        p, q, rate = np.moveaxis(self._natural_to_mean(natural), -1, 0)
        matrix = np.zeros((*np.shape(p), 3, 3))
        matrix[..., :2, :2] = (p * q)[..., None, None] * np.array([[1, -1], [-1, 1]])
        matrix[..., 2, 2] = rate
        return matrix

    def _degrees_of_freedom(self, natural):
        return np.full(natural.shape[:-1], 2)

    def _draw(self, natural, source, shape):
        raise NotImplementedError

    def _mean_rules(self, mean):
        yield Rule((mean > 0).all(axis=-1), "means must be positive", mean.min(axis=-1))
        yield Rule(np.abs(mean[..., :2].sum(-1) - 1) < 1e-9, "they must sum to 1", mean[..., 0])


def test_a_family_of_two_parts_with_a_redundant_parameter():
    family, null = Pair(), Pair().from_natural([0.3, 0.1, 0.7])
    x = np.array([[1, 0, 3], [1, 0, 1], [0, 1, 4], [1, 0, 0]])
    for test in (likelihood_ratio, score, wald):
        coin = test(3, Binomial(4).from_natural(0.2)).statistic
        count = test([3, 1, 4, 0], Poisson().from_natural(0.7)).statistic
        result = test(x, null)
        close(result.statistic, coin + count)
        assert result.df == 2
    data = family.statistics(x)
    close(
        profile_interval(data, [1, -1, 0]), profile_interval(Binomial(4).statistics(3)), rtol=1e-9
    )
    close(profile_interval(data, 2), profile_interval(Poisson().statistics([3, 1, 4, 0])))
    with pytest.raises(ValueError, match="log-odds"):
        profile_interval(data, 1)


def test_means_beyond_the_reach_of_newton_are_none():
    class Short(Pair):
        def _mean_to_natural(self, mean):
            if (mean > 3).any():
                raise ValueError("not converged")
            return super()._mean_to_natural(mean)

    data = Short().statistics([[1, 0, 3], [0, 1, 1]])
    low, high = profile_interval(data, 2)
    close(low, profile_interval(Poisson().statistics([3, 1]))[0])
    close(high, math.log(3.0), rtol=1e-9)  # the interval is cut there


def test_a_profile_that_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setattr("expfam.likelihood.profile._TURNS", 2)
    with pytest.raises(ValueError, match="the profile has not settled after 2 turns"):
        profile_interval(Gaussian().statistics([1.0, 2.0, 4.0]), 1, "mean")
