"""What goes wrong on the command line: one line, exit codes, interrupts, memory, progress."""

import re
import sys

import pytest

import expfam
from expfam import datasets, intervals, power_divergence
from expfam.cli import grammar
from expfam.exact import choice

STRIKES = str(datasets.path("bird_strikes"))
ALLIGATOR = str(datasets.path("alligator"))


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
