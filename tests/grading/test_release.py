"""What is handed out: no output, no solution, nbgrader's metadata, versions; and it can be graded as it comes back."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from coursekit import commands
from coursekit.grading import release
from coursekit.grading.batch import Terms, grade_student, planned
from coursekit.grading.catalogue import environment
from coursekit.grading.release import digest, handout, released_digests, write_handouts
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submissions import collect
from tests.course.syllabus import ROOT
from tests.grading.classroom import MOST, SECRET

NOTEBOOK = ROOT / "lectures" / "lec07_laplacian.ipynb"
KEYS = {"grade", "grade_id", "locked", "solution", "task", "schema_version", "cell_type", "checksum"}


@pytest.fixture(scope="module")
def student() -> dict[str, Any]:
    return handout(NOTEBOOK)


def about(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]


def test_student_copy_is_a_valid_notebook_without_outputs_solutions_and_notes(student: dict[str, Any]):
    nbformat.validate(nbformat.from_dict(student))
    code = [cell for cell in student["cells"] if cell["cell_type"] == "code"]
    assert not [cell for cell in code if cell["outputs"] or cell["execution_count"]]
    assert "jupytext" not in student["metadata"]
    assert not [cell for cell in student["cells"] if "instructor" in cell["metadata"].get("tags", [])]
    stubs = [cell for cell in code if "exercise" in cell["metadata"].get("tags", [])]
    assert len(stubs) == len(MOST)
    assert all("raise NotImplementedError" in "".join(cell["source"]) for cell in stubs)


def test_cells_have_nbgraders_metadata_and_no_other(student: dict[str, Any]):
    found = about(student)
    assert [set(one) - {"points"} for one in found] == [KEYS] * 3 * len(MOST)
    assert {one["grade_id"]: one["points"] for one in found if one["task"]} == {
        f"laplacian-{name}-task": points for name, points in MOST.items()
    }
    assert [one["grade_id"] for one in found if one["solution"]] == [f"laplacian-{name}" for name in MOST]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", one["grade_id"]) for one in found)
    assert all(one["locked"] != one["solution"] and one["task"] == ("points" in one) for one in found)
    assert {(one["task"], one["schema_version"], one["cell_type"]) for one in found} == {
        (True, 3, "markdown"),
        (False, 3, "code"),
    }


def test_no_cell_is_one_that_nbgrader_grades_by_itself(student: dict[str, Any]):
    # A check never raises, so nbgrader would give its points to everybody: they lie on tasks, graded by hand or by us.
    assert not [one for one in about(student) if one["grade"]]
    solved = about(handout(NOTEBOOK, solved=True))
    assert [one["grade_id"] for one in solved] == [one["grade_id"] for one in about(student)]


def test_checksum_is_of_everything_that_counts():
    base = {"cell_type": "code", "grade": True, "solution": False, "locked": True, "grade_id": "a", "points": 4}
    changes = [{}, {"grade_id": "b"}, {"points": 5}, {"locked": False}, {"grade": False}, {"solution": True}]
    sums = [release.checksum("x", {**base, **change}) for change in changes] + [release.checksum("y", base)]
    assert len(set(sums)) == len(sums)
    # MD5 of "x" "code" "True" "False" "True" "a" "4.0"
    assert sums[0] == "a5b303f0b83e9a05ee27610d60c18f91"


def test_solved_copy_has_full_points_and_the_student_copy_none(best: Sandbox, tmp_path: Path):
    for name, solved in (("teacher", True), ("untouched", False)):
        write_handouts([NOTEBOOK], tmp_path / "class" / name, solved=solved)
    teacher, untouched = (grade_student(one, best, Terms(SECRET)).attempts[0] for one in collect([tmp_path / "class"]))
    assert (teacher.points, teacher.most) == (sum(MOST.values()), sum(MOST.values()))
    assert [one.status for one in untouched.exercises] == ["not attempted"] * len(MOST)
    assert teacher.notes == untouched.notes == ()


def test_solved_copy_keeps_the_notes_and_is_named_so(tmp_path: Path):
    (path,) = write_handouts([NOTEBOOK], tmp_path, solved=True)
    assert path.name == "lec07_laplacian_solved.ipynb"
    cells = json.loads(path.read_text())["cells"]
    assert [cell for cell in cells if "instructor" in cell["metadata"].get("tags", [])]
    assert "NotImplementedError" not in path.read_text()


def test_versions_travel_and_a_mismatch_is_said(student: dict[str, Any], tmp_path: Path):
    made = student["metadata"]["coursekit"]["release"]
    assert made == {"library": environment()["library"], "grader": "1", "notebook": digest(NOTEBOOK)}
    write_handouts([NOTEBOOK], tmp_path / "ann")
    (one,) = collect([tmp_path])
    now = released_digests(ROOT)
    assert planned(one, Terms(SECRET, released=now)).attempts[0].notes == ()
    changed = planned(one, Terms(SECRET, released={**now, "laplacian": "f" * 16})).attempts[0].notes
    assert changed == (
        f"Handed out with another version of the notebook ({made['notebook']}) than it is graded with ({'f' * 16}).",
    )


def test_archive_is_the_same_bytes_again_and_holds_the_copy(tmp_path: Path):
    for name in ("a.zip", "b.zip"):
        assert write_handouts([NOTEBOOK], tmp_path / name) == [tmp_path / name]
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["lec07_laplacian.ipynb"]
        assert json.loads(archive.read("lec07_laplacian.ipynb")) == handout(NOTEBOOK)


def test_copy_replaces_a_copy_but_nothing_else(tmp_path: Path):
    target = tmp_path / NOTEBOOK.name
    assert write_handouts([NOTEBOOK], tmp_path) == write_handouts([NOTEBOOK], tmp_path) == [target]
    target.write_text("{}")
    with pytest.raises(ValueError, match="is in the way"):
        write_handouts([NOTEBOOK], tmp_path)
    assert target.read_text() == "{}"


def test_digest_ignores_outputs_and_not_the_text(tmp_path: Path, student: dict[str, Any]):
    first, second, third = (tmp_path / f"{name}.ipynb" for name in "abc")
    first.write_text(json.dumps(student))
    cells = [{**cell, "outputs": ["x"]} for cell in student["cells"]]
    second.write_text(json.dumps({**student, "cells": cells}))
    third.write_text(json.dumps({**student, "cells": cells[1:]}))
    assert digest(first) == digest(second) != digest(third)


def test_notebook_without_exercises_or_with_a_check_too_few_is_refused(tmp_path: Path, student: dict[str, Any]):
    path = tmp_path / "other.ipynb"
    path.write_text(json.dumps({**student, "metadata": {}}))
    with pytest.raises(ValueError, match=r"other\.ipynb is not a notebook with exercises: its slug is ''"):
        handout(path)
    cells = [cell for cell in student["cells"] if "check(laplacian5)" not in "".join(cell["source"])]
    path.write_text(json.dumps({**student, "cells": cells}))
    with pytest.raises(ValueError, match="not exactly one cell for laplacian-laplacian5-check"):
        handout(path)
    no_text = [cell for cell in student["cells"] if not cell["metadata"].get("nbgrader", {}).get("task")]
    path.write_text(json.dumps({**student, "cells": no_text}))
    with pytest.raises(ValueError, match=r"not exactly one cell for laplacian-\w+-task"):
        handout(path)


@pytest.mark.parametrize("path", sorted((ROOT / "lectures").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_lecture_can_be_handed_out(path: Path):
    found = about(handout(path))
    assert len({one["grade_id"] for one in found}) == len(found) == 12


def test_command_writes_copies_and_names_them(tmp_path: Path, capsys):
    assert commands.main(["release", "laplacian", "lec03", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split() == [
        str(tmp_path / "lec07_laplacian.ipynb"),
        str(tmp_path / "lec03_stein_shrinkage.ipynb"),
    ]
    assert commands.main(["release", "laplacan", "--out", str(tmp_path)]) == 2
    assert "Did you mean laplacian?" in capsys.readouterr().err
