"""The labs in the site: each moves on the page that tells of it, and is a file to take along."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = "labs"


def shown(page: str, frames: dict[str, str]) -> str:
    """docs/labs.md with each lab below its heading, and a link to its file.

    >>> print(shown("# Labs\\n\\n## duality\\n\\nA and A*.", {"duality": "<iframe></iframe>"}))
    # Labs
    <BLANKLINE>
    ## duality
    <BLANKLINE>
    ```{raw} html
    <iframe></iframe>
    <p><a href="labs/duality.html">This lab alone</a>, one file to keep or to send.</p>
    ```
    <BLANKLINE>
    A and A*.
    """
    for name, frame in frames.items():
        file = f'<a href="{FOLDER}/{name}.html">This lab alone</a>, one file to keep or to send.'
        raw = f"```{{raw}} html\n{frame}\n<p>{file}</p>\n```"
        page = re.sub(
            rf"^## {name}$", lambda found, raw=raw: f"{found[0]}\n\n{raw}", page, flags=re.M
        )
    return page


def setup(app) -> None:
    frames: dict[str, str] = {}

    def write(app) -> None:
        import expfam

        penguins = expfam.fit(expfam.datasets.load("penguins"), "species")
        folder = Path(app.outdir) / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for lab in (expfam.lab("softmax", penguins), expfam.lab("duality")):
            lab.write(folder / f"{lab.name}.html")
            frames[lab.name] = lab._repr_html_()

    def read(app, page: str, source: list[str]) -> None:
        if page == "labs":
            source[0] = shown(source[0], frames)

    app.connect("builder-inited", write)
    app.connect("source-read", read)
    app.connect("env-get-outdated", lambda app, *_: ["labs"])
