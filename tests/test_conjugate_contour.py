"""Priors on finitely many points by contours: against closed forms and against integrals over η."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from priors import close
from scipy.special import gammaln
from test_conjugate_lattice import by_contour

from expfam import Categorical, ConjugatePrior, FiniteFamily
from expfam.conjugate import contour, lattice
from expfam.conjugate.contour import ContourForm
from expfam.conjugate.directed import EitherForm
from expfam.conjugate.numerical import NumericalForm
from expfam.conjugate.rows import Unsettled


def table(rows, columns):
    """Independent rows and columns: m = (rows − 1)(columns − 1), and Z of two Dirichlet laws."""
    cells = [(i, j) for i in range(rows) for j in range(columns)]
    row, column = (np.eye(size)[:, 1:] for size in (rows, columns))
    return FiniteFamily(range(len(cells)), [[*row[i], *column[j]] for i, j in cells])


def no_three_way():
    """Three yes-or-no answers without an interaction of all three: six parameters, m = 1."""
    answers = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    pairs = [[i, j, k, i * j, i * k, j * k] for i, j, k in answers]
    return FiniteFamily(range(8), pairs, np.random.default_rng(4).normal(size=8).round(2))


def log_dirichlet(alpha):
    return gammaln(alpha).sum() - gammaln(alpha.sum())


def shares(*sizes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.dirichlet(np.full(size, 5.0)) for size in sizes]


def prior_of(rows, columns, exposure, seed=0):
    family, (a, b) = table(rows, columns), shares(rows, columns, seed=seed)
    prior = ConjugatePrior.from_mean(family, [*a[1:], *b[1:]], exposure)
    return prior, exposure * a, exposure * b


@np.errstate(all="ignore")  # as the prior asks
def remainder(prior, form=None):
    return (form or prior._form).remainder(prior)


# ------------------------------------------------------------ against closed forms


@pytest.mark.parametrize("exposure", [1e-9, 1e-3, 0.5, 1.0, 7.0, 300.0, 1e5])
def test_tables_of_two_by_two_are_two_coins(exposure):
    prior, a, b = prior_of(2, 2, exposure)
    assert type(prior._form.first) is ContourForm
    close(prior.log_normalizer, log_dirichlet(a) + log_dirichlet(b), 1e-12, 1e-12)


@pytest.mark.parametrize(
    ("rows", "columns", "exposure"),
    [(2, 3, 1.0), (2, 3, 1e4), (2, 4, 3.0), (2, 4, 60.0), (3, 3, 60)],
)
def test_tables_are_two_dirichlet_laws(rows, columns, exposure):
    prior, a, b = prior_of(rows, columns, exposure)
    form = prior._form
    assert type(form) is EitherForm
    assert type(form.first) is ContourForm
    height = prior.family._exponent(prior._peak, prior.total, prior.exposure)
    close(height + remainder(prior, form.first), log_dirichlet(a) + log_dirichlet(b), 1e-11, 1e-9)


@pytest.mark.parametrize("columns", [2, 3, 4])
def test_divergences_are_those_of_two_dirichlet_laws(columns):
    (p, *one), (q, *two) = (prior_of(2, columns, 20.0 + s, seed=s) for s in (1, 2))
    laws = zip(one, two, strict=True)
    coins = [(Categorical(len(a)), a, b) for a, b in laws]
    each = [ConjugatePrior(f, a, a.sum()).kl(ConjugatePrior(f, b, b.sum())) for f, a, b in coins]
    close(p.kl(q), sum(each), 1e-8 if columns > 2 else 1e-12)
    assert p.kl(p) == 0


# ------------------------------------------------------------ against integrals over η


def over_eta(family, total, exposure):
    """log Z of one parameter in forty digits, less its largest exponent."""
    with mp.workdps(40):
        base = [mp.mpf(float(x)) for x in np.broadcast_to(family.log_base, len(family.statistic))]
        points = [mp.mpf(float(x)) for x in family.statistic[:, 0]]
        chi, nu = mp.mpf(float(total)), mp.mpf(float(exposure))

        def height(eta):
            terms = [mp.exp(h + eta * t) for h, t in zip(base, points, strict=True)]
            return eta * chi - nu * mp.log(sum(terms))

        peak = mp.findroot(lambda eta: mp.diff(height, eta), 0)
        top, scale = height(peak), 1 / mp.sqrt(-mp.diff(height, peak, 2))
        value = mp.quad(
            lambda t: mp.exp(height(peak + scale * mp.sinh(t)) - top) * scale * mp.cosh(t),
            mp.linspace(-22, 22, 89),
        )
        return float(top), float(mp.log(value))


@pytest.mark.parametrize(
    ("mean", "exposure"), [(1.0, 1.0), (0.2, 1e-3), (1.997, 1.0), (1.9, 30.0), (0.7, 1e6)]
)
def test_one_parameter_of_three_points_is_an_integral_over_it(mean, exposure):
    family = FiniteFamily(range(3), [[0.0], [1.0], [2.0]], [0.3, -0.2, 0.5])
    prior = ConjugatePrior.from_mean(family, [mean], exposure)
    assert type(prior._form.first) is ContourForm
    top, rest = over_eta(family, prior.total[0], exposure)
    close(remainder(prior), rest, 1e-12, 1e-12)
    close(prior.log_normalizer, top + rest, 1e-12, 1e-12)


@pytest.mark.parametrize("exposure", [2.0, 50.0])
def test_three_parameters_have_the_numbers_of_a_lattice(exposure):
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 2]], dtype=float)
    family = FiniteFamily(range(5), points, [0.1, -0.3, 0.2, 0.0, 0.4])
    p, q = (ConjugatePrior.from_mean(family, w @ points, exposure) for w in shares(5, 5))
    lattice = NumericalForm(family)
    close(remainder(p), remainder(p, lattice), 1e-9, 1e-9)
    with np.errstate(all="ignore"):
        close(p.kl(q), lattice.kl(p, q), 1e-8)


# ------------------------------------------------------------ many parameters


@pytest.mark.parametrize("exposure", [pytest.param(1.0, marks=pytest.mark.slow), 12.0])
def test_six_parameters_have_the_numbers_of_mellin_and_barnes(exposure):
    family = no_three_way()
    weights = shares(8)[0]
    prior = ConjugatePrior.from_mean(family, weights @ family.statistic, exposure)
    close(prior.log_normalizer, by_contour(family, prior.total, exposure), 1e-9, 1e-9)


def test_evidence_of_six_parameters_adds_up():
    family = no_three_way()
    prior = ConjugatePrior.from_mean(family, shares(8)[0] @ family.statistic, 1.0)
    close(np.exp(prior.log_predictive(range(8))).sum(), 1.0, 1e-12)
    x = [0, 7, 3, 3, 6]
    parts = prior.log_evidence(x[:2]) + prior.update(x[:2]).log_evidence(x[2:])
    close(prior.log_evidence(x), parts, 1e-12)


def test_a_divergence_is_that_of_log_z():
    """KL(p‖q) = log Z_q − log Z_p − ⟨∇ log Z_p, Δ(χ, ν)⟩, the slope by differences."""
    family = no_three_way()
    one, two = shares(8, 8)
    p, q = (ConjugatePrior.from_mean(family, w @ family.statistic, 9.0) for w in (one, two))
    total, exposure = q.total - p.total, q.exposure - p.exposure

    def along(t):
        return ConjugatePrior(family, p.total + t * total, p.exposure + t * exposure).log_normalizer

    h = 1e-3
    slope = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h)
    close(p.kl(q), q.log_normalizer - p.log_normalizer - slope, 1e-8)


def test_a_batch_is_its_rows():
    family = no_three_way()
    means = np.stack(shares(8, 8, 8)) @ family.statistic
    exposures = np.array([0.5, 3.0, 40.0])
    prior = ConjugatePrior.from_mean(family, means, exposures)
    rows = [ConjugatePrior.from_mean(family, m, n) for m, n in zip(means, exposures, strict=True)]
    close(prior.log_normalizer, [row.log_normalizer for row in rows])
    close(prior.kl(rows[0]), [row.kl(rows[0]) for row in rows], 1e-12, 1e-13)


def test_points_of_one_statistic_are_one_point():
    """With their measures added; then nothing may be left to integrate over."""
    twice = FiniteFamily(range(4), [[0.0], [1.0], [1.0], [2.0]], np.log([1.0, 2.0, 3.0, 4.0]))
    once = FiniteFamily(range(3), [[0.0], [1.0], [2.0]], np.log([1.0, 5.0, 4.0]))
    simplex = FiniteFamily(range(3), [[0.0], [1.0], [1.0]], np.log([1.0, 2.0, 3.0]))
    coin = FiniteFamily(range(2), [[0.0], [1.0]], np.log([1.0, 5.0]))
    for one, two in ((twice, once), (simplex, coin)):
        p, q = (ConjugatePrior.from_mean(family, [0.7], 3.0) for family in (one, two))
        close(p.log_normalizer, q.log_normalizer)
    assert simplex.dimension == 1
    assert ConjugatePrior.from_mean(simplex, [0.7], 3.0)._form.first.order == 0


# ------------------------------------------------------------ where it does not settle


def test_where_one_way_does_not_settle_the_other_is_taken(monkeypatch):
    prior, a, b = prior_of(2, 3, 8.0)
    other = prior_of(2, 3, 9.0, seed=1)[0]
    divergence = prior.kl(other)

    def never(depth, size):
        raise Unsettled

    monkeypatch.setattr(contour, "summed", never)
    fresh, other = (ConjugatePrior(prior.family, p.total, p.exposure) for p in (prior, other))
    close(fresh.log_normalizer, log_dirichlet(a) + log_dirichlet(b), 1e-9)
    close(fresh.kl(other), divergence, 1e-8)


def test_what_neither_way_settles_is_refused(monkeypatch):
    monkeypatch.setattr(lattice, "_POINTS", 100)
    with pytest.raises(ValueError, match="one did not: with a larger exposure it may, and simul"):
        prior_of(2, 3, 8.0)[0].log_normalizer  # noqa: B018


def test_a_point_of_hardly_any_measure_is_one_of_none():
    """Its α is less than rounding takes from the others; with ν as small no α has a width."""
    three = FiniteFamily(range(3), [[0.0], [1.0], [2.0]], [0.0, -700.0, 0.0])
    two = FiniteFamily(range(2), [[0.0], [2.0]])
    p, q = (ConjugatePrior.from_mean(family, [0.7], 3.0) for family in (three, two))
    close(p.log_normalizer, q.log_normalizer)
    close(remainder(p, ContourForm(three)), remainder(p, NumericalForm(three)))
    hardly = ConjugatePrior.from_mean(three, [0.7], 1e-110)
    for form in (ContourForm(three), NumericalForm(three)):
        with pytest.raises(ValueError, match="must settle"):
            remainder(hardly, form)


# ------------------------------------------------------------ the pieces


@pytest.mark.parametrize(
    "s", [1e-8 - 1e-9j, 0.5 - 3j, 3 + 15j, 15.9 - 1j, 16.1 + 0j, 5 - 40j, 1e6 - 1e3j]
)
def test_remainders_of_complex_numbers(s):
    with mp.workdps(40):
        z = mp.mpc(s)
        value = complex(mp.loggamma(z) - z * mp.log(z) + z)
        slope = complex(mp.digamma(z) - mp.log(z))
    s = np.array([s])
    assert abs(contour._complex_remainder(s, np.log(s))[0] - value) <= 4e-15 * max(1, abs(value))
    assert abs(contour._remainder_slope(s, np.log(s))[0] / slope - 1) <= 1e-13
