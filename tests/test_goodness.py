"""Tests of labelled fits: methods, fitted hypotheses, groups, the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

import expfam
from expfam import cli, datasets
from expfam.exact import goodness_of_fit
from expfam.exact.hypotheses import (
    Hypothesis,
    binomial_shape,
    hardy_weinberg,
    linkage,
    most_likely,
    poisson_shape,
)

LABELS = ["AB", "Ab", "aB", "ab"]
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def animals():
    return expfam.fit(dict(zip(LABELS, [125, 18, 20, 34], strict=True)))


@pytest.fixture(scope="module")
def weldon():
    path = Path(__file__).parent / "oracles" / "weldon_dice.json"
    dice = expfam.fit(datasets.path("weldon_dice"), "successes", weights="count")
    return json.loads(path.read_text(encoding="utf-8"))["expected"], dice


def test_weldons_dice_with_a_p_of_their_own(weldon):
    right, dice = weldon
    result = dice.test(binomial_shape(dice.categories, 12))
    assert result.parameters["p"] == pytest.approx(right["p_hat"], rel=1e-9)
    assert result.statistic == pytest.approx(right["X2_fitted"], rel=1e-8)
    assert result.pvalue == pytest.approx(right["p_fitted_df11"], rel=1e-8)
    assert (result.df, result.exact) == (11, False)
    assert "p = 0.3376986" in repr(result)


def test_weldons_dice_grouped(weldon):
    right, dice = weldon
    right, counts = right["grouped_11_bins"], dice.counts.to_numpy()
    grouped = expfam.fit(dict(enumerate([*counts[:10].tolist(), int(counts[10:].sum())])))
    shape = binomial_shape(range(11), 12)
    result = grouped.test(shape)
    assert result.parameters["p"] == pytest.approx(right["p_mle_grouped"], rel=1e-8)
    assert result.statistic == pytest.approx(right["X2_mle"], rel=1e-8)
    assert result.pvalue == pytest.approx(right["p_X2_mle"], rel=1e-8)
    assert grouped.test(shape, "g").statistic == pytest.approx(right["G2_mle"], rel=1e-8)


def test_pearsons_rounding(weldon):
    right, dice = weldon
    rounded = np.array([203, 1217, 3345, 5576, 6273, 5018, 2927, 1254, 392, 87, 13, 1])
    x2 = ((dice.counts.to_numpy()[:12] - rounded) ** 2 / rounded).sum()
    assert x2 == pytest.approx(right["X2_with_pearsons_rounded_expectations"], rel=1e-8)


def test_linkage_is_the_root_of_its_quadratic(animals):
    """The score is 125/(2 + θ) − 38/(1 − θ) + 34/θ: 197θ² − 15θ − 68 = 0."""
    root = (15 + np.sqrt(15**2 + 4 * 197 * 68)) / (2 * 197)
    result = animals.test(linkage(LABELS))
    assert result.parameters["theta"] == pytest.approx(root, rel=1e-10)
    assert round(root, 7) == 0.6268215
    assert result.df == 2


def test_hardy_weinberg_counts_genes():
    result = expfam.fit({"AA": 21, "Aa": 52, "aa": 27}).test(hardy_weinberg(["AA", "Aa", "aa"]))
    assert result.parameters["q"] == pytest.approx(0.47, rel=1e-9)
    assert result.expected.sum() == pytest.approx(100)


def test_an_open_poisson_class():
    labels = [0, 1, 2, "3 or more"]
    fit = expfam.fit(dict(zip(labels, [109, 65, 22, 4], strict=True)))
    rate = fit.test(poisson_shape(labels)).parameters["rate"]

    def log_likelihood(rate):
        p = [np.exp(-rate), rate * np.exp(-rate), rate**2 / 2 * np.exp(-rate)]
        return fit.counts.to_numpy() @ np.log([*p, 1 - sum(p)])

    assert log_likelihood(rate) > max(log_likelihood(rate + 1e-5), log_likelihood(rate - 1e-5))


def test_functions_of_parameters(animals):
    def by_label(t):
        return {"ab": t[0] / 4, "AB": (2 + t[0]) / 4, "aB": (1 - t[0]) / 4, "Ab": (1 - t[0]) / 4}

    right = animals.test(linkage(LABELS))
    for result in (
        animals.test(by_label, start=0.2),
        animals.test(by_label, start=[0.9]),
        animals.test(Hypothesis(by_label, {"theta": 0.3})),
        animals.test(lambda t: [2 + t[0], 1 - t[0], 1 - t[0], t[0]], ratio=True, start={"t": 0.5}),
    ):
        assert result.statistic == pytest.approx(right.statistic, rel=1e-9)
        assert result.df == 2


def test_the_bootstrap_agrees_with_chi_square_where_n_is_large(animals):
    """Within 5 standard errors (6e-7) and 0.02 for the approximation."""
    for statistic in ("pearson", "probability"):
        result = animals.test(linkage(LABELS), statistic, method="monte_carlo", draws=400)
        assert abs(result.pvalue - 0.735) < 5 * result.se + 0.02
        assert "parametric bootstrap: 400 draws, each fitted anew, seed 0" in result.method
    assert animals.test(linkage(LABELS), "probability", draws=9).method.startswith("−2 log")


def test_hypotheses_by_group():
    food = expfam.fit(datasets.path("alligator"), "food", by="lake", weights="count")

    def tilted(t):
        return [1 + t[0], 1, 1, 1, 1 - t[0]]

    result = food.test(tilted, start={"tilt": 0.1}, ratio=True)
    for group in food.groups:
        alone = food.group(group).test(tilted, start={"tilt": 0.1}, ratio=True)
        assert result.statistic[group] == alone.statistic
        assert result.parameters.loc[group, "tilt"] == alone.parameters["tilt"]
    assert "George: tilt = 0.5" in repr(result)
    simulated = food.test("uniform", method="monte_carlo", draws=99)
    assert simulated.se["George"] == pytest.approx(np.sqrt(0.01 * 0.99 / 99))
    assert "(standard error 0.01)" in repr(simulated)
    exact = food.test("uniform")
    assert exact.method.endswith("exact: all outcomes of each group, within the budget")
    for group, counts in food.counts.iterrows():
        assert exact.pvalue[group] == goodness_of_fit(counts.to_numpy(), np.full(5, 0.2)).pvalue
    assert not food.test("uniform", budget=1000).exact


def test_notes_are_of_the_method():
    fit = expfam.fit({"a": 3, "b": 0, "c": 4})
    assert fit.test("uniform").notes == ()
    (note,) = fit.test("uniform", "neyman").notes
    assert note.startswith("a count of 0 makes Neyman's statistic infinite")
    assert "expected counts are below 5" in fit.test("uniform", method="asymptotic").notes[0]


@pytest.mark.parametrize(
    ("p0", "options", "error", "message"),
    [
        (linkage(LABELS), {"method": "exact"}, ValueError, "exact p-values are of given"),
        (linkage(LABELS), {"start": 0.5}, TypeError, "a Hypothesis has a start of its own"),
        ("uniform", {"start": 0.5}, TypeError, "start goes with p0 as a function"),
        (lambda t: t, {}, TypeError, "needs start, a first value of each parameter"),
        (lambda t: t, {"start": "x"}, TypeError, "start must be numbers"),
        (lambda t: t, {"start": []}, ValueError, "start must be finite numbers"),
        (lambda t: t, {"start": np.nan}, ValueError, "start must be finite numbers"),
        (lambda t: dict.fromkeys(LABELS, t[0]), {"start": 0.3}, ValueError, "must sum to 1"),
        (lambda t: dict.fromkeys(LABELS, t[0]), {"start": 0.25}, ValueError, "no maximum|sum to 1"),
        (lambda t: [t[0], 1, 1, 0], {"start": 1, "ratio": True}, ValueError, "start gives probab"),
        (
            lambda t: [1 + t[0] + t[1], 1, 1, 1],
            {"start": [0, 0], "ratio": True},
            ValueError,
            "2 parameters, of which the probabilities tell only 1 apart",
        ),
        (
            lambda t: [1 + t[0], 1, 1, 1],
            {"start": [0, 0], "ratio": True},
            ValueError,
            "2 parameters, of which the probabilities tell only 1 apart",
        ),
        (
            lambda t: [*t, 1],
            {"start": [1, 1, 1], "ratio": True},
            ValueError,
            "4 categories leave no degree of freedom beside 3 fitted",
        ),
        ("uniform", {"method": "bayes"}, ValueError, "test: method must be one of auto, exact"),
    ],
)
def test_bad_hypotheses_are_refused_in_words(animals, p0, options, error, message):
    with pytest.raises(error, match=message):
        animals.test(p0, **options)


def test_edges_and_fractions():
    edge = expfam.fit({"AA": 0, "Aa": 0, "aa": 10})
    with pytest.raises(ValueError, match="largest at an edge of the hypothesis"):
        edge.test(hardy_weinberg(["AA", "Aa", "aa"]))
    half = expfam.fit({"AA": 2.5, "Aa": 5.0, "aa": 3.0})
    assert half.test(hardy_weinberg(["AA", "Aa", "aa"])).df == 1
    with pytest.raises(ValueError, match="a bootstrap needs whole counts"):
        half.test(hardy_weinberg(["AA", "Aa", "aa"]), method="monte_carlo")
    with pytest.raises(ValueError, match="test: exact needs whole counts"):
        half.test("uniform", method="exact")
    assert "counts are fractional" in half.test("uniform").method


def test_a_wall_before_the_maximum():
    def walled(t):
        return np.array([t[0], 1 - t[0]]) if t[0] < 0.5 else np.full(2, np.nan)

    _, reached = most_likely(walled, np.array([4.0, 1.0]), np.array([0.3]))
    assert not reached
    fit = expfam.fit({"a": 8, "b": 1, "c": 1})
    with pytest.raises(
        ValueError, match=r"no maximum inside the range .* ended at p = 0\.(5|49999)"
    ):
        fit.test(lambda t: [*walled(t) * 0.9, 0.1], ratio=True, start={"p": 0.3})


def test_probabilities_that_sum_to_one_at_the_start_alone():
    fit = expfam.fit({"a": 8, "b": 1, "c": 1})
    with pytest.raises(ValueError, match=r"p0 must sum to 1 at all parameters; it sums to 1\.\d"):
        fit.test(lambda t: {"a": t[0], "b": 0.4 * t[0] + 0.38, "c": 0.5 - t[0]}, start={"t": 0.3})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: linkage(["a"]), "linkage: there must be 4 labels"),
        (lambda: hardy_weinberg("abc"), "hardy_weinberg: there must be 3 labels"),
        (lambda: poisson_shape([0]), "poisson_shape: there must be at least 2 labels"),
        (lambda: binomial_shape(range(5), 3), "3 trials have 4 counts; got 5 labels"),
    ],
)
def test_labels_of_ready_hypotheses(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_command_line(capsys):
    path = str(datasets.path("alligator"))
    words = ["test", path, "food", "--weights", "count", "--against", "uniform"]
    assert cli.main([*words, "--format", "json"]) == 0
    exact = json.loads(capsys.readouterr().out)
    assert (exact["exact"], exact["se"]) == (True, None)
    simulate = [*words, "--method", "monte_carlo", "--draws", "99", "--seed", "3"]
    assert cli.main(simulate) == 0
    assert "standard error of p" in capsys.readouterr().out
    assert cli.main([*simulate, "--by", "lake", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["se"]) == 4
    assert cli.main([*simulate, "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(",se")
    assert cli.main([*words, "--method", "asymptotic", "--statistic", "probability"]) == 1
    assert "no χ² approximation" in capsys.readouterr().err
