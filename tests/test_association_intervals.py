"""Intervals of Cramér's V, and how often they hold it."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from expfam import association
from expfam.association.strength import noncentral_bounds


@pytest.mark.parametrize("df", [1, 4, 12])
@pytest.mark.parametrize("root", [0.3, 1.0, 2.5, 6.0])
def test_noncentral_bounds_cover_as_they_say(df, root):
    """The statistics whose interval has the noncentrality make up 0.95 of its law."""

    def ends(y):
        return noncentral_bounds(y * y, df, 0.95)

    least = 0.0
    if ends(0.0)[1] < root:
        least = optimize.brentq(lambda y: ends(y)[1] - root, 0, root)
    most = optimize.brentq(lambda y: ends(y)[0] - root, root, root + 9)
    below, above = stats.ncx2.cdf([least**2, most**2], df, root**2)
    assert above - below == pytest.approx(0.95, abs=1e-6)


def test_noncentral_bounds_hold_what_they_are_made_of():
    """At each end the statistic is at the edge of what has probability 0.95 there."""
    for statistic, df in ((30.0, 3), (138.29, 9), (400.0, 1)):
        middle = math.sqrt(statistic)
        for end in noncentral_bounds(statistic, df, 0.95):
            reach = abs(middle - end)
            edges = [(end + reach) ** 2, max(end - reach, 0) ** 2]
            above, below = stats.ncx2.cdf(edges, df, end**2)
            assert above - below == pytest.approx(0.95, abs=1e-9)
    assert noncentral_bounds(0.0, 5, 0.95)[0] == 0 < noncentral_bounds(0.0, 5, 0.95)[1]
    near, far = noncentral_bounds(0.99e8, 3, 0.95), noncentral_bounds(1.01e8, 3, 0.95)
    assert near[1] - math.sqrt(0.99e8) == pytest.approx(far[1] - math.sqrt(1.01e8), abs=1e-3)


@pytest.mark.parametrize(
    "p",
    [[[0.25, 0.25], [0.25, 0.25]], [[0.2, 0.1, 0.1], [0.1, 0.3, 0.2]], [[0.4, 0.1], [0.1, 0.4]]],
)
def test_intervals_cover(p):
    """250 samples of 200: a true coverage of 0.95 is below 0.88 with probability 1e-6."""
    p = np.array(p)
    rng = np.random.default_rng(8)
    truth = association.cramers_v(p * 1e6).value
    tau = association.goodman_kruskal_tau(p * 1e6).value
    covered = np.zeros(2)
    for _ in range(250):
        x = rng.multinomial(200, p.ravel()).reshape(p.shape)
        v, t = association.cramers_v(x), association.goodman_kruskal_tau(x)
        covered += [v.lower <= truth <= v.upper, t.lower <= tau <= t.upper or tau == 0]
    assert (covered / 250 >= 0.88).all()
