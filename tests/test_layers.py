"""Imports point one way, and no family reaches into another: read from the source with ast."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import expfam
from expfam import families
from expfam.family import ExponentialFamily

ROOT = Path(expfam.__file__).parent

# The rooms, from the ground up. A room imports from the rows above its own and from itself.
ORDER: list[set[str]] = [
    {"arrays", "blocks", "few", "fixed_point", "lessons", "pytrees"},
    {"axes", "comparison", "gammas", "narrow", "pairs", "threads"},
    {"deviances", "factorial", "triples"},
    {"long_rows", "shift"},
    {"kernels"},
    {"special"},
    {"angles", "bessel", "saddlepoint"},
    {"betas", "failures", "simplex", "sampling"},
    {"curvature", "implicit", "newton", "statistics"},
    {"contract", "distribution"},
    {"doors"},
    {"family"},
    {"windows"},
    {"families"},
    {"checks", "converters", "datasets", "divergences", "intervals", "power_divergence", "writing"},
    {"association", "conjugate", "derivation", "exact", "likelihood", "odds", "tables"},
    {"categorical"},
    {"cards", "labs", "report"},
    {"cli"},
    {"__main__"},
]
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}

# Conveniences of result objects: these rooms may be reached from below, inside a function.
CONVENIENCES = {("categorical", "report"), ("distribution", "derivation")}
# Who may import what is heavy; None: no room at all.
ROOMS_OF = {
    "pandas": {"tables", "categorical", "datasets", "report", "writing"},
    "narwhals": {"tables"},
    "matplotlib": {"plots"},
    "scipy.stats": {"converters"},
}


class Import(NamedTuple):
    """What a module imports, by its full name, and whether inside a function."""

    name: str
    lazy: bool
    line: int


def imports_of(source: str, package: str) -> Iterator[Import]:
    """Every import of a source but those for type checkers; relative ones are made absolute."""

    def visit(node: ast.AST, lazy: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.orelse:
                yield from visit(child, lazy)
            return
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, lazy, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")
            parts = above[: len(above) - node.level + 1] if node.level else []
            module = ".".join([*parts, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(f"{module}.{alias.name}", lazy, node.lineno)
        lazy = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, lazy)

    yield from visit(ast.parse(source), False)


def faults(room: str, source: str, package: str = "expfam") -> list[str]:
    """What is wrong with the imports of a module in a room."""
    found = []
    for name, lazy, line in imports_of(source, package):
        parts = name.split(".")
        for heavy, rooms in ROOMS_OF.items():
            if name == heavy or name.startswith(f"{heavy}."):
                allowed = ", ".join(sorted(rooms)) or "no room"
                if heavy == "scipy.stats" and not lazy:
                    found.append(f"line {line}: {room} imports {heavy} when it is itself imported")
                elif room not in rooms:
                    found.append(f"line {line}: {room} imports {heavy}, which {allowed} may")
        if parts[0] != "expfam" or len(parts) == 1:
            continue
        other = parts[1]
        if other.startswith("__") or other == room or (lazy and (room, other) in CONVENIENCES):
            continue
        if other not in RANK:
            found.append(f"line {line}: {room} imports {other}, which has no place in ORDER")
        elif RANK[other] >= RANK[room]:
            found.append(f"line {line}: {room} imports {other}, which is not below it")
    return found


def rooms() -> dict[str, list[Path]]:
    """The modules and packages of the library, each with its files."""
    found = {path.stem: [path] for path in ROOT.glob("*.py") if path.stem != "__init__"}
    for init in ROOT.glob("*/__init__.py"):
        found[init.parent.name] = sorted(init.parent.rglob("*.py"))
    return found


@pytest.mark.parametrize("room", sorted(rooms()))
def test_imports_point_down(room):
    assert room in RANK, (
        f"expfam.{room} has no place in the order of layers: add it to ORDER in "
        "tests/test_layers.py, below everything that imports it, and to docs/architecture.md"
    )
    for path in rooms()[room]:
        inside = path.relative_to(ROOT.parent).with_suffix("").parts
        assert faults(room, path.read_text(encoding="utf-8"), ".".join(inside[:-1])) == []


def test_no_file_has_more_than_300_lines():
    tests = Path(__file__).resolve().parent
    folders = [ROOT, tests, tests.parent / "benchmarks"]
    files = [path for kind in ("*.py", "*.js") for folder in folders for path in folder.rglob(kind)]
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def own_names_of_others(source: str, homes: dict[str, str]) -> list[str]:
    """Where a family reaches into another: a name of its file that is not the family's own name,
    or an attribute with an underscore that is no hook of the contract."""
    hooks = {name for kind in ExponentialFamily.__mro__ for name in vars(kind)} | {"_replace"}
    found = []
    for name, _, line in imports_of(source, "expfam.families"):
        module, _, what = name.rpartition(".")
        if module in homes.values() and homes.get(what) != module:
            found.append(f"line {line}: imports {name}")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr):
            owner = ast.unparse(node.value)
            if owner not in ("self", "cls", "super()") and node.attr not in hooks:
                found.append(f"line {node.lineno}: uses {owner}.{node.attr}")
    return found


def homes_of_families() -> dict[str, str]:
    return {name: getattr(families, name).__module__ for name in families.__all__}


@pytest.mark.parametrize("path", sorted((ROOT / "families").glob("[!_]*.py")), ids=lambda p: p.stem)
def test_no_family_reaches_into_another(path):
    assert own_names_of_others(path.read_text(encoding="utf-8"), homes_of_families()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from expfam.families.gaussian import _excess_less_log",
        "from expfam.families.logarithmic import _loss",
        "from expfam.families.gaussian import Gaussian\nGaussian()._moments(x)",
    ],
)
def test_reaching_into_a_family_is_seen(source):
    assert len(own_names_of_others(source, homes_of_families())) == 1
    public = "from expfam.families.gaussian import Gaussian\nGaussian()._kl(p, mean, q)"
    assert own_names_of_others(public, homes_of_families()) == []


# ------------------------------------------------------------ the places of a family


def named_in(folder: Path) -> dict[str, set[str]]:
    """Every name and string of the code in a folder, by file: prose of docstrings is none of them."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {node.name for node in nodes if isinstance(node, ast.alias | ast.ClassDef)}
        names |= {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
        found[path.relative_to(folder).as_posix()] = names
    return found


# Plain families, each with where its formulas are: what they need is what any family needs.
PLAIN = {
    "Logarithmic": "counted",
    "Rayleigh": "one_parameter",
    "ContinuousBernoulli": "one_parameter",
    "InverseGaussian": "measured",
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_family_is_its_file_and_one_import(name):
    """And, if it has them, its formulas, and its names in other libraries."""
    files = {path for path, names in named_in(ROOT).items() if name in names}
    home = getattr(families, name).__module__.removeprefix("expfam.").replace(".", "/") + ".py"
    optional = {f"derivation/{PLAIN[name]}.py", *(f for f in files if f.startswith("converters/"))}
    assert files - optional == {home, "families/__init__.py"}


def test_type_checkers_see_families_as_public():
    """`import X as X`: from a plain import they take nothing along."""
    tree = ast.parse((ROOT / "families" / "__init__.py").read_text(encoding="utf-8"))
    imports = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module != "typing"]
    names = [(alias.name, alias.asname) for node in imports for alias in node.names]
    assert sorted(names) == [(name, name) for name in families.__all__]


def test_every_family_is_listed_where_it_is_imported_and_where_it_is_tried_alone():
    every = set(families.__all__)
    lists = {path for path, names in named_in(ROOT).items() if names >= every}
    assert lists == {"families/__init__.py"}
    tests = Path(__file__).resolve().parent
    assert {path for path, names in named_in(tests).items() if names >= every} == {"conftest.py"}


def test_every_place_in_the_order_is_taken():
    assert sorted(RANK) == sorted(rooms()), "ORDER names a room that is not there"
    assert sum(map(len, ORDER)) == len(RANK), "ORDER names a room twice"


def test_the_package_itself_imports_nothing_but_the_standard_library():
    source = (ROOT / "__init__.py").read_text(encoding="utf-8")
    names = {name.split(".")[0] for name, lazy, _ in imports_of(source, "expfam") if not lazy}
    assert names <= {"__future__", "importlib", "typing"}


@pytest.mark.parametrize(
    ("room", "source", "text"),
    [
        ("special", "from expfam.families import Poisson", "special imports families, which is"),
        ("special", "from expfam import report", "special imports report, which is not below"),
        ("special", "import expfam.family as f", "special imports family, which is not below"),
        (
            "special",
            "def f():\n    from expfam.family import Rule",
            "line 2: special imports family",
        ),
        (
            "special",
            "try:\n    import expfam.cli\nexcept E:\n    pass",
            "line 2: special imports cli",
        ),
        ("families", "from ..report import page", "families imports report"),
        ("families", "from .. import report", "families imports report"),
        (
            "power_divergence",
            "from expfam.intervals import wilson",
            "intervals, which is not below it",
        ),
        ("categorical", "from expfam import report", "categorical imports report"),
        ("family", "from expfam import surprise", "surprise, which has no place in ORDER"),
        ("family", "import pandas as pd", "family imports pandas, which categorical"),
        ("family", "def f():\n    from pandas import Series", "family imports pandas"),
        ("report", "import narwhals.stable", "report imports narwhals, which tables may"),
        ("report", "import matplotlib.pyplot as plt", "imports matplotlib, which plots may"),
        (
            "cli",
            "def f():\n    from scipy import stats",
            "imports scipy.stats, which converters may",
        ),
        ("cli", "import scipy.stats", "cli imports scipy.stats"),
        ("cli", "from scipy.stats import norm", "cli imports scipy.stats"),
    ],
)
def test_faults_are_seen(room, source, text):
    package = "expfam.families" if room == "families" else "expfam"
    (fault,) = faults(room, source, package)
    assert text in fault


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("family", "if TYPE_CHECKING:\n    import pandas\n    from expfam import report"),
        ("categorical", "def show(self):\n    from expfam import report"),
        ("families", "from expfam.families.labels import plain\nfrom .softmax import Softmax"),
        ("cli", "import expfam\nfrom expfam import __version__"),
        ("special", "import scipy.special\nfrom expfam.arrays import real"),
        ("converters", "def f():\n    from scipy import stats"),
    ],
)
def test_what_is_allowed_is_let_through(room, source):
    package = "expfam.families" if room == "families" else "expfam"
    assert faults(room, source, package) == []
