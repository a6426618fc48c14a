"""The real nbgrader with our sandbox in it: its database, export and feedback say what our own records say."""

import copy
import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.preprocessors import ClearSolutions

from coursekit import commands
from coursekit.checking.judging import judge, outcomes_of
from coursekit.grading.batch import Terms, grade_student
from coursekit.grading.bridges import nbgrader as bridge
from coursekit.grading.bridges.nbgrader_course import CONFIGURATION, source_notebook, write_course
from coursekit.grading.catalogue import exercises_of
from coursekit.grading.release import handout
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.seeds import restore_secret
from coursekit.grading.submissions import collect
from tests.course.syllabus import ROOT
from tests.grading.classroom import MOST, RIGHT, SECRET, WRAPS
from tests.grading.nbgraders import Commands, graded, hand_in

NOTEBOOK = ROOT / "lectures" / "lec07_laplacian.ipynb"
NAME = NOTEBOOK.stem
TASKS = {name: f"laplacian-{name}-task" for name in MOST}
NAMES = ["ann", "bob", "cyd", "dan", "eve", "fay", "gus", "hal"]
BROKEN = "def heat_dt_max(h, d:\n    return h"
WRONG = "import numpy as np\nfrom coursekit.exercises.laplacian import check\n"


def metadata(cell: dict[str, Any]) -> dict[str, Any]:
    return dict(cell["metadata"].get("nbgrader", {}))


