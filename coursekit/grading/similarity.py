"""Functions that equal another student's or the reference, up to names, layout and comments.

A hint for a person, never a verdict: short answers coincide, people are told to talk to each other, and the
fingerprints are made where the submission runs. No grade depends on this.
"""

import inspect
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from coursekit.grading.catalogue import exercises_of
from coursekit.grading.policy import Standing
from coursekit.grading.results import ExerciseRecord
from coursekit.grading.slicing import fingerprint

__all__ = ["MIN_TOKENS", "Twins", "twins"]

# Below this many tokens two people write the same without knowing of each other: one formula has some 20.
MIN_TOKENS = 50


@dataclass(frozen=True)
class Twins:
    """Students whose code for an exercise is the same; `reference` if it is the library's too.

    `wrong` if the code is: there are many ways to be wrong, so this says more than two equal right answers.
    """

    topic: str
    exercise: str
    students: tuple[str, ...]
    size: int
    reference: bool
    wrong: bool


def twins(standings: Sequence[Standing], *, min_tokens: int = MIN_TOKENS) -> tuple[Twins, ...]:
    """Find equal answers among the attempts that count.

    Parameters
    ----------
    standings : sequence         one topic or several
    min_tokens : int             shorter code is not looked at

    Returns
    -------
    tuple of Twins               two or more students, or one who wrote the reference; wrong answers first
    """
    found: dict[tuple[str, str, str], list[tuple[str, ExerciseRecord]]] = {}
    for one in standings:
        for each in one.attempt.exercises if one.attempt else ():
            if each.fingerprint and each.size >= min_tokens and each.status in ("passed", "failed"):
                found.setdefault((one.topic, each.name, each.fingerprint), []).append((one.student, each))
    groups = []
    for (topic, name, digest), who in found.items():
        size, wrong = max(each.size for _, each in who), who[0][1].status == "failed"
        groups.append(Twins(topic, name, tuple(one for one, _ in who), size, digest in known(topic, name), wrong))
    kept = [one for one in groups if len(one.students) > 1 or one.reference]
    return tuple(sorted(kept, key=lambda one: (not one.wrong, one.topic, one.exercise, one.students)))


@cache
def known(topic: str, name: str) -> frozenset[str]:
    """Return the fingerprints of the reference as it stands in the library."""
    exercise = next(one for one in exercises_of(topic) if one.name == name)
    return frozenset({fingerprint(textwrap.dedent(inspect.getsource(exercise.reference)))})
