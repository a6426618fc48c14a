"""Honest but damaged submissions, graded as one class: only what is broken is lost, and each loss is explained."""

import pytest

from coursekit.grading.batch import BatchResult, Terms, grade_batch
from coursekit.grading.policy import Policy, Standing, standings
from coursekit.grading.reports.pages import student_page
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submissions import collect
from tests.grading.classroom import MOST, SECRET
from tests.grading.damaged import BANK, Damaged


def student(one: Damaged) -> str:
    return f"s{BANK.index(one):02d}"


@pytest.fixture(scope="module")
def graded(best: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[BatchResult, dict[str, Standing]]:
    root = tmp_path_factory.mktemp("damaged")
    for one in BANK:
        (root / "class" / student(one)).mkdir(parents=True)
        one.lay(root / "class" / student(one))
    result = grade_batch(collect([root / "class"]), root / "out", best, Terms(SECRET))
    return result, {one.student: one for one in standings(result.records, Policy())}


def test_bank_is_of_the_promised_size():
    assert len({one.name for one in BANK}) == len(BANK) >= 25
    assert all(bool(one.lost) == bool(one.said) for one in BANK)
    assert sum(bool(one.lost) for one in BANK) >= 10


def test_no_file_stops_the_batch(graded: tuple[BatchResult, dict[str, Standing]]):
    result, _ = graded
    assert result.broken == ()
    assert len(result.records) == len(BANK)


@pytest.mark.parametrize("one", BANK, ids=lambda one: one.name)
def test_every_point_earned_elsewhere_is_kept_and_each_loss_has_a_reason(one: Damaged, graded):
    result, found = graded
    standing = found[student(one)]
    lost = {name for name, points in MOST.items() if standing.points_of(name) != points}
    reasons = [each.reason for each in standing.attempt.exercises] if standing.attempt else []
    assert lost == set(one.lost), reasons
    record = next(each for each in result.records if each.student == student(one))
    assert one.said in student_page([standing], record, Policy()).replace("&#x27;", "'")
