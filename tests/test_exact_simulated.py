"""Simulated p-values and random tables: near the exact ones, and of the law of tables."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln
from test_exact import MENDEL, STATISTICS

from expfam import sampling
from expfam.exact import goodness_of_fit, independence
from expfam.exact import tables as tables_module
from expfam.exact.tables import columns, hypergeometric, number_of_columns, random_tables


@pytest.mark.parametrize("name", STATISTICS)
def test_monte_carlo_is_near_the_exact(name):
    """Within 5 standard errors, of seeds that are fixed: 6e-7 each."""
    cases = [
        (goodness_of_fit, (MENDEL[0], MENDEL[1])),
        (goodness_of_fit, ([2, 0, 5, 1], [0.1, 0.2, 0.3, 0.4])),
        (independence, ([[3, 1, 4], [1, 5, 9]],)),
        (independence, ([[30, 21, 34], [51, 55, 59]],)),
    ]
    for test, arguments in cases:
        exact = test(*arguments, name)
        simulated = test(*arguments, name, "monte_carlo", 7)
        assert (exact.method, simulated.method, simulated.exact) == ("exact", "monte_carlo", False)
        assert abs(exact.pvalue - simulated.pvalue) <= 5 * simulated.se
        assert simulated.statistic == exact.statistic


def test_a_seed_gives_the_same_p_and_none_is_zero():
    table = [[3, 1, 4], [1, 5, 9]]
    assert independence(table, "g", "monte_carlo") == independence(table, "g", "monte_carlo", 0)
    one, two = (independence(table, "g", "monte_carlo", seed).pvalue for seed in (1, 2))
    assert one != two
    generator = np.random.Generator(np.random.Philox(1))
    given_ = independence(table, "g", "monte_carlo", generator)
    assert given_.pvalue == one
    assert given_.reason == "9,999 draws, the generator given"


def test_a_simulated_p_is_never_zero():
    result = goodness_of_fit([100, 0], [0.5, 0.5], method="monte_carlo", draws=99)
    assert result.pvalue == 0.01
    assert result.se == pytest.approx(math.sqrt(0.01 * 0.99 / 99))


@pytest.mark.parametrize("few", [0, 10**9])
def test_random_tables_have_their_law(few, monkeypatch):
    """Both samplers; a χ² test of 155 tables at 1e-6."""
    monkeypatch.setattr(tables_module, "_FEW", few)
    rows, totals, size = np.array([5, 7, 3]), np.array([4, 6, 5]), 100_000
    drawn = random_tables(sampling.stream(1), rows, totals, size)
    assert (drawn.sum(1) == rows).all()
    assert (drawn.sum(2) == totals).all()
    outcomes, counts = np.unique(drawn.reshape(size, -1), axis=0, return_counts=True)
    fixed = gammaln(rows + 1).sum() + gammaln(totals + 1).sum() - gammaln(16)
    expected = size * np.exp(fixed - gammaln(outcomes + 1).sum(1))
    assert expected.sum() == pytest.approx(size, rel=1e-3)
    often = expected > 5
    x2 = ((counts - expected)[often] ** 2 / expected[often]).sum()
    assert stats.chi2.sf(x2, often.sum() - 1) > 1e-6


@pytest.mark.parametrize(
    "urn",
    [
        (5, 7, 4),
        (1000, 10, 500),
        (3, 100_000, 50_000),
        (0, 5, 3),
        (5, 0, 3),
        (9, 9, 18),
        (10**6, 10**6, 10**6),
    ],
)
def test_hypergeometric_draws(urn):
    """The mean within 6 standard errors, the range at all."""
    good, bad, draws = urn
    size = 20_000
    x = hypergeometric(sampling.stream(5), *(np.full(size, part) for part in urn))
    assert ((x >= max(0, draws - bad)) & (x <= min(good, draws))).all()
    n = good + bad
    variance = draws * good * bad * (n - draws) / (n * n * (n - 1))
    assert abs(x.mean() - draws * good / n) <= 6 * math.sqrt(variance / size)
    assert x.var() == pytest.approx(variance, rel=0.08)


def test_columns_are_listed_and_counted():
    rng = np.random.default_rng(6)
    for _ in range(50):
        limits = rng.integers(0, 5, rng.integers(1, 5))
        total = int(rng.integers(0, limits.sum() + 1))
        grid = np.array(list(itertools.product(*(range(limit + 1) for limit in limits))))
        right = grid[grid.sum(1) == total]
        assert sorted(columns(total, limits).tolist()) == sorted(right.tolist())
        assert number_of_columns(total, limits) == len(right)
