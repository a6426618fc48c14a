"""`course.py`: what it says, when it installs, what it keeps; and one real start."""

import argparse
import ast
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "course.py"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`course.py` at home in an empty folder whose name has a space, with pip and venv replaced by notes."""
    specification = importlib.util.spec_from_file_location("course", SOURCE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    home = tmp_path / "my course"
    home.mkdir()
    (home / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(module, "ROOT", home)
    monkeypatch.setattr(module, "VENV", home / ".venv")
    monkeypatch.setattr(module, "STAMP", home / ".venv" / "course.json")
    module.calls = []  # type: ignore[attr-defined]
    module.version = ""  # type: ignore[attr-defined]
    module.outcome = True  # type: ignore[attr-defined]

    def make_venv(ours: bool) -> None:
        module.calls.append("venv")
        module.VENV.mkdir(exist_ok=True)
        module.version = "3.11.2"

    def pip_install(extra: str, newest: bool) -> bool:
        module.calls.append(f"pip {extra}{' newest' if newest else ''}")
        if isinstance(module.outcome, BaseException):
            raise module.outcome
        return bool(module.outcome)

    monkeypatch.setattr(module, "real_make_venv", module.make_venv, raising=False)
    monkeypatch.setattr(module, "make_venv", make_venv)
    monkeypatch.setattr(module, "pip_install", pip_install)
    monkeypatch.setattr(module, "installed_version", lambda: module.version)
    return module


def called(course: ModuleType, extra: str = "student", **options: bool) -> list[str]:
    """Make ready, and return what was done for it."""
    course.calls.clear()
    course.ready(extra, **options)
    return list(course.calls)


def run(arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it said."""
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60, **options)


# ------------------------------------------------------------------------------------- before anything is there


def test_source_readable_by_older_pythons():
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 7))
    imports = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    sources = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imports | sources} <= set(sys.stdlib_module_names)


