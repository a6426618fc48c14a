"""What a hostile submission is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hostile:
    """One attack: what it tries, and the code of the cell.

    `status` are the ways in which the run may end. `effect` says what changes outside when the same code runs
    with limits alone, if that can be tried without harm: a control, so that the test is known to see it.
    """

    name: str
    tries: str
    code: str
    status: tuple[str, ...] = ("ran",)
    effect: str = ""
