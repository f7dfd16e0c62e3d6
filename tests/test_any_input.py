"""Any numbers at all: never NaN, never a warning, never a changed input; integers are exact."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_bad_input import BIG, FAMILIES

from expfam import Categorical, Multinomial, Poisson

INF = math.inf
SETTINGS = settings(max_examples=80, deadline=None, derandomize=True, database=None)

GOOD = [
    (Multinomial(3, 10), [True, 0, 9], [1, 0, 9]),
    (Multinomial(3, 10), np.float32([3, 0, 7]), [3, 0, 7]),
    (Multinomial(3, 10), np.uint64([3, 0, 7]), [3, 0, 7]),
    (Multinomial(3, 10), np.array([3, 0, 7], ">i2"), [3, 0, 7]),
    (Multinomial(2, BIG), [BIG - 1, 1], [BIG - 1, 1]),
    (Multinomial(2, 1), [True, False], [1, 0]),
    (Poisson(), 2.0**62, BIG),
    (Poisson(), BIG, BIG),
    (Categorical(3), np.int8(2), 2),
    (Categorical(3), True, 1),
]


@pytest.mark.parametrize(("family", "x", "expected"), GOOD)
def test_integers_of_every_type_are_exact(family, x, expected):
    checked = family.check_observation(x)
    assert checked.dtype == np.int64
    assert checked.tolist() == expected


FLOATS = st.one_of(
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, INF, -INF, 1e308, -1e308, 5e-324, -5e-324, 2.0**62, 745.0, -745.0]),
    st.floats(-50, 50),
)


def silent(function, *arguments):
    """The result, which has no NaN, or None where the input is refused in words."""
    kept = [np.array(a, copy=True) for a in arguments]
    try:
        with np.errstate(all="raise"):
            value = function(*arguments)
    except (ValueError, TypeError) as error:
        assert ": " in str(error)
        value = None
    assert all(np.array_equal(a, b) for a, b in zip(arguments, kept, strict=True))
    if value is not None and not hasattr(value, "family"):
        assert not np.isnan(np.asarray(value, dtype=float)).any(), function
    return value


@pytest.mark.parametrize("family", FAMILIES, ids=str)
@SETTINGS
@given(st.data())
def test_no_nan_no_warning_and_nothing_changed(family, data):
    shape = st.sampled_from([family.natural_shape, (2, *family.natural_shape)])
    arrays = hnp.arrays(np.float64, shape, elements=FLOATS)
    natural, other, s = data.draw(arrays), data.draw(arrays), data.draw(arrays)
    silent(family.log_partition, natural)
    silent(family.natural_to_mean, natural)
    silent(family.mean_to_natural, natural)
    silent(family.fisher_information, natural)
    silent(family.fisher_product, natural, s)
    silent(family.sufficient_statistic, natural)
    silent(family.log_base_measure, natural)
    silent(family.fit, natural)
    for view in ("centred", "mean_to_centred"):
        if hasattr(family, view):
            silent(getattr(family, view), natural)
    if hasattr(family, "baseline"):
        silent(lambda v: family.baseline(v, 0), natural)
        silent(lambda v: family.mean_to_baseline(v, 0), natural)
    p, q = silent(family.from_natural, natural), silent(family.from_natural, other)
    if p is None:
        return
    x = silent(lambda: p.sample(2, rng=1))
    for value in (p.mean_parameter, p.log_partition, p.fisher_information, p.degrees_of_freedom):
        assert not np.isnan(value).any()
    with np.errstate(all="raise"):
        results = [p.entropy(), p.log_prob(x), p.score(x), p.log_likelihood(x), p.convex_conjugate]
        results += [p.kl(q), p.cross_entropy(q)] if q is not None else []
        assert p.same_member(p)
    assert not any(np.isnan(value).any() for value in results)
    if q is not None:
        assert (np.asarray(p.kl(q)) >= 0).all()
    silent(p.cumulant_function, s)
    silent(p.log_prob, natural)


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_results_do_not_depend_on_the_users_errstate(family):
    natural = np.zeros(family.natural_shape) if family.discrete else np.array([0.5, -1.0])
    p = family.from_natural(natural)
    x = p.sample(5, rng=1)

    def everything() -> list:
        member = family.from_natural(natural)
        fitted = family.fit(x)
        return [
            member.mean_parameter,
            member.log_prob(x),
            member.entropy(),
            member.kl(fitted),
            fitted.kl(member),
            member.sample(3, rng=2),
            fitted.natural_parameter,
            member.log_likelihood(x),
            member.fisher_information,
        ]

    plain = everything()
    with np.errstate(all="raise"):
        strict = everything()
    for a, b in zip(plain, strict, strict=True):
        assert np.array_equal(a, b)
    with np.errstate(all="raise"):
        assert np.geterr()["over"] == "raise"
