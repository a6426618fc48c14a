"""The archive for Gradescope, unpacked and run in Gradescope's layout of folders."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import coursekit
from coursekit import commands
from coursekit.exercises.laplacian import check
from coursekit.grading.bridges import gradescope
from coursekit.grading.bridges.gradescope_zip import requirements, write_autograder
from coursekit.grading.catalogue import environment
from coursekit.grading.levels import SAFE_LEVEL
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.seeds import Secret, read_secrets, restore_secret
from tests.course.syllabus import ROOT
from tests.grading.classroom import MOST, RIGHT, SECRET, WRAPS, document
from tests.grading.submissions import IMPORTS

NOTEBOOK = ROOT / "lectures" / "lec07_laplacian.ipynb"
OLDER = Secret(bytes(reversed(range(32))))
TOLD = {
    "id": 123456,
    "created_at": "2026-07-02T14:22:32.365935-07:00",
    "assignment": {"id": 25828, "due_date": "2026-07-01T23:00:00.000000-07:00", "late_due_date": None},
    "users": [
        {"email": "eve@example.com", "id": 7, "name": "Eve"},
        {"email": "bob@example.com", "id": 8, "name": "Bob"},
    ],
    "previous_submissions": [{"submission_time": "2026-06-30T14:24:48.087023-07:00", "score": 0.0}],
}
# The format that Gradescope documents: each key's type, and the words that some of them can be.
SEEN = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
TOP: dict[str, Any] = {
    "score": float,
    "execution_time": float,
    "output": str,
    "output_format": FORMATS,
    "visibility": SEEN,
    "stdout_visibility": SEEN,
    "extra_data": dict,
    "tests": list,
}
TEST: dict[str, Any] = {
    "score": float,
    "max_score": (int, float),
    "status": {"passed", "failed"},
    "name": str,
    "number": str,
    "output": str,
    "output_format": FORMATS,
    "tags": list,
    "visibility": SEEN,
    "extra_data": dict,
}


def faults(values: dict[str, Any], form: dict[str, Any]) -> list[str]:
    """Return the keys that the format does not have or that have other values."""
    return [
        key
        for key, value in values.items()
        if key not in form
        or not (value in form[key] if isinstance(form[key], set) else isinstance(value, form[key]))
        or isinstance(value, bool)
    ]


@pytest.fixture(scope="module")
def archive(best: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, made by the command."""
    folder = tmp_path_factory.mktemp("gradescope")
    for secret in (OLDER, SECRET):
        restore_secret(folder / "secret", secret.value.hex())
    command = ["release", "laplacian", "--gradescope", str(folder / "a.zip"), "--secret", str(folder / "secret")]
    assert commands.main([*command, *(["--accept-unsafe"] if best.level < SAFE_LEVEL else [])]) == 0
    return folder / "a.zip"


def laid(archive: Path, root: Path, submitted: str | None, name: str = "lec07_laplacian.ipynb") -> Path:
    """Lay out the folders as Gradescope does for one submission, with this environment in the place of its own."""
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            path = Path(file.extract(info, root / "source"))
            path.chmod(stat.S_IMODE(info.external_attr >> 16))
    shutil.copy(root / "source" / "run_autograder", root)
    for folder in ("results", "submission", "venv/bin"):
        (root / folder).mkdir(parents=True)
    python = root / "venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (root / "submission_metadata.json").write_text(json.dumps(TOLD))
    if submitted is not None:
        (root / "submission" / name).write_text(submitted)
    return root


