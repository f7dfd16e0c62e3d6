"""Truncated families of real numbers, and Logarithmic, against tests/oracles/truncated.json.

The numbers are integrals and sums of 60 digits, from T and h alone: tests/oracles/truncated.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import expfam

PATH = Path(__file__).parent / "oracles" / "truncated.json"
CASES = json.loads(PATH.read_text(encoding="utf-8"))
ROUNDINGS = 4  # of ⟨η, T⟩, which log p and the entropy are allowed beyond their tolerance


def base(text):
    """The family that a text like "Weibull(2.5)" builds."""
    name, _, known = text.removesuffix(")").partition("(")
    return getattr(expfam, name)(*map(float, known.split())) if known else getattr(expfam, name)()


def built(case):
    return expfam.Truncated(base(case["family"]), case["low"], case["high"])


def label(case):
    ends = f"{case['low']} … {case['high']}"
    return f"{case['family']} {ends} {case['natural']}"


@pytest.fixture(params=CASES, ids=label)
def case(request):
    return request.param


def member(case):
    return built(case).from_natural(case["natural"])


def size(natural, statistic):
    """The size of ⟨η, T⟩: the sum of its terms without their signs."""
    return float(np.sum(np.abs(np.multiply(natural, statistic)), axis=-1))


def deviations(case):
    return np.sqrt(np.diagonal(np.atleast_2d(case["fisher"])))


def rounding(natural, statistic):
    return ROUNDINGS * np.finfo(float).eps * size(natural, statistic)


def test_the_numbers_have_the_family_s_own_measure(case):
    """log p = log h + ⟨η, T⟩ − A, with T and h of the family itself and A of the oracle."""
    family, x = base(case["family"]), np.asarray(case["points"])
    statistic = family.sufficient_statistic(x)
    products = np.multiply(case["natural"], statistic)
    inner = products.sum(axis=-1) if products.ndim > 1 else products
    got = family.log_base_measure(x) + inner - case["log_partition"]
    allowed = 1e-12 * np.maximum(1.0, np.abs(case["log_prob"])) + ROUNDINGS * np.finfo(
        float
    ).eps * (np.abs(case["log_partition"]) + np.abs(products).reshape(len(x), -1).sum(axis=-1))
    assert (np.abs(got - case["log_prob"]) <= allowed).all(), got - case["log_prob"]


def test_log_partition(case):
    wanted = case["log_partition"]
    allowed = 1e-12 * max(1e-3, abs(wanted), size(case["natural"], case["mean"]))
    assert member(case).log_partition == pytest.approx(wanted, rel=0, abs=allowed)


def test_mean_parameter(case):
    """Of a mean that is smaller than a deviation, as 0 is by symmetry, the deviation counts."""
    wanted = np.atleast_1d(case["mean"])
    gap = np.abs(np.atleast_1d(member(case).mean_parameter) - wanted)
    assert (gap <= 1e-12 * np.maximum(np.abs(wanted), deviations(case))).all(), gap / wanted


def test_fisher_information(case):
    scale = deviations(case)
    got = np.atleast_2d(member(case).fisher_information)
    gap = np.abs(got - case["fisher"]) / np.outer(scale, scale)
    assert (gap <= 1e-12).all(), gap


def test_entropy(case):
    wanted = case["entropy"]
    allowed = 2e-12 * max(1.0, abs(wanted)) + rounding(case["natural"], case["mean"])
    assert member(case).entropy() == pytest.approx(wanted, rel=0, abs=allowed)


def test_kl(case):
    other = built(case).from_natural(case["other"])
    assert member(case).kl(other) == pytest.approx(case["kl"], rel=2e-12, abs=0)


def test_log_prob(case):
    p, statistic = member(case), base(case["family"]).sufficient_statistic
    for x, wanted in zip(case["points"], case["log_prob"], strict=True):
        allowed = 2e-12 * max(1.0, abs(wanted)) + rounding(case["natural"], statistic(x))
        assert p.log_prob(x) == pytest.approx(wanted, rel=0, abs=allowed), x


def test_the_member_of_the_mean_has_the_mean(case):
    again = built(case).from_mean(case["mean"]).mean_parameter
    gap = np.abs(np.atleast_1d(again) - case["mean"])
    assert (gap <= 1e-7 * deviations(case)).all(), gap / deviations(case)
