"""ContinuousBernoulli against mpmath, torch and scipy: through η = 0 and out to the ends of [0, 1]."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from expfam import ContinuousBernoulli
from expfam.families.tilted_uniform import cumulant, slope_from_end

FAMILY = ContinuousBernoulli()
SETTINGS = settings(max_examples=80, deadline=None, derandomize=True, database=None)
SIGNS = st.sampled_from([-1.0, 1.0])
# both sides of 0 and of the seam at 1, and out to where double precision has no more
NATURAL = st.one_of(
    st.floats(-4, 4).map(lambda t: t if abs(t) > 1e-15 else 0.0),
    st.builds(lambda sign, power: sign * 10.0**power, SIGNS, st.floats(-15, 15)),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, np.nextafter(1, 0), 1e6, -1e6, 1e15, -1e15]),
)
UNIT = st.one_of(st.floats(0, 1), st.floats(-17, -1).map(lambda power: 1 - 10.0**power))
_DIGITS = 80


def exact(natural: float) -> dict[str, mpmath.mpf]:
    """A and its derivatives: in closed form, at 0 their limits."""
    t = mpmath.mpf(natural)
    if t == 0:
        return {"A": t, "mean": mpmath.mpf("0.5"), "fisher": mpmath.mpf(1) / 12}
    a = mpmath.log(mpmath.expm1(t) / t) if t < 0 else t + mpmath.log(-mpmath.expm1(-t) / t)
    mean = -1 / mpmath.expm1(-t) - 1 / t if t < 0 else 1 / (1 - mpmath.exp(-t)) - 1 / t
    fisher = 1 / t**2 - (1 / (4 * mpmath.sinh(t / 2) ** 2) if abs(t) < 2000 else 0)
    return {"A": a, "mean": mean, "fisher": fisher}


def off(got: float, wanted: mpmath.mpf) -> float:
    """The error relative to max(1, |wanted|)."""
    return float(abs(mpmath.mpf(got) - wanted) / max(1, abs(wanted)))


def relative(got: float, wanted: mpmath.mpf) -> float:
    return float(abs(mpmath.mpf(got) - wanted) / abs(wanted)) if wanted else abs(got)


@SETTINGS
@given(NATURAL)
def test_A_and_its_derivatives_keep_their_digits(natural):
    with mpmath.workdps(_DIGITS):
        wanted = exact(natural)
        assert relative(FAMILY.log_partition(natural), wanted["A"]) < 2e-15
        assert relative(FAMILY.natural_to_mean(natural), wanted["mean"]) < 2e-15
        assert relative(FAMILY.fisher_information(natural), wanted["fisher"]) < 5e-15


@SETTINGS
@given(NATURAL, UNIT)
def test_log_prob_and_entropy_keep_their_digits(natural, x):
    p = FAMILY.from_natural(natural)
    with mpmath.workdps(_DIGITS):
        wanted = exact(natural)
        assert off(p.log_prob(x), natural * mpmath.mpf(x) - wanted["A"]) < 1e-15
        entropy = wanted["A"] - natural * wanted["mean"]
        assert relative(p.entropy(), entropy) < 1e-14
        assert p.entropy() <= 0  # the uniform has the most


@SETTINGS
@given(NATURAL, NATURAL | st.floats(-14, 1).map(lambda power: 10.0**power))
def test_kl_keeps_its_digits_between_members_far_and_close(natural, other):
    for q in (other, min(natural + abs(other) * (abs(natural) + 1e-3), 1e15)):
        value = FAMILY.from_natural(natural).kl(FAMILY.from_natural(q))
        with mpmath.workdps(_DIGITS):
            p_exact, q_exact = exact(natural), exact(q)
            gap = mpmath.mpf(q) - mpmath.mpf(natural)
            wanted = q_exact["A"] - p_exact["A"] - gap * p_exact["mean"]
        assert relative(value, wanted) < 5e-15 or abs(value) < 1e-300


@SETTINGS
@given(st.one_of(st.floats(1e-14, 1 - 1e-14), st.floats(-14, -1).map(lambda e: 1 - 10.0**e)))
def test_the_backward_map_is_as_good_as_its_argument(mean):
    mean = min(mean, 1 - 1e-14)
    natural = FAMILY.mean_to_natural(mean)
    with mpmath.workdps(_DIGITS):
        wanted = exact(natural)
        # |Δη| of half a unit in the last place of the mean, and of a few of η
        allowed = 2e-16 * mean / float(wanted["fisher"]) + 2e-15 * abs(natural)
        assert abs(float((mpmath.mpf(mean) - wanted["mean"]) / wanted["fisher"])) <= allowed


@pytest.mark.parametrize("natural", [-1e6, -30.0, -0.4, 1e-2, 0.4, 30.0, 700.0])
def test_it_is_the_truncated_exponential_of_scipy(natural):
    """Towards 0 it is scipy's; towards 1 its mirror image."""
    other, x = stats.truncexpon(b=abs(natural), scale=1 / abs(natural)), np.linspace(0, 1, 11)
    p = FAMILY.from_natural(natural)
    x_there = 1 - x if natural > 0 else x
    np.testing.assert_allclose(p.log_prob(x), other.logpdf(x_there), rtol=1e-10, atol=1e-9)
    mean = other.mean()
    np.testing.assert_allclose(p.mean_parameter, 1 - mean if natural > 0 else mean, rtol=1e-10)


