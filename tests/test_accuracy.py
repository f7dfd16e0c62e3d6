"""Accuracy promises of `special`, in units of the last place, against mpmath.

The worst inputs that `benchmarks/accuracy.py` has found (against python-flint) are kept in
oracles/worst_cases.json and computed again here with mpmath: two independent oracles.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

from expfam import Multinomial, narrow, special

LIMITS = {"logsumexp": 2.0, "softmax": 4.0, "log_softmax": 4.0}
CASES = json.loads((Path(__file__).parent / "oracles" / "worst_cases.json").read_text("utf-8"))
DIGITS = 720  # a sum of binary64 exponentials, the smallest beside the largest, and 20 to spare


def ulps(got: float, exact: mpmath.mpf, bits: int = 53) -> float:
    """|got − exact| in units of the last place of the exact result, of bits bits."""
    nearest = float(exact)
    if math.isinf(nearest) or math.isinf(got):
        return 0.0 if got == nearest else math.inf
    return float(abs(mpmath.mpf(got) - exact) / (mpmath.mpf(math.ulp(nearest)) * 2 ** (53 - bits)))


def exact_logs(x: list[float], b: list[float] | None = None) -> tuple[mpmath.mpf, list]:
    """logsumexp and log_softmax, exact to hundreds of digits."""
    numbers = [mpmath.mpf(v) for v in x]
    weights = [mpmath.mpf(v) for v in b or [1.0] * len(x)]
    top = max(numbers)
    total = mpmath.fsum(mpmath.exp(v - top) * w for v, w in zip(numbers, weights, strict=True))
    value = top + mpmath.log(total)
    return value, [v - value for v in numbers]


@pytest.mark.parametrize("case", CASES, ids=[f"{c['function']}: {c['regime']}" for c in CASES])
def test_the_worst_inputs_stay_within_their_limits(case):
    x = [float.fromhex(v) for v in case["x"]]
    b = [float.fromhex(v) for v in case["b"]] if "b" in case else None
    with mpmath.workdps(DIGITS):
        value, logs = exact_logs(x, b)
        if case["function"] == "logsumexp":
            errors = [ulps(special.logsumexp(x, b=b), value)]
        elif case["function"] == "log_softmax":
            errors = map(ulps, special.log_softmax(x).tolist(), logs)
        else:
            errors = map(ulps, special.softmax(x).tolist(), map(mpmath.exp, logs))
        assert max(errors) <= LIMITS[case["function"]]


@pytest.mark.parametrize("axis", [0, 1])
def test_long_sums_are_as_good_on_either_axis(axis):
    x = np.random.default_rng(5).normal(size=(4, 3000))
    x = x if axis == 1 else np.asfortranarray(x.T)
    value, p = special.logsumexp(x, axis=axis), special.softmax(x, axis=axis)
    with mpmath.workdps(40):
        for i, row in enumerate(x if axis == 1 else x.T):
            exact, logs = exact_logs(row.tolist())
            assert ulps(value[i], exact) <= 2
            got = np.moveaxis(p, axis, 1)[i].tolist()
            assert max(map(ulps, got, map(mpmath.exp, logs))) <= 4


@pytest.mark.parametrize(("dtype", "bits"), [(np.float32, 24), (np.float16, 11)])
def test_narrow_floats_are_computed_wide_and_rounded_once(dtype, bits):
    rng = np.random.default_rng(6)
    for scale in (0.1, 1, 3):
        for size in (2, 3, 10):
            x = (rng.normal(size=size) * scale + 2).astype(dtype)
            wide = x.astype(float).tolist()
            with mpmath.workdps(40):
                value, logs = exact_logs(wide)
                got = special.logsumexp(x)
                assert ulps(got, value, bits) <= 0.51
                logs_got = special.log_softmax(x)
                assert logs_got.dtype == dtype
                assert (
                    max(ulps(float(g), w, bits) for g, w in zip(logs_got, logs, strict=True)) <= 1
                )


@pytest.fixture(params=["table", "numpy"])
def way(request, monkeypatch):
    """Either way to exponentials of narrow floats, whichever this machine takes."""
    monkeypatch.setattr(narrow, "has_fast_exp", lambda: request.param == "numpy")


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("scale", [0.01, 1, 30, 400])
def test_many_narrow_floats_are_rounded_once(scale, dtype, way):
    """Of sums beyond 1 in size, and of softmaxes, against float64: 0.51 units."""
    rng = np.random.default_rng(8)
    for size in (2, 8, 700):
        x = (rng.normal(size=(20_000 // size, size)) * scale).astype(dtype)
        wide = x.astype(float)
        for got, exact in (
            (special.logsumexp(x), special.logsumexp(wide)),
            (special.softmax(x), special.softmax(wide)),
            (special.log_softmax(x), special.log_softmax(wide)),
        ):
            assert got.dtype == dtype
            error = np.abs(got.astype(float) - exact) / np.spacing(np.abs(exact).astype(dtype))
            assert error.max() <= 0.51


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(1, 600_000), (3, 200_000)])
def test_rows_too_long_for_the_cache_are_as_good(shape, dtype, way):
    """In pieces, along the memory and across it; every kind of row."""
    x = np.random.default_rng(12).normal(size=shape).astype(dtype)
    x[0, 5], x[-1, 7:] = -np.inf, x[-1, 7:] + 900  # whose exponentials overflow
    wide = x.astype(float)
    top = wide.max(axis=1, keepdims=True)
    shift = np.where(top > 700, top, 0.0)  # x − top is exact there, and would not be elsewhere
    exps = np.exp(wide - shift)
    total = np.array([math.fsum(row) for row in exps])[:, None]
    near = (5 if dtype == np.float64 else 0.51) * np.spacing((exps / total).astype(dtype))
    for given, axis in ((x, 1), (np.ascontiguousarray(x.T), 0)):
        p, sums = special.softmax(given, axis=axis), special.logsumexp(given, axis=axis)
        assert p.dtype == sums.dtype == dtype
        assert (np.abs((p if axis else p.T).astype(float) - exps / total) <= near).all()
        exact = (shift + np.log(total))[:, 0].astype(dtype)
        np.testing.assert_array_max_ulp(sums, exact, 2, dtype)
    x[-1, 3] = np.nan
    assert np.isnan(special.logsumexp(x)).tolist() == [False] * (len(x) - 1) + [True]
    assert np.isnan(special.softmax(x)).all(axis=1).tolist() == [False] * (len(x) - 1) + [True]


@pytest.mark.parametrize("order", ["C", "F"])
def test_exponentials_of_narrow_floats_are_good_to_31_bits(order, way):
    rng = np.random.default_rng(9)
    x = np.asarray(rng.uniform(-127, 127, (300, 200)), dtype=np.float32, order=order)
    x[0] = np.arange(200) / 512  # as far from the table as can be
    exact = np.exp(x.astype(float))
    for part in (np.s_[:], np.s_[:, :100], np.s_[::-1, ::2], np.s_[:5]):
        got = narrow.exp(x[part])
        assert got.dtype == np.float64
        assert np.abs(got / exact[part] - 1).max() < 2.0**-31
    x[7, :5] = -np.inf, np.inf, np.nan, 200, -127.0
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(narrow.exp(x)[7, :5], np.exp(x[7, :5].astype(float)))


@pytest.mark.parametrize("edge", [-127.0, 127.0])
def test_exponentials_at_the_ends_of_the_table(edge, way):
    x = np.full(2000, edge, np.float32)
    for end in (edge, edge * 0.9999, edge * 1.0001, edge * 1.00787):
        x[:] = end
        assert np.abs(narrow.exp(x) / np.exp(float(x[0])) - 1).max() < 2.0**-31


@pytest.mark.parametrize("size", [4, 5, 6, 7, 8, 17, 100, 127, 500, 1024, 3000])
@pytest.mark.parametrize("share", [0.4, 0.97, 1.6, 2.0**20])
@pytest.mark.parametrize("large", [1, 3])
def test_small_terms_are_not_lost_one_after_the_other_beside_large_ones(size, share, large):
    x = np.append(np.zeros(large), np.full(size - large, math.log(share * 2.0**-53)))
    across = special.softmax(np.repeat(x[:, None], 600, axis=1), axis=0)
    with mpmath.workdps(60):
        total = large + (size - large) * mpmath.exp(mpmath.mpf(x[-1]))
        for got in (special.softmax(x)[0], special.softmax(x[::-1])[-1], across[0, 0]):
            assert ulps(got, 1 / total) <= 4
        for got in (special.logsumexp(x), special.logsumexp(x[::-1])):
            assert ulps(got, mpmath.log(total)) <= 2


@pytest.mark.parametrize("digits", [6, 12, 18, 30])
def test_logsumexp_of_log_probabilities_whose_sum_is_off_by_little(digits):
    """[log1p(−e), log e'] with e' ≠ e: the result is any size, down to where only decimals see."""
    e = 0.3
    x = [math.log1p(-e), math.log(e) * (1 + 10.0**-digits)]
    with mpmath.workdps(DIGITS):
        assert ulps(special.logsumexp(x), exact_logs(x)[0]) <= 2


def test_relative_false_promises_an_absolute_error():
    rng = np.random.default_rng(7)
    for _ in range(200):
        x = special.log_softmax(rng.normal(size=rng.integers(2, 30))) + rng.choice([0, 1e-9])
        with mpmath.workdps(60):
            exact = exact_logs(x.tolist())[0]
            error = abs(mpmath.mpf(special.logsumexp(x, relative=False)) - exact)
            assert error <= 4 * 2.0**-53 * max(1, abs(exact))


# The worst of 1e9 random rows, in a loop over which sums of rounded terms went past the limits.
FOUND = [
    (
        "logsumexp",
        [
            -1.2942506266069764,
            -9.453496514678585,
            -6.948548567352504,
            0.007807238679969082,
            -11.42145593827735,
        ],
        None,
    ),
    (
        "logsumexp",
        [
            -0.9952020931275597,
            -5.074478099015131,
            -0.7586869839727631,
            0.299155405263156,
            -2.8470596688293917,
        ],
        [
            3.6864067729624255,
            0.4916384068141439,
            2.417060111414461,
            0.1807674792127075,
            0.17473944177049372,
        ],
    ),
    (
        "softmax",
        [
            6.962705305823004,
            -9.820092295865132,
            9.500370543445674,
            16.694151408569528,
            -4.085097797038413,
        ],
        None,
    ),
]


@pytest.mark.parametrize(("function", "x", "b"), FOUND)
def test_sums_add_nothing_to_the_errors_of_exponentials(function, x, b):
    with mpmath.workdps(60):
        value, logs = exact_logs(x, b)
        if function == "logsumexp":
            assert ulps(special.logsumexp(x, b=b), value) <= 2
            assert ulps(special.logsumexp(np.stack([x, x]), b=b)[0], value) <= 2
        else:
            for got in (special.softmax(x), special.softmax(np.stack([x, x]))[0]):
                assert max(map(ulps, got, map(mpmath.exp, logs))) <= 4


@pytest.mark.parametrize("size", [3000, 20_000])
def test_relative_false_holds_far_below_zero(size):
    """Where all numbers are low, the log of the sum of exp(x − max) is rounded at that height."""
    rng = np.random.default_rng(8)
    for shift in (0.0, 0.5, -0.9):
        x = rng.normal(size=size) * 0.5
        x = x - special.logsumexp(x) + shift
        with mpmath.workdps(40):
            exact = mpmath.log(mpmath.fsum(map(mpmath.exp, map(mpmath.mpf, x.tolist()))))
            for given in (x, np.stack([x, x])):
                got = np.max(special.logsumexp(given, relative=False))
                assert abs(mpmath.mpf(got) - exact) <= 2.5 * 2.0**-53
            member = Multinomial(size).from_natural(x)
            assert abs(mpmath.mpf(member.log_partition) - exact) <= 2.5 * 2.0**-53
