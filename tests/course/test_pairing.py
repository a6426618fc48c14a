"""The pair check: equal pairs pass, and every kind of difference is named."""

from pathlib import Path

import nbformat
import pytest

from coursekit.notebooks import drift, read_source, read_stored
from tests.course.demo import write_demo


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """Return the .py of a pair that agrees (not executed: the pair check looks at the text alone)."""
    path = write_demo(tmp_path)
    nbformat.write(read_source(path), path.with_suffix(".ipynb"))
    return path


def change(path: Path, edit) -> None:
    """Apply `edit` to the stored notebook."""
    stored = read_stored(path.with_suffix(".ipynb"))
    edit(stored)
    nbformat.write(stored, path.with_suffix(".ipynb"))


def test_read_source_is_deterministic_and_keeps_what_means_something(pair: Path):
    one = read_source(pair)
    assert nbformat.writes(one) == nbformat.writes(read_source(pair))
    assert one.metadata["coursekit"] == {"slug": "demo", "title": "A demonstration"}
    assert [cell.id for cell in one.cells] == [f"lec01_demo-0{i}" for i in range(4)]
    # Jupytext notes the two blank lines before the last cell; that is layout.
    assert [dict(cell.metadata) for cell in one.cells] == [
        {"slideshow": {"slide_type": "slide"}},
        {"slideshow": {"slide_type": "skip"}},
        {},
        {"tags": ["interactive", "nbval-ignore-output"]},
    ]
    nbformat.validate(one)


def test_drift_is_empty_for_a_pair_that_agrees(pair: Path):
    assert drift(pair) == []


def test_drift_ignores_outputs(pair: Path):
    change(
        pair, lambda nb: nb.cells[2].update(execution_count=1, outputs=[nbformat.v4.new_output("stream", text="42")])
    )
    assert drift(pair) == []


def test_drift_names_a_changed_line(pair: Path):
    pair.write_text(pair.read_text(encoding="utf-8").replace("6 * 7", "6 * 9"), encoding="utf-8")
    assert drift(pair) == ["cell 3, line 1: 'answer = 6 * 9' in the .py, 'answer = 6 * 7' in the .ipynb"]


def test_drift_names_a_line_too_many(pair: Path):
    change(pair, lambda nb: nb.cells[2].update(source=nb.cells[2].source + "\n"))
    assert drift(pair) == ["cell 3, line 4: None in the .py, '' in the .ipynb"]


def test_drift_names_a_changed_cell_type(pair: Path):
    change(pair, lambda nb: nb.cells.__setitem__(0, nbformat.v4.new_code_cell("1")))
    assert drift(pair) == ["cell 1: markdown in the .py, code in the .ipynb"]


def test_drift_names_changed_metadata(pair: Path):
    change(pair, lambda nb: nb.cells[1].metadata.update(tags=["x"]))
    change(pair, lambda nb: nb.metadata["coursekit"].update(title="Another"))
    one, other = drift(pair)
    assert one.startswith("notebook: metadata 'coursekit' is {'slug': 'demo', 'title': 'A demonstration'}")
    assert other == "cell 2: metadata 'tags' is None in the .py, ['x'] in the .ipynb"


def test_drift_names_what_a_front_end_left_behind(pair: Path):
    change(pair, lambda nb: nb.cells[3].metadata.update(collapsed=True))
    assert drift(pair) == ["cell 4: metadata 'collapsed' is None in the .py, True in the .ipynb"]


def test_drift_names_a_missing_cell(pair: Path):
    change(pair, lambda nb: nb.cells.pop(1))
    found = drift(pair)
    assert found[-1] == "4 cells in lec01_demo.py, 3 in lec01_demo.ipynb"
    assert found[0].startswith("cell 2")
    assert not any(line.startswith("cell 3") for line in found)


def test_drift_names_a_missing_notebook(pair: Path):
    pair.with_suffix(".ipynb").unlink()
    assert drift(pair) == ["lec01_demo.ipynb is missing: build it from lec01_demo.py"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}']
)
def test_drift_names_a_damaged_notebook(pair: Path, text: str):
    pair.with_suffix(".ipynb").write_text(text, encoding="utf-8")
    (found,) = drift(pair)
    assert found.startswith("lec01_demo.ipynb is not a notebook")
