"""Multinomial: maps there and back, batches of trials, views, log-likelihoods."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from expfam import Categorical, Multinomial

INF = np.inf
SETTINGS = settings(max_examples=80, deadline=None, derandomize=True, database=None)
NATURALS = st.integers(2, 6).flatmap(
    lambda k: st.lists(st.floats(-350, 350), min_size=k, max_size=k)
)


def close(value, expected, rtol=1e-14, atol=0.0):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


# ---------------------------------------------------------------- maps


def test_there_and_back():
    family = Multinomial(3)
    natural = [0.2, 1.3, -0.5]
    mean = family.natural_to_mean(natural)
    close(mean, np.exp(natural) / np.exp(natural).sum())
    back = family.mean_to_natural(mean)
    close(back, np.array(natural) - family.log_partition(natural))
    close(family.log_partition(back), 0.0, atol=1e-15)
    close(family.natural_to_mean(back), mean)


@SETTINGS
@given(NATURALS, st.floats(-1e6, 1e6))
def test_round_trips_in_any_gauge(natural, offset):
    family = Multinomial(len(natural), trials=7)
    natural = np.array(natural) + offset
    back = family.mean_to_natural(family.natural_to_mean(natural))
    close(back - back.max(), natural - natural.max(), 1e-14, 1e-14)
    close(family.log_partition(back), 0.0, atol=1e-13)
    member = family.from_natural(natural)
    assert member.same_member(family.from_natural(back))


@SETTINGS
@given(NATURALS, st.data())
def test_the_gauge_and_the_order_of_categories_do_not_matter(natural, data):
    size = len(natural)
    counts = data.draw(st.lists(st.integers(0, 40), min_size=size, max_size=size))
    others = data.draw(st.lists(st.floats(-350, 350), min_size=size, max_size=size))
    order = data.draw(st.permutations(range(size)))
    family = Multinomial(size, trials=sum(counts))
    natural, counts, others = np.array(natural), np.array(counts), np.array(others)
    p, q = family.from_natural(natural), family.from_natural(others)
    moved_p, moved_q = (family.from_natural(v[order]) for v in (natural, others))
    close(moved_p.mean_parameter, p.mean_parameter[order], 1e-13, 1e-300)
    close(moved_p.log_prob(counts[order]), p.log_prob(counts), 1e-13, 1e-13)
    close(moved_p.kl(moved_q), p.kl(q), 1e-11, 1e-300)
    assert p.kl(q) >= 0
    assert p.kl(p) == 0
    shifted = family.from_natural(natural + 1024.0)  # rounds natural
    close(shifted.log_prob(counts), p.log_prob(counts), 1e-13, 1e-9)
    close(shifted.mean_parameter, p.mean_parameter, 1e-12, 1e-300)


def test_means_far_below_the_largest_are_zero_and_come_back_as_minus_infinity():
    family = Multinomial(3)
    mean = family.natural_to_mean([0.0, -745.0, -746.0])
    assert mean[1] > 0
    assert mean[2] == 0
    back = family.mean_to_natural(mean)
    assert back[2] == -INF
    assert back[0] == pytest.approx(0.0, abs=1e-300)
    close(family.natural_to_mean([1e308, 0.0, -1e308]), [1.0, 0.0, 0.0])


def test_means_are_renormalised_and_their_sum_is_checked():
    family = Multinomial(4, trials=10)
    mean = np.array([1.0, 2.0, 3.0, 4.0]) * (1 + 5e-10)
    close(family.mean_to_natural(mean), np.log([0.1, 0.2, 0.3, 0.4]))
    for bad in (mean * (1 + 2e-9), [1.0, 2.0, 3.0, 5.0], [1e308] * 4):
        with pytest.raises(ValueError, match="Multinomial: mean parameter must sum to trials=10"):
            family.mean_to_natural(bad)
    small = np.float32([0.1, 0.2, 0.3, 0.4])
    assert Multinomial(4).mean_to_natural(small).dtype == np.float32
    with pytest.raises(ValueError, match="must be non-negative; row 1 has the entry -0.1"):
        Multinomial(2).mean_to_natural([[0.5, 0.5], [1.1, -0.1]])


# ---------------------------------------------------------------- batches


def test_trials_that_differ_from_row_to_row_work_everywhere():
    family = Multinomial(3, trials=[4, 10])
    natural = [0.2, 1.3, -0.5]
    p, q = family.from_natural(natural), family.from_natural([[0.1, 0.0, 0.0], [0.0, -INF, 1.0]])
    ones = [Multinomial(3, trials=n).from_natural(natural) for n in (4, 10)]
    others = [
        Multinomial(3, n).from_natural(v) for n, v in zip((4, 10), q.natural_parameter, strict=True)
    ]
    x = np.array([[1, 1, 2], [3, 0, 7]])
    pairs = list(zip(ones, others, x, strict=True))
    assert p.batch_shape == q.batch_shape == (2,)
    assert len(p) == 2
    close(p.mean_parameter, [m.mean_parameter for m in ones])
    close(p.log_partition, [m.log_partition for m in ones])
    close(p.log_prob(x), [m.log_prob(v) for m, _, v in pairs])
    close(p.log_prob(x[None].repeat(3, 0)), [[m.log_prob(v) for m, _, v in pairs]] * 3)
    close(p.score(x), [m.score(v) for m, _, v in pairs], atol=1e-14)
    close(p.entropy(), [m.entropy() for m in ones])
    close(p.kl(q), [m.kl(o) for m, o, _ in pairs])
    close(q.kl(p), [o.kl(m) for m, o, _ in pairs])
    close(p.cross_entropy(q), [m.cross_entropy(o) for m, o, _ in pairs])
    close(p.fisher_information, [m.fisher_information for m in ones])
    v = [1.0, -2.0, 0.5]
    close(family.fisher_product(natural, v), p.fisher_information @ v)
    close(p.convex_conjugate, [m.convex_conjugate for m in ones])
    close(
        p.cumulant_function([0.1, 0.2, 0.3]), [m.cumulant_function([0.1, 0.2, 0.3]) for m in ones]
    )
    close(p.log_likelihood(x), p.log_prob(x))
    close(p.log_likelihood([x, x]), 2 * np.asarray(p.log_prob(x)))
    close(family.fit([x, x], batch_ndim=1).mean_parameter, x, atol=1e-15)
    fitted = family.fit(x)  # one member of all rows
    close(fitted.mean_parameter, [[16 / 14, 4 / 14, 36 / 14], [40 / 14, 10 / 14, 90 / 14]])
    assert p.degrees_of_freedom.tolist() == [2, 2]
    assert q.degrees_of_freedom.tolist() == [2, 1]
    draws = p.sample(50, rng=3)
    assert draws.shape == (50, 2, 3)
    assert (draws.sum(axis=-1) == [4, 10]).all()
    assert p[1] == ones[1]
    assert p[:1].family == Multinomial(3, trials=[4])
    assert [m.family.trials for m in p] == [4, 10]
    close(family.log_base_measure(x), [math.log(12), math.log(120)])
    assert family.from_mean(p.mean_parameter).same_member(family.from_natural([natural, natural]))
    with pytest.raises(
        ValueError, match="counts must sum to the trials of their row; row 1 sums to 9"
    ):
        p.log_prob([[1, 1, 2], [3, 0, 6]])
    text = r"batch of the natural parameter must broadcast against that of trials; got \(3,\) and \(2,\)"
    with pytest.raises(ValueError, match=text):
        family.natural_to_mean(np.zeros((3, 3)))


def test_no_trials_are_one_certain_outcome():
    family = Multinomial(3, trials=0)
    p, q = family.from_natural([0.2, -INF, 1.0]), family.from_natural([0.0, 0.0, -INF])
    assert p.log_prob([0, 0, 0]) == 0.0
    assert p.entropy() == 0.0
    assert p.kl(q) == 0.0
    assert p.mean_parameter.tolist() == [0.0, 0.0, 0.0]
    assert p.sample(2, 1).tolist() == [[0, 0, 0]] * 2
    with pytest.raises(ValueError, match="with trials=0 every member has the mean 0"):
        family.mean_to_natural([0.0, 0.0, 0.0])


def test_one_category():
    p = Multinomial(1, trials=5).from_natural([3.0])
    assert p.mean_parameter.tolist() == [5.0]
    assert p.log_prob([5]) == p.entropy() == p.kl(p) == p.degrees_of_freedom == 0
    assert p.sample((), 1).tolist() == [5]
    assert p.fisher_information.tolist() == [[0.0]]
    assert Categorical(1).fit([0, 0]).log_prob(0) == 0.0


# ---------------------------------------------------------------- views


def test_views():
    family = Multinomial(["a", "b", "c"], trials=4)
    natural = [[1.0, 2.0, 6.0], [0.0, -INF, 4.0]]
    assert family.centred(natural).tolist() == [[-2.0, -1.0, 3.0], [-2.0, -INF, 2.0]]
    assert family.baseline(natural, "a").tolist() == [[0.0, 1.0, 5.0], [0.0, -INF, 4.0]]
    for view in (family.centred(natural), family.baseline(natural, "c")):
        assert family.from_natural(view).same_member(family.from_natural(natural))
    with pytest.raises(ValueError, match="'b' must have a positive probability; row 1 is -inf"):
        family.baseline(natural, "b")
    with pytest.raises(ValueError, match=r"'z' is not among the categories \['a', 'b', 'c'\]"):
        family.baseline(natural, "z")


def test_views_of_huge_naturals_are_silent():
    family = Multinomial(2)
    with np.errstate(all="raise"):
        assert family.centred([1e308, 1e308]).tolist() == [0.0, 0.0]
        assert family.centred([1e308, -1e308]).tolist() == [1e308, -1e308]
        assert family.baseline([1e308, -1e308], 1).tolist() == [INF, 0.0]
    big = Multinomial(1000).centred(np.full(1000, 1.7e308))
    assert np.abs(big).max() <= 1e294


def test_views_of_means():
    family = Multinomial(["a", "b", "c"], trials=4)
    mean = np.array([[1.0, 1.0, 2.0], [1.0, 0.0, 3.0]])
    natural = family.mean_to_natural(mean)
    close(family.mean_to_centred(mean), family.centred(natural), 1e-14)
    close(family.mean_to_baseline(mean, "a"), family.baseline(natural, "a"), 1e-14)
    with pytest.raises(ValueError, match="'b' must have a positive probability; row 1 is 0"):
        family.mean_to_baseline(mean, "b")


# ---------------------------------------------------------------- log-likelihoods


def test_both_log_likelihoods():
    family = Multinomial(3, trials=10)
    p = family.from_natural([0.2, 1.3, -0.5])
    x = [[3, 0, 7], [1, 8, 1]]
    log_p = np.log(p.mean_parameter / 10)
    sequence = p.log_likelihood(x, base_measure=False)
    assert sequence == pytest.approx(np.sum(np.array(x) @ log_p), rel=1e-14)
    assert p.log_likelihood(x) == pytest.approx(
        stats.multinomial.logpmf(x, 10, np.exp(log_p)).sum()
    )
    assert p.log_likelihood(family.statistics(x)) == p.log_likelihood(x)
    codes = Categorical(3).from_natural([0.2, 1.3, -0.5])
    assert codes.log_likelihood([0, 2, 2]) == pytest.approx(log_p[[0, 2, 2]].sum())


@pytest.mark.parametrize("n", [10, 10**15, 2**62])
def test_log_prob_beside_the_normal_density_at_the_mode(n):
    p = Multinomial(2, trials=n).from_natural([0.0, 0.0])
    assert p.log_prob([n // 2, n // 2]) == pytest.approx(-0.5 * math.log(math.pi * n / 2), rel=3e-2)
    assert p.log_prob([n, 0]) == pytest.approx(-n * math.log(2), rel=1e-14)
