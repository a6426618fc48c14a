"""From the bytes of a file that was handed in to its code cells.

Only the standard library, so that a large file can be read by a process of its own with a limit on its memory:
JSON of 100 MB may become some GB of lists.
"""

import json
import re
import sys
from typing import Any

__all__ = ["MAX_CODE", "UnreadableError", "read_notebook"]

MAX_CODE = 4 << 20
MAX_CELLS = 5000
MARK = re.compile(r"^# *%%(.*)$")


class UnreadableError(ValueError):
    """The file cannot be graded; the message is a sentence for the student."""


def read_notebook(data: bytes, name: str) -> dict[str, Any]:
    r"""Return the code cells of a notebook or of a percent text, and what it says about itself.

    Parameters
    ----------
    data : bytes             the file
    name : str               its name; only its ending matters

    Returns
    -------
    dict                     "cells": list of str; "about": the course's own part of the metadata, a dict

    Raises
    ------
    UnreadableError          neither; too long

    Examples
    --------
    >>> read_notebook(b"# %% [markdown]\n# Hello\n\n# %%\nx = 1\n", "a.py")
    {'cells': ['x = 1\n'], 'about': {}}
    """
    text = decoded(data)
    if not text.strip():
        raise UnreadableError("The file is empty.")
    found = percent(text) if name.lower().endswith(".py") else notebook(text)
    if len(found["cells"]) > MAX_CELLS:
        raise UnreadableError(f"The notebook has {len(found['cells'])} code cells; {MAX_CELLS} are the most.")
    if (length := sum(map(len, found["cells"]))) > MAX_CODE:
        raise UnreadableError(f"The notebook has {length} characters of code; {MAX_CODE} are the most.")
    return found


def decoded(data: bytes) -> str:
    """Return bytes as text; every file has some, if not always a sensible one."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def notebook(text: str) -> dict[str, Any]:
    """Read JSON; formats before 4 have worksheets, and call the source `input`."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise UnreadableError("The file is not a notebook: its JSON is nested too deeply.") from None
    except ValueError as error:
        raise UnreadableError(f"The file is not a notebook, or is damaged (not JSON: {str(error)[:120]}).") from None
    if not isinstance(document, dict):
        raise UnreadableError("The file is JSON, but not a notebook.")
    cells = document.get("cells")
    if cells is None and isinstance(document.get("worksheets"), list):
        sheets = [one.get("cells") for one in document["worksheets"] if isinstance(one, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise UnreadableError("The file is JSON, but not a notebook: it has no list of cells.")
    code = [one for one in cells if isinstance(one, dict) and one.get("cell_type") == "code"]
    metadata = document.get("metadata")
    about = metadata.get("coursekit") if isinstance(metadata, dict) else None
    return {"cells": [source(one) for one in code], "about": about if isinstance(about, dict) else {}}


def source(cell: dict[str, Any]) -> str:
    """Return the text of a cell, a list of lines or one string."""
    given = cell.get("source", cell.get("input", ""))
    lines = given if isinstance(given, list) else [given]
    # A lone surrogate, which JSON can hold, would break whoever writes it on.
    return "".join(one for one in lines if isinstance(one, str)).encode("utf-8", "replace").decode("utf-8")


def percent(text: str) -> dict[str, Any]:
    """Read a percent text; without a single mark it is one cell. A slug is looked for in its head."""
    cells: list[list[str]] = [[]]
    kinds = [""]
    for line in text.splitlines(keepends=True):
        mark = MARK.match(line.rstrip("\r\n"))
        if mark:
            cells.append([])
            kinds.append(mark[1].strip())
        else:
            cells[-1].append(line)
    code = [
        "".join(lines) for lines, kind in zip(cells, kinds, strict=True) if not re.match(r"\[(markdown|md|raw)\]", kind)
    ]
    head = "".join(cells[0])
    slug = re.search(r"^#\s+slug: *(\w+)\s*$", head, re.MULTILINE)
    kept = [one for one in code if any(line.strip() and not line.startswith("#") for line in one.splitlines())]
    return {"cells": kept, "about": {"slug": slug[1]} if slug else {}}


def main() -> None:
    """Read a file from stdin within limits, and write what `read_notebook` returns, or {"problem": ...}, as JSON."""
    import resource

    name, memory, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        answer = read_notebook(sys.stdin.buffer.read(), name)
    except UnreadableError as error:
        answer = {"problem": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
