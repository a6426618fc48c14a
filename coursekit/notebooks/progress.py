"""How far a student is, read from what lies in the notebooks: nothing is run, sent or kept elsewhere."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["STATES", "exercise_names", "progress"]

STATES = ("not attempted", "tried", "passed")
"""The states of an exercise, from the least."""

DEFINED = re.compile(r"^def (\w+)\(", re.MULTILINE)
# The first line of a check's report, see `coursekit.checking.Report`: the exercise's name, a colon, the verdict.
VERDICT = re.compile(r"^(\w+): (.+)$", re.MULTILINE)


def exercise_names(notebook: Path) -> tuple[str, ...]:
    """Return the names of the exercises of one of the course's own notebooks, in its order.

    Parameters
    ----------
    notebook : Path          its stub cells are tagged "exercise"

    Returns
    -------
    tuple of str
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    stubs = [text(cell.get("source")) for cell in cells if "exercise" in cell["metadata"].get("tags", [])]
    return tuple(name for stub in stubs for name in DEFINED.findall(stub)[-1:])


def progress(work: str | Path, exercises: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Return the state of each exercise, the best of all copies of its notebook.

    Parameters
    ----------
    work : str or Path       the folder of the student's notebooks, whatever their file names
    exercises : mapping      slug of the notebook -> names of its exercises

    Returns
    -------
    dict                     slug -> exercise -> one of `STATES`; what cannot be read counts as not attempted
    """
    found = {slug: dict.fromkeys(names, STATES[0]) for slug, names in exercises.items()}
    for path in sorted(Path(work).glob("*.ipynb")):
        try:
            stat = path.stat()
        except OSError:
            continue
        slug, states = read_copy(str(path), stat.st_mtime_ns, stat.st_size)
        for name, state in states:
            if state_is_better(state, found.get(slug, {}).get(name)):
                found[slug][name] = state
    return found


def state_is_better(state: str, known: str | None) -> bool:
    """Say whether a state says more than the one that is known; False for an exercise that is not asked for."""
    return known is not None and STATES.index(state) > STATES.index(known)


@lru_cache(maxsize=256)
def read_copy(path: str, modified: int, size: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a copy's slug and what it says of functions; read again only when the file has changed."""
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8"))
        slug = notebook["metadata"]["coursekit"]["slug"]
        cells = [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]
        said = [verdict for cell in cells for verdict in (*written(cell), *checked(cell))]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return "", ()
    return str(slug), tuple(said)


def written(cell: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the functions that a cell defines, as tried unless the stub's last line still stands."""
    source = text(cell.get("source"))
    state = STATES[0] if "raise NotImplementedError" in source else STATES[1]
    return [(name, state) for name in DEFINED.findall(source)]


def checked(cell: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the checks below a cell say."""
    outputs = cell.get("outputs") or []
    said = [text(one.get("data", {}).get("text/plain", one.get("text"))) for one in outputs]
    return [(name, judged(verdict)) for shown in said for name, verdict in VERDICT.findall(shown)]


def judged(verdict: str) -> str:
    """Return the state that a check's verdict means."""
    if verdict.startswith("not attempted yet"):
        return STATES[0]
    return STATES[2] if re.match(r"all \d+ public cases pass", verdict) else STATES[1]


def text(source: Any) -> str:
    """Return a text that a notebook may store as lines."""
    return source if isinstance(source, str) else "".join(map(str, source or ()))
