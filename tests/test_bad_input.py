"""Every door: who, which rule, what came, where."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from expfam import Binomial, Categorical, Gamma, Gaussian, Multinomial, Poisson

INF, NAN = math.inf, math.nan

FAMILIES = [Multinomial(3, trials=10), Categorical(3), Binomial(10), Poisson(), Gaussian(), Gamma()]
NATURAL_DOORS = [
    "check_natural",
    "log_partition",
    "natural_to_mean",
    "fisher_information",
    "draw",
    "from_natural",
]
MEAN_DOORS = ["check_mean", "mean_to_natural", "from_mean"]
OBSERVATION_DOORS = [
    "check_observation",
    "sufficient_statistic",
    "log_base_measure",
    "statistics",
    "fit",
]
DOORS = [(f, d) for f in FAMILIES for d in NATURAL_DOORS + MEAN_DOORS + OBSERVATION_DOORS]
every_door = pytest.mark.parametrize(("family", "door"), DOORS, ids=lambda v: str(v))

NO_NUMBERS = [
    ("abc", TypeError, "must be real numbers; got str"),
    (None, TypeError, "must be real numbers; got NoneType"),
    ({}, TypeError, "must be real numbers; got dict"),
    (object(), TypeError, "must be real numbers; got object"),
    (["a", "b", "c"], TypeError, "must be real numbers; got an array of <U1"),
    ([None, 1, 2], TypeError, "must be real numbers; got an array of object"),
    ([2**70, 1, 2], TypeError, "must be real numbers; got an array of object"),
    (2**70, TypeError, "must be real numbers; got an int of more than 64 bits"),
    (np.ones(3, dtype=complex), TypeError, "real numbers of at most 64 bits; got complex128"),
    (np.array(["2020"] * 3, "M8[D]"), TypeError, r"real numbers; got an array of datetime64"),
    (np.ma.array([1, 2, 3], mask=[0, 1, 0]), TypeError, "must be a plain array; got a masked one"),
    ([[1, 2, 3], [1, 2]], ValueError, "must be a rectangular array; got a ragged one"),
    (pd.Series([1, 2, 3]), TypeError, "must be a bare array; got a Series, whose labels would be"),
    (pd.DataFrame([[1, 2, 3]]), TypeError, "must be a bare array; got a DataFrame"),
]


def refused(family, door, value, text, error=ValueError):
    with np.errstate(all="raise"), pytest.raises(error) as caught:
        getattr(family, door)(value)
    message = str(caught.value)
    assert message.startswith(f"{family.name}: "), message
    assert re.search(text, message), message
    assert "\n" not in message
    assert len(message) < 200


@every_door
def test_what_is_no_array_of_numbers(family, door):
    for value, error, text in NO_NUMBERS:
        refused(family, door, value, text, error)


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_wrong_shapes(family):
    vectors = [(NATURAL_DOORS, family.natural_shape), (MEAN_DOORS, family.natural_shape)]
    for doors, shape in [*vectors, (OBSERVATION_DOORS, family.event_shape)]:
        for door in doors if shape else []:
            text = rf"must have the shape \(…, {shape[0]}\); got"
            for bad in (1.0, [], np.ones((2, 1)), np.ones((shape[0], shape[0] + 1))):
                refused(family, door, bad, text)


BAD_NATURALS = [
    (Multinomial(3), [NAN, 0, 0], "not nan and not all -inf; it has the maximum nan"),
    (Multinomial(3), [[0, 0, 0], [0, INF, 0]], "row 1 has the maximum inf"),
    (Multinomial(3), [[[0, 0, 0]], [[-INF] * 3]], r"row \(1, 0\) has the maximum -inf"),
    (Categorical(3), [-INF] * 3, "must be below \\+inf, not nan and not all -inf; it has"),
    (Binomial(3), NAN, "natural parameter must not be nan; it is nan"),
    (Binomial(3), [0.0, NAN], "natural parameter must not be nan; entry 1 is nan"),
    (Poisson(), [0.0, NAN], r"must be at most log 2\*\*62 = 42.975, and not nan; entry 1 is nan"),
    (Poisson(), 50, r"must be at most log 2\*\*62 = 42.975, and not nan; it is 50"),
    (Poisson(), INF, "must be at most"),
    (Gaussian(), [NAN, -1.0], "natural parameter must be finite; entry 0 is nan"),
    (Gaussian(), [[0, -1.0], [0, -INF]], r"must be finite; entry \(1, 1\) is -inf"),
    (Gaussian(), [0.0, 0.0], "quadratic natural parameter must be negative; it is 0"),
    (Gamma(), [0.0, NAN], "natural parameter must be finite; entry 1 is nan"),
    (Gamma(), [-1.0, -1.0], "must exceed -1; it is -1"),
    (Gamma(), [0.0, 1.0], "must be negative; it is 1"),
]


@pytest.mark.parametrize(("family", "natural", "text"), BAD_NATURALS)
@pytest.mark.parametrize("door", NATURAL_DOORS)
def test_bad_naturals(family, natural, text, door):
    refused(family, door, natural, text)


BAD_MEANS = [
    (Multinomial(3), [0.5, NAN, 0.5], "must be non-negative; it has the entry nan"),
    (Multinomial(3), [[0.2, 0.3, 0.5], [1.2, -0.2, 0]], "non-negative; row 1 has the entry -0.2"),
    (Multinomial(3, 10), [3, 0, 6.9], "mean parameter must sum to trials=10; it sums to 9.9"),
    (Multinomial(3, 10), [[3, 0, 7], [0, 0, 0]], "must sum to trials=10; row 1 sums to 0"),
    (Multinomial(3, 10), [INF, 0, 0], "must sum to trials=10; it sums to inf"),
    (
        Multinomial(3, [1, 2]),
        [[1, 0, 0], [1, 0, 0]],
        "must sum to the trials of their row; row 1 sums to 1",
    ),
    (Multinomial(3, 0), [0, 0, 0], "with trials=0 every member has the mean 0"),
    (Categorical(3), [0.5, 0.5, 1e-8], "must sum to trials=1; it sums to 1.00000001"),
    (Binomial(3), NAN, "must be between 0 and trials=3; it is nan"),
    (Binomial(3), [1, 4], "must be between 0 and trials=3; entry 1 is 4"),
    (Binomial([3, 5]), [4, 4], "must be between 0 and the trials of their row; entry 0 is 4"),
    (Binomial(3), -0.1, "must be between 0 and trials=3; it is -0.1"),
    (Binomial(0), 0.0, "with trials=0 every member has the mean 0"),
    (Poisson(), -1.0, r"must be between 0 and 2\*\*62; it is -1"),
    (Poisson(), [1.0, NAN], r"must be between 0 and 2\*\*62; entry 1 is nan"),
    (Poisson(), INF, r"must be between 0 and 2\*\*62; it is inf"),
    (Gaussian(), [NAN, 1.0], "mean parameter must be finite; entry 0 is nan"),
    (Gaussian(), [2.0, 4.0], "E x² must exceed .*; it exceeds it by 0"),
    (Gaussian(), [[0.0, 1.0], [2.0, 1.0]], "E x² must exceed .*; row 1 exceeds it by -3"),
    (Gaussian(), [1e200, 1e300], "E x² must exceed"),
    (Gamma(), [0.0, INF], "mean parameter must be finite; entry 1 is inf"),
    (Gamma(), [0.0, 0.0], "E x must be positive; it is 0"),
    (Gamma(), [0.0, 1.0], "log E x must exceed E log x"),
]


@pytest.mark.parametrize(("family", "mean", "text"), BAD_MEANS)
@pytest.mark.parametrize("door", MEAN_DOORS)
def test_bad_means(family, mean, text, door):
    refused(family, door, mean, text)


BIG = 2**62
BAD_OBSERVATIONS = [
    (Multinomial(3, 10), [3, 0, 6], "counts must sum to trials=10; it sums to 9"),
    (Multinomial(3, 10), [[3, 0, 7]] * 3 + [[3, 0, 6]], "trials=10; row 3 sums to 9"),
    (Multinomial(3, 10), [[[3, 0, 7]], [[0, 0, 0]]], r"trials=10; row \(1, 0\) sums to 0"),
    (Multinomial(3, 10), [11, -1, 0], "counts must be non-negative; it has the count -1"),
    (Multinomial(3, 10), [3.5, 0, 6.5], "counts must be integers; entry 0 is 3.5"),
    (Multinomial(3, 10), [3, NAN, 7], "counts must be integers; entry 1 is nan"),
    (Multinomial(3, 10), [3, INF, 7], r"counts must be at most 2\*\*62; entry 1 is inf"),
    (Multinomial(3, 10), [BIG + 1, 0, 0], r"must be at most 2\*\*62; entry 0 is 46116860184273879"),
    (
        Multinomial(3, 10),
        [BIG, 0, 0],
        "counts must sum to trials=10; it sums to 4.61168601842738",
    ),
    (Multinomial(5, BIG), [BIG] * 5, "sum to trials=4611686018427387904; it sums to 23058430092"),
    (Multinomial(5, BIG), [2.0**62] * 5, "must sum to trials=4611686018427387904"),
    (Multinomial(2, BIG), [BIG - 1, 0], "it sums to 4611686018427387903"),
    (Multinomial(2, BIG), [[BIG, 0], [BIG, 1]], "row 1 sums to 4611686018427387905"),
    (
        Multinomial(3, [4, 10]),
        [[4, 0, 0], [3, 0, 6]],
        "counts must sum to the trials of their row; row 1 sums to 9",
    ),
    (Multinomial(3, [4, 10]), [[4, 0, 0]] * 3, r"against that of trials; got \(3,\) and \(2,\)"),
    (Categorical(3), 3, "codes must be between 0 and 2; it is 3"),
    (Categorical(3), [0, -1], "codes must be between 0 and 2; entry 1 is -1"),
    (Categorical(3), 0.5, "codes must be integers; it is 0.5"),
    (Categorical(3), NAN, "codes must be integers; it is nan"),
    (Categorical(3), BIG, "codes must be between 0 and 2"),
    (Binomial(10), 11, "counts must be between 0 and trials=10; it is 11"),
    (Binomial(10), [[1, -1]], r"counts must be between 0 and trials=10; entry \(0, 1\) is -1"),
    (Binomial(10), 0.5, "counts must be integers"),
    (
        Binomial([1, 2]),
        [2, 2],
        "counts must be between 0 and the trials of their row; entry 0 is 2",
    ),
    (Poisson(), -1, r"counts must be between 0 and 2\*\*62; it is -1"),
    (Poisson(), [1.5], "counts must be integers; entry 0 is 1.5"),
    (Poisson(), NAN, "counts must be integers; it is nan"),
    (Poisson(), -INF, r"counts must be at most 2\*\*62; it is -inf"),
    (Poisson(), np.uint64(2**63), r"counts must be at most 2\*\*62; it is 9223372036854775808"),
    (Poisson(), 1e300, r"counts must be at most 2\*\*62; it is 1e\+300"),
    (Gaussian(), NAN, "observations must be finite; it is nan"),
    (Gaussian(), [0.0, INF], "observations must be finite; entry 1 is inf"),
    (Gamma(), 0.0, "observations must be positive; it is 0"),
    (Gamma(), [1.0, -1.0], "observations must be positive; entry 1 is -1"),
    (Gamma(), [NAN], "observations must be finite; entry 0 is nan"),
]


@pytest.mark.parametrize(("family", "x", "text"), BAD_OBSERVATIONS)
@pytest.mark.parametrize("door", OBSERVATION_DOORS)
def test_bad_observations(family, x, text, door):
    refused(family, door, x, text)


@pytest.mark.parametrize(("family", "x", "text"), BAD_OBSERVATIONS)
def test_members_refuse_them_too(family, x, text):
    shape = (*np.shape(family.trials), *family.natural_shape)
    natural = np.zeros(shape) if family.discrete else np.array([0.5, -1.0])
    member = family.from_natural(natural)
    for method in ("log_prob", "score", "log_likelihood"):
        with np.errstate(all="raise"), pytest.raises(ValueError, match=text):
            getattr(member, method)(x)


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_observations_must_broadcast_against_the_batch(family):
    natural = np.broadcast_to(
        [0.5, -1.0] if not family.discrete else 0.0, (2, *family.natural_shape)
    )
    one = family.from_natural(natural[0]).sample((), 1)
    x = np.broadcast_to(one, (3, *family.event_shape))
    for method in ("log_prob", "score", "log_likelihood"):
        with pytest.raises(
            ValueError, match=r"must broadcast against the batch; got \(3,\) and \(2,\)"
        ):
            getattr(family.from_natural(natural), method)(x)
