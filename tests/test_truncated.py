"""Truncated against sums and integrals of mpmath, and against scipy's truncated distributions."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import stats

from expfam import (
    Binomial,
    Exponential,
    FiniteFamily,
    GaussianKnownVariance,
    Geometric,
    NegativeBinomial,
    Poisson,
    Truncated,
    VonMises,
)

INF = np.inf


# ------------------------------------------------------------ counts


@pytest.mark.parametrize("rate", [1e-8, 0.3, 5.0, 700.0, 1e7])
def test_zero_truncated_poisson_has_a_closed_form(rate):
    p = Truncated(Poisson(), low=1).from_natural(np.log(rate))
    with mpmath.workdps(40):
        lam = mpmath.exp(mpmath.mpf(float(np.log(rate))))
        mean = float(lam / -mpmath.expm1(-lam))
        excess = float(lam / -mpmath.expm1(-lam) - 1)
        log_partition = float(mpmath.log(mpmath.expm1(lam)))
        one = float(mpmath.log(lam) - mpmath.log(mpmath.expm1(lam)))
    assert p.mean_parameter == pytest.approx(mean, rel=4e-14)
    assert p.mean_parameter - 1 == pytest.approx(excess, rel=1e-12, abs=3e-16)
    assert p.log_partition == pytest.approx(log_partition, rel=1e-13)
    assert p.log_prob(1) == pytest.approx(one, rel=1e-12)


@pytest.mark.parametrize("eta", [-30.0, -2.0, 0.0, 1.3, 4.0, 90.0])
@pytest.mark.parametrize(
    ("base", "log_h"),
    [
        (Poisson(), lambda x: -mpmath.loggamma(x + 1)),
        (Binomial(20), lambda x: mpmath.log(mpmath.binomial(20, x))),
        (Geometric(), lambda x: mpmath.mpf(0)),
        (NegativeBinomial(2.5), lambda x: mpmath.log(mpmath.binomial(x + 1.5, x))),
    ],
    ids=lambda v: str(v)[:12],
)
def test_a_window_of_counts_is_its_sum(base, log_h, eta):
    """Also at η where the family itself has no member, as the geometric's from 0 on."""
    p = Truncated(base, 3, 11).from_natural(eta)
    with mpmath.workdps(40):
        terms = {x: mpmath.exp(eta * x + log_h(x)) for x in range(3, 12)}
        total = sum(terms.values())
        mean = sum(x * w for x, w in terms.items()) / total
        variance = sum((x - mean) ** 2 * w for x, w in terms.items()) / total
        entropy = -sum(w / total * mpmath.log(w / total) for w in terms.values())
        log_p = [float(mpmath.log(w / total)) for w in terms.values()]
    assert p.log_partition == pytest.approx(float(mpmath.log(total)), rel=1e-13, abs=1e-13)
    assert p.mean_parameter == pytest.approx(float(mean), rel=1e-14)
    assert p.fisher_information == pytest.approx(float(variance), rel=1e-11)
    assert p.entropy() == pytest.approx(float(entropy), rel=1e-11)
    np.testing.assert_allclose(p.log_prob(range(3, 12)), log_p, rtol=1e-12, atol=1e-14)


def test_it_is_the_finite_family_of_the_window():
    p = Truncated(Poisson(), 2, 9).fit([2, 3, 3, 8], [1, 4, 2, 1])
    log_base = Poisson().log_base_measure(np.arange(2, 10))
    q = FiniteFamily(range(2, 10), lambda x: x, log_base).fit([2, 3, 3, 8], [1, 4, 2, 1])
    assert p.natural_parameter == pytest.approx(q.natural_parameter[0], rel=1e-12)
    assert p.entropy() == pytest.approx(q.entropy(), rel=1e-12)


