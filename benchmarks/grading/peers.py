"""nbgrader and otter as their documentation says, in a Python of their own, each with the same assignment."""

import csv
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import nbformat

from benchmarks.grading.assignment import EXERCISES, RIGHT, Submission, notebook, tests
from benchmarks.grading.measuring import Cost, measured

__all__ = ["Nbgrader", "Otter", "installed"]

PATIENCE, PATIENCE_EACH, PATIENCE_SETUP = 120.0, 30.0, 600.0


def installed(python: Path, module: str) -> bool:
    """Say whether a Python has a module."""
    line = [str(python), "-c", f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


class Nbgrader:
    """`nbgrader autograde` on a course folder: one command for the class, one process."""

    module = "nbgrader"
    name = "nbgrader autograde"

    def __init__(self, python: Path, folder: Path) -> None:
        self.python, self.folder = python, folder
        source = folder / "source" / "laplacian"
        source.mkdir(parents=True)
        answers = {name: f"### BEGIN SOLUTION\n{text}\n### END SOLUTION" for name, text in RIGHT.items()}
        whole = notebook(Submission("", ("import numpy as np", *answers.values()), 0), "nbgrader")
        nbformat.write(whole, source / "laplacian.ipynb")
        (folder / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\n", encoding="utf-8"
        )
        self.command("generate_assignment", "laplacian")

    def command(self, *words: str, n: int = 10) -> Cost:
        """Run one of its commands; for so many submissions."""
        line = [str(self.python), "-m", "nbgrader", *words]
        return measured(line, self.folder, PATIENCE + (n - 1) * PATIENCE_EACH)

    def grade(self, submissions: Sequence[Submission]) -> tuple[Cost, dict[str, float | None]]:
        """Grade these; None where there is no grade afterwards."""
        released = nbformat.read(self.folder / "release" / "laplacian" / "laplacian.ipynb", as_version=4)
        shown = {cell.metadata.nbgrader.grade_id: cell for cell in released.cells if "nbgrader" in cell.metadata}
        for one in submissions:
            theirs = notebook(one, "nbgrader")
            for cell in theirs.cells:
                if about := cell.metadata.get("nbgrader"):  # with the checksum of the cell as handed out
                    given = shown[about.grade_id]
                    cell.metadata.nbgrader = given.metadata.nbgrader
                    cell.source = cell.source if about.solution else given.source
            place = self.folder / "submitted" / one.student / "laplacian"
            place.mkdir(parents=True)
            nbformat.write(theirs, place / "laplacian.ipynb")
        who = ["--student", submissions[0].student] if len(submissions) == 1 else []
        cost = self.command("autograde", "laplacian", *who, n=len(submissions))
        self.command("export", "--to", "grades.csv")
        with open(self.folder / "grades.csv", encoding="utf-8", newline="") as file:
            scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
        for one in submissions:
            if not (self.folder / "autograded" / one.student).exists():
                scores.pop(one.student, None)
        return cost, {one.student: scores.get(one.student) for one in submissions}


class Otter:
    """`otter run`: one command for each submission, without its Docker containers."""

    module = "otter"
    name = "otter run"

    def __init__(self, python: Path, folder: Path) -> None:
        self.python, self.folder = python, folder
        (folder / "tests").mkdir(parents=True)
        for exercise in EXERCISES:
            shown, hidden = tests(exercise)
            cases = [{"code": f">>> bool({line})\nTrue", "hidden": line in hidden} for line in [*shown, *hidden]]
            test = {"name": exercise.name, "points": exercise.points, "all_or_nothing": True}
            test["suites"] = [{"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}]
            text = f"OK_FORMAT = True\n\ntest = {test!r}\n"
            (folder / "tests" / f"{exercise.name}.py").write_text(text, encoding="utf-8")
        line = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-environment", "--no-requirements"]
        measured([str(python), "-m", "otter", *line], folder, PATIENCE_SETUP)
        if not (folder / "autograder.zip").exists():
            raise RuntimeError((folder / "said.txt").read_text(encoding="utf-8", errors="replace")[-2000:])

    def grade(self, submissions: Sequence[Submission]) -> tuple[Cost, dict[str, float | None]]:
        """Grade these; None where there is no result."""
        costs, scores = [], {}
        for one in submissions:
            place = self.folder / one.student
            place.mkdir()
            nbformat.write(notebook(one, "plain"), place / "laplacian.ipynb")
            line = ["run", "-a", str(self.folder / "autograder.zip"), "-o", str(place), "laplacian.ipynb"]
            costs.append(measured([str(self.python), "-m", "otter", *line], place, PATIENCE))
            try:
                found = json.loads((place / "results.json").read_text(encoding="utf-8"))
                scores[one.student] = sum(test.get("score", 0.0) for test in found["tests"])
            except (OSError, ValueError):
                scores[one.student] = None
        cpu, wall = sum(cost.cpu for cost in costs), sum(cost.wall for cost in costs)
        return Cost(cpu, wall, max(cost.peak for cost in costs), any(cost.ended for cost in costs)), scores
