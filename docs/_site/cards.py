"""The card of each family in the site, and the links to it: made, and checked, with every build."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = "cards"
WAY_BACK = """
nav{width:210mm;max-width:100%;margin:5mm auto;padding:0 5mm;display:flex;gap:8mm;font-size:10pt}
nav a{color:#0b5cad}
@media print{nav{display:none}}
"""


def link(name: str, words: str, up: str = "") -> str:
    """A link to a page that Sphinx does not know, so that it is HTML.

    >>> link("Poisson", "the card")
    '<a href="cards/poisson.html">the card</a>'
    """
    return f'<a href="{up}{FOLDER}/{name.lower()}.html">{words}</a>'


def with_way_back(page: str) -> str:
    """A card's page with links, on the screen alone, to the families and to all cards.

    >>> with_way_back("<html><style></style><body>\\n<section>")
    '<html><style>...</style><body>\\n<nav><a href="../families.html">The families</a>...<section>'
    """
    back = '<a href="../families.html">The families</a><a href="index.html">All cards</a>'
    page = page.replace("</style>", f"{WAY_BACK}</style>", 1)
    return page.replace("<body>\n", f"<body>\n<nav>{back}</nav>\n", 1)


def linked(families: str, names: list[str]) -> str:
    """docs/families.md with links to all cards above the first family, and to each at its heading.

    >>> print(linked("# The families\\n\\nA table each.\\n\\n## Poisson\\n\\nCounts.", ["Poisson"]))
    # The families
    <BLANKLINE>
    A table each.
    <BLANKLINE>
    <p>Cards, one A4 page each: <a href="cards/poisson.html">Poisson</a>.
    <a href="cards/index.html">All, to print</a>.</p>
    <BLANKLINE>
    ## Poisson
    <BLANKLINE>
    <p><a href="cards/poisson.html">Its card</a></p>
    <BLANKLINE>
    Counts.
    """
    each = ", ".join(link(name, name) for name in names)
    everything = f"<p>Cards, one A4 page each: {each}.\n{link('index', 'All, to print')}.</p>"
    families = re.sub(r"^## ", rf"{everything}\n\n\g<0>", families, count=1, flags=re.M)
    for name in names:
        beside = f"<p>{link(name, 'Its card')}</p>"
        families = re.sub(rf"^## {name}$", rf"\g<0>\n\n{beside}", families, flags=re.M)
    return families


def setup(app) -> None:
    names: list[str] = []

    def write(app) -> None:
        from expfam import families
        from expfam.cards import write_cards

        paths = write_cards(Path(app.outdir) / FOLDER)
        for path in paths:
            page = with_way_back(path.read_text(encoding="utf-8"))
            path.write_text(page, encoding="utf-8")
        made = {path.stem for path in paths}
        names[:] = [name for name in families.__all__ if name.lower() in made]

    def read(app, page: str, source: list[str]) -> None:
        if page == "families":
            source[0] = linked(source[0], names)
        if page == "teach":
            source[0] = source[0].replace("[cards](explain.md#cards)", link("index", "cards"))
        if page == "explain":
            beside = f"<p>{link('index', 'All cards, to look at or to print')}</p>"
            source[0] = re.sub("^## Cards$", rf"\g<0>\n\n{beside}", source[0], flags=re.M)
        if page.removeprefix("api/") in names:
            card = link(page.removeprefix("api/"), "Its card, one A4 page", up="../")
            source[0] += f"\n.. raw:: html\n\n   <p>{card}</p>\n"

    app.connect("builder-inited", write)
    app.connect("source-read", read)
    app.connect("env-get-outdated", lambda app, *_: ["families", "teach", "explain"])