@pytest.mark.parametrize("probability", [0.01, 0.3, 0.5, 0.9])
def test_it_is_that_of_torch(probability):
    torch = pytest.importorskip("torch")
    kind = torch.distributions.ContinuousBernoulli
    other = kind(torch.tensor(probability, dtype=torch.float64))
    p = FAMILY.from_natural(np.log(probability / (1 - probability)))
    x = torch.linspace(0, 1, 7, dtype=torch.float64)
    # torch's own series is used within 0.499 … 0.501
    np.testing.assert_allclose(p.log_prob(x.numpy()), other.log_prob(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(p.mean_parameter, other.mean, rtol=1e-11)
    np.testing.assert_allclose(p.fisher_information, other.variance, rtol=1e-9)


@pytest.mark.parametrize("natural", [0.0, 1e-300, -1e-18, 2.5, -40.0, 1e6, -1e6])
def test_draws_have_the_distribution_function(natural):
    """Kolmogorov's distance, p ≥ 1e-7 each; draws are within [0, 1]."""
    x = FAMILY.draw(natural, 1, 4000)
    assert ((x >= 0) & (x <= 1)).all()
    size = max(abs(natural), 1e-9)
    uniform = np.expm1(-size * (1 - x if natural > 0 else x)) / np.expm1(-size)
    assert stats.kstest(uniform, "uniform").pvalue > 1e-7


def mapped(p, r):
    """Compiled as one on jax, as its pieces would be compiled one by one."""
    maps = p.log_partition, p.mean_parameter, p.fisher_information
    return *maps, p.entropy(), p.log_prob(0.3), p.kl(r)


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_maps_run_and_differentiate_elsewhere(library):
    xp = pytest.importorskip(library)
    if library == "jax.numpy":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    natural = np.array([-800.0, -3.0, -0.4, 0.0, 1e-9, 0.4, 3.0, 800.0])
    there = xp.asarray(natural.tolist(), dtype=xp.float64)
    compiled = pytest.importorskip("jax").jit if library == "jax.numpy" else lambda run: run
    p, q = FAMILY.from_natural(there), FAMILY.from_natural(natural)
    found = compiled(mapped)(p, FAMILY.from_natural(there + 0.1))
    wanted = mapped(q, FAMILY.from_natural(natural + 0.1))
    for value, expected, rtol in zip(found, wanted, (1e-13,) * 5 + (1e-12,), strict=True):
        np.testing.assert_allclose(np.asarray(value), expected, rtol=rtol)
    if library == "torch":
        there.requires_grad_()
        (slope,) = xp.autograd.grad(FAMILY.log_partition(there).sum(), there, create_graph=True)
        (bend,) = xp.autograd.grad(slope.sum(), there)
        slope = slope.detach()
    else:
        jax = pytest.importorskip("jax")
        slope = jax.jit(jax.vmap(jax.grad(FAMILY.log_partition)))(there)
        bend = jax.jit(jax.vmap(jax.grad(jax.grad(FAMILY.log_partition))))(there)
    np.testing.assert_allclose(np.asarray(slope), FAMILY.natural_to_mean(natural), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(bend), FAMILY.fisher_information(natural), rtol=1e-11)


def test_a_tilt_is_that_of_its_mirror_image():
    t = np.geomspace(1e-12, 1e12, 50)
    np.testing.assert_allclose(cumulant(t) - cumulant(-t), t, rtol=1e-15)
    np.testing.assert_array_equal(slope_from_end(t), -slope_from_end(-t))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: FAMILY.from_natural(2e15), "natural parameter must be between -1e15 and 1e15"),
        (lambda: FAMILY.from_natural(np.inf), "natural parameter must be between -1e15 and 1e15"),
        (lambda: FAMILY.fit([0.0, 0.0]), "1 − 1e-14 (all observations at one end?); it is 0"),
        (lambda: FAMILY.fit([1.0, 1.0]), "1 − 1e-14 (all observations at one end?); it is 1"),
        (lambda: FAMILY.fit([0.5, 1.5]), "observations must be between 0 and 1; entry 1 is 1.5"),
        (lambda: FAMILY.from_natural(0.0).log_prob(np.nan), "observations must be between 0 and 1"),
    ],
)
def test_bad_input_is_refused_in_words(call, text):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        call()
    assert str(refusal.value).startswith("ContinuousBernoulli: ")
    assert text in str(refusal.value)


@pytest.mark.parametrize("natural", [5e-324, -1e-310, 1e-160, -1e-17])
def test_the_least_numbers_are_no_singularity(natural):
    p = FAMILY.from_natural(natural)
    assert p.log_partition == pytest.approx(natural / 2, rel=1e-15, abs=0)
    assert (p.mean_parameter, p.fisher_information) == (0.5, 1 / 12)
    assert p.kl(FAMILY.from_natural(0.0)) == pytest.approx(natural**2 / 24, rel=1e-14, abs=0)


def test_half_zeros_and_half_ones_are_fitted_by_the_uniform():
    p = FAMILY.fit([0.0, 1.0, 0.0, 1.0])
    assert p.natural_parameter == pytest.approx(0.0, abs=1e-15)
    assert p.log_likelihood([0.0, 1.0]) == pytest.approx(0.0, abs=1e-15)
