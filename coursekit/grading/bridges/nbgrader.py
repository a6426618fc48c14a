"""What nbgrader runs in the place of its own execution: submissions are graded in the sandbox, as everywhere else.

`coursekit release --nbgrader` writes the configuration that names these classes. nbgrader keeps its folders, its
database, its export and its feedback; the points, reasons and hints come from here. The points lie on nbgrader's
manually graded tasks, which it never fills itself: without this module nobody gets any.
"""

import atexit
from functools import cache
from pathlib import Path
from typing import IO, Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Unicode

from coursekit.grading.batch import Terms, grade_student
from coursekit.grading.catalogue import exercise_names, topics
from coursekit.grading.levels import SAFE_LEVEL
from coursekit.grading.release import CHECK_ID, SCHEMA_VERSION, TASK_ID
from coursekit.grading.results import AttemptRecord, ExerciseRecord, StudentRecord
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.seeds import current_secret, default_path
from coursekit.grading.submissions import Handed, Submission, UnreadableError, parse

__all__ = ["GradeInSandbox", "RestoreMetadata", "SubmissionExporter"]


class SubmissionExporter(NotebookExporter):
    """Reads whatever was handed in, so that a damaged file is its student's trouble and has a reason."""

    def from_file(
        self, file_stream: IO[str], resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert the notebook in a file, or what is left of it.

        Parameters
        ----------
        file_stream : file       opened by nbconvert; read anew, since it may not even be text
        resources : dict         nbconvert's
        **more : object          handed on

        Returns
        -------
        str, dict                the notebook's text, whatever nbconvert's types say, and the resources
        """
        return self.from_notebook_node(readable(Path(file_stream.name)), resources=resources, **more)


def readable(path: Path) -> NotebookNode:
    """Return a file as a valid notebook: as it is, or its code cells, or a cell that says why there are none."""
    try:
        found = parse(Handed(path, name=path.name))
    except UnreadableError as error:
        return new_notebook(cells=[new_markdown_cell(f"    {error}")])  # indented: as it is, no markup
    try:
        whole = nbformat.read(path, as_version=4)
        nbformat.validate(whole)
    except Exception:  # nbformat lets through whatever it stumbles over
        return new_notebook(cells=[new_code_cell(text) for text in found.cells])
    return whole


class RestoreMetadata(NbGraderPreprocessor):
    """Gives each cell the nbgrader metadata with which it was handed out, and takes it from doubles and strangers.

    A cell that comes twice would stop nbgrader's whole batch. The last one counts, as for Python.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore the metadata.

        Parameters
        ----------
        nb : NotebookNode        changed in place
        resources : dict         nbgrader's: student, assignment, notebook, database

        Returns
        -------
        NotebookNode, dict       both
        """
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            known = handed_out(gradebook, about["notebook"], about["assignment"])
        for cell in reversed(nb.cells):
            given = cell.metadata.pop("nbgrader", None)
            name = given.get("grade_id") if isinstance(given, dict) else None
            if isinstance(name, str) and name in known:
                cell.metadata["nbgrader"] = known.pop(name)
        return nb, resources


def handed_out(gradebook: Gradebook, notebook: str, assignment: str) -> dict[str, dict[str, Any]]:
    """Return the metadata of each of nbgrader's cells as it was handed out, by name."""
    stored = gradebook.find_notebook(notebook, assignment)
    graded = {one.name: one.max_score for one in stored.grade_cells}
    tasks = {one.name: one.max_score for one in stored.task_cells}
    solutions = {one.name for one in stored.solution_cells}
    found = {}
    for one in stored.source_cells:
        about = {"grade_id": one.name, "grade": one.name in graded, "solution": one.name in solutions}
        about |= {"task": one.name in tasks, "locked": one.locked, "schema_version": SCHEMA_VERSION}
        about |= {"cell_type": one.cell_type, "checksum": one.checksum}
        points = {**graded, **tasks}
        found[one.name] = about | ({"points": points[one.name]} if one.name in points else {})
    return found


class GradeInSandbox(NbGraderPreprocessor):
    """Grades a notebook in the sandbox and writes the points into nbgrader's database.

    No cell is executed. What the student is told becomes the output of the exercise's check.
    """

    secret = Unicode("", help="The file of the course's secret; by default that of coursekit grade.").tag(config=True)
    accept_unsafe = Bool(False, help="Grade even if submissions are hardly isolated.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Grade the file that was handed in, of which `nb` is nbgrader's copy.

        Parameters
        ----------
        nb : NotebookNode        gets the outputs
        resources : dict         nbgrader's: student, assignment, notebook, database

        Returns
        -------
        NotebookNode, dict       both

        Raises
        ------
        ValueError               a cell with points that nobody would grade
        RuntimeError             the submission could not be isolated; nobody has points then
        """
        about = resources["nbgrader"]
        names = exercises_in(nb)
        if not names:
            return nb, resources
        # The exporter knows the converter, and that the folders.
        folders = self.parent.parent.coursedir
        folder = folders.format_path(folders.submitted_directory, about["student"], about["assignment"])
        record = self.graded(about["student"], Path(folders.root, folder, f"{about['notebook']}.ipynb"), names)
        attempt = record.attempts[0]
        told = {one.name: one for one in attempt.exercises}
        with Gradebook(about["db_url"]) as gradebook:
            for grade_id, (_, exercise) in names.items():
                place = (about["notebook"], about["assignment"], about["student"])
                save(gradebook, grade_id, place, told.get(exercise))
        for grade_id, (_, exercise) in names.items():
            check = grade_id.removesuffix(TASK_ID) + CHECK_ID
            tell(nb, check, exercise, said(told.get(exercise), attempt))
        if attempt.notes:
            show(nb, "# About this notebook", "\n".join(attempt.notes))
        nb.metadata["coursekit_grade"] = {"level": record.level, "seed": record.seed, "environment": record.environment}
        return nb, resources

    def graded(self, student: str, path: Path, names: dict[str, tuple[str, str]]) -> StudentRecord:
        """Return the record, the same as that of `coursekit grade`."""
        box = sandbox()
        self.log.info(box.describe())
        if box.level < SAFE_LEVEL and not self.accept_unsafe:
            raise RuntimeError(
                f"{box.describe()}\nThis is not enough for a grade of record. Mend what is named above, or set "
                "c.GradeInSandbox.accept_unsafe = True."
            )
        (topic,) = {topic for topic, _ in names.values()}
        secret = current_secret(Path(self.secret) if self.secret else default_path())
        return grade_student(Submission(student, (Handed(path, name=path.name),)), box, Terms(secret, topic))


@cache
def sandbox() -> Sandbox:
    """Return the sandbox of this process: one for all submissions."""
    one = Sandbox()
    atexit.register(one.close)
    return one


def exercises_in(nb: NotebookNode) -> dict[str, tuple[str, str]]:
    """Return the topic and the exercise of each cell that has our points; a cell that nobody would grade is refused."""
    found = {}
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        topic, _, exercise = name.removesuffix(TASK_ID).partition("-")
        if name.endswith(TASK_ID) and topic in topics() and exercise in exercise_names(topic):
            found[name] = (topic, exercise)
        elif is_grade(cell) and not is_solution(cell):
            # Nothing is executed, and nbgrader would take a test without an error for a test that passed.
            raise ValueError(f"the cell {name!r} has points and is no exercise of the course: make it a manual task")
    if len({topic for topic, _ in found.values()}) > 1:
        raise ValueError("the points in one notebook are for exercises of several topics")
    return found


def save(gradebook: Gradebook, grade_id: str, place: tuple[str, str, str], one: ExerciseRecord | None) -> None:
    """Write the points of one exercise; what a person has written stays, as with nbgrader's own grades."""
    try:
        grade = gradebook.find_grade(grade_id, *place)
    except MissingEntry:
        raise ValueError(f"nbgrader's database has no {grade_id}: generate the assignment again") from None
    grade.auto_score = grade.max_score * one.points / one.most if one else 0.0
    grade.needs_manual_grade = grade.manual_score is not None
    gradebook.db.commit()


def said(one: ExerciseRecord | None, attempt: AttemptRecord) -> str:
    """Return what the student is told about one exercise."""
    if one is None:
        return attempt.problem
    return "\n".join(line for line in (f"{one.points} of {one.most} points. {one.reason}", one.hint) if line)


def tell(nb: NotebookNode, check: str, exercise: str, text: str) -> None:
    """Put a text under an exercise's check, or at the end if that is gone."""
    for cell in nb.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade_id") == check:
            cell.outputs = [new_output("stream", name="stdout", text=text)]
            return
    show(nb, f"check({exercise})", text)


def show(nb: NotebookNode, source: str, text: str) -> None:
    """Add a cell with an output."""
    nb.cells.append(new_code_cell(source, outputs=[new_output("stream", name="stdout", text=text)]))
