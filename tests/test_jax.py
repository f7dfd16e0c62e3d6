"""jax: members and statistics as pytrees under jit, vmap, grad and scan."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from backends import MAKERS, data, library, members, there
from conftest import CASES

from expfam import Binomial, Distribution, Gaussian, Multinomial, Poisson

jax = pytest.importorskip("jax", reason="jax is not installed: pip install jax")
jnp = jax.numpy
XP = library("jax")
ONE_OF_EACH = {
    family.name: name
    for name, (family, _) in reversed(CASES.items())
    if np.ndim(family.trials) == 0 and family.name not in MAKERS
}


def close(value, expected, rtol=1e-9, atol=1e-9):
    np.testing.assert_allclose(np.asarray(value), np.asarray(expected), rtol=rtol, atol=atol)


def gradient_and_hessian(p, x):
    """Of log p and of A: in one trace, which is compiled once."""
    hessian = jax.jacfwd(jax.grad(p.family.log_partition))(p.natural_parameter)
    return jax.grad(lambda p: p.log_prob(x).sum())(p), hessian


@pytest.mark.parametrize("name", sorted(ONE_OF_EACH.values()))
def test_the_gradient_of_log_p_is_the_score_and_the_hessian_of_A_is_fisher(name):
    """By a member's own pytree: the gradient of a function of members is a member of gradients."""
    p, _, x = members(name)[0]
    a, x_there = there(XP, p), data(XP, p, x)
    total, hessian = jax.jit(gradient_and_hessian)(a, x_there)
    assert isinstance(total, Distribution)
    score = np.asarray(p.score(x)).sum(axis=0)
    scale = np.abs(np.asarray(p.family.sufficient_statistic(x))).max()
    close(total.natural_parameter, score, 1e-9, 1e-9 * scale)
    close(hessian, p.fisher_information, 1e-8, 1e-9 * np.abs(p.fisher_information).max())


def test_members_go_in_and_out_of_jit():
    family = Multinomial(3, trials=6)
    a = family.from_natural(jnp.asarray([[0.2, 1.3, -0.5], [1.0, 2.0, 3.0]]))
    x = jnp.asarray([[1, 2, 3], [6, 0, 0]])
    wanted = family.from_natural(np.asarray(a.natural_parameter)).log_prob(np.asarray(x))
    log_prob = jax.jit(lambda p, x: p.log_prob(x))
    close(log_prob(a, x), wanted)
    close(jax.jit(jax.vmap(lambda p, x: p.log_prob(x)))(a, x), wanted)
    close(log_prob(Poisson().from_natural(0.3), 2), Poisson().from_natural(0.3).log_prob(2))
    fitted = jax.jit(lambda x, w: family.fit(x, weights=w))(x, jnp.asarray([0.5, 1.5]))
    assert fitted.family == family
    close(fitted.natural_parameter, family.fit(np.asarray(x), weights=[0.5, 1.5]).natural_parameter)
    leaves, tree = jax.tree_util.tree_flatten(a)
    assert len(leaves) == 1
    assert jax.tree_util.tree_unflatten(tree, leaves) == a
    assert jax.tree_util.tree_flatten_with_path(a)[0][0][0][0].name == "natural_parameter"


def test_what_a_trace_computes_is_not_kept():
    p = Poisson().from_natural(jnp.asarray(0.3))
    jax.jit(lambda x: p.mean_parameter * x + p.log_partition)(1.0)
    close([p.mean_parameter, p.log_partition], np.exp([0.3, 0.3]))
    assert Poisson().from_natural(0.3).mean_parameter == pytest.approx(np.exp(0.3))


def test_statistics_are_carried_by_scan_and_added_by_jit():
    family = Multinomial(3, trials=10)
    x = jnp.asarray([[3, 0, 7], [1, 2, 7], [5, 5, 0]])
    statistics = jax.jit(family.statistics)
    none, first = statistics(x[:0]), statistics(x[:1])
    total, _ = jax.lax.scan(lambda sum, row: (sum + family.statistics(row[None]), None), none, x)
    whole = family.statistics(np.asarray(x))
    for field in ("total", "weight", "exposure", "rows"):
        close(getattr(total, field), getattr(whole, field), 0, 0)
    close(total.log_base, whole.log_base)
    close(family.fit(total).natural_parameter, family.fit(whole).natural_parameter)
    forget = jax.jit(lambda a, b: family.fit(a - b).mean_parameter)
    close(forget(total, first), [3.0, 3.5, 3.5])
    doubled = jax.jit(lambda a: a + a)(whole)
    close(doubled.total, 2 * whole.total)
    with pytest.raises(ValueError, match="pass below zero"):
        _ = first - total


def test_tracing_skips_the_checks_of_values_alone():
    family = Multinomial(3)
    rows = jnp.asarray([[0.2, 1.3, -0.5], [1.0, 2.0, 3.0]])
    close(jax.jit(family.natural_to_mean)(rows), family.natural_to_mean(np.asarray(rows)))
    assert np.isnan(np.asarray(jax.jit(family.natural_to_mean)(rows * np.nan))).all()
    with pytest.raises(ValueError, match=r"shape \(…, 3\)"):
        jax.jit(family.natural_to_mean)(rows[:, :2])
    with pytest.raises(ValueError, match="not nan"):
        family.natural_to_mean(rows * np.nan)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")  # numpy 1
def test_float32_stays_float32():
    for family, natural, x in (
        (Gaussian(), [0.5, -2.0], 0.7),
        (Binomial(12), 0.5, 3),
        (Multinomial(2, 3), [0.1, 0.2], [1, 2]),
    ):
        p = family.from_natural(jnp.asarray(natural, dtype=jnp.float32))
        values = jax.jit(every_value)(p, jnp.asarray(x))
        assert {name: value.dtype for name, value in values.items()} == dict.fromkeys(
            values, jnp.float32
        )
    assert p.log_partition.dtype == jnp.float32  # without a trace as well


def every_value(p, x):
    return {
        "μ": p.mean_parameter,
        "A": p.log_partition,
        "Fisher": p.fisher_information,
        "log p": p.log_prob(x),
        "entropy": p.entropy(),
        "KL": p.kl(p),
    }


@pytest.mark.parametrize("name", ["Gamma", "Beta", "Poisson", "Multinomial(3)", "Gaussian"])
def test_kl_bends_by_the_information_where_it_is_0(name):
    """A value that rounding takes below 0 becomes 0; its slope and curvature are not lost."""
    p = members(name)[0][0]
    a = there(XP, p)
    family, at = p.family, a.natural_parameter
    bend = jax.jit(jax.jacfwd(jax.grad(lambda q: a.kl(family.from_natural(q)))))
    fisher = np.asarray(p.fisher_information)
    close(bend(at), fisher, 1e-9, 1e-9 * np.abs(fisher).max())


def test_jax_is_not_imported_and_members_made_before_it_are_pytrees():
    code = """
import sys
import expfam
p = expfam.Poisson().from_natural(0.5)
assert "jax" not in sys.modules
import jax
q = expfam.Poisson().from_natural(0.5)
print(float(jax.jit(lambda p: p.mean_parameter)(p)) == float(jax.jit(lambda p: p.mean_parameter)(q)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
