"""Constants and terms of logsumexp and its kin on every array library, so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from sharp import ulps

from expfam import special

INF = np.inf


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


def test_a_vector_has_no_axis_before_its_last():
    for function in (special.logsumexp, special.softmax):
        with pytest.raises(ValueError, match="one of 1 axes; got -2"):
            function([1.0, 2.0], axis=-2)


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
