"""A member of any family: shapes, scalars, layouts, indexing, comparison."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from expfam import (
    Binomial,
    Categorical,
    Dirichlet,
    Distribution,
    Exponential,
    ExponentialFamily,
    Gamma,
    Gaussian,
    Multinomial,
    Poisson,
)

INF = np.inf

# family, η of p, η of q, an observation, s of the cumulant function
MEMBERS = [
    (Multinomial(3, trials=6), [0.2, 1.3, -0.5], [0.4, -0.3, 1.0], [1, 2, 3], [0.1, 0.2, -0.3]),
    (Multinomial(3, trials=5), [0.2, -INF, -0.5], [0.4, -0.3, 1.0], [1, 0, 4], [0.1, 0.2, -0.3]),
    (Categorical(3), [0.2, 1.3, -0.5], [0.4, -0.3, 1.0], 2, [0.1, 0.2, -0.3]),
    (Binomial(12), 0.7, -0.3, 5, 0.2),
    (Poisson(), 0.7, -0.3, 5, 0.2),
    (Gaussian(), [0.5, -2.0], [1.0, -0.25], 0.7, [0.1, -0.3]),
    (Gamma(), [0.5, -2.0], [1.0, -0.25], 0.7, [0.1, -0.3]),
]
IDS = [f"{family}-{i}" for i, (family, *_) in enumerate(MEMBERS)]
each = pytest.mark.parametrize(("family", "p", "q", "x", "s"), MEMBERS, ids=IDS)


def close(value, expected, rtol=1e-13, atol=1e-14):
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


@each
def test_results_without_axes_are_numbers(family, p, q, x, s):
    a, b = family.from_natural(p), family.from_natural(q)
    for value in (
        a.log_partition,
        a.log_prob(x),
        a.entropy(),
        a.kl(b),
        a.cross_entropy(b),
        a.convex_conjugate,
        a.cumulant_function(s),
        a.log_likelihood(x),
        family.log_partition(p),
        family.log_base_measure(x),
    ):
        assert type(value) is float
    assert type(a.degrees_of_freedom) is int
    if not family.natural_shape:
        assert type(family.natural_to_mean(p)) is float
        assert type(a.mean_parameter) is float
        assert type(a.fisher_information) is float
        assert type(family.mean_to_natural(a.mean_parameter)) is float


@each
def test_shapes_are_sample_batch_event(family, p, q, x, s):
    batch = family.from_natural(np.broadcast_to(p, (2, 1, *np.shape(p))))
    event, natural = family.event_shape, family.natural_shape
    assert batch.batch_shape == (2, 1)
    assert batch.mean_parameter.shape == (2, 1, *natural)
    assert batch.fisher_information.shape == (2, 1, *natural, *natural)
    for value in (batch.log_partition, batch.entropy(), batch.convex_conjugate, batch.kl(batch)):
        assert value.shape == (2, 1)
    assert batch.degrees_of_freedom.shape == (2, 1)
    assert batch.cumulant_function(s).shape == (2, 1)
    xs = np.broadcast_to(x, (5, 2, 3, *np.shape(x)))
    assert batch.log_prob(xs).shape == (5, 2, 3)
    assert batch.score(xs).shape == (5, 2, 3, *natural)
    assert batch.log_prob(x).shape == (2, 1)
    assert batch.sample((4, 3), rng=1).shape == (4, 3, 2, 1, *event)
    assert batch.sample(3, rng=1).shape == (3, 2, 1, *event)
    assert batch.sample(rng=1).shape == (2, 1, *event)
    assert batch.sample((0, 3), rng=1).shape == (0, 3, 2, 1, *event)
    alone = family.from_natural(p)
    assert np.shape(alone.sample((), rng=1)) == event
    assert alone.log_prob(np.broadcast_to(x, (0, *np.shape(x)))).shape == (0,)
    empty = family.from_natural(np.broadcast_to(p, (0, *np.shape(p))))
    assert empty.mean_parameter.shape == (0, *natural)
    assert empty.entropy().shape == empty.kl(alone).shape == (0,)
    assert empty.sample(2, 1).shape == (2, 0, *event)


@each
def test_members_are_values(family, p, q, x, s):
    a, same, other = family.from_natural(p), Distribution(family, p), family.from_natural(q)
    assert a == same
    assert hash(a) == hash(same)
    assert a != other
    assert a != "p"
    assert len({a, same, other}) == 2
    assert a.same_member(same)
    assert not a.same_member(other)
    assert copy.deepcopy(a) == a == pickle.loads(pickle.dumps(a))
    with pytest.raises(AttributeError):
        a.family = None


@each
def test_parameters_are_read_only_and_inputs_are_not_touched(family, p, q, x, s):
    natural, data = np.array(p, dtype=float), np.array([x, x])
    before, data_before = natural.copy(), data.copy()
    a = family.from_natural(natural)
    for value in (a.natural_parameter, a.mean_parameter):
        if family.natural_shape:
            assert not value.flags.writeable
    with np.errstate(all="raise"):
        a.log_prob(data), a.score(data), a.log_likelihood(data), a.entropy(), a.kl(a)
        a.cumulant_function(s), a.sample(3, 1), family.statistics(data)
        family.natural_to_mean(natural), family.fisher_information(natural)
    assert (natural == before).all()
    assert (data == data_before).all()
    natural.flags.writeable = data.flags.writeable = False
    assert family.from_natural(natural).log_prob(data).shape == (2,)
    if natural.ndim:
        assert natural is not a.natural_parameter


@each
def test_any_layout_of_parameters_gives_the_same_member(family, p, q, x, s):
    batch = np.array([p, q, p], dtype=float)
    a = family.from_natural(batch)
    for odd in (
        np.asfortranarray(batch),
        np.repeat(batch, 2, axis=0)[::2],
        batch[::-1].copy()[::-1],
        batch.astype(">f8"),
        batch.tolist(),
    ):
        assert family.from_natural(odd) == a
        assert (family.natural_to_mean(odd) == family.natural_to_mean(batch)).all()
    assert a.natural_parameter.dtype == np.float64
    single = family.from_natural(np.asarray(p, dtype=np.float32))
    assert single.natural_parameter.dtype == np.float64
    close(single.mean_parameter, a[0].mean_parameter, 1e-5)


@each
def test_indexing(family, p, q, x, s):
    batch = family.from_natural(np.array([[p, q, p], [q, q, p]]))
    one, other = family.from_natural(p), family.from_natural(q)
    assert batch[0, 1] == other
    assert batch[1].batch_shape == (3,)
    assert batch[..., 0].batch_shape == (2,)
    assert batch[..., 0][0] == one
    assert batch[:, 1:].batch_shape == (2, 2)
    assert batch[np.array([True, False])].batch_shape == (1, 3)
    assert [len(row) for row in batch] == [3, 3]
    with pytest.raises(IndexError):
        batch[2]
    with pytest.raises(TypeError, match="one member has no batch to index"):
        one[0]
    with pytest.raises(TypeError, match="one member has no length"):
        len(one)


def test_minus_zero_is_zero():
    a, b = Poisson().from_natural(0.0), Poisson().from_natural(-0.0)
    assert a == b
    assert hash(a) == hash(b)


def test_same_member_is_up_to_gauge_and_equality_is_not():
    family = Multinomial(3)
    a, b = family.from_natural([0.1, -INF, 2.0]), family.from_natural([5.1, -INF, 7.0])
    assert a != b
    assert a.same_member(b)
    assert not a.same_member(family.from_natural([0.1, -30.0, 2.0]))
    assert not a.same_member(family.from_natural([[0.1, -INF, 2.0]]))
    far = family.from_natural([1e6 + 0.1, -INF, 1e6 + 2.0])
    assert a.same_member(far)


def test_members_of_extreme_scales_are_told_apart_and_roundings_are_not():
    apart = [
        (Exponential(), -1e-17, -1e-18),
        (Gaussian(), [0.0, -2.5e-21], [0.0, -5e-21]),
        (Dirichlet(2), [1e-50, 1e-50], [1e-40, 1e-40]),
        (Gamma(), [0.5, -1e-20], [0.5, -3e-20]),
    ]
    for family, *natural in apart:
        a, b = (family.from_natural(η) for η in natural)
        assert not a.same_member(b)
        assert a.same_member(family.from_natural(np.asarray(natural[0]) * (1 + 2**-52)))
    assert Poisson().from_natural(0.0).same_member(Poisson().from_natural(1e-17))


def test_members_of_different_families_are_not_compared():
    a = Multinomial(["a", "b"]).from_natural([0.0, 0.0])
    for other in (
        Multinomial(["b", "a"]).from_natural([0.0, 0.0]),
        Multinomial(["a", "b"], 3).from_natural([0.0, 0.0]),
        Poisson().from_natural(0.0),
    ):
        for compare in (a.kl, a.cross_entropy, a.same_member):
            with pytest.raises(ValueError, match="both must be members of one family; got"):
                compare(other)
    for other in (None, 3, [0.0, 0.0]):
        with pytest.raises(TypeError, match="the other must be a Distribution; got"):
            a.kl(other)
    b, c = Poisson().from_natural([0.0, 1.0]), Poisson().from_natural([0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match=r"batches must broadcast; got \(2,\) and \(3,\)"):
        b.kl(c)


def test_draws():
    p = Poisson().from_natural([0.0, 1.0])
    assert (p.sample(5, 1) == p.sample(5, np.random.Generator(np.random.Philox(1)))).all()
    assert p.sample(5).shape == (5, 2)
    for shape in ("a", -1, 1.5, (2, True), (2, -1), None):
        with pytest.raises(ValueError, match="Poisson: shape must be non-negative ints; got"):
            p.sample(shape, 1)
    for rng, error in ((-1, ValueError), (1.5, TypeError), ("1", TypeError), (True, TypeError)):
        with pytest.raises(error, match="rng must be None, an int"):
            p.sample(1, rng)
    assert p.sample([2, 3], 1).shape == (2, 3, 2)


def test_foreign_members():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    natural = torch.tensor([[0.2, 1.3], [0.0, 1.0]], dtype=torch.float64)
    batch = Multinomial(2, trials=[3, 4]).from_natural(natural)
    assert isinstance(batch[0].natural_parameter, torch.Tensor)
    assert batch[1].family == Multinomial(2, 4)
    assert isinstance(batch.mean_parameter, torch.Tensor)
    plain = Multinomial(2, trials=[3, 4]).from_natural(natural.numpy())
    assert batch == plain
    assert hash(batch) == hash(plain)
    assert batch.same_member(plain)
    close(batch.cumulant_function([0.1, 0.2]), plain.cumulant_function([0.1, 0.2]))
    close(batch.log_likelihood([[1, 2], [3, 1]]), plain.log_likelihood([[1, 2], [3, 1]]))
    with pytest.raises(TypeError, match="x must be numpy, as the parameters are"):
        plain.log_prob(torch.tensor([[1, 2], [3, 1]]))
    with pytest.raises(TypeError, match="draws are numpy's"):
        batch.sample()
    wrapped = torch.tensor([2**62] * 5)
    member = Multinomial(5, 2**62).from_natural(torch.zeros(5, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"counts must sum to at most 2\*\*62"):
        member.log_prob(wrapped)
    with pytest.raises(ValueError, match="must have a positive probability"):
        Multinomial(2).baseline(torch.tensor([0.0, -INF]), 1)
    close(Poisson().from_natural(torch.tensor(0.0)).entropy(), 1.3048422422, 1e-6)


def test_a_family_is_abstract_and_compares_by_type_and_fields():
    with pytest.raises(TypeError, match="abstract"):
        ExponentialFamily()
    assert Gaussian() == Gaussian() != Gamma()
    assert hash(Poisson()) == hash(Poisson())
    assert Poisson() != 3
    assert Gaussian().name == "Gaussian"
    assert "family=Poisson()" in repr(Poisson().from_natural(0.0))
