"""The pieces of which the samplers of integers are made, against exact arithmetic.

The integers' law is the product of a few deterministic pieces (thresholds, means, a hat, an
acceptance ratio); each is held to exact arithmetic, which bounds the distance in total variation
far below what draws could show. The tests on draws look for what the pieces do not say.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from draws import Fixed, fraction
from scipy import stats

from expfam.sampling import binomial, poisson
from expfam.sampling.bits import pair_quotient, pair_sum, two_product, two_sum
from expfam.sampling.categories import cumulative, splits_of
from expfam.sampling.counts import (
    ALL,
    SEARCH_BELOW,
    Poisson,
    binomial_law,
    block_bits,
    hat,
    proposals,
)


def test_pairs_are_exact():
    rng = np.random.default_rng(1)
    a, b = np.exp(rng.normal(0, 10, (2, 200)))
    c, d = rng.uniform(-1, 1, (2, 200))
    for i in range(200):
        x, y = (Fraction(float(v[i])) for v in (a, b))
        assert fraction(two_sum(a, b), i) == x + y
        assert fraction(two_product(a, b), i) == x * y
        p, q = (a, 1e-16 * c * a), (b, 1e-16 * d * b)
        exact_p, exact_q = fraction(p, i), fraction(q, i)
        total, share = fraction(pair_sum(p, q), i), fraction(pair_quotient(p, q), i)
        assert abs(total / (exact_p + exact_q) - 1) < Fraction(1, 2**98)
        assert abs(share / (exact_p / exact_q) - 1) < Fraction(1, 2**98)


ROWS = [
    [1.0],
    [1.0, 1.0, 1.0],
    [0.0, 1.0, 0.0, 0.0, 2.0, 0.0],
    [1e-300, 1.0, 1e-17, 1e-300],
    [0.1] * 10,
    np.random.default_rng(2).dirichlet(np.full(1000, 0.1)).tolist(),
    np.random.default_rng(3).dirichlet(np.ones(777)).tolist(),
]


@pytest.mark.parametrize("row", ROWS, ids=len)
def test_cumulative_sums_are_right_to_63_bits(row):
    weights = [Fraction(w) for w in row]
    total, running, previous = sum(weights), Fraction(0), 0
    steps = [int(s) for s in cumulative(np.array([row]))[0]]
    for step, weight in zip(steps, weights, strict=True):
        running += weight
        assert abs(step - running / total * 2**63) <= 1
        assert step == previous if weight == 0 else step >= previous
        previous = step
    assert previous == 2**63


@pytest.mark.parametrize("row", ROWS, ids=len)
def test_splits_are_right_to_a_pair(row):
    sets = [Fraction(w) for w in row]
    for split in splits_of(np.array([row]))[::-1]:
        sets += [Fraction(0)] * (len(sets) % 2)
        pairs = list(zip(sets[0::2], sets[1::2], strict=True))
        sets = [a + b for a, b in pairs]
        for i, (a, b) in enumerate(pairs):
            exact = min(a, b) / (a + b) if a + b else Fraction(0)
            error = abs(fraction((split.high[0], split.low[0]), i) - exact)
            assert error <= exact / 2**98 + Fraction(1, 2**1000)
            assert split.second[0, i] == (b < a)


def test_the_mean_is_carried_to_a_pair():
    for trials in (1, 10**9 + 7, 2**53 + 1, 2**62 - 1):
        success = np.array([1 / 3]), np.array([1 / 54043195528445946])
        law = binomial_law(np.array([trials]), success)
        exact = trials * fraction(success)
        assert abs(fraction((law.mean, law.mean_low)) / exact - 1) < Fraction(1, 2**98)


def exact_log_ratio(trials, success, count):
    """log of the binomial probability times √(2πnpq), 60 digits; success is a Fraction."""
    with mpmath.workdps(60):
        p = mpmath.mpf(success.numerator) / success.denominator
        n, k = mpmath.mpf(trials), mpmath.mpf(count)
        log_choose = mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)
        log_f = log_choose + k * mpmath.log(p) + (n - k) * mpmath.log1p(-p)
        return log_f + mpmath.log(2 * mpmath.pi * n * p * (1 - p)) / 2


@pytest.mark.parametrize("trials", [21, 40, 1000, 10**6, 10**12, 2**53 + 1, 2**60 + 1, 2**62])
@pytest.mark.parametrize("share", [0.5, 1 / 3, 0.0123, 1e-6, 1e-12])
def test_log_ratio_of_the_binomial(trials, share):
    if trials * share < SEARCH_BELOW:
        return
    (split,) = splits_of(np.array([[share, 1 - share]]))
    success = split.high[0], split.low[0]
    exact_p = fraction(success)
    law = binomial_law(np.array([trials]), success)
    mode = round(trials * exact_p)
    deviation = float(law.deviation()[0])
    offsets = np.unique(np.rint(np.linspace(-8, 8, 41) * deviation).astype(int))
    counts = np.clip(mode + offsets, 0, trials)
    from_mean = np.array([float(int(k) - trials * exact_p) for k in counts])
    got = law.log_ratio(counts, from_mean)
    for k, value in zip(counts.tolist(), got, strict=True):
        exact = exact_log_ratio(trials, exact_p, k)
        # A value of −100 is a probability of 1e-43: relative there.
        assert abs(value - exact) <= 1e-13 * max(1, abs(exact))


@pytest.mark.parametrize("mean", [10.0, 11.7, 1e3, 1e6 + 0.1, 1e12 + 0.3, 1e15 + 0.5, 2.0**62])
def test_log_ratio_of_the_poisson(mean):
    law = Poisson(np.array([mean]), np.zeros(1))
    offsets = np.rint(np.linspace(-8, 8, 41) * math.sqrt(mean)).astype(int)
    counts = np.unique(np.maximum(round(mean) + offsets, 0))
    from_mean = np.array([float(int(k) - Fraction(mean)) for k in counts])
    with mpmath.workdps(60):
        m = mpmath.mpf(mean)
        for k, value in zip(counts.tolist(), law.log_ratio(counts, from_mean), strict=True):
            log_f = k * mpmath.log(m) - m - mpmath.loggamma(k + 1)
            exact = log_f + mpmath.log(2 * mpmath.pi * m) / 2
            assert abs(value - exact) <= 1e-13 * max(1, abs(exact))


@pytest.mark.parametrize(("trials", "success"), [(1, 0.5), (19, 0.5), (9000, 1e-3), (2**62, 1e-18)])
def test_search_walks_the_exact_probabilities(trials, success):
    law = binomial_law(np.array([trials]), (np.array([success]), np.zeros(1)))
    p, term = mpmath.mpf(success), law.at_zero()
    with mpmath.workdps(60):
        for k in range(min(trials, 40)):
            exact = mpmath.binomial(trials, k) * p**k * mpmath.exp((trials - k) * mpmath.log1p(-p))
            assert abs(term[0] / exact - 1) < 1e-13
            term = term * law.step(k)


@pytest.mark.parametrize("below", [0.3, 1e-6, 1e-12])
def test_search_is_the_quantile(below):
    word = int((1 - below) * 2**64)
    for rate in (0.5, 4.0, 9.9):
        assert poisson(Fixed([word]), rate) == stats.poisson(rate).isf(below)
    for n, p in [(19, 0.5), (50, 0.1), (10**6, 9e-6)]:
        assert binomial(Fixed([word]), n, p, 1 - p) == stats.binom(n, p).isf(below)


@pytest.mark.parametrize(
    ("trials", "share"),
    [(20, 0.5), (50, 0.21), (10**4, 0.3), (10**9 + 1, 1e-3), (2**60 + 1, 1 / 3), (2**62, 0.4999)],
)
def test_acceptance_turns_where_it_must(trials, share):
    """Just below f(k)·σ√(2π)·G′(u)/scale a proposal is accepted, just above it is not."""
    (split,) = splits_of(np.array([[share, 1 - share]]))
    law = binomial_law(np.array([trials]), (split.high[0], split.low[0]))
    success = fraction((split.high[0], split.low[0]))
    propose, envelope = proposals(law), hat(law.deviation(), law.lean())
    for u in (-0.48, -0.45, -0.2, -0.01, 0.07, 0.2, 0.36, 0.425, 0.431, 0.44, 0.449, 0.47, 0.485):
        first = int((u + 0.5) * 2**52) << 12
        (count,), _ = propose(np.array([[first], [0]], dtype=np.uint64), ALL)
        if not 0 <= count <= trials:
            continue
        uniform = Fixed([first]).uniform(1) - 0.5
        bound = math.exp(exact_log_ratio(trials, success, int(count)))
        bound *= float(envelope.slope(uniform)[0] / envelope.scale[0])
        for factor in (1 - 2e-12, 1 + 2e-12):
            second = int(bound * factor * 2**52) << 12
            words = np.array([[first], [second]], dtype=np.uint64)
            assert propose(words, ALL)[1][0] == (factor < 1)


def test_proposals_round_about_the_mean():
    for mean in (50.0, 50.3, 50.499, 50.501, 49.9):
        law = Poisson(np.array([mean]), np.zeros(1))
        envelope = hat(law.deviation(), law.lean())
        words = np.random.Philox(1).random_raw(2000).reshape(2, -1)
        place = envelope.place(Fixed(words[0]).uniform(1000) - 0.5)
        count, _ = proposals(law)(words, ALL)
        near = np.abs(place) < 400
        assert (count == np.floor(place + mean + 0.5))[near].all()


def test_blocks():
    deviation = np.array([3.0, 1023.9, 1024.0, 2047.0, 2.0**30, 2.0**31])
    assert block_bits(deviation).tolist() == [0, 0, 1, 1, 21, 22]
