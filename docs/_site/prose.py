"""Docstrings to reStructuredText: sentences stay sentences, labels become fields."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection

LABELS = ("Result", "Errors", "Source", "Shapes", "Accuracy")
MARKUP = re.compile(r"([*|\\]|(?<=\w)_(?=\W|$))")
LABEL = re.compile(r"(^|(?<=; ))([A-Za-z_]\w*(?:(?:, | and )[a-z_]\w*)*):(?= |$)")


def restructured(
    text: str, names: Collection[str] = (), links: dict[str, str] | None = None
) -> str:
    """A docstring as reStructuredText: labels of arguments as a list, the rest as it reads.

    >>> text = "The sum, A*(μ) = `f`.\\n\\nx: any shape. |x| < 1\\nErrors: none."
    >>> print(restructured(text, ["x"]))
    The sum, A\\*(μ) = ``f``.
    <BLANKLINE>
    * **x**: any shape. \\|x\\| < 1
    * *Errors*: none.
    """
    blocks = re.split(r"\n\s*\n", inspect.cleandoc(text))
    return "\n\n".join(_block(block, names, links or {}) for block in blocks)


def _block(block: str, names: Collection[str], links: dict[str, str]) -> str:
    lines = block.splitlines()
    if lines[0].startswith(">>> "):
        return block  # a doctest
    if all(line.startswith("    ") for line in lines):
        return ".. code-block:: none\n\n" + block  # a displayed formula
    items = [_inline(line, names, links) for line in _labelled(lines, names)]
    marked = [item for item in items if item.startswith("*")]
    if not marked:
        return "\n".join(items)
    first = items.index(marked[0])
    listed = "\n".join(f"* {item}" for item in items[first:])
    return "\n".join(items[:first]) + ("\n\n" if first else "") + listed


def _labelled(lines: list[str], names: Collection[str]) -> list[str]:
    """Lines joined to statements: a label at the head of a line begins a new one."""
    statements: list[str] = []
    for line in lines:
        label = LABEL.match(line)
        if statements and not (label and _known(label[2], names)):
            statements[-1] += " " + line.strip()
        else:
            statements.append(line.strip())
    return statements


def _known(label: str, names: Collection[str]) -> bool:
    return label in LABELS or all(name in names for name in re.split(", | and ", label))


def _inline(line: str, names: Collection[str], links: dict[str, str]) -> str:
    """One statement, with `code` as code or as a link, and labels set off."""
    parts = re.split(r"`([^`]+)`", line)
    out = []
    for i, part in enumerate(parts):
        if i % 2:
            out.append(f":py:obj:`{part} <{links[part]}>`" if part in links else f"``{part}``")
            if i + 1 < len(parts) and re.match(r"\w", parts[i + 1]):
                out.append("\\ ")
        else:
            pieces, end = [], 0
            for label in LABEL.finditer(part) if i == 0 else ():
                if _known(label[2], names):
                    mark = "*" if label[2] in LABELS else "**"
                    pieces += [MARKUP.sub(r"\\\1", part[end : label.start(2)])]
                    pieces += [f"{mark}{label[2]}{mark}:"]
                    end = label.end()
            out.append("".join(pieces) + MARKUP.sub(r"\\\1", part[end:]))
    return "".join(out)


def names_of(thing: object) -> list[str]:
    """The arguments and fields that a docstring may speak of."""
    try:
        names = list(inspect.signature(thing).parameters)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        names = []
    return names + list(getattr(thing, "__annotations__", ()))


def setup(app) -> None:
    import api

    links = api.links()

    def process(app, what, name, thing, options, lines):
        lines[:] = restructured("\n".join(lines), names_of(thing), links).splitlines()
        lines.append("")

    app.connect("autodoc-process-docstring", process)
