"""The laws of counts and categories, by draws."""

import math
from fractions import Fraction

import numpy as np
import pytest
from draws import RATE, Fixed, assert_moments, chi_square
from scipy import stats

from expfam.sampling import binomial, categorical, multinomial, poisson, stream

BINOMIALS = [
    *[(n, p) for n in (1, 2, 5, 19, 20) for p in (0.5, 0.1, 0.93)],
    *[(21, 0.48), (21, 0.52), (30, 0.34), (30, 0.5), (100, 0.099), (100, 0.101), (100, 0.7)],
    *[(1000, 0.0005), (1000, 0.3), (1000, 0.991), (10**4, 0.5), (10**4, 0.0012)],
    *[(10**6, 1e-6), (10**6, 3e-5), (10**6, 0.5), (10**7, 0.31), (10**9, 4e-8), (10**12, 2e-11)],
]


@pytest.mark.parametrize(("n", "p"), BINOMIALS)
def test_binomial_law(n, p):
    draws = binomial(stream(n), n, p, 1 - p, 200_000)
    assert draws.min() >= 0
    assert draws.max() <= n
    assert chi_square(draws, stats.binom(n, p)) > RATE


def test_success_near_one_keeps_its_digits():
    """q = 1e-20: 1 − p would be 0."""
    failures = 2**62 - binomial(stream(1), 2**62, 1.0, 1e-18, 100_000)
    assert chi_square(failures, stats.poisson(2**62 * 1e-18)) > RATE


def test_blocks_have_no_steps():
    """σ = 2236: blocks of 4 integers; all residues and all integers have their law."""
    draws = binomial(stream(1), 2 * 10**7, 1.0, 1.0, 500_000)
    assert chi_square(draws, stats.binom(2 * 10**7, 0.5)) > RATE
    assert stats.chisquare(np.bincount(draws % 64)).pvalue > RATE


@pytest.mark.parametrize("n", [2**60, 2**62])
@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(1, 3), Fraction(1, 1000)])
@pytest.mark.parametrize(
    "size", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)], ids=["", "million"]
)
def test_moments_and_lattice_of_a_huge_binomial(n, p, size):
    draws = binomial(stream(2), n, p.numerator, p.denominator - p.numerator, size)
    offset = (draws - round(n * p)).astype(float)
    assert_moments(offset / math.sqrt(n * p * (1 - p)))
    assert np.gcd.reduce(draws) == 1
    for modulus in (2, 3, 64, 1000):
        assert stats.chisquare(np.bincount(draws % modulus, minlength=modulus)).pvalue > RATE
    middle = (draws >> 12) & 255
    assert stats.chisquare(np.bincount(middle, minlength=256)).pvalue > RATE


@pytest.mark.parametrize("rate", [1e-300, 0.01, 0.5, 3.0, 9.99, 10.0, 11.0, 30.0, 1e3, 1e6])
def test_poisson_law(rate):
    assert chi_square(poisson(stream(3), rate, 200_000), stats.poisson(rate)) > RATE


@pytest.mark.parametrize("rate", [1e15, 2.0**62])
def test_moments_of_a_huge_poisson(rate):
    draws = poisson(stream(4), rate, 100_000)
    assert_moments((draws - round(rate)).astype(float) / math.sqrt(rate))
    assert np.gcd.reduce(draws) == 1
    assert stats.chisquare(np.bincount(draws % 64)).pvalue > RATE


def test_zero_is_proposed_and_accepted():
    """P(0) = 5e-5 where rejection begins."""
    assert chi_square(poisson(stream(3), 10.0, 1_000_000), stats.poisson(10)) > RATE
    draws = binomial(stream(3), 1000, 0.01, 0.99, 1_000_000)
    assert chi_square(draws, stats.binom(1000, 0.01)) > RATE
    assert draws.min() == 0


def test_a_rate_of_zero_gives_zero():
    assert not poisson(stream(1), 0.0, 1000).any()
    assert poisson(stream(1), [0.0, 5.0], 1000)[:, 0].max() == 0


@pytest.mark.parametrize("weights", [[1], [1, 1], [3, 1, 2], [0, 1, 0, 0, 5, 0], range(100)])
def test_categorical_law(weights):
    weights = np.array(weights, dtype=float)
    counts = np.bincount(categorical(stream(5), weights, 200_000), minlength=len(weights))
    support = weights > 0
    assert not counts[~support].any()
    expected = weights[support] / weights.sum() * 200_000
    assert stats.chisquare(counts[support], expected).pvalue > RATE or support.sum() == 1


