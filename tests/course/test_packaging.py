"""The files around the course say the same as pyproject.toml, as each other, and as the programs they name."""

import ast
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import skimage.data
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import coursekit
from coursekit import data
from coursekit.commands import start

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = sorted(ROOT.glob("*.md"))
NOTEBOOKS = sorted(path for part in ("lectures", "labs") for path in (ROOT / part).glob("*.ipynb"))


def declared(*extras: str) -> dict[str, SpecifierSet]:
    """Return the bounds of the library's requirements and of these extras, by name."""
    found = {one.name: one.specifier for one in map(Requirement, PROJECT["dependencies"])}
    for one in [Requirement(line) for extra in extras for line in PROJECT["optional-dependencies"][extra]]:
        if one.marker is not None and not one.marker.evaluate():
            continue  # for another system
        found |= declared(*one.extras) if one.name == "coursekit" else {one.name: one.specifier}
    return found


@pytest.fixture(scope="module")
def course() -> ModuleType:
    specification = importlib.util.spec_from_file_location("course", ROOT / "course.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------- requirements


@pytest.mark.parametrize(("name", "bounds"), sorted(declared("dev").items()))
def test_requirement_is_loose_below_and_tested_above(name: str, bounds: SpecifierSet):
    assert sorted(one.operator for one in bounds) == ["<", ">="]
    assert bounds.contains(metadata.version(name), prereleases=True)


def test_dev_holds_student():
    assert declared("student").items() < declared("dev").items()


def test_conda_environment_equals_pyproject():
    environment = yaml.safe_load(read("environment.yml"))
    assert (environment["name"], environment["channels"]) == ("coursekit", ["conda-forge"])
    *lines, last = environment["dependencies"]
    by_pip = [line for line in last["pip"] if line != "-e ."]
    assert len(by_pip) < len(last["pip"]), "the course itself is missing"
    asked = [one for one in map(Requirement, [*lines, *by_pip]) if one.marker is None or one.marker.evaluate()]
    found = {one.name: one.specifier for one in asked}
    assert found.pop("pip") == SpecifierSet()
    assert found.pop("python") == SpecifierSet(PROJECT["requires-python"])
    wanted = declared("dev")
    wanted["pytorch"] = wanted.pop("torch")
    assert found == wanted


def imported(paths: Iterable[Path]) -> set[str]:
    """Return the top-level names of the foreign modules that these files import."""
    names: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"benchmarks", "course", "coursekit", "tests"}


def available(*extras: str) -> set[str]:
    """Return the module names that these extras bring, directly or through what they require."""
    waiting, seen = list(declared(*extras)), set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            lines = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # for another system or Python
            continue
        needs = map(Requirement, lines)
        waiting += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    owners = metadata.packages_distributions()
    return {module for module, names in owners.items() for one in names if re.sub(r"[-_.]+", "-", one).lower() in seen}


def test_student_extra_brings_every_import_of_the_course():
    library = [path for path in (ROOT / "coursekit").rglob("*.py") if not {"grading", "site"} & {*path.parts}]
    foreign = imported([*library, *(ROOT / "lectures").glob("*.py"), *(ROOT / "labs").glob("*.py")])
    assert {"numpy", "scipy"} <= foreign
    # Only authors pair notebooks with their .py.
    assert foreign - available("student") == {"jupytext"}


def test_dev_extra_brings_every_import_of_library_and_tests():
    foreign = imported([*(ROOT / "coursekit").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])
    assert "pytest" in foreign
    assert foreign - available("dev") == set()


# ------------------------------------------------------------------------------------------- descriptions


@pytest.mark.slow
@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ("vendor.github-workflows", ".github/workflows/course.yml"),
        ("custom.github-workflows-require-timeout", ".github/workflows/course.yml"),
        ("vendor.citation-file-format", "CITATION.cff"),
    ],
)
def test_file_follows_its_schema(schema: str, name: str, tmp_path: Path):
    def check(path: Path) -> int:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode

    assert check(ROOT / name) == 0
    (tmp_path / "wrong.yml").write_text("jobs: {a: {steps: 3}}\n")
    assert check(tmp_path / "wrong.yml") == 1


