"""Every law at every case, and check_family itself: its reports, its notes, a user's own family."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from conftest import CASES

from expfam import (
    Gamma,
    Gaussian,
    Geometric,
    InverseGamma,
    Multinomial,
    Poisson,
    ProductFamily,
    Truncated,
    check_family,
)
from expfam.checks import OF_A_MEMBER, OF_A_PAIR, OF_THE_FAMILY, Report
from expfam.family import ExponentialFamily, Rule

LAWS = [law.name for law in (*OF_A_MEMBER, *OF_A_PAIR, *OF_THE_FAMILY)]


@cache
def report(case: str) -> Report:
    family, natural = CASES[case]
    return check_family(family, natural=natural)


@pytest.mark.parametrize("case", CASES)
def test_every_law_holds(case):
    broken = [str(finding) for finding in report(case).findings]
    assert not broken, "\n".join(broken)


def test_cases_reach_the_boundary_and_batches():
    members = [where for case in CASES for where in report(case).members]
    for boundary in ("Binomial(trials=12) at η = (inf)", "Poisson() at η = (-inf)"):
        assert boundary in members
    assert any("Multinomial(4, trials=10) at η = (0, 2, -inf, 1)" in where for where in members)


def test_what_is_out_of_reach_is_noted():
    assert any("tails" in note for note in report("Gamma, tiny").notes)
    assert any("points" in note for note in report("Multinomial(3, 1e15)").notes)
    assert report("Poisson").notes == ()


# ------------------------------------------------------------ check_family itself


@dataclass(frozen=True, eq=False)
class Exponential(ExponentialFamily):
    """A user's own family, p(x) = exp(ηx − A(η)), A(η) = −log(−η): the least one writes."""

    log_base: ClassVar[float] = 0.0

    def _sufficient_statistic(self, x):
        return x

    def _log_partition(self, natural):
        return -np.log(-natural)

    def _natural_to_mean(self, natural):
        return -1 / natural

    def _mean_to_natural(self, mean):
        return -1 / mean

    def _fisher_information(self, natural):
        return 1 / natural**2

    def _draw(self, natural, source, shape):
        return -np.log(source.uniform((*shape, *natural.shape))) / -natural

    def _natural_rules(self, natural):
        yield from super()._natural_rules(natural)
        yield Rule(natural < 0, "natural parameter must be negative", natural)

    def _mean_rules(self, mean):
        yield from super()._mean_rules(mean)
        yield Rule(mean > 0, "mean parameter must be positive", mean)

    def _observation_rules(self, x):
        yield from super()._observation_rules(x)
        yield Rule(x > 0, "observations must be positive", x)


@dataclass(frozen=True, eq=False)
class Beta(ExponentialFamily):
    """A family on the unit interval, η = (a, b), T = (log x, log(1 − x)), without closed form."""

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    event_shape: ClassVar[tuple[int, ...]] = ()

    def _sufficient_statistic(self, x):
        return np.stack([np.log(x), np.log1p(-x)], axis=-1)

    def _log_base_measure(self, x):
        return -np.log(x) - np.log1p(-x)

    def _log_partition(self, natural):
        from scipy.special import betaln

        return betaln(natural[..., 0], natural[..., 1])

    def _natural_to_mean(self, natural):
        from scipy.special import digamma

        return digamma(natural) - digamma(natural.sum(axis=-1))[..., None]

    def _fisher_information(self, natural):
        from scipy.special import polygamma

        own = np.asarray(polygamma(1, natural))[..., None] * np.eye(2)
        return own - np.asarray(polygamma(1, natural.sum(axis=-1)))[..., None, None]

    def _initial_natural(self, mean):
        return np.ones_like(mean)

    def _entropy(self, natural, mean):
        from scipy.special import digamma

        ab = natural - 1
        total = digamma(natural.sum(axis=-1)) * ab.sum(axis=-1)
        return self._log_partition(natural) - (ab * digamma(natural)).sum(axis=-1) + total

    def _draw(self, natural, source, shape):
        from expfam import sampling

        a = sampling.gamma(source, natural[..., 0], shape)
        return a / (a + sampling.gamma(source, natural[..., 1], shape))

    def _natural_rules(self, natural):
        yield from super()._natural_rules(natural)
        yield Rule(natural > 0, "natural parameter must be positive", natural)

    def _mean_rules(self, mean):
        yield from super()._mean_rules(mean)
        total = np.exp(mean).sum(axis=-1)
        text = "the exponentials of the mean parameter must sum to less than 1"
        yield Rule(total < 1 - 1e-12, text, total, "sum to", "row")

    def _observation_rules(self, x):
        yield Rule((x > 0) & (x < 1), "observations must be between 0 and 1", x)


