"""logsumexp and its kin: what they give for odd and for bad input."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
from test_special import ELEMENTWISE, GAMMAS, THREE, close

from expfam import special

INF = np.inf


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
