"""The texts of the site's own pages, the instructor's pages and the reference."""

import re

import pytest
from nbformat import v4

from coursekit.notebooks import read_stored
from coursekit.site import pages
from coursekit.site.instructor_page import exercises_of, instructor_page, notes
from coursekit.site.reference import module_page, restructured
from coursekit.syllabus import PLANNED, Entry, read_syllabus
from tests.course.syllabus import ROOT, topic_modules

ENTRIES = read_syllabus(ROOT)
BUILT = [entry for entry in ENTRIES if entry.path]
each_notebook = pytest.mark.parametrize("entry", BUILT, ids=lambda entry: entry.plan.stem)


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------- front and syllabus


def test_front_page_has_a_card_for_each_notebook_and_the_alt_text():
    page = pages.front_page(readme(), ENTRIES)
    for entry in BUILT:
        assert f"- {entry.label}: [{entry.title}]({entry.plan.folder}/{entry.plan.stem}.ipynb)" in page
        assert entry.question in page
        assert f"{entry.plan.folder}/{entry.plan.stem}>" in page, "in a table of contents"
    assert ":alt: " in page
    assert page.startswith("# coursekit\n")


def test_front_page_without_notebooks_has_no_cards():
    planned = [Entry(plan, title=plan.name) for plan in PLANNED.values()]
    page = pages.front_page(readme(), planned)
    assert "{.cards}" not in page
    assert "0 of 24 lectures and 0 of 18 labs" in page


