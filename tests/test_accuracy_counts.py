"""Accuracy promises of the Multinomial and its kin, in units of the last place, against mpmath."""

from __future__ import annotations

import math
import warnings
from unittest import mock

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP
from test_accuracy import exact_logs, ulps

from expfam import Binomial, Categorical, Multinomial, kernels, special


def counts_of(kind: int, rng: np.random.Generator) -> list[int]:
    size = int(rng.integers(1, 8))
    draws = [
        lambda: rng.integers(0, 5, size),
        lambda: rng.integers(0, 300, size),
        lambda: np.r_[rng.integers(1, 10**15), rng.integers(0, 4, size)],
        lambda: rng.integers(0, 2**58, size),
        lambda: np.floor(10 ** rng.uniform(0, 17.5, size)).astype(np.int64),
    ]
    return [int(v) for v in draws[kind]()]


@pytest.mark.parametrize("kind", range(5))
def test_the_log_multinomial_coefficient_is_good_to_two_ulp(kind):
    rng = np.random.default_rng(kind)
    for _ in range(100):
        counts = [int(float(v)) for v in counts_of(kind, rng)]
        with mpmath.workdps(60):
            exact = mpmath.loggamma(sum(counts) + 1) - mpmath.fsum(
                mpmath.loggamma(v + 1) for v in counts
            )
            got = special.log_multinomial_coefficient(np.array(counts))
            if sum(v > 0 for v in counts) <= 1:
                assert got == 0
            else:
                assert ulps(got, exact) <= 2


def test_a_count_of_one_beside_1e17_is_not_lost():
    assert special.log_multinomial_coefficient([1, 128585159163499520]) == pytest.approx(
        math.log(128585159163499521), rel=1e-15
    )


def simplex_point(kind: int, rng: np.random.Generator) -> np.ndarray:
    size = int(rng.integers(2, 10))
    p = [
        lambda: rng.dirichlet(np.ones(size)),
        lambda: np.maximum(rng.dirichlet(np.full(size, 0.1)), 1e-300),
        lambda: np.full(size, 1 / size) * (1 + 1e-10 * rng.normal(size=size)),
        lambda: np.r_[1.0, 10 ** rng.uniform(-30, -1, size - 1)],
    ][kind]()
    return p / p.sum()


@pytest.mark.parametrize("kind", range(4))
def test_the_backward_map_and_its_views_are_good_to_two_ulp(kind):
    rng = np.random.default_rng(kind)
    for _ in range(100):
        mean = simplex_point(kind, rng)
        family = Multinomial(len(mean))
        with mpmath.workdps(60):
            numbers = [mpmath.mpf(v) for v in mean.tolist()]
            logs = [mpmath.log(v) for v in numbers]
            log_total, centre = mpmath.log(mpmath.fsum(numbers)), mpmath.fsum(logs) / len(logs)
            views = [
                (family.mean_to_natural(mean), log_total),
                (family.mean_to_centred(mean), centre),
                (family.mean_to_baseline(mean, 1), logs[1]),
            ]
            for got, reference in views:
                worst = max(ulps(g, v - reference) for g, v in zip(got, logs, strict=True))
                assert worst <= 2 + LOG_ULP


TINY = [5e-324, 1e-322, 1e-310, 2.3e-308, 1e-300, 1e-290]


@pytest.mark.parametrize("tiny", TINY)
@pytest.mark.parametrize("trials", [1, 10, 2**62])
def test_backward_maps_of_the_least_means_lose_nothing(tiny, trials):
    """Neither where μ/n is no normal number nor where the odds overflow, and without a warning."""
    mean = np.array([0.5 * trials, tiny, 0.5 * trials])
    family = Multinomial(3, trials=trials)
    with mpmath.workdps(60), warnings.catch_warnings():
        warnings.simplefilter("error")
        small, large = mpmath.mpf(tiny), mpmath.mpf(mean[0])
        log = mpmath.log(small / trials)
        for given in (mean, mean[[1, 0, 2]]):
            assert ulps(family.mean_to_natural(given)[given == tiny].item(), log) <= 2 + LOG_ULP
        odds = mpmath.log(small / (trials - small))
        assert ulps(float(Binomial(trials).mean_to_natural(tiny)), odds) <= 2 + LOG_ULP
        ratio = mpmath.log(small / large)
        assert ulps(family.mean_to_baseline(mean, 0)[1], ratio) <= 1
        assert ulps(family.mean_to_baseline(mean, 1)[0], -ratio) <= 1
        centred = family.mean_to_centred(mean)
        assert ulps(centred[1], ratio * 2 / 3) <= 1
        assert ulps(centred[0], -ratio / 3) <= 1


@pytest.mark.parametrize("size", [3, 10, 100])
def test_centred_means_a_few_roundings_apart_are_good_to_two_ulp(size):
    """Also where the roundings cancel, and what is left is of the size of their squares."""
    rng = np.random.default_rng(size)
    family = Multinomial(size)
    for _ in range(30):
        steps = np.zeros(size)
        steps[:2] = 1, rng.integers(-1, 1)  # one alone, or one against the other
        mean = 1 / size + rng.permutation(steps) * np.spacing(1 / size)
        with mpmath.workdps(90):
            logs = [mpmath.log(v) for v in map(mpmath.mpf, mean.tolist())]
            centre = mpmath.fsum(logs) / size
            for got, log in zip(family.mean_to_centred(mean), logs, strict=True):
                assert abs(got - (log - centre)) <= 2 * math.ulp(float(log - centre)) + 1e-46


