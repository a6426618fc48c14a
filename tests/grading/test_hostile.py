"""Every attack of the bank at every level: no point, no effect outside, and honest work beside it graded right."""

import contextlib
import threading
import time

import psutil
import pytest

from coursekit.grading.sandbox import Sandbox
from tests.grading.hostile import BANK, Hostile
from tests.grading.submissions import EXERCISES, HEAT, HONEST, IMPORTS, POINTS, graded
from tests.grading.world import World, leftovers, remaining

CONTROLS = [hostile for hostile in BANK if hostile.effect]


def test_bank_is_of_the_promised_size():
    assert len({hostile.name for hostile in BANK}) == len(BANK) >= 40
    assert len({hostile.code for hostile in BANK}) == len(BANK)
    assert len(CONTROLS) >= 7


@pytest.mark.parametrize("hostile", BANK, ids=lambda hostile: hostile.name)
def test_attack_gains_nothing_and_changes_nothing(
    hostile: Hostile, sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COURSEKIT_SECRET", world.files["secret"])
    grade = graded(sandbox, IMPORTS, world.fill(hostile.code), HEAT)
    attacked, beside = grade.grades
    assert attacked.points == 0, attacked
    assert attacked.run.status in hostile.status, attacked.run
    errors = [outcome.error for outcome in attacked.run.outcomes if outcome.error is not None]
    # An attack with a slip in it would prove nothing.
    assert not [error for error in errors if type(error).__name__ in ("NameError", "SyntaxError", "TypeError")]
    if sandbox.level > 1:
        assert not [error for error in errors if str(error).startswith("READ")]
        assert world.changes() == []
        assert leftovers(sandbox) == []
    assert beside.points == EXERCISES[1].points, beside
    assert graded(sandbox, *HONEST, seed=2).points == POINTS


@pytest.mark.parametrize("hostile", CONTROLS, ids=lambda hostile: hostile.name)
def test_attack_has_its_effect_where_nothing_stops_it(hostile: Hostile, bare: Sandbox, world: World):
    graded(bare, IMPORTS, world.fill(hostile.code), HEAT)
    end = time.monotonic() + 5
    while not (changes := world.changes()) and time.monotonic() < end:
        time.sleep(0.02)
    assert [change for change in changes if hostile.effect in change]
    for process in remaining(bare):
        with contextlib.suppress(psutil.NoSuchProcess):
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
