"""Priors of gamma members: one integral over the shape, against forty digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from priors import close

from expfam import ConjugatePrior, Gamma, InverseGamma
from expfam.conjugate.numerical import NumericalForm

SHAPES = [(1.0, 2.5), (3.0, 0.2), (1e-3, 1.0), (1e-6, 0.5), (50.0, 1e4), (1e4, 3.0), (1e-8, 20.0)]
SHAPES += [(2.0, 1e-3), (2.0, 1e-6), (0.7, 1e9)]


def prior_of(shape, exposure, rate=2.0):
    mean = Gamma().natural_to_mean(np.array([shape - 1, -rate]))
    return ConjugatePrior.from_mean(Gamma(), mean, exposure)


def over_shapes(prior, *functions):
    """log Z, and E of functions of the shape α, by the trapezoidal rule in log α.

    Given α, the rate β is Gamma(να + 1, χ₂). From the top, found by Newton, both ways in eighths of
    the peak's width.
    """
    with mp.workdps(40):
        one, two, nu = (mp.mpf(float(v)) for v in (*prior.total, prior.exposure))

        def height(t):
            a = mp.exp(t)
            value = (a - 1) * one + mp.loggamma(nu * a + 1) - nu * mp.loggamma(a)
            return value - (nu * a + 1) * mp.log(two) + t

        top = mp.log(mp.mpf(float(prior._peak[0])) + 1) if prior._peak[0] > -0.5 else mp.log(1e-3)
        for _ in range(400):
            slope, curve = mp.diff(height, top), mp.diff(height, top, 2)
            move = -slope / curve if curve < 0 else mp.sign(slope)
            top += max(min(move, mp.mpf(1)), mp.mpf(-1))
            if abs(move) < 1e-12:
                break
        step = min(1 / mp.sqrt(-curve), mp.mpf(4)) / 8
        most, total, sums = height(top), mp.mpf(0), [mp.mpf(0)] * len(functions)
        for sign in (1, -1):
            k = 0 if sign > 0 else 1
            while True:
                t = top + sign * k * step
                weight = mp.exp(height(t) - most)
                total += weight
                sums = [s + weight * f(mp.exp(t)) for s, f in zip(sums, functions, strict=True)]
                k += 1
                if weight < mp.mpf(10) ** -30:
                    break
        return most + mp.log(total * step), [s / total for s in sums]


@pytest.mark.parametrize(("shape", "exposure"), SHAPES)
def test_log_z_is_that_of_many_digits(shape, exposure):
    prior = prior_of(shape, exposure)
    exact, _ = over_shapes(prior)
    rounding = 4e-16 * abs(prior.exposure * (1 + abs(Gamma().log_partition(prior._peak))))
    close(prior.log_normalizer, float(exact), 1e-12, rounding)
    other = ConjugatePrior(InverseGamma(), prior.total, prior.exposure)
    assert other.log_normalizer == prior.log_normalizer


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((1.0, 2.5), (1.2, 2.5, 2.2)),
        ((3.0, 0.2), (3.0, 4.0)),
        ((0.01, 30.0), (0.02, 3.0)),
        ((1e-6, 0.5), (2e-6, 0.7)),
        ((400.0, 1e3), (401.0, 1.1e3)),
        ((2.0, 1e6), (2.0, 1.0)),
    ],
)
def test_kl_is_that_of_many_digits(one, two):
    p, q = prior_of(*one), prior_of(*two)
    with mp.workdps(40):
        (a, b), nu = map(mp.mpf, map(float, p.total)), mp.mpf(float(p.exposure))
        (c, d), other = map(mp.mpf, map(float, q.total)), mp.mpf(float(q.exposure))

        def log_ratio(alpha):
            size = nu * alpha + 1
            rate, log_rate = size / b, mp.psi(0, size) - mp.log(b)
            log_partition = mp.loggamma(alpha) - alpha * log_rate
            return (alpha - 1) * (a - c) - rate * (b - d) - (nu - other) * log_partition

        log_z, (mean,) = over_shapes(p, log_ratio)
        exact = mean + over_shapes(q)[0] - log_z
        scale = max(abs(mean), abs(log_z), 1)
    close(p.kl(q), float(exact), 1e-12, 1e-15 * float(scale))


def test_a_batch_is_row_by_row():
    rows = [prior_of(*pair) for pair in ((1.0, 2.5), (40.0, 9.0))]
    many = ConjugatePrior(Gamma(), [p.total for p in rows], [p.exposure for p in rows])
    close(many.log_normalizer, [p.log_normalizer for p in rows], 1e-15)
    close(many.kl(rows[0]), [p.kl(rows[0]) for p in rows], 1e-13, 1e-15)
    close(rows[1].kl(many), [rows[1].kl(p) for p in rows], 1e-13, 1e-15)


def test_the_integral_over_both_parameters_is_the_same():
    prior, data = prior_of(2.0, 3.0), [0.4, 1.5, 0.2]
    both = NumericalForm(Gamma())
    with np.errstate(all="ignore"):
        log_z, kl = both.remainder(prior), both.kl(prior, prior.update(data))
    close(prior.log_normalizer - prior._form.family._exponent(prior._peak, prior.total, 3.0), log_z)
    close(prior.kl(prior.update(data)), kl, 1e-10)
    log_p = [prior.log_predictive(x) for x in data]
    close(log_p, [prior.log_evidence([x]) for x in data], 1e-13)
