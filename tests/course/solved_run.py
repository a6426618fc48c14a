"""One execution of a notebook with the references in its stubs, and what a test wants to know of it.

`python -m tests.course.solved_run [slug]` prints it.
"""

import copy
import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursekit.notebooks import execute, failures, read_source, solved
from tests.course.labs import without_training
from tests.course.syllabus import exercises_of, slug_of, sources

# Run after the last cell: the CPU time so far, then each control of each interactive moved to another value.
PROBE = """
import json as _json, time as _time
from coursekit.figures import Interactive as _Interactive

def _other(control):
    if hasattr(control, "options"):
        return next(option for option in control.options if option != control.value)
    if isinstance(control.value, bool):
        return not control.value
    return control.min if control.value == control.max else control.max

_seconds = _time.process_time()
_moves = {}
for _name, _view in list(globals().items()):
    if isinstance(_view, _Interactive):
        for _key, _control in _view.controls.items():
            _frame, _value = _view.image.value, _control.value
            _start = _time.process_time()
            _control.value = _other(_control)
            _moved = _view.image.value != _frame
            _control.value = _value
            _moves[f"{_name}.{_key}"] = [_moved, _view.image.value == _frame, _time.process_time() - _start]
print(_json.dumps({"seconds": _seconds, "moves": _moves}))
"""


@dataclass(frozen=True)
class SolvedRun:
    """What came of it.

    `failed` are the cells that raised; `checks` the first line of what each check cell showed; `cpu_seconds` the
    kernel's, imports included; `moves` maps "view.control" to (the picture changed, moving back restores it,
    CPU seconds for the two frames).
    """

    failed: list[str]
    checks: list[str]
    cpu_seconds: float
    moves: dict[str, tuple[bool, bool, float]]


@cache
def solved_run(path: Path) -> SolvedRun:
    """Execute a percent text with the references put in; once, for all the tests that ask.

    Of a lab only what the checks and the interactives need.
    """
    notebook = solved(read_source(path), exercises_of(slug_of(path)))
    return probed_run(without_training(notebook) if path.parent.name == "labs" else notebook, path.parent)


def probed_run(notebook: NotebookNode, cwd: Path) -> SolvedRun:
    """Execute a notebook, and after its last cell the probe."""
    probed = copy.deepcopy(notebook)
    probed.cells.append(nbformat.v4.new_code_cell(PROBE))
    done = execute(probed, cwd=cwd)
    *cells, probe = done.cells
    printed = "".join(output.get("text", "") for output in probe.outputs)
    report = json.loads(printed) if printed else {"seconds": float("inf"), "moves": {}}
    shown = [
        output.data["text/plain"].partition("\n")[0]
        for cell in cells
        if "check" in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    moves = {name: tuple(result) for name, result in report["moves"].items()}
    return SolvedRun(failures(done), shown, report["seconds"], moves)


def main(slugs: list[str]) -> None:
    """Print what came of the notebooks named, or of all."""
    for path in sources():
        if not slugs or slug_of(path) in slugs:
            print(path.stem)
            for name, value in vars(solved_run(path)).items():
                print(f"  {name:12} {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