def test_the_ends_are_members_of_counts():
    family = Truncated(Poisson(), 1, 4)
    always = family.fit([1, 1, 1])
    assert (always.natural_parameter, always.mean_parameter) == (-INF, 1.0)
    assert always.log_prob([1, 2]).tolist() == [0.0, -INF]
    assert (always.entropy(), always.degrees_of_freedom) == (0.0, 0)
    assert always.log_likelihood([1, 1]) == 0.0
    assert always.log_likelihood([1, 2]) == -INF
    top = family.from_mean(4.0)
    assert (top.natural_parameter, top.sample(3, rng=1).tolist()) == (INF, [4, 4, 4])
    assert always.kl(top) == INF
    inside = family.from_natural(0.3)
    assert always.kl(inside) == pytest.approx(-inside.log_prob(1))
    assert inside.kl(always) == INF


@pytest.mark.parametrize("family", [Exponential(), GaussianKnownVariance()])
@pytest.mark.parametrize("eta", [1e3, 1e20, 1e100])
def test_a_steep_tilt_leaves_an_exponential_at_the_end(family, eta):
    """Near x = 1 the density is η exp(−η(1 − x)), but for terms of the order of 1/η."""
    p = Truncated(family, 0.5, 1.0).from_natural(eta)
    assert p.fisher_information == pytest.approx(eta**-2, rel=3e-3)
    assert p.entropy() == pytest.approx(1 - np.log(eta), abs=1e-2)
    assert ((p.sample(5, rng=1) > 1 - 40 / eta) | (eta > 1e15)).all()


def test_members_too_wide_to_sum_are_refused_however_large_their_counts():
    for eta in (20.0, 30.0, 42.0):
        with pytest.raises(ValueError, match=r"at most 2\*\*17 counts on each side of its mean"):
            Truncated(Poisson(), low=1).from_natural(eta)


def test_a_search_at_rest_tries_no_smaller_steps(monkeypatch):
    """Each try is a sum over a wide window: forty of them take seconds."""
    asked, forward = [], Truncated._natural_to_mean

    def counted(self, natural):
        asked.append(natural)
        return forward(self, natural)

    monkeypatch.setattr(Truncated, "_natural_to_mean", counted)
    p = Truncated(Poisson(), low=1).fit([4_000_000] * 9 + [4_000_001])
    assert p.mean_parameter == pytest.approx(4_000_000.1, rel=1e-15)
    assert len(asked) < 10


@pytest.mark.parametrize(
    ("successes", "low", "high", "eta", "other"),
    [
        (0.465, 1, 46, 13.455, 12.923),  # both nearly always 46
        (0.465, 1, 46, 13.455, -700.0),
        (0.465, 1, 46, 75.0, -0.1),  # of one, all weights but one underflow
        (0.465, 1, 46, -300.0, 0.2),
        (0.012, 0, None, -2.946, -2.419),  # both nearly always 0
        (50.0, 3, None, -0.5, -0.2),
        (50.0, 3, None, -0.2, -0.5),
    ],
)
def test_kl_of_members_at_an_end_keeps_its_digits(successes, low, high, eta, other):
    family = Truncated(NegativeBinomial(successes), low, high)
    with mpmath.workdps(30):
        r, x = mpmath.mpf(successes), np.arange(low, 800 if high is None else high + 1)
        h = [mpmath.gammaprod([int(k) + r], [r, int(k) + 1]) for k in x]
        p, q = (
            [v * mpmath.exp(mpmath.mpf(e) * int(k)) for k, v in zip(x, h, strict=True)]
            for e in (eta, other)
        )
        total, beside = mpmath.fsum(p), mpmath.fsum(q)
        terms = (
            a / total * mpmath.log(a * beside / (b * total)) for a, b in zip(p, q, strict=True)
        )
        wanted = float(mpmath.fsum(terms))
    got = family.from_natural(eta).kl(family.from_natural(other))
    assert got == pytest.approx(wanted, rel=1e-12, abs=0)


