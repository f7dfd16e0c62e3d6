"""Interactive labs: a fit, or none, as a page that moves; one file, offline, also in notebooks."""

from __future__ import annotations

import html
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from expfam.labs import modules, starts
from expfam.writing import markup

if TYPE_CHECKING:
    import os

    from expfam.categorical import CategoricalFit

__all__ = ["NAMES", "Lab", "lab"]

NAMES = tuple(starts.STARTS)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:0}}
@media (prefers-color-scheme:dark){{body{{background:#131619}}}}</style>
</head>
<body>
<script type="module">
{module}
render({{ model: still({start}), el: document.body }});
{fitted}
</script>
<noscript><p>This lab is a drawing that moves: it needs JavaScript.</p></noscript>
</body>
</html>
"""

# A frame of a notebook is as high as its page and as dark as JupyterLab, which does not say so by
# color-scheme. The page may ask for that: both have one origin.
_FITTED = """const frame = window.frameElement;
if (frame) {
const light = parent.document.body.dataset.jpThemeLight;
if (light) frame.style.colorScheme = light === "true" ? "light" : "dark";
new ResizeObserver(() =>
frame.style.height = `${document.body.scrollHeight + 2}px`).observe(document.body);
}"""


def lab(
    name: str, fit: CategoricalFit | None = None, *, categories: Iterable[Hashable] | None = None
) -> Lab:
    """A page on which natural and mean parameters move together, with the data of a fit or none.

    name: "softmax", three categories, A = log Σ exp ηᵢ; "duality", one parameter, A and A* with
    their tangents, where a fit of two categories is a Bernoulli. The softmax lab of more than
    three categories merges all but two: those that `categories` names, else the two with the
    highest counts; its page says so.
    Errors: ValueError for an unknown name, a fit with groups, a number of categories that the lab
    cannot show, or labels in `categories` that are not the fit's.
    Source: Wainwright and Jordan (2008), section 3.6, on A and its conjugate.

    >>> import expfam
    >>> penguins = expfam.fit({"Adelie": 152, "Chinstrap": 68, "Gentoo": 124})
    >>> expfam.lab("softmax", penguins)
    Lab('softmax', categories ('Adelie', 'Chinstrap', 'Gentoo')): write(path) makes one HTML file
    """
    if not isinstance(name, str) or name not in starts.STARTS:
        raise ValueError(f"lab: name must be one of {', '.join(NAMES)}; got {name!r}")
    return Lab(name, starts.STARTS[name](fit, categories))


@final
@dataclass(frozen=True, eq=False, repr=False)
class Lab:
    """A lab and where it starts; a notebook shows it, `write` makes a file, `widget` listens.

    start: the lab's first state, plain lists, numbers (±∞ too) and text.
    """

    name: str
    start: dict[str, Any]

    def page(self) -> str:
        """The lab as one HTML document that requests nothing from anywhere.

        >>> "http-equiv" in lab("softmax").page()
        True
        """
        return self._page("")

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write `page` to a file, UTF-8, and return its path. Errors: OSError."""
        target = Path(path)
        target.write_text(self.page(), encoding="utf-8")
        return target

    def widget(self) -> Any:
        """The lab as an anywidget: `natural` follows the page and moves it, `mean` follows both.

        Errors: ImportError where anywidget, which is optional, is not installed.
        """
        from expfam.labs import widget

        return widget.widget(self)

    def _page(self, fitted: str) -> str:
        start = {name: markup.number(value) for name, value in self.start.items()}
        return _PAGE.format(
            title=html.escape(self.start["data"]["title"]),
            module=modules.text(self.name),
            start=markup.dumps(start).replace("<", "\\u003c"),
            fitted=fitted,
        )

    def _repr_html_(self) -> str:
        """A frame of its own: several labs on a page share neither names nor styles."""
        title, page = self.start["data"]["title"], self._page(_FITTED)
        return (
            f'<iframe title="{html.escape(title)}" srcdoc="{html.escape(page)}" '
            'style="width:100%;height:960px;border:0" loading="lazy"></iframe>'
        )

    def __repr__(self) -> str:
        labels = self.start["data"].get("labels")
        what = f", categories ({', '.join(map(repr, labels))})" if labels else ""
        return f"Lab({self.name!r}{what}): write(path) makes one HTML file"
