"""Lessons as Markdown to cells, and to the notebooks that a student takes home."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

CODE = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$\n?", re.M | re.S)
OPTION = re.compile(r"\A(?::[\w-]+:[^\n]*\n)+\n?")
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)")


class Cell(NamedTuple):
    """A cell of a lesson: whether it is code, and its text."""

    code: bool
    text: str


def cells(lesson: str) -> list[Cell]:
    """The cells of a lesson in MyST Markdown, in order.

    >>> cells("---\\na: b\\n---\\n# One\\n\\n```{code-cell} python\\nx = 1\\n```\\nEnd.\\n")
    [Cell(code=False, text='# One'), Cell(code=True, text='x = 1'), Cell(code=False, text='End.')]
    """
    body = re.sub(r"\A---\n.*?^---\n", "", lesson, flags=re.M | re.S)
    found = []
    for i, part in enumerate(CODE.split(body)):
        text = (OPTION.sub("", part) if i % 2 else part).strip("\n")
        if text.strip():
            found.append(Cell(bool(i % 2), text))
    return found


def notebook(lesson: str) -> str:
    """A lesson as a Jupyter notebook: links to other lessons lead to their notebooks."""
    made = []
    for number, cell in enumerate(cells(lesson)):
        text = cell.text if cell.code else LINK.sub(_link, cell.text)
        common = {"id": f"cell-{number}", "metadata": {}, "source": text.splitlines(keepends=True)}
        kind = {"cell_type": "code", "execution_count": None, "outputs": []}
        made.append({**common, **(kind if cell.code else {"cell_type": "markdown"})})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _link(match: re.Match[str]) -> str:
    """A link to a lesson goes to its notebook; to another page, its words alone stay."""
    words, target = match.groups()
    lesson = re.fullmatch(r"(\d+-[\w-]+)\.md", target)
    return f"[{words}]({lesson[1]}.ipynb)" if lesson else words


def setup(app) -> None:
    def write(app, error) -> None:
        if error is None and app.builder.format == "html":
            for path in (Path(app.srcdir) / "lessons").glob("[0-9]*.md"):
                text = notebook(path.read_text(encoding="utf-8"))
                target = Path(app.outdir) / "lessons" / f"{path.stem}.ipynb"
                target.write_text(text, encoding="utf-8")

    app.connect("build-finished", write)