def answered(notebook: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    """Return a copy with answers in the place of the stubs."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        name = metadata(cell).get("grade_id", "").removeprefix("laplacian-")
        if name in answers and metadata(cell)["solution"]:
            cell["source"] = answers[name]
    return notebook


def doubled(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a copy in which every cell of nbgrader's comes twice, as after a slip with copy and paste."""
    notebook = copy.deepcopy(notebook)
    notebook["cells"] = [copy.deepcopy(cell) for cell in notebook["cells"] for _ in range(2 if metadata(cell) else 1)]
    return notebook


def stripped(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without metadata, as after a way through another program."""
    notebook = copy.deepcopy(notebook)
    notebook["cells"] = [{**cell, "metadata": {}} for cell in notebook["cells"]]
    return notebook


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    settings = tmp_path_factory.mktemp("settings")
    restore_secret(settings / "coursekit" / "secret", SECRET.value.hex())
    one = Commands(settings)
    yield one
    one.close()


@pytest.fixture(scope="module")
def generated(best: Sandbox, nbgrader: Commands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class to which the assignment has just been handed out."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    assert commands.main(["release", "laplacian", "--nbgrader", str(folder)]) == 0
    if best.level < 2:
        with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
            file.write("c.GradeInSandbox.accept_unsafe = True\n")
    assert nbgrader.run(folder, "generate_assignment", NAME)[0] == 0
    return folder


@pytest.fixture(scope="module")
def course(generated: Path, nbgrader: Commands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class, as nbgrader has graded it."""
    folder = Path(shutil.copytree(generated, tmp_path_factory.mktemp("graded") / "course"))
    released = json.loads((folder / "release" / NAME / NOTEBOOK.name).read_text(encoding="utf-8"))
    hand_in(folder, "ann", answered(released, RIGHT))
    hand_in(folder, "bob", answered(released, {**RIGHT, "laplacian5": WRAPS}))
    hand_in(folder, "cyd", doubled(answered(released, RIGHT)))
    hand_in(folder, "dan", stripped(answered(released, {**RIGHT, "heat_dt_max": BROKEN})))
    hand_in(folder, "eve", json.dumps(released)[:5000])
    hand_in(folder, "fay", released)
    hand_in(folder, "gus", tampered(released, check_with_points))
    hand_in(folder, "hal", changed(answered(released, RIGHT), task_as_test))
    for command in (["autograde", NAME], ["export"], ["generate_feedback", NAME]):
        status, said = nbgrader.run(folder, *command)
        assert status == 0, said
    return folder


def test_points_in_the_database_are_those_of_our_own_records(course: Path, best: Sandbox):
    records = {one.student: grade_student(one, best, Terms(SECRET, "laplacian")) for one in collect([course])}
    ours = {
        student: {one.name: one.points for attempt in record.attempts for one in attempt.exercises}
        for student, record in records.items()
    }
    found = graded(course)
    assert set(found) == set(ours) == {*NAMES}
    for student, points in ours.items():
        assert found[student] == {cell: (points.get(name, 0), False) for name, cell in TASKS.items()}
    assert ours["ann"] == ours["cyd"] == ours["hal"] == MOST
    assert ours["bob"] == {**MOST, "laplacian5": 0}
    assert ours["dan"] == {**MOST, "heat_dt_max": 0}
    assert ours["eve"] == {}
    assert not any([*ours["fay"].values(), *ours["gus"].values()])


def test_export_has_the_sums(course: Path):
    with open(course / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    most = sum(MOST.values())
    expected = {
        "ann": most,
        "cyd": most,
        "hal": most,
        "bob": most - MOST["laplacian5"],
        "dan": most - MOST["heat_dt_max"],
    }
    assert rows == {student: (expected.get(student, 0), most) for student in NAMES}


@pytest.mark.parametrize(
    ("student", "told"),
    [
        ("ann", ["10 of 10 points. All"]),
        ("bob", ["0 of 10 points.", "of the self-check", "np.roll wraps around"]),
        ("dan", ["0 of 8 points.", "SyntaxError in line 1"]),
        ("eve", ["The file is not a notebook, or is damaged"]),
        ("fay", ["The function is still the stub."]),
    ],
)
def test_feedback_shows_reason_and_hint(course: Path, student: str, told: list[str]):
    page = (course / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert [text for text in told if text not in page] == []


def test_what_was_graded_with_what_is_in_the_graded_notebook(course: Path, best: Sandbox):
    notebook = json.loads((course / "autograded" / "ann" / NAME / NOTEBOOK.name).read_text(encoding="utf-8"))
    about = notebook["metadata"]["coursekit_grade"]
    assert (about["level"], about["seed"]) == (best.level, SECRET.identity)
    assert not [cell for cell in notebook["cells"] if cell.get("execution_count")]


def test_released_notebook_is_the_copy_that_release_makes(course: Path):
    released = json.loads((course / "release" / NAME / NOTEBOOK.name).read_text(encoding="utf-8"))
    for cell in released["cells"]:  # nbgrader's own, which JupyterLab heeds
        assert cell["metadata"].pop("deletable", False) is False
        assert cell["metadata"].pop("editable", False) is False

    def content(notebook: dict[str, Any]) -> list[object]:
        return [(cell["cell_type"], "".join(cell["source"]), cell["metadata"]) for cell in notebook["cells"]]

    assert content(released) == content(handout(NOTEBOOK))


# ------------------------------------------------------------------------------------------ without the bridge


def tampered(notebook: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return a wrong notebook, of which only nbgrader's cells are left, their metadata changed."""
    answers = {name: f"{WRONG}def {name}(*args, **options):\n    return 0.0" for name in MOST}
    notebook = answered(notebook, answers)
    notebook["cells"] = [cell for cell in notebook["cells"] if metadata(cell)]
    return changed(notebook, change)


def changed(notebook: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return the notebook, nbgrader's cells changed in place."""
    for cell in notebook["cells"]:
        if metadata(cell):
            change(cell)
    return notebook


def check_with_points(cell: dict[str, Any]) -> None:
    about = cell["metadata"]["nbgrader"]
    if about["grade_id"].endswith("-check"):
        about |= {"grade": True, "points": 10}


def task_as_test(cell: dict[str, Any]) -> None:
    about = cell["metadata"]["nbgrader"]
    if about["task"]:
        about |= {"task": False, "grade": True, "cell_type": "code"}
        cell |= {"cell_type": "code", "source": "1", "outputs": [], "execution_count": None}


def task_as_answer(cell: dict[str, Any]) -> None:
    about = cell["metadata"]["nbgrader"]
    if about["task"]:
        about |= {"task": False, "grade": True, "solution": True}


def nothing(cell: dict[str, Any]) -> None:
    pass


def test_plain_autograde_gives_no_points(generated: Path, nbgrader: Commands, tmp_path: Path):
    folder = Path(shutil.copytree(generated, tmp_path / "plain"))
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'coursekit'\n")
    released = json.loads((folder / "release" / NAME / NOTEBOOK.name).read_text(encoding="utf-8"))
    for change in (nothing, check_with_points, task_as_test, task_as_answer):
        hand_in(folder, change.__name__, tampered(released, change))
    nbgrader.run(folder, "autograde", NAME)  # executes the honest one, and stumbles over the others
    assert (folder / "autograded" / "nothing").is_dir()
    found = graded(folder)
    assert set(found) == {"nothing", "check_with_points", "task_as_test", "task_as_answer"}
    for points in found.values():
        assert points == dict.fromkeys(TASKS.values(), (None, True))


def test_config_without_the_course_grades_nobody(generated: Path, nbgrader: Commands, tmp_path: Path):
    folder = Path(shutil.copytree(generated, tmp_path / "absent"))
    hand_in(folder, "zoe", answered(handout(NOTEBOOK), RIGHT))
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text().replace("coursekit.grading", "absent.grading"))
    status, said = nbgrader.run(folder, "autograde", NAME)
    assert status != 0
    assert "absent" in said
    assert not (folder / "autograded").exists()
    assert not any(points for points, _ in graded(folder).get("zoe", {}).values())


# ------------------------------------------------------------------------------------------------- the pieces


@pytest.mark.parametrize("path", sorted((ROOT / "lectures").glob("*.ipynb")), ids=lambda path: path.stem)
def test_source_holds_solutions_and_becomes_the_copy(path: Path):
    plain, source = handout(path), source_notebook(path)
    clear = ClearSolutions(code_stub={"python": "raise NotImplementedError"})
    exercises = {one.name: one for one in exercises_of(plain["metadata"]["coursekit"]["slug"])}
    namespace: dict[str, Any] = {}
    n_solutions = 0
    for before, after in zip(plain["cells"], source["cells"], strict=True):
        if not metadata(before).get("solution"):
            assert after == before
            continue
        n_solutions += 1
        name = metadata(before)["grade_id"].partition("-")[2]
        exec(compile(after["source"], name, "exec"), namespace)  # noqa: S102
        cases = exercises[name].public_cases()
        assert judge(exercises[name], cases, outcomes_of(namespace[name], exercises[name], cases)).passed
        cell = type("Cell", (), {"cell_type": "code", "source": after["source"]})()
        assert clear._replace_solution_region(cell, "python")
        assert cell.source == "".join(before["source"])
    assert n_solutions == len(exercises)


def test_course_in_use_keeps_its_configuration_and_says_what_to_add(tmp_path: Path, capsys):
    config = tmp_path / "nbgrader_config.py"
    config.write_text("c = get_config()\n")
    assert commands.main(["release", "laplacian", "--nbgrader", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert config.read_text() == "c = get_config()\n"
    assert CONFIGURATION in said.err
    config.write_text(CONFIGURATION)
    assert write_course([NOTEBOOK], tmp_path) == ([tmp_path / "source" / NAME / NOTEBOOK.name], "")


def test_source_of_somebody_else_is_not_overwritten(tmp_path: Path):
    (tmp_path / "source" / NAME).mkdir(parents=True)
    (tmp_path / "source" / NAME / NOTEBOOK.name).write_text("{}")
    with pytest.raises(ValueError, match="is in the way"):
        write_course([NOTEBOOK], tmp_path)
    assert not (tmp_path / "nbgrader_config.py").exists()


def cell(name: str, **flags: object) -> dict[str, Any]:
    about = {"grade": False, "solution": False, "locked": True, "schema_version": 3, "grade_id": name, **flags}
    return {"cell_type": "code", "source": "", "outputs": [], "metadata": {"nbgrader": about}}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([cell("extra", grade=True, points=3)], "the cell 'extra' has points and is no exercise of the course"),
        ([cell("laplacian-absent-task", grade=True, points=3)], "'laplacian-absent-task' has points"),
        ([cell("laplacian-laplacian5-task"), cell("roc-points-task")], "exercises of several topics"),
    ],
)
def test_points_that_nobody_would_give_are_refused(cells: list[dict[str, Any]], message: str):
    notebook = bridge.nbformat.from_dict({"cells": cells})
    with pytest.raises(ValueError, match=message):
        bridge.exercises_in(notebook)


def test_task_of_a_topic_whose_exercise_is_called_points_is_told_apart():
    notebook = bridge.nbformat.from_dict(
        {"cells": [cell("roc-points"), cell("roc-points-task"), cell("roc-points-check")]}
    )
    assert bridge.exercises_in(notebook) == {"roc-points-task": ("roc", "points")}
    assert bridge.exercises_in(bridge.nbformat.from_dict({"cells": [cell("essay", grade=True, solution=True)]})) == {}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"cells": [{"cell_type": "code", "source": 3}]}', "[" * 100_000]
)
def test_damaged_file_becomes_a_notebook(text: str, tmp_path: Path):
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    notebook = bridge.readable(path)
    bridge.nbformat.validate(notebook)
    assert len(notebook.cells) == 1


def test_submission_that_is_hardly_isolated_is_not_graded(
    monkeypatch: pytest.MonkeyPatch, bare: Sandbox, tmp_path: Path
):
    monkeypatch.setattr(bridge, "sandbox", lambda: bare)
    grader = bridge.GradeInSandbox(secret=str(tmp_path / "secret"))
    names = {"laplacian-laplacian5-task": ("laplacian", "laplacian5")}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(answered(handout(NOTEBOOK), RIGHT)))
    with pytest.raises(RuntimeError, match="not enough for a grade of record"):
        grader.graded("ann", path, names)
    grader.accept_unsafe = True
    assert grader.graded("ann", path, names).attempts[0].points == sum(MOST.values())