def test_workflow_runs_what_a_user_runs(course: ModuleType):
    job = yaml.safe_load(read(".github/workflows/course.yml"))["jobs"]["test"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert [command.partition(" ${{")[0] for command in commands] == ["python course.py test"]
    assert "'--newest'" in commands[0]
    assert course.parser().parse_args(["test", "--newest"]).newest
    matrix = job["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert all(version in SpecifierSet(PROJECT["requires-python"]) for version in matrix["python"])


def test_ci_runs_what_a_user_runs():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    first, second, *packages, last = [line for line in read(".ci/run").splitlines() if line and line[0] != "#"]
    assert (first, second) == ("set -euo pipefail", 'cd "$(dirname "$0")/.."')
    assert last == "python3 course.py test"
    assert "    python3 course.py test " in read("README.md")
    for line in packages:
        assert "apt-get" in line, "a user does nothing else"
        installed = [word for word in line.partition(" install ")[2].split() if word[0] != "-"]
        assert [name for name in installed if f"`{name}`" not in read("README.md")] == []


def test_pre_commit_hooks_are_gates(course: ModuleType):
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(ROOT / ".pre-commit-config.yaml")]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    repositories = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    gates = []
    for hook in repositories[0]["hooks"]:
        python, file, *arguments = shlex.split(hook["entry"])
        assert (python, file) == ("python", "course.py")
        gates += course.parser().parse_args(arguments).only
    assert gates == ["lint", "spelling", "pairs"]


def test_versions_licences_and_authors_agree():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == PROJECT["version"] == coursekit.__version__
    assert citation["license"] == PROJECT["license"].split(" AND ")
    assert citation["authors"] == PROJECT["authors"] == [{"name": "the coursekit authors"}]
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", read("CHANGELOG.md"), re.MULTILINE)


@pytest.mark.slow
def test_wheel_holds_the_package_and_nothing_else(tmp_path: Path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "coursekit"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout
    assert held == {name for name in said.split("\0") if (ROOT / name).is_file()}
    assert {"coursekit/data/nile.csv", "coursekit/presenting/slides.html.j2"} < held


def test_git_ignores_what_a_student_makes():
    assert {"work/", ".venv/"} <= set(read(".gitignore").splitlines())


# -------------------------------------------------------------------------------------------------- prose


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path):
    targets = re.findall(r"\]\((?!https?:|#)<?([^)#>]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_readme_links_every_notebook_that_is_built():
    text = read("README.md")
    assert NOTEBOOKS
    assert [path.name for path in NOTEBOOKS if f"({path.parent.name}/{path.name})" not in text] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_commands_in_the_prose_are_known(name: str, course: ModuleType):
    lines = re.findall(r"(?:python3?|py) course\.py ([^`#\n]*)", read(name))
    assert lines
    for line in lines:
        words = shlex.split(line.replace("<slug>", "laplacian"))
        options, rest = course.parser().parse_known_args([word for word in words if word != "--help"])
        assert words == ["--help"] or options.command is not None, line
        assert rest == [] or options.command == "test", line


def test_extras_in_the_prose_exist():
    found = {extra for page in PAGES for extra in re.findall(r"\.\[(\w+)\]", page.read_text(encoding="utf-8"))}
    assert "student" in found
    assert found <= set(PROJECT["optional-dependencies"])


def pictures_of(path: Path) -> set[str]:
    """Return what a file takes from `skimage.data`, under whatever name it imports that."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    taking = [(node.module, alias) for node in nodes for alias in node.names]
    taken = {alias.name for module, alias in taking if module == "skimage.data"}
    modules = {alias.asname or alias.name for module, alias in taking if (module, alias.name) == ("skimage", "data")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            taken.add(node.attr)
    return taken


def test_all_data_have_their_terms():
    used = {name for part in ("lectures", "labs") for path in (ROOT / part).glob("*.py") for name in pictures_of(path)}
    assert "coins" in used
    assert all(hasattr(skimage.data, name) for name in used)
    ours, theirs = read("DATA.md").split("## In scikit-image")
    assert sorted(re.findall(r"^\| `(\w+)` \|", ours, re.MULTILINE)) == sorted(data.__all__)
    assert sorted(re.findall(r"^\| `(\w+)` \|", theirs, re.MULTILINE)) == sorted(used)


# --------------------------------------------------------------------------------------------- JupyterLab


def test_settings_are_known_to_the_installed_lab():
    overrides = json.loads((start.CONFIGURATION / "labconfig" / "default_setting_overrides.json").read_text())
    assert overrides
    for plugin, settings in overrides.items():
        package, _, name = plugin.partition(":")
        schema = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas" / package / f"{name}.json"
        assert set(settings) <= set(json.loads(schema.read_text(encoding="utf-8"))["properties"])


def test_isolated_keeps_other_configurations_behind_ours(tmp_path: Path):
    found = start.isolated(tmp_path, {"JUPYTER_CONFIG_PATH": "site"})
    assert found["JUPYTER_CONFIG_PATH"] == f"{start.CONFIGURATION}{os.pathsep}site"
    assert start.isolated(tmp_path, {})["JUPYTER_CONFIG_PATH"] == str(start.CONFIGURATION)
    folders = [found[name] for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")]
    assert all(Path(folder).is_relative_to(tmp_path / ".jupyter") for folder in folders)


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "win32", True),
        ({"CI": "true", "DISPLAY": ":0"}, "linux", False),
        ({"SSH_CONNECTION": "1.2.3.4"}, "darwin", False),
    ],
)
def test_has_display(environ: dict[str, str], platform: str, expected: bool):
    assert start.has_display(environ, platform) is expected
