"""The conversation with one submission's processes: what is sent, what is believed, and what each end means."""

import secrets
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from coursekit.checking import Case, Outcome
from coursekit.checking.comparing import Other
from coursekit.grading import wire
from coursekit.grading.jobs import Call, ExerciseRun, Job
from coursekit.grading.levels import SandboxError
from coursekit.grading.values import Foreign, harmless_name
from coursekit.grading.withheld import shipped
from coursekit.grading.zygotes import Keeper, Zygote

__all__ = ["StudentError", "play"]

START_SECONDS = 30.0
SLICE_SECONDS = 2.0
SLICE_MEMORY = 512 << 20
# Cells that end the process, one after the other, before the rest is given up.
MAX_DEAD_CELLS = 3
MAX_CODE = 400_000
KEPT_OUTPUT = 64 << 10
KEPT_MESSAGE = 2000
AT_THE_END = -1
STOPPED_BY_TIMER = ("SIGPROF", "SIGXCPU")


class StudentError(Exception):
    """Stands for an exception that a submission raised; the name of its class is the original's."""


@dataclass
class Attempt:
    """One player: where it is, what went wrong, and how it ended.

    `trouble` is "" as long as all is well, "gone" if it closed its socket, "late" if a deadline passed, and
    else says what was wrong with what it sent.
    """

    channel: socket.socket
    cell: int = AT_THE_END
    trouble: str = ""
    n_bytes: int = 0
    ended: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read everything through one buffer."""
        self.incoming = wire.Incoming(self.channel)

    def receive(self, seconds: float) -> wire.Frame:
        """Receive the next frame within so many seconds; the total of what it may send is one frame's."""
        frame = wire.receive(self.incoming, time.monotonic() + seconds, max_body=wire.MAX_BODY - self.n_bytes)
        self.n_bytes += frame.n_bytes
        return frame

    def how(self, subject: str, memory: int) -> tuple[str, str]:
        """Return the status that follows from the end, and a sentence about it."""
        code = int(self.ended["code"])
        name = signal.Signals(-code).name if code < 0 else ""
        if self.trouble == "late" or name in STOPPED_BY_TIMER:
            return "timed out", f"{subject} took too long and was ended: is there a loop that does not end?"
        if self.trouble == "gone" and name == "SIGKILL" and not self.ended["killed"]:
            return "out of memory", too_much(subject, memory)
        if self.trouble != "gone":
            return "protocol", f"What came back from {subject} could not be read: {self.trouble}."
        if self.ended["killed"]:
            return "protocol", f"{subject} closed the connection to the grader."
        if name:
            return "crashed", f"{subject} made Python crash ({name})."
        return "crashed", f"{subject} ended Python (exit code {code}): a function has to return."


def too_much(subject: str, memory: int) -> str:
    """Return a sentence about memory."""
    return f"{subject} needed more than {memory >> 20} MB of memory."


@dataclass
class Known:
    """What is learnt of a submission on the way: cells that failed, code that ends the process, what was printed."""

    failed: dict[int, str] = field(default_factory=dict)
    deadly: set[tuple[int, str]] = field(default_factory=set)
    output: str = ""

    def printed(self, text: str) -> None:
        """Keep the end of what was printed."""
        self.output = (self.output + text)[-KEPT_OUTPUT:]


@dataclass(frozen=True)
class Slice:
    """The code that one function needs, one text for each cell."""

    cells: tuple[str, ...]
    fingerprint: str


def play(zygote: Zygote, job: Job) -> tuple[tuple[ExerciseRun, ...], tuple[tuple[int, str], ...], str]:
    """Run one submission in a keeper of its own; return its runs, its failed cells and what it printed."""
    frames = [[packed(case) for case in call.cases] for call in job.calls]  # an input of ours that is not sendable
    known = Known()
    keeper = zygote.keeper()
    try:
        slices, problem = slice_cells(keeper, job, known)
        runs = []
        for call, cases in zip(job.calls, frames, strict=True):
            if problem:
                runs.append(ExerciseRun(call.exercise, problem[0], detail=problem[1]))
            elif call.exercise not in slices:
                runs.append(ExerciseRun(call.exercise, "missing", detail=why_missing(call.exercise, job.cells, known)))
            else:
                runs.append(run_call(keeper, job, call, cases, slices[call.exercise], known))
    finally:
        keeper.close()
    return tuple(runs), tuple(sorted(known.failed.items())), known.output


