"""Executing, building and showing notebooks, and what is said about a bad one."""

import sys
from pathlib import Path

import nbformat
import pytest

from coursekit.notebooks import build, drift, execute, execution_problems, html_page, read_stored, run
from coursekit.notebooks.executing import write_atomically
from tests.course.demo import write_demo

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def notebook(*sources: str) -> nbformat.NotebookNode:
    """Return a notebook of code cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def executed(**fields) -> nbformat.NotebookNode:
    """Return a notebook of one executed cell, with some of its fields changed."""
    cell = nbformat.v4.new_code_cell("1")
    cell.update({"execution_count": 1, **fields})
    return nbformat.v4.new_notebook(cells=[cell])


def picture(metadata: dict) -> list:
    """Return the output of a cell that shows a picture."""
    return [nbformat.v4.new_output("display_data", data={"image/png": PIXEL}, metadata=metadata)]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"execution_count": None}, "cell 1: not executed"),
        ({"execution_count": 2}, "cell 1: executed as number 2, not 1"),
        (
            {"outputs": [nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])]},
            "cell 1: ValueError: no",
        ),
        (
            {"outputs": [nbformat.v4.new_output("stream", name="stderr", text="careful\nnow")]},
            "cell 1: stderr: careful",
        ),
        ({"outputs": picture({})}, "cell 1: image/png without alt text"),
        ({"outputs": picture({"image/png": {"alt": " "}})}, "cell 1: image/png without alt text"),
    ],
)
def test_execution_problems_names_each(fields: dict, problem: str):
    assert execution_problems(executed(**fields)) == [problem]


def test_execution_problems_accepts_a_good_notebook():
    raised = [nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])]
    assert execution_problems(executed(outputs=picture({"image/png": {"alt": "a grey pixel"}}))) == []
    assert execution_problems(executed(outputs=raised, metadata={"tags": ["raises-exception"]})) == []


@pytest.mark.slow
def test_build_gives_the_same_bytes_twice_and_drops_what_is_transient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COURSEKIT_BUDGET", "laptop")
    path = write_demo(tmp_path, extra="\n# %%\nimport os\n\nprint(os.environ['COURSEKIT_BUDGET'])\n")
    seen: list[tuple[int, int]] = []
    assert build(path, on_cell=lambda done, total: seen.append((done, total))) == []
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert drift(path) == []
    first = path.with_suffix(".ipynb").read_bytes()
    stored = read_stored(path.with_suffix(".ipynb"))
    assert set(stored.metadata) == {"coursekit", "kernelspec", "language_info"}
    assert [cell.outputs for cell in stored.cells if "interactive" in cell.metadata.get("tags", [])] == [[]]
    assert stored.cells[-1].outputs[0].text == "ci\n"
    stored.cells[2].outputs[0].text = "stale"
    nbformat.write(stored, path.with_suffix(".ipynb"))
    assert build(path) == []
    assert path.with_suffix(".ipynb").read_bytes() == first
    assert [entry.name for entry in path.parent.iterdir() if entry.suffix not in {".py", ".ipynb"}] == []


@pytest.mark.slow
def test_execute_runs_this_interpreter_in_the_folder_and_leaves_its_argument(tmp_path: Path):
    given = notebook("import os, sys\nprint(sys.executable)\nprint(os.getcwd())")
    done = execute(given, cwd=tmp_path)
    assert done.cells[0].outputs[0].text.split("\n") == [sys.executable, str(tmp_path.resolve()), ""]
    assert given.cells[0].outputs == []
    assert given.cells[0].execution_count is None


@pytest.mark.slow
def test_execute_goes_on_after_an_error_and_stops_at_a_dead_kernel(tmp_path: Path):
    done = execute(notebook("1 / 0", "print(2)", "import os\nos._exit(3)", "4"), cwd=tmp_path)
    # Whether the third cell had been given its number when the kernel died is a matter of luck.
    assert [problem for problem in execution_problems(done) if problem != "cell 3: not executed"] == [
        "cell 1: ZeroDivisionError: division by zero",
        "cell 3: DeadKernelError: the kernel died",
        "cell 4: not executed",
    ]
    assert done.cells[1].outputs[0].text == "2\n"


@pytest.mark.slow
def test_execute_stops_a_cell_that_does_not_end(tmp_path: Path):
    done = execute(notebook("while True:\n    pass", "2"), cwd=tmp_path, timeout=2)
    assert "cell 1: CellTimeoutError: no answer within 2 s" in execution_problems(done)
    assert "cell 2: not executed" in execution_problems(done)


@pytest.mark.slow
def test_run_leaves_a_page_even_if_a_cell_fails(tmp_path: Path):
    path = write_demo(tmp_path, extra="\n# %%\nraise ValueError('seen on the page')\n\n# %%\nprint('and', 'after')\n")
    page = tmp_path / "pages" / "demo.html"
    assert run(path, page) == ["cell 5: ValueError: seen on the page"]
    html = page.read_text(encoding="utf-8")
    assert "<title>A demonstration</title>" in html
    assert "the answer is 42" in html
    assert "seen on the page" in html
    assert "and after" in html
    assert not path.with_suffix(".ipynb").exists()


def test_html_page_keeps_the_alt_text_and_escapes_it():
    html = html_page(executed(outputs=picture({"image/png": {"alt": "grey < white & black"}})), title="demo")
    assert 'alt="grey &lt; white &amp; black"' in html
    assert f"data:image/png;base64,{PIXEL}" in html


def test_write_atomically_keeps_the_old_file_if_writing_fails(tmp_path: Path):
    path = tmp_path / "folder" / "a.txt"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]
