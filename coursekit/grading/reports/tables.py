"""CSV: all grades, the mistakes that were made, and a gradebook for Canvas."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence

from coursekit.grading.catalogue import exercises_of
from coursekit.grading.policy import Standing
from coursekit.grading.similarity import Twins

__all__ = ["canvas_table", "equal_table", "grades_table", "mistakes", "mistakes_table", "number", "several"]

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


def number(points: float) -> str:
    """Return points as a text without needless zeros.

    Parameters
    ----------
    points : float               at most two decimals count

    Returns
    -------
    str                          `7`, `7.5`

    Examples
    --------
    >>> number(7.0), number(7.25)
    ('7', '7.25')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")


def several(names: Sequence[str], most: int = 8) -> str:
    """Return names for a sentence, not all if there are many.

    Parameters
    ----------
    names : sequence of str      at least one
    most : int                   how many to name

    Returns
    -------
    str                          with commas

    Examples
    --------
    >>> several(["ann", "bob", "cyd"], most=2)
    'ann, bob and 1 more'
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def written(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV; what a spreadsheet would take for a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell for cell in row])
    return buffer.getvalue()


def grades_table(standings: Sequence[Standing]) -> str:
    """Return one line for each student and topic, with the points of each exercise and what a student is told.

    Parameters
    ----------
    standings : sequence         what counts

    Returns
    -------
    str                          CSV
    """
    topics = sorted({one.topic for one in standings} - {""})
    names = {topic: [one.name for one in exercises_of(topic)] for topic in topics}
    columns = [f"{topic}.{name}" for topic, each in names.items() for name in each]
    head = ["student", "name", "topic", "final", "most", "points", "days_late", "passed", "attempt", "attempts", "file"]
    rows = [[*head, "submitted", *columns, "overrides", "remarks"]]
    for one in standings:
        passed = "" if one.passed is None else ("yes" if one.passed else "no")
        points = {f"{one.topic}.{name}": number(one.points_of(name)) for name in names.get(one.topic, ())}
        chosen = (str(one.attempt.attempt), one.attempt.file, one.attempt.submitted) if one.attempt else ("", "", "")
        given = [f"{each.exercise}: {number(each.points)}, {each.reason} ({each.by})" for each in one.overrides]
        by_hand = "; ".join(given)
        remarks = " ".join([one.problem, *(one.attempt.notes if one.attempt else ())]).strip()
        start = [one.student, one.person.name, one.topic, number(one.final), str(one.most), number(one.points)]
        start += [str(one.days_late), passed, chosen[0], str(one.n_attempts), *chosen[1:]]
        rows.append([*start, *(points.get(column, "") for column in columns), by_hand, remarks])
    return written(rows)


def mistakes(standings: Sequence[Standing], exercise: str) -> list[tuple[str, int]]:
    """Return the hints that were given for an exercise and to how many students, the most frequent first.

    Parameters
    ----------
    standings : sequence         of one topic
    exercise : str               its name

    Returns
    -------
    list of (str, int)           "" for wrong answers without a hint
    """
    found = [
        each.hint
        for one in standings
        if one.attempt
        for each in one.attempt.exercises
        if each.name == exercise and each.status == "failed"
    ]
    return sorted(Counter(found).items(), key=lambda pair: (-pair[1], pair[0] == "", pair[0]))


def mistakes_table(standings: Sequence[Standing]) -> str:
    """Return how many made which mistake.

    Parameters
    ----------
    standings : sequence         what counts

    Returns
    -------
    str                          CSV
    """
    rows: list[Sequence[str]] = [("topic", "exercise", "students", "hint")]
    for topic in sorted({one.topic for one in standings} - {""}):
        theirs = [one for one in standings if one.topic == topic]
        for exercise in exercises_of(topic):
            for hint, count in mistakes(theirs, exercise.name):
                rows.append((topic, exercise.name, str(count), hint or "no known mistake"))
    return written(rows)


def equal_table(equal: Sequence[Twins]) -> str:
    """Return whose answers are the same.

    Parameters
    ----------
    equal : sequence             what was found

    Returns
    -------
    str                          CSV
    """
    rows: list[Sequence[str]] = [("topic", "exercise", "tokens", "wrong", "library", "students")]
    for one in equal:
        answers = ["yes" if each else "no" for each in (one.wrong, one.reference)]
        rows.append((one.topic, one.exercise, str(one.size), *answers, " ".join(one.students)))
    return written(rows)


def canvas_table(standings: Sequence[Standing], assignment: str) -> tuple[str, list[str]]:
    """Return a gradebook to be imported into Canvas.

    Parameters
    ----------
    standings : sequence         of one topic
    assignment : str             the column's name; Canvas finds it by a number in brackets at its end

    Returns
    -------
    (str, list of str)           CSV, and the students for whom there is nothing by which Canvas could find them
    """
    most = next((one.most for one in standings), 0)
    rows: list[Sequence[str]] = [(*CANVAS, assignment), ("    Points Possible", "", "", "", "", str(most))]
    left_out = []
    for one in standings:
        person = one.person
        number_ = person.canvas_id or one.canvas_id
        if not (number_ or person.sis_id or person.login):
            left_out.append(one.student)
            continue
        name = person.name or one.student
        rows.append((name, number_, person.sis_id, person.login, person.section, number(one.final)))
    return written(rows), left_out
