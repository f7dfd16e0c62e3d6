"""The samplers: same seed same draws, every piece against exact arithmetic, and the laws.

The integers' law is the product of a few deterministic pieces (thresholds, means, a hat, an
acceptance ratio); each is held to exact arithmetic, which bounds the distance in total variation
far below what draws could show. The tests on draws then look for what the pieces do not say.

Error rates. Seeds are fixed, so a run repeats. With fresh seeds a χ² or Kolmogorov–Smirnov test
fails by chance with probability RATE = 1e-9, a moment beyond 5 standard errors with 6e-7.
"""

import json
import math
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP
from scipy import stats

from expfam import sampling
from expfam.sampling import (
    STREAM_VERSION,
    Stream,
    binomial,
    categorical,
    gamma,
    multinomial,
    normal,
    poisson,
    stream,
)
from expfam.sampling.bits import SEED_LIMIT, pair_quotient, pair_sum, two_product, two_sum
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
from expfam.sampling.densities import NORMAL_WIDTH, gamma_log_ratio, ratio_of_uniforms

RATE = 1e-9
GOLDEN = json.loads((Path(__file__).parent / "oracles" / "golden_draws.json").read_text())
GENERATORS = ["Philox", "PCG64", "PCG64DXSM", "SFC64", "MT19937"]


def generator(name: str, seed: int = 1) -> np.random.Generator:
    return np.random.Generator(getattr(np.random, name)(seed))


# The stream


def test_golden_draws_are_of_this_version():
    assert GOLDEN["stream_version"] == STREAM_VERSION == 1


@pytest.mark.parametrize(
    "row", GOLDEN["rows"], ids=lambda row: f"{row['call'][0]}-{row['call'][3]}"
)
def test_golden_draws(row):
    function, arguments, shape, name, seed = row["call"]
    got = getattr(sampling, function)(stream(generator(name, seed)), *arguments, shape=shape)
    if function == "gamma":
        wanted = np.array(row["draws"])
        allowed = 1e-14 + LOG_ULP * np.spacing(abs(np.log(wanted)))  # powers of logs of a unit
        assert (abs(got - wanted) <= allowed * wanted).all()
    else:
        assert got.tolist() == row["draws"]


def test_an_int_seed_is_philox():
    assert (stream(5).words(9) == stream(generator("Philox", 5)).words(9)).all()
    assert (stream(np.int64(5)).words(9) == stream(5).words(9)).all()
    assert binomial(stream(5), 10**9, 1, 2) == binomial(stream(generator("Philox", 5)), 10**9, 1, 2)


def test_none_is_fresh_and_a_generator_moves_on():
    assert (stream(None).words(4) != stream(None).words(4)).any()
    rng = np.random.default_rng(0)
    assert (stream(rng).words(4) != stream(rng).words(4)).any()
    one = stream(0)
    assert stream(one) is one


@pytest.mark.parametrize("rng", [True, np.True_, 1.0, "1", [1], np.random.RandomState(1)])
def test_what_is_no_seed_is_refused(rng):
    with pytest.raises(TypeError, match=f"got '{type(rng).__name__}'"):
        stream(rng)


def test_an_int_out_of_range_is_refused():
    with pytest.raises(ValueError, match="got a negative int"):
        stream(-1)
    with pytest.raises(ValueError, match="129 bits"):
        stream(SEED_LIMIT)
    stream(SEED_LIMIT - 1)


def test_mersenne_twister_words_are_joined():
    raw = np.random.MT19937(3).random_raw(4)
    words = Stream(np.random.MT19937(3)).words(2)
    assert words.tolist() == [int(raw[0]) << 32 | int(raw[1]), int(raw[2]) << 32 | int(raw[3])]


class Fixed(Stream):
    """A stream of given words."""

    def __init__(self, words):
        self.left = np.asarray(words, dtype=np.uint64)

    def words(self, count):
        out, self.left = self.left[:count], self.left[count:]
        return out


def test_uniforms_are_open_and_symmetric():
    ends = Fixed([0, 2**64 - 1, 2**63, 2**63 - 1]).uniform((2, 2))
    assert ends.tolist() == [[2**-53, 1 - 2**-53], [0.5 + 2**-53, 0.5 - 2**-53]]


@pytest.mark.parametrize("name", GENERATORS)
def test_words_of_all_generators_are_uniform(name):
    words = stream(generator(name)).words(2**16)
    for shift in range(0, 64, 8):
        counts = np.bincount(((words >> np.uint64(shift)) & np.uint64(255)).astype(int))
        assert stats.chisquare(counts).pvalue > RATE


