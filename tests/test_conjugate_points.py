"""Priors on points near a face, where weights beside others are small."""

from __future__ import annotations

import numpy as np
import pytest
from priors import close

from expfam import ConjugatePrior, FiniteFamily
from expfam.conjugate.points import balanced

TRIANGLE = FiniteFamily(list("abc"), [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
CORNERS = np.vstack([np.zeros(5), np.eye(5), np.ones(5)])
SEVEN = FiniteFamily(range(7), CORNERS)  # which leave one number open


@pytest.mark.parametrize("alpha", [[2, 1e-12, 1.25], [2, 1e-9, 1e-5], [3, 1e-11, 1e-10]])
def test_small_weights_of_a_simplex_keep_their_digits(alpha):
    prior = ConjugatePrior(TRIANGLE, alpha[1:], sum(alpha))
    close(prior.classical.parameters["alpha"], alpha, 1e-15)


@pytest.mark.parametrize("small", [1e-6, 1e-9, 1e-12])
def test_the_kl_of_priors_near_a_face_has_a_limit(small):
    """Of shares ε and 1.5 ε of a prior it is that of 1e-7, but for O(ε); log Z falls like −log ε."""

    def pair(small):
        rest = [0.1, 0.2, 0.1, 0.2]
        return (ConjugatePrior.from_mean(SEVEN, [k * small, *rest], 3.0) for k in (1.0, 1.5))

    (one, two), (near, beside) = pair(small), pair(1e-7)
    close(one.kl(two), near.kl(beside), 0.0, 10 * max(small, 1e-7))
    change = one.log_normalizer - near.log_normalizer
    close(change, np.log(1e-7 / small), 0.0, 100 * max(small, 1e-7))


def test_weights_that_are_rounded_are_put_right():
    rng = np.random.default_rng(1)
    for _ in range(20):
        points = rng.integers(-3, 4, (6, 3)).astype(float)
        if np.linalg.matrix_rank(points - points[0]) < 3:
            continue
        sizes = 10.0 ** rng.uniform(-9, 0, 6)
        total = sizes @ points
        spoilt = sizes * (1 + 1e-9 * rng.normal(size=6))
        spoilt *= sizes.sum() / spoilt.sum()
        new = balanced(spoilt, points, total, sizes.sum())
        gap = points - points[sizes.argmax()]
        scale = abs(sizes[:, None] * gap).max()
        assert abs(new @ gap - (total - sizes.sum() * points[sizes.argmax()])).max() < 1e-9 * scale
        assert abs(new.sum() - sizes.sum()) <= 4e-16 * sizes.sum()
        close(new, sizes, 1e-7)
