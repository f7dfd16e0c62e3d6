"""Multinomial and Categorical: maps there and back, the closed family, views, labels, batches."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
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


# ---------------------------------------------------------------- the closed family


def enumerate_counts(size: int, n: int) -> np.ndarray:
    rows = [x for x in itertools.product(range(n + 1), repeat=size) if sum(x) == n]
    return np.array(rows)


def test_a_zero_count_is_an_ordinary_fit():
    family = Multinomial(3, trials=10)
    p = family.fit([3, 0, 7])
    assert np.isneginf(p.natural_parameter).tolist() == [False, True, False]
    assert p.mean_parameter.tolist() == pytest.approx([3.0, 0.0, 7.0])
    assert p.degrees_of_freedom == 1
    q = family.from_natural([0.1, 0.2, 0.3])
    r = family.from_natural([0.3, -INF, -0.2])
    rows = enumerate_counts(3, 10)
    with np.errstate(all="raise"):
        log_p, log_q, log_r = (np.asarray(m.log_prob(rows)) for m in (p, q, r))
        entropy, kl_pq, kl_pr, kl_qp = p.entropy(), p.kl(q), p.kl(r), q.kl(p)
        fisher = p.fisher_information
        draws = p.sample(4000, rng=1)
        assert p.cross_entropy(q) == entropy + kl_pq
        assert p.convex_conjugate == pytest.approx(3 * math.log(0.3) + 7 * math.log(0.7))
        assert p.cumulant_function([1.0, 5.0, 0.0]) == pytest.approx(
            10 * math.log(0.3 * math.e + 0.7)
        )
        assert p.log_likelihood([3, 0, 7], base_measure=False) == pytest.approx(p.convex_conjugate)
        assert p.log_likelihood([[3, 0, 7], [2, 1, 7]]) == -INF
    seen = rows[:, 1] == 0
    binomial = stats.binom.logpmf(rows[seen, 0], 10, 0.3)
    close(log_p[seen], binomial, 1e-13)
    assert (log_p[~seen] == -INF).all()
    assert np.exp(log_p).sum() == pytest.approx(1.0, rel=1e-14)
    chances = np.exp(log_p[seen])
    assert entropy == pytest.approx(-(chances * log_p[seen]).sum(), rel=1e-13)
    assert kl_pq == pytest.approx((chances * (log_p[seen] - log_q[seen])).sum(), rel=1e-12)
    assert kl_pr == pytest.approx((chances * (log_p[seen] - log_r[seen])).sum(), rel=1e-12)
    assert kl_qp == INF
    close(fisher, [[2.1, 0.0, -2.1], [0.0, 0.0, 0.0], [-2.1, 0.0, 2.1]], 1e-14)
    assert (draws[:, 1] == 0).all()
    assert (draws.sum(axis=1) == 10).all()
    assert abs(draws[:, 0].mean() - 3) < 5 * math.sqrt(2.1 / 4000)


def test_the_corner_where_one_category_has_everything():
    p = Multinomial(3, trials=4).from_natural([-INF, 2.0, -INF])
    with np.errstate(all="raise"):
        assert p.mean_parameter.tolist() == [0.0, 4.0, 0.0]
        assert p.log_prob([0, 4, 0]) == 0.0
        assert math.copysign(1.0, p.entropy()) == 1.0
        assert p.entropy() == 0.0
        assert math.copysign(1.0, Categorical(2).from_natural([0.0, -INF]).entropy()) == 1.0
        assert p.degrees_of_freedom == 0
        assert p.fisher_information.tolist() == np.zeros((3, 3)).tolist()
        assert p.sample(3, 1).tolist() == [[0, 4, 0]] * 3
        assert p.kl(p) == 0.0


def test_the_fisher_product_keeps_its_digits_where_one_category_has_everything():
    """n·pᵢ(vᵢ − ⟨p, v⟩), −n Σ pⱼ(vⱼ − vᵢ) for the one."""
    v = np.array([0.3, -1.7, 2.0])
    small = 4 * np.exp([-90.0, -85.0])
    wanted = np.append(small * (v[:2] - v[2]), -(small * (v[:2] - v[2])).sum())
    got = Multinomial(3, trials=4).fisher_product([10.0, 15.0, 100.0], v)
    np.testing.assert_allclose(got, wanted, rtol=1e-14)


def test_kl_is_infinite_exactly_where_the_support_is_not_nested():
    family = Multinomial(3)
    supports = [[0.1, 0.2, 0.3], [0.1, -INF, 0.3], [-INF, -INF, 0.3]]
    members = [family.from_natural(v) for v in supports]
    for (i, p), (j, q) in itertools.product(enumerate(members), repeat=2):
        assert (p.kl(q) == INF) == (i < j)
    far = family.from_natural([0.0, -800.0, 0.0])  # underflown is not impossible
    assert far.kl(family.from_natural([0.0, -INF, 0.0])) == INF
    assert far.kl(family.from_natural([0.0, -900.0, 0.0])) == 0.0


def test_kl_of_naturals_at_the_edge_of_double_precision():
    family = Multinomial(2)
    a, b, c = (family.from_natural(v) for v in ([1e308, 0.0], [-1e308, 0.0], [1e308, 5.0]))
    with np.errstate(all="raise"):
        assert a.kl(b) == 1e308
        assert a.kl(c) == 0.0
        batch = family.from_natural([[1e308, 0.0], [0.3, 0.1]])
        value = batch.kl(b)
    assert value[0] == 1e308
    assert 0 < value[1] < INF


@pytest.mark.parametrize("far", [800.0, 1e6, 1e9, 1e300])
def test_kl_of_a_far_member_does_not_round_the_other(far):
    family = Multinomial(3)
    q = family.from_natural([0.3, -1.2, 0.7])
    for i, log_q in enumerate(q.natural_parameter - q.log_partition):
        p = np.full(3, 5.0)
        p[i] += far  # all but certain: KL = −log qᵢ
        close(family.from_natural(p).kl(q), -log_q, 1e-14)
        close(family.from_natural(far * (np.arange(3) == i)).kl(q), -log_q, 1e-14)
    p = far * np.array([0.0, 0.0, -1.0])  # certain of one half each
    expected = -np.log(2) - (q.natural_parameter[:2].mean() - q.log_partition)
    close(family.from_natural(p).kl(q), expected, 1e-14)


@SETTINGS
@given(NATURALS, st.floats(1e-12, 1e-3))
def test_kl_of_close_members_keeps_its_digits(natural, step):
    natural = np.array(natural)
    assume(np.ptp(natural) < 30)
    family = Multinomial(len(natural))
    other = natural.copy()
    other[0] += step
    gap = float(other[0]) - float(natural[0])
    p = np.exp(family.from_natural(natural).natural_parameter - family.log_partition(natural))
    # KL = log(1 + p₀(eᵍ − 1)) − g p₀
    value = family.from_natural(natural).kl(family.from_natural(other))
    series = p[0] * p[1:].sum() * gap**2 / 2
    close(value, series, 2 * gap)


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


# ---------------------------------------------------------------- Categorical


def test_categorical_codes():
    family = Categorical(["x", "y", "z"])
    p = family.from_natural([0.2, -INF, -0.5])
    log_p = np.array([0.2, -INF, -0.5]) - np.log(np.exp(0.2) + np.exp(-0.5))
    close(p.log_prob([0, 1, 2]), log_p)
    assert isinstance(p.log_prob(2), float)
    assert family.sufficient_statistic([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert family.log_base_measure([[0, 1]]).tolist() == [[0.0, 0.0]]
    finite = log_p[[0, 2]]
    assert p.entropy() == pytest.approx(-(np.exp(finite) * finite).sum())
    assert set(p.sample(200, 1).tolist()) == {0, 2}
    batch = family.from_natural([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])
    a, b = -2.4076059644443806, -0.4076059644443804
    close(batch.log_prob([[0, 0], [2, 2]]), [[a, b], [b, a]])
    for bad in (3, -1, [0, 7]):
        with pytest.raises(ValueError, match="Categorical: codes must be between 0 and 2; .* is"):
            family.from_natural([0, 0, 0]).log_prob(bad)


def test_reprs():
    assert repr(Multinomial(["a", "b"], 3)) == "Multinomial(['a', 'b'], trials=3)"
    assert repr(Categorical(list("abcdef"))) == "Categorical(['a', 'b', 'c', 'd', …])"
    assert repr(Multinomial(3, [1, 2])) == "Multinomial(3, trials=[1, 2])"
    assert "…" not in repr(Categorical(4))


# ---------------------------------------------------------------- labels


LABELS = [
    ("abc", TypeError, "categories must be a number or labels; got 'abc'"),
    (b"ab", TypeError, "must be a number or labels"),
    (None, TypeError, "must be a number or labels; got None"),
    (True, TypeError, "must be a number or labels; got True"),
    (np.True_, TypeError, "must be a number or labels; got a bool"),
    (3.0, TypeError, "must be a number or labels; got a float"),
    (np.float64(3), TypeError, "must be a number or labels; got a float64"),
    (pd.NA, TypeError, "must be a number or labels; got a NAType"),
    (np.array(3), TypeError, "must be a number or labels; got a ndarray"),
    ({"a", "b"}, TypeError, "labels must be in an order; got a set"),
    (frozenset("ab"), TypeError, "labels must be in an order; got a frozenset"),
    (0, ValueError, r"there must be at least one category and at most 2\*\*62; got 0"),
    (-2, ValueError, r"there must be at least one category and at most 2\*\*62; got -2"),
    (2**64, ValueError, r"at most 2\*\*62; got 18446744073709551616"),
    ([], ValueError, "there must be at least one category; got none"),
    (["a", "b", "a"], ValueError, "labels must be distinct; 'a' and 'a' agree"),
    ([True, 1], ValueError, "labels must be distinct; True and 1 agree"),
    ([1, 1.0], ValueError, "labels must be distinct; 1 and 1.0 agree"),
    ([np.str_("a"), "a"], ValueError, "labels must be distinct"),
    (["a", None], TypeError, "a missing value is not a category; got None"),
    ([math.nan], TypeError, "a missing value is not a category; got nan"),
    ([np.float32("nan")], TypeError, "a missing value is not a category; got nan"),
    ([pd.NA], TypeError, "a missing value is not a category; got <NA>"),
    ([pd.NaT], TypeError, "a missing value is not a category; got NaT"),
    ([np.datetime64("NaT")], TypeError, "a missing value is not a category"),
    ([["a"], ["b"]], TypeError, "labels must be hashable; got a list"),
    (np.zeros((2, 2)), TypeError, "labels must be hashable; got a ndarray"),
]


@pytest.mark.parametrize(("categories", "error", "text"), LABELS)
@pytest.mark.parametrize("family", [Multinomial, Categorical])
def test_bad_categories(family, categories, error, text):
    with pytest.raises(error, match=f"^{family.__name__}: .*{text}"):
        family(categories)


def test_labels_of_many_kinds():
    assert Multinomial(c for c in "abc") == Multinomial(["a", "b", "c"])
    assert Multinomial(np.array(["a", "b"])).categories == ("a", "b")
    assert type(Multinomial(np.array(["a", "b"])).categories[0]) is str
    assert Multinomial([np.int64(0), np.int64(1)]) == Multinomial(2) == Multinomial(np.int32(2))
    assert Multinomial([1, 0]) != Multinomial(2)
    assert Multinomial({"b": 1, "a": 2}).categories == ("b", "a")
    assert Multinomial({"b": 1}.keys()).categories == ("b",)
    assert Multinomial(pd.Index(["x", "y"])).categories == ("x", "y")
    day = np.datetime64("2020-01-01", "ns")
    assert Multinomial([day]).categories == (day,)
    assert Multinomial([(1, 2), "a", 2.5, None.__class__]).natural_shape == (4,)
    assert Multinomial([False, True]) != Multinomial([0, 1])
    assert Multinomial([1.0, 2.0]) != Multinomial([1, 2])


def test_codes_of_labels():
    family = Multinomial(["a", 1, 2.5, True.__class__])
    assert [family.code(label) for label in ("a", 1, 2.5, bool)] == [0, 1, 2, 3]
    assert family.code(np.int8(1)) == 1
    assert Categorical(3).code(2) == 2
    for bad in ("z", True, 1.0, [1], None, math.nan, {}):
        with pytest.raises(ValueError, match="Multinomial: .* is not among the categories"):
            family.code(bad)


TRIALS = [
    (-1, ValueError, r"trials must be between 0 and 2\*\*62; got -1"),
    (2**62 + 1, ValueError, r"trials must be between 0 and 2\*\*62"),
    (True, TypeError, "trials must be an integer or an integer array; got True"),
    (3.0, TypeError, "trials must be an integer or an integer array; got 3.0"),
    ("3", TypeError, "trials must be an integer or an integer array; got '3'"),
    (None, TypeError, "trials must be an integer or an integer array; got None"),
    ([4.0, 10], TypeError, "trials must be integers; got an array of float64"),
    ([True, False], TypeError, "trials must be integers; got an array of bool"),
    ([2**70], TypeError, "trials must be real numbers; got an array of object"),
    ([[1], [1, 2]], ValueError, "trials must be a rectangular array; got a ragged one"),
    (np.ma.array([1, 2], mask=[0, 1]), TypeError, "trials must be a plain array; got a masked"),
    (np.array(5.0), TypeError, "trials must be integers"),
    ([-1, 3], ValueError, "trials must be non-negative; entry 0 is -1"),
    (np.array([1, 2**63], np.uint64), ValueError, r"trials must be at most 2\*\*62; entry 1 is 92"),
    ({}, TypeError, "trials must be real numbers; got dict"),
]


@pytest.mark.parametrize(("trials", "error", "text"), TRIALS)
def test_bad_trials(trials, error, text):
    with pytest.raises(error, match=f"^Multinomial: {text}"):
        Multinomial(2, trials)


def test_trials_are_kept_as_integers_that_nobody_changes():
    given_trials = np.array([4, 10], dtype=">i4")
    family = Multinomial(2, given_trials)
    given_trials[0] = 5
    assert family.trials.tolist() == [4, 10]
    assert family.trials.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        family.trials[0] = 5
    assert Multinomial(2, np.array(5)).trials == Multinomial(2, np.uint64(5)).trials == 5
    assert Multinomial(2, np.zeros(0, int)).from_natural([0, 0]).batch_shape == (0,)


def test_families_compare_by_value_and_hash():
    same = [Multinomial(["a", "b"], [4, 10]), Multinomial(("a", "b"), np.array([4, 10]))]
    others = [
        Multinomial(["b", "a"], [4, 10]),
        Multinomial(["a", "b"], [10, 4]),
        Multinomial(["a", "b"], [[4, 10]]),
        Multinomial(["a", "b"], 4),
        Multinomial(2, [4, 10]),
        Categorical(["a", "b"]),
    ]
    assert same[0] == same[1]
    assert hash(same[0]) == hash(same[1])
    assert len({*same, *others}) == 1 + len(others)
    assert Multinomial(2) != Categorical(2)
    assert Multinomial(2) != "Multinomial"
    with pytest.raises(AttributeError):
        same[0].trials = 3
