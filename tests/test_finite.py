"""FiniteFamily against enumeration; minimality; what is given and what is refused."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import settings

from expfam import Binomial, Categorical, FiniteFamily

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)
EDGES = ((0, 1), (1, 2), (2, 3), (3, 0))
SPINS = list(itertools.product([-1, 1], repeat=4))


def ising(x):
    """T of four spins in a ring: their values, and the products of neighbours."""
    return np.concatenate([x, [x[i] * x[j] for i, j in EDGES]])


ISING = FiniteFamily(SPINS, ising)
DIE = FiniteFamily(range(1, 7), lambda face: face)
GRID = FiniteFamily(list(itertools.product(range(3), repeat=2)), lambda x: x)


# ------------------------------------------------------------ against enumeration


def test_ising_is_its_enumeration():
    field, coupling = np.array([0.3, -0.2, 0.1, 0.5]), np.array([0.4, -0.7, 0.2, 1.1])
    p = ISING.from_natural(np.concatenate([field, coupling]))
    weight = {}
    for s in SPINS:
        bonds = sum(c * s[i] * s[j] for c, (i, j) in zip(coupling, EDGES, strict=True))
        weight[s] = math.exp(sum(f * v for f, v in zip(field, s, strict=True)) + bonds)
    z = math.fsum(weight.values())
    assert p.log_partition == pytest.approx(math.log(z), rel=1e-14)
    np.testing.assert_allclose(p.log_prob(SPINS), [math.log(weight[s] / z) for s in SPINS])
    entropy = -math.fsum(w / z * math.log(w / z) for w in weight.values())
    assert p.entropy() == pytest.approx(entropy, rel=1e-14)
    mean = [math.fsum(w / z * ising(np.array(s))[k] for s, w in weight.items()) for k in range(8)]
    np.testing.assert_allclose(p.mean_parameter, mean, atol=1e-15)
    back = ISING.from_mean(p.mean_parameter)
    np.testing.assert_allclose(back.natural_parameter, p.natural_parameter, atol=1e-13)


def test_it_is_the_binomial():
    log_base = [math.log(math.comb(9, x)) for x in range(10)]
    family = FiniteFamily(range(10), lambda x: x, log_base)
    p, wanted = family.fit([3, 4, 9]), Binomial(9).fit([3, 4, 9])
    assert p.natural_parameter[0] == pytest.approx(wanted.natural_parameter, rel=1e-14)
    np.testing.assert_allclose(p.log_prob(range(10)), wanted.log_prob(range(10)), rtol=1e-13)
    assert p.entropy() == pytest.approx(wanted.entropy(), rel=1e-14)
    other = wanted.family.from_natural(0.3)
    assert p.kl(family.from_natural([0.3])) == pytest.approx(wanted.kl(other), rel=1e-13)


def test_it_is_the_categorical():
    family, other = FiniteFamily(["a", "b", "c"], np.eye(3)), Categorical(["a", "b", "c"])
    assert (family.minimal, family.dimension) == (False, 2)
    natural = [[0.3, -1.0, 2.0], [4.0, 0.0, 0.0]]
    p, q = family.from_natural(natural), other.from_natural(natural)
    np.testing.assert_allclose(p.mean_parameter, q.mean_parameter, rtol=1e-14)
    np.testing.assert_allclose(p.log_prob([[2], [0]]), q.log_prob([[2], [0]]), rtol=1e-13)
    back = family.from_mean(p.mean_parameter)
    assert back.same_member(p)
    np.testing.assert_allclose(back.natural_parameter.sum(axis=-1), 0.0, atol=1e-14)


@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9, 1e-12, 3.0, 700.0])
def test_kl_keeps_its_digits(gap):
    eta = np.array([0.7, -0.3])
    other = eta + gap * np.array([1.0, -0.5])
    with mpmath.workdps(50):

        def log_z(natural):
            a, b = (mpmath.mpf(float(v)) for v in natural)
            return mpmath.log(sum(mpmath.exp(a * x + b * y) for x, y in GRID.support.tolist()))

        a, b = (mpmath.mpf(float(v)) for v in eta)
        p = [mpmath.exp(a * x + b * y - log_z(eta)) for x, y in GRID.support.tolist()]
        da, db = (
            mpmath.mpf(float(v)) - mpmath.mpf(float(u)) for u, v in zip(eta, other, strict=True)
        )
        slope = sum(
            w * (da * x + db * y) for w, (x, y) in zip(p, GRID.support.tolist(), strict=True)
        )
        wanted = float(log_z(other) - log_z(eta) - slope)
    got = GRID.from_natural(eta).kl(GRID.from_natural(other))
    assert got == pytest.approx(wanted, rel=1e-11, abs=0)


def test_a_statistic_far_from_0_tells_the_same_members_apart():
    """T + 10⁶ has the same probabilities, and every entry of T + 10⁶ here is a double."""
    statistic = np.array([[0.25, -1.5], [0.5, 0.75], [-1.25, 0.125]])
    near, far = (FiniteFamily(range(3), statistic + offset) for offset in (0.0, 1e6))
    p, q = np.array([0.75, -0.73]), np.array([1.3, 0.68])
    got, wanted = (f.from_natural(p).kl(f.from_natural(q)) for f in (far, near))
    assert got == pytest.approx(wanted, rel=1e-13)
    got, wanted = (f.from_natural(p).log_prob([0, 1, 2]) for f in (far, near))
    np.testing.assert_allclose(got, wanted, rtol=1e-14)


def test_points_may_be_vectors_of_numbers():
    family = FiniteFamily(
        [[0.5, -1.0], [0.25, 0.0], [-0.0, 2.0]], np.eye(3)[:, :2], [0.0, 1.0, 2.0]
    )
    assert family.event_shape == (2,)
    assert not family.discrete
    np.testing.assert_array_equal(
        family.sufficient_statistic([[0.0, 2.0], [0.5, -1.0]]), [[0, 0], [1, 0]]
    )
    np.testing.assert_array_equal(family.log_base_measure([[0.25, 0.0]]), [1.0])
    with pytest.raises(
        ValueError, match="observations must be points of the support; entry 0 begins"
    ):
        family.fit([[0.5, 0.0]])


# ------------------------------------------------------------ minimality


def test_directions_of_constancy_are_named():
    one_way = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]])
    family = FiniteFamily(["x", "y", "z"], one_way)
    directions = family.directions_of_constancy
    assert (family.dimension, family.minimal, len(directions)) == (1, False, 2)
    for direction in directions:
        assert np.ptp(one_way @ direction) == 0
        assert (direction == np.rint(direction)).all()
        p = family.from_natural([0.3, 0.2, 0.1])
        moved = family.from_natural(p.natural_parameter + 2.5 * direction)
        assert moved.same_member(p)
        assert p.kl(moved) == pytest.approx(0.0, abs=1e-30)
    assert ISING.minimal
    assert ISING.directions_of_constancy.shape == (0, 8)


def test_fewer_points_than_statistics():
    family = FiniteFamily(["a", "b"], [[1, 0, 2], [0, 1, 2]])
    assert (family.dimension, family.directions_of_constancy.shape) == (1, (2, 3))
    assert np.ptp(family.statistic @ family.directions_of_constancy.T, axis=0).tolist() == [0, 0]
    np.testing.assert_allclose(family.fit([0, 1, 1]).mean_parameter, [1 / 3, 2 / 3, 2])


def test_many_points_are_fitted_in_seconds():
    """2¹² states of a chain of twelve: no program of linear inequalities is needed."""
    states = np.array(list(itertools.product([0, 1], repeat=12)))
    family = FiniteFamily(states, lambda s: np.append(s, s[1:] * s[:-1]))
    p = family.from_natural(np.linspace(-1, 1, 23))
    q = family.fit(p.sample(2000, rng=1))
    assert q.family == family
    assert p.kl(q) < 23 / 2000 * 3


# ------------------------------------------------------------ what is given


def test_families_compare_by_value():
    again = FiniteFamily(np.arange(1, 7), np.arange(1, 7)[:, None])
    assert again == DIE
    assert hash(again) == hash(DIE)
    assert FiniteFamily(range(1, 7), np.arange(6)) != DIE
    assert FiniteFamily([1, "a"], [0, 1]) != FiniteFamily([True, "a"], [0, 1])
    assert repr(DIE) == "FiniteFamily(6 points, d=1)"
    assert repr(DIE.face([1.0])) == "FiniteFamily(6 points, the face of 1, d=1)"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: FiniteFamily([1, 1], [0, 1]), "points must be distinct"),
        (lambda: FiniteFamily(["a", "a"], [0, 1]), "labels must be distinct"),
        (lambda: FiniteFamily([], []), "there must be at least one category"),
        (lambda: FiniteFamily([1.0, np.nan], [0, 1]), "a missing value"),
        (lambda: FiniteFamily([1, 2], [0, 1, 2]), r"shape \(2,\) or \(2, d\); got \(3, 1\)"),
        (lambda: FiniteFamily([1, 2], np.zeros((2, 0))), "statistic must have the shape"),
        (lambda: FiniteFamily([1, 2], [0, np.inf]), "the statistic must be finite"),
        (lambda: FiniteFamily([1, 2], [0, 1], [0, np.nan]), "log_base must be finite"),
        (
            lambda: FiniteFamily([1, 2], [0, 1], [0, 1, 2]),
            r"log_base must be a number or \(2,\); got the shape \(3,\)",
        ),
        (lambda: FiniteFamily([1, 2], ["a", "b"]), "the statistic must be real numbers"),
        (lambda: DIE.face([1.0, 2.0]), "direction must have the shape"),
        (lambda: DIE.from_natural([1e100]), "must be at most 1e100 in size"),
        (
            lambda: FiniteFamily(["a", "b"], [0, 1]).fit([2]),
            "codes must be from 0 to 1; entry 0 is 2",
        ),
        (lambda: FiniteFamily("ab", [0, 1]), "labels; got 'ab'"),
    ],
)
def test_what_is_wrong_is_said(call, text):
    with pytest.raises((ValueError, TypeError), match=text) as error:
        call()
    assert str(error.value).startswith("FiniteFamily: ")


def test_foreign_arrays():
    xp = pytest.importorskip("array_api_strict")
    eta = xp.asarray([0.2] * 8)
    p = ISING.from_natural(np.full(8, 0.2))
    np.testing.assert_allclose(np.asarray(ISING.natural_to_mean(eta)), p.mean_parameter, atol=1e-15)
    assert float(ISING.log_partition(eta)) == pytest.approx(p.log_partition)
    assert float(ISING.from_natural(eta).kl(ISING.from_natural(0 * eta))) == pytest.approx(
        p.kl(ISING.from_natural(np.zeros(8)))
    )
    back = ISING.from_mean(xp.asarray(p.mean_parameter)).natural_parameter
    np.testing.assert_allclose(np.asarray(back), np.asarray(eta), atol=1e-12)
    with pytest.raises(ValueError, match="not on the face .* .from_mean of numpy has"):
        ISING.from_mean(xp.asarray([1.0] * 8))
    with pytest.raises(TypeError, match="observations must be numpy"):
        ISING.log_base_measure(xp.asarray(SPINS))


def test_log_prob_of_codes_and_points_beside_tensors():
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install torch")
    eta = torch.full((8,), 0.2, dtype=torch.float64)
    found, p = ISING.from_natural(eta).log_prob(SPINS), ISING.from_natural(np.full(8, 0.2))
    assert isinstance(found, torch.Tensor)
    np.testing.assert_allclose(found.numpy(), p.log_prob(SPINS), atol=1e-14)


def test_weights_that_are_no_integers_do_not_hide_a_point_off_a_face():
    """Of T of one sign no sum cancels: a weight of 1.5 beside 2e14 is no rounding."""
    family = FiniteFamily(range(3), [[0, 0], [1, 0], [0, 1]])
    face = family.fit([0, 1])
    for size in (1e14, 1e300):
        weights = [size, size, 1e-14 * size + 0.5]
        assert face.log_likelihood(family.statistics([0, 1, 2], weights)) == -np.inf
        with pytest.raises(ValueError, match="too near to its boundary"):
            family.fit([0, 1, 2], weights=weights)
    weights = [0.1e14, 0.7e14, 0.0]
    assert face.log_likelihood(family.statistics([0, 1, 2], weights)) < 0
    assert family.fit([0, 1, 2], weights=weights).family == face.family
