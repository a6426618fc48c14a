"""What every notebook must hold: the pair agrees, it was executed, it can be solved, it reads well."""

import ast
from pathlib import Path

import pytest

from coursekit.notebooks import drift, execution_problems, read_source, read_stored
from tests.course.labs import loose_numbers
from tests.course.solved_run import SolvedRun, solved_run
from tests.course.syllabus import ROOT, exercises_of, slug_of, sources
from tests.course.traits import shortcomings, tags, traits

SOURCES = sources()
each_notebook = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
# A lecture runs in 30 s. Of a lab this is the part without training; the whole is held to pyproject's lab_cpu_seconds
# where nbval runs it (conftest.py). CPU seconds: the clock on the wall measures the neighbours.
CPU_SECONDS = {"lectures": 30, "labs": 60}


@each_notebook
def test_pair_agrees(path: Path):
    assert drift(path) == []


@each_notebook
def test_stored_notebook_is_executed_in_order_without_errors(path: Path):
    assert execution_problems(path.with_suffix(".ipynb")) == []


@each_notebook
def test_stored_notebook_carries_nothing_transient(path: Path):
    stored = path.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert "widget-state" not in stored
    assert "widget-view" not in stored
    assert str(ROOT) not in stored
    assert len(stored) < 5_000_000


@each_notebook
def test_notebook_reads_well(path: Path):
    assert shortcomings(traits(read_stored(path.with_suffix(".ipynb"))), path.parent.name) == []


@each_notebook
def test_numbers_that_are_not_compared_are_bounded_by_some_that_are(path: Path):
    assert loose_numbers(read_source(path)) == []


@each_notebook
def test_stubs_are_not_attempted(path: Path):
    cells = read_stored(path.with_suffix(".ipynb")).cells
    shown = [cell.outputs[0].data["text/plain"] for cell in cells if "check" in tags(cell)]
    asked = exercises_of(slug_of(path))
    assert shown == [f"{one.name}: not attempted yet ({one.points} points)" for one in asked]


@each_notebook
def test_each_stub_is_followed_by_its_check(path: Path):
    code = [cell for cell in read_source(path).cells if cell.cell_type == "code"]
    pairs = [
        (code[i], code[i + 1].source, tags(code[i + 1])) for i, cell in enumerate(code) if "exercise" in tags(cell)
    ]
    assert [source for _, source, _ in pairs] == [f"check({one.name})" for one in exercises_of(slug_of(path))]
    assert all(found == {"check"} for _, _, found in pairs)
    assert sum("check" in tags(cell) for cell in code) == len(pairs)


@each_notebook
def test_no_other_cell_touches_the_names_of_the_exercises(path: Path):
    asked = {exercise.name for exercise in exercises_of(slug_of(path))}
    touched = {
        (number, name)
        for number, cell in enumerate(read_source(path).cells, start=1)
        if cell.cell_type == "code" and not tags(cell) & {"exercise", "check"}
        for name in names(cell.source) & asked
    }
    assert touched == set()


def names(source: str) -> set[str]:
    """Return every name that a cell binds or reads; an attribute of a module is not a name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found


@each_notebook
def test_interactive_cells_are_tagged(path: Path):
    for number, cell in enumerate(read_source(path).cells, start=1):
        if cell.cell_type == "code":
            makes = "figures.Interactive(" in cell.source
            assert makes == ("interactive" in tags(cell)), f"cell {number}"
            # What a live widget shows is not compared; everything else is.
            ignored = "nbval-ignore-output" in tags(cell)
            assert ignored == makes or (ignored and path.parent.name == "labs"), f"cell {number}"


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def run(request: pytest.FixtureRequest) -> tuple[Path, SolvedRun]:
    """Return a notebook and what came of running it with the references in its stubs; it is run once."""
    return request.param, solved_run(request.param)


@pytest.mark.slow
def test_solved_notebook_passes_every_check(run: tuple[Path, SolvedRun]):
    path, came = run
    asked = exercises_of(slug_of(path))
    assert came.failed == []
    assert came.checks == [
        f"{one.name}: all {len(one.public_cases())} public cases pass ({one.points} points). Grading draws others."
        for one in asked
    ]


@pytest.mark.slow
def test_notebook_runs_in_time(run: tuple[Path, SolvedRun]):
    path, came = run
    assert came.cpu_seconds < CPU_SECONDS[path.parent.name]


@pytest.mark.slow
def test_every_slider_moves_its_picture(run: tuple[Path, SolvedRun]):
    path, came = run
    tagged = sum("interactive" in tags(cell) for cell in read_source(path).cells)
    views = {name.partition(".")[0] for name in came.moves}
    assert len(views) == tagged
    assert [name for name, (moved, restored, _) in came.moves.items() if not (moved and restored)] == []
    assert all(1 <= sum(name.startswith(f"{view}.") for name in came.moves) <= 3 for view in views)
