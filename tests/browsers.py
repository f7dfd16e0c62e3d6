"""A Chromium for tests, driven by Playwright, and JavaScript run in node or in it."""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from expfam.writing import markup

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser: the system's, or Playwright's own; where there is none the test is skipped."""
    api = pytest.importorskip("playwright.sync_api", reason="the labs' browser needs playwright")
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    with api.sync_playwright() as play:
        path = found or play.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("there is no Chromium: apt-get install chromium, or playwright install")
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def settle(page: Any) -> None:
    """Two frames: what a change draws has been drawn."""
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )


@functools.cache
def node() -> str | None:
    """A node that knows the arrays' `with`, of 20 or newer."""
    path = shutil.which("node")
    if path is None:
        return None
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    return path if int(version.strip("v\n").split(".")[0]) >= 20 else None


def evaluate(module: str, expression: str, cases: Any, folder: Path) -> Any:
    """expression, of `math` and `cases`, with numbers that JSON has not as text both ways."""
    revive = "(_, x) => (/^-?Infinity$/.test(x) ? Number(x) : x)"
    tell = "(_, x) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x)"
    data = json.dumps(markup.number(cases), allow_nan=False)
    if node():
        (folder / "lab.mjs").write_text(module, encoding="utf-8")
        (folder / "cases.json").write_text(data, encoding="utf-8")
        script = (
            "import fs from 'node:fs'; import { math } from './lab.mjs';"
            f"const cases = JSON.parse(fs.readFileSync('cases.json', 'utf8'), {revive});"
            f"console.log(JSON.stringify({expression}, {tell}));"
        )
        (folder / "run.mjs").write_text(script, encoding="utf-8")
        done = subprocess.run(
            [str(node()), "run.mjs"], cwd=folder, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)
    with chromium() as browser:
        page = browser.new_page()
        text = page.evaluate(
            f"""async ([module, data]) => {{
            const blob = new Blob([module], {{ type: "text/javascript" }});
            const {{ math }} = await import(URL.createObjectURL(blob));
            const cases = JSON.parse(data, {revive});
            return JSON.stringify({expression}, {tell});
            }}""",
            [module, data],
        )
        return json.loads(text)
