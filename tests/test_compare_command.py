"""`expfam compare`: every format, its options and what it says."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

import expfam
from expfam import association, datasets, exact
from expfam.cli import grammar

UCB = str(datasets.path("ucb_admissions"))
FORMATS = ("table", "json", "csv", "latex", "html")


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
