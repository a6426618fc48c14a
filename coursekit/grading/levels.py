"""The three levels of isolation, what each consists of, and which of them this machine gives.

Level 3 is bubblewrap with namespaces, and seccomp; level 2 another user, Landlock and seccomp, where namespaces
are denied; level 1 is a process of its own with limits, and whatever of the above there is.
"""

import os
import shutil
import sys
from dataclasses import dataclass

from coursekit.grading import confine
from coursekit.grading.syscalls import filter_program

__all__ = ["SAFE_LEVEL", "Plan", "SandboxError", "obstacles", "plan"]

SAFE_LEVEL = 2  # the least for a grade of record


class SandboxError(RuntimeError):
    """The sandbox itself did not work: nothing is known about the submission."""


@dataclass(frozen=True)
class Plan:
    """What separates a submission from the machine."""

    level: int
    namespaces: bool = False
    other_uid: bool = False
    landlock: bool = False
    seccomp: bool = False

    def __str__(self) -> str:
        """Return the level and what it is made of."""
        names = {
            "bubblewrap and namespaces": self.namespaces,
            "seccomp": self.seccomp,
            "Landlock": self.landlock,
            "another user": self.other_uid,
        }
        parts = [name for name, there in names.items() if there] or ["a process of its own with limits"]
        return f"level {self.level}: {', '.join(parts)}"


def obstacles() -> dict[str, str | None]:
    """Return what is missing on this machine for each means of isolation; None where nothing is."""
    if not sys.platform.startswith("linux"):
        return dict.fromkeys(("linux", "namespaces", "seccomp", "landlock", "other_uid"), "this needs Linux")
    try:
        filter_program()
        seccomp = None
    except (ImportError, RuntimeError, OSError) as error:
        seccomp = f"the seccomp filter cannot be made ({error}): python -m pip install -e '.[grading]'"
    there = bool(shutil.which("bwrap"))
    return {
        "linux": None,
        "namespaces": None if there else "bubblewrap is missing: apt install bubblewrap, or dnf install bubblewrap",
        "seccomp": seccomp,
        "landlock": None if confine.landlock_version() else "this kernel has no Landlock",
        "other_uid": None if os.geteuid() == 0 else "only root can become another user",
    }


def plan(level: int) -> Plan:
    """Return what a level consists of here.

    Parameters
    ----------
    level : int              1, 2 or 3

    Returns
    -------
    Plan                     as root, with another user for the submissions at every level

    Raises
    ------
    SandboxError             something that the level needs is missing; says what and how to get it
    ValueError               another number
    """
    missing = obstacles()
    needs = {3: ("linux", "namespaces", "seccomp"), 2: ("linux", "other_uid", "landlock", "seccomp"), 1: ("linux",)}
    if level not in needs:
        raise ValueError(f"level must be 1, 2 or 3, got {level}")
    problems = [text for name in needs[level] if (text := missing[name])]
    if problems:
        raise SandboxError(f"level {level} is not to be had here: {'; '.join(problems)}")
    other_uid, landlock = missing["other_uid"] is None, missing["landlock"] is None and level < 3
    return Plan(level, level == 3, other_uid, landlock, missing["seccomp"] is None)
