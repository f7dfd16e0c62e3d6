"""Change one constant or operator of the numerics at a time and see whether a test notices.

python benchmarks/mutation.py [--sample 200] [--jobs 2] [--only pairs] [--write docs/mutation.md]
    [--log build/mutants.txt]

A float is changed by 1e-13 of itself, an integer by one, + becomes −, × becomes ÷, < becomes ≤.
Each mutant runs the tests of its module in a forked process until one fails; a log keeps those
noticed, so that an interrupted run goes on and only survivors meet new tests. They are listed with
their lines; those that change nothing that anybody could see are named, with the reason, in
equivalent.py and left out of the count.
"""

from __future__ import annotations

import argparse
import ast
import bisect
import hashlib
import importlib
import importlib.util
import inspect
import itertools
import os
import random
import signal
import sys
import time
import warnings
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from typing import Any, NamedTuple

import array_api_strict  # noqa: F401  what the children need is imported once, before the fork
import hypothesis.extra.numpy  # noqa: F401
import mpmath  # noqa: F401
import narwhals  # noqa: F401
import numpy as np  # noqa: F401
import pandas  # noqa: F401
import pytest
import scipy.special
import scipy.stats  # noqa: F401
from equivalent import EQUIVALENT

ROOT = Path(__file__).resolve().parent.parent
ACCURACY, SADDLE = "tests/test_accuracy.py", "tests/test_saddlepoint.py"
NEAR_ZERO = "tests/test_near_zero.py"
DRAWS = ["tests/test_sampling.py"]
# After those of test_mutants.py that name it, one file after the other until a test fails.
TESTS = {
    "expfam.factorial": ["tests/test_factorial.py", ACCURACY, SADDLE],
    "expfam.deviances": ["tests/test_factorial.py", SADDLE],
    "expfam.pairs": [ACCURACY, SADDLE],
    "expfam.triples": [NEAR_ZERO],
    "expfam.fixed_point": [NEAR_ZERO],
    "expfam.narrow": [ACCURACY],
    "expfam.blocks": ["tests/test_special.py", ACCURACY, "tests/test_long_rows.py"],
    "expfam.long_rows": ["tests/test_long_rows.py", ACCURACY],
    "expfam.kernels": ["tests/test_special.py", ACCURACY, NEAR_ZERO],
    "expfam.few": ["tests/test_special.py", ACCURACY],
    "expfam.threads": ["tests/test_threads.py"],
    "expfam.special": ["tests/test_special.py", ACCURACY, "tests/test_backends.py"],
    "expfam.saddlepoint": [SADDLE, ACCURACY],
    "expfam.simplex": ["tests/test_multinomial.py", ACCURACY],
    "expfam.sampling.bits": DRAWS,
    "expfam.sampling.counts": DRAWS,
    "expfam.sampling.categories": DRAWS,
    "expfam.sampling.densities": DRAWS,
}
SHARP = "test_mutants"
IGNORED = "ignore::pytest.PytestAssertRewriteWarning"
LIMIT = 300  # seconds of CPU for the tests of a module as it is
SWAPS = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*",
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
}  # fmt: skip


