"""`coursekit slides` and `coursekit present`: a lecture for a room, as a file and live."""

import argparse
import os
import shutil
from pathlib import Path

from coursekit.commands.pages import locate, progress

__all__ = ["add_parsers", "present", "slides"]


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the two subcommands."""
    file = commands.add_parser("slides", help="write a lecture's slides as one HTML file")
    file.add_argument("--out", metavar="FILE", type=Path, help="where to (default: work/NAME.slides.html)")
    live = commands.add_parser("present", help="open a lecture in JupyterLab as slides with working sliders")
    live.add_argument("--no-browser", action="store_true", help="only print the address")
    live.add_argument("--port", type=int, default=8888, help="the port to use if it is free (default: 8888)")
    for one in (file, live):
        one.add_argument("notebook", metavar="LECTURE", help="laplacian, lec07, lec07_laplacian or a file")
        one.add_argument("--work", metavar="FOLDER", type=Path, help="where the file or copy lies (default: work/)")


def slides(options: argparse.Namespace, root: Path, work: Path) -> int:
    """Write the slides of a stored, executed notebook.

    Parameters
    ----------
    options : Namespace          as `add_parsers` defines them
    root : Path                  the course's folder
    work : Path                  where the file goes if nothing else is said

    Returns
    -------
    int                          the exit status
    """
    from coursekit.notebooks import read_stored  # these need the extra student
    from coursekit.notebooks.executing import write_atomically
    from coursekit.presenting.slides import slides_page

    path = locate(options.notebook, root, ".ipynb")
    target = options.out or work / f"{path.stem}.slides.html"
    page = slides_page(read_stored(path), name=path.stem)
    write_atomically(target, page)
    print(f"{target} ({len(page.encode()) / 1e6:.1f} MB): open it in a browser")
    print("Arrows or space: on and back. S: speaker's notes. F: full screen. Esc: overview. ?print-pdf: for paper.")
    return 0


def present(options: argparse.Namespace, root: Path, work: Path) -> int:
    """Run a copy of a lecture and open it in JupyterLab's slide mode until that is stopped.

    Parameters
    ----------
    options : Namespace          as `add_parsers` defines them
    root : Path                  the course's folder
    work : Path                  the folder that JupyterLab shows; the copy in its `present` is written anew

    Returns
    -------
    int                          the exit status
    """
    import nbformat  # these need the extra student

    from coursekit.commands.start import lab, serve
    from coursekit.notebooks import read_stored
    from coursekit.notebooks.executing import write_atomically
    from coursekit.presenting.live import SETTINGS, live_copy, run_in_session

    # JupyterLab would open again what was presented last.
    workspaces = work / ".jupyter" / "presenting"
    shutil.rmtree(workspaces, ignore_errors=True)
    os.environ["JUPYTERLAB_WORKSPACES_DIR"] = str(workspaces)
    source = locate(options.notebook, root, ".ipynb")
    notebook = live_copy(read_stored(source))
    page = f"present/{source.name}"
    write_atomically(work / page, nbformat.writes(notebook))
    server, address = lab(work, page, browser=not options.no_browser, port=options.port, settings=[SETTINGS])
    server.io_loop.run_sync(lambda: run_in_session(server, notebook, page, progress(source.stem)))
    write_atomically(work / page, nbformat.writes(notebook))
    server.contents_manager.notary.sign(read_stored(work / page))  # JupyterLab shows no widget of a stranger's
    print("Click into the slide; then space: on, Shift+space: back, Shift+Enter: run the cell again.")
    return serve(server, address)
