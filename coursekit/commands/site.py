"""`coursekit site`: the course as a static site."""

import argparse
from pathlib import Path

__all__ = ["add_parsers", "site"]


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    one = commands.add_parser("site", help="build the course as a static site from the executed notebooks")
    one.add_argument("--out", metavar="DIR", type=Path, help="where the pages go (default: build/site)")
    one.add_argument(
        "--repository",
        metavar="URL",
        default="",
        help="for buttons that open a notebook elsewhere (default: pyproject's)",
    )


def site(options: argparse.Namespace, root: Path) -> int:
    """Build the site and say what is broken.

    Parameters
    ----------
    options : Namespace          as `add_parsers` defines them
    root : Path                  the course's folder

    Returns
    -------
    int                          the exit status: 1 for a warning, a broken link, a picture without alt text and so on
    """
    from coursekit.site import build_site  # needs the extra site

    result = build_site(root, options.out or root / "build" / "site", repository=options.repository)
    for problem in result.problems:
        print(problem)
    print(f"{result.n_pages} pages in {result.seconds:.0f} s: open {result.folder / 'index.html'}")
    return 1 if result.problems else 0
