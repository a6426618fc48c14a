"""The page of one notebook: the student's cells, pictures as figures with alt text, and what to download."""

import base64
import copy
import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from coursekit.notebooks.pairing import read_stored
from coursekit.notebooks.workbench import unpaired
from coursekit.syllabus import Entry

__all__ = ["part_label", "reader_notebook", "write_downloads", "write_lecture"]

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def part_label(stem: str, number: int) -> str:
    """Return the name of the link target of the `number`-th section of a notebook, counted from 1."""
    return f"{stem.replace('_', '-')}-part-{number}"


def write_lecture(entry: Entry, folder: Path, links: str) -> None:
    """Write the page's source and its pictures.

    Parameters
    ----------
    entry : Entry            of a notebook that is built
    folder : Path            where the notebook goes; the pictures go into `pictures` there
    links : str              Markdown that is put below the head
    """
    assert entry.path is not None
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    notebook, pictures = reader_notebook(read_stored(entry.path), entry.plan.stem)
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell(links, id="links"))
    for name, png in pictures.items():
        (folder / "pictures" / name).write_bytes(png)
    nbformat.write(notebook, folder / f"{entry.plan.stem}.ipynb")


def reader_notebook(stored: NotebookNode, stem: str) -> tuple[NotebookNode, dict[str, bytes]]:
    """Return what a reader sees, and its pictures by file name.

    Parameters
    ----------
    stored : NotebookNode    executed
    stem : str               the file name without ending, for the names of pictures and link targets

    Returns
    -------
    NotebookNode             without the instructor's cells; each picture is a figure in MyST Markdown
    dict                     file name to PNG bytes
    """
    notebook = copy.deepcopy(stored)
    notebook.cells = [cell for cell in notebook.cells if "instructor" not in cell.metadata.get("tags", [])]
    pictures: dict[str, bytes] = {}
    sections = count(1)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = HEADING.sub(lambda head: f"({part_label(stem, next(sections))})=\n{head[0]}", cell.source)
        elif cell.cell_type == "code":
            cell.outputs = figures(cell.outputs, stem, pictures)
    return notebook, pictures


def figures(outputs: list[NotebookNode], stem: str, pictures: dict[str, bytes]) -> list[NotebookNode]:
    """Return the outputs with each PNG and the caption after it as one figure; add the bytes to `pictures`."""
    found: list[NotebookNode] = []
    waiting = list(outputs)
    while waiting:
        output = waiting.pop(0)
        png = output.get("data", {}).get("image/png")
        if png is None:
            found.append(output)
            continue
        name = f"{stem}-{len(pictures) + 1:02d}.png"
        pictures[name] = base64.b64decode(png)
        about = output.metadata.get("image/png", {})
        caption = waiting.pop(0).data["text/markdown"] if waiting and is_caption(waiting[0]) else ""
        text = figure(f"pictures/{name}", about.get("alt", ""), about.get("width"), caption)
        found.append(nbformat.v4.new_output("display_data", data={"text/markdown": text}))
    return found


def is_caption(output: NotebookNode) -> bool:
    """Say whether an output is a line of emphasised Markdown, as `coursekit.figures.show` writes it."""
    text = output.get("data", {}).get("text/markdown", "").strip()
    return text[:1] == "*" and text[-1:] == "*"


def figure(path: str, alt: str, width: int | None, caption: str) -> str:
    """Return a figure in MyST Markdown."""
    # A JSON string is a YAML string: colons and quotes in an alt text are harmless.
    options = [f":alt: {json.dumps(' '.join(alt.split()), ensure_ascii=False)}"]
    options += [f":width: {width}px"] if width else []
    text = re.sub(r"^\*|\*$", "", caption.strip())
    return "\n".join([f":::{{figure}} {path}", *options, "", text, ":::"])


def write_downloads(entry: Entry, folder: Path) -> tuple[Path, Path]:
    """Write the student's copy of a notebook, and the same as a Python file.

    Parameters
    ----------
    entry : Entry            of a notebook that is built
    folder : Path            where the files go

    Returns
    -------
    (Path, Path)             the .ipynb and the .py
    """
    import jupytext

    assert entry.path is not None
    folder.mkdir(parents=True, exist_ok=True)
    stored: dict[str, Any] = json.loads(entry.path.read_text(encoding="utf-8"))
    student = json.dumps(unpaired(stored), indent=1, ensure_ascii=False) + "\n"
    notebook, script = (folder / f"{entry.plan.stem}{ending}" for ending in (".ipynb", ".py"))
    notebook.write_text(student, encoding="utf-8")
    script.write_text(jupytext.writes(nbformat.reads(student, as_version=4), fmt="py:percent"), encoding="utf-8")
    return notebook, script