def test_categorical_rows_have_their_own_laws():
    weights = np.array([[1.0, 2.0, 3.0, 0.0, 4.0], [0.0, 0.0, 1.0, 1.0, 0.0]])
    codes = categorical(stream(6), weights, 100_000)
    for row, weight in enumerate(weights):
        counts = np.bincount(codes[:, row], minlength=5)
        keep = weight > 0
        assert not counts[~keep].any()
        assert stats.chisquare(counts[keep], weight[keep] / weight.sum() * 1e5).pvalue > RATE


@pytest.mark.parametrize("word", [0, 2**63, 2**64 - 1])
def test_extreme_words_meet_no_zero_category(word):
    weights = np.array([0.0, 0.0, 1.0, 0.0, 3.0, 0.0])
    assert categorical(Fixed([word]), weights) in (2, 4)
    assert set(categorical(Fixed([word] * 2), np.stack([weights] * 2)).tolist()) <= {2, 4}


@pytest.mark.parametrize("n", [3, 12, 200, 10**5])
def test_multinomial_marginals_and_pairs(n):
    """Every category and every sum of two has a binomial law; both algorithms."""
    weights = np.array([2.0, 1.0, 0.0, 4.0, 3.0, 0.0])
    draws = multinomial(stream(n), n, weights, 50_000)
    assert (draws.sum(axis=-1) == n).all()
    assert not draws[:, [2, 5]].any()
    p = weights / weights.sum()
    for i in range(6):
        for j in range(i):
            total = draws[:, i] + draws[:, j]
            assert chi_square(total, stats.binom(n, p[i] + p[j])) > RATE


def test_multinomial_rows_and_trials_broadcast():
    trials = np.array([[0], [7], [10**4], [2**62]])
    weights = np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
    draws = multinomial(stream(7), trials, weights, (500,))
    assert draws.shape == (500, 4, 2, 3)
    assert (draws.sum(axis=-1) == trials).all()
    assert not draws[..., 0, 2].any()
    assert not draws[..., 1, :2].any()
    assert chi_square(draws[:, 1, 0, 0], stats.binom(7, 1 / 3)) > RATE
    assert chi_square(draws[:, 2, 0, 0], stats.binom(10**4, 1 / 3)) > RATE


def test_huge_multinomials_have_exact_means():
    """Σ Pearson's X² of 20,000 rows of 2⁶⁰ trials, K = 7, is χ² with 120,000 degrees."""
    weights = np.arange(1.0, 8)
    draws = multinomial(stream(8), 2**60, weights, 20_000)
    offset = [draws[:, k] - round(Fraction(2**60 * (k + 1), 28)) for k in range(7)]
    x2 = sum((o.astype(float) ** 2 / (2**60 * (k + 1) / 28)).sum() for k, o in enumerate(offset))
    assert abs(x2 - 120_000) <= 5 * math.sqrt(2 * 120_000)
    for k, o in enumerate(offset):
        p = (k + 1) / 28
        assert abs(o.astype(float).mean()) <= 5 * math.sqrt(2**60 * p * (1 - p) / 20_000)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("categories", [2, 10, 1000])
def test_a_softmax_of_any_float_type_is_never_refused(dtype, categories):
    rng = np.random.default_rng(9)
    rows = 10_000 // categories + 50
    eta = rng.normal(0, 1, (rows, categories)) * rng.choice([0.1, 1, 5], (rows, 1))
    p = np.exp((eta - eta.max(axis=-1, keepdims=True)).astype(dtype))
    p = (p / p.sum(axis=-1, keepdims=True, dtype=dtype)).astype(dtype)
    for codes in (categorical(stream(1), p, 2), multinomial(stream(1), 10**6, p).argmax(axis=-1)):
        assert (p[np.broadcast_to(np.arange(rows), codes.shape), codes] > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("categories", [2, 30, 1000])
def test_a_million_softmaxes(dtype, categories):
    rng = np.random.default_rng(10)
    rows = 1_000_000 // 3 // 100 + 1  # of each dtype, a hundred times
    for _ in range(100):
        eta = rng.normal(0, 3, (rows, categories))
        p = np.exp((eta - eta.max(axis=-1, keepdims=True)).astype(dtype))
        p = (p / p.sum(axis=-1, keepdims=True, dtype=dtype)).astype(dtype)
        assert (np.take_along_axis(p, categorical(stream(1), p)[:, None], -1) > 0).all()
