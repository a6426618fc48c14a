"""The site of one lecture and the page of `coursekit run` as a reader sees them: light, dark, on a phone, offline."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from coursekit.notebooks import html_page, read_stored
from coursekit.site import build_site
from coursekit.site.building import COPIED, LINKED
from tests.browser.chromium import (
    PHONE,
    ROOT,
    Watch,
    opened,
    raw_formulas,
    skipped_headings,
    too_wide,
    violations,
    without_alt,
)

LECTURE = "lectures/lec07_laplacian"
PAGES = ["index", "syllabus", LECTURE, "reference/laplacian", "instructor/lec07_laplacian"]
FORMULAS = 20  # the lecture has more


class Handler(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, *arguments: Any) -> None: ...


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with one lecture, which tests/site builds whole and searches for broken links."""
    root, out = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("sample_class"))
    for name in (f"{LECTURE}.ipynb", "pyproject.toml", "README.md", *COPIED, *LINKED):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    build_site(root, out)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(out))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_everybody(browser: Browser, watch: Watch, site: str, scheme: Any):
    with opened(browser, watch, color_scheme=scheme) as page:
        for name in PAGES:
            page.goto(f"{site}/{name}.html")
            if name == LECTURE:
                expect(page.locator("mjx-container").nth(FORMULAS)).to_be_attached()
            wrong = [*violations(page), *skipped_headings(page), *without_alt(page), *raw_formulas(page)]
            assert (name, wrong) == (name, [])
        assert page.locator("html").get_attribute("data-theme") == scheme


def test_pages_fit_a_phone(browser: Browser, watch: Watch, site: str):
    with opened(browser, watch, viewport=PHONE) as page:
        for name in PAGES:
            page.goto(f"{site}/{name}.html")
            if name == LECTURE:
                expect(page.locator("mjx-container").nth(FORMULAS)).to_be_attached()
            assert (name, too_wide(page)) == (name, [])


def test_search_finds_a_word_of_the_lecture(browser: Browser, watch: Watch, site: str):
    with opened(browser, watch) as page:
        page.goto(f"{site}/search.html?q=checkerboard")
        found = page.locator("#search-results").get_by_role("link", name="The Laplacian is a local mean").first
        found.click()
        page.wait_for_url(f"{site}/{LECTURE}.html**")
        assert page.get_by_role("heading", level=1).inner_text().startswith("The Laplacian is a local mean")


def test_page_of_a_run_is_typeset_without_a_network(browser: Browser, watch: Watch, tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text(html_page(read_stored(ROOT / f"{LECTURE}.ipynb"), title="x"), encoding="utf-8")
    with opened(browser, watch) as page:
        page.goto(path.as_uri())
        expect(page.locator("mjx-container").nth(FORMULAS)).to_be_attached()
        assert page.locator("mjx-merror").count() == 0
        assert [*raw_formulas(page), *without_alt(page), *skipped_headings(page), *violations(page)] == []
