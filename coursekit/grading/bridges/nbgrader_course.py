"""A course folder for nbgrader: the source of each assignment, and the configuration that brings in our sandbox."""

import ast
import json
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from coursekit.checking import Exercise
from coursekit.grading.catalogue import exercises_of
from coursekit.grading.release import handout, is_handout
from coursekit.grading.results import write_atomically

__all__ = ["CONFIGURATION", "source_notebook", "write_course"]

CONFIG = "nbgrader_config.py"
BRIDGE = "coursekit.grading.bridges.nbgrader."
UNDONE = "\n    raise NotImplementedError"
# Names and no imports: where the course is not installed, nbgrader stops instead of going on without the bridge.
CONFIGURATION = f'''\
# Written by `coursekit release --nbgrader`. With these lines nbgrader's points come from the course's sandbox.
# Without those about Autograde it would execute submissions unprotected, and give no points for them.
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "coursekit"
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError"}}
c.OverwriteCells.add_missing_cells = True
c.Autograde.exporter_class = "{BRIDGE}SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "{BRIDGE}RestoreMetadata",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "{BRIDGE}GradeInSandbox",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# c.GradeInSandbox.secret = "/path/to/secret"  # default: that of `coursekit grade`
'''


def source_notebook(path: Path) -> dict[str, Any]:
    """Return nbgrader's source version of a notebook: each stub holds the solution between nbgrader's markers.

    Parameters
    ----------
    path : Path                  an .ipynb of the course

    Returns
    -------
    dict                         the notebook's JSON, from which nbgrader generates the students' copy

    Raises
    ------
    ValueError                   as `handout`; or a stub does not end as the others
    """
    notebook = handout(path)
    exercises = {one.name: one for one in exercises_of(notebook["metadata"]["coursekit"]["slug"])}
    return {**notebook, "cells": list(with_solutions(notebook["cells"], exercises))}


def with_solutions(cells: Sequence[dict[str, Any]], exercises: dict[str, Exercise]) -> Iterator[dict[str, Any]]:
    """Yield the cells, the stubs with their solutions."""
    from coursekit.notebooks.solving import solution_source, stub_name  # needs the extra student

    written: list[str] = []
    for cell in cells:
        source = "".join(cell["source"])
        if not cell["metadata"].get("nbgrader", {}).get("solution"):
            yield cell
            continue
        name = stub_name(source)
        if not source.endswith(UNDONE):
            raise ValueError(f"the stub of {name} does not end with `raise NotImplementedError`")
        solution = body(solution_source(exercises[name].reference, leave_out=written))
        written.append(name)
        region = textwrap.indent("\n".join(["# BEGIN SOLUTION", *solution, "# END SOLUTION"]), "    ")
        yield {**cell, "source": f"{source.removesuffix(UNDONE)}\n{region}"}


def body(solution: str) -> list[str]:
    """Return the lines of a solution: its imports, then what is in its function below the docstring."""
    function = next(node for node in ast.parse(solution).body if isinstance(node, ast.FunctionDef))
    lines = solution.splitlines()
    start = function.body[0].end_lineno if ast.get_docstring(function) else function.body[0].lineno - 1
    imports = [line for line in lines[: function.lineno - 1] if line]
    return [*imports, *(line.removeprefix("    ") for line in lines[start:])]


def write_course(paths: Sequence[Path], out: Path) -> tuple[list[Path], str]:
    """Write the sources of assignments, one for each notebook and named as it is, and the configuration.

    Parameters
    ----------
    paths : sequence of Path     notebooks of the course
    out : Path                   nbgrader's course folder, new or in use

    Returns
    -------
    list of Path                 what was written
    str                          the lines to put into a configuration that is there already and lacks them; or ""

    Raises
    ------
    ValueError                   as `source_notebook`; or a file is in the way that was not made here
    """
    texts = {
        out / "source" / path.stem / path.name: json.dumps(source_notebook(path), indent=1, ensure_ascii=False) + "\n"
        for path in paths
    }
    for target in texts:
        if target.exists() and not is_handout(target):
            raise ValueError(f"{target} is in the way, and was not made by coursekit release")
    config = out / CONFIG
    lines = "" if not config.exists() or BRIDGE in config.read_text(encoding="utf-8") else CONFIGURATION
    if not config.exists():
        texts[config] = CONFIGURATION
    for target, text in texts.items():
        write_atomically(target, text)
    return list(texts), lines
