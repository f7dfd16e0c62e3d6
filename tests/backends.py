"""What runs on which array library: operations on members, tried, and the table of the docs.

python tests/backends.py --write    writes the table into docs/families.md
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from conftest import CASES

from expfam.checks import _proposed
from expfam.family import Distribution

LIBRARIES = {
    "numpy": "numpy",
    "torch": "torch",
    "jax": "jax.numpy",
    "array_api_strict": "array_api_strict",
    "cupy": "cupy",
}
MOVES = int(np.__version__.partition(".")[0]) > 1  # else array-api-strict cannot leave a device
# Families of what they are given: their own arrays are numpy's, and not all of them runs elsewhere.
MAKERS = ("FiniteFamily", "ProductFamily", "Truncated")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "families.md"
START, END = "<!-- what runs where -->\n", "<!-- end -->"


def library(name: str) -> SimpleNamespace:
    """An array library, with what makes its arrays, of float64 unless told otherwise."""
    module = importlib.import_module(LIBRARIES[name])
    if name == "jax":
        importlib.import_module("jax").config.update("jax_enable_x64", True)

    # A device on which nothing is made unless it is asked for, where a library has one.
    place = {"device": module.Device("device1")} if name == "array_api_strict" and MOVES else {}

    def array(values: Any, dtype: str = "float64") -> Any:
        return module.asarray(np.asarray(values).tolist(), dtype=getattr(module, dtype), **place)

    return SimpleNamespace(name=name, module=module, array=array, place=place)


# What is asked of a member p, beside another one q and data x; and whether it is compared to a
# relative 1e-12 or to that of the terms of a sum.
OPERATIONS: dict[str, tuple[bool, Callable[[Distribution, Distribution, Any], Any]]] = {
    "forward map": (True, lambda p, q, x: p.mean_parameter),
    "A": (True, lambda p, q, x: p.log_partition),
    "Fisher": (True, lambda p, q, x: p.fisher_information),
    "Fisher product": (
        False,
        lambda p, q, x: p.family.fisher_product(p.natural_parameter, 0 * p.mean_parameter + 1),
    ),
    "backward map": (
        False,
        lambda p, q, x: _gauge(p, p.family.mean_to_natural(p.mean_parameter)),
    ),
    "T": (True, lambda p, q, x: p.family.sufficient_statistic(x)),
    "h": (False, lambda p, q, x: p.family.log_base_measure(x)),
    "log p": (False, lambda p, q, x: p.log_prob(x)),
    "score": (False, lambda p, q, x: p.score(x)),
    "likelihood": (False, lambda p, q, x: p.log_likelihood(x)),
    "entropy": (False, lambda p, q, x: p.entropy()),
    "KL": (False, lambda p, q, x: p.kl(q)),
    "A*": (False, lambda p, q, x: p.convex_conjugate),
    "cumulants": (
        False,
        lambda p, q, x: p.cumulant_function(0 * p.mean_parameter + 1e-3),
    ),
    "free parameters": (True, lambda p, q, x: p.degrees_of_freedom),
    "fit": (False, lambda p, q, x: _fit(p, x).mean_parameter),
}


def _gauge(p: Distribution, natural: Any) -> Any:
    return p.family._canonical(natural)


def _fit(p: Distribution, x: Any) -> Distribution:
    return p.family.fit(x, batch_ndim=len(p.batch_shape))


def members(name: str) -> list[tuple[Distribution, Distribution, np.ndarray]]:
    """The first member of a case and its last (at the edge, if it has one), each with the other
    and five draws."""
    family, naturals = CASES[name]
    rows = _proposed(family, np.random.default_rng(0)) if naturals is None else naturals
    rows = np.asarray(rows, dtype=float)
    first, last = (family.from_natural(row) for row in (rows[0], rows[-1]))
    return [(p, q, _draws(p)) for p, q in ((first, last), (last, first))]


def _draws(p: Distribution) -> np.ndarray:
    x = np.asarray(p.sample(5, rng=1))
    least = (np.abs(x) < 1e-300) & (x != 0)  # jax takes subnormal numbers for 0
    return x if p.family.discrete else np.where(least, 1e-300, x)


def there(xp: SimpleNamespace, p: Distribution, dtype: str = "float64") -> Distribution:
    """A member with its parameter as an array of another library."""
    return p.family.from_natural(xp.array(p.natural_parameter, dtype))


def data(xp: SimpleNamespace, p: Distribution, x: np.ndarray, dtype: str = "float64") -> Any:
    return xp.array(x, "int64" if p.family.discrete else dtype)


def size(p: Distribution, q: Distribution, x: np.ndarray) -> float:
    """The size of the terms that cancel in log p and in sums over data."""
    family = p.family
    parts = [family.sufficient_statistic(x), family.log_base_measure(x), p.mean_parameter]
    for member in (p, q):
        natural = np.asarray(member.natural_parameter)
        largest = np.abs(natural[np.isfinite(natural)]).max(initial=1.0)
        parts += [largest, largest * np.abs(parts[0]), largest * np.abs(parts[2])]
        parts += [member.log_partition, np.abs(member.fisher_information)]
    finite = [np.where(np.isfinite(part), np.abs(part), 0.0) for part in parts]
    return 1.0 + max(float(np.max(part, initial=0.0)) for part in finite)


def missing(xp: SimpleNamespace, name: str) -> set[str]:
    """The operations that refuse a library's arrays at the members of a case."""
    found = set()
    for p, q, x in members(name):
        for what, (_, operation) in OPERATIONS.items():
            try:
                operation(there(xp, p), there(xp, q), data(xp, p, x))
            except TypeError:
                found.add(what)
            except ValueError:
                pass  # as on numpy: no member has that mean
    return found