@pytest.fixture
def container(archive: Path, tmp_path: Path) -> Callable[..., tuple[dict[str, Any], str]]:
    """Run the autograder on one submission; its results and what it printed."""

    def run(submitted: str | None, name: str = "lec07_laplacian.ipynb", **more: str) -> tuple[dict[str, Any], str]:
        root = laid(archive, tmp_path / "autograder", submitted, name)
        for module, text in more.items():
            (root / "submission" / f"{module}.py").write_text(text)
        package = root / "source" / "course" / "coursekit" / "__init__.py"  # that of the archive is to be run
        package.write_text(package.read_text().replace(f'"{coursekit.__version__}"', '"of the archive"'))
        done = subprocess.run(
            [root / "run_autograder"], cwd=root / "submission", capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        found = json.loads((root / "results" / "results.json").read_text())
        assert faults(found, TOP) == []
        assert set(TOP) == set(found)
        for test in found["tests"]:
            assert faults(test, TEST) == []
            assert set(TEST) - set(test) <= {"tags", "extra_data"}
        return found, done.stdout

    return run


def test_right_submission_has_full_points(container, best: Sandbox):
    found, said = container(document(IMPORTS, *RIGHT.values()), "my homework (1).ipynb")
    assert found["score"] == sum(MOST.values())
    assert {test["name"]: (test["score"], test["max_score"], test["status"]) for test in found["tests"]} == {
        name: (points, points, "passed") for name, points in MOST.items()
    }
    assert found["output"] == f"Graded at isolation level {best.level}; submission 2."
    assert f"level {best.level}: " in said
    extra = found["extra_data"]
    assert (extra["level"], extra["seed"], extra["topic"]) == (best.level, SECRET.identity, "laplacian")
    known = environment()
    assert extra["environment"] == {**known, "library": "of the archive", "digest": extra["environment"]["digest"]}
    assert extra["environment"]["digest"] != known["digest"]


def test_grader_imports_nothing_from_the_submission(container):
    hostile = "raise SystemExit('imported')"
    found, said = container(document(IMPORTS, *RIGHT.values()), numpy=hostile, json=hostile, coursekit=hostile)
    assert found["score"] == sum(MOST.values())
    assert "imported" not in said


def test_wrong_submission_loses_its_exercise_and_is_told_why(container):
    found, _ = container(document(IMPORTS, *(WRAPS if name == "laplacian5" else RIGHT[name] for name in RIGHT)))
    assert found["score"] == sum(MOST.values()) - MOST["laplacian5"]
    (wrong,) = [test for test in found["tests"] if test["status"] == "failed"]
    assert (wrong["name"], wrong["score"]) == ("laplacian5", 0)
    assert "np.roll wraps around" in wrong["output"]


@pytest.mark.parametrize(
    ("submitted", "told"),
    [("", "The file is empty."), ("{", "The file is not a notebook"), (None, "There is no notebook")],
)
def test_broken_submission_has_a_reason(container, submitted: str | None, told: str):
    found, _ = container(submitted)
    assert (found["score"], found["tests"]) == (0, [])
    assert told in found["output"]


def test_results_show_no_drawn_input(container):
    exercise = check.exercises["laplacian5"]
    n_edges = len(exercise.edges)
    tells = f"""
def laplacian5(u, h=1.0):
    global n
    n += 1
    if n > {n_edges}:
        print(u.tolist(), h)
        raise ValueError(str(u.tolist()))
    p = np.pad(u, 1, mode="edge")
    return (p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * u) / h**2
"""
    found, said = container(document(IMPORTS, "n = 0", tells))
    (told,) = [test["output"] for test in found["tests"] if test["name"] == "laplacian5"]
    assert "It raised ValueError." in told
    rng = SECRET.rng("bob@example.com, eve@example.com #2", "laplacian.laplacian5", 1)
    drawn = [case.inputs["u"] for case in exercise.graded_cases(rng)[n_edges:]]
    assert drawn
    numbers = {repr(float(value)) for u in drawn for value in u.ravel() if len(repr(float(value))) > 6}
    assert numbers
    assert not [one for one in numbers if one in json.dumps(found) + said]


# ------------------------------------------------------------------------------------------------ in this process


@pytest.fixture
def hardly(monkeypatch: pytest.MonkeyPatch, bare: Sandbox) -> Sandbox:
    """A machine that gives level 1 only."""
    monkeypatch.setattr(gradescope, "Sandbox", lambda: bare)
    monkeypatch.setattr(Sandbox, "__exit__", lambda *_: None)  # it is the session's
    return bare


@pytest.mark.parametrize("accepted", [False, True])
def test_below_level_two_it_refuses_unless_told(accepted: bool, hardly: Sandbox, tmp_path: Path, capsys):
    out = tmp_path / "a.zip"
    write_autograder(NOTEBOOK, out, SECRET, root=ROOT, accept_unsafe=accepted)
    root = laid(out, tmp_path / "autograder", document(IMPORTS, *RIGHT.values()))
    results = root / "results" / "results.json"
    results.write_text('{"score": 40}')  # of an earlier run
    assert gradescope.grade_submission(root) == (0 if accepted else 3)
    if accepted:
        assert json.loads(results.read_text())["extra_data"]["level"] == 1
    else:
        assert not results.exists()
        assert "Not enough for a grade of record" in capsys.readouterr().out


def test_lateness_counts_only_with_rules(best: Sandbox, tmp_path: Path):
    policy = tmp_path / "rules.toml"
    policy.write_text("late_per_day = 0.25\n")
    scores = []
    for name, given in (("with", policy), ("without", None)):
        out = tmp_path / f"{name}.zip"
        write_autograder(NOTEBOOK, out, SECRET, root=ROOT, policy=given)
        root = laid(out, tmp_path / name, document(IMPORTS, *RIGHT.values()))
        found = gradescope.graded(root, json.loads((root / "source" / gradescope.SETTINGS).read_text()), best)
        scores.append(found["score"])
        assert ("1 days late" in found["output"]) is bool(given)
    assert scores == [0.75 * sum(MOST.values()), sum(MOST.values())]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (TOLD, ("bob@example.com, eve@example.com", 2)),
        ({"users": [{"id": 7}], "previous_submissions": [{}] * 4}, ("7", 5)),
        ({}, ("None", 1)),
    ],
)
def test_metadata_says_who_and_which_submission(told: dict[str, Any], expected: tuple[str, int], tmp_path: Path):
    path = tmp_path / "submission_metadata.json"
    path.write_text(json.dumps(told))
    found = gradescope.metadata(path)
    assert (found["who"], found["number"]) == expected
    assert (found["created"] is None) == ("created_at" not in told)


