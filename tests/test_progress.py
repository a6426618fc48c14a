"""How far a student is, read from made notebooks: by state, by copy, and whatever is broken."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursekit.checking import Exercise, Mistake, checker
from coursekit.notebooks.progress import exercise_names, progress
from coursekit.syllabus import read_syllabus
from tests.course.syllabus import ROOT, exercises_of

ASKED = {"laplacian": ("double", "halve")}
STUB = "def double(x):\n    raise NotImplementedError"
ANSWER = "def double(x):\n    return 2 * x"


def double(x: float) -> float:
    return 2 * x


def squared(x: float) -> float:
    return x * x


EXERCISE = Exercise(
    reference=double,
    points=10,
    draw=lambda rng: {"x": rng.uniform(3, 4)},
    edges={"zero": {"x": 0.0}},
    mistakes=(Mistake(squared, "Twice or squared?"),),
)
check = checker(EXERCISE)


def named(function: Any) -> Any:
    """Return a student's function under the exercise's name, as if written in a notebook."""
    function.__name__, function.__module__ = "double", "__main__"
    return function


def report(function: Any) -> dict[str, Any]:
    """Return what `check(function)` leaves in a notebook."""
    said = check(named(function))
    return {"output_type": "execute_result", "data": {"text/plain": str(said), "text/html": said._repr_html_()}}


def not_written(x):
    raise NotImplementedError


REPORTS = {
    "not attempted": report(not_written),
    "passed": report(lambda x: x + x),
    "tried": report(lambda x: x * x),
}


def cell(source: str | list[str], *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [*outputs], "execution_count": 1}


def write(path: Path, *cells: dict[str, Any], slug: str = "laplacian") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": [{"cell_type": "markdown", "source": "# T", "metadata": {}}, *cells]}
    notebook |= {"metadata": {"coursekit": {"slug": slug}}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def state(work: Path) -> str:
    return progress(work, ASKED)["laplacian"]["double"]


def test_progress_without_notebooks_is_not_attempted(tmp_path: Path):
    everything = {"laplacian": {"double": "not attempted", "halve": "not attempted"}}
    assert progress(tmp_path, ASKED) == progress(tmp_path / "missing", ASKED) == everything


@pytest.mark.parametrize("wanted", ["not attempted", "tried", "passed"])
def test_progress_reads_what_the_check_says(wanted: str, tmp_path: Path):
    source = STUB if wanted == "not attempted" else ANSWER
    write(tmp_path / "a.ipynb", cell(source), cell("check(double)", REPORTS[wanted]))
    assert state(tmp_path) == wanted
    assert progress(tmp_path, ASKED)["laplacian"]["halve"] == "not attempted"


def test_progress_reads_texts_stored_as_lines_and_printed_ones(tmp_path: Path):
    lines = REPORTS["passed"]["data"]["text/plain"].splitlines(keepends=True)
    stored = {"output_type": "execute_result", "data": {"text/plain": lines}}
    write(tmp_path / "a.ipynb", cell(ANSWER.splitlines(keepends=True)), cell("check(double)", stored))
    assert state(tmp_path) == "passed"
    printed = {"output_type": "stream", "name": "stdout", "text": ["before\n", *lines]}
    write(tmp_path / "a.ipynb", cell("print(check(double))", printed))
    assert state(tmp_path) == "passed"


def test_progress_counts_a_written_function_as_tried_before_its_check(tmp_path: Path):
    write(tmp_path / "a.ipynb", cell(ANSWER), cell("check(double)"))
    assert state(tmp_path) == "tried"


def test_progress_counts_a_refusal_as_tried(tmp_path: Path):
    refused = report(lambda y: y)
    assert "the exercise asks for" in refused["data"]["text/plain"]
    write(tmp_path / "a.ipynb", cell("check(double)", refused))
    assert state(tmp_path) == "tried"


def test_progress_takes_the_best_of_all_copies(tmp_path: Path):
    write(tmp_path / "lec07_laplacian.ipynb", cell("check(double)", REPORTS["tried"]))
    write(tmp_path / "my first try.ipynb", cell("check(double)", REPORTS["passed"]))
    write(tmp_path / "z (new version).ipynb", cell("check(double)", REPORTS["not attempted"]))
    assert state(tmp_path) == "passed"


def test_progress_of_another_notebook_does_not_count(tmp_path: Path):
    write(tmp_path / "a.ipynb", cell("check(double)", REPORTS["passed"]), slug="roc")
    assert state(tmp_path) == "not attempted"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b'{"cells": [',
        b"\xff\xfe\x00",
        b"[]",
        b"3",
        b'{"cells": 3, "metadata": {"coursekit": {"slug": "laplacian"}}}',
        b'{"cells": [{}], "metadata": {"coursekit": {"slug": "laplacian"}}}',
        b'{"cells": [3], "metadata": {"coursekit": {"slug": "laplacian"}}}',
        b'{"metadata": {"coursekit": {"slug": "laplacian"}}, "cells": [{"cell_type": "code", "outputs": [3]}]}',
        b'{"metadata": {"coursekit": {"slug": "laplacian"}}, "cells": [{"cell_type": "code", "source": 3}]}',
        b'{"cells": [], "metadata": {"coursekit": {"slug": ["laplacian"]}}}',
        b'{"cells": []}',
    ],
)
def test_progress_is_not_stopped_by_a_damaged_notebook(damage: bytes, tmp_path: Path):
    (tmp_path / "a.ipynb").write_bytes(damage)
    (tmp_path / "folder.ipynb").mkdir()
    write(tmp_path / "b.ipynb", cell("check(double)", REPORTS["passed"]))
    assert state(tmp_path) == "passed"


def test_progress_notices_a_saved_change(tmp_path: Path):
    path = write(tmp_path / "a.ipynb", cell("check(double)", REPORTS["tried"]))
    assert state(tmp_path) == "tried"
    write(path, cell("check(double)", REPORTS["passed"]))
    os.utime(path, ns=(1, 1))
    assert state(tmp_path) == "passed"


def test_exercise_names_are_those_of_the_check():
    built = [entry for entry in read_syllabus(ROOT) if entry.path]
    assert built
    for entry in built:
        assert entry.path is not None
        assert list(exercise_names(entry.path)) == [one.name for one in exercises_of(entry.plan.slug)]


def test_reports_of_the_course_are_understood(tmp_path: Path):
    for exercise in exercises_of("laplacian"):
        ask = checker(exercise)
        mistake = exercise.mistakes[0].function
        for function, wanted in ((exercise.alternatives[0], "passed"), (mistake, "tried")):
            answer = type(function)(function.__code__, {**function.__globals__, "np": np, "__name__": "x"})
            answer.__name__, answer.__module__ = exercise.name, "__main__"
            answer.__defaults__, answer.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
            said = {"output_type": "execute_result", "data": {"text/plain": str(ask(answer))}}
            write(tmp_path / "a.ipynb", cell(f"check({exercise.name})", said))
            assert progress(tmp_path, {"laplacian": [exercise.name]}) == {"laplacian": {exercise.name: wanted}}
