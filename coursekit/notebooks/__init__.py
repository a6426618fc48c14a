"""Notebooks as checked artefacts: pairs that agree, executed from the top, and solvable.

`build` makes the .ipynb of a percent text, `drift` and `execution_problems` say what is wrong with a stored
one, `run` leaves a page to look at, `solved` puts the references into the stubs.
"""

from coursekit.notebooks.executing import build, execute, execution_problems, failures, run
from coursekit.notebooks.page import html_page
from coursekit.notebooks.pairing import drift, read_source, read_stored
from coursekit.notebooks.solving import solved

__all__ = [
    "build",
    "drift",
    "execute",
    "execution_problems",
    "failures",
    "html_page",
    "read_source",
    "read_stored",
    "run",
    "solved",
]
