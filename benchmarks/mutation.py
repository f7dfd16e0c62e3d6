"""Change one constant or operator of the numerics at a time and see whether a test notices.

python benchmarks/mutation.py [--sample 200] [--jobs 2] [--only factorial] [--write docs/mutation.md]

A float is changed by 1e-13 of itself, an integer by one, + becomes −, × becomes ÷, < becomes ≤.
Each mutant runs the tests of its module in a forked process until one fails. Survivors are listed
with their lines; those that change nothing that anybody could see are named in EQUIVALENT.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import random
import signal
import sys
import time
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis  # noqa: F401  what the children need is imported once, before the fork
import mpmath  # noqa: F401
import numpy as np  # noqa: F401
import pytest
import scipy.special
import scipy.stats  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
CORE = [
    "tests/test_accuracy.py",
    "tests/test_factorial.py",
    "tests/test_saddlepoint.py",
    "tests/test_special.py",
]
DRAWS = ["tests/test_sampling.py"]
TESTS = {
    "expfam.factorial": [*CORE, "tests/test_multinomial.py"],
    "expfam.kernels": [*CORE, "tests/test_multinomial.py"],
    "expfam.pairs": [*CORE, "tests/test_multinomial.py"],
    "expfam.saddlepoint": [*CORE, "tests/test_multinomial.py", "tests/test_laws.py"],
    "expfam.simplex": [*CORE, "tests/test_multinomial.py"],
    "expfam.sampling.bits": DRAWS,
    "expfam.sampling.counts": DRAWS,
    "expfam.sampling.categories": DRAWS,
    "expfam.sampling.densities": DRAWS,
}
LIMIT = 240  # seconds for one mutant: an endless loop is a mutant noticed
SWAPS = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*",
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
}  # fmt: skip


class Mutant(NamedTuple):
    module: str
    line: int
    what: str
    source: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.what}"


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
        found.append(Mutant(module, node.lineno, f"{old} → {new}", source))

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            value = node.value
            new = repr(value + 1) if type(value) is int else repr(value * (1 + 1e-13) or 1e-13)
            add(
                node,
                at(node.lineno, node.col_offset),
                at(node.end_lineno, node.end_col_offset),
                new,
            )
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


def start(mutant: Mutant) -> int:
    """A child process that tests the mutant; its exit code is 0 if every test passes."""
    child = os.fork()
    if child:
        return child
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    signal.alarm(LIMIT)
    sys.meta_path.insert(0, Changed(mutant))
    code = pytest.main(
        ["-x", "-q", "-W", "ignore::pytest.PytestAssertRewriteWarning", *TESTS[mutant.module]]
    )
    os._exit(0 if code == 0 else 1)


def survivors(chosen: list[Mutant], jobs: int) -> list[Mutant]:
    """The mutants that every test passes, several at a time."""
    waiting, running, alive = list(reversed(chosen)), {}, []
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(mutant)] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        if status == 0:
            alive.append(mutant)
            print(f"SURVIVED {mutant}", flush=True)
    return alive


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, help="so many mutants, chosen with a fixed seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose name holds this")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    os.chdir(ROOT)
    assert not any(name == "expfam" or name.startswith("expfam.") for name in sys.modules)
    chosen = [m for name in TESTS if arguments.only in name for m in mutants(name)]
    total = len(chosen)
    if arguments.sample and arguments.sample < total:
        chosen = random.Random(0).sample(chosen, arguments.sample)
    controls = [Mutant(name, 0, "nothing", source_of(name)) for name in {m.module for m in chosen}]
    if len(survivors(controls, arguments.jobs)) < len(controls):
        raise SystemExit("a test fails without any change: mend that first")
    begun = time.perf_counter()
    alive = survivors(chosen, arguments.jobs)
    killed = len(chosen) - len(alive)
    share = f"{killed} of {len(chosen)} mutants were noticed ({killed / len(chosen):.1%})"
    print(f"{share}; {total} in all; {time.perf_counter() - begun:.0f} s")
    if arguments.write:
        lines = "".join(f"- {mutant}\n" for mutant in alive)
        arguments.write.write_text(f"{share}, of {total} in all. Survivors:\n\n{lines}", "utf-8")


if __name__ == "__main__":
    main()
