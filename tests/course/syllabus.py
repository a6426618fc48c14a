"""The final syllabus (numbers, slugs, what each notebook needs), and what of it is built."""

import importlib
from pathlib import Path

from coursekit.checking import Exercise
from coursekit.syllabus import NAMED as NAMED
from coursekit.syllabus import PLANNED

ROOT = Path(__file__).resolve().parents[2]

# slug -> what it needs, in the order of the numbers
LECTURES = {slug: plan.needs for slug, plan in PLANNED.items() if plan.kind == "lecture"}
LABS = {slug: plan.needs for slug, plan in PLANNED.items() if plan.kind == "lab"}


def stem(slug: str) -> str:
    """Return the file name of a notebook without its ending."""
    return PLANNED[slug].stem


def slug_of(path: Path) -> str:
    """Return the part of a notebook's file name after the number."""
    return path.stem.partition("_")[2]


def sources() -> list[Path]:
    """Return the percent texts of all notebooks; none at all is an error, or every rule would hold."""
    found = sorted([*ROOT.glob("lectures/*.py"), *ROOT.glob("labs/*.py")])
    if not found:
        raise RuntimeError("no notebook found in lectures or labs")
    return found


def topic_modules() -> list[str]:
    """Return the names of the modules that belong to a notebook each."""
    flat = [f"coursekit.{path.stem}" for path in sorted((ROOT / "coursekit").glob("*.py"))]
    deep = [f"coursekit.deep.{path.stem}" for path in sorted((ROOT / "coursekit" / "deep").glob("*.py"))]
    return [name for name in flat + deep if not name.endswith("__")]


def module_of(slug: str) -> str:
    """Return the name of the module that belongs to a notebook."""
    return PLANNED[slug].module


def exercises() -> list[Exercise]:
    """Return every exercise of the course, from coursekit.exercises.*; none at all is an error."""
    names = [path.stem for path in sorted((ROOT / "coursekit" / "exercises").glob("*.py")) if path.stem != "__init__"]
    found = [exercise for name in names for exercise in exercises_of(name)]
    if not found:
        raise RuntimeError("no exercise found in coursekit/exercises")
    return found


def exercises_of(slug: str) -> list[Exercise]:
    """Return the exercises of one notebook, in its order."""
    return list(importlib.import_module(f"coursekit.exercises.{slug}").check.exercises.values())
