"""logsumexp and its kin: their values, and what holds of any input."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expfam import special

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
