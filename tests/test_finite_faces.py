"""The faces of a FiniteFamily against all supporting lines of a polygon; near the boundary."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from test_finite import DIE, GRID, ISING, SETTINGS, SPINS

from expfam import FiniteFamily, check_family
from expfam.families import polytope

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


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9, 1e-12])
def test_near_a_face_what_is_small_has_its_digits(distance):
    for points in ([0.0, 1.0], [0.0, 1.0, 2.0], [0.0, 3.0, 5.0, 9.0]):
        family = FiniteFamily(range(len(points)), points)
        p = family.from_mean([distance])
        np.testing.assert_allclose(p.mean_parameter, distance, rtol=1e-13)
    p = GRID.from_mean([distance, 1.0])
    np.testing.assert_allclose(p.mean_parameter, [distance, 1.0], rtol=1e-13)
    p = GRID.from_mean([distance, distance / 3])
    np.testing.assert_allclose(p.mean_parameter, [distance, distance / 3], rtol=1e-13)


@pytest.mark.parametrize("many", [10**6, 10**12])
def test_counts_near_a_corner_that_is_not_0_keep_their_digits(many):
    p = FiniteFamily([1, 2], lambda x: x).fit([1, 2], [many, 1])
    np.testing.assert_allclose(p.log_prob(2), -math.log(many + 1), rtol=1e-14)


def test_means_at_very_different_distances_from_faces_are_inside():
    """Where HiGHS may give up: it proves nothing, and Newton's method decides."""
    points = np.array([[2, 3, 1], [2, -1, 1], [0, 2, -2], [-1, -2, 3], [1, 0, 0]])
    weights = np.array([1e-12, 1e-3, 1e-2, 1e-12, 1e-5])
    mean = weights @ points / weights.sum()
    p = FiniteFamily(range(5), points).from_mean(mean)
    np.testing.assert_allclose(p.mean_parameter, mean, rtol=1e-14)


def test_statistics_far_from_0_have_the_digits_of_their_differences():
    """T + c is the same family, with ⟨η, c⟩ more in A."""
    far = FiniteFamily(GRID.support, np.asarray(GRID.statistic) + 2.0**33)
    eta, other = [0.3, -0.7], [0.4, -0.9]
    p, q = GRID.from_natural(eta), far.from_natural(eta)
    np.testing.assert_allclose(q.log_prob(GRID.support), p.log_prob(GRID.support), rtol=1e-15)
    assert q.entropy() == pytest.approx(p.entropy(), rel=1e-14)
    assert q.kl(far.from_natural(other)) == pytest.approx(p.kl(GRID.from_natural(other)), rel=1e-14)


def test_means_are_rounded_but_faces_are_found():
    for share in (1 / 3, 0.1, 0.7):
        p = GRID.from_mean([2 * share, 2.0 - 2 * share])
        assert p.family == GRID
        edge = GRID.from_mean([2 * share, 2.0])
        assert edge.family.remaining == ([0, 2], [1, 2], [2, 2])
    slope = FiniteFamily(range(5), [[0.1, 0.7], [0.3, 0.1], [0.2, 0.4], [0.9, 0.9], [0.8, 0.2]])
    p = slope.from_mean([0.3 * 0.1 + 0.7 * 0.3, 0.3 * 0.7 + 0.7 * 0.1])
    assert p.family.remaining == (0, 1, 2)  # 2 lies between the first two


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


def test_weights_that_are_not_whole_are_on_the_face_or_off_it():
    always = DIE.fit([6, 6])
    assert always.log_likelihood(DIE.statistics([6], [0.5])) == 0.0
    assert always.log_likelihood(DIE.statistics([6, 5], [0.5, 0.25])) == -np.inf


def test_directions_that_are_not_whole_tell_sums_on_the_face_but_for_rounding():
    statistic, direction = np.array([[0.1], [2.5]]), np.array([0.3])
    on = polytope.all_on_face(statistic, direction, np.array([[7.5], [7.4]]), np.array([3.0, 3.0]))
    assert on.tolist() == [True, False]
