"""InverseGaussian against mpmath and scipy, shape over mean from 1e-8 to 1e8 and beyond."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from expfam import InverseGaussian
from expfam.families.exponential_integral import scaled_exponential_integral

FAMILY = InverseGaussian()
SETTINGS = settings(max_examples=80, deadline=None, derandomize=True, database=None)
_DIGITS = 90


def powers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda power: 10.0**power)


MEANS, RATIOS = powers(-20, 20), st.one_of(powers(-8, 8), powers(-1, 2), powers(-29, 29))
MEMBERS = st.builds(lambda m, ratio: FAMILY.from_mean_shape(m, m * ratio), MEANS, RATIOS)


def of(p) -> tuple[mpmath.mpf, mpmath.mpf, mpmath.mpf]:
    """−η₁, −η₂ and the mean of a member, exactly."""
    a, b = (-mpmath.mpf(float(v)) for v in p.natural_parameter)
    return a, b, mpmath.sqrt(b / a)


def off(got: float, wanted: mpmath.mpf) -> float:
    """The error relative to max(1, |wanted|)."""
    return float(abs(mpmath.mpf(got) - wanted) / max(1, abs(wanted)))


def relative(got, wanted) -> float:
    return float(abs(mpmath.mpf(float(got)) - wanted) / abs(wanted))


@SETTINGS
@given(MEMBERS)
def test_A_and_its_derivatives_keep_their_digits(p):
    with mpmath.workdps(_DIGITS):
        a, b, m = of(p)
        wanted = -2 * mpmath.sqrt(a * b) - mpmath.log(2 * b) / 2
        size = 2 * mpmath.sqrt(a * b) + abs(mpmath.log(2 * b)) / 2
        assert abs(p.log_partition - wanted) <= 1e-15 * max(1, size)
        mean = (m, 1 / m + 1 / (2 * b))
        fisher = [[m**3 / (2 * b), -m / (2 * b)], [-m / (2 * b), (1 / m + 1 / b) / (2 * b)]]
        for i in range(2):
            assert relative(p.mean_parameter[i], mean[i]) < 1e-15
            for j in range(2):
                assert relative(p.fisher_information[i, j], fisher[i][j]) < 2e-15


@SETTINGS
@given(MEMBERS, st.floats(-9, 9), powers(-12, 12))
def test_log_prob_keeps_its_digits(p, deviations, factor):
    """At the mean, some deviations off, and orders of magnitude off."""
    mean, shape = p.family.mean_shape(p.natural_parameter)
    near = mean * np.exp(deviations * np.sqrt(mean / shape)) if shape > mean else mean
    for x in (mean, near, mean * factor):
        with mpmath.workdps(_DIGITS):
            a, b, _ = of(p)
            at = mpmath.mpf(float(x))
            wanted = -a * at - b / at + 2 * mpmath.sqrt(a * b) + mpmath.log(2 * b) / 2
            wanted -= mpmath.log(2 * mpmath.pi * at**3) / 2
            size = abs(wanted) + abs(mpmath.log(2 * b)) / 2 + 1.5 * abs(mpmath.log(at))
        assert abs(p.log_prob(x) - wanted) <= 1e-15 * max(1, size)


@SETTINGS
@given(MEMBERS)
def test_the_entropy_keeps_its_digits(p):
    with mpmath.workdps(60):
        _, b, m = of(p)
        z = 4 * b / m
        less = mpmath.hyperu(1, 1, z) if z < 1e4 else sum((-1) ** k * mpmath.factorial(k) / z ** (k + 1) for k in range(9))  # fmt: skip
        wanted = (1 + mpmath.log(2 * mpmath.pi) - mpmath.log(2 * b)) / 2
        wanted += 1.5 * (mpmath.log(m) - less)
        size = 1 + abs(mpmath.log(2 * b)) + abs(mpmath.log(m)) + abs(less)
        assert abs(p.entropy() - wanted) <= 2e-15 * size


@SETTINGS
@given(MEMBERS, MEMBERS, powers(-15, 0), st.sampled_from([(1, 0), (0, 1), (1, 1), (1, -0.3)]))
def test_kl_keeps_its_digits_between_members_far_and_close(p, far, step, direction):
    close = p.family.from_natural(p.natural_parameter * (1 + step * np.array(direction)))
    for q in (far, close):
        with mpmath.workdps(_DIGITS):
            (_, b, m), (c, d, k) = of(p), of(q)
            ratio = d / b
            wanted = (ratio - 1 - mpmath.log(ratio)) / 2 + c * (m - k) ** 2 / m
        assert p.kl(q) == 0 if wanted == 0 else relative(p.kl(q), wanted) < 1e-14


@SETTINGS
@given(MEANS, powers(-13, 20))
def test_the_backward_map_is_exact_for_the_moments_that_it_gets(first, excess):
    mean = np.array([first, (1 + excess) / first])
    natural = FAMILY.mean_to_natural(mean)
    with mpmath.workdps(_DIGITS):
        m = mpmath.mpf(first)
        shape = 1 / (mpmath.mpf(mean[1]) - 1 / m)
        assert relative(natural[1], -shape / 2) < 1e-15
        assert relative(natural[0], -shape / (2 * m * m)) < 1e-15


@pytest.mark.parametrize(("mean", "shape"), [(1.0, 3.0), (2.0, 0.1), (0.01, 5.0), (300.0, 1.0)])
def test_it_is_that_of_scipy(mean, shape):
    p, other = FAMILY.from_mean_shape(mean, shape), stats.invgauss(mean / shape, scale=shape)
    x = mean * np.array([0.1, 0.5, 1.0, 1.3, 4.0])
    np.testing.assert_allclose(p.log_prob(x), other.logpdf(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(p.entropy(), float(other.entropy()), rtol=1e-8)
    np.testing.assert_allclose(p.fisher_information[0, 0], other.var(), rtol=1e-12)


def test_the_fit_is_tweedies():
    """The mean, and the mean of 1/x less 1 over the mean: Tweedie's (1957) estimates."""
    x = np.array([5.1, 1.2, 1.3, 0.6, 2.4, 0.5, 4.4, 0.7])
    p = FAMILY.fit(x)
    mean, shape = FAMILY.mean_shape(p.natural_parameter)
    assert mean == pytest.approx(x.mean(), rel=1e-14)
    assert shape == pytest.approx(1 / (1 / x - 1 / x.mean()).mean(), rel=1e-13)
    # scipy searches for the same by the likelihood
    ratio, _, scale = stats.invgauss.fit(x, floc=0)
    np.testing.assert_allclose((ratio * scale, scale), (mean, shape), rtol=1e-10)


