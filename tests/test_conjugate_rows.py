"""Which prior of a batch it was that could not be computed."""

from __future__ import annotations

import numpy as np
import pytest
from test_conjugate_simulated import COINS

from expfam import Beta, ConjugatePrior, FiniteFamily, VonMises
from expfam.conjugate.rows import OfRow, each

THREE = FiniteFamily(range(3), [[0.0], [1.0], [2.0]], [0.0, -700.0, 0.0])


@pytest.mark.parametrize(
    ("family", "mean", "least"),
    [(VonMises(), [0.2, 0.5], 1e-17), (Beta(), [-1.0, -1.0], 1e100), (THREE, [0.7], 1e-110)],
)
def test_an_integral_that_does_not_settle_names_its_row(family, mean, least):
    fine = ConjugatePrior.from_mean(family, mean, 2.0)
    for exposure, row in (
        (least, "one did not"),
        ([2.0, 2.0, least], "one of row 2 did not"),
        ([[2.0], [least]], r"one of row \(1, 0\) did not"),
    ):
        prior = ConjugatePrior.from_mean(family, mean, exposure)
        for ask in (lambda p: p.log_normalizer, lambda p: p.kl(fine), lambda p: fine.kl(p)):
            with pytest.raises(ValueError, match=f"must settle to 1e-[0-9]+; {row}: with a larger"):
                ask(prior)


def test_a_simulation_of_too_few_directions_names_its_row():
    prior = ConjugatePrior.from_mean(COINS, np.full(6, 0.01), [900.0, 1e-4])
    for ask in (
        lambda: prior.simulated_log_normalizer(directions=100, rng=1),
        lambda: prior.simulated_kl(prior, directions=100, rng=1),
    ):
        with pytest.raises(ValueError, match=r"at least 50 directions must .* of 100 of row 1 did"):
            ask()


def test_a_row_is_told_as_arrays_are_indexed():
    def fails(x):
        if x < 0:
            raise OfRow("one{row} is negative")
        return x

    assert each(fails, (3,), [1, 2, 3]) == [1, 2, 3]
    for batch, text in (
        ((), "^one is"),
        ((1,), "one of row 0 is"),
        ((2, 3), r"of row \(1, 2\) is"),
    ):
        with pytest.raises(OfRow, match=text):
            each(fails, batch, [1] * (int(np.prod(batch)) - 1) + [-1])
