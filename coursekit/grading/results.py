"""What is known of a student's work after grading, as plain data: the one record from which every report is made.

Nothing in it depends on when or how fast it was graded, so grading again gives the same bytes. Nothing in it
shows an input or a value that the self-check does not show as well.
"""

import builtins
import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from coursekit.grading.grading import ExerciseGrade

__all__ = [
    "SCHEMA",
    "AttemptRecord",
    "ExerciseRecord",
    "StudentRecord",
    "describe",
    "file_name",
    "read_record",
    "write_atomically",
]

SCHEMA = 1
COMMENT = re.compile(r"#[^\n]*|('''|\"\"\").*?\1", re.DOTALL)
TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class ExerciseRecord:
    """One exercise. `status` is "passed", "failed", or why it was not run to the end; `reason` says it in words.

    `fingerprint` and `size` (in tokens) are of the code that was run, to find equal answers.
    """

    name: str
    points: int
    most: int
    status: str
    reason: str
    hint: str = ""
    passed: int = 0
    cases: int = 0
    fingerprint: str = ""
    size: int = 0


@dataclass(frozen=True)
class AttemptRecord:
    """One notebook. `topic` is "" and `problem` a sentence if it could not be graded."""

    attempt: int
    file: str
    topic: str = ""
    digest: str = ""
    submitted: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()
    exercises: tuple[ExerciseRecord, ...] = ()

    @property
    def points(self) -> int:
        """The sum over the exercises."""
        return sum(one.points for one in self.exercises)

    @property
    def most(self) -> int:
        """What could be had."""
        return sum(one.most for one in self.exercises)


@dataclass(frozen=True)
class StudentRecord:
    """All that one student handed in, and what it was graded with. `key` tells whether it is still current."""

    student: str
    attempts: tuple[AttemptRecord, ...] = ()
    problem: str = ""
    canvas_id: str = ""
    level: int = 0
    seed: str = ""
    environment: Mapping[str, str] | None = None
    key: str = ""
    schema: int = SCHEMA

    def to_json(self) -> str:
        """Return the canonical text: the same for equal records."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def read_record(text: str) -> StudentRecord:
    """Read what `StudentRecord.to_json` has written.

    Parameters
    ----------
    text : str                   JSON

    Returns
    -------
    StudentRecord                equal to the one written

    Raises
    ------
    ValueError                   anything else, another schema included
    """
    try:
        values = json.loads(text)
        if values["schema"] != SCHEMA:
            raise ValueError(f"schema {values['schema']}")
        attempts = []
        for one in values.pop("attempts"):
            exercises = tuple(ExerciseRecord(**each) for each in one.pop("exercises"))
            attempts.append(AttemptRecord(**one | {"exercises": exercises, "notes": tuple(one["notes"])}))
        return StudentRecord(**values, attempts=tuple(attempts))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a record of schema {SCHEMA}: {error}") from None


def describe(grade: ExerciseGrade) -> ExerciseRecord:
    """Put one grade into words that may be shown to the student.

    Parameters
    ----------
    grade : ExerciseGrade        points, run and verdict

    Returns
    -------
    ExerciseRecord               of the drawn cases no input, value or message is in it

    Notes
    -----
    The named edge cases are in the self-check, so all may be said about them. Of an error in a drawn case only
    its kind is named: its message is the submission's, and could carry the inputs out.
    """
    exercise, run, verdict = grade.exercise, grade.run, grade.verdict
    size = len(TOKEN.findall(COMMENT.sub("", run.source)))
    known = ExerciseRecord(exercise.name, 0, exercise.points, "", "", fingerprint=run.fingerprint, size=size)
    if run.status != "ran" or verdict is None:
        stub = "The function is still the stub." if run.status == "not attempted" else "It did not run."
        return replace(known, status=run.status, reason=run.detail or stub)
    labels = list(exercise.edges)
    n = len(verdict.problems)
    known = replace(known, points=grade.points, passed=verdict.n_passed, cases=n)
    if verdict.passed:
        return replace(known, status="passed", reason=f"All {n} cases pass.")
    n_edges = len(exercise.edges)
    edges = [(labels[i], text) for i, text in enumerate(verdict.problems[:n_edges]) if text]
    reason = f"{verdict.n_passed} of {n} cases pass."
    if edges:
        label, text = edges[0]
        reason += f" In the case '{label}' of the self-check: {text}."
    else:
        reason += f" The cases of the self-check pass; of those drawn for grading {n - verdict.n_passed} fail."
        kinds = {error_name(one.error) for one in run.outcomes[n_edges:] if one.error is not None}
        reason += f" It raised {' and '.join(sorted(kinds))}." if kinds else ""
    hint = verdict.hint or ("" if not verdict.clue else f"{verdict.clue[0].upper()}{verdict.clue[1:]}.")
    return replace(known, status="failed", reason=reason, hint=hint)


def error_name(error: BaseException) -> str:
    """Name an error that Python itself has; another's name is the submission's."""
    name = type(error).__name__
    usual = isinstance(getattr(builtins, name, None), type) or name == "LinAlgError"
    return name if usual else "an error of its own"


def file_name(student: str) -> str:
    """Return a name for a student's files that is safe in every file system, and different for every student.

    Parameters
    ----------
    student : str                anything

    Returns
    -------
    str                          letters, digits, `-` and `_`; a digest where something was replaced

    Examples
    --------
    >>> file_name("doe_jane"), file_name("../eve")
    ('doe_jane', 'eve-e851cb98')
    """
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", student).strip("-")[:60]
    # Names that differ in case only would be one file on some systems; and nobody is to choose another's.
    if plain and plain == student and plain == plain.lower() and not re.search(r"-[0-9a-f]{8}$", plain):
        return plain
    return f"{plain}-{hashlib.sha256(student.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}".strip("-")


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a kill at any moment leaves the old one or the new.

    Parameters
    ----------
    path : Path                  its folder is made if need be
    text : str                   UTF-8
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}")
    try:
        with open(beside, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