def test_metadata_may_be_missing(tmp_path: Path):
    assert gradescope.metadata(tmp_path / "absent")["number"] == 1


# ---------------------------------------------------------------------------------------------------- the archive


def test_archive_holds_the_newest_secret_only_and_is_for_its_owner_only(archive: Path, tmp_path: Path):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with zipfile.ZipFile(archive) as file:
        assert stat.S_IMODE(file.getinfo("secret").external_attr >> 16) == 0o600
        everything = b"".join(file.read(name) for name in file.namelist())
        (tmp_path / "secret").write_bytes(file.read("secret"))
    (tmp_path / "secret").chmod(0o600)
    assert read_secrets(tmp_path / "secret") == [SECRET]
    assert OLDER.value.hex().encode() not in everything


def test_archive_is_the_same_again(tmp_path: Path):
    for name in ("a.zip", "b.zip"):
        write_autograder(NOTEBOOK, tmp_path / name, SECRET, root=ROOT)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_requirements_are_those_of_the_course():
    plain, torch = (requirements(ROOT / "pyproject.toml", torch=torch).splitlines() for torch in (False, True))
    assert [line for line in torch if line not in plain] == [line for line in torch if line.startswith("torch>")]
    assert {"numpy", "scipy", "pyseccomp", "scikit-image"} <= {line.partition(">")[0] for line in plain}
    assert not [line for line in plain if "jupyterlab" in line or "://" in line]


@pytest.mark.parametrize("there", ["python3.12", ""])
def test_setup_installs_by_name_and_says_if_there_is_no_python(there: str, archive: Path, tmp_path: Path):
    root = laid(archive, tmp_path / "autograder", None)
    shutil.rmtree(root / "venv")
    programs = tmp_path / "bin"
    programs.mkdir()
    log = tmp_path / "log"
    venv = 'mkdir -p "$3/bin"; cp "$0" "$3/bin/python"'
    (programs / "apt-get").write_text(
        f'#!/bin/sh\necho "apt-get $*" >> {log}\ncase "$*" in *python*) [ -n "{there}" ] && case "$*" in '
        f"*{there or '-'}*) exit 0;; esac; exit 100;; esac\n"
    )
    (programs / "python3.12").write_text(f'#!/bin/sh\necho "python $*" >> {log}\n[ "$2" != venv ] || {{ {venv}; }}\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    path = os.pathsep.join([str(programs), os.defpath])
    done = subprocess.run(
        ["bash", root / "source" / "setup.sh"], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    lines = log.read_text().splitlines()
    install = "apt-get install -y --no-install-recommends"
    assert lines[:3] == ["apt-get update", f"{install} bubblewrap libseccomp2", f"{install} python3.13 python3.13-venv"]
    if there:
        assert done.returncode == 0, done.stderr
        assert lines[3:] == [
            f"{install} python3.12 python3.12-venv",
            "python -m venv ../venv",
            "python -m pip install --no-cache-dir --requirement requirements.txt",
        ]
    else:
        assert done.returncode == 1
        assert "choose Ubuntu 22.04 or newer" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["laplacian", "lec03", "--gradescope", "a.zip"], "an autograder is for one notebook, got 2"),
        (["laplacian", "--gradescope", "a.tar"], "--gradescope writes a .zip"),
        (["laplacian", "--gradescope", "a.zip", "--policy", "absent.toml"], "there is no file absent.toml"),
        (["laplacian", "--gradescope", "a.zip", "--solved"], "--solved goes with --out"),
        (["laplacian", "--out", "a", "--accept-unsafe"], "--accept-unsafe goes with --gradescope"),
    ],
)
def test_command_refuses_what_does_not_go_together(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert commands.main(["release", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_form_notices_what_gradescope_would_not_read():
    assert faults({"score": "3", "visibility": "all", "output": True, "more": 1}, TOP) == [
        "score",
        "visibility",
        "output",
        "more",
    ]