@pytest.mark.parametrize("ratio", [1e-8, 1e-3, 0.5, 3.0, 1e3, 1e8])
def test_draws_have_the_distribution_function(ratio):
    """Kolmogorov's distance, p ≥ 1e-7 each; F from scipy, or where that is lost from its limits."""
    x = FAMILY.from_mean_shape(2.0, 2 * ratio).sample(4000, rng=7)
    if ratio >= 1e8:
        uniform = stats.norm.cdf((x - 2) / 2 * np.sqrt(ratio))
    else:
        uniform = stats.invgauss(1 / ratio, scale=2 * ratio).cdf(x)
    assert stats.kstest(uniform, "uniform").pvalue > 1e-7
    if ratio >= 1e3:
        assert abs(x.mean() / 2 - 1) < 6 / np.sqrt(4000 * ratio)


def mapped(p, r):
    """Compiled as one on jax, as its pieces would be compiled one by one."""
    maps = p.log_partition, p.mean_parameter, p.fisher_information
    return *maps, p.log_prob(0.3), p.kl(r), p.family.mean_to_natural(p.mean_parameter)


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_maps_run_and_differentiate_elsewhere(library):
    xp = pytest.importorskip(library)
    if library == "jax.numpy":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    natural = np.array([[-0.4, -0.7], [-1e-3, -20.0]])
    there = xp.asarray(natural.tolist(), dtype=xp.float64)
    compiled = pytest.importorskip("jax").jit if library == "jax.numpy" else lambda run: run
    p, q = FAMILY.from_natural(there), FAMILY.from_natural(natural)
    found = compiled(mapped)(p, FAMILY.from_natural(1.1 * there))
    wanted = mapped(q, FAMILY.from_natural(1.1 * natural))
    for value, expected, rtol in zip(found, wanted, (1e-14,) * 4 + (1e-13, 1e-11), strict=True):
        np.testing.assert_allclose(np.asarray(value), expected, rtol=rtol)
    np.testing.assert_allclose(np.asarray(found[-1]), natural, rtol=1e-11)
    if library == "torch":
        np.testing.assert_allclose(np.asarray(p.entropy()), q.entropy(), rtol=1e-13)
        there.requires_grad_()
        (slope,) = xp.autograd.grad(FAMILY.log_partition(there).sum(), there)
    else:
        jax = pytest.importorskip("jax")
        entropy = jax.jit(lambda p: p.entropy())(p)
        np.testing.assert_allclose(np.asarray(entropy), q.entropy(), rtol=1e-13)
        slope = jax.jit(jax.grad(lambda natural: FAMILY.log_partition(natural).sum()))(there)
        bend = jax.jit(jax.jacfwd(FAMILY.natural_to_mean))(there[0])
        np.testing.assert_allclose(np.asarray(bend), q.fisher_information[0], rtol=1e-13)
    np.testing.assert_allclose(np.asarray(slope), q.mean_parameter, rtol=1e-13)


