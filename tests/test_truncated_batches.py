"""Truncated members by the hundred, and the ends of their densities."""

from __future__ import annotations

import numpy as np
import pytest

from expfam import Gaussian, Laplace, Poisson, Truncated

INF = np.inf


def test_many_members_are_each_what_it_is_alone():
    """Of more than are integrated in one block; the parameters as well as KL of pairs."""
    family = Truncated(Gaussian(), -1.0, 2.0)
    natural = np.random.default_rng(5).normal(size=(1100, 2)) * [3.0, 2.0]
    p, q = family.from_natural(natural), family.from_natural(natural[::-1])
    divergence, x = p.kl(q), np.linspace(-1.0, 2.0, 1100)
    log_p = p.log_prob(x)
    for row in (0, 511, 512, 1030, 1099):
        one, other = family.from_natural(natural[row]), family.from_natural(natural[-1 - row])
        assert one.log_partition == p.log_partition[row]
        assert (one.mean_parameter == p.mean_parameter[row]).all()
        assert (one.fisher_information == p.fisher_information[row]).all()
        assert one.log_prob(x[row]) == log_p[row]
        assert one.kl(other) == pytest.approx(divergence[row], rel=1e-13)


def test_the_ends_of_a_density_are_those_of_the_window_and_its_kinks():
    assert Truncated(Laplace(1.0), 0.0, 5.0).ends == (0.0, 1.0, 5.0)
    assert Truncated(Laplace(1.0), 2.0).ends == (2.0, INF)
    assert Truncated(Poisson(), 1).ends == ()