# The pieces, against exact arithmetic


def fraction(pair, index=0):
    return Fraction(float(pair[0][index])) + Fraction(float(pair[1][index]))


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


def test_search_stops_where_rounding_would_climb_for_ever():
    top = [2**64 - 1] * 4
    assert (binomial(Fixed(top), 3, 1.0, 1.0, 4) <= 3).all()
    assert (poisson(Fixed(top), 9.0, 4) < 60).all()


HATS = [(m, 0.0, math.inf) for m in [*np.linspace(10, 30, 81), 50.3, 100, 1e3, 1e4, 3e5]]
HATS += [(n * p, p, n) for n in [20, 21, 25, 33, 57, 100, 999] for p in np.linspace(10 / n, 0.5, 9)]


def test_the_hat_covers_and_the_squeeze_is_inside():
    edge = 10.0 ** np.linspace(-1.2, -9, 2000)
    u = np.concatenate([np.linspace(-0.4999, 0.4999, 9000), 0.5 - edge, edge - 0.5])
    for mean, p, n in HATS:
        law = stats.binom(n, p) if p else stats.poisson(mean)
        deviation = math.sqrt(mean * (1 - p))
        envelope = hat(np.array([deviation]), np.array([0.01 * p]))
        count = np.floor(envelope.place(u) + mean + 0.5)
        scaled = law.pmf(count) * deviation * math.sqrt(2 * math.pi)
        ratio = scaled * envelope.slope(u) / envelope.scale
        assert ratio.max() < 0.996
        assert ratio[np.abs(u) <= 0.43].min() > envelope.squeeze[0] + 0.004


def test_the_hat_covers_blocks():
    """In the limit f is the normal density, and a block spans at most 2⁻⁹ deviations."""
    u = np.linspace(-0.4999, 0.4999, 100_001)
    envelope = hat(np.array([1e9]), np.zeros(1))
    x = np.abs(envelope.place(u)) / 1e9
    bound = envelope.slope(u) / envelope.scale
    high = np.exp(-(np.maximum(x - 2**-9, 0) ** 2) / 2) * bound
    low = np.exp(-((x + 2**-9) ** 2) / 2) * bound
    assert high.max() < 0.999
    assert low[np.abs(u) <= 0.43].min() > envelope.squeeze[0] + 0.002


def test_the_hat_is_hormanns():
    """Other constants may be right too, but give other draws."""
    got = [float(part[0]) for part in hat(np.array([8.0]), np.array([0.005]))]
    width = 1.15 + 2.53 * 8
    exact = [
        -0.0873 + 0.0248 * width + 0.005,
        width,
        (2.83 + 5.1 / width) * 8,
        0.92 - 4.2 / width,
    ]
    assert got == pytest.approx(exact, rel=1e-15)


@pytest.mark.parametrize(("deviation", "block"), [(3.2, 0), (300.0, 0), (2.0**31, 22)])
def test_52_bits_of_uniform_propose_the_right_masses(deviation, block):
    """Each proposal's number of uniforms, found by bisection, against the exact length."""
    envelope = hat(np.array([deviation]), np.zeros(1))
    unit = 2.0**block
    cells = np.arange(-int(5 * deviation / unit), int(5 * deviation / unit) + 1)
    low, high = np.zeros(len(cells), np.int64), np.full(len(cells), 2**52, np.int64)
    for _ in range(53):
        middle = (low + high) // 2
        words = np.minimum(middle, 2**52 - 1).astype(np.uint64) << np.uint64(12)
        place = envelope.place(Fixed(words).uniform(len(words)) - 0.5)
        reached = np.floor(np.ldexp(place + 0.5, -block)) >= cells
        low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
    with mpmath.workdps(40):
        a, b = (mpmath.mpf(float(part[0])) for part in envelope[:2])
        errors = []
        for cell, first in zip(cells.tolist(), low.tolist(), strict=True):
            y = abs(mpmath.mpf(cell) * unit - 0.5)
            # (2a + b(½ − u))u = y(½ − u), solved for u > 0
            half = 2 * a + b / 2 + y
            u = (half - mpmath.sqrt(half**2 - 2 * b * y)) / (2 * b)
            errors.append(float(first - (0.5 + (u if cell > 0 else -u)) * 2**52) / 2**52)
    accepted = np.exp(-((cells[1:] * unit / deviation) ** 2) / 2)
    assert (np.abs(np.diff(errors)) * accepted).sum() / 2 / 0.88 < 2e-13


