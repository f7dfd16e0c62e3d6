"""Classical forms that come in narrow floats."""

from __future__ import annotations

import numpy as np
import pytest
from priors import prior_of

from expfam import Binomial, Categorical, Gaussian


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
