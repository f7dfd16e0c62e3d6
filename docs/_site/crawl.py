"""Open every page of the built site in Chromium: `python docs/_site/crawl.py build/site`.

A page fails on a request to outside, an error of the console, a formula left as TeX, or a link
that leads nowhere. Pages are opened from disk, as a student does, so that what needs a server
fails too; the search is tried the same way.
"""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--allow-file-access-from-files",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
SEEN = """() => ({
  links: [...document.querySelectorAll('a[href]')].map(a => a.href),
  ids: [...document.querySelectorAll('[id], a[name]')].map(e => e.id || e.name),
  missing: [...document.images].filter(i => i.src && i.complete && !i.naturalWidth).map(i => i.src),
  formulas: document.querySelectorAll('.math').length,
  drawn: document.querySelectorAll('.math mjx-container:has(> svg)').length,  // of any lines
  spoken: document.querySelectorAll('.math mjx-assistive-mml math').length,
  errors: document.querySelectorAll('[data-mml-node="merror"]').length,
  text: (() => {
    const copy = document.body.cloneNode(true);
    copy.querySelectorAll('pre, code, script, style, mjx-container').forEach(e => e.remove());
    return copy.textContent;
  })(),
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})"""
# Labs stand in frames that are loaded when they are scrolled to: load them all, and see them drawn.
FRAMES = """async () => {
  const frames = [...document.querySelectorAll('iframe')];
  await Promise.all(frames.map(f => new Promise(done => {
    f.addEventListener('load', done);
    f.loading = 'eager';
    f.srcdoc = f.srcdoc;
  })));
  return frames.every(f => f.contentDocument.querySelector('svg, canvas'));
}"""
RAW = ("\\frac", "\\sum", "\\log", "\\(", "\\[", "$$", "\\mu", "\\eta", "\\langle", "\\text")


def faults_of(page: dict[str, Any]) -> list[str]:
    """What is wrong with what a page shows.

    >>> faults_of(dict(formulas=2, drawn=2, spoken=2, errors=0, text="of $$", missing=[], wide=0))
    ["raw TeX in the text: '$$'"]
    """
    found = [f"raw TeX in the text: {tex!r}" for tex in RAW if tex in page["text"]]
    if not page["formulas"] == page["drawn"] == page["spoken"] or page["errors"]:
        counts = ("formulas", "drawn", "spoken", "errors")
        found.append("formulas: " + ", ".join(f"{page[name]} {name}" for name in counts))
    found += [f"a picture is missing: {source}" for source in page["missing"]]
    if page["wide"] > 0:
        found.append(f"{page['wide']} pixels wider than the window")
    return found


def broken(links: dict[Path, list[str]], ids: dict[Path, set[str]]) -> list[tuple[Path, str]]:
    """Links to files of the site that are not there, or to places that a page does not have."""
    found = []
    for page, targets in links.items():
        for target in sorted(set(targets)):
            if not target.startswith("file:"):
                continue
            address, place = urldefrag(target)
            path = Path(unquote(address.removeprefix("file://").partition("?")[0]))
            if not path.is_file():
                found.append((page, f"a broken link: {target}"))
            elif place and path in ids and unquote(place) not in ids[path]:
                found.append((page, f"a link to no place: {target}"))
    return found


def pages_of(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def crawl(site: Path, chromium: str | None) -> dict[Path, list[str]]:
    """The faults of every page, wide and as on a phone."""
    from playwright.sync_api import sync_playwright

    faults: dict[Path, list[str]] = defaultdict(list)
    links: dict[Path, list[str]] = {}
    ids: dict[Path, set[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1200, "height": 800})
        here: list[Path] = [site]
        inside = ("file://", "data:", "blob:", "about:")
        tab.on(
            "request",
            lambda r: r.url.startswith(inside) or faults[here[-1]].append(f"asks for {r.url}"),
        )
        tab.on(
            "requestfailed", lambda r: faults[here[-1]].append(f"no answer: {r.url} ({r.failure})")
        )
        tab.on(
            "console",
            lambda m: m.type == "error" and faults[here[-1]].append(f"console: {m.text}"),
        )
        tab.on("pageerror", lambda e: faults[here[-1]].append(f"error: {e}"))
        for path in pages_of(site):
            here.append(path)
            tab.goto(path.as_uri(), wait_until="load")
            tab.evaluate("() => window.MathJax?.startup?.promise")
            if not tab.evaluate(FRAMES):
                faults[path].append("a lab that does not draw")
            seen = tab.evaluate(SEEN)
            links[path], ids[path] = seen["links"], set(seen["ids"])
            faults[path] += faults_of(seen)
            tab.set_viewport_size({"width": 390, "height": 800})
            faults[path] += [f"at 390: {fault}" for fault in faults_of(tab.evaluate(SEEN))]
            tab.set_viewport_size({"width": 1200, "height": 800})
        here.append(site / "search.html")
        tab.goto((site / "search.html").as_uri() + "?q=logsumexp")
        tab.wait_for_selector("#search-results li a", timeout=10_000)
        browser.close()
    for page, fault in broken(links, ids):
        faults[page].append(fault)
    return {page: found for page, found in faults.items() if found}


def main(folder: str) -> int:
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)  # or Playwright's own
    site = Path(folder).resolve()
    pages = len(pages_of(site))
    shipped = (path for path in site.rglob("*") if path.is_file() and ".doctrees" not in path.parts)
    size = sum(path.stat().st_size for path in shipped)
    faults = crawl(site, chromium)
    for page, found in sorted(faults.items()):
        for fault in dict.fromkeys(found):
            print(f"{page.relative_to(site)}: {fault}")
    print(f"{pages} pages, {size / 1e6:.1f} MB, {sum(map(len, faults.values()))} faults")
    return 1 if faults or not pages or size > 15e6 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
