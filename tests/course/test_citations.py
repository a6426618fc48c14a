"""A docstring's "Lecture `slug`, <section>" names a section that the notebook has."""

import re
from pathlib import Path

import pytest

from tests.course.syllabus import ROOT, slug_of, sources

TEXTS = [" ".join(path.read_text(encoding="utf-8").lower().split()) for path in sorted(ROOT.glob("coursekit/**/*.py"))]


def cited(slug: str, text: str) -> list[str]:
    """Return the sections of one notebook that a text in small letters names: numbers, or words of their titles."""
    sentences = re.findall(rf"(?:lecture|lab) `{slug}`, ([^.:;]*)", text)
    return [number or words for one in sentences for number, words in re.findall(r'part (\d+)|"([^"]+)"', one)]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_docstrings_cite_sections_that_exist(path: Path):
    sections = dict(re.findall(r"^# ## (\d+)\. (.+)$", path.read_text(encoding="utf-8").lower(), re.MULTILINE))
    names = [name for text in TEXTS for name in cited(slug_of(path), text)]
    assert names, "the module's docstrings say where its functions are taught"
    titles = " / ".join(sections.values())
    assert [name for name in names if name not in (sections if name.isdigit() else titles)] == []


def test_cited_finds_numbers_and_titles():
    text = 'lecture `roc`, "a game": p. lab `roc`, "ties" (all) and "cost". lecture `kalman`, part 12; "the rest".'
    assert cited("roc", text) == ["a game", "ties", "cost"]
    assert cited("kalman", text) == ["12"]
