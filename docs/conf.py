"""The site: `python -m sphinx -W --keep-going docs build/site`, from the root of the tree.

Guides are read on code hosts too, so that they are plain Markdown; what only a site needs (where a
page stands, API pages, notebooks to take home) is made here, while it is built.
"""

import os
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS / "_site"), str(DOCS.parent)]

project = "expfam"
copyright = "the expfam developers"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_site"]
nitpicky = True
sd_card_legacy_separators = False

# The pages of each part of the site, in order; a page that no part names stands among the guides.
PARTS = {
    "index": ["guides", "lessons/index", "reference", "project"],
    "guides": [
        *("fit", "convert", "tests", "intervals", "likelihood", "divergences", "conjugate"),
        *("teach", "labs", "explain", "extend", "coming-from", "walk", "ucb", "alligators"),
    ],
    "reference": [
        *("families", "api/index", "api/data", "accuracy", "mutation", "faults", "performance"),
    ],
    "project": ["vision", "architecture", "contributing", "changelog"],
}

# ---------------------------------------------------------------- text

myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

# ---------------------------------------------------------------- docstrings

# Docstrings are sentences with labels (x:, Result:, Errors:, Source:): `prose` makes of them the
# sections that numpydoc reads, and escapes what only looks like markup.
numpydoc_show_class_members = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
add_module_names = False
toc_object_entries_show_parents = "hide"

# ---------------------------------------------------------------- formulas: MathJax, from here

mathjax_path = "mathjax/tex-svg.js"
mathjax3_config = {
    "options": {"enableMenu": False},  # its menu would fetch what is not here
    "loader": {"load": ["a11y/assistive-mml"]},
    "svg": {"fontCache": "global", "scale": 0.95},
}

# ---------------------------------------------------------------- lessons

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 60
nb_execution_show_tb = True
nb_output_stderr = "error"
nb_merge_streams = True  # what a cell prints is one box, however slowly it came
nb_code_prompt_show = nb_code_prompt_hide = "The code of this picture"
nb_mime_priority_overrides = [("html", "text/html", 10), ("html", "image/svg+xml", 20)]

# ---------------------------------------------------------------- pages

html_theme = "pydata_sphinx_theme"
html_title = "expfam"
html_static_path = ["_static"]
templates_path = ["_site/templates"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # it is fetched, which pages opened from disk may not do
html_theme_options = {
    "logo": {"text": "expfam"},
    "navbar_align": "left",
    "show_prev_next": True,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["notebook", "page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "back_to_top_button": False,
}
html_context = {"default_mode": "auto"}
html_sidebars = {"index": [], "changelog": []}


def kernel_settings() -> dict[str, str]:
    """Where the kernels of lessons find how to draw: SVG without ground, for light and dark."""
    profile = Path(tempfile.mkdtemp()) / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(
        "c.InlineBackend.figure_formats = {'svg'}\nc.HistoryManager.enabled = False\n"
        "c.IPKernelApp.log_level = 'ERROR'\n"
    )
    return {
        "IPYTHONDIR": str(profile.parent),
        "MATPLOTLIBRC": str(DOCS / "_site" / "matplotlibrc"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def setup(app):
    import api
    import cards
    import labs
    import notebooks
    import pages
    import prose
    import scripts

    os.environ.update(kernel_settings())
    for part in (api, cards, labs, notebooks, pages, prose, scripts):
        part.setup(app)
