"""Log-probabilities and entropies of counts against mpmath and enumeration."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expfam import Binomial, Multinomial, Poisson, saddlepoint

INF = np.inf
DIGITS = 80
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def exact_multinomial(natural, counts) -> mpmath.mpf:
    with mpmath.workdps(DIGITS):
        eta = [mpmath.mpf(float(v)) for v in natural]
        log_total = mpmath.log(mpmath.fsum(mpmath.exp(v) for v in eta))
        value = mpmath.loggamma(sum(map(int, counts)) + 1)
        for v, x in zip(eta, map(int, counts), strict=True):
            value += (x * (v - log_total) if x else 0) - mpmath.loggamma(x + 1)
        return value


def exact_poisson(natural: float, count: int) -> mpmath.mpf:
    with mpmath.workdps(DIGITS):
        eta = mpmath.mpf(natural)
        return count * eta - mpmath.exp(eta) - mpmath.loggamma(count + 1)


def near(value: float, exact: mpmath.mpf) -> None:
    assert value <= 0
    error = abs(mpmath.mpf(value) - exact)
    assert error <= 1e-14 * max(1, abs(exact)), (value, float(exact), float(error))


NATURALS = [
    [0.2, 1.3, -0.5],
    [0.0, 0.0, 0.0],
    [1e6 + 0.25, 1e6, 1e6 - 3.0],
    [1e15, 1e15 + 1.0, 1e15 - 0.25],
    [0.0, -20.0, -36.0],
    [0.0, -300.0, -700.0],
    [3.0, -1.0, 2.9999],
]
TRIALS = [1, 2, 17, 1000, 10**7, 10**12, 10**15, 2**53 + 1, 2**62]


def counts_near_and_far(natural: list[float], n: int) -> list[list[int]]:
    """The mode, some standard deviations off it, and corners of the simplex."""
    with mpmath.workdps(DIGITS):
        weights = [mpmath.exp(mpmath.mpf(v)) for v in natural]
        total = mpmath.fsum(weights)
        mode = [int(mpmath.floor(n * w / total)) for w in weights]
    mode[mode.index(max(mode))] += n - sum(mode)
    rows = [mode, [n, 0, 0], [0, 0, n], [n - n // 2, n // 2, 0], [n - 2 * (n // 3), n // 3, n // 3]]
    for step in (1, math.isqrt(n), 20 * math.isqrt(n), n // 1000):
        if mode[1] >= step:
            rows.append([mode[0] + step, mode[1] - step, mode[2]])
        if mode[0] >= step:
            rows.append([mode[0] - step, mode[1], mode[2] + step])
    return rows


@pytest.mark.parametrize("n", TRIALS)
@pytest.mark.parametrize("natural", NATURALS, ids=str)
def test_the_multinomial_log_pmf_keeps_its_digits(natural, n):
    member = Multinomial(3, trials=n).from_natural(natural)
    rows = counts_near_and_far(natural, n)
    together = member.log_prob(np.array(rows))
    for row, value in zip(rows, together, strict=True):
        near(float(value), exact_multinomial(natural, row))
        near(member.log_prob(row), exact_multinomial(natural, row))


@pytest.mark.parametrize("n", [1, 12, 10**6, 10**15, 2**62])
@pytest.mark.parametrize("natural", [0.0, 0.7, -3.0, 30.0, -40.0, 300.0, -800.0, 800.0])
def test_the_binomial_log_pmf_keeps_its_digits(natural, n):
    member = Binomial(n).from_natural(natural)
    mode = min(int(n * float(member.mean_parameter) / n), n)
    pair = [natural, 0.0] if natural < 700 else [0.0, -natural]
    for x in {0, n, n // 2, mode, max(mode - math.isqrt(n), 0), min(mode + 3, n)}:
        near(member.log_prob(x), exact_multinomial(pair, [x, n - x]))


@pytest.mark.parametrize(
    "natural", [-700.0, -30.0, -1.0, 0.0, 2.5, 10.0, 25.0, 34.5, 42.9, 42.97512519471660]
)
def test_the_poisson_log_pmf_keeps_its_digits(natural):
    member = Poisson().from_natural(natural)
    rate = math.exp(natural)
    deviation = math.isqrt(int(rate)) + 1
    counts = {0, 1, 2, 20, 10**6, 2**62, int(rate)}
    counts |= {int(rate) + k * deviation for k in (-40, -1, 1, 40) if rate + k * deviation >= 0}
    counts = sorted(x for x in counts if x <= 2**62)
    together = member.log_prob(counts)
    for x, value in zip(counts, together, strict=True):
        near(float(value), exact_poisson(natural, x))


def test_what_is_impossible_has_minus_infinity_and_what_underflows_has_not():
    member = Multinomial(3, trials=5).from_natural([0.0, -800.0, -INF])
    value = member.log_prob([[5, 0, 0], [3, 2, 0], [3, 1, 1], [0, 0, 5]])
    assert value[0] == 0.0
    near(float(value[1]), exact_multinomial([0.0, -800.0, -1e5], [3, 2, 0]))
    assert value[2:].tolist() == [-INF, -INF]
    assert Poisson().from_natural(-INF).log_prob([0, 1]).tolist() == [0.0, -INF]
    assert Binomial(3).from_natural(-INF).log_prob([0, 1]).tolist() == [0.0, -INF]
    assert Binomial(3).from_natural(INF).log_prob([3, 2]).tolist() == [0.0, -INF]


@pytest.mark.parametrize("size", [2, 3, 8, 9, 40])
@pytest.mark.parametrize("trials", [4, 2**62])
def test_one_impossible_observation_of_any_number_of_categories(size, trials):
    family = Multinomial(size, trials=trials)
    impossible = np.append(np.zeros(size - 1, dtype=int), trials)
    member = family.from_natural(np.append(np.zeros(size - 1), -INF))
    assert member.log_prob(impossible) == -INF
    assert member.log_prob([impossible, impossible[::-1]])[0] == -INF


def test_a_count_lost_beside_its_mean_leaves_an_impossible_one_impossible():
    n = 2**62
    member = Multinomial(3, trials=n).from_natural([0.3, 0.2, -INF])
    assert member.log_prob([8, n - 8 - 10**15, 10**15]) == -INF
    near(member.log_prob([8, n - 8, 0]), exact_multinomial([0.3, 0.2], [8, n - 8]))
    for x in ([0, n, 0], [1, n - 1, 0], [500, n - 500, 0], [10**4, n - 10**4, 0]):
        near(member.log_prob(x), exact_multinomial([0.3, 0.2], x[:2]))


def test_rows_done_again_in_pairs_broadcast():
    n = 2**62
    natural = np.array([[0.2, 1.3], [0.0, -900.0], [0.1, -INF]])
    x = np.array([[[n // 4, n - n // 4]], [[n, 0]]])
    value = Multinomial(2, trials=n).from_natural(natural).log_prob(x)
    assert value.shape == (2, 3)
    near(float(value[0, 0]), exact_multinomial(natural[0], x[0, 0]))
    assert value[0, 2] == -INF
    assert value[1, 2] == 0.0


@SETTINGS
@given(
    st.lists(st.floats(-30, 30), min_size=2, max_size=5),
    st.data(),
)
def test_the_log_pmf_anywhere(natural, data):
    size = len(natural)
    counts = data.draw(
        st.lists(st.integers(0, 2**58) | st.integers(0, 50), min_size=size, max_size=size)
    )
    member = Multinomial(size, trials=sum(counts)).from_natural(natural)
    near(member.log_prob(counts), exact_multinomial(natural, counts))


# ---------------------------------------------------------------- entropy


def compositions(n: int, size: int):
    for bars in itertools.combinations(range(n + size - 1), size - 1):
        edges = (-1, *bars, n + size - 1)
        yield [b - a - 1 for a, b in itertools.pairwise(edges)]


@pytest.mark.parametrize("n", [1, 2, 5, 12])
@pytest.mark.parametrize(
    "natural",
    [
        [0.2, 1.3, -0.5],
        [0.0, 0.0, 0.0],
        [0.0, -40.0, -2.0],
        [0.0, -INF, 1.0],
        [0.0, 0.0, -INF],
        [-INF, 3.0, -INF],
        [0.0, -745.0, -1e-3],
        [5.0],
        [0.0, 1.0, 2.0, 3.0],
    ],
    ids=str,
)
def test_the_multinomial_entropy_by_enumeration(natural, n):
    with mpmath.workdps(40):
        wanted = mpmath.mpf(0)
        seen = [v for v in natural if v > -INF]
        for x in compositions(n, len(seen)):
            log_p = exact_multinomial(seen, x)
            wanted -= mpmath.exp(log_p) * log_p
    value = Multinomial(len(natural), trials=n).from_natural(natural).entropy()
    np.testing.assert_allclose(value, float(wanted), rtol=1e-12, atol=1e-300)
    assert math.copysign(1, value) == 1


def exact_binomial_entropy(n: int, natural: float) -> float:
    with mpmath.workdps(40):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(natural)))
        q, log_p, total = 1 - p, n * mpmath.log1p(-p), mpmath.mpf(0)
        odds = mpmath.log(p) - mpmath.log(q)
        for k in range(n + 1):
            total -= mpmath.exp(log_p) * log_p
            log_p += odds + (mpmath.log(n - k) - mpmath.log(k + 1) if k < n else 0)
        return float(total)


@pytest.mark.parametrize("n", [1, 3, 40, 600, 3000])
@pytest.mark.parametrize("natural", [0.0, 0.7, -3.0, 8.0, -20.0])
def test_the_binomial_entropy_by_enumeration(n, natural):
    value = Binomial(n).from_natural(natural).entropy()
    np.testing.assert_allclose(value, exact_binomial_entropy(n, natural), rtol=1e-12)


@pytest.mark.parametrize("rate", [1e-300, 1e-10, 0.01, 0.5, 1.0, 3.7, 40.0, 255.0, 257.0, 1000.0])
def test_the_poisson_entropy_by_summation(rate):
    member = Poisson().from_mean(rate)
    with mpmath.workdps(40):
        eta = mpmath.mpf(float(member.natural_parameter))
        lam = mpmath.exp(eta)
        total, log_p = mpmath.mpf(0), -lam
        for k in range(int(rate + 20 * math.sqrt(rate) + 40)):
            total -= mpmath.exp(log_p) * log_p
            log_p += eta - mpmath.log(k + 1)
    np.testing.assert_allclose(member.entropy(), float(total), rtol=1e-12)


def test_entropies_of_large_counts_meet_their_asymptotic_series():
    for rate in (1e6, 1e9, 1e15, 2.0**62):
        value = Poisson().from_mean(rate).entropy()
        # Evans and Boersma (1988): ½ log(2πeλ) − 1/12λ − 1/24λ² − …
        wanted = 0.5 * math.log(2 * math.pi * math.e * rate) - 1 / (12 * rate)
        np.testing.assert_allclose(value, wanted, rtol=1e-12)
    for n in (10**7, 10**12, 2**62):
        value = Binomial(n).from_natural(0.0).entropy()
        wanted = 0.5 * math.log(math.pi * math.e * n / 2)
        np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1 / n)


def test_the_entropy_of_many_categories_and_trials_is_that_of_the_normal_limit():
    n, p = 10**7, np.arange(1, 9) / 36
    value = Multinomial(8, trials=n).from_mean(n * p).entropy()
    normal = 0.5 * (7 * math.log(2 * math.pi * math.e * n) + np.log(p).sum())
    # Next term: (3K − 2 − Σ 1/pᵢ)/12n (Cichoń and Gołębiewski 2012)
    assert value == pytest.approx(normal + (3 * 8 - 2 - (1 / p).sum()) / (12 * n), rel=1e-12)


def test_batches_of_entropies_and_no_trials():
    natural = np.array([[0.2, 1.3, -0.5], [0.0, -INF, 1.0]])
    family = Multinomial(3, trials=[[4], [0], [10]])
    value = family.from_natural(natural).entropy()
    assert value.shape == (3, 2)
    assert value[1].tolist() == [0.0, 0.0]
    for i, n in ((0, 4), (2, 10)):
        one = Multinomial(3, trials=n).from_natural(natural)
        np.testing.assert_allclose(value[i], one.entropy(), rtol=1e-14)
    assert Poisson().from_natural([-INF, 0.0]).entropy()[0] == 0.0
    assert saddlepoint.poisson_entropy(np.zeros(0)).shape == (0,)
    assert Multinomial(3, 5).from_natural(np.zeros((0, 3))).entropy().shape == (0,)


def test_phi_is_never_negative_and_exact_to_a_few_units():
    d = np.array([0.0, 1e-300, 1e-9, -1e-9, 0.3, 0.49999, 0.5, -0.5, 3.0, -3.0, -800.0, 700.0])
    with mpmath.workdps(800):
        wanted = [float(mpmath.exp(mpmath.mpf(v)) - 1 - mpmath.mpf(v)) for v in d]
    with np.errstate(under="ignore"):
        np.testing.assert_allclose(saddlepoint.phi(d), wanted, rtol=2e-15)
