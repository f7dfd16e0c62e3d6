"""No silent move: on the second of two devices of jax all results are there, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jax")

FEW = ["Multinomial(3)", "Binomial(1)", "Poisson", "Gaussian", "Gamma"]  # some seconds each


@pytest.mark.parametrize("names", [FEW, pytest.param([], id="all", marks=pytest.mark.slow)])
def test_members_on_the_second_device_stay_there(names):
    script = Path(__file__).with_name("devices.py")
    done = subprocess.run(
        [sys.executable, script, *names], capture_output=True, text=True, check=True, timeout=900
    )
    lines = done.stdout.splitlines()
    assert len(lines) >= max(len(names), 5)
    assert [line for line in lines if not line.endswith(" stays")] == []


def test_a_move_is_seen():
    """What goes through numpy comes back on the first device, or not at all."""
    import jax
    import numpy as np
    from devices import places

    x = jax.numpy.zeros(2)
    assert places((x, 1.0)) == {jax.devices()[0]}
    assert places((x, np.asarray(x))) == {jax.devices()[0], "numpy"}
