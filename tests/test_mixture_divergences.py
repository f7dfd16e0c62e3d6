"""Divergences through mixtures of single draws."""

from __future__ import annotations

import numpy as np
import pytest
from pairs import by_sums, categories

from expfam import divergences as dv
from expfam.families import (
    Binomial,
    Categorical,
    Multinomial,
    Poisson,
)


@pytest.mark.parametrize("seed", range(5))
def test_mixtures_of_categories(seed):
    a, b = categories(4, seed, zeros=True), categories(4, seed + 20)
    m = (a + b) / 2
    exact = (by_sums(a, m, 1) + by_sums(b, m, 1)) / 2
    for family in (Categorical(4), Multinomial(4)):
        p, q = family.from_mean(a), family.from_mean(b)
        assert dv.jensen_shannon(p, q) == pytest.approx(exact, rel=1e-12)
        assert dv.total_variation(p, q) == pytest.approx(np.abs(a - b).sum() / 2, rel=1e-12)
    one, two = Binomial().from_mean([a[0], b[0]])
    pair = Categorical(2).from_mean([[a[0], 1 - a[0]], [b[0], 1 - b[0]]])
    assert dv.jensen_shannon(one, two) == pytest.approx(dv.jensen_shannon(*pair), rel=1e-12, abs=0)


def test_mixtures_at_the_edge():
    p, q, r = Categorical(2).from_mean([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    assert dv.jensen_shannon(p, q) == pytest.approx(np.log(2.0), rel=1e-15)
    assert dv.total_variation(p, q) == 1
    assert dv.total_variation(p, r) == 0.5
    assert dv.jensen_shannon(p, p) == dv.total_variation(p, p) == 0


@pytest.mark.parametrize("family", [Poisson(), Multinomial(2, trials=3), Binomial([1, 2])])
def test_mixtures_that_are_no_members_are_refused(family):
    p = family.from_natural(np.zeros(family.natural_shape))
    with pytest.raises(ValueError, match="jensen_shannon: members must be single draws of categ"):
        dv.jensen_shannon(p, p)
