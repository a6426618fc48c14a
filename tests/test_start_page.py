"""The page on which JupyterLab opens: what is linked, what is advised, and that a save renews it."""

import json
import logging
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coursekit.notebooks.start_page import START, renew_on_save, row, start_page, write_start_page
from coursekit.notebooks.workbench import course_notebooks, fill
from coursekit.syllabus import PLANNED
from tests.course.syllabus import ROOT

PASSED = "all 7 public cases pass (10 points). Grading draws others."
TRIED = "3 of 7 public cases pass (10 points)"


def lecture(root: Path, slug: str, **about: Any) -> Path:
    """Write a lecture with two exercises, `one` and `two`."""
    stubs = [f"def {name}(x):\n    raise NotImplementedError" for name in ("one", "two")]
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "source": "# T", "metadata": {}}]
    for stub in stubs:
        code = {"cell_type": "code", "outputs": [], "execution_count": 1}
        cells.append({**code, "source": stub, "metadata": {"tags": ["exercise"]}})
        cells.append({**code, "source": f"check({stub[4:7]})", "metadata": {"tags": ["check"]}})
    head = {"slug": slug, "title": f"On {slug}", "question": f"Why | {slug}?", "objectives": []}
    head |= {"minutes": {"read": 30, "exercises": 35}, **about}
    path = root / "lectures" / f"{PLANNED[slug].stem}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": cells, "metadata": {"coursekit": head}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def answer(work: Path, slug: str, *verdicts: str) -> None:
    """Put the verdicts of the checks into a copy."""
    path = work / f"{PLANNED[slug].stem}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    checks = [cell for cell in notebook["cells"] if "check" in cell["metadata"].get("tags", [])]
    for cell, name, verdict in zip(checks, ("one", "two"), verdicts, strict=False):
        cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": f"{name}: {verdict}"}}]
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> tuple[Path, Path]:
    """A course with lectures 1, 2 and 10, and a student's folder."""
    root, work = tmp_path / "course", tmp_path / "my work"
    for slug in ("standard_error", "roc", "sinkhorn"):
        lecture(root, slug)
    fill(course_notebooks(root), work)
    return root, work


def test_start_page_has_a_row_for_each_notebook(course: tuple[Path, Path]):
    rows = [line for line in start_page(*course).splitlines() if line.startswith("| [")]
    head = "30 to read, 35 for exercises"
    assert rows == [
        "| [Lecture 1: On standard_error](<lec01_standard_error.ipynb>) "
        f"| Why \\| standard_error? | {head} | nothing | 2 to do |",
        f"| [Lecture 2: On roc](<lec02_roc.ipynb>) | Why \\| roc? | {head} "
        "| [lecture 1](<lec01_standard_error.ipynb>) | 2 to do |",
        f"| [Lecture 10: On sinkhorn](<lec10_sinkhorn.ipynb>) | Why \\| sinkhorn? | {head} "
        "| lecture 9 (edge-preserving filters, planned) | 2 to do |",
    ]


def test_start_page_names_what_is_planned(course: tuple[Path, Path]):
    page = start_page(*course)
    planned = [plan for plan in PLANNED.values() if plan.slug not in ("standard_error", "roc", "sinkhorn")]
    assert [plan.name for plan in planned if f"{plan.number} {plan.name}" not in page] == []
    assert "Planned: 3 Stein shrinkage, 4 double descent, 5 Kalman filter, 6 compound interest.\n" in page


def test_start_page_advises_the_next_notebook(course: tuple[Path, Path]):
    root, work = course
    assert "**Begin with** [Lecture 1: On standard_error]" in start_page(root, work)
    answer(work, "roc", TRIED)
    page = start_page(root, work)
    assert "**Go on with** [Lecture 2: On roc](<lec02_roc.ipynb>): 0 of 2 passed, 1 tried." in page
    answer(work, "roc", PASSED, PASSED)
    answer(work, "standard_error", PASSED, PASSED)
    page = start_page(root, work)
    assert "**Go on with** [Lecture 10: On sinkhorn](<lec10_sinkhorn.ipynb>): *Why | sinkhorn?*" in page
    answer(work, "sinkhorn", PASSED, PASSED)
    assert "**Every exercise is passed.**" in start_page(root, work)


def test_start_page_shows_each_exercise_once_begun(course: tuple[Path, Path]):
    root, work = course
    assert "## Your exercises" not in start_page(root, work)
    answer(work, "roc", PASSED, "not attempted yet (10 points)")
    answer(work, "sinkhorn", TRIED, PASSED)
    page = start_page(root, work)
    assert "| Notebook | Passed | Tried | Not attempted |" in page
    assert "| [Lecture 2: On roc](<lec02_roc.ipynb>) | `one` |  | `two` |" in page
    assert "| [Lecture 10: On sinkhorn](<lec10_sinkhorn.ipynb>) | `two` | `one` |  |" in page
    assert "| 1 of 2 passed |" in page
    assert "| 1 of 2 passed, 1 tried |" in page


def test_start_page_points_to_new_versions(course: tuple[Path, Path]):
    root, work = course
    assert "New versions of notebooks" not in start_page(root, work)
    (work / "lec02_roc (new version).ipynb").write_text("{}")
    assert start_page(root, work).endswith("\n- [lec02_roc (new version)](<lec02_roc (new version).ipynb>)\n")


def test_start_page_without_notebooks(tmp_path: Path):
    assert "No notebook is there yet." in start_page(tmp_path, tmp_path)


def test_start_page_of_the_course_links_files_that_are_there(tmp_path: Path):
    fill(course_notebooks(ROOT), tmp_path)
    page = start_page(ROOT, tmp_path)
    links = set(re.findall(r"\]\(<(.*?)>\)", page))
    assert links == {path.name for path in course_notebooks(ROOT)}
    assert all((tmp_path / link).is_file() for link in links)
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables} == {6}


def saved(root: Path, work: Path, kind: str = "notebook") -> list[str]:
    """Tell the hook of a save, and return what it wrote into the log."""
    lines: list[str] = []
    manager = SimpleNamespace(log=logging.getLogger("test"))
    manager.log = SimpleNamespace(warning=lambda text, *values: lines.append(text % values))
    renew_on_save(root, work)(model={"type": kind}, os_path=str(work / "x"), contents_manager=manager)
    return lines


def test_saving_a_notebook_renews_the_page(course: tuple[Path, Path]):
    root, work = course
    write_start_page(root, work)
    answer(work, "roc", PASSED)
    assert saved(root, work, kind="file") == []
    assert "1 of 2 passed" not in (work / START).read_text(encoding="utf-8")
    assert saved(root, work) == []
    assert "1 of 2 passed" in (work / START).read_text(encoding="utf-8")


def test_page_is_written_only_when_it_changes(course: tuple[Path, Path]):
    root, work = course
    write_start_page(root, work)
    before = (work / START).stat().st_mtime_ns
    write_start_page(root, work)
    assert (work / START).stat().st_mtime_ns == before


def test_saving_works_though_the_page_cannot_be_written(course: tuple[Path, Path]):
    root, work = course
    (work / START).mkdir()
    (line,) = saved(root, work)
    assert line.startswith("START.md was not renewed: ")


def test_row_escapes_bars():
    assert row(["a|b", "c"]) == "| a\\|b | c |"
