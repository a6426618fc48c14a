"""What the sandbox is asked to run, and what comes of it."""

from dataclasses import dataclass

from coursekit.checking import Case, Outcome

__all__ = ["Call", "ExerciseRun", "Job", "JobResult"]


@dataclass(frozen=True)
class Call:
    """One function to call, its cases, and what each call may take: seconds of CPU and bytes of memory."""

    exercise: str
    cases: tuple[Case, ...]
    time_limit: float = 2.0
    memory_limit: int = 1 << 30


@dataclass(frozen=True)
class Job:
    """One submission: its code cells as they are, what to call, and which references must not be found.

    With `needs_torch` torch is there before the first cell, which would take long to import it. `withheld` has
    dotted names (`coursekit.laplacian.laplacian5`). Limits of time are in seconds of CPU, so that a busy machine
    costs nobody points; `cell_limit` is for one cell. On the wall clock the cells that an exercise needs may take
    three times that and `patience`, a call three times its limit and `patience`, and all calls of an exercise twice
    their limits and `patience`.
    """

    cells: tuple[str, ...]
    calls: tuple[Call, ...]
    needs_torch: bool = False
    withheld: tuple[str, ...] = ()
    cell_limit: float = 5.0
    patience: float = 5.0


@dataclass(frozen=True)
class ExerciseRun:
    """What came of one exercise.

    `status` is "ran", "missing", "not attempted", "timed out", "out of memory", "crashed" or "protocol".
    `outcomes` has one entry for each case if it ran; otherwise `detail` is a sentence for the student.
    `source` is the code that was run, untrusted, and `fingerprint` its digest (`slicing.fingerprint`).
    """

    exercise: str
    status: str
    outcomes: tuple[Outcome, ...] = ()
    detail: str = ""
    source: str = ""
    fingerprint: str = ""
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True)
class JobResult:
    """What came of one submission.

    `failed_cells` are (index, reason) of cells that could not be read or run. `output_tail` is the end of what
    was printed; it may show inputs, so it is for the staff's eyes.
    """

    runs: tuple[ExerciseRun, ...]
    failed_cells: tuple[tuple[int, str], ...]
    output_tail: str
    level: int
    seconds: float
