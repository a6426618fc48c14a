"""Every attack of the bank at every level: no point, no effect outside, and honest work beside it graded right."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from coursekit.grading.sandbox import Sandbox
from coursekit.grading.zygotes import Plan
from tests.grading.hostile import BANK, Hostile
from tests.grading.submissions import EXERCISES, HEAT, HONEST, IMPORTS, POINTS, graded
from tests.grading.world import World, leftovers, remaining

CONTROLS = [hostile for hostile in BANK if hostile.effect]


def test_bank_is_of_the_promised_size():
    assert len({hostile.name for hostile in BANK}) == len(BANK) >= 40
    assert len({hostile.code for hostile in BANK}) == len(BANK)
    assert len(CONTROLS) >= 8


@pytest.mark.parametrize("hostile", BANK, ids=lambda hostile: hostile.name)
def test_attack_gains_nothing_and_changes_nothing(
    hostile: Hostile, sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COURSEKIT_SECRET", world.files["secret"])
    grade = graded(sandbox, IMPORTS, world.fill(hostile.code), HEAT)
    attacked, beside = grade.grades
    assert attacked.points == 0, attacked
    assert attacked.run.status in hostile.status, attacked.run
    said = [str(outcome.error) for outcome in attacked.run.outcomes]
    if sandbox.level > 1:
        assert not [text for text in said if text.startswith("READ")]
        assert world.changes() == []
        assert leftovers(sandbox) == []
    assert beside.points == EXERCISES[1].points, beside
    assert graded(sandbox, *HONEST, seed=2).points == POINTS


@pytest.fixture(scope="module")
def bare() -> Iterator[Sandbox]:
    """A process with limits and nothing else (as root: another user's, or a control could do harm)."""
    with Sandbox(Plan(1, other_uid=os.geteuid() == 0)) as one:
        yield one


@pytest.mark.parametrize("hostile", CONTROLS, ids=lambda hostile: hostile.name)
def test_attack_has_its_effect_where_nothing_stops_it(hostile: Hostile, bare: Sandbox, world: World):
    graded(bare, IMPORTS, world.fill(hostile.code), HEAT)
    end = time.monotonic() + 5
    while not (changes := world.changes()) and time.monotonic() < end:
        time.sleep(0.02)
    assert [change for change in changes if hostile.effect in change]
    for process in remaining(bare):
        process.kill()


def test_fork_is_refused_and_where_it_is_not_it_is_counted(sandbox: Sandbox, bare: Sandbox, world: World):
    code = next(hostile.code for hostile in BANK if hostile.name == "processes")
    names = [
        {type(outcome.error).__name__ for outcome in graded(one, IMPORTS, code).grades[0].run.outcomes}
        for one in (sandbox, bare)
    ]
    assert names == [{"PermissionError"}, {"BlockingIOError"}]
    assert leftovers(bare) == []


def test_honest_work_at_the_same_time_is_graded_right(sandbox: Sandbox, world: World):
    done = threading.Event()
    points: list[int] = []

    def honest() -> None:
        while not done.is_set():
            points.append(graded(sandbox, *HONEST, seed=len(points)).points)

    thread = threading.Thread(target=honest)
    thread.start()
    try:
        attacks = [hostile for hostile in BANK if hostile.name in ("memory_bit_by_bit", "threads", "output", "signals")]
        gained = [graded(sandbox, IMPORTS, world.fill(hostile.code)).points for hostile in attacks]
    finally:
        done.set()
        thread.join()
    assert gained == [0, 0, 0, 0]
    assert set(points) == {POINTS}
