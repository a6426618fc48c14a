"""`coursekit release`: copies of notebooks to hand out."""

import argparse
from pathlib import Path

__all__ = ["add_parsers", "release"]


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    one = commands.add_parser("release", help="for staff: make the copies of notebooks to hand out")
    one.add_argument("notebooks", metavar="NOTEBOOK", nargs="+", help="laplacian, lec07, lec07_laplacian or a file")
    one.add_argument("--out", metavar="DIR", type=Path, required=True, help="a folder, or an archive: handout.zip")
    one.add_argument("--solved", action="store_true", help="the instructor's copies, solutions and notes included")


def release(options: argparse.Namespace, root: Path) -> int:
    """Write the copies.

    Parameters
    ----------
    options : Namespace          as `add_parsers` defines them
    root : Path                  the course's folder

    Returns
    -------
    int                          the exit status

    Raises
    ------
    ValueError                   an unknown notebook, or one that cannot be handed out
    """
    from coursekit.commands.pages import locate
    from coursekit.grading.release import write_handouts

    paths = [locate(name, root, ".ipynb") for name in options.notebooks]
    for path in write_handouts(paths, options.out, solved=options.solved):
        print(path)
    return 0
