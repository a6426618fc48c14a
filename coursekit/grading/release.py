"""Copies of notebooks to hand out: unpaired, without outputs, stubs in place, with nbgrader's cell metadata.

The versions of library, notebook and grader travel in the notebook's metadata, so that grading can say what has
changed since. The solved copy holds the references instead of the stubs, and the instructor's notes.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from coursekit.checking import Exercise
from coursekit.grading.catalogue import environment, exercises_of, topics
from coursekit.grading.results import SCHEMA, write_atomically

__all__ = [
    "CHECK_ID",
    "SCHEMA_VERSION",
    "TASK_ID",
    "digest",
    "handout",
    "is_handout",
    "released_digests",
    "write_handouts",
    "zipped",
]

CHECK = re.compile(r"^check\((\w+)\)", re.MULTILINE)
STUB = re.compile(r"^def (\w+)", re.MULTILINE)
SCHEMA_VERSION = 3  # nbgrader's, not ours
CHECK_ID, TASK_ID = "-check", "-task"  # the endings of nbgrader's ids
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def digest(path: Path) -> str:
    """Return what tells one version of a notebook from another.

    Parameters
    ----------
    path : Path                  its .ipynb or .py; the text of the pair counts if there is one

    Returns
    -------
    str                          hexadecimal; outputs do not count
    """
    text = path.with_suffix(".py")
    if text.exists():
        data = text.read_bytes()
    else:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        data = json.dumps([[cell["cell_type"], "".join(cell["source"])] for cell in cells]).encode()
    return hashlib.sha256(data).hexdigest()[:16]


def released_digests(root: Path) -> dict[str, str]:
    """Return the digests of the course's notebooks as they are now.

    Parameters
    ----------
    root : Path                  the course's folder

    Returns
    -------
    dict of str                  by topic
    """
    paths = [path for part in ("lectures", "labs") for path in sorted((root / part).glob("l*_*.py"))]
    return {path.stem.partition("_")[2]: digest(path) for path in paths}


def handout(path: Path, *, solved: bool = False) -> dict[str, Any]:
    """Return the copy of a notebook to hand out.

    Parameters
    ----------
    path : Path                  an .ipynb of the course
    solved : bool                the instructor's, with the references in place of the stubs

    Returns
    -------
    dict                         the notebook's JSON

    Raises
    ------
    ValueError                   it is not a notebook, not of the course, or its exercises lack a stub or a check
    """
    from coursekit import notebooks  # needs the extra student
    from coursekit.notebooks.workbench import unpaired

    stored = notebooks.read_stored(path)
    topic = stored.metadata.get("coursekit", {}).get("slug", "")
    if topic not in topics():
        raise ValueError(f"{path.name} is not a notebook with exercises: its slug is {topic!r}")
    exercises = exercises_of(topic)
    if solved:
        stored = notebooks.solved(stored, exercises)
    whole = json.loads(json.dumps(stored))
    notebook = unpaired(whole)  # the instructor's notes are left out too
    if solved:
        emptied: dict[str, Any] = {"outputs": [], "execution_count": None}
        notebook["cells"] = [{**one, **emptied} if one["cell_type"] == "code" else one for one in whole["cells"]]
    about = {"library": environment()["library"], "grader": str(SCHEMA), "notebook": digest(path)}
    head = {**notebook["metadata"], "coursekit": {**notebook["metadata"]["coursekit"], "release": about}}
    return {**notebook, "metadata": head, "cells": marked(notebook["cells"], topic, exercises, path.name)}


def marked(
    cells: Sequence[dict[str, Any]], topic: str, exercises: Sequence[Exercise], name: str
) -> list[dict[str, Any]]:
    """Return the cells with nbgrader's metadata on each exercise's text, stub and check.

    The points lie on the text, as what nbgrader calls a manually graded task. On the check, which never raises,
    nbgrader's own autograde would give them to everybody.
    """
    points = {exercise.name: exercise.points for exercise in exercises}
    result = list(cells)
    found: dict[str, int] = {}

    def mark(index: int, grade_id: str, **flags: object) -> None:
        about = {"grade": False, "solution": False, "locked": True, "task": False, **flags}
        cell = result[index]
        about |= {"grade_id": grade_id, "schema_version": SCHEMA_VERSION, "cell_type": cell["cell_type"]}
        about["checksum"] = checksum("".join(cell["source"]), about)
        result[index] = {**cell, "metadata": {**cell["metadata"], "nbgrader": about}}
        found[grade_id] = found.get(grade_id, 0) + 1

    for index, cell in enumerate(cells):
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        stub = STUB.search(source) if "exercise" in tags else None
        check = CHECK.search(source) if cell["cell_type"] == "code" else None
        if stub and stub[1] in points:
            mark(index, f"{topic}-{stub[1]}", solution=True, locked=False)
            if (text := text_above(cells, index)) is not None:
                mark(text, f"{topic}-{stub[1]}{TASK_ID}", task=True, points=points[stub[1]])
        elif check and check[1] in points:
            mark(index, f"{topic}-{check[1]}{CHECK_ID}")
    wanted = [f"{topic}-{one}{end}" for one in points for end in ("", CHECK_ID, TASK_ID)]
    if wrong := [one for one in wanted if found.get(one) != 1]:
        raise ValueError(f"{name}: not exactly one cell for {', '.join(wrong)}")
    return result


def text_above(cells: Sequence[dict[str, Any]], index: int) -> int | None:
    """Return the index of the text right above a stub, the instructor's notes left out; None if code comes first."""
    for above in range(index - 1, -1, -1):
        if "instructor" not in cells[above]["metadata"].get("tags", []):
            return above if cells[above]["cell_type"] == "markdown" else None
    return None


