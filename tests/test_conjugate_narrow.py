"""Priors from what comes in narrow floats."""

from __future__ import annotations

import numpy as np
import pytest
from priors import prior_of

from expfam import Binomial, Categorical, ConjugatePrior, Gaussian, Multinomial


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_classical_forms_of_narrow_floats_are_those_of_doubles(kind):
    for family, values in (
        (Binomial(), {"alpha": 100.1, "beta": 0.1}),
        (Gaussian(), {"mean": 300.1, "exposure": 1.3, "shape": 2.0, "rate": 3.0}),
        (Categorical(3), {"alpha": [1e4, 0.1, 0.1]}),
    ):
        narrow = {name: np.asarray(x, kind) for name, x in values.items()}
        wide = {name: np.asarray(x, float) for name, x in narrow.items()}
        assert prior_of(family, **narrow).total.tolist() == prior_of(family, **wide).total.tolist()


@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize("family", [Categorical(3), Multinomial(3, trials=4)])
def test_narrow_shares_may_be_off_by_their_rounding(family, kind):
    shares = np.array([0.1, 0.2, 0.7], kind)
    assert abs(shares.astype(float).sum() - 1) > 1e-9
    for prior in (
        ConjugatePrior.from_mean(family, shares, 4),
        ConjugatePrior(family, 4 * shares, 4.0),
    ):
        assert prior.total.tolist() == (4.0 * shares.astype(float)).tolist()
        assert prior.exposure == prior.total.sum()
    rule = "exposure must be the sum of total"
    for came in (shares.astype(float), 1.01 * shares):
        with pytest.raises(ValueError, match=rule):
            ConjugatePrior.from_mean(family, came, 4)
    with pytest.raises(ValueError, match=rule):
        ConjugatePrior(family, 4.04 * shares, 4.0)
