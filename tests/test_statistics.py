"""Statistics: exact sums, merging in any order, forgetting, weights, batches."""

from __future__ import annotations

import math
import operator
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expfam import Binomial, Categorical, Gamma, Gaussian, Multinomial, Poisson
from expfam.statistics import compensated_sum, weighted_sum

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def fields(s) -> tuple:
    parts = (s.total, s.weight, s.exposure, s.rows)
    return tuple(np.asarray(part).tolist() for part in parts)


def test_what_is_summed():
    family = Multinomial(3, trials=4)
    x = [[1, 1, 2], [0, 3, 1], [4, 0, 0]]
    s = family.statistics(x)
    assert fields(s) == ([5, 4, 3], 3, 12, 3)
    assert s.log_base == pytest.approx(math.log(12) + math.log(4), rel=1e-15)
    assert s.family == Multinomial(3)
    assert s.mean.tolist() == [5 / 12, 4 / 12, 3 / 12]
    assert isinstance(s.weight, int)
    assert isinstance(s.log_base, float)


def test_one_observation_and_none():
    assert fields(Multinomial(2, 3).statistics([1, 2])) == ([1, 2], 1, 3, 1)
    empty = Multinomial(2, 3).statistics(np.zeros((0, 2), dtype=int))
    assert fields(empty) == ([0, 0], 0, 0, 0)
    assert empty.log_base == 0.0
    assert fields(empty + Multinomial(2, 3).statistics([1, 2])) == ([1, 2], 1, 3, 1)
    with pytest.raises(
        ValueError, match="Statistics: an average needs data; it has the exposure 0"
    ):
        _ = empty.mean
    assert fields(Gaussian().statistics([])) == ([0.0, 0.0], 0, 0, 0)


