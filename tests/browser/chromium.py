"""Find a browser on this machine and open it: a profile of its own that is thrown away, and no network."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 180_000  # ms: on a loaded machine a kernel takes its time; nothing here waits for longer than it must
expect.set_options(timeout=PATIENCE)
LAPTOP = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
# Besides what Playwright asks for. Only this machine can be reached: every other name is unknown.
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
LOCAL = re.compile("(data|blob|file|about):|(http|ws)://(127.0.0.1|localhost):")


def found() -> str | None:
    """Return the browser to use: what COURSEKIT_BROWSER names, else the first that is installed, else None."""
    wanted = os.environ.get("COURSEKIT_BROWSER")
    if wanted:
        return shutil.which(wanted)
    on_path = [path for name in NAMES if (path := shutil.which(name))]
    return next(iter([*on_path, *(place for place in PLACES if Path(place).is_file())]), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Open the browser at `path` without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What pages have asked for elsewhere, and the errors that they have reported."""

    remote: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    theirs: set[str] = field(default_factory=set)  # errors of a program that is not ours, which do no harm

    def on(self, context: BrowserContext) -> None:
        """Watch all pages of a context."""
        context.on("request", lambda request: self.asked(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.asked(socket.url)))
        context.on("console", lambda said: self.reported(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: self.reported(error.error.message))

    def asked(self, url: str) -> None:
        """Note an address if it is not this machine's."""
        if not LOCAL.match(url):
            self.remote.append(url)

    def reported(self, text: str) -> None:
        """Note an error."""
        if text not in self.theirs:
            self.errors.append(text)


@contextmanager
def opened(browser: Browser, watch: Watch, **options: Any) -> Iterator[Page]:
    """Open a page at laptop size, in a context of its own."""
    context = browser.new_context(**{"viewport": LAPTOP, "offline": False, **options})
    context.set_default_timeout(PATIENCE)
    watch.on(context)
    try:
        yield context.new_page()
    finally:
        context.close()


def violations(page: Page, *selectors: str) -> list[str]:
    """Return what axe finds serious or critical inside the elements (default: on the whole page)."""
    chosen: Any = {"include": [[one] for one in selectors]} if selectors else None
    options = {"resultTypes": ["violations"], "preload": False}  # preloading would ask for style sheets once more
    found = Axe().run(page, context=chosen, options=options).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:120]} {node.get('failureSummary', '')}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def without_alt(where: Page | Locator) -> list[str]:
    """Return the pictures that say nothing to a reader who cannot see them."""
    images = where.locator("img").evaluate_all("all => all.map(e => [e.alt || e.title || e.ariaLabel, e.outerHTML])")
    return [html[:120] for name, html in images if not (name or "").strip()]


def raw_formulas(page: Page) -> list[str]:
    """Return the pieces of text with TeX that nothing has typeset; code may hold dollars."""
    return page.evaluate(
        r"""() => {
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
          while (walk.nextNode()) {
            const text = walk.currentNode;
            if (text.parentElement.closest("script, style, pre, code, mjx-container")) continue;
            const tex = /\$\$|\\[([]|\\(frac|sum|Delta|sigma)\b|\$[^$\n]+\$/;
            if (tex.test(text.data)) found.push(text.data.slice(0, 80));
          }
          return found;
        }"""
    )


def too_wide(page: Page) -> list[str]:
    """Return what makes the page scroll sideways; nothing if it does not."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.scrollingElement.scrollWidth <= width) return [];
          const all = [...document.body.querySelectorAll("*")];
          const wide = all.filter((e) => e.getBoundingClientRect().right > width + 1);
          return ["page", ...wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
        }"""
    )


def skipped_headings(page: Page) -> list[str]:
    """Return what is wrong with the order of the headings that are shown: not one h1, or a level left out."""
    levels = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]))"
    )
    wrong = [f"h{b} follows h{a}" for a, b in pairwise(levels) if b > a + 1]
    return wrong if levels[:1] == [1] and levels.count(1) == 1 else [f"headings {levels}", *wrong]