@pytest.mark.parametrize("gap", [1e-12, 1e-8, 1e-4, 1.0, 30.0])
def test_kl_keeps_its_digits(gap):
    p, q = (Truncated(Poisson(), 2, 6).from_natural(eta) for eta in (0.5, 0.5 + gap))
    with mpmath.workdps(60):
        eta, other = mpmath.mpf(0.5), mpmath.mpf(0.5 + gap)
        h = {x: 1 / mpmath.factorial(x) for x in range(2, 7)}
        a, b = (mpmath.log(sum(v * mpmath.exp(e * x) for x, v in h.items())) for e in (eta, other))
        mean = sum(x * v * mpmath.exp(eta * x - a) for x, v in h.items())
        wanted = float(b - a - (other - eta) * mean)
    assert p.kl(q) == pytest.approx(wanted, rel=1e-11, abs=0)


# ------------------------------------------------------------ real numbers


@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (0.5, INF), (-INF, -3.0), (20.0, INF)])
@pytest.mark.parametrize("mean", [-2.0, 0.3, 4.0])
def test_truncated_gaussian_is_that_of_mpmath(low, high, mean):
    v = 2.25
    p = Truncated(GaussianKnownVariance(v), low, high).from_natural(mean / v)
    with mpmath.workdps(60):
        a, b = ((mpmath.mpf(end) - mean) / mpmath.mpf(1.5) for end in (low, high))
        mass = mpmath.erfc(a / mpmath.sqrt(2)) / 2 - mpmath.erfc(b / mpmath.sqrt(2)) / 2
        pdf_a, pdf_b = mpmath.npdf(a), mpmath.npdf(b)
        shift = (pdf_a - pdf_b) / mass
        edge = (a * pdf_a if low > -INF else 0) - (b * pdf_b if high < INF else 0)
        wanted = float(mean + 1.5 * shift)
        variance = float(v * (1 + edge / mass - shift**2))
        log_mass = float(mpmath.log(mass))
    assert p.mean_parameter == pytest.approx(wanted, rel=1e-13)
    assert p.fisher_information == pytest.approx(variance, rel=1e-11)
    x = np.clip(mean, low, high)
    base = GaussianKnownVariance(v).from_natural(mean / v)
    assert p.log_prob(x) == pytest.approx(base.log_prob(x) - log_mass, rel=1e-12)
    again = p.family.from_mean(p.mean_parameter)
    assert again.natural_parameter == pytest.approx(mean / v, rel=1e-9)


@pytest.mark.parametrize("eta", [-700.0, -3.0, -1e-9, 0.0, 1e-6, 2.0, 500.0])
def test_truncated_exponential_is_its_closed_form(eta):
    """On 0 … 2 it is the continuous Bernoulli, doubled; at η = 0 uniform."""
    p = Truncated(Exponential(), high=2.0).from_natural(eta)
    with mpmath.workdps(150):
        e = mpmath.mpf(eta) if eta else mpmath.mpf(10) ** -40
        log_partition = mpmath.log(mpmath.expm1(2 * e) / e)
        mean = 2 / -mpmath.expm1(-2 * e) - 1 / e
        variance = 1 / e**2 - 4 * mpmath.exp(2 * e) / mpmath.expm1(2 * e) ** 2
    assert p.log_partition == pytest.approx(float(log_partition), rel=1e-13, abs=1e-14)
    assert p.mean_parameter == pytest.approx(float(mean), rel=1e-13)
    assert p.fisher_information == pytest.approx(float(variance), rel=1e-11)
    again = p.family.from_mean(p.mean_parameter)
    assert again.natural_parameter == pytest.approx(eta, rel=1e-9, abs=1e-13)


def test_an_exponential_from_somewhere_on_begins_anew():
    p = Truncated(Exponential(), low=3.0).fit([3.5, 4.0, 5.5])
    assert p.mean_parameter == pytest.approx(13 / 3, rel=1e-13)
    assert p.natural_parameter == pytest.approx(-3 / 4, rel=1e-12)


