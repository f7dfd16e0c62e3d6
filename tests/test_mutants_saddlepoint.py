"""Constants and terms of the saddle-point form, so sharply that a change of 1e-13, or by one, is noticed.

`benchmarks/mutation.py` makes those changes. The oracles are exact fractions and mpmath.
"""

from __future__ import annotations

import math
from unittest import mock

import mpmath
import numpy as np
import pytest
from sharp import ulps

from expfam import kernels, saddlepoint, special

INF = np.inf
RNG = np.random.default_rng


def test_phi_is_good_to_two_ulp():
    d = np.concatenate([np.linspace(-0.4999, 0.4999, 100), [-30.0, -2.0, -0.51, 0.51, 3.0, 20.0]])
    with mpmath.workdps(60):
        exact = [mpmath.expm1(v) - v for v in map(mpmath.mpf, d.tolist())]
        assert ulps(saddlepoint.phi(d), exact) <= 4
    assert saddlepoint.phi(np.array([-INF, 0.0])).tolist() == [INF, 0.0]
    d = RNG(18).uniform(0.49, 0.4999, 500)
    with mpmath.workdps(40):
        exact = [mpmath.expm1(v) - v for v in map(mpmath.mpf, d.tolist())]
        errors = [float(g / e - 1) for g, e in zip(saddlepoint.phi(d).tolist(), exact, strict=True)]
    assert abs(np.mean(errors)) < 6e-17  # the last term of the series is 2e-16


def exact_multinomial(natural: np.ndarray, x: np.ndarray) -> mpmath.mpf:
    eta, counts = [mpmath.mpf(v) for v in natural.tolist()], x.tolist()
    log_total = mpmath.log(mpmath.fsum(mpmath.exp(v) for v in eta))
    return mpmath.loggamma(sum(counts) + 1) + mpmath.fsum(
        k * (v - log_total) - mpmath.loggamma(k + 1) for v, k in zip(eta, counts, strict=True)
    )


@pytest.mark.parametrize(
    ("scale", "most"), [(1, 6), (3, 40), (1, 10**6), (3, 10**12), (5, 2**58)], ids=str
)
def test_log_probabilities_are_good_to_1e_15(scale, most):
    rng = RNG(9)
    for _ in range(40):
        natural = rng.normal(size=4) * scale
        n, p = int(rng.integers(1, most)), special.softmax(natural)
        x = rng.multinomial(n, p)
        with mpmath.workdps(80):
            exact = exact_multinomial(natural, x)
            for got in (
                saddlepoint.multinomial_log_pmf(natural, x, n, n * p),
                saddlepoint._multinomial_in_pairs(natural[None], x[None])[0],
            ):
                assert abs(got - exact) <= 1e-15 * max(1, abs(exact))


def test_any_number_near_the_log_partition_will_do():
    """The formula in pairs is exact in its centre c, so a bad one changes nothing."""
    natural, x = np.array([0.3, -1.2, 0.9, 0.1]), np.array([300, 40, 660, 0])
    logsumexp_rows = kernels.logsumexp_rows
    with mpmath.workdps(60):
        exact = exact_multinomial(natural, x)
    for off in (1e-6, -1e-6):
        with mock.patch.object(kernels, "logsumexp_rows", lambda *a, o=off: logsumexp_rows(*a) + o):
            got = saddlepoint._multinomial_in_pairs(natural[None], x[None])[0]
        assert abs(got - exact) <= 1e-15 * abs(exact)


@pytest.mark.parametrize("rate", [0.1, 3.0, 30.0, 1e4, 1e10, 1e18])
def test_poisson_log_probabilities_are_good_to_1e_15(rate):
    natural, x = np.full(30, np.log(rate)), RNG(10).poisson(rate, 30)
    got = saddlepoint.poisson_log_pmf(natural, x).tolist()
    with mpmath.workdps(80):
        eta = mpmath.mpf(float(natural[0]))
        for g, k in zip(got, x.tolist(), strict=True):
            exact = k * eta - mpmath.exp(eta) - mpmath.loggamma(k + 1)
            assert abs(g - exact) <= 1e-15 * max(1, abs(exact))


@pytest.mark.parametrize("rate", [1e-3, 0.1, 1.0, 10.0, 100.0, 255.5, 256.4, 300.5, 1000.3])
def test_poisson_entropies_are_good_to_2e_15(rate):
    reach = int(12 * math.sqrt(rate) + 40)
    with mpmath.workdps(40):
        terms = []
        for k in range(max(0, int(rate) - reach), int(rate) + reach):
            log_p = k * mpmath.log(rate) - mpmath.mpf(rate) - mpmath.loggamma(k + 1)
            terms.append(-mpmath.exp(log_p) * log_p)
        exact = mpmath.fsum(terms)
        got = float(saddlepoint.poisson_entropy(np.array([rate]))[0])
        assert abs(got - exact) <= 2e-15 * exact


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.3),
        (2, 0.5),
        (7, 1e-9),
        (30, 0.2),
        (40, 0.77),
        (300, 0.5),
        (2900, 0.1003),
        (600, 0.995),
    ],
)
def test_binomial_entropies_are_good_to_2e_15(n, p):
    rows = np.array([[p, 1 - p]])
    with mpmath.workdps(40):
        q, r = (mpmath.mpf(v) for v in rows[0].tolist())
        q, r = q / (q + r), r / (q + r)
        terms = []
        for k in range(n + 1):
            log_p = mpmath.log(mpmath.binomial(n, k)) + k * mpmath.log(q) + (n - k) * mpmath.log(r)
            terms.append(-mpmath.exp(log_p) * log_p)
        exact = mpmath.fsum(terms)
        with np.errstate(all="ignore"):
            got = float(saddlepoint.multinomial_entropy(rows, np.array([n]))[0])
        assert abs(got - exact) <= 2e-15 * exact


def test_entropies_of_another_library_are_numpys():
    """Standard deviations on either side of 16 and 24, where the step of the sum changes."""
    torch = pytest.importorskip("torch")
    rates = np.array([0.0, 0.1, 10.0, 15.9**2, 16.1**2, 23.9**2, 24.1**2, 1e4, 1e10])
    given = torch.tensor(rates, requires_grad=True)
    got = saddlepoint.poisson_entropy(given)
    got.sum().backward()
    rows, n = np.array([[0.0, 1.0], [0.3, 0.7], [0.999, 0.001]]), np.array([12, 2500, 3000])
    with np.errstate(all="ignore"):
        wanted = saddlepoint.poisson_entropy(rates), saddlepoint.multinomial_entropy(rows, n)
    np.testing.assert_allclose(got.detach(), wanted[0], rtol=1e-15)
    got = saddlepoint.multinomial_entropy(torch.tensor(rows), torch.tensor(n))
    np.testing.assert_allclose(got, wanted[1], rtol=1e-15)
    assert given.grad[0] == 0  # and not NaN, for all that a standard deviation of 0 has no slope