@contextmanager
def player(keeper: Keeper, memory: int, cpu: float) -> Iterator[Attempt]:
    """Start a player for the block; whatever goes wrong with it in there ends the block and is noted."""
    with keeper.player(memory, int(cpu) + 5) as channel:
        attempt = Attempt(channel)
        try:
            # The first frame is sent before anything of the submission has been read.
            first = attempt.receive(START_SECONDS)
            if "confined" not in first.message:
                raise SandboxError(f"a submission could not be confined: {first.message.get('failed')}")
        except (EOFError, TimeoutError, wire.WireError) as error:
            raise SandboxError(f"a submission could not be started: {error}") from None
        try:
            yield attempt
        except TimeoutError:
            attempt.trouble = "late"
        except (EOFError, OSError):
            attempt.trouble = "gone"
        except wire.WireError as error:
            attempt.trouble = str(error)
    attempt.ended = keeper.end(gone=attempt.trouble == "gone")


def field_of(frame: wire.Frame, key: str, kind: type) -> Any:
    """Return a field of a message that has exactly this type."""
    value = frame.message.get(key)
    if type(value) is not kind:
        raise wire.WireError(f"a message whose {key!r} is not a {kind.__name__}")
    return value


def failures(frame: wire.Frame, n_cells: int) -> dict[int, str]:
    """Return the failed cells that a message lists."""
    found = {}
    for pair in field_of(frame, "failed", list):
        if type(pair) is not list or [type(part) for part in pair] != [int, str] or not 0 <= pair[0] < n_cells:
            raise wire.WireError("a list of failed cells that cannot be read")
        found[pair[0]] = pair[1][:KEPT_MESSAGE]
    return found


def slice_cells(keeper: Keeper, job: Job, known: Known) -> tuple[dict[str, Slice], tuple[str, str] | None]:
    """Return the code that each function needs, or the status and detail that hold for all of them."""
    names = [call.exercise for call in job.calls]
    skip: list[int] = []
    announce = False  # which cell is being read is only of interest if one ends the process
    while len(skip) <= MAX_DEAD_CELLS:
        slices: dict[str, Slice] = {}
        order = {"task": "slice", "names": names, "skip": skip, "cell_seconds": SLICE_SECONDS, "announce": announce}
        try:
            frame = wire.pack(order, job.cells)
        except wire.WireError:
            return {}, ("protocol", f"The notebook's code is too long: {sum(map(len, job.cells))} characters.")
        with player(keeper, SLICE_MEMORY, SLICE_SECONDS * (len(job.cells) + len(names))) as attempt:
            wire.send(attempt.channel, frame, time.monotonic() + START_SECONDS)
            for _ in range(len(job.cells) + 1 if announce else 1):
                attempt.cell = field_of(attempt.receive(3 * SLICE_SECONDS + job.patience), "at", int)
            for name in names:
                answer = attempt.receive(3 * SLICE_SECONDS + job.patience)
                known.failed |= failures(answer, len(job.cells))
                if not all(type(text) is str for text in answer.values):
                    raise wire.WireError("a slice that is not text")
                if field_of(answer, "found", bool):
                    slices[name] = Slice(answer.values, field_of(answer, "fingerprint", str))
            return slices, None
        if not announce:
            announce = True
            continue
        if attempt.cell == AT_THE_END:
            break
        skip.append(attempt.cell)
        known.failed[attempt.cell] = attempt.how("Reading the cell", SLICE_MEMORY)[1]
    return {}, ("crashed", "The notebook's code could not be read.")


def why_missing(name: str, cells: Sequence[str], known: Known) -> str:
    """Return a sentence that says where a function was to be expected, if anywhere."""
    for i, reason in sorted(known.failed.items()):
        if f"def {name}" in cells[i]:
            return f"Code cell {i + 1}, which defines {name}, did not run: {reason}"
    return f"There is no function {name} in the notebook."


def packed(case: Case) -> tuple[str, bytes]:
    """Return a case as a frame, with the nonce that its answer must repeat."""
    nonce = secrets.token_hex(8)
    message = {"nonce": nonce, "names": list(case.inputs), "tensors": case.tensors}
    return nonce, wire.pack(message, list(case.inputs.values()))


