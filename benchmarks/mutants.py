"""The mutants of a module: its source with one constant or operator changed."""

from __future__ import annotations

import ast
import bisect
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from equivalent import EQUIVALENT

ROOT = Path(__file__).resolve().parent.parent
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
        """What it stands under in a log: the code of the module as it is, and as changed."""
        parts = self.module, code_of(source_of(self.module)), code_of(self.source)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it stands under in equivalent.py: itself, or all of its line."""
        room = self.module.removeprefix("expfam.")
        return (room, self.code, self.what), (room, self.code, "")

    def excuse(self) -> str | None:
        """Why nobody could notice it, if so."""
        return next((EQUIVALENT[name] for name in self.names() if name in EQUIVALENT), None)


def source_of(module: str) -> str:
    return (ROOT / (module.replace(".", "/") + ".py")).read_text("utf-8")


@cache
def code_of(source: str) -> str:
    """A module without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


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


def stale(chosen: list[Mutant]) -> list[tuple[str, str, str]]:
    """What equivalent.py names in their modules and is no mutant."""
    names = {name for m in chosen for name in m.names()}
    rooms = {room for room, *_ in names}
    return [name for name in EQUIVALENT if name not in names and name[0] in rooms]