class Mutant(NamedTuple):
    module: str
    line: int
    what: str
    source: str
    code: str = ""  # the line before the change

    def __str__(self) -> str:
        return f"`{self.module}:{self.line}`: {self.what} in `{self.code}`"

    def digest(self) -> str:
        """What it stands under in a log: the module as it is, and as changed."""
        return hashlib.sha256((source_of(self.module) + self.source).encode()).hexdigest()[:20]

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it stands under in equivalent.py: itself, or all of its line."""
        room = self.module.removeprefix("expfam.")
        return (room, self.code, self.what), (room, self.code, "")

    def excuse(self) -> str | None:
        """Why nobody could notice it, if so."""
        return next((EQUIVALENT[name] for name in self.names() if name in EQUIVALENT), None)


def source_of(module: str) -> str:
    return (ROOT / (module.replace(".", "/") + ".py")).read_text("utf-8")


def mutants(module: str) -> list[Mutant]:
    """Every mutant of a module; docstrings, annotations and text are left alone."""
    text = source_of(module)
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    found: list[Mutant] = []

    def add(node: Any, begin: int, end: int, new: str) -> None:
        raw = text.encode()
        old = raw[begin:end].decode()
        source = (raw[:begin] + new.encode() + raw[end:]).decode()
        line = begin_line(begin)
        code = lines[line - 1].decode().strip()
        what = f"{old} → {new}"
        times = sum(m.line == line and m.what.split(" (")[0] == what for m in found)
        found.append(
            Mutant(module, line, f"{what} ({times + 1})" * bool(times) or what, source, code)
        )

    def begin_line(begin: int) -> int:
        return bisect.bisect_right(starts, begin)

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            value = node.value
            new = repr(value + 1) if type(value) is int else repr(value * (1 + 1e-13) or 1e-13)
            begin = at(node.lineno, node.col_offset)
            if new != repr(value):  # the least double stays itself
                add(node, begin, at(node.end_lineno, node.end_col_offset), new)
        elif isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
            swap_operator(node, node.left, node.right, type(node.op), at, text, add)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SWAPS:
            swap_operator(node, node.left, node.comparators[0], type(node.ops[0]), at, text, add)
    return found


def swap_operator(
    node: Any, left: Any, right: Any, kind: type, at: Any, text: str, add: Any
) -> None:
    """Replace the operator that stands between two expressions, brackets and all."""
    raw = text.encode()
    begin, end = at(left.end_lineno, left.end_col_offset), at(right.lineno, right.col_offset)
    symbols = {ast.Add: b"+", ast.Sub: b"-", ast.Mult: b"*", ast.Div: b"/"}
    symbol = symbols.get(kind) or {ast.Lt: b"<", ast.LtE: b"<=", ast.Gt: b">", ast.GtE: b">="}[kind]
    place = raw.find(symbol, begin, end)
    if place >= 0 and b"#" not in raw[begin:end]:
        add(node, place, place + len(symbol), SWAPS[kind])


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
    """The tests of test_mutants.py that name the module, and the others.

    Of the samplers the first are golden draws, which see most changes, and there are no others.
    """
    tests = [v for k, v in vars(importlib.import_module(SHARP)).items() if k.startswith("test_")]
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


def stale(chosen: list[Mutant]) -> list[tuple[str, str, str]]:
    """What equivalent.py names in their modules and is no mutant."""
    names = {name for m in chosen for name in m.names()}
    rooms = {room for room, *_ in names}
    return [name for name in EQUIVALENT if name not in names and name[0] in rooms]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, help="so many mutants, chosen with a fixed seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose name holds this")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args()
    os.chdir(ROOT)
    assert not any(name == "expfam" or name.startswith("expfam.") for name in sys.modules)
    if arguments.write and (arguments.only or arguments.sample):
        parser.error("--write makes a page of all modules: leave out --only and --sample")
    chosen = [m for name in TESTS if arguments.only in name for m in mutants(name)]
    if gone := stale(chosen):
        raise SystemExit("\n".join(["of no line any more, in equivalent.py:", *map(str, gone)]))
    total = len(chosen)
    if arguments.sample and arguments.sample < total:
        chosen = random.Random(0).sample(chosen, arguments.sample)
    excused = [m for m in chosen if m.excuse()]
    chosen = [m for m in chosen if not m.excuse()]
    log = arguments.log
    noticed = set(log.read_text("utf-8").split()) if log and log.exists() else set()
    fresh = [m for m in chosen if m.digest() not in noticed]
    controls = [Mutant(name, 0, "nothing", source_of(name)) for name in {m.module for m in fresh}]
    limits: dict[str, float] = {}
    if len(survivors(controls, arguments.jobs, limits)) < len(controls):
        raise SystemExit("a test fails without any change: mend that first")
    begun = time.perf_counter()
    alive = survivors(fresh, arguments.jobs, limits, log)
    report = page(chosen, excused, alive, total)
    print(report, f"{time.perf_counter() - begun:.0f} s", sep="\n")
    if arguments.write:
        arguments.write.write_text(report, "utf-8")


def page(chosen: list[Mutant], excused: list[Mutant], alive: list[Mutant], total: int) -> str:
    """What was noticed, module by module; survivors; what nobody could notice, with the reason."""
    killed = len(chosen) - len(alive)
    intro, how = __doc__.split("\n\n", 2)[0], __doc__.split("\n\n", 2)[1:]
    lines = ["# Mutants", "", intro, "", "```sh", how[0], "```", "", how[1].strip(), ""]
    lines += [
        f"**{killed} of {len(chosen)} mutants were noticed ({killed / max(len(chosen), 1):.1%})**; "
        f"{len(excused)} more change nothing that anybody could see; {total} in all.",
        "",
        "| module | mutants | noticed | survived | invisible |",
        "|---|---|---|---|---|",
    ]
    for module in TESTS:
        tried, left, out = (sum(m.module == module for m in x) for x in (chosen, alive, excused))
        if tried + out:
            lines.append(f"| `{module}` | {tried + out} | {tried - left} | {left} | {out} |")
    lines += [
        "",
        "## Survivors",
        "",
        *([f"- {mutant}" for mutant in alive] or ["None."]),
        "",
        "## Invisible",
        "",
    ]
    reasons: dict[str, list[Mutant]] = {}
    for mutant in excused:
        reasons.setdefault(str(mutant.excuse()), []).append(mutant)
    for reason, mutants_of in reasons.items():
        lines += [f"{reason} ({len(mutants_of)}):", "", *[f"- {m}" for m in mutants_of], ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
