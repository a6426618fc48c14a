"""Run a submission's functions on given inputs, outside of everything that is worth attacking.

The trusted side. It sends inputs and reads back arrays; expected values, references and tests stay here.
`Sandbox.run` raises only if the sandbox itself is broken: whatever a submission does becomes a status and a
sentence. Linux only.
"""

import os
import tempfile
import threading
import time
from types import TracebackType
from typing import Self

from coursekit.checking import Case
from coursekit.grading.jobs import Call, ExerciseRun, Job, JobResult
from coursekit.grading.levels import Plan, SandboxError, obstacles, plan
from coursekit.grading.playing import play
from coursekit.grading.zygotes import NUMERIC, TORCH, Zygote

__all__ = ["Call", "ExerciseRun", "Job", "JobResult", "Sandbox", "SandboxError", "describe_machine"]


# What must not work at level 2 and 3, tried by a submission of our own whenever a sandbox starts.
PROOF = """
def attempts(file, new):
    import os, socket, sys

    def refused(action):
        try:
            action()
        except OSError:
            return True
        return False

    return (
        refused(lambda: open(file).close()),
        refused(lambda: open(new, "w").close()),
        refused(lambda: os.listdir("/proc/" + str(os.getppid()))),
        refused(lambda: socket.socket(socket.AF_INET).close()),
        refused(lambda: os.fork() or os._exit(0)),
        refused(lambda: os.kill(os.getppid(), 0)),
    )
"""
PROVED = ("read a file", "write a file", "look at a process", "open a socket", "start a process", "send a signal")


class Sandbox:
    """Runs jobs at one isolation level. Several threads may use it. To be closed, best by `with`.

    Parameters
    ----------
    level : int              1, 2 or 3; None tries 3, then 2, then 1; a Plan is taken as it is

    Raises
    ------
    SandboxError             the level is not to be had here; says why
    """

    def __init__(self, level: int | Plan | None = None) -> None:
        self.lock = threading.Lock()
        self.zygotes: dict[bool, Zygote] = {}
        self.refused: list[str] = []
        for candidate in (3, 2, 1) if level is None else (level,):
            try:
                self.plan = candidate if isinstance(candidate, Plan) else plan(candidate)
                self.prove()
                return
            except SandboxError as error:
                self.close()
                self.refused.append(str(error))
        raise SandboxError("\n".join(self.refused))

    @property
    def level(self) -> int:
        """The isolation level: 3, 2 or 1."""
        return self.plan.level

    def describe(self) -> str:
        """Return the level in words, and why it is not a better one."""
        return "\n".join([str(self.plan), *self.refused])

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process."""
        self.close()

    def close(self) -> None:
        """End every process of the sandbox; a later `run` would start new ones."""
        with self.lock:
            while self.zygotes:
                self.zygotes.popitem()[1].close()

    def zygote(self, torch: bool) -> Zygote:
        """Return the process that forks, started at first use."""
        with self.lock:
            if torch not in self.zygotes:
                self.zygotes[torch] = Zygote(self.plan, TORCH if torch else NUMERIC)
            return self.zygotes[torch]

    def discard(self, zygote: Zygote) -> None:
        """End a zygote that does not work, so that the next job starts another."""
        with self.lock:
            for torch, known in list(self.zygotes.items()):
                if known is zygote:
                    self.zygotes.pop(torch).close()

    def prove(self) -> None:
        """Try what must be impossible: a level that does not hold is not claimed."""
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)  # anybody may read and write here, so it is the sandbox alone that refuses
            file = os.path.join(folder, "file")
            open(file, "w").close()
            call = Call("attempts", (Case("paths", {"file": file, "new": f"{file}.new"}),))
            run = self.run(Job((PROOF,), (call,))).runs[0]
        if run.status != "ran" or run.outcomes[0].error is not None:
            raise SandboxError(f"{self.plan} does not work here: {run.detail or run.outcomes[0].error}")
        refused = run.outcomes[0].value
        possible = [text for text, held in zip(PROVED, refused, strict=True) if not held]
        if possible and self.level > 1:
            raise SandboxError(f"{self.plan} does not hold here: a submission could {' and '.join(possible)}")

    def run(self, job: Job) -> JobResult:
        """Run one submission.

        Parameters
        ----------
        job : Job                what to run

        Returns
        -------
        JobResult                one run for each call, in their order

        Raises
        ------
        SandboxError             the sandbox itself failed, also when it was started anew
        TypeError                a case with an input that cannot be sent
        """
        start = time.monotonic()
        zygote = self.zygote(job.needs_torch)
        try:
            runs, failed, output = play(zygote, job)
        except SandboxError:
            self.discard(zygote)
            zygote = self.zygote(job.needs_torch)
            try:
                runs, failed, output = play(zygote, job)
            except SandboxError:
                self.discard(zygote)
                raise
        return JobResult(runs, failed, output, self.level, time.monotonic() - start)


def describe_machine() -> list[tuple[bool, str]]:
    """Say whether this machine can grade: one (fine, sentence) for the level, and one for each obstacle to a better.

    Returns
    -------
    list of (bool, str)      the first is True if a grade of record is possible here (level 2 or 3)
    """
    try:
        with Sandbox() as sandbox:
            found, refused = sandbox.plan, sandbox.refused
    except SandboxError as error:
        return [(False, f"grading is not possible here: {error}")]
    hint = "" if found.level > 1 else "; not enough for a grade of record"
    lines = [(found.level > 1, f"grading at {found}{hint}")]
    lines += [(False, text) for text in refused]
    lines += [(False, text) for name, text in obstacles().items() if text and name == "seccomp" and not refused]
    return lines
