"""From a notebook's cells to what stands on its slides: what is left out, shortened, split or moved."""

import ast
import base64
import copy
import io
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = ["arranged"]

# A link to another file of the course leads nowhere from a single file: its text stays.
LOCAL_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)\s]+\.(?:ipynb|md|py)(?:#[^)]*)?\)")


def arranged(notebook: NotebookNode, *, name: str) -> NotebookNode:
    """Return the cells that are shown, in the order of the slides.

    The first cell, which tells the reader what the head's metadata say, gives way to a title slide and to the
    objectives, both made from these. Cells to skip and checks are left out. The instructor's notes are there on
    each slide of their part. Of a call that draws only the name is shown, and the panel of an interactive cell
    is taken apart into its frames.

    Parameters
    ----------
    notebook : NotebookNode  executed
    name : str               the file's name without its ending, such as "lec07_laplacian"

    Returns
    -------
    NotebookNode             a copy
    """
    fresh = copy.deepcopy(notebook)
    parts: list[list[list[NotebookNode]]] = []  # a part holds slides, a slide holds cells
    notes: list[list[NotebookNode]] = []
    for cell in fresh.cells:
        kind, tags = cell.metadata.get("slideshow", {}).get("slide_type"), cell.metadata.get("tags", [])
        if kind == "skip" or "check" in tags:
            continue
        if kind == "slide" or not parts:
            parts.append([[]])
            notes.append([])
        elif kind == "subslide":
            parts[-1].append([])
        if kind == "notes" or "instructor" in tags:
            notes[-1].append(cell)
        else:
            parts[-1][-1].append(shortened(cell))
    if parts and "coursekit" in fresh.metadata:
        first, rest = parts[0][0][:1], parts[0][0][1:]
        parts[0][:1] = [[cell] for cell in opening(fresh.metadata["coursekit"], name)]
        parts[0][-1] += rest if first else []
    fresh.cells = [
        cell
        for slides, spoken in zip(parts, notes, strict=True)
        for number, (first_cell, *others) in enumerate(slides)
        for cell in [first_cell, *(note(one, number) for one in spoken), *others]
    ]
    return fresh


def note(cell: NotebookNode, number: int) -> NotebookNode:
    """Return a copy of an instructor's cell for the slide with this number of its part."""
    spoken = copy.deepcopy(cell)
    spoken.metadata["slideshow"] = {"slide_type": "notes"}
    spoken["id"] = f"{cell.id[-60:]}-{number}"
    return spoken


def shortened(cell: NotebookNode) -> NotebookNode:
    """Make a cell fit for a slide, and return it."""
    if cell.cell_type == "markdown":
        cell.source = LOCAL_LINK.sub(r"\1", cell.source)
    elif "interactive" in cell.metadata.get("tags", []):
        cell.outputs = [one for output in cell.outputs for one in frames(output)]
    elif cell.cell_type == "code":
        cell.source = without_drawing(cell.source)
    return cell


def without_drawing(source: str) -> str:
    r"""Return a cell's source with `...` for the arguments of each call that only draws, and no blank lines in a row.

    Parameters
    ----------
    source : str             Python

    Returns
    -------
    str                      Python

    Examples
    --------
    >>> without_drawing("x = 1\nfigures.show_curves(\n    {'a': x},\n    alt='A line.',\n)\nprint(x)")
    'x = 1\nfigures.show_curves(...)\nprint(x)'
    """
    lines = source.split("\n")
    for statement in reversed(ast.parse(source).body):
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("figures.show"):
            lines[statement.lineno - 1 : statement.end_lineno] = [f"{ast.unparse(call.func)}(...)"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def frames(output: NotebookNode) -> list[NotebookNode]:
    """Return one output for each frame of a static panel; an output that is none stays as it is."""
    from PIL import Image  # only panels need it

    about = output.get("metadata", {}).get("image/png", {})
    if "frames" not in about:
        return [output]
    panel = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    found: list[NotebookNode] = []
    top = 0
    for height, reading in about["frames"]:
        buffer = io.BytesIO()
        panel.crop((0, top, panel.width, top + height)).save(buffer, "png", optimize=True)
        data = {"image/png": base64.b64encode(buffer.getvalue()).decode()}
        metadata = {"image/png": {"alt": reading if found else about["alt"], "frame": len(found)}}
        found.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata))
        top += height
    return found


def opening(head: dict[str, Any], name: str) -> list[NotebookNode]:
    """Return the cells of the title slide and of the slide of objectives."""
    number = re.match(r"(lec|lab)(\d+)", name)
    place = f"{'Lecture' if number[1] == 'lec' else 'Lab'} {int(number[2])}" if number else name
    needs = ", ".join(slug.replace("_", " ") for slug in head.get("needs", []))
    title = f"# {head.get('title', name)}\n\n{head.get('question', '')}\n\n{place}"
    aims = "".join(f"- {aim}\n" for aim in head.get("objectives", []))
    aims = f"## After this lecture you can\n\n{aims}" + (f"\nBuilds on: {needs}." if needs else "")
    cells = [nbformat.v4.new_markdown_cell(text) for text in (title, aims)]
    for cell, kind, tag in zip(cells, ("slide", "subslide"), ("title", "objectives"), strict=True):
        cell.metadata.update(slideshow={"slide_type": kind}, tags=[tag])
    return cells
