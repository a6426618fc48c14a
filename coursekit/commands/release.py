"""`coursekit release`: copies of notebooks to hand out, and what nbgrader and Gradescope need to grade them."""

import argparse
import sys
from pathlib import Path

__all__ = ["add_parsers", "release"]

DONE, LEFT_TO_DO = 0, 1
FOR_GRADESCOPE = ("policy", "secret", "accept_unsafe")


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    one = commands.add_parser("release", help="for staff: make the copies of notebooks to hand out")
    one.add_argument("notebooks", metavar="NOTEBOOK", nargs="+", help="laplacian, lec07, lec07_laplacian or a file")
    place = one.add_mutually_exclusive_group(required=True)
    place.add_argument("--out", metavar="DIR", type=Path, help="a folder, or an archive: handout.zip")
    place.add_argument("--nbgrader", metavar="DIR", type=Path, help="nbgrader's course folder, new or in use")
    place.add_argument("--gradescope", metavar="FILE.zip", type=Path, help="an autograder for Gradescope; staff only")
    one.add_argument("--solved", action="store_true", help="with --out: the instructor's, solutions and notes included")
    one.add_argument("--policy", metavar="FILE", type=Path, help="with --gradescope: TOML, rules for late submissions")
    one.add_argument("--secret", metavar="FILE", type=Path, help="with --gradescope: default as for grade")
    one.add_argument(
        "--accept-unsafe", action="store_true", help="with --gradescope: grade even if submissions are hardly isolated"
    )


def release(options: argparse.Namespace, root: Path) -> int:
    """Write the copies.

    Parameters
    ----------
    options : Namespace          as `add_parsers` defines them
    root : Path                  the course's folder

    Returns
    -------
    int                          the exit status: 1 if something is left for a person to do

    Raises
    ------
    ValueError                   an unknown notebook, one that cannot be handed out, or options that do not go together
    """
    from coursekit.commands.pages import locate

    if options.solved and not options.out:
        raise ValueError("--solved goes with --out")
    if wrong := [name for name in FOR_GRADESCOPE if getattr(options, name) and not options.gradescope]:
        raise ValueError(f"--{wrong[0].replace('_', '-')} goes with --gradescope")
    paths = [locate(name, root, ".ipynb") for name in options.notebooks]
    if options.nbgrader:
        return for_nbgrader(paths, options.nbgrader)
    if options.gradescope:
        return for_gradescope(paths, options, root)
    from coursekit.grading.release import write_handouts

    for path in write_handouts(paths, options.out, solved=options.solved):
        print(path)
    return DONE


def for_nbgrader(paths: list[Path], out: Path) -> int:
    """Write the sources and the configuration."""
    from coursekit.grading.bridges.nbgrader_course import write_course

    written, lines = write_course(paths, out)
    for path in written:
        print(path)
    if lines:
        print(f"{out / 'nbgrader_config.py'} is there already. Put these lines into it:\n\n{lines}", file=sys.stderr)
    return LEFT_TO_DO if lines else DONE


def for_gradescope(paths: list[Path], options: argparse.Namespace, root: Path) -> int:
    """Write the archive of one notebook."""
    from coursekit.grading.bridges.gradescope_zip import write_autograder
    from coursekit.grading.seeds import current_secret, default_path

    if len(paths) != 1:
        raise ValueError(f"an autograder is for one notebook, got {len(paths)}")
    if options.gradescope.suffix.lower() != ".zip":
        raise ValueError(f"--gradescope writes a .zip, got {options.gradescope}")
    if options.policy and not options.policy.is_file():
        raise ValueError(f"there is no file {options.policy}")
    secret = current_secret(options.secret or default_path())
    write_autograder(
        paths[0],
        options.gradescope,
        secret,
        root=root,
        policy=options.policy,
        accept_unsafe=options.accept_unsafe,
    )
    print(f"{options.gradescope}\nIt holds the course's secret ({secret.identity}): only for Gradescope and the staff.")
    return DONE
