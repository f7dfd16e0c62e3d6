"""Priors of Dirichlet and Beta: against plain sums, and as laws whatever the number of categories."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from priors import close
from scipy import special

from expfam import Beta, ConjugatePrior, Dirichlet
from expfam.conjugate.chain import Tilt, chained
from expfam.conjugate.curves import Axis
from expfam.conjugate.integrals import lowest_step
from expfam.conjugate.numerical import NumericalForm
from expfam.conjugate.profile import reaches


def prior_at(peak, exposure, family=None):
    """The prior whose density has its peak there."""
    family = Dirichlet(len(peak)) if family is None else family
    return ConjugatePrior.from_mean(family, family.natural_to_mean(peak), exposure)


def remainder(prior, form=None):
    """What is left of log Z beside the height of its peak; only doors hush numpy."""
    with np.errstate(all="ignore"):
        return (prior._form if form is None else form).remainder(prior)


# ------------------------------------------------------------ against sums of other kinds


def by_grid(prior, other=None, step=0.2):
    """log Z of three shares by the trapezoidal rule over all log α, and KL to another prior."""
    x = np.arange(-40.0, 6.0, step)
    alpha = np.exp(x)

    def exponent(p, i):
        one, two, three = (alpha * c - p.exposure * special.gammaln(alpha) for c in p.total)
        whole = special.gammaln(alpha[:, None] + alpha + alpha[i])
        return one[:, None] + two + three[i] + p.exposure * whole

    parts = []
    for i in range(len(x)):
        value = exponent(prior, i) + x[:, None] + x + x[i]
        top, gap = value.max(), 0.0 if other is None else exponent(prior, i) - exponent(other, i)
        parts.append((top, np.exp(value - top).sum(), (np.exp(value - top) * gap).sum()))
    top, weight, gap = np.transpose(parts)
    scale = np.exp(top - top.max())
    log_z = top.max() + np.log((weight * scale).sum()) + 3 * np.log(step)
    return log_z, (gap * scale).sum() / (weight * scale).sum()


GRID = [([0.3, 1.0, 0.02], 1.5), ([2.0, 3.0, 5.0], 0.7), ([0.5, 0.5, 0.5], 2.0)]


@pytest.mark.parametrize(("peak", "exposure"), GRID)
def test_three_shares_are_a_sum_over_all_of_them(peak, exposure):
    p, q = prior_at(peak, exposure), prior_at([0.4, 0.9, 0.3], 1.2)
    log_z, gap = by_grid(p, q)
    close(p.log_normalizer, log_z, 1e-10)
    close(p.kl(q), gap + q.log_normalizer - log_z, 1e-9)


def test_the_example_of_the_docs_is_a_sum_over_all_shares():
    prior = ConjugatePrior.from_mean(Dirichlet(3), [-1.0, -1.5, -2.0], 2.0)
    x = np.array([[0.2, 0.3, 0.5], [0.5, 0.4, 0.1]])
    new = prior.update(x)
    (before, _), (after, gap) = by_grid(prior), by_grid(new, prior)
    close([before, after], [-4.848191638, -10.907140370], 1e-9)
    close(prior.log_evidence(x), after - before - np.log(x).sum(), 1e-9)
    close(new.kl(prior), gap + before - after, 1e-9)


def by_mellin(total, exposure):
    """log Z for ν = 1 or 2 and many shares, whose αs come apart in Γ(s)^ν = ∫ tˢ⁻¹ k(t) dt.

    k(t) is exp(−t), or 2K₀(2√t).
    """
    x, y = np.linspace(-45, 9, 541), np.linspace(-45, 13, 581)
    alpha, t = np.exp(x), np.exp(y)
    k = -t if exposure == 1 else np.log(2 * special.k0e(2 * np.sqrt(t))) - 2 * np.sqrt(t)
    for chi in total:
        value = x + alpha * (y[:, None] + chi) - exposure * special.gammaln(alpha)
        k = k + special.logsumexp(value, axis=1) + np.log(x[1] - x[0])
    assert max(k[0], k[-1]) < k.max() - 40
    return special.logsumexp(k) + np.log(y[1] - y[0])


@pytest.mark.parametrize(
    ("size", "exposure"),
    [(10, 1.0), (10, 2.0), (50, 1.0), pytest.param(50, 2.0, marks=pytest.mark.slow)],
)
def test_many_shares_are_a_transform_of_a_product(size, exposure):
    peak = np.exp(np.random.default_rng(size).normal(size=size))
    prior = prior_at(peak, exposure)
    close(prior.log_normalizer, by_mellin(prior.total, exposure), 1e-11)


PAIRS = [
    pytest.param([2.0, 3.0], 2.5, marks=pytest.mark.slow),
    pytest.param([2.0, 3.0], 1e-3, marks=pytest.mark.slow),
    ([2.0, 3.0], 1e6),
    ([2e-3, 3e5], 0.3),
    pytest.param([1e8, 1e8], 3.0, marks=pytest.mark.slow),
    pytest.param([1e-6, 1e-6], 40.0, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("peak", "exposure"), PAIRS)
def test_two_shares_are_one_integral_inside_another(peak, exposure):
    prior = prior_at(peak, exposure)
    twice = NumericalForm(Dirichlet(2))
    close(remainder(prior), remainder(prior, twice), 1e-10, 1e-10)
    other = prior_at([2.5, 2.5], 1.5)
    with np.errstate(all="ignore"):
        kl = twice.kl(prior, other)
    close(prior.kl(other), kl, 1e-9)
    assert prior_at(peak, exposure, Beta()).log_normalizer == prior.log_normalizer


@pytest.mark.parametrize("peak", [[1.0, 2.0, 3.0], [1e-6, 1.0, 1e9], np.linspace(0.1, 5.0, 20)])
def test_large_exposures_are_nearly_gaussian(peak):
    """R is −½ log det (νI/2π) and c/ν."""

    def rest(exposure):
        prior = prior_at(peak, exposure)
        fisher = exposure / (2 * np.pi) * prior.family.fisher_information(prior._peak)
        width = np.sqrt(np.diagonal(fisher))  # of very different sizes
        scaled = np.linalg.slogdet(fisher / np.outer(width, width))[1]
        return exposure * (remainder(prior) + 0.5 * scaled + np.log(width).sum())

    small, large = rest(1e5), rest(4e5)
    assert abs(large) < 1e3
    close(small, large, 1e-2, 1e-4)


# ------------------------------------------------------------ whatever α and ν

SIZES = st.lists(st.floats(-8, 8), min_size=2, max_size=4)
LAWS = settings(max_examples=4, deadline=None, derandomize=True)


@given(SIZES, st.floats(-3, 6), st.integers(0, 2**32 - 1))
@LAWS
def test_learning_in_parts_is_learning_at_once(logs, log_exposure, seed):
    prior = prior_at(np.exp(logs), 10.0**log_exposure)
    law = prior.family.from_natural(np.exp(np.random.default_rng(seed).normal(size=len(logs))))
    x = law.sample(3, rng=seed)
    seen = prior.update(x[:2])
    whole = prior.log_evidence(x)
    scale = 1 + abs(prior.log_normalizer) * 1e-4
    close(whole, prior.log_evidence(x[:2]) + seen.log_evidence(x[2:]), 1e-11, 1e-10 * scale)
    close(seen.log_predictive(x[2]), seen.log_evidence(x[2:]), 1e-12, 1e-12)
    assert seen.kl(seen) == 0
    assert seen.kl(prior) >= 0


@given(st.lists(st.floats(-15, 15), min_size=3, max_size=3), st.floats(-3, 6))
@LAWS
def test_the_order_of_the_sums_does_not_matter(logs, log_exposure):
    peak, exposure = np.exp(logs), 10.0**log_exposure
    mean = Dirichlet(3).natural_to_mean(peak)
    found = []
    with np.errstate(all="ignore"):
        for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
            ends = reaches(peak[order], exposure, mean[order], 60.0)
            tilt = Tilt(0.3, np.array([0.1, 0.2, -0.1])[order] / peak[order])
            found.append(chained(peak[order], exposure, ends, tilt, 1.1))
    close(found[1:], [found[0]] * 2, 1e-10, 1e-10)


def test_batches_and_names_make_no_difference():
    peaks, exposures = np.array([[2.0, 0.3, 1.0], [1.0, 2.0, 0.3]]), [2.0, 2.0]
    both = prior_at(peaks[0], 2.0), prior_at(peaks[1], 2.0)
    family = Dirichlet(["a", "b", "c"])
    batch = ConjugatePrior.from_mean(family, family.natural_to_mean(peaks), exposures)
    close(batch.log_normalizer, [p.log_normalizer for p in both])
    close(both[0].log_normalizer, both[1].log_normalizer, 1e-13)
    other = prior_at([0.7, 0.7, 0.7], 1.0, family)
    single = [ConjugatePrior(Dirichlet(3), other.total, 1.0).kl(p) for p in both]
    close(other.kl(batch), single)
    close(batch.kl(other)[0], both[0].kl(ConjugatePrior(Dirichlet(3), other.total, 1.0)))


def test_kl_of_many_shares_is_a_bregman_divergence():
    peak = np.linspace(0.2, 3.0, 5)
    p, q = prior_at(peak, 1.5), prior_at(peak + 0.1, 2.0)

    def at(t):
        total, exposure = (
            a + t * (b - a) for a, b in ((p.total, q.total), (p.exposure, q.exposure))
        )
        return ConjugatePrior(p.family, total, exposure).log_normalizer

    moved = [at(k * 1e-3) for k in (-2, -1, 1, 2)]
    slope = (moved[0] - 8 * moved[1] + 8 * moved[2] - moved[3]) / 12e-3
    close(p.kl(q), q.log_normalizer - p.log_normalizer - slope, 1e-9)


# ------------------------------------------------------------ the parts


def test_what_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setattr("expfam.conjugate.shares._FINENESS", (0.1, 0.15))
    with pytest.raises(ValueError, match="must settle to 1e-09; one did not"):
        prior_at([1.0, 2.0, 3.0], 1.0).log_normalizer  # noqa: B018


def test_curves_hold_between_their_ends_and_go_on_in_lines():
    ends = np.array([-20.0, 3.0])
    axis = Axis(5.0, 0.1, ends, 1.0)

    def function(xi):
        s = 5 * np.exp(xi)
        return 2.5 * xi + 0.7 * s * np.log(s) - special.gammaln(1 + s)

    curve = axis.curve(function(axis.xi), 2.5, 0.7)
    xi = np.linspace(-20, 3, 997)
    close(curve(xi), function(xi), 1e-12, 1e-12)
    close(curve(np.array([-30.0])), function(np.array([-30.0])), 1e-12)
    above = curve(np.array([3.0, 3.1, 3.2]))
    assert above[0] > above[1] > above[2]


def test_the_lowest_place_between_two_of_a_grid_is_found():
    """Between the best and the next of the first grid, of which neither end may be left out."""
    places = np.array([-15.3, 15.3, 0.0, 9.1, 1e3])
    found = lowest_step(lambda steps: abs(steps - places[:, None]), len(places))
    close(found, places, 1e-3, 1e-3)
