"""The command line: each command, each format, and what it says."""

import csv
import io
import json
import math
import re

import pytest

import expfam
from expfam import datasets

STRIKES = str(datasets.path("bird_strikes"))
ALLIGATOR = str(datasets.path("alligator"))
FORMATS = ("table", "json", "csv", "latex", "html")


# ---------------------------------------------------------------- fit


def test_fit_of_the_readme(run):
    code, out, err = run("fit", STRIKES, "phase_of_flight")
    assert code == 0
    assert "19,302 rows read = 17,519 used + 1,783 missing" in out
    lines = (out + err).splitlines()
    assert len(lines) <= 24
    assert max(map(len, out.splitlines())) <= 80
    assert "1,783 of 19,302 rows (9.2%) have no label" in err
    assert "- 1,783" not in out


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("by", [[], ["--by", "lake"], ["--by", "lake", "sex"]])
def test_fit_in_every_format(run, form, by):
    code, out, _ = run("fit", ALLIGATOR, "food", *by, "--weights", "count", "--format", form)
    assert code == 0
    assert "fish" in out
    if form == "json":
        fit = expfam.CategoricalFit.from_json(out)
        assert fit.counts.to_numpy().sum() == 219
        assert fit.ledger.zero_weight == 24
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(out), strict=True))
        assert sum(int(row["count"]) for row in rows) == 219
    else:
        assert "80 rows read = 56 used + 24 zero weight" in out


def test_fit_options(run, table):
    path = table("x,w\na,1\nNA,2\nb,2.5\n-,9\n")
    code, out, _ = run(
        "fit", path, "x", "--weights", "w", "--missing-label", "NA", "-", "--level", "0.5",
        "--method", "wilson", "--format", "json",
    )  # fmt: skip
    data = json.loads(out)
    assert code == 0
    assert (data["categories"], data["counts"]) == (["a", "b"], [1.0, 2.5])
    assert data["ledger"]["missing"] == 2
    assert data["results"]["interval"] == {"level": 0.5, "method": "wilson", "simultaneous": False}


def test_findings_go_to_stderr(run, table):
    _, out, err = run("fit", table("x\nyes\nYes\nNA\n"), "x")
    assert "differ only by case" in err
    assert "'NA'" in err
    assert "differ only" not in out


# ---------------------------------------------------------------- test, sample


def test_against_ratio_uniform_and_labels(run, table):
    path = table('seed,n\nround yellow,315\nround green,108\nangular yellow,101\n"a,g",32\n')
    options = ["--weights", "n", "--format", "json"]
    labels = '"a,g=1/16",angular yellow=0.1875,round green=3/16,round yellow=9/16'
    code, out, _ = run("test", path, "seed", "--against", labels, *options)
    data = json.loads(out)
    assert code == 0
    assert data["statistic"] == pytest.approx(0.470023980815348)
    assert (data["df"], data["exact"], data["ledger"]["rows"]) == (3, True, 4)
    _, out, _ = run("test", path, "seed", "--against", "1:3:3:9", *options)
    assert json.loads(out)["statistic"] == pytest.approx(0.470023980815348)
    _, out, _ = run("test", path, "seed", "--against", "uniform", "--statistic", "g", *options)
    assert json.loads(out)["method"].startswith("likelihood ratio G")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("by", [[], ["--by", "lake"]])
def test_test_in_every_format(run, form, by):
    arguments = ["--weights", "count", "--against", "uniform", "--format", form]
    code, out, _ = run("test", ALLIGATOR, "food", *by, *arguments)
    assert code == 0
    if form == "json":
        data = json.loads(out, parse_constant=pytest.fail)
        assert len(data["pvalue"] if by else [data["pvalue"]]) == (4 if by else 1)
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(out), strict=True))
        assert len(rows) == (4 if by else 1)
        assert all(0 <= float(row["pvalue"]) <= 1 for row in rows)
    else:
        assert "Pearson" in out
        assert "degrees of freedom" in out


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("by", [[], ["--by", "lake", "sex"]])
def test_sample_in_every_format(run, form, by):
    arguments = ["--weights", "count", "--size", "6", "--seed", "5", "--format", form]
    code, out, _ = run("sample", ALLIGATOR, "food", *by, *arguments)
    assert code == 0
    assert run("sample", ALLIGATOR, "food", *by, *arguments)[1] == out
    if form == "json":
        assert len(json.loads(out)) == 6
    if form == "csv" or (form == "table" and not by):
        assert len(out.splitlines()) == 6 + (form == "csv")


