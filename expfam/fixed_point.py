"""log Σ b exp(x) of rows in integers, where no doubles see how near to 0 it is.

A number y stands as the integer y·2ᵂ; a unit is 2⁻ᵂ. W grows until 60 bits of the result are right
by a bound of its error. The exponential is reduced by log 2, and then digit by digit in base 256
(Brent and Zimmermann, 2010, Modern Computer Arithmetic, sections 4.3 and 4.4):

    x = k log 2 + 0.d₁d₂d₃ + t,
    exp x = 2ᵏ · exp(d₁/256) · exp(d₂/256²) · exp(d₃/256³) · (1 + t + t²/2 + …).

A number costs about 2 µs at W = 148, 4 µs at 296, 12 µs at 592 and 70 µs at 1184.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import repeat
from math import factorial, frexp, ldexp
from typing import NamedTuple

import numpy as np

# At 148 bits a number fits five digits of Python's integers; what is open at last rounds to 0.
_PRECISIONS = (148, 296, 592, 1184)
_DIGITS = 3
_GUARD = 32  # bits more in the making of tables
_REACH = 2048.0  # a term so far below the sum, b·e⁻²⁰⁴⁸ < 2⁻¹⁹⁰⁰, is less than a unit


def log_sums(rows: np.ndarray, weights: np.ndarray | None, near: np.ndarray) -> np.ndarray:
    """log Σ b exp(x) of each row, rounded once.

    near: the results to within 1/8, at most 2¹² in size.

    >>> log_sums(np.log([[0.25, 0.75]]), None, np.zeros(1))
    array([3.11489387e-17])
    """
    x = np.maximum(rows, near[:, None] - _REACH).tolist()
    b = repeat(None) if weights is None else weights.tolist()
    return np.array([_rounded(*row) for row in zip(x, b, near.tolist(), strict=False)])


def _rounded(x: list[float], b: list[float] | None, near: float) -> float:
    for bits in _PRECISIONS:
        value, error = log_sum(x, b, near, bits)
        if abs(value) > error << 60:
            break
    return value / (1 << bits)


def log_sum(x: list[float], b: list[float] | None, near: float, bits: int) -> tuple[int, int]:
    """log Σ b exp(x) = y + log(1 + d) with d = Σ b exp(x − y) − 1, and how far it may be off.

    In units, a term is off by 8 + |k| < 2968 of itself and one for its last place. With y near, the
    sum is between 7/8 and 8/7, and log(1 + d) adds two for each of its W/2.8 terms.
    """
    y = _fixed(near, bits)
    powers = exps((_fixed(v, bits) - y for v in x), bits)
    if b is None:
        total = sum(m >> -k for m, k in powers)
    else:
        weights = ((int(ldexp(m, 53)), e - 53) for m, e in map(frexp, b))
        total = sum(_shifted(w * m, e + k) for (w, e), (m, k) in zip(weights, powers, strict=True))
    return y + log1p(total - (1 << bits), bits), 2**13 + 2 * len(x)


def exps(numbers: Iterable[int], bits: int) -> Iterator[tuple[int, int]]:
    """Pairs (m, k) with exp x = 2ᵏ·m, 1 ≤ m < 2, off by less than 7 + |k| units of itself.

    log 2 is off by a unit at most, taken k times. The series is off by less than two: for what it
    leaves out, and its last product rounded down. Each of three factors adds half a unit, and one
    where its product is rounded down; m ≥ 1.
    """
    log2, left, (first, *others), tables = _constants(bits)
    mask = (1 << left) - 1
    for x in numbers:
        k, rest = divmod(x, log2)
        digits, t = rest >> left, rest & mask
        m = first
        for coefficient in others:
            m = (m * t >> bits) + coefficient
        for table in tables:
            m = m * table[digits & 255] >> bits
            digits >>= 8
        yield m, k


def log1p(d: int, bits: int) -> int:
    """log(1 + d) = d − d²/2 + d³/3 − … for |d| < 1/2, off by less than two units a term."""
    value, power, n = 0, d, 1
    while abs(power) > 1:
        value += power // n
        power = -(power * d >> bits)
        n += 1
    return value


def _fixed(x: float, bits: int) -> int:
    """x in units, rounded down."""
    mantissa, exponent = frexp(x)
    return _shifted(int(ldexp(mantissa, 53)), exponent - 53 + bits)


def _shifted(m: int, k: int) -> int:
    """2ᵏ·m, rounded down."""
    return m << k if k >= 0 else m >> -k


class _Constants(NamedTuple):
    log2: int
    left: int  # bits that the digits leave to t
    series: list[int]  # 1/n!, from N down to 0
    tables: list[list[int]]  # e^(j/256ⁱ) at j, the last digit first


@cache
def _constants(bits: int) -> _Constants:
    """Sums of series with bits to spare, rounded to the nearest unit; 1/n! rounded down."""
    left = bits - 8 * _DIGITS
    last = 1
    while factorial(last + 1) << 8 * _DIGITS * (last + 1) < 1 << bits:  # t^(N+1)/(N+1)! > a unit
        last += 1
    return _Constants(
        log2=_nearest(sum((1 << bits + _GUARD) // (n << n) for n in range(1, bits + _GUARD))),
        left=left,
        series=[(1 << bits) // factorial(n) for n in range(last, -1, -1)],
        tables=[_powers(8 * i, bits + _GUARD) for i in range(_DIGITS, 0, -1)],
    )


def _powers(shift: int, bits: int) -> list[int]:
    """Powers 0 to 255 of exp(2^−shift), less the guard."""
    base, term, n = 0, 1 << bits, 0
    while term:
        base, n = base + term, n + 1
        term = (term >> shift) // n
    powers = [1 << bits]
    while len(powers) < 256:
        powers.append(powers[-1] * base >> bits)
    return [_nearest(power) for power in powers]


def _nearest(x: int) -> int:
    """Without the guard, rounded."""
    return (x + (1 << _GUARD - 1)) >> _GUARD
