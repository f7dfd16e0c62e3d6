"""FiniteFamily against enumeration, and its faces against all supporting lines of a polygon."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from expfam import Binomial, Categorical, FiniteFamily, check_family
from expfam.families import polytope

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


# ------------------------------------------------------------ faces


def minimal_face(points, seen):
    """The points on every supporting line of a polygon that has all that were seen: all pairs."""
    face = set(range(len(points)))
    for a, b in itertools.combinations(points, 2):
        normal = (b[1] - a[1], a[0] - b[0])
        values = [normal[0] * x + normal[1] * y for x, y in points]
        for sign in (1, -1):
            top = max(sign * v for v in values)
            on = {i for i, v in enumerate(values) if sign * v == top}
            if set(seen) <= on:
                face &= on
    # corners have no line of two points to themselves, but are met by two of their edges
    return face


POINTS = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=8, unique=True
)


@SETTINGS
@given(POINTS, st.data())
def test_the_face_of_a_fit_is_the_least_one(points, data):
    seen = data.draw(st.lists(st.integers(0, len(points) - 1), min_size=1, max_size=6))
    weights = data.draw(st.lists(st.integers(1, 10**6), min_size=len(seen), max_size=len(seen)))
    family = FiniteFamily(points, points)
    corners = minimal_face(points, seen)
    if family.dimension == 1:  # a line has its two ends, which no pair shows
        line = [x * 9 + y for x, y in points]
        for top in (max(line), min(line)):
            if all(line[i] == top for i in seen):
                corners = set(seen)
    p = family.fit([points[i] for i in seen], weights)
    assert set(map(tuple, p.family.remaining)) == {points[i] for i in corners}
    average = np.average([points[i] for i in seen], axis=0, weights=weights)
    np.testing.assert_allclose(p.mean_parameter, average, atol=1e-12)
    assert p.degrees_of_freedom == (p.family.dimension)
    if len(corners) < len(points):
        direction = p.family.recession
        values = np.array(points) @ direction
        assert {i for i, v in enumerate(values) if v == values.max()} == corners
        data = family.statistics([points[i] for i in seen], weights)
        rising = [
            family.from_natural(p.natural_parameter + s * direction).log_likelihood(data)
            for s in (0, 1, 2, 40)
        ]
        limit = p.log_likelihood(data)
        assert (np.diff([*rising, limit]) >= -1e-9 * abs(limit) - 1e-9).all()


def test_a_face_is_the_limit_along_its_direction():
    p = GRID.fit([[2, 0], [2, 1]])
    assert p.family.remaining == ([2, 0], [2, 1], [2, 2])
    np.testing.assert_array_equal(p.family.recession, [1.0, 0.0])
    far = GRID.from_natural(p.natural_parameter + 40.0 * p.family.recession)
    np.testing.assert_allclose(
        np.exp(far.log_prob(GRID.support)), np.exp(p.log_prob(GRID.support)), atol=1e-15
    )
    assert p.log_likelihood([[2, 0], [2, 1]]) == pytest.approx(p.log_prob([[2, 0], [2, 1]]).sum())
    assert p.log_likelihood([[2, 0], [1, 1]]) == -np.inf
    assert p.log_likelihood(GRID.statistics([[2, 0], [2, 1]])) == p.log_likelihood([[2, 0], [2, 1]])


def test_a_face_of_a_face():
    edge = GRID.face([1.0, 0.0])
    corner = edge.fit([[2, 2]])
    assert corner.family.remaining == ([2, 2],)
    assert corner.family == GRID.face([3, 1]) == GRID.fit([[2, 2]]).family
    assert hash(corner.family) == hash(GRID.face([1, 1]))
    assert edge.face([0.0, -1.0]).remaining == ([2, 0],)
    assert corner.entropy() == 0.0
    assert corner.degrees_of_freedom == 0
    assert GRID.face([1.0, 1e-3]) == corner.family  # only a direction itself may be nearly level


def test_separated_logistic_regression():
    """Agresti (2013), section 6.5.1: six responses, all 1 where the covariate is above 35."""
    x = np.array([10, 20, 30, 40, 50, 60])
    design = np.stack([np.ones(6, dtype=int), x], axis=-1)
    responses = list(itertools.product([0, 1], repeat=6))
    family = FiniteFamily(responses, lambda y: y @ design)
    p = family.fit([[0, 0, 0, 1, 1, 1]])
    assert p.family.remaining == ([0, 0, 0, 1, 1, 1],)
    side = design @ p.family.recession
    assert (side[:3] < 0).all()
    assert (side[3:] > 0).all()
    quasi = family.fit([[0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1]])
    assert set(map(tuple, quasi.family.remaining)) == {(0, 0, 0, 1, 1, 1), (0, 0, 1, 1, 1, 1)}
    assert (design @ quasi.family.recession)[2] == 0
    overlap = family.fit([[0, 1, 0, 1, 0, 1]])
    assert overlap.family == family


def test_a_table_with_a_zero_margin():
    """Independence of 2 × 3 counts: a column of zeros is a face; a single zero is none."""
    cells = list(itertools.product(range(2), range(3)))
    family = FiniteFamily([f"{r}{c}" for r, c in cells], [[r, c == 1, c == 2] for r, c in cells])
    p = family.fit([0, 1, 1, 4, 3])
    assert p.family.remaining == ("00", "01", "10", "11")
    np.testing.assert_array_equal(p.family.recession, [0.0, 0.0, -1.0])
    assert family.fit([0, 1, 2, 3, 4]).family == family


# ------------------------------------------------------------ near the boundary


@pytest.mark.parametrize("few", [1, 3])
@pytest.mark.parametrize("many", [10**3, 10**6, 10**9, 10**12])
def test_one_in_many_is_inside(few, many):
    p = DIE.fit([1, 2], [many, few])
    assert p.family == DIE
    np.testing.assert_allclose(p.mean_parameter, (many + 2 * few) / (many + few), rtol=1e-14)
    assert DIE.fit([1, 1], [many, few]).family.remaining == (1,)


def test_means_are_rounded_but_faces_are_found():
    for share in (1 / 3, 0.1, 0.7):
        p = GRID.from_mean([2 * share, 2.0 - 2 * share])
        assert p.family == GRID
        edge = GRID.from_mean([2 * share, 2.0])
        assert edge.family.remaining == ([0, 2], [1, 2], [2, 2])
    slope = FiniteFamily(range(5), [[0.1, 0.7], [0.3, 0.1], [0.2, 0.4], [0.9, 0.9], [0.8, 0.2]])
    p = slope.from_mean([0.3 * 0.1 + 0.7 * 0.3, 0.3 * 0.7 + 0.7 * 0.1])
    assert p.family.remaining == (0, 1, 2)  # 2 lies between the first two


@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_faces_of_real_statistics_are_found_however_far_they_are_from_0(offset):
    """A triangle and a point inside: fits of two corners are on an edge, of all inside."""
    random = np.random.default_rng(5)
    for _ in range(40):
        corners = random.normal(size=(3, 2))
        statistic = np.concatenate([corners, corners.mean(axis=0, keepdims=True)]) + offset
        family = FiniteFamily(range(4), statistic)
        assert family.dimension == 2
        assert family.fit([0, 1]).family.remaining == (0, 1)
        assert family.fit([2, 2, 1]).family.remaining == (1, 2)
        assert family.fit([0]).family.remaining == (0,)
        assert family.fit([0, 1, 2]).family == family


@pytest.mark.parametrize("offset", [1e6, 1e8])
def test_a_mean_that_rounding_has_moved_is_on_a_face_or_refused(offset):
    random = np.random.default_rng(1)
    for _ in range(60):
        family = FiniteFamily(range(6), random.normal(size=(6, 2)) + offset)
        try:
            p = family.fit(random.integers(0, 6, size=4))
        except ValueError as error:
            assert "too near to its boundary" in str(error)
        else:
            assert p.family.dimension <= 2


def test_two_points_are_a_segment_in_any_dimension():
    """Of a column that hardly varies rounding leaves differences that are none of dimension."""
    statistic = [[-0.61, 0.762590047647153, 0.33], [-0.43, 0.7712830382720727, -1.3]]
    family = FiniteFamily(["a", "b"], statistic, [0.0, 3.0])
    assert family.dimension == 1
    assert family.fit([0, 1, 1]).log_prob([0, 1]) == pytest.approx(
        np.log([1 / 3, 2 / 3]), rel=1e-13
    )


def test_fits_keep_the_digits_of_a_mean_near_a_corner():
    family = FiniteFamily(range(3), np.eye(3))
    small = 2.0**-30  # sums are exact
    mean = np.array([[small, 1.0 - 3 * small, 2 * small], [1.0 - 9 * small, small, 8 * small]])
    natural = family.from_mean(mean).natural_parameter
    wanted = np.log(mean)
    np.testing.assert_allclose(natural, wanted - wanted.mean(axis=-1, keepdims=True), rtol=2e-15)


def test_one_datum_in_many_off_a_face_is_impossible():
    always = DIE.fit([6, 6])
    for other, limit in ((6, 0.0), (5, -np.inf)):
        data = DIE.statistics([6, other], [10**15, 1])
        assert always.log_likelihood(data) == limit


def test_a_mean_too_near_to_a_face_is_refused():
    with pytest.raises(ValueError, match="by more than rounding; row 0 is too near"):
        DIE.fit([1, 2], [2**61, 1])


def test_a_mean_outside_is_refused_with_the_direction():
    with pytest.raises(ValueError, match=r"where ⟨\(1, 1\), T⟩ ≤ 4; row 0 has 5"):
        FiniteFamily([[0, 0], [4, 0], [0, 4]], lambda x: x).from_mean([2.5, 2.5])
    with pytest.raises(ValueError, match=r"FiniteFamily: mean parameter must be in the polytope"):
        FiniteFamily(["a", "b"], np.eye(2)).from_mean([0.5, 0.6])
    with pytest.raises(ValueError, match=r"where ⟨\(1\), T⟩ ≤ 6; row 0 has 1e-09 more"):
        DIE.from_mean([6 + 1e-9])
    with pytest.raises(ValueError, match=r"not on the face with the largest ⟨\(-1\), T⟩"):
        DIE.mean_to_natural([1.0])


def test_a_batch_has_one_face():
    p = GRID.from_mean([[2.0, 0.5], [2.0, 1.2]])
    assert p.family.remaining == ([2, 0], [2, 1], [2, 2])
    with pytest.raises(ValueError, match="means of one batch must lie on one face; row 0 belongs"):
        GRID.from_mean([[1.0, 0.5], [2.0, 1.2]])


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


@pytest.mark.parametrize("case", ["edge", "overcomplete"])
def test_laws_hold_on_faces(case):
    family = {
        "edge": ISING.fit([SPINS[0], SPINS[3]]).family,
        "overcomplete": FiniteFamily(SPINS, lambda x: np.concatenate([x, x + 1, x[:1] * x[1:2]])),
    }[case]
    check_family(family).raise_if_failed()


@SETTINGS
@given(st.lists(st.integers(-30, 30), min_size=1, max_size=5))
def test_directions_in_integers(whole):
    assume(any(whole))
    found = polytope.in_integers(np.array(whole) * 0.37)
    common = math.gcd(*whole)
    np.testing.assert_array_equal(found, np.array(whole) // common)


def test_a_direction_that_is_none_of_integers_stays():
    direction = np.array([1.0, math.pi])
    assert polytope.in_integers(direction) is direction
    assert not polytope.in_integers(np.zeros(2)).any()