# The laws, by draws


def chi_square(draws, law) -> float:
    """The p-value of integer draws; cells with few expected are pooled."""
    low, high = int(draws.min()), int(draws.max())
    expected = law.pmf(np.arange(low, high + 1)) * draws.size
    observed = np.bincount(draws.ravel() - low, minlength=len(expected))
    keep = expected >= 10
    observed = np.append(observed[keep], observed[~keep].sum())
    expected = np.append(expected[keep], draws.size - expected[keep].sum())
    if expected[-1] < 10:
        observed = np.append(observed[:-2], observed[-2:].sum())
        expected = np.append(expected[:-2], expected[-2:].sum())
    if len(observed) == 1:
        return 1.0
    return float(stats.chi2.sf(((observed - expected) ** 2 / expected).sum(), len(observed) - 1))


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


def assert_moments(standardised):
    """The first four moments of nearly normal draws, within 5 standard errors."""
    n = standardised.size
    for power, (mean, variance) in enumerate([(0, 1), (1, 2), (0, 15), (3, 96)], start=1):
        moment = float((standardised**power).mean())
        assert abs(moment - mean) <= 5 * math.sqrt(variance / n)


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


def test_normals_fill_the_region_of_their_density():
    """u ≤ e^{−x²/4}, in the square |v| ≤ √(2/e) that holds it: |x|e^{−x²/4} is largest at √2."""
    assert math.isclose(NORMAL_WIDTH / 2, math.sqrt(2) * math.exp(-0.5), rel_tol=1e-15)
    u, v = stream(1).uniform((2, 2000))
    x, accepted = ratio_of_uniforms(u, v)
    assert (x == NORMAL_WIDTH * (v - 0.5) / u).all()
    assert (accepted == (u <= np.exp(-x * x / 4))).all()
    for at in (0.1, 1.0, -2.0, 5.0):
        edge = math.exp(-at * at / 4)
        for factor in (1 - 1e-12, 1 + 1e-12):
            half = np.array([factor * edge])
            assert ratio_of_uniforms(half, 0.5 + at * half / NORMAL_WIDTH)[1][0] == (factor < 1)


def test_gamma_acceptance():
    for d in (2 / 3, 5.0, 1e4, 1e8):
        for x in (-7.0, -2.0, -0.3, 1e-3, 1.0, 8.0):
            w = x / (3 * math.sqrt(d))
            if w <= -1:
                continue
            with mpmath.workdps(60):
                v = (1 + mpmath.mpf(w)) ** 3
                exact = mpmath.mpf(w) ** 2 * 9 * d / 2 + d - d * v + d * mpmath.log(v)
            got = gamma_log_ratio(np.array([d]), np.array([w]))[0]
            assert abs(got - exact) <= 1e-12 * max(1, abs(exact))


def test_gammas_are_cubes_of_normals():
    """At a = 1e10 nothing of 2000 is rejected."""
    d = 1e10 - 1 / 3
    expected = d * (1 + normal(stream(1), 2000) / math.sqrt(9 * d)) ** 3
    np.testing.assert_allclose(gamma(stream(1), 1e10, 2000), expected, rtol=1e-15)


@pytest.mark.parametrize("a", [1e-3, 0.3, 0.999])
def test_gammas_below_one_are_boosted(a):
    other = stream(1)
    expected = gamma(other, a + 1, 100, log=True) + np.log(other.uniform(100)) / a
    np.testing.assert_allclose(gamma(stream(1), a, 100, log=True), expected, rtol=1e-13)


def test_normal_law():
    draws = normal(stream(11), 300_000)
    assert stats.kstest(draws, stats.norm.cdf).pvalue > RATE
    assert_moments(draws)


@pytest.mark.parametrize("a", [0.05, 0.3, 0.999, 1.0, 1.5, 30.0, 1e4, 1e8])
def test_gamma_law(a):
    draws = gamma(stream(12), a, 50_000)
    assert stats.kstest(draws, stats.gamma(a).cdf).pvalue > RATE
    logs = gamma(stream(12), a, 50_000, log=True)
    np.testing.assert_allclose(np.exp(logs), draws, rtol=1e-12)


