"""Put the references in the place of the stubs, to hold that the exercises of a notebook can be solved."""

import ast
import copy
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from nbformat import NotebookNode

from coursekit.checking import Exercise

__all__ = ["solution_source", "solved", "stub_name"]


def solved(notebook: NotebookNode, exercises: Iterable[Exercise]) -> NotebookNode:
    """Return a copy in which each stub cell holds the reference's source and the imports it needs.

    Parameters
    ----------
    notebook : NotebookNode      its stub cells are tagged "exercise"
    exercises : iterable         those of the notebook

    Returns
    -------
    NotebookNode                 tags and other metadata as before

    Raises
    ------
    ValueError                   an exercise without a stub cell, or a stub cell without an exercise
    """
    references = {exercise.name: exercise.reference for exercise in exercises}
    result = copy.deepcopy(notebook)
    written: list[str] = []
    for cell in result.cells:
        if cell.cell_type == "code" and "exercise" in cell.metadata.get("tags", []):
            name = stub_name(cell.source)
            if name not in references:
                raise ValueError(f"a cell tagged exercise defines {name!r}, which is no exercise")
            # What an earlier cell asked for is the student's own, and must stay so.
            cell.source = solution_source(references[name], leave_out=written)
            written.append(name)
    if missing := sorted(set(references) - set(written)):
        raise ValueError(f"no cell tagged exercise defines {', '.join(missing)}")
    return result


def stub_name(source: str) -> str:
    """Return the name of the one function that a stub cell defines.

    Parameters
    ----------
    source : str                 of the cell

    Returns
    -------
    str                          the function's name

    Raises
    ------
    ValueError                   none or more than one, or anything beside it but imports
    """
    body = ast.parse(source).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    others = [node for node in body if not isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom)]
    if len(functions) != 1 or others:
        raise ValueError(f"a stub cell holds one function and imports, got:\n{source}")
    return functions[0].name


def solution_source(function: Callable[..., Any], *, leave_out: Iterable[str] = ()) -> str:
    """Return the function's source below the import lines for the names that it takes from its module.

    Parameters
    ----------
    function : callable          defined at the top level of a module
    leave_out : iterable of str  names that need no import

    Returns
    -------
    str                          a cell that can stand alone
    """
    source = textwrap.dedent(inspect.getsource(function))
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    module = sys.modules[function.__module__]
    lines = import_lines(module.__name__, ast.parse(inspect.getsource(module)))
    needed = sorted({lines[name] for name in used - {function.__name__, *leave_out} if name in lines})
    return "\n".join([*needed, *([""] * 2 if needed else []), source.rstrip()])


def import_lines(module: str, tree: ast.Module) -> dict[str, str]:
    """Map each name that a module binds at its top level to the line that imports it elsewhere."""
    lines: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                one = copy.copy(node)
                one.names = [alias]
                lines[(alias.asname or alias.name).partition(".")[0]] = ast.unparse(one)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            lines[node.name] = f"from {module} import {node.name}"
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
            lines.update({name: f"from {module} import {name}" for name in names})
    return lines
