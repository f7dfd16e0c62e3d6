"""Logarithmic against mpmath and scipy: from η = −∞, always 1, to means of 2⁵⁰."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import exp1

from expfam import Logarithmic
from expfam.derivation import TOPICS

FAMILY = Logarithmic()
INF = np.inf
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)
_DIGITS = 60
# both sides of p = ½, of the series' seam and of −40, to p that underflows and to 1 − p = 1e-16
NATURAL = st.one_of(
    st.floats(-3, -0.01),
    st.floats(-16, 2.8).map(lambda power: -(10.0**power)),
    st.sampled_from([-40.0, np.nextafter(-40, -50), -0.6931471805599453, -1000.0]),
)


def exact(natural: float) -> dict[str, mpmath.mpf]:
    """p, w = −log(1 − p), and A, its derivatives, μ − 1."""
    eta = mpmath.mpf(natural)
    p = mpmath.exp(eta)
    w = -mpmath.log1p(-p)
    odds = p / (1 - p)
    return {
        "p": p,
        "A": mpmath.log(w),
        "mean": odds / w,
        "beyond": odds / w - 1,
        "fisher": odds * (1 / (1 - p) - odds / w) / w,
    }


def off(got: float, wanted: mpmath.mpf) -> float:
    """The error relative to max(1, |wanted|)."""
    return float(abs(mpmath.mpf(got) - wanted) / max(1, abs(wanted)))


def relative(got: float, wanted: mpmath.mpf) -> float:
    return float(abs(mpmath.mpf(got) - wanted) / abs(wanted))


def digits(natural: float) -> int:
    return int(_DIGITS + abs(natural))  # 1 − (1 − p) keeps as many


@SETTINGS
@given(NATURAL)
def test_A_and_its_derivatives_keep_their_digits(natural):
    with mpmath.workdps(digits(natural)):
        wanted = exact(natural)
        assert off(FAMILY.log_partition(natural), wanted["A"]) < 1e-15
        assert relative(FAMILY.natural_to_mean(natural), wanted["mean"]) < 1e-15
        fisher = FAMILY.fisher_information(natural)
        assert relative(fisher, wanted["fisher"]) < 2e-15 or fisher < 1e-300


@SETTINGS
@given(NATURAL, st.floats(0, 1), st.integers(1, 40))
def test_log_prob_keeps_its_digits(natural, reach, small):
    p = FAMILY.from_natural(natural)
    for x in (1, small, 1 + int(reach * min(40 / abs(natural), 2.0**60))):
        with mpmath.workdps(digits(natural)):
            wanted = mpmath.mpf(natural) * x - exact(natural)["A"] - mpmath.log(x)
            if x == 1:  # to the last digit, however near to 0
                assert relative(p.log_prob(x), wanted) < 2e-15 or p.log_prob(x) > -1e-300
        size = float(abs(wanted)) + np.log(x)
        assert off(p.log_prob(x), wanted) < 1e-15 * max(1, size / max(1, float(abs(wanted))))


@SETTINGS
@given(NATURAL, NATURAL, st.floats(-14, 0).map(lambda power: 10.0**power))
def test_kl_keeps_its_digits_between_members_far_and_close(natural, far, step):
    for other in (far, natural * (1 + step)):
        value = FAMILY.from_natural(natural).kl(FAMILY.from_natural(other))
        with mpmath.workdps(2 * digits(natural) + int(abs(other))):
            p, q = exact(natural), exact(other)
            wanted = q["A"] - p["A"] - (mpmath.mpf(other) - mpmath.mpf(natural)) * p["mean"]
        # of p that underflows, or differs from q by nothing, there is no digit left
        assert relative(value, wanted) < 5e-14 if wanted > 1e-300 else value < 1e-299


def expected_log(natural: float) -> mpmath.mpf:
    """E log X = Σ pˣ log x/x over w: forty terms, and Euler and Maclaurin's sum for the rest."""
    eta, first = mpmath.mpf(natural), 40

    def term(x: mpmath.mpf) -> mpmath.mpf:
        return mpmath.exp(eta * x) * mpmath.log(x) / x

    start = mpmath.log(first)
    ends = [start, *(k for k in range(4, int(mpmath.log(-1 / eta)) + 6) if k > start)]
    rest = mpmath.quad(lambda u: u * mpmath.exp(eta * mpmath.exp(u)), ends) if len(ends) > 1 else 0
    powers = mpmath.taylor(term, first, 21)
    rest += term(first) / 2 - sum(mpmath.bernoulli(k) / k * powers[k - 1] for k in range(2, 22, 2))
    total = sum(term(mpmath.mpf(x)) for x in range(1, first)) + rest
    return total / -mpmath.log1p(-mpmath.exp(eta))


