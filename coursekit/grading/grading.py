"""One submission: draw the inputs, run it in the sandbox, and judge what came back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from coursekit.checking import Exercise, Verdict, judge
from coursekit.grading.jobs import Call, ExerciseRun, Job, JobResult
from coursekit.grading.sandbox import Sandbox

__all__ = ["ExerciseGrade", "GradeResult", "grade_source"]


@dataclass(frozen=True)
class ExerciseGrade:
    """The points for one exercise and what they rest on; there is no verdict unless all cases ran."""

    exercise: Exercise
    points: int
    run: ExerciseRun
    verdict: Verdict | None


@dataclass(frozen=True)
class GradeResult:
    """The grades of one submission, one for each exercise, and how the run went as a whole."""

    grades: tuple[ExerciseGrade, ...]
    result: JobResult

    @property
    def points(self) -> int:
        """The sum of the points."""
        return sum(grade.points for grade in self.grades)


def grade_source(
    cells: Sequence[str],
    exercises: Sequence[Exercise],
    rng: np.random.Generator | Callable[[Exercise], np.random.Generator],
    sandbox: Sandbox,
    *,
    cell_limit: float = 5.0,
    patience: float = 5.0,
) -> GradeResult:
    """Grade the code cells of one notebook.

    Parameters
    ----------
    cells : sequence of str  the code cells, as they are
    exercises : sequence     what to look for, by name
    rng : Generator          where the inputs come from; or a function that gives one for each exercise
    sandbox : Sandbox        where the code runs
    cell_limit : float       seconds of CPU for a cell
    patience : float         seconds of waiting that cost no CPU

    Returns
    -------
    GradeResult              one grade for each exercise, in their order

    Notes
    -----
    All or nothing for each exercise: every case has to pass, as in the self-check. So does its rule that an
    input must not be changed in place: both use `judge`, and a student who saw "changed its input u: work on a
    copy" there is told nothing else here.
    """
    drawn_from = rng if callable(rng) else lambda exercise: rng
    cases = [tuple(exercise.graded_cases(drawn_from(exercise))) for exercise in exercises]
    calls = tuple(
        Call(exercise.name, drawn, exercise.time_limit, exercise.memory_limit)
        for exercise, drawn in zip(exercises, cases, strict=True)
    )
    torch = any(exercise.tensors for exercise in exercises)
    withheld = tuple(f"{exercise.reference.__module__}.{exercise.name}" for exercise in exercises)
    result = sandbox.run(Job(tuple(cells), calls, torch, withheld, cell_limit, patience))
    return GradeResult(tuple(map(graded, exercises, cases, result.runs)), result)


def graded(exercise: Exercise, cases: Sequence, run: ExerciseRun) -> ExerciseGrade:
    """Judge one exercise; whatever did not run to its end earns nothing."""
    if run.status != "ran":
        return ExerciseGrade(exercise, 0, run, None)
    verdict = judge(exercise, cases, run.outcomes)
    return ExerciseGrade(exercise, exercise.points if verdict.passed else 0, run, verdict)
