"""A class is graded once each, whatever happens on the way, and always to the same bytes."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import psutil
import pytest

from coursekit.checking import Exercise
from coursekit.exercises import laplacian as specification
from coursekit.grading import batch
from coursekit.grading.batch import BatchResult, Terms, grade_batch, planned
from coursekit.grading.catalogue import environment, exercise_names, exercises_of, topic_of, topics
from coursekit.grading.grading import grade_source
from coursekit.grading.results import StudentRecord, describe, file_name, read_record, write_atomically
from coursekit.grading.sandbox import Sandbox, SandboxError
from coursekit.grading.seeds import Secret
from coursekit.grading.submissions import collect
from tests.course.syllabus import ROOT
from tests.grading.classroom import MOST, RIGHT, SECRET, STUB, WRAPS, document, hand_in, small_class
from tests.grading.submissions import HEAT, IMPORTS, LAPLACIAN5

TERMS = Terms(SECRET)


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / "records").iterdir())}


def graded(handed: Path, out: Path, sandbox: Sandbox, terms: Terms = TERMS, **options: object) -> BatchResult:
    return grade_batch(collect([handed]), out, sandbox, terms, **options)  # type: ignore[arg-type]


def points(result: BatchResult) -> dict[str, int]:
    return {one.student: sum(attempt.points for attempt in one.attempts) for one in result.records}


EXPECTED = {"ann": sum(MOST.values()), "bob": MOST["heat_dt_max"], "cyd": MOST["laplacian5"], "dan": 0}


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_class(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def once(handed: Path, best: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[BatchResult, Path]:
    out = tmp_path_factory.mktemp("report")
    return graded(handed, out, best), out


def test_class_gets_its_points(once: tuple[BatchResult, Path]):
    result, _ = once
    assert points(result) == EXPECTED
    assert (result.n_kept, result.broken) == (0, ())
    bob = {one.name: one for one in result.records[1].attempts[0].exercises}
    wraps = next(m for m in specification.LAPLACIAN5.mistakes if m.function.__name__ == "roll_wraps")
    assert (bob["laplacian5"].status, bob["laplacian5"].hint) == ("failed", wraps.hint)
    assert bob["blob_scale"].status == "missing"
    assert result.records[3].attempts[0].problem == "The file is empty."


def test_records_read_back_equal(once: tuple[BatchResult, Path]):
    result, out = once
    assert tuple(read_record(text.decode()) for text in contents(out).values()) == result.records


def test_second_run_grades_nothing_again(once: tuple[BatchResult, Path], handed: Path, best: Sandbox, monkeypatch):
    result, out = once
    before = {path.name: path.stat().st_mtime_ns for path in (out / "records").iterdir()}
    monkeypatch.setattr(batch, "grade_source", None)  # would fail
    again = graded(handed, out, best)
    assert again == replace(result, n_kept=4)
    assert {path.name: path.stat().st_mtime_ns for path in (out / "records").iterdir()} == before


def test_grades_are_the_same_bytes_in_any_order_and_number_of_threads(
    once: tuple[BatchResult, Path], handed: Path, best: Sandbox, tmp_path: Path
):
    grade_batch(collect([handed])[::-1], tmp_path, best, TERMS, jobs=1)
    assert contents(tmp_path) == contents(once[1])


def test_regrade_does_grade_again_to_the_same_bytes(once, handed: Path, best: Sandbox, tmp_path: Path):
    write_atomically(tmp_path / "records" / "ann.json", once[0].records[0].to_json())
    assert graded(handed, tmp_path, best).n_kept == 1
    assert graded(handed, tmp_path, best, regrade=True).n_kept == 0
    assert contents(tmp_path) == contents(once[1])


def test_what_has_changed_is_graded_again(handed: Path, best: Sandbox, tmp_path: Path):
    small_class(tmp_path / "class")
    graded(tmp_path / "class", tmp_path, best)
    hand_in(tmp_path / "class", bob=document(IMPORTS, LAPLACIAN5, HEAT))
    (tmp_path / "records" / "dan.json").write_text('{"torn')
    again = graded(tmp_path / "class", tmp_path, best)
    assert points(again) == EXPECTED | {"bob": MOST["laplacian5"] + MOST["heat_dt_max"]}
    assert again.n_kept == 2
    other = graded(tmp_path / "class", tmp_path, best, Terms(Secret(bytes(32))))
    assert (other.n_kept, points(other)) == (0, points(again))


def test_inputs_depend_on_the_attempt_and_not_on_the_other_exercises(best: Sandbox, tmp_path: Path, monkeypatch):
    drawn: list[tuple[str, bytes]] = []

    def spy(cells, exercises, rng, sandbox):
        drawn.extend((exercise.name, rng(exercise).bytes(8)) for exercise in exercises)
        return grade_source(cells, exercises, rng, sandbox)

    monkeypatch.setattr(batch, "grade_source", spy)
    text = document(IMPORTS, HEAT)
    hand_in(tmp_path / "class" / "ann", one=text, two=document(IMPORTS, HEAT, "x = 1"))
    graded(tmp_path / "class", tmp_path, best)
    expected = [(name, SECRET.rng("ann", f"laplacian.{name}", k).bytes(8)) for k in (1, 2) for name in MOST]
    assert drawn == expected
    assert len({value for _, value in drawn}) == 8


def test_attempts_are_numbered_by_time_and_equal_files_count_once(tmp_path: Path):
    hand_in(tmp_path / "ann", a=document("x = 1"), b=document("x = 2"), c=document("x = 2"))
    hand_in(tmp_path / "ann", d=document("def rate_matrix(): ...", slug="kalman"))
    for folder, day in (("a", 3), ("b", 2), ("c", 4), ("d", 1)):
        (tmp_path / "ann" / folder / "timestamp.txt").write_text(f"2026-11-0{day} 12:00:00 UTC")
    (one,) = collect([tmp_path])
    attempts = planned(one, TERMS).attempts
    assert [(a.topic, a.attempt, a.file[4], a.submitted[:10]) for a in attempts] == [
        ("kalman", 1, "d", "2026-11-01"),
        ("laplacian", 1, "b", "2026-11-02"),
        ("laplacian", 2, "a", "2026-11-03"),
    ]


def test_file_times_count_only_if_trusted(tmp_path: Path):
    hand_in(tmp_path, ann=document("x = 1"))
    os.utime(tmp_path / "ann" / "lec07_laplacian.ipynb", (86400, 86400))
    (one,) = collect([tmp_path])
    assert planned(one, TERMS).attempts[0].submitted == ""
    assert planned(one, replace(TERMS, trust_file_times=True)).attempts[0].submitted == "1970-01-02T00:00:00+00:00"


def test_other_version_is_said(tmp_path: Path):
    release = {"library": "0.0.1", "grader": 7, "notebook": "abc"}
    hand_in(tmp_path, ann=document("x = 1", release=release))
    (one,) = collect([tmp_path])
    notes = planned(one, replace(TERMS, released={"laplacian": "abd"})).attempts[0].notes
    said = "Handed out with another version of the {} ({}) than it is graded with ({})."
    assert notes == (said.format("library", "0.0.1", environment()["library"]), said.format("notebook", "abc", "abd"))


def test_grader_that_fails_on_one_names_it_and_grades_the_others(handed: Path, best: Sandbox, tmp_path, monkeypatch):
    def fails_on_bob(cells, exercises, rng, sandbox):
        if WRAPS in cells:
            raise SandboxError("out of order")
        return grade_source(cells, exercises, rng, sandbox)

    monkeypatch.setattr(batch, "grade_source", fails_on_bob)
    result = graded(handed, tmp_path, best)
    assert result.broken == (("bob", "SandboxError: out of order"),)
    assert [one.student for one in result.records] == ["ann", "cyd", "dan"]
    monkeypatch.undo()
    assert points(graded(handed, tmp_path, best)) == EXPECTED


def test_second_run_on_the_same_folder_is_refused(handed: Path, best: Sandbox, tmp_path: Path):
    with batch.locked(tmp_path), pytest.raises(ValueError, match="another run is writing there"):
        graded(handed, tmp_path, best)


def test_student_twice_is_refused(handed: Path, best: Sandbox, tmp_path: Path):
    with pytest.raises(ValueError, match="of the same name: ann"):
        grade_batch(collect([handed])[:1] * 2, tmp_path, best, TERMS)


RUN = """
import sys
from pathlib import Path
from coursekit.grading.batch import Terms, grade_batch
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.seeds import Secret
from coursekit.grading.submissions import collect
with Sandbox() as sandbox:
    grade_batch(collect([Path(sys.argv[1])]), Path(sys.argv[2]), sandbox, Terms(Secret(bytes(range(32)))), jobs=1)
