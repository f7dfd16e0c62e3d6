"""Labs: what they are given, what they refuse, and the pages and files that come out."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
from test_labs_mathematics import agree

import expfam
from expfam import cli, labs
from expfam.cli import grammar
from expfam.labs import modules

INF = np.inf
PENGUINS = {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}


# ---------------------------------------------------------------- what a lab is given


def start(page):
    return json.loads(re.search(r"still\((\{.*?\n\})\)", page, re.S).group(1))


@pytest.mark.parametrize("name", labs.NAMES)
def test_a_module_is_one_file_of_at_most_30_kilobytes(name):
    text = modules.text(name)
    assert len(text.encode()) <= 30_000
    assert not re.search(r"^import |^\s*//|\bfetch\(|XMLHttpRequest|</", text, re.M)
    assert set(re.findall(r"https?://[\w./]+", text)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("name", labs.NAMES)
def test_a_module_keeps_every_text_of_its_sources(name):
    text = modules.text(name)
    sources = [modules._COMMENT.sub("", source) for source in modules._parts(name, {}).values()]
    words = {word for source in sources for word in re.findall(r'"[^"\n]*"', source)}
    assert len(words) > 100
    assert [word for word in words if word not in text and not word.startswith('"./')] == []


def test_the_commands_name_every_lab():
    assert grammar.LABS == labs.NAMES


def test_a_fit_starts_where_it_is():
    fit = expfam.fit({"a": 1, "b": 3, "c": 0})
    given = expfam.lab("softmax", fit).start
    assert given["natural"] == fit.natural.tolist()
    assert given["data"]["counts"] == [1, 3, 0]
    page = start(expfam.lab("softmax", fit).page())
    assert page["natural"][2] == "-Infinity"
    assert page["data"]["labels"] == ["a", "b", "c"]


def test_more_categories_are_merged_and_the_page_says_so():
    fit = expfam.fit({"a": 1, "b": 9, "c": 2, "d": 4, "e": 0})
    data = expfam.lab("softmax", fit).start["data"]
    assert (data["labels"], data["counts"]) == (["b", "d", "3 others"], [9, 4, 3])
    assert data["note"].endswith("Of 5 categories two are shown and the other 3 merged.")
    chosen = expfam.lab("softmax", fit, categories=["e", "a"]).start["data"]
    assert (chosen["labels"], chosen["counts"]) == (["e", "a", "3 others"], [0, 1, 15])


def test_titles_name_column_and_file():
    fit = expfam.fit(expfam.datasets.path("penguins"), "species")
    assert expfam.lab("softmax", fit).start["data"]["title"] == (
        "The softmax lab: species of penguins.csv"
    )


@pytest.mark.parametrize("name", labs.NAMES)
def test_missing_labels_are_told(name):
    labels = ["b", None, "a", "b"] + ["c"] * (name == "softmax")
    note = expfam.lab(name, expfam.fit(labels)).start["data"]["note"]
    assert note.endswith(f" {len(labels)} rows read = {len(labels) - 1} used + 1 missing.")
    kept = [label for label in labels if label]
    assert "rows" not in expfam.lab(name, expfam.fit(kept)).start["data"]["note"]


@pytest.mark.parametrize(
    ("counts", "eta"),
    [({"no": 1, "yes": 3}, np.log(3)), ({"no": 3, "yes": 3}, 0), ({"no": 0, "yes": 3}, INF)],
)
def test_two_categories_are_a_bernoulli(counts, eta):
    given = expfam.lab("duality", expfam.fit(counts)).start
    agree(given["other"], eta)
    assert (given["family"], given["data"]["fixed"]) == ("Bernoulli", True)
    assert abs(given["natural"] - given["other"]) > 1  # p does not stand on q
    assert f"q is the data: yes, 3 of {sum(counts.values())}." in given["data"]["note"]


GROUPS = [{"g": g, "x": x} for g in "pq" for x in "abc"]
FIVE = expfam.fit(list("abcde"))


@pytest.mark.parametrize(
    ("arguments", "categories", "error", "text"),
    [
        (("iris",), None, ValueError, "name must be one of softmax, duality; got 'iris'"),
        ((None,), None, ValueError, "name must be one of"),
        (("softmax", {"a": 1}), None, TypeError, "made by expfam.fit; got a dict"),
        (("softmax", expfam.fit(["a", "b"])), None, ValueError, "this fit has 2: give expfam.fit"),
        (("softmax", FIVE), ["a"], ValueError, "must name two labels; got 1"),
        (("softmax", FIVE), "ab", ValueError, "must name two labels; got 1"),
        (("softmax", FIVE), ["a", "a"], ValueError, "must name two labels"),
        (("softmax", FIVE), ["a", "z"], ValueError, "'z' is not among them"),
        (("softmax", expfam.fit(PENGUINS)), ["Adelie", "Gentoo"], ValueError, "all shown"),
        (("softmax",), ["a", "b"], ValueError, "none is given"),
        (("duality",), ["a", "b"], ValueError, "is for the softmax lab"),
        (("duality", FIVE), None, ValueError, "a fit of two categories, .*; this one has 5"),
    ],
)
def test_refusals(arguments, categories, error, text):
    with pytest.raises(error, match=f"lab: .*{text}"):
        expfam.lab(*arguments, categories=categories)


@pytest.mark.parametrize("name", labs.NAMES)
def test_groups_are_refused(name):
    import pandas as pd

    with pytest.raises(ValueError, match="choose a group of this one"):
        expfam.lab(name, expfam.fit(pd.DataFrame(GROUPS), "x", by="g"))


# ---------------------------------------------------------------- what comes out


def test_labels_cannot_leave_the_data():
    label = "</script><script>alert(1)</script>"
    fit = expfam.fit({label: 1, 'b" onload=x': 2, "<!--": 3})
    page = expfam.lab("softmax", fit).page()
    assert page.count("<script") == page.count("</script>") == 1
    assert label in start(page)["data"]["labels"]
    assert "<!--" not in page


def test_a_notebook_gets_a_frame():
    shown = expfam.lab("softmax", expfam.fit(PENGUINS))._repr_html_()
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', shown).group(1))
    assert inside.startswith("<!DOCTYPE html>")
    assert "frameElement" in inside
    assert "frameElement" not in expfam.lab("softmax").page()
    assert repr(expfam.lab("duality")) == "Lab('duality'): write(path) makes one HTML file"


def run(capsys, *arguments):
    code = cli.main(list(map(str, arguments)))
    return code, *capsys.readouterr()


def test_the_command_writes_a_page_and_says_where(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "lab", "softmax") == (0, "softmax-lab.html\n", "")
    assert Path("softmax-lab.html").read_text(encoding="utf-8") == expfam.lab("softmax").page()
    data = expfam.datasets.path("bird_strikes")
    page = tmp_path / "birds.html"
    arguments = ("softmax", data, "phase_of_flight", "--categories", "Taxi", "Climb")
    code, out, err = run(capsys, "lab", *arguments, "--output", page)
    assert (code, out) == (0, f"{page}\n")
    assert "1,783" in err
    text = page.read_text(encoding="utf-8")
    assert start(text)["data"]["labels"] == ["Taxi", "Climb", "6 others"]


def test_the_command_refuses_in_words(tmp_path, capsys):
    code, _, err = run(capsys, "lab")
    assert code == 2
    assert err.endswith("the following arguments are required: name\n")
    code, _, err = run(capsys, "lab", "softmax", "data.csv")
    assert code == 2
    assert "a fit needs both FILE and COLUMN" in err
    table = expfam.datasets.path("penguins")
    code, _, err = run(capsys, "lab", "duality", table, "species", "--output", tmp_path / "x")
    assert code == 1
    assert "this one has 3" in err
    assert not (tmp_path / "x").exists()
    code, _, err = run(capsys, "lab", "softmax", "--output", tmp_path)
    assert code == 1
    assert "directory" in err
