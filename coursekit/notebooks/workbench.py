"""A student's copies of the notebooks: unpaired, and never overwritten once something is written in them."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.notebooks.executing import write_atomically

__all__ = ["RECORD", "FillResult", "course_notebooks", "fill"]

RECORD = ".coursekit.json"
"""In the folder of the copies: the fingerprints of all versions that were ever laid there, by notebook."""

@dataclass(frozen=True)
class FillResult:
    """What `fill` did, as file names in the folder of the copies.

    laid : new here; refreshed : untouched copies brought up to date; beside : new versions beside copies that
    have been written in; kept : left alone.
    """

    laid: tuple[str, ...]
    refreshed: tuple[str, ...]
    beside: tuple[str, ...]
    kept: tuple[str, ...]


def course_notebooks(root: str | Path) -> list[Path]:
    """Return the notebooks of the course, lectures first.

    Parameters
    ----------
    root : str or Path       the folder with `lectures` and `labs`

    Returns
    -------
    list of Path             sorted by name within each
    """
    return [path for part in ("lectures", "labs") for path in sorted((Path(root) / part).glob("*.ipynb"))]


def fill(notebooks: Iterable[Path], work: str | Path) -> FillResult:
    """Give each notebook a copy in `work`, without outputs; what a student has written stays as it is.

    Whether something has been written is told from the cells' text: opening, running and saving a copy does
    not count. A damaged copy counts as written in, and without the record every outdated copy does.

    Parameters
    ----------
    notebooks : iterable of Path     the course's own
    work : str or Path               the folder of the copies; made if need be

    Returns
    -------
    FillResult                       what was done with each
    """
    work = Path(work)
    work.mkdir(parents=True, exist_ok=True)
    record = read_record(work / RECORD)
    done: dict[str, list[str]] = {"laid": [], "refreshed": [], "beside": [], "kept": []}
    for source in notebooks:
        notebook = unpaired(json.loads(source.read_text(encoding="utf-8")))
        version, versions = fingerprint(notebook), record.setdefault(source.stem, [])
        action, target = decide(source.stem, version, versions, work)
        if action != "kept":
            write_atomically(target, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
        if version not in versions:
            versions.append(version)
        done[action].append(target.name)
    write_atomically(work / RECORD, json.dumps(record, indent=1) + "\n")
    return FillResult(**{action: tuple(names) for action, names in done.items()})


def decide(stem: str, version: str, versions: list[str], work: Path) -> tuple[str, Path]:
    """Return what to do for one notebook, and with which file."""
    first = work / f"{stem}.ipynb"
    if not first.exists():
        return "laid", first
    paths = [first, *sorted(work.glob(f"{stem} (new version*).ipynb"))]
    copies = {path: stored_fingerprint(path) for path in paths}
    for path, found in copies.items():
        if found == version:
            return "kept", path
    for path, found in copies.items():
        if found in versions:
            return "refreshed", path
    if version in versions:  # written in, or looked at and thrown away
        return "kept", first
    names = (f"{stem} (new version{f' {n}' if n > 1 else ''}).ipynb" for n in range(1, len(copies) + 2))
    return "beside", next(work / name for name in names if not (work / name).exists())


def unpaired(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook without outputs, counts, the instructor's notes and all that would pair it with a text."""
    dropped = ("jupytext", "widgets")
    metadata = {key: value for key, value in notebook["metadata"].items() if key not in dropped}
    emptied: dict[str, Any] = {"outputs": [], "execution_count": None}
    for_students = [one for one in notebook["cells"] if "instructor" not in one.get("metadata", {}).get("tags", [])]
    cells = [{**cell, **emptied} if cell["cell_type"] == "code" else cell for cell in for_students]
    return {**notebook, "metadata": metadata, "cells": cells}


def fingerprint(notebook: dict[str, Any]) -> str:
    """Return a hash of the cells' kinds and texts; empty cells, which a front end appends, do not count."""
    texts = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps([pair for pair in texts if pair[1].strip()]).encode()).hexdigest()[:16]


def stored_fingerprint(path: Path) -> str | None:
    """Return the fingerprint of a file, None if it is not a notebook that can be read."""
    try:
        return fingerprint(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_record(path: Path) -> dict[str, list[str]]:
    """Return the record, an empty one if it is missing or torn."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {str(stem): [str(version) for version in versions] for stem, versions in record.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
