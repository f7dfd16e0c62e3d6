"""The tables: contents, and where they are found: a checkout, an editable install, a wheel."""

import csv
import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from expfam import datasets

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", datasets.names())
def test_tables_are_what_they_say(name):
    about, frame = datasets.about(name), datasets.load(name)
    with datasets.path(name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert len(frame) == len(rows) == about.rows
    assert frame.columns.tolist() == header
    assert frame.isna().sum().sum() == sum(row.count("") for row in rows)
    for column in header:
        if column in about.integers:
            assert frame[column].dtype == "int64"
        elif column in about.floats:
            assert frame[column].dtype == "float64"
        else:
            assert all(isinstance(label, str) for label in frame[column].dropna())


def test_known_contents():
    strikes = datasets.load("bird_strikes")
    assert strikes["phase_of_flight"].isna().sum() == 1783
    assert strikes["species"].nunique() == 241
    assert (strikes["species"].value_counts() == 1).sum() == 81
    assert strikes["aircraft_mass"].dropna().isin(list("12345")).all()
    assert datasets.load("penguins")["sex"].isna().sum() == 11
    assert datasets.load("hair_eye_color")["Freq"].sum() == 592
    assert datasets.load("ucb_admissions")["Freq"].sum() == 4526
    assert datasets.load("alligator")["count"].sum() == 219
    assert datasets.load("weldon_dice")["count"].sum() == 26306


def test_only_empty_fields_are_missing(tmp_path, monkeypatch):
    (tmp_path / "penguins.csv").write_text("species,sex,year\nNA,null,1\nnan,,2\n")
    monkeypatch.setattr(datasets, "path", lambda name: tmp_path / f"{name}.csv")
    about = datasets.about("penguins")._replace(floats=())
    monkeypatch.setattr(datasets, "about", lambda name: about)
    frame = datasets.load("penguins")
    assert frame["species"].tolist() == ["NA", "nan"]
    assert frame["sex"][0] == "null"
    assert pd.isna(frame["sex"][1])


@pytest.mark.parametrize("name", ["iris", "", None, 3, "../pyproject", ["penguins"]])
def test_unknown_names(name):
    for function in (datasets.load, datasets.path, datasets.about):
        with pytest.raises(ValueError, match=r"name must be one of alligator, bird_strikes, .*"):
            function(name)


def test_missing_data_are_an_error_in_words(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "__file__", str(tmp_path / "expfam" / "datasets.py"))
    with pytest.raises(FileNotFoundError, match=r"penguins.csv is neither in expfam/data nor"):
        datasets.path("penguins")


def test_readme_names_every_table_with_its_source():
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0]: line for line in readme.splitlines() if line.startswith("| ")}
    for name in datasets.names():
        row, about = rows[f"| {name}.csv"], datasets.about(name)
        assert f"{about.rows:,}" in row
        assert about.source.split(" (")[0].split(",")[0] in row
    files = {path.stem for path in (ROOT / "data").glob("*.csv")}
    assert files == set(datasets.names())


# ---------------------------------------------------------------- ways to be installed

_ASK = (
    "import expfam; print(expfam.datasets.path('penguins'), len(expfam.datasets.load('penguins')))"
)


def _ask(cwd, **environment):
    """What a fresh interpreter elsewhere says of the penguins."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _ASK],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    path, rows = done.stdout.split()
    return Path(path), int(rows)


def test_from_a_checkout(tmp_path):
    path, rows = _ask(tmp_path, PYTHONPATH=str(ROOT))
    assert (path, rows) == (ROOT / "data" / "penguins.csv", 344)


def _is_editable():
    from importlib import metadata

    try:
        text = metadata.distribution("expfam").read_text("direct_url.json") or ""
    except metadata.PackageNotFoundError:
        return False
    return '"editable": true' in text


@pytest.mark.skipif(not _is_editable(), reason="expfam is not installed with pip install -e")
def test_from_an_editable_install(tmp_path):
    path, rows = _ask(tmp_path, PYTHONPATH="")
    assert (path, rows) == (ROOT / "data" / "penguins.csv", 344)


@pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None, reason="hatchling, the build backend, is missing"
)
def test_from_a_built_wheel(tmp_path):
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    site = tmp_path / "site"
    with zipfile.ZipFile(tmp_path / done.stdout.split()[-1]) as wheel:
        wheel.extractall(site)
    path, rows = _ask(tmp_path, PYTHONPATH=str(site))
    assert (path, rows) == (site / "expfam" / "data" / "penguins.csv", 344)
    assert (site / "expfam" / "data" / "README.md").is_file()
    assert (site / "expfam" / "labs" / "softmax.js").is_file()
    assert (site / "expfam" / "py.typed").is_file()
    entry = next(site.glob("*.dist-info")) / "entry_points.txt"
    assert "expfam = expfam.cli:main" in entry.read_text()
