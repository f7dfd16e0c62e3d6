"""Odds ratios: brute force with fractions, scipy, R's numbers of UCBAdmissions, zero cells."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from expfam import datasets, odds
from expfam.odds.law import conditional_law

TWINS = [[10, 2], [3, 15]]  # Fisher (1935)
cells = st.integers(0, 25)
two_by_two = st.lists(cells, min_size=4, max_size=4).filter(
    lambda x: (x[0] + x[1]) * (x[2] + x[3]) * (x[0] + x[2]) * (x[1] + x[3]) > 0
)


def law(table, theta):
    """The noncentral hypergeometric law in fractions, as {a: P(a)}."""
    (a, b), (c, d) = table
    first, second, t = a + b, c + d, a + c
    weights = {
        k: math.comb(first, k) * math.comb(second, t - k) * theta**k
        for k in range(max(0, t - second), min(first, t) + 1)
    }
    return {k: Fraction(w) / sum(weights.values()) for k, w in weights.items()}


@pytest.fixture(scope="module")
def admissions():
    """UCBAdmissions as in R: Male before Female, Admitted before Rejected, a table a department."""
    frame = datasets.load("ucb_admissions").set_index(["Dept", "Gender", "Admit"])["Freq"]
    return np.array([
        [[frame[dept, gender, admit] for admit in ("Admitted", "Rejected")]
         for gender in ("Male", "Female")]
        for dept in "ABCDEF"
    ])  # fmt: skip


# ---------------------------------------------------------------- one table


@settings(max_examples=40, deadline=None)
@given(two_by_two, st.sampled_from([0.95, 0.8, 0.999]))
def test_exact_is_what_brute_force_and_scipy_say(x, level):
    table = [x[:2], x[2:]]
    result = odds.odds_ratio(table, level)
    first = law(table, Fraction(1))
    a, least, most = x[0], min(first), max(first)
    tail = (1 - level) / 2
    if a > least:
        at = law(table, Fraction(result.lower))
        assert float(sum(p for k, p in at.items() if k >= a)) == pytest.approx(tail, rel=1e-9)
    else:
        assert result.lower == 0
    if a < most:
        at = law(table, Fraction(result.upper))
        assert float(sum(p for k, p in at.items() if k <= a)) == pytest.approx(tail, rel=1e-9)
    else:
        assert result.upper == math.inf
    if least < a < most:
        mean = sum(k * p for k, p in law(table, Fraction(result.value)).items())
        assert float(mean) == pytest.approx(a, rel=1e-9)
    theirs = stats.contingency.odds_ratio(np.array(table))
    if least < most:
        assert result.value == pytest.approx(theirs.statistic, rel=1e-6)
        interval = theirs.confidence_interval(level)
        assert result.lower == pytest.approx(interval.low, rel=1e-6)
        assert result.upper == pytest.approx(interval.high, rel=1e-6)


def test_fishers_twins_as_in_r():
    """R: fisher.test(matrix(c(10, 3, 2, 15), 2)): 21.30533, 2.753438 301.462338 to its tolerance."""
    result = odds.odds_ratio(TWINS)
    assert result[:3] == pytest.approx((21.30533, 2.753438, 301.462338), rel=1e-4)
    assert odds.sample(TWINS) == 25
    assert odds.odds_ratio(TWINS, method="profile").value == 25


@pytest.mark.parametrize("table", [[[300, 7000], [900, 50_000]], [[90_000, 20], [10, 80_000]]])
def test_large_tables_keep_their_digits(table):
    (a, b), (c, d) = table
    first, log_weights = conditional_law(np.array([table], dtype=float), "test")
    for place in (0, a - first, len(log_weights) - 1):
        k = place + first
        with mpmath.workdps(40):
            exact = mpmath.log(mpmath.binomial(a + b, k)) + mpmath.log(
                mpmath.binomial(c + d, a + c - k)
            )
            came = mpmath.log(mpmath.binomial(a + b, a)) + mpmath.log(mpmath.binomial(c + d, c))
        ours = log_weights[place] - log_weights[a - first]
        assert ours == pytest.approx(float(exact - came), rel=1e-11, abs=1e-10)
    result = odds.odds_ratio(table)
    assert result.lower < result.value < result.upper
    assert result.value == pytest.approx(odds.sample(table), rel=0.2)


def likelihood(table, theta, baseline):
    """Of two binomials with the odds ratio θ."""
    (a, b), (c, d) = table
    first, second = baseline + math.log(theta), baseline
    value = a * first - (a + b) * np.logaddexp(0, first)
    return value + c * second - (c + d) * np.logaddexp(0, second)


@pytest.mark.parametrize(
    "table", [TWINS, [[1, 9], [11, 3]], [[557, 1278], [1198, 1493]], [[2.5, 3], [1, 6.25]]]
)
def test_profile_intervals_by_direct_optimisation(table):
    result = odds.odds_ratio(table, method="profile")

    def profile(theta):
        return -optimize.minimize_scalar(lambda x: -likelihood(table, theta, x), tol=1e-12).fun

    limit = profile(odds.sample(table)) - stats.chi2.ppf(0.95, 1) / 2
    for bound in (result.lower, result.upper):
        assert profile(bound) == pytest.approx(limit, abs=1e-6)
    assert result.lower < result.value == odds.sample(table) < result.upper


@settings(max_examples=40, deadline=None)
@given(two_by_two, st.sampled_from(odds.METHODS))
def test_turning_the_table(x, method):
    """Rows exchanged: 1/θ; transposed: the same; never NaN, one bound always finite."""
    table = np.array([x[:2], x[2:]])
    result = odds.odds_ratio(table, method=method)
    assert not any(math.isnan(value) for value in result[:3])
    assert result.lower <= result.value <= result.upper
    turned = odds.odds_ratio(table[::-1], method=method)
    inverse = [1 / v if v else math.inf for v in (result.value, result.upper, result.lower)]
    assert turned[:3] == pytest.approx(inverse, rel=1e-8)
    assert odds.odds_ratio(table.T, method=method)[:3] == pytest.approx(result[:3], rel=1e-8)


@pytest.mark.parametrize("method", odds.METHODS)
def test_zero_cells_have_one_finite_bound_and_say_so(method):
    none = odds.odds_ratio([[0, 5], [3, 4]], method=method)
    assert none.value == none.lower == 0 < none.upper < math.inf
    assert none.note == f"a count is 0, so that the odds ratio is 0; it is below {none.upper:.3g}"
    all_ = odds.odds_ratio([[5, 0], [3, 4]], method=method)
    assert all_.value == all_.upper == math.inf > all_.lower > 0
    assert all_.note.endswith(f"is infinite; it is above {all_.lower:.3g}")
    assert odds.odds_ratio([[5, 0], [0, 4]], method=method).value == math.inf
    assert odds.sample([[0, 5], [3, 4]]) == 0


def test_profile_of_tiny_weights():
    result = odds.odds_ratio([[0.001, 0.002], [0.003, 0.001]], method="profile")
    assert 0 <= result.lower < result.value < result.upper


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ([[0, 0], [3, 4]], {}, "odds_ratio: each row must have a count; row 0 sums to 0"),
        ([[3, 0], [4, 0]], {}, "each column must have a count; column 1 sums to 0"),
        ([[1, 2, 3], [4, 5, 6]], {}, r"tables must have the shape \(2, 2\); got \(2, 3\)"),
        ([[1.5, 2], [3, 4]], {}, "exact method needs whole counts; these are not"),
        ([[10**6] * 2] * 2, {}, "takes up to 200,000 values; these counts have 2,000,001"),
        ([[1, -2], [3, 4]], {}, r"between 0 and 2\*\*53; entry \(0, 1\) is -2"),
        (TWINS, {"method": "wald"}, "method must be one of exact, profile; got 'wald'"),
        (TWINS, {"level": 0}, "odds_ratio: level must be between 0 and 1"),
    ],
)
def test_bad_tables_are_refused(table, options, message):
    with pytest.raises(ValueError, match=message):
        odds.odds_ratio(table, **options)


def test_frames_are_refused():
    with pytest.raises(TypeError, match="labels are kept by fit.compare"):
        odds.sample(pd.DataFrame(TWINS))


# ---------------------------------------------------------------- strata


def test_admissions_as_in_r(admissions):
    """R: mantelhaen.test(UCBAdmissions), correct = FALSE; DescTools::BreslowDayTest."""
    result = odds.mantel_haenszel(admissions)
    assert result.statistic == pytest.approx(1.4269, abs=5e-5)
    assert result.pvalue == pytest.approx(0.2323, abs=5e-5)
    expected = (0.9046968, 0.7719074, 1.0603298)
    assert result.odds_ratio[:3] == pytest.approx(expected, abs=5e-8)
    assert (result.df, result.continuity, result.strata, result.notes) == (1, True, 6, ())
    plain = odds.mantel_haenszel(admissions, continuity=False)
    assert plain.statistic == pytest.approx(1.5246, abs=5e-5)
    assert not plain.continuity
    day = odds.breslow_day(admissions, tarone=False)
    assert (day.statistic, day.pvalue) == pytest.approx((18.826, 0.002071), rel=3e-4)
    assert day.df == 5
    assert result.homogeneity.statistic == pytest.approx(18.8255, abs=5e-5)


def second_implementation(tables):
    """The formulas of the papers, a table at a time; Breslow and Day's counts by a root finder."""
    over = under = pr = ps = qs = difference = variance = 0.0
    for (a, b), (c, d) in tables:
        n = a + b + c + d
        p, q, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
        over, under = over + r, under + s
        pr, ps, qs = pr + p * r, ps + p * s + q * r, qs + q * s
        difference += a - (a + b) * (a + c) / n
        variance += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1))
    theta = over / under
    spread = math.sqrt(pr / 2 / over**2 + ps / 2 / over / under + qs / 2 / under**2)
    total = shift = weight = 0.0
    for (a, b), (c, d) in tables:
        low, high = max(0, a - d), min(a + b, a + c)

        def excess(x, a=a, b=b, c=c, d=d):
            return x * (d - a + x) - theta * (a + b - x) * (a + c - x)

        fitted = optimize.brentq(excess, low, high, xtol=1e-13)
        cells = (fitted, a + b - fitted, a + c - fitted, d - a + fitted)
        v = 1 / sum(1 / cell for cell in cells)
        total, shift, weight = total + (a - fitted) ** 2 / v, shift + a - fitted, weight + v
    return {
        "theta": theta,
        "bounds": [theta * math.exp(z * spread) for z in stats.norm.ppf([0.025, 0.975])],
        "chi": (abs(difference) - 0.5 * (abs(difference) >= 0.5)) ** 2 / variance,
        "day": total,
        "tarone": total - shift**2 / weight,
    }


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(1, 40), min_size=4, max_size=4), min_size=2, max_size=5))
def test_strata_agree_with_a_second_implementation(rows):
    tables = [[x[:2], x[2:]] for x in rows]
    ours, theirs = odds.mantel_haenszel(tables), second_implementation(tables)
    assert ours.odds_ratio.value == pytest.approx(theirs["theta"], rel=1e-12)
    assert ours.odds_ratio[1:3] == pytest.approx(theirs["bounds"], rel=1e-10)
    assert ours.statistic == pytest.approx(theirs["chi"], rel=1e-9, abs=1e-12)
    assert ours.pvalue == pytest.approx(stats.chi2.sf(theirs["chi"], 1), rel=1e-8)
    assert ours.homogeneity.statistic == pytest.approx(theirs["tarone"], rel=1e-6, abs=1e-9)
    day = odds.breslow_day(tables, tarone=False)
    assert day.statistic == pytest.approx(theirs["day"], rel=1e-6, abs=1e-9)
    assert day.pvalue == pytest.approx(stats.chi2.sf(day.statistic, len(rows) - 1), rel=1e-8)


