"""Groups compared: real data beside R and scipy, what is left out and refused, and every format."""

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import expfam
from expfam import association, datasets, exact, odds
from expfam.cli import grammar, main

ORACLE = json.loads((Path(__file__).parent / "oracles" / "hair_eye_color.json").read_text())
UCB = str(datasets.path("ucb_admissions"))
FORMATS = ("table", "json", "csv", "latex", "html")


def cells(counts, **options):
    """The comparison of a dict of groups, each a dict of counts."""
    rows = [(g, label, n) for g, labels in counts.items() for label, n in labels.items()]
    frame = pd.DataFrame(rows, columns=["group", "label", "n"])
    return expfam.fit(frame, "label", by="group", weights="n").compare(**options)


@pytest.fixture(scope="module")
def hair():
    frame = datasets.load("hair_eye_color")
    return expfam.fit(frame, "Hair", by="Eye", weights="Freq").compare()


@pytest.fixture(scope="module")
def admissions():
    frame = datasets.load("ucb_admissions")
    return expfam.fit(frame, "Admit", by=["Dept", "Gender"], weights="Freq").compare("Dept")


# ---------------------------------------------------------------- numbers


def test_hair_by_eyes_as_in_r(hair):
    expected = ORACLE["expected"]["two_way"]
    assert hair.pearson.statistic == pytest.approx(expected["X2"], rel=1e-13)
    assert hair.likelihood_ratio.statistic == pytest.approx(expected["G2"], rel=1e-12)
    assert (hair.pearson.df, hair.pearson.method) == (9, "asymptotic")
    assert hair.pearson.pvalue == pytest.approx(expected["pX2"], rel=1e-8)
    places = (
        {"Black": 0, "Brown": 1, "Red": 2, "Blond": 3},
        {"Brown": 0, "Blue": 1, "Hazel": 2, "Green": 3},
    )
    for name, frame in (
        ("stdres", hair.adjusted_residuals),
        ("residuals", hair.residuals),
        ("expected", hair.expected),
    ):
        for eye, row in frame.iterrows():
            for label, value in row.items():
                theirs = expected[name][places[0][label]][places[1][eye]]
                assert value == pytest.approx(theirs, rel=1e-11)
    assert hair.measures.loc["cramers_v", "value"] == pytest.approx(expected["cramer_v"])
    coefficient = hair.measures.loc["contingency_coefficient", "value"]
    assert coefficient == pytest.approx(expected["contingency"])
    assert hair.counts.index.name == "Eye"
    assert hair.counts.columns.name == "Hair"


def test_conditional_independence_as_in_r():
    frame = datasets.load("hair_eye_color")
    result = expfam.fit(frame, "Hair", by=["Sex", "Eye"], weights="Freq").compare("Sex")
    expected = ORACLE["expected"]["cond_H_E_given_S"]
    assert result.pearson.statistic == pytest.approx(expected["X2"], rel=1e-12)
    assert result.likelihood_ratio.statistic == pytest.approx(expected["G2"], rel=1e-12)
    assert (result.pearson.df, result.mantel_haenszel) == (18, None)
    assert result.pearson.pvalue == pytest.approx(expected["pX2"], rel=1e-8)
    assert list(result.to_frame().columns) == ["n", "statistic", "df", "pvalue"]


def test_aic_is_of_the_multinomials(hair):
    one, each = hair.aic
    table = hair.counts.to_numpy()
    whole = expfam.fit(dict(zip("abcd", table.sum(0).tolist(), strict=True)))
    assert one == pytest.approx(whole.aic)
    fit = expfam.fit(datasets.load("hair_eye_color"), "Hair", by="Eye", weights="Freq")
    assert each == pytest.approx(fit.aic.sum())
    assert one - each == pytest.approx(hair.likelihood_ratio.statistic - 2 * hair.pearson.df)


