"""The laws that all intervals obey; intervals of fits, and what they say."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import expfam
from expfam import intervals
from expfam.intervals import METHODS

NARROW = {"wald", "sison_glaz"}  # refuse intervals without width
WHOLE = [name for name, method in METHODS.items() if method.whole]

COUNTS = st.integers(2, 6).flatmap(
    lambda size: st.lists(
        st.one_of(st.integers(0, 20), st.integers(0, 10**6), st.integers(0, 10**15)),
        min_size=size, max_size=size,
    ).filter(any)
)  # fmt: skip
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999999])


def bounds_or_refusal(name, counts, level):
    try:
        return intervals.interval(counts, level, name)
    except ValueError as error:
        assert name in NARROW, error
        assert "width 0" in str(error)
        return None


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=25, deadline=None)
@given(counts=COUNTS, level=LEVELS, order=st.randoms(use_true_random=False))
def test_laws(name, counts, level, order):
    bounds = bounds_or_refusal(name, counts, level)
    if bounds is None:
        return
    lower, upper = bounds
    share = np.asarray(counts) / np.sum(np.asarray(counts, dtype=float))
    assert ((lower >= 0) & (lower <= share) & (share <= upper) & (upper <= 1)).all()
    assert (lower < upper).all()
    places = list(range(len(counts)))
    order.shuffle(places)
    moved = intervals.interval(np.asarray(counts)[places], level, name)
    np.testing.assert_array_equal(moved, (lower[places], upper[places]))
    wider = bounds_or_refusal(name, counts, (1 + level) / 2)
    if wider is not None and name != "sison_glaz":  # its γ starts again with each c
        assert (wider[0] <= lower).all()
        assert (wider[1] >= upper).all()


@pytest.mark.parametrize("name", METHODS)
def test_batches_are_loops(name):
    batch = np.array([[[3, 5, 2], [9, 1, 40]], [[1, 1, 1], [1000, 7, 20]]])
    lower, upper = intervals.interval(batch, 0.9, name)
    for index in np.ndindex(2, 2):
        alone = intervals.interval(batch[index], 0.9, name)
        np.testing.assert_array_equal(alone, (lower[index], upper[index]))


@pytest.mark.parametrize("name", METHODS)
def test_one_category_and_many(name):
    assert [bound.tolist() for bound in intervals.interval([[7], [2]], 0.9, name)] == [
        [[1], [1]]
    ] * 2
    counts = np.full(100_000, 3)
    counts[:10_000] += 1
    lower, upper = intervals.interval(counts, 0.95, name)
    assert ((lower >= 0) & (lower < upper) & (upper <= 1)).all()


@pytest.mark.parametrize("name", [name for name in METHODS if name not in NARROW])
def test_no_interval_is_a_point_and_few_are_everything(name):
    for counts in ([1, 0], [0, 5], [1, 0, 0, 0], [10**15, 0], [0, 10**15 - 1, 1], [0.5, 0]):
        if name in WHOLE and counts == [0.5, 0]:
            continue
        lower, upper = intervals.interval(counts, 0.95, name)
        assert (lower < upper).all()
        if name != "fitzpatrick_scott":
            assert not ((lower == 0) & (upper == 1)).any()


def test_fractional_counts_have_their_default():
    fit = expfam.fit({"a": 0.5, "b": 1.25})
    assert fit.interval().method == "bonferroni"
    assert json.loads(fit.to_json())["results"]["interval"]["method"] == "bonferroni"
    assert (
        "Bonferroni and Clopper-Pearson: both categories at once, guaranteed" in fit.interval().text
    )
    assert fit.to_frame()["lower"].between(0, 1).all()
    for name in METHODS:
        if name in WHOLE:
            with pytest.raises(
                ValueError, match=rf"^{name}: counts must be whole .*; entry 0 is 0.5"
            ):
                fit.interval(method=name)
        else:
            assert (fit.interval(method=name).lower < fit.probabilities).all()


def test_what_must_be_said_is_said():
    fit = expfam.fit({"a": 1, "b": 1})
    assert "2 of 2 intervals are [0, 1]" in repr(fit.interval(0.999, "fitzpatrick_scott"))
    assert "88% of the time" in repr(expfam.fit({"a": 5, "b": 6}).interval(method="sison_glaz"))
    assert "for teaching" in repr(fit.interval(method="wald"))
    assert fit.interval().notes == ()
    for name in NARROW:
        with pytest.raises(ValueError, match=rf"^{name}: .*width 0"):
            expfam.fit({"a": 2, "b": 0}).interval(method=name)


def test_the_default_is_quick_for_many_categories():
    counts = np.random.default_rng(0).poisson(300.0 / np.arange(1, 100_001) ** 0.3)
    lower, upper = intervals.interval(counts)
    assert (lower < upper).all()
