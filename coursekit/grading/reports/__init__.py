"""What comes out of a batch: pages for people, tables for gradebooks, files for other programs.

Everything is made from the standings, so a change of the rules needs no grading.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from coursekit.grading.policy import Policy, Standing
from coursekit.grading.reports.gradescope import results
from coursekit.grading.reports.junit import suites
from coursekit.grading.reports.pages import class_page, student_page
from coursekit.grading.reports.tables import canvas_table, equal_table, grades_table, mistakes_table, several
from coursekit.grading.results import StudentRecord, file_name, write_atomically
from coursekit.grading.similarity import twins

__all__ = ["write_reports"]


def write_reports(
    out: Path,
    standings: Sequence[Standing],
    records: Sequence[StudentRecord],
    policy: Policy,
    *,
    assignment: str = "",
) -> list[str]:
    """Write every report.

    Parameters
    ----------
    out : Path                   index.html (staff), class.html (no names), students/, grades.json, grades.csv,
                                 mistakes.csv, equal.csv, canvas_*.csv, gradescope/, junit.xml
    standings : sequence         what counts
    records : sequence           what it rests on
    policy : Policy              the rules
    assignment : str             the column's name in Canvas, `Homework 7 (12345)`; "" takes the topic

    Returns
    -------
    list of str                  what a person should look at, one sentence each
    """
    by_student: dict[str, list[Standing]] = {}
    for one in standings:
        by_student.setdefault(one.student, []).append(one)
    equal = twins(standings)
    remarks = unclear(standings, policy)
    files = {
        "index.html": class_page(standings, records, policy, equal, remarks),
        "class.html": class_page(standings, records, policy, names=False),
        "grades.csv": grades_table(standings),
        "mistakes.csv": mistakes_table(standings),
        "equal.csv": equal_table(equal),
        "junit.xml": suites(standings),
        "grades.json": as_json([asdict(one) for one in standings]),
    }
    for topic in sorted({one.topic for one in standings if one.topic}):
        table, left_out = canvas_table([one for one in standings if one.topic == topic], assignment or topic)
        files[f"canvas_{topic}.csv"] = table
        if left_out:
            remarks.append(f"Without a number, login or roster, not in canvas_{topic}.csv: {several(left_out)}.")
    known = {record.student: record for record in records}
    for student, theirs in by_student.items():
        name = file_name(student)
        files[f"students/{name}.html"] = student_page(theirs, known.get(student), policy)
        for one in theirs:
            if one.topic:
                files[f"gradescope/{name}.{one.topic}.json"] = as_json(results(one))
    for place, text in files.items():
        write_atomically(out / place, text)
    for folder in ("students", "gradescope"):  # of students who are gone since the last run
        for path in (out / folder).glob("*.*"):
            if f"{folder}/{path.name}" not in files:
                path.unlink()
    return remarks


def as_json(value: object) -> str:
    """Return plain data as text that is the same for equal data."""
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def unclear(standings: Sequence[Standing], policy: Policy) -> list[str]:
    """Say what the rules could not decide."""
    remarks = []
    undated = [one.student for one in standings if one.attempt and not one.attempt.submitted]
    if undated and (policy.deadline or policy.extensions):
        remarks.append(f"When it was handed in is not known, so taken as in time: {several(undated)}.")
    return remarks
