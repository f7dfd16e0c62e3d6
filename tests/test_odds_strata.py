"""Odds ratios of strata: R's numbers of UCBAdmissions, a second implementation, brute force."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from test_odds import TWINS, law

from expfam import datasets, odds
from expfam.odds.law import conditional_law


@pytest.fixture(scope="module")
def admissions():
    """UCBAdmissions as in R: Male before Female, Admitted before Rejected, a table a department."""
    frame = datasets.load("ucb_admissions").set_index(["Dept", "Gender", "Admit"])["Freq"]
    return np.array([
        [[frame[dept, gender, admit] for admit in ("Admitted", "Rejected")]
         for gender in ("Male", "Female")]
        for dept in "ABCDEF"
    ])  # fmt: skip


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
