"""The bends of carriers, in many digits: what log p falls by beside its slope."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from expfam.windows.rays import Unit


@pytest.mark.parametrize("anchor", [1e-8, 0.1, 0.35, 0.5, 0.8, 1 - 1e-8])
def test_the_bend_of_shares_is_that_of_many_digits(anchor):
    """log(1 + a(eᵘ − 1)) − au, near 0 and over all steps."""
    sizes = np.concatenate(
        [10.0 ** np.arange(-9, 0), [0.2, 0.35, 0.45, 0.7, 1.5, 6.0, 40.0, 650.0]]
    )
    step = np.concatenate([-sizes, sizes])
    (found,) = Unit.shapes(np.full_like(step, anchor), step)
    with mp.workdps(50):
        a = mp.mpf(anchor)
        exact = [mp.log1p(a * mp.expm1(mp.mpf(u))) - a * mp.mpf(u) for u in step.tolist()]
    np.testing.assert_allclose(found, [float(v) for v in exact], rtol=1e-13)
