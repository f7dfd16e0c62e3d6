"""The command line: `expfam fit`, `test`, `compare`, `sample`, `convert`, `walk` and the rest.

Nothing heavy is imported before a command runs, so that --help is quick. Results go to stdout,
findings and progress to stderr. Exit codes: 0 done, 1 bad data, 2 bad usage, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from expfam.cli.grammar import parser
from expfam.cli.values import NUMBER


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in argv, by default the one typed, and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def _run(arguments: list[str]) -> int:
    """The command; data that are at fault make one line on stderr."""
    try:
        options = parser().parse_args(_numbers_kept(arguments))
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else 2
    try:
        from expfam.cli import commands

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        getattr(commands, f"run_{options.command}")(options)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (ValueError, OSError, ImportError, MemoryError, OverflowError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        print(f"expfam: {message}", file=sys.stderr)
        if isinstance(error, OSError):
            _discard_output()  # if it is stdout that failed, its last flush would fail again
        return 1
    return 0


def _discard_output() -> None:
    """Point stdout nowhere, so that the interpreter's last flush does not complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _numbers_kept(arguments: list[str]) -> list[str]:
    """The arguments of `convert` with -inf and -1e6 as numbers: a blank in front says so."""
    if "convert" not in arguments[:1]:
        return arguments
    return [f" {word}" if NUMBER.fullmatch(word) else word for word in arguments]
