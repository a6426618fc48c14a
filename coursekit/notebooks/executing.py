"""Run a notebook on this interpreter, clean what it left, and say what is wrong with the result."""

import copy
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from coursekit.notebooks.page import html_page
from coursekit.notebooks.pairing import read_source, read_stored

__all__ = ["Progress", "build", "execute", "execution_problems", "failures", "run", "write_atomically"]

Progress = Callable[[int, int], None]
"""Called after each code cell with the number executed so far and the number of all."""

# What front ends and kernels write that says when or where a notebook ran, not what it is.
TRANSIENT_CELL_METADATA = ("ExecuteTime", "collapsed", "execution", "heading_collapsed", "hidden", "scrolled")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class InterpreterSpec(KernelSpecManager):
    """Knows one kernel: the interpreter that runs this line, whatever is installed beside it."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the same specification for any name."""
        return KernelSpec(**get_kernel_dict(extra_arguments=["--log-level=ERROR"]))


def execute(
    notebook: NotebookNode,
    *,
    cwd: str | Path,
    timeout: int = 300,
    on_cell: Progress | None = None,
    env: Mapping[str, str] | None = None,
) -> NotebookNode:
    """Return an executed and cleaned copy; a cell that fails keeps its error, and the next ones still run.

    Parameters
    ----------
    notebook : NotebookNode  what to run; its old outputs are dropped
    cwd : str or Path        the folder in which the kernel starts
    timeout : int            seconds for one cell; after that, or if the kernel dies, the rest is not run
    on_cell : callable       `on_cell(done, total)` after each code cell
    env : mapping            environment variables of the kernel, besides those of this process

    Returns
    -------
    NotebookNode             with outputs and execution counts, the same bytes from each run of the same cells
    """
    settle_fonts()
    fresh = copy.deepcopy(notebook)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    total = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in fresh.cells)
    running: list[NotebookNode] = []

    def finished(cell: NotebookNode, cell_index: int, execute_reply: Any) -> None:
        if on_cell:
            on_cell(len(running), total)

    client = NotebookClient(
        fresh,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=InterpreterSpec()),
        timeout=timeout,
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,
        on_cell_execute=lambda cell, cell_index: running.append(cell),
        on_cell_executed=finished,
    )
    try:
        client.execute(cleanup_kc=True, cwd=str(cwd), env={**os.environ, **(env or {})})
    except (CellTimeoutError, DeadKernelError) as error:
        reason = f"no answer within {timeout} s" if isinstance(error, CellTimeoutError) else "the kernel died"
        name = type(error).__name__
        running[-1].outputs.append(nbformat.v4.new_output("error", ename=name, evalue=reason, traceback=[]))
    return clean(fresh, notebook.metadata)


def clean(notebook: NotebookNode, metadata: Any) -> NotebookNode:
    """Drop what differs from run to run, as `nbstripout --keep-output --keep-count` does, and dead widgets.

    A live widget means nothing without its kernel: its place is taken by the static panel beside it.
    """
    notebook.metadata = copy.deepcopy(metadata)
    for cell in notebook.cells:
        for key in TRANSIENT_CELL_METADATA:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if WIDGET_VIEW not in output.get("data", {})]
            for output in cell.outputs:
                output.pop("transient", None)
    return notebook


def settle_fonts() -> None:
    """Let matplotlib build its font cache here: on a new machine a kernel would report it on stderr."""
    try:
        import matplotlib.font_manager  # noqa: F401 - for its effect
    except ModuleNotFoundError:
        return


def failures(notebook: NotebookNode) -> list[str]:
    """Return one line for each cell that raised, unless its tag says that it should."""
    return [
        f"{name}: {output.ename}: {output.evalue}"
        for name, cell in code_cells(notebook)
        if "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error"
    ]


def code_cells(notebook: NotebookNode) -> list[tuple[str, NotebookNode]]:
    """Return the code cells, each with a name for messages: its position among all cells, from 1."""
    return [(f"cell {n}", cell) for n, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"]


def execution_problems(notebook: NotebookNode | str | Path) -> list[str]:
    """Say what a published notebook must not show.

    Parameters
    ----------
    notebook : NotebookNode, str or Path     an executed notebook, or where it lies

    Returns
    -------
    list of str      a cell not executed or out of order, an error, text on stderr, a picture without alt text
    """
    if not isinstance(notebook, NotebookNode):
        notebook = read_stored(notebook)
    found = failures(notebook)
    for expected, (name, cell) in enumerate(code_cells(notebook), start=1):
        count = cell.execution_count
        if count != expected:
            said = "not executed" if count is None else f"executed as number {count}, not {expected}"
            found.append(f"{name}: {said}")
        for output in cell.outputs:
            if output.get("name") == "stderr":
                found.append(f"{name}: stderr: {output.text.strip().partition(chr(10))[0]}")
            for mime in output.get("data", {}):
                if mime.startswith("image/") and not output.metadata.get(mime, {}).get("alt", "").strip():
                    found.append(f"{name}: {mime} without alt text")
    return found


def build(py_path: str | Path, on_cell: Progress | None = None) -> list[str]:
    """Make the .ipynb beside a percent text: executed from the top, nothing kept of an older one.

    Parameters
    ----------
    py_path : str or Path    the .py of the pair
    on_cell : callable       `on_cell(done, total)` after each code cell

    Returns
    -------
    list of str              what is wrong with the result (`execution_problems`); it is written all the same
    """
    path = Path(py_path)
    # The budget under which the tests compare the outputs.
    done = execute(read_source(path), cwd=path.parent, on_cell=on_cell, env={"COURSEKIT_BUDGET": "ci"})
    write_atomically(path.with_suffix(".ipynb"), nbformat.writes(done) + "\n")
    return execution_problems(done)


def run(path: str | Path, page: str | Path, on_cell: Progress | None = None) -> list[str]:
    """Execute a notebook and leave an HTML page to look at, even if a cell fails.

    Parameters
    ----------
    path : str or Path       a .py or .ipynb, which stays as it is
    page : str or Path       where to write the page
    on_cell : callable       `on_cell(done, total)` after each code cell

    Returns
    -------
    list of str              one line for each cell that failed
    """
    path = Path(path)
    notebook = read_source(path) if path.suffix == ".py" else read_stored(path)
    # One cell of a lab may train for minutes, and for longer on a busy machine.
    done = execute(notebook, cwd=path.parent, timeout=3600, on_cell=on_cell)
    write_atomically(Path(page), html_page(done, title=path.stem))
    return failures(done)


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never a torn one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