def checksum(source: str, about: Mapping[str, Any]) -> str:
    """Return nbgrader's checksum of a cell: MD5 of its text, type, flags, id and points."""
    flags = [str(about[name]) for name in ("grade", "solution", "locked")]
    parts = [source, about["cell_type"], *flags, about["grade_id"]]
    parts += [str(float(about["points"]))] if about["grade"] else []
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def write_handouts(paths: Sequence[Path], out: Path, *, solved: bool = False) -> list[Path]:
    """Write copies to hand out into a folder, or into one archive.

    Parameters
    ----------
    paths : sequence of Path     notebooks of the course
    out : Path                   a folder; or an archive, if it ends in .zip
    solved : bool                the instructor's, named `..._solved.ipynb`

    Returns
    -------
    list of Path                 what was written: the copies, or the archive

    Raises
    ------
    ValueError                   as `handout`; or a file is in the way that is no earlier copy
    """
    ending = "_solved.ipynb" if solved else ".ipynb"
    copies = {f"{path.stem}{ending}": handout(path, solved=solved) for path in paths}
    texts = {name: json.dumps(copy, indent=1, ensure_ascii=False) + "\n" for name, copy in copies.items()}
    if out.suffix.lower() == ".zip":
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(zipped({name: (text.encode(), 0o644) for name, text in texts.items()}))
        return [out]
    targets = {out / name: text for name, text in texts.items()}
    for target in targets:
        if target.exists() and not is_handout(target):
            raise ValueError(f"{target} is in the way, and is no copy that was made to be handed out")
    for target, text in targets.items():
        write_atomically(target, text)
    return list(targets)


def zipped(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """Return an archive that is the same for the same files.

    Parameters
    ----------
    files : mapping              content and mode, by name

    Returns
    -------
    bytes                        of the archive
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (content, mode) in files.items():
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def is_handout(path: Path) -> bool:
    """Say whether a file is an earlier copy, as it was handed out or not.

    Parameters
    ----------
    path : Path                  any file

    Returns
    -------
    bool                         True for what `handout` made
    """
    try:
        return "release" in json.loads(path.read_text(encoding="utf-8"))["metadata"]["coursekit"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
