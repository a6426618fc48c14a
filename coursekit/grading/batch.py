"""Grade a whole class: in parallel, a record for each student, and what is recorded and still current is kept.

A record is written at once and whole, so after a kill at any moment the same command goes on where it stopped.
A submission that the grader fails on has no record and is named: it is never worth 0 points.
"""

import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from coursekit.grading.catalogue import exercises_of
from coursekit.grading.grading import grade_source
from coursekit.grading.planning import Task, Terms, planned, task_of
from coursekit.grading.results import AttemptRecord, StudentRecord, describe, file_name, read_record, write_atomically
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submissions import Submission

__all__ = ["BatchResult", "Elsewhere", "Terms", "grade_batch", "grade_student", "grade_task", "planned"]

RECORDS = "records"
MAX_NOTES = 5


@dataclass(frozen=True)
class BatchResult:
    """The records, sorted by student; how many of them were there already; and what the grader failed on."""

    records: tuple[StudentRecord, ...]
    n_kept: int
    broken: tuple[tuple[str, str], ...]


class Elsewhere(Protocol):
    """Other machines that do tasks, so many at a time, all at one isolation level."""

    level: int
    places: int

    def grade(self, task: Task) -> StudentRecord:
        """Return what `grade_task` returns there; several threads may ask at the same time."""


def grade_student(
    submission: Submission, where: Sandbox | Elsewhere, terms: Terms, known: StudentRecord | None = None
) -> StudentRecord:
    """Grade all that one student handed in.

    Parameters
    ----------
    submission : Submission      what was handed in
    where : Sandbox              where it runs; or other machines (`scheduler.Cluster`)
    terms : Terms                secret and topic
    known : StudentRecord        an earlier record, returned if nothing has changed since

    Returns
    -------
    StudentRecord                the same for the same files, secret, level and environment

    Raises
    ------
    SandboxError                 the sandbox failed; nothing is known about the submission
    """
    task = task_of(submission, terms, where.level)
    if known is not None and known.key == task.record.key:
        return known
    return grade_task(task, where) if isinstance(where, Sandbox) else where.grade(task)


def grade_task(task: Task, sandbox: Sandbox) -> StudentRecord:
    """Do what a task asks for, here.

    Parameters
    ----------
    task : Task                  as `task_of` makes it
    sandbox : Sandbox            of the level that the task names

    Returns
    -------
    StudentRecord                the task's, with the exercises of each attempt

    Raises
    ------
    SandboxError                 as `grade_student`
    """
    parts = zip(task.record.attempts, task.cells, task.seeds, strict=True)
    attempts = tuple(grade_attempt(attempt, cells, seeds, sandbox) for attempt, cells, seeds in parts)
    return replace(task.record, attempts=attempts)


def grade_attempt(
    attempt: AttemptRecord, cells: Sequence[str], seeds: Mapping[str, int], sandbox: Sandbox
) -> AttemptRecord:
    """Grade one notebook."""
    if not seeds:
        return attempt
    grade = grade_source(
        cells, exercises_of(attempt.topic), lambda exercise: np.random.default_rng(seeds[exercise.name]), sandbox
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
    where: Sandbox | Elsewhere,
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
    where : Sandbox              used by several threads; or other machines (`scheduler.Cluster`)
    terms : Terms                secret and topic
    jobs : int                   how many at a time; 0 takes the number of cores, here or on all machines
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
            record = grade_student(one, where, terms, known)
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
        # Elsewhere twice as many, so that no worker waits for what is read and written here.
        usual = (os.cpu_count() or 1) if isinstance(where, Sandbox) else 2 * where.places
        pool = ThreadPoolExecutor(max_workers=jobs or usual)
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
