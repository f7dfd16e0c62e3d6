"""torch: gradients, types, devices."""

from __future__ import annotations

import numpy as np
import pytest
from backends import MAKERS, OPERATIONS, data, library, members, there
from conftest import CASES

from expfam import (
    Binomial,
    ContinuousBernoulli,
    Gamma,
    Gaussian,
    GaussianKnownVariance,
    Geometric,
    Multinomial,
    Poisson,
    VonMises,
    Weibull,
    special,
)
from expfam.converters import from_torch, to_scipy, to_torch

torch = pytest.importorskip("torch", reason="torch is not installed: pip install torch")
XP = library("torch")
ONE_OF_EACH = {
    family.name: name
    for name, (family, _) in reversed(CASES.items())
    if np.ndim(family.trials) == 0 and family.name not in MAKERS
}


def close(value, expected, rtol=1e-9, atol=1e-9):
    np.testing.assert_allclose(
        np.asarray(value.detach()), np.asarray(expected), rtol=rtol, atol=atol
    )


@pytest.mark.parametrize("name", sorted(ONE_OF_EACH.values()))
def test_the_gradient_of_log_p_is_the_score_and_the_hessian_of_A_is_fisher(name):
    p, _, x = members(name)[0]
    natural = there(XP, p).natural_parameter.requires_grad_()
    (gradient,) = torch.autograd.grad(
        p.family.from_natural(natural).log_prob(data(XP, p, x)).sum(), natural
    )
    scale = np.abs(np.asarray(p.family.sufficient_statistic(x))).max()
    close(gradient, np.asarray(p.score(x)).sum(axis=0), 1e-9, 1e-9 * scale)
    hessian = torch.autograd.functional.hessian(p.family.log_partition, natural.detach())
    close(hessian, p.fisher_information, 1e-8, 1e-9 * np.abs(p.fisher_information).max())


@pytest.mark.parametrize("name", [n for n, (f, _) in CASES.items() if f.name not in MAKERS])
def test_type_and_device_stay(name):
    """On the meta device there are no numbers: what made an array of its own elsewhere would fail."""
    p, q, x = members(name)[0]
    kind = torch.float32
    to = {"dtype": kind, "device": "meta"}
    a, b = (p.family.from_natural(torch.empty(np.shape(m.natural_parameter), **to)) for m in (p, q))
    x = torch.empty(x.shape, dtype=torch.int64 if p.family.discrete else kind, device="meta")
    for what, (_, operation) in OPERATIONS.items():
        try:
            value = operation(a, b, x)
        except TypeError as error:
            assert "needs numpy" in str(error), what
            continue
        except ValueError as error:
            assert "data to fit" in str(error)  # of no trials
            continue
        if isinstance(value, torch.Tensor):
            assert value.device.type == "meta", what
            counted = what in ("T", "h", "fit", "free parameters") and p.family.discrete
            assert counted or value.dtype == kind, what


def test_what_is_computed_without_gradients_is_not_kept():
    natural = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    p = GaussianKnownVariance(4.0).from_natural(natural)
    with torch.no_grad():
        assert not p.mean_parameter.requires_grad
    for _ in range(2):  # each with a graph of its own
        natural.grad = None
        p.log_prob(1.0).backward()
        close(natural.grad, 1.0 - 4.0 * 0.5)


def test_members_with_gradients_compare_and_refuse_in_words():
    natural = torch.tensor([0.5, -2.0], requires_grad=True)
    p = Gaussian().from_natural(natural)
    assert p == Gaussian().from_natural(natural)
    assert hash(p) == hash(Gaussian().from_natural(natural))
    assert p.same_member(Gaussian().from_natural(natural * (1 + 1e-7)))
    with pytest.raises(ValueError, match="quadratic natural parameter must be negative"):
        Gaussian().from_natural(-natural)


