"""What counts: lateness, attempts, roster, corrections, the pass mark; and answers that are the same."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from coursekit.checking import Exercise
from coursekit.exercises.laplacian import LAPLACIAN5
from coursekit.grading.grading import grade_source
from coursekit.grading.policy import (
    Override,
    Person,
    Policy,
    Standing,
    read_overrides,
    read_policy,
    read_roster,
    standings,
)
from coursekit.grading.results import AttemptRecord, ExerciseRecord, StudentRecord, describe
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.similarity import twins
from tests.grading.classroom import MOST, RIGHT, WRAPS
from tests.grading.submissions import HEAT, IMPORTS
from tests.grading.submissions import LAPLACIAN5 as CODE

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
ALL = sum(MOST.values())


def attempt(number: int = 1, time: datetime | None = None, wrong: tuple[str, ...] = ()) -> AttemptRecord:
    exercises = tuple(
        ExerciseRecord(name, 0 if name in wrong else points, points, "failed" if name in wrong else "passed", "")
        for name, points in MOST.items()
    )
    submitted = time.isoformat() if time else ""
    return AttemptRecord(number, "a.ipynb", "laplacian", submitted=submitted, exercises=exercises)


def one(policy: Policy, *attempts: AttemptRecord, **options: object) -> Standing:
    (found,) = standings([StudentRecord("ann", attempts)], policy, **options)  # type: ignore[arg-type]
    return found


LATE = Policy(DUE, grace_minutes=10, late_per_day=0.1, late_most_days=3)


@pytest.mark.parametrize(
    ("minutes", "days", "share"),
    [(-1, 0, 1), (0, 0, 1), (10, 0, 1), (11, 1, 0.9), (1450, 1, 0.9), (1451, 2, 0.8), (4330, 3, 0.7), (4331, 4, 0.0)],
)
def test_lateness_counts_days_begun_after_the_grace(minutes: int, days: int, share: float):
    found = one(LATE, attempt(time=DUE + timedelta(minutes=minutes)))
    assert (found.days_late, found.points, found.final) == (days, ALL, round(ALL * share, 2))


def test_share_never_goes_below_nothing():
    assert one(Policy(DUE, late_per_day=0.4), attempt(time=DUE + timedelta(days=9))).final == 0


def test_unknown_time_is_not_late():
    assert one(LATE, attempt()).days_late == 0


def test_extension_is_the_students_own():
    policy = replace(LATE, extensions={"ann": DUE + timedelta(days=2)})
    records = [StudentRecord(name, (attempt(time=DUE + timedelta(days=1)),)) for name in ("ann", "bob")]
    assert [found.days_late for found in standings(records, policy)] == [0, 1]


def test_best_attempt_is_best_after_lateness_and_of_equals_the_earliest():
    early = attempt(1, DUE, wrong=("heat_dt_max",))
    late = attempt(2, DUE + timedelta(days=2))
    later = attempt(3, DUE + timedelta(days=2))
    assert one(LATE, early, late).attempt == early
    assert one(replace(LATE, late_per_day=0.01), early, late, later).attempt == late
    assert one(replace(LATE, attempts="last"), early, late, later).attempt == later
    assert one(replace(LATE, attempts="first"), early, late).attempt == early
    assert one(LATE, early, late, later).n_attempts == 3


@pytest.mark.parametrize(("mark", "passed"), [(None, None), (0.75, True), (0.76, False)])
def test_pass_mark_is_a_share_of_the_points(mark: float | None, passed: bool | None):
    given = [Override("ann", "laplacian", name, points * 0.75, "r", "me") for name, points in MOST.items()]
    assert one(Policy(pass_mark=mark), attempt(), overrides=given).passed is passed


def test_override_replaces_the_points_and_stays():
    given = Override("ann", "laplacian", "heat_dt_max", 3.5, "right but for the name", "Prof. X")
    found = one(Policy(), attempt(wrong=("heat_dt_max",)), overrides=[given])
    assert found.points == ALL - MOST["heat_dt_max"] + 3.5
    assert found.overrides == (given,)
    with pytest.raises(ValueError, match="overrides for bob, who is neither"):
        one(Policy(), attempt(), overrides=[replace(given, student="bob")])


def test_override_counts_without_any_submission():
    given = Override("ann", "laplacian", "heat_dt_max", 4, "on paper", "me")
    (found,) = standings([], Policy(), roster=[Person("ann")], overrides=[given])
    assert (found.final, found.attempt, found.problem) == (4, None, "Nothing was handed in.")


def test_roster_finds_people_by_folder_canvas_number_login_or_sis_number():
    roster = [Person("ann", "Ann A."), Person(canvas_id="47", name="Bob B."), Person(login="cyd", name="Cyd C.")]
    roster += [Person(sis_id="S9", name="Dan D."), Person("eve", "Eve E.")]
    records = [StudentRecord("ann", (attempt(),)), StudentRecord("bob_47", (attempt(),), canvas_id="47")]
    records += [StudentRecord(name, (attempt(),)) for name in ("cyd", "S9", "zoe")]
    found = {each.student: (each.person.name, each.final) for each in standings(records, Policy(), roster=roster)}
    assert found == {
        "ann": ("Ann A.", ALL),
        "bob_47": ("Bob B.", ALL),
        "cyd": ("Cyd C.", ALL),
        "S9": ("Dan D.", ALL),
        "eve": ("Eve E.", 0),
        "zoe": ("", ALL),
    }


def test_every_student_stands_in_every_topic_with_a_reason():
    broken = AttemptRecord(1, "b.ipynb", problem="The file is empty.")
    records = [StudentRecord("ann", (attempt(),)), StudentRecord("bob", (broken,))]
    found = standings(records, Policy(pass_mark=0.5))
    assert [(each.student, each.final, each.most, each.passed) for each in found] == [
        ("ann", ALL, ALL, True),
        ("bob", 0, ALL, False),
    ]
    assert found[1].problem == "b.ipynb: The file is empty."
    assert standings(records[1:], Policy())[0].most == 0
    assert standings(records[1:], Policy(), topic="laplacian")[0].most == ALL


def test_policy_is_read(tmp_path: Path):
    path = tmp_path / "policy.toml"
    text = "deadline = 2026-11-20T23:59:00Z\nlate_per_day = 0.1\nattempts = 'last'\n"
    path.write_text(text + "[extensions]\nann = 2026-11-22T00:00:00Z")
    extension = {"ann": datetime(2026, 11, 22, tzinfo=UTC)}
    assert read_policy(path) == Policy(DUE, late_per_day=0.1, attempts="last", extensions=extension)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deadline = 2026-11-20T23:59:00", "deadline must be a time with its zone"),
        ("deadline = 2026-11-20", "deadline must be a time with its zone"),
        ("late_per_day = 10", "late_per_day must be a share between 0 and 1, got 10"),
        ("pass_mark = '50%'", "pass_mark must be a share between 0 and 1, got '50%'"),
        ("grace_minutes = -1", "grace_minutes must be a number >= 0, got -1"),
        ("attempts = 'worst'", "attempts must be best, last or first, got 'worst'"),
        ("late = 1", "unknown: late; there are deadline"),
        ("late = ", "Invalid value"),
        ("extensions = 3", "policy.toml"),
    ],
)
def test_policy_without_meaning_is_refused(text: str, said: str, tmp_path: Path):
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_policy(path)


def test_canvas_gradebook_is_a_roster(tmp_path: Path):
    path = tmp_path / "gradebook.csv"
    text = "Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (5)\n    Points Possible,,,,,40\n"
    path.write_text(f'\ufeff{text}"Doe, Ann",47,S1,ann,A,\n\n', encoding="utf-8")
    assert read_roster(path) == [Person("", "Doe, Ann", "47", "S1", "ann", "A")]


@pytest.mark.parametrize(
    ("text", "said"),
    [("name\nAnn\n", "line 2: needs a folder"), ("folder,id\na,7\nb,7\n", "'7' stands for two people")],
)
def test_roster_that_finds_nobody_or_two_is_refused(text: str, said: str, tmp_path: Path):
    path = tmp_path / "roster.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_roster(path)


HEAD = "student,topic,exercise,points,reason,by\n"


def test_overrides_are_read(tmp_path: Path):
    path = tmp_path / "overrides.csv"
    path.write_text(HEAD + 'ann,laplacian,heat_dt_max,4.5,"spoke, right",me\n')
    assert read_overrides(path) == [Override("ann", "laplacian", "heat_dt_max", 4.5, "spoke, right", "me")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ann,laplacian,heat_dt_max,4,,me", "line 2: reason missing"),
        ("ann,laplacian,heat,4,r,me", "laplacian has no exercise 'heat'"),
        ("ann,secret,heat,4,r,me", "no exercises for 'secret'"),
        ("ann,laplacian,heat_dt_max,many,r,me", "points must be a number, got 'many'"),
        ("ann,laplacian,heat_dt_max,nan,r,me", "points must be between 0 and"),
        ("ann,laplacian,heat_dt_max,400,r,me", "points must be between 0 and"),
        ("ann,laplacian,heat_dt_max,4,r,me\n" * 2, "line 3: heat_dt_max of ann stands there twice"),
    ],
)
def test_override_without_meaning_is_refused(line: str, said: str, tmp_path: Path):
    path = tmp_path / "overrides.csv"
    path.write_text(HEAD + line)
    with pytest.raises(ValueError, match=said):
        read_overrides(path)


def handed(best: Sandbox, student: str, *cells: str) -> Standing:
    exercises: list[Exercise] = [LAPLACIAN5]
    grades = grade_source([IMPORTS, *cells], exercises, np.random.default_rng(1), best).grades
    records = tuple(map(describe, grades))
    return Standing(student, "laplacian", Person(), ALL, AttemptRecord(1, "a", "laplacian", exercises=records))


def test_equal_answers_are_found_whatever_the_names(best: Sandbox):
    renamed = re.sub(r"\bp\b", "padded", CODE)
    assert renamed != CODE
    class_ = [handed(best, "ann", CODE), handed(best, "bob", "# mine", renamed), handed(best, "cyd", WRAPS)]
    (found,) = twins(class_)
    assert (found.exercise, found.students) == ("laplacian5", ("ann", "bob"))
    assert (found.reference, found.wrong) == (False, False)
    assert found.size > 60


def test_equal_wrong_answers_come_first(best: Sandbox):
    class_ = [handed(best, name, code) for name, code in zip("abcd", (CODE, WRAPS, CODE, WRAPS), strict=True)]
    assert [(one.students, one.wrong) for one in twins(class_)] == [(("b", "d"), True), (("a", "c"), False)]


def test_reference_is_found_and_short_answers_are_not(best: Sandbox):
    (found,) = twins([handed(best, "ann", RIGHT["laplacian5"])])
    assert (found.students, found.reference) == (("ann",), True)
    short = ExerciseRecord("heat_dt_max", 6, 6, "passed", "", fingerprint="f", size=len(HEAT.split()))
    pair = [
        Standing(name, "laplacian", Person(), ALL, AttemptRecord(1, "a", "laplacian", exercises=(short,)))
        for name in ("ann", "bob")
    ]
    assert twins(pair) == ()
    assert len(twins(pair, min_tokens=1)) == 1
