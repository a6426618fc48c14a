"""What is to be graded: a student's files as they were read, and all that their grades will depend on."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from coursekit.grading.catalogue import environment, exercise_names, topic_of
from coursekit.grading.results import SCHEMA, AttemptRecord, StudentRecord
from coursekit.grading.seeds import Secret
from coursekit.grading.submissions import Handed, Notebook, Submission, UnreadableError, parse

__all__ = ["Task", "Terms", "planned", "task_of"]


@dataclass(frozen=True)
class Terms:
    """What all submissions of a batch have in common.

    `topic` makes every notebook one of this topic; `released` has the digests of the notebooks as they are now,
    by topic; `trust_file_times` takes a file's time where no time stamp lies beside it.
    """

    secret: Secret
    topic: str = ""
    released: Mapping[str, str] | None = None
    trust_file_times: bool = False


@dataclass(frozen=True)
class Task:
    """All that it takes to grade one student, plain data: it may be done by another process or machine.

    `record` is the student's as it is before grading. For each of its attempts `cells` has the code and `seeds`
    one number for each exercise: these inputs follow from the secret, which itself is not here. Both are empty
    for an attempt that cannot be graded.
    """

    record: StudentRecord
    cells: tuple[tuple[str, ...], ...] = ()
    seeds: tuple[Mapping[str, int], ...] = ()


@dataclass(frozen=True)
class Read:
    """One file as it was read."""

    handed: Handed
    time: datetime | None
    notebook: Notebook | None = None
    topic: str = ""
    problem: str = ""


def read_files(submission: Submission, terms: Terms) -> list[Read]:
    """Read a student's files, in the order of their times and names; a file handed in twice counts once."""
    found: list[Read] = []
    for handed in submission.files:
        time = handed.submitted or (handed.file_time if terms.trust_file_times else None)
        try:
            notebook = parse(handed)
        except UnreadableError as error:
            found.append(Read(handed, time, problem=str(error)))
            continue
        topic = terms.topic or topic_of(notebook.cells, notebook.about)
        problem = "" if topic else "This is not a notebook of the course: it has none of the exercises' functions."
        found.append(Read(handed, time, notebook, topic, problem))
    start = datetime.min.replace(tzinfo=UTC)
    found.sort(key=lambda one: (one.time or start, one.handed.name, one.handed.members))
    digests: set[str] = set()
    kept = []
    for one in found:
        if one.notebook is None or one.notebook.digest not in digests:
            kept.append(one)
        digests |= {one.notebook.digest} if one.notebook else set()
    return kept


def planned(submission: Submission, terms: Terms) -> StudentRecord:
    """Return a student's record as it is before grading: the files, their topics, and the key.

    Parameters
    ----------
    submission : Submission      what was handed in
    terms : Terms                secret and topic

    Returns
    -------
    StudentRecord                attempts without exercises; the key of level 0
    """
    return task_of(submission, terms, level=0).record


def task_of(submission: Submission, terms: Terms, level: int) -> Task:
    """Return what there is to be done for a student.

    Parameters
    ----------
    submission : Submission      what was handed in; its files are read here
    terms : Terms                secret and topic
    level : int                  the isolation level at which it will be graded

    Returns
    -------
    Task                         its record's key is that of all that the grades will depend on
    """
    files = read_files(submission, terms)
    record = plan(submission, files, terms, level)
    cells, seeds = [], []
    for attempt, one in zip(record.attempts, files, strict=True):
        names = sorted(exercise_names(one.topic)) if one.notebook and one.topic else []
        cells.append(one.notebook.cells if one.notebook and one.topic else ())
        seeds.append({n: terms.secret.seed(record.student, f"{one.topic}.{n}", attempt.attempt) for n in names})
    return Task(record, tuple(cells), tuple(seeds))


def plan(submission: Submission, files: Sequence[Read], terms: Terms, level: int) -> StudentRecord:
    """Return a record with numbered attempts and the key to all that its grades will depend on."""
    counts: dict[str, int] = {}
    attempts = []
    for one in files:
        counts[one.topic] = counts.get(one.topic, 0) + 1
        time = one.time.astimezone(UTC).isoformat(timespec="seconds") if one.time else ""
        digest = one.notebook.digest if one.notebook else ""
        notes = tuple(differences(one.notebook, one.topic, terms)) if one.notebook and one.topic else ()
        number = counts[one.topic]
        attempts.append(AttemptRecord(number, one.handed.name, one.topic, digest, time, one.problem, notes))
    record = StudentRecord(
        submission.student,
        tuple(attempts),
        submission.problem,
        submission.canvas_id,
        level,
        terms.secret.identity,
        environment(),
    )
    return replace(record, key=hashlib.sha256(record.to_json().encode()).hexdigest())


def differences(notebook: Notebook, topic: str, terms: Terms) -> Iterator[str]:
    """Yield what has changed in the course since the notebook was handed out; it says so only if `release` made it."""
    made = notebook.about.get("release")
    if not isinstance(made, dict):
        return
    now = {"library": environment()["library"], "grader": str(SCHEMA), "notebook": (terms.released or {}).get(topic)}
    for part, current in now.items():
        given = made.get(part)
        if current and isinstance(given, str) and given != current:
            yield f"Handed out with another version of the {part} ({given[:40]}) than it is graded with ({current})."