# ---------------------------------------------------------------- convert


def test_convert_as_typed(run):
    code, out, _ = run("convert", "natural", "0.2", "-inf", "-1e6")
    assert code == 0
    assert re.search(r"1 +-inf +-inf +0\n", out)
    assert re.search(r"2 +-1000000 +-1000000\.2 +0\n", out)
    assert re.search(r"A\(η\) = logsumexp\(η\) +0\.2\b", out)
    assert re.search(r"entropy \(nats\) +0$", out, re.M)


def test_convert_round_trip(run):
    _, out, _ = run("convert", "natural", "0.2", "1.3", "-.5", "--trials", "10", "--format", "json")
    there = json.loads(out)
    assert sum(there["mean"]) == pytest.approx(10)
    assert there["log_partition"] == pytest.approx(10 * 1.704244344558961)
    _, out, _ = run("convert", "mean", *there["mean"], "--trials=10", "--format", "json")
    back = json.loads(out)
    assert back["natural"] == pytest.approx(there["log_probabilities"], rel=1e-14)
    assert back["entropy"] == pytest.approx(there["entropy"], rel=1e-12)
    _, out, _ = run("convert", "mean", "1", "0", "--format", "json")
    assert json.loads(out)["natural"] == [0, "-Infinity"]


@pytest.mark.parametrize("form", FORMATS)
def test_convert_in_every_format(run, form):
    code, out, err = run("convert", "mean", "3", "0", "7", "--trials", "10", "--format", form)
    assert (code, err) == (0, "")
    assert "-0.356674943" in out or "-0.3566749439" in out
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(out), strict=True))
        logs = [math.log(0.3), -math.inf, math.log(0.7)]
        assert [float(row["natural"]) for row in rows] == pytest.approx(logs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["natural", "inf", "1"], "Multinomial: natural parameters must be below \\+inf"),
        (["natural", "-inf", "-INF"], "not all -inf"),
        (["natural", "nan"], "not nan"),
        (["mean", "0.5", "0.6"], "mean parameter must sum to trials=1"),
        (["mean", "-0.5", "1.5"], "must be non-negative"),
    ],
)
def test_convert_bad_data(run, arguments, message):
    code, out, err = run("convert", *arguments)
    assert (code, out) == (1, "")
    assert re.fullmatch(f"expfam: .*{message}.*\n", err)


# ---------------------------------------------------------------- walk, data


def test_walk_on_one_screen(run):
    code, out, err = run("walk", STRIKES, "phase_of_flight")
    assert code == 0
    lines = out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    stages = [line.split()[1] for line in lines[3:12]]
    assert stages == ["csv", "ledger", "statistic", "counts", "mean", "natural", "partition",
                      "and", "likelihood"]  # fmt: skip
    for text in ("19,302 rows", "17,519 used + 1,783 missing", "n = 17,519", "Σ μ = 1", "A = 0",
                 "η = (∇A)⁻¹(μ) = log μ", "-27,389.2631", "-27.8416"):  # fmt: skip
        assert text in out
    assert "9.2%" in err


def test_walk_with_zeros_weights_and_many(run, table):
    code, out, _ = run("walk", table("x,w\na,1\nb,0\nc,2.5\n"), "x", "--weights", "w")
    assert code == 0
    assert re.search(r"b +0\.00 +0\.000000 +-inf +0\.0000", out)
    assert "needs whole counts" in out
    code, out, _ = run("walk", STRIKES, "species")
    assert "233 more categories are not shown" in out
    assert run("walk", table("x\na\n"), "x")[0] == 0


@pytest.mark.parametrize("form", FORMATS)
def test_data_lists_the_tables(run, form):
    code, out, err = run("data", "--format", form)
    assert (code, err) == (0, "")
    assert "Gorman, Williams" in out
    if form == "json":
        assert [entry["name"] for entry in json.loads(out)] == list(datasets.names())
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(out), strict=True))) == 7


def test_data_by_name(run):
    assert run("data", "penguins")[1].strip() == str(datasets.path("penguins"))
    assert run("data", "penguins", "--format", "csv")[1] == datasets.path("penguins").read_text()
    assert json.loads(run("data", "penguins", "--format", "json")[1])["rows"] == 344
    code, out, err = run("data", "iris")
    assert (code, out) == (1, "")
    assert err.startswith("expfam: datasets: name must be one of alligator, ")
