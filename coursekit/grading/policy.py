"""From records to what counts: who is on the roster, deadlines, which attempt, corrections by hand, the pass mark."""

import csv
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path

from coursekit.grading.catalogue import exercises_of
from coursekit.grading.results import AttemptRecord, StudentRecord

__all__ = ["Override", "Person", "Policy", "Standing", "read_overrides", "read_policy", "read_roster", "standings"]

COLUMNS = {
    "folder": "folder",
    "name": "name",
    "student": "name",
    "id": "canvas_id",
    "canvas_id": "canvas_id",
    "sis user id": "sis_id",
    "sis_id": "sis_id",
    "sis login id": "login",
    "login": "login",
    "section": "section",
}
NOTHING = "Nothing was handed in."


@dataclass(frozen=True)
class Policy:
    """The rules. Without a deadline nothing is late; `late_per_day` is the share of the points lost a day begun.

    Later than `late_most_days` nothing counts. `extensions` has deadlines of single students. `attempts` is
    "best" (after lateness), "last" or "first"; `pass_mark` a share of the points.
    """

    deadline: datetime | None = None
    grace_minutes: float = 0.0
    late_per_day: float = 0.0
    late_most_days: int | None = None
    attempts: str = "best"
    pass_mark: float | None = None
    trust_file_times: bool = False
    extensions: Mapping[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        for name, time in {"deadline": self.deadline, **self.extensions}.items():
            if time is not None and (not isinstance(time, datetime) or time.tzinfo is None):
                raise ValueError(f"{name} must be a time with its zone, as 2026-11-20T23:59:00Z, got {time}")
        for name in ("late_per_day", "pass_mark"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and 0 <= value <= 1):
                raise ValueError(f"{name} must be a share between 0 and 1, got {value!r}")
        for name in ("grace_minutes", "late_most_days"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and value >= 0):
                raise ValueError(f"{name} must be a number >= 0, got {value!r}")
        if self.attempts not in ("best", "last", "first"):
            raise ValueError(f"attempts must be best, last or first, got {self.attempts!r}")

    def days_late(self, student: str, submitted: str) -> int:
        """Return how many days have begun since the deadline; 0 if it is not known when it was handed in."""
        due = self.extensions.get(student, self.deadline)
        if due is None or not submitted:
            return 0
        late = datetime.fromisoformat(submitted) - due - timedelta(minutes=self.grace_minutes)
        return max(0, math.ceil(late / timedelta(days=1)))

    def share(self, days: int) -> float:
        """Return the share of the points that is left after so many days."""
        if self.late_most_days is not None and days > self.late_most_days:
            return 0.0
        return max(0.0, 1.0 - self.late_per_day * days)


@dataclass(frozen=True)
class Person:
    """One line of the roster."""

    folder: str = ""
    name: str = ""
    canvas_id: str = ""
    sis_id: str = ""
    login: str = ""
    section: str = ""


@dataclass(frozen=True)
class Override:
    """Points for one exercise given by a person, with the reason, which is kept in every report."""

    student: str
    topic: str
    exercise: str
    points: float
    reason: str
    by: str


@dataclass(frozen=True)
class Standing:
    """What counts for one student and topic. `points` is before lateness, `final` after it."""

    student: str
    topic: str
    person: Person
    most: int
    attempt: AttemptRecord | None = None
    n_attempts: int = 0
    points: float = 0.0
    days_late: int = 0
    final: float = 0.0
    passed: bool | None = None
    overrides: tuple[Override, ...] = ()
    problem: str = ""
    canvas_id: str = ""

    def points_of(self, exercise: str) -> float:
        """Return the points for one exercise, by hand if they were given so."""
        for one in self.overrides:
            if one.exercise == exercise:
                return one.points
        found = self.attempt.exercises if self.attempt else ()
        return next((float(one.points) for one in found if one.name == exercise), 0.0)


def read_policy(path: Path) -> Policy:
    """Read the rules from a TOML file whose keys are the fields of `Policy`.

    Parameters
    ----------
    path : Path                  the file

    Returns
    -------
    Policy                       with defaults for what is not in it

    Raises
    ------
    ValueError                   not TOML, an unknown key, or a value without meaning
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        known = [one.name for one in fields(Policy)]
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
        return Policy(**values)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from None


def rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return a table's rows with their line numbers, its column names in lower case."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        head = [name.strip().lower() for name in next(reader, [])]
        return [
            (reader.line_num, {name: cell.strip() for name, cell in zip(head, row, strict=False)})
            for row in reader
            if any(cell.strip() for cell in row)
        ]


def read_roster(path: Path) -> list[Person]:
    """Read the roster: a table with the columns folder, name, canvas_id, sis_id, login, section, or some of them.

    Parameters
    ----------
    path : Path                  CSV; the export of a Canvas gradebook will do

    Returns
    -------
    list of Person               in the file's order

    Raises
    ------
    ValueError                   a line by which nobody could be found, or somebody twice
    """
    people = []
    for number, row in rows(path):
        person = Person(**{COLUMNS[name]: cell for name, cell in row.items() if name in COLUMNS})
        if person.name.lower() == "points possible":  # Canvas's second row
            continue
        if not keys(person):
            raise ValueError(f"{path}, line {number}: needs a folder, a canvas_id, a sis_id or a login")
        people.append(person)
    seen: dict[str, Person] = {}
    for person in people:
        for key in keys(person):
            if seen.setdefault(key, person) is not person:
                raise ValueError(f"{path}: {key!r} stands for two people")
    return people


def keys(person: Person) -> list[str]:
    """Return the texts by which a person's work may be found, the best first."""
    return [key for key in dict.fromkeys((person.folder, person.canvas_id, person.login, person.sis_id)) if key]


def read_overrides(path: Path) -> list[Override]:
    """Read corrections: a table with the columns student, topic, exercise, points, reason, by.

    Parameters
    ----------
    path : Path                  CSV

    Returns
    -------
    list of Override             in the file's order

    Raises
    ------
    ValueError                   an unknown exercise, points out of range, no reason, or the same exercise twice
    """
    found: dict[tuple[str, str, str], Override] = {}
    for number, row in rows(path):
        where = f"{path}, line {number}"
        if missing := [one.name for one in fields(Override) if not row.get(one.name)]:
            raise ValueError(f"{where}: {', '.join(missing)} missing")
        most = {one.name: one.points for one in exercises_of(row["topic"])}
        if row["exercise"] not in most:
            raise ValueError(f"{where}: {row['topic']} has no exercise {row['exercise']!r}; it has {', '.join(most)}")
        try:
            points = float(row["points"])
        except ValueError:
            raise ValueError(f"{where}: points must be a number, got {row['points']!r}") from None
        if not 0 <= points <= most[row["exercise"]]:
            raise ValueError(f"{where}: points must be between 0 and {most[row['exercise']]}, got {points:g}")
        one = Override(row["student"], row["topic"], row["exercise"], points, row["reason"], row["by"])
        key = (one.student, one.topic, one.exercise)
        if key in found:
            raise ValueError(f"{where}: {one.exercise} of {one.student} stands there twice")
        found[key] = one
    return list(found.values())


def standings(
    records: Sequence[StudentRecord],
    policy: Policy,
    *,
    roster: Sequence[Person] = (),
    overrides: Iterable[Override] = (),
    topic: str = "",
) -> tuple[Standing, ...]:
    """Return what counts, for each student and each topic that anybody handed in.

    Parameters
    ----------
    records : sequence           of the batch
    policy : Policy              the rules
    roster : sequence            who should have handed in; who has not stands there with 0 points
    overrides : iterable         corrections by hand
    topic : str                  the one topic there is, if nobody's notebook says so

    Returns
    -------
    tuple of Standing            by topic, then student

    Raises
    ------
    ValueError                   an override for somebody who is not there
    """
    people = {key: person for person in roster for key in keys(person)}
    work: dict[str, tuple[StudentRecord, Person]] = {}
    there = set()
    for record in records:
        person = people.get(record.student) or people.get(record.canvas_id) or Person()
        work[record.student] = (record, person)
        there.add(person)
    for person in roster:
        if person not in there:
            work.setdefault(keys(person)[0], (StudentRecord(keys(person)[0], problem=NOTHING), person))
    given = list(overrides)
    if unknown := sorted({one.student for one in given} - set(work)):
        raise ValueError(f"overrides for {', '.join(unknown)}, who is neither among the submissions nor on the roster")
    topics = {one.topic for record, _ in work.values() for one in record.attempts if one.topic}
    topics |= {topic} if topic else {one.topic for one in given}
    return tuple(
        standing(record, person, each, policy, [one for one in given if (one.student, one.topic) == (student, each)])
        for each in sorted(topics) or [""]
        for student, (record, person) in sorted(work.items())
    )


def standing(record: StudentRecord, person: Person, topic: str, policy: Policy, given: Sequence[Override]) -> Standing:
    """Choose the attempt that counts, and say what it is worth."""
    most = sum(one.points for one in exercises_of(topic)) if topic else 0
    attempts = [one for one in record.attempts if one.topic == topic and one.topic]

    def valued(attempt: AttemptRecord | None) -> Standing:
        days = policy.days_late(record.student, attempt.submitted) if attempt else 0
        base = Standing(record.student, topic, person, most, attempt, len(attempts), days_late=days)
        base = replace(base, overrides=tuple(given), canvas_id=record.canvas_id)
        names = [one.name for one in exercises_of(topic)] if topic else []
        points = sum(base.points_of(name) for name in names)
        final = round(points * policy.share(days), 2)
        passed = None if policy.pass_mark is None or not most else final >= policy.pass_mark * most - 1e-9
        problem = "" if attempt else unreadable(record)
        return replace(base, points=points, final=final, passed=passed, problem=problem)

    if not attempts:
        return valued(None)
    chosen = {"first": attempts[:1], "last": attempts[-1:], "best": attempts}[policy.attempts]
    # Of equal ones the earliest: max takes the first.
    return max(map(valued, chosen), key=lambda one: one.final)


def unreadable(record: StudentRecord) -> str:
    """Say why there is no attempt at a topic."""
    said = [f"{one.file}: {one.problem}" for one in record.attempts if one.problem]
    return " ".join([*said, record.problem]).strip() or NOTHING
