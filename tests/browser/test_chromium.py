"""The helpers themselves: what they must not let through."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.chromium import (
    PHONE,
    Watch,
    opened,
    raw_formulas,
    skipped_headings,
    too_wide,
    violations,
    without_alt,
)

BAD = """<!DOCTYPE html><html lang="en"><title>x</title><body>
<h1>One</h1><h3>Three</h3><p style="color: #bbb">pale, and $x^2$ as it was written</p><img src="data:,">
<div style="width: 900px">wide</div><script src="http://example.org/x.js"></script><script>gone()</script>"""
GOOD = """<!DOCTYPE html><html lang="en"><title>x</title><body><main>
<h1>One</h1><h2>Two</h2><p>dark, for 3 $</p><code>$x$</code><img alt="a dot" src="data:,"></main>"""


@pytest.mark.parametrize(("html", "wrong"), [(BAD, True), (GOOD, False)], ids=["bad", "good"])
def test_helpers_tell_a_bad_page_from_a_good_one(browser: Browser, tmp_path: Path, html: str, wrong: bool):
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    seen = Watch()
    with opened(browser, seen, viewport=PHONE) as page:
        page.goto((tmp_path / "page.html").as_uri())
        rules = {text.partition(" ")[0] for text in violations(page)}
        assert rules == ({"color-contrast", "image-alt"} if wrong else set())
        for helper in (raw_formulas, skipped_headings, too_wide, without_alt):
            assert bool(helper(page)) == wrong, helper.__name__
    assert seen.remote == (["http://example.org/x.js"] if wrong else [])
    assert any("gone" in text for text in seen.errors) == wrong


def test_found_takes_what_is_named_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(chromium, "PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COURSEKIT_BROWSER", raising=False)
    assert chromium.found() is None
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert chromium.found() == str(program)
    monkeypatch.setenv("COURSEKIT_BROWSER", str(tmp_path / "other"))
    assert chromium.found() is None
