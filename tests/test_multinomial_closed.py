"""The closed family of the Multinomial: zero counts, corners, and KL far and close."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from test_multinomial import NATURALS, SETTINGS, close

from expfam import Categorical, Multinomial

INF = np.inf


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


def test_the_fisher_product_keeps_its_digits_where_one_category_has_everything():
    """n·pᵢ(vᵢ − ⟨p, v⟩), −n Σ pⱼ(vⱼ − vᵢ) for the one."""
    v = np.array([0.3, -1.7, 2.0])
    small = 4 * np.exp([-90.0, -85.0])
    wanted = np.append(small * (v[:2] - v[2]), -(small * (v[:2] - v[2])).sum())
    got = Multinomial(3, trials=4).fisher_product([10.0, 15.0, 100.0], v)
    np.testing.assert_allclose(got, wanted, rtol=1e-14)
