"""Intervals against second implementations, brute force, and the laws that they all obey."""

import itertools
import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import expfam
from expfam import intervals
from expfam.intervals import METHODS, exact
from expfam.intervals.coverage import (
    _joint,
    accepted,
    coverage_at,
    outcomes_of,
    probability,
    stated,
)
from expfam.intervals.sison_glaz import coverage as nu
from expfam.intervals.sison_glaz import sison_glaz_all

ORACLES = Path(__file__).parent / "oracles"
EACH = [name for name, method in METHODS.items() if method.each]
NARROW = {"wald", "sison_glaz"}  # refuse intervals without width
WHOLE = [name for name, method in METHODS.items() if method.whole]


def of_count(name, x, n, level=0.95, categories=2):
    lower, upper = METHODS[name].each(np.array([float(x)]), np.array([float(n)]), categories, level)
    return lower[0], upper[0]


# ---------------------------------------------------------------- second implementations


def test_published_intervals():
    case = json.loads((ORACLES / "ci_psychiatric_95.json").read_text(encoding="utf-8"))
    for name in METHODS.keys() & case["expected"].keys():
        bounds = intervals.interval(case["input"]["counts"], 0.95, name)
        tolerance = case["tolerance"]["sison_glaz" if name == "sison_glaz" else "abs"]
        for bound, end in zip(bounds, ("lower", "upper"), strict=True):
            np.testing.assert_allclose(bound, case["expected"][name][end], rtol=0, atol=tolerance)


def test_intervals_of_brute_force():
    """tests/oracles/make_intervals.py: Blaker's by scanning his acceptability, the tails in mpmath."""
    for case in json.loads((ORACLES / "intervals.json").read_text(encoding="utf-8")):
        bounds = of_count(case["method"], case["x"], case["n"], case["level"])
        assert bounds == pytest.approx((case["lower"], case["upper"]), rel=1e-11, abs=1e-300), case


@pytest.mark.parametrize("name", ["clopper_pearson", "jeffreys"])
def test_tails_at_the_bounds(name):
    """Beta tails at the bounds are (1 − level)/2, by quadrature of the density in 40 digits."""
    shift = (0, 1, 1, 0) if name == "clopper_pearson" else (0.5, 0.5, 0.5, 0.5)
    for x, n, level in [
        (1, 10**12, 0.95), (1000, 10**14, 0.95), (10**9, 10**12, 0.999999), (3, 7, 1 - 1e-9),
        (3 * 10**14, 10**15, 0.95), (2.5, 7.75, 0.95),
    ]:  # fmt: skip
        lower, upper = of_count(name, x, n, level)
        below = _beta_below(x + shift[0], n - x + shift[1], lower)
        above = 1 - _beta_below(x + shift[2], n - x + shift[3], upper)
        # A double p is known to ε·p, which is √n·ε standard deviations of it.
        tolerance = 1e-7 + 50 * math.sqrt(n) * 2.0**-53
        assert float(below) == pytest.approx((1 - level) / 2, rel=tolerance)
        assert float(above) == pytest.approx((1 - level) / 2, rel=tolerance)


def _beta_below(a, b, p):
    with mpmath.workdps(40):
        a, b, p = mpmath.mpf(a), mpmath.mpf(b), mpmath.mpf(p)
        mode, sd = a / (a + b), mpmath.sqrt(a * b / (a + b) ** 3)
        log_beta = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)

        def density(t):
            return mpmath.exp((a - 1) * mpmath.log(t) + (b - 1) * mpmath.log1p(-t) - log_beta)

        if p < mode:
            start = max(p - 14 * sd, mpmath.mpf(0))
            return mpmath.quad(density, mpmath.linspace(start, p, 6))
        stop = min(p + 14 * sd, mpmath.mpf(1))
        return 1 - mpmath.quad(density, mpmath.linspace(p, stop, 6))


def test_exact_bounds_against_scipy_stats():
    for x, n, level in itertools.product([0, 1, 4, 19, 20], [20], [0.5, 0.9, 0.99]):
        theirs = stats.binomtest(x, n).proportion_ci(level, method="exact")
        assert of_count("clopper_pearson", x, n, level) == pytest.approx(tuple(theirs), abs=1e-12)
        theirs = stats.binomtest(x, n).proportion_ci(level, method="wilson")
        assert of_count("wilson", x, n, level) == pytest.approx(tuple(theirs), abs=1e-12)
        tail = (1 - level) / 2
        lower = 0 if x == 0 else min(stats.beta.ppf(tail, x + 0.5, n - x + 0.5), x / n)
        upper = 1 if x == n else max(stats.beta.isf(tail, x + 0.5, n - x + 0.5), x / n)
        assert of_count("jeffreys", x, n, level) == pytest.approx((lower, upper), abs=1e-12)


