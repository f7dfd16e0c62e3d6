"""What check() says of groups and strata: small expected counts, sides, Simpson's paradox."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy import stats
from test_findings import grouped, said

import expfam


def of_strata(table, labels="ab"):
    """A fit of the counts of groups × strata × categories."""
    rows = [
        {"g": "uvw"[i], "s": "pqrstxyz"[j], "x": labels[k], "n": n}
        for i, strata in enumerate(table)
        for j, row in enumerate(strata)
        for k, n in enumerate(row)
    ]
    return expfam.fit(pd.DataFrame(rows), "x", by=["g", "s"], weights="n")


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
