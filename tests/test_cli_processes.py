"""The command line as a process: pipes, a full disk, Ctrl-C, encodings, the time of --help."""

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

from expfam import datasets

STRIKES = str(datasets.path("bird_strikes"))


def child(*arguments, **options):
    command = [sys.executable, "-m", "expfam", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


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


def test_help_is_quick():
    """CPU time of the child, the best of three, as other work on the machine only adds."""
    best = math.inf
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert child("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert best < 0.15
