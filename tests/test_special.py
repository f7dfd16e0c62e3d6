"""logsumexp and its kin: what they give for ordinary, odd and bad input."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expfam import kernels, special

INF = np.inf
THREE = [special.logsumexp, special.softmax, special.log_softmax]
ELEMENTWISE = [special.softplus, special.sigmoid]
GAMMAS = [special.log_gamma, special.digamma, special.trigamma]
REALS = st.floats(-800, 800, allow_nan=False)
ARRAYS = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=5), elements=REALS)
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def reference(x: list[float], weights: list[float] | None = None) -> mpmath.mpf:
    with mpmath.workdps(60):
        weights = weights or [1.0] * len(x)
        terms = [mpmath.mpf(b) * mpmath.exp(mpmath.mpf(v)) for v, b in zip(x, weights, strict=True)]
        return mpmath.log(mpmath.fsum(terms))


def close(value, expected, rtol=1e-14, atol=0.0):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    "x",
    [
        [0.2, 1.3, -0.5],
        [5.0],
        [1000.0, 1000.0],
        [-1000.0, -1001.0],
        [-745.0, 0.0],
        [0.0, -40.0],
        [1e6 + 0.25, 1e6 - 0.5],
        [-0.6931471805599453, -0.6931471805599453],
        [-1.0, -0.4586751453870819],
        [-1e-20, -46.0],
        [640.0, 649.0, -700.0],
        [5e-324, -5e-324],
    ],
)
def test_the_three_functions_against_mpmath(x):
    with mpmath.workdps(60):
        total = reference(x)
        close(special.logsumexp(x), float(total), 1e-15, 5e-324)
        close(special.softmax(x), [float(mpmath.exp(v - total)) for v in x], 1e-15)
        close(special.log_softmax(x), [float(v - total) for v in x], 2e-15, 5e-324)


@pytest.mark.parametrize(
    ("x", "b"),
    [
        ([0.2, 1.3, -0.5], [1.0, 2.0, 0.5]),
        ([0.0, 0.0], [1e308, 1e308]),
        ([0.0, -760.0], [1e-200, 1e308]),
        ([0.0, -800.0], [1e-300, 1e308]),
        ([0.0, 1.0], [5e-324, 5e-324]),
        ([700.0, 3.0], [1e300, 1.0]),
    ],
)
def test_weights_of_any_size_against_mpmath(x, b):
    close(special.logsumexp(x, b=b), float(reference(x, b)), 1e-14)


def test_sums_that_are_exactly_one_have_the_log_zero():
    assert special.logsumexp([0.0], b=[1.0]) == 0.0
    assert special.logsumexp([0.0, 0.0], b=[0.5, 0.5]) == 0.0
    assert special.logsumexp([0.0, -INF], b=[1.0, 7.0]) == 0.0


def test_weights_broadcast_and_those_of_zero_are_no_terms():
    assert special.logsumexp([INF, np.nan, 2.0], b=[0, 0, 1]) == 2.0
    assert special.logsumexp([1.0, 2.0], b=[0.0, 0.0]) == -INF
    assert special.logsumexp([-INF, -INF], b=[1.0, 2.0]) == -INF
    assert special.logsumexp([INF, 1.0], b=[1.0, 2.0]) == INF
    x = np.array([0.0, 1.0, 2.0])
    b = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 3.0]])
    value = special.logsumexp(x, b=b)
    close(value, [special.logsumexp(x), 2 + np.log(3)])
    assert special.logsumexp(x, b=2, keepdims=True).shape == (1,)
    close(special.logsumexp(np.zeros((2, 3)), axis=0, b=[[1.0], [3.0]]), np.log(4.0))


def test_softplus_and_sigmoid_are_two_categories():
    x = [-800.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0]
    with mpmath.workdps(400):
        plus = [float(mpmath.log1p(mpmath.exp(mpmath.mpf(v)))) for v in x]
        logistic = [float(1 / (1 + mpmath.exp(mpmath.mpf(-v)))) for v in x]
    close(special.softplus(x), plus, 1e-15)
    close(special.sigmoid(x), logistic, 1e-15)
    assert special.softplus([-INF, INF]).tolist() == [0.0, INF]
    assert special.sigmoid([-INF, INF]).tolist() == [0.0, 1.0]
    assert special.softplus(0) == np.log(2.0)


@pytest.mark.parametrize("function", GAMMAS)
def test_gamma_functions(function):
    x = [1e-10, 0.5, 1.0, 1.5, 2.0, 30.0, 1e6]
    name = function.__name__
    wanted = [
        float(mpmath.loggamma(v) if name == "log_gamma" else mpmath.psi(name == "trigamma", v))
        for v in x
    ]
    close(function(x), wanted, 1e-13, 1e-15)
    assert isinstance(function(2.5), float)
    assert np.isnan(function([np.nan, 1.0])).tolist() == [True, False]
    for bad in (0.0, -1.0, -1.5, -INF, [1.0, -2.0]):
        with pytest.raises(ValueError, match=f"{name}: x must be positive"):
            function(bad)
    assert function(np.float32([1.5])).dtype == np.float32
    assert function(np.float32(1.5)) == np.float32(function(1.5))


def test_gamma_functions_overflow_in_silence():
    with np.errstate(all="raise"):
        assert special.log_gamma([1e308, INF]).tolist() == [INF, INF]
        assert special.digamma([INF]).tolist() == [INF]
        assert special.trigamma([INF, 5e-324]).tolist() == [0.0, INF]
        assert special.log_gamma(np.float16([60000.0])).tolist() == [INF]


def test_gamma_functions_of_a_library_without_them_say_so():
    strict = pytest.importorskip("array_api_strict")
    with pytest.raises(TypeError, match="log_gamma: array_api_strict has no such function"):
        special.log_gamma(strict.asarray([1.0]))


# ---------------------------------------------------------------- inner


def test_inner_takes_zero_times_infinity_for_zero():
    assert special.inner([-INF, 2.0], [0.0, 3.0]) == 6.0
    assert special.inner([0.0, 2.0], [INF, 3.0]) == 6.0
    assert special.inner([-INF], [2.0]) == -INF
    assert special.inner([INF], [INF]) == INF
    assert special.inner(-INF, 0, 0) == 0.0
    assert special.inner([[1.0, 2.0], [3.0, 4.0]], [1, 1]).tolist() == [3.0, 7.0]
    assert special.inner([[1.0, 2.0], [3.0, 4.0]], [1, 1], ndim=2) == 10.0
    assert special.inner([1e308, 1e308], [1, 1]) == INF
    assert np.isnan(special.inner([[np.nan, 1.0], [1.0, 1.0]], [1, 1])).tolist() == [True, False]


def test_inner_of_small_floats_is_computed_wide_and_rounded_once():
    x = np.array([1.0, 2.0**-12, 1.0], dtype=np.float16)
    value = special.inner(x, np.array([2048.0, 4096.0, -2048.0], dtype=np.float16))
    assert value == 1.0
    assert special.inner(np.float32([[1.0]]), np.float32([2.0])).dtype == np.float32


def test_inner_refuses_what_has_no_value():
    with pytest.raises(ValueError, match=r"inner: \+inf and -inf must not meet in one sum"):
        special.inner([[0.0, 0.0], [INF, -INF]], [1, 1])
    with pytest.raises(ValueError, match=r"must broadcast; got \(2,\) and \(3,\)"):
        special.inner([1.0, 2.0], [1.0, 2.0, 3.0])
    for ndim in (2, -1, 1.0, True, "1"):
        with pytest.raises(ValueError, match="inner: ndim must be"):
            special.inner([1.0], [1.0], ndim)
    with pytest.raises(TypeError, match="inner: statistic must be real numbers; got str"):
        special.inner([1.0], "a")


def test_inner_brings_the_statistic_to_the_library_of_the_natural_parameter():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    natural = torch.tensor([-INF, 2.0], dtype=torch.float64)
    value = special.inner(natural, [0, 3])
    assert isinstance(value, torch.Tensor)
    assert value == 6.0
    assert special.inner(natural, torch.tensor([0, 3]), 0).tolist() == [0.0, 6.0]


# ---------------------------------------------------------------- odd input


def test_infinities():
    assert special.logsumexp([-INF, -INF]) == -INF
    assert special.logsumexp([INF, -INF]) == INF
    assert special.logsumexp([INF, INF, 0.0]) == INF
    assert special.softmax([0.0, -INF, 0.0]).tolist() == [0.5, 0.0, 0.5]
    assert special.softmax([INF, 0.0, -INF]).tolist() == [1.0, 0.0, 0.0]
    assert special.softmax([INF, INF, 0.0]).tolist() == [0.5, 0.5, 0.0]
    assert special.log_softmax([INF, 0.0]).tolist() == [0.0, -INF]
    close(special.log_softmax([INF, INF, 0.0]), [-np.log(2), -np.log(2), -INF])
    assert special.log_softmax([0.0, -INF]).tolist() == [0.0, -INF]
    for function in (special.softmax, special.log_softmax):
        with pytest.raises(ValueError, match=r"an entry above -inf; row 1 has only -inf"):
            function([[0.0, 1.0], [-INF, -INF]])


@pytest.mark.parametrize("function", THREE)
def test_nan_stays_in_its_row(function):
    rows = np.array([[0.2, 1.3], [np.nan, 1.0], [INF, 1.0], [900.0, 901.0], [np.nan, INF]])
    value = np.asarray(function(rows))
    nan = np.isnan(value.reshape(5, -1)).all(axis=1)
    assert nan.tolist() == [False, True, False, False, True]
    for i in (0, 2, 3):
        close(value[i], function(rows[i]), 1e-15)


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_nan_stays_where_it_is(function):
    value = function([np.nan, 0.5])
    assert np.isnan(value).tolist() == [True, False]
    assert value[1] == function(0.5)


def test_empty_axes():
    assert special.logsumexp([]) == -INF
    assert special.logsumexp(np.zeros((2, 0))).tolist() == [-INF, -INF]
    assert special.logsumexp(np.zeros((2, 0)), keepdims=True).shape == (2, 1)
    assert special.logsumexp(np.zeros((2, 0)), axis=0).shape == (0,)
    assert special.logsumexp(np.zeros((0, 3))).shape == (0,)
    assert special.logsumexp(np.zeros((0, 3)), axis=0).tolist() == [-INF] * 3
    assert special.logsumexp([], b=[]) == -INF
    for function in (special.softmax, special.log_softmax, *ELEMENTWISE):
        assert function(np.zeros((2, 0))).shape == (2, 0)
        assert function([]).shape == (0,)
    empty = np.zeros((0, 3))
    assert special.softmax(empty) is not empty


def test_one_element():
    for x in (3.0, 1.476064952175113, 1.4317512843597076):  # where log exp x is not x
        assert special.logsumexp([x]) == x
    assert special.softmax([3.0]).tolist() == [1.0]
    assert special.log_softmax([-3.0]).tolist() == [0.0]
    assert special.logsumexp([[3.0]], keepdims=True).tolist() == [[3.0]]
    assert special.logsumexp([3.0], keepdims=True).tolist() == [3.0]


def test_a_number_has_no_axis_but_may_be_taken_whole():
    for function in THREE:
        with pytest.raises(ValueError, match=r"a number has no axis; got axis=-1"):
            function(3.0)
    assert special.logsumexp(3.0, axis=None) == 3.0
    assert special.softmax(np.array(3.0), axis=None) == 1.0
    assert special.log_softmax(np.float64(3.0), axis=()) == 0.0


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, bool])
def test_integers_and_booleans_become_float64(dtype):
    x = np.array([1, 0, 1], dtype=dtype)
    for function in THREE + ELEMENTWISE:
        value = function(x)
        close(value, function(x.astype(float)), 0)
        assert np.asarray(value).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("function", THREE + ELEMENTWISE)
def test_small_floats_are_computed_wide_and_rounded_once(function, dtype):
    x = np.random.default_rng(1).normal(0, 5, (20, 7)).astype(dtype)
    value = function(x)
    assert value.dtype == dtype
    wide = function(x.astype(np.float64))
    assert (value == wide.astype(dtype)).all()


def test_small_floats_overflow_in_silence():
    big = np.full(4, 60000.0, dtype=np.float16)
    with np.errstate(all="raise"):
        assert special.logsumexp(big, b=1e308) == 60000.0 + 704  # 709.2 + log 4 …, rounded
        assert special.softplus(big).dtype == np.float16


def layouts() -> list:
    x = np.random.default_rng(3).normal(0, 3, (4, 3, 5))
    frozen = x.copy()
    frozen.flags.writeable = False
    padded = np.zeros((8, 3, 10))
    padded[::2, :, ::2] = x
    return [
        pytest.param(x, frozen, id="read-only"),
        pytest.param(x, np.asfortranarray(x), id="Fortran order"),
        pytest.param(x, padded[::2, :, ::2], id="strided"),
        pytest.param(x[::-1, :, ::-1].copy(), x[::-1, :, ::-1], id="negative strides"),
        pytest.param(x, x.astype(">f8"), id="big-endian"),
        pytest.param(x, x.tolist(), id="lists"),
        pytest.param(x[:, :1].repeat(3, 1), np.broadcast_to(x[:, :1], x.shape), id="stride 0"),
    ]


@pytest.mark.parametrize("axis", [-1, 0, 1, 2, -3, None, (0, 1), (0, 2), (2, 0), (1, 2), (-1,), ()])
@pytest.mark.parametrize(("plain", "odd"), layouts())
def test_every_layout_and_axis(plain, odd, axis):
    before = np.array(odd, copy=True)
    close(special.logsumexp(odd, axis=axis), scipy.special.logsumexp(plain, axis=axis), 1e-13)
    kept = special.logsumexp(odd, axis=axis, keepdims=True)
    wanted = scipy.special.logsumexp(plain, axis=axis, keepdims=True)
    close(kept, wanted, 1e-13)
    assert kept.shape == wanted.shape
    close(special.softmax(odd, axis=axis), np.exp(plain - wanted), 1e-12)
    close(special.log_softmax(odd, axis=axis), plain - wanted, 1e-12, 1e-14)
    weighted = special.logsumexp(odd, axis=axis, b=np.array(2.0))
    close(weighted, special.logsumexp(odd, axis) + np.log(2), 1e-14, 1e-14)
    assert (np.asarray(odd) == before).all()


def test_big_endian_keeps_its_dtype():
    x = np.array([1.0, 2.0], dtype=">f4")
    assert special.softmax(x).dtype == x.dtype
    close(special.softmax(x), special.softmax([1.0, 2.0]), 1e-7)
    close(special.softplus(x), special.softplus([1.0, 2.0]), 1e-7)


BAD = [
    ("ab", TypeError, "x must be real numbers; got str"),
    (None, TypeError, "got NoneType"),
    ({}, TypeError, "got dict"),
    (object(), TypeError, "got object"),
    (10**30, TypeError, "got an int of more than 64 bits"),
    (["a", "b"], TypeError, "an array of <U1"),
    ([b"a"], TypeError, r"an array of \|S1"),
    ([None, 1.0], TypeError, "an array of object"),
    (np.array([1 + 1j]), TypeError, "at most 64 bits; got complex128"),
    (np.array(["2020"], "M8[D]"), TypeError, "datetime64"),
    (np.array([1], "m8[D]"), TypeError, "timedelta64"),
    (np.ma.array([1.0, 2.0], mask=[0, 1]), TypeError, "a plain array; got a masked one"),
    ([[1.0], [1.0, 2.0]], ValueError, "rectangular array; got a ragged one"),
]


@pytest.mark.parametrize(("x", "error", "text"), BAD)
@pytest.mark.parametrize(
    "function", [*THREE, *ELEMENTWISE, *GAMMAS, special.log_factorial, special.stirling_error]
)
def test_what_is_no_real_number_is_refused(function, x, error, text):
    text = text.replace("x must be real", "must be real")
    with pytest.raises(error, match=f"^{function.__name__}: .*{text}"):
        function(x)


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="no longer double here")
def test_longer_doubles_are_refused():
    for function in (*THREE, *ELEMENTWISE, *GAMMAS):
        with pytest.raises(TypeError, match="at most 64 bits; got"):
            function(np.ones(2, dtype=np.longdouble))


@pytest.mark.parametrize(
    ("axis", "error", "text"),
    [
        (2, ValueError, "axis must be one of 2 axes; got 2"),
        (-3, ValueError, "axis must be one of 2 axes; got -3"),
        ((0, 0), ValueError, "must name each axis once"),
        ((1, -1), ValueError, "must name each axis once"),
        (True, TypeError, "axis must be an int, a tuple of ints or None; got True"),
        (-1.0, TypeError, "got -1.0"),
        ("0", TypeError, "got '0'"),
        ([0], TypeError, r"got \[0\]"),
        ((0, None), TypeError, "got None"),
    ],
)
@pytest.mark.parametrize("function", THREE)
def test_bad_axes(function, axis, error, text):
    with pytest.raises(error, match=f"{function.__name__}: .*{text}"):
        function([[1.0, 2.0]], axis=axis)
    if isinstance(axis, float):
        with pytest.raises(error, match=text):
            function([1.0, 2.0], axis=axis)


def test_numpy_integers_are_axes():
    assert special.logsumexp([[1.0], [2.0]], axis=np.int8(1)).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("b", "error", "text"),
    [
        ([1.0, -1.0], ValueError, "weights b must be non-negative; entry 1 is -1"),
        ([1.0, np.nan], ValueError, "weights b must be non-negative; entry 1 is nan"),
        ([INF, 1.0], ValueError, "weights b must be finite; entry 0 is inf"),
        ([1.0, 1.0, 1.0], ValueError, r"the weights b must broadcast; got \(2,\) and \(3,\)"),
        (["a", "b"], TypeError, "logsumexp: b must be real numbers"),
    ],
)
def test_bad_weights(b, error, text):
    with pytest.raises(error, match=text):
        special.logsumexp([1.0, 2.0], b=b)


def test_foreign_arrays_with_many_axes_and_none():
    strict = pytest.importorskip("array_api_strict")
    x = strict.asarray(np.zeros((2, 0, 3)).tolist(), dtype=strict.float64)
    x = strict.reshape(x, (2, 0, 3)) if x.shape != (2, 0, 3) else x
    assert special.logsumexp(x, axis=1).shape == (2, 3)
    assert special.logsumexp(x, axis=1, keepdims=True).shape == (2, 1, 3)


# ---------------------------------------------------------------- properties


@SETTINGS
@given(ARRAYS, st.floats(-1e6, 1e6))
def test_a_shift_moves_logsumexp_and_leaves_softmax(x, shift):
    size = 1 + abs(shift) + np.abs(x).max()
    close(special.logsumexp(x + shift), special.logsumexp(x) + shift, 0, 4e-16 * size)
    close(special.softmax(x + shift), special.softmax(x), 1e-15 * size, 1e-300)


@SETTINGS
@given(ARRAYS, st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(x, random):
    order = list(range(x.shape[-1]))
    random.shuffle(order)
    close(special.logsumexp(x[..., order]), special.logsumexp(x), 5e-16, 1e-300)
    close(special.softmax(x[..., order]), special.softmax(x)[..., order], 2e-15)
    close(special.log_softmax(x[..., order]), special.log_softmax(x)[..., order], 2e-15, 1e-300)


@SETTINGS
@given(ARRAYS)
def test_softmax_is_a_distribution_and_log_softmax_its_log(x):
    p = special.softmax(x)
    close(p.sum(axis=-1), 1.0, 1e-15 * x.shape[-1])
    log_p = special.log_softmax(x)
    assert (log_p <= 0).all()
    close(np.exp(log_p), p, 1e-12, 5e-324)
    top = x.max(axis=-1)
    assert (special.logsumexp(x) >= top - 4e-16 * np.abs(top)).all()


@SETTINGS
@given(st.floats(allow_nan=False))
def test_softplus_and_sigmoid_anywhere(x):
    with np.errstate(all="raise"):
        value, p = special.softplus(x), special.sigmoid(x)
    assert value >= max(x, 0.0)
    assert 0 <= p <= 1
    close(p + special.sigmoid(-x), 1.0, 1e-15)
    close(special.softplus(x) - special.softplus(-x), x, 1e-15, 1e-15)


ANY = hnp.arrays(
    np.float64,
    hnp.array_shapes(max_dims=2, max_side=4),
    elements=st.one_of(
        st.floats(allow_nan=False), st.sampled_from([INF, -INF, 1e308, -1e308, 5e-324, 0.0])
    ),
)


@SETTINGS
@given(ANY)
def test_no_nan_and_no_warning_from_input_without_nan(x):
    before = x.copy()
    with np.errstate(all="raise"):
        assert not np.isnan(special.logsumexp(x)).any()
        assert not np.isnan(special.logsumexp(x, b=2.5)).any()
        if (x.max(axis=-1) > -INF).all():
            p, log_p = special.softmax(x), special.log_softmax(x)
            assert ((p >= 0) & (p <= 1)).all()
            assert (log_p <= 0).all()
    assert (x == before).all()


def test_the_kernels_leave_their_rows():
    rows = np.array([[1.0, 2.0], [900.0, 901.0]])
    with np.errstate(all="ignore"):
        kernels.logsumexp_rows(rows)
        for kernel in (kernels.softmax_rows, kernels.log_softmax_rows):
            kernel(rows, np.empty_like(rows))
    assert rows.tolist() == [[1.0, 2.0], [900.0, 901.0]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("axis", [0, 1])
def test_arrays_of_many_blocks_are_their_rows(axis, dtype):
    x = np.random.default_rng(11).normal(size=(40001, 8)).astype(dtype)
    given = x if axis == 1 else np.asfortranarray(x.T)
    sums, p = special.logsumexp(given, axis=axis), special.softmax(given, axis=axis)
    logs, b = special.log_softmax(given, axis=axis), np.full(8, 0.5)
    halved = special.logsumexp(given, axis=axis, b=b if axis == 1 else b[:, None])
    p, logs = (p, logs) if axis == 1 else (p.T, logs.T)
    assert sums.dtype == p.dtype == logs.dtype == dtype
    near = 0 if dtype == np.float64 else 1.2e-7  # narrow floats: 31 bits, rounded
    for i in (0, 16383, 16384, 32767, 32768, 40000):
        close(sums[i], special.logsumexp(x[i]), near)
        close(p[i], special.softmax(x[i]), near)
        assert (logs[i] == special.log_softmax(x[i])).all()
    wide = x.astype(float)
    np.testing.assert_allclose(halved, np.log(np.exp(wide).sum(axis=1) / 2), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(p, np.exp(wide - np.log(np.exp(wide).sum(1))[:, None]), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ">f8"])
def test_few_numbers_have_the_bits_of_a_row(dtype):
    """Up to sixteen numbers go another way than rows do."""
    rng = np.random.default_rng(17)
    for size in range(1, 19):
        for offset in (0.0, -0.99, -1.01, 3.0, 599.0, 601.0, 800.0, -699.0, -701.0, -800.0):
            x = (rng.normal(size=size) + offset).astype(dtype)
            x[0] = 2.0 if offset < -600 else x[0]
            rows = np.stack([x, x])
            assert special.softmax(x).dtype == x.dtype
            assert (special.softmax(x) == special.softmax(rows)[0]).all()
            assert special.logsumexp(x) == special.logsumexp(rows)[0]
            kept = special.logsumexp(x, keepdims=True)
            assert kept.dtype == x.dtype
            assert kept.tolist() == [special.logsumexp(x)]


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("odd", [np.nan, INF, -INF, 1e308, -1e308])
def test_odd_numbers_among_few(odd, place):
    x = np.array([0.3, -0.2, 1.5])
    x[place] = odd
    for function in THREE:
        np.testing.assert_allclose(function(x), function(np.stack([x, x]))[0], rtol=1e-15)


@pytest.mark.parametrize("function", [special.softmax, special.log_softmax])
def test_an_error_in_a_late_block_names_its_row(function):
    x = np.zeros((40001, 8))
    x[3, 2] = np.nan
    x[[38500, 38700]] = -np.inf
    with pytest.raises(ValueError, match="row 38500 has only -inf"):
        function(x)


def exact_sums(x):
    """Row sums of positive numbers, rounded once."""
    return np.array([math.fsum(row) for row in x.tolist()])


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("width", range(1, 17))
def test_sums_of_columns_are_those_of_numpy_to_the_bit_or_rounded_once(width, layout):
    x = np.random.default_rng(width).exponential(size=(700, width))
    given = np.asarray(x, order=layout)
    assert (kernels.plain_sum(given) == np.add.reduce(x, axis=1)).all()
    assert (kernels.row_sum(given) == exact_sums(x)).all()


def test_a_softmax_of_few_is_rounded_at_exp_sum_and_quotient_alone():
    for size in range(2, 9):
        x = np.random.default_rng(13).normal(size=(200, size))
        e = np.exp(x)
        assert (special.softmax(x) == e / exact_sums(e)[:, None]).all()
        assert (special.softmax(x[0]) == e[0] / math.fsum(e[0])).all()


@pytest.mark.parametrize("width", [2, 3, 8, 9, 10, 15, 16, 17, 100, 127, 1000])
@pytest.mark.parametrize("scale", [0, 30])
def test_sums_of_rows_are_rounded_once(width, scale):
    """Whatever their size, that of the other rows, and how they lie in the memory."""
    rng = np.random.default_rng(width)
    x = rng.exponential(size=(600, width)) ** 3 * np.exp(scale * rng.normal(size=(600, 1)))
    x[7], x[8] = 0.0, 5e-324
    for rows in (x, x[:1], x[:2], np.asfortranarray(x), x[:5], np.asfortranarray(x[:5]), x[::-2]):
        total, low = kernels.pair_sum(rows)
        assert (total == exact_sums(rows)).all()
        assert (kernels.row_sum(rows) == total).all()
        rest = exact_sums(np.column_stack([rows, -total]))
        np.testing.assert_allclose(low, rest, rtol=0, atol=1e-28 * total.max())
        assert (np.abs(low - rest) <= 1e-28 * total).all()
    assert kernels.row_sum(np.ones((0, width))).size == 0
    with np.errstate(all="ignore"):
        for count in (1, 3):
            for odd in (1e308, np.inf):
                assert kernels.row_sum(np.full((count, 20), odd)).tolist() == [np.inf] * count
                assert kernels.pair_sum(np.full((count, 20), odd))[1].tolist() == [0.0] * count