@SETTINGS
@given(
    st.lists(st.integers(0, 2**57), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_integers_merge_exactly_in_any_order_and_are_forgotten(counts, random):
    family = Poisson()
    whole = family.statistics(counts)
    assert whole.total == sum(counts)
    parts = [family.statistics([x]) for x in counts]
    random.shuffle(parts)
    merged = reduce(operator.add, parts)
    assert fields(merged) == fields(whole)
    assert merged.log_base == pytest.approx(whole.log_base, rel=1e-13)
    cut = random.randrange(len(counts))
    assert fields(whole - family.statistics(counts[:cut])) == fields(
        family.statistics(counts[cut:])
    )


@SETTINGS
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_floats_merge_to_1e_13_relative(x, random):
    exact = [math.fsum(x), math.fsum(v * v for v in x)]
    size = np.array([math.fsum(map(abs, x)), exact[1]])
    whole = Gaussian().statistics(x)
    assert (np.abs(whole.total - exact) <= 1e-15 * size).all()
    random.shuffle(x)
    parts = [Gaussian().statistics(x[i : i + 3]) for i in range(0, len(x), 3)]
    merged = reduce(operator.add, parts)
    assert (np.abs(merged.total - exact) <= 1e-13 * size).all()
    assert merged.rows == len(x)


def test_sums_are_exact_up_to_the_largest_count():
    s = Poisson().statistics([2**60 + 129] * 3 + [2**60 - 387])  # floats would pass 2**62
    assert s.total == 2**62
    # In int64 three times 2**62 wraps to -2**62, four times to 0, five times to 2**62.
    for over in ([2**62, 1], [2**62] * 3, [2**62] * 4, [2**62] * 5, [2**61 + 1, 2**61]):
        with pytest.raises(ValueError, match=r"sum of the statistic must be at most 2\*\*62"):
            Poisson().statistics(over)
    with pytest.raises(ValueError, match=r"sum of trials must be at most 2\*\*62"):
        Binomial(2**61).statistics([0, 1, 2])
    with pytest.raises(ValueError, match=r"sum of the weights must be at most 2\*\*62"):
        Poisson().statistics([0, 0], weights=np.array([2**62, 1]))
    half = Poisson().statistics(2**61)
    assert (half + half).total == 2**62
    for many in (Poisson().statistics(2**62), Poisson().statistics([[2**62]], batch_ndim=1)):
        with pytest.raises(ValueError, match=r"a sum of counts must be at most 2\*\*62"):
            many + many


@pytest.mark.parametrize("weights", [[2, 0, 3], np.array([2, 0, 3], np.uint64), np.int8([2, 0, 3])])
def test_integer_weights_repeat_rows_exactly(weights):
    family = Multinomial(2, trials=2**55 + 1)
    x = [[2**55, 1], [0, 2**55 + 1], [1, 2**55]]
    repeated = family.statistics([x[0]] * 2 + [x[2]] * 3)
    weighted = family.statistics(x, weights=weights)
    assert fields(weighted)[:3] == fields(repeated)[:3]
    assert weighted.rows == 3
    assert weighted.log_base == pytest.approx(repeated.log_base, rel=1e-14)


def test_fractional_and_boolean_weights():
    s = Poisson().statistics([4, 2, 7], weights=[0.5, 0.25, 0])
    assert fields(s) == (2.5, 0.75, 0.75, 3)
    assert s.mean == 2.5 / 0.75
    assert fields(Poisson().statistics([4, 2], weights=[True, False])) == (4.0, 1.0, 1.0, 2)
    assert Poisson().fit([4, 2, 7], weights=[0.5, 0.25, 0]).mean_parameter == pytest.approx(10 / 3)


def test_batches():
    family = Multinomial(3, trials=[4, 10])
    x = np.array([[[1, 1, 2], [5, 5, 0]], [[0, 4, 0], [1, 2, 7]], [[4, 0, 0], [10, 0, 0]]])
    s = family.statistics(x, batch_ndim=1)
    assert fields(s) == ([[5, 5, 2], [16, 7, 7]], [3, 3], [12, 30], 3)
    assert fields(family.statistics(x)) == ([21, 12, 9], 6, 42, 6)
    assert fields(family.statistics(x, batch_ndim=2))[3] == 1
    per_sample = family.statistics(x, weights=[1, 0, 2], batch_ndim=1)
    assert per_sample.total.tolist() == [[9, 1, 2], [25, 5, 0]]
    assert per_sample.weight.tolist() == [3, 3]
    per_row = family.statistics(x, weights=[[1, 0], [0, 1], [1, 1]], batch_ndim=1)
    assert per_row.total.tolist() == [[5, 1, 2], [11, 2, 7]]
    assert per_row.exposure.tolist() == [8, 20]
    np.testing.assert_allclose(per_row.mean, [[5 / 8, 1 / 8, 2 / 8], [0.55, 0.1, 0.35]])
    none = Multinomial(3).statistics(np.zeros((4, 0, 3)), batch_ndim=1)
    assert (none + none).rows == 8


def test_families_that_differ_in_trials_merge():
    s = Multinomial(2, 3).statistics([1, 2]) + Multinomial(2, 5).statistics([5, 0])
    assert fields(s) == ([6, 2], 2, 8, 2)
    assert Multinomial(2, 7).fit(s).mean_parameter.tolist() == [5.25, 1.75]
    b = Binomial(3).statistics([1, 2]) + Binomial(10).statistics(9)
    assert fields(b) == (12, 3, 16, 3)


def test_forgetting_never_passes_below_zero():
    few, many = Poisson().statistics([3]), Poisson().statistics([1, 1])
    with pytest.raises(ValueError, match="must not pass below zero rows; it is -1"):
        few - many
    heavy = Poisson().statistics([1], weights=[3])
    with pytest.raises(ValueError, match="must not pass below zero weight; it is -2"):
        few - heavy
    with pytest.raises(ValueError, match="must not pass below zero counts; it is -2"):
        Poisson().statistics([1, 2]) - Poisson().statistics([5])
    one, two = Multinomial(2, 1).statistics([1, 0]), Multinomial(2, 2).statistics([1, 1])
    with pytest.raises(ValueError, match="must not pass below zero exposure; it is -1"):
        one - two
    left = Gaussian().statistics([-3.0, 5.0]) - Gaussian().statistics([5.0])
    assert fields(left) == ([-3.0, 9.0], 1, 1, 1)


def test_what_does_not_add_is_refused():
    s = Poisson().statistics([3])
    with pytest.raises(ValueError, match=r"must be of one family; got Poisson\(\) and Binomial"):
        s + Binomial().statistics(1)
    with pytest.raises(ValueError, match="one family"):
        Multinomial(["a", "b"]).statistics([1, 0]) + Multinomial(["b", "a"]).statistics([1, 0])
    batch = Poisson().statistics([[1, 2]], batch_ndim=1)
    with pytest.raises(ValueError, match=r"the same batch; got shapes \(\) and \(2,\)"):
        s - batch
    for other in (3, None, "s"):
        with pytest.raises(TypeError, match="unsupported operand"):
            s + other
        with pytest.raises(TypeError, match="unsupported operand"):
            s - other


def test_sums_that_overflow_are_refused_in_silence():
    with np.errstate(all="raise"):
        with pytest.raises(ValueError, match="sum of the statistic must be finite; entry 1 is inf"):
            Gaussian().fit([1e200, 1.0])
        with pytest.raises(ValueError, match="sum of the statistic must be finite"):
            Gamma().statistics([1e308, 1.5e308])
        s = Gamma().statistics([1e308])
        with pytest.raises(ValueError, match="sum of statistics must be finite"):
            s + s


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"weights": [1, 2, 3]}, ValueError, r"weights must have the shape \(2,\) .*got \(3,\)"),
        ({"weights": 1.0}, ValueError, r"weights must have the shape \(2,\) .*got \(\)"),
        ({"weights": [1, -2]}, ValueError, "weights must be non-negative; entry 1 is -2"),
        ({"weights": [1, np.nan]}, ValueError, "weights must be non-negative; entry 1 is nan"),
        ({"weights": [np.inf, 1]}, ValueError, "weights must be finite; entry 0 is inf"),
        ({"weights": ["a", "b"]}, TypeError, "weights must be real numbers"),
        ({"batch_ndim": 2}, ValueError, "batch_ndim must be between 0 and 1; got 2"),
        ({"batch_ndim": -1}, ValueError, "batch_ndim must be between 0 and 1; got -1"),
        ({"batch_ndim": True}, TypeError, "batch_ndim must be an int; got True"),
        ({"batch_ndim": 1.0}, TypeError, r"batch_ndim must be an int; got 1\.0"),
    ],
)
def test_bad_weights_and_batches(arguments, error, text):
    with pytest.raises(error, match=f"Poisson: {text}"):
        Poisson().statistics([1, 2], **arguments)


