"""Beta and Dirichlet against mpmath from 1e-6 to 1e8: maps, KL, log p; fits to the last digits."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import digamma, loggamma, mp, mpf, polygamma
from mpmath import log as mp_log
from scipy import stats

from expfam import Beta, Dirichlet, betas
from expfam.betas import inverse

PROMISE = 1e-12
EPSILON = float(np.finfo(float).eps)


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(60):
        yield


# ------------------------------------------------------------ the oracle


def exactly(values):
    return [mpf(float(value)) for value in values]


def log_beta(a):
    return sum(map(loggamma, a)) - loggamma(sum(a))


def means(a):
    common = digamma(sum(a))
    return [digamma(x) - common for x in a]


def entropy(a):
    return log_beta(a) - sum((x - 1) * m for x, m in zip(a, means(a), strict=True))


def kl(a, b):
    slope = sum((y - x) * m for x, y, m in zip(a, b, means(a), strict=True))
    return log_beta(b) - log_beta(a) - slope


def log_prob(a, x):
    return sum((k - 1) * mp_log(v) for k, v in zip(a, x, strict=True)) - log_beta(a)


def off(got, wanted, floor=0.0):
    """The error relative to what is wanted, or to the floor."""
    return float(abs(mpf(float(got)) - wanted) / max(abs(wanted), floor))


def concentrations(random, size):
    """Any mixture of magnitudes, one magnitude, or the extremes and the ends of the series."""
    kind = random.integers(3)
    if kind == 0:
        return 10 ** random.uniform(-6, 8, size)
    if kind == 1:
        return np.clip(10 ** random.uniform(-6, 8) * np.exp(random.normal(size=size)), 1e-6, 1e8)
    return random.choice([1e-6, 1.0, 15.9, 16.0, 16.1, 1e8], size)


def another(random, a):
    """A member far away, close by, on the same ray, or with one entry moved."""
    kind, size = random.integers(4), 10 ** random.uniform(-13, 0)
    b = [
        10 ** random.uniform(-6, 8, len(a)),
        a * (1 + size * random.normal(size=len(a))),
        a * (1 + size),
        np.where(np.arange(len(a)) == a.argmax(), a * (1 + size), a),
    ]
    return np.clip(b[kind], 1e-6, 2e8)


MEMBERS = [(seed, size) for seed in range(15) for size in (2, 2, 3, 7)]


@pytest.fixture(scope="module")
def pairs():
    random = np.random.default_rng(11)
    found = []
    for _seed, size in MEMBERS:
        a = concentrations(random, size)
        found.append((a, another(random, a), random.dirichlet(np.full(size, 0.7))))
    return found


# ------------------------------------------------------------ accuracy


def test_maps_and_fisher_information_are_those_of_mpmath(pairs):
    for a, _, _ in pairs:
        family, exact = Dirichlet(len(a)), exactly(a)
        mean, fisher = family.natural_to_mean(a), family.fisher_information(a)
        assert max(map(off, mean, means(exact))) < PROMISE, a
        assert off(family.log_partition(a), log_beta(exact), 1.0) < PROMISE, a
        common = polygamma(1, sum(exact))
        diagonal = [polygamma(1, x) - common for x in exact]
        assert max(map(off, np.diag(fisher), diagonal)) < PROMISE, a
        assert off(fisher[0, 1], -common) < PROMISE, a


def test_entropy_is_that_of_mpmath(pairs):
    for a, _, _ in pairs:
        assert off(Dirichlet(len(a)).from_natural(a).entropy(), entropy(exactly(a)), 1.0) < PROMISE


def test_kl_is_that_of_mpmath_however_close_the_members_are(pairs):
    for a, b, _ in pairs:
        family = Dirichlet(len(a))
        got, wanted = family.from_natural(a).kl(family.from_natural(b)), kl(exactly(a), exactly(b))
        assert off(got, wanted, 1e-300) < PROMISE, (a, b)
        assert got >= 0


def test_log_prob_is_that_of_mpmath_at_the_mode_and_in_the_tails(pairs):
    for a, _, x in pairs:
        p = Dirichlet(len(a)).from_natural(a)
        for shares in (x, a / a.sum(), p.sample(rng=3)):
            shares = np.maximum(shares, 5e-324)
            wanted = log_prob(exactly(a), exactly(shares))
            assert off(p.log_prob(shares), wanted, 1.0) < PROMISE, (a, shares)


def test_a_thousand_categories_are_as_good():
    random = np.random.default_rng(5)
    family = Dirichlet(1000)
    for a in (10 ** random.uniform(-6, 8, 1000), 1e8 * random.uniform(0.5, 1, 1000)):
        b = a * (1 + 1e-9 * random.normal(size=1000))
        p, exact = family.from_natural(a), exactly(a)
        x = p.sample(rng=1)
        assert max(map(off, p.mean_parameter[:5], means(exact)[:5])) < PROMISE
        assert off(p.entropy(), entropy(exact), 1.0) < PROMISE
        assert off(p.kl(family.from_natural(b)), kl(exact, exactly(b))) < PROMISE
        assert off(p.log_prob(x), log_prob(exact, exactly(x)), 1.0) < PROMISE
        v = random.normal(size=1000)
        product = family.fisher_information(a) @ v
        np.testing.assert_allclose(family.fisher_product(a, v), product, rtol=1e-9, atol=1e-9)


def test_beta_is_that_of_mpmath_with_the_digits_of_both_shares(pairs):
    for a, b, x in pairs:
        p, q = (Beta().from_natural(each[:2]) for each in (a, b))
        exact = exactly(a[:2])
        assert p.kl(q) == Dirichlet(2).from_natural(a[:2]).kl(Dirichlet(2).from_natural(b[:2]))
        for share in (float(x[0]), 1e-300, 1 - 2.0**-53, a[0] / (a[0] + a[1])):
            share = float(np.clip(share, 5e-324, 1 - 2.0**-53))
            wanted = log_prob(exact, [mpf(share), 1 - mpf(share)])
            assert off(p.log_prob(share), wanted, 1.0) < PROMISE, (a, share)


@pytest.mark.slow
def test_many_more_members():
    random = np.random.default_rng(12)
    for _ in range(2000):
        a = concentrations(random, int(random.integers(2, 9)))
        b = another(random, a)
        assert off(betas.divergence(a, b), kl(exactly(a), exactly(b)), 1e-300) < PROMISE, (a, b)
        assert off(betas.entropy(a), entropy(exactly(a)), 1.0) < PROMISE, a


def test_scipy_agrees_where_it_is_good():
    x = np.array([0.2, 0.3, 0.5])
    for a in ([2.0, 3.0, 5.0], [0.4, 1.0, 30.0]):
        theirs, p = stats.dirichlet(a), Dirichlet(3).from_natural(a)
        assert p.log_prob(x) == pytest.approx(theirs.logpdf(x), rel=1e-12)
        assert p.entropy() == pytest.approx(theirs.entropy(), rel=1e-11)
    for a, b in ((2.0, 3.0), (0.4, 0.7)):
        theirs, p = stats.beta(a, b), Beta().from_natural([a, b])
        assert p.log_prob(0.3) == pytest.approx(theirs.logpdf(0.3), rel=1e-12)
        assert p.entropy() == pytest.approx(theirs.entropy(), rel=1e-11)
    data = stats.beta(2.0, 3.0).rvs(50, random_state=np.random.default_rng(1))
    a, b, *_ = stats.beta.fit(data, floc=0, fscale=1)
    np.testing.assert_allclose(Beta().fit(data).natural_parameter, [a, b], rtol=1e-6)


# ------------------------------------------------------------ the backward map


def exact_backward(mean, start):
    """The root by Newton in 60 digits."""
    a = exactly(start)
    for _ in range(60):
        residual = [m - v for m, v in zip(mean, means(a), strict=True)]
        inverse = [1 / polygamma(1, x) for x in a]
        spare = 1 / polygamma(1, sum(a)) - sum(inverse)
        shared = sum(k * r for k, r in zip(inverse, residual, strict=True)) / spare
        step = [k * (r + shared) for k, r in zip(inverse, residual, strict=True)]
        a = [x + s for x, s in zip(a, step, strict=True)]
        if max(abs(s / x) for s, x in zip(step, a, strict=True)) < mpf("1e-35"):
            return a
    raise AssertionError("the oracle has not converged")


def test_the_backward_map_is_the_root_to_the_rounding_of_the_mean(pairs):
    """The error is at most 4ε of what an error of ε in μ does to η."""
    for a, _, _ in pairs[::2]:
        family = Dirichlet(len(a))
        mean = family.natural_to_mean(a)
        back = family.mean_to_natural(mean)
        np.testing.assert_allclose(family.natural_to_mean(back), mean, rtol=8 * EPSILON)
        if a.sum() > 1e6 or a.max() > 1e6 * np.sort(a)[-2]:
            continue  # the condition number is beyond what a float inverse can tell
        condition = np.abs(np.linalg.inv(family.fisher_information(a))) @ np.abs(mean) / a
        wanted = exact_backward(exactly(mean), back)
        assert max(map(off, back, wanted)) < 4 * EPSILON * (1 + condition.max()), a


@pytest.mark.parametrize("scale", [1e-6, 1e-2, 1.0, 1e3, 1e8])
def test_fits_of_a_thousand_categories_converge(scale):
    a = scale * np.exp(np.random.default_rng(2).normal(size=1000))
    family = Dirichlet(1000)
    mean = family.natural_to_mean(a)
    got = family.natural_to_mean(family.mean_to_natural(mean))
    np.testing.assert_allclose(got, mean, rtol=16 * EPSILON)


@pytest.mark.parametrize(
    "a",
    [[1e-6, 1e-6], [1e8, 1e-6], [1e8, 1e8], [1e-90, 2e-90], [1e15, 1e-6], [1e-6, 1.0, 1e8], [1e12, 3e12]],
)  # fmt: skip
def test_fits_near_the_edge_converge(a):
    family = Dirichlet(len(a))
    mean = family.natural_to_mean(a)
    back = family.mean_to_natural(mean)
    np.testing.assert_allclose(family.natural_to_mean(back), mean, rtol=16 * EPSILON)
    np.testing.assert_allclose(back, a, rtol=1e-2)


def test_rows_of_a_batch_are_fitted_alone():
    means = Dirichlet(3).natural_to_mean([[1e-3, 2.0, 5.0], [1e5, 2e5, 3e5], [1.0, 1.0, 1.0]])
    rows = [Dirichlet(3).mean_to_natural(row) for row in means]
    np.testing.assert_array_equal(Dirichlet(3).mean_to_natural(means), rows)


@pytest.mark.parametrize(
    ("family", "data"),
    [
        (Beta(), [0.3, 0.3, 0.3]),
        (Beta(), [1e-20, 1e-20]),
        (Beta(), 0.75),
        (Dirichlet(3), [[0.2, 0.3, 0.5]] * 4),
        (Dirichlet(2), [[1e-12, 1 - 1e-12]]),
    ],
)
def test_where_no_member_exists_the_refusal_says_so(family, data):
    with pytest.raises(
        ValueError, match="less than 1, by more than rounding \\(all observations equal\\?\\)"
    ):
        family.fit(data)


def test_what_is_no_mean_is_refused():
    with pytest.raises(ValueError, match="must be finite and negative"):
        Beta().mean_to_natural([0.1, -1.0])
    with pytest.raises(ValueError, match="natural one within reach of double precision"):
        Beta().mean_to_natural([-1e200, -1e200])


def test_a_row_that_has_not_converged_is_refused(monkeypatch):
    monkeypatch.setattr(inverse, "_STEPS", 1)
    with pytest.raises(ValueError, match="within reach of double precision"):
        Beta().mean_to_natural([-1.0, -0.7])
