"""A student's copies: unpaired, refreshed while untouched, never overwritten once written in."""

import json
from pathlib import Path
from typing import Any

import pytest

from coursekit.notebooks.workbench import RECORD, course_notebooks, fill

STUB = "def f(x):\n    raise NotImplementedError"
ABOUT = {
    "slug": "laplacian",
    "title": "Local | mean",
    "question": "Can you tell?",
    "needs": ["standard_error", "roc"],
    "minutes": {"read": 30, "exercises": 35},
}


def cell(source: str | list[str], kind: str = "code", **more: Any) -> dict[str, Any]:
    outputs = {"outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}], "execution_count": 7}
    return {
        "cell_type": kind,
        "source": source,
        "metadata": {"tags": ["exercise"]},
        **(outputs if kind == "code" else {}),
        **more,
    }


def write(path: Path, *sources: str | list[str], **about: Any) -> Path:
    """Write a notebook with a text cell and these code cells, as the course stores it: executed and paired."""
    cells = [cell("# Title", "markdown"), *(cell(source) for source in sources)]
    metadata = {"kernelspec": {"name": "python3"}, "jupytext": {"formats": "ipynb,py:percent"}, "widgets": {"a": 1}}
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = {
        "cells": cells,
        "metadata": {**metadata, "coursekit": {**ABOUT, **about}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def sources(path: Path) -> list[str]:
    return ["".join(one["source"]) for one in json.loads(path.read_text(encoding="utf-8"))["cells"]]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "my work"


@pytest.fixture
def lecture(tmp_path: Path) -> Path:
    return write(tmp_path / "lectures" / "lec07_laplacian.ipynb", STUB)


def answer(copy: Path, text: str = "def f(x):\n    return x") -> bytes:
    """Write an answer into a copy as JupyterLab does, and return the file's bytes."""
    notebook = json.loads(copy.read_text(encoding="utf-8"))
    notebook["cells"][1]["source"] = text.splitlines(keepends=True)
    copy.write_text(json.dumps(notebook), encoding="utf-8")
    return copy.read_bytes()


def names(work: Path) -> list[str]:
    return sorted(path.name for path in work.glob("*.ipynb"))


def test_course_notebooks_lectures_first(tmp_path: Path):
    for name in ("labs/lab01_b.ipynb", "lectures/lec02_a.ipynb", "lectures/lec01_z.ipynb", "lectures/lec01_z.py"):
        write(tmp_path / name)
    assert [path.name for path in course_notebooks(tmp_path)] == ["lec01_z.ipynb", "lec02_a.ipynb", "lab01_b.ipynb"]


def test_fill_lays_an_unpaired_copy_without_outputs(lecture: Path, work: Path):
    result = fill([lecture], work)
    assert (result.laid, result.refreshed, result.beside, result.kept) == (("lec07_laplacian.ipynb",), (), (), ())
    copy = json.loads((work / "lec07_laplacian.ipynb").read_text(encoding="utf-8"))
    assert copy["metadata"] == {"kernelspec": {"name": "python3"}, "coursekit": ABOUT}
    assert copy["cells"][1]["outputs"] == []
    assert copy["cells"][1]["execution_count"] is None
    assert copy["cells"][1]["metadata"] == {"tags": ["exercise"]}
    assert "outputs" not in copy["cells"][0]
    assert sources(work / "lec07_laplacian.ipynb") == sources(lecture)


def test_fill_leaves_out_the_notes_for_the_instructor(lecture: Path, work: Path):
    notebook = json.loads(lecture.read_text(encoding="utf-8"))
    notes = cell("*Instructor, 4 min.*", "markdown", metadata={"tags": ["instructor"]})
    notebook["cells"].insert(1, notes)
    lecture.write_text(json.dumps(notebook), encoding="utf-8")
    fill([lecture], work)
    assert sources(work / lecture.name) == ["# Title", STUB]


def test_fill_leaves_the_course_alone(lecture: Path, work: Path):
    before = lecture.read_bytes()
    fill([lecture], work)
    assert lecture.read_bytes() == before


def test_fill_keeps_what_is_written(lecture: Path, work: Path):
    fill([lecture], work)
    mine = answer(work / "lec07_laplacian.ipynb")
    assert fill([lecture], work).kept == ("lec07_laplacian.ipynb",)
    assert (work / "lec07_laplacian.ipynb").read_bytes() == mine
    assert names(work) == ["lec07_laplacian.ipynb"]


def test_fill_refreshes_an_untouched_copy_even_if_it_was_run_and_saved(lecture: Path, work: Path):
    fill([lecture], work)
    copy = work / "lec07_laplacian.ipynb"
    notebook = json.loads(copy.read_text(encoding="utf-8"))
    notebook["cells"][1] |= {"execution_count": 3, "id": "abc", "source": [STUB[:5], STUB[5:]]}
    notebook["cells"].append(cell("", metadata={}))  # Lab appends one when the last cell is run
    notebook["metadata"]["kernelspec"]["display_name"] = "Python 3"
    copy.write_text(json.dumps(notebook), encoding="utf-8")
    write(lecture, STUB, "check(f)")
    assert fill([lecture], work).refreshed == ("lec07_laplacian.ipynb",)
    assert sources(copy) == ["# Title", STUB, "check(f)"]


def test_fill_lays_a_new_version_beside_and_only_once(lecture: Path, work: Path):
    fill([lecture], work)
    mine = answer(work / "lec07_laplacian.ipynb")
    write(lecture, STUB, "check(f)")
    assert fill([lecture], work).beside == ("lec07_laplacian (new version).ipynb",)
    assert fill([lecture], work).beside == ()
    assert (work / "lec07_laplacian.ipynb").read_bytes() == mine
    assert sources(work / "lec07_laplacian (new version).ipynb") == ["# Title", STUB, "check(f)"]


def test_fill_refreshes_the_new_version_while_untouched(lecture: Path, work: Path):
    fill([lecture], work)
    answer(work / "lec07_laplacian.ipynb")
    for step in ("a = 1", "a = 2"):
        write(lecture, STUB, step)
        fill([lecture], work)
    assert names(work) == ["lec07_laplacian (new version).ipynb", "lec07_laplacian.ipynb"]
    assert sources(work / "lec07_laplacian (new version).ipynb")[-1] == "a = 2"


def test_fill_never_overwrites_a_new_version_that_is_written_in(lecture: Path, work: Path):
    fill([lecture], work)
    mine = answer(work / "lec07_laplacian.ipynb")
    write(lecture, STUB, "a = 1")
    fill([lecture], work)
    second = answer(work / "lec07_laplacian (new version).ipynb", "def f(x):\n    return 2 * x")
    write(lecture, STUB, "a = 2")
    assert fill([lecture], work).beside == ("lec07_laplacian (new version 2).ipynb",)
    assert (work / "lec07_laplacian.ipynb").read_bytes() == mine
    assert (work / "lec07_laplacian (new version).ipynb").read_bytes() == second


def test_fill_respects_a_new_version_that_was_thrown_away(lecture: Path, work: Path):
    fill([lecture], work)
    answer(work / "lec07_laplacian.ipynb")
    write(lecture, STUB, "a = 1")
    fill([lecture], work)
    (work / "lec07_laplacian (new version).ipynb").unlink()
    assert fill([lecture], work).kept == ("lec07_laplacian.ipynb",)
    assert names(work) == ["lec07_laplacian.ipynb"]


def test_fill_gives_a_fresh_copy_for_one_that_was_renamed(lecture: Path, work: Path):
    fill([lecture], work)
    mine = answer(work / "lec07_laplacian.ipynb")
    (work / "lec07_laplacian.ipynb").rename(work / "first try.ipynb")
    assert fill([lecture], work).laid == ("lec07_laplacian.ipynb",)
    assert (work / "first try.ipynb").read_bytes() == mine


@pytest.mark.parametrize("record", [None, "", '{"lec07_lap', "[]", '{"lec07_laplacian": 3}', "\x00"])
def test_fill_loses_nothing_without_its_record(record: str | None, lecture: Path, work: Path):
    fill([lecture], work)
    mine = answer(work / "lec07_laplacian.ipynb")
    (work / RECORD).unlink()
    if record is not None:
        (work / RECORD).write_text(record)
    write(lecture, STUB, "a = 1")
    assert fill([lecture], work).beside == ("lec07_laplacian (new version).ipynb",)
    assert fill([lecture], work).kept == ("lec07_laplacian (new version).ipynb",)
    assert (work / "lec07_laplacian.ipynb").read_bytes() == mine


@pytest.mark.parametrize("damage", [b"", b'{"cells": [', b"\xff\xfe", b"[]", b'{"cells": [{}]}'])
def test_fill_keeps_a_damaged_copy(damage: bytes, lecture: Path, work: Path):
    fill([lecture], work)
    (work / "lec07_laplacian.ipynb").write_bytes(damage)
    fill([lecture], work)
    write(lecture, STUB, "a = 1")
    fill([lecture], work)
    assert (work / "lec07_laplacian.ipynb").read_bytes() == damage
    assert sources(work / "lec07_laplacian (new version).ipynb") == sources(lecture)


def test_fill_leaves_no_half_written_file(lecture: Path, work: Path):
    fill([lecture], work)
    assert sorted(path.name for path in work.iterdir()) == [RECORD, "lec07_laplacian.ipynb"]
