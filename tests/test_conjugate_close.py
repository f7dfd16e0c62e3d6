"""KL of priors that are nearly equal, by integrals over η: relative to itself, in many digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from priors import close

from expfam import ChiSquared, ConjugatePrior, FiniteFamily, InverseGaussian

LINE = FiniteFamily(range(5), np.array([0.0, 1.0, 1.5, 4.0, 7.0]), [0.1, 0.4, -0.2, 0.0, 0.3])


def of_chi_squared(eta):
    return mp.loggamma(eta + 1) + (eta + 1) * mp.log(2)


def of_points(eta):
    points = zip((0, 1, 1.5, 4, 7), map(mp.mpf, (0.1, 0.4, -0.2, 0.0, 0.3)), strict=True)
    return mp.log(mp.fsum(mp.exp(eta * t + h) for t, h in points))


def exact_kl(p, q, log_partition, place):
    """log E exp(g − E g) by the trapezoidal rule in eighths of the peak's width, of fifty digits.

    place: of η = place(t), with t from −∞ to ∞.
    """
    with mp.workdps(50):
        (one, n), (two, m) = (
            (mp.mpf(float(np.ravel(prior.total)[0])), mp.mpf(float(prior.exposure)))
            for prior in (p, q)
        )
        start = mp.findroot(lambda t: place(t) - float(np.ravel(p._peak)[0]), 0.5)
        step = mp.diff(place, start) * mp.sqrt(n * mp.diff(log_partition, place(start), 2))
        top = place(start) * one - n * log_partition(place(start))
        values = []
        for sign in (1, -1):
            for k in range(sign < 0, 10**4):
                t = start + sign * k / (8 * step)
                a, slope = log_partition(place(t)), mp.diff(place, t)
                weight = slope * mp.exp(place(t) * one - n * a - top)
                values.append((weight, place(t) * (two - one) - (m - n) * a))
                if weight < mp.mpf(10) ** -40:
                    break
        total = mp.fsum(w for w, _ in values)
        mean = mp.fsum(w * g for w, g in values) / total
        return float(mp.log1p(mp.fsum(w * mp.expm1(g - mean) for w, g in values) / total))


@pytest.mark.parametrize("step", [0.3, 1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("exposure", [2.0, 50.0, 1e6])
@pytest.mark.parametrize(
    ("family", "log_partition", "mean", "place"),
    [
        (ChiSquared(), of_chi_squared, 1.0, lambda t: mp.exp(t) - 1),
        (LINE, of_points, [2.5], lambda t: t),
    ],
    ids=["ChiSquared", "FiniteFamily"],
)
def test_the_digits_are_those_of_the_difference(family, log_partition, mean, place, exposure, step):
    p = ConjugatePrior.from_mean(family, mean, exposure)
    more = 1 + step / np.sqrt(exposure)
    for q in (
        ConjugatePrior(family, p.total, exposure * more),
        ConjugatePrior(family, np.asarray(p.total) * more, exposure),
    ):
        close(p.kl(q), exact_kl(p, q, log_partition, place), 1e-11)


def test_two_parameters_and_a_batch_of_near_and_far():
    """KL is ½ Δᵀ H Δ in the limit; one row of a batch is far, and all are as they are alone."""
    p = ConjugatePrior.from_mean(InverseGaussian(), [1.0, 1.3], 6.0)
    steps = np.array([1e-4, 1e-7, 2.0])
    q = ConjugatePrior(InverseGaussian(), p.total + steps[:, None] * [1.0, 0.5], 6.0)
    found = p.kl(q)
    close(found, [p.kl(ConjugatePrior(q.family, t, 6.0)) for t in q.total], 1e-12)
    close(found[0] / found[1], 1e6, 1e-3)
    assert p.kl(p) == 0
