"""Every lesson runs; every exercise takes right answers of any form and gives wrong ones a hint."""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from lesson_answers import RIGHT, WRONG

from expfam.lessons import Verdict, check

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted(
    (ROOT / "docs" / "lessons").glob("[0-9]*.md"), key=lambda p: int(p.stem.split("-")[0])
)
SOLUTION = re.compile(r"<details><summary>One answer</summary>\n\n```python\n(.*?)```", re.S)
UNANSWERED = re.compile(r"^answer = \.\.\..*$", re.M)


@pytest.fixture(scope="module")
def notebooks():
    sys.path.insert(0, str(ROOT / "docs" / "_site"))
    yield importlib.import_module("notebooks")
    sys.path.pop(0)


@pytest.fixture(scope="module", autouse=True)
def without_pictures():
    """Pictures are drawn when the site is built; here matplotlib is a stand-in."""

    def subplots(rows: int = 1, columns: int = 1, **_: Any):
        axes = [MagicMock() for _ in range(rows * columns)]
        return MagicMock(), axes[0] if len(axes) == 1 else axes

    with pytest.MonkeyPatch.context() as patch:
        pyplot = ModuleType("matplotlib.pyplot")
        pyplot.subplots, pyplot.show = subplots, MagicMock()  # type: ignore[attr-defined]
        package = ModuleType("matplotlib")
        package.pyplot = pyplot  # type: ignore[attr-defined]
        patch.setitem(sys.modules, "matplotlib", package)
        patch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
        yield


def run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; its value is that of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def answered(cell: str, answer: str, names: dict[str, Any]) -> Verdict:
    verdict = run(UNANSWERED.sub(lambda _: answer, cell), dict(names))
    assert isinstance(verdict, Verdict)
    return verdict


def words_on_mistakes(cell: str) -> set[str]:
    """What an exercise has to say of each mistake that it knows."""
    for node in ast.walk(ast.parse(cell)):
        if isinstance(node, ast.keyword) and node.arg == "mistakes":
            return set(map(ast.literal_eval, node.value.keys))
    return set()


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_and_its_exercises_take_any_right_form(path, notebooks, capsys):
    number, text = path.stem.split("-")[0], path.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exercises = []
    for cell in notebooks.cells(text):
        if cell.code:
            value = run(cell.text, names)
            if UNANSWERED.search(cell.text):
                assert value.right is None
                exercises.append(cell.text)
    solutions = SOLUTION.findall(text)
    assert len(exercises) == len(solutions) == len(RIGHT[number]) == len(WRONG[number]) == 3
    for cell, solution, right, wrong in zip(
        exercises, solutions, RIGHT[number], WRONG[number], strict=True
    ):
        assert len(right) >= 3
        for form in [solution, *(f"answer = {form}" for form in right)]:
            verdict = answered(cell, form, names)
            assert verdict.right, f"{form}\n{verdict}"
        hints = set()
        for form in wrong:
            verdict = answered(cell, f"answer = {form}", names)
            assert verdict.right is False, form
            assert verdict.lines[-1].startswith("Hint: ")
            hints.add(verdict.lines[-1].removeprefix("Hint: "))
        assert words_on_mistakes(cell) <= hints


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_has_its_parts(path, notebooks):
    text = path.read_text(encoding="utf-8")
    for part in ("\n## One identity", "\n## A question", "\n## The trap", "\n## Exercises"):
        assert text.count(part) == 1, part
    assert "plt.show()" in text or "expfam.lab(" in text
    code = [cell.text for cell in notebooks.cells(text) if cell.code]
    assert max(len(line) for cell in code for line in cell.splitlines()) <= 92  # a page's column
    book = json.loads(notebooks.notebook(text))
    sources = ["".join(cell["source"]) for cell in book["cells"]]
    assert sources[0].startswith("# ")
    assert not any(re.search(r"\]\([^)]*\.md", source) for source in sources)
    assert not any("{code-cell}" in source or "file_format" in source for source in sources)


def test_lessons_follow_each_other():
    assert [path.stem.split("-")[0] for path in LESSONS] == [
        str(n + 1) for n in range(len(LESSONS))
    ]


# ---------------------------------------------------------------- check


def test_nothing_answered_is_no_mistake():
    verdict = check(..., lambda x: (x, 1), "one")
    assert verdict.right is None
    assert "three dots" in repr(verdict)


def test_both_sides_are_shown_with_the_hint():
    verdict = check(2, lambda x: (x, [1, 2]), "a hint")
    assert not verdict.right
    assert verdict.lines == ("Not yet.", "  left   2", "  right  [1, 2]", "Hint: a hint")


@pytest.mark.parametrize("answer", ["text", None, {"a": 1}, [1, [2]], np.zeros(3), lambda: 1])
def test_an_answer_of_any_kind_gets_a_hint_and_no_traceback(answer):
    verdict = check(answer, lambda x: (np.asarray(x) + 0.5, [1.0, 2.0]), "two numbers")
    assert verdict.right is False
    assert verdict.lines[-1] == "Hint: two numbers"


def test_nan_is_never_right_and_infinities_must_match():
    assert check(np.nan, lambda x: (x, np.nan), "").right is False
    assert check(np.inf, lambda x: (x, np.inf), "").right
    assert check(-np.inf, lambda x: (x, np.inf), "").right is False
    assert check(1e300, lambda x: (x, np.inf), "").right is False
    assert check(np.inf, lambda x: (x, 1.0), "").right is False


@pytest.mark.parametrize("answer", [3.5, [3.5], [[3.5]], np.array([3.5])])
def test_a_number_in_brackets_is_a_number(answer):
    assert check(answer, lambda x: (x, 3.5), "").right
    assert check(answer, lambda x: (x, [3.5, 3.5]), "").right is False


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_the_tolerance_is_relative_above_one(scale):
    def sides(x):
        return x, scale

    assert check(scale + 0.9e-9 * max(1, scale), sides, "").right
    assert check(scale + 1.2e-9 * max(1, scale), sides, "").right is False
    assert check(scale * 1.01, sides, "", tolerance=0.1).right


def test_a_mistake_has_its_own_word_where_it_applies():
    def told(answer):
        mistakes = {"never": lambda x: x.missing, "a square": lambda x: (x, 9)}
        return check(answer, lambda x: (x, 3), "a hint", mistakes=mistakes).lines[-1]

    assert told(9) == "Hint: a square"
    assert told(8) == "Hint: a hint"


def test_verdicts_as_html_are_escaped():
    html = check(1, lambda x: (x, 2), "<b>").__class__(False, ("<b>&",))._repr_html_()
    assert "&lt;b&gt;&amp;" in html
    assert "<b>" not in html


def test_long_arrays_are_shown_in_part():
    assert check(np.arange(9), lambda x: (x, np.arange(9)), "").lines == (
        "Right: both sides are [0, 1, 2, 3, 4, 5, …].",
    )