def test_aic_of_the_alligators():
    """The log-likelihood of one multinomial for all, by R's nnet: -302.1814624411078."""
    fit = expfam.fit(datasets.load("alligator"), "food", by="lake", weights="count")
    result = fit.compare(method="asymptotic")
    assert result.aic["one for all"] == pytest.approx(2 * 4 + 2 * 302.1814624411078, rel=1e-12)
    assert "7 of 20 expected counts are below 5 (the least is 2.85)" in repr(result)


def test_admissions(admissions):
    """Bickel, Hammel & O'Connell (1975): against women in sum, not in the departments."""
    whole = admissions.aggregate
    assert whole.counts.loc["Female"].to_dict() == {"Admitted": 557, "Rejected": 1278}
    assert whole.odds_ratio().value < 0.55
    common = admissions.mantel_haenszel
    assert 1 / common.odds_ratio.value == pytest.approx(0.9046968, abs=5e-8)
    assert common.statistic == pytest.approx(1.4269, abs=5e-5)
    assert common.homogeneity.pvalue == pytest.approx(0.0021, abs=5e-5)
    frame = admissions.to_frame()
    assert frame.index.tolist() == list("ABCDEF")
    assert frame.loc["A", "odds_ratio"] == pytest.approx(odds.odds_ratio([[89, 19], [512, 313]])[0])
    assert admissions.strata["B"].ledger == whole.ledger
    assert admissions.pearson.statistic == pytest.approx(frame["statistic"].sum())


def test_pvalues_are_exact_where_that_is_quick():
    result = cells({"u": {"a": 3, "b": 1}, "v": {"a": 1, "b": 3}})
    assert result.pearson[:6] == exact.independence([[3, 1], [1, 3]])[:6]
    assert (result.pearson.exact, result.likelihood_ratio.exact) == (True, True)
    assert result.pearson.pvalue == pytest.approx(stats.fisher_exact([[3, 1], [1, 3]]).pvalue)
    assert not any("expected counts" in note for note in result.notes)
    rough = cells({"u": {"a": 3, "b": 1}, "v": {"a": 1, "b": 3}}, method="asymptotic")
    assert rough.pearson.pvalue == pytest.approx(stats.chi2.sf(2, 1))
    assert (
        "4 of 4 expected counts are below 5 (the least is 2): approximations by χ² are rough"
        in rough.notes
    )
    drawn = cells({"u": {"a": 3, "b": 1}, "v": {"a": 1, "b": 3}}, method="monte_carlo", rng=1)
    assert drawn.pearson.se > 0
    assert "simulation" in repr(drawn)
    assert any("9,999 draws, seed 1" in note for note in drawn.notes)


def test_pairs(hair):
    pairs, table = hair.pairs, hair.counts
    assert pairs.index.names == ["group", "other"]
    assert len(pairs) == 6
    for (one, other), row in pairs.iterrows():
        theirs = stats.chi2_contingency(table.loc[[one, other]], correction=False)
        assert row["statistic"] == pytest.approx(theirs.statistic)
        v = stats.contingency.association(table.loc[[one, other]])
        assert row["cramers_v"] == pytest.approx(v)
    adjusted = association.adjusted_pvalues(pairs["pvalue"].to_numpy())
    assert pairs["adjusted_pvalue"].tolist() == adjusted.tolist()
    frame = datasets.load("hair_eye_color")
    fit = expfam.fit(frame, "Hair", by="Eye", weights="Freq")
    plain = fit.compare(adjustment="none", method="asymptotic")
    assert plain.pairs["adjusted_pvalue"].equals(plain.pairs["pvalue"].rename("adjusted_pvalue"))
    assert "p (Benjamini–Hochberg)" in repr(fit.compare(adjustment="benjamini_hochberg"))


def test_pairs_that_share_one_category():
    result = cells({"u": {"a": 3}, "v": {"a": 5}, "w": {"a": 1, "b": 4}})
    row = result.pairs.loc[("u", "v")]
    assert (row["statistic"], row["df"], row["pvalue"], row["cramers_v"]) == (0, 0, 1, 0)


def test_many_pairs_are_by_chi_square_alone():
    result = cells({i: {"a": 5, "b": 3 + i} for i in range(21)})
    assert result.pairs.shape == (210, 6)
    assert not result.pairs["exact"].any()
    assert "`pairs` has the comparisons of 210 pairs of groups" in repr(result)