def test_syllabus_page_has_a_row_for_each_notebook():
    page = pages.syllabus_page(ENTRIES)
    rows = [line for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) == 42
    for entry, row in zip(ENTRIES, rows, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert cells[0] == str(entry.plan.number)
        assert len(re.findall(r"\d+ [A-Za-z]", cells[2])) == len(entry.plan.needs) or cells[2] == "nothing"
        assert cells[3] == (f"{entry.read} + {entry.exercises}" if entry.path else f"{entry.read}, planned")
        if entry.path:
            assert cells[4:] == [entry.run_time, entry.question]


def test_handbook_is_the_readme_without_its_front():
    page = pages.handbook(readme())
    assert page.startswith("# Handbook\n\n## Start\n")
    assert "## What there will be" not in page
    left_out = [one for one in re.findall(r"(?m)^## .*", readme()) if one not in page]
    assert left_out == ["## What there will be", "## More"]


def test_repository_page_keeps_only_links_that_lead_somewhere():
    text = "[a](CHANGELOG.md) [b](tests/x.py) [c](https://example.org) ![d](docs/d.png) [e](#part) [f](DATA.md#x)"
    kept = pages.repository_page(text, {"CHANGELOG.md", "DATA.md"})
    assert kept == text.replace("[b](tests/x.py)", "b")
    assert pages.repository_page(text, {"CHANGELOG.md", "DATA.md"}, exists=lambda target: False) == text
    there = pages.repository_page(text, {"CHANGELOG.md", "DATA.md"}, "https://example.org/course")
    assert there == text.replace("tests/x.py", "https://example.org/course/blob/main/tests/x.py")


def test_lecture_links_name_downloads_library_and_dependents():
    entry = next(entry for entry in BUILT if entry.plan.slug == "standard_error")
    text = pages.lecture_links(entry, ENTRIES, ["../downloads/a.ipynb", "../downloads/a.py"])
    assert "<../downloads/a.ipynb>" in text
    assert "(../reference/standard_error.rst)" in text
    assert "[2 ROC curves](../lectures/lec02_roc.ipynb)" in text
    assert "14 resolution" in text


# -------------------------------------------------------------------------------------------------- instructors


@each_notebook
def test_instructor_page_has_every_note_and_every_hint(entry: Entry):
    assert entry.path is not None
    stored = read_stored(entry.path)
    page = instructor_page(entry)
    plain = re.sub(r"[\\*]", "", page)
    tagged = [cell.source for cell in stored.cells if "instructor" in cell.metadata.get("tags", [])]
    assert len(notes(stored)) == len(tagged) > 0
    for source in tagged:
        assert re.sub(r"[\\*]", "", source.partition(".* ")[2]) in plain
    for exercise in exercises_of(entry.plan.slug):
        assert f"### `{exercise.name}`, {exercise.points} points" in page
        for mistake in exercise.mistakes:
            assert re.sub(r"[\\*]", "", mistake.hint) in plain
    assert f"coursekit slides {entry.plan.slug}" in page
    minutes = [int(one) for one in re.findall(r"\*\*(\d+) min", page)]
    assert f"{sum(minutes)} minutes to present" in page
    assert 30 <= sum(minutes) <= 120


@each_notebook
def test_instructor_page_marks_the_questions(entry: Entry):
    page = instructor_page(entry)
    assert re.search(r"\*\*Ask[^*]*:\*\*", page)
    assert re.search(r"\*\*Wrong answers? to expect[^*]*:\*\*", page)


def test_notes_know_their_section():
    cells = [
        v4.new_markdown_cell("# T"),
        v4.new_markdown_cell("*Instructor, 3 min.* Begin.", metadata={"tags": ["instructor"]}),
        v4.new_markdown_cell("## 1. One"),
        v4.new_markdown_cell("## 2. Two"),
        v4.new_markdown_cell("*Instructor, 12 min for parts 1 and 2.* Ask: why?", metadata={"tags": ["instructor"]}),
    ]
    first, second = notes(v4.new_notebook(cells=cells))
    assert (first.section, first.heading, first.minutes, first.scope) == (0, "", 3, "")
    assert (second.section, second.heading, second.minutes, second.scope) == (2, "2. Two", 12, "parts 1 and 2")
    assert second.text == "Ask: why?"


def test_notes_without_minutes_are_refused():
    cell = v4.new_markdown_cell("Ask them.", metadata={"tags": ["instructor"]})
    with pytest.raises(ValueError, match="must begin"):
        notes(v4.new_notebook(cells=[cell]))


def test_instructor_index_lists_minutes():
    page = pages.instructor_index(ENTRIES, {entry.plan.slug: 40 + entry.plan.number for entry in BUILT})
    for entry in BUILT:
        assert f"| {entry.label} | [{entry.title}]({entry.plan.stem}.md) | {40 + entry.plan.number} |" in page


# ---------------------------------------------------------------------------------------------------- reference


def test_restructured_splits_names_from_descriptions():
    text = """Return x.

    y = |a| * b_

Use *one* `star*` and s_i, **not** two.

Parameters
----------
a, b : (n,) array        what |it| is,
                         two lines
rng : Generator          a seed

Returns
-------
FitResult                x (n,), converged

Examples
--------
>>> 2 * 3  # a * b
6""".splitlines()
    assert restructured(text) == [
        *("Return x.", "", ".. code-block:: text", "", "    y = |a| * b_", ""),
        *(r"Use \*one\* `star*` and s_i, \*\*not\*\* two.", ""),
        *("Parameters", "----------", "a, b : (n,) array", r"    what \|it\| is,", "    two lines"),
        *("rng : Generator", "    a seed", "", "Returns", "-------", ":class:`FitResult`", "    x (n,), converged", ""),
        *("Examples", "--------", ">>> 2 * 3  # a * b", "6"),
    ]


@pytest.mark.parametrize("name", [name for name in topic_modules() if not name.startswith("coursekit.deep.")])
def test_module_page_names_all_that_is_public(name: str):
    module = __import__(name, fromlist=["__all__"])
    page = module_page(name)
    for one in module.__all__:
        assert re.search(rf"^\.\. (autofunction|autoclass|py:data):: {one}$", page, re.MULTILINE)


def test_reference_index_lists_every_built_module():
    page = pages.reference_index(ENTRIES)
    assert [entry.plan.module for entry in BUILT if f"[`{entry.plan.module}`]({entry.plan.slug}.rst)" not in page] == []
    assert set(pages.SHARED) <= set(re.findall(r"\[`(coursekit\.\w+)`\]", page))