# ------------------------------------------------------------ the table


def rows() -> Iterator[str]:
    """A line for each family: what does not run there, over all of its cases."""
    names = [name for name in LIBRARIES if name not in ("numpy", "cupy")]
    libraries = [library(name) for name in names]
    lines: dict[str, list[set[str]]] = {}
    for name, (family, _) in CASES.items():
        found = lines.setdefault(family.name, [set() for _ in libraries])
        for gone, xp in zip(found, libraries, strict=True):
            gone |= missing(xp, name)
    yield f"| family | numpy | {' | '.join(names)} |"
    yield f"|---|---|{'---|' * len(names)}"
    for family, found in sorted(lines.items()):
        cells = map(_cell, found)
        yield f"| `{family}` | all | {' | '.join(cells)} |"


def _cell(gone: set[str]) -> str:
    """What runs, in the fewer words."""
    left = [what for what in OPERATIONS if what not in gone]
    if len(gone) > 6:
        return f"{', '.join(left)} alone" if left else "none"
    missing = [what for what in OPERATIONS if what in gone]
    return f"all but {', '.join(missing)}" if missing else "all"


def table_of_the_page() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return text[text.index(START) + len(START) : text.index(END)].strip().splitlines()


@cache
def listed() -> dict[tuple[str, str], set[str]]:
    """What the table of the docs says does not run: by family and library."""
    head, _, *rows = (
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in table_of_the_page()
    )
    found = {
        (row[0], name): said(cell)
        for row in rows
        for name, cell in zip(head[1:], row[1:], strict=True)
    }
    # Whatever is not torch or jax runs alike: by the standard's functions alone.
    return found | {(row[0], "cupy"): found[row[0], "array_api_strict"] for row in rows}


def said(cell: str) -> set[str]:
    """What a cell says does not run: 'all', 'none', 'all but …' or '… alone'."""
    if cell.endswith(" alone"):
        return set(OPERATIONS) - set(cell.removesuffix(" alone").split(", "))
    known = {"all": set(), "none": set(OPERATIONS)}
    return known[cell] if cell in known else set(cell.removeprefix("all but ").split(", "))


if __name__ == "__main__" and "--write" in sys.argv:
    warnings.simplefilter("ignore")
    page = PAGE.read_text(encoding="utf-8")
    table = START + "\n" + "\n".join(rows()) + "\n\n" + END
    pattern = re.escape(START) + ".*?" + re.escape(END)
    PAGE.write_text(re.sub(pattern, lambda match: table, page, flags=re.S), encoding="utf-8")
