"""Groups compared: real data beside R and scipy, pairs, and how a comparison is shown."""

import json
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

import expfam
from expfam import association, datasets, exact, odds

ORACLE = json.loads((Path(__file__).parent / "oracles" / "hair_eye_color.json").read_text())


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
