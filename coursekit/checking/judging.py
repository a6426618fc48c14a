"""Decide from the outcomes of the cases: right, not attempted, or wrong and in which way."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.checking.comparing import brief, clue, difference
from coursekit.checking.running import Outcome, run_case
from coursekit.checking.specification import Case, Exercise, Mistake

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """The judgement on one function.

    `problems` has one entry for each case: None where it passes, else a sentence. `hint` is that of the
    recognised mistake, `clue` a pattern that holds in every failing case. `expected` are the right values.
    """

    attempted: bool
    problems: tuple[str | None, ...]
    expected: tuple[Any, ...]
    hint: str | None = None
    clue: str | None = None

    @property
    def passed(self) -> bool:
        """True if every case passes; an empty list of cases proves nothing."""
        return self.attempted and bool(self.problems) and not any(self.problems)

    @property
    def n_passed(self) -> int:
        """The number of cases that pass."""
        return sum(problem is None for problem in self.problems) if self.attempted else 0


def judge(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Verdict:
    """Compare the outcomes of a submission with those of the reference and of the known mistakes."""
    expected = outcomes_of(exercise.reference, exercise, cases)
    for case, outcome in zip(cases, expected, strict=True):
        if outcome.error is not None:
            raise RuntimeError(f"the reference {exercise.name} failed on {case.label!r}") from outcome.error
    values = tuple(outcome.value for outcome in expected)
    problems = tuple(problem(exercise, got, want) for got, want in zip(outcomes, expected, strict=True))
    if outcomes and kind(outcomes[0].error) == "NotImplementedError":
        return Verdict(attempted=False, problems=problems, expected=values)
    if not any(problems):
        return Verdict(attempted=True, problems=problems, expected=values)
    hint = next((m.hint for m in exercise.mistakes if made(m, exercise, cases, outcomes)), None)
    wrong = [
        (got.value, want)
        for got, want, text in zip(outcomes, values, problems, strict=True)
        if text and got.error is None and not got.changed
    ]
    every = len(wrong) == sum(text is not None for text in problems)
    return Verdict(True, problems, values, hint, clue(wrong) if every else None)


def outcomes_of(function: Any, exercise: Exercise, cases: Sequence[Case]) -> list[Outcome]:
    """Run a trusted function on all cases; a wrong formula may well warn, which is nobody's concern here."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # whatever the student set them to
        warnings.simplefilter("ignore")
        return [run_case(function, case, exercise.time_limit) for case in cases]


def problem(exercise: Exercise, got: Outcome, expected: Outcome) -> str | None:
    """Return what is wrong with one outcome, or None."""
    if got.error is not None:
        return raised(got.error)
    if got.changed:
        return f"changed its input {' and '.join(got.changed)}: work on a copy"
    return difference(got.value, expected.value, rtol=exercise.rtol, atol=exercise.atol)


def kind(error: BaseException | None) -> str:
    """Name the class of an error; from the sandbox only the name comes, on a class of our own."""
    return "" if error is None else type(error).__name__


def raised(error: BaseException) -> str:
    """Name an error on one line of printable text."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # the student's own class of errors may fail even here
        lines = []
    text = "".join(c if c.isprintable() else " " for c in lines[0]).strip() if lines else ""
    return f"raised {type(error).__name__}" + (f": {brief(text, 200)}" if text else "")


def made(mistake: Mistake, exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> bool:
    """Tell whether the outcomes are those of this mistake (an input changed on the way does not matter)."""
    telling = [
        (case, got) for case, got in zip(cases, outcomes, strict=True) if not mistake.on or case.label in mistake.on
    ]
    wrong = outcomes_of(mistake.function, exercise, [case for case, _ in telling])
    return bool(telling) and all(
        kind(got.error) == kind(one.error)
        if got.error is not None or one.error is not None
        else difference(got.value, one.value, rtol=exercise.rtol, atol=exercise.atol) is None
        for (_, got), one in zip(telling, wrong, strict=True)
    )
