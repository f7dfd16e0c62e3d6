"""What is derived from A: entropies, cumulants, log-likelihoods, Fisher information."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_distribution import close, each

from expfam import Binomial, Gamma, Gaussian, Multinomial, Poisson

INF = np.inf
SETTINGS = settings(max_examples=50, deadline=None, derandomize=True, database=None)


@each
def test_what_follows_from_A(family, p, q, x, s):
    a, b = family.from_natural(p), family.from_natural(q)
    statistic = np.asarray(family.sufficient_statistic(x), dtype=float)
    close(a.score(x), statistic - a.mean_parameter)
    close(a.cross_entropy(b), a.entropy() + a.kl(b))
    shifted = np.asarray(p, dtype=float) + s
    close(a.cumulant_function(s), family.log_partition(shifted) - a.log_partition, 1e-11, 1e-13)
    close(a.cumulant_function(np.zeros(np.shape(s))), 0.0)
    close(a.log_likelihood([x, x, x]), 3 * a.log_prob(x), 1e-12)
    base = family.log_base_measure(x)
    close(a.log_likelihood(x, base_measure=False), a.log_prob(x) - base, 1e-12, 1e-13)
    fitted = family.from_mean(a.mean_parameter)
    assert fitted.same_member(a) or isinstance(family, Gamma | Gaussian)
    close(fitted.mean_parameter, a.mean_parameter, 1e-12)
    close(family.fisher_product(p, s), np.dot(a.fisher_information, s), 1e-12)


@SETTINGS
@given(st.floats(-40, 40), st.floats(-1e10, 40))
def test_the_cumulant_function_keeps_its_digits_for_small_and_large_s(natural, s):
    if natural + s <= 42.9:
        rate = np.exp(natural)
        close(
            Poisson().from_natural(natural).cumulant_function(s), rate * np.expm1(s), 1e-12, 1e-300
        )
    p = Binomial(9).from_natural(natural)
    chance = p.mean_parameter / 9
    if abs(s) < 1:
        close(p.cumulant_function(s), 9 * np.log1p(chance * np.expm1(s)), 1e-12, 1e-15)
    else:
        wanted = 9 * (np.logaddexp(0, natural + s) - np.logaddexp(0, natural))
        close(p.cumulant_function(s), wanted, 1e-12, 1e-12 + 1e-14 * abs(natural))
    q = Multinomial(2, 9).from_natural([natural + 1e6, 1e6])
    close(q.cumulant_function([s, 0.0]), p.cumulant_function(s), 1e-8, 1e-8)


def test_cumulants_of_huge_shifts():
    with np.errstate(all="raise"):
        p = Multinomial(3, 10).from_natural([0.0, 0.0, 0.0])
        assert p.cumulant_function([1e200, -1e200, -1e200]) == pytest.approx(1e201)
        assert p.cumulant_function([0.0, -1e200, -1e200]) == pytest.approx(-10 * np.log(3))
        q = Gaussian().from_mean_variance(1e40, 1e80)
        assert q.cumulant_function([-1e60, -1e60]) == pytest.approx(2.5e59)  # η²/4


def test_cumulants_outside_the_domain_are_refused():
    for member, s, text in (
        (Gaussian().from_natural([0.0, -1.0]), [0.0, 2.0], "quadratic natural parameter must be"),
        (Poisson().from_natural(40.0), 10.0, "natural parameter must be at most"),
        (Poisson().from_natural(0.0), INF, "s must be at most 1e200 in size; it is inf"),
        (Poisson().from_natural(0.0), np.nan, "s must be at most 1e200 in size; it is nan"),
        (Multinomial(2).from_natural([0, 0]), [1e201, 0], "at most 1e200 .*; entry 0 is 1e"),
        (
            Poisson().from_natural([0.0, 1.0]),
            [1, 2, 3],
            r"s must broadcast .*got \(3,\) and \(2,\)",
        ),
        (Gaussian().from_natural([0.0, -1e90]), [1e190, 0.0], "mean must be at most 1e50"),
        (Multinomial(2).from_natural([0.0, 0.0]), [1.0], r"s must have the shape \(…, 2\)"),
        (Poisson().from_natural(0.0), "a", "s must be real numbers"),
    ):
        with np.errstate(all="raise"), pytest.raises((ValueError, TypeError), match=text):
            member.cumulant_function(s)


def test_log_likelihoods_of_batches():
    batch = Poisson().from_natural([0.0, 1.0])
    close(batch.log_likelihood([1, 2]), batch.log_prob([1, 2]))
    close(batch.log_likelihood([[1, 2], [3, 4]]), batch.log_prob([[1, 2], [3, 4]]).sum(axis=0))
    close(batch.log_likelihood(3), batch.log_prob(3))
    close(batch.log_likelihood([[1], [3]]), batch.log_prob([[1], [3]]).sum(axis=0))
    s = Poisson().statistics([1, 3])
    close(batch.log_likelihood(s), batch.log_prob([[1], [3]]).sum(axis=0))
    for data in ([1, 2, 3], Poisson().statistics(np.ones((4, 3)), batch_ndim=1)):
        with pytest.raises(
            ValueError, match=r"must broadcast against the batch; got \(3,\) and \(2,\)"
        ):
            batch.log_likelihood(data)
    with pytest.raises(ValueError, match="statistics must be of"):
        batch.log_likelihood(Binomial().statistics(1))


def test_fisher_information_refuses_above_a_stated_size():
    family = Multinomial(2**13 + 1)
    natural = np.zeros(2**13 + 1)
    with pytest.raises(ValueError, match=r"at most 2\*\*26 entries; .* use fisher_product"):
        family.fisher_information(natural)
    product = family.fisher_product(natural, np.arange(2**13 + 1.0))
    close(product.sum(), 0.0, atol=1e-9)
    with pytest.raises(ValueError, match=r"vector must broadcast; got \(3, 2\) and \(2, 2\)"):
        Multinomial(2).fisher_product(np.zeros((3, 2)), np.zeros((2, 2)))
    for vector, text in (
        ([INF, 0.0], "vector must be at most 1e100 in size; entry 0 is inf"),
        ([1.0], r"shape \(…, 2\)"),
    ):
        with pytest.raises(ValueError, match=text):
            Multinomial(2).fisher_product([0.0, 0.0], vector)


def test_log_likelihoods_of_data_keep_the_digits_that_their_terms_do_not():
    """⟨η, t⟩ and n·A of numbers 1e9 deviations from 0 are 1e18, of a rate of 1e17 some 1e19."""
    for p in (
        Gaussian().from_mean_variance([1e9, 0.0], 1.0),
        Poisson().from_mean([1e17, 4.0]),
        Gamma().from_shape_rate([1e13, 2.0], 3.0),
    ):
        x = p.sample((3, 4), rng=1)
        wanted = p.log_prob(x).sum(axis=(0, 1))
        close(p.log_likelihood(x), wanted)
        close(p[0].log_likelihood(x[..., 0]), wanted[0])
    assert Multinomial(2).from_natural([0.0, -INF]).log_likelihood([[1, 0], [0, 1]]) == -INF


def test_the_conjugate_keeps_the_digits_that_its_terms_do_not():
    for variance in (1.0, 3.0):
        p = Gaussian().from_mean_variance(1e9, variance)
        assert p.convex_conjugate == pytest.approx(-0.5 * (1 + np.log(variance)), rel=1e-14)
