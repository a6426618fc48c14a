"""Honest work that got damaged on its way, or was never as expected: what it must still earn, and what must be said.

Each entry lays the files of one student. All four exercises are written right but for what the entry breaks.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.grading.classroom import MOST, document
from tests.grading.submissions import HEAT, IMPORTS, LAPLACIAN5

MEAN = """
def laplacian_from_mean(f0, mean, r, d, region):
    n = d + 2 if region == "ball" else d
    return 2 * n * (mean - f0) / r**2
"""
BLOB = """
def blob_scale(kind, size, d):
    return size * np.sqrt(2 / d) if kind == "gauss" else size / np.sqrt(d)
"""
ALL = frozenset(MOST)
NAME = "lec07_laplacian.ipynb"
CHECKS = [f"check({name})" for name in MOST]
LIBRARY = "from coursekit.exercises.laplacian import check"


@dataclass(frozen=True)
class Damaged:
    """A name, what lays the files into the student's folder, what is lost, and what the student is told of it."""

    name: str
    lay: Callable[[Path], object]
    lost: frozenset[str] = frozenset()
    said: str = ""


def cells(*more: str, mean: str = MEAN, five: str = LAPLACIAN5, heat: str = HEAT, blob: str = BLOB) -> list[str]:
    """Return a notebook's code, `more` after the imports."""
    return [IMPORTS, LIBRARY, *more, mean, CHECKS[0], five, CHECKS[1], heat, CHECKS[2], blob, CHECKS[3]]


def notebook(*more: str, **parts: str) -> Callable[[Path], object]:
    """Lay an ordinary notebook."""
    return lambda folder: (folder / NAME).write_text(document(*cells(*more, **parts)), encoding="utf-8")


def changed(change: Callable[[dict], object]) -> Callable[[Path], object]:
    """Lay a notebook whose JSON was changed."""

    def lay(folder: Path) -> None:
        whole = json.loads(document(*cells()))
        change(whole)
        (folder / NAME).write_text(json.dumps(whole), encoding="utf-8")

    return lay


def raw(data: bytes, name: str = NAME) -> Callable[[Path], object]:
    """Lay bytes."""
    return lambda folder: (folder / name).write_bytes(data)


def stripped(whole: dict) -> None:
    """Lose all metadata."""
    whole["metadata"] = {}
    for cell in whole["cells"]:
        del cell["metadata"]


def doubled(whole: dict) -> None:
    """Have every cell twice, the first four exercises' stubs after them."""
    stub = {"cell_type": "code", "source": "def heat_dt_max(h, d):\n    raise NotImplementedError"}
    whole["cells"] = [*whole["cells"], *whole["cells"], stub]


def printed(whole: dict) -> None:
    """Carry 60 MB of output."""
    whole["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 60_000_000}]


def two_files(folder: Path) -> None:
    """Hand in a scratch notebook and a copy too."""
    text = document(*cells())
    for name in (NAME, "lec07_laplacian (1).ipynb"):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "Untitled.ipynb").write_text(document("x = 1", slug=None), encoding="utf-8")


def percent(folder: Path) -> None:
    """Hand in the paired text."""
    (folder / "lec07_laplacian.py").write_text("\n\n# %%\n".join(["# %% [markdown]\n# # Title", *cells()]))


def old_format(folder: Path) -> None:
    """Save in format 3."""
    code = [{"cell_type": "code", "input": cell, "language": "python", "outputs": []} for cell in cells()]
    whole = {"worksheets": [{"cells": code}], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}
    (folder / NAME).write_text(json.dumps(whole))


WIDGET = "import ipywidgets\nipywidgets.interact(lambda k: k, k=(0, 9))"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
IN_PLACE = """
def laplacian5(u, h=1.0):
    p = np.pad(u, 1, mode="edge")
    u *= -4
    u += p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]
    return u / h**2
"""
FLOAT32 = LAPLACIAN5.replace("np.pad(u,", "np.pad(u := np.asarray(u, np.float32),")
NOISY = LAPLACIAN5.replace(
    "    p =", "    import sys, warnings; print(u); print(h, file=sys.stderr); warnings.warn('h')\n    p ="
)
ASKS = HEAT.replace("    return", "    input('h? ')\n    return")
HANGS = HEAT.replace("    return", "    while True:\n        pass\n    return")
GREEDY = HEAT.replace("    return", "    all_of_it = [bytearray(64 << 20) for _ in range(99)]\n    return")
DIES = HEAT.replace("    return", "    import ctypes; ctypes.string_at(0)\n    return")
EXITS = HEAT.replace("    return", "    raise SystemExit\n    return")
ENDS = HEAT.replace("    return", "    import os; os._exit(0)\n    return")
DEEP = HEAT.replace("    return", "    return heat_dt_max(h, d) or")
HELPED = LAPLACIAN5.replace('np.pad(u, 1, mode="edge")', "padded(u)")
HELPER = "def padded(u):\n    return np.pad(u, 1, mode='edge')"
TYPO = HEAT.replace("(2 * d)", "(2 * d")
LONG = "numbers = [\n" + "0.123456789,\n" * 20_000 + "]"
HEAT_LOST = frozenset({"heat_dt_max"})

