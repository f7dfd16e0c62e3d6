"""The command line: each command, each format, exit codes, pipes, Ctrl-C and lazy imports."""

import csv
import importlib
import io
import json
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import expfam
from expfam import datasets, families, intervals, power_divergence
from expfam.cli import grammar, main
from expfam.exact import choice

STRIKES = str(datasets.path("bird_strikes"))
ALLIGATOR = str(datasets.path("alligator"))
FORMATS = ("table", "json", "csv", "latex", "html")


@pytest.fixture
def run(capsys):
    """Run main and return (exit code, stdout, stderr)."""

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def table(tmp_path):
    def write(text, name="t.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def child(*arguments, **options):
    command = [sys.executable, "-m", "expfam", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


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


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "nowhere.csv", "x"], "nowhere.csv cannot be opened: No such file"),
        (["fit", STRIKES, "colour"], "'colour' is not a column of bird_strikes.csv"),
        (["fit", STRIKES, "state", "--by", "state"], "asked for twice"),
        (["fit", STRIKES, "state", "--weights", "sky"], "weights must be non-negative numbers"),
        (["fit", ".", "x"], "expfam: "),
        (["test", ALLIGATOR, "food", "--against", "1:2"], "must have 5 numbers"),
        (["test", ALLIGATOR, "food", "--against", "fish=1"], "it lacks 'bird'"),
        (["test", ALLIGATOR, "food", "--against", "cat=1"], "names 'cat', which is not"),
    ],
)
def test_bad_data_is_one_line(run, arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert err.startswith("expfam: ")
    assert message in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["fit", "f"],
        ["fit", "f", "c", "--level", "1"],
        ["fit", "f", "c", "--level", "x"],
        ["fit", "f", "c", "--method", "walt"],
        ["fit", "f", "c", "--format", "yaml"],
        ["test", "f", "c"],
        ["test", "f", "c", "--against", "a"],
        ["test", "f", "c", "--against", "a=1,a=0"],
        ["test", "f", "c", "--against", "a=x"],
        ["test", "f", "c", "--against", "a=1/0"],
        ["test", "f", "c", "--against", "a=-1"],
        ["test", "f", "c", "--against", ""],
        ["sample", "f", "c", "--size", "-1"],
        ["sample", "f", "c", "--seed", "9" * 30],
        ["convert", "natural"],
        ["convert", "natural", "x"],
        ["convert", "natural", "1_0"],
        ["convert", "natural", "1", "--trials", "-5"],
        ["convert", "natural", "1", "--trials", "1.5"],
        ["convert", "canonical", "1"],
    ],
)
def test_bad_usage_is_two(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: expfam")


def test_help_and_version(run):
    for arguments in (["--help"], ["fit", "--help"], ["convert", "-h"]):
        code, out, err = run(*arguments)
        assert (code, err) == (0, "")
        assert out.startswith("usage: expfam")
    assert run("--version")[1] == f"expfam {expfam.__version__}\n"


def test_choices_are_those_of_the_library():
    assert tuple(intervals.METHODS) == grammar.METHODS
    assert tuple(power_divergence.STATISTICS) == grammar.STATISTICS
    assert choice.METHODS == grammar.TEST_METHODS


def test_interrupted_in_process(run, monkeypatch):

    def interrupt(options):
        raise KeyboardInterrupt

    from expfam.cli import commands

    monkeypatch.setattr(commands, "run_data", interrupt)
    assert run("data") == (130, "", "")


def test_out_of_memory_is_said(run, monkeypatch):

    def burst(options):
        raise MemoryError

    from expfam.cli import commands

    monkeypatch.setattr(commands, "run_data", burst)
    assert run("data") == (1, "", "expfam: MemoryError\n")


def test_a_long_read_shows_progress_on_a_terminal(run, monkeypatch):
    from expfam.cli import commands

    clock = iter(range(100))
    monkeypatch.setattr(commands.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    code, out, err = run("fit", STRIKES, "sky", "--by", "time_of_day")
    assert code == 0
    assert re.search(r"\r[\d,]+ rows, \d+% of the file", err)
    assert "\r\x1b[K" in err
    assert "\x1b" not in out


# ---------------------------------------------------------------- processes


def test_as_a_module_and_as_a_script(tmp_path):
    module = child("convert", "natural", "0.2", "-inf", "-1e6", cwd=tmp_path)
    assert (module.returncode, module.stderr) == (0, "")
    script = shutil.which("expfam", path=Path(sys.executable).parent)
    if script is None:
        pytest.skip("the script expfam is not installed beside this Python")
    done = subprocess.run(
        [script, "convert", "natural", "0.2", "-inf", "-1e6"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == module.stdout


def test_piped_output_has_no_colour_and_no_width(table):
    label = "a very long label " * 12
    done = child("fit", table(f"x\n{label}\nb\n"), "x", env=os.environ | {"COLUMNS": "40"})
    assert done.returncode == 0
    assert label.strip() in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_a_closed_pipe_ends_quietly():
    command = [sys.executable, "-m", "expfam", "sample", STRIKES, "species", "--size", "300000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_said():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "expfam", "data"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert re.fullmatch(r"expfam: .*No space left on device\n", done.stderr)


def test_ctrl_c_is_130_without_a_traceback(tmp_path):
    fifo = tmp_path / "never.csv"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "expfam", "fit", str(fifo), "x"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with open(fifo, "w") as slow:  # opens once the child reads
            slow.write("x\na\n")
            slow.flush()
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        assert process.stderr.read() == b""
        assert process.stdout.read() == b""


def test_any_encoding_can_be_printed(table):
    done = child("fit", table("x\né日\n"), "x", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "\\xe9\\u65e5" in done.stdout


# ---------------------------------------------------------------- what is loaded

HEAVY = {"numpy", "scipy", "pandas", "narwhals", "matplotlib", "scipy.stats", "polars", "pyarrow"}


def _loaded(statement):
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert not _loaded("import expfam") & HEAVY
    assert not _loaded("import expfam.cli.grammar; expfam.cli.grammar.parser()") & HEAVY


def test_a_family_loads_no_data_frames():
    loaded = _loaded("from expfam import Multinomial; Multinomial(3).fit([1, 0, 0])")
    assert not loaded & {"pandas", "narwhals", "scipy.stats", "matplotlib", "polars", "pyarrow"}


def test_a_fit_loads_no_scipy_stats():
    statement = "import expfam; expfam.fit(['a', 'b']).test('uniform'); repr(expfam.fit(['a']))"
    assert not _loaded(statement) & {"scipy.stats", "matplotlib", "polars"}


def test_all_is_importable():
    assert expfam.__all__ == sorted(expfam.__all__)
    for name in expfam.__all__:
        assert getattr(expfam, name) is not None
    assert set(expfam.__all__) <= set(dir(expfam))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = expfam.nothing
    for module in ("intervals", "power_divergence", "report", "datasets", "categorical"):
        found = importlib.import_module(f"expfam.{module}")
        assert all(hasattr(found, name) for name in found.__all__)


def test_all_of_the_package_is_imported_by_a_star():
    names = {}
    exec("from expfam import *", names)
    assert set(expfam.__all__) == names.keys() - {"__builtins__"}
    assert set(families.__all__) <= set(expfam.__all__)


def test_a_module_is_asked_for_without_loading_families():
    """`from expfam import arrays` asks the package for the name before it imports the module."""
    assert "expfam.families" not in _loaded("from expfam import arrays, sampling, special")


def test_a_name_that_is_misspelt_is_told_what_was_meant():
    command = [sys.executable, "-c", "import expfam; expfam.Poison"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert "module 'expfam' has no attribute 'Poison'. Did you mean: 'Poisson'?" in said


def test_help_is_quick():
    """CPU time of the child, the best of three, as other work on the machine only adds."""
    best = math.inf
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert child("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert best < 0.15
