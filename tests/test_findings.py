"""What check() says of labels, counts and notes: each finding where its fault is, and only there."""

from __future__ import annotations

import pandas as pd
import pytest

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


# ------------------------------------------------------------ notes of a table


def test_notes_are_known_by_their_kind():
    assert notes.kind_of(notes.note("unused", "'c'")) == "unused"
    assert notes.kind_of(notes.note("unmet", "'c'")) == "unmet"
    assert not notes.lasts(notes.note("unmet", "'c'"))
    assert notes.lasts("read as counts of the labels in the index")
    table = expfam.fit(["a", "NA"], categories=["a", "NA", "c"], missing_labels=["x"]).notes
    assert [notes.kind_of(text) for text in table] == ["unused", "unmet"]
    assert "no row has 'x' of missing_labels" in said(["a"] * 9 + ["b"] * 9, missing_labels=["x"])
