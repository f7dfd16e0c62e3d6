"""Mutants in processes of their own, and the tests that each of them meets."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import itertools
import os
import signal
import sys
import warnings
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from typing import Any

import array_api_strict  # noqa: F401  what the children need is imported once, before the fork
import hypothesis.extra.numpy  # noqa: F401
import mpmath  # noqa: F401
import narwhals  # noqa: F401
import numpy as np  # noqa: F401
import pandas  # noqa: F401
import pytest
import scipy.special
import scipy.stats  # noqa: F401
from mutants import ROOT, Mutant


def files(name: str, *parts: str) -> list[str]:
    """A file of tests, and those beside it with a part of its subject."""
    return [f"tests/test_{name}.py", *(f"tests/test_{name}_{part}.py" for part in parts)]


FACTORIAL, SADDLE, LONG_ROWS = files("factorial"), files("saddlepoint"), files("long_rows")
ACCURACY, NEAR_ZERO = files("accuracy", "climbed", "counts"), files("near_zero", "triples")
SPECIAL = files("special", "rows", "odd_input")
BACKENDS = files("backends", "functions", "32_bits")
DRAWS = files("sampling", "pieces", "hats", "densities", "laws")
# After the sharp ones that name it, one file after the other until a test fails.
TESTS = {
    "expfam.factorial": [*FACTORIAL, *ACCURACY, *SADDLE],
    "expfam.deviances": [*FACTORIAL, *SADDLE],
    "expfam.pairs": [*ACCURACY, *SADDLE],
    "expfam.triples": NEAR_ZERO[::-1],
    "expfam.fixed_point": NEAR_ZERO,
    "expfam.narrow": ACCURACY,
    "expfam.blocks": [*SPECIAL, *LONG_ROWS, *ACCURACY, *files("threads")],
    "expfam.long_rows": [*LONG_ROWS, *ACCURACY],
    "expfam.shift": [*files("faint"), *SPECIAL, *ACCURACY, *NEAR_ZERO],
    "expfam.kernels": [*files("faint"), *SPECIAL, *ACCURACY, *NEAR_ZERO],
    "expfam.few": [*SPECIAL, *ACCURACY],
    "expfam.threads": files("threads"),
    "expfam.special": [*SPECIAL, *ACCURACY, *BACKENDS],
    "expfam.saddlepoint": [*SADDLE, *ACCURACY],
    "expfam.simplex": [*files("multinomial", "closed", "labels"), *ACCURACY],
    "expfam.sampling.bits": DRAWS,
    "expfam.sampling.counts": DRAWS,
    "expfam.sampling.categories": DRAWS,
    "expfam.sampling.densities": DRAWS,
}
SHARP = sorted(path.stem for path in (ROOT / "tests").glob("test_mutants_*.py"))
IGNORED = "ignore::pytest.PytestAssertRewriteWarning"
LIMIT = 300  # seconds of CPU for the tests of a module as it is


class Changed(MetaPathFinder, Loader):
    """Imports the mutated source in place of the module's own."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.mutant.module:
            return None
        return importlib.util.spec_from_loader(name, self)

    def exec_module(self, module: Any) -> None:
        path = self.mutant.module.replace(".", "/") + ".py"
        exec(compile(self.mutant.source, path, "exec"), module.__dict__)


def start(mutant: Mutant, limit: float) -> int:
    """A child process that tests the mutant; its exit code is 0 if every test passes in time."""
    child = os.fork()
    if child:
        return child
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    signal.setitimer(signal.ITIMER_PROF, limit)  # seconds of CPU, not of waiting
    sys.meta_path.insert(0, Changed(mutant))
    sys.path.insert(0, str(ROOT / "tests"))
    code = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            naming, others = sharp_tests(mutant.module)
            call(naming)
        for tests in TESTS[mutant.module]:
            code = code or pytest.main(["-x", "-q", "-n0", "-W", IGNORED, tests])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            call(others)
    except BaseException:  # a failed test, or a module that cannot be imported
        code = 1
    os._exit(0 if code == 0 else 1)


def sharp_tests(module: str) -> tuple[list[Any], list[Any]]:
    """The sharp tests that name the module, and the others.

    Of the samplers the first are golden draws, which see most changes, and there are no others.
    """
    modules = [vars(importlib.import_module(name)) for name in SHARP]
    tests = [value for names in modules for name, value in names.items() if name[:5] == "test_"]
    name = module.rpartition(".")[2] + "."
    naming = [test for test in tests if name in inspect.getsource(test)]
    if "sampling" in module:
        return [importlib.import_module("test_sampling").test_golden_draws, *naming], []
    return naming, [test for test in tests if test not in naming]


def call(tests: list[Any]) -> None:
    """Tests without pytest, whose start takes longer than they do."""
    for test in tests:
        marks = [m for m in getattr(test, "pytestmark", ()) if m.name == "parametrize"]
        for values in itertools.product(*(m.args[1] for m in marks)):
            named: dict[str, Any] = {}
            for mark, value in zip(marks, values, strict=True):
                names = mark.args[0]
                named |= (
                    {names: value}
                    if isinstance(names, str)
                    else dict(zip(names, value, strict=True))
                )
            test(**named)


def survivors(
    chosen: list[Mutant], jobs: int, limits: dict[str, float], log: Path | None = None
) -> list[Mutant]:
    """The mutants that every test passes, several at a time.

    From a module as it is comes the limit of its mutants: an endless loop is a mutant noticed.
    """
    waiting, running, alive = list(reversed(chosen)), {}, []
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(mutant, limits.get(mutant.module, LIMIT))] = mutant
        child, status, usage = os.wait4(-1, 0)
        mutant = running.pop(child)
        limits.setdefault(mutant.module, 5 + 3 * (usage.ru_utime + usage.ru_stime))
        if status == 0:
            alive.append(mutant)
            if mutant.line:
                print(f"SURVIVED {mutant}", flush=True)
        elif log:
            with log.open("a", encoding="utf-8") as file:
                file.write(mutant.digest() + "\n")
    return alive