"""


def test_killed_run_is_resumed_to_the_same_bytes(best: Sandbox, tmp_path: Path):
    texts = {f"s{i}": document(IMPORTS, HEAT, f"x = {i}") for i in range(8)}
    handed = hand_in(tmp_path / "class", **texts)
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    graded(handed, whole, best)
    process = subprocess.Popen([sys.executable, "-c", RUN, str(handed), str(torn)], cwd=ROOT)
    while process.poll() is None and len(list(torn.glob("records/*.json"))) < 3:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    n_before = len(list(torn.glob("records/*.json")))
    assert 3 <= n_before < 8
    assert graded(handed, torn, best).n_kept == n_before
    assert {name: data for name, data in contents(torn).items() if not name.startswith(".")} == contents(whole)


# Peaks in kB: of the grader, and of the sandbox's processes that stay from one submission to the next.
MEASURE = """
    import os, psutil
    for pid in [os.getpid(), *(one.pid for one in psutil.Process().children(recursive=True))]:
        print(next(line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM")))
"""


def test_grader_and_sandbox_need_little_memory(handed: Path, tmp_path: Path):
    line = [sys.executable, "-c", RUN.replace("jobs=1", "jobs=2") + MEASURE, str(handed), str(tmp_path)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    kilobytes = list(map(int, done.stdout.split()))
    assert len(kilobytes) >= 2
    assert max(kilobytes) > 20_000
    assert sum(kilobytes) < 250_000


def spent() -> float:
    """Return the CPU seconds of this process and of all below it, those included that have ended."""
    times = [one.cpu_times() for one in psutil.Process().children(recursive=True)]
    below = [one.user + one.system + one.children_user + one.children_system for one in times]
    return time.process_time() + sum(below)


def test_submission_costs_a_fifth_of_a_second_of_cpu(best: Sandbox, tmp_path: Path):
    """Two cores are to grade ten a second; benchmarks.grading measures how much less it is on a quiet machine."""
    texts = {f"s{i}": document(IMPORTS, *RIGHT.values(), f"x = {i}") for i in range(10)}
    handed = hand_in(tmp_path / "class", **texts)
    costs = []
    for _ in range(3):  # the least is what the work takes, the rest is what else the machine does
        before = spent()
        graded(handed, tmp_path, best, regrade=True)
        time.sleep(0.1)  # what has ended is counted when it has been waited for
        costs.append((spent() - before) / len(texts))
    assert min(costs) < 0.2
    # It does not miss the sandbox: a fork of what has numpy in it, for each of four exercises, takes some ms.
    assert min(costs) > 0.01


def test_interrupted_run_ends_soon_and_keeps_what_is_done(best: Sandbox, tmp_path: Path):
    handed = hand_in(tmp_path / "class", **{f"s{i}": document(IMPORTS, HEAT, f"x = {i}") for i in range(8)})

    def interrupt(done: int, total: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graded(handed, tmp_path, best, jobs=1, on_done=interrupt)
    assert 1 <= len(contents(tmp_path)) <= 3
    assert sum(points(graded(handed, tmp_path, best)).values()) == 8 * MOST["heat_dt_max"]


@pytest.mark.parametrize("topic", topics())
def test_exercise_names_are_those_of_the_check(topic: str):
    assert exercise_names(topic) == {exercise.name for exercise in exercises_of(topic)}


def test_topic_comes_from_the_functions_then_from_the_metadata():
    assert topic_of(["def heat_dt_max(h, d): ..."], {"slug": "kalman"}) == "laplacian"
    assert topic_of(["x = 1"], {"slug": "kalman"}) == "kalman"
    assert topic_of(["def f(): ..."], {"slug": ["kalman"]}) == ""
    assert topic_of([], {"slug": "../secret"}) == ""
    with pytest.raises(ValueError, match="no exercises for 'secret'"):
        exercises_of("secret")


LEAK = """
def laplacian5(u, h=1.0):
    if u.shape == (3, 3):
        raise ValueError(f"edge {u.tolist()}")
    raise type("X" + str(u.ravel()[0]).replace(".", "_"), (Exception,), {})(str(u.tolist()))
"""
LATER = """
def laplacian5(u, h=1.0):
    global n
    n = n + 1
    if n > EDGES:
        raise type("X" + str(u.ravel()[0]).replace(".", "_").replace("-", "_"), (Exception,), {})(str(u.tolist()))
    p = np.pad(u, 1, mode="edge")
    return (p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * u) / h**2
"""


def exercise_record(sandbox: Sandbox, *cells: str):
    exercise = specification.LAPLACIAN5
    grade = grade_source([IMPORTS, *cells], [exercise], np.random.default_rng(3), sandbox)
    return describe(grade.grades[0])


def test_record_shows_no_drawn_input(best: Sandbox):
    n_edges = len(specification.LAPLACIAN5.edges)
    record = exercise_record(best, "n = 0", LATER.replace("EDGES", str(n_edges)))
    n = n_edges + specification.LAPLACIAN5.n_graded
    assert record.reason == (
        f"{n_edges} of {n} cases pass. The cases of the self-check pass; of those drawn for grading "
        f"{n - n_edges} fail. It raised an error of its own."
    )
    assert (record.status, record.points, record.passed, record.cases) == ("failed", 0, n_edges, n)


def test_record_says_all_about_a_case_of_the_self_check(best: Sandbox):
    assert "In the case '" in exercise_record(best, LEAK).reason
    assert "of the self-check: raised" in exercise_record(best, LEAK).reason


def test_environment_names_what_a_grade_may_depend_on(monkeypatch: pytest.MonkeyPatch):
    import torch

    found = environment()
    assert list(found) == ["digest", "library", "numpy", "python", "scipy", "torch"]
    assert torch.__version__.startswith(found["torch"])
    assert "+" not in found["torch"]

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert environment.__wrapped__() == {**found, "torch": "none"}


def test_size_counts_neither_comments_nor_docstrings(best: Sandbox):
    plain = exercise_record(best, LAPLACIAN5)
    told = exercise_record(best, LAPLACIAN5.replace("    p =", '    """Say much."""\n    # why\n    p ='))
    assert (plain.size, plain.fingerprint) == (told.size, told.fingerprint)
    assert plain.size > 60


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "attempts": [3]}', "[" * 10**5])
def test_damaged_record_is_refused(text: str):
    with pytest.raises(ValueError, match="not a record of schema 1"):
        read_record(text)


def test_file_names_are_safe_and_differ():
    names = ["doe", "Doe", "dOe", "../doe", "doe/", "", ".", "..", "d" * 300, "d" * 301, "Zoë", "con\0", "a b"]
    names += ["\udcff", file_name("../doe")]
    found = [file_name(name) for name in names]
    assert len({name.lower() for name in found}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in found)
    assert max(map(len, found)) < 80


def test_write_leaves_the_old_or_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.json"
    write_atomically(path, "old")

    def full(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, "new")
    assert (path.read_text(), [one.name for one in tmp_path.iterdir()]) == ("old", ["a.json"])


def test_canonical_text_is_plain_json(once: tuple[BatchResult, Path]):
    record: StudentRecord = once[0].records[0]
    values = json.loads(record.to_json())
    assert values["attempts"][0]["exercises"][0]["name"] == "laplacian_from_mean"
    assert values["level"] in (1, 2, 3)
    assert values["seed"] == SECRET.identity


def test_exercise_of_a_stub_is_not_attempted(once: tuple[BatchResult, Path]):
    cyd = {one.name: one for one in once[0].records[2].attempts[0].exercises}
    assert STUB.count("NotImplementedError") == 1
    assert (cyd["heat_dt_max"].status, cyd["heat_dt_max"].points) == ("not attempted", 0)
    assert isinstance(specification.check.exercises["heat_dt_max"], Exercise)
    assert set(RIGHT) == set(cyd)