def run_call(
    keeper: Keeper, job: Job, call: Call, cases: list[tuple[str, bytes]], code: Slice, known: Known
) -> ExerciseRun:
    """Run one exercise; if one of its cells ends the process, run the others without it."""
    name, source = call.exercise, "".join(code.cells)
    run = ExerciseRun(name, "protocol", source=source, fingerprint=code.fingerprint)
    if len(source) > MAX_CODE:
        return replace(run, detail=f"The code that {name} needs is too long: {len(source)} characters.")
    library = shipped(job.withheld, source) if "coursekit" in source else None
    while True:
        todo = [i for i, text in enumerate(code.cells) if text and (i, text) not in known.deadly]
        order = {"task": "run", "name": name, "todo": todo, "cell_seconds": job.cell_limit}
        order["call_seconds"] = call.time_limit
        setup = wire.pack(order, [library, *(code.cells[i] for i in todo)])
        outcomes: list[Outcome] = []
        status = ""
        with player(keeper, call.memory_limit, job.cell_limit * len(todo) + call.time_limit * len(cases)) as attempt:
            wire.send(attempt.channel, setup, time.monotonic() + START_SECONDS)
            if ready(attempt, job, todo, known):
                status = answers(attempt, job, call, cases, outcomes, known)
            else:
                status = "missing"
        if not attempt.trouble or attempt.cell == AT_THE_END or len(known.deadly) >= MAX_DEAD_CELLS:
            break
        known.deadly.add((attempt.cell, code.cells[attempt.cell]))
        known.failed[attempt.cell] = attempt.how("The cell", call.memory_limit)[1]
    detail = ""
    if attempt.trouble:
        status, detail = attempt.how(name, call.memory_limit)
    elif status == "missing":
        detail = why_missing(name, code.cells, known)
    elif status == "out of memory":
        detail = too_much(name, call.memory_limit)
    kept = tuple(outcomes) if status in ("ran", "not attempted") else ()
    run = replace(run, status=status, detail=detail, outcomes=kept)
    return replace(run, cpu_seconds=attempt.ended["cpu"], peak_bytes=int(attempt.ended["rss"]))


def ready(attempt: Attempt, job: Job, todo: Sequence[int], known: Known) -> bool:
    """Follow the cells as they run; return whether the function is there after the last."""
    deadline = time.monotonic() + 3 * job.cell_limit + job.patience
    for _ in range(len(todo) + 1):
        frame = attempt.receive(deadline - time.monotonic())
        if "at" not in frame.message:
            attempt.cell = AT_THE_END
            known.printed(field_of(frame, "output", str))
            known.failed |= failures(frame, len(job.cells))
            return bool(field_of(frame, "ready", bool))
        attempt.cell = field_of(frame, "at", int)
        if attempt.cell not in todo:
            attempt.cell = AT_THE_END
            raise wire.WireError("a cell that was not to be run")
    raise wire.WireError("more messages than cells")


def answers(
    attempt: Attempt, job: Job, call: Call, cases: list[tuple[str, bytes]], outcomes: list[Outcome], known: Known
) -> str:
    """Send the cases one by one and append what comes back to `outcomes`; return the status."""
    # Each call on its own, and all together: one that sleeps may not use up the first for every case.
    deadline = time.monotonic() + 2 * call.time_limit * len(cases) + job.patience
    for case, (nonce, frame) in zip(call.cases, cases, strict=True):
        seconds = min(3 * call.time_limit + job.patience, deadline - time.monotonic())
        wire.send(attempt.channel, frame, time.monotonic() + seconds)
        answer = attempt.receive(seconds)
        if answer.message.get("nonce") != nonce or len(answer.values) != 1:
            raise wire.WireError("an answer to another question")
        known.printed(field_of(answer, "output", str))
        if field_of(answer, "memory", bool):
            return "out of memory"
        outcomes.append(outcome(answer, case))
        if type(outcomes[0].error).__name__ == "NotImplementedError":
            return "not attempted"
    return "ran"


def outcome(answer: wire.Frame, case: Case) -> Outcome:
    """Return an answer as an outcome; its error is of a harmless class of our own that has the original's name."""
    changed = field_of(answer, "changed", list)
    if not all(name in case.inputs for name in changed if type(name) is str):
        raise wire.WireError("an input that is not one")
    error = answer.message.get("error")
    if error is None:
        return Outcome(believed(answer.values[0]), changed=tuple(name for name in case.inputs if name in changed))
    if type(error) is not list or [type(part) for part in error] != [str, str]:
        raise wire.WireError("an error that cannot be read")
    kind = type(harmless_name(error[0]), (StudentError,), {})
    return Outcome(error=kind(error[1][:KEPT_MESSAGE]))


def believed(value: object) -> object:
    """Return a value in the terms of the self-check, so that the same comparison judges both."""
    if isinstance(value, tuple | list):
        return type(value)(believed(part) for part in value)
    return Other(value.kind) if isinstance(value, Foreign) else value
