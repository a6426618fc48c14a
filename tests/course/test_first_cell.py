"""The first code cell of every notebook, where the package is not installed: one line that helps, no traceback."""

import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from coursekit.notebooks import read_source
from tests.course.syllabus import sources


@pytest.fixture
def shell():
    one = InteractiveShell()
    one.colors = "nocolor"
    yield one
    one.history_manager.end_session()


@pytest.mark.parametrize("missing", ["coursekit", "numpy", "coursekit.figures"])
@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_first_cell_without_the_package_prints_one_line(path: Path, missing: str, shell, monkeypatch, capsys):
    first = next(cell.source for cell in read_source(path).cells if cell.cell_type == "code")
    for name in [name for name in sys.modules if name.partition(".")[0] == "coursekit"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)  # as if it were not there
    result = shell.run_cell(first)
    printed = capsys.readouterr()
    assert isinstance(result.error_in_exec, ModuleNotFoundError)
    assert printed.err == ""
    (line,) = printed.out.strip().splitlines()
    assert missing in line
    assert "python3 course.py start" in line
