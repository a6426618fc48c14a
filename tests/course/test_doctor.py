"""`coursekit doctor`: each thing that can be wrong is a FAIL line that says what to do."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from coursekit.commands import doctor as command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Pretended versions, by package; all others are as installed."""
    pretended: dict[str, str] = {}
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: pretended.get(name) or real(name))
    return pretended


def test_finding_is_one_line_with_its_remedy():
    assert str(command.Finding("numpy 2.0")) == "OK    numpy 2.0"
    assert str(command.Finding("numpy is missing", "install it")) == "FAIL  numpy is missing: install it"


def test_requirements_are_those_of_the_student_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["student"]]
    names = [re.match(r"[\w-]+", line)[0] for line in wanted]  # type: ignore[index]
    found = command.requirements(ROOT)
    assert [name for name, _ in found] == names
    assert ("numpy", ">=2.0,<3") in found


def test_package_that_is_there():
    assert command.package("numpy", ">=1") == command.Finding(f"numpy {metadata.version('numpy')} (>=1)")


def test_package_not_installed():
    found = command.package("no-such-package", ">=1")
    assert found.said == "no-such-package >=1 is not installed"
    assert "course.py start" in found.remedy


@pytest.mark.parametrize("version", ["1.26.4", "3.0", "3.0.dev1"])
def test_package_outside_its_bounds(version: str, versions: dict[str, str]):
    versions["numpy"] = version
    found = command.package("numpy", ">=2.0,<3")
    assert found.said == f"numpy {version} (>=2.0,<3)"
    assert "pip install 'numpy >=2.0,<3'" in found.remedy


def test_package_with_a_local_version_is_inside_its_bounds(versions: dict[str, str]):
    versions["numpy"] = "2.13.0+cpu"
    assert command.package("numpy", ">=2.0,<2.14").remedy == ""


def test_package_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(command.MODULES, "numpy", "no_such_module")
    found = command.package("numpy", ">=1")
    assert "cannot be imported (ModuleNotFoundError: No module named 'no_such_module')" in found.said
    assert "--force-reinstall" in found.remedy


def test_package_that_ends_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "crashing.py").write_text("import os; os._exit(7)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setitem(command.MODULES, "numpy", "crashing")
    assert "cannot be imported (exit status 7)" in command.package("numpy", ">=1").said


def test_widgets_agree_and_disagree(versions: dict[str, str]):
    assert command.widgets().remedy == ""
    versions["jupyterlab_widgets"] = "1.1.0"
    assert "pip install --upgrade" in command.widgets().remedy


def test_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert command.disk(tmp_path / "not" / "yet").said.endswith(f"free in {tmp_path}")
    monkeypatch.setattr(command, "FREE_GB", 1e9)
    assert command.disk(tmp_path).remedy == "make room, 1e+09 GB or more"


def test_work_that_cannot_be_written(tmp_path: Path):
    assert command.writing(tmp_path / "work").remedy == ""
    (tmp_path / "file").write_text("")
    found = command.writing(tmp_path / "file" / "work")
    assert "cannot be written" in found.said
    assert "--work" in found.remedy


def test_unexpected_error_is_a_finding():
    def broken() -> command.Finding:
        raise RuntimeError("no such luck")

    found = command.looked_at(("torch device", broken))
    assert found.said == "torch device: RuntimeError: no such luck"
    assert found.remedy != ""


@pytest.mark.parametrize(("findings", "status"), [([("fine", "")], 0), ([("fine", ""), ("bad", "mend it")], 1)])
def test_exit_status(
    findings: list[tuple[str, str]],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(command, "findings", lambda root, work: [command.Finding(*finding) for finding in findings])
    assert command.doctor(ROOT, tmp_path) == status
    said = capsys.readouterr().out
    assert ("FAIL  bad: mend it" in said) == bool(status)


@pytest.mark.slow
def test_this_environment_is_healthy(tmp_path: Path):
    arguments = [sys.executable, "-P", "-m", "coursekit", "doctor", "--work", str(tmp_path / "my work")]
    said = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=200)
    lines = said.stdout.splitlines()
    assert said.returncode == 0, said.stdout
    assert lines[-1] == "Everything is there."
    assert all(line.startswith("OK    ") for line in lines[:-2])
    assert "OK    the kernel of the notebooks starts, and is this Python" in lines
    assert len(lines) - 2 == 1 + len(command.requirements(ROOT)) + 6
    assert said.stderr == ""


def test_grading_tells_the_level_and_never_fails_a_student(monkeypatch: pytest.MonkeyPatch):
    from coursekit.grading import sandbox

    assert re.fullmatch(r"OK    grading .*", str(command.grading()))
    monkeypatch.setattr(sandbox, "describe_machine", lambda: [(False, "grading at level 1"), (False, "no bubblewrap")])
    assert str(command.grading()) == "OK    grading at level 1; no bubblewrap (only course staff need it)"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert str(command.grading()) == "OK    grading a class needs Linux; the course itself does not"
