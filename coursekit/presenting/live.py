"""A lecture in JupyterLab's slide mode: every cell has run in the kernel that the page then finds."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

__all__ = ["SETTINGS", "TIMEOUT", "live_copy", "run_in_session"]

SETTINGS = Path(__file__).parent / "jupyter"
"""Slide mode switched on, and letters for the back row, as a folder of Jupyter configuration."""

TIMEOUT = 300
"""Seconds that one cell may take."""


def live_copy(notebook: NotebookNode) -> NotebookNode:
    """Return the copy that is presented: unpaired, without outputs, without the instructor's notes.

    Of an interactive cell the code is folded away, so that its sliders are on the screen with its picture.

    Parameters
    ----------
    notebook : NotebookNode  one of the course

    Returns
    -------
    NotebookNode             the slide mode would show the notes to the room
    """
    fresh = copy.deepcopy(notebook)
    fresh.cells = [cell for cell in fresh.cells if "instructor" not in cell.metadata.get("tags", [])]
    fresh.metadata.pop("jupytext", None)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
        if "interactive" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True}
    return fresh


async def run_in_session(
    server: Any, notebook: NotebookNode, path: str, on_cell: Callable[[int, int], None]
) -> NotebookNode:
    """Run a notebook in a session of this server, and leave the kernel alive: its widgets stay connected.

    Parameters
    ----------
    server : ServerApp       initialised, not yet started
    notebook : NotebookNode  what to run; a cell that fails keeps its error
    path : str               where the server will show it, relative to its folder
    on_cell : callable       `on_cell(done, total)` after each code cell

    Returns
    -------
    NotebookNode             the same notebook with its outputs
    """
    from nbclient import NotebookClient

    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    done: list[int] = []

    def finished(cell: NotebookNode, cell_index: int, execute_reply: Any) -> None:
        done.append(cell_index)
        on_cell(len(done), total)

    session = await server.session_manager.create_session(
        path=path, name=Path(path).name, type="notebook", kernel_name="python3"
    )
    client = NotebookClient(
        notebook,
        km=server.kernel_manager.get_kernel(session["kernel"]["id"]),
        timeout=TIMEOUT,
        allow_errors=True,
        on_cell_executed=finished,
    )
    try:
        await client.async_execute(cleanup_kc=False)
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
    notebook.metadata.pop("widgets", None)  # their state lives in the kernel
    return notebook
