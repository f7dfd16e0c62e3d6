"""The text of a lab: one ES module, each import of a neighbour replaced by what that holds."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.M)
_COMMENT = re.compile(r"^\s*(//|/\*\*|\*).*\n", re.M)
# Where neither JavaScript nor CSS needs them, and no text of a lab has them.
_SPACE = re.compile(r"(?<=[,;{(\[])\n|\n(?=[)\]}])|(?<=\{) | (?=\})| (?==>)|(?<==>) ")


@cache
def text(name: str) -> str:
    """The module of a lab: `export default { render }` of the anywidget protocol, and `math`.

    Comments, indents and spaces that only please the eye stay in the source.

    >>> "import " in text("softmax"), "export default {render};" in text("softmax")
    (False, True)
    """
    parts = _parts(name, {})
    *shared, own = [_IMPORT.sub("", part) for part in parts.values()]
    whole = "".join(re.sub(r"^export ", "", part, flags=re.M) for part in shared) + own
    lines = re.sub(r"^\s+", "", _COMMENT.sub("", whole), flags=re.M)
    return _SPACE.sub("", lines)


def _parts(name: str, known: dict[str, str]) -> dict[str, str]:
    """The source of a file after those of all that it imports, by name."""
    if name not in known:
        source = (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8")
        for other in _IMPORT.findall(source):
            _parts(other, known)
        known[name] = source
    return known