def test_a_users_own_family():
    check_family(Exponential()).raise_if_failed()


def test_a_users_own_family_by_newton():
    check_family(Beta(), natural=[[2.0, 3.0], [0.5, 1.5]]).raise_if_failed()


def test_what_a_users_family_lacks_is_said():
    class Plain(ExponentialFamily):
        log_base = 0.0
        _sufficient_statistic = _log_partition = _natural_to_mean = lambda self, x: x
        _fisher_information = _draw = lambda self, *x: x

    class Headless(Exponential):
        log_base = None

    with pytest.raises(
        TypeError, match="Plain: families compare by their fields; put @dataclasses"
    ):
        check_family(Plain())
    with pytest.raises(NotImplementedError, match="Headless must define log_base or _log_base_me"):
        Headless().from_natural(-1.0).log_prob(2.0)
    report = check_family(Headless(), natural=-1.0)
    assert "Headless must define log_base" in str(report)


def test_long_tails_on_two_axes_and_a_log_partition_of_minus_infinity():
    family = ProductFamily(Truncated(Poisson(), 1), Geometric())
    laws = [*LAWS[3:5], "cumulants are those of T"]
    check_family(family, natural=[[0.3, -0.2], [-np.inf, -0.7]], laws=laws).raise_if_failed()


def test_samples_near_the_largest_double_are_no_fault():
    laws = ["bad input is refused"]
    check_family(InverseGamma(), natural=[[-0.999, -1e3]], laws=laws).raise_if_failed()


def test_a_report_says_what_is_wrong():
    class Wrong(Exponential):
        def _entropy(self, natural, mean):
            return super()._entropy(natural, mean) * 1.1

    found = check_family(Wrong(), natural=[-2.0])
    assert not found.passed
    with pytest.raises(AssertionError, match=r"FAILED entropy is −E log p.*likely cause: _entropy"):
        found.raise_if_failed()
    assert "Wrong() at η = (-2)" in str(found)


def test_members_are_given_where_none_is_proposed():
    class Remote(Exponential):
        def _natural_rules(self, natural):
            yield Rule(natural < -100, "natural parameter must be below -100", natural)

    with pytest.raises(ValueError, match="check_family: natural must be given for Remote"):
        check_family(Remote())
    assert check_family(Remote(), natural=-200.0).members[0].endswith("Remote() at η = (-200)")
    with pytest.raises(ValueError, match="Remote: natural parameter must be below -100"):
        check_family(Remote(), natural=[-1.0])


def test_laws_are_tried_by_name():
    assert check_family(Poisson(), laws=LAWS[-2:]).laws == tuple(LAWS[-2:])
    with pytest.raises(ValueError, match="check_family: laws must be among its own; 'gravity' is"):
        check_family(Poisson(), laws=["gravity"])


def test_what_is_no_family_is_refused():
    with pytest.raises(
        TypeError, match="family must be an ExponentialFamily; got the class Poisson"
    ):
        check_family(Poisson)


def test_the_same_seed_gives_the_same_report():
    assert check_family(Gamma(), rng=3) == check_family(Gamma(), rng=3)
    assert check_family(Gamma(), rng=np.random.default_rng(3)).passed


# ------------------------------------------------------------ doors with words of their own


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: Multinomial(3, trials=10).fit([[3, 0, 7], [1, 1, 7]]),
            "Multinomial: counts must sum to trials=10; row 1 sums to 9",
        ),
        (
            lambda: Multinomial(3, trials=10).from_mean([3.0, 0.0, 6.0]),
            "Multinomial: mean parameter must sum to trials=10; it sums to 9",
        ),
        (
            lambda: Multinomial(3).mean_to_natural([1.5, -0.5, 0.0]),
            "Multinomial: mean parameter must be non-negative; it has the entry -0.5",
        ),
        (
            lambda: Multinomial(3).from_natural([-np.inf] * 3),
            "Multinomial: natural parameters must be below +inf, not nan and not all -inf; "
            "it has the maximum -inf",
        ),
        (
            lambda: Gaussian().fit([1.0, 1.0]),
            "Gaussian: E x² must exceed (E x)² by more than rounding (all equal? centre the "
            "data?); it exceeds it by 0",
        ),
    ],
)
def test_errors_say_who_which_rule_what_came_and_where(call, text):
    with pytest.raises(ValueError, match=r"^\w+: ") as error:
        call()
    assert str(error.value) == text


@pytest.mark.parametrize("case", CASES)
def test_pandas_objects_are_refused(case):
    family, _ = CASES[case]
    with pytest.raises(TypeError, match=r"must be a bare array; got a Series|Series"):
        family.log_partition(pd.Series([0.1, 0.2, 0.3]))
