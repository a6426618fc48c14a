"""A class is graded on several workers to the same bytes as here, also if one of them is killed on the way."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from coursekit.commands import main
from coursekit.grading import scheduler
from coursekit.grading.batch import Terms, grade_batch
from coursekit.grading.catalogue import environment
from coursekit.grading.levels import SandboxError
from coursekit.grading.planning import task_of
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.scheduler import Cluster, checked
from coursekit.grading.seeds import Secret
from coursekit.grading.submissions import collect
from tests.course.syllabus import ROOT
from tests.grading.classroom import MOST, SECRET, document, hand_in, small_class
from tests.grading.submissions import HEAT, IMPORTS, LAPLACIAN5

TERMS = Terms(SECRET)
PATIENCE = 120.0
# A worker of Dask that also writes down what it begins and what it ends.
NOTING = """
import os, sys
from distributed.cli.dask_worker import main
from coursekit.grading import remote

grade, log = remote.grade_task, sys.argv.pop(1)

def note(what, task):
    with open(log, "a") as file:
        file.write(f"{os.getpid()} {what} {task.record.student}\\n")

def noting(task, sandbox):
    note("begin", task)
    record = grade(task, sandbox)
    note("end", task)
    return record

remote.grade_task = noting
main()
"""


class Workplace:
    """A scheduler, and workers that come when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"
        self.log.touch()
        self.stack = ExitStack()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        code = "from distributed.cli.dask_scheduler import main; main()"
        self.scheduler = self.start(
            "scheduler", code, "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-jupyter"
        )

    def start(self, name: str, code: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a process that lives as long as the tests that need it; what it says is kept."""
        line = [sys.executable, "-W", "ignore", "-P", "-c", code, *options]  # -P: not what lies in this folder
        with open(self.folder / f"{name}.txt", "wb") as said:
            one = subprocess.Popen(line, cwd=ROOT, stdout=said, stderr=said, env=os.environ | environment)
        self.stack.callback(one.wait)
        self.stack.callback(one.kill)
        return one

    def worker(self, name: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it is there."""
        place = ["--local-directory", str(self.folder), "--host", "127.0.0.1", "--no-nanny", "--no-dashboard"]
        one = self.start(name, NOTING, str(self.log), self.address, "--nthreads", "1", *place, **environment)
        until(lambda: b"Registered to" in (self.folder / f"{name}.txt").read_bytes(), one)
        return one

    def notes(self) -> list[tuple[int, str, str]]:
        """Return what the workers wrote down."""
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [(int(pid), what, student) for pid, what, student in lines]


def until(done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something is so, as long as a process lives."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert process.poll() is None, process.args
        assert time.monotonic() < end, process.args
        time.sleep(0.01)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    one = Workplace(tmp_path_factory.mktemp("cluster"))
    with one.stack:
        yield one


@pytest.fixture(scope="module")
def two(workplace: Workplace) -> list[subprocess.Popen[bytes]]:
    """Two workers; the first will be killed."""
    return [workplace.worker("one"), workplace.worker("two")]


def secret_file(folder: Path) -> Path:
    path = folder / "secret"
    path.write_text(f"{SECRET.identity} {SECRET.value.hex()} 2026-11-20T12:00:00Z\n")
    path.chmod(0o600)
    return path


def command(handed: Path, out: Path, address: str, *options: str) -> list[str]:
    secret = secret_file(handed.parent)
    return ["grade", str(handed), "--out", str(out), "--secret", str(secret), "--scheduler", address, *options]


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.suffix}


def test_workers_give_the_bytes_of_a_local_run(workplace, two, best: Sandbox, tmp_path: Path, capsys):
    handed = small_class(tmp_path / "class")
    assert main(command(handed, tmp_path / "far", workplace.address)) == 0
    assert f"level {best.level} on 2 of 2 workers, 2 at a time" in capsys.readouterr().out
    local = command(handed, tmp_path / "near", workplace.address)
    del local[local.index("--scheduler") :]
    assert main(local) == 0
    assert contents(tmp_path / "far") == contents(tmp_path / "near")
    assert len(contents(tmp_path / "far")) > 10
    # Not handed to a worker again; the empty file of the fourth was, because it is a record like the others.
    n_before = len(workplace.notes())
    assert main(command(handed, tmp_path / "far", workplace.address)) == 0
    assert "0 graded" in capsys.readouterr().out
    assert len(workplace.notes()) == n_before == 2 * 4


WAITING = "import time\ndef heat_dt_max(h, d):\n    time.sleep(0.05)\n    return h**2 / (2 * d)"


def test_killed_worker_loses_nothing_and_nothing_is_graded_twice(workplace, two, best: Sandbox, tmp_path: Path):
    handed = hand_in(tmp_path / "class", **{f"s{i}": document(IMPORTS, WAITING, f"x = {i}") for i in range(8)})
    grade_batch(collect([handed]), tmp_path / "near", best, TERMS)
    before = len(workplace.notes())
    far = tmp_path / "far"
    line = [sys.executable, "-W", "ignore", "-m", "coursekit", *command(handed, far, workplace.address)]
    victim = two[0]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as client:

        def in_the_middle() -> bool:
            """Say whether the victim is grading and what it has ended is safe here."""
            notes = [(what, student) for pid, what, student in workplace.notes()[before:] if pid == victim.pid]
            ended = {student for what, student in notes if what == "end"}
            return len(notes) == 2 * len(ended) + 1 and all((far / "records" / f"{s}.json").exists() for s in ended)

        until(in_the_middle, client)
        victim.send_signal(signal.SIGKILL)
        said = client.communicate(timeout=PATIENCE)[0]
    assert client.returncode == 0, said
    assert "8 graded" in said
    records = {name: data for name, data in contents(far).items() if name.startswith("records")}
    assert records == contents(tmp_path / "near")
    notes = workplace.notes()[before:]
    ended = Counter(student for _, what, student in notes if what == "end")
    assert ended == {f"s{i}": 1 for i in range(8)}
    begun = Counter(student for _, what, student in notes if what == "begin")
    # Only what the victim had in hand was begun a second time, by the other.
    assert [n for n in begun.values() if n > 1] == [2]
    assert {pid for pid, what, _ in notes if what == "begin"} == {one.pid for one in two}


def test_worker_that_does_not_fit_is_left_out_and_said(workplace, two, tmp_path: Path, capsys, monkeypatch):
    """One has another library, one cannot give the level."""
    other = tmp_path / "other"
    shutil.copytree(ROOT / "coursekit", other / "coursekit", ignore=shutil.ignore_patterns("__pycache__"))
    with open(other / "coursekit" / "laplacian.py", "a") as file:
        file.write("# another version\n")
    strangers = [workplace.worker("three", PYTHONPATH=str(other)), workplace.worker("four", PATH=str(tmp_path))]
    handed = hand_in(tmp_path / "class", ann=document(IMPORTS, HEAT), bob=document(IMPORTS, LAPLACIAN5))
    before = len(workplace.notes())
    # In an earlier run of others the first fitted: that must not bring it tasks of this one.
    with Cluster(workplace.address, 3) as cluster:
        (digest,) = re.findall(r"it has digest (\w+) and not", "\n".join(cluster.refused))
    with monkeypatch.context() as patch:
        patch.setattr(scheduler, "environment", lambda: {**environment(), "digest": digest})
        with Cluster(workplace.address, 3) as cluster:
            assert len(cluster.fit) == 1
    assert main(command(handed, tmp_path / "out", workplace.address, "--level", "3")) == 0
    said = capsys.readouterr().out
    assert "level 3 on 1 of 3 workers" in said
    assert re.search(r"left out tcp://.*: it has digest \w+ and not \w+: install the same version there", said)
    assert re.search(r"left out tcp://.*: level 3 is not to be had here: bubblewrap is missing", said)
    assert not {one.pid for one in strangers} & {pid for pid, _, _ in workplace.notes()[before:]}
    two[1].kill()
    two[1].wait()
    assert main(command(handed, tmp_path / "none", workplace.address, "--level", "3")) == 3
    refused = capsys.readouterr().err
    assert "no worker can grade" in refused
    assert "bubblewrap is missing" in refused
    assert not (tmp_path / "none" / "records").exists()


def test_scheduler_that_dies_costs_only_the_rest(best: Sandbox, tmp_path: Path):
    (tmp_path / "cluster").mkdir()
    place = Workplace(tmp_path / "cluster")
    handed = hand_in(tmp_path / "class", **{f"s{i}": document(IMPORTS, WAITING, f"x = {i}") for i in range(6)})
    out = tmp_path / "out"
    line = [sys.executable, "-W", "ignore", "-m", "coursekit", *command(handed, out, place.address)]
    with place.stack:
        place.worker("one")
        with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as client:
            until(lambda: any(out.glob("records/s*.json")), client)
            place.scheduler.kill()
            said = client.communicate(timeout=PATIENCE)[0]
    assert client.returncode == 1, said
    lost = re.findall(r"^NOT GRADED (s\d): SandboxError: the connection to the scheduler is lost$", said, re.MULTILINE)
    kept = [path.stem for path in out.glob("records/*.json")]
    assert kept
    assert sorted(lost + kept) == [f"s{i}" for i in range(6)]
    result = grade_batch(collect([handed]), out, best, TERMS)
    assert (result.n_kept, len(result.records)) == (len(kept), 6)


def test_scheduler_that_does_not_answer_is_said_soon(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    handed = hand_in(tmp_path / "class", ann=document(IMPORTS, HEAT))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        for address in (f"tcp://127.0.0.1:{port}", f"tls://127.0.0.1:{port}", "no address"):
            start = time.monotonic()
            assert main(command(handed, tmp_path / "out", address)) == 2
            assert time.monotonic() - start < 20  # 5 s, on a machine that is not busy
            (line,) = capsys.readouterr().err.splitlines()
            assert line.startswith(f"coursekit grade: no scheduler answers at {address} (")


def test_task_holds_seeds_and_no_secret(tmp_path: Path):
    hand_in(tmp_path, ann=document(IMPORTS, HEAT))
    (submission,) = collect([tmp_path])
    task = task_of(submission, TERMS, 3)
    assert task.seeds == ({name: SECRET.seed("ann", f"laplacian.{name}", 1) for name in MOST},)
    said = repr(task)
    assert SECRET.identity in said
    for value in (SECRET.value, SECRET.value[:8]):
        assert value.hex() not in said
        assert str(int.from_bytes(value, "big")) not in said
    assert "Secret" not in said
    assert task.seeds != task_of(submission, Terms(Secret(bytes(32))), 3).seeds


def test_answer_to_another_task_is_refused(tmp_path: Path):
    hand_in(tmp_path, ann=document(IMPORTS, HEAT), bob=document(IMPORTS, HEAT, "x = 1"))
    ann, bob = (task_of(one, TERMS, 3) for one in collect([tmp_path]))
    assert checked(ann, ann.record.to_json()) == ann.record
    for record in (bob.record, replace(ann.record, level=1), replace(ann.record, attempts=bob.record.attempts)):
        with pytest.raises(SandboxError, match="the record of another task"):
            checked(ann, record.to_json())
    with pytest.raises(ValueError, match="not a record"):
        checked(ann, "{}")
