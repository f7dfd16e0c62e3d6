"""The pages keep their word: commands, links, names, versions, and what a console shows."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import pkgutil
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import expfam
import expfam.families
from expfam import cli

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [ROOT / "README.md", *DOCS, ROOT / "data" / "README.md"]
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def blocks(page: Path, kind: str) -> list[str]:
    return [text for name, text in FENCE.findall(page.read_text(encoding="utf-8")) if name == kind]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_the_readme_has_two_commands_and_ci_runs_both():
    commands = [block.strip() for block in blocks(ROOT / "README.md", "sh")]
    assert len(commands) == 2
    assert all("\n" not in command for command in commands)
    assert all(command.startswith("python3 -m venv .venv && ") for command in commands)
    run = [line.strip() for line in (ROOT / ".ci" / "run").read_text().splitlines()]
    assert [line for line in run if line in commands] == commands


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_headings(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)} links to {link}"
        assert target.is_relative_to(ROOT), f"{name_of(page)} links out of the tree: {link}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M)
            anchors = [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings]
            assert anchor in anchors, f"{name_of(page)} links to {link}"


def test_every_page_can_be_reached_from_the_readme():
    """By links of pages; docs/index.md is where the site begins, as the README is here."""
    reached, pending = set(), [ROOT / "README.md", ROOT / "docs" / "index.md"]
    while pending:
        page = pending.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            links = LINK.findall(page.read_text(encoding="utf-8"))
            paths = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
            pending += [(page.parent / path).resolve() for path in paths if path]
    assert set(map(name_of, DOCS)) <= {name_of(page) for page in reached}


def test_the_front_page_is_one_click_from_what_readers_come_for():
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"^:link: (\S+)$", front, re.M) == ["fit", "convert", "tests", "teach"]
    assert all((ROOT / "docs" / f"{page}.md").exists() for page in ["fit", "convert", "teach"])


def test_every_public_name_is_in_the_docs():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    missing = [name for name in expfam.__all__ if not re.search(rf"\b{name}\b", text)]
    assert not missing


def test_a_family_that_the_library_lacks_is_defined_in_forty_lines():
    code = "".join(blocks(ROOT / "docs" / "extend.md", "python"))
    lines = [line for line in code.splitlines() if line.startswith((">>> ", "... "))]
    start = lines.index("... class PositivePoisson(ExponentialFamily):")
    rest = itertools.takewhile(lambda line: line.startswith("... "), lines[start:])
    assert len(list(rest)) <= 38  # with the decorator and an import, forty
    assert "PositivePoisson" not in expfam.families.__all__


def promises() -> Iterator[tuple[str, str]]:
    """Every module that a user can import, with each name of its `__all__`."""
    yield from (("expfam", name) for name in expfam.__all__)
    for info in pkgutil.walk_packages(expfam.__path__, "expfam."):
        if not info.name.endswith("__main__"):
            module = importlib.import_module(info.name)
            yield from ((info.name, name) for name in getattr(module, "__all__", ()))


def test_every_public_name_has_a_page_of_the_site(monkeypatch):
    """Each name of each `__all__` is documented where it is, or linked to where it is the same."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_site")
    pages = importlib.import_module("api").pages()
    told = set(re.findall(r"^\.\. auto\w+:: (\S+)$", "\n".join(pages.values()), re.M))
    for module, name in promises():
        thing = getattr(importlib.import_module(module), name)
        own = name if module == "expfam" else module.removeprefix("expfam.")
        if f"{module}.{name}" not in told:
            assert f"`expfam.{name}`" in pages[own], f"{module}.{name}"
            assert thing is getattr(expfam, name)
            assert f"expfam.{name}" in told
        assert f"<{own}>`" in pages["index"]
        if inspect.isclass(thing) or inspect.isroutine(thing):
            assert inspect.getdoc(thing), f"{module}.{name} has no docstring"


def floors() -> dict[str, int]:
    """The floor of every room, from the table in docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| *(.*?) *\| (`.*?) \|", text.partition("| floor | room |")[2], re.M)
    found: dict[str, int] = {}
    floor = -1
    for name, rooms in rows:
        floor += bool(name)
        found |= dict.fromkeys(re.findall(r"`(\w+)`", rooms), floor)
    return found


MODULES = sorted((ROOT / "expfam").rglob("*.py"))


def room(path: Path) -> str:
    """A module, or a folder of modules."""
    return path.relative_to(ROOT / "expfam").with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    """Modules imported when this one is: not for type checkers, not inside functions."""
    found: set[str] = set()
    pending = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = node.module in ("expfam", "scipy")
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= set(names) if inside else {str(node.module)}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            pending += [
                child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)
            ]
    return found


def test_every_room_is_on_the_map():
    assert {room(path) for path in MODULES} - {"__init__"} == set(floors())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down_the_map(path):
    floor = floors() | {"__init__": 0}
    here, labels = floor[room(path)], floor["tables"]
    for module in imports(path):
        package, _, rest = module.partition(".")
        if package == "expfam":
            assert floor[rest.partition(".")[0]] <= here, f"{name_of(path)} imports {module}"
        assert module != "scipy.stats"
        assert package != "matplotlib"
        if package in {"pandas", "narwhals"}:
            assert here == labels, f"{name_of(path)} imports {module}"


def test_one_version():
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    changelog = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    newest = re.findall(r"^## (\S+)", changelog, re.M)[0]
    assert version == expfam.__version__ == newest


def test_the_page_of_accuracy_begins_as_its_benchmark_writes_it():
    program = (ROOT / "benchmarks" / "accuracy.py").read_text(encoding="utf-8")
    _, _, rest = program.partition('INTRODUCTION = """')
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert page.startswith(rest[: rest.index('"""')])


CONSOLE = [(page, block) for page in PAGES for block in blocks(page, "console")]


def test_the_least_releases_are_those_that_can_be_tried():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    named = [row for name in ("scale", "notebook", "backends", "test") for row in extras[name]]
    listed = (ROOT / ".ci" / "lowest.txt").read_text(encoding="utf-8").splitlines()[1:]
    wanted = [row.replace(">=", "==") for row in project["dependencies"] + named]
    assert listed == wanted


@pytest.mark.parametrize(("page", "block"), CONSOLE, ids=[b.split("\n")[0] for _, b in CONSOLE])
def test_a_console_shows_what_the_command_prints(page, block, capsys, monkeypatch):
    """Stdout, that is; findings on stderr are not shown."""
    monkeypatch.chdir(ROOT)
    first, _, shown = block.partition("\n")
    prompt, command, *arguments = shlex.split(first)
    assert (prompt, command) == ("$", "expfam")
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out.splitlines() == shown.splitlines()


def test_doctests_use_languages_that_tests_read():
    known = {"python", "sh", "console", "{code-cell} python"}
    kinds = {(name_of(page), kind) for page in PAGES for kind, _ in FENCE.findall(page.read_text())}
    assert {(page, kind) for page, kind in kinds if kind not in known} == set()