def test_odds_ratio_of_named_labels(hair):
    ratio = hair.odds_ratio("profile", groups=["Blue", "Brown"], categories=("Blond", "Black"))
    assert ratio == odds.odds_ratio([[94, 20], [7, 68]], method="profile")
    with pytest.raises(ValueError, match=r"groups must be two of 'Blue', .*; none are named"):
        hair.odds_ratio()
    with pytest.raises(ValueError, match=r"categories must be two of .*; got \['Blond', 'x'\]"):
        hair.odds_ratio(groups=["Blue", "Brown"], categories=["Blond", "x"])
    with pytest.raises(ValueError, match=r"got \['Blue', 'Blue'\]"):
        hair.odds_ratio(groups=["Blue", "Blue"])
    with pytest.raises(ValueError, match="got 'Blue'"):
        hair.odds_ratio(groups="Blue")


def test_frames_are_labelled_and_copies(hair):
    frame = hair.to_frame()
    assert frame.index.names == ["Eye", "Hair"]
    assert frame.loc[("Blue", "Blond"), "count"] == 94
    assert frame["share"].groupby("Eye").sum().tolist() == pytest.approx([1] * 4)
    assert not frame.isna().any(axis=None)
    counts = hair.counts
    counts.loc["Blue"] = 0
    assert hair.counts.loc["Blue"].sum() > 0
    with pytest.raises(AttributeError):
        hair.level = 0.9


# ---------------------------------------------------------------- zeros, few, fractional


def test_what_no_group_has_is_left_out_and_said():
    frame = pd.DataFrame({"x": ["a", "b", "a", "b", "b"], "g": ["u", "u", "v", "v", "v"]})
    fit = expfam.fit(frame, "x", by="g", categories=["a", "b", "c"])
    result = fit.compare()
    assert list(result.counts.columns) == ["a", "b"]
    assert result.pearson.df == 1
    assert "no group has 'c': left out, with the degrees of freedom" in result.notes
    assert "fewer than 5 counts in 'u', 'v': shares there say little" in result.notes


def test_a_group_without_labels_is_said():
    frame = pd.DataFrame({"x": ["a", "b", None, "b", "a"], "g": ["u", "u", "v", "w", "w"]})
    result = expfam.fit(frame, "x", by="g").compare()
    assert result.counts.index.tolist() == ["u", "w"]
    assert "no labels left to count in the groups 'v': left out" in result.notes


def test_zero_cells_are_words_never_nan():
    result = cells({"u": {"a": 5}, "v": {"a": 3, "b": 4}})
    assert result.odds_ratio().value == math.inf
    text = repr(result)
    assert "nan" not in text.lower()
    assert f"[{result.odds_ratio().lower:.4f}, inf]" in text
    assert "a count is 0, so that the odds ratio is infinite" in text
    assert json.loads(result.to_json())["odds_ratios"][0]["value"] == "Infinity"
    assert not result.measures.isna().any(axis=None)


def test_fractional_counts():
    result = cells({"u": {"a": 5.5, "b": 7}, "v": {"a": 3, "b": 4.25}})
    assert not result.pearson.exact
    assert any("counts are not whole" in note and "19.75" in note for note in result.notes)
    assert "odds ratio, exact" not in repr(result)
    assert "odds ratio, profile likelihood" in repr(result)
    assert [ratio["method"] for ratio in result.to_dict()["odds_ratios"]] == ["profile"]
    with pytest.raises(ValueError, match="needs whole counts"):
        cells({"u": {"a": 5.5, "b": 7}, "v": {"a": 3, "b": 4.25}}, method="exact")


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"u": {"a": 5, "b": 7}}, "compare: two groups must have counts; only 'u' has any"),
        ({"u": {"a": 5}, "v": {"a": 3}}, "two categories must have counts; only 'a' has any"),
    ],
)
def test_what_cannot_be_compared_is_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        cells(counts)


