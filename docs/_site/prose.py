"""Docstrings to numpydoc: sentences stay sentences, what is labelled goes to its section."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection
from textwrap import indent

SECTIONS = {"Result": "Returns", "Errors": "Raises", "Source": "References"}
LABELS = (*SECTIONS, "Shapes", "Accuracy")  # the last two are notes
MARKUP = re.compile(r"([*|\\]|(?<=\w)_(?=\W|$))")
LABEL = re.compile(r"(?:^|(?<=; )|(?<=\. ))([A-Za-z_]\w*(?:(?:, | and )[a-z_]\w*)*):(?: |$)")
GUIDE = re.compile(r"\bdocs/([\w/-]+)\.md\b")
ERRORS = r"\w+Error(?:(?:, | and )\w+Error)*"
ERROR = re.compile(rf"(?:^|[;,] (?:and )?)({ERRORS})(?=[ .])")


def numpydoc(text: str, names: Collection[str] = (), links: dict[str, str] | None = None) -> str:
    """A docstring with the sections of numpydoc, from labels of arguments and from LABELS.

    >>> text = "The sum, A*(μ) = `f`.\\n\\nx: any shape. |x| < 1\\nErrors: ValueError for nan."
    >>> print(numpydoc(text, ["x"]))
    The sum, A\\*(μ) = ``f``.
    <BLANKLINE>
    Parameters
    ----------
    x
        any shape. \\|x\\| < 1
    <BLANKLINE>
    Raises
    ------
    ValueError
        for nan.
    """
    sections: dict[str, list[str]] = {name: [] for name in ("", "Parameters", *SECTIONS.values())}
    sections |= {"Notes": [], "Examples": []}
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if block.startswith(">>> ") or sections["Examples"]:
            sections["Examples"].append(_block(block, links))
            continue
        for label, statement in _statements(block.splitlines(), names):
            if not label:
                sections["Notes" if sections["Parameters"] else ""].append(_block(statement, links))
            elif label in SECTIONS and (label != "Errors" or ERROR.match(statement)):
                sections[SECTIONS[label]].append(_inline(statement, links))
            elif label in LABELS:
                sections["Notes"].append(f"*{label}*: {_inline(statement, links)}")
            else:
                sections["Parameters"].append(_entry(label, _inline(statement, links)))
    sections["Raises"] = [e for said in sections["Raises"] for e in _errors(said)]
    return "\n\n".join(_section(name, parts) for name, parts in sections.items() if parts)


def restructured(text: str, links: dict[str, str] | None = None) -> str:
    """Text without sections: that of a module, or a first sentence."""
    return "\n\n".join(_block(b, links) for b in re.split(r"\n\s*\n", inspect.cleandoc(text)))


def _section(name: str, parts: list[str]) -> str:
    if not name:
        return "\n\n".join(parts)
    between = "\n" if name in ("Parameters", "Raises") else "\n\n"
    return f"{name}\n{'-' * len(name)}\n" + between.join(parts)


def _entry(head: str, body: str) -> str:
    return f"{head}\n{indent(body, '    ')}"


def _errors(said: str) -> list[str]:
    """Who is raised, each with its when.

    >>> _errors("TypeError for text, ValueError and IndexError for numbers.")
    ['TypeError\\n    for text', 'ValueError and IndexError\\n    for numbers.']
    >>> _errors("OSError.")
    ['OSError']
    """
    parts = [part.strip() for part in ERROR.split(said)[1:]]
    return [
        _entry(who, when.strip(".") and when).rstrip()
        for who, when in zip(parts[::2], parts[1::2], strict=True)
    ]


def _statements(lines: list[str], names: Collection[str]) -> list[tuple[str, str]]:
    """Lines as pairs of a label and what it says; "" is the label of the text before the first.

    >>> _statements(["Of x.", "x: one", "line; y: two. Result: three"], ["x", "y"])
    [('', 'Of x.'), ('x', 'one line'), ('y', 'two.'), ('Result', 'three')]
    """
    found = [("", "")]
    for line in lines:
        label, rest = found.pop()
        at = 0
        for match in LABEL.finditer(line):
            if _known(match[1], names):
                before = line[at : match.start(1)].rstrip()
                found.append((label, f"{rest}\n{before}".strip("\n").removesuffix(";")))
                label, rest, at = match[1], "", match.end()
        found.append((label, f"{rest}\n{line[at:]}".strip("\n")))
    joined = [(label, text if not label else " ".join(text.split())) for label, text in found]
    return [(label, text) for label, text in joined if label or text]


def _known(label: str, names: Collection[str]) -> bool:
    return label in LABELS or all(name in names for name in re.split(", | and ", label))


def _block(block: str, links: dict[str, str] | None) -> str:
    lines = block.splitlines()
    if lines[0].startswith(">>> "):
        return block  # a doctest
    if all(line.startswith("    ") for line in lines):
        return ".. code-block:: none\n\n" + block  # a displayed formula
    return "\n".join(_inline(line.strip(), links) for line in lines)


def _inline(text: str, links: dict[str, str] | None) -> str:
    """Text with `code` as code or as a link, and with what only looks like markup escaped."""
    links = links or {}
    parts = re.split(r"`([^`]+)`", text)
    out = []
    for i, part in enumerate(parts):
        if i % 2:
            out.append(f":py:obj:`{part} <{links[part]}>`" if part in links else f"``{part}``")
            if i + 1 < len(parts) and re.match(r"\w", parts[i + 1]):
                out.append("\\ ")
        else:
            out.append(GUIDE.sub(r":doc:`/\1`", MARKUP.sub(r"\\\1", part)))
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
        text = "\n".join(lines)
        if what == "data" and text.strip() == (inspect.getdoc(type(thing)) or "").strip():
            lines[:] = []  # what is said of the type, not of this name
        elif what == "module":
            lines[:] = [*restructured(text, links).splitlines(), ""]
        else:
            lines[:] = numpydoc(text, names_of(thing), links).splitlines()

    app.connect("autodoc-process-docstring", process, priority=400)  # numpydoc comes after
