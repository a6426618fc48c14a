"""The gates themselves: what each must not let through, tried with the real commands on a small copy."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import course
from coursekit.notebooks import build
from tests.course.demo import write_demo
from tests.course.syllabus import ROOT

pytestmark = pytest.mark.slow

# What `course.py test` runs on the notebooks, without the word pytest, and without the labs: the copy has none.
NBVAL = [argument for argument in dict(course.gates(quick=False))["notebooks"][1:] if argument != "labs"]
PASSED, FAILED, NOTHING_COLLECTED = 0, 1, 5


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder that has this repository's configuration."""
    for name in ("pyproject.toml", "conftest.py"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    (folder / "labs").mkdir(exist_ok=True)  # the test command names it if this repository has it
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the text of the demonstration's .ipynb, built once."""
    path = write_demo(tmp_path_factory.mktemp("built"))
    assert build(path) == []
    return path.with_suffix(".ipynb").read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path, built: str) -> Callable[[str, str], Path]:
    """Return a function that writes the demonstration with one text of its .ipynb replaced."""

    def write(old: str = "", new: str = "") -> Path:
        assert old in built
        path = write_demo(tmp_path)
        path.with_suffix(".ipynb").write_text(built.replace(old, new) if old else built, encoding="utf-8")
        return tmp_path

    return write


CHANGES = {
    "printed": ("the answer is 42", "the answer is 43"),
    "displayed": ('"42"\n', '"43"\n'),
    "computed": ('"answer = 6 * 7\\n"', '"answer = 7 * 7\\n"'),
    "added": ('"the answer is 42\\n"', '"the answer is 42\\n", "and more\\n"'),
    "warned": ('"answer = 6 * 7\\n"', "\"import warnings; warnings.warn('new'); answer = 6 * 7\\n\""),
}


def test_nbval_fails_on_each_changed_output_and_passes_an_honest_notebook(copy, built: str):
    folder = copy()
    for name, (old, new) in CHANGES.items():
        assert built.count(old) == 1
        (folder / "lectures" / f"{name}.ipynb").write_text(built.replace(old, new), encoding="utf-8")
    done = pytest_in(folder, *NBVAL, "-rfp")
    assert done.returncode == FAILED, done.stdout
    failed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED ")}
    assert failed == {f"lectures/{name}.ipynb::Cell" for name in CHANGES}
    assert f"{len(CHANGES)} failed, {2 * len(CHANGES) + 3} passed" in done.stdout
    details = done.stdout.partition("short test summary")[0]  # which repeats them where the variable CI is set
    assert details.count("Cell outputs differ") == len(CHANGES)


def test_nbval_fails_on_no_notebook_at_all(tmp_path: Path):
    write_demo(tmp_path)
    done = pytest_in(tmp_path, *NBVAL)
    assert done.returncode == NOTHING_COLLECTED, done.stdout


# The rules of test_notebooks.py, run on a copy of the repository's layout that has one bad notebook.
def rules(folder: Path, rule: str) -> subprocess.CompletedProcess[str]:
    """Run one rule of test_notebooks.py with the repository's root moved to `folder`."""
    (folder / "rules").mkdir()
    (folder / "rules" / "test_rules.py").write_text(
        "from pathlib import Path\nfrom tests.course import syllabus\n"
        "syllabus.ROOT = Path(__file__).parents[1]\nfrom tests.course.test_notebooks import *\n",
        encoding="utf-8",
    )
    return pytest_in(folder, "-o", f"pythonpath={ROOT}", "-q", "rules", "-k", rule, "-p", "no:cacheprovider")


def test_rules_pass_an_honest_notebook(copy):
    folder = copy()
    done = rules(folder, "test_pair_agrees or test_stored_notebook")
    assert done.returncode == PASSED, done.stdout
    assert "3 passed" in done.stdout


def test_rules_fail_on_a_drifted_pair(copy):
    done = rules(copy('"answer = 6 * 7\\n"', '"answer = 7 * 6\\n"'), "test_pair_agrees")
    assert done.returncode == FAILED, done.stdout
    assert "answer = 7 * 6" in done.stdout


def test_rules_fail_on_an_unexecuted_notebook(copy):
    done = rules(copy('"execution_count": 2', '"execution_count": null'), "executed_in_order")
    assert done.returncode == FAILED, done.stdout
    assert "cell 3: not executed" in done.stdout


def test_rules_fail_on_no_notebook_at_all(tmp_path: Path):
    done = rules(tmp_path, "test_pair_agrees")
    assert done.returncode not in (PASSED, NOTHING_COLLECTED), done.stdout
    assert "no notebook found in lectures or labs" in done.stdout
