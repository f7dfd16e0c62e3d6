"""Intervals against second implementations and brute force."""

import itertools
import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest
from scipy import stats

from expfam import intervals
from expfam.intervals import METHODS, exact
from expfam.intervals.coverage import outcomes_of
from expfam.intervals.sison_glaz import coverage as nu
from expfam.intervals.sison_glaz import sison_glaz_all

ORACLES = Path(__file__).parent / "oracles"


def of_count(name, x, n, level=0.95, categories=2):
    lower, upper = METHODS[name].each(np.array([float(x)]), np.array([float(n)]), categories, level)
    return lower[0], upper[0]


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
