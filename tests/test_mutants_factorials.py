"""Constants and terms of log-factorials, coefficients and deviances, so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from conftest import LOG_ULP
from sharp import ulps

from expfam import deviances, factorial, special

INF = np.inf
RNG = np.random.default_rng

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
