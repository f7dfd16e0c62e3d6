"""How often intervals hold: by hand, by enumeration, by simulation."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

import expfam
from expfam import intervals
from expfam.intervals import METHODS
from expfam.intervals.coverage import (
    _joint,
    accepted,
    coverage_at,
    outcomes_of,
    probability,
    stated,
)
from expfam.intervals.sison_glaz import sison_glaz_all

EACH = [name for name, method in METHODS.items() if method.each]


# ---------------------------------------------------------------- coverage


def test_coverage_by_hand():
    """n = 1, K = 2: wilson's [0, z²/(1 + z²)] and mirror, 0.7935 and 0.2065; p = 0.1 needs x = 0."""
    method = METHODS["wilson"]
    (share,) = coverage_at(method.each, True, [np.array([0.1, 0.9])], 1, 0.95)
    assert share.value == pytest.approx(0.9, rel=1e-12)
    (share,) = coverage_at(method.each, True, [np.array([0.5, 0.5])], 1, 0.95)
    assert share.value == pytest.approx(1, rel=1e-12)
    # n = 2: x = 0 ends at z²/(2 + z²) = 0.6576, so that p = 0.3 is held by 0 and 1, and not by 2.
    (share,) = coverage_at(method.each, True, [np.array([0.3, 0.7])], 2, 0.95)
    assert share.value == pytest.approx(1 - 0.09, rel=1e-12)


@pytest.mark.parametrize("name", EACH)
def test_convolved_coverage_is_the_enumerated_one(name):
    each = METHODS[name].each
    for n, p in (
        (9, [0.2, 0.8]),
        (8, [0.05, 0.35, 0.6]),
        (7, [0.0, 0.5, 0.3, 0.2]),
        (1, [0.9, 0.1]),
    ):
        p = np.array(p)

        def inside(x, n=n, p=p):
            lower, upper = each(x.astype(float), np.array([float(n)]), len(p), 0.9)
            return (lower <= p) & (p <= upper)

        (joint,) = coverage_at(each, True, [p], n, 0.9)
        x = outcomes_of(n, len(p))
        held = inside(x)
        assert joint.value == pytest.approx(probability(x[held.all(-1)], p), abs=1e-12)
        (worst,) = coverage_at(each, False, [p], n, 0.9)
        alone = [probability(x[held[:, i]], p) for i in range(len(p))]
        assert worst.value == pytest.approx(min(alone), abs=1e-12)


@pytest.mark.parametrize("name", ["goodman", "bonferroni_blaker", "sison_glaz"])
def test_coverage_is_what_simulation_finds(name):
    """20,000 draws, five standard errors: a chance of 6e-7 to fail, were the seed not fixed."""
    p, n, draws = np.array([0.5, 0.3, 0.15, 0.05]), 40, 20_000
    x = np.random.default_rng(3).multinomial(n, p, draws)
    each = METHODS[name].each
    total = np.array([float(n)])
    lower, upper = each(x * 1.0, total, 4, 0.95) if each else sison_glaz_all(x * 1.0, 0.95)
    found = ((lower <= p) & (p <= upper)).all(-1).mean()
    (share,) = coverage_at(each, True, [p], n, 0.95)
    assert share.exact
    assert abs(found - share.value) < 5 * math.sqrt(share.value * (1 - share.value) / draws)


def test_simulated_coverage_has_its_error():
    p = np.array([0.4, 0.35, 0.25])
    (known,) = coverage_at(None, True, [p], 60, 0.95)
    assert known.exact
    far = np.full(40, 1 / 40)
    (share,) = coverage_at(None, True, [far], 60, 0.95, draws=500)
    (again,) = coverage_at(None, True, [far], 60, 0.95, draws=500)
    assert share == again
    assert not share.exact
    assert 0 < share.se < 0.03


