"""`coursekit run`, `build` and `pair-check`, on a small course of two notebooks."""

from pathlib import Path

import pytest

from coursekit import commands
from coursekit.commands import pages

TEXT = """# ---
# jupyter:
#   coursekit:
#     slug: laplacian
# ---

# %% [markdown]
# # A title

# %%
print(6 * 7)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course whose `laplacian` is built, and whose `kalman` is not."""
    lectures = tmp_path / "lectures"
    lectures.mkdir()
    for name in ("lec05_kalman.py", "lec07_laplacian.py"):
        (lectures / name).write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def built(root: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert pages.build(["laplacian"], root) == 0
    assert capsys.readouterr().out == "lec07_laplacian: cell 1 of 1\n"
    return root


NAMES = ["laplacian", "lec07", "lec07_laplacian", "lec07_laplacian.ipynb", "a/lec07_laplacian"]


@pytest.mark.parametrize("name", NAMES)
def test_locate_by_any_name(name: str, root: Path):
    assert pages.locate(name, root, ".py") == root / "lectures" / "lec07_laplacian.py"


def test_locate_a_file_of_ones_own(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(root)
    (root / "mine.ipynb").write_text("{}")
    assert pages.locate("mine.ipynb", root, ".ipynb") == root / "mine.ipynb"


def test_locate_unknown_lists_what_there_is(root: Path):
    said = r"no notebook 'laplacan'\. Did you mean laplacian\? .*: lec05_kalman, lec07_laplacian$"
    with pytest.raises(ValueError, match=said):
        pages.locate("laplacan", root, ".py")
    with pytest.raises(ValueError, match="These exist: none"):
        pages.locate("laplacian", root, ".ipynb")


def test_main_says_what_is_unknown(capsys: pytest.CaptureFixture[str]):
    assert commands.main(["run", "no_such_lecture"]) == 2
    assert capsys.readouterr().err.startswith("coursekit run: there is no notebook 'no_such_lecture'")


def test_course_root_is_the_clone():
    assert (commands.course_root() / "course.py").exists()


def test_course_root_of_the_library_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(commands.coursekit, "__file__", str(tmp_path / "site-packages" / "coursekit" / "__init__.py"))
    with pytest.raises(ValueError, match="has no notebooks"):
        commands.course_root()


def test_pair_check_of_nothing_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert pages.pair_check(tmp_path) == 1
    assert capsys.readouterr().out == "no notebooks found\n"


def test_pair_check_finds_halves_that_are_missing(root: Path, capsys: pytest.CaptureFixture[str]):
    (root / "lectures" / "lec05_kalman.py").rename(root / "lectures" / "lec05_kalman.ipynb")
    assert pages.pair_check(root) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "lec05_kalman: there is no lec05_kalman.py"
    assert said[1].startswith("lec07_laplacian: lec07_laplacian.ipynb is missing")


@pytest.mark.slow
def test_pair_check_finds_drift(built: Path, capsys: pytest.CaptureFixture[str]):
    (built / "lectures" / "lec05_kalman.py").unlink()
    assert pages.pair_check(built) == 0
    assert capsys.readouterr().out == "1 pair agrees\n"
    source = built / "lectures" / "lec07_laplacian.py"
    source.write_text(TEXT.replace("6 * 7", "6 * 8"), encoding="utf-8")
    assert pages.pair_check(built) == 1
    assert "print(6 * 8)" in capsys.readouterr().out


@pytest.mark.slow
def test_run_leaves_a_page_and_the_notebook_alone(built: Path, capsys: pytest.CaptureFixture[str]):
    notebook = built / "lectures" / "lec07_laplacian.ipynb"
    before = notebook.read_bytes()
    assert pages.run("laplacian", built, built / "my work") == 0
    page = built / "my work" / "lec07_laplacian.html"
    assert capsys.readouterr().out == f"lec07_laplacian: cell 1 of 1\nThe page is {page}\n"
    assert "42" in page.read_text(encoding="utf-8")
    assert notebook.read_bytes() == before


@pytest.mark.slow
def test_run_leaves_a_page_even_if_a_cell_fails(built: Path, capsys: pytest.CaptureFixture[str]):
    (built / "lectures" / "lec07_laplacian.py").write_text(TEXT.replace("6 * 7", "6 / 0"), encoding="utf-8")
    assert pages.run(str(built / "lectures" / "lec07_laplacian.py"), built, built / "work") == 1
    assert capsys.readouterr().out.splitlines()[-1] == "lec07_laplacian, cell 2: ZeroDivisionError: division by zero"
    assert "ZeroDivisionError" in (built / "work" / "lec07_laplacian.html").read_text(encoding="utf-8")
