"""What of the syllabus is built: titles, questions and minutes as the notebooks' heads give them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from coursekit.syllabus.planned import PLANNED, Planned

__all__ = ["Entry", "read_syllabus"]

# Each notebook's first cell says what its cells cost: "the cells take under 30 CPU seconds"; a lab's for its budget ci.
RUN_TIME = re.compile(r"\bcells (?:together )?take ([^.;,]+)")


@dataclass(frozen=True)
class Entry:
    """A row of the syllabus with what its notebook says; of one that is not built, only the plan.

    Attributes
    ----------
    plan : Planned           number, slug, needs
    path : Path or None      the executed notebook, None if it is not built
    title : str              of the notebook, else the topic's name
    question : str           the one that the notebook answers, else ""
    objectives : tuple       what one can do afterwards, else ()
    read : int               minutes to read, else the whole of the plan
    exercises : int          minutes for the exercises, else 0
    run_time : str           what the cells cost, e.g. "under 30 CPU seconds", else ""
    """

    plan: Planned
    path: Path | None = None
    title: str = ""
    question: str = ""
    objectives: tuple[str, ...] = ()
    read: int = 0
    exercises: int = 0
    run_time: str = ""

    @property
    def minutes(self) -> int:
        """Reading and exercises together."""
        return self.read + self.exercises

    @property
    def label(self) -> str:
        """What a reader calls it: "Lecture 7"."""
        return f"{self.plan.kind.capitalize()} {self.plan.number}"


def read_syllabus(root: str | Path) -> tuple[Entry, ...]:
    """Return all rows of the syllabus, lectures first, with what the built notebooks say.

    Parameters
    ----------
    root : str or Path       the folder with `lectures` and `labs`

    Returns
    -------
    tuple of Entry           as many as the syllabus has rows

    Raises
    ------
    ValueError               a notebook whose head lacks what the syllabus shows; the message names the file
    """
    return tuple(read_entry(plan, Path(root) / plan.folder / f"{plan.stem}.ipynb") for plan in PLANNED.values())


def read_entry(plan: Planned, path: Path) -> Entry:
    """Return one row; without a notebook there is only the plan."""
    if not path.exists():
        return Entry(plan, title=plan.name[:1].upper() + plan.name[1:], read=plan.minutes)
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        about = notebook["metadata"]["coursekit"]
        found = RUN_TIME.search("".join(notebook["cells"][0]["source"]).replace("\n", " "))
        return Entry(
            plan,
            path,
            title=about["title"],
            question=about["question"],
            objectives=tuple(about["objectives"]),
            read=about["minutes"]["read"],
            exercises=about["minutes"]["exercises"],
            run_time=found[1].strip() if found else "",
        )
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(f"{path.name} has no head that can be read: {error!r}") from None