def test_options_are_refused_in_words():
    fit = expfam.fit({"a": 3, "b": 4})
    with pytest.raises(ValueError, match="compare: there must be groups; make the fit with by="):
        fit.compare()
    with pytest.raises(ValueError, match="method must be one of auto, .*; got 'x'"):
        fit.compare(method="x")
    with pytest.raises(ValueError, match="adjustment must be one of holm, .*; got 'x'"):
        fit.compare(adjustment="x")
    with pytest.raises(ValueError, match="compare: level must be between 0 and 1"):
        fit.compare(level=2)


@pytest.mark.parametrize("strata", ["x", [], ["Dept", "Gender"], "Gender Dept"])
def test_strata_must_be_columns_of_the_groups(strata):
    fit = expfam.fit(UCB, "Admit", by=["Dept", "Gender"], weights="Freq")
    with pytest.raises(ValueError, match=r"some, not all, of the columns .* \(Dept, Gender\); got"):
        fit.compare(strata)


def strata_frame():
    rows = [("s", "u", "a", 4), ("s", "u", "b", 2), ("s", "v", "a", 3), ("s", "v", "b", 6),
            ("t", "u", "a", 5), ("t", "v", "a", 1), ("r", "u", "b", 3), ("r", "u", "a", 3),
            ("q", "u", "a", 2), ("q", "u", "b", 2), ("q", "v", "a", 2), ("q", "v", "b", 2)]  # fmt: skip
    return pd.DataFrame(rows, columns=["stratum", "group", "x", "n"])


def test_strata_with_nothing_to_compare_are_left_out():
    frame = strata_frame()
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert list(result.strata) == ["q", "s"]
    assert result.pearson.df == 2
    assert result.mantel_haenszel.strata == 2
    assert result.aggregate.counts.loc["u"].to_dict() == {"a": 14, "b": 7}
    assert any(
        note.startswith("'r', 't' of the strata have counts in one group") for note in result.notes
    )
    only = frame[frame["stratum"].isin(["t", "r"])]
    with pytest.raises(ValueError, match="in no stratum do two groups and two categories"):
        expfam.fit(only, "x", by=["stratum", "group"], weights="n").compare("stratum")


def test_a_group_that_a_stratum_lacks():
    rows = [(s, g, x, 3 + (g > x)) for s in "st" for g in "uvw" for x in "ab" if s + g != "tw"]
    frame = pd.DataFrame(rows, columns=["stratum", "group", "x", "n"])
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert [each.pearson.df for each in result.strata.values()] == [2, 1]
    assert any("no counts in 'w': left out" in note for note in result.strata["t"].notes)


def test_strata_without_one_odds_ratio_to_ask_for():
    rows = [("s", "u", "a", 4), ("s", "v", "a", 3), ("s", "v", "b", 6)]
    frame = pd.DataFrame(rows, columns=["stratum", "group", "x", "n"])
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert "Breslow" not in repr(result)
    assert "one stratum: there is no other to have the same odds ratio" in result.notes
    assert result.mantel_haenszel.odds_ratio.value == math.inf


def test_strata_of_several_columns_and_groups_of_several():
    frame = datasets.load("alligator")
    by = ["lake", "sex", "size"]
    fit = expfam.fit(frame, "food", by=by, weights="count")
    two = fit.compare(["lake", "sex"], method="asymptotic")
    assert two.to_frame().index.names == ["lake", "sex"]
    assert len(two.strata) == 8
    one = fit.compare("lake", method="asymptotic")
    assert one.aggregate.counts.index.names == ["sex", "size"]
    assert one.to_frame().index.name == "lake"
    assert "'Hancock'" not in repr(one)
    all_ = expfam.fit(frame, "food", by=by, weights="count").compare(method="asymptotic")
    assert all_.to_frame().index.names == [*by, "food"]
    assert "Hancock / male / small" in repr(all_)
    assert all_.to_dict()["groups"][0] == ["George", "female", "large"]


