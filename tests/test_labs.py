"""Labs: what they are given, what they refuse, and a mathematics that is Python's to 1e-12."""

from __future__ import annotations

import builtins
import html
import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest
from browsers import evaluate

import expfam
from expfam import cli, labs
from expfam.cli import grammar
from expfam.families import Binomial, Categorical, Gamma, Gaussian, Poisson
from expfam.labs import modules
from expfam.special import inner, log_softmax, logsumexp, softmax

INF = np.inf
PENGUINS = {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}


def agree(value, expected):
    """Equal to 1e-12, absolutely or relatively; infinities exactly."""
    value, expected = (np.array(x, dtype=np.float64) for x in (value, expected))
    finite = np.isfinite(expected)
    assert (value[~finite] == expected[~finite]).all()
    with np.errstate(invalid="ignore"):
        error = np.abs(value - expected) / np.maximum(1, np.abs(expected))
    assert error[finite].max(initial=0) <= 1e-12


# ---------------------------------------------------------------- the mathematics


def vectors():
    """1,000 pairs of natural parameters: tame, far, close, tied, and on the boundary."""
    rng = np.random.default_rng(1)
    for i in range(1000):
        size = 3 if i % 2 else int(rng.integers(2, 7))
        a, b = rng.normal(size=(2, size)) * rng.choice([1e-6, 1, 10, 300])
        if i % 3 == 0:
            a[rng.random(size) < 0.4] = -INF
            b[rng.random(size) < 0.2] = -INF
        if i % 5 == 0:
            a[:2] = a.max()
        for x in (a, b):
            if x.max() == -INF:
                x[0] = 0.0
        yield a + rng.choice([0, 0, 1, -50]), b, float(rng.uniform(0.05, 3))


def test_softmax_agrees_with_python(tmp_path):
    cases = list(vectors())
    given = [[a.tolist(), b.tolist(), T] for a, b, T in cases]
    expression = """cases.map(([a, b, T]) => [math.logsumexp(a), math.softmax(a), math.logSoftmax(a),
        math.natural(math.softmax(a)), math.logsumexp(a, T), math.softmax(a, T),
        math.conjugate(math.softmax(b), T), math.inner(a, math.softmax(b)), math.kl(a, b)])"""
    results = evaluate(modules.text("softmax"), expression, given, tmp_path)
    assert len(results) == 1000
    for (a, b, T), result in zip(cases, results, strict=True):
        family = Categorical(len(a))
        mean = softmax(b)
        expected = [
            logsumexp(a), softmax(a), log_softmax(a), family.mean_to_natural(softmax(a)),
            T * logsumexp(a / T), softmax(a / T),
            T * family.from_mean(mean).convex_conjugate, inner(a, mean),
            family.from_natural(a).kl(family.from_natural(b)),
        ]  # fmt: skip
        for value, wanted in zip(result, expected, strict=True):
            agree(value, wanted)


def test_at_temperature_zero_softmax_is_arg_max(tmp_path):
    cases = [[1.0, 1.0, -2.0], [-INF, 0.5, -INF], [2.0, 2.0, 2.0], [1.0, 1.0 + 2**-52, 0.0]]
    expression = (
        "cases.map((a) => [math.logsumexp(a, 0), math.softmax(a, 0), math.logSoftmax(a, 0)])"
    )
    for a, (most, mean, log) in zip(
        cases, evaluate(modules.text("softmax"), expression, cases, tmp_path), strict=True
    ):
        tied = np.array(a) == max(a)
        assert (most, mean) == (max(a), (tied / tied.sum()).tolist())
        with np.errstate(divide="ignore"):
            agree(log, np.log(tied / tied.sum()))


def test_no_entry_above_minus_infinity_is_refused(tmp_path):
    expression = (
        "cases.map((a) => { try { return math.softmax(a) } catch (e) { return e.message } })"
    )
    said = evaluate(modules.text("softmax"), expression, [[-INF, -INF], [INF, 0.0]], tmp_path)
    assert said == ["η must have an entry above −∞, and none of +∞"] * 2


def gaussian(eta):
    return Gaussian().from_natural([eta, -0.5])


def exponential(eta):
    return Gamma().from_natural([0.0, eta])


MEMBERS = {
    "Bernoulli": (Binomial(1).from_natural, [-INF, -1e300, -30, -1, 0, 1e-9, 0.7, 25, 1e9, INF]),
    "Poisson": (Poisson().from_natural, [-INF, -800, -30, -1, 0, 1e-9, 2.5, 6]),
    "Gaussian, variance 1": (gaussian, [-8, -1, 0, 0.3, 4]),
    "Exponential": (exponential, [-50, -1, -0.25, -0.01]),
}


