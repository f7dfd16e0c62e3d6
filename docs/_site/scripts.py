"""Sub- and superscripts: η_p and x^{a−1} in a sentence are set as a book sets them."""

from __future__ import annotations

import re
from typing import Any

# In braces anything; without them a number, or one letter, after a letter that stands alone.
SCRIPT = re.compile(
    r"(?<=\S)([_^])\{((?:[^{}]|\{[^{}]*\})*)\}"
    r"|(?:(?<=[Α-Ωα-ω)])|(?<=(?<!\w)[A-Za-z]))"
    r"([_^])([−-]?(?:\d+(?:\.\d+)?|[A-Za-zΑ-Ωα-ω½]))(?![A-Za-z0-9_])"
)
Piece = str | tuple[str, list]


def pieces(text: str) -> list[Piece]:
    """Text as plain pieces and scripts, each a mark and its own pieces.

    >>> pieces("log_prob, 10^U: p_k^{x_k}/2")
    ['log_prob, 10^U: p', ('_', ['k']), ('^', ['x', ('_', ['k'])]), '/2']
    """
    found: list[Piece] = []
    at = 0
    for match in SCRIPT.finditer(text):
        found += [text[at : match.start()], (match[1] or match[3], pieces(match[2] or match[4]))]
        at = match.end()
    return [piece for piece in [*found, text[at:]] if piece]


def setup(app) -> None:
    from docutils import nodes

    kept = (nodes.literal, nodes.FixedTextElement, nodes.math, nodes.raw)
    kinds = {"_": nodes.subscript, "^": nodes.superscript}

    def node(piece: Piece) -> Any:
        if isinstance(piece, str):
            return nodes.Text(piece)
        mark, inside = piece
        return kinds[mark]("", "", *map(node, inside))

    def within(text: Any) -> Any:
        while (text := text.parent) is not None:
            yield text

    def read(app, document) -> None:
        for text in list(document.findall(nodes.Text)):
            if SCRIPT.search(text) and not any(isinstance(outer, kept) for outer in within(text)):
                text.parent.replace(text, list(map(node, pieces(text))))

    app.connect("doctree-read", read)