@pytest.mark.parametrize("name", ["Poisson", "Binomial(12)", "Multinomial(3)", "Logarithmic"])
def test_entropies_of_counts_differentiate(name):
    """Beside differences of numpy's."""
    family = CASES[name][0]
    natural = members(name)[0][0].natural_parameter - 0.25
    at = torch.tensor(natural, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(family.from_natural(at).entropy(), at)
    for i in np.ndindex(np.shape(natural)):
        step = np.zeros_like(natural)
        step[i] = 1e-5
        ends = [family.from_natural(natural + sign * step).entropy() for sign in (1, -1)]
        close(slope[i], (ends[0] - ends[1]) / 2e-5, 1e-7, 1e-9)


def test_entropies_of_rare_counts_have_slopes():
    at = torch.tensor([-690.0, -200.0, 1e-3], dtype=torch.float64, requires_grad=True)
    Binomial(12).from_natural(at).entropy().sum().backward()
    close(at.grad, [12 * 690 * np.exp(-690.0), 12 * 200 * np.exp(-200.0), 0.0], 2e-2, 1e-3)
    assert (at.grad[:2] > 0).all()


def test_kl_has_its_gradient_where_a_mean_is_0():
    """∂KL(p‖q)/∂η_p = I(p)(η_p − η_q), whatever is 0."""
    p, q = (VonMises().from_natural(v) for v in ([1.0, 0.0], [0.3, 0.4]))
    natural = torch.tensor(p.natural_parameter, requires_grad=True)
    p.family.from_natural(natural).kl(there(XP, q)).backward()
    close(natural.grad, p.fisher_information @ (p.natural_parameter - q.natural_parameter))


@pytest.mark.parametrize("name", ["Gamma", "Dirichlet(2)", "Poisson", "Multinomial(3)"])
def test_kl_bends_by_the_information_where_it_is_0(name):
    p = members(name)[0][0]
    a = there(XP, p)
    bend = torch.autograd.functional.hessian(
        lambda q: a.kl(p.family.from_natural(q)), a.natural_parameter
    )
    fisher = np.asarray(p.fisher_information)
    close(bend, fisher, 1e-9, 1e-9 * np.abs(fisher).max())


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_stays_what_it_is(dtype):
    kind = getattr(torch, dtype)
    natural = torch.tensor([0.5, 1.5, -0.25], dtype=kind)
    p = Multinomial(3, trials=4).from_natural(natural)
    for value in (p.mean_parameter, p.log_partition, p.log_prob([1, 2, 1]), p.kl(p)):
        assert value.dtype == kind
    wanted = Multinomial(3, trials=4).natural_to_mean([0.5, 1.5, -0.25])
    close(p.mean_parameter.double(), wanted, 3e-2)


def test_draws_and_other_libraries_are_refused_in_words():
    member = Multinomial(3).from_natural(torch.zeros(3))
    with pytest.raises(TypeError, match="draws are numpy's"):
        member.sample()
    strict = pytest.importorskip("array_api_strict")
    with pytest.raises(TypeError, match="x must be a Tensor, as the parameters are; got Array"):
        member.log_prob(strict.asarray([1, 0, 0]))


def test_kl_of_members_of_two_libraries():
    """As for x: numpy's goes beside tensors, in their type; tensors do not go beside numpy's."""
    for family in (Gamma(), Gaussian(), Multinomial(2)):
        p, q = (family.from_natural(at) for at in ([0.5, -2.0], [0.25, -1.0]))
        single = family.from_natural(torch.tensor([0.5, -2.0]))
        double = family.from_natural(torch.tensor([0.25, -1.0], dtype=torch.float64))
        assert single.kl(q).dtype == torch.float32
        assert single.kl(double).dtype == torch.float64
        close(single.kl(q), p.kl(q), 1e-4)
        close(single.kl(double), p.kl(q), 1e-6)
        with pytest.raises(TypeError, match="natural parameter must be numpy, as the parameters"):
            p.kl(double)


@pytest.mark.parametrize(
    ("family", "kept", "lost"),
    [
        (Poisson(), -700.0, -740.0),  # a rate without digits
        (Geometric(), -36.0, -40.0),  # P(success) = 1
        (ContinuousBernoulli(), 36.0, -37.0),  # a probability that torch clips
        (Weibull(0.01), -0.01, -1e-8),  # a scale of 1e800
    ],
    ids=str,
)
def test_what_torch_would_make_another_member_of_is_refused(family, kept, lost):
    p = family.from_natural(kept)
    close(from_torch(to_torch(p), family=family).natural_parameter, kept, 1e-12)
    with pytest.raises(ValueError, match="must be"):
        to_torch(family.from_natural(lost))
    with pytest.raises(ValueError, match="must be"):
        to_torch(family.from_natural(torch.tensor(kept)))  # float32 holds less


def test_a_weibull_law_of_scipy_has_a_scale():
    with pytest.raises(
        ValueError, match=r"Weibull: .*\(−η\)\^\(−1/shape\) must be a normal number"
    ):
        to_scipy(Weibull(0.01).from_natural([-1.0, -1e-8]))


def test_vmap_works():
    rows = torch.tensor([[0.2, 1.3, -0.5], [1.0, 2.0, 3.0]], dtype=torch.float64)
    close(torch.func.vmap(Multinomial(3).log_partition)(rows), special.logsumexp(rows.numpy()))


def test_weighted_logsumexp_differentiates_and_leaves_its_arguments_alone():
    """The asarray of older torch stops the gradients of what it is given."""
    x, b = (torch.tensor(v, dtype=torch.float64).requires_grad_() for v in ([0.2, 1.3], [2.0, 0.5]))
    gradients = torch.autograd.grad(special.logsumexp(x, b=b), (x, b))
    assert x.requires_grad
    assert b.requires_grad
    share = special.softmax([0.2 + np.log(2), 1.3 + np.log(0.5)])
    for gradient, wanted in zip(gradients, (share, share / [2.0, 0.5]), strict=True):
        close(gradient, wanted, 1e-14, 0)