@pytest.mark.parametrize("name", ["bonferroni", "bonferroni_blaker", "goodman"])
def test_bonferroni_divides_the_level(name):
    alone = {"bonferroni": "clopper_pearson", "bonferroni_blaker": "blaker", "goodman": "wilson"}
    counts = np.array([3, 0, 14, 83])
    ours = intervals.interval(counts, 0.95, name)
    np.testing.assert_allclose(
        ours, intervals.interval(counts, 1 - 0.05 / 4, alone[name]), rtol=1e-9
    )
    both = intervals.interval([3, 7], 0.95, name)
    divided = intervals.interval(
        [3, 7], 0.95 if name == "bonferroni_blaker" else 0.975, alone[name]
    )
    np.testing.assert_allclose(both, divided, rtol=1e-12)


def test_blaker_lies_inside_clopper_and_pearson_and_is_theirs_for_large_counts():
    for n in (1, 2, 5, 40, 1000):
        x, total = np.arange(n + 1.0), np.array([float(n)])
        for level in (0.3, 0.95, 0.999999):
            inner, outer = (
                exact.blaker_each(x, total, 2, level),
                exact.clopper_pearson_each(x, total, 2, level),
            )
            assert (inner[0] >= outer[0]).all()
            assert (inner[1] <= outer[1]).all()
            # The mirror image: what one category tells of two, the other does.
            np.testing.assert_allclose(inner[0], 1 - inner[1][::-1], rtol=0, atol=1e-12)
    for x, n in ((2**20 + 1, 2**22), (3, 2**54)):
        assert of_count("blaker", x, n) == of_count("clopper_pearson", x, n)
    edge, beyond = of_count("blaker", 2**20, 2**21), of_count("clopper_pearson", 2**20, 2**21)
    assert 0.999 < (edge[1] - edge[0]) / (beyond[1] - beyond[0]) < 1


def test_quantiles_where_the_inverse_of_scipy_is_lost():
    lower, upper = of_count("clopper_pearson", 1000, 2**53)
    assert lower * 2**53 == pytest.approx(stats.gamma.ppf(0.025, 1000), rel=1e-9)
    assert upper * 2**53 == pytest.approx(stats.gamma.isf(0.025, 1001), rel=1e-9)
    halved = exact._halved(np.array([5.0]), np.array([7.0]), 0.1, True)
    assert halved == pytest.approx(stats.beta.isf(0.1, 5, 7), rel=1e-13)


def truncated(x, c):
    """ν(c) from the moments of the truncated Poisson laws, summed term by term."""
    n = sum(x)
    total, s2, s3, s4, inside = 0, 0, 0, 0, 1
    for mean in x:
        y = np.arange(max(mean - c, 0), mean + c + 1)
        weights = stats.poisson.pmf(y, mean)
        inside *= weights.sum()
        weights = weights / weights.sum()
        m = weights @ y
        second, third, fourth = (weights @ (y - m) ** r for r in (2, 3, 4))
        total, s2, s3, s4 = total + m, s2 + second, s3 + third, s4 + fourth - 3 * second**2
    z, g1, g2 = (n - total) / s2**0.5, s3 / s2**1.5, s4 / s2**2
    series = (
        1 + g1 * (z**3 - 3 * z) / 6 + g2 * (z**4 - 6 * z**2 + 3) / 24
        + g1**2 * (z**6 - 15 * z**4 + 45 * z**2 - 15) / 72
    )  # fmt: skip
    return inside * series * stats.norm.pdf(z) / s2**0.5 / stats.poisson.pmf(n, n)


def test_sison_glaz_by_scanning():
    """The first c + 1 at which ν reaches the level, for all counts of some n and K."""
    for n, size in ((5, 3), (12, 3), (20, 2), (9, 4)):
        rows = outcomes_of(n, size)
        rows = rows[(np.diff(rows) >= 0).all(-1)]
        for level in (0.5, 0.9, 0.95):
            lower, upper = sison_glaz_all(rows.astype(float), level)
            for row, low, high in zip(rows, lower, upper, strict=True):
                values = [0.0, *(truncated(row.tolist(), c) for c in range(1, n + 1))]
                c = next(c for c in range(n) if values[c + 1] >= level)
                gamma = (level - values[c]) / (values[c + 1] - values[c])
                np.testing.assert_allclose(low, np.maximum((row - c) / n, 0), atol=1e-12)
                np.testing.assert_allclose(
                    high, np.minimum((row + c + 2 * gamma) / n, 1), atol=1e-9
                )


def test_sison_glaz_moments_do_not_cancel():
    """ν at n = 10¹², where c is of order √n, is that of the normal limit at n = 10⁶."""
    for c in (0.5, 1.0, 2.0):
        small, large = (
            nu(np.full((1, 4), n / 4), np.ones((1, 4)), np.array([c * n**0.5 // 1])).item()
            for n in (1e10, 1e12)
        )
        assert small == pytest.approx(large, rel=1e-4)


def test_sison_glaz_beyond_its_reach():
    lower, upper = intervals.sison_glaz([1, 1], 1 - 1e-9)
    assert (lower.tolist(), upper.tolist()) == ([0, 0], [1, 1])


# ---------------------------------------------------------------- laws

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
