"""What is particular to labs: training takes minutes, and its numbers differ from machine to machine."""

import ast
import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from coursekit.grading.slicing import Notebook, pruned

# In the solved run `fit` returns at once: training is the business of the run that nbval compares.
UNTRAINED = """
from coursekit.training import fitting as _fitting

def _without_a_step(training):
    training.done = training.steps

_fitting.take_step = _without_a_step
"""


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def without_training(notebook: NotebookNode) -> NotebookNode:
    """Return what the checks and the interactives of a notebook need, found as the grader finds it: by name.

    Networks stay as they were initialised, so an interactive about a trained one shows noise, but moves.
    """
    whole = Notebook()
    cells: list[NotebookNode | None] = []
    chosen: dict[int, set[str]] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            whole.add(cell.source)
            cells.append(cell)
            for name in called(cell):
                # As if something after this cell called it: what comes later is not there yet.
                whole.add(f"def wanted():\n    {name}")
                cells.append(None)
                end = len(whole.statements)
                for i, names in whole.needed("wanted", end - 1, end)[0].items():
                    chosen[i] = chosen.get(i, set()) | names
    if whole.failed:
        raise ValueError(f"cells that cannot be read: {whole.failed}")
    texts = [""] * len(cells)
    for i, names in sorted(chosen.items()):
        texts[whole.statements[i].cell] += pruned(whole.statements[i], names) + "\n"
    result = copy.deepcopy(notebook)
    result.cells = [new_code_cell(UNTRAINED)]
    for number, cell in enumerate(cells):
        if cell is not None and ("check" in tags(cell) or texts[number]):
            kept = copy.deepcopy(cell)
            kept.source = cell.source if "check" in tags(cell) else texts[number]
            result.cells.append(kept)
    return result


def called(cell: NotebookNode) -> list[str]:
    """Return what is to work after a cell: the call in a check, the name of an interactive."""
    return [cell.source] if "check" in tags(cell) else assigned(cell.source) if "interactive" in tags(cell) else []


def assigned(source: str) -> list[str]:
    """Return the names that a cell's own statements assign."""
    targets = [target for node in ast.parse(source).body if isinstance(node, ast.Assign) for target in node.targets]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def loose_numbers(notebook: NotebookNode) -> list[str]:
    """Say which cells with an output that is not compared are not followed by one that is, and asserts a bound."""
    code = [(i, cell) for i, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"]
    found = []
    for (number, cell), (_, following) in zip(code, [*code[1:], (0, new_code_cell())], strict=True):
        if "nbval-ignore-output" in tags(cell) and "interactive" not in tags(cell):
            asserts = any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(following.source)))
            if not asserts or "nbval-ignore-output" in tags(following):
                found.append(f"cell {number}: not compared, and the next code cell asserts no bound")
    return found
