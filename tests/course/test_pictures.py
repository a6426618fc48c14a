"""The README's pictures are those of the executed notebooks."""

import runpy

from tests.course.syllabus import ROOT

PICTURES = runpy.run_path(str(ROOT / "docs" / "pictures.py"))


def test_no_picture_is_stale():
    assert PICTURES["stale"]() == []


def test_every_picture_is_shown_in_the_readme_with_alt_text():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, (_, alt) in PICTURES["PICTURES"].items():
        assert f"![{alt}" in readme
        assert f"](docs/{name})" in readme
