"""The command `coursekit`; in a clone, `course.py` makes the environment and then calls it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import coursekit
from coursekit.commands import grade, present, release, site

__all__ = ["course_root", "main"]


def course_root() -> Path:
    """Return the course's folder, the one above the package in a clone.

    Returns
    -------
    Path                     an absolute path

    Raises
    ------
    ValueError               the package is installed without the notebooks
    """
    root = Path(coursekit.__file__).resolve().parents[1]
    if not (root / "lectures").is_dir():
        raise ValueError(f"{root} has no notebooks: clone the course and install it with pip install -e")
    return root


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="coursekit", description="The course here.", allow_abbrev=False)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    start = commands.add_parser("start", help="open JupyterLab on the start page")
    start.add_argument("--no-browser", action="store_true", help="only print the address")
    start.add_argument("--port", type=int, default=8888, help="the port to use if it is free (default: 8888)")
    run = commands.add_parser("run", help="run one notebook and write it as a page")
    run.add_argument("notebook", metavar="LECTURE", help="laplacian, lec07, lec07_laplacian or a file")
    build = commands.add_parser("build", help="for authors: renew notebooks from their .py and run them")
    build.add_argument("notebooks", metavar="NOTEBOOK", nargs="+", help="as for run")
    commands.add_parser("pair-check", help="for authors: say where a notebook and its .py differ")
    doctor = commands.add_parser("doctor", help="check what the course needs, and say what to do")
    for module in (grade, present, release, site):
        module.add_parsers(commands)
    for command in (start, run, doctor):
        command.add_argument(
            "--work", metavar="FOLDER", type=Path, help="where your copies and pages lie (default: work/)"
        )
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Parameters
    ----------
    argv : sequence of str   the arguments; None takes those of the process

    Returns
    -------
    int                      the exit status: 0 if all is well
    """
    options = parser().parse_args(argv)
    try:
        root = course_root()
        work = (getattr(options, "work", None) or root / "work").resolve()
        if options.command == "start":
            from coursekit.commands.start import start

            return start(root, work, browser=not options.no_browser, port=options.port)
        if options.command == "doctor":
            from coursekit.commands.doctor import doctor

            return doctor(root, work)
        if options.command == "grade":
            return grade.grade(options, root)
        if options.command == "secret":
            return grade.secret(options)
        if options.command == "release":
            return release.release(options, root)
        if options.command == "slides":
            return present.slides(options, root, work)
        if options.command == "present":
            return present.present(options, root, work)
        if options.command == "site":
            return site.site(options, root)
        from coursekit.commands import pages

        if options.command == "run":
            return pages.run(options.notebook, root, work)
        return pages.build(options.notebooks, root) if options.command == "build" else pages.pair_check(root)
    except (ValueError, ModuleNotFoundError) as error:
        hint = "; python3 course.py start installs what is missing" if isinstance(error, ImportError) else ""
        print(f"coursekit {options.command}: {error}{hint}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
