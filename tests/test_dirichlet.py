"""Beta and Dirichlet: draws, Beta as the first share of two, torch and jax, doors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from expfam import Beta, Dirichlet, Gamma
from expfam.checks.points import TAILS
from expfam.checks.supports import support

# ------------------------------------------------------------ draws


@pytest.mark.parametrize("a", [[1e-6, 1e-6], [1e-3, 1e8], [1e8, 1e-6], [0.5, 0.2], [1e8, 1e8]])
def test_draws_are_observations(a):
    for family in (Beta(), Dirichlet(2)):
        p = family.from_natural(a)
        x = p.sample(1000, rng=4)
        assert np.isfinite(p.log_prob(x)).all()
        assert (x > 0).all()
    assert x.sum(axis=-1) == pytest.approx(1, abs=1e-15)


def test_draws_of_small_concentrations_fall_into_corners_by_their_shares():
    """P(corner i) is nearly αᵢ/α₀; 6 standard deviations: a false alarm in 10⁹ runs."""
    a = np.array([1e-6, 3e-6, 6e-6])
    x = Dirichlet(3).from_natural(a).sample(10_000, rng=7)
    share = a / a.sum()
    error = (x > 0.5).mean(axis=0) - share
    assert (abs(error) < 6 * np.sqrt(share * (1 - share) / 10_000)).all()


def test_draws_of_beta_have_its_distribution_function():
    """Kolmogorov's distance of 20,000 draws: p ≥ 1e-7 or so."""
    x = Beta().from_natural([0.3, 2.0]).sample(20_000, rng=9)
    assert stats.kstest(x, stats.beta(0.3, 2.0).cdf).pvalue > 1e-7


@pytest.mark.parametrize(("a", "missing"), [([0.06, 1.0, 1.0], TAILS), ([1.0, 2.0, 1.0], "")])
def test_an_integral_whose_tails_a_double_cannot_hold_is_left_out(a, missing):
    p = Dirichlet(3).from_natural(a)
    assert support(p, p.sample(64, rng=1)).missing == missing


# ------------------------------------------------------------ one idea, two families


def test_beta_is_the_first_share_of_two():
    one, two = Beta().from_natural([0.7, 4.0]), Dirichlet(2).from_natural([0.7, 4.0])
    np.testing.assert_array_equal(one.mean_parameter, two.mean_parameter)
    np.testing.assert_array_equal(one.fisher_information, two.fisher_information)
    assert one.entropy() == two.entropy()
    assert one.log_prob(0.25) == two.log_prob([0.25, 0.75])
    x = one.sample(5, rng=1)
    np.testing.assert_array_equal(x, two.sample(5, rng=1)[:, 0])
    assert Beta().unpack([0.7, 4.0]) == {"alpha": 0.7, "beta": 4.0}


def test_shares_of_a_dirichlet_are_gammas_divided_by_their_sum():
    """E log of a Gamma of the shape αᵢ less that of the shape α₀."""
    a = np.array([0.5, 2.0, 7.0])
    logs = [Gamma().from_shape_rate(x, 1.0).mean_parameter[0] for x in (*a, a.sum())]
    np.testing.assert_allclose(
        Dirichlet(3).natural_to_mean(a), np.array(logs[:3]) - logs[3], rtol=1e-14
    )


def test_labels_are_those_of_a_multinomial():
    family = Dirichlet(["a", "b", "c"])
    assert repr(family) == "Dirichlet(['a', 'b', 'c'])"
    assert family == Dirichlet(("a", "b", "c")) != Dirichlet(3)
    assert hash(Dirichlet(3)) == hash(Dirichlet(range(3)))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Dirichlet(1), "Dirichlet: there must be at least two categories; got one"),
        (lambda: Dirichlet(["a", "a"]), "labels must be distinct"),
        (lambda: Dirichlet(3).from_natural([1.0, 0.0, 2.0]), "between 1e-100 and 1e100; entry 1 is 0"),
        (lambda: Beta().from_natural([1.0, np.nan]), "between 1e-100 and 1e100; entry 1 is nan"),
        (lambda: Beta().log_base_measure(1.0), "between 0 and 1, both excluded; it is 1"),
        (lambda: Beta().fit([0.0, 0.5]), "between 0 and 1, both excluded; entry 0 is 0"),
        (lambda: Dirichlet(2).sufficient_statistic([1.0, 0.0]), "shares must be positive; entry 1 is 0"),
        (
            lambda: Dirichlet(3).sufficient_statistic([20.0, 30.0, 50.0]),
            "shares must sum to 1 \\(divide them by their sum\\); it sums to 100",
        ),
        (lambda: Dirichlet(2).sufficient_statistic([[0.5, 0.5], [0.3, 0.6]]), "row 1 sums to 0.89"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_narrow_shares_may_sum_to_1_in_their_own_precision():
    x = np.array([0.1, 0.2, 0.7], dtype=np.float32)
    assert np.isfinite(Dirichlet(3).from_natural([1.0, 2.0, 3.0]).log_prob(x))


# ------------------------------------------------------------ other array libraries

CASES = [
    ("torch", Beta(), [2.0, 0.3], [1.0, 4.0], 0.3),
    ("jax", Dirichlet(3), [2.0, 3.0, 0.5], [1.0, 1.0, 0.7], [0.2, 0.3, 0.5]),
]


@pytest.mark.parametrize(("library", "family", "a", "b", "x"), CASES, ids=["Beta", "Dirichlet"])
def test_other_libraries_agree(library, family, a, b, x):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    if library == "jax":
        module.config.update("jax_enable_x64", True)

    def array(values):
        if library == "torch":
            return module.tensor(values, dtype=module.float64)
        return module.numpy.asarray(values)

    here, there = family.from_natural(a), family.from_natural(b)
    p, q = family.from_natural(array(a)), family.from_natural(array(b))
    for got, wanted, tolerance in (
        (p.mean_parameter, here.mean_parameter, 1e-13),
        (p.log_partition, here.log_partition, 1e-13),
        (p.log_prob(array(x)), here.log_prob(x), 1e-13),
        (p.kl(q), here.kl(there), 1e-13),
        (p.entropy(), here.entropy(), 1e-13),
        (p.score(array(x)), here.score(x), 1e-13),
        (p.fisher_information, here.fisher_information, 1e-12),
        (family.fisher_product(array(a), array(b)), family.fisher_product(a, b), 1e-12),
    ):
        assert type(got) is type(array(a))
        np.testing.assert_allclose(np.asarray(got), wanted, rtol=tolerance, atol=1e-13)
    back = family.mean_to_natural(p.mean_parameter)
    np.testing.assert_allclose(np.asarray(back), a, rtol=1e-10)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_the_forward_map_is_the_gradient_of_other_libraries_too(library):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    family, p = Beta(), Beta().from_natural([2.0, 0.3])
    if library == "jax":
        module.config.update("jax_enable_x64", True)
        at = module.numpy.asarray(p.natural_parameter)
        gradient = module.grad(family.log_partition)(at)
        hessian = module.jit(module.jacobian(family.natural_to_mean))(at)
    else:
        at = module.tensor(p.natural_parameter.copy()).requires_grad_()
        (gradient,) = module.autograd.grad(family.log_partition(at), at)
        hessian = module.autograd.functional.jacobian(family.natural_to_mean, at)
    np.testing.assert_allclose(np.asarray(gradient), p.mean_parameter, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(hessian), p.fisher_information, rtol=1e-12)
