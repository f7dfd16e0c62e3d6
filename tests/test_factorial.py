"""Log-factorials, Stirling errors, coefficients and deviances against 60 digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expfam import factorial, special

COUNTS = [0, 1, 2, 5, 14, 15, 16, 17, 100, 170, 171, 172, 10**6, 2**31, 10**15, 2**53, 2**62]
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def close(value, expected, rtol=4e-16, atol=0.0):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


def exact_remainder(x: int) -> mpmath.mpf:
    return mpmath.loggamma(x + 1) - x * mpmath.log(x) + x if x else mpmath.mpf(0)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_remainders_of_reals(backend):
    x = np.array([0.0, 1e-9, 0.3, 2.5, 7.9, 14.99, 15.0, 15.5, 16.0, 31.7, 1e3, 1e12])
    with mpmath.workdps(60):
        exact = [float(exact_remainder(mpmath.mpf(v))) for v in x]
    given = x if backend == "numpy" else pytest.importorskip(backend).from_numpy(x)
    close(np.asarray(factorial.remainder_of_reals(given)), exact, 2e-14, 1e-15)


def test_log_factorial():
    with mpmath.workdps(60):
        close(special.log_factorial(COUNTS), [float(mpmath.loggamma(x + 1)) for x in COUNTS])
    assert special.log_factorial(5) == math.log(120)
    assert isinstance(special.log_factorial(5), float)
    assert special.log_factorial(True) == 0.0
    assert special.log_factorial([[0, 200], [3, 1]]).shape == (2, 2)
    assert special.log_factorial([]).shape == (0,)


HUGE = [171, 233, 28843, 2**53, 10**20, 10**100, 10**300, int(2.5e305)]
FAR_APART = [
    [1.543853477286877e23, 14153204.0],
    [3.0, 1e18],
    [2.0**62, 2.0**62],
    [2.0**63, 5.0, 2.0**40],
    [1e100, 1.0],
    [1e200, 1e190, 1e20, 0.0],
    [1e286, 1e280],
    [1e290, 3.0],
    [1e300, 1e299],
    [5.193511279801947e291, 5.193511279801946e291, 2.153872726444634e282, 2.144589839688176e277],
    [1.7e307, 1e290, 3.0],
]


@pytest.mark.parametrize("x", HUGE)
def test_log_factorials_are_rounded_once(x):
    with mpmath.workdps(400):
        exact = mpmath.loggamma(int(float(x)) + 1)
        for got in (special.log_factorial(float(x)), special.log_factorial([3.0, float(x)])[1]):
            assert abs(got - exact) <= 0.51 * math.ulp(float(exact))


@pytest.mark.parametrize("counts", FAR_APART, ids=str)
def test_coefficients_of_counts_far_apart_lose_nothing(counts):
    """Where n − x is no difference of doubles, and beyond all integers."""
    with mpmath.workdps(700):
        numbers = [int(v) for v in counts]
        exact = mpmath.loggamma(sum(numbers) + 1)
        exact = float(exact - mpmath.fsum(mpmath.loggamma(v + 1) for v in numbers))
    got = special.log_multinomial_coefficient(counts)
    assert abs(got - exact) <= 2 * math.ulp(exact)
    assert special.log_multinomial_coefficient([counts, counts])[1] == got
    torch = pytest.importorskip("torch")
    there = torch.tensor(counts, dtype=torch.float64)
    assert special.log_multinomial_coefficient(there).item() == pytest.approx(exact, rel=4e-15)


def test_stirling_error_and_remainder():
    with mpmath.workdps(60):
        remainders = [exact_remainder(x) for x in COUNTS]
        half = [mpmath.log(2 * mpmath.pi * x) / 2 if x else 0 for x in COUNTS]
        errors = [float(r - h) for r, h in zip(remainders, half, strict=True)]
    close(special.stirling_error(COUNTS), errors)
    close(special.stirling_remainder(COUNTS), [float(r) for r in remainders], 6e-16)
    assert special.stirling_error(0) == special.stirling_remainder(0) == 0.0


def test_very_large_counts_are_silent():
    with np.errstate(all="raise"):
        assert special.log_factorial(1e308) == math.inf
        assert special.stirling_error(1e300) == pytest.approx(1 / 12e300)
        assert special.stirling_remainder(1e300) == pytest.approx(0.5 * math.log(2e300 * math.pi))
        assert special.log_multinomial_coefficient([1e308, 1e308]) == math.inf


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_small_floats_are_rounded_once(dtype):
    x = np.array([0, 1, 7, 20, 300], dtype=dtype)
    for function in (special.log_factorial, special.stirling_error, special.stirling_remainder):
        value = function(x)
        assert value.dtype == dtype
        assert (value == function(x.astype(float)).astype(dtype)).all()
    value = special.log_multinomial_coefficient(x)
    assert value == dtype(special.log_multinomial_coefficient(x.astype(float)))


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (-1, "counts must be non-negative and finite; it is -1"),
        ([2, -1.0], "counts must be non-negative and finite; entry 1 is -1"),
        (math.inf, "non-negative and finite; it is inf"),
        (-math.inf, "non-negative and finite; it is -inf"),
        ([[1, math.nan]], r"non-negative and finite; entry \(0, 1\) is nan"),
        ([0.5, 1], "counts must be integers; entry 0 is 0.5"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [
        special.log_factorial,
        special.stirling_error,
        special.stirling_remainder,
        special.log_multinomial_coefficient,
    ],
)
def test_what_is_no_count_is_refused(function, counts, text):
    if function is special.log_multinomial_coefficient:
        counts = np.atleast_1d(counts)
        text = text.replace("it is", "entry 0 is")
    with pytest.raises(ValueError, match=f"^{function.__name__}: .*{text}"):
        function(counts)


COEFFICIENTS = [
    [0],
    [7],
    [0, 0, 0],
    [2, 1],
    [3, 0, 7],
    [10**15 - 1, 1],
    [10**15, 10**15],
    [2**61, 2**61],
    [2**62 - 2**20, 2**20],
    [10**6] * 8,
    [1] * 100,
    [16, 15, 171, 170, 10**9],
]


@pytest.mark.parametrize("counts", COEFFICIENTS, ids=str)
def test_log_multinomial_coefficient(counts):
    with mpmath.workdps(60):
        wanted = mpmath.loggamma(sum(counts) + 1) - sum(mpmath.loggamma(x + 1) for x in counts)
    close(special.log_multinomial_coefficient(counts), float(wanted), 5e-16)


def test_log_multinomial_coefficient_of_batches_and_of_nothing():
    rows = [[2, 1], [0, 3]]
    close(special.log_multinomial_coefficient(rows), [math.log(3), 0.0])
    assert special.log_multinomial_coefficient([]) == 0.0
    assert special.log_multinomial_coefficient(np.zeros((0, 3))).shape == (0,)
    with pytest.raises(ValueError, match="must have a category axis; got none"):
        special.log_multinomial_coefficient(3)


@SETTINGS
@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_coefficients_do_not_depend_on_the_order(counts, random):
    value = special.log_multinomial_coefficient(counts)
    random.shuffle(counts)
    close(special.log_multinomial_coefficient(counts), value, 1e-15)
    assert value >= 0


DEVIANCES = [
    (3.0, 3.0),
    (0.0, 2.5),
    (1.0, 1e17),
    (1.0, 1e300),
    (5e-324, 1.0),
    (1e17, 1.0),
    (100.0, 99.999999),
    (10.0, 8.5),
    (10.0, 8.0),
    (1e15, 1e15 + 1e8),
    (0.25, 1e-300),
    (1e200, 1e-200),
    (1e300, 5e-324),
    (1e300, 1e300),
]


@pytest.mark.parametrize(("x", "mean"), DEVIANCES)
def test_deviance(x, mean):
    with mpmath.workdps(400):
        a, m = mpmath.mpf(x), mpmath.mpf(mean)
        wanted = a * mpmath.log(a / m) + m - a if x else m
    with np.errstate(all="raise"):
        close(special.deviance(x, mean), float(wanted), 4e-15)


def test_deviance_broadcasts_and_knows_its_edges():
    assert special.deviance([0, 1], 0).tolist() == [0.0, math.inf]
    assert special.deviance([[1], [2]], [1, 2]).shape == (2, 2)
    assert np.isnan(special.deviance([math.nan, 1.0], 1.0)).tolist() == [True, False]
    assert np.isnan(special.deviance(1.0, math.nan))
    x = np.array([3, 4], dtype=np.float32)
    value = special.deviance(x, np.float32(3.5))
    assert value.dtype == np.float32
    assert (value == special.deviance(x.astype(float), 3.5).astype(np.float32)).all()


@pytest.mark.parametrize(
    ("x", "mean", "error", "text"),
    [
        (-1, 2, ValueError, "x must be between 0 and 1e300; it is -1"),
        (2, [1, -1], ValueError, "mean must be between 0 and 1e300; entry 1 is -1"),
        (math.inf, 1, ValueError, "x must be between 0 and 1e300; it is inf"),
        (1, math.inf, ValueError, "mean must be between 0 and 1e300; it is inf"),
        ([1, 2], [1, 2, 3], ValueError, r"must broadcast; got \(2,\) and \(3,\)"),
        ("a", 1, TypeError, "deviance: x must be real numbers"),
        (1, None, TypeError, "deviance: mean must be real numbers"),
    ],
)
def test_bad_deviances(x, mean, error, text):
    with pytest.raises(error, match=text):
        special.deviance(x, mean)


def test_deviance_is_numpys_alone():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    for x, mean in ((torch.ones(2), 1.0), (1.0, torch.ones(2))):
        with pytest.raises(TypeError, match=r"deviance: x and mean must be numpy's"):
            special.deviance(x, mean)


@SETTINGS
@given(st.floats(0, 1e15), st.floats(0, 1e15))
def test_deviances_are_never_negative(x, mean):
    with np.errstate(all="raise"):
        value = special.deviance(x, mean)
    assert value >= 0
    assert (value == 0) <= (abs(x - mean) <= 1e-7 * mean)


def test_remainders_of_trials_are_those_of_counts():
    close(factorial.remainder_of(7), special.stirling_remainder(7))
    close(factorial.remainder_of(np.array([7, 300])), special.stirling_remainder([7, 300]))
    counts = np.array([3, 5])
    for most in (10, 10**6, np.array([10, 20])):
        value = factorial.remainder_up_to(most, counts, counts.astype(float))
        close(value, special.stirling_remainder([3, 5]))


def test_foreign_coefficients_go_through_their_library():
    strict = pytest.importorskip("array_api_strict")
    x = strict.asarray([[3.0, 200.0], [0.0, 1.0]], dtype=strict.float64)
    value = special.log_multinomial_coefficient(x)
    close(np.asarray(value), special.log_multinomial_coefficient([[3, 200], [0, 1]]), 1e-15)
    assert special.log_factorial(x).shape == (2, 2)
