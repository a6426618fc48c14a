"""What the inspection of a built site notices; each fault is planted, and a sound page has none."""

from pathlib import Path

import pytest

from coursekit.site.inspecting import problems

SOUND = """<!doctype html><html lang="en"><head><title>A page</title>
<link rel="stylesheet" href="style.css"><link rel="canonical" href="https://example.org/here"></head>
<body><h1>One</h1><h2 id="part">Two</h2><a href="#part">down</a> <a href="other.html#there">over</a>
<a href="https://example.org">away</a> <img src="a.png" alt="a dot"><img src="a.png" alt="" aria-hidden="true">
<div class="onlyprint"><h1>One</h1><p>for print<br></p></div><h3>Three</h3>%s</body></html>"""
OTHER = '<html lang="en"><title>Other</title><h1 id="there">x</h1></html>'


def site(folder: Path, more: str = "", css: str = "") -> Path:
    """Write a small site."""
    (folder / "index.html").write_text(SOUND % more)
    (folder / "other.html").write_text(OTHER)
    (folder / "a.png").write_bytes(b"")
    (folder / "style.css").write_text(f"p {{ background: url('a.png') }} {css}")
    return folder


def test_problems_of_a_sound_site_are_none(tmp_path: Path):
    assert problems(site(tmp_path)) == []


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ('<script src="https://cdn.example.org/x.js"></script>', "loads https://cdn.example.org/x.js"),
        ('<img src="//example.org/a.png" alt="x">', "loads //example.org/a.png"),
        ('<img src="a.png" srcset="http://example.org/b.png 2x" alt="x">', "loads http://example.org/b.png"),
        ('<link rel="preconnect" href="https://fonts.example.org">', "loads https://fonts.example.org"),
        ('<link rel="stylesheet" href="https://example.org/x.css">', "loads https://example.org/x.css"),
        ('<iframe src="https://example.org"></iframe>', "loads https://example.org"),
        ('<p style="background: url(https://example.org/p.png)">x</p>', "loads https://example.org/p.png"),
        ("<style>@import 'https://example.org/x.css';</style>", "loads https://example.org/x.css"),
        ('<a href="missing.html">x</a>', "leads to missing.html, which is missing"),
        ('<a href="#nowhere">x</a>', "leads to #nowhere, and there is no such place on that page"),
        ('<a href="other.html#part">x</a>', "leads to other.html#part, and there is no such place on that page"),
        ('<script src="gone.js"></script>', "leads to gone.js, which is missing"),
        ('<img src="a.png">', "a picture without alt text: a.png"),
        ('<img src="a.png" alt=" ">', "a picture without alt text: a.png"),
        ("<h1>again</h1>", "2 headings of level 1, the first heading is of level 1"),
        ("<h5>deep</h5>", "a heading of level 5 below one of level 3"),
    ],
)
def test_problems_notices(planted: str, said: str, tmp_path: Path):
    assert problems(site(tmp_path, planted)) == [f"index.html: {said}"]


def test_problems_reads_style_sheets(tmp_path: Path):
    assert problems(site(tmp_path, css='@import "https://example.org/f.css";')) == [
        "style.css: loads https://example.org/f.css"
    ]


def test_problems_wants_title_language_and_pages(tmp_path: Path):
    assert problems(tmp_path) == [f"there is no page in {tmp_path}"]
    (tmp_path / "bare.html").write_text("<h1>x</h1>")
    assert problems(tmp_path) == ["bare.html: no language or no title"]
