"""Single constants and terms, each so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

import math
from fractions import Fraction
from unittest import mock

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP

from expfam import (
    blocks,
    deviances,
    factorial,
    fixed_point,
    kernels,
    pairs,
    saddlepoint,
    sampling,
    simplex,
    special,
)
from expfam.sampling import categories, counts, densities

INF = np.inf
RNG = np.random.default_rng


def ulps(got, exact: list) -> float:
    """The largest |got − exact| in units of the last place of exact."""
    worst = 0.0
    for g, e in zip(np.ravel(got).tolist(), exact, strict=True):
        worst = max(worst, float(abs(mpmath.mpf(g) - e) / mpmath.mpf(math.ulp(float(e)))))
    return worst


def value(pair, index: int = 0) -> Fraction:
    return Fraction(float(np.ravel(pair[0])[index])) + Fraction(float(np.ravel(pair[1])[index]))


def mp(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


# ---------------------------------------------------------------- on every array library


@pytest.mark.parametrize("axis", [-1, 0, (0, 1), None])
def test_sums_of_exponentials_of_another_library_are_numpys(axis):
    strict = pytest.importorskip("array_api_strict")
    x, b = np.array([[0.2, 1.3, -0.5], [7.0, -INF, 8.0]]), np.array([[1.0, 2, 0], [3, 4, 5]])
    there, weights = strict.asarray(x), strict.asarray(b)
    chosen = {} if axis == -1 else {"axis": axis}  # what stands in the signature
    for kept in ({}, {"keepdims": True}):
        got = special.logsumexp(there, **chosen, **kept)
        np.testing.assert_allclose(got, special.logsumexp(x, axis, **kept), rtol=1e-15)
        got = special.logsumexp(there, **chosen, **kept, b=weights)
        np.testing.assert_allclose(got, special.logsumexp(x, axis, **kept, b=b), rtol=1e-15)
    if axis is None or type(axis) is int:
        for function in (special.softmax, special.log_softmax):
            got = function(there, **chosen)
            np.testing.assert_allclose(got, function(x, axis), rtol=1e-15, atol=4e-16)
            np.testing.assert_array_equal(function(x, **chosen), function(x, axis))


@pytest.mark.parametrize("library", ["numpy", "array_api_strict"])
def test_ends_of_sums_of_exponentials(library):
    xp = pytest.importorskip(library)
    rows = xp.asarray([[-INF, -INF], [INF, 1.0], [INF, INF], [0.0, -INF]])
    assert np.asarray(special.logsumexp(rows)).tolist() == [-INF, INF, INF, 0]
    assert np.asarray(special.softmax(rows[1:, :])).tolist() == [[1, 0], [0.5, 0.5], [1, 0]]
    assert np.asarray(special.logsumexp(xp.zeros((2, 0)))).tolist() == [-INF, -INF]
    assert special.logsumexp(xp.zeros((2, 0)), keepdims=True).shape == (2, 1)
    assert np.shape(special.logsumexp(xp.zeros((0, 2)), axis=(0, 1))) == ()
    for b in (-0.5, INF):
        with pytest.raises(ValueError, match="weights b must be"):
            special.logsumexp(rows, b=xp.asarray([b, 1.0]))
    last = xp.asarray([[0.0, 1.0], [0.0, -INF], [-INF, -INF]])
    with pytest.raises(ValueError, match=r"must have an entry above -inf; row .*2.* only -inf"):
        special.softmax(last)


@pytest.mark.parametrize("library", ["numpy", "array_api_strict"])
def test_softplus_and_sigmoid_and_inner(library):
    xp = pytest.importorskip(library)
    x = np.array([-30.0, -1.3, -0.5, 0.0, 0.3, 0.7, 1.0, 1.7, 40.0])
    with mpmath.workdps(40):
        exponentials = [mpmath.exp(v) for v in x.tolist()]
        for function, exact in (
            (special.softplus, [mpmath.log1p(v) for v in exponentials]),
            (special.sigmoid, [v / (1 + v) for v in exponentials]),
        ):
            assert ulps(np.asarray(function(xp.asarray(x))), exact) <= 2
    for natural, statistic, value in (
        ([-INF, 2.0, 0.5], [0.0, 3.0, 1.0], 6.5),
        ([3.0, 5.0, 7.0], [1.0, 0.5, 0.0], 5.5),
    ):
        assert special.inner(xp.asarray(natural), xp.asarray(statistic)) == value
    pair = xp.asarray([[1.0, 2.0], [3.0, 4.0]])
    assert np.asarray(special.inner(pair, pair)).tolist() == [5, 25]
    assert np.asarray(special.inner(pair, pair, 0)).tolist() == [[1, 4], [9, 16]]
    assert special.inner(pair, pair, 2) == 30


# ---------------------------------------------------------------- pairs


def test_sums_and_products_of_doubles_are_exact_and_of_pairs_good_to_100_bits():
    rng = RNG(1)
    a, b = rng.normal(size=(2, 300)) * np.exp(rng.normal(0, 10, (2, 300)))
    low_a, low_b = np.array([a, b]) * rng.uniform(-1e-16, 1e-16, (2, 300))
    total, product = pairs.two_sum(a, b), pairs.two_product(a, b)
    added, less = pairs.add((a, low_a), (b, low_b)), pairs.subtract((a, low_a), (b, low_b))
    share = pairs.quotient((a, low_a), b)
    for i in range(300):
        x, y = Fraction(float(a[i])), Fraction(float(b[i]))
        assert value(total, i) == x + y
        assert value(product, i) == x * y
        p, q = value((a, low_a), i), value((b, low_b), i)
        size = max(abs(p), abs(q))
        assert abs(value(added, i) - (p + q)) <= size / 2**100
        assert abs(value(less, i) - (p - q)) <= size / 2**100
        assert abs(value(share, i) / (p / y) - 1) <= Fraction(1, 2**99)


def test_integers_as_pairs_are_exact():
    x = np.array([1, 2**53 + 1, 2**62, 2**62 - 1, 10**18 + 7])
    assert [value(pairs.from_integers(x), i) for i in range(5)] == x.tolist()


def test_logs_in_pairs_are_good_to_75_bits():
    rng = RNG(2)
    x = np.concatenate(
        [
            rng.uniform(0.5, 1, 300),  # every row of the table
            np.exp(rng.uniform(-600, 600, 100)),
            1 + rng.uniform(-0.01, 0.01, 100),
            np.arange(64, 130) / 128,  # the centres, and half a step off them
            (np.arange(64, 130) + 0.5) / 128,
        ]
    )
    low = x * rng.uniform(-1e-16, 1e-16, len(x))
    got = pairs.log((x, low))
    with mpmath.workdps(60):
        for i in range(len(x)):
            exact = mpmath.log(mp(value((x, low), i)))
            assert abs(mp(value(got, i)) - exact) <= 2.0**-75 * max(1, abs(exact))


def test_the_table_of_logs_is_good_to_100_bits():
    (high, low), log2 = pairs._log_table()
    with mpmath.workdps(60):
        for j in range(64, 193):
            assert abs(mp(value((high[j], low[j]))) - mpmath.log(mpmath.mpf(j) / 128)) < 2.0**-105
        assert abs(mp(value(log2)) - mpmath.log(2)) < 2.0**-105


def test_the_series_of_the_log_is_good_to_two_ulp():
    t = np.concatenate([np.linspace(-1, 1, 40), RNG(3).uniform(-1, 1, 40)]) / 128
    with mpmath.workdps(60):
        exact = [(mpmath.log1p(v) - v + v**2 / 2) / v**3 for v in map(mpmath.mpf, t.tolist())]
        assert ulps(pairs._log_series(t), exact) <= 2


def test_exponentials_in_pairs_are_good_to_76_bits():
    x = np.concatenate([RNG(4).uniform(-700, 700, 100), RNG(5).normal(size=100)])
    got = pairs.exp(x)
    with mpmath.workdps(60):
        for i, v in enumerate(x.tolist()):
            error = abs(mp(value(got, i)) / mpmath.exp(v) - 1)
            assert error <= 2.0**-76 * max(1, abs(v))
    assert [float(p[0]) for p in pairs.exp(np.array([-INF]))] == [0.0, 0.0]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 65, 100])
def test_sums_of_rows_are_rounded_once(size):
    rng = RNG(size)
    x = rng.normal(size=(4, size)) * np.exp(rng.normal(0, 12, (4, size)))
    exact = [sum(map(Fraction, row)) for row in x.tolist()]
    high, low = pairs.row_sum(x)
    for i in range(4):
        assert abs(value((high, low), i) - exact[i]) <= Fraction(np.abs(x[i]).max()) / 2**95
    assert pairs.rounded_sum(x).tolist() == [[float(v)] for v in exact]
    assert np.ravel(pairs.rounded_sum(x[0])).tolist() == [float(exact[0])]


# ---------------------------------------------------------------- factorials

COUNTS = [*range(1, 300), 999, 10**4, 10**6 + 1, 10**9, 2**40 + 1, 2**53]


def test_stirling_errors_and_remainders_and_log_factorials():
    x = np.array(COUNTS, dtype=float)
    with mpmath.workdps(60):
        logs = [mpmath.loggamma(k + 1) for k in COUNTS]
        rests = [v - k * mpmath.log(k) + k for k, v in zip(COUNTS, logs, strict=True)]
        errors = [r - mpmath.log(2 * mpmath.pi * k) / 2 for k, r in zip(COUNTS, rests, strict=True)]
        assert ulps(special.stirling_error(COUNTS), errors) <= 2
        assert ulps(special.stirling_error(COUNTS[:15]), errors[:15]) <= 0.5
        assert ulps(special.stirling_remainder(COUNTS), rests) <= 1.5
        assert ulps(special.log_factorial(COUNTS[1:]), logs[1:]) <= 1.5 + LOG_ULP
        # One at a time, so that no neighbour decides where the table ends.
        assert ulps([factorial.remainder(v) for v in x[200:300]], rests[200:300]) <= 2
    assert special.log_factorial(1) == 0


def test_deviances_are_good_to_1e_15_near_the_mean():
    rng = RNG(6)
    x = np.concatenate([10 ** rng.uniform(0, 3, 200), np.full(100, 50.0)])
    v = np.concatenate([rng.uniform(-0.0999, 0.0999, 200), np.linspace(-0.0999, 0.0999, 100)])
    mean = x * (1 - v) / (1 + v)
    got = special.deviance(x, mean)
    with mpmath.workdps(60):
        for g, a, m in zip(got.tolist(), x.tolist(), mean.tolist(), strict=True):
            a, m = mpmath.mpf(a), mpmath.mpf(m)
            exact = a * mpmath.log(a / m) + m - a
            assert abs(g - exact) <= 1e-15 * exact


@pytest.mark.parametrize("size", [2, 3, 4, 5, 30])
def test_coefficients_are_rounded_once(size):
    rng = RNG(size)
    rows = [[1] * size, [2] * size, [15, *[1] * (size - 1)], [16, *[0] * (size - 2), 3]]
    few = 100 // size
    rows += rng.integers(0, 40, (few, size)).tolist()
    rows += rng.integers(1, 10**12, (few, size)).tolist()
    with mpmath.workdps(60):
        for row in rows:
            exact = mpmath.loggamma(sum(row) + 1) - mpmath.fsum(mpmath.loggamma(v + 1) for v in row)
            got = special.log_multinomial_coefficient(row)
            assert ulps(got, [exact]) <= 0.51 if exact > 1e-50 else got == 0


def test_coefficients_of_another_library_are_good_to_1e_14():
    strict = pytest.importorskip("array_api_strict")
    rows = [
        [3, 200],
        [0, 1],
        [0, 0],
        [5, 5],
        [10**15, 1],
        [1, 255],
        [256, 16],
        [171, 170],
        [10, 300],
    ]
    got = special.log_multinomial_coefficient(strict.asarray(rows, dtype=strict.float64))
    with mpmath.workdps(60):
        for value_, row in zip(np.asarray(got).tolist(), rows, strict=True):
            exact = mpmath.loggamma(sum(row) + 1) - mpmath.fsum(mpmath.loggamma(v + 1) for v in row)
            assert abs(value_ - exact) <= 1e-14 * exact + 1e-13
    x = strict.asarray([float(k) for k in COUNTS], dtype=strict.float64)
    with mpmath.workdps(60):
        logs = [mpmath.loggamma(k + 1) for k in COUNTS]
        errors = [
            v - k * mpmath.log(k) + k - mpmath.log(2 * mpmath.pi * k) / 2
            for k, v in zip(COUNTS, logs, strict=True)
        ]
        assert ulps(np.asarray(special.stirling_error(x)), errors) <= 2
        assert ulps(np.asarray(special.log_factorial(x))[1:], logs[1:]) <= 2 + LOG_ULP


def deviance_cases() -> tuple[np.ndarray, np.ndarray]:
    """350 counts and means near each other, 100 apart, and the ends: 1e±200, 5e-324 and 0."""
    rng = RNG(22)
    x = 10 ** np.concatenate([rng.uniform(-5, 5, 400), rng.uniform(-1, 0, 50), [-200, 200]])
    v = np.concatenate([rng.uniform(-0.0999, 0.0999, 300), rng.uniform(0.0995, 0.0999, 50)])
    near, apart = x[:350] * (1 - v) / (1 + v), x[350:450] * np.exp(rng.uniform(-9, 9, 100))
    x = np.append(x, [5e-324, 0, 0, 3])
    return x, np.concatenate([near, apart, [1e200, 1e-200, 1, 2.5, 0, 0]])


@pytest.mark.parametrize("library", ["numpy", "array_api_strict"])
def test_deviances_are_good_to_a_few_units(library):
    xp = pytest.importorskip(library)
    x, mean = deviance_cases()
    arguments = [xp.asarray(a) for a in (x, mean, x - mean)]
    got = np.asarray(deviances.deviance_of_difference(*arguments))
    if library == "numpy":  # whose x/m is infinite at 1e400, which the public function mends
        got = special.deviance(x, mean)
    errors = []
    with mpmath.workdps(400):
        for g, a, m in zip(got[:453].tolist(), x.tolist(), mean.tolist(), strict=False):
            a, m = mpmath.mpf(a), mpmath.mpf(m)
            errors.append(float(g / (a * mpmath.log(a / m) + m - a) - 1))
    assert np.abs(errors[:350]).max() < 6e-16
    assert np.abs(errors[350:]).max() < 3e-15
    assert abs(np.mean(errors[300:350])) < 2e-16  # the last term of the series is 4e-16
    assert got[453:].tolist() == [2.5, 0, INF]


def test_deviances_have_gradients_at_their_ends_too():
    """∂D/∂x = log(x/m) and ∂D/∂m = 1 − x/m, and 0 for what is infinite."""
    torch = pytest.importorskip("torch")
    x, mean = (torch.tensor(a, requires_grad=True) for a in deviance_cases())
    deviances.deviance_of_difference(x, mean, x - mean).sum().backward()
    a, m = (v.detach().numpy()[:453] for v in (x, mean))
    with np.errstate(over="ignore"):
        for got, wanted in ((x.grad, np.log(a) - np.log(m)), (mean.grad, (m - a) / m)):
            np.testing.assert_allclose(got[:453], wanted, rtol=1e-12)
    assert x.grad[453:].tolist() == [0, 0, 0]
    assert mean.grad[453:].tolist() == [1, 0, 0]


def test_doors_and_ends_of_tables():
    assert special.deviance(1e300, 1e300) == 0
    for x, mean in ((math.nextafter(1e300, INF), 1.0), (1.0, math.nextafter(1e300, INF))):
        with pytest.raises(ValueError, match="must be between 0 and 1e300"):
            special.deviance(x, mean)
    for most in (254, 255, 256, 257):
        counts = np.array([most, 3])
        got = factorial.remainder_up_to(most, counts, counts.astype(float))
        np.testing.assert_allclose(got, special.stirling_remainder(counts), rtol=4e-16)


# ---------------------------------------------------------------- the saddle-point form


def test_phi_is_good_to_two_ulp():
    d = np.concatenate([np.linspace(-0.4999, 0.4999, 100), [-30.0, -2.0, -0.51, 0.51, 3.0, 20.0]])
    with mpmath.workdps(60):
        exact = [mpmath.expm1(v) - v for v in map(mpmath.mpf, d.tolist())]
        assert ulps(saddlepoint.phi(d), exact) <= 4
    assert saddlepoint.phi(np.array([-INF, 0.0])).tolist() == [INF, 0.0]
    d = RNG(18).uniform(0.49, 0.4999, 500)
    with mpmath.workdps(40):
        exact = [mpmath.expm1(v) - v for v in map(mpmath.mpf, d.tolist())]
        errors = [float(g / e - 1) for g, e in zip(saddlepoint.phi(d).tolist(), exact, strict=True)]
    assert abs(np.mean(errors)) < 6e-17  # the last term of the series is 2e-16


def exact_multinomial(natural: np.ndarray, x: np.ndarray) -> mpmath.mpf:
    eta, counts = [mpmath.mpf(v) for v in natural.tolist()], x.tolist()
    log_total = mpmath.log(mpmath.fsum(mpmath.exp(v) for v in eta))
    return mpmath.loggamma(sum(counts) + 1) + mpmath.fsum(
        k * (v - log_total) - mpmath.loggamma(k + 1) for v, k in zip(eta, counts, strict=True)
    )


@pytest.mark.parametrize(
    ("scale", "most"), [(1, 6), (3, 40), (1, 10**6), (3, 10**12), (5, 2**58)], ids=str
)
def test_log_probabilities_are_good_to_1e_15(scale, most):
    rng = RNG(9)
    for _ in range(40):
        natural = rng.normal(size=4) * scale
        n, p = int(rng.integers(1, most)), special.softmax(natural)
        x = rng.multinomial(n, p)
        with mpmath.workdps(80):
            exact = exact_multinomial(natural, x)
            for got in (
                saddlepoint.multinomial_log_pmf(natural, x, n, n * p),
                saddlepoint._multinomial_in_pairs(natural[None], x[None])[0],
            ):
                assert abs(got - exact) <= 1e-15 * max(1, abs(exact))


def test_any_number_near_the_log_partition_will_do():
    """The formula in pairs is exact in its centre c, so a bad one changes nothing."""
    natural, x = np.array([0.3, -1.2, 0.9, 0.1]), np.array([300, 40, 660, 0])
    logsumexp_rows = kernels.logsumexp_rows
    with mpmath.workdps(60):
        exact = exact_multinomial(natural, x)
    for off in (1e-6, -1e-6):
        with mock.patch.object(kernels, "logsumexp_rows", lambda *a, o=off: logsumexp_rows(*a) + o):
            got = saddlepoint._multinomial_in_pairs(natural[None], x[None])[0]
        assert abs(got - exact) <= 1e-15 * abs(exact)


@pytest.mark.parametrize("rate", [0.1, 3.0, 30.0, 1e4, 1e10, 1e18])
def test_poisson_log_probabilities_are_good_to_1e_15(rate):
    natural, x = np.full(30, np.log(rate)), RNG(10).poisson(rate, 30)
    got = saddlepoint.poisson_log_pmf(natural, x).tolist()
    with mpmath.workdps(80):
        eta = mpmath.mpf(float(natural[0]))
        for g, k in zip(got, x.tolist(), strict=True):
            exact = k * eta - mpmath.exp(eta) - mpmath.loggamma(k + 1)
            assert abs(g - exact) <= 1e-15 * max(1, abs(exact))


@pytest.mark.parametrize("rate", [1e-3, 0.1, 1.0, 10.0, 100.0, 255.5, 256.4, 300.5, 1000.3])
def test_poisson_entropies_are_good_to_2e_15(rate):
    reach = int(12 * math.sqrt(rate) + 40)
    with mpmath.workdps(40):
        terms = []
        for k in range(max(0, int(rate) - reach), int(rate) + reach):
            log_p = k * mpmath.log(rate) - mpmath.mpf(rate) - mpmath.loggamma(k + 1)
            terms.append(-mpmath.exp(log_p) * log_p)
        exact = mpmath.fsum(terms)
        got = float(saddlepoint.poisson_entropy(np.array([rate]))[0])
        assert abs(got - exact) <= 2e-15 * exact


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.3),
        (2, 0.5),
        (7, 1e-9),
        (30, 0.2),
        (40, 0.77),
        (300, 0.5),
        (2900, 0.1003),
        (600, 0.995),
    ],
)
def test_binomial_entropies_are_good_to_2e_15(n, p):
    rows = np.array([[p, 1 - p]])
    with mpmath.workdps(40):
        q, r = (mpmath.mpf(v) for v in rows[0].tolist())
        q, r = q / (q + r), r / (q + r)
        terms = []
        for k in range(n + 1):
            log_p = mpmath.log(mpmath.binomial(n, k)) + k * mpmath.log(q) + (n - k) * mpmath.log(r)
            terms.append(-mpmath.exp(log_p) * log_p)
        exact = mpmath.fsum(terms)
        with np.errstate(all="ignore"):
            got = float(saddlepoint.multinomial_entropy(rows, np.array([n]))[0])
        assert abs(got - exact) <= 2e-15 * exact


def test_entropies_of_another_library_are_numpys():
    """Standard deviations on either side of 16 and 24, where the step of the sum changes."""
    torch = pytest.importorskip("torch")
    rates = np.array([0.0, 0.1, 10.0, 15.9**2, 16.1**2, 23.9**2, 24.1**2, 1e4, 1e10])
    given = torch.tensor(rates, requires_grad=True)
    got = saddlepoint.poisson_entropy(given)
    got.sum().backward()
    rows, n = np.array([[0.0, 1.0], [0.3, 0.7], [0.999, 0.001]]), np.array([12, 2500, 3000])
    with np.errstate(all="ignore"):
        wanted = saddlepoint.poisson_entropy(rates), saddlepoint.multinomial_entropy(rows, n)
    np.testing.assert_allclose(got.detach(), wanted[0], rtol=1e-15)
    got = saddlepoint.multinomial_entropy(torch.tensor(rows), torch.tensor(n))
    np.testing.assert_allclose(got, wanted[1], rtol=1e-15)
    assert given.grad[0] == 0  # and not NaN, for all that a standard deviation of 0 has no slope


# ---------------------------------------------------------------- the simplex


def test_log_means_and_ratios():
    rng = RNG(11)
    with mpmath.workdps(60):
        for _ in range(50):
            mean = rng.dirichlet(np.ones(4))
            numbers = [mpmath.mpf(v) for v in mean.tolist()]
            logs = [mpmath.log(v / mpmath.fsum(numbers)) for v in numbers]
            assert ulps(simplex.log_mean(mean), logs) <= 2
            both = simplex.log_mean(np.stack([mean, np.full(4, 0.25)]))
            assert ulps(both[0], logs) <= 2
            ratios = simplex.log_ratios(mean, np.full(4, 0.3))
            for i in range(4):
                error = abs(mp(value(ratios, i)) - mpmath.log(numbers[i] / mpmath.mpf(0.3)))
                assert error <= 2.0**-75


def test_log_means_of_another_library():
    strict = pytest.importorskip("array_api_strict")
    mean = RNG(19).dirichlet(np.ones(3), 2)
    got = simplex.log_mean(strict.asarray(mean))
    np.testing.assert_allclose(np.asarray(got), simplex.log_mean(mean), rtol=4e-16)


def test_divergences_where_there_is_nothing_and_where_differences_overflow():
    p = np.array([0.3, 0.0, -INF])
    assert simplex.divergence(p, p) == 0
    assert simplex.divergence(p, p + np.array([1e-9, 0, 0])) < 1e-17
    with np.errstate(all="ignore"):
        assert simplex.divergence(np.array([-1e308, 1e308]), np.array([0.0, 1e307])) == 0


@pytest.mark.parametrize("step", [1e-12, 1e-6, 0.01, 0.2, 0.5, 1.0, 3.0, 20.0])
def test_divergences_are_good_to_3e_15(step):
    rng = RNG(12)
    for _ in range(30):
        p = rng.normal(size=5) * 2
        q = p + step * rng.normal(size=5) + 3
        with mpmath.workdps(60):
            a, b = ([mpmath.exp(mpmath.mpf(v)) for v in x.tolist()] for x in (p, q))
            a, b = ([v / mpmath.fsum(x) for v in x] for x in (a, b))
            exact = mpmath.fsum(u * mpmath.log(u / v) for u, v in zip(a, b, strict=True))
            assert abs(simplex.divergence(p, q) - exact) <= 3e-15 * exact


# ---------------------------------------------------------------- sums of exponentials


def log_sum(x: list[float], b: list[float] | None = None) -> mpmath.mpf:
    weights = b or [1.0] * len(x)
    return mpmath.log(
        mpmath.fsum(mpmath.mpf(w) * mpmath.exp(v) for v, w in zip(x, weights, strict=True))
    )


def test_the_shift_loses_nothing():
    rows = RNG(13).normal(size=(50, 4)) * 10.0 ** RNG(14).uniform(-3, 2, (50, 1))
    rows[0] = 0.7
    shift = kernels.shifted(rows, blocks.Memory())
    with mpmath.workdps(60):
        for i, row in enumerate(rows.tolist()):
            for j, v in enumerate(row):
                back = sum(Fraction(float(p[i, j])) for p in (shift.difference, shift.low))
                assert back + Fraction(float(shift.maximum[i])) == Fraction(v)
            terms = [mpmath.exp(mpmath.mpf(v) - max(row)) for v in row]
            assert ulps(shift.exponentials[i], terms) <= 1.6
            excess = mpmath.fsum(sorted(terms)[:-1])
            assert abs(shift.excess[i] - excess) <= 5e-16 * excess


def test_the_log_of_a_shifted_sum_is_rounded_once():
    """Of the exponentials as numpy has them, with the errors of their sum and of x − max."""
    for size in (3, 5, 40, 300):
        rows = RNG(size).normal(size=(40, size)) * 10.0 ** RNG(14).uniform(-1, 1, (40, 1))
        rows[:4, 1:3] = rows[:4].max(axis=1)[:, None]  # several maxima
        for given in (rows, rows[:1]):
            shift = kernels.shifted(given, blocks.Memory())
            exps, low = np.exp(shift.difference).tolist(), shift.low.tolist()
            with mpmath.workdps(60):
                for i, row in enumerate(exps):
                    total = mpmath.fsum(
                        e * (1 + mpmath.mpf(v)) for e, v in zip(row, low[i], strict=True)
                    )
                    gap = mpmath.log(total) - float(shift.log[i]) - float(shift.log_low[i])
                    assert abs(gap) <= (0.62 + LOG_ULP) * math.ulp(shift.log[i])


@pytest.mark.parametrize("offset", [0.0, 1e-3, 3e-5, 1e-9, 1e-14, 0.6, -0.8])
@pytest.mark.parametrize("weighted", [False, True])
def test_sums_near_one_are_good_to_a_unit(weighted, offset):
    rng = RNG(15)
    with mpmath.workdps(60):
        for size in (2, 3, 5):
            for _ in range(4):
                b = rng.uniform(0.5, 2, size) if weighted else np.ones(size)
                x = special.log_softmax(rng.normal(size=size)) - np.log(b) + offset
                weights = b.tolist() if weighted else None
                exact = log_sum(x.tolist(), weights)
                assert ulps(special.logsumexp(x, b=weights), [exact]) <= 1
                pair = kernels._log_sum_in_pairs(x[None], b[None] if weighted else None)[0]
                assert abs(pair - exact) <= 2.0**-67 + 2e-16 * abs(exact)


@pytest.mark.parametrize("rows", [1, 3, 600])
@pytest.mark.parametrize("size", [*range(1, 20), 100, 255, 256, 257, 1023, 1024])
def test_row_sums_leave_nothing_out(size, rows):
    x = RNG(size).integers(1, 1000, (rows, size)).astype(float)
    for given in (x, np.asfortranarray(x)):
        assert blocks.row_sum(given).tolist() == x.sum(axis=1).tolist()
        assert blocks.plain_sum(given).tolist() == x.sum(axis=1).tolist()


@pytest.mark.parametrize("shape", [(3, 300_000), (2, 600_000), (1000, 300), (5, 7)], ids=str)
def test_blocks_and_pieces_leave_nothing_out_and_nothing_twice(shape):
    seen = np.zeros(shape, dtype=int)
    for rows in blocks.blocks(seen):
        for columns in blocks.pieces(seen[rows]):
            seen[rows, columns] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize(
    "height", [-700.0, -655.0, -3.0, -0.5, 0.1, 2.0, 20.0, 645.0, 660.0, 800.0]
)
def test_sums_at_any_height_are_good_to_a_unit_and_softmax_to_two(height):
    rng = RNG(16)
    with mpmath.workdps(60):
        for size in (2, 6, 30):
            x = rng.normal(size=size) + height
            b = rng.uniform(0.5, 2, size)
            exact = log_sum(x.tolist())
            assert ulps(special.logsumexp(x), [exact]) <= 1.3
            assert ulps(special.logsumexp(x, b=b), [log_sum(x.tolist(), b.tolist())]) <= 1.5
            logs = [mpmath.mpf(v) - exact for v in x.tolist()]
            assert ulps(special.softmax(x), [mpmath.exp(v) for v in logs]) <= 4
            assert ulps(special.log_softmax(x), logs) <= 2


@pytest.mark.parametrize("shape", [(2000, 128), (1, 2**20)], ids=str)
def test_many_small_terms_beside_a_large_one_are_not_lost(shape):
    """np.add.reduce loses fifteen of them in a row of 128: seven units in the last place."""
    x = np.full(shape, -35.4)
    x[:, 0] = 1.4
    with mpmath.workdps(40):
        large, small = (mpmath.exp(v) for v in (1.4, -35.4))
        total = large + (shape[1] - 1) * small
        assert ulps(special.logsumexp(x)[:1], [mpmath.log(total)]) <= 2
        assert ulps(special.softmax(x)[0, :1], [large / total]) <= 4


def test_weights_far_apart():
    for x, b in (
        ([0.0, 700.0], [1e300, 1e-300]),
        ([0.0, 1.0], [1e308, 1e308]),
        ([0.0, -650.0], [1e-290, 5.0]),
        ([0.0, -600.0, 3.0], [0.0, 1e290, 1e-300]),
    ):
        with mpmath.workdps(60):
            assert ulps(special.logsumexp(x, b=b), [log_sum(x, b)]) <= 2


# ---------------------------------------------------------------- the samplers


def test_the_hat_has_its_constants():
    """Hörmann (1993), BTRS: b = 1.15 + 2.53σ, a = −0.0873 + 0.0248b + 0.01p, α = (2.83 + 5.1/b)σ."""
    for deviation in (3.25, 40.5, 1e5):
        width = Fraction(115, 100) + Fraction(253, 100) * Fraction(deviation)
        exact = (
            Fraction(-873, 10**4) + Fraction(248, 10**4) * width + Fraction(1, 256),
            width,
            (Fraction(283, 100) + Fraction(51, 10) / width) * Fraction(deviation),
            Fraction(92, 100) - Fraction(42, 10) / width,
        )
        got = counts.hat(np.array([deviation]), np.array([1 / 256]))
        for g, e in zip(got, exact, strict=True):
            assert abs(Fraction(float(g[0])) / e - 1) < 1e-15
    bent = counts.Hat(*(np.array([v]) for v in (0.3, 9.0, 30.0, 0.4)))
    for u in (-0.49, -0.2, 0.1, 0.4999):
        left = Fraction(1, 2) - abs(Fraction(u))
        place = (2 * Fraction(0.3) / left + 9) * Fraction(u)
        assert abs(Fraction(float(bent.place(np.array([u]))[0])) / place - 1) < 2e-15
        slope = Fraction(0.3) / left**2 + 9
        assert abs(Fraction(float(bent.slope(np.array([u]))[0])) / slope - 1) < 2e-15
    success = np.array([0.25])
    law = counts.Binomial(np.array([25.0]), np.zeros(1), np.array([100]), success)
    assert law.lean() == 0.0025
    assert law.deviation() == math.sqrt(18.75)


def test_proposals_are_rounded_to_the_nearest_count():
    """Of a mean of 20.5, the uniforms next to ½ lie on either side of 20½."""
    propose = counts.proposals(counts.Poisson(np.array([20.5]), np.zeros(1)))
    words = np.array([[2**63 - 1, 2**63], [0, 0]], dtype=np.uint64)
    assert propose(words, counts.ALL)[0].tolist() == [20, 21]


def test_the_possible_counts_are_from_none_to_all():
    x = np.array([-1, 0, 1, 6, 7])
    poisson = counts.Poisson(np.array([12.0]), np.zeros(1))
    binomial = counts.Binomial(np.array([3.0]), np.zeros(1), np.array([6]), np.array([0.5]))
    assert poisson.possible(x).tolist() == [False, True, True, True, True]
    assert binomial.possible(x).tolist() == [False, True, True, True, False]


def test_ratios_of_the_law_are_good_to_a_few_1e_15():
    x = np.array([0, 1, 2, 5, 10, 15, 20, 40])
    mean = np.full(8, 10.0)
    got = counts.poisson_log_ratio(x, mean, x - mean)
    trials = np.full(8, 40)
    binomial = counts.Binomial(mean, np.zeros(8), trials, np.full(8, 0.25))
    both = binomial.log_ratio(x, x - mean)
    with mpmath.workdps(40):
        for g, b, k in zip(got.tolist(), both.tolist(), x.tolist(), strict=True):
            log_f = k * mpmath.log(10) - 10 - mpmath.loggamma(k + 1)
            assert abs(g - log_f - mpmath.log(20 * mpmath.pi) / 2) < 1e-14
            log_f = mpmath.log(mpmath.binomial(40, k))
            log_f += k * mpmath.log(0.25) + (40 - k) * mpmath.log(0.75)
            assert abs(b - log_f - mpmath.log(15 * mpmath.pi) / 2) < 2e-14


@pytest.mark.parametrize(
    ("size", "length"),
    [
        (1, 8),
        (128, 1024),
        (129, 903),
        (205, 820),
        (341, 1023),
        (512, 1024),
        (513, 513),
        (1025, 1025),
    ],
)
def test_few_places_get_several_proposals(size, length):
    lengths = []

    def attempt(places, count):
        lengths.append(count)
        return np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)

    counts.until_accepted(size, np.int64, attempt)
    assert lengths == [length]


class Halves:
    """f(k) = 2⁻²⁻ᵏ, which add up to ½, in the place of a law."""

    def at_zero(self):
        return np.array([0.25])

    def step(self, count):
        return 0.5


def test_the_search_stops_where_terms_fall_below_2_to_the_minus_60():
    class Highest(sampling.Stream):
        def __init__(self):
            pass

        def words(self, count):
            return np.full(count, 2**64 - 1, dtype=np.uint64)

    assert counts._search(Highest(), Halves(), 1).tolist() == [58]


def test_two_draws_of_two_rows():
    steps = categories.cumulative(np.array([[0.5, 0.0, 0.0], [0.0, 0.0, 0.5]]))
    got = categories.invert(np.zeros(2, dtype=np.uint64), steps, np.array([0, 1]))
    assert got.tolist() == [0, 2]


def test_the_ratio_of_the_gamma_law_is_good_to_2e_9():
    w = np.array([1, -1, 0.5, -0.5, 64 / 60, -64 / 60, 30, -30]) / 65
    got = densities.gamma_log_ratio(np.full(8, 2.0), w)
    with mpmath.workdps(40):
        for g, v in zip(got.tolist(), map(mpmath.mpf, w.tolist()), strict=True):
            exact = 6 * (mpmath.log1p(v) - v + v**2 / 2 - v**3 / 3)
            assert abs(g / exact - 1) < 1.5e-9


def test_a_vector_has_no_axis_before_its_last():
    for function in (special.logsumexp, special.softmax):
        with pytest.raises(ValueError, match="one of 1 axes; got -2"):
            function([1.0, 2.0], axis=-2)


def test_tables_of_another_library_have_its_shape():
    torch = pytest.importorskip("torch")
    counts = [[0.0, 200.0], [3.0, 1.0]]
    got = special.log_factorial(torch.tensor(counts, dtype=torch.float64))
    np.testing.assert_allclose(got, special.log_factorial(counts), rtol=4e-16)


def test_remainders_have_gradients_where_two_formulas_meet():
    """r′(x) = ψ(x + 1) − log x, of either formula at 16 but not of both."""
    torch = pytest.importorskip("torch")
    x = torch.tensor([0.5, 15.9, 16.0, 16.1, 300.0], dtype=torch.float64, requires_grad=True)
    factorial.remainder_of_reals(x).sum().backward()
    wanted = [float(mpmath.digamma(v + 1) - mpmath.log(v)) for v in x.tolist()]
    np.testing.assert_allclose(x.grad, wanted, rtol=1e-13)


def test_gradients_where_two_formulas_meet():
    """The value at 0 is the same on both sides; the gradient of the side not meant is 0."""
    torch = pytest.importorskip("torch")
    for function, slope in ((special.softplus, 0.5), (special.sigmoid, 0.25)):
        x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        function(x).sum().backward()
        assert x.grad.tolist() == [slope]
    natural = torch.tensor([3.0, -INF, 2.0], dtype=torch.float64, requires_grad=True)
    statistic = torch.tensor([0.0, 0.0, 4.0], dtype=torch.float64, requires_grad=True)
    special.inner(natural, statistic).backward()
    assert natural.grad.tolist() == [0, 0, 4]
    assert statistic.grad.tolist() == [3, 0, 2]  # and not −∞ where it was taken for nothing


@pytest.mark.parametrize("bits", fixed_point._PRECISIONS)
def test_exponentials_of_integers_keep_their_bound_where_the_series_is_longest(bits):
    left = (1 << bits - 24) - 1  # after three digits of 0
    for x in (left, left - 1, left // 3, 1, 0):
        ((m, k),) = fixed_point.exps([x], bits)
        with mpmath.workprec(2 * bits):
            exact = mpmath.exp(mpmath.ldexp(x, -bits))
            assert abs(mpmath.ldexp(m, k - bits) - exact) < mpmath.ldexp(7, -bits)