@pytest.mark.parametrize(
    "natural",
    [-1e-16, -1e-12, -1e-6, -1e-3, -0.1, -0.5, -0.6931, -0.6932, -2.0, -9.0, -39.0, -41.0, -99.0],
)
def test_the_entropy_keeps_its_digits(natural):
    with mpmath.workdps(40 + int(abs(natural))):
        wanted = exact(natural)
        entropy = wanted["A"] - natural * wanted["mean"] + expected_log(natural)
    assert relative(FAMILY.from_natural(natural).entropy(), entropy) < 3e-15


@SETTINGS
@given(st.one_of(st.floats(-15, 0), st.floats(0, 15)).map(lambda power: 1 + 10.0**power))
def test_the_backward_map_is_as_good_as_its_argument(mean):
    natural = FAMILY.mean_to_natural(mean)
    with mpmath.workdps(_DIGITS):
        gap = exact(natural)
        left = abs(float((mpmath.mpf(mean) - gap["mean"]) / gap["fisher"]))
    assert left <= 1e-15 * max(1, abs(natural)) if mean < 2 else left <= 2e-14 * abs(natural)


def test_all_ones_are_fitted_by_the_member_that_is_always_1():
    p = FAMILY.fit([1, 1, 1])
    q = FAMILY.from_natural([-0.5, -50.0])
    assert p.natural_parameter == -INF
    assert (p.mean_parameter, p.fisher_information, p.degrees_of_freedom) == (1.0, 0.0, 0)
    assert (p.entropy(), p.convex_conjugate, p.log_likelihood([1, 1])) == (0.0, 0.0, 0.0)
    np.testing.assert_array_equal(p.log_prob([1, 2]), [0.0, -INF])
    assert p.log_likelihood([1, 2]) == -INF
    np.testing.assert_array_equal(q.kl(p), INF)
    np.testing.assert_allclose(p.kl(q), -q.log_prob(1), rtol=1e-15)
    assert p.kl(p) == 0
    assert (p.sample(5, rng=1) == 1).all()
    assert p.cumulant_function(0.25) == 0.25
    for topic in (None, *TOPICS):
        told = p.explain(topic, other=p if topic == "kl" else None)
        assert "nan" not in told.text, told.text


@pytest.mark.parametrize("p", [0.01, 0.5, 0.9, 0.99])
def test_it_is_that_of_scipy(p):
    member, other, x = FAMILY.from_natural(np.log(p)), stats.logser(p), np.array([1, 2, 7, 40])
    np.testing.assert_allclose(member.log_prob(x), other.logpmf(x), rtol=1e-12)
    np.testing.assert_allclose(member.mean_parameter, other.mean(), rtol=1e-12)
    np.testing.assert_allclose(member.fisher_information, other.var(), rtol=1e-9)
    if p < 0.95:  # beyond, scipy's sum is cut off
        np.testing.assert_allclose(member.entropy(), float(other.entropy()), rtol=1e-6)


def test_fishers_moths():
    """Fisher, Corbet and Williams (1943): 240 species, 15,609 moths; x = 0.997428 and α = 40.25,
    the number of species over −log(1 − x)."""
    p = FAMILY.from_mean(15609 / 240)
    x = np.exp(p.natural_parameter)
    assert x == pytest.approx(0.997428, abs=5e-7)
    assert -240 / np.log1p(-x) == pytest.approx(40.25, abs=0.005)


