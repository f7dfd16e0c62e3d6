"""The generic backward map: families without a closed form, of one parameter and of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from expfam import ExponentialFamily, Gamma, Gaussian, Poisson, newton
from expfam.family import Rule
from expfam.special import log_factorial

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@dataclass(frozen=True, eq=False)
class PositivePoisson(ExponentialFamily):
    """Poisson given x > 0: one parameter, A(η) = log(exp(exp η) − 1), no closed backward map."""

    discrete: ClassVar[bool] = True

    def _sufficient_statistic(self, x):
        return x

    def _log_base_measure(self, x):
        return -log_factorial(x)

    def _log_partition(self, natural):
        rate = np.exp(natural)
        return rate + np.log(-np.expm1(-rate))

    def _natural_to_mean(self, natural):
        rate = np.exp(natural)
        return rate / -np.expm1(-rate)

    def _fisher_information(self, natural):
        mean = self._natural_to_mean(natural)
        return mean * (1 + np.exp(natural) - mean)

    def _initial_natural(self, mean):
        return np.log(mean)

    def _draw(self, natural, source, shape):
        raise NotImplementedError

    def _mean_rules(self, mean):
        yield Rule(mean > 1, "mean parameter must exceed 1", mean)


@dataclass(frozen=True, eq=False)
class Trials(ExponentialFamily):
    """A binomial count and a normal number of n trials each, without closed form."""

    trials: object = 1
    natural_shape: ClassVar[tuple[int, ...]] = (2,)

    def _sufficient_statistic(self, x):
        raise NotImplementedError

    def _log_partition(self, natural):
        n = self.trials
        return n * np.logaddexp(0, natural[..., 0]) + 0.5 * n * natural[..., 1] ** 2

    def _natural_to_mean(self, natural):
        share = 1 / (1 + np.exp(-natural[..., 0]))
        return np.stack([self.trials * share, self.trials * natural[..., 1]], axis=-1)

    def _fisher_information(self, natural):
        share = 1 / (1 + np.exp(-natural[..., 0]))
        variance = np.stack([share * (1 - share), np.ones_like(share)], axis=-1)
        return np.eye(2) * (np.asarray(self.trials)[..., None] * variance)[..., None]

    def _initial_natural(self, mean):
        return np.zeros_like(mean)

    def _draw(self, natural, source, shape):
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Slow(ExponentialFamily):
    """The Gaussian without its closed form, started far from the solution."""

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    log_base: ClassVar[float] = 0.0

    def _sufficient_statistic(self, x):
        return np.stack([x, x * x], axis=-1)

    def _log_partition(self, natural):
        return Gaussian()._log_partition(natural)

    def _natural_to_mean(self, natural):
        return Gaussian()._natural_to_mean(natural)

    def _fisher_information(self, natural):
        return Gaussian()._fisher_information(natural)

    def _natural_rules(self, natural):
        return Gaussian()._natural_rules(natural)

    def _initial_natural(self, mean):
        return np.broadcast_to([0.0, -0.5], mean.shape)

    def _draw(self, natural, source, shape):
        raise NotImplementedError


def test_a_family_of_one_parameter():
    family = PositivePoisson()
    for mean in (1.0001, 1.5, 2.0, 40.0):
        rate = brentq(lambda r, m=mean: r / -np.expm1(-r) - m, 1e-6, 100, xtol=1e-15)
        natural = family.mean_to_natural(mean)
        assert isinstance(natural, float)
        assert natural == pytest.approx(np.log(rate), rel=1e-10, abs=1e-12)
    means = np.array([[1.5, 2.0], [3.0, 9.0]])
    np.testing.assert_allclose(family.natural_to_mean(family.mean_to_natural(means)), means)
    assert family.mean_to_natural(np.zeros(0)).shape == (0,)
    member = family.fit([1, 1, 2, 4])
    assert member.mean_parameter == pytest.approx(2.0, rel=1e-14)


@pytest.mark.parametrize(
    "mean", [[0.0, 1.0], [3.0, 9.5], [-20.0, 400.1], [0.0, 1e-6], [1e3, 1e6 + 1.0]]
)
def test_newton_finds_the_closed_form_from_afar(mean):
    natural = Slow().mean_to_natural(mean)
    np.testing.assert_allclose(natural, Gaussian().mean_to_natural(mean), rtol=1e-6)
    np.testing.assert_allclose(Gaussian().natural_to_mean(natural), mean, rtol=1e-12, atol=1e-12)


@SETTINGS
@given(st.floats(-0.99, 1e4), st.floats(-8, 8))
def test_gamma_there_and_back(logarithmic, log_rate):
    family = Gamma()
    natural = np.array([logarithmic, -np.exp(log_rate)])
    mean = family.natural_to_mean(natural)
    back = family.mean_to_natural(mean)
    np.testing.assert_allclose(family.natural_to_mean(back), mean, rtol=1e-12, atol=1e-12)
    size = 1e-10 * (1 + abs(logarithmic))
    np.testing.assert_allclose(back, natural, rtol=size, atol=size)


@pytest.mark.parametrize("gap", [1e-13, 1e-10, 1e-6, 1e-2, 1.0, 30.0, 1e3, 1e6])
def test_gamma_from_nearly_equal_to_wildly_spread_data(gap):
    family = Gamma()
    mean = np.array([[-gap, 1.0], [np.log(7.0) - gap, 7.0]])
    natural = family.mean_to_natural(mean)
    found = family.natural_to_mean(natural)
    # A small shape is kept as shape − 1, to an absolute 2⁻⁵³.
    np.testing.assert_allclose(found, mean, rtol=1e-12 + 1e-16 * gap, atol=1e-14)


def test_batches_are_as_one_by_one():
    means = np.array([[[0.1, 2.0], [-3.0, 0.1]], [[5.0, 200.0], [0.0, 1.0001]]])
    together = Gamma().mean_to_natural(means)
    for index in np.ndindex(2, 2):
        np.testing.assert_allclose(
            together[index], Gamma().mean_to_natural(means[index]), rtol=1e-9
        )


def test_what_does_not_converge_is_refused(monkeypatch):
    monkeypatch.setattr(newton, "_STEPS", 2)
    text = "Slow: mean parameter must have a natural one .*; row 1 has not converged after 2 steps"
    with pytest.raises(ValueError, match=text):
        Slow().mean_to_natural([[0.0, 1.0], [50.0, 2501.0]])


def test_a_family_with_neither_map_nor_start_says_so():
    class Half(Slow):
        _initial_natural = ExponentialFamily._initial_natural

    with pytest.raises(NotImplementedError, match="Half must define _mean_to_natural or _initial"):
        Half().mean_to_natural([0.0, 1.0])


def test_the_generic_map_needs_numbers():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    text = "Gamma: the backward map has no closed form; it needs numpy, and the meta device has no"
    with pytest.raises(TypeError, match=text):
        Gamma().mean_to_natural(torch.empty(2, device="meta"))


def test_defaults_of_the_hooks():
    family, natural = PositivePoisson(), np.array([0.3, 1.0])
    product = family.fisher_product(natural, [2.0, 3.0])
    np.testing.assert_allclose(product, family.fisher_information(natural) * [2, 3])
    assert family.from_natural(natural).degrees_of_freedom.tolist() == [1, 1]
    with pytest.raises(NotImplementedError, match="PositivePoisson must define _entropy"):
        family.from_natural(0.3).entropy()
    slow = Slow().from_natural([[1.0, -0.5], [2.0, -0.5]])
    gauss = Gaussian().from_natural([[1.0, -0.5], [2.0, -0.5]])
    half_log = 0.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(slow.entropy(), gauss.entropy() - half_log)
    np.testing.assert_allclose(slow.kl(slow[0]), gauss.kl(gauss[0]), atol=1e-15)
    np.testing.assert_allclose(
        slow.log_prob([1.0, 0.3]), gauss.log_prob([1.0, 0.3]) + half_log, atol=1e-14
    )
    v = [[1.0, 2.0], [3.0, -1.0]]
    wanted = np.einsum("bij,bj->bi", slow.fisher_information, v)
    product = Slow().fisher_product(slow.natural_parameter, v)
    np.testing.assert_allclose(product, wanted, atol=1e-14)
    assert product.shape == (2, 2)
    assert slow.same_member(slow)
    assert Poisson() != PositivePoisson()


def test_a_start_outside_the_domain_is_not_taken_for_a_solution():
    class Outside(Slow):
        def _initial_natural(self, mean):
            return np.broadcast_to([0.0, 0.5], mean.shape)

    class Singular(Slow):
        def _fisher_information(self, natural):
            return np.zeros((*natural.shape, 2))

    with pytest.raises(ValueError, match="Outside: .*; Newton steps lead row 0 nowhere"):
        Outside().mean_to_natural([0.0, 1.0])
    with pytest.raises(ValueError, match="Singular: .*; its Fisher information is singular"):
        Singular().mean_to_natural([0.0, 1.0])
    for mean, text in (
        ([-1e200, 1.0], "must exceed E log x by at most 1e12"),
        ([-600.0, 1e-150], "E x must be between 1e-80 and 1e80"),
        ([0.0, 1e308], "E x must be between 1e-80 and 1e80"),
    ):
        with pytest.raises(ValueError, match=f"Gamma: .*{text}"):
            Gamma().mean_to_natural(mean)


@pytest.mark.parametrize("shape", [(2,), (3, 2), (2, 1)])
def test_trials_may_differ_from_row_to_row(shape):
    trials = np.array([[4], [10]]) if shape == (2, 1) else np.array([4, 10])
    mean = np.broadcast_to([1.0, 2.0], (2, 3, 2)) if shape == (2, 1) else np.ones((*shape, 2))
    natural = Trials(trials).mean_to_natural(mean)
    share = mean[..., 0] / trials
    np.testing.assert_allclose(natural[..., 0], np.log(share / (1 - share)), rtol=1e-14)
    np.testing.assert_allclose(natural[..., 1], mean[..., 1] / trials, rtol=1e-14)