def test_kl_that_underflows_for_one_trial_keeps_its_digits_for_many():
    p, q, n = [0.0, -672.0], [0.0, np.nextafter(-672.0, 0)], 2**62
    family = Multinomial(2, trials=n)
    with mpmath.workdps(700):
        log_p, log_q = exact_logs(p)[1], exact_logs(q)[1]
        exact = n * mpmath.fsum(mpmath.exp(u) * (u - v) for u, v in zip(log_p, log_q, strict=True))
        for trials in (n, [n, 0]):
            member = Multinomial(2, trials=trials).from_natural(p)
            got = member.kl(Multinomial(2, trials=trials).from_natural(q))
            assert abs(np.max(got) / exact - 1) <= 1e-12
        assert np.min(got) == 0
    assert family.from_natural(p).kl(family.from_natural(p)) == 0


INF = np.inf
RARE = [
    (1, [0.0, 1.0, -300.0], [0.0, 1.0, -290.0]),  # one e^10 times as likely, at 1e-131
    (7, [3.0, 3.0, -5.0, -700.0], [3.0, 3.0, -5.0, -20.0]),
    (1, [0.0, -80.0, -90.0], [0.0, -90.0, -80.0]),
    (2**62, [0.0, 0.0, -740.0], [0.0, 0.0, -739.0]),  # subnormal for one trial
    (2**62, [0.0, -INF], [0.0, -740.0]),
    (2**62, [0.0, 0.0, -800.0], [0.0, 0.0, -730.0]),
]


@pytest.mark.parametrize(("trials", "p", "q"), RARE, ids=str)
def test_kl_of_members_that_differ_in_what_is_rare(trials, p, q):
    family = Multinomial(len(p), trials)
    with mpmath.workdps(1000):
        (a, a_total), (b, b_total) = (
            ([mpmath.exp(v) for v in x], mpmath.fsum(map(mpmath.exp, x))) for x in (p, q)
        )
        terms = (
            u / a_total * mpmath.log(u / v * b_total / a_total)
            for u, v in zip(a, b, strict=True)
            if u
        )
        exact = trials * mpmath.fsum(terms)
        got = family.from_natural(p).kl(family.from_natural(q))
        assert abs(got / exact - 1) <= 1e-12


def test_log_ratios_of_subnormal_means_are_silent():
    family, mean = Multinomial(3), [1.0, 5e-324, 3e-320]
    with np.errstate(all="raise"):
        assert family.mean_to_baseline(mean, 1)[1] == 0
        assert family.mean_to_centred(mean)[0] > 400


def test_the_log_odds_are_good_to_two_ulp():
    rng = np.random.default_rng(1)
    for _ in range(200):
        trials = int(rng.choice([1, 12, 10**6]))
        mean = trials * float(rng.choice([rng.uniform(), 0.5 * (1 + 1e-9 * rng.normal()), 1e-9]))
        with mpmath.workdps(60):
            exact = mpmath.log(mpmath.mpf(mean) / (trials - mpmath.mpf(mean)))
            assert ulps(float(Binomial(trials).mean_to_natural(mean)), exact) <= 2


@pytest.mark.parametrize("shift", [0.0, 1.0, 1000.0, -1e6])
def test_kl_of_members_as_stored_is_good_to_1e_12_however_close(shift):
    rng = np.random.default_rng(2)
    for _ in range(60):
        a = rng.normal(size=int(rng.integers(2, 10))) * rng.choice([0.1, 1, 5])
        b = a + 10 ** rng.uniform(-12, 1) * rng.normal(size=len(a)) + shift
        family = Multinomial(len(a), trials=3)
        got = family.from_natural(a).kl(family.from_natural(b))
        with mpmath.workdps(120):
            log_p, log_q = exact_logs(a.tolist())[1], exact_logs(b.tolist())[1]
            exact = 3 * mpmath.fsum(
                mpmath.exp(u) * (u - v) for u, v in zip(log_p, log_q, strict=True)
            )
            assert got >= 0
            assert abs(mpmath.mpf(got) - exact) <= 1e-12 * exact


def test_kl_of_near_members_is_never_negative():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(10), size=1000)
    q = p * (1 + 1e-8 * rng.normal(size=p.shape))
    family = Multinomial(10)
    a, b = family.from_mean(p), family.from_mean(q / q.sum(axis=1, keepdims=True))
    assert (a.kl(b) >= 0).all()
    assert (a.kl(a) == 0).all()


def test_the_entropy_of_one_draw_is_good_to_four_ulp():
    rng = np.random.default_rng(4)
    for _ in range(300):
        a = rng.normal(size=int(rng.integers(2, 12))) * rng.choice([0.1, 1, 5, 30])
        with mpmath.workdps(60):
            logs = exact_logs(a.tolist())[1]
            exact = -mpmath.fsum(mpmath.exp(v) * v for v in logs)
            assert ulps(Categorical(len(a)).from_natural(a).entropy(), exact) <= 4


def test_log_p_is_no_nan_where_differences_of_natural_parameters_overflow():
    for trials in (1, 2**62):
        member = Multinomial(2, trials).from_natural([1e308, -1e308])
        assert member.log_prob([trials - 1, 1]) == -INF


@pytest.mark.parametrize("trials", [1, 10, 2**62])
def test_the_log_partition_of_a_fitted_member_takes_no_slow_path(trials):
    """It sits at 0, where logsumexp alone would look for what rounding has left."""
    mean = np.array([0.1, 0.2, 0.7]) * trials
    with mock.patch.object(kernels, "_mend", side_effect=AssertionError("the slow path")):
        member = Multinomial(3, trials=trials).from_mean(mean)
        assert abs(member.log_partition) <= 4 * 2.0**-53 * trials
        with pytest.raises(AssertionError, match="the slow path"):
            special.logsumexp(member.natural_parameter)