def test_fractional_strata():
    frame = strata_frame()
    frame["n"] += 0.5
    result = expfam.fit(frame, "x", by=["stratum", "group"], weights="n").compare("stratum")
    assert result.mantel_haenszel.exact is None
    assert "exact" not in repr(result).split("given the strata")[1].split("- ")[0]
    assert result.to_frame().loc["s", "odds_ratio"] == pytest.approx(4.5 * 6.5 / 2.5 / 3.5)
    assert json.loads(result.to_json())["mantel_haenszel"]["exact"] is None


# ---------------------------------------------------------------- what is shown


def test_it_fits_a_screen(hair, admissions):
    for result, lines in ((hair, 45), (admissions, 22)):
        text = repr(result)
        assert len(text.splitlines()) <= lines
        assert max(map(len, text.splitlines())) <= 82
        assert result._repr_html_().startswith('<div class="expfam">')
    assert "odds of Admitted to Rejected, Female over Male" in repr(admissions)
    assert "strata ignored" in repr(admissions)


def test_large_tables_show_the_cells_that_stand_out():
    result = expfam.fit(datasets.load("bird_strikes"), "phase_of_flight", by="time_of_day").compare(
        method="asymptotic"
    )
    assert "the 10 cells of 32 that stand out most" in repr(result)
    top = repr(result).splitlines()[6].split()
    strongest = result.adjusted_residuals.abs().stack().idxmax()
    assert top[0] == strongest[0]


def test_a_measure_without_interval_says_so(admissions):
    assert "lambda: no asymptotic law holds at 0, and no interval but all of [0, 1]" in repr(
        admissions.aggregate
    ).replace("\n  ", " ")


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("strata", [[], ["--strata", "Dept"]])
def test_the_command_in_every_format(run, form, strata):
    code, out, _ = run("compare", UCB, "Admit", "--by", "Gender", *strata, "--weights", "Freq",
                       "--format", form)  # fmt: skip
    assert code == 0
    if form == "json":
        data = json.loads(out, parse_constant=pytest.fail)
        tests = data["tests"]["pearson"]
        assert tests["statistic"] == pytest.approx(19.938 if strata else 92.205, abs=1e-3)
        assert (data["mantel_haenszel"]["strata"] == 6) if strata else data["pairs"]
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(out), strict=True))
        assert len(rows) == (6 if strata else 4)
    else:
        assert "24 rows read = 24 used" in out
        assert "Breslow" in out if strata else "Cram" in out


def test_the_command_passes_its_options_on(run):
    code, out, _ = run("compare", UCB, "Admit", "--by", "Dept", "--weights", "Freq", "--level", "0.9",
                       "--adjustment", "bonferroni", "--method", "monte_carlo", "--seed", "4",
                       "--format", "json")  # fmt: skip
    data = json.loads(out)
    assert code == 0
    assert (data["level"], data["adjustment"]) == (0.9, "bonferroni")
    assert data["tests"]["pearson"]["reason"].endswith("seed 4")


def test_the_command_says_what_is_wrong(run):
    code, out, err = run("compare", UCB, "Admit", "--weights", "Freq")
    assert (code, out) == (1, "")
    assert err == "expfam: compare: there must be groups; make the fit with by=\n"
    assert run("compare", UCB, "Admit", "--by", "Gender", "--adjustment", "x")[0] == 2


def test_the_command_says_groups_left_out_once(run, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,g\na,u\nb,u\n,v\nb,w\na,w\n")
    _, out, err = run("compare", path, "x", "--by", "g")
    assert "'v': left out" in out
    assert "group 'v'" not in err


def test_the_parsers_choices_are_those_of_the_library():
    assert tuple(association.ADJUSTMENTS) == grammar.ADJUSTMENTS
    assert exact.METHODS == grammar.TEST_METHODS


def test_group_labels_of_other_types():
    frame = pd.DataFrame({"x": [1, 2, 1, 2, 2], "g": [True, True, False, False, False]})
    result = expfam.fit(frame, "x", by="g").compare()
    assert result.pairs.index.tolist() == [(False, True)]
    assert result.to_dict()["groups"] == [False, True]
    assert np.isfinite(result.aic).all()