@pytest.mark.parametrize("natural", [-3.0, -0.5, -0.01, -1e-9, -1e-16])
def test_draws_have_the_law(natural):
    """Pearson's X² in cells that grow with x, p ≥ 1e-7 each; Σ pˣ/x from k on is an integral, E₁,
    and what the rule of midpoints leaves of it, f′/24."""
    x = FAMILY.draw(natural, 3, 20000)
    FAMILY.check_observation(x)
    edges = np.concatenate([[2, 3, 4, 6, 9, 14, 20, 30, 45, 64], 4 ** np.arange(4, 31)])
    few, half = np.arange(1, 64), edges - 0.5
    term = np.exp(natural * few) / few
    tail = exp1(-natural * half) + np.exp(natural * half) / half * (natural - 1 / half) / 24
    near = np.array([term[few < k].sum() for k in edges])
    loss = -np.log(-np.expm1(natural))
    below = np.where(edges <= 64, near / loss, 1 - tail / loss)
    expected = 20000 * np.diff(below, prepend=0.0, append=1.0)
    observed = np.bincount(np.searchsorted(edges, x, side="right"), minlength=len(expected))
    large = expected >= 5
    assert observed[~large].sum() <= 30 + 3 * expected[~large].sum()
    expected, observed = expected[large], observed[large]
    statistic = ((observed - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(statistic, len(expected)) > 1e-7


def mapped(p, r, x):
    """Compiled as one on jax, as its pieces would be compiled one by one."""
    maps = p.log_partition, p.mean_parameter, p.fisher_information
    return *maps, p.log_prob(x), p.entropy(), p.kl(r)


@pytest.mark.parametrize("library", ["torch", "jax.numpy"])
def test_maps_run_and_differentiate_elsewhere(library):
    xp = pytest.importorskip(library)
    if library == "jax.numpy":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    natural = np.array([-INF, -800.0, -41.0, -3.0, -0.5, -1e-3, -1e-12])
    there = xp.asarray(natural.tolist(), dtype=xp.float64)
    compiled = pytest.importorskip("jax").jit if library == "jax.numpy" else lambda run: run
    p, q = FAMILY.from_natural(there), FAMILY.from_natural(natural)
    found = compiled(mapped)(p, FAMILY.from_natural(there * 1.1), xp.asarray(3))
    wanted = mapped(q, FAMILY.from_natural(natural * 1.1), 3)
    for value, expected, rtol in zip(found, wanted, (1e-13,) * 5 + (1e-12,), strict=True):
        np.testing.assert_allclose(np.asarray(value), expected, rtol=rtol)
    back = compiled(FAMILY.mean_to_natural)(p.mean_parameter)
    wanted = FAMILY.mean_to_natural(q.mean_parameter)
    np.testing.assert_allclose(np.asarray(back)[3:], wanted[3:], rtol=1e-11)
    inner = there[2:]
    if library == "torch":
        inner = inner.clone().requires_grad_()
        (slope,) = xp.autograd.grad(FAMILY.log_partition(inner).sum(), inner)
        (bend,) = xp.autograd.grad(FAMILY.natural_to_mean(inner).sum(), inner)
    else:
        jax = pytest.importorskip("jax")
        slope = jax.jit(jax.grad(lambda eta: FAMILY.log_partition(eta).sum()))(inner)
        bend = jax.jit(jax.grad(lambda eta: FAMILY.natural_to_mean(eta).sum()))(inner)
    np.testing.assert_allclose(np.asarray(slope), q.mean_parameter[2:], rtol=1e-12)
    np.testing.assert_allclose(np.asarray(bend)[1:], q.fisher_information[3:], rtol=1e-11)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: FAMILY.from_natural(0.0), "natural parameter (log p) must be negative, and the mean at most 2**50; it is 0"),
        (lambda: FAMILY.from_natural(np.nan), "natural parameter (log p) must be negative"),
        (lambda: FAMILY.from_mean(0.5), "mean parameter must be between 1 and 2**50; it is 0.5"),
        (lambda: FAMILY.fit([1, 0, 2]), "counts must be between 1 and 2**62; entry 1 is 0"),
        (lambda: FAMILY.fit([1.5]), "counts must be integers"),
        (lambda: FAMILY.fit([2**61, 2**61]), "mean parameter must be between 1 and 2**50"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(call, text):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011
        call()
    assert str(refusal.value).startswith("Logarithmic: ")
    assert text in str(refusal.value)


def test_the_largest_mean_is_a_member():
    p = FAMILY.from_mean(2.0**50)
    assert p.mean_parameter == pytest.approx(2.0**50, rel=1e-13)
    assert FAMILY.from_mean(p.mean_parameter).mean_parameter <= 2.0**50
    FAMILY.check_observation(p.sample(1000, rng=1))
    assert 21 < p.entropy() < 23
