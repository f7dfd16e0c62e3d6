"""What check() says: each finding on a small table that has the fault, and none on one without."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import expfam
from expfam.tables import notes


def said(data, column=None, **options):
    fit = data if isinstance(data, expfam.CategoricalFit) else expfam.fit(data, column, **options)
    findings = fit.check()
    for finding in findings:
        assert "\n" not in finding
        assert not finding.endswith(".")  # one sentence
        assert "nan" not in finding.lower() or "missing" in finding
    return findings


def grouped(table, labels="abcdef", groups="uvwxyz"):
    """A fit of the counts of groups × categories."""
    rows = [
        {"g": groups[i], "x": labels[j], "n": n}
        for i, row in enumerate(table)
        for j, n in enumerate(row)
    ]
    return expfam.fit(pd.DataFrame(rows), "x", by="g", weights="n")


def of_strata(table, labels="ab"):
    """A fit of the counts of groups × strata × categories."""
    rows = [
        {"g": "uvw"[i], "s": "pqrstxyz"[j], "x": labels[k], "n": n}
        for i, strata in enumerate(table)
        for j, row in enumerate(strata)
        for k, n in enumerate(row)
    ]
    return expfam.fit(pd.DataFrame(rows), "x", by=["g", "s"], weights="n")


def test_clean_data_have_no_findings():
    assert said({"a": 10, "b": 20}) == ()
    assert said(grouped([[30, 40], [33, 37]])) == ()
    assert said(["red"] * 9 + ["green"] * 8 + ["1"] * 7 + ["2"] * 7) == ()


# ------------------------------------------------------------ labels


def test_words_that_may_mean_missing():
    assert said(["NA"] * 3 + ["a"] * 9 + ["?"] * 12) == (
        "'?' is counted as a label (12 of 24, 50.0%); name it in missing_labels if it stands for "
        "a missing one",
        "'NA' is counted as a label (3 of 24, 12.5%); name it in missing_labels if it stands for "
        "a missing one",
        "1 of 3 categories has a count below 5 ('NA'): approximations by χ² are rough there",
    )
    assert said(["NA"] * 9 + ["a"] * 9, categories=["NA", "a"]) == ()
    assert said(["NA"] * 9 + ["a"] * 9, missing_labels=["NA"])[0].startswith("9 of 18 rows (50.0%)")
    both = expfam.fit(["null"] * 6 + ["a"] * 9).merge(expfam.fit(["null"] * 5 + ["a"] * 9))
    (finding,) = said(both)
    assert "'null' is counted as a label (11 of 29, 37.9%)" in finding
    assert said(expfam.CategoricalFit.from_json(both.to_json())) == (finding,)
    (finding,) = said({"-": 2.5, "b": 7.5})[:1]
    assert "'-' is counted as a label (2.5 of 10.0, 25.0%)" in finding


def test_a_group_that_may_mean_missing():
    fit = grouped([[9, 9], [9, 9]], groups=["n/a", "u"])
    assert said(fit) == ("'n/a' is a group of its own; is it a missing one?",)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Yes", "yes"),
        ("yes", "yes "),
        ("a b", "a  b"),
        ("a b", "a\u00a0b"),  # no-break space
        ("\u00e9", "e\u0301"),  # composed and not
        ("\ufb01n", "fin"),  # a ligature
        ("yes", "y\u200bes"),  # zero width space
        ("yes", "\ufeffyes"),  # byte order mark
        ("co\u00adop", "coop"),  # soft hyphen
        ("stra\u00dfe", "STRASSE"),
    ],
)
def test_labels_that_look_alike(first, second):
    (finding,) = said([first] * 7 + [second] * 6 + ["other"] * 5)
    assert finding.endswith(" differ only by case, blanks or Unicode form: counted apart")
    assert f"{first!r} (7)" in finding
    assert f"{second!r} (6)" in finding


def test_look_alikes_of_a_merged_fit_have_its_counts():
    both = expfam.fit(["Yes"] * 7).merge(expfam.fit(["yes"] * 6))
    assert said(both) == (
        "'Yes' (7), 'yes' (6) differ only by case, blanks or Unicode form: counted apart",
    )


def test_groups_that_look_alike():
    assert said(grouped([[9, 9], [9, 9], [8, 8]], groups=["u", "U", "v"])) == (
        "groups by g: 'U', 'u' differ only by case, blanks or Unicode form: counted apart",
    )
    frame = pd.DataFrame({"x": ["a"] * 20, "g": ["u"] * 20, "h": ["v", "V"] * 10})
    assert said(frame, "x", by=["g", "h"]) == (
        "groups by h: 'V', 'v' differ only by case, blanks or Unicode form: counted apart",
    )


def test_characters_that_are_not_shown():
    (finding,) = said(["yes\u200b"] * 7 + ["no"] * 6)
    assert finding == "'yes\\u200b' has blanks at an end or in a row, or characters not shown"
    (finding,) = said(["yes "] * 7 + ["a\tb"] * 6)
    assert finding.startswith("'a\\tb', 'yes ' have blanks")
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one picture, by joiners
    assert said([family] * 9 + ["\u0645\u06cc\u200c\u062e"] * 9 + ["a b"] * 9) == ()
    assert not notes.hidden(7)


def test_texts_of_one_number_or_date():
    assert said(["1"] * 5 + ["1.0"] * 6 + ["01"] * 7 + ["10"] * 8) == (
        "'01' (7), '1' (5), '1.0' (6) write one number: counted apart",
    )
    assert said(["2020-1-5"] * 5 + ["2020/01/05"] * 6) == (
        "'2020-1-5' (5), '2020/01/05' (6) write one date: counted apart",
    )
    assert said(["1e3"] * 5 + ["1000"] * 5)[0].startswith("'1000' (5), '1e3' (5) write one number")
    assert said(["1"] * 5 + ["2"] * 5 + ["1.5"] * 5 + ["1e9999"] * 5 + ["v1"] * 5) == ()
    assert said(["05/01/2020"] * 5 + ["5/1/2020"] * 5) == ()  # of which month?
    assert said([1] * 5 + [2] * 5) == ()
    many = [f"{'0' * zeros}7" for zeros in range(8)]
    assert said(many * 5)[0].startswith("'00000007' (5), '0000007' (5), '000007' (5)")
    assert "'0007' (5) and 3 more write one number" in said(many * 5)[0]


def test_a_column_that_is_an_identifier():
    assert said([f"id{i:03}" for i in range(99)] + ["id007"]) == (
        "98 of 99 labels were seen once: is the column an identifier? Probabilities of labels that "
        "do not come again tell little",
    )
    assert not any("identifier" in f for f in said([f"id{i:02}" for i in range(19)]))
    assert not any("identifier" in f for f in said([f"id{i % 60}" for i in range(100)]))
    assert not any(
        "identifier" in f for f in said({f"id{i}": 1.0 + 0.5 * (i < 1) for i in range(50)})
    )


# ------------------------------------------------------------ counts and weights


def test_counts_that_are_none_few_or_seen_once():
    assert said(["a"] * 50 + ["b"] * 3, categories=["a", "b", "c"]) == (
        "1 of 3 categories has no counts ('c'): p = 0 and η = -inf, so that data with one have "
        "probability 0",
        "1 of 3 categories has a count below 5 ('b'): approximations by χ² are rough there",
    )
    rare = said(["a"] * 100 + [f"s{i}" for i in range(12)] + [f"t{i}" for i in range(12)] * 2)
    assert any("12 of 25 categories were seen once: about 8.82%" in finding for finding in rare)


def test_weights_that_are_not_counts():
    frame = pd.DataFrame({"x": ["a", "b"], "w": [7.5, 8.25]})
    assert said(frame, "x", weights="w") == (
        "counts are not whole, as weights are not: intervals and tests take their sum (15.75) for "
        "a number of independent rows",
    )
    assert said(frame.assign(w=[7.0, 8.0]), "x", weights="w") == ()


# ------------------------------------------------------------ groups


def test_expected_counts_that_are_small():
    table = np.array([[8, 8], [2, 8]])
    (finding,) = said(grouped(table))
    chi2 = stats.chi2_contingency(table, correction=False)
    exact = sum(  # of tables with these margins, those with X² as large
        stats.hypergeom(26, 10, 16).pmf(a)
        for a in range(11)
        if stats.chi2_contingency([[a, 16 - a], [10 - a, a]], correction=False)[0] > 2.3
    )
    assert finding == (
        "1 of 4 expected counts is below 5, where χ² is rough: the test that all groups have one "
        f"distribution has p = {chi2.pvalue:.4g} by χ², and p = {exact:.4g} exactly"
    )
    assert said(grouped([[80, 80], [70, 90]])) == ()


def test_small_expected_counts_of_larger_tables():
    fit = expfam.fit("data/alligator.csv", "food", by="lake", weights="count")
    (finding,) = said(fit)
    assert finding.startswith("7 of 20 expected counts are below 5, where χ² is rough:")
    assert finding.endswith(
        "has p = 0.0001701 by χ², and none of 9,999 simulated tables is as extreme"
    )
    hair = said("data/hair_eye_color.csv", "Hair", by=["Eye", "Sex"], weights="Freq")
    assert hair[0].endswith(
        "has p = 4.488e-24 by χ², and none of 9,999 simulated tables is as extreme"
    )
    usual = [[12, 3, 2, 9, 4], [10, 5, 3, 8, 1], [11, 2, 4, 9, 3], [9, 4, 1, 12, 2]]
    (finding,) = said(grouped(usual))
    p = float(re.search(r"by χ², and p = ([\d.]+) by 9,999 simulated tables$", finding)[1])
    assert abs(p - 0.889) < 0.016  # five standard errors around what 999,999 tables give
    sparse = said(grouped([[90, 1, 3], [2, 80, 3], [2, 3, 1]]))  # where χ² is off by 10²²
    assert sparse[-1].endswith("has p = 1.311e-34 by χ², and p = 1.182e-12 exactly")
    large = said(grouped([[10**6, 2], [10**6, 1]]))
    assert large[-1].endswith("has p = 0.5637 by χ²")  # exact would take time
    sure = said(grouped([[10**6, 0, 2], [0, 10**6, 1]]))
    assert sure[-1].endswith("has p < 1e-300 by χ²")


def test_statistics_on_different_sides():
    assert said(grouped([[3, 11], [8, 6]])) == (
        "X² and G disagree at the 5% level on whether groups differ (p = 0.05302 and p = 0.04972 "
        "by χ²): go by X², p = 0.1201 exactly",
    )
    assert said(grouped([[3, 11], [7, 7]])) == ()
    (finding,) = said(grouped([[13, 47], [10_000, 20_000]]))
    assert finding.endswith("(p = 0.05544 and p = 0.04683 by χ²): neither settles it")
    halves = said(grouped([[3.0, 11.0], [8.5, 6.5]]))
    assert [f for f in halves if "disagree" in f] == [
        "X² and G disagree at the 5% level on whether groups differ (p = 0.05257 and p = 0.04895 "
        "by χ²): neither settles it"
    ]


def test_one_group_or_one_category_is_not_compared():
    assert said(grouped([[9, 9]])) == ()
    assert said(grouped([[9], [7]])) == ()
    few = said(grouped([[9, 3]]))
    assert few[0].startswith("1 of 2 cells (group, category) has a count below 5")


# ------------------------------------------------------------ strata


def test_simpsons_paradox_of_berkeley():
    for by in (["Gender", "Dept"], ["Dept", "Gender"]):
        assert said("data/ucb_admissions.csv", "Admit", by=by, weights="Freq") == (
            "'Admitted' is 44.5% of 'Male' and 30.4% of 'Female', but within Dept the difference "
            "of +14.2 points turns to −1.8 on average (A −20.3, B −5.0, C +2.9, D −1.8, E +3.8, "
            "F −1.1): Simpson's paradox",
        )
    assert said("data/ucb_admissions.csv", "Admit", by="Gender", weights="Freq") == ()
    assert said("data/ucb_admissions.csv", "Admit", by="Dept", weights="Freq") == ()


def test_the_average_within_strata_is_that_of_mantel_and_haenszel():
    frame = pd.read_csv("data/ucb_admissions.csv")
    table = frame.pivot_table("Freq", ["Gender", "Dept"], "Admit", aggfunc="sum")
    n, share = table.sum(axis=1).unstack(0), (table["Admitted"] / table.sum(axis=1)).unstack(0)
    weights = n["Male"] * n["Female"] / n.sum(axis=1)
    assert (
        round(100 * float((weights * (share["Male"] - share["Female"])).sum() / weights.sum()), 1)
        == -1.8
    )


KIDNEY_STONES = [  # open surgery and nephrolithotomy, small and large stones, success and failure
    [[81, 6], [192, 71]],
    [[234, 36], [55, 25]],
]


def test_simpsons_paradox_of_kidney_stones():
    """Charig et al. (1986): 78.0 % against 82.6 %, yet better for small and for large stones."""
    shown = said(of_strata(KIDNEY_STONES))
    assert shown == ()  # 4.6 points are within 1.96 standard errors
    (finding,) = said(of_strata((10 * np.array(KIDNEY_STONES)).tolist()))
    assert finding == (
        "'a' is 82.6% of 'v' and 78.0% of 'u', but within s the difference of +4.6 points turns "
        "to −5.4 on average (p −6.4, q −4.3): Simpson's paradox"
    )


def test_strata_that_agree_have_no_paradox():
    assert said(of_strata([[[50, 20], [60, 30]], [[30, 40], [30, 60]]])) == ()
    assert said(of_strata([[[50, 20], [60, 30]], [[50, 20], [60, 30]]])) == ()


def test_strata_in_one_group_alone_do_not_count():
    lone = [[[81, 6], [0, 0]], [[0, 0], [55, 25]]]
    assert not any("Simpson" in finding for finding in said(of_strata(lone)))
    frame = pd.DataFrame({"x": list("ab") * 9, "g": ["u"] * 18, "s": ["p", "q", "q"] * 6})
    assert not any("Simpson" in finding for finding in said(frame, "x", by=["g", "s"]))
    frame["t"] = "z"
    assert not any("Simpson" in finding for finding in said(frame, "x", by=["g", "s", "t"]))


def test_a_paradox_of_one_category_of_three_and_of_many_strata():
    ten = [[[810, 60, 90], [1920, 710, 200]], [[2340, 360, 280], [550, 250, 60]]]
    findings = [f for f in said(of_strata(ten, labels="abc")) if "Simpson" in f]
    assert [finding[:3] for finding in findings] == ["'a'", "'b'"]
    strata = np.array(KIDNEY_STONES)
    many = np.concatenate([10 * strata] * 4, axis=1).tolist()
    (finding,) = said(of_strata(many))
    assert (
        "p −6.4, q −4.3, r −6.4, s −4.3, t −6.4, x −4.3 and 2 more): Simpson's paradox" in finding
    )


# ------------------------------------------------------------ notes of a table


def test_notes_are_known_by_their_kind():
    assert notes.kind_of(notes.note("unused", "'c'")) == "unused"
    assert notes.kind_of(notes.note("unmet", "'c'")) == "unmet"
    assert not notes.lasts(notes.note("unmet", "'c'"))
    assert notes.lasts("read as counts of the labels in the index")
    table = expfam.fit(["a", "NA"], categories=["a", "NA", "c"], missing_labels=["x"]).notes
    assert [notes.kind_of(text) for text in table] == ["unused", "unmet"]
    assert "no row has 'x' of missing_labels" in said(["a"] * 9 + ["b"] * 9, missing_labels=["x"])