def test_duality_agrees_with_python(tmp_path):
    cases = [[name, p, q] for name, (_, etas) in MEMBERS.items() for p in etas for q in etas]
    expression = """cases.map(([name, p, q]) => { const f = math.families[name];
        return [math.kl(name, p, q), f.mean(p), f.natural(f.mean(p)), f.A(p), f.dual(f.mean(p))] })"""
    results = evaluate(modules.text("duality"), expression, cases, tmp_path)
    for (name, p, q), (kl, mean, natural, A, dual) in zip(cases, results, strict=True):
        member = MEMBERS[name][0]
        agree(kl, member(p).kl(member(q)))
        if name in ("Bernoulli", "Poisson"):
            agree(mean, member(p).mean_parameter)
            agree(natural, member(p).family.mean_to_natural(member(p).mean_parameter))
            agree(A, member(p).log_partition)
            agree(dual, member(p).convex_conjugate)
        else:
            agree(mean, member(p).mean_parameter[{"E": 1, "G": 0}[name[0]]])
            agree([natural, A + dual], [p, p * mean])


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


# ---------------------------------------------------------------- the widget

needs_anywidget = pytest.mark.skipif(
    importlib.util.find_spec("anywidget") is None, reason="the widget needs anywidget"
)


def test_without_anywidget_the_widget_says_what_to_install(monkeypatch):
    imported = builtins.__import__

    def refuse(name, *rest):
        if name == "anywidget":
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match="a widget needs anywidget: pip install anywidget$"):
        expfam.lab("softmax").widget()


@needs_anywidget
def test_the_widget_reads_and_writes():
    fit = expfam.fit({"a": 1, "b": 3, "c": 0})
    widget = expfam.lab("softmax", fit).widget()
    agree(widget.mean, fit.probabilities)
    assert widget.get_state(["natural"])["natural"][2] == "-Infinity"
    assert widget._esm == modules.text("softmax")
    widget.set_state({"natural": ["-Infinity", 0, 1.5], "temperature": 0.5})
    assert widget.natural == [-INF, 0.0, 1.5]
    agree(widget.mean, softmax(np.array([-INF, 0.0, 3.0])))
    widget.natural, widget.temperature = [2, 2, 1], 0
    assert widget.mean == [0.5, 0.5, 0.0]
    for trait, value, words in [
        ("natural", [1, 2], "must have the shape"),
        ("natural", [np.nan, 0, 0], "nan"),
        ("temperature", -1, "temperature must be finite and not negative; got -1"),
        ("temperature", INF, "must be finite"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(widget, trait, value)
    assert repr(widget).endswith("natural=[2.0, 2.0, 1.0]")


@needs_anywidget
@pytest.mark.parametrize("name", MEMBERS)
def test_the_widget_of_duality_has_every_family(name):
    widget = expfam.lab("duality").widget()
    widget.natural = widget.other = -1
    widget.family = name
    agree(widget.mean, np.ravel(MEMBERS[name][0](-1.0).mean_parameter)[{"E": 1}.get(name[0], 0)])


@needs_anywidget
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("Bernoulli", [np.nan]),
        ("Poisson", [np.nan, INF, 43]),
        ("Gaussian, variance 1", [np.nan, INF, -INF, 2e6]),
        ("Exponential", [np.nan, 0, 2.5, -INF]),
    ],
)
def test_the_widget_of_duality_refuses_what_no_member_has(name, wrong):
    widget = expfam.lab("duality").widget()
    widget.natural = widget.other = -1
    widget.family = name
    for value in wrong:
        for trait in ("natural", "other"):
            with pytest.raises(ValueError, match=f"lab: {trait} of a member of {name} must be"):
                setattr(widget, trait, value)
    assert (widget.natural, widget.other) == (-1, -1)


@needs_anywidget
def test_the_widget_changes_its_family_with_members_of_both():
    widget = expfam.lab("duality").widget()
    with pytest.raises(ValueError, match="family must be one of Bernoulli, .*; got 'Cauchy'"):
        widget.family = "Cauchy"
    with pytest.raises(ValueError, match=r"natural of a member of Exponential .*; got 0\.2"):
        widget.family = "Exponential"
    assert widget.family == "Poisson"
    widget.set_state({"family": "Exponential", "natural": -1, "other": -0.25})  # by the page
    assert widget.mean == 1
    widget.set_state({"natural": 40, "other": 0.0, "family": "Poisson"})
    agree(widget.mean, np.exp(40))
