"""Grade a whole class: in parallel, a record for each student, and what is recorded and still current is kept.

A record is written at once and whole, so after a kill at any moment the same command goes on where it stopped.
A submission that the grader fails on has no record and is named: it is never worth 0 points.
"""

import hashlib
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from coursekit.grading.catalogue import environment, exercises_of, topic_of
from coursekit.grading.grading import grade_source
from coursekit.grading.results import (
    SCHEMA,
    AttemptRecord,
    StudentRecord,
    describe,
    file_name,
    read_record,
    write_atomically,
)
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.seeds import Secret
from coursekit.grading.submissions import Handed, Notebook, Submission, UnreadableError, parse

__all__ = ["BatchResult", "Terms", "grade_batch", "grade_student", "planned"]

RECORDS = "records"
MAX_NOTES = 5


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
class BatchResult:
    """The records, sorted by student; how many of them were there already; and what the grader failed on."""

    records: tuple[StudentRecord, ...]
    n_kept: int
    broken: tuple[tuple[str, str], ...]


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
    return plan(submission, read_files(submission, terms), terms, level=0)


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


def grade_student(
    submission: Submission, sandbox: Sandbox, terms: Terms, known: StudentRecord | None = None
) -> StudentRecord:
    """Grade all that one student handed in.

    Parameters
    ----------
    submission : Submission      what was handed in
    sandbox : Sandbox            where it runs
    terms : Terms                secret and topic
    known : StudentRecord        an earlier record, returned if nothing has changed since

    Returns
    -------
    StudentRecord                the same for the same files, secret, level and environment

    Raises
    ------
    SandboxError                 the sandbox failed; nothing is known about the submission
    """
    files = read_files(submission, terms)
    record = plan(submission, files, terms, sandbox.level)
    if known is not None and known.key == record.key:
        return known
    pairs = zip(record.attempts, files, strict=True)
    attempts = tuple(grade_attempt(record.student, attempt, one, sandbox, terms) for attempt, one in pairs)
    return replace(record, attempts=attempts)


def grade_attempt(student: str, attempt: AttemptRecord, read: Read, sandbox: Sandbox, terms: Terms) -> AttemptRecord:
    """Grade one notebook."""
    if read.notebook is None or not read.topic:
        return attempt
    topic = read.topic
    grade = grade_source(
        read.notebook.cells,
        exercises_of(topic),
        lambda exercise: terms.secret.rng(student, f"{topic}.{exercise.name}", attempt.attempt),
        sandbox,
    )
    failed = [
        f"Code cell {index + 1} was left out: {' '.join(reason.split())[:200]}"
        for index, reason in grade.result.failed_cells
    ]
    more = [f"{len(failed) - MAX_NOTES} more code cells were left out."] if len(failed) > MAX_NOTES else []
    notes = (*attempt.notes, *failed[:MAX_NOTES], *more)
    return replace(attempt, notes=notes, exercises=tuple(map(describe, grade.grades)))


def grade_batch(
    submissions: Sequence[Submission],
    out: Path,
    sandbox: Sandbox,
    terms: Terms,
    *,
    jobs: int = 0,
    regrade: bool = False,
    on_done: Callable[[int, int], None] | None = None,
) -> BatchResult:
    """Grade a class.

    Parameters
    ----------
    submissions : sequence       each student once
    out : Path                   its `records/` has one file for each student
    sandbox : Sandbox            used by several threads
    terms : Terms                secret and topic
    jobs : int                   how many at a time; 0 takes the number of cores
    regrade : bool               grade also what has a current record
    on_done : callable           called with the number of students done and that of all

    Returns
    -------
    BatchResult                  whatever is in the submissions, this returns

    Raises
    ------
    ValueError                   another run works on this folder; a student comes twice
    """
    names = [file_name(one.student) for one in submissions]
    if twice := sorted({one.student for one in submissions if names.count(file_name(one.student)) > 1}):
        raise ValueError(f"submissions of the same name: {', '.join(twice)}")
    stopping = threading.Event()

    def work(one: Submission) -> tuple[StudentRecord | None, bool, str]:
        """Grade one, unless the run is being stopped."""
        if stopping.is_set():
            return None, False, "stopped"
        path = out / RECORDS / f"{file_name(one.student)}.json"
        known = None if regrade else stored(path)
        try:
            record = grade_student(one, sandbox, terms, known)
        except Exception as error:  # the grader's own fault: the others are graded all the same
            return None, False, f"{type(error).__name__}: {error}"
        if record is not known:
            write_atomically(path, record.to_json())
        return record, record is known, ""

    records: list[StudentRecord] = []
    broken: list[tuple[str, str]] = []
    n_kept = 0
    with locked(out), warnings.catch_warnings():
        # In a thread, catch_warnings restores what another thread may have set: here it is the same for all.
        warnings.simplefilter("ignore")
        pool = ThreadPoolExecutor(max_workers=jobs or os.cpu_count() or 1)
        try:
            futures = {pool.submit(work, one): one.student for one in submissions}
            for done, future in enumerate(as_completed(futures), start=1):
                record, kept, problem = future.result()
                if record is None:
                    broken.append((futures[future], problem))
                else:
                    records.append(record)
                    n_kept += kept
                if on_done:
                    on_done(done, len(submissions))
        finally:
            stopping.set()
            pool.shutdown(wait=True, cancel_futures=True)
    records.sort(key=lambda one: one.student)
    return BatchResult(tuple(records), n_kept, tuple(sorted(broken)))


def stored(path: Path) -> StudentRecord | None:
    """Return the record in a file, None if there is none or it is damaged."""
    try:
        return read_record(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep a second run out of the folder; the lock ends with the process, however that ends."""
    import fcntl  # not on Windows, where there is no sandbox either

    out.mkdir(parents=True, exist_ok=True)
    with open(out / ".lock", "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ValueError(f"{out}: another run is writing there") from None
        yield
