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


def test_what_is_kept_of_a_few_members_is_theirs():
    """Moments of the last η are kept: another η, the same in a batch, and changed arrays are told."""
    family, fresh = Truncated(Gaussian(), -1.0, 2.0), Truncated(Gaussian(), -1.0, 2.0)
    one, two = np.array([0.3, -1.0]), np.array([0.3, -1.5])
    wanted = [fresh.natural_to_mean(eta) for eta in (one, two)]
    assert (family.natural_to_mean(one) == wanted[0]).all()
    assert (family.natural_to_mean(two) == wanted[1]).all()
    assert (family.natural_to_mean(np.stack([two, one])) == wanted[::-1]).all()
    assert (family.natural_to_mean(one[None]) == wanted[0][None]).all()
    assert family.log_partition(np.broadcast_to(one, (40, 2)))[7] == family.log_partition(one)
    mean = family.natural_to_mean(one)
    mean[:] = 0.0
    one[1] = -1.5
    assert (family.natural_to_mean(one) == wanted[1]).all()
    assert (family.natural_to_mean([0.3, -1.0]) == wanted[0]).all()
