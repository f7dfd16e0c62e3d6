"""Plant a fault in every method of every family and list the laws that see it.

python benchmarks/faults.py [--only Poisson] [--write docs/faults.md]

What a method returns is changed in sign, doubled, moved by one, and multiplied by 1 + 1e-9; a
sampler draws from a member nearby instead of the last; a door is left open, without its rules. A
cell says how many of these the laws see; a fault that cannot be seen, as it changes nothing
(2·0 = 0 where log h is 0; Newton's method refuses means out of its reach without a door, too), is
not planted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from test_faults import (  # noqa: E402
    DOORS,
    FAMILIES,
    FAULTS,
    GAUGE,
    HOOKS,
    MORE,
    TWICE,
    ZERO,
    of_kind,
    opened,
    planted,
)

from expfam.checks import check_family  # noqa: E402


def faulty(name: str, hook: str) -> list:
    """The families with a visible fault in the hook."""
    family, _ = {**FAMILIES, **MORE}[name]
    if hook in DOORS:
        return [] if (name, hook) in TWICE else [opened(family, hook)]
    draws = type(family)._draw
    twins = [
        planted(family, hook, fault)
        for kind, fault in FAULTS.items()
        if not ((name, hook) in ZERO and kind != "off by one")
        and (name, hook, kind) not in GAUGE
        and not (hook == "_draw" and kind == "1e-9")
        and not (hook == "_draw" and name in MORE)
    ]
    if hook == "_draw":
        twins.append(of_kind(family, {hook: lambda s, n, *rest: draws(s, 1.5 * n, *rest)}))
    return twins


def row(name: str) -> str:
    _, natural = {**FAMILIES, **MORE}[name]
    cells = []
    for hook, laws in {**HOOKS, **DOORS}.items():
        twins = faulty(name, hook)
        seen = sum(_seen(twin, natural, laws) for twin in twins)
        cells.append(f"{seen}/{len(twins)}" if twins else "–")
    return f"| `{name}` | " + " | ".join(cells) + " |"


def _seen(twin: Any, natural: Any, laws: Any) -> bool:
    """By the laws of the method, or if they are silent by any."""
    return any(not check_family(twin, natural=natural, laws=some).passed for some in (laws, None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    titles = [f"`{hook}`" for hook in (*HOOKS, *DOORS)]
    lines = ["| family | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    for name in sorted({**FAMILIES, **MORE}):
        if arguments.only in name:
            lines.append(row(name))
            print(lines[-1], flush=True)
    laws = [f"| `{hook}` | {'; '.join(seen)} |" for hook, seen in {**HOOKS, **DOORS}.items()]
    page = [
        "# Planted faults",
        "",
        __doc__.split("\n\n", 2)[2].strip(),
        "",
        "    python benchmarks/faults.py --write docs/faults.md",
        "",
        *lines,
        "",
        "The laws that are asked first; where they are silent, all others are:",
        "",
        "| method | laws |",
        "|---|---|",
        *laws,
    ]
    if arguments.write:
        arguments.write.write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