BANK = (
    Damaged("untouched", notebook()),
    Damaged("metadata stripped", changed(stripped)),
    Damaged("other kernel", changed(lambda whole: whole["metadata"].update(kernelspec={"name": "julia-1.9"}))),
    Damaged("every cell twice, a stub last", changed(doubled)),
    Damaged("cells without id, type and source", changed(lambda whole: whole["cells"].extend([{}, None, 3]))),
    Damaged(
        "check cells deleted", changed(lambda w: w.update(cells=[c for c in w["cells"] if "check(" not in c["source"]]))
    ),
    Damaged("imports deleted", changed(lambda whole: whole["cells"].pop(0))),
    Damaged(
        "source as a list of lines",
        changed(lambda w: [c.update(source=c["source"].splitlines(True)) for c in w["cells"]]),
    ),
    Damaged("60 MB of output", changed(printed)),
    Damaged("renamed", raw(document(*cells()).encode(), "my homework (final) 2.ipynb")),
    Damaged("ending added", raw(document(*cells()).encode(), "lec07.ipynb.txt")),
    Damaged("handed in as JSON", raw(document(*cells()).encode(), "lec07.json")),
    Damaged("copy and scratch file beside it", two_files),
    Damaged("percent text", percent),
    Damaged("format 3", old_format),
    Damaged("UTF-16", raw(document(*cells()).encode("utf-16"))),
    Damaged(
        "Windows line ends", changed(lambda w: [c.update(source=c["source"].replace("\n", "\r\n")) for c in w["cells"]])
    ),
    Damaged(
        "magics and shell lines",
        notebook("%matplotlib inline\n!pip install numpy\nimport numpy as np", "%%bash\nls", "?np.pad"),
    ),
    Damaged("time magic", notebook(five=f"%%time\n{LAPLACIAN5}")),
    Damaged("input in a cell", notebook("name = input('Your name? ')")),
    Damaged("plots", notebook(PLOT)),
    Damaged("widgets", notebook(WIDGET)),
    Damaged("package that is not there", notebook("import seaborn_that_is_not_there as sns")),
    Damaged("error in a cell", notebook("1 / 0", "assert False")),
    Damaged("slow cell", notebook("import time\ntime.sleep(1000)")),
    Damaged("training cell", notebook("for step in range(10**12):\n    loss = step")),
    Damaged("prints and warns in the function", notebook(five=NOISY)),
    Damaged("single precision", notebook(five=FLOAT32)),
    Damaged("helper in an earlier cell", notebook(HELPER, five=HELPED)),
    Damaged("constant in an earlier cell", notebook("FOUR = 4", five=LAPLACIAN5.replace("4 * u", "FOUR * u"))),
    Damaged(
        "helper redefined further down",
        lambda folder: (folder / NAME).write_text(
            document(IMPORTS, HELPER, MEAN, HELPED, HEAT, BLOB, "def padded(u):\n    return None")
        ),
    ),
    Damaged("written twice, the second time right", notebook(HEAT.replace("2 * d", "d"))),
    Damaged("240 kB of numbers", notebook(LONG)),
    Damaged("syntax error in another cell", notebook("for i in range(3) print(i)")),
    Damaged("syntax error in the function", notebook(heat=TYPO), HEAT_LOST, "'(' was never closed"),
    Damaged(
        "input changed in place",
        notebook(five=IN_PLACE),
        frozenset({"laplacian5"}),
        "changed its input u: work on a copy",
    ),
    Damaged("asks in the function", notebook(heat=ASKS), HEAT_LOST, "raised EOFError"),
    Damaged("hangs", notebook(heat=HANGS), HEAT_LOST, "took too long"),
    Damaged("too much memory", notebook(heat=GREEDY), HEAT_LOST, "more than 1024 MB of memory"),
    Damaged("crash", notebook(heat=DIES), HEAT_LOST, "made Python crash"),
    Damaged("exit", notebook(heat=EXITS), HEAT_LOST, "raised SystemExit"),
    Damaged("hard exit", notebook(heat=ENDS), HEAT_LOST, "ended Python (exit code 0)"),
    Damaged("recursion without end", notebook(heat=DEEP), HEAT_LOST, "RecursionError"),
    Damaged(
        "function renamed", notebook(heat=HEAT.replace("heat_dt_max", "heat")), HEAT_LOST, "no function heat_dt_max"
    ),
    Damaged(
        "other arguments",
        notebook(heat="def heat_dt_max(h):\n    return h**2 / 4"),
        HEAT_LOST,
        "unexpected keyword argument 'd'",
    ),
    Damaged("empty", raw(b""), ALL, "The file is empty."),
    Damaged("torn", raw(document(*cells()).encode()[:-200]), ALL, "is damaged (not JSON"),
    Damaged(
        "a page instead",
        raw(b"<!doctype html><p>hello", "lec07.html"),
        ALL,
        "There is no notebook in what was handed in (lec07.html).",
    ),
    Damaged(
        "another course's",
        raw(document("print('hello')", slug="unknown").encode()),
        ALL,
        "not a notebook of the course",
    ),
)