def summed_law(tables, theta):
    """The law of Σa, by convolution in fractions."""
    found = {0: Fraction(1)}
    for table in tables:
        part, total = law(table, theta), {}
        for (k, p), (m, q) in ((x, y) for x in found.items() for y in part.items()):
            total[k + m] = total.get(k + m, 0) + p * q
        found = total
    return found


@pytest.mark.parametrize(
    "tables",
    [
        [TWINS, [[4, 3], [2, 6]], [[1, 5], [3, 3]]],
        [[[0, 4], [3, 3]], [[0, 2], [4, 1]]],
        [[[1, 0], [0, 1]], [[2, 1], [1, 2]]],
    ],
)
def test_the_exact_common_odds_ratio_by_brute_force(tables):
    result = odds.mantel_haenszel(tables)
    came = sum(table[0][0] for table in tables)
    null = summed_law(tables, Fraction(1))
    likely = sum(p for p in null.values() if p <= null[came])
    assert result.exact_pvalue == pytest.approx(float(likely), rel=1e-12)
    exact = result.exact
    upper = summed_law(tables, Fraction(exact.upper))
    assert float(sum(p for k, p in upper.items() if k <= came)) == pytest.approx(0.025, rel=1e-9)
    if exact.lower > 0:
        lower = summed_law(tables, Fraction(exact.lower))
        tail = sum(p for k, p in lower.items() if k >= came)
        assert float(tail) == pytest.approx(0.025, rel=1e-9)
        mean = sum(k * p for k, p in summed_law(tables, Fraction(exact.value)).items())
        assert float(mean) == pytest.approx(came, rel=1e-10)


