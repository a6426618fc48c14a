"""A few students of the lecture `laplacian`, as files."""

import json
from pathlib import Path

from coursekit.exercises.laplacian import check
from coursekit.grading.seeds import Secret
from coursekit.notebooks.solving import solution_source
from tests.grading.submissions import HEAT, IMPORTS, LAPLACIAN5

SECRET = Secret(bytes(range(32)))
MOST = {name: exercise.points for name, exercise in check.exercises.items()}
RIGHT = {name: solution_source(exercise.reference) for name, exercise in check.exercises.items()}
WRAPS = """
def laplacian5(u, h=1.0):
    return (np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u) / h**2
"""
STUB = """
def heat_dt_max(h, d):
    raise NotImplementedError
"""


def document(*cells: str, **about: object) -> str:
    """Return a notebook as JSON text."""
    empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    code = [{**empty, "source": one} for one in cells]
    metadata = {"coursekit": {"slug": "laplacian", **about}}
    return json.dumps({"cells": code, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def hand_in(root: Path, **students: str) -> Path:
    """Lay a folder for each student with one notebook."""
    for student, text in students.items():
        (root / student).mkdir(parents=True, exist_ok=True)
        (root / student / "lec07_laplacian.ipynb").write_text(text, encoding="utf-8")
    return root


def small_class(root: Path) -> Path:
    """Lay four students: all right, two exercises of which one is right, a stub, and something unreadable."""
    return hand_in(
        root,
        ann=document(IMPORTS, *RIGHT.values()),
        bob=document(IMPORTS, WRAPS, HEAT),
        cyd=document(IMPORTS, LAPLACIAN5, STUB),
        dan="",
    )
