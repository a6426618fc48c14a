"""What a command costs, its children included: CPU, time, and memory counted once where it is shared."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["Cost", "Peak", "measured", "spent"]

STEP = 0.1


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds, the peak of the memory in bytes, and whether it had to be ended."""

    cpu: float
    wall: float
    peak: int
    ended: bool = False


class Peak:
    """The largest proportional set size (PSS) of a process and all below it, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self.process, self.bytes, self.over = psutil.Process(pid), 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self) -> None:
        """Look again and again."""
        while not self.over.wait(STEP):
            with suppress(psutil.Error):
                self.bytes = max(self.bytes, total(self.process))

    @contextmanager
    def watching(self) -> Iterator["Peak"]:
        """Look for as long as the block takes."""
        self.thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self.thread.join()


def total(process: psutil.Process) -> int:
    """Return the memory of a process and all below it."""
    found = 0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.Error):
            found += one.memory_full_info().pss
    return found


def spent() -> float:
    """Return the CPU seconds of all processes below this one that are there, and of those that they waited for."""
    found = 0.0
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            times = one.cpu_times()
            found += times.user + times.system + times.children_user + times.children_system
    return found


def measured(command: Sequence[str], folder: Path, patience: float) -> Cost:
    """Run a command; after so many seconds it is ended, with all below it."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    # nbgrader looks for its helpers on the path.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ["PATH"]])
    options = {"cwd": folder, "env": os.environ | {"PATH": path}, "stdin": subprocess.DEVNULL}
    with open(folder / "said.txt", "ab") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, **options)
    ended = False
    with Peak(process.pid).watching() as peak:
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            ended = True
            for one in [*psutil.Process(process.pid).children(recursive=True), process]:
                with suppress(psutil.Error):
                    one.kill()
            process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.monotonic() - start, peak.bytes, ended)
