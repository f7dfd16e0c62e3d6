"""Draws from the raw words of a bit generator: categories, counts, normals and gammas.

Same seed, same draws, with any numpy from 1.26 and on any platform, for one `STREAM_VERSION`.
Integers and normals are sums, products, quotients and square roots, which IEEE 754 fixes to the
bit; logarithms and exponentials only decide what is accepted, and where their last digit differs
between platforms a decision changes about once in 10¹⁴. Gammas of shape below one are powers of
uniforms and agree to a few units in the last place.

Integers have their law to within 1e-12 in total variation, for all trials up to 2⁶².
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from expfam.sampling.angles import angles
from expfam.sampling.bits import Floats, Stream, stream
from expfam.sampling.categories import (
    by_halves,
    cumulative,
    first_half,
    invert,
    one_by_one,
    splits_of,
)
from expfam.sampling.counts import (
    ALL,
    Integers,
    Poisson,
    Rows,
    draw_counts,
    take,
)
from expfam.sampling.densities import gammas, normals

__all__ = [
    "STREAM_VERSION",
    "Stream",
    "angle",
    "binomial",
    "categorical",
    "gamma",
    "multinomial",
    "normal",
    "poisson",
    "stream",
]

# Goes up whenever a seed would give other draws than before; the changelog then says so.
STREAM_VERSION = 1

Shape: TypeAlias = int | Sequence[int]

_LARGEST = 2**62
_CHUNK = 2**16  # numbers drawn at a time: many enough for numpy, few enough for the cache
_FEW = 2**15  # trials in all up to which drawing them one by one is always faster
_FEW_PER_CATEGORY = 2  # and trials per category


def categorical(stream: Stream, probabilities: ArrayLike, shape: Shape = ()) -> Integers:
    """Draw category codes 0 … K − 1: P(code = k) = p_k / Σp.

    probabilities: (…, K), non-negative with a positive, finite total of any size, of any float
    type; a category of probability zero is never drawn. Result: shape + (…), int64.
    Errors: ValueError for a negative, infinite or NaN probability or a total of 0.
    Source: inversion, Devroye (1986), III.2; the sums Σ_{j≤k} p_j are held in 63 bits.

    >>> categorical(stream(1), [1.0, 2.0, 0.0, 1.0], 8)
    array([0, 0, 0, 3, 0, 1, 1, 1])
    """
    rows, row = _rows(probabilities)
    steps = cumulative(rows)
    return _draw(lambda size, row: invert(stream.words(size), steps, row), shape, [row])


def binomial(
    stream: Stream, trials: ArrayLike, p: ArrayLike, q: ArrayLike, shape: Shape = ()
) -> Integers:
    """Draw the number of successes in `trials` trials: P(success) = p / (p + q).

    Success and failure are two weights, so that a probability near one keeps its digits.
    trials: integers from 0 to 2⁶²; p, q: non-negative, p + q > 0; the three broadcast to a
    batch. Result: shape + batch, int64.
    Errors: TypeError for trials that are no integers, ValueError for what is out of range.
    Source: Hörmann (1993), The generation of binomial random variates.

    >>> binomial(stream(1), 10**18, 1.0, 1.0, 3)
    array([499999999045213459, 500000000074340797, 500000000119260561])
    """
    counts = _trials(trials)
    rows, row = _rows(np.stack(np.broadcast_arrays(p, q), axis=-1))
    (split,) = splits_of(rows)
    return _draw(
        lambda size, n, row: first_half(stream, size, n[:, None], split.of(row))[:, 0],
        shape,
        [counts, row],
    )


def multinomial(
    stream: Stream, trials: ArrayLike, probabilities: ArrayLike, shape: Shape = ()
) -> Integers:
    """Draw counts of K categories: P(x) = n!/∏x_k! · ∏p_k^{x_k}, n trials, Σp scaled to 1.

    trials: integers from 0 to 2⁶²; probabilities: (…, K), as for `categorical`; the batch is
    trials and (…) broadcast. Result: shape + batch + (K,), int64; rows sum to trials, and a
    category of probability zero is never drawn.
    Errors: TypeError for trials that are no integers, ValueError for what is out of range.
    Source: conditional binomials, Devroye (1986), XI.1.4, by halves: of the trials in a set of
    categories a binomial number falls into its first half. Few trials are drawn one by one.

    >>> multinomial(stream(1), [10, 10**18], [0.5, 0.5, 0.0])
    array([[                 1,                  9,                  0],
           [499999999705908624, 500000000294091376,                  0]])
    """
    counts = _trials(trials)
    rows, row = _rows(probabilities)
    categories = rows.shape[-1]
    largest = int(counts.max(initial=0))
    samples = math.prod(_shape(shape)) * math.prod(np.broadcast_shapes(counts.shape, row.shape))
    if largest <= _FEW_PER_CATEGORY * categories or largest * samples <= _FEW:
        steps = cumulative(rows)
        return _draw(
            lambda size, n, row: one_by_one(stream, size, n, steps, row),
            shape,
            [counts, row],
            (categories,),
        )
    return _draw(
        lambda size, n, row: by_halves(stream, size, n, rows[row]),
        shape,
        [counts, row],
        (categories,),
    )


def poisson(stream: Stream, rate: ArrayLike, shape: Shape = ()) -> Integers:
    """Draw Poisson counts: P(k) = rateᵏ e^{−rate} / k!.

    rate: 0 … 2⁶², any shape; 0 gives 0. Result: shape + rate's, int64.
    Errors: ValueError for a rate out of range.
    Source: Hörmann (1993), The transformed rejection method for generating Poisson random
    variables.

    >>> poisson(stream(1), [0.0, 3.0, 1e6], 2)
    array([[     0,      1, 999224],
           [     0,      4, 999215]])
    """
    mean = np.asarray(rate, dtype=np.float64)
    if not ((mean >= 0) & (mean <= _LARGEST)).all():
        raise ValueError("sampling: a Poisson rate must be from 0 to 2**62")
    exact = np.zeros(1)
    return _draw(lambda size, mean: draw_counts(stream, Poisson(mean, exact), size), shape, [mean])


def normal(stream: Stream, shape: Shape = ()) -> Floats:
    """Draw standard normal numbers: density ∝ e^{−x²/2}.

    Result: shape, float64.
    Source: ratio of uniforms, Kinderman and Monahan (1977): x = v/u, u² ≤ e^{−x²/2}.

    >>> normal(stream(1), 3).round(6)
    array([-0.80038 , -0.786339, -0.605787])
    """
    return _draw(lambda size: normals(stream, size), shape, [], dtype=np.float64)


def gamma(
    stream: Stream, shape_parameter: ArrayLike, shape: Shape = (), *, log: bool = False
) -> Floats:
    """Draw standard gamma numbers, density x^{a−1} e^{−x} / Γ(a), or with `log` their logarithms.

    shape_parameter: a > 0, any shape. For a < 0.01 most numbers are below the least double and
    become 0; their logarithms do not. Result: shape + a's shape, float64.
    Errors: ValueError for an a that is not positive and finite.
    Source: Marsaglia and Tsang (2000); below a = 1, x_a = x_{a+1}·u^{1/a}.

    >>> gamma(stream(1), [0.5, 2.0], 2).round(6)
    array([[0.417035, 2.805214],
           [0.105596, 2.975515]])
    """
    a = np.asarray(shape_parameter, dtype=np.float64)
    if not ((a > 0) & (a < np.inf)).all():
        raise ValueError("sampling: a gamma shape parameter must be positive and finite")
    return _draw(lambda size, a: gammas(stream, size, a, log), shape, [a], dtype=np.float64)


def angle(
    stream: Stream, concentration: ArrayLike, dimension: int = 2, shape: Shape = ()
) -> Floats:
    """Draw angles from a mean direction in d dimensions: density ∝ exp(κ cos θ) sinᵈ⁻²θ on (0, π).

    concentration: κ, finite and ≥ 0, any shape; 0 is the uniform law of the sphere.
    dimension: d ≥ 2. Result: shape + κ's shape, float64, in radians.
    Errors: ValueError for what is out of range.
    Source: Wood (1994), Simulation of the von Mises Fisher distribution; where d = 2 it is Best
    and Fisher (1979), Efficient simulation of the von Mises distribution.

    >>> angle(stream(1), [0.0, 1e6], 3, 2).round(6)
    array([[6.543900e-01, 5.990000e-04],
           [2.966793e+00, 7.210000e-04]])
    """
    if dimension < 2:
        raise ValueError("sampling: a dimension must be at least 2")
    kappa = np.asarray(concentration, dtype=np.float64)
    if not ((kappa >= 0) & (kappa < np.inf)).all():
        raise ValueError("sampling: a concentration must be finite and not negative")
    return _draw(
        lambda size, kappa: angles(stream, size, kappa, dimension), shape, [kappa], dtype=np.float64
    )


def _draw(
    draw: Callable[..., NDArray],
    shape: Shape,
    parameters: Sequence[NDArray],
    event: tuple[int, ...] = (),
    dtype: type = np.int64,
) -> NDArray:
    """Fill shape + batch + event by chunks: draw(size, *parameters), each flat, of one or size."""
    batch = np.broadcast_shapes(*(p.shape for p in parameters))
    result = np.empty((*_shape(shape), *batch, *event), dtype=dtype)
    flat = result.reshape(math.prod(_shape(shape)) * math.prod(batch), *event)
    flats = [(p if p.size == 1 else np.broadcast_to(p, batch)).reshape(-1) for p in parameters]
    length = max(1, _CHUNK // math.prod(event))
    for start in range(0, len(flat), length):
        stop = min(start + length, len(flat))
        place = np.arange(start, stop) % math.prod(batch) if batch else ALL
        flat[start:stop] = draw(stop - start, *(take(p, place) for p in flats))
    return result


def _shape(shape: Shape) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, int | np.integer) else tuple(shape)


def _rows(probabilities: ArrayLike) -> tuple[Floats, Rows]:
    """Return the weights as rows scaled to a largest in [½, 1), and the batch of row numbers."""
    weights = np.asarray(probabilities, dtype=np.float64)
    if weights.ndim == 0 or weights.shape[-1] == 0:
        raise ValueError("sampling: probabilities must have at least one category")
    largest = weights.max(axis=-1, keepdims=True)
    if not ((weights >= 0).all() and (largest > 0).all() and (largest < np.inf).all()):
        raise ValueError(
            "sampling: probabilities must be non-negative and finite, with a positive total"
        )
    batch = weights.shape[:-1]
    rows = np.ldexp(weights, -np.frexp(largest)[1]).reshape(-1, weights.shape[-1])
    return rows, np.arange(len(rows)).reshape(batch)


def _trials(trials: ArrayLike) -> Integers:
    counts = np.asarray(trials)
    if counts.dtype.kind not in "iu":
        raise TypeError(f"sampling: trials must be integers from 0 to 2**62; got {counts.dtype}")
    if not ((counts >= 0) & (counts <= _LARGEST)).all():
        raise ValueError("sampling: trials must be from 0 to 2**62")
    return counts.astype(np.int64)
