"""Open every page of the built site in Chromium: `python docs/_site/crawl.py build/site`.

A page fails on a request to outside, an error of the console, a formula left as TeX, a link that
leads nowhere, or a picture that is missing; at 1200 and at 390 pixels. Pages are opened from disk,
as a student does, so that what needs a server fails too; the search is tried the same way. Then
each fault is planted in a page of a copy, and the crawl fails if it does not see one of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

LIMIT = 15e6  # bytes of the site
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--allow-file-access-from-files",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
# TeX is what is left when code and drawn formulas are taken out: \frac, \(, $$, $x_1$, ^{.
SEEN = r"""() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('pre, code, script, style, mjx-container').forEach(e => e.remove());
  const tex = /\\[A-Za-z]{2,}|\\[()[\]]|\$\$|\$[^$\s][^$\n]*[\\_^][^$\n]*\$|[_^]\{/g;
  return {
    links: all('a[href], area[href]').map(a => a.href),
    ids: all('[id], a[name]').map(e => e.id || e.name),
    missing: [...document.images].filter(i => i.src && i.complete && !i.naturalWidth)
      .map(i => i.src),
    // Asked for when a reader scrolls or waits, not while the page is opened.
    later: all('[src], [srcset], [poster], object[data], link[href]:not([rel=canonical])')
      .flatMap(e => ['src', 'srcset', 'poster', 'data', 'href'].map(a => e.getAttribute(a) ?? ''))
      .filter(address => /^(https?:|wss?:)?\/\//i.test(address)),
    formulas: all('.math.notranslate').length,
    drawn: all('.math.notranslate mjx-container:has(> svg)').length,  // of any lines
    spoken: all('.math.notranslate mjx-assistive-mml math').length,
    errors: all('[data-mml-node="merror"]').length,
    raw: [...new Set(copy.textContent.match(tex))],
    wide: Math.max(...[document.documentElement, ...all('article :is(h1, h2, h3, h4, p, dt)')]
      .map(e => e.clientWidth && e.scrollWidth - e.clientWidth)),
  };
}"""
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
# A page, what is planted at its end, and what the crawl has to say of it.
PLANTED = {
    "index.html": ('<img src="http://127.0.0.1:9/planted.png">', "asks for http://127.0.0.1:9/"),
    "guides.html": (
        '<img loading="lazy" src="//cdn.invalid/planted.png">',
        "will ask for //cdn.invalid/planted.png",
    ),
    "fit.html": ("<script>console.error('planted')</script>", "console: planted"),
    "convert.html": ("<script>throw Error('planted')</script>", "error: planted"),
    "teach.html": (r"<p>\(\frac{1}{2}\)</p>", r"raw TeX in the text: '\\frac'"),
    "alligators.html": ("<p>of $x_1$ alone</p>", "raw TeX in the text: '$x_1$'"),
    "walk.html": ('<p class="math notranslate">of $1</p>', "formulas: "),
    "lessons/10-models.html": (r'<p class="math notranslate">\(\frac{1}\)</p>', " 1 errors"),
    "tests.html": ('<a href="planted.html">broken</a>', "a broken link: "),
    "intervals.html": ('<a href="index.html#planted">no place</a>', "a link to no place: "),
    "ucb.html": ('<a href="file:///etc/hostname">out</a>', "a link out of the site: "),
    "vision.html": ('<p style="width: 500px">wide</p>', "at 390: "),
}

Faults = dict[Path, list[str]]


def faults_of(page: dict[str, Any]) -> list[str]:
    """What is wrong with what a page shows.

    >>> page = dict(formulas=2, drawn=2, spoken=2, errors=0, raw=["$$"], missing=[], later=[])
    >>> faults_of(page | dict(wide=0))
    ["raw TeX in the text: '$$'"]
    """
    found = [f"raw TeX in the text: {tex!r}" for tex in page["raw"]]
    if not page["formulas"] == page["drawn"] == page["spoken"] or page["errors"]:
        counts = ("formulas", "drawn", "spoken", "errors")
        found.append("formulas: " + ", ".join(f"{page[name]} {name}" for name in counts))
    found += [f"a picture is missing: {source}" for source in page["missing"]]
    found += [f"will ask for {address}" for address in page["later"]]
    if page["wide"] > 0:
        found.append(f"{page['wide']} pixels wider than their place")
    return found


def fault_of_link(target: str, site: Path, ids: dict[Path, set[str]]) -> str | None:
    """What is wrong with a link: its file is not there, or not in the site, or lacks the place.

    >>> here = Path(__file__).resolve()
    >>> fault_of_link(f"{here.as_uri()}#no-place", here.parent, {here: {"place"}}) is None
    False
    >>> fault_of_link(f"{here.as_uri()}?q=1#place", here.parent, {here: {"place"}}) is None
    True
    >>> fault_of_link("file:///elsewhere.html", here.parent, {})
    'a link out of the site: file:///elsewhere.html'
    """
    if not target.startswith("file:"):
        return None
    address, place = urldefrag(target)
    path = Path(unquote(address.removeprefix("file://").partition("?")[0]))
    if not path.is_relative_to(site):
        return f"a link out of the site: {target}"
    if not path.is_file():
        return f"a broken link: {target}"
    if place and path in ids and unquote(place) not in ids[path]:
        return f"a link to no place: {target}"
    return None


def listen(tab: Any, site: Path, faults: list[str]) -> None:
    """Hear what a tab asks for, and what goes wrong in it."""
    inside = (site.as_uri(), "data:", "blob:", "about:")
    tab.on("request", lambda r: r.url.startswith(inside) or faults.append(f"asks for {r.url}"))
    tab.on("websocket", lambda socket: faults.append(f"asks for {socket.url}"))
    tab.on("requestfailed", lambda r: faults.append(f"no answer: {r.url} ({r.failure})"))
    tab.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    tab.on("pageerror", lambda e: faults.append(f"error: {e}"))


async def visit(tab: Any, path: Path) -> tuple[list[str], dict[str, Any]]:
    """A page, wide and as on a phone: its faults, and its links and ids."""
    faults = []
    await tab.set_viewport_size({"width": 1200, "height": 800})
    await tab.goto(path.as_uri(), wait_until="load")
    await tab.evaluate("() => window.MathJax?.startup?.promise")
    if not await tab.evaluate(FRAMES):
        faults.append("a lab that does not draw")
    seen = await tab.evaluate(SEEN)
    faults += faults_of(seen)
    await tab.set_viewport_size({"width": 390, "height": 800})
    narrow = faults_of(await tab.evaluate(SEEN))
    return faults + [f"at 390: {fault}" for fault in narrow if fault not in faults], seen


async def search(browser: Any, site: Path) -> list[str]:
    """What goes wrong when a reader of the front page searches."""
    faults: list[str] = []
    tab = await browser.new_page()
    listen(tab, site, faults)
    await tab.goto((site / "index.html").as_uri())
    await tab.keyboard.press("Control+k")
    await tab.keyboard.type("logsumexp")
    await tab.keyboard.press("Enter")
    try:
        await tab.wait_for_selector("#search-results li a", timeout=10_000)
    except Exception:  # of Playwright, which is imported late
        faults.append("a search that finds nothing")
    hits = await tab.evaluate(
        "[...document.querySelectorAll('#search-results a')].map(a => a.href)"
    )
    wanted = (site / "api" / "special.html").as_uri()
    if not any(hit.startswith(wanted) for hit in hits):
        faults.append("a search that does not find the API of logsumexp")
    await tab.close()
    return faults + [fault for hit in hits if (fault := fault_of_link(hit, site, {}))]


async def crawl(site: Path, pages: list[Path]) -> Faults:
    """The faults of pages, opened in some tabs at once, and of the search."""
    from playwright.async_api import async_playwright

    faults: Faults = defaultdict(list)
    links: dict[Path, list[str]] = {}
    ids: dict[Path, set[str]] = {}
    waiting = list(reversed(pages))

    async def work(browser: Any) -> None:
        tab = await browser.new_page()
        heard: list[str] = []
        listen(tab, site, heard)
        while waiting:
            path = waiting.pop()
            found, seen = await visit(tab, path)
            faults[path] = heard + found
            heard.clear()
            links[path], ids[path] = seen["links"], set(seen["ids"])

    async with async_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, BROWSERS)), None)  # or Playwright's own
        chrome = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        browser = await chrome.new_context()  # whose tabs share what they have compiled
        await asyncio.gather(*(work(browser) for _ in range(min(8, 2 * (os.cpu_count() or 1)))))
        faults[site / "search.html"] += await search(browser, site)
        await chrome.close()
    for page, targets in links.items():
        broken = (fault_of_link(target, site, ids) for target in sorted(set(targets)))
        faults[page] += [fault for fault in broken if fault]
    return {page: list(dict.fromkeys(found)) for page, found in faults.items() if found}


def pages_of(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def size_of(site: Path) -> int:
    files = (path for path in site.rglob("*") if path.is_file() and ".doctrees" not in path.parts)
    return sum(path.stat().st_size for path in files)


@contextlib.contextmanager
def planted(site: Path) -> Iterator[Path]:
    """A copy of the site with a fault in each page of PLANTED."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve() / "site"
        shutil.copytree(site, copy, ignore=shutil.ignore_patterns(".doctrees"))
        for name, (fault, _) in PLANTED.items():
            page = copy / name
            head, end, tail = page.read_text(encoding="utf-8").rpartition("</body>")
            page.write_text(head + fault + end + tail, encoding="utf-8")
        yield copy


def unseen(site: Path) -> list[str]:
    """The planted faults that the crawl does not see."""
    with planted(site) as copy:
        found = asyncio.run(crawl(copy, [copy / name for name in PLANTED]))
        return [
            f"{name}: planted and not seen: {fault}"
            for name, (fault, words) in PLANTED.items()
            if not any(words in said for said in found.get(copy / name, []))
        ]


def main(folder: str) -> int:
    site = Path(folder).resolve()
    pages, size = pages_of(site), size_of(site)
    faults = asyncio.run(crawl(site, pages))
    said = [f"{page.relative_to(site)}: {f}" for page in sorted(faults) for f in faults[page]]
    said += unseen(site)
    print(*said, f"{len(pages)} pages, {size / 1e6:.1f} MB, {len(said)} faults", sep="\n")
    return 1 if said or not pages or size > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
