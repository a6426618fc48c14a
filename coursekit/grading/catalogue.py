"""The exercises of the course by topic, and which topic a notebook is about."""

import hashlib
import importlib
import platform
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import scipy

import coursekit
from coursekit.checking import Exercise

__all__ = ["environment", "exercise_names", "exercises_of", "needs_torch", "topic_of", "topics"]

PACKAGE = Path(coursekit.__file__).resolve().parent
MADE = re.compile(r"\bExercise\(\s*(?:reference\s*=\s*)?(?:\w+\.)*(\w+)")
DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)


@cache
def topics() -> tuple[str, ...]:
    """Return the slugs that have exercises.

    Returns
    -------
    tuple of str                 sorted
    """
    return tuple(sorted(path.stem for path in (PACKAGE / "exercises").glob("*.py") if path.stem != "__init__"))


@cache
def exercises_of(topic: str) -> tuple[Exercise, ...]:
    """Return the exercises of a topic, in the notebook's order.

    Parameters
    ----------
    topic : str                  a slug

    Returns
    -------
    tuple of Exercise            as its `check` has them

    Raises
    ------
    ValueError                   there is no such topic

    Examples
    --------
    >>> [exercise.name for exercise in exercises_of("laplacian")][2:]
    ['heat_dt_max', 'blob_scale']
    """
    if topic not in topics():
        raise ValueError(f"there are no exercises for {topic!r}; there are for {', '.join(topics())}")
    module = importlib.import_module(f"coursekit.exercises.{topic}")
    return tuple(module.check.exercises.values())


@cache
def exercise_names(topic: str) -> frozenset[str]:
    """Return the names of a topic's exercises without importing it, which may cost torch.

    Parameters
    ----------
    topic : str                  a slug

    Returns
    -------
    frozenset of str             the functions' names
    """
    return frozenset(MADE.findall((PACKAGE / "exercises" / f"{topic}.py").read_text(encoding="utf-8")))


@cache
def needs_torch(topic: str) -> bool:
    """Say whether a topic's exercises are about tensors, without importing it.

    Parameters
    ----------
    topic : str                  a slug

    Returns
    -------
    bool                         True for the labs

    Examples
    --------
    >>> needs_torch("laplacian")
    False
    """
    return (PACKAGE / "deep" / f"{topic}.py").exists()


def topic_of(cells: Sequence[str], about: Mapping[str, Any]) -> str:
    """Say which topic a notebook is about: by its functions; where these do not decide, by what it says itself.

    Parameters
    ----------
    cells : sequence of str      its code
    about : mapping              the course's part of its metadata, which it may have lost

    Returns
    -------
    str                          a slug; "" if it is not a notebook of the course

    Examples
    --------
    >>> topic_of(["def laplacian5(u, h): ..."], {})
    'laplacian'
    """
    defined = {name for cell in cells for name in DEFINED.findall(cell)}
    counts = {topic: len(defined & exercise_names(topic)) for topic in topics()}
    most = max(counts.values(), default=0)
    slug = about.get("slug")
    claimed = slug if isinstance(slug, str) and slug in topics() else ""
    if claimed and (most == 0 or counts[claimed] == most):
        return claimed
    return next((topic for topic, count in counts.items() if count == most), "") if most else ""


@cache
def environment() -> dict[str, str]:
    """Return what a grade may depend on: versions, and a digest of the library's files.

    Returns
    -------
    dict of str                  "digest", "library", "numpy", "python", "scipy", "torch", in the order of a
                                 stored record; torch without its build, "none" where it is not installed
    """
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).parts[0] not in ("commands", "figures", "notebooks"):
            digest.update(f"{path.relative_to(PACKAGE).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    try:
        torch = metadata.version("torch").partition("+")[0]  # not imported: that costs a second
    except metadata.PackageNotFoundError:
        torch = "none"
    return {
        "digest": digest.hexdigest()[:16],
        "library": coursekit.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "scipy": scipy.__version__,
        "torch": torch,
    }
