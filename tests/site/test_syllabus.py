"""The one table of the syllabus, and what the notebooks' heads add to it."""

import json
import re
from pathlib import Path

import pytest

from coursekit.syllabus import NAMED, PARTS, PLANNED, read_syllabus
from tests.course.syllabus import ROOT

ENTRIES = read_syllabus(ROOT)
BUILT = [entry for entry in ENTRIES if entry.path]


def test_planned_numbers_run_from_one_in_each_kind():
    for kind, n in (("lecture", 24), ("lab", 18)):
        assert [plan.number for plan in PLANNED.values() if plan.kind == kind] == list(range(1, n + 1))


def test_planned_parts_are_in_order_and_all_used():
    order = [PARTS.index(plan.part) for plan in PLANNED.values()]
    assert order == sorted(order)
    assert set(order) == set(range(len(PARTS)))


def test_named_notebooks_are_planned():
    assert set(PLANNED) >= NAMED
    assert len(NAMED) == 10


def test_planned_names_stand_in_the_readme():
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    forms = [(f"{plan.number} [{plan.name}](", f"{plan.number} {plan.name}") for plan in PLANNED.values()]
    assert [plain for linked, plain in forms if linked not in readme and plain not in readme] == []


def test_read_syllabus_takes_the_words_of_each_head():
    assert BUILT
    assert len(ENTRIES) == len(PLANNED)
    for entry in BUILT:
        assert entry.path is not None
        about = json.loads(entry.path.read_text(encoding="utf-8"))["metadata"]["coursekit"]
        assert (entry.title, entry.question) == (about["title"], about["question"])
        assert entry.minutes == sum(about["minutes"].values())
        assert entry.objectives == tuple(about["objectives"])


@pytest.mark.parametrize("entry", BUILT, ids=lambda entry: entry.plan.stem)
def test_built_notebook_says_what_its_cells_cost(entry):
    assert re.search(r"\w+ (CPU seconds|minutes?)\b", entry.run_time), "the first cell: 'the cells take ...'"


def test_entry_of_what_is_planned_has_the_plan_only(tmp_path: Path):
    entry = read_syllabus(tmp_path)[0]
    assert (entry.path, entry.title, entry.minutes, entry.question) == (None, "Standard error", 60, "")
    assert entry.label == "Lecture 1"


@pytest.mark.parametrize("damage", ["", "[]", '{"cells": [], "metadata": {"coursekit": {"title": "x"}}}'])
def test_notebook_without_a_head_is_named(damage: str, tmp_path: Path):
    (tmp_path / "lectures").mkdir()
    (tmp_path / "lectures" / "lec02_roc.ipynb").write_text(damage)
    with pytest.raises(ValueError, match=r"lec02_roc\.ipynb has no head"):
        read_syllabus(tmp_path)


# ---------------------------------------------------------------------------------------- notation and glossary


def rows(page: str) -> list[tuple[str, list[Path]]]:
    """Return the first cell of each row of a page in docs/, and the notebooks that its last cell links."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    cells = [line.strip("|").split(" | ") for line in lines if line.startswith("| ")]
    links = [[ROOT / "docs" / link for link in re.findall(r"\((.*?)\)", last)] for *_, last in cells]
    return [(first.strip(), linked) for (first, *_), linked in zip(cells, links, strict=True)]


def prose(notebook: Path) -> str:
    """Return the text of a notebook on one line, upright letters written in one way."""
    text = re.sub(r"\s*\n# ?", " ", notebook.with_suffix(".py").read_text(encoding="utf-8"))
    return text.replace(r"\text{", r"\mathrm{")


def test_symbols_occur_in_the_lectures_that_they_are_said_to():
    found = [(symbols, path) for symbols, paths in rows("notation.md") for path in paths]
    assert len(found) > 40
    for symbols, path in found:
        symbols = symbols.replace(r"\text{", r"\mathrm{")
        assert any(symbol in prose(path) for symbol in re.findall(r"\$([^$]+)\$", symbols)), (symbols, path.name)


def test_terms_occur_in_the_lectures_that_explain_them():
    found = rows("glossary.md")
    terms = [term for term, paths in found if paths]
    assert terms == sorted(terms, key=str.lower)
    assert len(terms) > 30
    for term, paths in found:
        for path in paths:
            assert any(word.lower() in prose(path).lower() for word in term.split(" or ")), (term, path.name)


def test_each_notebook_has_symbols_and_terms():
    for page in ("notation.md", "glossary.md"):
        linked = {path.resolve() for _, paths in rows(page) for path in paths}
        assert {entry.path for entry in BUILT} <= linked
