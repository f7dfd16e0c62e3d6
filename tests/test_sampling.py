"""The samplers: same seed same draws, the stream of words, shapes and doors."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import LOG_ULP
from draws import RATE, Fixed, assert_moments
from scipy import stats

from expfam import sampling
from expfam.sampling import (
    STREAM_VERSION,
    Stream,
    binomial,
    categorical,
    gamma,
    multinomial,
    normal,
    poisson,
    stream,
)
from expfam.sampling.bits import SEED_LIMIT

GOLDEN = json.loads((Path(__file__).parent / "oracles" / "golden_draws.json").read_text())
GENERATORS = ["Philox", "PCG64", "PCG64DXSM", "SFC64", "MT19937"]


def generator(name: str, seed: int = 1) -> np.random.Generator:
    return np.random.Generator(getattr(np.random, name)(seed))


# The stream


def test_golden_draws_are_of_this_version():
    assert GOLDEN["stream_version"] == STREAM_VERSION == 1


@pytest.mark.parametrize(
    "row", GOLDEN["rows"], ids=lambda row: f"{row['call'][0]}-{row['call'][3]}"
)
def test_golden_draws(row):
    function, arguments, shape, name, seed = row["call"]
    got = getattr(sampling, function)(stream(generator(name, seed)), *arguments, shape=shape)
    if function == "gamma":
        wanted = np.array(row["draws"])
        allowed = 1e-14 + LOG_ULP * np.spacing(abs(np.log(wanted)))  # powers of logs of a unit
        assert (abs(got - wanted) <= allowed * wanted).all()
    else:
        assert got.tolist() == row["draws"]


def test_an_int_seed_is_philox():
    assert (stream(5).words(9) == stream(generator("Philox", 5)).words(9)).all()
    assert (stream(np.int64(5)).words(9) == stream(5).words(9)).all()
    assert binomial(stream(5), 10**9, 1, 2) == binomial(stream(generator("Philox", 5)), 10**9, 1, 2)


def test_none_is_fresh_and_a_generator_moves_on():
    assert (stream(None).words(4) != stream(None).words(4)).any()
    rng = np.random.default_rng(0)
    assert (stream(rng).words(4) != stream(rng).words(4)).any()
    one = stream(0)
    assert stream(one) is one


@pytest.mark.parametrize("rng", [True, np.True_, 1.0, "1", [1], np.random.RandomState(1)])
def test_what_is_no_seed_is_refused(rng):
    with pytest.raises(TypeError, match=f"got '{type(rng).__name__}'"):
        stream(rng)


def test_an_int_out_of_range_is_refused():
    with pytest.raises(ValueError, match="got a negative int"):
        stream(-1)
    with pytest.raises(ValueError, match="129 bits"):
        stream(SEED_LIMIT)
    stream(SEED_LIMIT - 1)


def test_mersenne_twister_words_are_joined():
    raw = np.random.MT19937(3).random_raw(4)
    words = Stream(np.random.MT19937(3)).words(2)
    assert words.tolist() == [int(raw[0]) << 32 | int(raw[1]), int(raw[2]) << 32 | int(raw[3])]


def test_uniforms_are_open_and_symmetric():
    ends = Fixed([0, 2**64 - 1, 2**63, 2**63 - 1]).uniform((2, 2))
    assert ends.tolist() == [[2**-53, 1 - 2**-53], [0.5 + 2**-53, 0.5 - 2**-53]]


@pytest.mark.parametrize("name", GENERATORS)
def test_words_of_all_generators_are_uniform(name):
    words = stream(generator(name)).words(2**16)
    for shift in range(0, 64, 8):
        counts = np.bincount(((words >> np.uint64(shift)) & np.uint64(255)).astype(int))
        assert stats.chisquare(counts).pvalue > RATE


# Shapes and doors


@pytest.mark.parametrize("shape", [(), 3, np.int64(2), (2, 0, 3), (0,), [2, 2]])
def test_shapes(shape):
    full = (int(shape),) if np.ndim(shape) == 0 else tuple(shape)
    one, two = np.ones(3), np.ones((2, 1, 4))
    assert categorical(stream(1), one, shape).shape == full
    assert categorical(stream(1), two, shape).shape == (*full, 2, 1)
    assert multinomial(stream(1), 5, one, shape).shape == (*full, 3)
    assert multinomial(stream(1), [10**6, 5], two, shape).shape == (*full, 2, 2, 4)
    assert binomial(stream(1), 5, 1, 1, shape).shape == full
    assert binomial(stream(1), [5, 6], [[1.0], [2.0]], 1, shape).shape == (*full, 2, 2)
    assert poisson(stream(1), [[1.0, 20.0]], shape).shape == (*full, 1, 2)
    assert normal(stream(1), shape).shape == full
    assert gamma(stream(1), [0.5, 2.0], shape).shape == (*full, 2)
    for draws in (categorical(stream(1), one, shape), poisson(stream(1), 1.0, shape)):
        assert draws.dtype == np.int64


def test_empty_batches_and_edges():
    assert multinomial(stream(1), np.zeros((0,), int), [1.0, 1.0]).shape == (0, 2)
    assert categorical(stream(1), np.ones((0, 3)), 4).shape == (4, 0)
    assert multinomial(stream(1), 0, [1.0, 2.0]).tolist() == [0, 0]
    assert multinomial(stream(1), [0, 2**62], [1.0, 2.0])[0].tolist() == [0, 0]
    assert multinomial(stream(1), 2**62, [4.0]).tolist() == [2**62]
    assert multinomial(stream(1), 2**62, [0.0, 5e-324, 0.0]).tolist() == [0, 2**62, 0]
    assert binomial(stream(1), 2**62, 0.0, 1e-300) == 0
    assert binomial(stream(1), 2**62, 1e308, 0.0) == 2**62
    assert categorical(stream(1), [1e308] * 4, 5).max() < 4


def test_batches_larger_than_a_chunk_keep_their_rows():
    trials = np.arange(100_003)
    draws = binomial(stream(14), trials, 1.0, 1.0, 2)
    assert (draws <= trials).all()
    assert_moments(((draws - trials / 2) / np.sqrt(np.maximum(trials, 1) / 4))[:, 1000:])
    weights = np.eye(300)[np.arange(100_003) % 300, :]
    assert (categorical(stream(1), weights[:1000], 100) == np.arange(1000) % 300).all()
    assert (multinomial(stream(1), 10**6, weights[:1000]) == weights[:1000] * 10**6).all()


@pytest.mark.parametrize(
    "weights", [[-1.0, 2.0], [np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0], [], 1.0, np.ones((2, 0))]
)
def test_what_are_no_probabilities_is_refused(weights):
    with pytest.raises(ValueError, match="sampling: probabilities must"):
        categorical(stream(1), weights)
    with pytest.raises(ValueError, match="sampling: probabilities must"):
        multinomial(stream(1), 5, weights)


def test_other_doors():
    for trials in (-1, 2**62 + 1, [3, -2]):
        with pytest.raises(ValueError, match="trials must be from 0"):
            multinomial(stream(1), trials, [1.0, 1.0])
    for trials in (1.5, True, "a", 2**70):
        with pytest.raises(TypeError, match="trials must be integers"):
            binomial(stream(1), trials, 1.0, 1.0)
    for rate in (-1.0, np.nan, 2.0**63):
        with pytest.raises(ValueError, match="Poisson rate"):
            poisson(stream(1), rate)
    for a in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="gamma shape"):
            gamma(stream(1), a)