def test_coverage_of_huge_counts_is_simulated():
    each = METHODS["goodman"].each
    p = np.array([0.25, 0.75])
    (share,) = coverage_at(each, True, [p], 2**50, 0.95, draws=2000)
    assert not share.exact
    assert abs(share.value - stats.chi2.cdf(stats.chi2.isf(0.025, 1), 1)) < 5 * share.se
    (exactly,) = coverage_at(each, False, [p], 2**40, 0.95)
    assert exactly.value == pytest.approx(0.975, abs=1e-5)


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.holds])
def test_methods_that_hold_do(name):
    method = METHODS[name]
    for n, size, level in itertools.product((3, 30, 300), (2, 12), (0.5, 0.95)):
        points = [*stated(n, size).values()]
        for share in coverage_at(method.each, method.simultaneous, points, n, level):
            assert share.value >= level - 1e-9


def test_the_coverage_that_the_texts_tell():
    (share,) = coverage_at(None, True, [np.full(4, 0.25)], 50, 0.95)
    assert share.exact
    assert round(share.value, 2) == 0.88


def test_a_range_without_counts_covers_nothing():
    """Wald's intervals at 0 and 1 are points: no count of one trial holds p = ½."""
    each = METHODS["wald"].each
    half = np.array([0.5, 0.5])
    low, high = accepted(each, half, 1, 0.95)
    assert (low > high).all()
    for simultaneous in (True, False):
        assert coverage_at(each, simultaneous, [half], 1, 0.95)[0].value == 0


def test_ranges_that_do_not_reach_the_total_cover_nothing():
    half = np.array([0.5, 0.5])
    for low in (0.0, 1.0):  # 0 + 0 < 1 < 1 + 1
        assert _joint(np.full(2, low), np.ones(2, dtype=int), 1, half) == 0


def test_stated_probabilities_sum_to_one():
    for n, size in ((1, 1), (1, 2), (10, 3), (1000, 100), (5, 2000)):
        for p in stated(n, size).values():
            assert p.shape == (size,)
            assert (p > 0).all()
            assert p.sum() == pytest.approx(1, rel=1e-12)


def test_outcomes():
    assert len(outcomes_of(7, 4)) == math.comb(10, 3)
    assert (outcomes_of(7, 4).sum(-1) == 7).all()


# ---------------------------------------------------------------- of a fit


def test_coverage_of_a_fit():
    interval = expfam.fit({"a": 12, "b": 18, "c": 20}).interval(0.9, "goodman")
    result = interval.coverage()
    assert (result.method, result.level, result.n, result.categories) == ("goodman", 0.9, 50, 3)
    assert result.simultaneous
    assert result.exact
    assert result.worst <= result.at_estimate
    assert result == interval.coverage()
    assert f"at the worst p   {100 * result.worst:.2f}%  ({result.worst_at})" in repr(result)
    alone = expfam.fit({"a": 12, "b": 18}).interval(method="wilson").coverage()
    assert "the worst one alone" in repr(alone)
    assert "± " in repr(
        expfam.fit(dict.fromkeys(range(8), 3)).interval(method="sison_glaz").coverage()
    )
    certain = expfam.fit(["a"]).interval().coverage()
    assert (certain.at_estimate, certain.worst, certain.exact) == (1, 1, True)
    assert "1 category" in repr(certain)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": 0.5, "b": 1.5}, "coverage: counts must be whole"),
        (([{"g": "x", "c": "a"}, {"g": "y", "c": "b"}]), r"fit.group\('x'\).interval"),
    ],
)
def test_coverage_refuses(data, message):
    import pandas as pd

    fit = (
        expfam.fit(data) if isinstance(data, dict) else expfam.fit(pd.DataFrame(data), "c", by="g")
    )
    with pytest.raises(ValueError, match=message):
        fit.interval().coverage()
    with pytest.raises(ValueError, match=r"must be of one fit, \(K,\); got the shape \(1, 2\)"):
        intervals.coverage([[1, 2]])
