"""Published and cross-checked reference values, from tests/oracles with their sources."""

import json
from pathlib import Path

import numpy as np
import pytest

import expfam
from expfam import Binomial, Poisson, datasets
from expfam.power_divergence import chi_square_tail, likelihood_ratio, pearson

ORACLES = Path(__file__).parent / "oracles"


def oracle(name):
    return json.loads((ORACLES / f"{name}.json").read_text(encoding="utf-8"))


def test_missing_labels_do_not_move_the_estimate():
    case = oracle("missing_labels")
    labels = [x for x, n in case["input"]["labels"].items() for _ in range(n)]
    fit = expfam.fit(labels + [None] * case["input"]["missing"])
    expected, tolerance = case["expected"], case["tolerance"]["abs"]
    assert fit.probabilities.to_dict() == pytest.approx(expected["probabilities"], abs=tolerance)
    assert fit.log_likelihood == pytest.approx(expected["loglik"], abs=tolerance)
    assert (fit.n, fit.ledger.missing) == (expected["nobs"], expected["n_missing_reported"])


@pytest.fixture(scope="module")
def weldon():
    return oracle("weldon_dice")["expected"], datasets.load("weldon_dice")


def test_weldon_binomial(weldon):
    expected, dice = weldon
    family = Binomial(12)
    statistics = family.statistics(dice["successes"].to_numpy(), weights=dice["count"].to_numpy())
    fitted = family.fit(statistics)
    assert fitted.mean_parameter / 12 == pytest.approx(expected["p_hat"], rel=1e-12)
    assert fitted.log_likelihood(statistics) == pytest.approx(expected["loglik_fitted"], rel=1e-8)
    fair = family.from_mean(12 / 3)
    assert fair.log_likelihood(statistics) == pytest.approx(expected["loglik_one_third"], rel=1e-8)


def test_weldon_pearson(weldon):
    expected, dice = weldon
    fit = expfam.fit(dice, "successes", weights="count")
    fair = np.exp(Binomial(12).from_mean(4.0).log_prob(np.arange(13)))
    result = fit.test(dict(enumerate(fair.tolist())), method="asymptotic")
    assert fit.n == expected["n"]
    assert result.statistic == pytest.approx(expected["X2_one_third"], rel=1e-8)
    assert result.pvalue == pytest.approx(expected["p_one_third_df12"], rel=1e-8)
    assert result.df == 12
    grouped = expected["grouped_11_bins"]
    counts, p = dice["count"].to_numpy(), fair
    counts, p = np.append(counts[:10], counts[10:].sum()), np.append(p[:10], p[10:].sum())
    assert pearson(counts, p) == pytest.approx(grouped["X2_third"], rel=1e-8)
    assert likelihood_ratio(counts, p) == pytest.approx(grouped["G2_third"], rel=1e-8)
    assert chi_square_tail(pearson(counts, p), 10) == pytest.approx(grouped["p_X2_third"], rel=1e-8)


def test_federalist_poisson_rate():
    case = oracle("federalist_may")
    table = np.loadtxt(ORACLES / "federalist_may.csv", delimiter=",", skiprows=1, dtype=str)
    numbers = np.array([[int(cell.strip('"')) for cell in row] for row in table])
    fitted = Poisson().fit(numbers[:, 0], weights=numbers[:, 1])
    rate = case["expected"]["poisson"]["par"]["lambda"]
    assert fitted.mean_parameter == pytest.approx(rate, rel=case["tolerance"]["rel"])


def test_hair_and_eye_margins():
    case = oracle("hair_eye_color")["expected"]["two_way"]
    fit = expfam.fit(datasets.path("hair_eye_color"), "Eye", by="Hair", weights="Freq")
    table = fit.counts.loc[["Black", "Brown", "Red", "Blond"], ["Brown", "Blue", "Hazel", "Green"]]
    assert table.to_numpy().tolist() == case["table"]
    assert fit.n.sum() == 592
    # Independence from the margins alone: hair's row sums times eye's column sums.
    hair = expfam.fit(datasets.load("hair_eye_color"), "Hair", weights="Freq")
    eye = expfam.fit(datasets.load("hair_eye_color"), "Eye", weights="Freq")
    expected = np.outer(
        hair.probabilities[table.index].to_numpy(), eye.counts[table.columns].to_numpy()
    )
    np.testing.assert_allclose(expected, case["expected"], rtol=1e-12)


def test_mendel_against_his_ratio():
    peas = {"round yellow": 315, "round green": 108, "angular yellow": 101, "angular green": 32}
    result = expfam.fit(peas).test("9:3:3:1", method="asymptotic")
    assert result.statistic == pytest.approx(0.470023980815348, rel=1e-12)
    assert result.pvalue == pytest.approx(0.925425895103616, rel=1e-10)
