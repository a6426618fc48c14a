"""`check(function)`: what a notebook calls after each exercise."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from coursekit.checking.comparing import described, shown
from coursekit.checking.judging import judge
from coursekit.checking.report import Report
from coursekit.checking.running import run_case
from coursekit.checking.specification import Exercise

__all__ = ["Checker", "checker"]


def checker(*exercises: Exercise) -> "Checker":
    """Return the `check` of a notebook with these exercises."""
    return Checker({exercise.name: exercise for exercise in exercises})


class Checker:
    """`check(function)` runs the public cases of the exercise that has the function's name."""

    def __init__(self, exercises: Mapping[str, Exercise]) -> None:
        self.exercises = dict(exercises)

    def __call__(self, function: Callable[..., Any]) -> Report:
        """Return a report; nothing that the student's function does is raised."""
        called = getattr(function, "__name__", None)
        exercise = self.exercises.get(called) if isinstance(called, str) else None
        if reason := self.refusal(function, exercise):
            return Report(title=reason)
        assert exercise is not None  # refusal() has said so; this line is for the type checker
        cases = exercise.public_cases()
        outcomes = []
        for case in cases:
            outcomes.append(run_case(function, case, exercise.time_limit))
            if isinstance(outcomes[-1].error, NotImplementedError | TimeoutError):
                break  # the others would say the same, or cost as much again
        cases = cases[: len(outcomes)]
        return Report.from_verdict(exercise, cases, outcomes, judge(exercise, cases, outcomes))

    def refusal(self, function: Any, exercise: Exercise | None) -> str | None:
        """Say why this cannot be checked, or return None."""
        names = ", ".join(self.exercises)
        if not callable(function):
            first, kind = next(iter(self.exercises)), described(function)
            return f"check wants a function, not {kind}: write its name without parentheses, check({first})"
        if exercise is None:
            called = getattr(function, "__name__", type(function).__name__)
            return f"{called!r} is not an exercise of this notebook; the exercises are {names}"
        if (getattr(function, "__module__", None) or "").partition(".")[0] == "coursekit":
            return f"{exercise.name}: this is the library's own function. Write yours in the cell above, then check it"
        wanted, given = signatures(exercise.reference, function)
        if wanted != given:
            return f"{exercise.name}: the exercise asks for {wanted}, your function takes {given}"
        return None


def signatures(reference: Callable[..., Any], function: Callable[..., Any]) -> tuple[str, str]:
    """Return both parameter lists as texts; annotations and further optional parameters do not count."""
    wanted = inspect.signature(reference).parameters
    try:
        given = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return "a function written in Python", "unknown arguments"

    # What can be passed by keyword is compared by name; order and defaults are left to the cases.
    required = {
        name for name, p in given.items() if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }
    optional = {name for name, p in wanted.items() if p.default is not p.empty}
    kinds = {p.kind for p in given.values()}
    fits = (
        required <= set(wanted)
        and (set(wanted) <= set(given) or inspect.Parameter.VAR_KEYWORD in kinds)
        and not required & optional
        and inspect.Parameter.POSITIONAL_ONLY not in kinds
    )
    return (parameter_list(wanted), parameter_list(wanted if fits else given))


class _Text(str):
    """A text whose repr is itself."""

    __repr__ = str.__str__


def parameter_list(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the parameters as in a def, without annotations; a default that is no constant is named by its kind."""

    def default(value: Any) -> Any:
        constant = value is inspect.Parameter.empty or isinstance(value, bool | int | float | str | None)
        return value if constant else _Text(shown(value))

    bare = [p.replace(annotation=p.empty, default=default(p.default)) for p in parameters.values()]
    return str(inspect.Signature(bare))
