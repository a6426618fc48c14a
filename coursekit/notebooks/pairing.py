"""A notebook and its percent text: the .py is the source, the .ipynb is made from it and must agree."""

from itertools import zip_longest
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = ["drift", "read_source", "read_stored"]

# Written to each file as it is, so that the Python version of the author's machine is not a difference.
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

# The cell metadata that mean something here, as in pyproject.toml; jupytext adds its own on blank lines.
KEPT = ("tags", "slideshow", "nbgrader", "jupyter", "editable", "deletable", "mystnb", "coursekit")


def read_source(py_path: str | Path) -> NotebookNode:
    """Return the notebook that a percent text stands for: no outputs, cell ids from file name and position.

    Parameters
    ----------
    py_path : str or Path    the .py of the pair

    Returns
    -------
    NotebookNode             format 4.5; the metadata are `kernelspec`, `language_info` and `coursekit`
    """
    import jupytext  # only authors need it, and the workbench of a student imports this package

    path = Path(py_path)
    parsed = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    metadata = {"kernelspec": dict(KERNEL), "language_info": dict(LANGUAGE)}
    notebook = nbformat.v4.new_notebook(metadata=metadata)
    if "coursekit" in parsed.metadata:
        notebook.metadata["coursekit"] = parsed.metadata["coursekit"]
    for index, cell in enumerate(parsed.cells):
        new_cell = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
        metadata = {key: cell.metadata[key] for key in KEPT if key in cell.metadata}
        notebook.cells.append(new_cell(cell.source, metadata=metadata, id=f"{path.stem}-{index:02d}"[-64:]))
    return notebook


def read_stored(ipynb_path: str | Path) -> NotebookNode:
    """Return a notebook as it lies on the disk.

    Parameters
    ----------
    ipynb_path : str or Path     the file

    Returns
    -------
    NotebookNode                 in the current format, valid

    Raises
    ------
    ValueError                   damaged, or something else than a notebook
    """
    path = Path(ipynb_path)
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except (ValueError, LookupError, TypeError, AttributeError, nbformat.ValidationError) as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise ValueError(f"{path.name} is not a notebook: {reason}") from None
    return notebook


def drift(py_path: str | Path) -> list[str]:
    """Compare a percent text with the .ipynb beside it.

    Parameters
    ----------
    py_path : str or Path    the .py of the pair

    Returns
    -------
    list of str              one sentence for each difference in cell type, source or metadata
    """
    path = Path(py_path)
    pair = path.with_suffix(".ipynb")
    if not pair.exists():
        return [f"{pair.name} is missing: build it from {path.name}"]
    try:
        stored = read_stored(pair)
    except ValueError as error:
        return [str(error)]
    source = read_source(path)
    found = metadata_differences("notebook", source.metadata, stored.metadata)
    for number, (wanted, got) in enumerate(zip(source.cells, stored.cells, strict=False), start=1):
        cell = cell_differences(f"cell {number}", wanted, got)
        found += cell
        if cell and len(source.cells) != len(stored.cells):
            break  # from here on the two are out of step
    if len(source.cells) != len(stored.cells):
        found.append(f"{len(source.cells)} cells in {path.name}, {len(stored.cells)} in {pair.name}")
    return found


def cell_differences(name: str, source: NotebookNode, stored: NotebookNode) -> list[str]:
    """Say how one cell differs."""
    if source.cell_type != stored.cell_type:
        return [f"{name}: {source.cell_type} in the .py, {stored.cell_type} in the .ipynb"]
    found = metadata_differences(name, source.metadata, stored.metadata)
    if source.source != stored.source:
        ours, theirs = source.source.split("\n"), stored.source.split("\n")
        pairs = enumerate(zip_longest(ours, theirs), start=1)
        line, our, their = next((n, a, b) for n, (a, b) in pairs if a != b)
        found.append(f"{name}, line {line}: {our!r} in the .py, {their!r} in the .ipynb")
    return found


def metadata_differences(name: str, source: Any, stored: Any) -> list[str]:
    """Say which metadata keys differ; what a front end leaves behind is a difference too."""
    return [
        f"{name}: metadata {key!r} is {source.get(key)!r} in the .py, {stored.get(key)!r} in the .ipynb"
        for key in sorted({*source, *stored})
        if source.get(key) != stored.get(key)
    ]
