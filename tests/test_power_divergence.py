"""Power divergences: scipy's, their digits near λ = 0 and −1, and their values at zero."""

import math

import numpy as np
import pytest
from scipy import stats

from expfam import power_divergence


@pytest.mark.parametrize("lambda_", [1, 0, 2 / 3, -2, -0.5, -1, 3.7, -3.3])
def test_power_divergence_is_scipys(lambda_):
    rng = np.random.default_rng(8)
    x = rng.integers(1, 100, (20, 6)).astype(float)
    p = rng.dirichlet(np.ones(6) * 5, 20)
    theirs = [
        stats.power_divergence(a, a.sum() * b, lambda_=lambda_).statistic
        for a, b in zip(x, p, strict=True)
    ]
    ours = power_divergence.power_divergence(x, p, lambda_)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


NEAR_ITS_LIMITS = [1e-9, -1e-9, 1e-16, 1e-300, -1 + 1e-9, -1 - 1e-9, -1 + 2**-53]


@pytest.mark.parametrize("lambda_", [1, 0, 2 / 3, -2, -0.5, -1, 3.7, 60, *NEAR_ITS_LIMITS])
def test_a_power_divergence_keeps_its_digits(lambda_):
    """Near zero, where terms cancel, and near λ = 0 and −1, where divisors are small."""
    mpmath = pytest.importorskip("mpmath")
    x = np.array([10**9 + 3, 10**9 - 3, 10**9 + 10**7, 10**9 - 10**7, 5.0, 2e9 - 5.0])
    with mpmath.workdps(400):
        n, right = mpmath.mpf(float(x.sum())), mpmath.mpf(0)
        for count in x:
            m = n / 6
            ratio = mpmath.mpf(float(count)) / m
            if lambda_ == 0:
                right += 2 * count * mpmath.log(ratio)
            elif lambda_ == -1:
                right -= 2 * m * mpmath.log(ratio)
            else:
                right += (
                    2
                    * count
                    * (ratio**lambda_ - 1)
                    / (mpmath.mpf(lambda_) * (lambda_ + mpmath.mpf(1)))
                )
    ours = power_divergence.power_divergence(x, np.full(6, 1 / 6), lambda_)
    assert ours == pytest.approx(float(right), rel=1e-14)
    near = power_divergence.divergence_terms(np.array([1e8 + 1.0]), np.array([1e8]), lambda_)
    assert near[0] == pytest.approx(1e-8, rel=1e-7)


def test_power_divergences_at_zero():
    of = power_divergence.power_divergence
    for lambda_ in (1, 0, 2 / 3, -0.5):
        assert math.isfinite(of([0, 4], [0.5, 0.5], lambda_))
        assert of([1, 3, 0], [0.25, 0.75, 0], lambda_) == 0
        assert of([1, 2, 1], [0.25, 0.75, 0], lambda_) == math.inf
    assert of([0, 4], [0.5, 0.5], -0.5) == pytest.approx(4 * (2 + (2 - math.sqrt(2)) ** 2))
    for lambda_ in (-1, -2):
        assert of([0, 4], [0.5, 0.5], lambda_) == math.inf
    assert of([0, 4], [0.5, 0.5], 1e-9) == pytest.approx(of([0, 4], [0.5, 0.5], 0), rel=1e-8)
    assert of([0, 4], [0.5, 0.5], -1 + 2**-30) == pytest.approx(2**32, rel=1e-8)  # 2m/(λ + 1)
    far = power_divergence.divergence_terms(np.array([1e-300]), np.array([1e200]), -1e-9)
    assert far == pytest.approx(2e200 / (1 - 1e-9), rel=1e-14)  # x/m underflows
    with pytest.raises(ValueError, match="lambda_ must be finite; got nan"):
        of([1, 2], [0.5, 0.5], math.nan)
