"""Gradescope's results.json for one student and topic."""

from typing import Any

from coursekit.grading.policy import Standing
from coursekit.grading.results import ExerciseRecord

__all__ = ["results"]


def results(standing: Standing) -> dict[str, Any]:
    """Return what Gradescope reads.

    Parameters
    ----------
    standing : Standing          what counts

    Returns
    -------
    dict                         plain data; the sum of the tests' scores is the score before lateness
    """
    attempt = standing.attempt
    tests = [test(standing, number, one) for number, one in enumerate(attempt.exercises if attempt else (), start=1)]
    output = [standing.problem, *(attempt.notes if attempt else ())]
    if standing.days_late:
        output.append(f"{standing.days_late} days late: {standing.final:g} of {standing.points:g} points count.")
    return {
        "score": standing.final,
        "output": "\n".join(line for line in output if line),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"topic": standing.topic, "attempt": attempt.attempt if attempt else 0},
    }


def test(standing: Standing, number: int, one: ExerciseRecord) -> dict[str, Any]:
    """Return one exercise."""
    by_hand = [f"By hand ({each.by}): {each.reason}" for each in standing.overrides if each.exercise == one.name]
    score = standing.points_of(one.name)
    return {
        "name": one.name,
        "number": str(number),
        "score": score,
        "max_score": one.most,
        "status": "passed" if score == one.most else "failed",
        "output": "\n".join(line for line in (one.reason, one.hint, *by_hand) if line),
        "output_format": "text",
        "visibility": "visible",
    }