@pytest.mark.parametrize("a", [1e-8, 1e-5, 1e-3])
def test_gamma_of_a_small_shape(a):
    """−a·log x is nearly exponential: P(log x ≤ y) = e^{ay}/Γ(a + 1) up to e^y."""
    draws = gamma(stream(13), a, 50_000)
    logs = gamma(stream(13), a, 50_000, log=True)
    assert (draws >= 0).all()
    assert np.isfinite(logs).all()
    scaled = -a * logs[logs < -40]
    expected = stats.expon(loc=40 * a)
    shift = math.lgamma(a + 1)
    assert abs(shift) < 1e-3
    assert stats.kstest(scaled, expected.cdf).pvalue > RATE


# Shapes and doors


@pytest.mark.parametrize("shape", [(), 3, np.int64(2), (2, 0, 3), (0,), [2, 2]])
def test_shapes(shape):
    full = (int(shape),) if np.ndim(shape) == 0 else tuple(shape)
    one, two = np.ones(3), np.ones((2, 1, 4))
    assert categorical(stream(1), one, shape).shape == full
    assert categorical(stream(1), two, shape).shape == (*full, 2, 1)
    assert multinomial(stream(1), 5, one, shape).shape == (*full, 3)
    assert multinomial(stream(1), [10**6, 5], two, shape).shape == (*full, 2, 2, 4)
    assert binomial(stream(1), 5, 1, 1, shape).shape == full
    assert binomial(stream(1), [5, 6], [[1.0], [2.0]], 1, shape).shape == (*full, 2, 2)
    assert poisson(stream(1), [[1.0, 20.0]], shape).shape == (*full, 1, 2)
    assert normal(stream(1), shape).shape == full
    assert gamma(stream(1), [0.5, 2.0], shape).shape == (*full, 2)
    for draws in (categorical(stream(1), one, shape), poisson(stream(1), 1.0, shape)):
        assert draws.dtype == np.int64


def test_empty_batches_and_edges():
    assert multinomial(stream(1), np.zeros((0,), int), [1.0, 1.0]).shape == (0, 2)
    assert categorical(stream(1), np.ones((0, 3)), 4).shape == (4, 0)
    assert multinomial(stream(1), 0, [1.0, 2.0]).tolist() == [0, 0]
    assert multinomial(stream(1), [0, 2**62], [1.0, 2.0])[0].tolist() == [0, 0]
    assert multinomial(stream(1), 2**62, [4.0]).tolist() == [2**62]
    assert multinomial(stream(1), 2**62, [0.0, 5e-324, 0.0]).tolist() == [0, 2**62, 0]
    assert binomial(stream(1), 2**62, 0.0, 1e-300) == 0
    assert binomial(stream(1), 2**62, 1e308, 0.0) == 2**62
    assert categorical(stream(1), [1e308] * 4, 5).max() < 4


def test_batches_larger_than_a_chunk_keep_their_rows():
    trials = np.arange(100_003)
    draws = binomial(stream(14), trials, 1.0, 1.0, 2)
    assert (draws <= trials).all()
    assert_moments(((draws - trials / 2) / np.sqrt(np.maximum(trials, 1) / 4))[:, 1000:])
    weights = np.eye(300)[np.arange(100_003) % 300, :]
    assert (categorical(stream(1), weights[:1000], 100) == np.arange(1000) % 300).all()
    assert (multinomial(stream(1), 10**6, weights[:1000]) == weights[:1000] * 10**6).all()


@pytest.mark.parametrize(
    "weights", [[-1.0, 2.0], [np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0], [], 1.0, np.ones((2, 0))]
)
def test_what_are_no_probabilities_is_refused(weights):
    with pytest.raises(ValueError, match="sampling: probabilities must"):
        categorical(stream(1), weights)
    with pytest.raises(ValueError, match="sampling: probabilities must"):
        multinomial(stream(1), 5, weights)


def test_other_doors():
    for trials in (-1, 2**62 + 1, [3, -2]):
        with pytest.raises(ValueError, match="trials must be from 0"):
            multinomial(stream(1), trials, [1.0, 1.0])
    for trials in (1.5, True, "a", 2**70):
        with pytest.raises(TypeError, match="trials must be integers"):
            binomial(stream(1), trials, 1.0, 1.0)
    for rate in (-1.0, np.nan, 2.0**63):
        with pytest.raises(ValueError, match="Poisson rate"):
            poisson(stream(1), rate)
    for a in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="gamma shape"):
            gamma(stream(1), a)
