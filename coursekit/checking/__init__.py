"""The self-check: run a student's function on the public cases and say which mistake it made.

`Exercise` and `Mistake` specify, `checker` makes the `check` that a notebook calls, `judge` decides from
outcomes alone (so that the same judgement can be passed on outcomes computed elsewhere).
"""

from coursekit.checking.checker import Checker, checker
from coursekit.checking.comparing import difference
from coursekit.checking.judging import Verdict, judge
from coursekit.checking.running import Outcome, run_case
from coursekit.checking.specification import Case, Exercise, Mistake

__all__ = [
    "Case",
    "Checker",
    "Exercise",
    "Mistake",
    "Outcome",
    "Verdict",
    "checker",
    "difference",
    "judge",
    "run_case",
]
