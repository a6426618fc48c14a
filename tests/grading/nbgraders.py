"""Run nbgrader's own commands, in a process that imports it once: that takes it seconds."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

# Each command in a fork, by the function behind the program `nbgrader`, with its output in a file.
DRIVER = """
import json, os, sys
sys.modules["rfc3987_syntax"] = None  # an option of jsonschema's; to import it takes most of the start
from nbgrader.apps.nbgraderapp import main

def run(folder, arguments):
    os.chdir(folder)
    out = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = ["nbgrader", *arguments]
    main()

for line in sys.stdin:
    folder, arguments = json.loads(line)
    child = os.fork()
    if child == 0:
        run(folder, arguments)
        sys.exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Commands:
    """nbgrader's command line."""

    def __init__(self, settings: Path) -> None:
        # nbgrader starts `alembic` by its name, as it is found where the environment is activated.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path, "XDG_CONFIG_HOME": str(settings), "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, folder: Path, *arguments: str) -> tuple[int, str]:
        """Return the exit status and what was said."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(folder), arguments]) + "\n")
        self.process.stdin.flush()
        status = int(self.process.stdout.readline())
        return status, (folder / "said.txt").read_text(encoding="utf-8")

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def graded(folder: Path) -> dict[str, dict[str, tuple[float | None, bool]]]:
    """Return from nbgrader's database each student's points, None where there are none, and what waits for a person."""
    question = """
        select student.id, base_cell.name, grade.auto_score, grade.needs_manual_grade from grade
        join base_cell on grade.cell_id = base_cell.id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        join student on student.id = submitted_assignment.student_id
    """
    found: dict[str, dict[str, tuple[float | None, bool]]] = {}
    connection = sqlite3.connect(folder / "gradebook.db")
    for student, name, points, waiting in connection.execute(question):
        found.setdefault(student, {})[name] = (points, bool(waiting))
    connection.close()
    return found


def hand_in(folder: Path, student: str, notebook: dict[str, Any] | str) -> None:
    """Lay a notebook where nbgrader collects it."""
    text = notebook if isinstance(notebook, str) else json.dumps(notebook)
    path = folder / "submitted" / student / "lec07_laplacian" / "lec07_laplacian.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
