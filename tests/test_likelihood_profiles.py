"""Profile intervals against searches, another optimiser and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from likelihoods import MEMBERS, close, log, statistics, table_of
from scipy import optimize, stats

from expfam import Binomial, Gamma, Gaussian, Multinomial, Poisson
from expfam.likelihood import profile_interval
from expfam.power_divergence import likelihood_ratio as g

INF = np.inf
Z2 = stats.chi2.isf(0.05, 1)


def on_the_edge(data, angles):
    """Members with 2n·KL(p̂‖p) = z² in every direction of the plane of η, by bisection."""
    family, best = data.family, data.family.fit(data)
    root = np.linalg.inv(np.linalg.cholesky(best.fisher_information)).T / math.sqrt(data.exposure)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1) @ root.T
    low, high = np.zeros(len(angles)), np.full(len(angles), 100.0)
    for _ in range(60):
        middle = (low + high) / 2
        natural = best.natural_parameter + middle[:, None] * rays
        inside = family._inside(natural)
        safe = np.where(inside[:, None], natural, best.natural_parameter)
        far = ~inside | (2 * data.exposure * best.kl(family.from_natural(safe)) > Z2)
        low, high = np.where(far, low, middle), np.where(far, middle, high)
    return best.natural_parameter + low[:, None] * rays


@pytest.mark.parametrize(
    ("family", "c", "parameter"),
    [
        (Gaussian(), [1.0, 0.0], "natural"),
        (Gaussian(), [0.5, 1.0], "natural"),
        (Gaussian(), [0.0, 1.0], "mean"),
        (Gaussian(), [0.5, 1.0], "mean"),
        (Gamma(), [1.0, 0.0], "natural"),
        (Gamma(), [0.0, 1.0], "mean"),
    ],
    ids=str,
)
def test_profiles_match_a_search_of_the_plane(family, c, parameter):
    data = family.statistics([1.0, 2.0, 3.0, 6.0, 2.0])
    ends = profile_interval(data, c, parameter)
    for sign, end in zip((-1, 1), ends, strict=True):
        middle, width = math.pi, math.pi
        for _ in range(4):
            angles = middle + width * np.linspace(-1, 1, 101)
            members = family.from_natural(on_the_edge(data, angles))
            values = getattr(members, f"{parameter}_parameter") @ np.array(c)
            middle, width = angles[np.argmax(sign * values)], width / 20
        close(end, sign * (sign * values).max(), rtol=1e-7)


@pytest.mark.parametrize("parameter", ["natural", "mean"])
@pytest.mark.parametrize(
    ("x", "c"), [([6, 9, 10, 5], [1.0, -2.0, 3.0, -2.0]), ([1, 3, 4, 2], [-3.0, -1.0, 1.0, 3.0])]
)
def test_profiles_match_another_optimiser(x, c, parameter):
    data, family = table_of(x), Multinomial(4)
    best = family.fit(data)
    constraint = {
        "type": "ineq",
        "fun": lambda natural: Z2 - 2 * sum(x) * best.kl(family.from_natural(natural)),
    }
    for sign, end in zip((-1, 1), profile_interval(data, c, parameter), strict=True):

        def value(natural, sign=sign):
            p = natural if parameter == "natural" else family.natural_to_mean(natural)
            return -sign * float(np.dot(c, p))

        found = optimize.minimize(
            value, best.natural_parameter, method="SLSQP", constraints=constraint,
            options={"maxiter": 500, "ftol": 1e-13},
        )  # fmt: skip
        close(end, -sign * found.fun, rtol=1e-5)


def binomial_ends(x, n, level=0.95):
    """The roots of the binomial deviance, where there are any."""
    z2 = stats.chi2.isf(1 - level, 1)

    def excess(p):
        return g([x, n - x], [p, 1 - p]) - z2

    low = optimize.brentq(excess, 1e-300, x / n, xtol=1e-300) if x else 0.0
    return low, optimize.brentq(excess, x / n, 1 - 1e-15, xtol=1e-300, rtol=1e-15) if x < n else 1.0


@pytest.mark.parametrize("x", [[3, 5, 12], [0, 4, 6], [0, 0, 8], [1, 10**6, 10], [2, 0, 0]])
def test_the_profile_of_a_probability_is_that_of_a_proportion(x):
    data = table_of(x)
    for i, count in enumerate(x):
        close(profile_interval(data, i, "mean", 0.9), binomial_ends(count, sum(x), 0.9), rtol=1e-9)


@pytest.mark.parametrize("x", [[3, 5, 12], [0, 4, 6], [1, 10**6, 10], [4, 0, 1], [0, 0, 8]])
def test_the_profile_of_a_log_odds_is_that_of_two_categories(x):
    a, b, _ = x
    if a + b:
        low, high = (log(p) - log(1 - p) for p in np.array(binomial_ends(a, a + b)))
    else:
        low, high = -INF, INF  # nothing tells the two apart
    close(profile_interval(table_of(x), [1, -1, 0]), (low, high), rtol=1e-9)


def test_profiles_of_one_parameter():
    low, high = profile_interval(Binomial(20).statistics(7), parameter="mean")
    close((low, high), binomial_ends(7, 20), rtol=1e-12)
    close(
        profile_interval(Binomial(20).statistics(7)), [math.log(p / (1 - p)) for p in (low, high)]
    )
    zero = Poisson().statistics([0, 0, 0, 0])
    close(profile_interval(zero, parameter="mean"), (0.0, Z2 / 8))
    close(profile_interval(zero), (-INF, math.log(Z2 / 8)))
    whole = profile_interval(Binomial(5).statistics([0, 5], batch_ndim=1), parameter="mean")
    close(whole[0], [0.0, math.exp(-Z2 / 10)])
    close(whole[1], [1 - math.exp(-Z2 / 10), 1.0])
    assert profile_interval(Binomial(5).statistics(5))[1] == INF


def test_gaussian_profiles_have_a_closed_form():
    x = np.array([1.0, 2.0, 3.0, 6.0, 0.5])
    n, mean, variance = len(x), x.mean(), x.var()
    half = math.sqrt(variance * math.expm1(Z2 / n))  # n·log(1 + (x̄ − m)²/v) = z²
    data = Gaussian().statistics(x)
    close(profile_interval(data, 0, "mean"), (mean - half, mean + half), rtol=1e-11)

    def excess(r):  # r = v̂/v: n·(r − 1 − log r) = z²
        return n * (r - 1 - math.log(r)) - Z2

    ratios = optimize.brentq(excess, 1e-9, 1.0), optimize.brentq(excess, 1.0, 99.0)
    close(profile_interval(data, 1), [-0.5 * r / variance for r in ratios[::-1]], rtol=1e-10)


@pytest.mark.parametrize("name", ["Multinomial", "Gaussian"])
@pytest.mark.parametrize("parameter", ["natural", "mean"])
def test_profiles_hold_the_estimate_and_grow_with_the_level(name, parameter):
    family, natural = MEMBERS[name]
    data = family.statistics(family.from_natural(natural).sample(40, rng=2))
    c = np.eye(len(natural))[0] - (np.eye(len(natural))[1] if name == "Multinomial" else 0)
    best = family._unit.fit(data)
    value = c @ (best.natural_parameter if parameter == "natural" else best.mean_parameter)
    ends = [profile_interval(data, c, parameter, level) for level in (0.5, 0.9, 0.999)]
    lows, highs = zip(*ends, strict=True)
    assert sorted([*lows, value, *highs]) == [*lows[::-1], value, *highs]
    low, high = profile_interval(data, -3 * c, parameter, 0.9)
    close((-low / 3, -high / 3), ends[1][::-1], rtol=1e-10)
    shifted = statistics(family, best.mean_parameter, data.exposure * 10**8)
    low, high = profile_interval(shifted, c, parameter)
    fisher = family._unit.fisher_information(best.natural_parameter)
    form = np.linalg.pinv(fisher) if parameter == "natural" else fisher
    error = math.sqrt(c @ form @ c / shifted.exposure)
    close([low, high], [value - 1.959964 * error, value + 1.959964 * error], rtol=1e-6)
    close((high - low) / error, 2 * 1.959964, rtol=1e-3)


@pytest.mark.filterwarnings("ignore:Values in x were outside bounds:RuntimeWarning")  # scipy 1.13
def test_mean_scores_where_categories_are_unseen():
    """The extremes lean on the unseen category of the most extreme score."""
    data = table_of([0, 12, 8, 0])
    low, high = profile_interval(data, [1, 2, 3, 4], "mean")

    def deviance(p):
        return 2 * (12 * np.log(0.6 / p[1]) + 8 * np.log(0.4 / p[2]))

    for end, sign in ((low, 1), (high, -1)):
        found = optimize.minimize(
            lambda p, sign=sign: sign * (np.arange(1, 5) @ p), [0.05, 0.5, 0.4, 0.05],
            method="SLSQP", bounds=[(1e-9, 1)] * 4, options={"ftol": 1e-14, "maxiter": 300},
            constraints=[
                {"type": "eq", "fun": lambda p: p.sum() - 1},
                {"type": "ineq", "fun": lambda p: Z2 - deviance(p)},
            ],
        )  # fmt: skip
        close(end, sign * found.fun, rtol=1e-6)
    assert profile_interval(table_of([9, 0]), [5, 1], "mean")[1] == 5
