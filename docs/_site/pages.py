"""Where a page stands: each part of the site gets its list of pages, unseen on code hosts."""

from __future__ import annotations

import re
from pathlib import Path

# Beyond docs/ a code host shows the file; the site has a page for it.
OUTSIDE = {
    r"(?:\.\./)+data/README\.md": "/api/data.rst",
    r"(?:\.\./)+README\.md": "/index.md",
    r"(?:\.\./)+expfam/__init__\.py": "/api/index.rst",
    r"(?:\.\./)+expfam/(\w+)(?:\.py|/__init__\.py)": r"/api/\1.rst",
}


def children(parts: dict[str, list[str]], docs: Path) -> dict[str, list[str]]:
    """The pages of every part; those that no part names are guides."""
    named = {page for pages in parts.values() for page in pages} | set(parts)
    rest = sorted(path.stem for path in docs.glob("*.md") if path.stem not in named)
    lessons = sorted((path.stem for path in (docs / "lessons").glob("[0-9]*.md")), key=_number)
    return {
        **parts,
        "guides": [p for p in parts["guides"] if (docs / f"{p}.md").exists()] + rest,
        "lessons/index": lessons,
    }


def _number(stem: str) -> int:
    return int(stem.partition("-")[0])


def contents(pages: list[str]) -> str:
    """A table of contents for the theme, not for the page.

    >>> print(contents(["fit", "convert"]))
    <BLANKLINE>
    ```{toctree}
    :hidden:
    fit
    convert
    ```
    <BLANKLINE>
    """
    return "\n".join(["", "```{toctree}", ":hidden:", *pages, "```", ""])


def setup(app) -> None:
    def read(app, name: str, source: list[str]) -> None:
        pages = children(app.config._raw_config["PARTS"], Path(app.srcdir)).get(name)
        if pages:
            source[0] += contents(pages)
        source[0] = re.sub(r"\n\n```$", "\n```", source[0], flags=re.M)  # the end of a doctest
        for pattern, page in OUTSIDE.items():
            source[0] = re.sub(rf"\]\({pattern}\)", f"]({page})", source[0])

    def lighten(app, error) -> None:
        for path in Path(app.outdir).glob("_static/**/*.map"):  # 2 MB for whoever debugs the theme
            path.unlink()

    app.connect("source-read", read)
    app.connect("build-finished", lighten)
    app.connect("env-get-outdated", lambda app, *_: list(app.config._raw_config["PARTS"]))