def pretending(line: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of `course.py` in a Python that a line of code has changed."""
    shutil.copy(SOURCE, home)
    (home / "pyproject.toml").write_text("[project]\n")
    code = f"import sys, runpy; {line}; sys.argv = ['course.py', *{arguments!r}]; "
    return run([sys.executable, "-c", code + "runpy.run_path('course.py', run_name='__main__')"], cwd=home)


def test_old_python_gets_one_line(tmp_path: Path):
    said = pretending("sys.version_info = (3, 10, 13)", tmp_path, "start")
    assert said.returncode == 1
    assert said.stderr.startswith("course.py needs Python 3.11 or newer")
    assert said.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_python_without_venv_gets_a_hint(missing: str, tmp_path: Path):
    said = pretending(f"sys.modules[{missing!r}] = None", tmp_path, "start")
    assert said.returncode == 1
    assert "apt install python3-venv" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / ".venv").exists()


def test_doctor_names_the_remedy_before_the_first_start(tmp_path: Path):
    said = pretending("pass", tmp_path, "doctor")
    assert said.returncode == 1
    assert said.stdout == f"FAIL  {tmp_path / '.venv'} is missing: run python3 course.py start\n"


def test_help_and_wrong_commands():
    lines: list[list[str]] = [[], ["stat"], ["build", "x", "--y"]]
    no_command, unknown, stray = (run([sys.executable, str(SOURCE), *line]) for line in lines)
    assert (no_command.returncode, unknown.returncode, stray.returncode) == (2, 2, 2)
    assert all(name in no_command.stdout for name in ("start", "run", "test", "build", "doctor"))
    assert "build does not know --y" in stray.stderr


# ----------------------------------------------------------------------------------------------- installing


def test_second_run_installs_nothing(course: ModuleType):
    assert called(course) == ["venv", "pip student"]
    assert called(course) == []


def test_dev_holds_student_but_not_the_other_way_round(course: ModuleType):
    called(course)
    assert called(course, "dev") == ["pip dev"]
    assert called(course, "student") == []
    (course.ROOT / "pyproject.toml").write_text("[project] # changed\n")
    assert called(course, "student") == ["pip dev"]


def test_changed_bounds_install_again_in_place(course: ModuleType):
    called(course)
    (course.ROOT / "pyproject.toml").write_text("[project] # changed\n")
    assert called(course) == ["pip student"]
    assert called(course) == []


def test_newest_installs_though_nothing_has_changed(course: ModuleType):
    called(course, "dev")
    assert called(course, "dev", newest=True) == ["pip dev newest"]


def test_python_that_has_gone_is_replaced(course: ModuleType):
    called(course)
    course.version = ""
    assert called(course) == ["venv", "pip student"]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(1)])
def test_interrupted_installation_is_taken_up_again(course: ModuleType, end: BaseException):
    course.outcome = end
    with pytest.raises(type(end)):
        course.ready("student")
    assert course.read_stamp()["state"] == "installing"
    course.outcome = True
    assert called(course) == ["pip student"]
    assert called(course) == []


def test_failed_update_is_tried_again_and_forgets_nothing(course: ModuleType):
    called(course, "dev")
    (course.ROOT / "pyproject.toml").write_text("[project] # changed\n")
    course.outcome = False
    with pytest.raises(SystemExit):
        course.ready("student")
    assert course.read_stamp()["extra"] == "dev"
    course.outcome = True
    assert called(course, "student") == ["pip dev"]


def test_torn_stamp_counts_as_interrupted(course: ModuleType):
    called(course)
    course.STAMP.write_text('{"state": "comp')
    assert called(course) == ["pip student"]


def test_environment_made_by_hand_is_used_and_kept(course: ModuleType):
    course.VENV.mkdir()
    (course.VENV / "mine").write_text("a package of mine")
    course.version = "3.12.1"
    assert called(course) == ["pip student"]
    assert (course.VENV / "mine").read_text() == "a package of mine"


def test_broken_environment_made_by_hand_is_not_removed(course: ModuleType):
    course.VENV.mkdir()
    (course.VENV / "mine").write_text("a package of mine")
    with pytest.raises(SystemExit, match="was not made by course"):
        course.real_make_venv(ours=False)
    assert (course.VENV / "mine").exists()


@pytest.mark.slow
def test_make_venv_clears_what_was_left(course: ModuleType):
    (course.VENV / "lib").mkdir(parents=True)
    (course.VENV / "lib" / "half").write_text("half a file")
    course.STAMP.write_text('{"state": "installing"}')
    course.real_make_venv(ours=True)
    assert not (course.VENV / "lib" / "half").exists()
    assert course.venv_python().exists()
    assert course.read_stamp() == {"state": "installing"}


def test_sweep_forgets_half_copied_packages_only(course: ModuleType):
    packages = course.VENV / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.0.dist-info", "half-1.0.dist-info"):
        (packages / name).mkdir(parents=True)
        (packages / name / "METADATA").write_text("Name: x\n")
    (packages / "whole-1.0.dist-info" / "INSTALLER").write_text("pip\n")
    (packages / "~emporary").mkdir()
    course.sweep()
    assert [path.name for path in packages.iterdir()] == ["whole-1.0.dist-info"]


def test_environment_lets_nothing_in_from_elsewhere(course: ModuleType, monkeypatch: pytest.MonkeyPatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "JUPYTER_PATH"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    found = course.environment()
    assert "elsewhere" not in found.values()
    assert (found["PIP_USER"], found["JUPYTER_PREFER_ENV_PATH"]) == ("0", "1")


# -------------------------------------------------------------------------------------------------- testing


def options(quick: bool = False, only: list[str] | None = None) -> argparse.Namespace:
    return argparse.Namespace(quick=quick, only=only)


def test_gates_are_modules_that_exist(course: ModuleType):
    gates = course.gates(quick=False)
    names = [name for name, _ in gates]
    assert len(set(names)) == len(names)
    assert names[-2:] == ["tests", "notebooks"]
    assert [module for _, (module, *_) in gates if importlib.util.find_spec(module) is None] == []


def test_quick_leaves_out_slow_tests_and_unchanged_notebooks(course: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(course, "changed_notebooks", list)
    quick = dict(course.gates(quick=True))
    assert "notebooks" not in quick
    assert quick["tests"][-4:] == ["-m", "not slow", "tests", "coursekit"]
    monkeypatch.setattr(course, "changed_notebooks", lambda: ["lectures/lec99_new.ipynb"])
    assert dict(course.gates(quick=True))["notebooks"][-1] == "lectures/lec99_new.ipynb"


def test_test_goes_on_after_a_failure_and_fails(
    course: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    gates = [("first", ["no_such_module"]), ("second", ["platform"])]
    monkeypatch.setattr(course, "gates", lambda quick: gates)
    assert course.test(sys.executable, options(), []) == 1
    said = capfd.readouterr().out.splitlines()
    assert [line.split()[:2] for line in said[-3:-1]] == [["first", "FAILED"], ["second", "ok"]]
    assert said[-1] == "1 passed, 1 failed"
    assert course.test(sys.executable, options(only=["second"]), []) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "1 passed, 0 failed"


def test_nothing_to_test_is_a_failure(course: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(course, "gates", lambda quick: [])
    assert course.test(sys.executable, options(quick=True), []) == 1


def test_gates_run_with_the_budget_of_ci(
    course: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    (course.ROOT / "budget.py").write_text("import os; print('budget', os.environ['COURSEKIT_BUDGET'])")
    monkeypatch.setenv("COURSEKIT_BUDGET", "gpu")
    monkeypatch.setattr(course, "gates", lambda quick: [("budget", ["budget"])])
    assert course.test(sys.executable, options(), []) == 0
    assert "budget ci" in capfd.readouterr().out


def test_changed_notebooks_against_the_last_commit(course: ModuleType):
    def git(*arguments: str) -> None:
        name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *name, *arguments], cwd=course.ROOT, check=True, capture_output=True)

    lectures = course.ROOT / "lectures"
    lectures.mkdir()
    for name in ("lec01_kept.ipynb", "lec02_edited.ipynb", "lec03_deleted.ipynb", "lec02_edited.py"):
        (lectures / name).write_text("{}")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (lectures / "lec02_edited.ipynb").write_text("{ }")
    (lectures / "lec02_edited.py").write_text("# edited")
    (lectures / "lec03_deleted.ipynb").unlink()
    (lectures / "lec04_new.ipynb").write_text("{}")
    assert course.changed_notebooks() == ["lectures/lec02_edited.ipynb", "lectures/lec04_new.ipynb"]


def test_changed_notebooks_without_git(course: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    assert course.changed_notebooks() == []


# ------------------------------------------------------------------------------------------------- starting


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """A JupyterLab as `course.py start` opens it, in a home that misleads it: address, token, folder."""
    misleading = tmp_path / "other" / "kernels" / "python3"
    misleading.mkdir(parents=True)
    wrong = {"argv": [str(tmp_path / "no-such-python")], "display_name": "wrong", "language": "python"}
    (misleading / "kernel.json").write_text(json.dumps(wrong))
    work = tmp_path / "my work"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["start", "--this-python", "--no-browser", "--port", str(port), "--work", str(work)]
    environment = {**os.environ, "JUPYTER_PATH": str(tmp_path / "other"), "HOME": str(tmp_path / "no-home")}
    with subprocess.Popen(
        [sys.executable, str(SOURCE), *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        said = []
        for line in server.stdout or ():
            said.append(line)
            if found := re.match(r"\s+(http://\S+)/lab/tree/START.md\?token=(\w+)", line):
                yield found[1], found[2], work
                break
        server.terminate()
        assert found, "".join(said)


@pytest.mark.slow
def test_start_opens_a_lab_that_works(lab: tuple[str, str, Path]):
    address, token, work = lab

    def ask(path: str, method: str = "GET", content: object = None) -> Any:
        body = json.dumps(content).encode() if content is not None else None
        headers = {"Authorization": f"token {token}"}
        request = urllib.request.Request(f"{address}{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith(("{", "[")) else text

    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{address}/api/contents", timeout=60)
    assert "jupyter-config-data" in ask("/lab/tree/START.md")
    shown = {entry["name"] for entry in ask("/api/contents")["content"]}
    notebooks = {path.name for path in (ROOT / "lectures").glob("*.ipynb")}
    assert notebooks
    assert notebooks | {"START.md"} <= shown
    viewers = ask("/lab/api/settings/@jupyterlab/docmanager-extension:plugin")["schema"]["properties"]["defaultViewers"]
    assert viewers["default"] == {"markdown": "Markdown Preview"}
    kernels = ask("/api/kernelspecs")["kernelspecs"]
    assert [spec["spec"]["display_name"] for spec in kernels.values()] == ["Python 3 (ipykernel)"]
    # Saving a copy must not bring back its other half.
    name = sorted(notebooks)[0]
    copy = ask(f"/api/contents/{name}")
    ask(f"/api/contents/{name}", "PUT", {"type": "notebook", "format": "json", "content": copy["content"]})
    assert [path.name for path in work.glob("*.py")] == []
    kernel = ask("/api/kernels", "POST", {"name": "python3"})
    assert kernel["name"] == "python3"
    ask(f"/api/kernels/{kernel['id']}", "DELETE")