def test_one_table_is_one_stratum():
    result = odds.mantel_haenszel([TWINS])
    assert result.odds_ratio.value == pytest.approx(25)
    assert result.exact == odds.odds_ratio(TWINS)
    assert result.exact_pvalue == pytest.approx(stats.fisher_exact(TWINS).pvalue, rel=1e-10)
    assert result.homogeneity is None
    assert result.notes == ("one stratum: there is no other to have the same odds ratio",)


def test_strata_that_say_nothing_are_left_out_and_said():
    empty = [[[0, 0], [3, 4]], [[2, 0], [5, 0]]]
    with_them, without = (
        odds.mantel_haenszel([TWINS, *empty, TWINS]),
        odds.mantel_haenszel([TWINS] * 2),
    )
    assert with_them.odds_ratio == without.odds_ratio
    assert (with_them.statistic, with_them.exact) == (without.statistic, without.exact)
    assert with_them.homogeneity == without.homogeneity
    assert with_them.strata == 2
    assert with_them.notes[0].startswith("2 of 4 strata have an empty row or column")
    with pytest.raises(ValueError, match="in no stratum do both rows and both columns have counts"):
        odds.mantel_haenszel(empty)


def test_a_common_odds_ratio_of_zero_has_the_exact_bound():
    tables = np.array([[[0, 4], [3, 3]], [[0, 2], [4, 1]]])
    result = odds.mantel_haenszel(tables)
    assert result.odds_ratio.value == result.odds_ratio.lower == 0
    assert result.odds_ratio.upper == result.exact.upper < 1
    assert result.homogeneity is None
    assert "no expectations" in result.notes[0]
    turned = odds.mantel_haenszel(tables[:, ::-1])
    assert turned.odds_ratio.value == math.inf
    assert turned.odds_ratio.lower == pytest.approx(1 / result.exact.upper)
    half = odds.mantel_haenszel(tables / 2)
    assert (half.odds_ratio.lower, half.odds_ratio.upper) == (0, math.inf)
    assert half.odds_ratio.note == "no bound without the exact method"
    with pytest.raises(ValueError, match=r"breslow_day: .* there are 2 with 0$"):
        odds.breslow_day(tables)
    with pytest.raises(ValueError, match=r"breslow_day: .* there is 1 with 25$"):
        odds.breslow_day([TWINS])


def test_fractional_counts_have_no_exact_method():
    result = odds.mantel_haenszel([[[1.5, 2], [3, 4]], [[2, 2], [3, 4.5]]])
    assert result.exact is None is result.exact_pvalue
    assert "needs whole counts" in result.notes[0]
    assert result.homogeneity is not None


def test_too_many_terms_are_refused():
    with pytest.raises(ValueError, match="takes up to 50,000,000 terms; these counts have"):
        conditional_law(np.full((2, 2, 2), 8000.0), "test")
    assert odds.mantel_haenszel(np.full((2, 2, 2), 8000.0)).exact is None


def test_shapes_of_strata():
    with pytest.raises(ValueError, match=r"the shape \(S, 2, 2\); got \(2, 2\)"):
        odds.mantel_haenszel(TWINS)
    with pytest.raises(ValueError, match=r"the shape \(S, 2, 2\); got \(0, 2, 2\)"):
        odds.mantel_haenszel(np.zeros((0, 2, 2)))
    assert odds.breslow_day([[[3, 300], [2, 4000]], [[5, 500], [9, 300]]]).df == 1
