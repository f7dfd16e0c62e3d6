"""Windows of families of one's own: of counts by `_span`, of real numbers by `_carried`."""

from __future__ import annotations

import dataclasses
import math

import mpmath
import numpy as np
import pytest

from expfam import ExponentialFamily, Geometric, Truncated, check_family
from expfam.family import Rule
from expfam.windows.carried import LINEAR, on_ray, times
from expfam.windows.rays import log_pair


@dataclasses.dataclass(frozen=True, eq=False)
class Failures(ExponentialFamily):
    """The Geometric, as a user would write it."""

    discrete, log_base, _span = True, 0.0, (0.0, math.inf)

    def _sufficient_statistic(self, x):
        return x

    def _log_partition(self, natural):
        return -np.log(-np.expm1(natural))

    def _natural_to_mean(self, natural):
        return 1 / np.expm1(-natural)

    def _mean_to_natural(self, mean):
        return -np.log1p(1 / mean)

    def _fisher_information(self, natural):
        return self._natural_to_mean(natural) * (1 + self._natural_to_mean(natural))

    def _draw(self, natural, source, shape):
        raise NotImplementedError

    def _natural_rules(self, natural):
        yield Rule(natural < 0, "natural parameter must be negative", natural)

    def _observation_rules(self, x):
        yield Rule(x >= 0, "counts must not be negative", x)


@dataclasses.dataclass(frozen=True, eq=False)
class Maxwell(ExponentialFamily):
    """Speeds of a gas, p(x) = x² exp(ηx² − A(η)), A(η) = log ¼√π − (3/2) log(−η)."""

    def _sufficient_statistic(self, x):
        return x * x

    def _log_base_measure(self, x):
        return 2 * np.log(x)

    def _log_partition(self, natural):
        return math.log(math.sqrt(math.pi) / 4) - 1.5 * np.log(-natural)

    def _natural_to_mean(self, natural):
        return -1.5 / natural

    def _mean_to_natural(self, mean):
        return -1.5 / mean

    def _fisher_information(self, natural):
        return 1.5 / natural**2

    def _draw(self, natural, source, shape):
        raise NotImplementedError

    def _natural_rules(self, natural):
        yield Rule(natural < 0, "natural parameter must be negative", natural)

    def _observation_rules(self, x):
        yield Rule(x > 0, "observations must be positive", x)

    @property
    def _carried(self):
        """y = x² and z = log y: x² dx = ½ y^(3/2) dz."""
        return on_ray(
            (LINEAR,),
            (1.5, 0.0),
            base=-math.log(2),
            tilt=(0.5, 0.0),
            shift=-math.log(2),
            place=lambda x: times(log_pair(x), 2.0),
            change=lambda x: x * x,
            restore=np.sqrt,
        )


@pytest.mark.parametrize("natural", [-0.7, 0.3, -np.inf, np.inf])
def test_a_window_of_one_s_own_counts(natural):
    p = Truncated(Failures(), 1, 6).from_natural(natural)
    q = Truncated(Geometric(), 1, 6).from_natural(natural)
    assert p.mean_parameter == pytest.approx(q.mean_parameter, rel=1e-14)
    np.testing.assert_allclose(p.log_prob(range(1, 7)), q.log_prob(range(1, 7)), atol=1e-14)


def test_a_window_of_one_s_own_numbers():
    family = Truncated(Maxwell(), 0.5, 3.0)
    report = check_family(family, natural=[-0.8, 0.4])
    assert not report.findings, report
    with mpmath.workdps(30):
        mass = mpmath.quad(lambda x: x**2 * mpmath.exp(0.4 * x**2), [0.5, 2, 3])
        mean = mpmath.quad(lambda x: x**4 * mpmath.exp(0.4 * x**2), [0.5, 2, 3]) / mass
    p = family.from_natural(0.4)
    assert p.log_partition == pytest.approx(float(mpmath.log(mass)), rel=1e-14)
    assert p.mean_parameter == pytest.approx(float(mean), rel=1e-14)
    assert family.fit([0.6, 2.9, 2.8]).mean_parameter == pytest.approx(np.mean([0.36, 8.41, 7.84]))


def test_a_family_that_says_nothing_has_no_windows():
    class Plain(Maxwell):
        _carried = None

    with pytest.raises(TypeError, match="no angles .*got Plain"):
        Truncated(dataclasses.dataclass(frozen=True, eq=False)(Plain)(), 1, 2)
