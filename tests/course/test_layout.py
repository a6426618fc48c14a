"""One slug joins notebook, module, tests and exercises: held from the names alone."""

import ast
import importlib
import inspect
import pkgutil
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import coursekit
from coursekit.notebooks import read_source
from coursekit.notebooks.pairing import KEPT
from tests.course.syllabus import LABS, LECTURES, ROOT, module_of, slug_of, sources, stem, topic_modules

SOURCES = sources()
BUILT = {slug_of(path) for path in SOURCES}
MODULES = sorted(
    info.name for info in pkgutil.walk_packages(coursekit.__path__, "coursekit.") if not info.name.endswith("__main__")
)


def test_syllabus_is_complete_and_its_needs_have_no_circle():
    assert (len(LECTURES), len(LABS)) == (24, 18)
    needs = LECTURES | LABS
    assert len(needs) == 42, "a slug is unique in the course"
    order = list(TopologicalSorter(needs).static_order())
    assert sorted(order) == sorted(needs)


@pytest.mark.parametrize("folder", ["lectures", "labs"])
def test_notebook_names_follow_the_syllabus(folder: str):
    slugs = LECTURES if folder == "lectures" else LABS
    allowed = {f"{stem(slug)}{ending}" for slug in slugs for ending in (".py", ".ipynb")}
    present = {path.name for path in (ROOT / folder).glob("*") if path.suffix in {".py", ".ipynb"}}
    assert present <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_notebook_has_its_module_tests_and_exercises(path: Path):
    slug = slug_of(path)
    wanted = [
        path.with_suffix(".ipynb").relative_to(ROOT),
        Path(*module_of(slug).split(".")).with_suffix(".py"),
        Path("tests", f"test_{slug}.py"),
        Path("coursekit", "exercises", f"{slug}.py"),
    ]
    assert [str(file) for file in wanted if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_notebook_metadata_fit_the_syllabus(path: Path):
    head = read_source(path).metadata["coursekit"]
    assert head["slug"] == slug_of(path)
    assert sorted(head["needs"]) == sorted((LECTURES | LABS)[head["slug"]])


def test_module_and_exercises_have_a_notebook():
    modules = {name.rpartition(".")[2] for name in topic_modules()}
    specifications = {path.stem for path in (ROOT / "coursekit" / "exercises").glob("*.py")} - {"__init__"}
    stored = {slug_of(path) for folder in ("lectures", "labs") for path in (ROOT / folder).glob("*.ipynb")}
    assert modules == BUILT
    assert specifications == BUILT
    assert stored == BUILT


@pytest.mark.parametrize("name", MODULES)
def test_all_is_complete_and_bound(name: str):
    module = importlib.import_module(name)
    listed = module.__all__
    assert [entry for entry in listed if not hasattr(module, entry)] == []
    assert len(set(listed)) == len(listed)
    if name in topic_modules():
        assert sorted(listed) == sorted(public_names(module))


def public_names(module: object) -> set[str]:
    """Return the public functions and classes that a module defines, and the constants that it lists."""
    tree = ast.parse(inspect.getsource(module))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    constants = {name for name in module.__all__ if name.isupper()}
    return {name for name in defined if not name.startswith("_")} | constants


def test_jupytext_keeps_the_metadata_that_the_pair_check_compares():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["jupytext"]
    assert config["cell_metadata_filter"].split(",") == [*KEPT, "-all"]