@pytest.mark.parametrize(
    ("family", "eta", "law"),
    [
        (Truncated(GaussianKnownVariance(), 1, 3), -1.5, stats.truncnorm(2.5, 4.5, loc=-1.5)),
        (Truncated(Exponential(), high=4.0), -0.5, stats.truncexpon(b=2.0, scale=2.0)),
        (Truncated(Exponential(), 1.0, 4.0), 3.0, None),
    ],
)
def test_draws_have_the_law(family, eta, law):
    """Kolmogorov's test at 1e-6."""
    x = family.from_natural(eta).sample(5000, rng=3)
    if law is None:
        cdf = lambda x: np.expm1(eta * (x - 1)) / np.expm1(eta * 3)  # noqa: E731
        assert stats.kstest(x, cdf).pvalue > 1e-6
    else:
        assert stats.kstest(x, law.cdf).pvalue > 1e-6
    assert family.low <= x.min() <= x.max() <= family.high


# ------------------------------------------------------------ what has no member


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Truncated(VonMises(), 1, 2), "no angles .*got VonMises"),
        (lambda: Truncated(Poisson, 1), "must be of counts with T = x"),
        (lambda: Truncated(Binomial([3, 4]), 1), "of one number of trials"),
        (lambda: Truncated(Poisson(), 3, 3), "must be within 0 … inf and have two points or more"),
        (lambda: Truncated(Poisson(), -1), "got -1 … inf"),
        (lambda: Truncated(Binomial(4), 1, 5), "within 0 … 4"),
        (lambda: Truncated(Exponential(), 2.0, 2.0), "be 1e-100 wide or more; got 2 … 2"),
        (lambda: Truncated(Poisson(), 1.5), "low must be an integer"),
        (lambda: Truncated(Poisson(), np.nan), "low must be between"),
        (lambda: Truncated(Poisson(), 1).fit([0, 1]), "counts must be between 1 and inf; entry 0"),
        (
            lambda: Truncated(Poisson(), 1).from_mean(0.9),
            "mean parameter must be between 1 and inf",
        ),
        (lambda: Truncated(Poisson(), 1).from_natural(INF), "or infinite where an end is sure"),
        (
            lambda: Truncated(Poisson(), 1).from_natural(30.0),
            r"at most 2\*\*17 counts on each side",
        ),
        (lambda: Truncated(Poisson(), 1).from_mean(1e12), r"at most 2\*\*17 counts on each side"),
        (lambda: Truncated(Geometric(), 1).from_natural(0.1), r"log P\(failure\)"),
        (
            lambda: Truncated(Exponential(), 1, 2).fit([2.0, 2.0]),
            "no member has its mean at an end",
        ),
        (lambda: Truncated(Exponential(), 1, 2).from_natural(-INF), "must be at most 1e100"),
    ],
)
def test_what_is_wrong_is_said(call, text):
    with pytest.raises((ValueError, TypeError), match=text) as error:
        call()
    assert str(error.value).startswith("Truncated: ")


def test_other_arrays_are_refused():
    xp = pytest.importorskip("array_api_strict")
    family = Truncated(Poisson(), 1)
    with pytest.raises(TypeError, match="need numpy"):
        family.log_partition(xp.asarray(0.5))
    with pytest.raises(TypeError, match="needs numpy"):
        family.mean_to_natural(xp.asarray(1.5))


def test_an_end_that_is_none_is_that_of_the_family():
    assert Truncated(Poisson(), 1) == Truncated(Poisson(), 1, INF)
    assert Truncated(Binomial(5), 1).high == 5
    assert Truncated(GaussianKnownVariance(), high=0).low == -INF


def test_one_number_is_drawn_as_a_float():
    p = Truncated(GaussianKnownVariance(1.0), low=0.0, high=1.0).from_natural(0.5)
    one = p.sample(rng=3)
    assert isinstance(one, float)
    assert 0.0 < one < 1.0