def test_fit_takes_the_statistics_of_its_family_alone():
    s = Categorical(3).statistics([0, 0, 2])
    assert Categorical(3).fit(s).mean_parameter == pytest.approx([2 / 3, 0, 1 / 3])
    with pytest.raises(ValueError, match=r"Poisson: statistics must be of Poisson\(\); got Categ"):
        Poisson().fit(s)
    with pytest.raises(TypeError, match="Statistics carry their weights"):
        Categorical(3).fit(s, weights=[1])
    for family, data in ((Poisson(), []), (Multinomial(2), np.zeros((0, 2))), (Gaussian(), [])):
        with pytest.raises(
            ValueError, match="there must be data to fit; it has the total weight 0"
        ):
            family.fit(data)
    with pytest.raises(ValueError, match="there must be data to fit"):
        Multinomial(2, trials=0).fit([0, 0])
    with pytest.raises(ValueError, match="there must be data to fit"):
        Poisson().fit([1, 2], weights=[0, 0])
    with pytest.raises(ValueError, match="data to fit; row 1 has the total weight 0"):
        Poisson().fit([[1, 2]], weights=[[1, 0]], batch_ndim=1)


def test_compensated_sums():
    x = np.array([1e16, 1.0, -1e16, 1.0, 1e-8])
    assert compensated_sum(x) == 2.0 + 1e-8
    with np.errstate(invalid="ignore"):
        assert compensated_sum(np.array([np.inf, 1.0, 1.0])) == np.inf
    assert weighted_sum(np.array([3, 4]), None, 0, "x").tolist() == [3, 4]


@pytest.mark.parametrize("weights", [None, [1.0, 2.0]])
def test_foreign_statistics(weights):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = torch.tensor([[1, 1], [0, 2]])
    s = Multinomial(2, 2).statistics(x, weights=weights)
    plain = Multinomial(2, 2).statistics(x.numpy(), weights=weights)
    assert s.total.tolist() == plain.total.tolist()
    both = s + s
    assert both.total.tolist() == (2 * plain.total).tolist()
    assert float(both.log_base) == pytest.approx(2 * plain.log_base)
    batch = Multinomial(2, 2).statistics(x, batch_ndim=1)
    assert batch.total.tolist() == x.tolist()


def test_averages_underflow_in_silence():
    with np.errstate(all="raise"):
        assert Gamma().statistics([5e-324] * 3).mean[1] == 5e-324
        assert Gaussian().statistics([5e-324, 0.0]).mean.tolist() == [0.0, 0.0]


def test_sums_cannot_be_written_to():
    s = Multinomial(2, trials=3).statistics([[1, 2], [3, 0]], batch_ndim=1)
    for sums in (s.total, s.log_base, s.weight, s.exposure, (s + s).total):
        with pytest.raises(ValueError, match="read-only"):
            sums[0] = 0


def test_whole_weights_leave_the_counts_of_another_library_whole():
    xp = pytest.importorskip("array_api_strict")
    counts, weights = [3, 0, 2], [2, 1, 4]
    total = Poisson().statistics(xp.asarray(counts), weights=np.asarray(weights)).total
    assert xp.isdtype(total.dtype, "integral")
    assert int(total) == 14
    found = Poisson().statistics(xp.asarray(counts), weights=xp.asarray([0.5, 1.0, 2.0])).total
    assert float(found) == 5.5