@pytest.mark.parametrize("library", ["numpy", "torch", "jax.numpy"])
def test_entropies_of_heavy_and_light_tails_in_one_batch(library):
    """jax's own E₁ of 2e-10 in an array with 5 takes minutes; e^z E₁(z) is that of mpmath."""
    xp = pytest.importorskip(library)
    if library == "jax.numpy":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    z = 10.0 ** np.array([-40.0, -9.7, -3.0, -0.01, 0.01, 0.3, 0.7, 0.9, 0.91, 3.0, 40.0])
    with mpmath.workdps(60):
        exact = [
            float(mpmath.exp(v) * mpmath.e1(v) if v < 1e4 else 1 / (v + 1 - 1 / (v + 3)))
            for v in map(mpmath.mpf, z)
        ]
    got = scaled_exponential_integral(xp.asarray(z.tolist(), dtype=xp.float64))
    np.testing.assert_allclose(np.asarray(got), exact, rtol=4e-15)
    shape = np.array([1e-10, 2.5])  # of the mean 1
    natural = np.stack([-0.5 * shape, -0.5 * shape], axis=-1)
    there = FAMILY.from_natural(xp.asarray(natural.tolist(), dtype=xp.float64))
    wanted = FAMILY.from_natural(natural).entropy()
    np.testing.assert_allclose(np.asarray(there.entropy()), wanted, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: FAMILY.fit([2.0, 2.0, 2.0]), "(all observations equal?); it exceeds it by 0"),
        (lambda: FAMILY.fit([0.3, 0.3]), "E x·E(1/x) must exceed 1 by more than rounding"),
        (lambda: FAMILY.fit([1.0, 0.0]), "observations must be positive, between 1e-100 and 1e100; entry 1 is 0"),
        (lambda: FAMILY.fit([1.0, -1.0]), "observations must be positive"),
        (lambda: FAMILY.fit([np.inf]), "observations must be positive"),
        (lambda: FAMILY.fit([1e60, 3e60]), "E x must be between 1e-50 and 1e50; it is 2e+60"),
        (lambda: FAMILY.fit([1e-40, 1e-95]), "the shape, E x over E x·E(1/x) − 1, must be"),
        (lambda: FAMILY.from_natural([0.0, -1.0]), "the linear natural parameter (−λ/2m²) must be"),
        (lambda: FAMILY.from_natural([-1.0, 1.0]), "the reciprocal natural parameter (−λ/2) must"),
        (lambda: FAMILY.from_natural([-1e-200, -1.0]), "the mean must be between 1e-50 and 1e50"),
        (lambda: FAMILY.from_mean_shape(1.0, 0.0), "the shape must be between 1e-50 and 1e50"),
        (lambda: FAMILY.from_mean_shape([1.0, -2.0], 1.0), "the mean must be between 1e-50 and 1e50; row 1 is -2"),
        (lambda: FAMILY.from_mean_shape([1.0, 2.0], [1.0, 2.0, 3.0]), "mean and shape must broadcast"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(call, text):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        call()
    assert str(refusal.value).startswith("InverseGaussian: ")
    assert text in str(refusal.value)


@pytest.mark.parametrize(("mean", "shape"), [(1e50, 1e-50), (1e-50, 1e50), (1e50, 1e50)])
def test_at_the_corners_of_the_domain_nothing_overflows(mean, shape):
    p = FAMILY.from_mean_shape(mean, shape)
    values = [p.log_partition, p.entropy(), p.kl(FAMILY.from_mean_shape(1.0, 1.0)), p.log_prob(1.0)]
    values += [*p.mean_parameter, *p.fisher_information.ravel(), *p.log_prob([1e-100, 1e100])]
    assert np.isfinite(values).all()
    assert np.isfinite(FAMILY.from_mean_shape(1.0, 1.0).kl(p))
    FAMILY.check_observation(p.sample(1000, rng=1))
